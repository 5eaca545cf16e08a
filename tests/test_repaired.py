"""What is shown is repaired, whatever a page wrote and where: the same letters in the article and in both databases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from corpus import keep
from corpus.query import parse
from corpus.search import search
from corpus.store import articles
from corpus.store.database import Database
from corpus.types import Article, Filter, Page
from corpus.weighing import TermCounts
from pipelines.fields.titles import LONGEST_TITLE
from pipelines.page.limits import LONGEST_LINE, LONGEST_TEXT
from pipelines.read import read_article, read_page

# What pages bring among letters: NUL, a vertical tab, escape, directions, joiners, a byte-order mark, tatweel, private
# use, no character, half a pair, a filler, a selector.
SPOILERS = "\x00\x0b\x1b\u200e\u202e\u2067\u200b\u200d\ufeff\u0640\ue000\uffff\ud83d\u3164\ufe0f"
LINES = (
    "افتتح وزير الزراعة معرض الزيتون في عجلون صباح اليوم، بحضور مئات المزارعين من القرى المجاورة.",
    "وقال إن الموسم هذا العام أفضل من سابقه، وإن الوزارة ستشتري الفائض من الزيت بسعر ثابت.",
    "وأضاف أن المعاصر ستبدأ العمل في أول الخريف، وأن الأسعار ستعلن قبل ذلك بأسبوع على الأقل.",
)
SHOWN: dict[str, Any] = {
    "title": "افتتاح معرض الزيتون في عجلون",
    "author": "ليلى حداد",
    "section": "محليات",
    "tags": ("زيتون", "عجلون"),
}


def spoiled(text: str) -> str:
    """The same text to the eye: each letter followed by what is not seen, in shapes of their own."""
    shaped = text.replace("لا", "\ufefb").replace("ز", "\ufeaf").replace("أ", "ا\u0654")
    return "".join(char + SPOILERS[i % len(SPOILERS)] for i, char in enumerate(shaped))


def page(*, title: str, author: str, section: str, tags: list[str], lines: tuple[str, ...], image: str = "") -> Page:
    described = {
        "@type": "NewsArticle",
        "headline": title,
        "author": {"@type": "Person", "name": author},
        "articleSection": section,
        "keywords": tags,
        "image": image,
        "datePublished": "2025-08-15T23:10:00Z",
    }
    # In the text as UTF-8 cannot hold what is no character: by number, as pages do.
    text = "".join(f"<p>{''.join(c if c.isprintable() else f'&#{ord(c)};' for c in line)}</p>" for line in lines)
    html = (
        f"<html><head><script type='application/ld+json'>{json.dumps(described)}</script></head>"
        f"<body><article>{text}</article></body></html>"
    )
    return Page(
        url="http://alwaha.example/1",
        body=html.encode(),
        content_type="text/html; charset=utf-8",
        fetched_at=datetime(2025, 8, 16, tzinfo=UTC),
    )


def read(given: Page) -> Article:
    reading = read_page(given, source_id="alwaha", country="JO", topics=(), only_on_topic=False)
    assert reading.article is not None, reading.reason
    return reading.article


def stored(database: Database, *given: Page) -> list[Article]:
    """The articles of some pages, stored in one transaction, as the database gives them back."""
    with database.writing() as connection:
        ids = []
        for one in given:
            reading = read_page(one, source_id="alwaha", country="JO", topics=(), only_on_topic=False)
            assert reading.article is not None, reading.reason
            assert reading.sketch is not None
            kept = keep.keep_article(connection, reading.article, reading.sketch, counts=TermCounts())
            ids.append(kept.article_id or 0)
    with database.reading() as connection:
        loaded = articles.load(connection, ids)
    return [loaded[one].article for one in ids]


def test_every_field_of_the_nastiest_page_is_stored_as_it_is_shown(database: Database) -> None:
    nasty = page(
        title=spoiled(SHOWN["title"]),
        author=spoiled(SHOWN["author"]),
        section=spoiled(SHOWN["section"]),
        tags=[spoiled(tag) for tag in SHOWN["tags"]],
        lines=tuple(map(spoiled, LINES)),
        image="http://alwaha.example/\ud83d\x00\u202e1.jpg",
    )

    (found,) = stored(database, nasty)

    assert found == read(nasty)
    assert {name: getattr(found, name) for name in SHOWN} == SHOWN
    assert found.text == "\n".join(LINES)
    assert found.image == "http://alwaha.example/1.jpg"


def test_a_spoiled_text_is_found_by_its_words(database: Database) -> None:
    nasty = page(title="ق", author="", section="", tags=[], lines=tuple(map(spoiled, LINES)))

    (found,) = stored(database, nasty)

    with database.reading() as connection:
        (hit,) = search(connection, parse("الزيتون"), Filter(), limit=10)
        assert hit.article.article == found


@pytest.mark.parametrize(
    "character", ["\u0600", "\u06dd", "\U0001f469", "\u0e33", "\U000e0001", "\u1100", "\uac00", "\ufdfd", "\U00010ffd"]
)
def test_rare_characters_are_the_same_in_both_databases(database: Database, character: str) -> None:
    given = page(
        title=f"{character} قمة {character}",
        author="ليلى حداد",
        section=character,
        tags=[character],
        lines=(*LINES, f"{character} {LINES[0]}"),
    )

    assert stored(database, given) == [read(given)]


def test_a_field_that_is_no_line_is_left_out() -> None:
    given = page(
        title="افتتاح\nمعرض الزيتون",
        author="ليلى حداد",
        section="ق" * (LONGEST_LINE + 1),
        tags=["ز" * 999, "عجلون"],
        lines=LINES,
    )

    found = read(given)

    assert (found.title, found.section, found.tags) == ("افتتاح معرض الزيتون", None, ("عجلون",))


def test_a_title_of_a_file_is_no_longer_than_that_of_a_page() -> None:
    given = replace(read(page(title="قمة", author="", section="", tags=[], lines=LINES)), title="ق" * 1_000_000)

    found = read_article(given, topics=(), only_on_topic=False).article

    assert found is not None
    assert found.title == "ق" * LONGEST_TITLE


@pytest.mark.slow
def test_the_longest_text_of_different_words_can_be_stored_and_found(database: Database) -> None:
    letters = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
    text, number = [LINES[0]], 0
    while sum(map(len, text)) + len(text) < LONGEST_TEXT - 500:
        line = []
        for _ in range(40):
            number += 1
            line.append("م" + "".join(letters[number // 28**i % 28] for i in range(4)))
        text.append(" ".join(line) + ".")
    given = page(title="ق", author="", section="", tags=[], lines=tuple(text))

    (found,) = stored(database, given)

    assert found.text == "\n".join(text)
