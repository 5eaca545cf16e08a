"""Questions to the collection: which article is meant, what a search finds, what is exported. On both databases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from corpus import ask
from corpus.errors import NotStored, UsageError
from corpus.query import parse
from corpus.search import search
from corpus.store import Connection, articles, frontier, leases, overview, runs
from corpus.store.database import Database
from corpus.store.runs import NewDecision
from corpus.types import Article, Filter, Link, LinkKind, Outcome, TopicMatch
from nazair.cli import run
from tests.storing import store
from tests.texts import NOON, article, note

# The contract of the export, in its order.
KEYS = """
id url canonical_url source title author published_at published_precision published_from published_zone language text
excerpt image tags fetched_at topics copy_group copy_of copy_kind agency directives tdm_policy
gone_at
""".split()


def found(connection: Connection, asked: str, wanted: Filter | None = None) -> list[int]:
    return [hit.article.id for hit in search(connection, parse(asked), wanted or Filter(), limit=10)]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("والقمة", "قمة"),  # and the
        ("للقمة", "القمة"),  # for the
        ("بالقمة", "وقمة"),  # at the; and
        ("القمة", "القمه"),  # ta marbuta
        ("قِمَّةُ", "قمة"),  # vowel marks
        ("قمة", "قُمّة"),
        ("قمـــة", "قمة"),  # tatweel
        ("أنكوريج", "انكوريج"),  # hamza
        ("وانكوريج", "أنكوريج"),
        ("مسؤول", "مسوول"),
        ("مُحادَثاتٌ", "المحادثات"),
        ("مصطفى", "مصطفي"),  # ya
        ("ترمب", "ولترامب"),  # spellings of a name
        ("٢٠٢٥", "2025"),
        ("NATO", "nato"),
    ],
)
def test_forms_and_spellings_of_a_word_find_the_same(database: Database, written: str, asked: str) -> None:
    with database.writing() as connection:
        one, _ = store(connection, note(1, f"تحدث الناس عن {written} أمس"), note(2, "افتتح المعرض"))

        assert found(connection, asked) == found(connection, written) == [one]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("إطلاق", "اطلاق"),  # the dictionary has «اطلاق», of another verb
        ("لإطلاق", "اطلاق"),
        ("هدنة", "هدنه"),  # which the dictionary does not have
        ("بالهدنة", "هدنه"),
        ("سؤال", "أسئلة"),
        ("أوكرانيين الأوكرانية", "اوكرانيه"),
        ("انتخابات", "إنتخابات"),
        ("الانتخاب وانتخابات", "إنتخابات"),
        ("العاصمة", "عاصمه"),
        ("الأمم", "أمم"),  # by the dictionary of another lemma
        ("الكرملين", "كرملين"),  # not «like sands»
        ("للأمم", "الأمم"),
        ("قمة", "لقمة"),  # a morsel, and for a summit
    ],
)
def test_a_word_is_found_as_people_type_it(database: Database, written: str, typed: str) -> None:
    with database.writing() as connection:
        one, _ = store(connection, note(1, f"تحدث الناس عن {written} أمس"), note(2, "افتتح المعرض"))

        assert found(connection, typed) == found(connection, written.split(maxsplit=1)[0]) == [one]


def test_another_spelling_of_a_word_brings_its_other_forms(database: Database) -> None:
    with database.writing() as connection:
        both = store(connection, note(2, "طرح سؤال صعب"), note(1, "طرح أسئلة صعبة"))

        assert found(connection, "اسئله") == found(connection, "أسئلة") == both


@pytest.mark.parametrize(
    ("other", "asked", "written"),
    [
        ("بحرية", "حرية", "حرية"),  # a navy, freedom
        ("وزارة", "زارة", "زارة"),
        ("الآلاف", "وفا", "الوفا"),  # of a short word no lemma is taken over, here thousands
        ("مال", "كمال", "كمال"),  # where a Kamal is written of, it is not «like money»
    ],
)
def test_another_word_is_not_found(database: Database, other: str, asked: str, written: str) -> None:
    with database.writing() as connection:
        _, one = store(connection, note(1, f"تحدث الناس عن {other} أمس"), note(2, f"هنا {written}"))

        assert found(connection, asked) == [one]


def test_a_number_is_found_with_and_without_separators(database: Database) -> None:
    with database.writing() as connection:
        both = store(connection, note(1, "سقط 1,234 جريحا"), note(2, "سقط ١٢٣٤ جريحا"))
        store(connection, note(3, "سقط 1 ثم 234 و 12345"), note(4, "بلغ 1.5 ثم 234.1"))

        for way in ("1234", "1,234", "١٬٢٣٤"):
            assert sorted(found(connection, way)) == both


def test_a_hijri_year_is_found_with_and_without_a_blank(database: Database) -> None:
    with database.writing() as connection:
        both = store(connection, note(1, "في صفر 1446هـ"), note(2, "في صفر ١٤٤٦ هـ"))
        store(connection, note(3, "في صفر 1447هـ"))

        assert sorted(found(connection, "1446 هـ")) == sorted(found(connection, "1446هـ")) == both


@pytest.mark.parametrize(
    ("ways", "other"),
    [
        (["عبد الله", "عبدالله"], "عبد مملوك له"),
        (["أبو ظبي", "أبوظبي"], "ظبي في الصحراء"),
        (["أبو مازن", "بأبي مازن", "أبا مازن"], "مازن"),
        (["F-16", "F16"], "16 F"),
        (["صحفي", "صحافي", "صحفيين", "والصحافيون"], "صحيفة وصحافة"),
        (["الإنجليزية", "الإنكليزية"], "إنجيل"),
        (["2025", "2025م", "و2025"], "20250"),
        (["1446", "1446هـ"], "14460"),
        (["38", "الـ38", "و38", "بـ38", "وبالـ38"], "138 في 38م"),
        (["الڤاتيكان", "الفاتيكان"], "بابا روما"),
        (["بابا", "البابا"], "أبو مازن وأبا مازن"),
    ],
)
def test_what_papers_write_in_several_ways_is_found_in_each(database: Database, ways: list[str], other: str) -> None:
    with database.writing() as connection:
        some = store(connection, *(note(i, f"بيان عن {way} أمس") for i, way in enumerate(ways)))
        store(connection, note(9, f"بيان عن {other} أمس"))

        for way in ways:
            assert sorted(found(connection, way)) == some


def test_a_title_is_searched_too(database: Database) -> None:
    with database.writing() as connection:
        (one,) = store(connection, note(1, "كلام قليل", title="قمة ألاسكا"))

        assert found(connection, "ألاسكا") == [one]


def test_every_word_must_be_there(database: Database) -> None:
    with database.writing() as connection:
        one, _, _ = store(connection, note(1, "قمة في ألاسكا"), note(2, "قمة في باريس"), note(3, "ثلوج ألاسكا"))

        assert found(connection, "ألاسكا قمة") == [one]


def test_a_phrase_is_found_as_it_is_written(database: Database) -> None:
    with database.writing() as connection:
        one, _, _ = store(connection, note(1, "في البيت الأبيض"), note(2, "الأبيض لون البيت"), note(3, "بيت أبيض صغير"))

        assert found(connection, "«البيت الأبيض»") == [one]
        assert found(connection, '"البَيت الابيض"') == [one]


def test_an_excluded_word_or_phrase_is_not_found_in_any_form(database: Database) -> None:
    with database.writing() as connection:
        one, two, three = store(
            connection, note(1, "قمة في باريس"), note(2, "القمة ووبوتين، وبوتين"), note(3, "قمة في البيت الأبيض")
        )

        assert sorted(found(connection, "قمة -بوتين")) == [one, three]
        assert sorted(found(connection, "قمة -«البيت الأبيض»")) == [one, two]
        assert found(connection, "قمة -«البيت الأبيض» -بوتين") == [one]


@pytest.mark.parametrize("asked", ["NEAR(قمة", "قمة*", "قمة:", "^قمة", "'قمة'", "قمة;--", "قمة & !", "قمة \\"])
def test_signs_of_a_search_engine_mean_nothing(database: Database, asked: str) -> None:
    with database.writing() as connection:
        (one,) = store(connection, note(1, "near قمة"))

        assert found(connection, asked) == [one]


@pytest.mark.parametrize("asked", ["قمة not ألاسكا", "قمة or ألاسكا", "قمة ليس ألاسكا"])
def test_words_of_a_search_engine_in_small_letters_or_in_arabic_are_words(database: Database, asked: str) -> None:
    with database.writing() as connection:
        store(connection, note(1, "قمة في باريس"))

        assert found(connection, asked) == []


def test_what_says_it_more_often_comes_first_and_of_equals_the_newest(database: Database) -> None:
    with database.writing() as connection:
        once, newer, often = store(
            connection,
            note(1, "عقدت القمة في المدينة الكبيرة"),
            note(3, "عقدت القمة في المدينة الكبيرة", source="sahil"),
            note(2, "القمة بعد القمة قبل القمة الكبيرة"),
        )

        assert found(connection, "قمة") == [often, newer, once]


def test_a_search_keeps_to_its_filter(database: Database) -> None:
    topic = TopicMatch(topic_id="t", score=1.0, matched=("قمة",), names=("قمة",), on_topic=True, reason="")
    with database.writing() as connection:
        one, two = store(connection, note(1, "قمة"), note(2, "قمة", source="sahil"))
        (three,) = store(connection, note(3, "قمة"), topics=(topic,))

        assert found(connection, "قمة", Filter(source_id="sahil")) == [two]
        assert found(connection, "قمة", Filter(since=date(2025, 8, 18))) == [three]
        assert found(connection, "قمة", Filter(until=date(2025, 8, 16))) == [one]
        assert found(connection, "قمة", Filter(topic_id="t")) == [three]


def test_days_may_be_as_far_apart_as_there_are_any(database: Database) -> None:
    with database.writing() as connection:
        last = replace(note(1, "قمة"), published_at=datetime(2025, 8, 16, 23, 59, 59, 999_999, tzinfo=UTC))
        one, two = store(connection, last, note(2, "قمة"))

        for wanted in (Filter(until=date.max), Filter(since=date.min), Filter(since=date.min, until=date.max)):
            assert articles.find(connection, wanted) == found(connection, "قمة", wanted) == [two, one]
        assert articles.find(connection, Filter(until=date(2025, 8, 16))) == [one]


def test_a_hit_shows_the_words_around_its_match(database: Database) -> None:
    with database.writing() as connection:
        store(connection, note(1, "كلام " * 30 + "عن القمّة أمس " + "وكلام " * 30))
        (hit,) = search(connection, parse("قمة"), Filter(), limit=10)

    assert "[القمّة]" in hit.snippet.marked("[", "]")
    assert hit.snippet.text.startswith("… ")
    assert hit.snippet.text.endswith(" …")


@pytest.mark.parametrize(
    "reference",
    [
        "http://alwaha.example/أخبار/قمة",
        "HTTP://ALWAHA.example:80/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/%D9%82%D9%85%D8%A9?utm_source=x#top",
    ],
)
def test_an_article_is_named_by_its_url_in_any_spelling(database: Database, reference: str) -> None:
    url = "http://alwaha.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/%D9%82%D9%85%D8%A9"
    with database.writing() as connection:
        (one,) = store(connection, replace(note(1, "قمة"), url=url))

        assert ask.article_id(connection, reference) == ask.article_id(connection, str(one)) == one


@pytest.mark.parametrize("reference", ["0", "99", str(2**63 - 1), str(2**63), "9" * 100])
def test_an_id_that_is_not_stored_is_named(database: Database, reference: str) -> None:
    with database.writing() as connection:
        store(connection, note(1, "قمة"))

        with pytest.raises(NotStored, match=f"There is no article {reference}: 1 are stored") as raised:
            ask.article_id(connection, reference)
    assert raised.value.exit_code == 3


@pytest.mark.parametrize("reference", ["abc", "-1", "1.5", "", "ftp://a.example/b"])
def test_what_is_no_id_and_no_url_is_refused(database: Database, reference: str) -> None:
    with database.reading() as connection, pytest.raises(UsageError, match="is no id and no http"):
        ask.article_id(connection, reference)


def test_a_page_that_is_not_stored_comes_with_how_to_get_it(database: Database) -> None:
    with database.reading() as connection, pytest.raises(NotStored, match=r"nazair add http://a\.example/b"):
        ask.article_id(connection, "http://a.example/b")


def test_an_export_line_has_exactly_these_keys(database: Database) -> None:
    with database.writing() as connection:
        store(connection, article(1), note(2, "قمة"))

        assert [list(line) for line in ask.export_lines(connection, Filter())] == [KEYS, KEYS]


def test_an_export_line_says_what_is_known_and_nothing_else(database: Database) -> None:
    bare = Article(url="http://a.example/1", title="قمة", text="نص\nقصير", language="ar", fetched_at=NOON)
    with database.writing() as connection:
        (one,) = store(connection, bare)
        (line,) = ask.export_lines(connection, Filter())

    known = {key: value for key, value in line.items() if value is not None}
    assert known == {
        "id": one,
        "url": "http://a.example/1",
        "title": "قمة",
        "language": "ar",
        "text": "نص\nقصير",
        "excerpt": "نص…",
        "tags": [],
        "fetched_at": "2025-08-15T12:00:00Z",
        "topics": [],
        "directives": [],
    }


def test_an_export_names_topics_and_copies_from_the_oldest_on(database: Database) -> None:
    topic = TopicMatch(
        topic_id="summit", score=0.9, matched=("ترمب",), names=("ترامب",), on_topic=True, reason="it names both"
    )
    with database.writing() as connection:
        late, early = store(connection, article(1, outlet="sahil", hours=9), article(1), topics=(topic,))
        first, second = ask.export_lines(connection, Filter())

    assert [(line["id"], line["copy_group"], line["copy_of"], line["copy_kind"]) for line in (first, second)] == [
        (early, early, None, None),
        (late, early, early, "exact"),
    ]
    assert first["topics"] == [{"id": "summit", "score": 0.9, "matched": ["ترمب"]}]


def test_arabic_is_not_escaped_in_an_export(database: Database, database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    with database.writing() as connection:
        store(connection, article(1))

    assert run(["export", str(file), "--db", database_url]) == 0

    written = file.read_text(encoding="utf-8")
    assert article(1).title in written
    assert list(json.loads(written)) == KEYS


def test_an_excerpt_ends_between_words() -> None:
    cut = ask.excerpt(replace(article(1), text="كلمات طويلة " * 40))

    assert cut is not None
    assert len(cut) <= 300
    assert cut.endswith(("كلمات…", "طويلة…"))
    assert ask.excerpt(replace(article(1), text="")) == ""
    whole = replace(article(1), text="انتهى اللقاء. ثم غادر الجميع المكان")
    assert str(ask.excerpt(whole)).endswith("اللقاء…")


@pytest.mark.parametrize("words", [1, 2, 9, 40, 60])
def test_an_excerpt_is_never_more_than_half_of_a_text(words: int) -> None:
    text = "كلمة\n" * words

    assert len(ask.excerpt(replace(article(1), text=text)) or "") <= max(1, len(text) // 2)


def test_what_repeats_an_earlier_article_is_counted_with_its_own_source(database: Database) -> None:
    with database.writing() as connection:
        outlets = ("alwaha", "sahil", "nahar")
        store(connection, *(article(1, outlet=one, hours=hour) for hour, one in enumerate(outlets)), article(2))

        assert overview.counts_by_source(connection) == {"alwaha": 2, "nahar": 1, "sahil": 1}
        assert overview.copies_by_source(connection) == {"nahar": 1, "sahil": 1}


def test_articles_without_a_source_come_last(database: Database, database_url: str) -> None:
    with database.writing() as connection:
        store(
            connection,
            replace(note(1, "نص أول"), source_id=None),
            note(2, "نص ثان"),
            note(3, "نص ثالث", source="sahil"),
        )

        assert articles.find(connection, Filter(), sort="source") == [2, 3, 1]
        assert list(overview.counts_by_source(connection)) == ["alwaha", "sahil", None]


@pytest.mark.parametrize(
    ("some", "none"),
    [
        (["list"], ["list", "--since", "2030-01-01"]),
        (["search", "ترامب"], ["search", "كلمة"]),
        (["similar", "1"], ["similar", "3"]),
        (["copies"], ["copies", "3"]),
    ],
)
def test_csv_of_nothing_has_the_heading_of_something(
    database: Database, database_url: str, capsys: pytest.CaptureFixture[str], some: list[str], none: list[str]
) -> None:
    with database.writing() as connection:
        store(connection, article(1), article(2), article(3), article(1, outlet="sahil", hours=3))

    told = []
    for command in (some, none):
        assert run([*command, "-f", "csv", "--db", database_url]) == 0
        told.append(capsys.readouterr().out.splitlines())

    assert len(told[0]) > 1
    assert told[1] == told[0][:1]


def test_csv_of_no_run_schedule_or_decision_has_its_heading(
    database: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    link = Link(url="http://alwaha.example/1", kind=LinkKind.ARTICLE, channel="feed", source_id="alwaha")
    commands = ["runs", "list"], ["schedule", "list"], ["why", link.url]

    def told() -> list[list[str]]:
        written = []
        for command in commands:
            assert run([*command, "-f", "csv", "--db", database_url]) == 0
            written.append(capsys.readouterr().out.splitlines())
        return written

    with database.writing() as connection:  # a page that was fetched, whose decision a purge took away
        frontier.add_seeds(connection, "t", [link])
        (leased,) = leases.lease(
            connection, "t", run_id=9, now=NOON, until=NOON + timedelta(hours=1), busy={}, per_host=1, limit=1
        )
        leases.settle(connection, {leased.id: None}, run_id=9)
    none = told()
    with database.writing() as connection:
        run_id = runs.start(connection, "t", now=NOON, machine="m", pid=1)
        runs.record(connection, run_id, [NewDecision(link=link, outcome=Outcome.KEPT, reason="")], now=NOON)
    assert run([*"schedule add noon --topic alaska-summit --every 1h --db".split(), database_url]) == 0
    capsys.readouterr()
    some = told()

    assert [len(lines) for lines in some] == [2, 2, 2]
    assert none == [lines[:1] for lines in some]
