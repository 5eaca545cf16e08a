"""The clock in a text: hour, minute, which half of the day, and whose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from corpus.arabic import fold
from pipelines.dates import words, zones
from pipelines.dates.words import Half, plain_words
from pipelines.phrases import one_of

# Not part of a longer number, an offset or a date; after the dash behind a year it is a clock again.
_CLOCK = re.compile(
    r"(?:(?<=\d{4}-)|(?<![\d:/.+-]))(\d{1,2})[:h](\d\d)(?::(\d\d)(?:\.\d+)?)?"
    rf"(?![\d:])(?!\s?{fold(words.MINUTES_LONG)})"
)


def _halves(of: Mapping[Half, tuple[str, ...]]) -> str:
    return "|".join(f"(?P<{half.value}{{0}}>{one_of(plain_words(names))})" for half, names in of.items())


_LONG = _halves(words.LONG_HALVES).format("")
_SHORT = _halves(words.SHORT_HALVES).format("_short")
_LATIN = r"(?P<morning_latin>a\.?\s?m)|(?P<afternoon_latin>p\.?\s?m)"
_HALF_BEHIND = re.compile(rf"\s*\(?(?:{_LONG}|{_SHORT}|{_LATIN})\b\.?")
_HALF_BEFORE = re.compile(rf"\b(?:{_LONG}|{_LATIN})\s*(?:{fold(words.THE_HOUR)})?[\s:]*$")

_OFFSET_BEHIND = re.compile(r"[\s(]*([+-])(\d\d):?(\d\d)\b|z\b")
_GREENWICH = re.compile(
    r"(?:(?P<sign_before>[+-])(?P<hours_before>\d{1,2})(?::?(?P<minutes_before>\d\d))?\s?)?"
    rf"(?<![a-z])(?:gmt|utc|{one_of(plain_words(words.GREENWICH))})\b"
    r"(?:\s*(?P<sign>[+-])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?(?!\d))?"
)
_PLACE = re.compile(
    rf"\b(?:(?P<certain>{fold(words.AT_THE_TIME_OF)})|{fold(words.THE_TIME_OF)})\s+([^\W\d]+(?:\s[^\W\d]+){{0,2}})"
)
# «23:10 (مكة المكرمة)»; the bracket that closes may have been cut off.
_BRACKETED = re.compile(r"[^\d(]{0,8}\(([^\W\d]+(?:\s[^\W\d]+){0,2})(?:\)|$)")
_ABBREVIATION = re.compile(rf"(?<![a-z])({one_of(zones.ABBREVIATIONS)})(?![a-z])")

# How far from a date a clock may stand when there are several.
NEAR = 25


class UnknownZone(Exception):
    """A clock is said to be some place's, and nobody knows its zone."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A time of day as it is written."""

    time: time  # with a zone where the text names one
    has_seconds: bool
    start: int
    end: int


def clock_beside(text: str, start: int, end: int) -> Clock | None:
    """The clock that goes with the date at `start` to `end` of a plain text.

    Of several, one whose zone is named; else the one next to the date. Raises UnknownZone.
    """
    clocks = list(_clocks(text))
    if len(clocks) <= 1:
        return clocks[0] if clocks else None
    named = [clock for clock in clocks if clock.time.tzinfo is not None]
    behind = [clock for clock in clocks if 0 <= clock.start - end <= NEAR]
    before = [clock for clock in clocks if 0 <= start - clock.end <= NEAR]
    return next(iter([*named, *behind, *reversed(before)]), None)


def _clocks(text: str) -> Iterator[Clock]:
    matches = list(_CLOCK.finditer(text))
    for i, match in enumerate(matches):
        # A zone is named behind its clock, or, for a single clock, anywhere.
        until = matches[i + 1].start() if i + 1 < len(matches) else len(text)
        found = _time(match, _half(text, match))
        if found is not None:
            zone = _zone(text[match.end() : until]) or (_zone(text[: match.start()]) if len(matches) == 1 else None)
            yield Clock(
                time=found.replace(tzinfo=zone), has_seconds=match[3] is not None, start=match.start(), end=match.end()
            )


def _time(match: re.Match[str], half: Half | None) -> time | None:
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if hour > 12 and half is Half.MORNING:
        return None
    if half is Half.AFTERNOON or (half is Half.NOON and hour <= 3) or (half is Half.NIGHT and hour >= 6):
        hour += 12 if hour < 12 else 0
    if hour == 12 and half in (Half.MORNING, Half.NIGHT):
        hour = 0
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _half(text: str, clock: re.Match[str]) -> Half | None:
    found = _HALF_BEHIND.match(text, clock.end()) or _HALF_BEFORE.search(text, 0, clock.start())
    return Half(found.lastgroup.partition("_")[0]) if found is not None and found.lastgroup else None


def _zone(text: str) -> tzinfo | None:
    """The zone that a text names, if it names one."""
    if (match := _GREENWICH.search(text)) is not None:
        side = "" if match["sign"] else "_before"
        sign, hours, minutes = (match[f"{part}{side}"] for part in ("sign", "hours", "minutes"))
        return _known(zones.offset(sign, hours, minutes)) if sign else UTC
    if (match := _OFFSET_BEHIND.match(text)) is not None:
        return _known(zones.offset(match[1], match[2], match[3])) if match[1] else UTC
    if (match := _PLACE.search(text)) is not None:
        return _place(match[2], is_certain=match["certain"] is not None)
    if (match := _BRACKETED.match(text)) is not None and (zone := _place(match[1], is_certain=False)) is not None:
        return zone
    if (match := _ABBREVIATION.search(text)) is not None:
        return timezone(timedelta(hours=zones.ABBREVIATIONS[match[1]]))
    return None


def _known(zone: tzinfo | None) -> tzinfo:
    if zone is None:
        raise UnknownZone
    return zone


def _place(words: str, *, is_certain: bool) -> tzinfo | None:
    """The zone of the place that the words begin with. Raises UnknownZone when they certainly name one."""
    named = words.split()
    for length in range(len(named), 0, -1):
        name = " ".join(named[:length])
        if name in zones.LOCAL:
            return None
        if name in zones.place_zones():
            return ZoneInfo(zones.place_zones()[name])
    if is_certain:
        raise UnknownZone
    return None
