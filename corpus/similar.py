"""Is this the same subject? Signals, each one function of an article and others, and their weights.

Pure: candidates come from `corpus.candidates`, near-copies are told apart in `corpus.near_copy`.
A similar article is *not* the same text; whoever calls this leaves out the article's own group.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.meaning import alike
from corpus.types import Meaning
from corpus.vector import FULL, TERM, places_of, unpack

Values = npt.NDArray[np.float64]

# Nothing is similar that shares less of its words, or scores less ("Nothing similar is stored"). In the bundled
# web pages on other subjects reach .16 against the summit's, those next to it .24; two reports of the summit have
# .25 in the median. Of 20,000 random pairs of the labelled news 99 % are below .16 in words and .23 in score;
# of the pairs that people call related, nine in ten are above .28. Of 28 entries with .18 to .20 in lists of fewer than
# ten, read by hand, three were worth showing, of 28 with .20 to .22 six, and with .22 one of a list of the bundled web
# would go. A pair without titles is judged by its words.
LEAST_WORDS = 0.05
LEAST_SCORE = 0.20

# After two weeks an event is background. Guess.
TIME_SCALE_DAYS = 14.0
MINUTES_A_DAY = 1_440

NUMBER = np.dtype("<u4")


class Subject(NamedTuple):
    """What the signals know of an article; bytes as the database keeps them: most of those read are compared once."""

    vector: bytes  # see `corpus.vector.pack`
    numbers: bytes  # sorted, unique, of `number_keys`
    names: frozenset[str]  # the concepts of its topics that it names
    published: int | None  # minutes since 1970
    meaning: Meaning | None = None  # its embedding, if it has one


def number_keys(numbers: Iterable[str]) -> npt.NDArray[np.uint32]:
    """32 bits for each number of a text, sorted."""
    return np.array(sorted({zlib.crc32(number.encode()) for number in numbers}), dtype=NUMBER)


class Pairs:
    """An article beside each of some others, with the terms that they share laid out once for all signals.

    `in_one` to `in_body` have one entry for each shared term of each pair; `other` says of which.
    """

    def __init__(self, one: Subject, others: Sequence[Subject]) -> None:
        self.one, self.others = one, others
        self.vector = vector = unpack(one.vector)
        # The weights of the terms in each title, and those together.
        self.of_title = np.where(vector.in_title > 0, vector.weights, 0)
        self.headline = int(self.of_title.sum(dtype=np.int64))
        terms = np.frombuffer(b"".join([other.vector for other in others]), dtype=TERM)
        owners = np.repeat(np.arange(len(others)), [len(other.vector) // TERM.itemsize for other in others])
        of_titles = np.flatnonzero(terms["in_title"])
        self.headlines = np.bincount(owners[of_titles], weights=terms["weight"][of_titles], minlength=len(others))
        self.in_one, shared = places_of(vector.keys, terms["key"])
        self.other = owners[shared]
        # One by one: of whole terms NumPy takes forty times as long.
        self.weights = terms["weight"][shared].astype(np.float64)
        self.titles = terms["in_title"][shared] > 0
        self.in_body = terms["in_body"][shared]

    @cached_property
    def cosines(self) -> Values:
        """For each pair, the cosine of the weighted terms."""
        products = self.weights * self.vector.weights[self.in_one]
        return np.minimum(self.sums(products) / FULL**2, 1.0)

    @property
    def titled(self) -> npt.NDArray[np.bool_]:
        """For each pair, whether both have a headline that says something."""
        return (self.headline > 0) & (self.headlines > 0)

    def sums(self, values: npt.NDArray[Any]) -> Values:
        """The sum of `values`, one for each shared term, for each of the others."""
        sums = np.bincount(self.other, weights=values, minlength=len(self.others))
        return sums.astype(np.float64, copy=False)


def shared_words(pairs: Pairs) -> Values:
    """Cosine of the weighted terms."""
    return pairs.cosines


def shared_headline(pairs: Pairs) -> Values:
    """How much of each headline the other article takes up, anywhere in its text: the geometric mean of both shares.

    Of a headline the terms count that its own article makes much of. Where one has none, the words speak for it.
    """
    ours = pairs.sums(pairs.of_title[pairs.in_one])
    theirs = pairs.sums(pairs.weights * pairs.titles)
    shares = np.sqrt(ours * theirs / np.maximum(pairs.headline * pairs.headlines, 1.0))
    return np.where(pairs.titled, shares, pairs.cosines)


def shared_names(pairs: Pairs) -> Values:
    """Jaccard similarity of the topic's concepts that both name."""
    ours, values = pairs.one.names, dict[frozenset[str], float]()
    for theirs in {other.names for other in pairs.others}:
        either = len(ours | theirs)
        values[theirs] = len(ours & theirs) / either if either else np.nan
    return np.array([values[other.names] for other in pairs.others])


