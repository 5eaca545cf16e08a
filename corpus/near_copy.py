"""Is it the same text? The exact decision on two texts, and which texts hang together.

Pure: candidates come from `corpus.store.text_keys`, through `corpus.copies`; every number is in `thresholds`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from corpus.alignment import longest_run, mean_run
from corpus.shingles import Halves, halves, shared
from corpus.sketch import TextSketch
from corpus.templates import Pair, Text, agreeing_numbers, filled_in_anew
from corpus.thresholds import (
    COPY_CONTAINMENT,
    COPY_JACCARD,
    COPY_NUMBERS,
    MIN_SHARED,
    PARTIAL_SIZE,
    PROBABLE_CONTAINMENT,
    PROBABLE_CONTAINMENT_ALIGNED,
    PROBABLE_JACCARD,
    PROBABLE_JACCARD_ALIGNED,
    PROBABLE_NUMBERS,
    TEMPLATE_WORDS,
    UNITES,
    VERBATIM_CONTAINMENT,
    VERBATIM_RUN,
    VERBATIM_WORDS,
)
from corpus.types import CopyKind, NearCopy, Precision

DAY = timedelta(days=1)

# A date that nobody knows comes after all that are known.
UNKNOWN = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Comparable:
    """What the decision needs to know of a text."""

    shingles: Halves  # sorted; empty for a text too short to compare
    text_hash: bytes
    text: Text

    @classmethod
    def of(cls, sketch: TextSketch, shown: str) -> Self:
        """A text as it is shown, of which this is the sketch."""
        return cls(shingles=halves(sketch.shingles), text_hash=sketch.text_hash, text=Text(shown))


class Overlap(NamedTuple):
    """How many shingles two texts have and share. Symmetric but for the sides."""

    shared: int
    of_a: int
    of_b: int

    @property
    def jaccard(self) -> float:
        return self.shared / (self.of_a + self.of_b - self.shared)

    @property
    def containment(self) -> float:
        """Of the shorter in the longer."""
        return self.shared / min(self.of_a, self.of_b)

    @property
    def is_copy(self) -> bool:
        """Whether the shingles alone say that these are copies, unless they are templates."""
        return self.shared >= MIN_SHARED and (self.jaccard >= COPY_JACCARD or self.containment >= COPY_CONTAINMENT)

    @property
    def is_clear(self) -> bool:
        """Whether so little differs that the words need not be looked at: a changed word changes a shingle or more."""
        return self.is_copy and self.of_a + self.of_b - 2 * self.shared < TEMPLATE_WORDS

    @property
    def is_plausible(self) -> bool:
        """Whether it is worth looking at the words. (With PROBABLE_JACCARD the containment is .53 at least.)"""
        return self.shared >= MIN_SHARED and self.containment >= VERBATIM_CONTAINMENT


class Age(NamedTuple):
    """Sorts texts from the earliest: by date, unknown dates last; ties in an order that arrival does not change."""

    published_by: datetime
    text_hash: bytes


def latest(published_at: datetime | None, precision: Precision | None) -> datetime:
    """The latest moment at which an article may have been published.

    A date that names only the day or the month must not go before one that names the minute.
    """
    if published_at is None:
        return UNKNOWN
    if precision in ("second", "minute"):
        return published_at
    days = monthrange(published_at.year, published_at.month)[1] if precision == "month" else 1
    return published_at + days * DAY


def compare(a: Comparable, b: Comparable) -> NearCopy | None:
    """How `a` and `b` repeat each other, or None when they are different texts. Symmetric but for the sides."""
    if not len(a.shingles) or not len(b.shingles):
        return None
    return judge(a, b, Overlap(shared(a.shingles, [b.shingles])[0], len(a.shingles), len(b.shingles)))


def judge(a: Comparable, b: Comparable, overlap: Overlap) -> NearCopy | None:
    """The same of two texts of which it is known how many shingles they share."""
    if a.text_hash == b.text_hash:
        return NearCopy(kind=CopyKind.EXACT, jaccard=1.0, containment_a=1.0, containment_b=1.0)
    if not overlap.is_plausible:
        return None
    found = relation(overlap)
    if overlap.is_clear:
        return found
    pair = Pair.of(a.text, b.text)
    agree = agreeing_numbers(a.text, b.text) >= (COPY_NUMBERS if overlap.is_copy else PROBABLE_NUMBERS)
    if not agree and (overlap.containment < COPY_CONTAINMENT or longest_run(pair.matches) < VERBATIM_WORDS):
        return None
    if not overlap.is_copy:
        in_order, in_a_row = _in_order(pair, overlap)
        if not in_order and not in_a_row:
            return None
        if not in_order:
            found = replace(found, kind=CopyKind.PARTIAL)
    return None if filled_in_anew(pair) else found


def plausible(shared: npt.NDArray[np.intp], of_a: int, of_b: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """`Overlap.is_plausible` of a text with many others at once: boilerplate brings two hundred."""
    return (shared >= MIN_SHARED) & (shared / np.minimum(of_a, of_b) >= VERBATIM_CONTAINMENT)


def relation(overlap: Overlap) -> NearCopy:
    """How two texts repeat each other, if they do and are not the same words, by the shingles that they share."""
    size = min(overlap.of_a, overlap.of_b) / max(overlap.of_a, overlap.of_b)
    return NearCopy(
        kind=CopyKind.PARTIAL if size < PARTIAL_SIZE else CopyKind.REPRINT,
        jaccard=overlap.jaccard,
        containment_a=overlap.shared / overlap.of_a,
        containment_b=overlap.shared / overlap.of_b,
    )


def between_sources(found: NearCopy, a: str | None, b: str | None) -> NearCopy:
    """The relation as it is between two articles: a text that its own source edited was updated, not reprinted.

    One that it cut or made longer, too, as long as the two are one text. (Of 13 such pairs, read by hand, eight were,
    six of them updates; of the others none was.)
    """
    is_update = found.kind is CopyKind.REPRINT or (found.kind is CopyKind.PARTIAL and unites(found))
    if is_update and a is not None and a == b:
        return replace(found, kind=CopyKind.UPDATE)
    return found


def unites(found: NearCopy) -> bool:
    """Whether two texts are one; otherwise the later hangs on the earlier."""
    return found.jaccard >= UNITES


def strength(found: NearCopy) -> tuple[float, float]:
    """Sorts relations: most shared last."""
    return found.jaccard, max(found.containment_a, found.containment_b)


def hangs_on(ages: Mapping[int, Age], related: Mapping[int, tuple[float, float]]) -> int | None:
    """The core that a core hangs on: the one that its earliest text shares most with, of the `related`.

    A core is what hangs together by relations that unite. `related` has, by core, how much its earliest text shares
    with earlier texts. It hangs on one other at most: a text merged from two never joins them, nor where most of it is
    one of the two, so that they are one core: only the earliest text speaks for that.
    """
    best = max(related.values(), default=None)
    return min((other for other in related if related[other] == best), key=lambda other: ages[other], default=None)


def _in_order(pair: Pair, overlap: Overlap) -> tuple[bool, bool]:
    """Whether most of the shorter text's words stand in the longer in the same order; and whether many do in a row."""
    aligned = len(pair.matches) / min(len(pair.a.words), len(pair.b.words))
    in_order = (overlap.jaccard >= PROBABLE_JACCARD and aligned >= PROBABLE_JACCARD_ALIGNED) or (
        overlap.containment >= PROBABLE_CONTAINMENT and aligned >= PROBABLE_CONTAINMENT_ALIGNED
    )
    in_a_row = (overlap.jaccard >= PROBABLE_JACCARD and mean_run(pair.matches) >= VERBATIM_RUN) or (
        overlap.containment >= VERBATIM_CONTAINMENT and longest_run(pair.matches) >= VERBATIM_WORDS
    )
    return in_order, in_a_row
