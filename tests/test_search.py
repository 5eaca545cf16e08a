"""Search on both databases: what a reader of the bundled web finds, and what no query may do."""

from __future__ import annotations

import json
import re
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from corpus import copies
from corpus.errors import UsageError
from corpus.query import parse
from corpus.search import Hit, search
from corpus.sketch import sketch
from corpus.store import Connection, articles, schema, words
from corpus.store.database import Database, open_database
from corpus.types import Article, Filter, TopicMatch
from tests.conftest import ROOT
from tests.storing import store
from tests.texts import note

GOLDEN: list[dict[str, Any]] = tomllib.loads((ROOT / "fixtures" / "search.toml").read_text(encoding="utf-8"))["search"]

# What people paste, and what has broken search boxes: signs of FTS5, tsquery and SQL, broken quotes, marks of
# direction, and nothing at all.
NASTY = [
    "",
    " ",
    "\x00",
    "قمة\x00ألاسكا",
    '"',
    '""',
    '"قمة',
    'قمة"',
    '"قمة" "',
    "«",
    "«قمة",
    "»قمة«",
    "”قمة“",
    "'",
    "قمة'; DROP TABLE articles; --",
    "' OR '1'='1",
    "%",
    "قم%",
    "_",
    "\\",
    "\\' قمة",
    "*",
    "**",
    "*قمة",
    "قمة*",
    "قمة**",
    "ا*",
    "^قمة",
    "قمة^2",
    "~قمة",
    "+قمة",
    "-",
    "--",
    "-قمة",
    "قمة -",
    "قمة -قمة",
    "-(قمة)",
    "-(-قمة) قمة",
    "OR",
    "أو",
    "OR OR",
    "قمة OR",
    "OR قمة",
    "قمة OR OR ألاسكا",
    "قمة OR -ألاسكا",
    "(",
    ")",
    "()",
    "(((((قمة",
    "قمة)))))",
    "(" * 150 + "قمة",
    "(قمة OR (ألاسكا -(بوتين OR ()))",
    "AND",
    "NOT قمة",
    "NEAR(قمة ألاسكا)",
    "NEAR(قمة ألاسكا, 5)",
    "{folded lemmas}: قمة",
    "folded:قمة",
    "folded : قمة",
    "source:",
    "source:'; --",
    "since:أمس",
    "since:2025-13-45",
    "before:0001-01-01 قمة",
    "since:99999-01-01",
    "-source:alwaha قمة",
    "قمة & ألاسكا",
    "قمة | ألاسكا",
    "!قمة",
    "قمة <-> ألاسكا",
    "قمة:*",
    "قمة:A",
    "$1",
    ":param",
    "%(param)s",
    "?",
    "؟",
    "،؛",
    "😀",
    "قمة 😀 ألاسكا",
    "\u202eقمة\u202c",
    "\u200f\u200e",
    "\u0650\u0651\u0652",
    "ـــــ",
    "ﷺ",
    "ﷲ ﻗﻤﺔ",
    "½",
    "\ud800",
    "قمة\ud800",
    "\U0010ffff",
    "\U0010ffff*",
    "ق" * 10_000,
    "قمة " * 2_500,
    '"' * 10_000,
    "-" * 10_000,
    "(" * 10_000,
    "a:" * 5_000,
    "http://alwaha.example/?a=b&c=d#e",
    "C:\\windows\\system32",
    "<script>alert(1)</script>",
    "\r\n\t\v\f",
    "Ⅻ ٣٫٥ ۱۲۳",
]


