"""Stored lists are what would be made of the collection now: after any arrivals, edits and departures, in any order."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from corpus import keep, similar_lists, weighing
from corpus.candidates import CANDIDATES
from corpus.list_entries import LIST_LENGTH, named
from corpus.standing import COPIES_STANDING
from corpus.store import articles, lists, postings
from corpus.store.database import Database, open_database
from corpus.types import Article, Filter, Outcome, TopicMatch
from corpus.weighing import TermCounts
from nazair.cli import run
from tests.bundled import BUNDLED, forget, made_again, sketched, store, told
from tests.texts import TEXTS, article


def shuffled(seed: int) -> list[Article]:
    some = list(BUNDLED)
    random.Random(seed).shuffle(some)  # noqa: S311 - any order will do
    return some


def test_the_bundled_articles_have_full_and_copied_lists(database: Database) -> None:
    with database.writing() as connection:
        store(connection, BUNDLED)
        groups = articles.groups_of(connection, articles.find(connection, Filter()))

        assert len(groups) > 50
        assert len(set(groups.values())) < len(groups) - 10
        assert max(map(len, told(connection).values())) > 10


@pytest.mark.parametrize("seed", range(2))
def test_lists_are_those_that_would_be_made_now_whoever_came_first(database: Database, seed: int) -> None:
    with database.writing() as connection:
        store(connection, BUNDLED)
        similar_lists.renew(connection)
        first = told(connection)
        forget(connection, shuffled(seed)[:30])
        assert told(connection) == made_again(connection)

        store(connection, shuffled(seed)[:30])
        assert told(connection) == made_again(connection) == first


def test_a_crowd_has_the_lists_that_would_be_made_now(database: Database) -> None:
    said, draw = list(dict.fromkeys(" ".join(text for _, text in TEXTS.values()).split())), random.Random(0)  # noqa: S311
    crowd = [
        replace(
            article(1),
            url=f"http://atlas.example/{i}",
            title=" ".join(draw.sample(said, 5)),
            text=" ".join(draw.sample(said, 30)),
        )
        for i in range(120)
    ]
    with database.writing() as connection:
        store(connection, crowd)

        assert told(connection) == made_again(connection)


def test_both_databases_hold_the_same_lists(tmp_path: Path, postgresql_url: str) -> None:
    lists_in = []
    for seed, where in enumerate((str(tmp_path / "nazair.db"), postgresql_url)):
        database = open_database(where, create=True)
        with database.writing() as connection:
            store(connection, shuffled(seed))
            similar_lists.renew(connection)
            lists_in.append(told(connection))
        database.close()

    assert lists_in[0] == lists_in[1]


def test_a_text_that_joins_and_parts_copies_leaves_lists_as_made_now(database: Database) -> None:
    """An edit of a text that hung two groups together, and its return."""
    summit = [one for one in BUNDLED if "alaska" not in one.url][:40]
    bridge = summit[0]
    with database.writing() as connection:
        store(connection, summit)
        for text in (TEXTS[3][1], summit[3].text, summit[7].text, bridge.text):
            store(connection, [replace(bridge, text=text)])
            assert told(connection) == made_again(connection)


def test_a_full_list_is_filled_up_when_one_of_it_is_forgotten(database: Database) -> None:
    crowd = [
        replace(
            article(1),
            url=f"http://atlas.example/{i}",
            title=f"محادثات {i}",
            text=f"تتواصل المحادثات في أنكوريج. {'تفاصيل ' * (i % 5)}",
        )
        for i in range(LIST_LENGTH + 5)
    ]
    with database.writing() as connection:
        store(connection, [article(1), *crowd])
        before = told(connection)[article(1).url]
        gone = next(one for one in crowd if one.url == before[0][0])
        forget(connection, [gone])
        now = told(connection)[article(1).url]

        assert len(before) == len(now) == LIST_LENGTH
        assert [entry for entry in now if entry in before] == before[1:]
        assert told(connection) == made_again(connection)


def test_lists_of_what_goes_next_are_not_made_anew(database: Database) -> None:
    with database.writing() as connection:
        store(connection, BUNDLED)
        ids = articles.find(connection, Filter(), sort="id")
        ((first, _), *_) = next(found for one in ids if (found := similar_lists.stored_list(connection, one)))
        own = lists.entries_of(connection, ids)
        naming = {one: entries for one, entries in own.items() if first in named(entries)}

        keep.forget(connection, [first], going=naming.keys())

        assert lists.entries_of(connection, naming.keys()) == naming
        keep.forget(connection, [*naming])
        assert told(connection) == made_again(connection)


def test_no_list_names_what_was_forgotten_however_many_were_nearer_to_it(database: Database) -> None:
    crowd = [
        replace(article(1), url=f"http://atlas.example/{i}", title="محادثات أنكوريج", text="تتواصل محادثات أنكوريج")
        for i in range(CANDIDATES + COPIES_STANDING + 1)
    ]
    hub = replace(crowd[0], url="http://sahil.example/1", text="تتواصل محادثات أنكوريج عن مصائد السلمون")
    outlier = replace(crowd[0], url="http://sahil.example/2", title="مصائد السلمون", text="أسعار صيد سمك السلمون")
    with database.writing() as connection:
        store(connection, [hub, outlier, *crowd])
        assert [url for url, _ in told(connection)[outlier.url]] == [hub.url]

        forget(connection, [hub])
        now = similar_lists.stored_list(connection, articles.id_of_url(connection, outlier.url) or 0)

        assert now == []


def test_lists_follow_what_an_article_names_when_another_topic_has_found_it(database: Database) -> None:
    def judged(topic_id: str, *names: str) -> TopicMatch:
        return TopicMatch(topic_id=topic_id, score=0.9, matched=names, names=names, on_topic=True, reason="")

    named = [(article(1), judged("a", "ترامب")), (article(2), judged("a", "بوتين")), (article(1), judged("b", "بوتين"))]
    seen = []
    with database.writing() as connection:
        store(connection, [article(1), article(2), article(3)])
        for one, topic in named:
            read = sketched(one.title, one.text)
            kept = keep.keep_article(connection, one, read, topics=(topic,), counts=TermCounts())
            seen.append(told(connection)[article(1).url])

            assert kept.outcome is Outcome.UNCHANGED
            assert told(connection) == made_again(connection)
        (_, apart), (_, half) = seen[1][0], seen[2][0]

        assert apart < half


def test_of_each_copy_group_a_list_stores_the_best(database: Database) -> None:
    with database.writing() as connection:
        store(connection, BUNDLED)
        for one, entries in told(connection).items():
            ids = {url: articles.id_of_url(connection, url) or 0 for url in (one, *(url for url, _ in entries))}
            groups = articles.groups_of(connection, list(ids.values()))

            assert len(set(groups.values())) == len(entries) + 1, one
            assert [score for _, score in entries] == sorted((score for _, score in entries), reverse=True)


def test_words_count_as_weighed_until_the_next_weighing(database: Database) -> None:
    with database.writing() as connection:
        store(connection, BUNDLED[::2])
        similar_lists.renew(connection)
        one = max(told(connection), key=lambda url: len(told(connection)[url]))
        before = dict(told(connection)[one])
        store(connection, BUNDLED[1::2])
        now = dict(told(connection)[one])

        assert len(before) > 5
        assert len(now.keys() & before.keys()) > 5
        assert all(now[url] == before[url] for url in now.keys() & before.keys())
        similar_lists.renew(connection)
        assert not now.items() & set(told(connection)[one])


@pytest.mark.parametrize(
    ("weighed", "stored", "grown", "due"),
    [(0, 1, weighing.FOURFOLD, True), (4, 7, 2.0, False), (4, 8, 2.0, True), (10, 11, weighing.GROWN, True)],
)
def test_a_collection_is_weighed_again_when_it_has_grown(
    database: Database, weighed: int, stored: int, grown: float, due: bool
) -> None:
    with database.writing() as connection:
        store(connection, BUNDLED[:weighed])
        if weighed:
            similar_lists.renew(connection)
        store(connection, BUNDLED[weighed:stored])

        assert similar_lists.renew(connection, grown=grown) is due
        assert postings.weighing(connection).articles == (stored if due else weighed)


def test_a_collection_that_has_become_large_is_not_weighed_unasked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weighing, "LARGE", 8)
    with database.writing() as connection:
        store(connection, BUNDLED[:2])
        similar_lists.renew(connection)
        store(connection, BUNDLED[2:8])

        assert not similar_lists.renew(connection, grown=weighing.GROWN)
        assert similar_lists.renew(connection)


def test_the_command_makes_the_lists_that_kept_themselves_up_to_date(
    database: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing() as connection:
        store(connection, BUNDLED[:40])
        similar_lists.renew(connection)
        forget(connection, BUNDLED[10:20])
        kept = told(connection)
        # So that what the command has to weigh is what was weighed: all but the same articles.
        store(connection, BUNDLED[10:20])
        before = told(connection)

    assert run(["db", "rebuild", "--similar", "--db", database_url]) == 0
    assert "40 similar lists made anew" in capsys.readouterr().out
    with database.reading() as connection:
        assert told(connection) == before != kept


@pytest.mark.parametrize(
    ("weighed", "now", "advised"), [(20_000, 40_000, False), (20_000, 40_001, True), (5_000, 15_000, False)]
)
def test_that_words_are_weighed_in_another_collection_by_now_is_said_with_what_to_do(
    weighed: int, now: int, advised: bool
) -> None:
    line = weighing.drift(weighed, now)

    assert line.startswith(f"words weighed in {weighed:,} articles")
    assert ("nazair db rebuild --similar" in line) is advised


def test_an_article_whose_list_was_weighed_elsewhere_is_compared_by_todays_weights(database: Database) -> None:
    """A process that remembers an older weighing notices the new one."""
    counts = TermCounts()
    with database.writing() as connection:
        for one in BUNDLED[:10]:
            keep.keep_article(connection, one, sketched(one.title, one.text), counts=counts)
        similar_lists.renew(connection)
        for one in BUNDLED[10:20]:
            keep.keep_article(connection, one, sketched(one.title, one.text), counts=counts)
        with_old = told(connection)
        forget(connection, BUNDLED[10:20])
        store(connection, BUNDLED[10:20])

        assert told(connection) == with_old
