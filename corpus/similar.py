"""Is this the same subject? Signals, each one function of two articles, and their weights.

Pure: candidates come from `corpus.store.lists`, near-copies are told apart in `corpus.near_copy`.
A similar article is *not* the same text; whoever calls this leaves out the article's own group.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.types import Term

# tf^0.75 rather than tf or log tf: the only damping that helped on both labelled sets
# (human similarity of Arabic news pairs: Pearson .67 → .75; related articles: nDCG .388 → .392).
TF_POWER = 0.75

# As if so many articles on other subjects were in the collection: in a young one that holds
# a single topic, what the topic is about would weigh nothing, and chance words everything. Guess.
YOUNG = 100

# An article is found through its weightiest terms. Guess: 40 are enough for candidates,
# since all terms count in the score of those that are found.
POSTED_TERMS = 40

# A list of candidates is cut at so many postings, rarest terms first: a term that stands in
# every article of a topic tells nothing and costs most. Guess: 4,000 rows take about 2 ms.
POSTINGS_READ = 4_000

# Candidates that are scored in full, and rows that a stored list keeps. More are kept than
# shown: a list is cut to one entry per copy group when it is read, and groups change.
CANDIDATES = 60
LIST_LENGTH = 30

# Below this cosine two articles share little but the words of their trade; date and names alone
# make no similar article. Guess, from looking at the lists of the bundled web.
MIN_SHARED_WORDS = 0.03

# The articles of the world that are not in the collection, for choosing the words that are shown. Guess.
OTHER_ARTICLES = 1_000

# After two weeks an event is background. Guess.
TIME_SCALE_DAYS = 14.0


@dataclass(frozen=True)
class Vector:
    """The terms of an article: `keys` uint64, sorted, unique; `counts` float32, same shape."""

    keys: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the signals know of an article."""

    keys: npt.NDArray[np.uint64]
    weights: npt.NDArray[np.float64]  # of the terms, length 1 as a vector; same shape as `keys`
    numbers: frozenset[str]
    names: frozenset[str]  # the concepts of its topics that it names
    published_at: datetime | None


class Signal(NamedTuple):
    """A named function of two articles, 0 to 1, symmetric; None where one of them says nothing."""

    name: str
    weight: float
    of: Callable[[Subject, Subject], float | None]


def term_key(lemma: str) -> int:
    """64 bits that stand for a lemma, as the signed integer that databases store."""
    return int.from_bytes(hashlib.blake2b(lemma.encode(), digest_size=8).digest(), "little", signed=True)


def vector(terms: Iterable[Term]) -> Vector:
    """The terms as arrays."""
    counts = {term_key(term.lemma): term.count for term in terms}
    keys = np.sort(np.array(list(counts), dtype=np.int64).view(np.uint64))
    return Vector(keys, np.array([counts[key] for key in signed(keys)], dtype=np.float32))


def pack(vector: Vector) -> bytes:
    """The vector as little-endian bytes: all keys, then all counts; 12 bytes a term."""
    return vector.keys.astype("<u8").tobytes() + vector.counts.astype("<f4").tobytes()


def unpack(data: bytes) -> Vector:
    """The vector that `pack` made bytes of."""
    size = len(data) // 12
    return Vector(
        np.frombuffer(data, dtype="<u8", count=size), np.frombuffer(data, dtype="<f4", count=size, offset=size * 8)
    )


def signed(keys: npt.NDArray[np.uint64]) -> list[int]:
    """Keys as databases store them."""
    found: list[int] = keys.view(np.int64).tolist()
    return found


