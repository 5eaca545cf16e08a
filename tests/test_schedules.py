"""Schedules in the collection, and the service: leases, no overlap, missed times, signals, processes of their own."""

from __future__ import annotations

import asyncio
import os
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus.store import runs, schedules
from corpus.store.database import Database
from corpus.store.schedules import Schedule
from nazair.schedule.service import BUSY_FOR, LEASE, Service, Taken, take_due

NOW = datetime(2026, 5, 1, 12, 0, 30, tzinfo=UTC)


def schedule(name: str = "summit", **values: object) -> Schedule:
    """One that is due at noon, as of the day before."""
    one = Schedule(
        name=name,
        topic_id="alaska-summit",
        cron="0 12 * * *",
        every_s=None,
        zone="UTC",
        created_at=NOW - timedelta(hours=20),
        settled_until=NOW - timedelta(hours=20),
    )
    return replace(one, **values)  # type: ignore[arg-type]


def stored(database: Database, *some: Schedule) -> None:
    with database.writing() as connection:
        assert all(schedules.add(connection, one) for one in some)


def read(database: Database, name: str = "summit") -> Schedule:
    with database.reading() as connection:
        found = schedules.by_name(connection, name)
    assert found is not None
    return found


def taken(database: Database, now: datetime = NOW) -> Taken:
    found = take_due(database, now=now)
    assert found is not None
    return found


def finish(database: Database, one: Taken) -> None:
    with database.writing() as connection:
        told = schedules.finish(
            connection, one.schedule.id, holder=one.holder, now=NOW, exit_code=0, result="done", run_id=None
        )
    assert told


def script(code: str, *arguments: object) -> Sequence[str]:
    return [sys.executable, "-c", code, *map(str, arguments)]


def test_a_schedule_comes_back_as_it_was_stored(database: Database) -> None:
    one = schedule(source_ids=("a", "b"), max_pages=10, max_time_s=600, jitter_s=60)

    stored(database, one)

    assert replace(read(database), id=0) == one


def test_a_name_is_taken_once(database: Database) -> None:
    stored(database, schedule())

    with database.writing() as connection:
        assert not schedules.add(connection, schedule(topic_id="other"))

    assert read(database).topic_id == "alaska-summit"


def test_what_is_due_is_taken_once(database: Database) -> None:
    stored(database, schedule())

    first = taken(database)

    assert first.due.last == NOW.replace(second=0)
    assert take_due(database, now=NOW) is None
    finish(database, first)
    assert take_due(database, now=NOW) is None
    assert take_due(database, now=NOW + timedelta(hours=23)) is None
    assert taken(database, NOW + timedelta(hours=24)).due.missed == 0


def test_of_many_services_that_look_at_once_one_takes_it(database: Database) -> None:
    stored(database, schedule())
    found: list[Taken | None] = []
    ready = threading.Barrier(6)

    def look() -> None:
        ready.wait()
        found.append(take_due(database, now=NOW))

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 6
    assert sum(one is not None for one in found) == 1


def test_a_run_that_takes_long_is_not_overlapped_as_long_as_its_lease_is_renewed(database: Database) -> None:
    stored(database, schedule(cron="* * * * *", settled_until=NOW - timedelta(minutes=1)))
    first = taken(database)

    for minute in range(1, 10):
        now = NOW + timedelta(minutes=minute)
        assert take_due(database, now=now) is None
        with database.writing() as connection:
            assert schedules.renew(connection, first.schedule.id, holder=first.holder, until=now + LEASE)

    finish(database, first)
    assert taken(database, NOW + timedelta(minutes=9)).due.missed == 8


def test_a_service_that_died_leaves_a_lease_that_runs_out(database: Database) -> None:
    stored(database, schedule(cron="* * * * *", settled_until=NOW - timedelta(minutes=1)))
    dead = taken(database)

    assert take_due(database, now=NOW + LEASE - timedelta(seconds=1)) is None
    heir = taken(database, NOW + LEASE)

    assert heir.schedule.holder == dead.holder
    with database.writing() as connection:
        assert not schedules.renew(connection, dead.schedule.id, holder=dead.holder, until=NOW + LEASE * 9)
        assert not schedules.finish(
            connection, dead.schedule.id, holder=dead.holder, now=NOW, exit_code=0, result="late", run_id=None
        )
    assert read(database).holder == heir.holder


def test_a_pause_is_no_time_that_was_missed(database: Database) -> None:
    stored(database, schedule())
    with database.writing() as connection:
        assert schedules.pause(connection, "summit")
    assert take_due(database, now=NOW + timedelta(days=9)) is None

    with database.writing() as connection:
        assert schedules.resume(connection, "summit", now=NOW + timedelta(days=9))

    assert take_due(database, now=NOW + timedelta(days=9)) is None
    assert taken(database, NOW + timedelta(days=10)).due.missed == 0


def test_resuming_what_is_not_paused_settles_nothing(database: Database) -> None:
    stored(database, schedule())

    with database.writing() as connection:
        assert schedules.resume(connection, "summit", now=NOW + timedelta(days=1))

    assert taken(database).due.last == NOW.replace(second=0)


