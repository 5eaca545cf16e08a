"""Who may be similar to an article: those that share its terms, rare ones above all; scored, best first.

The relation is symmetric: what two articles share is read from the postings of both, so either
finds the other, and lists do not depend on the order of arrival. Two limits bind only where a
collection is large and dense (POSTINGS_READ, CANDIDATES); there, the best found are taken.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from corpus.similar import Pairs, Subject, score
from corpus.store import Connection, lists
from corpus.store.lists import StoredSubject
from corpus.types import Meaning
from corpus.vector import FULL, Vector, rarest_first, unpack

# A term that stood in more of the articles of the last weighing finds nobody: it would cost most and tell
# least. In all but large collections every term counts. Guesses.
POSTED_UP_TO = 1_000
POSTED_SHARE = 0.05

# Postings of so many articles are in one row: a row that grows is written again each time.
CHUNK = 16_384

# Postings are read by so many terms at a time, rarest first, until there are so many entries. On 490 labelled
# queries among 1,787 articles nDCG@10 is .4195 with all of them, with 50,000 and with 20,000; among 100,000
# made-up ones the first ten are the same, and finding them takes 2.8 ms instead of 6.
TERMS_AT_ONCE = 32
POSTINGS_READ = 20_000

# Candidates share so much of the cosine in the terms that were read: LEAST_WORDS, less what
# common terms may add to it.
LEAST_FOUND = 0.04

# So many are scored, those with the largest part. On the same queries 60, 100 and 200 have the same nDCG@10.
CANDIDATES = 80

# Where more are found, so many of one text's copies at most are among them. Their groups are looked up, so many
# at once: mostly the first are enough.
COPIES_SCORED = 10
GROUPS_LOOKED_UP = 1_000
GROUPS_AT_ONCE = 100

Posted = npt.NDArray[np.bool_]  # of the shape of a vector
Row = tuple[int, int, bytes]  # key, chunk, entries

ENTRY = np.dtype([("place", "<u2"), ("weight", "<u2")])


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The article that others are looked for, stored or not."""

    subject: Subject  # of a stored article, the names are looked up with those of the candidates
    id: int = 0  # 0 for a text that is not stored
    groups: frozenset[int] = frozenset()  # its near-copies are no similar articles


@dataclass(frozen=True)
class Found:
    """Scored candidates; arrays of one shape, best first."""

    stored: Sequence[StoredSubject]
    scores: npt.NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))


def find(connection: Connection, wanted: Wanted) -> Found:
    """The articles that are similar to the wanted one, its own copies left out; best first, equals by `tie`."""
    ids = _sharing(connection, wanted)
    stored = [one for one in lists.subjects_of(connection, ids) if one.copy_group not in wanted.groups]
    if not stored:
        return Found(())
    names = lists.names_of(connection, [wanted.id, *(one.article_id for one in stored)])
    subjects = [subject(one, names.get(one.article_id, frozenset())) for one in stored]
    ours = replace(wanted.subject, names=names.get(wanted.id, frozenset())) if wanted.id else wanted.subject
    # As the lists keep them, so that a score is the same number everywhere.
    scores = score(Pairs(ours, subjects)).scores.astype(np.float32)
    order = sorted(np.flatnonzero(scores > 0).tolist(), key=lambda i: (-scores[i], stored[i].tie, stored[i].article_id))
    return Found([stored[i] for i in order], scores[order])


def one_per_group(found: Found) -> list[int]:
    """The places of the best candidate of each copy group, best first."""
    best: dict[int, int] = {}
    for place, one in enumerate(found.stored):
        best.setdefault(one.copy_group, place)
    return list(best.values())


def subject(stored: StoredSubject, names: frozenset[str] = frozenset()) -> Subject:
    """A stored article as it is compared."""
    return Subject(
        vector=unpack(stored.vector),
        numbers=np.frombuffer(stored.numbers, dtype="<u4"),
        names=names,
        published=stored.published,
        meaning=None if stored.model is None else Meaning(stored.model, stored.embedding or b""),
    )


def post(connection: Connection, article_id: int, vector: Vector, posted: Posted) -> None:
    """Make an article findable by those of its terms that are `posted`."""
    chunk, place = divmod(article_id, CHUNK)
    entries = np.zeros(int(posted.sum()), dtype=ENTRY)
    entries["place"], entries["weight"] = place, vector.weights[posted]
    data = entries.tobytes()
    rows = [(key, chunk, data[4 * i : 4 * i + 4]) for i, key in enumerate(vector.keys[posted].tolist())]
    lists.add_postings(connection, rows)


