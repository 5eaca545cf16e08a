"""Runs: one at a time on a database; a dead one is lost and gives back its leases; every decision is on record."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from corpus.errors import RunLocked
from corpus.store import Connection, frontier, leases, overview, runs, source_counts
from corpus.store.claims import SILENT_AFTER
from corpus.store.database import Database, open_database
from corpus.store.runs import NewDecision
from corpus.types import Link, LinkKind, Outcome, TopicMatch
from crawler.processes import identity
from crawler.run import begin_run
from nazair.cli import run
from nazair.fetching import exit_code
from tests.processes import nazair
from tests.serving import CLIENT, serving
from tests.storing import store
from tests.texts import article

HERE, ELSEWHERE = platform.node(), "another-machine"
STARTED = datetime(2025, 8, 16, 12, tzinfo=UTC)

needs_identity = pytest.mark.skipif(identity(os.getpid()) is None, reason="the system has no /proc")


def link(number: int, *, kind: LinkKind = LinkKind.ARTICLE, source: str = "alwaha") -> Link:
    return Link(url=f"http://{source}.example/{number}", kind=kind, channel="feed", source_id=source)


def started(
    database: Database,
    *,
    machine: str = HERE,
    pid: int,
    process: str | None = None,
    silent: timedelta = timedelta(0),
) -> int:
    """A run that was heard of some time ago and has leased one link."""
    heard_at = datetime.now(UTC) - silent
    with database.writing() as connection:
        run_id = runs.start(connection, "t", now=heard_at, machine=machine, pid=pid, process=process)
        frontier.add_seeds(connection, "t", [link(1), link(2)])
        until = heard_at + timedelta(hours=1)
        leases.lease(connection, "t", run_id=run_id, now=heard_at, until=until, busy={}, per_host=8, limit=1)
    return run_id


def state(database: Database, run_id: int) -> tuple[str, dict[str, int]]:
    with database.reading() as connection:
        run = runs.by_id(connection, run_id)
        assert run is not None
        return run.status, frontier.counts(connection)


@pytest.fixture
def dead_pid() -> int:
    """The id of a process that was here."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(str(tmp_path / "nazair.db"), create=True)
    yield opened
    opened.close()


def test_a_run_is_recorded_with_its_process(database: Database) -> None:
    run_id = begin_run(database, "alaska-summit")

    with database.reading() as connection:
        (run,) = runs.running(connection)
    assert (run.id, run.queue, run.machine, run.pid) == (run_id, "alaska-summit", HERE, os.getpid())
    assert (run.status, run.ended_at) == ("running", None)
    assert run.process == identity(os.getpid())


@pytest.mark.parametrize("queue", ["first", "second"])
def test_a_second_run_on_sqlite_is_refused_whatever_its_topic(sqlite: Database, queue: str) -> None:
    database = sqlite
    first = begin_run(database, "first")

    with pytest.raises(RunLocked, match=rf"run {first} \(first\), process {os.getpid()} on {HERE}") as raised:
        begin_run(database, queue)

    assert raised.value.exit_code == 75
    with database.reading() as connection:
        assert [run.id for run in runs.latest(connection)] == [first]


def test_several_runs_share_one_postgresql(postgresql_url: str) -> None:
    database = open_database(postgresql_url, create=True)

    run_ids = [begin_run(database, "t") for _ in range(3)]

    with database.reading() as connection:
        assert [run.id for run in runs.running(connection)] == run_ids
    database.close()


def test_a_run_that_was_given_up_is_told_so_by_its_heartbeat(database: Database, dead_pid: int) -> None:
    dead = started(database, pid=dead_pid)
    alive = begin_run(database, "t")

    with database.writing() as connection:
        assert not runs.heartbeat(connection, dead, now=datetime.now(UTC))
        assert runs.heartbeat(connection, alive, now=datetime.now(UTC))


def test_a_run_that_meets_a_rebuild_is_to_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.store.engine.BUSY_TIMEOUT_S", 0.1)
    with (
        open_database(str(tmp_path / "nazair.db"), create=True) as database,
        closing(sqlite3.connect(database.name)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(RunLocked, match="Another program is writing to it: try again later"):
            begin_run(database, "t")


def test_the_command_line_gives_the_exit_code_of_a_second_run(sqlite: Database) -> None:
    begin_run(sqlite, "first")

    done = nazair("add", "http://127.0.0.1:9/x", "--contact", "a@b.example", "--db", sqlite.name)

    assert done.returncode == 75
    assert "Another run is active" in done.stderr
    assert "Traceback" not in done.stderr


INTERRUPTED = """
import sys
from crawler.catalogue import load
from crawler.plan import plan_add
from nazair.context import Context
from nazair.fetching import fetch

class Interrupting:
    @classmethod
    def from_settings(cls, settings):
        raise KeyboardInterrupt

plan = plan_add(load(None), ["http://a.example/1"])
fetch(Context(db=sys.argv[1]), plan, {"NAZAIR_CONTACT": "a@b.example", "SPIDER_LOADER_CLASS": Interrupting})
"""


def test_a_run_that_is_interrupted_before_its_crawl_begins_is_stopped(sqlite: Database) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, sqlite.name], capture_output=True, timeout=100, check=False
    )

    assert done.returncode != 0
    with sqlite.reading() as connection:
        (only,) = runs.latest(connection)
    assert (only.status, only.reason) == ("stopped", "interrupted")


