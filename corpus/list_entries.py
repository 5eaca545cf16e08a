"""What is in a stored list: the best article of each copy group, best first; and how one more comes into it.

Pure. Which lists an article is offered to: `similar_lists`.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Collection

import numpy as np

from corpus.candidates import Found, one_per_group

# More are kept than shown: a reader may ask for one source, or for so many of each.
LIST_LENGTH = 30

ENTRY = np.dtype([("article_id", "<i8"), ("score", "<f4"), ("tie", "<u4")])
ONE = struct.Struct("<qfI")  # the same: of so few entries it takes a fifth of NumPy's time


def list_of(found: Found) -> bytes:
    """The list of an article that these are similar to."""
    scores = found.scores.tolist()
    best = [(found.stored[place], scores[place]) for place in one_per_group(found)[:LIST_LENGTH]]
    return b"".join([ONE.pack(one.article_id, score, one.tie) for one, score in best])


def read(entries: bytes) -> list[tuple[int, float]]:
    """(article, score) of a stored list, best first."""
    stored = np.frombuffer(entries, dtype=ENTRY)
    return list(zip(stored["article_id"].tolist(), stored["score"].tolist(), strict=True))


def named(entries: bytes) -> list[int]:
    """The articles that a stored list names."""
    ids: list[int] = np.frombuffer(entries, dtype=ENTRY)["article_id"].tolist()
    return ids


class Open:
    """A stored list while articles are offered to it, many in one transaction."""

    def __init__(self, entries: bytes) -> None:
        self._stored = self._entries = entries

    def offer(self, article_id: int, score: float, tie: int, *, copies: Collection[int] = ()) -> None:
        """Let an article in at its place, if it has one; it shares that with its `copies`."""
        before, entries = (-score, tie), self._entries
        # Of a full list the last is all that most offers look at.
        if len(entries) == LIST_LENGTH * ONE.size and before >= _rank(entries, LIST_LENGTH - 1):
            return
        if copies and (mates := [place for place, one in enumerate(named(entries)) if one in copies]):
            if before >= _rank(entries, mates[0]):
                return
            entries = b"".join(ONE.pack(*one) for one in ONE.iter_unpack(entries) if one[0] not in copies)
        place = bisect_right(range(len(entries) // ONE.size), before, key=lambda at: _rank(entries, at)) * ONE.size
        entries = entries[:place] + ONE.pack(article_id, score, tie) + entries[place:]
        self._entries = entries[: LIST_LENGTH * ONE.size]

    @property
    def changed(self) -> bytes | None:
        """The list as it is to be stored; None when it is the same."""
        return self._entries if self._entries != self._stored else None


def _rank(entries: bytes, place: int) -> tuple[float, int]:
    """What an entry is sorted by."""
    _, score, tie = ONE.unpack_from(entries, place * ONE.size)
    return -score, tie