def shared_numbers(pairs: Pairs) -> Values:
    """Share of the numbers of the article with fewer that the other has too."""
    ours = np.frombuffer(pairs.one.numbers, dtype=NUMBER)
    theirs = np.frombuffer(b"".join([other.numbers for other in pairs.others]), dtype=NUMBER)
    lengths = np.array([len(other.numbers) // NUMBER.itemsize for other in pairs.others], dtype=np.int64)
    fewer = np.minimum(lengths, len(ours))
    both = ours[np.minimum(np.searchsorted(ours, theirs), len(ours) - 1)] == theirs if len(ours) else theirs == 0
    counted = np.bincount(np.repeat(np.arange(len(pairs.others)), lengths)[both], minlength=len(pairs.others))
    return np.where(fewer > 0, counted / np.maximum(fewer, 1), np.nan)


def near_in_time(pairs: Pairs) -> Values:
    """1 on the same moment, 1/e after TIME_SCALE_DAYS."""
    ours = pairs.one.published
    if ours is None:
        return np.full(len(pairs.others), np.nan)
    theirs = [np.nan if other.published is None else other.published for other in pairs.others]
    return np.exp(-np.abs(np.array(theirs, dtype=np.float64) - ours) / MINUTES_A_DAY / TIME_SCALE_DAYS)


def same_meaning(pairs: Pairs) -> Values:
    """How alike a language model finds them, beyond what it finds alike in any two."""
    if pairs.one.meaning is None:
        return np.full(len(pairs.others), np.nan)
    return alike(pairs.one.meaning, [other.meaning for other in pairs.others])


class Signal(NamedTuple):
    """A named function of pairs, 0 to 1, symmetric; not a number where one of the two says nothing."""

    name: str
    weight: float
    of: Callable[[Pairs], Values]


# Chosen on the 119 development pairs of SemEval-2022 task 8 that are Arabic, and watched on 490 queries of UnifiedFC
# (nDCG@10): few pairs, so a change of .005 is noise. Pearson below is on those pairs, the ones it was chosen on.
SIGNALS = (
    # The cosine alone has Pearson .723, with the headline at two fifths .769, at three tenths .762, at six .772.
    # Queries without titles rank by the cosine as before.
    Signal("words", 0.50, shared_words),
    Signal("headline", 0.34, shared_headline),
    # Pearson .769 → .776; at twice the weight nDCG on the other set falls by .01.
    Signal("numbers", 0.04, shared_numbers),
    # Neither labelled set has dates or topics. Small enough to break ties only. Guesses.
    Signal("names", 0.06, shared_names),
    Signal("time", 0.06, near_in_time),
    # On top of the others, whose weights add up to 1: only articles that were stored with embeddings have it.
    # Pearson .777 → .813, nDCG .421 → .434 (`corpus.meaning`); from .15 to .45 nDCG is the same within .002. No more
    # came of centred embeddings, with or without their first principal components, of best matches of passages, a
    # logistic curve, ranks or z-scores within a query, or candidates that meaning alone finds (one in 150 is related);
    # terms taken over from the best candidates, of both articles, lower it.
    Signal("meaning", 0.30, same_meaning),
)


WEIGHTS = np.array([[signal.weight] for signal in SIGNALS])


class Scores(NamedTuple):
    """What came of pairs. Arrays with one value for each."""

    scores: Values  # 0 to 1; 0 for a pair that is not similar
    means: Values  # the same before LEAST_WORDS and LEAST_SCORE
    signals: dict[str, Values]


def score(pairs: Pairs) -> Scores:
    """How alike each pair is: the weighted mean of the signals that say something. Symmetric."""
    signals = {signal.name: signal.of(pairs) for signal in SIGNALS}
    values = np.array(list(signals.values()))
    speaks = ~np.isnan(values)
    total = np.where(speaks, WEIGHTS * values, 0.0).sum(axis=0)
    means = total / (WEIGHTS * speaks).sum(axis=0)
    enough = (signals["words"] >= LEAST_WORDS) & ((means >= LEAST_SCORE) | ~pairs.titled)
    return Scores(np.where(enough, means, 0.0), means, signals)
