"""Discovery: which links feeds, sitemaps, robots.txt and section pages give, and what is refused."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from corpus.types import Channel, Link, LinkKind, Page
from crawler.catalogue.sources import Source
from crawler.discovery import Listing, read_listing, seeds

SITE = "http://alwaha.example"
TITLE = "قمة ألاسكا تنتهي بلا اتفاق"
NOON = datetime(2025, 8, 15, 12, 30, tzinfo=UTC)
HTML = "text/html; charset=utf-8"

RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>الواحة</title>
<item><title>{TITLE}</title><link>{SITE}/news/1001</link><pubDate>Fri, 15 Aug 2025 15:30:00 +0300</pubDate></item>
<item><title><![CDATA[ترامب &amp; بوتين: <b>لقاء</b>]]></title><link><![CDATA[{SITE}/news/1002?a=1&b=2]]></link></item>
</channel></rss>"""

ATOM = f"""<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>الواحة</title><entry><title>{TITLE}</title>
<link rel="alternate" href="/news/1001"/><published>2025-08-15T12:30:00Z</published></entry></feed>"""

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def read(
    body: str | bytes, kind: LinkKind, *, url: str = f"{SITE}/listing", type_: str = "", channel: Channel = "section"
) -> Listing:
    link = Link(url=url, kind=kind, channel=channel, source_id="alwaha", depth=1)
    raw = body.encode() if isinstance(body, str) else body
    return read_listing(link, Page(url=url, body=raw, content_type=type_, fetched_at=NOON))


def section(body: str, *, url: str = f"{SITE}/politics", channel: Channel = "section") -> Listing:
    return read(body, LinkKind.SECTION, url=url, type_=HTML, channel=channel)


def urls(listing: Listing, kind: LinkKind = LinkKind.ARTICLE) -> list[str]:
    return [link.url.removeprefix(SITE) for link in listing.links if link.kind is kind]


def urlset(*entries: str) -> str:
    return f"<urlset xmlns='{SITEMAP}' xmlns:news='{NEWS}'><url>{'</url><url>'.join(entries)}</url></urlset>"


def news(title: str, language: str, *, number: int = 1001, when: str = "2025-08-15T15:30+03:00") -> str:
    return (
        f"<loc>{SITE}/news/{number}</loc><lastmod>2026-01-01</lastmod><news:news><news:publication>"
        f"<news:name>الواحة</news:name><news:language>{language}</news:language></news:publication>"
        f"<news:publication_date>{when}</news:publication_date><news:title>{title}</news:title></news:news>"
    )


def test_an_rss_item_is_a_link_one_step_deeper_with_its_title_and_time_in_utc() -> None:
    link = read(RSS, LinkKind.FEED).links[0]

    assert (link.url, link.kind, link.channel) == (f"{SITE}/news/1001", LinkKind.ARTICLE, "feed")
    assert (link.source_id, link.title, link.published_at, link.depth) == ("alwaha", TITLE, NOON, 2)


def test_cdata_in_a_feed_is_read_and_a_title_loses_its_markup() -> None:
    link = read(RSS, LinkKind.FEED).links[1]

    assert link.url == f"{SITE}/news/1002?a=1&b=2"
    assert link.title == "ترامب & بوتين: لقاء"
    assert read(RSS, LinkKind.FEED).problem is None


def test_an_atom_entry_is_a_link_with_its_title_and_time() -> None:
    (link,) = read(ATOM, LinkKind.FEED).links

    assert (link.url, link.title, link.published_at) == (f"{SITE}/news/1001", TITLE, NOON)


def test_a_broken_feed_gives_the_items_before_the_break_and_says_so() -> None:
    listing = read(RSS[: RSS.index("</channel>")] + "<item><title>مقطوع & ", LinkKind.FEED)

    assert urls(listing)[:2] == ["/news/1001", "/news/1002?a=1&b=2"]
    assert str(listing.problem).startswith("the feed is broken: ")


def test_a_feed_with_a_wrong_content_type_or_in_windows_1256_is_read() -> None:
    arabic = RSS.replace("UTF-8", "windows-1256").encode("windows-1256")

    assert read(RSS, LinkKind.FEED, type_="text/html").links[0].title == TITLE
    assert read(arabic, LinkKind.FEED).links[0].title == TITLE


