"""What a run has leased, and what came of it: stored by the one writer of the run, in its order.

This is the side of the event loop, which never waits for a database; what is read and written there is in `run_store`.
Decisions that arrive while a transaction is under way are stored together in the next; where hosts are not to rest,
more are waited for.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from corpus.errors import NazairError, StoreBroken
from corpus.keep import Kept
from corpus.store import hosts, sightings
from corpus.store.database import Database
from corpus.store.hosts import Host
from corpus.store.outage import first_line
from corpus.types import Decision, LeasedLink, Link, Outcome, Topic
from corpus.weighing import FOURFOLD, GROWN
from pipelines.run_store import Revisits, RunStore
from pipelines.writer import Writer

logger = logging.getLogger(__name__)

HEARTBEAT_S = 20.0

# A transaction of more pages is hardly cheaper, and holds the write lock for longer.
BATCH = 64

# Stored as they come, seven pages share a transaction; once half of what is on its way has come, some twenty do, for
# a tenth less of the writer's CPU (a generated web of 1,000 articles). So long nobody waits. Guess.
LINGER_S = 0.5


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A decision that is to be stored, and who waits for it."""

    leased: LeasedLink
    decision: Decision
    done: asyncio.Future[Kept | None]


class Hurried(Exception):
    """Somebody waits for the end of the run."""


