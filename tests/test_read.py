"""Reading: a page becomes an article with its sketch, or a sentence says why not."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from corpus.errors import NotComparable
from corpus.types import FEWEST_WORDS, Article, Outcome, Page, Reading
from crawler.catalogue import load
from pipelines.read import LONGEST_TITLE_WORDS, read_page, read_text

URL = "http://alwaha.example/world/1?utm_source=feed"
FETCHED_AT = datetime(2025, 8, 16, 12, tzinfo=UTC)
SUMMIT = load(None).topic("alaska-summit")
TITLE = "قمة ترامب وبوتين في ألاسكا"
TEXT = (
    "التقى دونالد ترامب نظيره فلاديمير بوتين في قاعدة عسكرية قرب أنكوريج، في قمة استمرت ثلاث ساعات.",
    "وقال الرئيس الأميركي إن اللقاء كان مثمراً، وإن الطرفين لم يتفقا على كل شيء بعد.",
    "وأضاف أن المحادثات ستتواصل في الأسابيع المقبلة، وأن الدعوة إلى موسكو ما زالت قائمة.",
)
OTHER_TEXT = (
    "افتتح وزير الزراعة معرض الزيتون في عجلون صباح اليوم، بحضور مئات المزارعين من القرى المجاورة.",
    "وقال إن الموسم هذا العام أفضل من سابقه، وإن الوزارة ستشتري الفائض من الزيت بسعر ثابت.",
    "وأضاف أن المعاصر ستبدأ العمل في أول الخريف، وأن الأسعار ستعلن قبل ذلك بأسبوع على الأقل.",
)
PERSIAN = "رئیس جمهور آمریکا گفت که دیدار با همتای روس در آلاسکا سازنده بوده است و گفت‌وگوها ادامه پیدا می‌کند. " * 3
ENGLISH = "The American president said that the meeting in Alaska had been productive and that talks would go on. " * 4
DATE = '<meta property="article:published_time" content="2025-08-15T23:10:00">'


def html(*text: str, title: str = TITLE, head: str = DATE) -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in text)
    heading = f"<title>{title} | الواحة</title>" if title else ""
    return f"<html><head>{heading}{head}</head><body><article><h1>{title}</h1>{paragraphs}</article></body></html>"


def read(body: str | bytes, *, content_type: str = "text/html", only_on_topic: bool = False) -> Reading:
    page = Page(
        url=URL,
        body=body.encode() if isinstance(body, str) else body,
        content_type=content_type,
        fetched_at=FETCHED_AT,
    )
    return read_page(page, source_id="alwaha", country="JO", topics=(SUMMIT,), only_on_topic=only_on_topic)


def article_of(reading: Reading) -> Article:
    assert reading.article is not None, reading.reason
    return reading.article


def test_an_article_is_read_with_all_that_its_page_says() -> None:
    json_ld = {"@type": "NewsArticle", "author": {"name": "ليلى حداد"}, "articleSection": "العالم", "keywords": "قمة"}
    head = f'{DATE}<script type="application/ld+json">{json.dumps(json_ld)}</script><link rel="canonical" href="/1">'

    found = article_of(read(html(*TEXT, "المصدر: رويترز.", head=head)))

    assert (found.url, found.canonical_url) == ("http://alwaha.example/world/1", "http://alwaha.example/1")
    assert (found.title, found.author, found.section, found.tags) == (TITLE, "ليلى حداد", "العالم", ("قمة",))
    assert found.text.startswith("\n".join(TEXT))
    assert (found.language, found.source_id, found.fetched_at) == ("ar", "alwaha", FETCHED_AT)


def test_a_date_without_an_offset_is_meant_in_the_country_of_the_source() -> None:
    found = article_of(read(html(*TEXT)))

    assert (found.published_at, found.published_precision) == (datetime(2025, 8, 15, 20, 10, tzinfo=UTC), "second")
    assert (found.published_from, found.published_zone) == ("meta", "Asia/Amman")


def test_an_article_carries_its_sketch_and_the_topics_that_it_is_on() -> None:
    reading = read(html(*TEXT))

    assert reading.outcome is None
    assert reading.sketch is not None
    assert reading.sketch.word_count == len(article_of(reading).text.split())
    assert [match.topic_id for match in reading.topics] == ["alaska-summit"]


def test_an_article_in_windows_1256_is_the_same_article() -> None:
    utf_8, windows = (
        read(html(*TEXT)),
        read(html(*TEXT).encode("windows-1256"), content_type="text/html; charset=utf-8"),
    )

    assert article_of(windows).text == article_of(utf_8).text
    assert (article_of(utf_8).encoding, article_of(windows).encoding) == ("utf-8", "windows-1256")
    assert windows.sketch == utf_8.sketch


def test_an_agency_of_the_dateline_is_kept() -> None:
    assert article_of(read(html("أنكوريج (ألاسكا) (أ ف ب) – " + TEXT[0], *TEXT[1:]))).agency == "أ ف ب"


def test_an_agency_of_a_closing_credit_is_kept() -> None:
    found = article_of(read(html(*TEXT, "المصدر: رويترز")))

    assert (found.agency, found.text) == ("رويترز", "\n".join(TEXT))


SHORT = "التقى ترامب نظيره بوتين في ألاسكا مساء الجمعة."
PROFILE = '<meta property="og:type" content="profile">'
UNMARKED = "nothing marks the page as an article: it has no date, and does not say that it is one"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"%PDF-1.7", "it is a PDF document, not a page of text"),
        (b"\x00" * 500, "it is binary data, not a page of text"),
        ("", "the page is empty"),
        ("<!-- nothing -->", "the page is empty"),
        (html(), "the page has no text of an article"),
        (html(SHORT), f"the text has 8 words, fewer than {FEWEST_WORDS}"),
        (html(PERSIAN), "the text is in Persian, not Arabic"),
        (html(ENGLISH), "the text is in English, not Arabic"),
        (html(*TEXT, title=""), "the page has no title"),
        (html(*TEXT, head=PROFILE), "the page says that it is no article (og:type)"),
        (html(*TEXT, head=""), UNMARKED),
        (html(*TEXT, head='<meta name="date" content="2026-08-15">'), UNMARKED),
    ],
)
def test_a_page_that_is_no_article_says_why(body: str | bytes, reason: str) -> None:
    reading = read(body)

    assert (reading.outcome, reading.reason) == (Outcome.NOT_AN_ARTICLE, reason)
    assert (reading.article, reading.sketch, reading.topics) == (None, None, ())


def test_an_undated_page_that_says_it_is_an_article_is_one() -> None:
    found = article_of(read(html(*TEXT, head='<meta property="og:type" content="article">')))

    assert (found.published_at, found.published_precision, found.published_from) == (None, None, None)


@pytest.mark.parametrize(
    "body",
    [
        '<?xml version="1.0" encoding="windows-1256"?>' + html(*TEXT),
        html(*TEXT).replace("<p>", "<p>\0", 1),
        html(*TEXT).replace("</p>", "").replace("</article></body></html>", ""),
        html("<b>" * 100 + TEXT[0] + "</b>" * 100, *TEXT[1:]),
        html(*TEXT).replace("<p>", "<p class='" + "long\f" * 1_000 + "'>"),
        html(*TEXT) + "<p>after its end</p>",
        html(*TEXT).replace("<article>", "</body></html><article>"),
        html(*TEXT).replace("<p>", "<p><button>x</button>&#000000001;", 1),
    ],
    ids=[
        "xml declaration",
        "nul",
        "nothing closed",
        "deep",
        "form feeds in a long name",
        "something behind its end",
        "its end before its article",
        "a control character after many zeros",
    ],
)
def test_a_malformed_page_is_read(body: str) -> None:
    assert article_of(read(body)).text == "\n".join(TEXT)


def test_a_control_character_is_left_out_whatever_stands_behind_its_number() -> None:
    body = html(*TEXT).replace("<p>", "<p><button>x</button>&#1BBC: ", 1)

    assert article_of(read(body)).text == "BBC: " + "\n".join(TEXT)


def test_with_only_on_topic_another_article_is_not_kept_and_says_why() -> None:
    reading = read(html(*OTHER_TEXT, title="افتتاح معرض الزيتون"), only_on_topic=True)

    assert (reading.outcome, reading.sketch) == (Outcome.OFF_TOPIC, None)
    assert reading.reason == "alaska-summit: never names ترامب"
    assert [match.on_topic for match in reading.topics] == [False]


def test_without_only_on_topic_another_article_is_kept_without_a_topic() -> None:
    reading = read(html(*OTHER_TEXT, title="افتتاح معرض الزيتون"))

    assert (reading.outcome, reading.topics) == (None, ())
    assert reading.sketch is not None


def test_with_only_on_topic_an_article_on_topic_is_kept() -> None:
    assert read(html(*TEXT), only_on_topic=True).outcome is None


def test_the_first_line_of_a_text_is_its_title() -> None:
    reading = read_text(TITLE + "\n\n" + "\n".join(TEXT), topics=(SUMMIT,))

    found = article_of(reading)
    assert (found.title, found.text, found.language) == (TITLE, "\n".join(TEXT), "ar")
    assert [match.on_topic for match in reading.topics] == [True]
    assert reading.sketch is not None


def test_a_long_first_line_is_a_paragraph() -> None:
    first = " ".join([TEXT[0]] * 4)

    found = article_of(read_text(first + "\n" + TEXT[1], topics=()))

    assert len(first.split()) > LONGEST_TITLE_WORDS
    assert (found.title, found.text) == ("", f"{first}\n{TEXT[1]}")


def test_a_text_of_one_line_has_no_title() -> None:
    found = article_of(read_text(TEXT[0], topics=()))

    assert (found.title, found.text) == ("", TEXT[0])


@pytest.mark.parametrize("text", ["", " \n\t\n", "\u200f\u0640\n"])
def test_an_empty_text_cannot_be_compared(text: str) -> None:
    with pytest.raises(NotComparable) as refused:
        read_text(text, topics=())

    assert str(refused.value) == "The text is empty: there is nothing to compare. Give an Arabic article."


@pytest.mark.parametrize(
    ("text", "named"), [(ENGLISH, "English"), (PERSIAN, "Persian"), ("12 - 34 !", "a language that is not known")]
)
def test_a_text_in_another_language_cannot_be_compared(text: str, named: str) -> None:
    with pytest.raises(NotComparable) as refused:
        read_text("قمة ألاسكا\n" + text, topics=())

    assert str(refused.value) == f"The text is in {named}, not Arabic: it cannot be compared."
