"""Near-copies in the collection: found by their keys, in time whatever the texts, told in order. On both databases."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import crc32

import pytest
from sqlalchemy import func, select, update

from corpus import copies, keep, similar_lists
from corpus.copy_days import copy_days
from corpus.errors import SketchMismatch
from corpus.reprints import changes, delay, group_of, largest_groups, origin, too_short
from corpus.sketch import of_text, sketch
from corpus.store import Connection, articles, runs, texts
from corpus.store.articles import Place
from corpus.store.database import Database, open_database
from corpus.store.schema import articles as articles_table
from corpus.store.schema import bands, copy_edges, new_words, samples, schemes, subjects
from corpus.store.schema import texts as texts_table
from corpus.thresholds import MIN_WORDS, TEXTS_A_KEY
from corpus.types import Article, CopyKind, Filter
from corpus.weighing import TermCounts
from nazair.cli import run
from nazair.commands.copies import in_words, summary
from tests.storing import store
from tests.texts import TEXTS, article

NOON = datetime(2025, 8, 15, 12, tzinfo=UTC)
SUMMIT, AFTER, FAIR = (text for _, text in TEXTS.values())
WHOLE = "\n".join((SUMMIT, AFTER, FAIR))


def report(number: int, text: str, *, title: str = "خبر", source: str = "alwaha") -> Article:
    return replace(
        article(1, outlet=source),
        url=f"http://{source}.example/{number}",
        title=title,
        text=text,
        published_at=NOON + timedelta(minutes=number),
    )


def enter(connection: Connection, some: Iterable[Article]) -> list[int]:
    """Store articles without lists and search, which are other tests' matter; returns their ids."""
    ids = []
    for one in some:
        made = sketch(one.title, one.text)
        entered = copies.enter(connection, one, of_text(made))
        ids.append(articles.add(connection, one, made, entered.place))
    return ids


def group_count(connection: Connection, ids: list[int]) -> int:
    return len(set(articles.groups_of(connection, ids).values()))


def rows(connection: Connection, table: object) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def numbered(first: int, last: int) -> str:
    return " ".join(f"كلمة{number}" for number in range(first, last))


def test_an_exact_text_is_compared_once_however_often_it_comes(database: Database) -> None:
    with database.writing() as connection:
        ids = enter(connection, [report(number, SUMMIT) for number in range(30)])

        assert group_count(connection, ids) == 1
        assert rows(connection, texts_table) == 1
        assert rows(connection, bands) == 42
        assert rows(connection, copy_edges) == 0


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, -1], ids=["oldest first", "newest first"])
def test_each_of_thousands_of_exact_copies_is_cheap(database: Database, order: int) -> None:
    count = 3_000 if database.is_sqlite else 1_000
    one = report(0, SUMMIT)
    made = sketch(one.title, one.text)
    found_by = of_text(made)
    spent = []
    with database.writing() as connection:
        for number in range(count):
            dated = replace(one, url=f"{one.url}/{number}", published_at=NOON + order * timedelta(minutes=number))
            started = time.process_time()
            entered = copies.enter(connection, dated, found_by)
            spent.append(time.process_time() - started)
            articles.add(connection, dated, made, entered.place)
        stored = articles.load(connection, [1, count])

        started = time.process_time()
        assert origin(connection, stored[1])[1].copy_of == (None if order == 1 else count)
        assert origin(connection, stored[count])[1].kind is (CopyKind.EXACT if order == 1 else None)
        assert time.process_time() - started < 0.5
    # The last hundred cost what the second hundred cost: nothing grows with the group.
    assert sorted(spent[-100:])[50] < 3 * sorted(spent[100:200])[50]