def test_the_next_run_begins_when_the_first_has_ended(database: Database) -> None:
    first = begin_run(database, "t")
    with database.writing() as connection:
        runs.end(connection, first, now=STARTED, status="finished", reason="done")

    second = begin_run(database, "t")

    assert second > first
    assert state(database, first)[0] == "finished"


def test_a_run_whose_process_is_gone_is_lost_and_gives_back_its_leases(database: Database, dead_pid: int) -> None:
    dead = started(database, pid=dead_pid)

    begin_run(database, "t")

    assert state(database, dead) == ("lost", {"pending": 2})


def test_a_run_whose_process_is_gone_is_shown_as_lost_before_another_begins(
    database: Database, database_url: str, dead_pid: int, capsys: pytest.CaptureFixture[str]
) -> None:
    alive, dead = (started(database, pid=pid) for pid in (os.getpid(), dead_pid))

    assert run(["runs", "list", "-f", "json", "--db", database_url]) == 0
    shown = {one["id"]: (one["status"], one["reason"]) for one in json.loads(capsys.readouterr().out)}
    assert run(["runs", "show", str(dead), "--db", database_url]) == 0
    one = capsys.readouterr().out
    with serving(database_url) as address:
        page = CLIENT.get(f"{address}/sources?lang=en").text

    assert shown == {alive: ("running", None), dead: ("lost", "the process ended without a word")}
    assert "UTC: lost (the process ended without a word)" in one
    assert (page.count('state good">running<'), page.count('state bad">lost<')) == (1, 1)
    assert state(database, dead)[0] == "running", "nothing is written by who looks"


def test_a_run_that_has_been_silent_is_lost_wherever_it_was(database: Database) -> None:
    dead = started(database, machine=ELSEWHERE, pid=os.getpid(), silent=SILENT_AFTER + timedelta(seconds=1))

    begin_run(database, "t")

    assert state(database, dead) == ("lost", {"pending": 2})


def test_a_run_of_another_machine_lives_as_long_as_it_is_heard(sqlite: Database, dead_pid: int) -> None:
    alive = started(sqlite, machine=ELSEWHERE, pid=dead_pid, silent=SILENT_AFTER / 2)

    with pytest.raises(RunLocked):
        begin_run(sqlite, "t")

    assert state(sqlite, alive) == ("running", {"leased": 1, "pending": 1})


def test_a_run_whose_clock_was_years_ahead_does_not_live_until_then(database: Database, dead_pid: int) -> None:
    dead = started(database, machine=ELSEWHERE, pid=dead_pid, silent=-timedelta(days=3652))

    begin_run(database, "t")

    assert state(database, dead) == ("lost", {"pending": 2})


def test_a_heartbeat_keeps_a_run_alive(sqlite: Database, dead_pid: int) -> None:
    run_id = started(sqlite, machine=ELSEWHERE, pid=dead_pid, silent=SILENT_AFTER * 2)
    with sqlite.writing() as connection:
        runs.heartbeat(connection, run_id, now=datetime.now(UTC))

    with pytest.raises(RunLocked):
        begin_run(sqlite, "t")


@needs_identity
def test_a_process_that_has_the_number_of_a_run_is_not_therefore_its_own(database: Database) -> None:
    boot, space, ticks = (identity(os.getpid()) or "").split()
    dead = started(database, pid=os.getpid(), process=f"{boot} {space} {int(ticks) - 1}")

    begin_run(database, "t")

    assert state(database, dead) == ("lost", {"pending": 2})


@needs_identity
def test_a_run_in_another_container_on_a_machine_of_one_name_is_not_buried(database: Database, dead_pid: int) -> None:
    boot, space, ticks = (identity(os.getpid()) or "").split()
    alive = started(database, pid=dead_pid, process=f"{boot} {int(space) + 1} {ticks}")

    begins(database)

    assert state(database, alive) == ("running", {"leased": 1, "pending": 1})


@needs_identity
def test_another_boot_is_another_machine_where_machines_share_a_database_and_else_a_restart(
    database: Database, dead_pid: int
) -> None:
    _, space, ticks = (identity(os.getpid()) or "").split()
    other = started(database, pid=dead_pid, process=f"another-boot {space} {ticks}")

    begin_run(database, "t")

    assert state(database, other)[0] == ("lost" if database.is_sqlite else "running")


