"""Which links a run asks for, when, and how far: leased from the frontier as hosts come free, up to the run's limits.

What comes of them is the business of the spider, which tells the ledger; a link that is settled makes room here.
"""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator

from corpus import clock
from corpus.plural import counted
from corpus.types import LeasedLink
from crawler.plan import Plan
from crawler.politeness import Delays
from pipelines.ledger import Ledger
from pipelines.run_store import Revisits
from pipelines.workers import Workers

# Links on loan: enough that no worker waits for the database, few enough that their pages fit into memory.
MOST_LEASED = 128
MOST_LEASED_PER_HOST = 16

# The same where hosts are left alone between two pages: one of each host. A process that may ask for a page of each of
# so many every six seconds has all that it can read; where several share the work, the others have the other hosts.
MOST_HOSTS = 256

# A run waits so long for a host that asked to be left alone; what takes longer is for a later run. Guess.
LONGEST_PATIENCE_S = 30.0

# A host becomes free for its next page without anything else happening: look at the frontier so often.
LOOK_AGAIN_S = 1.0


class Leasing:
    """One run's way through the frontier."""

    def __init__(self, plan: Plan, ledger: Ledger, workers: Workers, delays: Delays) -> None:
        self._plan = plan
        self._ledger = ledger
        self._workers = workers
        self._delays = delays
        self._started = time.monotonic()
        self._articles = 0
        self._stopped = False

    async def links(self) -> AsyncIterator[LeasedLink]:
        """What is to be fetched now, until nothing is due, a limit is reached, or all of it is stopped."""
        plan, ledger = self._plan, self._ledger
        await ledger.begin(plan.seeds, focus=plan.focus, revisits=_revisits(plan) if plan.is_incremental else None)
        if plan.is_incremental:
            plan.course.leave_out(await ledger.absent())
        while not self._is_over():
            before = ledger.in_flight
            for leased in await ledger.lease(per_host=self._per_host(), limit=self._room()):
                self._articles += not leased.link.kind.is_listing
                yield leased
            if not ledger.in_flight and not await self._wait_for_a_host():
                break
            if self._delays.are_kept:
                await ledger.changed(within_s=LOOK_AGAIN_S)
                continue
            low_water = max(before, ledger.in_flight) // 2
            while ledger.in_flight > low_water and not self._is_over():
                await ledger.changed()
        while ledger.in_flight and not self._stopped:
            if self._time_left_s() <= 0:
                await self.run_out()
            else:
                await ledger.changed(within_s=LOOK_AGAIN_S)

    async def run_out(self) -> None:
        """Ask for no link any more that waits for its turn; what is on its way comes."""
        while self._ledger.in_flight and not self._stopped:
            self._delays.let_go()
            await self._ledger.changed(within_s=LOOK_AGAIN_S)

    def stop(self) -> None:
        """Lease nothing more, and wait for nothing."""
        self._stopped = True

    async def why_over(self) -> str:
        """Why a run that was not stopped is at its end, in words."""
        if limit := self._limit_reached():
            return limit
        due = await self._ledger.next_due()
        if due is None or self._ledger.broken is not None:
            visit = await self._ledger.next_visit() if self._plan.only_due else None
            return f"nothing is due before {visit:%Y-%m-%d %H:%M} UTC" if visit else "nothing left to fetch"
        return f"nothing left to fetch before {due:%Y-%m-%d %H:%M} UTC: hosts that failed are left alone until then"

    def _is_over(self) -> bool:
        broken = self._ledger.broken or self._workers.broken
        return self._stopped or broken is not None or self._limit_reached() is not None

    def _limit_reached(self) -> str | None:
        if self._plan.max_pages is not None and self._articles >= self._plan.max_pages:
            return f"{counted(self._plan.max_pages, 'page')}, as asked"
        if self._time_left_s() <= 0:
            return f"{self._plan.max_time_s:g} seconds, as asked"
        return None

    def _time_left_s(self) -> float:
        return math.inf if self._plan.max_time_s is None else self._started + self._plan.max_time_s - time.monotonic()

    def _room(self) -> int:
        room = (MOST_HOSTS if self._delays.are_kept else MOST_LEASED) - self._ledger.in_flight
        return room if self._plan.max_pages is None else min(room, self._plan.max_pages - self._articles)

    def _per_host(self) -> int:
        # A polite host is idle most of the time: what is leased ahead would only wait, and be late to hear of a block.
        return 1 if self._delays.are_kept else MOST_LEASED_PER_HOST

    async def _wait_for_a_host(self) -> bool:
        """Wait until a host that is left alone comes free, if that is soon; whether there is something to wait for."""
        due = await self._ledger.next_due()
        if due is None:
            return False
        seconds = (due - clock.now()).total_seconds()
        if seconds > LONGEST_PATIENCE_S:
            return False
        if clock.is_stopped():
            clock.advance(due)  # nobody is waited for in a replay
            return True
        await self._ledger.changed(within_s=max(0.0, min(seconds, self._time_left_s())))
        return True


def _revisits(plan: Plan) -> Revisits:
    rules = {id_: str(source.rules) if source.rules else None for id_, source in plan.sources.items()}
    return Revisits(source_ids=frozenset(plan.sources), only_due=plan.only_due, rules=rules)
