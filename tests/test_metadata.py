"""Metadata: what small pages say about their article, in each of the places where Arabic sites say it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from lxml.html import document_fromstring

from corpus.types import Page
from pipelines.dates import published
from pipelines.fields.metadata import Metadata, read_head, read_metadata
from pipelines.read import read_page

URL = "http://alwaha.example/news/1"
TITLE = "ترامب وبوتين يلتقيان في ألاسكا"
ARTICLE = {
    "@type": "NewsArticle",
    "headline": TITLE,
    "author": {"@type": "Person", "name": "ليلى حداد"},
    "datePublished": "2025-08-15T23:10:00+03:00",
    "articleSection": "سياسة",
    "keywords": ["ألاسكا", "قمة"],
    "image": [{"@type": "ImageObject", "url": "http://alwaha.example/a.jpg"}],
    "publisher": {"@type": "Organization", "name": "الواحة"},
}


def read(head: str = "", body: str = "", *, url: str = URL) -> Metadata:
    return read_metadata(read_head(document_fromstring(f"<html><head>{head}</head><body>{body}</body></html>")), url)


def json_ld(value: object, *, before: str = "", after: str = "") -> str:
    return f'<script type="application/ld+json">{before}{json.dumps(value, ensure_ascii=False)}{after}</script>'


def byline(words: str, name: str = "author", **site: str) -> Metadata:
    head = f'<meta property="og:site_name" content="{site.get("site_name", "الواحة")}">'
    return read(head, f'<h1>{TITLE}</h1><div class="{name}">{words}</div><p>قال الرئيس.</p>')


@pytest.mark.parametrize(
    "head",
    [
        json_ld(ARTICLE),
        json_ld([ARTICLE]),
        json_ld({"@graph": [{"@type": "WebSite", "name": "الواحة"}, ARTICLE]}),
        json_ld({"@type": "WebPage", "mainEntity": ARTICLE}),
        json_ld({**ARTICLE, "@type": ["https://schema.org/ReportageNewsArticle"]}),
        json_ld(ARTICLE, before="<!--", after="-->"),
        json_ld(ARTICLE, before="//<![CDATA[\n", after="\n//]]>"),
        json_ld(ARTICLE, before="/* <![CDATA[ */", after="/* ]]> */"),
    ],
    ids=["plain", "list", "graph", "entity", "address", "comment", "cdata", "cdata in comments"],
)
def test_json_ld_is_read_however_it_is_wrapped(head: str) -> None:
    found = read(head)

    assert (found.title, found.author, found.section) == (TITLE, "ليلى حداد", "سياسة")
    assert found.dates == (("json-ld", "2025-08-15T23:10:00+03:00"),)
    assert found.tags == ("ألاسكا", "قمة")
    assert found.image == "http://alwaha.example/a.jpg"
    assert found.is_marked_article


@pytest.mark.parametrize("broken", ['{"@type": "NewsArticle", "headline": "قم', "{}}", "[" * 5000, "", "null", "7"])
def test_json_ld_without_anything_to_be_found_in_it_is_ignored(broken: str) -> None:
    found = read(f'<script type="application/ld+json">{broken}</script><meta property="og:title" content="{TITLE}">')

    assert found.title == TITLE
    assert not found.is_marked_article


@pytest.mark.parametrize(
    ("broken", "fixed"),
    [
        ('"name": "ليلى حداد"}', '"name": "ليلى حداد",}'),
        ('"headline": "', '"headline": "\\\'\\\''),
        ("{", "&#123;"),
        ('"headline"', '"description": "قال "كذا" ثم عاد", "headline"'),
        ('"headline": "ترامب', '"headline": "ترامب'),
        ('"@type": "NewsArticle", ', '"@type": "NewsArticle", "x": {{% x %}}, '),
    ],
    ids=["extra comma", "extra backslash", "escaped", "quotes in quotes", "as it is", "template left over"],
)
def test_the_fields_of_json_ld_that_is_nearly_json_are_read(broken: str, fixed: str) -> None:
    block = json.dumps(ARTICLE, ensure_ascii=False).replace(broken, fixed, 1)
    if fixed.startswith("&"):
        block = json.dumps(ARTICLE, ensure_ascii=False).replace('"', "&quot;")

    found = read(f'<script type="application/ld+json">{block}</script>')

    assert (found.author, found.section) == ("ليلى حداد", "سياسة")
    assert (found.title or "").strip("'") == TITLE
    assert found.dates[0] == ("json-ld", "2025-08-15T23:10:00+03:00")
    assert found.is_marked_article


def test_a_quote_inside_a_broken_headline_does_not_end_it() -> None:
    block = '{"@type": "NewsArticle", "headline": "قمة "ألاسكا" تنتهي", "datePublished": "2025-08-15"}'

    assert read(f'<script type="application/ld+json">{block}</script>').title == 'قمة "ألاسكا" تنتهي'


@pytest.mark.parametrize(
    "block",
    [
        '{"@type":"NewsArticle","headline":"' + '\\"' * 100_000,
        f'{{"@type":"NewsArticle","headline":"{TITLE}","author":' + '"author":"name":"' * 25_000,
        '{"@type":"NewsArticle"' + ", " * 150_000,
        '{"@type":"NewsArticle","author":' + "[" * 900 + "]" * 900 + "}",
        "--> " * 100_000,
    ],
    ids=["escapes", "authors", "commas", "lists in lists", "closing comments"],
)
def test_json_ld_that_is_made_to_hurt_is_read_in_linear_time(block: str) -> None:
    tree = document_fromstring(f'<script type="application/ld+json">{block}</script><h1>{TITLE}</h1>')
    started = time.process_time()

    found = read_metadata(read_head(tree), URL)

    assert found.title == TITLE
    assert time.process_time() - started < 1  # the slowest takes .15 s; quadratic, minutes


@pytest.mark.parametrize(
    "element",
    [
        "<b>{title}</b>",
        "<h1>{title} آخر</h1>",
        "<b itemprop='author'>سامي نور</b>",
        "<b itemprop='headline'>{title}</b>",
        "<b itemtype='http://schema.org/Thing'>خبر</b>",
        "<b class='tag'>خبر</b>",
        "<a class='breadcrumb' rel='tag'>خبر</a>",
        "<div class='author'>",
        "<time datetime='2025'></time>",
        "<meta property='og:title' content='{title} | خبر'>",
    ],
)
def test_many_of_the_same_are_read_in_linear_time(element: str) -> None:
    tree = document_fromstring(f"<title>{TITLE}</title>{element.format(title=TITLE) * 50_000}")
    started = time.process_time()

    read_metadata(read_head(tree), URL)

    assert time.process_time() - started < 2  # the slowest takes .4 s; quadratic, ten times as much


def test_a_good_json_ld_is_read_beside_a_broken_one() -> None:
    assert read('<script type="application/ld+json">{"@type"</script>' + json_ld(ARTICLE)).author == "ليلى حداد"


@pytest.mark.parametrize("odd", [None, 7, [], {}, [None, {"name": 7}], {"@value": TITLE}])
def test_json_ld_of_odd_shapes_is_no_harm(odd: object) -> None:
    found = read(json_ld(dict.fromkeys(ARTICLE, odd) | {"@type": "NewsArticle"}), f"<h1>{TITLE}</h1>")

    assert (found.title, found.author, found.tags, found.dates, found.image) == (TITLE, None, (), (), None)


def test_microdata_is_read() -> None:
    found = read(
        body=f"""<article itemscope itemtype="https://schema.org/NewsArticle"><h1>النهر</h1>
        <h2 itemprop="headline">{TITLE}</h2><span itemprop="author">سامي نور</span>
        <span itemprop="datePublished" content="2025-08-15T23:10:00+03:00">أمس</span></article>"""
    )

    assert (found.title, found.author) == (TITLE, "سامي نور")
    assert found.dates[0] == ("microdata", "2025-08-15T23:10:00+03:00")
    assert found.is_marked_article


def test_meta_elements_alone_are_enough() -> None:
    found = read(
        f"""<meta property="og:type" content="article"><meta property="og:title" content="{TITLE}">
        <meta name="author" content="هدى سالم"><meta property="article:published_time" content="2025-08-15T20:10:00Z">
        <meta property="article:section" content="العالم"><meta property="og:image" content="/img/a.jpg">
        <link rel="canonical" href="/news/1">"""
    )

    assert (found.title, found.author, found.section) == (TITLE, "هدى سالم", "العالم")
    assert found.dates == (("meta", "2025-08-15T20:10:00Z"),)
    assert (found.image, found.canonical) == ("http://alwaha.example/img/a.jpg", URL)
    assert found.is_marked_article


def test_what_no_place_names_is_unknown() -> None:
    assert read(body="<p>قال الرئيس.</p>") == Metadata()


@pytest.mark.parametrize(("kind", "is_other"), [("profile", True), ("video.other", True), ("website", False)])
def test_a_page_that_says_it_is_something_else_is_marked_other(kind: str, is_other: bool) -> None:
    assert read(f'<meta property="og:type" content="{kind}">').is_marked_other is is_other


def test_dates_are_given_in_the_order_of_how_far_they_are_meant() -> None:
    found = read(
        json_ld(ARTICLE) + '<meta name="pubdate" content="2025-08-16">',
        f'<h1>{TITLE}</h1><time datetime="2025-08-17">17 آب</time><div class="post-date">18 آب 2025</div>',
    )

    assert [source for source, _ in found.dates][:5] == ["json-ld", "meta", "time", "text", "text"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "<div class='cnt_tmstmp'>الأحد، 04 آب/أغسطس 2013، آخر تحديث 02:21 (GMT+0400)</div>",
            "الأحد، 04 آب/أغسطس 2013، آخر تحديث 02:21 (GMT+0400)",
        ),
        ("<div class='post-date'>نشر في <b>4</b> أغسطس 2013</div>", "نشر في 4 أغسطس 2013"),
    ],
)
def test_a_date_in_words_near_the_title_is_a_candidate(body: str, words: str) -> None:
    assert ("text", words) in read("", f"<h1>{TITLE}</h1>{body}<p>قال الرئيس.</p>").dates


def test_the_time_of_another_article_is_no_candidate() -> None:
    times = "<time datetime='2019-01-02'>2 يناير 2019</time><time datetime='2019-01-03'></time>"
    other = f"<aside class='most-read'>{times}</aside>"

    assert read("", f"<h1>{TITLE}</h1><p>قال الرئيس.</p>{other}").dates == ()


def test_the_time_on_the_card_of_another_article_is_no_candidate() -> None:
    card = "<article><h3><a href='/2'>خبر آخر</a></h3><time datetime='2019-01-02'>2 يناير 2019</time></article>"

    assert read("", f"<h1>{TITLE}</h1><p>قال الرئيس.</p>{card * 2}").dates == ()


def test_a_date_in_an_element_that_was_never_closed_is_a_candidate() -> None:
    body = f"<h1>{TITLE}</h1><span class=date>3 أيلول 2025 16:05<div><p>{'قال الرئيس إن اللقاء كان مثمرا ' * 30}"

    assert read("", body).dates == (("text", "3 أيلول 2025 16:05"),)


def test_when_a_page_was_changed_is_a_candidate_that_says_so() -> None:
    changed = json_ld(ARTICLE | {"dateModified": "2025-08-16T09:00:00+03:00"})

    assert read(changed).dates[-1] == ("modified", "2025-08-16T09:00:00+03:00")


def test_the_day_in_the_address_is_the_last_candidate() -> None:
    found = read(json_ld(ARTICLE), url="http://alwaha.example/story/2025/8/16/خبر/7")

    assert found.dates == (("json-ld", ARTICLE["datePublished"]), ("url", "2025/8/16"))


def test_microdata_of_other_articles_goes_behind_that_of_the_headline() -> None:
    def item(name: str, author: str, day: str) -> str:
        return (
            f"<div itemscope itemtype='https://schema.org/NewsArticle'><h1 itemprop='name headline'>{name}</h1>"
            f"<b itemprop='author'>{author}</b><time itemprop='datePublished' datetime='{day}'>أمس</time></div>"
        )

    found = read(
        f"<title>{TITLE}</title>",
        item("عنوان خبر آخر", "هدى سالم", "2019-01-02") + item(TITLE, "سامي نور", "2025-08-15"),
    )

    assert (found.title, found.author, found.dates[0]) == (TITLE, "سامي نور", ("microdata", "2025-08-15"))


def test_each_field_says_where_it_was_found() -> None:
    found = read(
        json_ld(ARTICLE) + f'<meta property="og:title" content="{TITLE}"><link rel="canonical" href="/news/1">'
        '<meta property="og:image" content="/a.jpg"><meta property="article:tag" content="قمة">',
        f'<h1>{TITLE}</h1><div class="source">الواحة - رويترز</div>',
    )

    assert found.origins == {
        "title": "h1",
        "author": "json-ld",
        "agency": "text",
        "canonical": "link",
        "image": "og:image",
        "section": "json-ld",
        "tags": "meta, json-ld",
    }


def test_the_picture_of_every_article_of_a_site_is_no_picture() -> None:
    assert read('<meta property="og:image" content="/img/logo.png">').image is None
    head = '<meta property="og:image" content="/img/default-1.png"><meta name="twitter:image" content="/img/7.jpg">'
    assert read(head).image == "http://alwaha.example/img/7.jpg"


def test_breadcrumbs_name_the_section() -> None:
    steps: list[dict[str, object]] = [{"name": "الرئيسية"}, {"item": {"name": "سياسة"}}, {"name": TITLE}]
    trail = json_ld({"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem"} | step for step in steps]})

    assert read(trail, f"<h1>{TITLE}</h1>").section == "سياسة"


@pytest.mark.parametrize(
    "title",
    [f"{TITLE} | الواحة", f"{TITLE} - الواحة", f"{TITLE} – أخبار – الواحة", f"{TITLE} :: صحيفة الواحة", f" {TITLE}\n"],
)
def test_a_title_has_no_name_of_the_site_behind_it(title: str) -> None:
    with_name = read(f'<title>{title}</title><meta property="og:site_name" content="الواحة">')
    with_heading = read(f"<title>{title}</title>", f"<h1>{TITLE}</h1>")

    assert with_heading.title == TITLE
    assert with_name.title in (TITLE, f"{TITLE} – أخبار")


def test_a_dash_that_belongs_to_the_title_stays() -> None:
    title = "قمة ألاسكا - ماذا بعد؟"

    assert read(f'<title>{title} | الواحة</title><meta property="og:site_name" content="الواحة">').title == title


def test_a_title_that_two_places_agree_on_goes_before_another() -> None:
    stale = json_ld(ARTICLE | {"headline": "عنوان قديم لم يعد صحيحا"})
    section = "<h1>أخبار العالم العربي والشرق الأوسط اليوم</h1>"

    assert read(stale + f"<title>{TITLE} - الواحة</title>", f"<h1>{TITLE}</h1>").title == TITLE
    assert read(f'<title>{TITLE}</title><meta property="og:title" content="{TITLE}">', section).title == TITLE
    assert read(f'<meta property="og:title" content="{TITLE[:20]}">', f"<h1>{TITLE}</h1>").title == TITLE


def test_the_heading_is_the_one_that_says_the_title() -> None:
    notice = "<h1>جميع الحقوق محفوظة لمؤسسة الواحة للصحافة والطباعة والنشر 1944 - 2025</h1>"
    found = read(
        f'<meta property="og:title" content="{TITLE}">',
        f"<h2>{TITLE}</h2><div class='author'>أحمد سمير</div><footer>{notice}</footer>",
    )

    assert (found.title, found.author) == (TITLE, "أحمد سمير")


@pytest.mark.parametrize(
    "title", [f"الواحة | {TITLE}", f"الواحة - {TITLE}", f"صحيفة الواحة : {TITLE}", f"صحيفة الواحة: {TITLE}"]
)
def test_a_title_has_no_name_of_the_site_before_it(title: str) -> None:
    logo = "<h2><a href='/'>صحيفة الواحة</a></h2>"

    assert read(f"<title>{title}</title>", f"{logo}<h1>{TITLE}</h1>").title == TITLE
    assert (
        read(f'<meta property="og:title" content="{title}"><title>{title}</title>', f"<h1>{TITLE}</h1>").title == TITLE
    )


@pytest.mark.parametrize(
    "logo",
    [
        "<h1><a href='/'>صحيفة الواحة</a></h1>",
        "<a href='http://alwaha.example/'>صحيفة الواحة</a>",
        "<a href='/'><img src='/l.png' alt='صحيفة الواحة'></a>",
    ],
)
def test_the_name_of_the_site_alone_is_no_title(logo: str) -> None:
    head = '<title>صحيفة الواحة</title><meta property="og:title" content="صحيفة الواحة">'

    assert read(head, f"{logo}<h1>{TITLE}</h1>").title == TITLE
    assert read(head, logo).title is None
    assert read(head, f"<a href='/summit'>صحيفة الواحة</a><h1>{TITLE}</h1>").title == "صحيفة الواحة"


@pytest.mark.parametrize("element", ["<h3>{0}</h3>", "<div class='c3'>{0}</div>", "<td><font><b>{0}</b></font></td>"])
def test_a_page_without_headings_has_its_headline_where_its_title_stands(element: str) -> None:
    body = f"<h1 class='logo'>صحيفة الواحة</h1><table>{element}</table><div class='writer'>سامي نور</div>"

    found = read(f"<title>صحيفة الواحة | {TITLE}</title>", body.format(TITLE))

    assert (found.title, found.author) == (TITLE, "سامي نور")


def test_what_a_template_left_over_is_no_value() -> None:
    found = read(
        """<title>{ARTICLE_TITLE}</title><meta property="og:title" content="%%POST_TITLE%%">
        <meta name="author" content="{{ author.name }}"><meta property="og:image" content="[[IMAGE_URL]]">
        <meta property="article:section" content="{SECTION}">""",
        f"<h1>{TITLE}</h1>",
    )

    assert found == Metadata(title=TITLE, origins={"title": "h1"})


@pytest.mark.parametrize(
    "body",
    [
        "<article><footer class='tags-links'><a rel='tag'>ألاسكا</a>، <a rel='tag'>قمة</a></footer></article>",
        "<div class='post-tags'><b>الوسوم</b><ul><li><a>ألاسكا</a></li><li><a>قمة</a></li></ul></div>",
        "<a rel='category tag'>سياسة</a><div class='field--name-field-tags'><a>ألاسكا</a><a>قمة</a></div>",
        "<p><a rel='tag' href='/1'>ألاسكا</a> <a rel='tag' href='/2'>قمة</a></p>",
    ],
)
def test_tags_that_readers_see_are_taken_but_not_those_beside_the_article(body: str) -> None:
    cloud = "<aside><div class='tagcloud'><a>رياضة</a><a>طقس</a></div></aside>"
    keywords = '<meta name="keywords" content="أخبار، عاجل">'

    assert read(keywords, f"{cloud}<div><h1>{TITLE}</h1>{body}</div>").tags == ("ألاسكا", "قمة")
    assert read(keywords, f"<h1>{TITLE}</h1>{cloud}").tags == ("أخبار", "عاجل")


@pytest.mark.parametrize(
    "body",
    [
        "<p class='breadcrumb'><a>الرئيسية</a> / <a>سياسة</a> / <a>{0}</a></p><h1>{0}</h1>",
        "<div class='news-cat'><a href='/s'>سياسة</a></div><h1>{0}</h1>",
    ],
)
def test_the_section_that_readers_see_is_taken(body: str) -> None:
    assert read("", body.format(TITLE)).section == "سياسة"


TODAY = "الأربعاء 20 أغسطس 2025"


@pytest.mark.parametrize(
    "top",
    [
        f'<header><div class="date">{TODAY}</div></header>',
        f'<header class="site-header"><div class="row"><span>{TODAY} | القاهرة</span></div></header>',
        f'<div class="top-bar"><span class="date">{TODAY}</span></div>',
        f'<div id="today">{TODAY}</div>',
    ],
)
def test_the_day_that_a_site_shows_above_its_pages_is_no_date_of_an_article(top: str) -> None:
    assert read(body=f"{top}<main><h1>{TITLE}</h1><p>قال الرئيس.</p></main>").dates == ()


@pytest.mark.parametrize("tag", ['header class="post-header"', 'div class="top"', 'section class="news"'])
def test_a_date_in_the_header_of_an_article_is_its_date(tag: str) -> None:
    (date,) = read(
        body=f'<{tag}><div class="date">{TODAY}</div></{tag.split(maxsplit=1)[0]}><h1>{TITLE}</h1><p>قال الرئيس.</p>'
    ).dates

    assert date == ("text", TODAY)


def test_a_date_above_the_headline_is_a_candidate_whatever_follows() -> None:
    body = f"<p>{'قال الرئيس إن اللقاء كان مثمرا ' * 6}</p>"

    found = read("", f"<font>السبت 16 آب 2025 - 08:40</font><h1>{TITLE}</h1>{body}")

    assert found.dates == (("text", "السبت 16 آب 2025 - 08:40"),)


def test_the_address_of_an_image_is_escaped_as_an_address_is() -> None:
    found = read('<meta property="og:image" content="/img/قمة 1.jpg?w=1%20">')

    assert found.image == "http://alwaha.example/img/%D9%82%D9%85%D8%A9%201.jpg?w=1%20"


def test_relative_addresses_start_from_the_base_that_a_page_declares() -> None:
    found = read(
        '<base href="http://alwaha.example/ar/"><link rel="shortlink canonical" href="news/7">'
        '<meta property="og:image" content="img/a.jpg">'
    )

    assert (found.canonical, found.image) == ("http://alwaha.example/ar/news/7", "http://alwaha.example/ar/img/a.jpg")


def test_a_logo_in_a_heading_is_no_title() -> None:
    assert read("", f"<h1><a href='/'>الواحة</a></h1><h1>{TITLE}</h1>").title == TITLE


@pytest.mark.parametrize("title", [TITLE, f"{TITLE} - الواحة", f"الواحة | {TITLE}", f"{TITLE} / الواحة"])
def test_a_heading_with_the_words_of_a_link_to_the_home_page_is_no_title(title: str) -> None:
    head, home = f"<title>{title}</title>", "<div><a href='/'><img alt='الواحة' src='/l.png'></a></div><h1>الواحة</h1>"
    author = "<div class='author'>أحمد سمير</div>"

    assert read(head, home).title == TITLE
    assert read(head, f"{home}<div>سطر</div><p><b>{TITLE}</b></p>{author}").author == "أحمد سمير"


def test_two_lines_of_a_heading_are_two_words() -> None:
    assert read("", "<h1>ترامب وبوتين<br>يلتقيان في <b>ألا</b>سكا</h1>").title == TITLE
    assert read("", "<h1>يلتقيان في <b>ألا</b>سكا</h1>").title == "يلتقيان في ألاسكا"


@pytest.mark.parametrize("kicker", ["<span>خاص</span> ", "<small>رأي</small>", "<a href=/tag/1>الدوري</a>: "])
def test_what_stands_above_a_title_in_its_heading_is_not_of_it(kicker: str) -> None:
    shared = f'<meta property="og:title" content="{TITLE}">'

    assert read(shared, f"<h1>{kicker}<span>{TITLE}</span></h1>").title == TITLE
    assert read("", f"<h1>{kicker}<span>{TITLE}</span></h1>").title != TITLE


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:title" content="قمة &amp;quot;ألاسكا&amp;quot;">',
        json_ld({"@type": "NewsArticle", "headline": "قمة &quot;ألاسكا&quot;"}),
    ],
)
def test_a_title_that_was_escaped_twice_is_text_again(head: str) -> None:
    assert read(head).title == 'قمة "ألاسكا"'


@pytest.mark.parametrize(
    "words", ["الواحة", "صحيفة الواحة", "فريق التحرير", "info@alwaha.example", "@alwaha", "رويترز"]
)
def test_an_outlet_an_agency_or_a_mailbox_is_no_author(words: str) -> None:
    assert byline(words, site_name="صحيفة الواحة").author is None


@pytest.mark.parametrize(
    ("words", "agency"), [("رويترز", "رويترز"), ("الواحة - أ.ف.ب", "أ ف ب"), ("المصدر: وكالات", "وكالات")]
)
def test_a_byline_that_credits_an_agency_names_it(words: str, agency: str) -> None:
    assert byline(words, "source").agency == agency


@pytest.mark.parametrize(
    "body",
    [
        "<h1>{title}</h1><div class='writer'><span>كتب</span> <a href='#'>أحمد سمير</a></div>",
        "<h1>{title}</h1><a href='/Editors/EditorNews/7/1'><h5>أحمد سمير</h5></a>",
        "<div class='author'>أحمد سمير</div><h1>{title}</h1>",
        "<h1>{title}</h1><div class='news-info'>كتب أحمد سمير 24 أغسطس 2025</div>",
        "<h1>{title}</h1><p>كتب: أحمد سمير</p><p>قال الرئيس.</p>",
        "<h1>{title}</h1><address>أحمد سمير</address>",
        "<h1>{title}</h1><b>بيروت - أحمد سمير</b>",
        "<h1>{title}</h1><ul class='news-info'><li>دمشق ـ أحمد سمير</li></ul>",
        "<h1>{title}</h1><p>قال الرئيس.</p><a rel='author' href='/a'>أحمد سمير</a>",
        "<span itemprop='author' itemscope><meta itemprop='name' content='7'>أحمد سمير</span><h1>{title}</h1>",
    ],
)
def test_a_byline_is_found_where_pages_put_it(body: str) -> None:
    assert read("", body.format(title=TITLE)).author == "أحمد سمير"


@pytest.mark.parametrize(
    "body",
    [
        "<div class='comments'><div class='comment-author'>أم خالد</div><p>بواسطة: أم خالد</p></div>",
        "<aside class='most-read'><div class='author'>أم خالد</div></aside>",
        "<div class='related-posts'><a href='/author/7'>أم خالد</a></div>",
        f"<p>{'قال الرئيس إن اللقاء كان مثمرا ' * 6}</p><p>كتب: أم خالد</p>",
    ],
)
def test_readers_and_authors_of_other_articles_are_no_authors(body: str) -> None:
    assert read("", f"<h1>{TITLE}</h1><p>قال الرئيس.</p>{body}").author is None


def test_several_authors_are_all_named() -> None:
    authors = [{"@type": "Person", "name": "ليلى حداد"}, {"@type": "Person", "name": "سامي نور"}]

    assert read(json_ld(ARTICLE | {"author": authors})).author == "ليلى حداد، سامي نور"
    assert byline("<a href='/1'>ليلى حداد</a> <a href='/2'>سامي نور</a>").author == "ليلى حداد، سامي نور"


def test_an_organisation_is_no_author_but_may_be_the_agency() -> None:
    author = {"@type": "NewsMediaOrganization", "name": "رويترز"}
    desk = {"@type": "Organization", "name": "سامي نور"}

    found = read(json_ld(ARTICLE | {"author": [author, desk]}))

    assert (found.author, found.agency) == (None, "رويترز")


def test_a_latin_name_in_a_meta_element_of_an_arabic_page_is_no_author() -> None:
    meta = '<meta name="author" content="Web Factory"><meta name="dc.creator" content="John Smith">'

    assert read(meta, f"<h1>{TITLE}</h1>").author is None
    assert read(json_ld(ARTICLE | {"author": "John Smith"}), f"<h1>{TITLE}</h1>").author == "John Smith"


def test_an_arabic_name_is_taken_before_a_latin_one() -> None:
    head = '<meta name="author" content="Web Factory"><meta name="author" content="هدى سالم">'

    assert read(head).author == "هدى سالم"


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="keywords" content="ألاسكا، ترامب ,بوتين؛ #قمة,ألاسكا,">',
        json_ld({**ARTICLE, "keywords": "ألاسكا,ترامب;بوتين،قمة"}),
        "".join(f'<meta property="article:tag" content="{tag}">' for tag in ("ألاسكا", "ترامب", "بوتين", "قمة")),
    ],
)
def test_tags_are_split_and_each_is_given_once(head: str) -> None:
    assert read(head).tags == ("ألاسكا", "ترامب", "بوتين", "قمة")


@pytest.mark.parametrize(
    ("href", "canonical"),
    [
        ("http://www.alwaha.example/1?utm_source=x", "http://www.alwaha.example/1"),
        ("/1", "http://alwaha.example/1"),
        ("http://sahil.example/1", None),
        ("http://alwaha.example.evil.example/1", None),
        ("/", None),
        ("http://alwaha.example", None),
        ("javascript:void(0)", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_a_canonical_url_of_another_site_is_not_taken(href: str, canonical: str | None) -> None:
    text = "قال الرئيس الأميركي إن اللقاء الذي جرى في ألاسكا كان مثمراً ولم يتم الاتفاق على كل شيء. " * 6
    html = (
        f'<head><link rel="canonical" href="{href}">{json_ld(ARTICLE)}</head><body><h1>{TITLE}</h1><p>{text}</p></body>'
    )
    page = Page(url=URL, body=html.encode(), content_type="text/html", fetched_at=datetime(2025, 8, 16, tzinfo=UTC))

    reading = read_page(page, source_id="alwaha", country="JO", topics=(), only_on_topic=False)

    assert reading.article is not None
    assert reading.article.canonical_url == canonical


def test_the_long_form_of_an_abbreviation_is_its_date() -> None:
    stamp = '<abbr itemprop="datePublished" title="2024-12-17T21:40:00Z">9:40 م</abbr>'

    assert ("microdata", "2024-12-17T21:40:00Z") in read(body=f"<h1>{TITLE}</h1><p>قال الرئيس.</p>{stamp}").dates


def test_an_author_in_microdata_is_called_by_its_name_and_an_organisation_is_none() -> None:
    item = "<div itemprop=author itemscope itemtype='http://schema.org/{}'><img itemprop=image src=/i.png>{}</div>"
    inside = "<span itemprop=name>{}</span><div itemprop=logo itemscope><div itemprop=url>https://a.example/logo.png</div></div>"

    assert read("", f"<h1>{TITLE}</h1>" + item.format("Person", inside.format("هدى سالم"))).author == "هدى سالم"
    agency = read("", f"<h1>{TITLE}</h1>" + item.format("NewsMediaOrganization", inside.format("رويترز")))
    assert (agency.author, agency.agency) == (None, "رويترز")


def test_a_genre_in_microdata_is_the_section() -> None:
    genre = '<a href="/akhbar" itemprop="genre">أخبار</a>'

    assert read(body=f"<h1>{TITLE}</h1><p>قال الرئيس.</p>{genre}").section == "أخبار"


def test_links_to_pages_of_tags_are_tags_whatever_they_stand_in() -> None:
    tags = '<div>كلمات مفتاحية: <a href="/tag.php?id=1">البقاع</a> <a href="/tag.php?id=2">البطاطا</a></div>'

    assert read(body=f"<h1>{TITLE}</h1><p>قال الرئيس.</p>{tags}").tags == ("البقاع", "البطاطا")


def test_an_agency_behind_a_plus_is_credited() -> None:
    credit = '<div class="article-source"><strong>المصدر</strong> : الواحة + وكالات</div>'

    assert read(body=f"<h1>{TITLE}</h1><p>قال الرئيس.</p>{credit}").agency == "وكالات"


def test_a_date_that_says_it_is_of_publication_goes_before_that_of_the_pages_header() -> None:
    header = '<div class="head"><div class="date">الإثنين 30 نوفمبر 2026 9:00 ص القاهرة</div></div>'
    told = "<span>نشر في: الجمعة 15 أغسطس 2025 - 10:21 م</span> | <span>آخر تحديث: السبت 16 أغسطس 2025 - 1:00 ص</span>"

    dates = read(body=f"{header}<h1>{TITLE}</h1><div>{told}</div><p>قال الرئيس.</p>").dates

    chosen = published(dates, fetched_at=datetime(2026, 11, 30, tzinfo=UTC), country="EG")
    assert chosen is not None
    assert chosen.at == datetime(2025, 8, 15, 19, 21, tzinfo=UTC)
