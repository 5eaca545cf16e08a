"""The terms of an article as arrays, and as the bytes that the database keeps.

Counts say how often a term stands; weights, how much it tells of its article. What is made
of them: `similar`. How many texts have a term is counted by `weighing`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from corpus.types import Term

Keys = npt.NDArray[np.int64]
Counts = npt.NDArray[np.uint8]
Weights = npt.NDArray[np.uint16]

# The title says in ten words what the body says in three hundred: on labelled pairs +.014 Pearson when it was chosen,
# for the cosine alone; +.002 beside the signal of headlines that came later.
TITLE_TIMES = 2

# tf^0.75 rather than tf or log tf: when it was chosen, the only damping that helped on both labelled sets (human
# similarity of Arabic news pairs: Pearson .67 → .75; related articles: nDCG .388 → .392). With all signals that came
# later, tf would have .004 more on the pairs, and .006 less on the related articles.
TF_POWER = 0.75

# As if so many texts on other subjects were in the collection: in a young one that holds
# a single topic, what the topic is about would weigh nothing, and chance words everything. Guess;
# on the labelled sets anything from 0 to 1,000 is the same within .002.
YOUNG = 100

# A weight of 1 as it is stored. Products of whole numbers add up to the same sum in any order,
# so two articles are equally alike from either side, and on both databases.
FULL = 65_535


TERM = np.dtype([("key", "<i8"), ("weight", "<u2"), ("in_title", "u1"), ("in_body", "u1")])


@dataclass(frozen=True)
class Vector:
    """How often each term stands in an article, and how much it tells of it; TERMs, sorted by key, keys unique.

    A weight is FULL times the term's part of a vector of length 1; 0 before the article was weighed.
    """

    terms: npt.NDArray[np.void]

    @property
    def keys(self) -> Keys:
        return self.terms["key"]

    @property
    def weights(self) -> Weights:
        return self.terms["weight"]

    @property
    def in_title(self) -> Counts:
        return self.terms["in_title"]

    @property
    def in_body(self) -> Counts:
        return self.terms["in_body"]

    @property
    def often(self) -> npt.NDArray[np.float64]:
        """How often each term counts."""
        return TITLE_TIMES * self.in_title.astype(np.float64) + self.in_body


@lru_cache(maxsize=200_000)
def term_key(lemma: str) -> int:
    """64 bits that stand for a lemma, as the signed integer that databases store."""
    return int.from_bytes(hashlib.blake2b(lemma.encode(), digest_size=8).digest(), "little", signed=True)


def count(terms: Iterable[Term]) -> tuple[Vector, str]:
    """The terms, not weighed yet, and their surfaces in the same order, joined by newlines."""
    listed = list(terms)
    rows = [(term_key(term.lemma), 0, min(term.in_title, 255), min(term.in_body, 255)) for term in listed]
    counted = np.array(rows, dtype=TERM)
    order = np.argsort(counted["key"])
    return Vector(counted[order]), "\n".join([listed[place].surface for place in order.tolist()])


def idf(frequencies: npt.NDArray[np.int64], *, texts: int) -> npt.NDArray[np.float64]:
    """How much each term tells, by its document frequency in so many `texts`: Lucene's BM25 with YOUNG added to N.

    A term that nobody counted (0) stands in the text that has it.
    """
    known = np.maximum(frequencies, 1)
    return np.log1p((YOUNG + texts - np.minimum(known, texts) + 0.5) / (known + 0.5))


def weigh(counted: Vector, telling: npt.NDArray[np.float64]) -> Vector:
    """The vector with the weights of terms that tell so much (`idf`, same shape): tf^0.75 × idf, length 1."""
    raw = np.power(counted.often, TF_POWER) * telling
    terms = counted.terms.copy()
    terms["weight"] = np.rint(raw / (float(np.linalg.norm(raw)) or 1.0) * FULL)
    return Vector(terms)


def rarest_first(vector: Vector) -> npt.NDArray[np.intp]:
    """The places of the terms by what one occurrence tells, most first; of equals, smaller keys first."""
    return np.argsort(-vector.weights / np.power(vector.often, TF_POWER), kind="stable")


def places_of(keys: Keys, others: Keys) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Of the others those that are among the keys, which are sorted: (places in `keys`, places in `others`)."""
    keys = np.ascontiguousarray(keys)
    # A table of the lowest bits tells apart nearly all of them, in a tenth of the time of a search.
    table = np.full(_LOWEST_BITS + 1, -1, dtype=np.int16)
    table[keys & _LOWEST_BITS] = np.arange(len(keys), dtype=np.int16)
    found = table.take(others & _LOWEST_BITS)
    likely = np.flatnonzero(found >= 0)
    places, wanted = found[likely].astype(np.intp), others[likely]
    # Where another key stands: none has all of the bits, or one whose place was taken.
    wrong = np.flatnonzero(keys[places] != wanted)
    if not len(wrong):
        return places, likely
    places[wrong] = np.minimum(np.searchsorted(keys, wanted[wrong]), len(keys) - 1)
    there = keys[places] == wanted
    return places[there], likely[there]


_LOWEST_BITS = 0xFFFF


def pack(vector: Vector) -> bytes:
    """The vector as bytes, 12 a term."""
    return vector.terms.tobytes()


def unpack(data: bytes) -> Vector:
    """The vector that `pack` made bytes of."""
    return Vector(np.frombuffer(data, dtype=TERM))
