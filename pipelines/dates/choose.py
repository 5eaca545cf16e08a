"""Which of the dates on a page is that of its publication, where they contradict each other.

- The head of a page (JSON-LD, meta) speaks of this page alone; what stands in it may be another
  article's or a comment's. So the head wins, and after it what stands nearest to the title.
- Where the head contradicts itself, what readers see near the title decides; failing that the
  earliest: systems fill in the time of an edit, or a local time as UTC, and both are too late.
- A day that another candidate tells to the minute is taken from there.
- UTC that shows the same hour and minute as a clock of another zone is that clock, mislabelled; so is a UTC
  that has not come yet, and that the outlet's clock has shown.
- A date of an update is an upper limit. Where a page has no other it is taken, to the day, and
  says so: its source is "modified".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from corpus.arabic import repair
from corpus.near_copy import latest
from corpus.types import Precision
from pipelines.dates.moment import Moment, of_day
from pipelines.dates.read import read_date
from pipelines.dates.zones import zone_of

HEAD = ("json-ld", "meta")
MODIFIED = "modified"

# No newspaper page is older, and a year before it is a misread number.
EARLIEST_YEAR = 1990

# A day that has begun further east; further on it is an event, or nonsense.
MOST_AHEAD = timedelta(days=1)

# How far the clocks of two machines are apart. Guess.
SKEW = timedelta(minutes=10)

FINENESS: tuple[Precision, ...] = ("second", "minute", "day", "month")


@dataclass(frozen=True, kw_only=True)
class Published:
    """A moment of publication, and how it is known."""

    at: datetime  # UTC; with precision "day" or "month", midnight UTC of the (first) day that the page names
    precision: Precision
    source: str  # where on the page: "json-ld", "meta", "microdata", "time", "text"; "modified": of an update
    words: str  # as the page has it
    zone: str | None  # "+03:00" as the page has it, "Africa/Cairo" as assumed of the outlet; None without a clock


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    source: str
    words: str
    moment: Moment


def published(candidates: Iterable[tuple[str, str]], *, fetched_at: datetime, country: str | None) -> Published | None:
    """The publication that the candidates (source, words), in the order of trust, tell of; None if none does."""
    read = [
        _Candidate(source=source, words=words, moment=moment)
        for source, words in candidates
        if (moment := read_date(words, fetched_at=fetched_at, country=country)) is not None
        and _is_possible(moment.at, fetched_at)
    ]
    own = [one for one in read if not one.moment.is_update and one.source != MODIFIED]
    if own:
        chosen = _chosen(own, fetched_at=fetched_at, outlet=zone_of(country))
    elif read:
        chosen = replace(read[0], source=MODIFIED, moment=_to_the_day(read[0].moment))
    else:
        return None
    moment = chosen.moment
    return Published(
        at=moment.at,
        precision=moment.precision,
        source=chosen.source,
        words=repair(chosen.words),
        zone=moment.zone,
    )


def _is_possible(at: datetime, fetched_at: datetime) -> bool:
    return at.year >= EARLIEST_YEAR and at <= fetched_at + MOST_AHEAD


def _to_the_day(moment: Moment) -> Moment:
    return moment if moment.precision == "month" else of_day(moment.wall.date())


def _chosen(own: Sequence[_Candidate], *, fetched_at: datetime, outlet: ZoneInfo | None) -> _Candidate:
    best = _of_the_head(own, outlet) or own[0]
    fineness = FINENESS.index(best.moment.precision)
    if best.moment.precision in ("day", "month"):
        finer = (one for one in own if FINENESS.index(one.moment.precision) < fineness)
        best = next((one for one in finer if _agree(one.moment, best.moment, outlet)), best)
    if best.moment.zone == "+00:00":
        shown = [one.moment for one in own if one.moment.zone not in (None, "+00:00")]
        best = replace(best, moment=_in_its_zone(best.moment, shown, fetched_at=fetched_at, outlet=outlet))
    return best


def _of_the_head(own: Sequence[_Candidate], outlet: ZoneInfo | None) -> _Candidate | None:
    # The first of each place: what follows may be the day on which the text was begun.
    head = [first for place in HEAD if (first := next((one for one in own if one.source == place), None))]
    visible = [one.moment for one in own if one.source not in HEAD]

    def doubt(one: _Candidate) -> tuple[bool, datetime]:
        moment = one.moment
        is_seen = any(_agree(moment, other, outlet) or _same_wall(moment, other) for other in visible)
        return not is_seen, latest(moment.at, moment.precision)

    best = head[0] if head else None
    for one in head[1:]:
        if best is not None and not _agree(best.moment, one.moment, outlet) and doubt(one) < doubt(best):
            best = one
    return best


def _in_its_zone(moment: Moment, shown: Sequence[Moment], *, fetched_at: datetime, outlet: ZoneInfo | None) -> Moment:
    """A moment told in UTC, where the page shows it in another zone, or mislabelled it."""
    for other in shown:
        if _same_minute(moment.at, other.at):
            return replace(moment, zone=other.zone, wall=other.wall)
    for other in shown:
        if _same_wall(moment, other):
            return replace(moment, at=moment.at + (other.at - _utc(other.wall)), zone=other.zone)
    if outlet is not None and moment.at > fetched_at + SKEW:
        at = moment.wall.replace(tzinfo=outlet).astimezone(UTC)
        if at <= fetched_at + SKEW:
            return replace(moment, at=at, zone=outlet.key)
    return moment


def _agree(a: Moment, b: Moment, outlet: ZoneInfo | None) -> bool:
    """Whether two moments may be the same, as far as each is known."""
    if "month" in (a.precision, b.precision):
        return (a.wall.year, a.wall.month) == (b.wall.year, b.wall.month)
    if "day" in (a.precision, b.precision):
        return bool(_days(a, outlet) & _days(b, outlet))
    return _same_minute(a.at, b.at)


def _days(moment: Moment, outlet: ZoneInfo | None) -> set[date]:
    """The days that a page may name for a moment."""
    if moment.precision == "day":
        return {moment.wall.date()}
    return {moment.wall.date(), moment.at.date(), moment.at.astimezone(outlet or UTC).date()}


def _same_minute(a: datetime, b: datetime) -> bool:
    # One of them may be cut to the minute.
    return abs(a - b) < timedelta(minutes=1)


def _same_wall(a: Moment, b: Moment) -> bool:
    clocks = ("second", "minute")
    return a.precision in clocks and b.precision in clocks and _same_minute(_utc(a.wall), _utc(b.wall))


def _utc(wall: datetime) -> datetime:
    return wall.replace(tzinfo=UTC)