def test_a_news_sitemap_gives_title_and_date() -> None:
    (link,) = read(urlset(news(TITLE, "ar")), LinkKind.SITEMAP).links

    assert (link.channel, link.title, link.published_at) == ("sitemap", TITLE, NOON)


def test_the_day_of_the_last_change_is_no_date_of_publication() -> None:
    (link,) = read(urlset(f"<loc> {SITE}/news/1001 </loc><lastmod>2025-08-15</lastmod>"), LinkKind.SITEMAP).links

    assert (link.url, link.published_at) == (f"{SITE}/news/1001", None)


@pytest.mark.parametrize("when", ["yesterday", "", "0001-01-01T00:00:00+14:00", "2025-13-01"])
def test_a_date_that_cannot_be_read_is_no_date(when: str) -> None:
    (link,) = read(urlset(news(TITLE, "ar", when=when)), LinkKind.SITEMAP).links

    assert link.published_at is None


def test_articles_in_another_language_are_left_out_unless_their_titles_are_arabic() -> None:
    body = urlset(news("Summit ends", "en", number=1), news(TITLE, "en", number=2), news("AFP", "ar-JO", number=3))

    assert urls(read(body, LinkKind.SITEMAP)) == ["/news/2", "/news/3"]


def test_an_index_gives_sitemaps_and_a_packed_one_is_read() -> None:
    body = f"<sitemapindex><sitemap><loc>{SITE}/2025.xml.gz</loc></sitemap></sitemapindex>"

    index = read(body, LinkKind.SITEMAP)
    child = read(gzip.compress(urlset(news(TITLE, "ar")).encode()), LinkKind.SITEMAP, url=index.links[0].url)

    assert urls(index, LinkKind.SITEMAP) == ["/2025.xml.gz"]
    assert urls(child) == ["/news/1001"]


def test_a_sitemap_that_breaks_off_gives_what_came_before_and_says_so() -> None:
    listing = read(urlset(news(TITLE, "ar")).replace("</urlset>", "<url><loc>"), LinkKind.SITEMAP)

    assert urls(listing) == ["/news/1001"]
    assert str(listing.problem).startswith("the sitemap is broken: ")


def test_a_gzip_bomb_and_a_broken_gzip_file_are_refused() -> None:
    packed = gzip.compress(bytes(53 << 20), compresslevel=1)

    assert read(packed, LinkKind.SITEMAP) == Listing(problem="the gzip file unpacks to more than 52 MB")
    assert str(read(packed[:100], LinkKind.SITEMAP).problem).startswith("the gzip file is broken: ")


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE rss [<!ENTITY a "خبر"><!ENTITY b "&a;&a;&a;">]>',
        '<!doctype rss SYSTEM "http://127.0.0.1/x.dtd">',
        '<!-- <rss> --><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<?x <rss ?><!DOCTYPE rss [<!ENTITY b "خبر">]>',
        '<?x <!-- ?><!DOCTYPE rss [<!ENTITY b "خبر">]><?x --> ?>',
    ],
)
@pytest.mark.parametrize("body", [RSS[RSS.index("<rss") :], ATOM[ATOM.index("<feed") :], urlset(news("&b;", "ar"))])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_declares_a_doctype_or_entities_is_refused(declared: str, body: str, encoding: str) -> None:
    listing = read(f"<?xml version='1.0' encoding='{encoding}'?>{declared}{body}".encode(encoding), LinkKind.FEED)

    assert listing.links == ()
    assert str(listing.problem).startswith("the XML declares a DOCTYPE or entities")


def test_robots_txt_names_sitemaps_in_any_case() -> None:
    body = f"User-agent: *\nDisallow: /\n\nSITEMAP: {SITE}/a.xml\nsitemap:{SITE}/b.xml\nSitemap: {SITE}/c.xml # أخبار\n"

    listing = read(body, LinkKind.SITEMAP, url=f"{SITE}/robots.txt", type_="text/plain")

    assert urls(listing, LinkKind.SITEMAP) == ["/a.xml", "/b.xml", "/c.xml"]


def test_robots_txt_without_sitemaps_is_no_problem() -> None:
    assert read("User-agent: *\n", LinkKind.SITEMAP, url=f"{SITE}/robots.txt") == Listing()


