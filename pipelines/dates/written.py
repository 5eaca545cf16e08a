"""The day that a text names: in words or numbers, Gregorian or Hijri; or the month, where it names no day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from pipelines.dates import words
from pipelines.dates.months import hijri_months, months, shortened_weekdays, weekday_initials, whole
from pipelines.dates.words import plain_words
from pipelines.phrases import one_of

_SEPARATOR = r"[\s،,./()\u2013\u2014-]{0,4}"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_HIJRI_YEAR = r"(?P<year>1[345]\d\d)(?!\d)"
_HIJRI_MARK = rf"\s?\(?(?:{one_of(plain_words(words.HIJRI_MARKS))})(?!\w)"
_OF_MONTH = rf"(?:{one_of(plain_words(words.OF_MONTH))}\s)?"
_OF_YEAR = rf"(?:{one_of(plain_words(words.OF_YEAR))}\s)?"
_DAY = r"(?<!\d)(?<!\d[:.])(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\d:])"

# A number of its own: no telephone, no version, no path of a picture («2020/12/5c6d.jpg»).
_ALONE, _END = r"(?<![\d+])(?<!\d[./-])", r"(?!\d|[./-]\d|(?!t\d)[a-z])"
_NUMERIC = re.compile(rf"{_ALONE}(\d{{1,2}})\s?([/.-])\s?(\d{{1,2}})\s?\2\s?((?:19|20)\d\d){_END}")
_YEAR_FIRST = re.compile(rf"{_ALONE}((?:19|20)\d\d)\s?([/.-])\s?(\d{{1,2}})\s?\2\s?(\d{{1,2}}){_END}")
_HIJRI_NUMERIC = re.compile(
    rf"{_ALONE}(?:(?P<day>\d{{1,2}})(?P<a>[/.-])(?P<month>\d{{1,2}})(?P=a)(?P<year>1[345]\d\d)"
    rf"|(?P<year_>1[345]\d\d)(?P<b>[/.-])(?P<month_>\d{{1,2}})(?P=b)(?P<day_>\d{{1,2}})){_HIJRI_MARK}"
)

# Umm al-Qura is computed; sighting the moon differs from it by a day, in the Maghreb by two.
MOST_DAYS_APART = 2


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day named in a text, and where."""

    day: date
    start: int
    end: int


def day_of(text: str) -> Day | None:
    """The day that a plain text names; None when it names none, or different ones.

    Of a day in both calendars the Gregorian one is taken, which all countries count alike. Where the
    Hijri one is further from it than moon sighting explains, one of the two is wrong, and nobody
    knows which: such a text names no day.
    """
    named = list(_gregorian(text))
    gregorian, hijri = _one(named), _one(list(_hijri(text)))
    if gregorian is None or hijri is None:
        return gregorian or (None if named else hijri)
    return gregorian if abs((gregorian.day - hijri.day).days) <= MOST_DAYS_APART else None


def month_of(part: str) -> date | None:
    """The first day of the month that is all a part of a text names: «آب/أغسطس 2025»."""
    match = _month_alone().fullmatch(part)
    month = _month(match) if match is not None else None
    return date(int(match["year"]), month, 1) if match is not None and month is not None else None


def _one(days: Sequence[Day | None]) -> Day | None:
    """The first of the days, if all are the same day; one that does not exist spoils the others."""
    first = days[0] if days else None
    return first if all(one is not None and first is not None and one.day == first.day for one in days) else None


def _gregorian(text: str) -> Iterator[Day | None]:
    """The Gregorian days of a text; None for what is written like one and is none."""
    for match in (*_day_first().finditer(text), *_month_first().finditer(text)):
        month = _month(match)
        is_range = _range_before().search(text, 0, match.start()) is not None
        yield None if is_range or month is None else _day(match, int(match["year"]), month, int(match["day"]))
    for match in _NUMERIC.finditer(text):
        yield _numeric(match, text)
    for match in _YEAR_FIRST.finditer(text):
        yield _day(match, int(match[1]), int(match[3]), int(match[4]))


