"""Times told from the fetch: «منذ ساعتين», «قبل ٣ أيام», «أمس 20:15». Never «اليوم»: it is on every page.

No more exact than the unit that is counted in: minutes to the minute, hours and days to the day,
months to the month. A week ago is a day more or less, often in another month: then it is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from corpus.arabic import fold
from pipelines.dates import words
from pipelines.dates.clock import UnknownZone, clock_beside
from pipelines.dates.moment import Moment, of_clock, of_day, of_month
from pipelines.dates.months import weekdays
from pipelines.dates.words import Unit, plain_words
from pipelines.phrases import one_of

SECONDS: dict[Unit, int] = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
# From the finest: what a sum of several is exact to is told by its first.
UNITS: tuple[Unit, ...] = ("second", "minute", "hour", "day", "week", "month")

# What may stand behind «أمس» beside a clock: a weekday, «الساعة», a zone.
LONGEST_REST = 60


def relative_date(part: str, *, fetched_at: datetime, outlet: ZoneInfo | None) -> Moment | None:
    """The moment that a part of a plain text tells from the fetch, if it tells nothing else."""
    if (match := _yesterday().fullmatch(part)) is not None:
        today = fetched_at.astimezone(outlet or UTC).date()
        return _of_yesterday(match, today - timedelta(days=_back()[match["back"]]), outlet)
    amounts = dict(_amounts(part)) if _ago().fullmatch(part) is not None else {}
    # Of «منذ ساعات» nobody knows how many.
    return _before(amounts, fetched_at, outlet) if amounts and all(amounts.values()) else None


def _before(amounts: Mapping[Unit, int], fetched_at: datetime, outlet: ZoneInfo | None) -> Moment | None:
    finest = next(unit for unit in UNITS if unit in amounts)
    if finest == "month":
        today = fetched_at.astimezone(outlet or UTC).date()
        return of_month(_months_before(today, amounts["month"]))
    if "month" in amounts:
        return None
    at = fetched_at - timedelta(seconds=sum(SECONDS[unit] * count for unit, count in amounts.items()))
    if finest in ("second", "minute"):
        minute = at.astimezone(UTC).replace(second=0, microsecond=0)
        return Moment(at=minute, precision="minute", zone="+00:00", wall=minute.replace(tzinfo=None))
    # Wound back in UTC, where no hour is left out or counted twice.
    day = at.astimezone(outlet or UTC).date()
    if finest == "week":
        earliest = day - timedelta(weeks=1)
        return of_month(day) if (earliest.year, earliest.month) == (day.year, day.month) else None
    return of_day(day)


def _of_yesterday(match: re.Match[str], day: date, outlet: ZoneInfo | None) -> Moment | None:
    if match["weekday"] and weekdays()[match["weekday"]] != day.weekday():
        return None
    try:
        clock = clock_beside(match["rest"], 0, 0)
    except UnknownZone:
        return of_day(day)
    if clock is None:
        return of_day(day) if not match["rest"].strip() else None
    if _before_clock().fullmatch(match["rest"], 0, clock.start) is None:
        return None  # a sentence
    return of_clock(datetime.combine(day, clock.time), outlet=outlet, has_seconds=clock.has_seconds)


def _amounts(part: str) -> Iterator[tuple[Unit, int]]:
    """Unit and count of each amount; of one that is named twice, the second."""
    for match in _amount().finditer(part):
        unit, count = _forms()[match["form"]]
        number = match["number"]
        yield unit, int(number) if number and number.isdecimal() else _numbers().get(number or "", count)


def _months_before(day: date, count: int) -> date:
    years, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    return date(max(1, years), month + 1, 1)


@cache
def _forms() -> dict[str, tuple[Unit, int]]:
    """Folded form of a unit → the unit, and how many it means without a number; 0 for a plural."""
    forms: dict[str, tuple[Unit, int]] = {}
    for unit, (one, two, many) in words.UNITS.items():
        forms |= {fold(form): (unit, 0) for form in many}
        forms |= {fold(form): (unit, 2) for form in two}
        forms[fold(one)] = (unit, 1)
    return forms


@cache
def _numbers() -> dict[str, int]:
    return {fold(word): number for word, number in words.NUMBERS.items()}


@cache
def _back() -> dict[str, int]:
    return {fold(word): days for word, days in words.DAYS_BACK.items()}


@cache
def _amount() -> re.Pattern[str]:
    """A number with any form of a unit, or a form that needs none."""
    return re.compile(_amount_pattern("(?P<number>", "(?P<form>"))


def _amount_pattern(number: str, form: str) -> str:
    return rf"(?:{number}\d{{1,3}}|{one_of(_numbers())})\s?)?{form}{one_of(_forms())})\b"


@cache
def _ago() -> re.Pattern[str]:
    amount = _amount_pattern("(?:", "(?:")
    about = rf"(?:{one_of(plain_words(words.ABOUT))}\s)?"
    passed = rf"(?:\s{one_of(plain_words(words.PASSED))})*"
    several = rf"{about}{amount}(?:\s?[،,]?\s?{words.AND}\s?{amount})*{passed}"
    return re.compile(rf"{one_of(plain_words(words.AGO))}\s{several}")


@cache
def _before_clock() -> re.Pattern[str]:
    halves = [name for names in words.LONG_HALVES.values() for name in names]
    return re.compile(rf"(?:{one_of(plain_words((*words.BEFORE_CLOCK, *halves)))}\b|[\s،,:.-])*")


@cache
def _yesterday() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<back>{one_of(_back())})\b(?:\s(?P<weekday>{one_of(weekdays())})\b)?(?P<rest>.{{0,{LONGEST_REST}}})"
    )