def test_a_section_page_gives_relative_links_that_look_like_articles_with_their_longest_text() -> None:
    listing = section(
        f"""<a href="/news/1001"><img></a><a href="/news/1001">{TITLE}</a><a href="1002.html">لقاء</a>
        <a href="/قمة-في-ألاسكا">خبر</a><a href="/tag/1003">وسم</a><a href="/about">من نحن</a>
        <a href="/a/1004.pdf">x</a><a href="mailto:a@alwaha.example">1005</a><a href="/politics#1006">x</a>"""
    )

    assert urls(listing) == ["/news/1001", "/1002.html", f"/{quote('قمة-في-ألاسكا')}"]
    assert listing.links[0].title == TITLE
    assert {link.channel for link in listing.links} == {"section"}


def test_a_base_href_is_what_relative_links_start_from() -> None:
    assert urls(section('<base href="/world/"><a href="1001">خبر</a>')) == ["/world/1001"]


@pytest.mark.parametrize(
    ("url", "link", "following"),
    [
        ("/politics", '<link rel="next" href="/politics/page/2">', "/politics/page/2"),
        ("/politics", '<a href="/politics?p=2x">التالي »</a>', "/politics?p=2x"),
        ("/politics", '<a href="?page=2">2</a><a href="?page=3">3</a>', "/politics?page=2"),
        ("/politics?page=2", '<a href="?page=1">1</a><a href="?page=3">3</a>', "/politics?page=3"),
        ("/politics/page/9", '<a href="/politics/page/10">10</a>', "/politics/page/10"),
    ],
)
def test_the_page_that_follows_a_section_page_is_a_section_page(url: str, link: str, following: str) -> None:
    listing = section(f'<a href="/news/1001">{TITLE}</a>{link}', url=SITE + url)

    assert urls(listing) == ["/news/1001"]
    assert urls(listing, LinkKind.SECTION) == [following]


def test_links_of_other_sites_are_ignored() -> None:
    others = '<a href="http://alsharia.example/news/7001">x</a><a href="http://alwaha.example.net/news/7002">x</a>'

    listing = section(others + '<a href="http://m.alwaha.example/news/1001">x</a>')

    assert [link.url for link in listing.links] == ["http://m.alwaha.example/news/1001"]


def test_a_listing_of_nothing_but_links_of_other_sites_is_a_problem() -> None:
    feed = RSS.replace(SITE, "http://alsharia.example")

    assert read(feed, LinkKind.FEED) == Listing(problem="none of its 2 links is one of alwaha.example")


def test_a_home_page_gives_the_feeds_that_it_declares_but_not_those_of_comments() -> None:
    head = """<link rel="alternate" type="application/rss+xml" href="/rss"><link rel="alternate"
      type="application/atom+xml" href="/atom"><link rel="alternate" type="application/rss+xml" href="/comments/feed">
      <link rel="alternate" hreflang="en" href="/en">"""

    assert urls(section(head, channel="home"), LinkKind.FEED) == ["/rss", "/atom"]
    assert section(head, channel="section").links == ()


@pytest.mark.parametrize("kind", [LinkKind.FEED, LinkKind.SITEMAP])
def test_a_web_page_in_place_of_a_feed_or_sitemap_is_a_problem(kind: LinkKind) -> None:
    page = f'<!DOCTYPE html><html><body><a href="/news/1001">{TITLE}</a></body></html>'

    assert read(page, kind, type_=HTML) == Listing(problem=f"this is a web page, not a {kind}")
    assert read(" \n", kind) == Listing(problem="the answer was empty")


def test_a_source_without_listings_starts_from_robots_txt_and_its_home_page() -> None:
    bare = Source(id="alwaha", name="الواحة", home=f"{SITE}/")
    fed = Source(id="alwaha", name="الواحة", home=f"{SITE}/", feeds=(f"{SITE}/rss",))

    assert [(link.url, link.channel) for link in seeds(bare)] == [
        (f"{SITE}/robots.txt", "sitemap"),
        (f"{SITE}/", "home"),
    ]
    assert [(link.url, link.channel) for link in seeds(fed)] == [(f"{SITE}/rss", "feed")]


def test_a_long_url_of_arabic_words_is_not_cut_as_a_long_title_is() -> None:
    slug, title = quote("الهيئة العليا للانتخابات تعيد النظر في التعيينات " * 4), "كلمة " * 400

    (link,) = read(urlset(news(title, "ar").replace("/1001", f"/{slug}")), LinkKind.SITEMAP).links

    assert len(link.url) > 1000
    assert len(link.title or "") <= 500