def _numeric(match: re.Match[str], text: str) -> Day | None:
    """Arabic pages write the day first. Americans do not: their second number may be above 12, or the weekday tells."""
    year = int(match[4])
    day_first = _day(match, year, int(match[3]), int(match[1]))
    month_first = _day(match, year, int(match[1]), int(match[3]))
    if day_first is None or month_first is None:
        return day_first or month_first
    named = {shortened_weekdays()[found[0]] for found in _weekday().finditer(text)}
    if (initial := _initial().search(text[: match.start()])) is not None:
        named.add(weekday_initials()[initial[1]])
    is_american = month_first.day.weekday() in named and day_first.day.weekday() not in named
    return month_first if is_american else day_first


def _hijri(text: str) -> Iterator[Day | None]:
    for match in (*_hijri_written().finditer(text), *_hijri_month_first().finditer(text)):
        yield _day(
            match, int(match["year"]), hijri_months()[_on_one_line(match["month"])], int(match["day"]), of=_from_hijri
        )
    for match in _HIJRI_NUMERIC.finditer(text):
        year, month, day = (int(match[name] or match[f"{name}_"]) for name in ("year", "month", "day"))
        yield _day(match, year, month, day, of=_from_hijri)


def _from_hijri(year: int, month: int, day: int) -> date:
    from hijridate import Hijri

    found = Hijri(year, month, day).to_gregorian()
    return date(found.year, found.month, found.day)


def _day(
    match: re.Match[str], year: int, month: int, day: int, *, of: Callable[[int, int, int], date] = date
) -> Day | None:
    try:
        return Day(day=of(year, month, day), start=match.start(), end=match.end())
    except (ValueError, OverflowError):
        return None


def _month(match: re.Match[str]) -> int | None:
    """The month of a match, unless its two names are those of two months."""
    first, second = (months()[_on_one_line(match[name] or match["month"])] for name in ("month", "second"))
    return first if first == second else None


def _on_one_line(name: str) -> str:
    return " ".join(name.split())


@cache
def _names() -> str:
    """One or two names: «آب/أغسطس», «آب (أغسطس)»."""
    month = one_of(months())
    return rf"{whole(f'(?P<month>{month})')}(?:[\s/()-]{{1,3}}{whole(f'(?P<second>{month})')})?"


@cache
def _hijri_name() -> str:
    return whole(f"(?P<month>{one_of(hijri_months())})")


@cache
def _day_first() -> re.Pattern[str]:
    return re.compile(rf"{_DAY}{_SEPARATOR}{_OF_MONTH}{_names()}{_SEPARATOR}{_OF_YEAR}{_YEAR}")


@cache
def _month_first() -> re.Pattern[str]:
    """How blog systems write dates when nobody set another order: «أغسطس 15, 2025»."""
    return re.compile(rf"(?<!\d\s){_names()}{_SEPARATOR}{_DAY}{_SEPARATOR}{_YEAR}")


@cache
def _month_alone() -> re.Pattern[str]:
    return re.compile(
        rf"{_names()}{_SEPARATOR}{_OF_YEAR}{_YEAR}(?:\s?(?:{one_of(plain_words(words.GREGORIAN_MARKS))}))?"
    )


@cache
def _hijri_written() -> re.Pattern[str]:
    return re.compile(rf"{_DAY}{_SEPARATOR}{_OF_MONTH}{_hijri_name()}{_SEPARATOR}{_OF_YEAR}{_HIJRI_YEAR}")


@cache
def _hijri_month_first() -> re.Pattern[str]:
    return re.compile(rf"(?<!\d\s){_hijri_name()}{_SEPARATOR}{_DAY}{_SEPARATOR}{_HIJRI_YEAR}")


@cache
def _range_before() -> re.Pattern[str]:
    """The first of two days: «14 - 16 أغسطس 2025», «من 14 أغسطس إلى 16 أغسطس 2025». A clock or a year is none."""
    until = "|".join(plain_words(words.UNTIL))
    return re.compile(rf"(?:(?<![\d:/.])\d{{1,2}}|{one_of(months())})\s*(?:[-/\u2013\u2014]|\s(?:{until}))\s*$")


@cache
def _initial() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)({one_of(weekday_initials())})\s?[,،]\s?\Z")


@cache
def _weekday() -> re.Pattern[str]:
    return re.compile(rf"\b{one_of(shortened_weekdays())}\b")
