"""A moment, how exactly it is known, and by whose clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from corpus.types import Precision


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What some words mean."""

    at: datetime  # UTC; with precision "day" or "month", midnight UTC of the day, or first day, that is named
    precision: Precision
    zone: str | None = None  # "+03:00" as the words have it, "Africa/Cairo" as assumed; None for days and months
    wall: datetime  # what that clock shows, without a zone; of a day or month its beginning
    is_update: bool = False  # of a later version, so the words say


def of_day(day: date) -> Moment:
    """A day without a clock."""
    return _beginning(day, "day")


def of_month(day: date) -> Moment:
    """A month without a day."""
    return _beginning(day.replace(day=1), "month")


def of_clock(moment: datetime, *, outlet: ZoneInfo | None, has_seconds: bool) -> Moment:
    """A day with a clock, which is the outlet's where it has no zone; the day alone where nobody knows whose.

    Midnight is how systems write a day that came without a clock.
    """
    zone = moment.tzinfo or outlet
    if zone is None or moment.time() == time.min:
        return of_day(moment.date())
    name = outlet.key if moment.tzinfo is None and outlet is not None else moment.isoformat()[-len("+00:00") :]
    return Moment(
        at=moment.replace(tzinfo=zone).astimezone(UTC),
        precision="second" if has_seconds else "minute",
        zone=name,
        wall=moment.replace(tzinfo=None),
    )


def _beginning(day: date, precision: Precision) -> Moment:
    at = datetime.combine(day, time.min, UTC)
    return Moment(at=at, precision=precision, wall=at.replace(tzinfo=None))
