"""The thread in which all database work of a run is done, so that the event loop never waits for a disk.

A database that fails is asked again, and one to which others write is waited for; after three failures in a row the run
is given up. What is read and written: `ledger`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from corpus.errors import StoreBroken
from corpus.store import Connection
from corpus.store.database import Database
from corpus.store.outage import first_line, is_busy, is_outage

logger = logging.getLogger(__name__)

T = TypeVar("T")

# A full disk or a lost server fails every transaction: fetching on would only lose pages. A PostgreSQL that is
# restarted is back within the pauses between the trials (1 to 3 s here; more is a guess).
PAUSES_S = (1.0, 8.0)
MAX_FAILURES = len(PAUSES_S) + 1

# What has the database for so long is no failure: the lists of a large collection are made anew in minutes.
LONGEST_TURN_S = 3600.0


class Writer:
    """One run's way to its database."""

    def __init__(self, database: Database) -> None:
        self.broken: StoreBroken | None = None  # why the run was given up
        self.in_doubt = False  # a lease may have been stored although the database said that it failed
        self.is_ending = False  # from then on nobody is waited for
        self._database = database
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        # A run that waits for its turn is alive: `db rebuild` may have it for minutes. On SQLite there is one turn.
        self._pulse = self._thread if database.is_sqlite else ThreadPoolExecutor(max_workers=1)
        self._turn = asyncio.Lock()

    async def read(self, question: Callable[[Connection], T]) -> T:
        """What the database answers."""

        def ask() -> T:
            with self._database.reading() as connection:
                return question(connection)

        return await self.work(ask)

    async def write(self, change: Callable[[Connection], T]) -> T:
        """Make a change, in a transaction of its own."""

        def make() -> T:
            with self._database.writing() as connection:
                return change(connection)

        return await self.work(make)

    async def work(self, function: Callable[[], T]) -> T:
        """Do database work; when the database itself fails, again, and at the third time in a row never more.

        Raises StoreBroken then, and what the function raises.
        """
        async with self._turn:  # what fails at the same moment is one failure
            for pause_s in (*PAUSES_S, None):
                if self.broken is not None:
                    raise self.broken
                try:
                    return await self._in_turn(function)
                except Exception as error:
                    if not is_outage(error):
                        raise
                    self.in_doubt = True
                    if pause_s is None:
                        how = f"the database failed {MAX_FAILURES} times in a row ({first_line(error)})"
                        raise self.give_up(how) from error
                    logger.warning("The database failed; again in %g s: %s", pause_s, first_line(error))
                    await asyncio.sleep(pause_s)
        raise AssertionError("the last trial returns or raises")

    async def try_once(self, function: Callable[[], T]) -> T:
        """Do database work, also in a run that was given up; what it raises is raised."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    async def beside(self, function: Callable[[], T]) -> T:
        """Do what waits for no other work, but on SQLite, where there is one turn."""
        return await asyncio.get_running_loop().run_in_executor(self._pulse, function)

    def give_up(self, how: str) -> StoreBroken:
        """Let the run end as one that failed, because of what would fail for every page; returns the error to raise."""
        if self.broken is None:
            advice = "Nothing that was stored is lost; start the crawl again when it is mended."
            self.broken = StoreBroken(f"{self._database.name}: {how}. {advice}")
            logger.error("%s", self.broken)
        return self.broken

    def close(self) -> None:
        """Wait for what is under way, and end the thread."""
        self._thread.shutdown()
        self._pulse.shutdown()

    async def _in_turn(self, function: Callable[[], T]) -> T:
        """Do database work; while others have the turn for longer than the database itself waits, wait on."""
        until = time.monotonic() + LONGEST_TURN_S
        while True:
            try:
                return await self.try_once(function)
            except Exception as error:
                if self.is_ending or not is_busy(error) or time.monotonic() > until:
                    raise
                logger.warning("Another program is writing to the database; the run waits for it.")
