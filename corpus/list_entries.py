"""What is in a stored list: the best article of each copy group, best first; and how one more comes into it.

Pure. Which lists an article is offered to: `similar_lists`.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from corpus.candidates import Found, one_per_group

# More are kept than shown: a reader may ask for one source, or for so many of each.
LIST_LENGTH = 30

ENTRY = np.dtype([("article_id", "<i8"), ("score", "<f4"), ("tie", "<u4")])


def list_of(found: Found) -> bytes:
    """The list of an article that these are similar to."""
    rows = [
        (found.stored[place].article_id, found.scores[place], found.stored[place].tie)
        for place in one_per_group(found)[:LIST_LENGTH]
    ]
    return np.array(rows, dtype=ENTRY).tobytes()


def read(entries: bytes) -> list[tuple[int, float]]:
    """(article, score) of a stored list, best first."""
    stored = np.frombuffer(entries, dtype=ENTRY)
    return list(zip(stored["article_id"].tolist(), stored["score"].tolist(), strict=True))


def named(entries: bytes) -> list[int]:
    """The articles that a stored list names."""
    ids: list[int] = np.frombuffer(entries, dtype=ENTRY)["article_id"].tolist()
    return ids


def offered(entries: bytes, article_id: int, score: float, tie: int, *, copies: Collection[int] = ()) -> bytes | None:
    """The list after it was offered an article, which shares a place with its `copies`; None when it is the same."""
    stored = np.frombuffer(entries, dtype=ENTRY)
    if len(stored) == LIST_LENGTH and not _before(score, tie, stored[-1]):
        return None
    if copies:
        mate = np.flatnonzero(np.isin(stored["article_id"], list(copies)))
        if len(mate) and not _before(score, tie, stored[mate[0]]):
            return None
        stored = np.delete(stored, mate)
    place = next((i for i, entry in enumerate(stored) if _before(score, tie, entry)), len(stored))
    new = np.array([(article_id, score, tie)], dtype=ENTRY)
    return np.insert(stored, place, new)[:LIST_LENGTH].tobytes()


def _before(score: float, tie: int, entry: np.void) -> bool:
    """Whether an article of this score stands before an entry of a list."""
    return (-score, tie) < (-float(entry["score"]), int(entry["tie"]))
