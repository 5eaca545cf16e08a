"""Discovery: which links feeds, sitemaps, robots.txt and section pages give, and what is refused."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from selectolax.lexbor import LexborHTMLParser

from corpus.types import Channel, Concept, Link, LinkKind, Page, Topic
from corpus.urls import base, same_site
from crawler.catalogue import Owners, Source
from crawler.discovery.anchors import anchors_in, read_anchors
from crawler.discovery.listing import CALENDAR, MOST_HOSTS, Listing, read_listing
from pipelines.page.decode import decode_page
from pipelines.page.limits import TIME_LIMIT_S
from pipelines.page.tree import base_of, parse

from .test_pages import FOLDERS, name_of

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


TOPIC = Topic(
    id="summit",
    title="قمة ألاسكا",
    concepts=(Concept(name="قمة", aliases=("قمة",)), Concept(name="ألاسكا", aliases=("ألاسكا",), role="required")),
    since=date(2025, 8, 1),
    until=date(2025, 8, 31),
)


def read(
    body: str | bytes,
    kind: LinkKind,
    *,
    url: str = f"{SITE}/listing",
    type_: str = "",
    channel: Channel = "section",
    topic: Topic | None = None,
    home: str | None = None,
) -> Listing:
    link = Link(url=url, kind=kind, channel=channel, source_id="alwaha", depth=1)
    raw = body.encode() if isinstance(body, str) else body
    return read_listing(link, Page(url=url, body=raw, content_type=type_, fetched_at=NOON), topic=topic, home=home)


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


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("الجمعة, 15 أغسطس 2025 15:30:00 +0300", NOON),
        ("الجمعة 15 آب/أغسطس 2025", datetime(2025, 8, 15, tzinfo=UTC)),
        ("Vendredi, 15 Août 2025 15:30:00 +0300", NOON),
        ("Fri, 15 Aug 25 15:30:00 +0300", NOON),
        ("Fri, 15 Aug 2025 15:30:00", datetime(2025, 8, 15, tzinfo=UTC)),  # by whose clock?
        ("15-08-2025", datetime(2025, 8, 15, tzinfo=UTC)),
        ("15/08/2025 15:30", datetime(2025, 8, 15, tzinfo=UTC)),
        ("2025/08/15 15:30", datetime(2025, 8, 15, tzinfo=UTC)),
        ("08/07/2025 15:30", None),  # of July, or of August
        ("آب/أغسطس 2025", None),
        ("1518478934", None),
        ("15:30", None),
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_time_in_a_feed_is_read_in_any_language_and_none_is_made_up(words: str, at: datetime | None) -> None:
    listing = read(RSS.replace("Fri, 15 Aug 2025 15:30:00 +0300", words), LinkKind.FEED)

    assert listing.links[0].published_at == at


def test_cdata_in_a_feed_is_read_and_a_title_loses_its_markup() -> None:
    link = read(RSS, LinkKind.FEED).links[1]

    assert link.url == f"{SITE}/news/1002?a=1&b=2"
    assert link.title == "ترامب & بوتين: لقاء"
    assert read(RSS, LinkKind.FEED).problem is None


@pytest.mark.parametrize(
    "halves", ["&#55357;&#56832;", "&#xD83D;&#xde00;", "&#0;&#1", "&#x110000;", "&#" + "9" * 5_000 + ";"]
)
def test_a_number_of_no_character_costs_a_listing_nothing_else(halves: str) -> None:
    feed = read(RSS.replace(TITLE, f"{TITLE} {halves}", 1), LinkKind.FEED)
    sitemap = read(urlset(news(f"{TITLE} {halves}", "ar"), news(TITLE, "ar", number=1002)), LinkKind.SITEMAP)

    assert [link.title for link in feed.links] == [TITLE, "ترامب & بوتين: لقاء"]
    assert [link.title for link in sitemap.links] == [TITLE, TITLE]
    assert feed.problem is sitemap.problem is None


def test_an_atom_entry_is_a_link_with_its_title_and_time() -> None:
    (link,) = read(ATOM, LinkKind.FEED).links

    assert (link.url, link.title, link.published_at) == (f"{SITE}/news/1001", TITLE, NOON)


def test_a_broken_feed_gives_the_items_before_the_break_and_says_so() -> None:
    listing = read(RSS[: RSS.index("</channel>")] + "<item><title>مقطوع & ", LinkKind.FEED)

    assert urls(listing)[:2] == ["/news/1001", "/news/1002?a=1&b=2"]
    assert str(listing.problem).startswith("the feed is broken: ")


def test_an_item_without_a_link_has_the_address_that_identifies_it() -> None:
    guid = "<item><title>x</title><guid isPermaLink='false'>{}</guid></item>"

    assert urls(
        read(f"<rss version='2.0'><channel>{guid.format(f'{SITE}/?p=1001')}</channel></rss>", LinkKind.FEED)
    ) == ["/?p=1001"]
    assert urls(read(f"<rss version='2.0'><channel>{guid.format('1001')}</channel></rss>", LinkKind.FEED)) == []


def test_a_feed_so_broken_that_its_parser_fails_is_told_of() -> None:
    listing = read(RSS.replace("<item>", "<item></width> & ", 1), LinkKind.FEED)

    assert str(listing.problem).startswith("the feed is broken: TypeError")


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


def test_articles_in_another_language_are_not_wanted_unless_their_titles_are_arabic() -> None:
    body = urlset(news("Summit ends", "en", number=1), news(TITLE, "en", number=2), news("AFP", "ar-JO", number=3))

    listing = read(body, LinkKind.SITEMAP, topic=TOPIC)

    doubted = {link.url.removeprefix(SITE): link.prospect.doubt for link in listing.links}
    assert doubted == {"/news/1": "language", "/news/2": None, "/news/3": None}
    assert listing.links[0].prospect.reason == "its language is said to be 'en', and its title is not Arabic"


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


@pytest.mark.parametrize("fault", ["&", "&nbsp;", "\x0b", "\udcc7\udce1"])
def test_a_sitemap_with_a_fault_gives_all_its_links_as_they_are_meant(fault: str) -> None:
    some = [f"<loc>{SITE}/news?id=1001&cat=2</loc><t>{fault}</t>", f"<loc><![CDATA[{SITE}/news?id=1002&cat=2]]></loc>"]
    body = f"<urlset>{''.join(f'<url>{one}</url>' for one in some)}</urlset>".encode("utf-8", "surrogateescape")

    listing = read(body, LinkKind.SITEMAP)

    assert sorted(urls(listing)) == ["/news?id=1001&cat=2", "/news?id=1002&cat=2"]
    assert str(listing.problem).startswith("the sitemap is broken: ")


def test_an_address_that_a_sitemap_escapes_twice_is_the_one_that_is_meant() -> None:
    twice = f"<loc><![CDATA[{SITE}/news?id=1001&amp;cat=2]]></loc>", f"<loc>{SITE}/news?id=1002&amp;amp;cat=2</loc>"

    assert urls(read(urlset(*twice), LinkKind.SITEMAP)) == ["/news?id=1001&cat=2", "/news?id=1002&cat=2"]


def test_a_broken_sitemap_does_not_give_the_address_that_it_breaks_off_in() -> None:
    body = f"<urlset><url><loc>{SITE}/news/1001</loc></url><url><loc>{SITE}/news/10"

    assert urls(read(body, LinkKind.SITEMAP)) == ["/news/1001"]


@pytest.mark.parametrize("before", ["\n", "\ufeff", "\ufeff\r\n "])
def test_what_stands_before_the_declaration_of_a_sitemap_does_no_harm(before: str) -> None:
    listing = read(f"{before}<?xml version='1.0' encoding='UTF-8'?>{urlset(news(TITLE, 'ar'))}", LinkKind.SITEMAP)

    assert (urls(listing), listing.problem) == (["/news/1001"], None)


def test_a_news_sitemap_that_does_not_declare_its_prefix_gives_its_titles() -> None:
    body = re.sub(r" xmlns(:\w+)?=['\"][^'\"]*['\"]", "", urlset(news(TITLE, "ar")))

    (link,) = read(body, LinkKind.SITEMAP).links

    assert (link.title, link.published_at) == (TITLE, NOON)


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
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x.example/rss.dtd" [<!ENTITY b "خبر">]>',
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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_feed_that_only_says_that_it_is_rss_0_91_is_read(encoding: str) -> None:
    kind = '<!DOCTYPE rss PUBLIC "-//RSS Advisory Board//DTD RSS 0.91//EN" "http://www.rssboard.org/rss-0.91.dtd">'
    feed = RSS.replace("UTF-8", encoding).replace("<rss", f"{kind}\n<rss").replace("لقاء", "لقاء&nbsp;&lrm;")

    assert [link.title for link in read(feed.encode(encoding), LinkKind.FEED).links] == [TITLE, "ترامب & بوتين: لقاء"]


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


def test_of_link_texts_of_one_length_the_first_is_the_title() -> None:
    numbered = "".join(f'<a href="/news/1001">{TITLE} {number}</a>' for number in range(9))

    assert [link.title for link in section(numbered).links] == [f"{TITLE} 0"]


def test_a_base_href_is_what_relative_links_start_from() -> None:
    assert urls(section('<base href="/world/"><a href="1001">خبر</a>')) == ["/world/1001"]


@pytest.mark.parametrize(
    ("url", "link", "following"),
    [
        ("/politics", '<link rel="next" href="/politics/page/2">', "/politics/page/2"),
        ("/politics", '<a href="/politics?p=2x">التالي »</a>', "/politics?p=2x"),
        ("/politics", '<a href="/politics?p=2x">التالى</a>', "/politics?p=2x"),
        ("/Section/286/1", '<a href="/Section/286/1">1</a><a href="/Section/286/2">2</a>', "/Section/286/2"),
        ("/ar/news", '<a href="/ar/news/2/">2</a><a href="/ar/news/3/">3</a>', "/ar/news/2/"),
        ("/politics", '<a href="?page=2">2</a><a href="?page=3">3</a>', "/politics?page=2"),
        ("/politics?page=2", '<a href="?page=1">1</a><a href="?page=3">3</a>', "/politics?page=3"),
        ("/politics/page/9", '<a href="/politics/page/10">10</a>', "/politics/page/10"),
        ("/politics?pgno=2", '<a href="?pgno=1">1</a><a href="?pgno=3">التالي</a>', "/politics?pgno=3"),
        ("/politics?pageNo=2", '<a href="?pageNo=1">1</a><a href="?pageNo=3">3</a>', "/politics?pageNo=3"),
        ("/politics", '<a href="?page=0">1</a><a href="?page=1">2</a><a href="?page=2">3</a>', "/politics?page=1"),
        ("/politics", '<a href="?page=2">٣</a><a href="?page=1">٢</a>', "/politics?page=1"),
        ("/politics?page=1", '<a href="/politics">1</a><a href="?page=2">3</a>', "/politics?page=2"),
        ("/politics", '<ul><li class="next"><a href="/politics?start=20">»</a></li></ul>', "/politics?start=20"),
        ("/politics", '<a href="?start=20">2</a><a href="?start=40">3</a>', "/politics?start=20"),
        (
            "/politics?start=20",
            '<a href="?start=0">1</a><a href="?start=60">4</a><a href="?start=40">3</a>',
            "/politics?start=40",
        ),
        ("/politics", '<a href="?p=2">2</a><a href="?p=3">3</a>', "/politics?p=2"),
        ("/list.aspx?id=5", '<a href="/list.aspx?sheet=2&amp;id=5">2</a>', "/list.aspx?sheet=2&id=5"),
        ("/cat/5.html", '<a href="/cat/5-2.html">٢</a><a href="/cat/5-3.html">٣</a>', "/cat/5-2.html"),
        ("/cat/5-2.html", '<a href="/cat/5.html">١</a><a href="/cat/5-3.html">٣</a>', "/cat/5-3.html"),
        ("/politics", '<a href="?last=98123">تحميل المزيد</a><a href="/sport">المزيد</a>', "/politics?last=98123"),
        ("/politics?last=98123", '<a href="?last=98023">تحميل المزيد</a>', "/politics?last=98023"),
        ("/politics", '<a href="/politics/p/2">→ مقالات أقدم</a>', "/politics/p/2"),
        ("/politics", '<a href="#s" class="next">›</a><a aria-label="التالي" href="/politics/2">›</a>', "/politics/2"),
    ],
)
def test_a_section_page_names_the_page_that_follows(url: str, link: str, following: str) -> None:
    listing = section(f'<a href="/news/1001">{TITLE}</a>{link}', url=SITE + url)

    assert urls(listing) == ["/news/1001"]
    assert urls(listing, LinkKind.NEXT) == [following]


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("/politics", '<a href="/sport">المزيد</a><a href="/politics/archive">المزيد</a>'),
        ("/politics", '<a href="?tab=video">المزيد</a>'),
        ("/politics", '<a href="/poll/2">2</a>'),
        ("/politics", '<a href="/politics/2025/08/2">2</a><a href="?day=2">2</a>'),  # a calendar
        ("/politics?p=3", '<a href="?p=1">1</a><a href="?p=2">2</a>'),  # the last page
    ],
)
def test_a_number_or_more_that_leads_elsewhere_is_no_following_page(url: str, link: str) -> None:
    assert urls(section(f'<a href="/news/1001">{TITLE}</a>{link}', url=SITE + url), LinkKind.NEXT) == []


def test_the_section_with_the_next_number_is_no_following_page() -> None:
    body = f'<a href="/news/1001">{TITLE}</a><a href="/section/4">اقتصاد</a>'

    assert urls(section(body, url=f"{SITE}/section/3"), LinkKind.NEXT) == []


def test_the_next_picture_of_a_slider_is_no_following_page() -> None:
    slider = f'<a class="next" href="#top">›</a><a class="next" href="/news/1002">{TITLE} 2</a>'

    assert urls(section(f'<a href="/news/1001">{TITLE}</a>{slider}'), LinkKind.NEXT) == []


def test_links_of_other_sites_are_ignored() -> None:
    others = '<a href="http://alsharia.example/news/7001">x</a><a href="http://alwaha.example.net/news/7002">x</a>'

    listing = section(others + '<a href="http://m.alwaha.example/news/1001">x</a>')

    assert [link.url for link in listing.links] == ["http://m.alwaha.example/news/1001"]


def test_a_home_page_that_leads_to_another_site_says_where() -> None:
    link = Link(url=f"{SITE}/", kind=LinkKind.SECTION, channel="home", source_id="alwaha")
    body = f"<a href='/news/1001'>{TITLE}</a>".encode()

    listing = read_listing(link, Page(url="http://new.example/", body=body, content_type=HTML, fetched_at=NOON))

    assert listing.problem == "it led to http://new.example/: of 1 link none is one of alwaha.example"
    assert listing.led_to == "http://new.example/"


def test_a_feed_that_leads_to_a_web_page_of_another_site_says_where() -> None:
    link = Link(url=f"{SITE}/feed", kind=LinkKind.FEED, channel="feed", source_id="alwaha")
    page = Page(url="http://new.example/", body=b"<html></html>", content_type=HTML, fetched_at=NOON)

    assert read_listing(link, page).problem == "it led to http://new.example/: this is a web page, not a feed"


@pytest.mark.parametrize("content", ["0; url=/ar/", "0;URL='/ar/'", f"5, url={SITE}/ar/"])
def test_a_home_page_that_only_sends_its_readers_on_gives_the_page_behind_it(content: str) -> None:
    page = f'<html><head><meta http-equiv="Refresh" content="{content}"></head><body></body></html>'

    listing = section(page, url=f"{SITE}/", channel="home")

    assert (urls(listing, LinkKind.SECTION), listing.problem) == (["/ar/"], None)


@pytest.mark.parametrize(
    "section_url",
    [
        "/ar/taxonomy/term/5",
        "/taxonomy/term/1205",
        "/Category.aspx?CatID=2",
        "/modules.php?name=News&new_topic=3",
        "/?cat=4",
        "/Category.aspx?id=287",
        "/newcat.php?id=3",
    ],
)
def test_a_home_page_names_sections_by_their_numbers(section_url: str) -> None:
    menu = f'<a href="{section_url}">سياسة</a><a href="{section_url}&pg=2">2</a><a href="/a/b/c/d">x</a>'

    listing = section(f'{menu}<a href="/news/1001">{TITLE}</a>', url=f"{SITE}/", channel="home")

    assert urls(listing, LinkKind.SECTION) == [section_url]


@pytest.mark.parametrize("path", ["/archives/category/sport", "/ar/literature-and-culture/", "/medicine-and-health"])
def test_what_the_menu_of_a_home_page_names_is_a_section_and_no_article(path: str) -> None:
    listing = section(
        f'<a href="{path}">أدب وثقافة</a><a href="/news/1001">{TITLE}</a>', url=f"{SITE}/", channel="home"
    )

    assert (urls(listing), urls(listing, LinkKind.SECTION)) == (["/news/1001"], [path])


@pytest.mark.parametrize(
    ("menu", "sections", "following"),
    [
        ("", [], ["/page/2/"]),
        ('<a href="/politics">سياسة</a>', ["/politics"], []),
        ('<a href="/about">من نحن</a>', [], ["/page/2/"]),
    ],
)
def test_a_home_page_without_sections_is_followed_by_its_own_pages(
    menu: str, sections: list[str], following: list[str]
) -> None:
    pager = '<a href="/page/2/">2</a><a href="/page/7/">7</a><a class="next page-numbers" href="/page/2/">التالي</a>'

    listing = section(f'{menu}<a href="/news/1001">{TITLE}</a>{pager}', url=f"{SITE}/", channel="home")

    assert (urls(listing, LinkKind.SECTION), urls(listing, LinkKind.NEXT)) == (sections, following)


PARTS = [
    RSS.replace("<channel>", "<channel><link xmlns='http://www.w3.org/2005/Atom' rel='next' href='/feed?part=2'/>"),
    '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="/feed?part=2"/>'
    '<entry><title>خبر</title><link href="/news/1001"/></entry></feed>',
    json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "next_url": f"{SITE}/feed?part=2",
            "items": [{"id": "1", "url": "/news/1001"}],
        }
    ),
]


@pytest.mark.parametrize("body", PARTS, ids=["rss", "atom", "json"])
def test_a_part_of_a_feed_is_followed_by_the_next(body: str) -> None:
    listing = read(body, LinkKind.FEED, channel="feed")

    assert [(link.url.removeprefix(SITE), link.channel) for link in listing.of(LinkKind.NEXT)] == [
        ("/feed?part=2", "feed")
    ]
    assert {link.channel for link in read(body, LinkKind.NEXT, channel="feed").of(LinkKind.ARTICLE)} == {"feed"}


WARNING = "<br />\n<b>Warning</b>:  mysql_connect() in <b>/var/www/rss.php</b> on line <b>3</b><br />\n"


def test_a_feed_behind_what_its_server_complains_of_is_read() -> None:
    assert urls(read(WARNING + RSS, LinkKind.FEED)) == urls(read(RSS, LinkKind.FEED)) != []


def test_a_feed_with_a_doctype_behind_what_its_server_complains_of_is_refused() -> None:
    told = read(f"{WARNING}<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a 'b'>]>{RSS[39:]}", LinkKind.FEED)

    assert told.links == ()
    assert "DOCTYPE" in (told.problem or "")


def test_a_sitemap_of_one_address_a_line_is_read() -> None:
    lines = f"\ufeff{SITE}/news/1001\r\n{SITE}/news/1002\r\n"

    assert urls(read(lines, LinkKind.SITEMAP)) == ["/news/1001", "/news/1002"]
    assert read(f"{lines}\nNot found", LinkKind.SITEMAP).links == ()


def test_a_listing_of_nothing_but_links_of_other_sites_is_a_problem() -> None:
    feed = RSS.replace(SITE, "http://alsharia.example")

    assert read(feed, LinkKind.FEED) == Listing(problem="of 2 links none is one of alwaha.example")


def test_a_home_page_gives_the_feeds_that_it_declares_but_not_those_of_comments() -> None:
    head = """<link rel="alternate" type="application/rss+xml" href="/rss"><link rel="alternate"
      type="application/atom+xml" href="/atom"><link rel="alternate" type="application/rss+xml" href="/comments/feed">
      <LINK REL="Alternate" TYPE=" Application/RSS+XML; charset=utf-8 " HREF="/xml">
      <link rel="alternate" type="application/rdf+xml" href="/rdf"><link rel="alternate" type="text/xml" href="/old">
      <link rel="alternate" type="application/json" href="/wp-json"><link rel="alternate" hreflang="en" href="/en">"""

    others = '<link rel="alternate" type="application/rss+xml" href="/en/rss">'

    assert urls(section(head + others, channel="home"), LinkKind.FEED) == ["/rss", "/atom", "/xml", "/rdf", "/old"]
    assert urls(section(others, channel="home"), LinkKind.FEED) == ["/en/rss"]
    assert section(head, channel="section").links == ()


FEED_LINKS = f"""<a href="/rss/ar">خلاصات</a><a href="/service/12"><img alt="RSS"></a><a href="/xml/sport.xml">رياضة</a>
  <a href="/en/rss">RSS</a><a href="http://other.example/rss">RSS</a><a href="/press">صحافة</a>
  <a href="/news/1001-rss">{TITLE}</a><a href="/feedback">رأيك</a>"""


def test_a_home_page_that_declares_no_feed_gives_those_that_it_links_to() -> None:
    declared = '<link rel="alternate" type="application/rss+xml" href="/feed">'

    assert urls(section(FEED_LINKS, channel="home"), LinkKind.FEED) == ["/rss/ar", "/service/12", "/xml/sport.xml"]
    assert urls(section(declared + FEED_LINKS, channel="home"), LinkKind.FEED) == ["/feed"]


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_what_a_home_page_links_to_as_a_feed_may_be_a_page_of_feeds(depth: int) -> None:
    link = Link(url=f"{SITE}/rss/ar", kind=LinkKind.FEED, channel="feed", source_id="alwaha", depth=depth)

    told = read_listing(link, Page(url=link.url, body=FEED_LINKS.encode(), content_type=HTML, fetched_at=NOON))

    assert urls(told, LinkKind.FEED) == (["/service/12", "/xml/sport.xml"] if depth == 1 else [])
    assert told.problem == (None if depth == 1 else "this is a web page, not a feed")


@pytest.mark.parametrize("kind", [LinkKind.FEED, LinkKind.SITEMAP])
def test_a_web_page_in_place_of_a_feed_or_sitemap_is_a_problem(kind: LinkKind) -> None:
    page = f'<!DOCTYPE html><html><body><a href="/news/1001">{TITLE}</a></body></html>'

    assert read(page, kind, type_=HTML) == Listing(problem=f"this is a web page, not a {kind}")
    assert read(" \n", kind) == Listing(problem="the answer was empty")


def test_a_long_url_of_arabic_words_is_not_cut_as_a_long_title_is() -> None:
    slug, title = quote("الهيئة العليا للانتخابات تعيد النظر في التعيينات " * 4), "كلمة " * 400

    (link,) = read(urlset(news(title, "ar").replace("/1001", f"/{slug}")), LinkKind.SITEMAP).links

    assert len(link.url) > 1000
    assert len(link.title or "") <= 500


def json_feed(*items: dict[str, object]) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "الواحة", "items": items})


def test_an_item_of_a_json_feed_is_a_link_with_its_title_and_time() -> None:
    body = json_feed(
        {"id": "1", "url": "/news/1001", "title": "قمة &amp; لقاء", "date_published": "2025-08-15T15:30:00+03:00"},
        {"id": f"{SITE}/news/1002", "content_text": "نص"},
        {"id": "3", "external_url": "http://alsharia.example/news/1003"},
    )

    first, second = read(body, LinkKind.FEED).links

    assert (first.url, first.title, first.published_at, first.channel) == (
        f"{SITE}/news/1001",
        "قمة & لقاء",
        NOON,
        "feed",
    )
    assert (second.url, second.title) == (f"{SITE}/news/1002", None)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("{", "the JSON is broken: "),
        ('{"a": 1}', "this is JSON, but neither a JSON Feed nor a list of articles: it has a"),
        (json_feed({"id": "1", "title": "قمة"}), "of 1 entry none has an address"),
        ("{" * 100_000, "the JSON is broken: "),
    ],
)
def test_json_that_is_no_listing_is_a_problem(body: str, problem: str) -> None:
    assert str(read(body, LinkKind.FEED).problem).startswith(problem)


@pytest.mark.parametrize("body", [json_feed(), "<rss version='2.0'><channel><title>الواحة</title></channel></rss>"])
def test_a_feed_that_has_nothing_for_now_is_no_problem(body: str) -> None:
    assert read(body, LinkKind.FEED) == Listing()


GDELT = r"""{"articles": [
{ "url": "https://www.alwaha.example/news/1001", "url_mobile": "", "title": "قمة ألاسكا : ترامب \ بوتين",
  "seendate": "20250815T193000Z", "socialimage": "", "domain": "alwaha.example", "language": "Arabic",
  "sourcecountry": "Jordan" },
{ "url": "https://alsharia.example/news/7", "url_mobile": "", "title": "خبر \عاجل من المدينة",
  "seendate": "20250815T010000Z", "domain": "alsharia.example", "language": "Arabic", "sourcecountry": "Qatar" },
{ "url": "https://unknown.example/1", "title": "x", "seendate": "20250815T010000Z", "language": "Arabic" },
{ "url": "https://alsharia.example/en/8", "title": "Summit", "seendate": "20240101T010000Z",
  "language": "English" } ]}"""


def test_an_aggregators_links_go_to_the_outlets_that_have_them() -> None:
    link = Link(url="https://api.gdelt.example/doc", kind=LinkKind.SECTION, channel="search", source_id="gdelt")
    page = Page(url=link.url, body=GDELT.encode(), content_type="application/json", fetched_at=NOON)

    outlets = [Source(id=one, name=one, home=f"https://{one}.example/") for one in ("alwaha", "alsharia")]

    listing = read_listing(link, page, topic=TOPIC, owners=Owners(outlets))

    assert [(one.source_id, one.channel, one.prospect.doubt) for one in listing.links] == [
        ("alwaha", "search", None),
        ("alsharia", "search", "title"),
        ("alsharia", "search", "language"),
    ]
    assert listing.links[0].prospect.names_topic
    assert listing.links[0].published_at is None  # when it was seen is not when it was published
    assert listing.left_out == {"of outlets that the catalogue does not have": 1}


def test_an_answer_in_words_is_a_problem_that_quotes_them() -> None:
    assert read("Your query was too short.", LinkKind.SECTION, channel="search") == Listing(
        problem="this is something else, not a section: 'Your query was too short.'"
    )
    assert read("{}", LinkKind.SECTION, channel="search") == Listing()  # GDELT found nothing


def test_the_sitemaps_of_an_index_come_newest_first() -> None:
    dated = [(1, "2025-08-01"), (2, "2025-08-20T10:00:00Z"), (3, "2025-08-10")]
    children = "".join(f"<sitemap><loc>/{n}.xml</loc><lastmod>{day}</lastmod></sitemap>" for n, day in dated)

    listing = read(f"<sitemapindex>{children}<sitemap><loc>/4.xml</loc></sitemap></sitemapindex>", LinkKind.SITEMAP)

    assert urls(listing, LinkKind.SITEMAP) == ["/2.xml", "/3.xml", "/1.xml", "/4.xml"]


@pytest.mark.parametrize(
    ("name", "lastmod", "reason"),
    [
        ("a.xml", "2025-07-01", "last changed on 2025-07-01, before 2025-08-01 to 2025-08-31"),
        ("a.xml", "2026-01-01", None),
        ("a.xml", "", None),
        ("sitemap-2025-07.xml", "", None),  # the last day of July is within the day of grace
        ("sitemap-2025-06.xml", "", "named for 2025-06-01 to 2025-06-30, outside 2025-08-01 to 2025-08-31"),
        ("sitemap_20250702.xml.gz", "", "named for 2025-07-02 to 2025-07-02, outside 2025-08-01 to 2025-08-31"),
        ("post-sitemap-2024.xml", "", "named for 2024-01-01 to 2024-12-31, outside 2025-08-01 to 2025-08-31"),
        ("sitemap/2025/10", "", "named for 2025-10-01 to 2025-10-31, outside 2025-08-01 to 2025-08-31"),
        ("sitemap.xml?year=2025&month=08", "", None),
        ("sitemap.xml?year=2025&month=6", "", "named for 2025-06-01 to 2025-06-30, outside 2025-08-01 to 2025-08-31"),
        ("map?yyyy=2025&mm=06&dd=02", "", "named for 2025-06-02 to 2025-06-02, outside 2025-08-01 to 2025-08-31"),
        ("map?year=2025&page=06", "", None),
        ("map?date_start=20250801&date_end=20251001", "", None),
        ("map?from=20250801&to=20250802", "", None),
        ("map?from=20250602&to=20250630", "", "named for 2025-06-02 to 2025-06-30, outside 2025-08-01 to 2025-08-31"),
        ("sitemap-2025-2026.xml", "", None),
        ("sitemap-2025.xml", "", None),
        ("news-202508.xml", "", None),
        ("sitemap-201912345.xml", "", None),
    ],
)
def test_a_sitemap_that_cannot_hold_the_topic_is_not_wanted(name: str, lastmod: str, reason: str | None) -> None:
    body = (
        f"<sitemapindex><sitemap><loc>{SITE}/{name.replace('&', '&amp;')}</loc><lastmod>{lastmod}</lastmod></sitemap>"
    )

    (link,) = read(body + "</sitemapindex>", LinkKind.SITEMAP, topic=TOPIC).links

    assert (link.prospect.doubt, link.prospect.reason) == ("changed" if reason else None, reason)


def test_a_number_among_numbers_is_no_year() -> None:
    children = "".join(f"<sitemap><loc>/sitemap-{n}.xml</loc></sitemap>" for n in (1, 2, 1999, 2000, 2001))

    links = read(f"<sitemapindex>{children}</sitemapindex>", LinkKind.SITEMAP, topic=TOPIC).links

    assert [link.prospect.doubt for link in links] == [None] * 5


def test_a_page_last_changed_before_the_topic_began_is_not_wanted() -> None:
    old, new = (f"<loc>{SITE}/news/{n}</loc><lastmod>{when}</lastmod>" for n, when in ((1, "2025-07-01"), (2, "2026")))

    links = read(urlset(old, new), LinkKind.SITEMAP, topic=TOPIC).links

    assert [link.prospect.doubt for link in links] == ["changed", None]


def test_a_feeds_summary_is_looked_at_where_its_title_says_nothing() -> None:
    item = (
        "<item><title>ماذا قال الرئيسان بعد ثلاث ساعات</title><link>/news/{}</link><description>{}</description></item>"
    )
    body = item.format(1, "انتهت &lt;b&gt;قمة&lt;/b&gt; ألاسكا بلا اتفاق") + item.format(2, "عاد الوفدان أمس")

    links = read(f"<rss version='2.0'><channel>{body}</channel></rss>", LinkKind.FEED, topic=TOPIC).links

    assert [link.prospect.doubt for link in links] == [None, "title"]


@pytest.mark.parametrize("cut", range(1, 8))
def test_a_feed_that_ends_inside_a_character_keeps_the_titles_before_it(cut: int) -> None:
    whole = RSS.replace("</channel></rss>", "<item><title>خبر أخير").encode()

    listing = read(whole[:-cut], LinkKind.FEED, topic=TOPIC)

    assert [link.title for link in listing.links[:2]] == [TITLE, "ترامب & بوتين: لقاء"]
    assert str(listing.problem).startswith("the feed is broken: ")


def test_a_feed_that_lies_about_its_encoding_is_read() -> None:
    liar = RSS.encode("windows-1256")

    assert read(liar, LinkKind.FEED, type_="application/rss+xml; charset=utf-8").links[0].title == TITLE


def test_a_sitemap_larger_than_the_protocol_allows_is_read_and_told_of() -> None:
    body = urlset(*(f"<loc>/news/{1000 + i}</loc>" for i in range(60_000)))

    listing = read(body, LinkKind.SITEMAP)

    assert len(listing.links) == 60_000
    assert listing.problem == "60,000 entries, where the protocol allows 50,000"


def rss(inside: str, head: str = "") -> str:
    return f"<rss {head}><channel>{inside}</channel></rss>"


def sitemap(inside: str) -> str:
    return f"<urlset xmlns='{SITEMAP}'>{inside}</urlset>"


def attributes(count: int) -> str:
    return "".join(f'a{i}="" ' for i in range(count))


BYTES = 10 << 20
ITEM = "<item><title>قمة</title><link>/1</link></item>"
TOO_COSTLY = "its tags, attributes and entities would take some"
TOO_MANY = "more than 200,000 entries; the rest was not read"


@pytest.mark.parametrize(
    ("kind", "make", "problem"),
    [
        (LinkKind.FEED, lambda: rss("<a>" * 1_000_000 + "</a>" * 1_000_000 + ITEM), TOO_COSTLY),
        (LinkKind.FEED, lambda: rss("<a>" * (BYTES // 3)), TOO_COSTLY),
        (LinkKind.FEED, lambda: rss("<a/>" * (BYTES // 4)), TOO_COSTLY),
        (LinkKind.FEED, lambda: rss("", head=attributes(800_000)), TOO_COSTLY),
        (LinkKind.FEED, lambda: rss("", head=attributes(20_000)), TOO_COSTLY),
        (LinkKind.FEED, lambda: rss(f"<a {attributes(100)}/>" * 15_000), TOO_COSTLY),
        (LinkKind.FEED, lambda: rss('<a b="' * (BYTES // 6)), TOO_COSTLY),
        (LinkKind.FEED, lambda: rss("<item><title>" + "&lt;" * (BYTES // 4)), TOO_COSTLY),
        (LinkKind.FEED, lambda: rss("<item><title>" + "\n" * BYTES), TOO_COSTLY),
        (LinkKind.FEED, lambda: rss("<![CDATA[" * (BYTES // 9)), TOO_COSTLY),
        (LinkKind.FEED, lambda: rss(ITEM * (BYTES // 60)), "more than 1,000 entries; the rest was not read"),
        (LinkKind.SITEMAP, lambda: sitemap("<a>" * (BYTES // 8) + "</a>" * (BYTES // 8)), "Excessive depth"),
        (LinkKind.SITEMAP, lambda: sitemap("<a/>" * 5 * (BYTES // 4)), "more than 3,000,000 tags"),
        (LinkKind.SITEMAP, lambda: sitemap("<url " + "a='' " * 4_000_000 + "/>"), "more than 3,000,000 tags"),
        (LinkKind.SITEMAP, lambda: sitemap("<url/>" * (BYTES // 4)), TOO_MANY),
        (LinkKind.SITEMAP, lambda: sitemap("<url>" + "<url/>" * (BYTES // 6) + "</url>"), TOO_MANY),
        (LinkKind.SITEMAP, lambda: sitemap("<url>" + "<a/>" * (BYTES // 8) + "</url>"), None),
        (
            LinkKind.SITEMAP,
            lambda: sitemap(f"<url><loc>{SITE}/{'x' * 500_000}</loc></url>" * 20),
            "of 20 links none",
        ),
    ],
)
def test_xml_that_is_made_to_be_slow_is_refused_at_once(
    kind: LinkKind, make: Callable[[], str], problem: str | None
) -> None:
    body = make()

    started = time.process_time()
    listing = read(body, kind)

    # Most take less than .3 s, the longest .7, and 1.3 where others share the core; a worker may take ten.
    assert time.process_time() - started < TIME_LIMIT_S / 2
    assert (problem or "None") in str(listing.problem)


def test_of_a_feed_that_is_an_archive_the_first_thousand_entries_are_read() -> None:
    listing = read(rss("".join(ITEM.replace("/1", f"/{number}") for number in range(2_500))), LinkKind.FEED)

    assert [link.url for link in listing.links] == [f"{SITE}/{number}" for number in range(1_000)]
    assert listing.problem == "more than 1,000 entries; the rest was not read"


def test_a_feed_with_whole_texts_and_a_sitemap_as_long_as_may_be_are_read() -> None:
    text = "<![CDATA[" + "<p>كلمة</p>" * 200 + "]]>" + "&lt;p&gt;كلمة&lt;/p&gt;\n" * 50
    item = f"<item><title>قمة</title><description>{text}</description><link>/{{}}</link></item>"
    url = "<url><loc>/{}</loc><lastmod>2025-08-16</lastmod><image><loc>/{}.jpg</loc></image></url>"

    feed = read(rss("".join(item.format(number) for number in range(1_000))), LinkKind.FEED)
    map_ = read(sitemap("".join(url.format(number, number) for number in range(50_000))), LinkKind.SITEMAP)

    assert (len(feed.links), feed.problem) == (1_000, None)
    assert (len(map_.links), map_.problem) == (50_000, None)


def test_relative_urls_in_a_sitemap_are_of_its_site() -> None:
    assert urls(read(urlset("<loc>/news/1001</loc>", "<loc>1002</loc>"), LinkKind.SITEMAP)) == ["/news/1001", "/1002"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_robots_txt_with_a_byte_order_mark_names_its_sitemaps(encoding: str) -> None:
    body = f"Sitemap: {SITE}/a.xml\nUser-agent: *\nDisallow: /x\n".encode(encoding)

    assert urls(read(body, LinkKind.SITEMAP, url=f"{SITE}/robots.txt"), LinkKind.SITEMAP) == ["/a.xml"]


def test_a_home_page_gives_its_sections_articles_and_feeds_each_by_its_channel() -> None:
    menu = """<a href="/">الرئيسية</a><a href="/politics">سياسة</a><a href="/category/world/">عربي ودولي</a>
      <a href="/about-us">من نحن</a><a href="/tag/x">وسم</a><a href="/politics?tag=1">x</a><a href="/a.pdf">ملف</a>
      <a href="/2025/08">آب</a><a href="http://m.alwaha.example/sport">رياضة</a><a href="/a/b/c/d">x</a>
      <a href="/sport">كل أخبار الرياضة من كل الملاعب</a><a href="/economy"><img></a>"""

    listing = section(f'{menu}<a href="/news/1001">{TITLE}</a>', url=f"{SITE}/", channel="home")

    assert [(link.url.removeprefix(SITE), link.kind.value, link.channel) for link in listing.links] == [
        ("/news/1001", "article", "home"),
        ("/politics", "section", "section"),
        ("/category/world/", "section", "section"),
    ]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('<meta property="og:site_name" content="الواحة"><title>x</title>', "الواحة"),
        ("<title>الواحة | آخر الأخبار</title>", "الواحة"),
        ("<title>الواحة: صحيفة - يومية</title>", "الواحة: صحيفة"),
        ("<title>الرئيسية - الواحة</title>", "الواحة"),
        ("<title>Home</title>", None),
        ("", None),
    ],
)
def test_a_home_page_says_what_its_site_is_called(head: str, name: str | None) -> None:
    assert section(f"<head>{head}</head>", channel="home").name == name


def test_words_that_lead_to_several_pages_are_the_title_of_none() -> None:
    more = "اقرأ المزيد من التفاصيل هنا"
    listing = section(f'<a href="/news/1001">{more}</a><a href="/news/1002">{more}</a><a href="/news/1002">{TITLE}</a>')

    assert [link.title for link in listing.links] == [None, TITLE]


@pytest.mark.parametrize(
    "told",
    [
        "2025/08/15 - 1:59 صباحًا",
        "آخر تحديث: الجمعة ١٥ آب/أغسطس ٢٠٢٥ - ١٠:٣٠ م بتوقيت غرينتش",
        "منذ 3 ساعات و 20 دقيقة",
        "Fri, 15 Aug 2025 at 10:30 AM",
    ],
)
def test_a_time_is_no_title_and_no_headline_however_long(told: str) -> None:
    with_title = section(f'<a href="/news/1001">لقاء ألاسكا</a><a href="/news/1001">{told}</a>')
    called = section(f'<a href="/summit-night">{TITLE}</a><a href="/summit-night">{told}</a>')

    assert [link.title for link in with_title.links] == ["لقاء ألاسكا"]
    assert [link.title for link in section(f'<a href="/news/1001">{told}</a>').links] == [None]
    assert section(f'<a href="/summit-day">{told}</a>').links == ()
    assert [link.title for link in called.links] == [TITLE]


@pytest.mark.parametrize("title", ["ترامب وبوتين يلتقيان في 15 أغسطس 2025", "6 قتلى في غزة منذ الصباح", "يوم النصر"])
def test_a_title_that_tells_a_time_is_a_title(title: str) -> None:
    assert [link.title for link in section(f'<a href="/news/1001">{title}</a>').links] == [title]


def test_a_link_names_the_topic_if_any_of_its_words_do() -> None:
    opening = "غادر الزعيمان القاعدة العسكرية بعد ثلاث ساعات من المحادثات المغلقة دون اتفاق"
    body = f'<a href="/news/1001">لقاء ألاسكا</a><a href="/news/1001">{opening}</a><a href="/news/1002">{opening} 2</a>'

    listing = read(body, LinkKind.SECTION, type_=HTML, topic=TOPIC)

    assert [link.prospect.names_topic for link in listing.links] == [True, False]
    assert [link.prospect.doubt for link in listing.links] == [None, "title"]


def test_a_picture_alone_is_titled_by_its_words() -> None:
    listing = section(f'<a href="/news/1001"><img alt="{TITLE}"></a><a href="/news/1002" title="{TITLE} 2"></a>')

    assert [link.title for link in listing.links] == [TITLE, f"{TITLE} 2"]


def test_a_section_page_in_an_undeclared_encoding_gives_its_titles() -> None:
    (link,) = read(
        f'<a href="/news/1001">{TITLE}</a>'.encode("windows-1256"), LinkKind.SECTION, type_="text/html"
    ).links

    assert link.title == TITLE


def test_a_page_under_two_addresses_is_one_link_with_the_title_of_either() -> None:
    listing = section(f'<a href="/news/1001/amp"><img></a><a href="https://www.alwaha.example/news/1001">{TITLE}</a>')

    assert [(link.url, link.title) for link in listing.links] == [("https://www.alwaha.example/news/1001", TITLE)]


def test_a_site_that_has_a_host_for_each_page_is_left_out_from_the_fiftieth_on() -> None:
    hosts = [f"http://{number}.alwaha.example" for number in range(MOST_HOSTS + 3)]
    named = [f"<loc>{host}/news/{number}</loc>" for host in hosts for number in (1001, 1002)]

    listing = read(urlset(*named), LinkKind.SITEMAP)

    assert len(listing.links) == 2 * MOST_HOSTS
    assert listing.left_out == {"at more than 50 hosts of one site": 6}


def test_paths_that_go_in_circles_or_too_deep_are_left_out_and_told_of() -> None:
    deep = "/".join("abcdefghijklmnop")
    listing = section(
        f'<a href="/x/news/x/news/x/news/1001">خبر</a><a href="/{deep}/1002">خبر</a><a href="/2008/08/08/x-y-z">خبر</a>'
    )

    assert urls(listing) == ["/2008/08/08/x-y-z"]
    assert listing.left_out == {"paths that go in circles": 1, "paths of more than 15 steps": 1}


@pytest.mark.parametrize(
    "following", ["?month=9&year=2025", "/calendar/2025-09", "/events/list/2", "/2025/09", "?date=2025-09-01"]
)
def test_a_calendar_has_no_following_page(following: str) -> None:
    told = section(f'<a href="/news/1001">{TITLE}</a><a rel="next" href="{following}">التالي</a>')

    assert urls(told, LinkKind.NEXT) == []
    assert told.left_out == {CALENDAR: 1}


@pytest.mark.parametrize("following", ["/politics/2024/13", "/m/politics"])
def test_numbers_that_are_no_month_make_no_calendar(following: str) -> None:
    told = section(f'<a href="/news/1001">{TITLE}</a><a rel="next" href="{following}">التالي</a>')

    assert urls(told, LinkKind.NEXT) == [following]


@pytest.mark.parametrize(
    "path",
    [
        "/2025/8/15/summit",
        "/politics/2025/08/%D9%82%D9%85%D8%A9",
        "/arabic/articles/c4g2x3lpy1xo",
        "/archives/1234",
        "/view.aspx?id=2f3c1b5a-1111-4b1e-9d5e-0123456789ab",
        "/article.aspx?ArticleNo=33",
        "/show.php?item=33",
        "/news_view.jsp?news_num=33",
        "/index.php?option=com_content&id=12%3Aalaska-summit&catid=3",
        "/news/2027/1905",
        "/2025/8/15/1905",
        "/home/article/415216/%D8%B7%D8%A7%D8%B1%D9%82/%D9%82%D9%85%D8%A9",
        "/opinion/-%D9%82%D9%88%D8%A9---%D9%82%D9%85%D8%A9--%D8%A3-",
    ],
)
def test_an_address_that_names_one_page_may_be_of_an_article(path: str) -> None:
    assert urls(section(f'<a href="{path}">{TITLE}</a>')) == [path]


@pytest.mark.parametrize(
    "path",
    [
        "/قمة-ألاسكا/",
        "/node/45",
        "/news/1950",
        "/ar/detail/7/",
        "/news/world/gylts7c",
        "/u0Dgde",
        "/2025-08-15/قمة-1001/سياسة/أخبار-العالم",
    ],
)
def test_what_a_headline_leads_to_may_be_an_article_whatever_its_address(path: str) -> None:
    called = section(f'<a href="{path}">{TITLE}</a>')
    named = section(f'<a href="{path}">ملف خاص</a>')
    in_english = section(f'<a href="{path}">The leaders of both countries meet in Alaska</a>')

    assert [link.title for link in called.links] == [TITLE]
    assert (named.links, in_english.links) == ((), ())


def test_a_headline_makes_no_article_of_what_the_menu_names_and_comes_behind_clear_ones() -> None:
    menu = '<a href="/world-news">عربي ودولي</a><a href="/world-news">كل أخبار العالم من المراسلين في مكان واحد</a>'
    body = f'{menu}<a href="/قمة-ألاسكا/">{TITLE}</a><a href="/news/1001">{TITLE} 2</a>'

    listing = section(body, url=f"{SITE}/", channel="home")

    assert urls(listing, LinkKind.SECTION) == ["/world-news"]
    assert [link.title for link in listing.of(LinkKind.ARTICLE)] == [f"{TITLE} 2", TITLE]


def test_a_page_without_links_that_scripts_may_make_says_so() -> None:
    made = "the page has no links: a script that is not run here may make them"

    assert section("<div id=app></div><script src='/app.js'></script>").problem == made
    assert section("<a href='/politics'>سياسة</a><script>1</script>").problem != made
    assert section("<div id=app></div>").problem == "the page has no links that look like articles"


@pytest.mark.parametrize(
    "path",
    ["/Section/أخبار-عالمية/286/1", "/news/section/206/عرب-وعالم", "/Section-114/الأردن", "/editor/details/1368"],
)
def test_the_number_of_a_section_is_no_article(path: str) -> None:
    assert section(f'<a href="{path}">أخبار عالمية</a>').links == ()
    assert urls(section(f'<a href="/arabic/section/76-x/15082025020000">{TITLE}</a>')) != []


@pytest.mark.parametrize(
    "path",
    [
        "/archive/2025-08-15",
        "/2025/08/15/",
        "/news/2025/08",
        "/section/12",
        "/page/3",
        "/daily/2025-08-15",
        "/daily/2025_8",
    ],
)
def test_a_day_of_an_archive_is_no_article(path: str) -> None:
    assert urls(section(f'<a href="{path}">{TITLE}</a>')) == []


def test_a_section_whose_page_is_older_than_the_topic_ends_there() -> None:
    def page(day: str) -> Listing:
        articles = f'<a href="/2024/03/{day}/a-b-c">{TITLE}</a><a href="/2024/03/05/d-e-f">{TITLE} 2</a>'
        articles += '<a href="/our-policy">سياسة الموقع في كل ما ينشر فيه من أخبار</a>'
        body = f'{articles}<a rel="next" href="?page=2">2</a>'
        return read(body, LinkKind.SECTION, url=f"{SITE}/politics", type_=HTML, topic=TOPIC)

    assert urls(page("04"), LinkKind.NEXT) == []
    assert page("04").left_out == {"the following page, since all of this one is older than the topic": 1}
    assert urls(page("99"), LinkKind.NEXT) == ["/politics?page=2"]  # one without a date


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        (SITE, ["/news/1001", "/news/1002"]),
        ("/ar/", ["/news/1001", "/ar/news/1002"]),
        ("http://[broken", ["/news/1001", "/politics/news/1002"]),
        ("about:blank", ["/news/1001", "/politics/news/1002"]),
        ("", ["/news/1001", "/politics/news/1002"]),
    ],
)
def test_relative_links_start_from_the_base_that_a_page_declares(declared: str, found: list[str]) -> None:
    body = "".join(f"<a href='{href}'>{TITLE} {href}</a>" for href in ("/news/1001", "news/1002"))
    page, url = f"<html><head><base href='{declared}'></head><body>{body}</body></html>", f"{SITE}/politics/"

    inside = [target for target, *_ in anchors_in(parse(page.encode()), url, wanted=bool)]

    assert urls(section(page, url=url)) == found
    assert inside == [SITE + path for path in found]


def test_the_links_of_a_home_page_that_was_sent_on_to_a_bare_host_are_found() -> None:
    link = Link(url=f"{SITE}/", kind=LinkKind.SECTION, channel="home", source_id="alwaha")
    body = f"<a href='/news/1001'>{TITLE}</a>".encode()

    listing = read_listing(link, Page(url="http://www.alwaha.example", body=body, content_type=HTML, fetched_at=NOON))

    assert [one.url for one in listing.links] == ["http://www.alwaha.example/news/1001"]


# Where links are never closed each parser ends them elsewhere.
@pytest.mark.parametrize("folder", [one for one in FOLDERS if one.name != "unclosed"], ids=name_of)
def test_an_article_has_the_links_that_a_listing_of_the_same_bytes_has(folder: Path) -> None:
    markup = decode_page((folder / "page.html").read_bytes()).markup
    page = f"http://{folder.parent.name}/news/1"

    start = base(base_of(parse(markup)), page)
    links = [one for one in read_anchors(LexborHTMLParser(markup), start) if same_site(one[0], page)]

    assert anchors_in(parse(markup), page, wanted=bool) == links


def test_a_picture_is_named_by_its_link_else_by_itself_wherever_it_stands_in_the_link() -> None:
    page = """<a href="/1" title="أول"><img alt="ثان"></a><a href="/2"> <img alt="ثان"></a><a href="/3"><img alt=""></a>
      <a href="/4"><b><img></b><i><img alt="رابع"></i></a><a href="/5"><img alt="صورة">نص</a><a name="x"></a><a href>"""
    named = [("1", None, "أول"), ("2", None, "ثان"), ("3", None, None), ("4", None, "رابع"), ("5", "نص", None)]
    links = [*((f"{SITE}/{path}", *words) for path, *words in named), (f"{SITE}/", None, None)]

    assert read_anchors(LexborHTMLParser(page), f"{SITE}/") == links
    assert anchors_in(parse(page.encode()), f"{SITE}/", wanted=bool) == links


@pytest.mark.parametrize(
    ("href", "is_own"),
    [
        ("https://social.example/share?u=http://alwaha.example/1", False),
        ("http://social.example", False),
        ("http://www.alwaha.example/1", True),
        ("https://alwaha.example?id=5", True),
        ("HTTP://ALWAHA.EXAMPLE/1", True),
        ("http://alwaha.example./1", True),
        ("http://alwaha.example:80/1", True),
        ("//alwaha.example/1", True),
        ("1", True),
    ],
)
def test_an_article_names_links_of_its_own_site(href: str, is_own: bool) -> None:
    page = parse(f"<a href='{href}'>{TITLE}</a>".encode())

    assert bool(anchors_in(page, f"{SITE}/news/2", wanted=bool)) is is_own


def addresses(*paths: str) -> str:
    return urlset(*(f"<loc>{path if '//' in path else SITE + path}</loc>" for path in paths))


def test_a_sitemap_of_many_languages_gives_the_pages_of_the_arabic_edition_alone() -> None:
    body = addresses("/ar/world/1001", "/news/articles/c4g2x3lpy1xo", "/mundo/1002", "/ar", "/ar/topics/1003/en")

    listing = read(body, LinkKind.SITEMAP, home=f"{SITE}/ar")

    assert urls(listing) == ["/ar/world/1001", "/ar"]
    assert listing.left_out == {"of another edition of the site": 3}


@pytest.mark.parametrize(
    "foreign", ["/en/world/1001", "http://en.alwaha.example/1001-a.html", "/1001.aspx?id=1&language=en", "/news/1/a/fr"]
)
def test_pages_in_other_languages_are_not_those_of_an_outlet_that_writes_arabic(foreign: str) -> None:
    listing = read(addresses("/world/1001", foreign, "/it/1002"), LinkKind.SITEMAP, home=f"{SITE}/")

    assert urls(listing) == ["/world/1001", "/it/1002"]


def test_a_sitemap_of_another_language_is_no_failure_but_a_home_page_of_one_is() -> None:
    of_english = read(addresses("/en/world/1001", "/en/world/1002"), LinkKind.SITEMAP, home=f"{SITE}/ar")
    home = section_of("/en/world/1001", home=f"{SITE}/ar")

    assert (of_english.links, of_english.problem) == ((), None)
    assert home.problem == "of 1 link none is one of the Arabic edition of alwaha.example"


def section_of(path: str, *, home: str) -> Listing:
    body = f"<html><body><a href='{path}'>قمة ألاسكا في صور</a></body></html>"
    return read(body, LinkKind.SECTION, url=home, type_=HTML, channel="home", home=home)


def test_a_feed_that_the_catalogue_names_is_not_asked_for_its_edition() -> None:
    listing = read(RSS, LinkKind.FEED, home=f"{SITE}/ar")

    assert "/news/1001" in urls(listing)


def test_a_sitemap_gives_no_pages_of_tags_authors_and_categories() -> None:
    body = addresses(
        "/tag/قمة-ألاسكا-بين/", "/author/samir", "/category/world/arab/", "/وسم/قمة", "/قمة-ألاسكا/", "/tag"
    )

    listing = read(body, LinkKind.SITEMAP)

    assert len(listing.links) == 2
    assert listing.left_out == {"pages that list others": 4}


@pytest.mark.parametrize(
    ("name", "is_wanted"),
    [
        ("post-sitemap12.xml", True),
        ("news-sitemap.xml", True),
        ("category-news.xml", True),
        ("wp-sitemap-posts-post-1.xml", True),
        ("post_tag-sitemap3.xml", False),
        ("author-sitemap.xml", False),
        ("wp-sitemap-taxonomies-category-1.xml", False),
    ],
)
def test_the_sitemaps_of_what_is_no_article_are_not_read(name: str, is_wanted: bool) -> None:
    listing = read(f"<sitemapindex><sitemap><loc>{SITE}/{name}</loc></sitemap></sitemapindex>", LinkKind.SITEMAP)

    assert bool(listing.links) is is_wanted
