"""Run what is due: take its lease, crawl in a process of its own, renew the lease, record how it went.

One crawl at a time, because a collection in SQLite has one run at a time; each in a process of its own, because a
Twisted reactor does not start again, and because a crawl that breaks must not take the service with it. A service that
dies leaves a lease that runs out, and the crawl that it started ends by itself.
"""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import signal
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from corpus.store import runs, schedules
from corpus.store.database import Database
from corpus.store.schedules import Schedule
from crawler.progress import describe
from nazair.schedule.times import Due, due, next_start

logger = logging.getLogger(__name__)

# As the heartbeat of a run and the patience with one: `pipelines.ledger`, `corpus.store.claims`.
HEARTBEAT_S = 20.0
LEASE = timedelta(seconds=90)

# How soon a schedule that somebody adds, or a clock that somebody sets, is noticed.
LOOK_AGAIN_S = 30.0

# Another run has the database, or the machine no memory: try again after so long.
BUSY_FOR = timedelta(seconds=60)
BUSY = 75


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A schedule whose lease is ours."""

    schedule: Schedule  # as it was before
    due: Due
    holder: str


def take_due(database: Database, *, now: datetime, but: Sequence[str] = ()) -> Taken | None:
    """The lease of a schedule that is due, the longest waiting first; None when none is, or others have them."""
    with database.reading() as connection:
        known = schedules.all_of(connection)
    found = [(one, ready) for one in known if one.name not in but and not one.is_held(now) and (ready := due(one, now))]
    holder = f"{platform.node()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    for schedule, ready in sorted(found, key=lambda pair: pair[1].last):
        with database.writing() as connection:
            ours = schedules.claim(
                connection,
                schedule,
                holder=holder,
                now=now,
                until=now + LEASE,
                settled_until=ready.last,
                missed=ready.missed,
            )
        if ours:
            return Taken(schedule=schedule, due=ready, holder=holder)
    return None


class Service:
    """Minds the schedules of a database. `command` gives the command line of a schedule's crawl.

    Every user of a machine can read command lines: what is secret goes into `environment`, beside this process's own.
    """

    def __init__(
        self,
        database: Database,
        command: Callable[[Schedule], Sequence[str]],
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._database = database
        self._command = command
        self._environment = {**os.environ, **(environment or {})}
        self._stopping = asyncio.Event()
        self._crawl: asyncio.subprocess.Process | None = None

    def stop(self) -> None:
        """Begin no further crawl, and let the one that runs finish; asked again, end that one, too, where it stands."""
        if self._stopping.is_set() and self._crawl is not None:
            logger.warning("The crawl is asked to end where it stands; nothing that was stored is lost.")
            with suppress(ProcessLookupError):
                self._crawl.send_signal(signal.SIGTERM)
        elif self._crawl is not None:
            logger.warning("Stopping when the crawl that runs has finished. A second signal ends it where it stands.")
        self._stopping.set()

    async def run(self) -> None:
        """Run what is due whenever it is, until `stop`."""
        while not self._stopping.is_set():
            try:
                taken = take_due(self._database, now=datetime.now(UTC))
                if taken is not None:
                    await self._run(taken)
                    continue
                wait_s = self._until_next()
            except Exception as error:
                # A database that is away for a while comes back; what is due stays due.
                logger.error("The schedules could not be minded: %s. Trying again in %.0f s.", error, LOOK_AGAIN_S)
                wait_s = LOOK_AGAIN_S
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait_s)

    async def run_due(self) -> dict[str, int]:
        """Run what is due now, each schedule once; returns the exit code of each crawl by the schedule's name."""
        codes: dict[str, int] = {}
        while not self._stopping.is_set():
            taken = take_due(self._database, now=datetime.now(UTC), but=list(codes))
            if taken is None:
                break
            codes[taken.schedule.name] = await self._run(taken)
        return codes

    def _until_next(self) -> float:
        """How many seconds to wait for the next due time, or until it is time to look again."""
        with self._database.reading() as connection:
            known = schedules.all_of(connection)
        starts = [start for one in known if not one.paused and (start := next_start(one)) is not None]
        left_s = (min(starts) - datetime.now(UTC)).total_seconds() if starts else LOOK_AGAIN_S
        # What is due and was not taken is held by another; look again, but not at once.
        return min(left_s, LOOK_AGAIN_S) if left_s > 0 else LOOK_AGAIN_S

    async def _run(self, taken: Taken) -> int:
        """Crawl for a schedule, renewing its lease; returns the exit code of the crawl."""
        name, missed = taken.schedule.name, taken.due.missed
        if taken.schedule.holder is not None:
            logger.warning("%s: the run before ended without a word.", name)
        late = f"; {missed} earlier {'time was' if missed == 1 else 'times were'} missed, this is the one run for all"
        logger.info("%s: due %s UTC%s.", name, f"{taken.due.last:%Y-%m-%d %H:%M}", late if missed else "")
        started = datetime.now(UTC)
        try:
            self._crawl = await asyncio.create_subprocess_exec(
                *self._command(taken.schedule),
                stdin=asyncio.subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,  # Ctrl-C is for the service, which lets the crawl finish
            )
        except OSError as error:
            # Memory that is short, or a program that is just being replaced.
            result = f"could not be begun ({error.strerror}); it is tried again"
            self._give_back(taken, result)
            logger.error("%s: %s.", name, result)
            return BUSY
        ended = asyncio.create_task(self._crawl.wait())
        while not (await asyncio.wait({ended}, timeout=HEARTBEAT_S))[0]:
            self._renew(taken)
        code, pid = ended.result(), self._crawl.pid
        self._crawl = None
        result = self._record(taken, code, pid=pid, started=started)
        logger.log(logging.INFO if code == 0 else logging.WARNING, "%s: %s.", name, result)
        return code

    def _renew(self, taken: Taken) -> None:
        try:
            with self._database.writing() as connection:
                schedules.renew(connection, taken.schedule.id, holder=taken.holder, until=datetime.now(UTC) + LEASE)
        except Exception as error:
            logger.warning("%s: the lease could not be renewed: %s", taken.schedule.name, error)

    def _give_back(self, taken: Taken, result: str) -> None:
        """Let what is due be due again in a while."""
        with self._database.writing() as connection:
            schedules.give_back(
                connection,
                taken.schedule,
                holder=taken.holder,
                not_before=datetime.now(UTC) + BUSY_FOR,
                exit_code=BUSY,
                result=result,
            )

    def _record(self, taken: Taken, code: int, *, pid: int, started: datetime) -> str:
        """Store what came of a crawl; returns it in words."""
        if code == BUSY:
            result = "another run had the database; it is tried again"
            self._give_back(taken, result)
            return result
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            run = runs.of_process(connection, machine=platform.node(), pid=pid, since=started)
            counts = describe(runs.outcomes(connection, run.id)) if run is not None else None
            result = f"{run.status}: {counts}" if run is not None else f"no run; the crawl ended with exit code {code}"
            schedules.finish(
                connection,
                taken.schedule.id,
                holder=taken.holder,
                now=now,
                exit_code=code,
                result=result,
                run_id=run.id if run is not None else None,
            )
        return result
