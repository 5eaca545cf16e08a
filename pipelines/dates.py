"""When was it published? Arabic dates of every region, read strictly: a date that is not there is not guessed.

Month names come from CLDR (Babel) for the Gulf and Egypt, the Levant, and the Maghreb, Hijri
months and their conversion (Umm al-Qura) from hijridate. Arabic letters stand here only in the
few spellings and particles of dates that those tables lack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import cache
from zoneinfo import ZoneInfo

from corpus.arabic import fold, repair
from corpus.types import Precision

# Where a page names no zone, its outlet's clock is meant.
ZONES = {
    "AE": "Asia/Dubai",
    "BH": "Asia/Bahrain",
    "DZ": "Africa/Algiers",
    "EG": "Africa/Cairo",
    "IQ": "Asia/Baghdad",
    "JO": "Asia/Amman",
    "KW": "Asia/Kuwait",
    "LB": "Asia/Beirut",
    "LY": "Africa/Tripoli",
    "MA": "Africa/Casablanca",
    "MR": "Africa/Nouakchott",
    "OM": "Asia/Muscat",
    "PS": "Asia/Hebron",
    "QA": "Asia/Qatar",
    "SA": "Asia/Riyadh",
    "SD": "Africa/Khartoum",
    "SY": "Asia/Damascus",
    "TN": "Africa/Tunis",
    "YE": "Asia/Aden",
    "GB": "Europe/London",
    "FR": "Europe/Paris",
    "DE": "Europe/Berlin",
    "RU": "Europe/Moscow",
    "US": "America/New_York",
    "TR": "Europe/Istanbul",
}

LOCALES = ("ar", "ar_SY", "ar_MA", "ar_DZ", "ar_MR")

# Spellings that papers use and CLDR does not.
MORE_MONTHS = {
    "ابريل": 4,
    "إبريل": 4,
    "نيسان أبريل": 4,
    "حزيران يونيو": 6,
    "جويليه": 7,
    "غشت": 8,
    "أوت": 8,
    "أغسطس": 8,
    "اغشت": 8,
    "شتنبر": 9,
    "سبتمر": 9,
    "أكتوبر": 10,
    "تشرين أول": 10,
    "تشرين ثاني": 11,
    "كانون أول": 12,
    "كانون ثاني": 1,
}

MORE_HIJRI_MONTHS = {
    "المحرم": 1,
    "محرم": 1,
    "ربيع الأول": 3,
    "ربيع الآخر": 4,
    "ربيع الثاني": 4,
    "جمادى الأولى": 5,
    "جمادى الآخرة": 6,
    "جمادى الثانية": 6,
    "ذو القعدة": 11,
    "ذي القعدة": 11,
    "ذو الحجة": 12,
    "ذي الحجة": 12,
}

# No newspaper page is older, and a year before it is a misread number.
EARLIEST_YEAR = 1990

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2}(?P<second>:\d{2}(?:\.\d+)?)?\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?)?"
)
# A year of four digits that is not Gregorian is Hijri, whose months are not these.
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-]((?:19|20)\d\d)(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d\d)[/.\-](\d{1,2})[/.\-](\d{1,2})(?!\d)")
_CLOCK = re.compile(r"(?<![\d/.\-])(\d{1,2}):(\d{2})(?::(\d{2}))?(?![\d:])")
_GREENWICH = re.compile(r"(?:(?<![A-Za-z])(?:GMT|UTC)|جرينتش|غرينتش|غرينيتش)(?:\s*([+-]\d{1,2})(?::?(\d{2}))?(?!\d))?")
_MECCA = re.compile(r"مكه المكرمه|بتوقيت السعوديه|بتوقيت مكه")
# What follows a clock, folded.
_AFTERNOON = re.compile(r"(?:م|مساء|pm|p m|ب ظ|بعد الظهر|عصرا)\b")
_MORNING = re.compile(r"(?:ص|صباحا|am|a m|ق ظ|قبل الظهر|فجرا|بعد منتصف الليل)\b")
_NOON = re.compile(r"ظهرا\b")  # from eleven to three
_NIGHT = re.compile(r"ليلا\b")  # from the evening to after midnight


@dataclass(frozen=True, kw_only=True)
class Published:
    """A moment of publication, and how it is known."""

    at: datetime  # UTC; with precision "day", midnight UTC of the day that the page names
    precision: Precision
    source: str  # where on the page: "json-ld", "meta", "microdata", "time", "text"
    words: str  # as the page has it


def published(candidates: Iterable[tuple[str, str]], *, fetched_at: datetime, country: str | None) -> Published | None:
    """The first candidate (source, words) that is a date, and not one from after the fetch."""
    for source, words in candidates:
        found = read_date(words, country=country)
        if found is not None and _is_possible(found[0], fetched_at):
            at, precision = found
            return Published(at=at, precision=precision, source=source, words=repair(words))
    return None


def read_date(words: str, *, country: str | None = None) -> tuple[datetime, Precision] | None:
    """The moment that some words name, in UTC, and how exactly; None when they name none."""
    text = _digits(repair(words))
    try:
        return _machine_date(text, country) or _written_date(text, country)
    except OverflowError:
        # The empty date of some systems, 0001-01-01T00:00:00, is before the calendar in UTC.
        return None


def _machine_date(text: str, country: str | None) -> tuple[datetime, Precision] | None:
    if (match := _ISO.search(text)) is not None and (match["offset"] or not _half(text, match)):
        if ":" not in match[0]:
            return None  # a day alone, or with a clock further on: a written date
        try:
            moment = datetime.fromisoformat(match[0].strip().replace(" ", "T", 1).replace(" ", ""))
        except ValueError:
            return None
        return _in_utc(moment, country), "second" if match["second"] else "minute"
    clock = _CLOCK.search(text)
    # The parser of RFC 2822 overlooks a PM.
    if text.isascii() and "," in text and clock is not None and not _half(text, clock):
        try:
            # "-0000" is UTC, of a machine that keeps its own zone to itself (RFC 2822, 3.3).
            moment = parsedate_to_datetime(text.replace("-0000", "+0000"))
        except (TypeError, ValueError):
            return None
        return _in_utc(moment, country), "second" if clock[3] else "minute"
    return None


def _written_date(text: str, country: str | None) -> tuple[datetime, Precision] | None:
    day = _day(text)
    if day is None:
        return None
    clock = _clock(text)
    if clock is None:
        return day.replace(tzinfo=UTC), "day"
    hour, minute, second = clock
    moment = day.replace(hour=hour, minute=minute, second=second or 0, tzinfo=_zone(text))
    return _in_utc(moment, country), "minute" if second is None else "second"


def _zone(text: str) -> tzinfo | None:
    """The zone that a text names in words, if so."""
    if (match := _GREENWICH.search(text)) is not None:
        hours, minutes = int(match[1] or 0), int(match[2] or 0)
        offset = timedelta(hours=hours, minutes=minutes if hours >= 0 else -minutes)
        return timezone(offset) if abs(hours) <= 14 else None
    return timezone(timedelta(hours=3)) if _MECCA.search(fold(text)) else None


def _day(text: str) -> datetime | None:
    """Midnight of the day that a text names, without a zone."""
    folded = fold(text)
    if (match := _gregorian().search(folded) or _month_first().search(folded)) is not None:
        return _date(match["year"], _months()[match["month"]], match["day"])
    if (match := _hijri().search(folded)) is not None:
        return _from_hijri(int(match["year"]), _hijri_months()[match["month"]], int(match["day"]))
    if (match := _NUMERIC.search(text)) is not None:
        # Arabic pages write the day first; a second number above 12 can only be the day of an American one.
        return _date(match[3], int(match[2]), match[1]) or _date(match[3], int(match[1]), match[2])
    if (match := _YEAR_FIRST.search(text)) is not None:
        return _date(match[1], int(match[2]), match[3])
    return None


def _clock(text: str) -> tuple[int, int, int | None] | None:
    match = _CLOCK.search(text)
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3]) if match[3] else None
    half = _half(text, match)
    if half is _AFTERNOON or (half is _NOON and hour <= 3) or (half is _NIGHT and hour >= 6):
        hour += 12 if hour < 12 else 0
    if hour == 12 and half in (_MORNING, _NIGHT):
        hour = 0
    return (hour, minute, second) if hour < 24 and minute < 60 and (second or 0) < 60 else None


def _half(text: str, clock: re.Match[str]) -> re.Pattern[str] | None:
    """Which part of the day the words behind a clock name, if so."""
    rest = fold(text[clock.end() :])
    return next((half for half in (_AFTERNOON, _MORNING, _NOON, _NIGHT) if half.match(rest)), None)


def _date(year: str, month: int, day: str) -> datetime | None:
    try:
        return datetime(int(year), month, int(day))  # noqa: DTZ001 - the zone comes with the clock
    except ValueError:
        return None


def _from_hijri(year: int, month: int, day: int) -> datetime | None:
    from hijridate import Hijri

    try:
        found = Hijri(year, month, day).to_gregorian()
    except (ValueError, OverflowError):
        return None
    return datetime(found.year, found.month, found.day)  # noqa: DTZ001 - the zone comes with the clock


def _in_utc(moment: datetime, country: str | None) -> datetime:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(ZONES[country]) if country in ZONES else UTC)
    return moment.astimezone(UTC)


def _is_possible(at: datetime, fetched_at: datetime) -> bool:
    return at.year >= EARLIEST_YEAR and at <= fetched_at + timedelta(days=1)


def _digits(text: str) -> str:
    return "".join(str(int(char)) if char.isdecimal() else char for char in text)


@cache
def _months() -> dict[str, int]:
    from babel import Locale

    months = {fold(name): number for name, number in MORE_MONTHS.items()}
    for locale in LOCALES:
        for number, name in Locale.parse(locale).months["format"]["wide"].items():
            months.setdefault(fold(name), number)
    return months


@cache
def _hijri_months() -> dict[str, int]:
    from hijridate.locales import get_locale

    names = {fold(name): number for number, name in enumerate(get_locale("ar").month_names, start=1)}
    return names | {fold(name): number for name, number in MORE_HIJRI_MONTHS.items()}


@cache
def _gregorian() -> re.Pattern[str]:
    """Day, one or two names of the same month («آب/أغسطس»), year: over folded words."""
    month = _one_of(_months())
    return re.compile(rf"(?<!\d)(?P<day>\d{{1,2}}) (?P<month>{month})(?: (?:{month}))? (?P<year>\d{{4}})(?!\d)")


@cache
def _month_first() -> re.Pattern[str]:
    """Month, day, year: how blog systems write dates when nobody set another order («أغسطس 15, 2025»)."""
    month = _one_of(_months())
    return re.compile(rf"\b(?P<month>{month}) (?P<day>\d{{1,2}}) (?P<year>\d{{4}})(?!\d)")


@cache
def _hijri() -> re.Pattern[str]:
    month = _one_of(_hijri_months())
    return re.compile(rf"(?<!\d)(?P<day>\d{{1,2}}) (?P<month>{month}) (?P<year>1[345]\d\d)(?!\d)")


def _one_of(names: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))
