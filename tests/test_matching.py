"""Which documents match, and how well, beside the formula of BM25 word by word."""

from __future__ import annotations

from collections.abc import Callable
from math import log1p

import numpy as np
import pytest

from corpus.inverted import Listed, Postings, lay_out
from corpus.matching import K1, TITLE_TIMES, TOGETHER, B, Found, Matches, highest
from corpus.query import Either, Part, Phrase, Query

COMMON, MIDDLE, RARE = 1, 2, 3
PHRASES = {Phrase(words=(name,)): [[number]] for number, name in ((1, "common"), (2, "middle"), (3, "rare"))}
common, middle, rare = PHRASES


def _documents() -> list[list[int]]:
    """Sixty documents, of which the first word is the title; the seventh has left."""
    draw = np.random.default_rng(5)
    made = [[COMMON, *draw.choice([0, 0, 0, COMMON, MIDDLE], size=draw.integers(5, 30)).tolist()] for _ in range(60)]
    made[40] += [RARE, MIDDLE, RARE]
    made[41] = [RARE, *made[41]]
    made[6] = []
    return made


DOCUMENTS = _documents()


def _score(word: int, document: list[int]) -> float:
    holding = sum(word in one for one in DOCUMENTS)
    alive = [len(one) for one in DOCUMENTS if one]
    often = sum((TITLE_TIMES if place == 0 else 1.0) for place, one in enumerate(document) if one == word)
    idf = log1p((len(alive) - holding + 0.5) / (holding + 0.5))
    length = len(document) / (sum(alive) / len(alive))
    return idf * often * (K1 + 1) / (often + K1 * (1 - B + B * length))


def _found(part: Part) -> dict[int, float]:
    lengths = np.array([len(one) for one in DOCUMENTS], dtype=np.uint16)
    titles = np.minimum(lengths, 1).astype(np.uint8)
    listed = Listed(lengths, titles, np.array([word for one in DOCUMENTS for word in one], dtype=np.uint32))
    found = Matches(lengths, Postings(lay_out(listed), []), PHRASES).of(part)
    assert found.documents.tolist() == sorted(set(found.documents.tolist()))
    return dict(zip(found.documents.tolist(), found.scores.tolist(), strict=True))


@pytest.mark.parametrize(
    ("part", "matches", "words"),
    [
        (rare, lambda one: RARE in one, [RARE]),
        (common, lambda one: COMMON in one, [COMMON]),
        (Either(of=(rare, middle)), lambda one: RARE in one or MIDDLE in one, [RARE, MIDDLE]),
        (Query(all_of=(common,), none_of=(middle,)), lambda one: COMMON in one and MIDDLE not in one, [COMMON]),
    ],
    ids=["rare", "common", "either", "without"],
)
def test_scores_are_those_of_the_formula(part: Part, matches: Callable[[list[int]], bool], words: list[int]) -> None:
    expected = {
        number: pytest.approx(sum(_score(word, one) for word in words if word in one))
        for number, one in enumerate(DOCUMENTS)
        if matches(one)
    }

    assert _found(part) == expected


def test_all_that_are_as_good_as_the_last_are_among_the_highest() -> None:
    found = Found(np.arange(5), np.array([1.0, 3.0, 2.0, 2.0, 0.5]))

    assert highest(found, limit=2).documents.tolist() == [1, 2, 3]
    assert highest(found, limit=5) is found


def test_words_side_by_side_are_a_unit_of_their_own() -> None:
    apart, together = _found(Query(all_of=(middle, rare))), DOCUMENTS[40]
    number_of_units = 1  # «middle rare» stands in one document, once
    alive = [len(one) for one in DOCUMENTS if one]
    idf = log1p((len(alive) - number_of_units + 0.5) / (number_of_units + 0.5))
    unit = idf * (K1 + 1) / (1 + K1 * (1 - B + B * len(together) / (sum(alive) / len(alive))))
    sums = {number: _score(MIDDLE, one) + _score(RARE, one) for number, one in enumerate(DOCUMENTS) if RARE in one}

    assert apart[40] == pytest.approx(sums[40] + TOGETHER * unit)
    assert apart[41] == pytest.approx(sums[41])
