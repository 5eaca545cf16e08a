"""What a search string means: words that must be there, phrases, words that must not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.arabic import bare
from corpus.errors import UsageError

# A person's query is short; longer strings are pasted by mistake or made to hurt.
MOST_WORDS = 32
MOST_CHARACTERS = 200

_PART = re.compile(r"(?P<minus>-?)(?:[\"“”«](?P<phrase>[^\"“”»]*)[\"“”»]|(?P<word>[^\s\"“”«»]+))")


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """Words that stand together, without vowel marks, hamza kept (see `corpus.arabic.bare`)."""

    words: tuple[str, ...]
    exact: bool = False  # as written, in no other form


@dataclass(frozen=True, kw_only=True)
class Query:
    """A parsed search."""

    all_of: tuple[Phrase, ...]
    none_of: tuple[Phrase, ...] = ()


def parse(text: str) -> Query:
    """The query that `text` asks for. Raises UsageError when there is nothing to look for."""
    wanted, unwanted, count = list[Phrase](), list[Phrase](), 0
    for part in _PART.finditer(text[:MOST_CHARACTERS]):
        quoted = part["phrase"] is not None
        words = bare(part["phrase"] if quoted else part["word"]).split()[: MOST_WORDS - count]
        count += len(words)
        if words:
            # A word with a hyphen or slash inside is a phrase of its parts.
            phrase = Phrase(words=tuple(words), exact=quoted)
            (unwanted if part["minus"] else wanted).append(phrase)
    if not wanted:
        raise UsageError(
            f"There is nothing to look for in {text[:MOST_CHARACTERS]!r}: give at least one word that must be there."
        )
    return Query(all_of=tuple(wanted), none_of=tuple(unwanted))
