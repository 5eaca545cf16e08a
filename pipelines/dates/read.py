"""One candidate's words to a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from pipelines.dates.clock import UnknownZone, clock_beside
from pipelines.dates.machine import machine_date
from pipelines.dates.moment import Moment, of_clock, of_day, of_month
from pipelines.dates.plain import LONGEST, parts, plain, said
from pipelines.dates.relative import relative_date
from pipelines.dates.written import day_of, month_of
from pipelines.dates.zones import zone_of


def read_date(words: str, *, fetched_at: datetime | None = None, country: str | None = None) -> Moment | None:
    """The moment that some words name; None when they name none.

    A clock without a zone is that of the outlet's `country`. Without `fetched_at` no word that is
    relative to it is read.
    """
    return _read(words[:LONGEST], fetched_at, zone_of(country))


# A page has the same date in its head and near its title, and the gate looks at those of the head, too.
@lru_cache(maxsize=128)
def _read(words: str, fetched_at: datetime | None, outlet: ZoneInfo | None) -> Moment | None:
    split = said(plain(words))
    if (own := _moment(split.own, fetched_at=fetched_at, outlet=outlet)) is not None:
        return own
    update = _moment(split.of_update, fetched_at=fetched_at, outlet=outlet)
    return replace(update, is_update=True) if update is not None else None


def _moment(text: str, *, fetched_at: datetime | None, outlet: ZoneInfo | None) -> Moment | None:
    if not text:
        return None
    if any(char.isdigit() for char in text):
        found = machine_date(text, outlet=outlet) or _written(text, outlet=outlet)
        if found is not None:
            return found
    return _of_a_part(text, fetched_at=fetched_at, outlet=outlet)


def _written(text: str, *, outlet: ZoneInfo | None) -> Moment | None:
    named = day_of(text)
    if named is None:
        return None
    try:
        clock = clock_beside(text, named.start, named.end)
    except UnknownZone:
        clock = None
    if clock is None:
        return of_day(named.day)
    return of_clock(datetime.combine(named.day, clock.time), outlet=outlet, has_seconds=clock.has_seconds)


def _of_a_part(text: str, *, fetched_at: datetime | None, outlet: ZoneInfo | None) -> Moment | None:
    """What means something only where nothing else stands beside it: a month, a time told from the fetch."""
    for part in parts(text):
        if (month := month_of(part)) is not None:
            return of_month(month)
        if fetched_at is not None and (found := relative_date(part, fetched_at=fetched_at, outlet=outlet)) is not None:
            return found
    return None
