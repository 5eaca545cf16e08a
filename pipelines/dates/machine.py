"""Dates as machines write them: ISO 8601 and RFC 2822 or 822, with a clock. A day alone is a written date."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from pipelines.dates.moment import Moment, of_clock

_ISO = re.compile(
    r"(?P<day>(?:19|20)\d\d-\d\d-\d\d)[t ](?P<clock>\d\d:\d\d)(?P<second>:\d\d)?(?:[.,]\d+)?"
    r"\s?(?P<offset>z|utc|gmt|[+-]\d\d(?::?\d\d)?)?"
)
_BASIC = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)(z|[+-]\d\d:?\d\d)?")
_RFC = re.compile(
    r"(?:[a-z]{3},\s)?\d{1,2}\s[a-z]{3}\s(?:19|20)?\d\d\s\d\d:\d\d(?P<second>:\d\d)?(?:\s(?:[+-]\d{4}|[a-z]{3,5}))?"
)


def machine_date(text: str, *, outlet: ZoneInfo | None) -> Moment | None:
    """The moment in a plain text that holds nothing but a machine's date."""
    text = text.strip(" :.()\n")
    if (basic := _BASIC.fullmatch(text)) is not None:
        year, month, day, hour, minute, second, offset = basic.groups("")
        text = f"{year}-{month}-{day}t{hour}:{minute}:{second}{offset}"
    if (iso := _ISO.fullmatch(text)) is not None:
        offset = (iso["offset"] or "").upper().replace("UTC", "Z").replace("GMT", "Z")
        written = f"{iso['day']}T{iso['clock']}{iso['second'] or ':00'}{offset}"
        return _moment(written, datetime.fromisoformat, outlet=outlet, has_seconds=iso["second"] is not None)
    if (rfc := _RFC.fullmatch(text)) is not None:
        # "-0000" is UTC, of a machine that keeps its own zone to itself (RFC 2822, 3.3).
        written = text.replace("-0000", "+0000")
        return _moment(written, parsedate_to_datetime, outlet=outlet, has_seconds=rfc["second"] is not None)
    return None


def _moment(
    written: str, parse: Callable[[str], datetime], *, outlet: ZoneInfo | None, has_seconds: bool
) -> Moment | None:
    try:
        return of_clock(parse(written), outlet=outlet, has_seconds=has_seconds)
    except ValueError:
        return None
