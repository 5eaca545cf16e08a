"""How often each source came to each outcome, in all runs together.

Counted in the transaction that records decisions: to count those of a million fetches takes a second of a
processor, and a collection that is visited for years has many millions. What `purge` took away still counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from corpus.store import raw
from corpus.store.schema import source_counts
from corpus.types import Outcome

KEY = "source_id", "channel", "kind", "outcome"
LINKS = "links_found", "links_new", "links_skipped"


def add(connection: Connection, run_id: int, decided: Iterable[Mapping[str, Any]], *, now: datetime) -> None:
    """Count the decisions of a run, given as rows of their table."""
    sums: defaultdict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in decided:
        counted = sums[tuple(one[name] or "" for name in KEY)]
        for place, more in enumerate((1, *(one[name] for name in LINKS))):
            counted[place] += more
    seen = {"last_run": run_id, "last_at": raw.stored(connection, now)}
    names = *KEY, "decisions", *LINKS
    raw.run(connection, _ADD, [dict(zip(names, (*key, *some), strict=True)) | seen for key, some in sums.items()])


def outcomes(connection: Connection) -> dict[Outcome, int]:
    """How often all sources together came to each outcome."""
    statement = select(source_counts.c.outcome, func.sum(source_counts.c.decisions)).group_by(source_counts.c.outcome)
    return {Outcome(outcome): int(count) for outcome, count in connection.execute(statement)}


def last_read(connection: Connection) -> dict[str | None, datetime]:
    """When each source was last fetched from."""
    statement = select(source_counts.c.source_id, func.max(source_counts.c.last_at)).group_by(source_counts.c.source_id)
    return {source or None: at for source, at in connection.execute(statement)}


# A replay records decisions of its own, earlier time.
_ADD = (
    "INSERT INTO source_counts (source_id, channel, kind, outcome, decisions, links_found, links_new, links_skipped,"
    " last_run, last_at) VALUES (:source_id, :channel, :kind, :outcome, :decisions, :links_found, :links_new,"
    " :links_skipped, :last_run, :last_at) ON CONFLICT (source_id, channel, kind, outcome) DO UPDATE SET"
    " decisions = source_counts.decisions + excluded.decisions,"
    " links_found = source_counts.links_found + excluded.links_found,"
    " links_new = source_counts.links_new + excluded.links_new,"
    " links_skipped = source_counts.links_skipped + excluded.links_skipped,"
    " last_run = excluded.last_run,"
    " last_at = CASE WHEN excluded.last_at > source_counts.last_at THEN excluded.last_at"
    " ELSE source_counts.last_at END"
)
