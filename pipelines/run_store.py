"""What a run reads and writes in the database: its links, its signs of life, its end.

All of it is done in the thread of the run's `writer`. When, and for whom: `ledger`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from corpus import clock, similar_lists
from corpus.keep import Kept
from corpus.revisits import ABSENT_FOR
from corpus.settling import settle
from corpus.store import Connection, claims, frontier, hosts, leases, lists, runs, sightings, visits, wrong_clock
from corpus.store.database import Database
from corpus.types import Decision, LeasedLink, Link, Outcome, Topic
from corpus.weighing import TermCounts
from pipelines.focus import key_of, still_doubted

# Long enough for the slowest polite host (eight links, a minute between two); renewed while
# the run is alive, so a dead run's links come back after this time at the latest.
LEASE = timedelta(minutes=10)

Rest = Callable[[str], float]  # how long a host is left alone after a request, in seconds


@dataclass(frozen=True, kw_only=True)
class Revisits:
    """A run that visits pages again: those of these sources, and listings only when they are due, or in any case."""

    source_ids: frozenset[str]
    only_due: bool = False
    rules: Mapping[str, str | None] = field(default_factory=dict)  # by which each source is read, if it has any


class RunStore:
    """One run's part of the database."""

    def __init__(self, database: Database, *, queue: str, run_id: int) -> None:
        self._database = database
        self._queue = queue
        self._run_id = run_id
        self._revisits: Revisits | None = None
        self._hosts: set[str] | None = None  # on which its sources may have links, where others have some elsewhere
        self._counts = TermCounts()

    def begin(
        self, connection: Connection, seeds: Sequence[Link], *, focus: Topic | None, revisits: Revisits | None
    ) -> dict[str, datetime]:
        """Queue what the run starts from, and what is to be looked at again; returns until when hosts are blocked."""
        self._revisits = revisits
        wrong_clock.disbelieve(connection, now=datetime.now(UTC))  # no recording's
        now = clock.now()
        leases.release_expired(connection, now=now)
        # Not at each start: to judge 400,000 skipped links takes 11 s, for which other writers wait.
        if focus is not None and runs.is_of_another_topic(connection, self._run_id, key_of(focus)):
            passed = frontier.skipped(connection, self._queue)
            passed += frontier.refused(connection, self._queue, Outcome.OFF_TOPIC)
            frontier.set_pending(connection, [one.id for one in passed if not still_doubted(focus, one)])
        frontier.add_seeds(connection, self._queue, seeds)
        if revisits:
            self._read_by_new_rules(connection, revisits)
            self._wake(connection, revisits, now)
            self._confine(connection, revisits.source_ids)
        claims.clear(connection, now=now)
        return hosts.blocked(connection, now=now)

    def lease(
        self, *, busy: dict[str, int], per_host: int, limit: int, rest: Rest, held: Collection[int] | None
    ) -> list[LeasedLink]:
        """Take up to `limit` more links to fetch; what the run may have without knowing, all but `held`, goes back."""
        now = clock.now()
        with self._database.leasing() as connection:
            if held is not None:
                leases.release(connection, self._run_id, but=held)
            leased = leases.lease(
                connection,
                self._queue,
                run_id=self._run_id,
                now=now,
                until=now + LEASE,
                busy=busy,
                per_host=per_host,
                limit=limit,
                source_ids=self._source_ids,
                on_hosts=self._hosts,
                rest=rest,
            )
            return visits.remembered(connection, leased) if self._revisits else leased

    def enter(self, connection: Connection, links: Sequence[Link]) -> list[LeasedLink]:
        """Queue these links and take them."""
        frontier.add_seeds(connection, self._queue, links)
        return leases.lend(connection, self._queue, links, run_id=self._run_id, until=clock.now() + LEASE)

    def settle(self, decided: Sequence[tuple[LeasedLink, Decision]]) -> list[Kept | None]:
        """Store what came of leased links, in one transaction."""
        now = clock.now()
        try:
            with self._database.writing() as connection:
                settled = settle(
                    connection, decided, queue=self._queue, run_id=self._run_id, now=now, counts=self._counts
                )
                if self._revisits:
                    visits.put(connection, settled.visits)
                if self._revisits and self._revisits.only_due:
                    found = [link for _, decision in decided for link in decision.found]
                    visits.rest_again(connection, self._queue, found, now=now)
        except Exception:
            self._counts.forget()
            raise
        if self._hosts is not None:
            self._hosts.update(sightings.host_of(link) for _, decision in decided for link in decision.found)
        return settled.kept

    def postpone(self, connection: Connection, leased: LeasedLink, *, until: datetime) -> None:
        """Give a link back that is to be leased again after `until`."""
        leases.postpone(connection, leased.id, run_id=self._run_id, until=until)

    def listings_in(self, connection: Connection, leased: LeasedLink) -> tuple[Link, ...]:
        """The listings that a listing named when it was last read."""
        return visits.listings_in(connection, leased.id, self._queue)

    def absent(self, connection: Connection) -> tuple[str, ...]:
        """The listings that were guessed not long ago, for any topic, and were not there."""
        return visits.resting(connection, at_least=ABSENT_FOR, now=clock.now())

    def next_due(self, connection: Connection) -> datetime | None:
        """When the next link that waits may be fetched; None when none waits."""
        return leases.next_due(
            connection,
            self._queue,
            run_id=self._run_id,
            now=clock.now(),
            source_ids=self._source_ids,
            on_hosts=self._hosts,
        )

    def waiting(self, connection: Connection) -> tuple[int, float]:
        """How many links are known that the run may lease, whenever their time comes; and the seconds of counting."""
        began = time.perf_counter()
        return frontier.waiting(connection, self._queue, on_hosts=self._hosts), time.perf_counter() - began

    def next_visit(self, connection: Connection) -> datetime | None:
        """When the next link of the run's sources is due for another visit; None when none is."""
        if self._revisits is None:
            return None
        sources = self._revisits.source_ids
        return visits.next_due(connection, self._queue, source_ids=sources, now=clock.now())

    def look_again(self, connection: Connection, host: str) -> None:
        """Queue what a host's robots.txt kept out."""
        if self._hosts is not None:
            self._hosts.add(host)
        frontier.look_again(connection, host)

    def renew_lists(self, connection: Connection, *, grown: float, told: Callable[[int, int], None]) -> None:
        """Weigh words anew in a collection that has `grown` so much; `told` hears how many lists of how many are made,
        then 0 of 0.
        """
        count = 0

        def tell(made: int) -> None:
            nonlocal count
            count = count or lists.size(connection)
            told(made, count)

        try:
            similar_lists.renew(connection, grown=grown, told=tell)
        finally:
            told(0, 0)

    def heartbeat(self) -> bool:
        """Show a sign of life; False when another run has given this one up."""
        now = clock.now()
        with self._database.leasing() as connection:
            # The run itself lives in our time: another run asks whether it is alive.
            if not runs.heartbeat(connection, self._run_id, now=datetime.now(UTC)):
                return False
            leases.renew(connection, self._run_id, until=now + LEASE)
            claims.renew(connection, self._run_id, until=now + LEASE)
            leases.release_expired(connection, now=now)  # of runs on other machines
            return True

    def end(self, *, status: str, reason: str, rest: Rest) -> None:
        """Give back what was not fetched, and close the run."""
        with self._database.writing() as connection:
            leases.release(connection, self._run_id)
            claims.leave(connection, self._run_id, now=clock.now(), rest=rest)
            runs.end(connection, self._run_id, now=datetime.now(UTC), status=status, reason=reason)

    @property
    def _source_ids(self) -> frozenset[str] | None:
        """The sources whose links the run may lease; None for all."""
        return self._revisits.source_ids if self._revisits else None

    def _read_by_new_rules(self, connection: Connection, revisits: Revisits) -> None:
        """Queue what was no article, of the sources that are read otherwise now."""
        if others := runs.with_other_rules(connection, self._run_id, revisits.rules):
            refused = frontier.refused(connection, self._queue, Outcome.NOT_AN_ARTICLE, source_ids=others)
            frontier.set_pending(connection, [one.id for one in refused])

    def _wake(self, connection: Connection, revisits: Revisits, now: datetime) -> None:
        visits.wake_articles(connection, self._queue, source_ids=revisits.source_ids, now=now)
        visits.wake_unchanged(connection, self._queue, source_ids=revisits.source_ids, now=now)
        if revisits.only_due:
            visits.wake_listings(connection, self._queue, source_ids=revisits.source_ids, now=now)
            visits.rest(connection, self._queue, now=now)

    def _confine(self, connection: Connection, source_ids: frozenset[str]) -> None:
        """Ask only hosts on which something waits of these sources.

        What others have there is skipped, so that no lease passes it by, unless a run is alive that may have it.
        """
        frontier.take_up(connection, self._queue, source_ids=source_ids)
        ours, others = frontier.waiting_on(connection, self._queue, source_ids=source_ids)
        self._hosts = ours if others else None
        if all(run.id == self._run_id or run.queue != self._queue for run in runs.running(connection)):
            frontier.leave_out(connection, self._queue, but=source_ids, hosts=ours & others)