@pytest.mark.slow
def test_texts_that_differ_by_a_number_are_one_group_and_each_is_cheap(database: Database) -> None:
    count = 300 if database.is_sqlite else 100
    page = "تعذر الوصول إلى الصفحة المطلوبة بسبب قواعد الحماية في هذا الموقع، رقم الطلب {}. " + numbered(0, 60)
    with database.writing() as connection:
        started = time.process_time()
        ids = enter(connection, [report(number, page.format(10**9 + number)) for number in range(count)])

        assert time.process_time() - started < count * 0.1
        assert group_count(connection, ids) == 1
        most = select(func.count()).select_from(bands).group_by(bands.c.key)
        assert max(connection.execute(most).scalars()) == TEXTS_A_KEY


def test_the_reprint_of_one_edition_is_found_among_more_than_a_key_may_have(database: Database) -> None:
    names = [f"عملة{number}" for number in range(12)]

    def bulletin(edition: int) -> str:
        rates = ((name, 1_000 + crc32(f"{name} {edition}".encode()) % 9_000) for name in names)
        lines = (f"وبلغ سعر صرف {name} في تعاملات اليوم {rate} ليرة للشراء في السوق" for name, rate in rates)
        return "\n".join([numbered(0, 40), *lines, numbered(40, 80)])

    editions = range(TEXTS_A_KEY + 12)
    late = editions[-3]
    with database.writing() as connection:
        ids = enter(connection, [report(number, bulletin(number)) for number in editions])
        (reprint,) = enter(connection, [report(1_000, f"{bulletin(late)} نقلا عن الوكالة", source="sahil")])

        groups = articles.groups_of(connection, [*ids, reprint])
        assert groups[reprint] == groups[ids[late]]
        assert len(set(groups.values())) == len(editions)


@pytest.mark.parametrize(
    "text",
    [
        "نعم " * 5_000,
        "yes " * 100,
        "Агентство сообщило о встрече двух президентов на Аляске и о переговорах. " * 8,
        "両首脳は 金曜日に アラスカで 会談した。" * 30,
        "٪ ، ؛ " * 100,
        "\u0640" * 1_000,
        "🙂 " * 100,
        "١٢٣ " * 100,
    ],
    ids=["one word", "one Latin word", "Cyrillic", "Japanese", "punctuation", "tatweel", "emoji", "one number"],
)
def test_odd_texts_are_stored_and_are_copies_of_themselves_or_too_short(database: Database, text: str) -> None:
    with database.writing() as connection:
        started = time.process_time()
        ids = enter(connection, [report(1, text), report(2, text), report(3, SUMMIT)])

        assert time.process_time() - started < 2
        short = too_short(connection, ids[0]) is not None
        assert group_count(connection, ids) == (3 if short else 2)


def test_a_repeated_word_is_no_copy_of_more_of_it(database: Database) -> None:
    with database.writing() as connection:
        ids = enter(connection, [report(1, "نعم " * 100), report(2, "نعم " * 101)])

        assert group_count(connection, ids) == 2


def test_texts_too_short_to_compare_are_alone_and_it_is_said(database: Database) -> None:
    short = numbered(0, MIN_WORDS - 2)
    with database.writing() as connection:
        a, b, long = enter(connection, [report(1, short), report(2, short), report(3, numbered(0, MIN_WORDS))])

        assert group_count(connection, [a, b, long]) == 3
        assert [too_short(connection, one) for one in (a, b, long)] == [MIN_WORDS - 2, MIN_WORDS - 2, None]


def test_a_part_of_a_long_text_is_found_by_sampled_shingles(database: Database) -> None:
    long = numbered(0, 3000)
    with database.writing() as connection:
        ids = enter(connection, [report(1, long), report(2, numbered(1200, 1400)), report(3, numbered(5000, 5300))])

        assert group_count(connection, ids) == 2
        assert len(group_of(connection, articles.groups_of(connection, ids)[ids[0]])) == 2


def test_near_copies_of_a_text_that_is_not_stored_are_found(database: Database) -> None:
    with database.writing() as connection:
        one, _ = enter(connection, [report(1, WHOLE), report(2, FAIR.replace("معرض", "سوق"))])
        asked = report(9, WHOLE + " وانتهى الخبر.")

        found = copies.near_copies(connection, asked, of_text(sketch(asked.title, asked.text)))

        assert found[one].kind is CopyKind.UPDATE
        assert rows(connection, texts_table) == 2