def begins(database: Database) -> None:
    """A run begins, or on SQLite is refused."""
    with pytest.raises(RunLocked) if database.is_sqlite else nullcontext():
        begin_run(database, "t")


def test_nobody_is_buried_by_a_run_that_does_not_begin(sqlite: Database, dead_pid: int) -> None:
    dead = started(sqlite, pid=dead_pid)
    with sqlite.writing() as connection:
        runs.start(connection, "t", now=datetime.now(UTC), machine=HERE, pid=os.getpid())

    with pytest.raises(RunLocked):
        begin_run(sqlite, "t")

    assert state(sqlite, dead) == ("running", {"leased": 1, "pending": 1})


def decided(connection: Connection, run_id: int) -> None:
    """What a run came to: one listing with five links, three articles of which one failed."""
    for number, outcome in enumerate([Outcome.KEPT, Outcome.FAILED, Outcome.KEPT]):
        source = "sahil" if number == 2 else "alwaha"
        one = NewDecision(link=link(number, source=source), outcome=outcome, reason=f"reason {number}")
        runs.record(connection, run_id, [one], now=STARTED + timedelta(minutes=number))
    feed = link(9, kind=LinkKind.FEED)
    listing = NewDecision(link=feed, outcome=Outcome.LISTING, reason="", links_found=5, links_new=3)
    runs.record(connection, run_id, [listing], now=STARTED)


@pytest.fixture
def run_id(database: Database) -> int:
    """A run with decisions, after another one that has some too."""
    with database.writing() as connection:
        earlier, this = (runs.start(connection, "t", now=STARTED, machine=HERE, pid=1) for _ in range(2))
        one = NewDecision(link=link(0), outcome=Outcome.OFF_TOPIC, reason="earlier")
        runs.record(connection, earlier, [one], now=STARTED)
        decided(connection, this)
    return this


def test_the_outcomes_of_a_run_are_counted_apart_from_those_of_others(database: Database, run_id: int) -> None:
    with database.reading() as connection:
        assert runs.outcomes(connection, run_id) == {Outcome.KEPT: 2, Outcome.FAILED: 1, Outcome.LISTING: 1}
        assert [one.reason for one in runs.failures(connection, run_id, limit=2)] == ["reason 1"]


