"""Metadata: what small pages say about their article, in each of the places where Arabic sites say it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from lxml.html import document_fromstring

from corpus.types import Page
from pipelines.metadata import Metadata, dateline_agency, read_metadata
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
    return read_metadata(document_fromstring(f"<html><head>{head}</head><body>{body}</body></html>"), url)


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
def test_broken_json_ld_is_ignored(broken: str) -> None:
    found = read(f'<script type="application/ld+json">{broken}</script><meta property="og:title" content="{TITLE}">')

    assert found.title == TITLE
    assert not found.is_marked_article


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


def test_a_page_that_says_it_is_a_website_is_marked_other() -> None:
    assert read('<meta property="og:type" content="website">').is_marked_other


def test_dates_are_given_in_the_order_of_how_far_they_are_meant() -> None:
    found = read(
        json_ld(ARTICLE) + '<meta name="pubdate" content="2025-08-16">',
        f'<h1>{TITLE}</h1><time datetime="2025-08-17">17 آب</time><div class="post-date">18 آب 2025</div>',
    )

    assert [source for source, _ in found.dates][:5] == ["json-ld", "meta", "time", "text", "text"]


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


def test_a_logo_in_a_heading_is_no_title() -> None:
    assert read("", f"<h1><a href='/'>الواحة</a></h1><h1>{TITLE}</h1>").title == TITLE


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
    "words",
    [
        *("كتب: أحمد سمير", "كتب:أحمد سمير", "كتب - أحمد سمير", "كتب/ أحمد سمير", "بقلم أحمد سمير", "اعداد: أحمد سمير"),
        *("أحمد سمير | القاهرة", "أحمد سمير - الواحة", "أحمد سمير ahmad@alwaha.example", "أحمد سمير @ahmad"),
    ],
)
def test_an_author_is_a_name_alone(words: str) -> None:
    assert byline(words).author == "أحمد سمير"


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


def test_an_arabic_name_is_taken_before_a_latin_one() -> None:
    head = '<meta name="author" content="Web Factory"><meta name="author" content="هدى سالم">'

    assert read(head).author == "هدى سالم"


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("واشنطن (رويترز) - قال الرئيس الأميركي إن اللقاء كان مثمراً.", "رويترز"),
        ("أنكوريج (ألاسكا) (أ ف ب) – وصل بوتين إلى القاعدة.", "أ ف ب"),
        ("موسكو - رويترز - قال الكرملين إن الزيارة انتهت.", "رويترز"),
        ("موسكو - (تاس): قال الكرملين إن الزيارة انتهت.", "تاس"),
        ("بيروت، المدار – عاد الوفد إلى بلاده.", "المدار"),
        ("القاهرة (أ ش أ): عاد الوفد إلى بلاده.", "أ ش أ"),
        ("قال الرئيس إن اللقاء كان مثمراً.\nالمصدر: رويترز", "رويترز"),
        ("قال الرئيس إن اللقاء كان مثمراً.\nوعاد الوفد إلى بلاده. (الأناضول)", "الأناضول"),
        ("قال الرئيس إن اللقاء كان مثمراً – وعاد.", None),
        ("قال الرئيس لوكالة رويترز إن اللقاء كان مثمراً.", None),
        ("دبي (الواحة) - أعلنت وكالة الأنباء الإيرانية (إرنا) عودة الوفد.", None),
        ("عمّان - (أ ب) سافر الوفد في 15 آب 2025.", "أ ب"),
        ("15 (آب) - سافر الوفد.", None),
        ("", None),
    ],
)
def test_a_dateline_or_a_closing_credit_names_the_agency(line: str, agency: str | None) -> None:
    assert dateline_agency(line) == agency


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
