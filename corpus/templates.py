"""The same text, or the same form filled in anew? Weather, markets, courts, executions, audiences.

Their words stay, their numbers and names change. Where the words around are the same, a newsroom that edits replaces
words of every kind; a form has only its slots filled, with names and numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Self

from corpus.alignment import Gap, gaps_between, matches
from corpus.arabic import bare_words, words
from corpus.morphology import NUMBER_WORDS, SON_OF, WEEKDAYS, alternatives, stop_words
from corpus.thresholds import (
    ALIKE,
    FEW_NUMBERS,
    OTHER_NUMBERS,
    SLOT_WORDS,
    TABLE_NUMBERS,
    TEMPLATE_FUNCTION_WORDS,
    TEMPLATE_NAMES,
    TEMPLATE_SLOTS,
    TEMPLATE_WORDS,
)

DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Text:
    """A text as it is shown, and its words in the forms that are compared."""

    shown: str

    @cached_property
    def words(self) -> list[str]:
        """Its folded words."""
        return words(self.shown)

    @cached_property
    def bare_words(self) -> list[str]:
        """The same words as a dictionary has them."""
        return bare_words(self.shown)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Its different folded words."""
        return frozenset(self.words)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Its numbers, also those written together with a word."""
        return frozenset(DIGITS.findall(" ".join(self.words)))

    @cached_property
    def is_table(self) -> bool:
        """Whether so many of its words are numbers that they are what it is for: prices, degrees, times of prayer."""
        return sum(DIGITS.search(word) is not None for word in self.words) >= TABLE_NUMBERS * len(self.words)

    def plainly_names(self, place: int) -> bool:
        """Whether a number stands here, in words too, or a word beside «son of»: no dictionary is needed to tell."""
        word, around = self.words[place], self.words[max(0, place - 1) : place + 2]
        return SON_OF in around or word in NUMBER_WORDS or DIGITS.search(word) is not None

    def is_function_word(self, place: int) -> bool:
        """Whether a word like «in» or «that» stands here: «على» beside «son of» is an Ali."""
        return self.words[place] in stop_words() and not self.plainly_names(place)

    def names(self, place: int) -> bool:
        """Whether a number or a name stands here: a word that no dictionary has, or beside «son of»."""
        return self.plainly_names(place) or not _in_dictionary(self.bare_words[place])


@dataclass(frozen=True)
class Pair:
    """Two texts side by side."""

    a: Text
    b: Text

    @classmethod
    def of(cls, one: Text, other: Text) -> Self:
        """The pair in its one order: of several ways to align two texts, the same is taken from both sides."""
        return cls(other, one) if other.words < one.words else cls(one, other)

    @cached_property
    def matches(self) -> list[tuple[int, int]]:
        """The places of the same words, in order."""
        return matches(self.a.words, self.b.words)


def agreeing_numbers(a: Text, b: Text) -> float:
    """Share of the numbers of the text with fewer that the other has too, 0 to 1; 1 where they are too few to tell."""
    fewer = min(len(a.numbers), len(b.numbers))
    return len(a.numbers & b.numbers) / fewer if fewer >= FEW_NUMBERS else 1.0


def filled_in_anew(pair: Pair) -> bool:
    """Whether two texts that share most of their words are one form with other names and numbers in it."""
    a, b = pair.a, pair.b
    small = [gap for gap in gaps_between(pair.matches, a.words, b.words) if _is_small(gap)]
    another_weekday = any(_differ(_weekdays, a, b, gap) for gap in small)
    if another_weekday or (a.is_table and b.is_table):
        other = sum(_differ(_digits, a, b, gap) or _differ(_weekdays, a, b, gap) for gap in small)
        if other >= OTHER_NUMBERS:
            return True
    if _length(small) < TEMPLATE_WORDS:
        return False
    slots = [gap for gap in small if _says_other_things(a.words, b.words, gap)]
    new = [gap for gap in slots if not _moved(a, b, gap)]
    if len(new) < TEMPLATE_SLOTS or _length(new) < TEMPLATE_WORDS:
        return False
    there = [(a, place) for gap in slots for place in range(gap.a_start, gap.a_end)]
    there += [(b, place) for gap in slots for place in range(gap.b_start, gap.b_end)]
    function_words = sum(text.is_function_word(place) for text, place in there)
    return function_words <= TEMPLATE_FUNCTION_WORDS * len(there) and (another_weekday or _names(there))


def _names(there: Sequence[tuple[Text, int]]) -> bool:
    """Whether enough of these words are names or numbers."""
    needed = math.ceil(TEMPLATE_NAMES * len(there))
    # The dictionary takes .3 s to load, and is asked last.
    unsure = [(text, place) for text, place in there if not text.plainly_names(place)]
    found = len(there) - len(unsure)
    for text, place in unsure:
        if found >= needed:
            break
        found += text.names(place)
    return found >= needed


def _is_small(gap: Gap) -> bool:
    return 0 < gap.a_end - gap.a_start <= SLOT_WORDS and 0 < gap.b_end - gap.b_start <= SLOT_WORDS


def _moved(a: Text, b: Text, gap: Gap) -> bool:
    """Whether each text has elsewhere what the other has here: paragraphs changed places."""
    in_a, in_b = a.words[gap.a_start : gap.a_end], b.words[gap.b_start : gap.b_end]
    return a.vocabulary.issuperset(in_b) and b.vocabulary.issuperset(in_a)


def _length(some: Sequence[Gap]) -> int:
    """The words of both sides."""
    return sum(gap.a_end - gap.a_start + gap.b_end - gap.b_start for gap in some)


def _differ(of: Callable[[Sequence[str]], list[str]], a: Text, b: Text, gap: Gap) -> bool:
    """Whether both texts have some of these in a gap, and not the same.

    One number in two ways to write it is no other: 45,999 and 999ر45, 2015م and 2015.
    """
    one, other = of(a.words[gap.a_start : gap.a_end]), of(b.words[gap.b_start : gap.b_end])
    return bool(one and other) and one != other and not _moved(a, b, gap)


def _weekdays(some: Sequence[str]) -> list[str]:
    return [word for word in some if word in WEEKDAYS]


def _digits(some: Sequence[str]) -> list[str]:
    return sorted("".join(DIGITS.findall("".join(some))))


def _says_other_things(a: Sequence[str], b: Sequence[str], gap: Gap) -> bool:
    """Whether the texts do so in a gap: not one name in two spellings, nor a number in words."""
    in_a, in_b = a[gap.a_start : gap.a_end], b[gap.b_start : gap.b_end]
    all_a, all_b = "".join(in_a), "".join(in_b)
    in_words = (DIGITS.search(all_a) is None) != (DIGITS.search(all_b) is None) and max(len(in_a), len(in_b)) <= 2
    return not in_words and not _alike(all_a, all_b)


def _alike(a: str, b: str) -> bool:
    needed = ALIKE * (len(a) + len(b))
    # Nine in ten have too few letters in common, in whatever order.
    return 2 * sum(min(a.count(letter), b.count(letter)) for letter in set(a)) >= needed <= 2 * len(matches(a, b))


@lru_cache(maxsize=100_000)
def _in_dictionary(word: str) -> bool:
    from simplemma import is_known

    return word.isascii() or any(is_known(part, lang="ar") for part in alternatives(word))