def withdraw(connection: Connection, article_id: int, vector: Vector) -> None:
    """Let an article be found no longer."""
    chunk, place = divmod(article_id, CHUNK)
    rows = []
    for key, _, data in lists.postings_in(connection, chunk, vector.keys.tolist()):
        entries = np.frombuffer(data, dtype=ENTRY)
        others = entries[entries["place"] != place]
        if len(others) < len(entries):
            rows.append((key, chunk, others.tobytes()))
    lists.replace_postings(connection, rows)


def is_posted(standing: npt.NDArray[np.int64], *, articles: int) -> Posted:
    """Whether others are looked for by a term that stands in so many of `articles`."""
    return standing <= max(POSTED_UP_TO, POSTED_SHARE * articles)


def posting_rows(chunk: int, vectors: Mapping[int, tuple[Vector, Posted]]) -> list[Row]:
    """The rows that `post` makes of all these articles of one chunk, in the order of their ids."""
    of_each = sorted(vectors.items())
    keys = np.concatenate([vector.keys[posted] for _, (vector, posted) in of_each])
    if not len(keys):
        return []
    entries = np.zeros(len(keys), dtype=ENTRY)
    entries["place"] = np.repeat([one % CHUNK for one, _ in of_each], [posted.sum() for _, (_, posted) in of_each])
    entries["weight"] = np.concatenate([vector.weights[posted] for _, (vector, posted) in of_each])
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=keys[order][:1] - 1))
    data = entries[order].tobytes()
    ends = [*starts[1:].tolist(), len(keys)]
    firsts = keys[order][starts].tolist()
    return [(key, chunk, data[4 * a : 4 * b]) for key, a, b in zip(firsts, starts.tolist(), ends, strict=True)]


def _sharing(connection: Connection, wanted: Wanted) -> list[int]:
    """The articles that share most of the weights."""
    vector = wanted.subject.vector
    weights = dict(zip(vector.keys.tolist(), vector.weights.tolist(), strict=True))
    rows = _read(connection, vector.keys[rarest_first(vector)].tolist())
    if not rows:
        return []
    keys, chunks, data = zip(*rows, strict=True)
    entries = np.frombuffer(b"".join(data), dtype=ENTRY)
    lengths = np.fromiter(map(len, data), np.int64, len(data)) // ENTRY.itemsize
    ids = np.repeat(np.array(chunks) * CHUNK, lengths) + entries["place"]
    products = np.repeat(np.array([weights[key] for key in keys], dtype=np.float64), lengths) * entries["weight"]
    first = int(ids.min())
    sums = np.bincount(ids - first, weights=products)
    if first <= wanted.id < first + len(sums):
        sums[wanted.id - first] = 0.0
    found = np.flatnonzero(sums >= LEAST_FOUND * FULL**2)
    if len(found) > CANDIDATES:
        found = found[np.argsort(-sums[found], kind="stable")]
        return _spread(connection, (found[:GROUPS_LOOKED_UP] + first).tolist(), wanted.groups)
    ids_found: list[int] = (found + first).tolist()
    return ids_found


def _read(connection: Connection, keys: Sequence[int]) -> list[Row]:
    """The postings of the terms, in their order, until there are enough."""
    rows, size = list[Row](), 0
    for start in range(0, len(keys), TERMS_AT_ONCE):
        some = lists.postings_of(connection, keys[start : start + TERMS_AT_ONCE])
        rows += some
        size += sum(len(data) for _, _, data in some)
        if size >= POSTINGS_READ * ENTRY.itemsize:
            break
    return rows


def _spread(connection: Connection, ids: Sequence[int], without: Collection[int]) -> list[int]:
    """The first CANDIDATES, with so many of one copy group at most: a text with a thousand copies is one text."""
    taken, seen = list[int](), dict[int, int]()
    for start in range(0, len(ids), GROUPS_AT_ONCE):
        groups = lists.copy_groups_of(connection, ids[start : start + GROUPS_AT_ONCE])
        for article_id in ids[start : start + GROUPS_AT_ONCE]:
            group = groups[article_id]
            seen[group] = seen.get(group, 0) + 1
            if group not in without and seen[group] <= COPIES_SCORED:
                taken.append(article_id)
        if len(taken) >= CANDIDATES:
            break
    return taken[:CANDIDATES]