def weigh(vectors: Sequence[Vector], *, counts: Mapping[int, int], size: int) -> list[npt.NDArray[np.float64]]:
    """The weight of each term of each vector: tf^0.75 × idf, length 1 as a vector.

    `counts` says in how many of `size` articles each term stands, by signed key. The idf is
    that of Lucene's BM25, log(1 + (N - n + ½)/(n + ½)), never negative, with YOUNG added to N.
    """
    if not vectors:
        return []
    keys, places = np.unique(np.concatenate([vector.keys for vector in vectors]), return_inverse=True)
    standing = np.array([counts.get(key, 0) for key in signed(keys)], dtype=np.float64)
    idf = np.log1p((YOUNG + size - np.minimum(standing, size) + 0.5) / (standing + 0.5))
    often = np.concatenate([vector.counts for vector in vectors]).astype(np.float64)
    weights = np.power(often, TF_POWER) * idf[places]
    ends = np.cumsum([len(vector.keys) for vector in vectors])[:-1]
    return [of_one / (float(np.linalg.norm(of_one)) or 1.0) for of_one in np.split(weights, ends)]


def common(a: npt.NDArray[np.uint64], b: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Where two sorted arrays of unique keys have the same key: positions in `a` and in `b`."""
    if not len(a) or not len(b):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    places = np.minimum(np.searchsorted(b, a), len(b) - 1)
    in_a = np.flatnonzero(b[places] == a)
    return in_a, places[in_a]


def shared_words(a: Subject, b: Subject) -> float:
    """Cosine of the weighted terms."""
    in_a, in_b = common(a.keys, b.keys)
    return min(1.0, float(a.weights[in_a] @ b.weights[in_b]))


def shared_names(a: Subject, b: Subject) -> float | None:
    """Jaccard similarity of the topic's concepts that both name."""
    either = a.names | b.names
    return len(a.names & b.names) / len(either) if either else None


def shared_numbers(a: Subject, b: Subject) -> float | None:
    """Share of the numbers of the article with fewer that the other has too."""
    fewer = min(len(a.numbers), len(b.numbers))
    return len(a.numbers & b.numbers) / fewer if fewer else None


def near_in_time(a: Subject, b: Subject) -> float | None:
    """1 on the same moment, 1/e after TIME_SCALE_DAYS."""
    if a.published_at is None or b.published_at is None:
        return None
    days = abs((a.published_at - b.published_at).total_seconds()) / 86_400
    return math.exp(-days / TIME_SCALE_DAYS)


# The words carry the answer; the others break ties among articles of one topic, which share
# most of their words. Weights are guesses.
SIGNALS = (
    Signal("words", 0.84, shared_words),
    Signal("names", 0.08, shared_names),
    Signal("time", 0.06, near_in_time),
    Signal("numbers", 0.02, shared_numbers),
)


def score(a: Subject, b: Subject) -> tuple[float, dict[str, float]]:
    """How alike two subjects are, 0 to 1, and the value of each signal. Symmetric.

    A signal that says nothing counts as 0. With hardly a shared word the score is 0.
    """
    values = {signal.name: value for signal in SIGNALS if (value := signal.of(a, b)) is not None}
    if values["words"] < MIN_SHARED_WORDS:
        return 0.0, values
    return sum(signal.weight * values.get(signal.name, 0.0) for signal in SIGNALS), values


def shared_terms(
    a: Vector, b: Vector, *, counts: Mapping[int, int], surfaces: Mapping[int, str], most: int = 5
) -> list[str]:
    """The words that tell a reader what two articles share, as `surfaces` (signed key → word) spells them.

    Words that both use often. `counts` (articles with a term, by signed key) weighs against those of
    every article, though less than in `weigh`: what all articles of a topic share is still what they are about.
    """
    in_a, in_b = common(a.keys, b.keys)
    keys = signed(a.keys[in_a])
    often = np.minimum(a.counts[in_a], b.counts[in_b]).astype(np.float64)
    standing = np.array([counts.get(key, 0) for key in keys], dtype=np.float64)
    order = np.lexsort((a.keys[in_a], -often * np.log1p(OTHER_ARTICLES / (standing + 1))))
    return [surfaces[keys[i]] for i in order if keys[i] in surfaces][:most]
