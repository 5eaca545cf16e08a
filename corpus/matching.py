"""Which documents match a query, and how well: BM25 (Robertson & Zaragoza 2009). Pure, on `corpus.inverted`'s arrays.

What matches a phrase is a unit with a frequency of its own, and all forms of a word are one word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from corpus.inverted import BODY, Tokens, following
from corpus.query import Either, Part, Phrase, Query

# The usual constants: how soon more of a word stops to count, and how much long articles are held back.
K1, B = 1.2, 0.75

# A word of the title counts as so many of the body. Guess.
TITLE_TIMES = 3.0

# Searched words that stand together, in the order of the query, count as a further unit, by so much. Guess.
TOGETHER = 0.5

Mask = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]


class Matches:
    """The phrases of a query, looked up: the ids of the forms of each of their words; of all documents the lengths."""

    def __init__(
        self, lengths: npt.NDArray[np.uint16], tokens: Tokens, ids: Mapping[Phrase, Sequence[Sequence[int]]]
    ) -> None:
        self._alive = lengths > 0
        self._size = int(self._alive.sum())
        mean = float(lengths.sum(dtype=np.int64)) / max(1, self._size)
        self._length_penalty = K1 * (1 - B + B * lengths / max(mean, 1.0))
        self._tokens = tokens
        self._ids = ids

    def of(self, part: Part) -> tuple[Mask, Scores]:
        """Which documents match, and the score of each; the scores of the others mean nothing."""
        if isinstance(part, Phrase):
            return self._of_phrase(part)
        if isinstance(part, Either):
            found = [self.of(option) for option in part.of]
            return reduce(np.logical_or, [mask for mask, _ in found]), sum(
                (np.where(mask, score, 0.0) for mask, score in found), start=np.zeros(len(self._alive))
            )
        return self._of_query(part)

    def _of_query(self, query: Query) -> tuple[Mask, Scores]:
        mask, total = self._alive.copy(), np.zeros(len(self._alive))
        for part in query.all_of:
            found, scores = self.of(part)
            mask &= found
            total += scores
        for part in query.none_of:
            mask &= ~self.of(part)[0]
        for one, next_one in pairwise(query.all_of):
            if isinstance(one, Phrase) and isinstance(next_one, Phrase):
                total += TOGETHER * self._scored([*self._ids[one], *self._ids[next_one]], within=mask)[1]
        return mask, total

    def _of_phrase(self, phrase: Phrase) -> tuple[Mask, Scores]:
        return self._scored(self._ids[phrase], within=self._alive)

    def _scored(self, words: Sequence[Sequence[int]], *, within: Mask) -> tuple[Mask, Scores]:
        """Which documents within a mask have these words one after the other, each in one of its forms."""
        places = following([self._tokens.of(ids) for ids in words], within=within)
        often = np.bincount(
            places.documents,
            weights=np.where(places.positions < BODY, TITLE_TIMES, 1.0),
            minlength=len(self._alive),
        )
        mask = often > 0
        standing = int(mask.sum())
        idf = np.log1p((self._size - standing + 0.5) / (standing + 0.5))
        return mask, idf * often * (K1 + 1) / (often + self._length_penalty)


def highest(documents: npt.NDArray[np.int64], scores: Scores, *, limit: int) -> npt.NDArray[np.int64]:
    """Those of the documents with the `limit` highest scores, and all that are as good as the last of these."""
    if len(documents) <= limit:
        return documents
    least = np.partition(scores[documents], len(documents) - limit)[len(documents) - limit]
    good: npt.NDArray[np.int64] = documents[scores[documents] >= least]
    return good