def test_what_an_article_leaves_is_found_no_more(database: Database) -> None:
    with database.writing() as connection:
        (one,) = enter(connection, [report(1, SUMMIT)])
        text_id = articles.detach(connection, one)
        assert text_id is not None
        copies.leave(connection, [text_id])

        assert rows(connection, texts_table) == rows(connection, bands) == rows(connection, samples) == 0


def test_an_exact_copy_stays_when_another_leaves(database: Database) -> None:
    with database.writing() as connection:
        one, other = enter(connection, [report(1, SUMMIT), report(2, SUMMIT)])
        text_id = articles.detach(connection, one)
        assert text_id is not None
        copies.leave(connection, [text_id])

        assert texts.with_id(connection, text_id).published_by == NOON + timedelta(minutes=2)
        assert articles.texts_of(connection, [other]) == {other: text_id}


def test_of_many_copies_those_left_find_each_other_when_the_ones_they_hung_together_by_go(database: Database) -> None:
    """More of them than relations are stored of one: the first is the least alike, and the last not related to it."""
    words = numbered(0, 120).split()
    variants = [" ".join([*words[:number], f"بديل{number}", *words[number + 1 :]]) for number in range(0, 100, 5)]
    variants[0] = variants[0].replace("كلمة60", "ستون").replace("كلمة110", "مئة")
    with database.writing() as connection:
        ids = enter(connection, [report(number, text) for number, text in enumerate(variants)])
        assert group_count(connection, ids) == 1
        for one in ids[1:-1]:
            text_id = articles.detach(connection, one)
            assert text_id is not None
            copies.leave(connection, [text_id])

        assert group_count(connection, [ids[0], ids[-1]]) == 1