def test_counts_come_in_the_same_order_from_every_database(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        for outcome in Outcome:
            runs.record(connection, run_id, [NewDecision(link=link(1), outcome=outcome, reason="")], now=STARTED)
        on_topics = [
            TopicMatch(topic_id=id_, score=1.0, matched=(), names=(), on_topic=True, reason="") for id_ in "zxcvbnmasd"
        ]
        store(connection, article(1), topics=tuple(on_topics))
        connection.execute(text("ANALYZE"))  # so that PostgreSQL counts by hashes, as in a collection that is in use

    with database.reading() as connection:
        outcomes, topics = runs.outcomes(connection, run_id), overview.counts_by_topic(connection)

    assert list(outcomes) == sorted(Outcome)
    assert list(topics) == sorted("zxcvbnmasd")


def test_of_many_failures_the_first_are_shown(
    database: Database, database_url: str, run_id: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing() as connection:
        for number in range(30):
            one = NewDecision(link=link(number), outcome=Outcome.FAILED, reason=f"no answer {number}")
            runs.record(connection, run_id, [one], now=STARTED)

    assert run(["runs", "show", str(run_id), "--db", database_url]) == 0
    shown = capsys.readouterr()
    assert run(["runs", "show", str(run_id), "-n", "31", "--db", database_url]) == 0
    some = capsys.readouterr()

    assert (shown.out.count("failed: http"), shown.err) == (20, "These are the first 20; there are more: -n N\n")
    assert (some.out.count("failed: http"), some.err) == (31, "")


def test_counts_say_what_each_source_gave(database: Database, run_id: int) -> None:
    with database.reading() as connection:
        counts = runs.counts(connection, run_id)

    assert [(one.source_id, one.outcome, one.count, one.links_found, one.links_new) for one in counts] == [
        ("alwaha", Outcome.FAILED, 1, 0, 0),
        ("alwaha", Outcome.KEPT, 1, 0, 0),
        ("alwaha", Outcome.LISTING, 1, 5, 3),
        ("sahil", Outcome.KEPT, 1, 0, 0),
    ]


def test_a_receipt_adds_up_what_a_channel_of_a_source_gave(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        feed = link(10, kind=LinkKind.FEED)
        listing = NewDecision(link=feed, outcome=Outcome.LISTING, reason="", links_found=4, links_skipped=2)
        page = NewDecision(link=link(11), outcome=Outcome.UNCHANGED, reason="")
        runs.record(connection, run_id, [listing, page], now=STARTED)
    with database.reading() as connection:
        alwaha, sahil = runs.receipts(connection, run_id=run_id)
        (over_all,) = runs.receipts(connection, source_id="alwaha")

    assert (alwaha.source_id, alwaha.channel, alwaha.listings) == ("alwaha", "feed", 2)
    assert (alwaha.found, alwaha.new, alwaha.skipped) == (9, 3, 2)
    assert (alwaha.fetched, alwaha.kept, alwaha.unchanged, alwaha.failed) == (3, 1, 1, 1)
    assert (sahil.source_id, sahil.fetched, sahil.kept, sahil.listings) == ("sahil", 1, 1, 0)
    assert over_all.fetched == 4  # the earlier run's, too


def test_what_all_runs_came_to_is_the_sum_of_each_and_stays_when_old_decisions_go(
    database: Database, run_id: int
) -> None:
    with database.writing() as connection:
        of_none = Link(url="http://x.example/1", kind=LinkKind.ARTICLE, channel="added", source_id=None)
        runs.record(connection, run_id, [NewDecision(link=of_none, outcome=Outcome.KEPT, reason="")], now=STARTED)
        each = [one for id_ in (run_id - 1, run_id) for one in runs.receipts(connection, run_id=id_)]
        over_all, came_to = runs.receipts(connection), source_counts.outcomes(connection)
        runs.end(connection, run_id, now=STARTED, status="finished", reason="")
        gone = runs.remove_decisions(connection, before=STARTED + timedelta(days=1))

        assert runs.receipts(connection) == over_all
        assert source_counts.outcomes(connection) == came_to

    assert gone == 5
    assert came_to == {Outcome.KEPT: 3, Outcome.FAILED: 1, Outcome.LISTING: 1, Outcome.OFF_TOPIC: 1}
    assert [one.source_id for one in over_all] == ["alwaha", "sahil", None]
    for one in over_all:
        for name in ("listings", "found", "new", "skipped", "fetched", "kept", "unchanged", "failed"):
            of_source = [getattr(each_, name) for each_ in each if each_.source_id == one.source_id]
            assert getattr(one, name) == sum(of_source), (one.source_id, name)


def test_how_a_source_does_is_told_of_the_last_run_that_fetched_from_it(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        later = runs.start(connection, "t", now=STARTED, machine=HERE, pid=1)
        blocked = NewDecision(link=link(0), outcome=Outcome.BLOCKED_BY_ROBOTS, reason="")
        runs.record(connection, later, [blocked], now=STARTED + timedelta(hours=1))

    with database.reading() as connection:
        alwaha, sahil = overview.source_states(connection)

    assert (alwaha.source_id, alwaha.good, alwaha.failed) == ("alwaha", 0, 1)
    assert alwaha.last_at == STARTED + timedelta(hours=1)
    assert (sahil.source_id, sahil.good, sahil.failed) == ("sahil", 1, 0)
    assert sahil.last_at == STARTED + timedelta(minutes=2)


def test_every_decision_about_a_url_is_remembered_oldest_first(database: Database, run_id: int) -> None:
    with database.reading() as connection:
        past = runs.why(connection, link(0).url)

    assert [(one.run_id, one.outcome, one.reason) for one in past] == [
        (run_id - 1, Outcome.OFF_TOPIC, "earlier"),
        (run_id, Outcome.KEPT, "reason 0"),
    ]


def test_each_source_was_last_read_when_its_last_decision_was_made(database: Database, run_id: int) -> None:
    with database.reading() as connection:
        assert source_counts.last_read(connection) == {
            "alwaha": STARTED + timedelta(minutes=1),
            "sahil": STARTED + timedelta(minutes=2),
        }


@pytest.mark.parametrize(
    ("status", "outcomes", "code"),
    [
        ("finished", {Outcome.KEPT: 3, Outcome.OFF_TOPIC: 1, Outcome.BLOCKED_BY_ROBOTS: 1}, 0),
        ("finished", {Outcome.KEPT: 3, Outcome.FAILED: 1}, 4),
        ("finished", {Outcome.KEPT: 3, Outcome.QUARANTINED: 1}, 4),
        ("failed", {}, 4),
        ("stopped", {Outcome.FAILED: 1}, 130),
    ],
)
def test_the_exit_code_says_how_a_crawl_went(status: str, outcomes: dict[Outcome, int], code: int) -> None:
    at = {"started_at": STARTED, "ended_at": STARTED, "heartbeat_at": STARTED}
    run = runs.Run(id=1, queue="t", machine=HERE, pid=1, process=None, status=status, reason="", **at)

    assert exit_code(run, outcomes) == code
