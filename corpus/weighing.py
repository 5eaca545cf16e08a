"""How much each word tells: counted in all texts at one moment, and constant until the next weighing.

In texts, not articles: what is reprinted most would tell least, and ten thousand copies of a block page would take the
weight from its words in all other articles. Constant, so that the weight of a term is stored with its article, a new
article changes no stored score, and lists are the same whoever came first. A young collection is weighed again and
again while it grows; from AUTOMATIC_UP_TO articles on, words are known well enough, and weighing is left to
`nazair db rebuild --similar`. `nazair db info` says how far the collection has moved on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from corpus.candidates import CHUNK, Posted, is_posted, posting_rows
from corpus.plural import counted
from corpus.store import Connection, articles, lists, postings
from corpus.store.postings import Weighing
from corpus.vector import Keys, Vector, idf, pack, unpack, weigh

# Weighing 20,000 articles and making their lists takes about a minute. Guess that it may happen unasked.
AUTOMATIC_UP_TO = 20_000
LARGE = 2 * AUTOMATIC_UP_TO

# Weighed again when the collection has grown so much: within a run fourfold (twofold costs half as much again), at its
# end by a tenth. Guesses.
FOURFOLD = 4.0
GROWN = 1.1

# In a collection that has grown so much since, words tell other things; a person is told what to do.
DRIFTED = 2.0

# Counts that a process keeps in memory; then it starts anew. About 100 MB.
REMEMBERED = 1_000_000


NEVER = Weighing(0, 0, 0)


class TermCounts:
    """In how many texts each term stood at the last weighing: read once per term, for a process that writes."""

    def __init__(self) -> None:
        self._weighing = NEVER
        self._counts: dict[int, int] = {}

    def weigh(self, connection: Connection, counted: Sequence[Vector]) -> list[tuple[Vector, Posted]]:
        """The vectors of articles under the last weighing, each with which of its terms are posted."""
        latest = postings.weighing(connection)
        if latest != self._weighing or len(self._counts) > REMEMBERED:
            self.forget()
            self._weighing = latest
        keys = [vector.keys.tolist() for vector in counted]
        if latest.texts:
            self._read(connection, {key for some in keys for key in some} - self._counts.keys())
        weighed = []
        for vector, some in zip(counted, keys, strict=True):
            frequencies = np.array([self._counts.get(key, 1) for key in some], dtype=np.int64)
            telling = idf(frequencies, texts=latest.texts)
            weighed.append((weigh(vector, telling), is_posted(frequencies, texts=latest.texts)))
        return weighed

    def _read(self, connection: Connection, keys: set[int]) -> None:
        self._counts.update(dict.fromkeys(keys, 1))
        self._counts.update(postings.term_counts_of(connection, sorted(keys)))

    def forget(self) -> None:
        """Read again what the database says: after a transaction that was rolled back."""
        self._weighing = NEVER
        self._counts.clear()


def due(connection: Connection, *, grown: float) -> bool:
    """Whether a young collection has grown so much since the last weighing; one that is large by now is none."""
    weighed = postings.weighing(connection).articles
    if weighed >= AUTOMATIC_UP_TO:
        return False
    return max(1.0, weighed * grown) <= lists.size(connection, most=LARGE) < LARGE


def told(connection: Connection) -> str:
    """In one line: how many articles words were weighed in, and how far the collection has moved on since."""
    return drift(postings.weighing(connection).articles, articles.size(connection))


def drift(weighed: int, now: int) -> str:
    """How far a collection has moved on since its words were weighed, and what to do when that is far."""
    line = f"words weighed in {counted(weighed, 'article')}"
    if now > weighed * DRIFTED and now > AUTOMATIC_UP_TO:
        return f"{line}, {now:,} are stored now: nazair db rebuild --similar weighs them anew"
    return line


def weigh_all(connection: Connection) -> None:
    """Count all terms, and weigh and post all articles anew. The lists are to be made again after it."""
    keys, counts, texts = _counted(connection)
    told = counts > 1
    postings.replace_weighing(
        connection,
        articles=lists.size(connection),
        texts=texts,
        counts=zip(keys[told].tolist(), counts[told].tolist(), strict=True),
    )
    for chunk, stored in _chunks(connection):
        anew, posted = {}, {}
        for article_id, stands, data in stored:
            vector = unpack(data)
            frequencies = _counts_of(vector.keys, keys, counts)
            anew[article_id] = weigh(vector, idf(frequencies, texts=texts))
            if stands:
                posted[article_id] = anew[article_id], is_posted(frequencies, texts=texts)
        lists.replace_vectors(connection, {article_id: pack(vector) for article_id, vector in anew.items()})
        postings.add(connection, posting_rows(chunk, posted))


def _counted(connection: Connection) -> tuple[Keys, Keys, int]:
    """All terms, sorted; in how many texts each stands; and how many texts there are.

    A copy group is one text, which has the terms of all that stand for it.
    """
    keys, counts, texts = np.empty(0, np.int64), np.empty(0, np.int64), 0
    for groups, vectors in _groups(connection):
        texts += len(np.unique(groups))
        new, often = np.unique(_once_a_group(groups, vectors), return_counts=True)
        keys, places = np.unique(np.concatenate([keys, new]), return_inverse=True)
        counts = np.bincount(places, weights=np.concatenate([counts, often]), minlength=len(keys)).astype(np.int64)
    return keys, counts, texts


def _once_a_group(groups: npt.NDArray[np.int64], vectors: Sequence[Keys]) -> Keys:
    """The terms of all these articles, in no order, each as often as there are groups that have it."""
    alone = np.ones(len(groups), dtype=np.bool_)
    same = groups[1:] == groups[:-1]  # in order
    alone[1:] &= ~same
    alone[:-1] &= ~same
    parts = [vectors[place] for place in np.flatnonzero(alone).tolist()]
    together: dict[int, list[Keys]] = {}
    for place in np.flatnonzero(~alone).tolist():
        together.setdefault(int(groups[place]), []).append(vectors[place])
    parts += [np.unique(np.concatenate(some)) for some in together.values()]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _counts_of(wanted: Keys, keys: Keys, counts: Keys) -> Keys:
    """In how many texts each wanted term stands; 1 for those that only articles have for which others stand."""
    if not len(keys):
        return np.ones(len(wanted), np.int64)
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, counts[places], 1)


def _groups(connection: Connection) -> Iterator[tuple[npt.NDArray[np.int64], list[Keys]]]:
    """The copy groups of all articles that stand for one, in order, and their terms; whole groups together."""
    after, rest = -(1 << 63), True
    while rest:
        rows = lists.vectors_by_group(connection, after=after, limit=CHUNK)
        rest = len(rows) == CHUNK
        if rest:
            # The last may go on. No group has CHUNK that stand for it.
            rows = [row for row in rows if row[0] != rows[-1][0]]
        if rows:
            after = rows[-1][0]
            yield np.array([group for group, _ in rows], np.int64), [unpack(data).keys for _, data in rows]


def _chunks(connection: Connection) -> Iterator[tuple[int, list[tuple[int, int, bytes]]]]:
    """All articles, those whose postings share rows together: each with whether it stands, and its vector."""
    after = 0
    while ids := lists.subject_ids(connection, after=after, limit=1):
        chunk = ids[0] // CHUNK
        after = (chunk + 1) * CHUNK - 1
        yield chunk, lists.vectors(connection, ids[0], after)
