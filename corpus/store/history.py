"""What a source used to give: is what it gave in this run far less?"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, or_, select

from corpus.plural import counted
from corpus.store.schema import decisions, runs
from corpus.types import LinkKind, Outcome

# Of so many earlier runs the median counts; with fewer than three there is no habit to speak of. Guess.
REMEMBERED, FEWEST = 10, 3

# Feeds and section pages hold about as many links every day; a quarter is a feed that broke or moved. Guess.
FAR_LESS = 0.25


@dataclass(frozen=True, kw_only=True)
class Yield:
    """What the listings of one source gave in one run, beside its own history."""

    source_id: str
    read: int  # listings that were read
    unchanged: int  # listings that had not changed since they were read last
    failed: int  # listings that could not be read
    found: int  # links in those read
    usual: float | None  # links found in an earlier run, median; None while there were too few runs

    @property
    def warning(self) -> str | None:
        """What is wrong, in a sentence; None when nothing is."""
        used_to = f"; it used to give {self.usual:g}" if self.usual else ""
        if self.unchanged:
            return None
        if not self.read and not self.failed:
            return f"{self.source_id}: none of its listings was asked for{used_to}"
        if not self.read:
            return f"{self.source_id}: of {counted(self.failed, 'listing')} none could be read{used_to}"
        if not self.found:
            return f"{self.source_id}: no link in {counted(self.read, 'listing')}{used_to}"
        if self.usual and self.found < FAR_LESS * self.usual:
            return f"{self.source_id}: {counted(self.found, 'link')}{used_to}"
        return None


def yields(connection: Connection, run_id: int, source_ids: Iterable[str], *, only_due: bool = False) -> list[Yield]:
    """What each source gave in a run, beside what it gave in the runs of the same queue before it.

    Of a run that read only what was due, what was asked for: which listings these are is another each time. Of one
    that shared the work with others, what they gave together.
    """
    now = _listings(connection, [run_id] if only_due else _together(connection, run_id))
    before = {} if only_due else _found_before(connection, run_id)
    source_ids = now if only_due else source_ids
    rows = []
    for source_id in source_ids:
        listings = now.get(source_id, {})
        read = listings.get(Outcome.LISTING.value, (0, 0))
        unchanged = listings.get(Outcome.UNCHANGED.value, (0, 0))
        usual = before.get(source_id, [])
        rows.append(
            Yield(
                source_id=source_id,
                read=read[0],
                unchanged=unchanged[0],
                failed=sum(count for count, _ in listings.values()) - read[0] - unchanged[0],
                found=read[1],
                usual=statistics.median(usual) if len(usual) >= FEWEST else None,
            )
        )
    return rows


def _together(connection: Connection, run_id: int) -> list[int]:
    """A run, and those of its queue that worked beside it."""
    one, other = runs.alias(), runs.alias()
    meet = (
        one.c.queue == other.c.queue,
        one.c.started_at < func.coalesce(other.c.ended_at, other.c.heartbeat_at),
        other.c.started_at < func.coalesce(one.c.ended_at, one.c.heartbeat_at),
    )
    statement = select(other.c.id).where(one.c.id == run_id, or_(other.c.id == run_id, and_(*meet)))
    return list(connection.execute(statement).scalars())


def _found_before(connection: Connection, run_id: int) -> dict[str, list[int]]:
    """The links that each source gave in the last runs that ended well and read it whole."""
    queue = select(runs.c.queue).where(runs.c.id == run_id).scalar_subquery()
    earlier = select(runs.c.id).where(runs.c.queue == queue, runs.c.id < run_id, runs.c.status == "finished")
    ids = list(connection.execute(earlier.order_by(runs.c.id.desc()).limit(REMEMBERED)).scalars())
    found: defaultdict[str, list[int]] = defaultdict(list)
    for one in ids:
        for source_id, outcomes in _listings(connection, [one]).items():
            if Outcome.LISTING.value in outcomes and Outcome.UNCHANGED.value not in outcomes:
                found[source_id].append(outcomes[Outcome.LISTING.value][1])
    return found


def _listings(connection: Connection, run_ids: list[int]) -> dict[str, dict[str, tuple[int, int]]]:
    """Per source and outcome: how many listings, and the links in them."""
    key = decisions.c.source_id, decisions.c.outcome
    statement = select(*key, func.count(), func.sum(decisions.c.links_found)).where(
        decisions.c.run_id.in_(run_ids), decisions.c.kind != LinkKind.ARTICLE.value, decisions.c.source_id.is_not(None)
    )
    found: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for source_id, outcome, count, links in connection.execute(statement.group_by(*key)):
        found[source_id][outcome] = (int(count), int(links))
    return found