class Ledger:
    """One run's account of what it has leased and what came of it."""

    def __init__(self, database: Database, *, queue: str, run_id: int) -> None:
        self.run_id = run_id
        self.outcomes: Counter[Outcome] = Counter()
        self.outstanding: Counter[str] = Counter()  # leased links per host
        self.blocked: dict[str, datetime] = {}  # hosts, and until when they are left alone
        self.pauses: dict[str, float] = {}  # hosts, and the seconds between two pages, where that is very long
        self.rest_s = 0.0  # between the last request of this run to a host and the first of another run
        self.rests: dict[str, float] = {}  # the same, of hosts that have their own
        self._store = RunStore(database, queue=queue, run_id=run_id)
        self._writer = Writer(database)
        self._waiting: list[Waiting] = []
        self._storing: asyncio.Task[None] | None = None
        self._beating: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._moved = asyncio.Event()  # the same, and when a decision has come
        self._held: set[int] = set()  # leased links that are not settled
        self._hurried = threading.Event()
        # Hears, in the writer's thread, how many similar lists of how many are made, while that is done; then 0 of 0.
        self.told: Callable[[int, int], None] = lambda made, of: None

    async def begin(
        self, seeds: Iterable[Link], *, focus: Topic | None = None, revisits: Revisits | None = None
    ) -> None:
        """Queue the links that the run starts from, and show a sign of life from now on.

        What was skipped because of a topic that says something else by now, or fetched and not on it, is queued again;
        with `revisits` also the articles whose time has come.
        """
        links = list(seeds)
        self._beating = asyncio.create_task(self._beat())
        self.blocked = await self._writer.write(
            lambda connection: self._store.begin(connection, links, focus=focus, revisits=revisits)
        )

    async def lease(self, *, per_host: int, limit: int) -> list[LeasedLink]:
        """Take up to `limit` more links to fetch."""
        busy = dict(self.outstanding)

        def lease() -> list[LeasedLink]:
            held = self._held if self._writer.in_doubt else None
            leased = self._store.lease(busy=busy, per_host=per_host, limit=limit, rest=self._rest, held=held)
            self._writer.in_doubt = False
            return leased

        return self._hold(await self._writer.work(lease))

    async def enter(self, links: Sequence[Link]) -> list[LeasedLink]:
        """Lease these links, whatever else waits: their pages are at hand."""
        return self._hold(await self._writer.write(lambda connection: self._store.enter(connection, links)))

    async def settle(self, leased: LeasedLink, decision: Decision) -> Kept | None:
        """Store what came of a link; returns when it is stored. Raises StoreBroken when it cannot be."""
        done: asyncio.Future[Kept | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(leased=leased, decision=decision, done=done))
        self._moved.set()
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store_waiting())
        try:
            return await done
        finally:
            self.drop(leased)

    def _hold(self, leased: list[LeasedLink]) -> list[LeasedLink]:
        self.outstanding.update(host_of(one) for one in leased)
        self._held.update(one.id for one in leased)
        return leased

    def drop(self, leased: LeasedLink) -> None:
        """Hold a link no more: it is settled, or the database failed and nothing can be settled."""
        self.outstanding[host_of(leased)] -= 1
        self._held.discard(leased.id)
        self._changed.set()
        self._moved.set()

    async def postpone(self, leased: LeasedLink, *, until: datetime) -> None:
        """Give a link back that was not asked for, to be leased again after `until`."""
        try:
            await self._writer.write(lambda connection: self._store.postpone(connection, leased, until=until))
        finally:
            self.drop(leased)

    async def listings_in(self, leased: LeasedLink) -> tuple[Link, ...]:
        """The listings that a listing named when it was last read."""
        return await self._writer.read(lambda connection: self._store.listings_in(connection, leased))

    async def changed(self, *, within_s: float | None = None) -> None:
        """Wait until a link was settled, or until so many seconds have passed."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), within_s)
        self._changed.clear()

    async def absent(self) -> tuple[str, ...]:
        """The listings that were guessed not long ago, for any topic, and were not there."""
        return await self._writer.read(self._store.absent)

    async def next_due(self) -> datetime | None:
        """When the next link that waits may be fetched; None when none waits."""
        return await self._writer.read(self._store.next_due)

    async def waiting(self) -> tuple[int, float]:
        """How many links are known that the run may lease, whenever their time comes; and in how many seconds.

        These are what it took to count them, not what other work of the database took before.
        """
        return await self._writer.read(self._store.waiting)

    async def next_visit(self) -> datetime | None:
        """When the next link of the run's sources is due for another visit; None when none is."""
        return await self._writer.read(self._store.next_visit)

    async def host(self, host: str) -> Host | None:
        """What is known of a host."""
        return await self._writer.read(lambda connection: hosts.load(connection, host))

    async def keep_host(self, host: str, **values: Any) -> None:
        """Remember something of a host, for this run and all others."""
        await self._writer.write(lambda connection: hosts.keep(connection, host, values))

    @property
    def broken(self) -> StoreBroken | None:
        """Why nothing more can be stored, if so: it ends the run."""
        return self._writer.broken

    def give_up(self, why: str) -> StoreBroken:
        """Store nothing more: what belongs beside the collection cannot be kept. Returns what is to be raised."""
        return self._writer.give_up(why)

    async def look_again(self, host: str) -> None:
        """Queue what a host's robots.txt kept out, now that it says something else."""
        await self._writer.write(lambda connection: self._store.look_again(connection, host))

    @property
    def in_flight(self) -> int:
        """How many links are leased and not settled."""
        return self.outstanding.total()

    async def end(self, *, status: str, reason: str) -> None:
        """Bring the similar lists up to date, give back what was not fetched, and close the run."""
        self._writer.is_ending = True
        cancelled: asyncio.CancelledError | None = None
        if status == "finished":
            # That takes up to a minute: who interrupts a run, and a service that stops, waits for no such thing.
            try:
                await self._renew_lists(grown=GROWN)
            except asyncio.CancelledError as error:
                self.hurry()
                cancelled = error
        if self._beating is not None:
            self._beating.cancel()
        try:
            # After the database failed at once and once: it may have come back.
            await (self._writer.work if self.broken is None else self._writer.try_once)(
                lambda: self._store.end(status=status, reason=reason, rest=self._rest)
            )
        except Exception as error:
            logger.error("The end of run %d could not be recorded: %s.", self.run_id, first_line(error))
        self._writer.close()
        if cancelled is not None:
            raise cancelled

    def hurry(self) -> None:
        """Leave similar lists as they are, also if they are being made anew: the next run that ends makes them."""
        self._hurried.set()

    async def _store_waiting(self) -> None:
        while self._waiting:
            await self._linger()
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            for waiting, kept in zip(batch, await self._keep(batch), strict=True):
                if waiting.done.cancelled():
                    continue
                if isinstance(kept, StoreBroken):
                    waiting.done.set_exception(kept)
                else:
                    waiting.done.set_result(kept)
            await self._renew_lists(grown=FOURFOLD)

    async def _linger(self) -> None:
        """Let more decisions come while most of the links are still on their way.

        Not where a host is to rest: its next link is leased when its last is settled.
        """
        if self.rest_s > 0 or any(self.rests.values()):
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while len(self._waiting) < min(BATCH, self.in_flight / 2):
                    self._moved.clear()
                    await self._moved.wait()

    async def _renew_lists(self, *, grown: float) -> None:
        """Weigh words anew in a collection that has grown so much. A failure costs nothing that was stored."""
        if self.broken is None and not self._hurried.is_set():
            try:
                await self._writer.write(
                    lambda connection: self._store.renew_lists(connection, grown=grown, told=self._tell)
                )
            except Hurried:
                logger.warning("Similar lists were not made anew: the run was interrupted. The next one makes them.")
            except Exception as error:
                logger.warning("Similar lists were not made anew: %s", error)

    def _tell(self, made: int, of: int) -> None:
        if of and self._hurried.is_set():
            raise Hurried
        self.told(made, of)

    async def _keep(self, batch: Sequence[Waiting]) -> Sequence[Kept | StoreBroken | None]:
        """Store a batch in one transaction; when that fails, one by one: a bad page costs no other."""
        try:
            return await self._settle(batch)
        except StoreBroken as error:
            return [error] * len(batch)
        except Exception as error:
            logger.warning("A transaction failed and was rolled back: %s", error)
            return [self.broken or await self._keep_one(waiting) for waiting in batch]

    async def _keep_one(self, waiting: Waiting) -> Kept | StoreBroken | None:
        try:
            (kept,) = await self._settle([waiting])
        except StoreBroken as error:
            return error
        except NazairError as error:
            # No page's fault, and the same for all that come: pages that were put aside are not asked for again.
            return self._writer.give_up(f"nothing can be stored ({str(error).rstrip('.')})")
        except Exception as error:
            logger.exception("%s could not be stored.", waiting.leased.link.url)
            return await self._quarantine(waiting, error)
        return kept

    async def _quarantine(self, waiting: Waiting, error: Exception) -> Kept | StoreBroken | None:
        reason = f"could not be stored: {error}"
        decision = replace(waiting.decision, outcome=Outcome.QUARANTINED, reason=reason, reading=None)
        try:
            (kept,) = await self._settle([replace(waiting, decision=decision)])
        except StoreBroken as broken:
            return broken
        except Exception as again:
            return self._writer.give_up(f"cannot store what became of {waiting.leased.link.url} ({first_line(again)})")
        return kept

    async def _settle(self, batch: Sequence[Waiting]) -> list[Kept | None]:
        decided = [(waiting.leased, waiting.decision) for waiting in batch]
        kept = await self._writer.work(lambda: self._store.settle(decided))
        self.outcomes.update(one.outcome for one in kept if one is not None)
        return kept

    def _rest(self, host: str) -> float:
        return self.rests.get(urlsplit(f"//{host}").hostname or "", self.rest_s)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            try:
                if not await self._writer.beside(self._store.heartbeat):
                    raise self._writer.give_up(
                        f"run {self.run_id} was silent for too long, and was given up by another run"
                    )
            except Exception as error:
                logger.warning("The heartbeat of run %d failed: %s", self.run_id, error)


def host_of(leased: LeasedLink) -> str:
    """The host that a leased link counts against."""
    return sightings.host_of(leased.link)
