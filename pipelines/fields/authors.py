"""Who wrote: the names in the words of a by-line. Where by-lines stand on a page is known to `pipelines.fields.byline`.

Precise before complete: an outlet, a town or a role that is taken for a person is wrong for every
article of its source, a name that is missed is missed. The words: authors.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial

from corpus.arabic import fold
from corpus.morphology import ARTICLE
from pipelines.fields.agencies import LONGEST_CREDIT, bracketed_agency, parts
from pipelines.phrases import phrases

_folded = partial(phrases, "fields/authors.toml")

LONGEST_NAME_WORDS = 5
MOST_AUTHORS = 6

# A signature in the text itself is a line of its own.
LONGEST_SIGNATURE_WORDS = 10

SEVERAL = re.compile(r"\s+and\s+|\s+\u0648\s*(?=\S)")  # the letter waw, "and", stands before a name or alone
NOT_IN_NAMES = re.compile(r"[\d@/_:?!\u061f\u2026]|https?:|\.(?:com|net|org)")


class Place(Enum):
    """Where words stand, and so what makes a name in them an author's."""

    BYLINE = "the page says that this is who wrote: any name"
    DETAILS = "date, source, by-line together: a name behind «كتب», «بقلم» and the like"
    TEXT = "anywhere: a name behind «كتب:»"


def names(words: str, place: Place, *, site_name: str | None = None) -> list[str]:
    """The people that these words name as authors, in their order."""
    found: list[str] = []
    is_author = place is Place.BYLINE
    if place is Place.TEXT and not _begins_with_label(words):
        return []
    for part in parts(words):
        label = _label(part)
        if label.kind == "other":
            is_author = False
            continue
        is_author = is_author or label.kind == "strong" or fold(part) in _folded("name", "datelines")
        is_author = is_author or (label.kind == "author" and (label.is_marked or place is Place.DETAILS))
        if not is_author or not label.rest or fold(part) in _folded("name", "datelines"):
            continue
        people = [name for name in _people(label.rest) if is_name(name, site_name=site_name)]
        if found and not people:
            break  # what comes next is no by-line any more
        found += people
        # Elsewhere than in by-lines, what follows the name may be anything.
        is_author = place is Place.BYLINE
    return list(dict.fromkeys(found))[:MOST_AUTHORS]


def signature(text: str, *margins: str) -> list[str]:
    """Who signed a text in its first or last line, or in one above or below it: «كتب: …», «بقلم …»."""
    for line in (text.partition("\n")[0], text.rpartition("\n")[2], *margins):
        is_short = len(line) <= LONGEST_CREDIT and len(line.split()) <= LONGEST_SIGNATURE_WORDS
        if is_short and (found := names(line, Place.TEXT)):
            return found
    return []


def without_label(part: str) -> str:
    """A part of a by-line without «كتب», «بقلم» before the name."""
    return _label(part).rest


def is_name(part: str, *, site_name: str | None = None) -> bool:
    """Whether this may be somebody's name, and not an outlet, an agency, a town, a role, a handle or a number."""
    folded = fold(part)
    words = folded.split()
    if not 2 <= len(words) <= LONGEST_NAME_WORDS or NOT_IN_NAMES.search(part):
        return False
    if max(map(len, words)) == 1:  # initials
        return False
    if words[0] in _folded("name", "not_first") or not _folded("name", "never").isdisjoint(words):
        return False
    # «الشرق الأوسط», «العربي الجديد» are papers: the first names of people have no article, but for a few.
    if words[0].startswith(ARTICLE) and words[0] not in _folded("name", "titles"):
        return False
    if folded in _folded("name", "towns") or bracketed_agency(part):
        return False
    return not (site_name and set(words) <= set(fold(site_name).split()))


@dataclass(frozen=True, kw_only=True)
class _Label:
    """What stands before a name in a part of a by-line."""

    kind: str | None  # a key of the table `label`
    is_marked: bool  # a colon follows, or nothing: what comes next is not its object
    rest: str


def _label(part: str) -> _Label:
    words = list(re.finditer(r"[^\s:]+", part))
    for length in range(min(3, len(words)), 0, -1):
        label = fold(" ".join(word[0] for word in words[:length]))
        for kind in ("strong", "author", "other"):
            if label in _folded("label", kind):
                rest = part[words[length - 1].end() :].lstrip()
                return _Label(kind=kind, is_marked=not rest or rest.startswith(":"), rest=rest.lstrip(": "))
    return _Label(kind=None, is_marked=False, rest=part)


def _begins_with_label(words: str) -> bool:
    """Whether the first word begins a label or is a town: a look at each line of a page before it is taken apart."""
    first = re.match(r"\W*([^\s:/|]+)", words)
    return first is not None and fold(first[1]) in _first_words() | _folded("name", "datelines")


def _people(part: str) -> Iterator[str]:
    """One name, or each of several: «أحمد سمير وسارة علي». Not «أحمد وليد»: a person has two names."""
    words = part.split()
    part = " ".join(words[: next((i for i, word in enumerate(words) if i and _ends_name(word)), len(words))])
    for match in SEVERAL.finditer(part):
        left, right = part[: match.start()], part[match.end() :]
        joined = part[match.start() :].split()[0]
        if len(left.split()) > 1 and len(right.split()) > 1 and fold(joined) not in _folded("name", "with_waw"):
            yield left
            yield from _people(right)
            return
    yield part


def _ends_name(word: str) -> bool:
    return word[0].isdigit() or fold(word) in _folded("name", "ends")


@cache
def _first_words() -> frozenset[str]:
    return frozenset(label.split()[0] for kind in ("strong", "author") for label in _folded("label", kind))
