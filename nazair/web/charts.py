"""Where the bars and dots of the charts stand. Across in percent, so that text keeps its size on any screen.

Drawn by `templates/_charts.html` as SVG, each beside a table with the same figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from corpus.reprints import Copy, delay

Step = Literal["day", "week", "month"]

# More bars than that are too thin for a phone: then weeks, then the latest months (one article of 1970 makes 600).
MOST_BARS = 62
HEIGHT = 122  # of the highest bar; its figure stands above it
WIDEST = 12.0  # percent
LOWEST = 3  # of a bar that stands for one article beside hundreds


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A column; its beginning and its width in percent of the chart, in the direction of reading."""

    first: date
    count: int
    start: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Counts over time."""

    step: Step
    bars: Sequence[Bar]

    @property
    def highest(self) -> Bar:
        return max(self.bars, key=lambda bar: bar.count)


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A member of a copy group on its line; `at` in percent of the longest delay, None when the hour is unknown."""

    copy: Copy
    delay: timedelta | None
    at: float | None


def bars(counts: Mapping[date, int]) -> Bars | None:
    """The columns for counts by day, gaps included, of the latest time; None when there is nothing to draw."""
    days = [day for day, count in counts.items() if count]
    if not days:
        return None
    step = _step(min(days), max(days))
    sums: Counter[date] = Counter()
    for day, count in counts.items():
        sums[_first_of(day, step)] += count
    starts = _starts(min(sums), max(sums), step)[-MOST_BARS:]
    most, each = max(sums[first] for first in starts), 100 / len(starts)
    # A few bars are not as wide as the page.
    each = min(each, WIDEST)
    return Bars(
        step=step,
        bars=[
            Bar(
                first=first,
                count=sums[first],
                start=round(place * each, 3),
                width=round(each * 0.8, 3),
                height=round(max(LOWEST, HEIGHT * sums[first] / most), 1) if sums[first] else 0,
            )
            for place, first in enumerate(starts)
        ],
    )


def time_line(group: Sequence[Copy]) -> list[Dot]:
    """The members of a copy group, each with how long after the first it was published."""
    first, *others = group
    delays = [timedelta(0), *(delay(first.stored, other.stored) for other in others)]
    longest = max((after for after in delays if after is not None), default=timedelta(0))
    return [Dot(copy=copy, delay=after, at=_share(after, longest)) for copy, after in zip(group, delays, strict=True)]


def _share(after: timedelta | None, longest: timedelta) -> float | None:
    if after is None:
        return None
    return round(100 * max(after, timedelta(0)) / longest, 2) if longest else 0.0


def _step(first: date, last: date) -> Step:
    days = (last - first).days + 1
    if days <= MOST_BARS:
        return "day"
    return "week" if days <= 7 * MOST_BARS else "month"


def _first_of(day: date, step: Step) -> date:
    if step == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == "month" else day


def _starts(first: date, last: date, step: Step) -> list[date]:
    found, day = [first], first
    while day < last:
        after = {"day": 1, "week": 7, "month": 31}[step]
        day = _first_of(day + timedelta(days=after), step)
        found.append(day)
    return found
