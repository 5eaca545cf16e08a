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

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)")
_CLOCK = re.compile(r"(?<![\d/.\-])(\d{1,2}):(\d{2})(?::(\d{2}))?(?![\d:])\s*([^\W\d_]+)?")
_GREENWICH = re.compile(r"\b(?:GMT|UTC)\b|جرينتش|غرينتش|غرينيتش")
_MECCA = re.compile(r"مكه المكرمه|بتوقيت السعوديه|بتوقيت مكه")
_AFTERNOON = {"م", "مساء", "pm", "ظهرا", "عصرا", "ليلا"}
_MORNING = {"ص", "صباحا", "am", "فجرا"}


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
    return _machine_date(text, country) or _written_date(text, country)


def _machine_date(text: str, country: str | None) -> tuple[datetime, Precision] | None:
    if (match := _ISO.search(text)) is not None:
        try:
            moment = datetime.fromisoformat(match[0].strip().replace(" ", "T", 1).replace(" ", ""))
        except ValueError:
            return None
        if ":" not in match[0]:
            return moment.replace(tzinfo=UTC), "day"
        precision: Precision = "second" if match[0].count(":") > 1 + (match[0][-3:-2] == ":") else "minute"
        return _in_utc(moment, country), precision
    if text.isascii() and "," in text:
        try:
            return parsedate_to_datetime(text).astimezone(UTC), "second"
        except (TypeError, ValueError):
            return None
    return None


def _written_date(text: str, country: str | None) -> tuple[datetime, Precision] | None:
    day = _day(text)
    if day is None:
        return None
    clock = _clock(text)
    if clock is None:
        return day.replace(tzinfo=UTC), "day"
    folded = fold(text)
    zone: tzinfo | None = None
    if _GREENWICH.search(text) or _GREENWICH.search(folded):
        zone = UTC
    elif _MECCA.search(folded):
        zone = timezone(timedelta(hours=3))
    hour, minute, second = clock
    moment = day.replace(hour=hour, minute=minute, second=second or 0, tzinfo=zone)
    return _in_utc(moment, country), "minute" if second is None else "second"


def _day(text: str) -> datetime | None:
    """Midnight of the day that a text names, without a zone."""
    folded = fold(text)
    if (match := _gregorian().search(folded)) is not None:
        return _date(match["year"], _months()[match["month"]], match["day"])
    if (match := _hijri().search(folded)) is not None:
        return _from_hijri(int(match["year"]), _hijri_months()[match["month"]], int(match["day"]))
    if (match := _NUMERIC.search(text)) is not None:
        return _date(match[3], int(match[2]), match[1])
    if (match := _YEAR_FIRST.search(text)) is not None:
        return _date(match[1], int(match[2]), match[3])
    return None


def _clock(text: str) -> tuple[int, int, int | None] | None:
    match = _CLOCK.search(text)
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3]) if match[3] else None
    half = fold(match[4] or "")
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half in _MORNING and hour == 12:
        hour = 0
    return (hour, minute, second) if hour < 24 and minute < 60 and (second or 0) < 60 else None


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
def _hijri() -> re.Pattern[str]:
    month = _one_of(_hijri_months())
    return re.compile(rf"(?<!\d)(?P<day>\d{{1,2}}) (?P<month>{month}) (?P<year>1[345]\d\d)(?!\d)")


def _one_of(names: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))
