"""Is it the same text? The exact decision on two texts, and which texts hang together.

Pure: candidates come from `corpus.store.sketches`, through `corpus.copies`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np

from corpus.signature import Hashes
from corpus.types import CopyKind, NearCopy, Precision

DAY = timedelta(days=1)


class Tier(NamedTuple):
    """What two texts must share at least to be near-copies: one of the two shares, and the numbers."""

    jaccard: float
    containment: float  # of the shorter text in the longer
    shared: int  # shingles
    numbers: float  # share of the numbers of the text with fewer that the other has too


# Measured on 21,026 natural pairs of 30,157 Saudi newspaper articles (truth by longest common
# subsequence), precision with every doubtful pair counted as wrong:
TIERS = (
    # Precision .97. Its false pairs are templates (weather, markets, court notices): the words
    # stay, the numbers change. Guess for the numbers: a third may differ by an update.
    Tier(jaccard=0.50, containment=0.70, shared=15, numbers=0.34),
    # Recall .99, precision .85 by shingles alone. Guess for the numbers: most must agree.
    Tier(jaccard=0.36, containment=0.51, shared=15, numbers=0.60),
)

# Fewer numbers than this tell nothing about a template: a date and a year are in every text.
FEW_NUMBERS = 4

# Below this a text was cut to its beginning, or merged with another; above it, it was edited.
PARTIAL_BELOW = 0.50


@dataclass(frozen=True, kw_only=True)
class Comparable:
    """What the decision needs to know of an article."""

    id: int
    shingles: Hashes  # sorted, unique
    text_hash: bytes
    numbers: frozenset[str]
    source_id: str | None
    published_by: datetime | None  # see `latest`


def latest(published_at: datetime | None, precision: Precision | None) -> datetime | None:
    """The latest moment at which an article may have been published.

    A date that names only the day or the month must not go before one that names the minute.
    """
    if published_at is None or precision in ("second", "minute"):
        return published_at
    days = monthrange(published_at.year, published_at.month)[1] if precision == "month" else 1
    return published_at + days * DAY


def compare(a: Comparable, b: Comparable) -> NearCopy | None:
    """How `a` and `b` repeat each other, or None when they are different texts. Symmetric but for the sides."""
    if not len(a.shingles) or not len(b.shingles):
        return None
    if a.text_hash == b.text_hash:
        return NearCopy(kind=CopyKind.EXACT, jaccard=1.0, containment_a=1.0, containment_b=1.0)
    shared = len(np.intersect1d(a.shingles, b.shingles, assume_unique=True))
    jaccard = shared / (len(a.shingles) + len(b.shingles) - shared)
    in_b, in_a = shared / len(a.shingles), shared / len(b.shingles)
    agreeing = _agreeing_numbers(a.numbers, b.numbers)
    if not any(
        (jaccard >= tier.jaccard or max(in_a, in_b) >= tier.containment)
        and shared >= tier.shared
        and agreeing >= tier.numbers
        for tier in TIERS
    ):
        return None
    return NearCopy(
        kind=kind_of_edit(jaccard, a.source_id, b.source_id), jaccard=jaccard, containment_a=in_b, containment_b=in_a
    )


def kind_of_edit(jaccard: float, a_source: str | None, b_source: str | None) -> CopyKind:
    """The kind of two near-copies that are not word for word the same, by what they share and who published them."""
    if jaccard < PARTIAL_BELOW:
        return CopyKind.PARTIAL
    return CopyKind.UPDATE if a_source is not None and a_source == b_source else CopyKind.REPRINT


def age_key(published_by: datetime | None, article_id: int) -> tuple[bool, datetime, int]:
    """Sorts articles from the earliest; those without a date come last, ties go by id."""
    return published_by is None, published_by or datetime.max.replace(tzinfo=UTC), article_id


def groups(articles: Collection[Comparable], relations: Mapping[tuple[int, int], NearCopy]) -> dict[int, int]:
    """The copy group of each article: the id of its group's earliest member.

    Exact copies, reprints and updates unite. What they unite into attaches, as one, to the earlier
    text that it shares most with by a partial relation, and to that one only: a story merged from
    two never joins them. The order of articles and relations makes no difference.
    """
    age = {article.id: age_key(article.published_by, article.id) for article in articles}
    cores = _components(age, (pair for pair, relation in relations.items() if relation.kind is not CopyKind.PARTIAL))
    earliest = _earliest_of_each(cores, age)
    attached = dict[int, int]()
    partial = [(pair, relation) for pair, relation in relations.items() if relation.kind is CopyKind.PARTIAL]
    for (a, b), _ in sorted(partial, key=lambda item: _strength(item[1], item[0], age), reverse=True):
        early, late = sorted((cores[a], cores[b]), key=lambda core: age[earliest[core]])
        if early != late:
            attached.setdefault(late, early)
    roots = {core: _root(core, attached) for core in set(cores.values())}
    whole = {article: roots[core] for article, core in cores.items()}
    first = _earliest_of_each(whole, age)
    return {article: first[core] for article, core in whole.items()}


def _agreeing_numbers(a: frozenset[str], b: frozenset[str]) -> float:
    fewer = min(len(a), len(b))
    return len(a & b) / fewer if fewer >= FEW_NUMBERS else 1.0


def _strength(
    relation: NearCopy, pair: tuple[int, int], age: Mapping[int, tuple[bool, datetime, int]]
) -> tuple[float, float, list[tuple[bool, datetime, int]]]:
    """Sorts partial relations: most shared last; ties in an order that arrival does not change."""
    return relation.jaccard, max(relation.containment_a, relation.containment_b), sorted(age[one] for one in pair)


def _components(ids: Iterable[int], pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each id with the smallest id that it hangs together with (union-find)."""
    parent = {one: one for one in ids}

    def find(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for a, b in pairs:
        if a in parent and b in parent:
            low, high = sorted((find(a), find(b)))
            parent[high] = low
    return {one: find(one) for one in parent}


def _earliest_of_each(component: Mapping[int, int], age: Mapping[int, tuple[bool, datetime, int]]) -> dict[int, int]:
    earliest: dict[int, int] = {}
    for one in sorted(component, key=lambda one: age[one]):
        earliest.setdefault(component[one], one)
    return earliest


def _root(core: int, attached: Mapping[int, int]) -> int:
    # No loops: a core attaches to an earlier one only.
    while core in attached:
        core = attached[core]
    return core
