"""The ledger: which decisions share a transaction, and who waits for whom."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event

from corpus.errors import StoreBroken
from corpus.sketch import sketch
from corpus.store import claims, frontier, hosts, leases, postings, runs, visits
from corpus.store.database import Database, open_database
from corpus.types import Concept, Decision, LeasedLink, Link, LinkKind, Outcome, Prospect, Reading, Topic, Visit
from crawler.run import begin_run
from pipelines.ledger import Ledger
from pipelines.run_store import Revisits
from pipelines.writer import MAX_FAILURES
from tests.storing import store
from tests.texts import article

LINKS = [
    Link(url=f"http://alwaha.example/{n}", kind=LinkKind.ARTICLE, channel="feed", source_id="alwaha") for n in range(8)
]


def off_topic(leased: LeasedLink) -> Decision:
    return Decision(url=leased.link.url, outcome=Outcome.OFF_TOPIC, reason="names no concept")


def transactions(database: Database, *, decided: int, rest_s: float = 0.0) -> list[int]:
    """How many decisions each transaction holds of a run that decides on so many of its eight links, one by one."""
    with database.writing() as connection:
        run_id = runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=1)

    async def decide() -> None:
        ledger = Ledger(database, queue="t", run_id=run_id)
        ledger.rest_s = rest_s
        await ledger.begin(())
        waiting = []
        for leased in (await ledger.enter(LINKS))[:decided]:
            waiting.append(asyncio.create_task(ledger.settle(leased, off_topic(leased))))
            await asyncio.sleep(0)  # its turn
        async with asyncio.timeout(30):
            await asyncio.gather(*waiting)
        await ledger.end(status="finished", reason="")

    asyncio.run(decide())
    with database.reading() as connection:
        return [len(list(some)) for _, some in groupby(runs.decided(connection, run_id), lambda one: one.decided_at)]


def test_decisions_are_stored_together_when_half_of_the_links_are_decided(database: Database) -> None:
    assert transactions(database, decided=4) == [4]


def test_a_decision_is_stored_although_no_other_comes(database: Database) -> None:
    assert transactions(database, decided=1) == [1]


def test_a_decision_that_nobody_waits_for_any_more_holds_up_no_other(database: Database) -> None:
    with database.writing() as connection:
        run_id = runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=1)

    async def decide() -> None:
        ledger = Ledger(database, queue="t", run_id=run_id)
        await ledger.begin(())
        given_up, *others = [
            asyncio.create_task(ledger.settle(one, off_topic(one))) for one in await ledger.enter(LINKS[:3])
        ]
        await asyncio.sleep(0)  # their turn
        given_up.cancel()
        async with asyncio.timeout(30):
            await asyncio.gather(*others)
        await ledger.end(status="finished", reason="")

    asyncio.run(decide())
    with database.reading() as connection:
        assert len(runs.decided(connection, run_id)) == 3


@pytest.mark.parametrize("decided", [2, 4])
def test_where_hosts_rest_a_decision_waits_for_no_other(database: Database, decided: int) -> None:
    assert transactions(database, decided=decided, rest_s=0.1)[0] == 1


def test_what_is_no_fault_of_a_page_ends_the_run_and_puts_no_page_aside(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Set while a run goes on: what is wrong with it before is said before the run begins.
    monkeypatch.setenv("NAZAIR_COPY_DAYS", "30d")
    one = article(1)
    with database.writing() as connection:
        run_id = runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=1)

    async def decide() -> None:
        ledger = Ledger(database, queue="t", run_id=run_id)
        await ledger.begin(())
        (leased,) = await ledger.enter([replace(LINKS[0], url=one.url)])
        reading = Reading(article=one, sketch=sketch(one.title, one.text))
        with pytest.raises(StoreBroken, match="NAZAIR_COPY_DAYS is '30d'"):
            await ledger.settle(leased, replace(off_topic(leased), outcome=Outcome.KEPT, reason="", reading=reading))
        await ledger.end(status="failed", reason=str(ledger.broken))

    asyncio.run(decide())

    with database.reading() as connection:
        assert runs.decided(connection, run_id) == []
        assert [one.state for one in frontier.state_of(connection, one.url)] == ["pending"]


@pytest.mark.parametrize(("status", "weighed"), [("finished", 1), ("stopped", 0)])
def test_only_a_run_that_was_not_stopped_weighs_words_at_its_end(database: Database, status: str, weighed: int) -> None:
    with database.writing() as connection:
        store(connection, article(1))
        run_id = runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=1)

    async def end() -> None:
        ledger = Ledger(database, queue="t", run_id=run_id)
        await ledger.begin(())
        await ledger.end(status=status, reason="")

    asyncio.run(end())

    with database.reading() as connection:
        assert postings.weighing(connection).articles == weighed


def ended(database: Database, told: Callable[[Ledger, int, int], None]) -> tuple[str, int]:
    """How a run of a collection with one article ends, and how many articles words were weighed in then."""
    with database.writing() as connection:
        store(connection, article(1))
        run_id = runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=1)

    async def end() -> None:
        ledger = Ledger(database, queue="t", run_id=run_id)
        ledger.told = lambda made, of: told(ledger, made, of)
        await ledger.begin(())
        await ledger.end(status="finished", reason="")

    with suppress(KeyboardInterrupt):
        asyncio.run(end())
    with database.reading() as connection:
        run = runs.by_id(connection, run_id)
        assert run is not None
        return run.status, postings.weighing(connection).articles


def test_a_run_tells_how_many_similar_lists_are_made_anew_at_its_end(database: Database) -> None:
    told = []

    assert ended(database, lambda ledger, made, of: told.append((made, of))) == ("finished", 1)

    assert told == [(0, 1), (1, 1), (0, 0)]


def test_a_run_that_is_hurried_leaves_similar_lists_to_the_next(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    assert ended(database, lambda ledger, made, of: ledger.hurry()) == ("finished", 0)

    assert "the run was interrupted. The next one makes them" in caplog.text


def test_a_run_that_is_cancelled_while_similar_lists_are_made_has_its_end(database: Database) -> None:
    minded: list[bool] = []

    def interrupt(ledger: Ledger, made: int, of: int) -> None:
        if of:
            os.kill(os.getpid(), signal.SIGINT)  # as Ctrl-C does; this is the writer's thread
            minded.append(ledger._hurried.wait(60))

    assert ended(database, interrupt) == ("finished", 0)
    assert minded == [True]


def test_what_was_skipped_is_judged_again_when_the_topic_says_something_else(database: Database) -> None:
    floods = Topic(id="t", title="سيول درنة", concepts=(Concept(name="درنة", aliases=("درنة",)),))
    doubt = Prospect(doubt="title", reason="its title names nothing of the topic")
    skipped = replace(LINKS[0], title="سيول درنة تقطع الطريق إلى المدينة", prospect=doubt)
    states: list[str] = []

    async def begin(run_id: int, topic: Topic) -> None:
        ledger = Ledger(database, queue="t", run_id=run_id)
        await ledger.begin((), focus=topic, revisits=Revisits(source_ids=frozenset({"alwaha"})))
        await ledger.end(status="finished", reason="")

    for topic in (floods, floods, replace(floods, until=date(2025, 12, 31))):
        with database.writing() as connection:
            run_id = runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=1)
            frontier.add_found(connection, "t", [skipped], run_id=run_id)
        asyncio.run(begin(run_id, topic))
        with database.reading() as connection:
            states += [one.state for one in frontier.state_of(connection, skipped.url)]

    assert states == ["skipped", "skipped", "pending"]


def test_a_run_of_some_sources_leaves_what_waits_of_others_to_a_run_that_has_them(database: Database) -> None:
    own, other = LINKS[0], replace(LINKS[1], url="http://sahil.example/1", source_id="sahil")
    leased: list[list[str]] = []

    async def begin(run_id: int, *source_ids: str) -> None:
        ledger = Ledger(database, queue="t", run_id=run_id)
        await ledger.begin((), revisits=Revisits(source_ids=frozenset(source_ids)))
        leased.append([one.link.url for one in await ledger.lease(per_host=8, limit=8)])
        await ledger.end(status="stopped", reason="")

    for sources in (("alwaha",), ("alwaha",), ("alwaha", "sahil")):
        with database.writing() as connection:
            run_id = runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=1)
            if not leased:
                frontier.add_seeds(connection, "t", [own, other])
        asyncio.run(begin(run_id, *sources))

        with database.reading() as connection:
            assert [one.state for one in frontier.state_of(connection, other.url)] == ["pending"]  # it is not rewritten

    assert leased == [[own.url], [own.url], [own.url, other.url]]


def test_a_run_of_some_sources_asks_the_hosts_on_which_it_finds_their_links(database: Database) -> None:
    own, other = LINKS[0], replace(LINKS[1], url="http://sahil.example/1", source_id="sahil")
    new = replace(own, url="http://cdn.alwaha.example/2")
    with database.writing() as connection:
        run_id = runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=1)
        frontier.add_seeds(connection, "t", [own, other])

    async def fetched() -> list[str]:
        ledger = Ledger(database, queue="t", run_id=run_id)
        await ledger.begin((), revisits=Revisits(source_ids=frozenset({"alwaha"})))
        got = []
        while leased := await ledger.lease(per_host=8, limit=8):
            got += [one.link.url for one in leased]
            for one in leased:
                await ledger.settle(one, replace(off_topic(one), found=(new,)))
            assert (await ledger.waiting())[0] == 2 - len(got)
        await ledger.end(status="finished", reason="")
        return got

    assert asyncio.run(fetched()) == [own.url, new.url]


def test_to_count_what_waits_takes_as_long_as_to_count_it_whatever_the_database_does_before(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour_s, shown = 3600.0, [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: shown[0])
    with database.writing() as connection:
        run_id = runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=1)
        frontier.add_seeds(connection, "t", LINKS)

    async def counted() -> tuple[int, float]:
        ledger = Ledger(database, queue="t", run_id=run_id)
        await ledger.begin(())
        with database.writing():
            writing = asyncio.create_task(ledger.keep_host("alwaha.example", failures=1))
            counting = asyncio.create_task(ledger.waiting())
            await asyncio.sleep(0)
            shown[0] += hour_s
        await writing
        told = await counting
        await ledger.end(status="finished", reason="")
        return told

    assert asyncio.run(counted()) == (len(LINKS), 0.0)


def test_a_run_of_some_sources_asks_a_host_whose_robots_txt_lets_it_in_again(database: Database) -> None:
    own, other = replace(LINKS[0], url="http://cdn.alwaha.example/1"), replace(LINKS[1], source_id="sahil")
    with database.writing() as connection:
        before, run_id = (runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=1) for _ in range(2))
        frontier.add_seeds(connection, "t", [own, other])
        (refused,) = leases.lend(connection, "t", [own], run_id=before, until=datetime.now(UTC) + timedelta(hours=1))
        told = runs.NewDecision(link=own, outcome=Outcome.BLOCKED_BY_ROBOTS, reason="")
        runs.record(connection, before, [told], now=datetime.now(UTC))
        leases.settle(connection, {refused.id: None}, run_id=before)
        runs.end(connection, before, now=datetime.now(UTC), status="finished", reason="")

    async def fetched() -> list[str]:
        ledger = Ledger(database, queue="t", run_id=run_id)
        await ledger.begin((), revisits=Revisits(source_ids=frozenset({"alwaha"})))
        assert await ledger.lease(per_host=8, limit=8) == []
        await ledger.look_again("cdn.alwaha.example")
        got = [one.link.url for one in await ledger.lease(per_host=8, limit=8)]
        await ledger.end(status="stopped", reason="")
        return got

    assert asyncio.run(fetched()) == [own.url]


def test_a_run_of_some_sources_fetches_what_comes_back_from_another_run(database: Database) -> None:
    """Which ends, or dies, while it fetches all that there is of them."""
    own, other = LINKS[0], replace(LINKS[1], url="http://sahil.example/1", source_id="sahil")
    with database.writing() as connection:
        first, second = (
            runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=os.getpid()) for _ in range(2)
        )
        frontier.add_seeds(connection, "t", [own, other])
        leases.lend(connection, "t", [own], run_id=first, until=datetime.now(UTC) + timedelta(hours=1))

    async def fetched() -> list[str]:
        ledger = Ledger(database, queue="t", run_id=second)
        await ledger.begin((), revisits=Revisits(source_ids=frozenset({"alwaha"})))
        with database.writing() as connection:
            leases.release(connection, first)
        got = [one.link.url for one in await ledger.lease(per_host=8, limit=8)]
        await ledger.end(status="stopped", reason="")
        return got

    assert asyncio.run(fetched()) == [own.url]


def test_a_run_of_some_sources_is_confined_to_them_beside_a_run_of_others(database: Database) -> None:
    """On PostgreSQL, runs of one queue share the work; the run that came later has put the other's links back."""
    own = [LINKS[0], replace(LINKS[0], url="http://alwaha.example/feed", kind=LinkKind.FEED)]
    others = [replace(one, url=f"{one.url}?2", source_id="sahil") for one in own]  # even of the same host
    with database.writing() as connection:
        first, second = (
            runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=os.getpid()) for _ in range(2)
        )
        frontier.add_seeds(connection, "t", own + others)

    async def lease_all() -> list[str]:
        ledger = Ledger(database, queue="t", run_id=first)
        await ledger.begin((), revisits=Revisits(source_ids=frozenset({"alwaha"})))
        other = Ledger(database, queue="t", run_id=second)
        await other.begin((), revisits=Revisits(source_ids=frozenset({"alwaha", "sahil"})))
        got = []
        while leased := await ledger.lease(per_host=8, limit=8):
            got += [one.link.url for one in leased]
            for one in leased:
                await ledger.settle(one, off_topic(one))
        assert await ledger.next_due() is None  # else it would wait for what it never gets
        assert await other.next_due() is not None
        await ledger.end(status="finished", reason="")
        await other.end(status="stopped", reason="")
        return got

    assert asyncio.run(lease_all()) == [own[1].url, own[0].url]


