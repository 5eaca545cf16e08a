"""Endless parts of a web: addresses that a crawler makes longer with every step, and calendars."""

from __future__ import annotations

import re
from collections import Counter

# Real archives nest seven deep; a relative link that was meant to be absolute nests without end.
MOST_SEGMENTS = 15
MOST_REPEATS = 2

DATED = re.compile(
    r"[?&](month|year|day|date|m|y|d|cal\w*)=|/(month|year|day|date|calendar|events?)(/|$)"
    r"|\b(19|20)\d\d[-/](0?[1-9]|1[0-2])\b"  # not /2027/1905: that is the id of a page
)


def trap(url: str) -> str | None:
    """Why following a normalised URL would lead on for ever, in a few words."""
    segments = [segment for segment in url.partition("?")[0].split("/")[3:] if segment]
    if len(segments) > MOST_SEGMENTS:
        return f"paths of more than {MOST_SEGMENTS} steps"
    # Few paths have the same segment twice, and to count them all takes eight times as long.
    if len(segments) - len(set(segments)) >= MOST_REPEATS and _repeats(segments) > MOST_REPEATS:
        return "paths that go in circles"
    return None


def is_calendar(url: str) -> bool:
    """Whether the address of a listing is one leaf of a calendar, which has a next one for ever."""
    return DATED.search(url.lower()) is not None


def _repeats(segments: list[str]) -> int:
    """How often the most frequent segment stands there; numbers are days and months (2008/08/08)."""
    return max(Counter(segment for segment in segments if not segment.isdecimal()).values(), default=0)
