"""Which times are due, and which come next. Pure: the clock comes in as an argument.

Cron expressions are read by cronsim, which does what Debian's cron does when clocks change: a time that the day does
not have comes when the gap ends, a time that it has twice comes the first time, and what is due every so many
minutes or hours keeps to real time. Days of a zone come from the IANA tables.

Due times up to `settled_until` are done with. That is all the memory there is, so no time comes twice, whatever
the clock does: set back, it waits until it has caught up; set forward, or asleep, many times become one run.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zlib import crc32
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from corpus.errors import UsageError
from corpus.store.schedules import Schedule

MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}

# cronsim's names of the five fields, and what may stand in them.
FIELDS = {
    "minute": "0-59",
    "hour": "0-23",
    "day-of-month": "1-31, a day that its month has, or L for the last",
    "month": "1-12 or JAN-DEC",
    "day-of-week": "0-7 or SUN-SAT (0 and 7 are Sunday)",
}

# A clock that was wrong by years (a machine that starts without a battery) may have settled times that are yet to come,
# and nothing would run until then. What it noted is not believed; a clock that is set back by less catches up. Guess.
BELIEVED = timedelta(days=1)

# So many gaps between times are looked at to find the shortest.
GAPS_LOOKED_AT = 50


@dataclass(frozen=True, kw_only=True)
class Due:
    """Times that are due, as one run."""

    last: datetime
    missed: int  # further ones before it


def due(schedule: Schedule, now: datetime) -> Due | None:
    """The times of a schedule that are due now, none of which was before."""
    if schedule.paused or (schedule.not_before is not None and now < schedule.not_before <= now + BELIEVED):
        return None
    last, count = None, 0
    for moment in times(schedule, after=_settled(schedule, now)):
        if moment > now:
            break
        if moment + jitter(schedule, moment) <= now:
            last, count = moment, count + 1
    return None if last is None else Due(last=last, missed=count - 1)


def _settled(schedule: Schedule, now: datetime) -> datetime:
    """Up to when all times are done with."""
    return schedule.settled_until if schedule.settled_until <= now + BELIEVED else now - BELIEVED


def next_start(schedule: Schedule) -> datetime | None:
    """When the first time that is not settled will be run; None when there is none."""
    first = next(times(schedule, after=schedule.settled_until), None)
    if first is None:
        return None
    start = first + jitter(schedule, first)
    return start if schedule.not_before is None else max(start, schedule.not_before)


def starts(schedule: Schedule, *, now: datetime) -> Iterator[datetime]:
    """When runs of a schedule are yet to begin, in order: its due times, each with its jitter."""
    longest = timedelta(seconds=schedule.jitter_s)
    coming = times(schedule, after=max(schedule.settled_until, now - longest))
    return (start for moment in coming if (start := moment + jitter(schedule, moment)) > now)


def times(schedule: Schedule, *, after: datetime) -> Iterator[datetime]:
    """The due times of a schedule after a moment, in UTC, in order; without jitter."""
    if schedule.every_s is not None:
        every = timedelta(seconds=schedule.every_s)
        moment = schedule.created_at + every * ((after - schedule.created_at) // every + 1)
        while True:
            yield moment
            moment += every
    assert schedule.cron is not None  # noqa: S101 - one of the two is set
    for local in CronSim(schedule.cron, after.astimezone(ZoneInfo(schedule.zone))):
        moment = local.astimezone(UTC)
        # Begun within an hour that comes twice, cronsim goes through it again.
        if moment > after:
            after = moment
            yield moment


def jitter(schedule: Schedule, moment: datetime) -> timedelta:
    """How long after a due time its run begins: up to `jitter_s`, always the same for the same time."""
    if not schedule.jitter_s:
        return timedelta(0)
    drawn = crc32(f"{schedule.name} {moment:%Y-%m-%dT%H:%M:%S}".encode())
    return timedelta(seconds=drawn % (schedule.jitter_s + 1))


def check_cron(expression: str) -> str:
    """The expression with its macros written out. Raises UsageError that names the field that is wrong."""
    written = MACROS.get(expression.strip().lower(), expression.strip())
    if len(written.split()) != len(FIELDS):
        raise UsageError(
            f"--cron {expression!r} has {len(written.split())} fields, not five: minute, hour, day of the month, "
            "month, day of the week. Example: '0 */6 * * *'"
        )
    try:
        found = next(CronSim(written, datetime(2026, 1, 1, tzinfo=UTC)), None)
    except CronSimError as error:
        raise UsageError(f"--cron {expression!r}: {_wrong_field(str(error))}") from error
    if found is None:
        raise UsageError(f"--cron {expression!r}: there is no such day in fifty years.")
    return written


def check_zone(name: str) -> str:
    """The name of a zone. Raises UsageError for what the IANA tables do not have."""
    known = available_timezones()
    if name in known:
        return name
    cities = {zone.rpartition("/")[2].lower(): zone for zone in sorted(known)}
    wanted = name.rpartition("/")[2].lower().replace(" ", "_")
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    near = near or [cities[city] for city in difflib.get_close_matches(wanted, cities, n=1, cutoff=0.7)]
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UsageError(
        f"--tz {name!r} is no time zone of the IANA tables.{hint} Examples: Asia/Riyadh, Africa/Cairo, UTC"
    )


def check_jitter(schedule: Schedule) -> None:
    """Raise UsageError for a jitter of more than half the shortest gap: runs would change places."""
    some = islice(times(schedule, after=schedule.settled_until), GAPS_LOOKED_AT)
    shortest = min((later - earlier for earlier, later in pairwise(some)), default=None)
    if shortest is not None and timedelta(seconds=schedule.jitter_s) > shortest / 2:
        raise UsageError(
            f"--jitter of {schedule.jitter_s} seconds is more than half of the {shortest.total_seconds():.0f} between "
            "two runs. Give less."
        )


def _wrong_field(told: str) -> str:
    """What cronsim says of an expression, with what would be right."""
    name = told.removeprefix("Bad ")
    if name not in FIELDS:
        return told
    place = ("first", "second", "third", "fourth", "fifth")[list(FIELDS).index(name)]
    return f"the {place} field, the {name.replace('-', ' ')}, must be {FIELDS[name]}; also *, */2, 1-3 and 1,3."
