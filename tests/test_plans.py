"""Questions to a large collection: one about a page, a group or the head of a list reads no table from end to end.

Asked of an empty one, because how a question is answered does not depend on it: on SQLite a plan is made without
counts, and PostgreSQL is told here to go by an index wherever there is one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from corpus import ask, forgetting, keep
from corpus.settling import settle
from corpus.store import Connection, articles, frontier, leases, overview, runs, visits, words
from corpus.store.database import Database, open_database
from corpus.types import Decision, Filter, LeasedLink, Link, LinkKind, Outcome
from corpus.weighing import TermCounts
from tests.storing import store
from tests.texts import article

URL = "http://alwaha.example/news/1"

NOW = datetime(2026, 5, 1, tzinfo=UTC)

LINKS = [
    Link(url=f"http://alwaha.example/{n}", kind=LinkKind.ARTICLE, channel="feed", source_id=None) for n in range(5)
]

LISTING = replace(LINKS[0], kind=LinkKind.SITEMAP)

QUESTIONS: dict[str, Callable[[Connection], object]] = {
    "why": lambda connection: frontier.state_of(connection, URL),
    "decisions": lambda connection: runs.why(connection, URL, limit=20),
    "no more visits": lambda connection: visits.stop(connection, URL),
    "rest of what was found": lambda connection: visits.rest_again(connection, "t", [LISTING], now=NOW),
    "out of all queues": lambda connection: frontier.remove_page(connection, URL),
    "articles of pages": lambda connection: runs.articles_of(connection, [URL]),
    "ends of leases": lambda connection: leases.settle(connection, {1: None, 2: None, 3: NOW}, run_id=1),
    "leases that ran out": lambda connection: leases.release_expired(connection, now=NOW),
    "days of a topic": lambda connection: overview.counts_by_day(connection, "t"),
    "outlets of a topic": lambda connection: overview.counts_by_source(connection, "t"),
    "agencies of a topic": lambda connection: overview.counts_by_agency(connection, "t", limit=3),
    "a copy that is there": lambda connection: articles.earliest_there(connection, 1, Filter(source_id="alwaha")),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_about_one_thing_reads_no_whole_table(database: Database, question: str) -> None:
    with database.writing() as connection:
        plans = plans_of(connection, QUESTIONS[question])

    assert plans
    assert [line for plan in plans for line in plan if re.search(WHOLE[database.is_sqlite], line)] == []


def test_the_newest_articles_are_read_in_the_order_of_an_index(database: Database) -> None:
    with database.writing() as connection:
        for wanted in (Filter(), Filter(source_id="alwaha")):
            (dated, *_) = plans_of(connection, partial(articles.find, wanted=wanted, limit=20))

            assert not [line for line in dated if re.search(SORTED[database.is_sqlite], line)]


# All of what passes, and not only those with the same date.
SORTED = {True: r"TEMP B-TREE FOR ORDER BY", False: r"(^|-> +)Sort"}

# All rows of a table, of an index, or all that waits. Of runs there are few.
WHOLE = {
    True: r"SCAN (?!json_each|runs)|INDEX ix_frontier_next \(queue=\? AND state=\?\)",
    False: r"Seq Scan on (?!runs)",
}


def asked_by(connection: Connection, ask: Callable[[Connection], object]) -> list[tuple[str, Any]]:
    """The statements of a question, with their values."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", hear)
    ask(connection)
    event.remove(connection, "before_cursor_execute", hear)
    return asked


def plans_of(connection: Connection, ask: Callable[[Connection], object]) -> list[list[str]]:
    """How the database answers each statement of a question, a line a step."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL enable_seqscan = off"))
    asked = asked_by(connection, ask)
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    return [[str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {one}", given)] for one, given in asked]


def test_an_export_looks_up_together_which_articles_are_alone(database: Database) -> None:
    with database.writing() as connection:
        store(connection, article(1, outlet="alwaha"), *(article(number, outlet="sahil") for number in (2, 3)))

        one, two = (plans_of(connection, partial(exported, source=source)) for source in ("alwaha", "sahil"))

    assert len(one) == len(two)


def test_copies_on_other_pages_are_counted_for_all_articles_together(database: Database) -> None:
    with database.writing() as connection:
        ids = store(connection, *(article(number) for number in (1, 2, 3)), article(1, outlet="sahil"))

        one, three = (
            plans_of(connection, partial(forgetting.copies_elsewhere, ids=some)) for some in (ids[:1], ids[:3])
        )

        assert len(one) == len(three)
        assert forgetting.copies_elsewhere(connection, ids[:3]) == 1


def test_pages_that_are_not_kept_are_settled_by_the_same_statements_however_many(database: Database) -> None:
    with database.writing() as connection:
        run_id = runs.start(connection, "t", now=NOW, machine="here", pid=1)
        asked = []
        for links in (LINKS[:1], LINKS[1:]):
            frontier.add_seeds(connection, "t", links)
            leased = leases.lend(connection, "t", links, run_id=run_id, until=NOW)
            asked.append(len(asked_by(connection, partial(off_topic, leased=leased, run_id=run_id))))

        assert frontier.counts(connection) == {"done": len(LINKS)}
    assert asked[0] == asked[1]


def off_topic(connection: Connection, leased: list[LeasedLink], run_id: int) -> None:
    decided = [(one, Decision(url=one.link.url, outcome=Outcome.OFF_TOPIC, reason="names nothing")) for one in leased]
    settle(connection, decided, queue="t", run_id=run_id, now=NOW, counts=TermCounts())


def exported(connection: Connection, source: str) -> int:
    return len(list(ask.export_lines(connection, Filter(source_id=source))))


def test_articles_that_go_together_are_looked_for_in_the_blocks_once(empty_sqlite: Path, tmp_path: Path) -> None:
    asked: list[str] = []
    with (
        open_database(shutil.copy(empty_sqlite, str(tmp_path / "nazair.db"))) as database,
        database.writing() as connection,
    ):
        ids = store(connection, *(article(number) for number in (1, 2, 3)))
        words.make_block(connection)
        driver: Any = connection.connection.dbapi_connection
        driver.set_trace_callback(asked.append)

        keep.forget(connection, ids)

        driver.set_trace_callback(None)
    assert len([one for one in asked if one.startswith("SELECT block, article_ids")]) == 1