@cache
def bundled() -> tuple[tuple[str, Article], ...]:
    """The articles of the bundled web as they are meant, each with its slug."""
    lines = (ROOT / "fixtures" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    truths = [truth for truth in map(json.loads, lines) if truth["text"]]
    return tuple(
        (
            truth["slug"],
            Article(
                url=truth["url"],
                title=truth["title"],
                text=truth["text"],
                language="ar",
                fetched_at=datetime(2025, 9, 1, tzinfo=UTC),
                source_id=truth["outlet"],
                published_at=datetime.fromisoformat(truth["published"]).astimezone(UTC),
            ),
        )
        for truth in truths
    )


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def web(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The bundled web, stored, on each kind of database in turn; for reading only."""
    if request.param == "sqlite":
        url = str(tmp_path_factory.mktemp("web") / "nazair.db")
    else:
        url = request.getfixturevalue("module_postgresql_url")
    database = open_database(url, create=True)
    with database.writing() as connection:
        store(connection, *(article for _, article in bundled()))
    yield database
    database.close()


def hits(database: Database, asked: str, *, limit: int = 1000) -> list[Hit]:
    with database.reading() as connection:
        return search(connection, parse(asked), Filter(), limit=limit)


def answer(database: Database, asked: str, *, limit: int) -> tuple[list[Hit], str | None]:
    """What is found, and the sentence with which the query was refused."""
    try:
        return hits(database, asked, limit=limit), None
    except UsageError as refused:
        return [], str(refused)


def slugs(database: Database, asked: str) -> list[str]:
    slug_of = {article.url: slug for slug, article in bundled()}
    return [slug_of[hit.article.article.url] for hit in hits(database, asked)]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["ask"])
def test_a_reader_of_the_bundled_web_finds(web: Database, golden: dict[str, Any]) -> None:
    found = slugs(web, golden["ask"])

    assert (len(found), found[: len(golden["first"])]) == (golden["finds"], golden["first"])


def test_there_are_sixty_golden_queries() -> None:
    assert len(GOLDEN) >= 60


@pytest.mark.parametrize("asked", NASTY, ids=lambda asked: repr(asked[:30]))
def test_no_query_does_harm(web: Database, asked: str) -> None:
    before = time.process_time()
    found, refused = answer(web, asked, limit=1000)
    seconds = time.process_time() - before

    assert all(hit.score > 0 for hit in found)
    assert refused is None or re.search(r"[.\d]$|alwaha$", refused)
    assert seconds < 1
    assert slugs(web, "زلزال تسونامي") == ["alaska-earthquake-july-2025"]


SIGNS = st.text(alphabet="قمةألاسكا اوOR\"«»()-*:&|!<>^~'%_\\\x00\u200f\u064b\u0651٢2🙂 \ud800", max_size=60)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(asked=SIGNS | st.text(max_size=300))
def test_any_text_is_a_query_or_is_refused_in_a_sentence(web: Database, asked: str) -> None:
    found, refused = answer(web, asked, limit=3)

    assert len(found) <= 3
    assert refused is None or len(refused) > 20


def test_a_match_in_the_title_comes_before_one_in_the_body(database: Database) -> None:
    with database.writing() as connection:
        body, title = store(
            connection,
            note(2, "عقدت القمة في المدينة", title="خبر اليوم"),
            note(1, "عقد اللقاء في المدينة", title="خبر القمة"),
        )

        assert found(connection, "قمة") == [title, body]


def test_a_word_that_is_typed_again_in_whatever_form_is_marked_once(database: Database) -> None:
    with database.writing() as connection:
        store(connection, note(1, "عقدت القمة في ألاسكا. " * 20))

    (once,), (again,) = hits(database, "قمة ألاسكا"), hits(database, "قمة القمة وبالقمة ألاسكا قمة")

    assert len(again.forms) == 2
    assert again.snippet == once.snippet


def test_words_that_stand_together_come_before_the_same_words_apart(database: Database) -> None:
    with database.writing() as connection:
        apart, together = store(
            connection, note(2, "القمة التي عقدت أمس في ألاسكا"), note(1, "عقدت أمس قمة ألاسكا في مكان")
        )

        assert found(connection, "قمة ألاسكا") == [together, apart]


@pytest.mark.parametrize(
    ("asked", "written"),
    [("أسرة", "وصلت أسرته"), ("الأسرة", "وصل لأسرتها"), ("سكان", "وصل لسكانها"), ("الفريق", "وصل وفريقه")],
)
def test_a_word_is_found_where_it_is_somebodys(database: Database, asked: str, written: str) -> None:
    with database.writing() as connection:
        (one,) = store(connection, note(1, written))

        assert found(connection, asked) == [one]
        assert found(connection, f'"{asked}"') == []


def test_his_word_is_not_taken_for_a_feminine_that_is_another(database: Database) -> None:
    with database.writing() as connection:
        store(connection, note(1, "وصلت شرطة المدينة"))

        assert found(connection, "شرط") == []


def test_a_phrase_does_not_run_from_the_title_into_the_text(database: Database) -> None:
    with database.writing() as connection:
        store(connection, note(1, "الأبيض لون الثلج", title="سكان البيت"))

        assert found(connection, '"البيت الأبيض"') == []


def test_a_title_of_any_length_can_be_found(database: Database) -> None:
    with database.writing() as connection:
        (one,) = store(connection, note(1, "نص قصير", title="كلمة " * 100 + "زلزال"))

        assert found(connection, "زلزال") == found(connection, '"كلمة زلزال"') == [one]


def test_one_of_two_words_is_enough_when_or_stands_between(database: Database) -> None:
    with database.writing() as connection:
        one, two, three, _ = store(
            connection, note(1, "هدنة في غزة"), note(2, "اتفاق في غزة"), note(3, "هدنة أو اتفاق"), note(4, "غزة")
        )

        for way in ("هدنة OR اتفاق", "هدنة أو اتفاق", "اتفاق او هدنة"):
            assert sorted(found(connection, way)) == [one, two, three]
        assert sorted(found(connection, "غزة هدنة OR اتفاق")) == [one, two]
        assert found(connection, "غزة (هدنة OR اتفاق) -اتفاق") == [one]
        assert found(connection, '"هدنة أو اتفاق"') == [three]


def test_a_group_is_one_alternative(database: Database) -> None:
    with database.writing() as connection:
        one, two, _, _ = store(
            connection, note(1, "قمة هلسنكي"), note(2, "بايدن جنيف"), note(3, "قمة جنيف"), note(4, "بايدن هلسنكي")
        )

        assert sorted(found(connection, "(قمة هلسنكي) OR (بايدن جنيف)")) == [one, two]
        assert sorted(found(connection, "جنيف OR هلسنكي -(قمة جنيف) -(بايدن هلسنكي)")) == [one, two]


def test_a_beginning_finds_words_that_begin_so_whatever_stands_on_their_front(database: Database) -> None:
    with database.writing() as connection:
        some = store(
            connection,
            note(1, "أوكرانيا"),
            note(2, "الأوكرانية"),
            note(3, "وبالأوكرانيين"),
            note(4, "للأوكرانيين"),
            note(5, "لأُوكرانيا"),
        )
        store(connection, note(6, "موكرانيا"), note(7, "أوكتافيا"))

        assert sorted(found(connection, "أوكران*")) == some
        assert sorted(found(connection, "اوكرا*")) == some


def test_a_beginning_that_stands_for_too_many_words_is_refused(database: Database) -> None:
    many = " ".join(f"كلمه{number}" for number in range(5_001))
    with database.writing() as connection:
        store(connection, note(1, many))

        with pytest.raises(UsageError, match="more than 5,000 words here: give more of its letters"):
            found(connection, "كل*")
        assert found(connection, "كلمه12*") == [1]


def test_limits_stand_in_the_query(database: Database) -> None:
    with database.writing() as connection:
        one, two, three = store(connection, note(1, "قمة"), note(2, "قمة", source="sahil"), note(3, "قمة"))
        store(connection, Article(url="http://a.example/9", title="خبر", text="قمة", language="ar", fetched_at=NOON))

        assert found(connection, "قمة source:sahil") == [two]
        assert found(connection, "قمة since:2025-08-17") == [three, two]
        assert found(connection, "since:٢٠٢٥-٠٨-١٧ قمة") == [three, two]
        assert found(connection, "قمة before:2025-08-17") == [one]
        assert found(connection, "قمة since:2025-08-17 before:2025-08-18") == [two]
        assert found(connection, "قمة source:sahil", Filter(since=date(2025, 8, 18))) == []


def test_midnight_is_of_the_day_that_begins(database: Database) -> None:
    midnight = datetime(2025, 8, 17, tzinfo=UTC)
    with database.writing() as connection:
        (one,) = store(connection, replace(note(1, "قمة"), published_at=midnight))

        assert found(connection, "قمة before:2025-08-17") == []
        assert found(connection, "قمة since:2025-08-17 before:2025-08-18") == [one]


def test_the_best_of_a_topic_is_found_behind_better_ones_of_none(database: Database) -> None:
    on_topic = TopicMatch(topic_id="t", score=1.0, matched=(), names=(), on_topic=True, reason="")
    with database.writing() as connection:
        store(connection, *(note(number, "قمة", title="قمة") for number in range(1, 21)))
        (wanted,) = store(connection, note(21, "قمة في المدينة أمس بين الوزراء"), topics=(on_topic,))

        assert found(connection, "قمة", Filter(topic_id="t"), limit=1) == [wanted]
        assert found(connection, "قمة", limit=1) != [wanted]


def test_an_article_is_found_alike_new_numbered_and_in_a_block(database: Database) -> None:
    asked = ["قمة", "قمة OR ألاسكا", "ألا*", '"قمة ألاسكا"', "قمة -باريس", "قمة source:sahil", "قمة since:2025-08-18"]

    def answers(connection: Connection) -> list[list[tuple[int, float]]]:
        return [
            [(hit.article.id, hit.score) for hit in search(connection, parse(one), Filter(), limit=10)] for one in asked
        ]

    with database.writing() as connection:
        store(connection, note(1, "قمة ألاسكا"), note(2, "قمة باريس قمة"), note(3, "ألاسكا والقمة", source="sahil"))
        new = answers(connection)
        words.make_block(connection)
        in_a_block = answers(connection)
        store(connection, note(4, "قمة بعيدة"))
        mixed = found(connection, "قمة")

    assert new == in_a_block
    assert all(new)
    assert sorted(mixed) == [1, 2, 3, 4]


def test_many_articles_make_a_block_by_themselves_and_stay_found(database: Database) -> None:
    with database.writing() as connection:
        for number in range(2_100):
            text = f"خبر رقم {number} من أخبار {'القمة' if number % 700 == 0 else 'اليوم'}"
            article = note(number, text, title="عنوان")
            made = sketch(article.title, article.text)
            place = copies.enter(connection, article, None).place
            words.add(connection, articles.add(connection, article, made, place), article, made)

        assert sorted(found(connection, "قمة")) == [1, 701, 1401]
        assert found(connection, '"رقم 2099"') == [2100]
        assert found(connection, '"رقم 3"') == [4]


@pytest.mark.parametrize("place", ["new", "small block", "block"])
def test_a_newer_text_takes_the_place_of_the_old_one(database: Database, place: str) -> None:
    with database.writing() as connection:
        one, two = store(connection, note(1, "قمة في باريس"), note(2, "قمة في لندن"))
        if place != "new":
            store(connection, *(note(number, f"خبر رقم {number}") for number in range(3, 40)))
        if place == "block":
            words.make_block(connection)
        store(connection, note(1, "لقاء في جنيف"))

        for _ in range(2):
            assert found(connection, "قمة") == [two]
            assert found(connection, "باريس") == []
            assert found(connection, "جنيف") == [one]
            assert found(connection, '"رقم 39"') == ([] if place == "new" else [39])
            words.make_block(connection)


def test_words_of_a_transaction_that_failed_get_their_numbers_again(database: Database) -> None:
    def fail() -> None:
        with database.writing() as connection:
            store(connection, note(1, "زلزال بركان تسونامي"))
            words.make_block(connection)
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        fail()
    with database.writing() as connection:
        one, two = store(connection, note(2, "قمة لقاء"), note(3, "بركان زلزال"))
        words.make_block(connection)

        assert found(connection, "قمة") == [one]
        assert found(connection, "زلزال") == found(connection, "بركان") == [two]
        assert found(connection, "تسونامي") == []


def test_words_of_a_transaction_whose_commit_failed_get_their_numbers_again(database: Database) -> None:
    late = "ALTER TABLE articles ALTER CONSTRAINT fk_articles_text_id DEFERRABLE INITIALLY DEFERRED"

    def fail_at_its_end() -> None:
        with database.writing() as connection:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON" if database.is_sqlite else late)
            store(connection, note(1, "زلزال بركان تسونامي"))
            words.make_block(connection)
            connection.execute(update(schema.articles).values(text_id=1_000))

    with pytest.raises(IntegrityError):
        fail_at_its_end()
    with database.writing() as connection:
        one, two = store(connection, note(2, "قمة لقاء"), note(3, "بركان زلزال"))
        words.make_block(connection)

        assert found(connection, "قمة") == [one]
        assert found(connection, "زلزال") == found(connection, "بركان") == [two]


def test_a_search_sees_one_state_of_the_collection(database: Database) -> None:
    with database.writing() as connection:
        (one,) = store(connection, note(1, "قمة"))
    with database.reading() as reading:
        assert found(reading, "قمة") == [one]
        with database.writing() as connection:
            store(connection, note(2, "قمة"))
            words.make_block(connection)

        assert found(reading, "قمة") == [one]


NOON = datetime(2025, 8, 15, 12, tzinfo=UTC)


def found(connection: Connection, asked: str, wanted: Filter | None = None, *, limit: int = 10) -> list[int]:
    return [hit.article.id for hit in search(connection, parse(asked), wanted or Filter(), limit=limit)]