@pytest.mark.parametrize("change", [schedules.pause, schedules.remove])
def test_what_has_no_schedule_cannot_be_changed(database: Database, change: object) -> None:
    with database.writing() as connection:
        assert not change(connection, "nobody")  # type: ignore[operator]
        assert not schedules.resume(connection, "nobody", now=NOW)


def test_one_pass_runs_all_that_is_due_one_after_the_other(database: Database, tmp_path: Path) -> None:
    stored(database, schedule("a"), schedule("b"), schedule("rests", paused=True))
    log = tmp_path / "log"
    code = "import sys, os; f = open(sys.argv[1], 'a'); f.write(f'{sys.argv[2]} {os.getpid()}\\n'); sys.exit(4)"

    codes = asyncio.run(Service(database, lambda one: script(code, log, one.name)).run_due())
    again = asyncio.run(Service(database, lambda one: script(code, log, one.name)).run_due())

    assert codes == {"a": 4, "b": 4}
    assert again == {}
    lines = [line.split() for line in log.read_text().splitlines()]
    assert [name for name, _ in lines] == ["a", "b"]
    assert os.getpid() not in {int(pid) for _, pid in lines}
    assert read(database, "a").last_exit_code == 4
    assert read(database, "a").last_result == "no run; the crawl ended with exit code 4"


def test_a_crawl_has_the_database_from_its_environment(database: Database, tmp_path: Path) -> None:
    stored(database, schedule())
    log = tmp_path / "log"
    code = "import os, sys; open(sys.argv[1], 'w').write(os.environ['NAZAIR_DB'])"

    service = Service(database, lambda _: script(code, log), environment={"NAZAIR_DB": "postgresql://me:secret@host/x"})
    codes = asyncio.run(service.run_due())

    assert codes == {"summit": 0}
    assert log.read_text() == "postgresql://me:secret@host/x"


def test_the_run_that_a_crawl_made_is_known_by_its_process(database: Database, database_url: str) -> None:
    stored(database, schedule())
    code = (
        "import os, platform, sys; from datetime import datetime, UTC; from corpus.store import runs;"
        "from corpus.store.database import open_database\n"
        "with open_database(sys.argv[1]).writing() as connection:\n"
        "    now = datetime.now(UTC); machine = platform.node()\n"
        "    run = runs.start(connection, 'alaska-summit', now=now, machine=machine, pid=os.getpid())\n"
        "    runs.end(connection, run, now=now, status='finished', reason='nothing left to fetch')\n"
    )

    asyncio.run(Service(database, lambda _: script(code, database_url)).run_due())

    one = read(database)
    assert one.last_result == "finished: nothing new"
    with database.reading() as connection:
        (run,) = runs.latest(connection)
    assert one.last_run_id == run.id
    assert run.machine == platform.node()


def test_a_lease_that_a_clock_noted_that_was_years_ahead_holds_nobody_up(database: Database) -> None:
    stored(database, schedule())
    now = datetime.now(UTC)

    ahead = take_due(database, now=now + timedelta(days=3652))

    assert ahead is not None
    assert take_due(database, now=now) is not None


@pytest.mark.parametrize("command", [script("raise SystemExit(75)"), ["/nowhere/python"]], ids=["busy", "no program"])
def test_what_finds_the_database_busy_or_cannot_begin_stays_due(database: Database, command: Sequence[str]) -> None:
    stored(database, schedule())
    before = datetime.now(UTC)

    codes = asyncio.run(Service(database, lambda _: command).run_due())

    one = read(database)
    assert codes == {"summit": 75}
    assert one.settled_until == schedule().settled_until
    assert one.not_before is not None
    assert one.not_before >= before + BUSY_FOR
    assert not one.is_held(datetime.now(UTC))
    missed = taken(database, one.not_before).due.missed
    assert missed > 200  # of one a day since May, all still due


SERVICE = """
import asyncio, signal, sys
from corpus.store.database import open_database
from nazair.schedule.service import Service

async def main():
    service = Service(open_database(sys.argv[1]), lambda one: [sys.executable, "-c", sys.argv[2]])
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, service.stop)
    await service.run()

asyncio.run(main())
"""


def test_at_sigterm_the_crawl_may_finish_and_none_begins_after_it(database: Database, database_url: str) -> None:
    stored(database, schedule("a"), schedule("b"))
    crawl = (
        "import os, signal; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1});"
        "print(os.getpid(), flush=True); signal.sigwait({signal.SIGUSR1}); print('finished')"
    )
    service = subprocess.Popen([*script(SERVICE, database_url, crawl)], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    child = int(service.stdout.readline())

    service.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        service.wait(0.5)
    os.kill(child, signal.SIGUSR1)
    rest = service.stdout.read()

    assert service.wait(20) == 0
    assert rest == "finished\n"
    assert read(database, "a").last_exit_code == 0
    assert read(database, "b").last_started_at is None


def test_a_second_sigterm_ends_the_crawl_where_it_stands(database: Database, database_url: str) -> None:
    stored(database, schedule())
    crawl = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
    service = subprocess.Popen([*script(SERVICE, database_url, crawl)], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    service.stdout.readline()

    service.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        service.wait(0.5)
    service.send_signal(signal.SIGTERM)

    assert service.wait(20) == 0
    assert read(database).last_exit_code == -signal.SIGTERM
