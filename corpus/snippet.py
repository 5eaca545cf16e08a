"""The words of a text around the first match of a search, the matches marked."""

from __future__ import annotations

from corpus.arabic import alternatives, fold
from corpus.query import Query
from corpus.terms import lemma

# Words before and after the first match.
BEFORE, AFTER = 8, 18


def snippet(text: str, query: Query, *, mark: tuple[str, str] = ("[", "]")) -> str:
    """About two lines of the text, with the searched words in marks; its beginning when none stands there."""
    words = text.split()
    searched = [word for phrase in query.all_of for word in phrase.words]
    wanted, lemmas = {fold(word) for word in searched}, {lemma(word) for word in searched}
    hits = {i for i, word in enumerate(words) if _matches(word, wanted, lemmas)}
    first = min(hits, default=0)
    start, end = max(0, first - BEFORE), first + AFTER
    shown = [f"{mark[0]}{word}{mark[1]}" if i in hits else word for i, word in enumerate(words[:end])][start:]
    return ("… " if start else "") + " ".join(shown) + (" …" if end < len(words) else "")


def _matches(word: str, wanted: set[str], lemmas: set[str]) -> bool:
    folded = fold(word)
    return folded in wanted or lemma(word) in lemmas or any(one in wanted for one in alternatives(folded))
