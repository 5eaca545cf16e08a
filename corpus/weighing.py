"""How much each word tells: counted in all articles at one moment, and constant until the next weighing.

Constant, so that the weight of a term is stored with its article, a new article changes no stored score,
and lists are the same whoever came first. A young collection is weighed again and again while it grows;
from AUTOMATIC_UP_TO articles on, words are known well enough, and weighing is left to
`nazair db rebuild --similar`. `nazair db info` says how far the collection has moved on.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from corpus.candidates import CHUNK, Posted, is_posted, posting_rows
from corpus.store import Connection, articles, lists
from corpus.store.lists import Weighing
from corpus.vector import Keys, Vector, idf, pack, unpack, weigh

# Weighing 20,000 articles and making their lists takes about a minute. Guess that it may happen unasked.
AUTOMATIC_UP_TO = 20_000

# Weighed again when the collection has grown so much: within a run, where it has doubled; at its end, by a tenth.
DOUBLED = 2.0
GROWN = 1.1

# Counts that a process keeps in memory; then it starts anew. About 100 MB.
REMEMBERED = 1_000_000


class TermCounts:
    """In how many articles each term stood at the last weighing: read once per term, for a process that writes."""

    def __init__(self) -> None:
        self._weighing = Weighing(0, 0)
        self._counts: dict[int, int] = {}

    def weigh(self, connection: Connection, counted: Vector) -> tuple[Vector, Posted]:
        """The vector of an article under the last weighing, and which of its terms are posted."""
        latest = lists.weighing(connection)
        if latest != self._weighing or len(self._counts) > REMEMBERED:
            self.forget()
            self._weighing = latest
        keys = counted.keys.tolist()
        unread = [key for key in keys if key not in self._counts] if latest.articles else []
        if unread:
            self._counts.update(dict.fromkeys(unread, 1))
            self._counts.update(lists.term_counts_of(connection, unread))
        standing = np.array([self._counts.get(key, 1) for key in keys], dtype=np.int64)
        telling = idf(standing, articles=latest.articles)
        return weigh(counted, telling), is_posted(standing, articles=latest.articles)

    def forget(self) -> None:
        """Read again what the database says: after a transaction that was rolled back."""
        self._weighing = Weighing(0, 0)
        self._counts.clear()


def due(connection: Connection, *, grown: float) -> bool:
    """Whether a young collection has grown so much since the last weighing."""
    weighed = lists.weighing(connection).articles
    if weighed >= AUTOMATIC_UP_TO:
        return False
    return lists.size(connection, most=AUTOMATIC_UP_TO * 2) >= max(1.0, weighed * grown)


def told(connection: Connection) -> str:
    """In one line: how many articles words were weighed in, and how far the collection has moved on since."""
    weighed, now = lists.weighing(connection).articles, articles.size(connection)
    line = f"words weighed in {weighed:,} articles"
    if now > weighed * DOUBLED and now > AUTOMATIC_UP_TO:
        return f"{line}, {now:,} are stored now: nazair db rebuild --similar weighs them anew"
    return line


def weigh_all(connection: Connection) -> None:
    """Count all terms, and weigh and post all articles anew. The lists are to be made again after it."""
    keys, counts, size = _counted(connection)
    told = counts > 1
    lists.replace_weighing(
        connection, articles=size, counts=zip(keys[told].tolist(), counts[told].tolist(), strict=True)
    )
    for chunk, vectors in _chunks(connection):
        anew = {}
        for article_id, vector in vectors.items():
            places = np.searchsorted(keys, vector.keys)  # all are there: they were counted
            standing = counts[places]
            anew[article_id] = (
                weigh(vector, idf(standing, articles=size)),
                is_posted(standing, articles=size),
            )
        lists.replace_vectors(connection, {article_id: pack(vector) for article_id, (vector, _) in anew.items()})
        lists.add_postings(connection, posting_rows(chunk, anew))


def _counted(connection: Connection) -> tuple[Keys, Keys, int]:
    """All terms, sorted; in how many articles each stands; and how many articles there are."""
    keys, counts, size = np.empty(0, np.int64), np.empty(0, np.int64), 0
    for _, vectors in _chunks(connection):
        size += len(vectors)
        new, often = np.unique(np.concatenate([vector.keys for vector in vectors.values()]), return_counts=True)
        keys, places = np.unique(np.concatenate([keys, new]), return_inverse=True)
        counts = np.bincount(places, weights=np.concatenate([counts, often]), minlength=len(keys)).astype(np.int64)
    return keys, counts, size


def _chunks(connection: Connection) -> Iterator[tuple[int, dict[int, Vector]]]:
    """The vectors of all articles, those whose postings share rows together."""
    after = 0
    while ids := lists.subject_ids(connection, after=after, limit=1):
        chunk = ids[0] // CHUNK
        after = (chunk + 1) * CHUNK - 1
        yield chunk, {one: unpack(data) for one, data in lists.vectors(connection, ids[0], after).items()}
