"""What a run has leased, and what came of it: stored by the one writer of the run, in its order.

All database work of a run happens in the thread of its `writer`. Decisions that arrive while a transaction is under way
are stored together in the next; where hosts are not to rest, more are waited for.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from corpus import clock, similar_lists
from corpus.errors import NazairError, StoreBroken
from corpus.keep import Kept
from corpus.revisits import ABSENT_FOR
from corpus.settling import settle
from corpus.store import Connection, claims, frontier, hosts, leases, lists, runs, sightings, visits, wrong_clock
from corpus.store.database import Database
from corpus.store.hosts import Host
from corpus.store.outage import first_line
from corpus.types import Decision, LeasedLink, Link, Outcome, Topic
from corpus.weighing import FOURFOLD, GROWN, TermCounts
from pipelines.focus import key_of, still_doubted
from pipelines.writer import Writer

logger = logging.getLogger(__name__)

# Long enough for the slowest polite host (eight links, a minute between two); renewed while
# the run is alive, so a dead run's links come back after this time at the latest.
LEASE = timedelta(minutes=10)
HEARTBEAT_S = 20.0

# A transaction of more pages is hardly cheaper, and holds the write lock for longer.
BATCH = 64

# Stored as they come, seven pages share a transaction; once half of what is on its way has come, some twenty do, for
# a tenth less of the writer's CPU (a generated web of 1,000 articles). So long nobody waits. Guess.
LINGER_S = 0.5


@dataclass(frozen=True, kw_only=True)
class Revisits:
    """A run that visits pages again: those of these sources, and listings only when they are due, or in any case."""

    source_ids: frozenset[str]
    only_due: bool = False
    rules: Mapping[str, str | None] = field(default_factory=dict)  # by which each source is read, if it has any


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
        self._database = database
        self._queue = queue
        self._revisits: Revisits | None = None
        self._hosts: set[str] | None = None  # on which its sources may have links, where others have some elsewhere
        self._counts = TermCounts()
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
        self._revisits = revisits
        self._beating = asyncio.create_task(self._beat())
        await self._writer.write(lambda connection: self._begin(connection, links, focus))

    async def lease(self, *, per_host: int, limit: int) -> list[LeasedLink]:
        """Take up to `limit` more links to fetch."""
        busy = dict(self.outstanding)
        return self._hold(await self._writer.work(lambda: self._lease(busy, per_host, limit)))

    async def enter(self, links: Sequence[Link]) -> list[LeasedLink]:
        """Lease these links, whatever else waits: their pages are at hand."""
        return self._hold(await self._writer.write(lambda connection: self._enter(connection, links)))

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
            await self._writer.write(
                lambda connection: leases.postpone(connection, leased.id, run_id=self.run_id, until=until)
            )
        finally:
            self.drop(leased)

    async def listings_in(self, leased: LeasedLink) -> tuple[Link, ...]:
        """The listings that a listing named when it was last read."""
        return await self._writer.read(lambda connection: visits.listings_in(connection, leased.id, self._queue))

    async def changed(self, *, within_s: float | None = None) -> None:
        """Wait until a link was settled, or until so many seconds have passed."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), within_s)
        self._changed.clear()

    async def absent(self) -> tuple[str, ...]:
        """The listings that were guessed not long ago, for any topic, and were not there."""
        return await self._writer.read(
            lambda connection: visits.resting(connection, at_least=ABSENT_FOR, now=clock.now())
        )

    async def next_due(self) -> datetime | None:
        """When the next link that waits may be fetched; None when none waits."""
        return await self._writer.read(
            lambda connection: leases.next_due(
                connection,
                self._queue,
                run_id=self.run_id,
                now=clock.now(),
                source_ids=self._source_ids,
                on_hosts=self._hosts,
            )
        )

    async def waiting(self) -> tuple[int, float]:
        """How many links are known that the run may lease, whenever their time comes; and in how many seconds.

        These are what it took to count them, not what other work of the database took before.
        """

        def count(connection: Connection) -> tuple[int, float]:
            began = time.perf_counter()
            return frontier.waiting(connection, self._queue, on_hosts=self._hosts), time.perf_counter() - began

        return await self._writer.read(count)

    async def next_visit(self) -> datetime | None:
        """When the next link of the run's sources is due for another visit; None when none is."""
        if self._revisits is None:
            return None
        sources = self._revisits.source_ids
        return await self._writer.read(
            lambda connection: visits.next_due(connection, self._queue, source_ids=sources, now=clock.now())
        )

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
        if self._hosts is not None:
            self._hosts.add(host)
        await self._writer.write(lambda connection: frontier.look_again(connection, host))

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
                lambda: self._end(status, reason)
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
            for waiting, kept in zip(batch, await self._store(batch), strict=True):
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
                await self._writer.write(lambda connection: self._renew(connection, grown))
            except Hurried:
                logger.warning("Similar lists were not made anew: the run was interrupted. The next one makes them.")
            except Exception as error:
                logger.warning("Similar lists were not made anew: %s", error)

    async def _store(self, batch: Sequence[Waiting]) -> Sequence[Kept | StoreBroken | None]:
        """Store a batch in one transaction; when that fails, one by one: a bad page costs no other."""
        try:
            return await self._writer.work(lambda: self._settle(batch))
        except StoreBroken as error:
            return [error] * len(batch)
        except Exception as error:
            logger.warning("A transaction failed and was rolled back: %s", error)
            return [self.broken or await self._store_one(waiting) for waiting in batch]

    async def _store_one(self, waiting: Waiting) -> Kept | StoreBroken | None:
        try:
            (kept,) = await self._writer.work(lambda: self._settle([waiting]))
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
            (kept,) = await self._writer.work(lambda: self._settle([replace(waiting, decision=decision)]))
        except StoreBroken as broken:
            return broken
        except Exception as again:
            return self._writer.give_up(f"cannot store what became of {waiting.leased.link.url} ({first_line(again)})")
        return kept

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            try:
                if not await self._writer.beside(self._heartbeat):
                    raise self._writer.give_up(
                        f"run {self.run_id} was silent for too long, and was given up by another run"
                    )
            except Exception as error:
                logger.warning("The heartbeat of run %d failed: %s", self.run_id, error)

    # In the writer's thread.

    def _renew(self, connection: Connection, grown: float) -> None:
        count = 0

        def told(made: int) -> None:
            nonlocal count
            if self._hurried.is_set():
                raise Hurried
            count = count or lists.size(connection)
            self.told(made, count)

        try:
            similar_lists.renew(connection, grown=grown, told=told)
        finally:
            self.told(0, 0)

    def _begin(self, connection: Connection, links: list[Link], focus: Topic | None) -> None:
        wrong_clock.disbelieve(connection, now=datetime.now(UTC))  # no recording's
        now = clock.now()
        leases.release_expired(connection, now=now)
        # Not at each start: to judge 400,000 skipped links takes 11 s, for which other writers wait.
        if focus is not None and runs.is_of_another_topic(connection, self.run_id, key_of(focus)):
            passed = frontier.skipped(connection, self._queue)
            passed += frontier.refused(connection, self._queue, Outcome.OFF_TOPIC)
            frontier.set_pending(connection, [one.id for one in passed if not still_doubted(focus, one)])
        frontier.add_seeds(connection, self._queue, links)
        if self._revisits:
            self._read_by_new_rules(connection, self._revisits)
            self._wake(connection, self._revisits, now)
            self._confine(connection, self._revisits.source_ids)
        claims.clear(connection, now=now)
        self.blocked = hosts.blocked(connection, now=now)

    def _read_by_new_rules(self, connection: Connection, revisits: Revisits) -> None:
        """Queue what was no article, of the sources that are read otherwise now."""
        if others := runs.with_other_rules(connection, self.run_id, revisits.rules):
            refused = frontier.refused(connection, self._queue, Outcome.NOT_AN_ARTICLE, source_ids=others)
            frontier.set_pending(connection, [one.id for one in refused])

    def _wake(self, connection: Connection, revisits: Revisits, now: datetime) -> None:
        visits.wake_articles(connection, self._queue, source_ids=revisits.source_ids, now=now)
        visits.wake_unchanged(connection, self._queue, source_ids=revisits.source_ids, now=now)
        if revisits.only_due:
            visits.wake_listings(connection, self._queue, source_ids=revisits.source_ids, now=now)
            visits.rest(connection, self._queue, now=now)

    @property
    def _source_ids(self) -> frozenset[str] | None:
        """The sources whose links the run may lease; None for all."""
        return self._revisits.source_ids if self._revisits else None

    def _confine(self, connection: Connection, source_ids: frozenset[str]) -> None:
        """Ask only hosts on which something waits of these sources.

        What others have there is skipped, so that no lease passes it by, unless a run is alive that may have it.
        """
        frontier.take_up(connection, self._queue, source_ids=source_ids)
        ours, others = frontier.waiting_on(connection, self._queue, source_ids=source_ids)
        self._hosts = ours if others else None
        if all(run.id == self.run_id or run.queue != self._queue for run in runs.running(connection)):
            frontier.leave_out(connection, self._queue, but=source_ids, hosts=ours & others)

    def _lease(self, busy: dict[str, int], per_host: int, limit: int) -> list[LeasedLink]:
        now = clock.now()
        with self._database.leasing() as connection:
            if self._writer.in_doubt:
                leases.release(connection, self.run_id, but=self._held)
            leased = leases.lease(
                connection,
                self._queue,
                run_id=self.run_id,
                now=now,
                until=now + LEASE,
                busy=busy,
                per_host=per_host,
                limit=limit,
                source_ids=self._source_ids,
                on_hosts=self._hosts,
                rest=self._rest,
            )
            if self._revisits:
                leased = visits.remembered(connection, leased)
        self._writer.in_doubt = False
        return leased

    def _rest(self, host: str) -> float:
        return self.rests.get(urlsplit(f"//{host}").hostname or "", self.rest_s)

    def _enter(self, connection: Connection, links: Sequence[Link]) -> list[LeasedLink]:
        frontier.add_seeds(connection, self._queue, links)
        return leases.lend(connection, self._queue, links, run_id=self.run_id, until=clock.now() + LEASE)

    def _settle(self, batch: Sequence[Waiting]) -> list[Kept | None]:
        now = clock.now()
        try:
            with self._database.writing() as connection:
                settled = settle(
                    connection,
                    [(waiting.leased, waiting.decision) for waiting in batch],
                    queue=self._queue,
                    run_id=self.run_id,
                    now=now,
                    counts=self._counts,
                )
                if self._revisits:
                    visits.put(connection, settled.visits)
                if self._revisits and self._revisits.only_due:
                    found = [link for one in batch for link in one.decision.found]
                    visits.rest_again(connection, self._queue, found, now=now)
        except Exception:
            self._counts.forget()
            raise
        if self._hosts is not None:
            self._hosts.update(sightings.host_of(link) for one in batch for link in one.decision.found)
        self.outcomes.update(one.outcome for one in settled.kept if one is not None)
        return settled.kept

    def _heartbeat(self) -> bool:
        now = clock.now()
        with self._database.leasing() as connection:
            # The run itself lives in our time: another run asks whether it is alive.
            if not runs.heartbeat(connection, self.run_id, now=datetime.now(UTC)):
                return False
            leases.renew(connection, self.run_id, until=now + LEASE)
            claims.renew(connection, self.run_id, until=now + LEASE)
            leases.release_expired(connection, now=now)  # of runs on other machines
            return True

    def _end(self, status: str, reason: str) -> None:
        with self._database.writing() as connection:
            leases.release(connection, self.run_id)
            claims.leave(connection, self.run_id, now=clock.now(), rest=self._rest)
            runs.end(connection, self.run_id, now=datetime.now(UTC), status=status, reason=reason)


def host_of(leased: LeasedLink) -> str:
    """The host that a leased link counts against."""
    return sightings.host_of(leased.link)
