"""The search nearest to one that finds nothing: words that stand in no article, as they were meant.

A letter too many, too few, wrong or in the wrong place; a space that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from corpus.arabic import bare, fold
from corpus.morphology import one_letter_off
from corpus.query import Phrase, Query, parse
from corpus.search import search, ways_to_write
from corpus.store import Connection
from corpus.store.word_index import Form, Index
from corpus.terms import is_known
from corpus.types import Filter

# Of shorter words too many others are one letter off.
SHORTEST = 4

# More unknown words are another language, or made to cost: each takes as long as two searches.
MOST_UNKNOWN = 3

# A part of two words that were written as one.
SHORTEST_PART = 2

_WORD = re.compile(r"[^\s\"“”«»()]+")
_REPEATED = re.compile(r"(.)\1{2,}")  # «ألاسكااا»


def nearest(connection: Connection, asked: str, wanted: Filter) -> str | None:
    """A search that finds something, with other words for those of `asked` that stand nowhere; None without one."""
    index = Index(connection)
    plain = {
        part.words[0]
        for part in parse(asked).phrases()
        if len(part.words) == 1 and not (part.exact or part.beginning) and len(fold(part.words[0])) >= SHORTEST
    }
    unknown = [word for word in plain if not is_known(word) and not index.forms_of(folded=ways_to_write(fold(word)))]
    if not 0 < len(unknown) <= MOST_UNKNOWN:
        return None
    meant = {word: found for word in unknown if (found := _meant(connection, word)) is not None}
    if len(meant) < len(unknown):
        return None
    other = _WORD.sub(lambda match: meant.get(bare(match[0]), match[0]), asked)
    return other if search(connection, parse(other), wanted, limit=1) else None


def _meant(connection: Connection, word: str) -> str | None:
    """What stands in most articles, of all that a word may have been meant for."""
    index = Index(connection)  # of its own: forms are looked up once in each
    folded = fold(word)
    once = _REPEATED.sub(r"\1", folded)
    single = {once, *one_letter_off(once)}
    pairs = [(folded[:cut], folded[cut:]) for cut in range(SHORTEST_PART, len(folded) - SHORTEST_PART + 1)]
    forms = index.forms_of(folded=single.union(*pairs))
    often = _often(index, forms)
    ways = [(one,) for one in single] + pairs
    known = [way for way in ways if all(part in often for part in way)]
    # A letter is lost more easily than a space; of equals the first by its letters.
    best = min(known, key=lambda way: (len(way), -min(map(often.__getitem__, way)), way), default=())
    return " ".join(_as_written(connection, part) for part in best) or None


def _often(index: Index, forms: Collection[Form]) -> dict[str, int]:
    """By folded word, in how many articles it stands."""
    _, postings = index.look_up(forms)
    ids: dict[str, list[int]] = {}
    for form in forms:
        ids.setdefault(form.folded, []).append(form.id)
    return {word: len(set(postings.of(of_word).documents.tolist())) for word, of_word in ids.items()}


def _as_written(connection: Connection, folded: str) -> str:
    """A folded word as an article spells it."""
    exact = Query(all_of=(Phrase(words=(folded,), exact=True),))
    for hit in search(connection, exact, Filter(), limit=1):
        for part, matches in (*hit.title.parts(), *hit.snippet.parts()):
            if matches and fold(part) == folded:
                return bare(part)
    return folded
