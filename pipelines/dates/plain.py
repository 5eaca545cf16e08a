"""The words of a candidate in one spelling, with what they say of an update apart from the rest."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from corpus.arabic import fold, repair
from pipelines.dates.words import LABELS, PUBLISHED, UPDATED, plain_words
from pipelines.phrases import one_of

# A candidate is a label or an attribute. What is longer is a text, and is cut.
LONGEST = 300

_LABEL = re.compile(
    rf"\b(?:(?P<updated>{one_of(plain_words(UPDATED))})|(?P<published>{one_of(plain_words(PUBLISHED))}))\b"
)
_LEADING_LABELS = re.compile(rf"(?:{one_of(plain_words(LABELS))}\b|[\s:،,.()-])*")
_BETWEEN_PARTS = re.compile(r"\s*[\n|•·]\s*|\s[-\u2013\u2014]\s")


@dataclass(frozen=True)
class Said:
    """A candidate's words: what they say of the publication, and what of an update."""

    own: str
    of_update: str


class _Table(dict[int, str]):
    """Letters folded as everywhere, marks dropped; punctuation, unlike there, kept: dates are read by it."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        kept = char.isspace() or unicodedata.category(char)[0] in "PS"
        self[code] = result = unicodedata.normalize("NFKC", char) if kept else fold(char)
        return result


_PLAIN = _Table()


def plain(words: str) -> str:
    """The words in one spelling: repaired, folded letter by letter, digits 0 to 9."""
    return repair(words[:LONGEST]).translate(_PLAIN)


def said(text: str) -> Said:
    """What stands behind a label of an update, up to one of the publication, and all the rest."""
    own: list[str] = []
    of_update: list[str] = []
    start, is_update = 0, False
    for label in _LABEL.finditer(text):
        (of_update if is_update else own).append(text[start : label.start()])
        start, is_update = label.end(), label["updated"] is not None
    (of_update if is_update else own).append(text[start:])
    return Said(own="\n".join(filter(None, own)), of_update="\n".join(filter(None, of_update)))


def parts(text: str) -> list[str]:
    """What stands between lines, bars and dashes, without the labels before it."""
    found = (_LEADING_LABELS.sub("", part, count=1) for part in _BETWEEN_PARTS.split(text))
    return [part.strip(" .:،,()") for part in found if part]