def test_copies_beyond_the_window_of_days_are_not_compared(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    early, late = report(1, WHOLE), report(60 * 24 * 40, WHOLE + " وانتهى الخبر.")
    undated = replace(report(3, WHOLE.replace("الرئيسان", "الزعيمان")), published_at=None)
    monkeypatch.setenv("NAZAIR_COPY_DAYS", "30")
    with database.writing() as connection:
        ids = enter(connection, [early, late])
        assert group_count(connection, ids) == 2
        ids += enter(connection, [undated])
        assert group_count(connection, ids) == 1  # it may be of either time


@pytest.mark.parametrize("days", ["x", "30d", "1.5", "nan", "-1", "0", "99999999999999999999"])
def test_a_window_that_is_no_number_of_days_is_named_before_anything_is_done(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    days: str,
) -> None:
    monkeypatch.setenv("NAZAIR_COPY_DAYS", days)
    exported = tmp_path / "some.jsonl"
    exported.write_text("{}\n", encoding="utf-8")
    for verb in (["crawl", "alaska-summit", "--contact", "a@b.example"], ["import", str(exported)]):
        assert run([*verb, "--db", database_url]) == 2
        assert f"NAZAIR_COPY_DAYS is {days!r}; it must be a number of days" in capsys.readouterr().err
    with open_database(database_url) as database, database.reading() as connection:
        assert runs.latest(connection) == []


def test_a_window_that_is_set_to_nothing_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAZAIR_COPY_DAYS", "")

    assert copy_days() is None


# Who repeated whom.


def reprinted() -> list[Article]:
    """A report, its reprint forty minutes later, an exact copy of that, and an excerpt known by its day only."""
    edited = SUMMIT.replace("صباح الجمعة", "فجر اليوم") + "\nويعود الوفدان مساء إلى بلديهما بعد يوم طويل."
    return [
        replace(report(0, WHOLE, source="madar"), agency="المدار"),
        replace(report(40, WHOLE.replace(SUMMIT, edited), source="sahil"), agency="المدار"),
        report(95, WHOLE.replace(SUMMIT, edited), source="annahr"),
        replace(report(200, SUMMIT, source="atlas"), published_precision="day"),
    ]


def test_a_group_tells_who_was_first_and_what_each_repeats(database: Database) -> None:
    with database.writing() as connection:
        ids = enter(connection, reprinted())
        (group,) = largest_groups(connection, Filter(), limit=5)

        assert [(copy.stored.id, copy.copy_of, copy.kind) for copy in group] == [
            (ids[0], None, None),
            (ids[1], ids[0], CopyKind.REPRINT),
            (ids[2], ids[1], CopyKind.EXACT),
            (ids[3], ids[0], CopyKind.PARTIAL),
        ]
        for copy in group:
            first, own = origin(connection, copy.stored)
            assert (first, own.copy_of, own.kind, own.jaccard) == (ids[0], copy.copy_of, copy.kind, copy.jaccard)
        assert [delay(group[0].stored, copy.stored) for copy in group[1:]] == [
            timedelta(minutes=40),
            timedelta(minutes=95),
            None,
        ]


def test_of_a_large_group_the_earliest_are_told(database: Database) -> None:
    with database.writing() as connection:
        ids = enter(connection, [report(number, SUMMIT) for number in range(30)])
        group = articles.groups_of(connection, ids)[ids[0]]

        assert [copy.stored.id for copy in group_of(connection, group, most=3)] == ids[:3]


def test_changes_are_words_as_they_are_shown_and_spelling_is_none() -> None:
    earlier = "وصل الرئيسان صباح الجمعة إلى القاعدة، وتبادلا المصافحة."
    later = "وصل الرئيسانِ فجر اليوم الى القاعده وتبادلا المصافحة أمام الكاميرات."

    assert [(change.op, change.words) for change in changes(earlier, later)] == [
        ("cut", ("صباح", "الجمعة")),
        ("added", ("فجر", "اليوم")),
        ("added", ("أمام", "الكاميرات.")),
    ]
    assert changes(earlier, earlier.replace("،", " -").replace("أ", "ا")) == []


def test_a_chance_word_in_another_passage_does_not_part_a_change() -> None:
    own = "وفي الجزائر يقرأ المهتمون بالطاقة ما جرى بعين مختلفة منذ أشهر"
    other = "ولم يجب الرئيسان في الختام عن أسئلة الصحافيين الذين انتظروا طويلا أمام القاعة"

    assert [change.op for change in changes(f"{SUMMIT} {own}", f"{SUMMIT} {other}")] == ["cut", "added"]


@pytest.mark.parametrize(
    ("delay_s", "words"),
    [(None, ""), (0, "0 min"), (2400, "40 min"), (7500, "2 h 05"), (86_399, "23 h 59"), (273_600, "3 d 4 h")],
)
def test_a_delay_is_told_as_people_say_it(delay_s: float | None, words: str) -> None:
    assert in_words(delay_s) == words


@pytest.mark.parametrize(
    ("cut", "added", "words"),
    [(None, None, ""), (0, 0, "none"), (12, 3, "−12 +3"), (12, 0, "−12"), (0, 3, "+3")],
)
def test_changes_are_counted_in_words(cut: int | None, added: int | None, words: str) -> None:
    assert summary(cut, added) == words


# The command line.


@pytest.fixture
def collection(database_url: str) -> str:
    with closing(open_database(database_url)) as database, database.writing() as connection:
        store(connection, *reprinted(), report(500, numbered(0, 20)))
    return database_url


def test_copies_are_a_graph_as_json(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["copies", "2", "--db", collection, "-f", "json"]) == 0
    graph = json.loads(capsys.readouterr().out)

    assert [node["id"] for node in graph["nodes"]] == [1, 2, 3, 4]
    assert (graph["copy_group"], graph["articles"], graph["agency"]) == (1, 4, "المدار")
    edges = {edge["to"]: edge for edge in graph["edges"]}
    assert {to: (edge["from"], edge["kind"], edge["delay_s"]) for to, edge in edges.items()} == {
        2: (1, "reprint", 2400),
        3: (2, "exact", 3300),
        4: (1, "partial", None),
    }
    assert (edges[2]["cut"], edges[2]["added"]) == (2, 10)
    assert edges[2]["changes"][0] == {"op": "cut", "words": "صباح الجمعة"}
    assert edges[3]["changes"] == []


def test_one_word_is_one_word(database: Database, database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with database.writing() as connection:
        one, other = enter(connection, [report(1, WHOLE), report(2, WHOLE.replace("سيارة واحدة", "سيارة"))])

    assert run(["copies", str(one), "--db", database_url, "--diff"]) == 0

    assert f"{other} of {one}: update, 1 word cut, 0 added" in capsys.readouterr().out


def test_copies_are_a_table_with_delays_and_changes(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["copies", "1", "--db", collection, "--diff"]) == 0
    told = capsys.readouterr().out

    assert "40 min" in told
    assert "−2 +10" in told
    assert "2 of 1: reprint, 2 words cut, 10 added\n  − صباح الجمعة\n  + فجر اليوم" in told


def test_the_largest_groups_are_listed(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["copies", "--db", collection, "-f", "jsonl"]) == 0
    (graph,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert graph["articles"] == 4


def test_that_not_all_of_a_group_are_shown_is_said(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["copies", "1", "-n", "2", "--db", collection]) == 0

    assert "the earliest 2 of 4 articles" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["copies", "5"], ["show", "5"]])
def test_that_a_text_is_too_short_to_compare_is_said(
    collection: str, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert run([*command, "--db", collection]) == 0
    told = capsys.readouterr()

    assert f"fewer than {MIN_WORDS} words" in told.out + told.err


def older(database_url: str) -> None:
    """Let the signatures of a collection be those of an older program."""
    with closing(open_database(database_url)) as database, database.writing() as connection:
        connection.execute(update(schemes).values(settings="affine32/seed=7"))


def test_signatures_of_other_settings_are_refused_and_rebuilt(
    collection: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["copies", "1", "--db", collection, "-f", "json"])
    before = capsys.readouterr().out
    older(collection)

    assert run(["db", "check", "--db", collection]) == 2
    assert "nazair db rebuild --signatures" in capsys.readouterr().out
    with (
        closing(open_database(collection)) as database,
        database.writing() as connection,
        pytest.raises(SketchMismatch),
    ):
        enter(connection, [report(9, AFTER)])
    assert run(["db", "rebuild", "--signatures", "--db", collection]) == 0
    assert "5 articles" in capsys.readouterr().out
    assert run(["db", "check", "--db", collection]) == 0
    capsys.readouterr()
    assert run(["copies", "1", "--db", collection, "-f", "json"]) == 0
    assert capsys.readouterr().out == before


def test_a_rebuild_analyses_for_lists_and_search_too(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    def answers() -> list[str]:
        asked = (["search", "المحادثة"], ["search", '"أن القمة"'], ["similar", "1", "--explain"], ["similar", "2"])
        return [capsys.readouterr().out for one in asked if run([*one, "-f", "json", "--db", database_url]) == 0]

    with closing(open_database(database_url)) as database, database.writing() as connection:
        for number, (title, text) in enumerate(TEXTS.values(), start=1):
            store(connection, report(number, text, title=title))
        similar_lists.renew(connection)
    before = answers()
    assert all(json.loads(one) for one in before)
    older(database_url)
    with closing(open_database(database_url)) as database, database.writing() as connection:
        connection.execute(update(subjects).values(vector=b"", numbers=b"", surfaces=""))
        connection.execute(update(new_words).values(folded="", lemmas=""))

    assert run(["db", "rebuild", "--signatures", "--db", database_url]) == 0
    assert "Weighing all words anew …" in capsys.readouterr().err

    assert answers() == before


def test_an_interrupted_rebuild_goes_on(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    older(collection)
    with closing(open_database(collection)) as database, database.writing() as connection:
        keep.begin_rebuild(connection)
        store(connection, report(9, AFTER))
        assert group_count(connection, [1, 2, 3, 4, 5, 6]) == 6

    assert run(["db", "check", "--db", collection]) == 2
    assert "interrupted" in capsys.readouterr().out
    assert run(["db", "rebuild", "--signatures", "--db", collection]) == 0
    assert "5 articles" in capsys.readouterr().out
    with closing(open_database(collection)) as database, database.reading() as connection:
        assert group_count(connection, [1, 2, 3, 4, 5, 6]) == 2  # all but the short one


def test_a_rebuild_that_is_interrupted_at_its_lists_goes_on_there(
    database: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def killed(_: int) -> None:
        raise KeyboardInterrupt

    with database.writing() as connection:
        ids = store(connection, *(report(number, text) for number, text in enumerate((SUMMIT, AFTER, FAIR))))
        similar_lists.renew(connection)
        before = [similar_lists.stored_list(connection, one) for one in ids]
        assert any(before)
        keep.begin_rebuild(connection)
    with pytest.raises(KeyboardInterrupt), database.writing() as connection:
        keep.rebuild(connection, counts=TermCounts(), told=killed)

    assert run(["db", "check", "--db", database_url]) == 2
    assert run(["db", "rebuild", "--signatures", "--db", database_url]) == 0
    assert "3 articles" in capsys.readouterr().out
    with database.reading() as connection:
        assert [similar_lists.stored_list(connection, one) for one in ids] == before


def related(connection: Connection) -> list[list[tuple[object, ...]]]:
    """Keys, relations and groups, with the first article of a text in place of its id."""
    first = select(articles_table.c.text_id, func.min(articles_table.c.id).label("id")).group_by("text_id")
    a, b = first.subquery("a"), first.subquery("b")
    keys = [select(table.c.key, a.c.id).join(a, a.c.text_id == table.c.text_id) for table in (bands, samples)]
    edges = (
        select(a.c.id, b.c.id, copy_edges.c.jaccard)
        .join_from(copy_edges, a, a.c.text_id == copy_edges.c.a_id)
        .join(b, b.c.text_id == copy_edges.c.b_id)
    )
    group = articles_table.alias("mate")
    groups = (
        select(articles_table.c.id, func.min(group.c.id), articles_table.c.published_by)
        .join(group, group.c.copy_group == articles_table.c.copy_group)
        .group_by(articles_table.c.id, articles_table.c.published_by)
    )
    pairs = [(*sorted((one, other)), jaccard) for one, other, jaccard in connection.execute(edges)]
    return [sorted(pairs), *(sorted(map(tuple, connection.execute(one))) for one in (*keys, groups))]


def test_texts_that_are_rebuilt_together_are_related_as_if_they_came_one_by_one(database: Database) -> None:
    page = "تعذر الوصول إلى الصفحة المطلوبة بسبب قواعد الحماية في هذا الموقع، رقم الطلب {}. " + numbered(0, 60)
    bodies = [SUMMIT, WHOLE, numbered(0, MIN_WORDS - 2), FAIR, WHOLE + " وانتهى الخبر.", SUMMIT + " وانتهى."]
    bodies += [page.format(10**9 + number) for number in range(TEXTS_A_KEY + 10)] + [AFTER, SUMMIT]
    reports = [report(len(bodies) - number, body) for number, body in enumerate(bodies)]  # the last is the earliest
    with database.writing() as connection:
        ids = enter(connection, reports)
        before = related(connection)
        assert group_count(connection, ids) < 6 < len(before[0])
        keep.begin_rebuild(connection)

        assert keep.rebuild(connection, counts=TermCounts()) == len(reports)

        assert related(connection) == before


def test_places_are_those_that_were_entered(database: Database) -> None:
    with database.writing() as connection:
        one = report(1, SUMMIT)
        made = sketch(one.title, one.text)
        entered = copies.enter(connection, one, of_text(made))

        assert entered.place == Place(text_id=1, copy_group=1, published_by=NOON + timedelta(minutes=1))
