"""Which documents match a query, and how well: BM25 (Robertson & Zaragoza 2009). Pure, on `corpus.inverted`'s arrays.

What matches a phrase is a unit with a frequency of its own, and all forms of a word are one word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.inverted import BODY, Postings, following
from corpus.query import Either, Part, Phrase, Query

# The usual constants: how soon more of a word stops to count, and how much long articles are held back.
K1, B = 1.2, 0.75

# A word of the title counts as so many of the body. Guess.
TITLE_TIMES = 3.0

# Searched words that stand together, in the order of the query, count as a further unit, by so much. Guess.
TOGETHER = 0.5

Documents = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# Where a word stands at fewer places than one in so many documents, these are sorted, and no table has a row for each.
FEW = 16


class Found(NamedTuple):
    """What matches: the numbers of the documents, in order, and the score of each."""

    documents: Documents
    scores: Scores

    def where(self, mask: Mask) -> Found:
        """The documents for which `mask`, of the same shape, holds."""
        return Found(self.documents[mask], self.scores[mask])


class Matches:
    """The phrases of a query, looked up: the ids of the forms of each of their words; of all documents the lengths."""

    def __init__(
        self, lengths: npt.NDArray[np.uint16], postings: Postings, ids: Mapping[Phrase, Sequence[Sequence[int]]]
    ) -> None:
        self._lengths = lengths
        self._alive = lengths > 0
        self._size = int(np.count_nonzero(lengths))
        self._mean = max(float(lengths.sum(dtype=np.int64)) / max(1, self._size), 1.0)
        self._postings = postings
        self._ids = ids

    def of(self, part: Part) -> Found:
        """What matches a part of the query."""
        if isinstance(part, Phrase):
            return self._scored(self._ids[part], within=self._alive)
        if isinstance(part, Either):
            found = [self.of(option) for option in part.of]
            return Found(*self._summed(*map(np.concatenate, zip(*found, strict=True))))
        return self._of_query(part)

    def _of_query(self, query: Query) -> Found:
        matched = reduce(self._both, [self.of(part) for part in query.all_of])
        for part in query.none_of:
            matched = matched.where(~self._among(self.of(part).documents)[matched.documents])
        for one, next_one in pairwise(query.all_of):
            if isinstance(one, Phrase) and isinstance(next_one, Phrase):
                within = self._among(matched.documents)
                together = self._scored([*self._ids[one], *self._ids[next_one]], within=within)
                matched.scores[self._among(together.documents)[matched.documents]] += TOGETHER * together.scores
        return matched

    def _both(self, one: Found, other: Found) -> Found:
        one = one.where(self._among(other.documents)[one.documents])
        other = other.where(self._among(one.documents)[other.documents])
        return Found(one.documents, one.scores + other.scores)

    def _scored(self, words: Sequence[Sequence[int]], *, within: Mask) -> Found:
        """The documents within a mask that have these words one after the other, each in one of its forms."""
        places = following([self._postings.of(ids) for ids in words], within=within)
        documents, often = self._summed(places.documents, np.where(places.positions < BODY, TITLE_TIMES, 1.0))
        idf = np.log1p((self._size - len(documents) + 0.5) / (len(documents) + 0.5))
        penalty = K1 * (1 - B + B * self._lengths[documents] / self._mean)
        return Found(documents, idf * often * (K1 + 1) / (often + penalty))

    def _summed(self, documents: Documents, values: Scores) -> tuple[Documents, Scores]:
        """The documents, once each, and the sum of the values of each."""
        if len(documents) * FEW < len(self._lengths):
            once, places = np.unique(documents, return_inverse=True)
            return once, np.bincount(places, weights=values, minlength=len(once)).astype(np.float64, copy=False)
        sums = np.bincount(documents, weights=values, minlength=len(self._lengths)).astype(np.float64, copy=False)
        once = np.flatnonzero(sums)
        return once, sums[once]

    def _among(self, documents: Documents) -> Mask:
        """By number, of all documents, whether each is one of these."""
        mask = np.zeros(len(self._lengths), dtype=np.bool_)
        mask[documents] = True
        return mask


def highest(found: Found, *, limit: int) -> Found:
    """Those with the `limit` highest scores, and all that are as good as the last of these."""
    if len(found.documents) <= limit:
        return found
    least = np.partition(found.scores, len(found.scores) - limit)[len(found.scores) - limit]
    return found.where(found.scores >= least)
