"""The same text, or the same form filled in anew? Weather, markets, courts, executions, audiences.

Their words stay, their numbers and names change. Where the words around are the same, a newsroom that edits replaces
words of every kind; a form has only its slots filled, with names and numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from corpus.alignment import Gap, gaps, matches
from corpus.arabic import SON_OF, alternatives, bare, stop_words, words
from corpus.thresholds import (
    ALIKE,
    FEW_NUMBERS,
    SLOT_WORDS,
    TEMPLATE_FUNCTION_WORDS,
    TEMPLATE_NAMES,
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
        return bare(self.shown).split()

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Its numbers, also those written together with a word."""
        return frozenset(DIGITS.findall(" ".join(self.words)))

    def names(self, place: int) -> bool:
        """Whether a number or a name stands here: a word that no dictionary has, or beside «son of»."""
        around = self.words[max(0, place - 1) : place] + self.words[place + 1 : place + 2]
        return (
            SON_OF in (self.words[place], *around)
            or DIGITS.search(self.words[place]) is not None
            or not _in_dictionary(self.bare_words[place])
        )


def agreeing_numbers(a: Text, b: Text) -> float:
    """Share of the numbers of the text with fewer that the other has too, 0 to 1; 1 where they are too few to tell."""
    fewer = min(len(a.numbers), len(b.numbers))
    return len(a.numbers & b.numbers) / fewer if fewer >= FEW_NUMBERS else 1.0


def filled_in_anew(a: Text, b: Text) -> bool:
    """Whether two texts that share most of their words are one form with other names and numbers in it. Symmetric."""
    if b.words < a.words:  # of several ways to align them, take the same from both sides
        a, b = b, a
    slots = [gap for gap in gaps(a.words, b.words) if _is_slot(a.words, b.words, gap)]
    there = [(text, place) for text, places in ((a, _places_in_a(slots)), (b, _places_in_b(slots))) for place in places]
    if len(there) < TEMPLATE_WORDS:
        return False
    function_words = sum(text.words[place] in stop_words() for text, place in there)
    if function_words > TEMPLATE_FUNCTION_WORDS * len(there):
        return False
    return sum(text.names(place) for text, place in there) >= TEMPLATE_NAMES * len(there)


def _is_slot(a: Sequence[str], b: Sequence[str], gap: Gap) -> bool:
    """Whether the texts say different things in a small gap: not one name in two spellings, nor a number in words."""
    in_a, in_b = a[gap.a_start : gap.a_end], b[gap.b_start : gap.b_end]
    if not (0 < len(in_a) <= SLOT_WORDS and 0 < len(in_b) <= SLOT_WORDS):
        return False
    digits = [DIGITS.search("".join(part)) is not None for part in (in_a, in_b)]
    in_words = digits[0] != digits[1] and max(len(in_a), len(in_b)) <= 2
    return not in_words and not _alike("".join(in_a), "".join(in_b))


def _alike(a: str, b: str) -> bool:
    return 2 * len(matches(a, b)) >= ALIKE * (len(a) + len(b))


def _places_in_a(slots: Sequence[Gap]) -> list[int]:
    return [place for gap in slots for place in range(gap.a_start, gap.a_end)]


def _places_in_b(slots: Sequence[Gap]) -> list[int]:
    return [place for gap in slots for place in range(gap.b_start, gap.b_end)]


@lru_cache(maxsize=100_000)
def _in_dictionary(word: str) -> bool:
    from simplemma import is_known

    return word.isascii() or any(is_known(part, lang="ar") for part in alternatives(word))