def test_a_run_waits_for_whoever_writes_to_the_file_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `db rebuild` does, for minutes: three failures in a row would be a database that is broken."""
    monkeypatch.setattr("corpus.store.engine.BUSY_TIMEOUT_S", 0.05)
    database = open_database(str(tmp_path / "nazair.db"), create=True)
    run_id = begin_run(database, "t")

    class Told(logging.Handler):
        times = 0

        def emit(self, record: logging.LogRecord) -> None:
            self.times += "the run waits for it" in record.getMessage()
            if self.times > MAX_FAILURES:
                other.execute("COMMIT")

    async def decide() -> None:
        ledger = Ledger(database, queue="t", run_id=run_id)
        await ledger.begin(())
        (leased,) = await ledger.enter(LINKS[:1])
        other.execute("BEGIN IMMEDIATE")
        await ledger.settle(leased, off_topic(leased))
        await ledger.end(status="finished", reason="")

    with closing(sqlite3.connect(database.name, isolation_level=None)) as other:
        logging.getLogger("pipelines.writer").addHandler(told := Told())
        asyncio.run(decide())
        logging.getLogger("pipelines.writer").removeHandler(told)

    with database.reading() as connection:
        assert len(runs.decided(connection, run_id)) == 1
    database.close()


def test_a_run_that_waits_for_its_turn_is_heard_of(postgresql_url: str) -> None:
    """A run that begins after a long rebuild would take the others for dead."""
    database = open_database(postgresql_url, create=True)
    run_id = begin_run(database, "t")

    def heard() -> datetime:
        with database.reading() as connection:
            return runs.running(connection)[0].heartbeat_at

    async def decide() -> None:
        ledger = Ledger(database, queue="t", run_id=run_id)
        await ledger.begin(())
        (leased,) = await ledger.enter(LINKS[:1])
        with database.writing():
            settled = asyncio.create_task(ledger.settle(leased, off_topic(leased)))
            await asyncio.sleep(0)
            before = datetime.now(UTC)
            async with asyncio.timeout(30):
                assert await ledger._writer.beside(ledger._store.heartbeat)
            assert heard() >= before
            assert not settled.done()
        await settled
        await ledger.end(status="finished", reason="")

    asyncio.run(decide())
    database.close()


def test_what_was_no_article_is_read_again_when_its_sources_rules_have_changed(database: Database) -> None:
    links = [LINKS[0], replace(LINKS[1], url="http://sahil.example/1", source_id="sahil")]
    leased: list[list[str]] = []

    async def crawl(rules: Mapping[str, str | None]) -> None:
        with database.writing() as connection:
            run_id = runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=os.getpid())
            if not leased:
                frontier.add_seeds(connection, "t", links)
        ledger = Ledger(database, queue="t", run_id=run_id)
        await ledger.begin((), revisits=Revisits(source_ids=frozenset(rules), rules=rules))
        got = await ledger.lease(per_host=8, limit=8)
        leased.append([one.link.url for one in got])
        for one in got:
            await ledger.settle(one, replace(off_topic(one), outcome=Outcome.NOT_AN_ARTICLE))
        await ledger.end(status="finished", reason="")

    own, other = (link.url for link in links)
    for rules, expected in (
        ({"alwaha": None, "sahil": "a"}, [own, other]),
        ({"alwaha": None, "sahil": "a"}, []),
        ({"alwaha": "b"}, [own]),  # a run of this source alone: what it says of the other stays
        ({"alwaha": "b", "sahil": "a"}, []),
        ({"alwaha": "b", "sahil": None}, [other]),
    ):
        asyncio.run(crawl(rules))
        assert leased[-1] == expected


def test_a_connection_that_is_lost_at_the_end_of_a_run_costs_nothing(postgresql_url: str) -> None:
    database = open_database(postgresql_url, create=True)
    run_id = begin_run(database, "t")
    lost: list[int] = []

    @event.listens_for(database._engine, "before_cursor_execute")
    def lose(connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        if "ended_at" in statement and not lost:
            lost.append(cursor.connection.info.backend_pid)
            with psycopg.connect(postgresql_url) as other:
                other.execute("SELECT pg_terminate_backend(%s, 10000)", lost)

    async def begin_and_end() -> None:
        ledger = Ledger(database, queue="t", run_id=run_id)
        await ledger.begin(())
        await ledger.end(status="finished", reason="nothing left to fetch")

    asyncio.run(begin_and_end())

    with database.reading() as connection:
        assert (lost != [], runs.by_id(connection, run_id).status) == (True, "finished")
    database.close()


def test_nothing_waits_for_what_a_clock_noted_that_was_years_ahead(database: Database) -> None:
    ahead = datetime.now(UTC) + timedelta(days=3652)
    kept, failed = LINKS[0], replace(LINKS[1], url="http://sahil.example/1")
    with database.writing() as connection:
        before = runs.start(connection, "t", now=ahead, machine="elsewhere", pid=1)
        frontier.add_seeds(connection, "t", [kept, failed])
        leased = leases.lend(connection, "t", [kept, failed], run_id=before, until=ahead)
        leases.settle(connection, {leased[0].id: None}, run_id=before)
        visit = Visit(url=kept.url, validators=None, first_at=ahead, visited_at=ahead, due_at=ahead)
        visits.put(connection, {leased[0].id: visit})
        leases.settle(connection, {leased[1].id: ahead}, run_id=before)
        ready = ["alwaha.example", "sahil.example"]
        claims.take(connection, "t", ready, run_id=before, busy={}, now=ahead, until=ahead, limit=8)
        claims.leave(connection, before, now=ahead)
        for host in ready:
            hosts.keep(connection, host, {"blocked_until": ahead, "robots_at": ahead, "tdm_at": ahead})
        runs.end(connection, before, now=ahead, status="finished", reason="")

    async def lease() -> list[LeasedLink]:
        ledger = Ledger(database, queue="t", run_id=run_id)
        await ledger.begin((), revisits=Revisits(source_ids=frozenset({"alwaha"})))
        return await ledger.lease(per_host=8, limit=8)

    with database.writing() as connection:
        run_id = runs.start(connection, "t", now=datetime.now(UTC), machine="here", pid=1)
    again = asyncio.run(lease())

    assert {one.link.url for one in again} == {kept.url, failed.url}
    assert all(one.visit is None or one.visit.first_at < ahead for one in again)
    with database.reading() as connection:
        known = hosts.load(connection, "alwaha.example")
    assert known is not None
    assert known.robots_at is known.tdm_at is None
