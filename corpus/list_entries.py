"""What is in a stored list: the best article of each copy group, best first; and how one more comes into it.

Pure. Which lists an article is offered to: `similar_lists`.
"""

from __future__ import annotations

import struct
from bisect import insort
from collections.abc import Collection
from operator import itemgetter

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
        self._entries = entries
        self._rows: list[tuple[float, int, int]] | None = None  # (-score, tie, article), read when the list changes

    def offer(self, article_id: int, score: float, tie: int, *, copies: Collection[int] = ()) -> None:
        """Let an article in at its place, if it has one; it shares that with its `copies`."""
        before = (-score, tie)
        if self._rows is None:
            if len(self._entries) == LIST_LENGTH * ENTRY.itemsize:
                # Of a full list this is all that most offers look at.
                _, last_score, last_tie = ONE.unpack_from(self._entries, len(self._entries) - ENTRY.itemsize)
                if before >= (-last_score, last_tie):
                    return
            self._rows = _rows(self._entries)
        rows = self._rows
        if len(rows) == LIST_LENGTH and before >= rows[-1][:2]:
            return
        if copies and (mates := [row for row in rows if row[2] in copies]):
            if before >= mates[0][:2]:
                return
            rows[:] = [row for row in rows if row[2] not in copies]
        insort(rows, (*before, article_id), key=itemgetter(0, 1))
        del rows[LIST_LENGTH:]

    @property
    def changed(self) -> bytes | None:
        """The list as it is to be stored; None when it is the same."""
        if self._rows is None:
            return None
        entries = b"".join([ONE.pack(article_id, -score, tie) for score, tie, article_id in self._rows])
        return entries if entries != self._entries else None


def _rows(entries: bytes) -> list[tuple[float, int, int]]:
    return [(-score, tie, article_id) for article_id, score, tie in ONE.iter_unpack(entries)]
