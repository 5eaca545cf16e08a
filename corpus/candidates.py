"""Who may be similar to an article: those that share its terms, rare ones above all; scored, best first.

The relation is symmetric: what two articles share is read from the postings of both, so either
finds the other, and lists do not depend on the order of arrival. Two limits bind only where a
collection is large and dense (POSTINGS_READ, CANDIDATES); there, the best found are taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.similar import Pairs, Subject, score
from corpus.standing import COPIES_STANDING
from corpus.store import Connection, lists, postings
from corpus.store.lists import StoredSubject
from corpus.types import Meaning
from corpus.vector import FULL, Vector, rarest_first, unpack

# A term that stood in more of the texts of the last weighing finds nobody: it would cost most and tell
# least. In all but large collections every term counts. Guesses.
POSTED_UP_TO = 1_000
POSTED_SHARE = 0.05

# Postings of so many articles are in one row: a row that grows is written again each time.
CHUNK = 16_384

# Postings are read by so many terms at a time, rarest first, until there are so many entries. On 490 labelled
# queries among 1,787 articles nDCG@10 is the same with all of them; among 100,000 made-up ones the first ten are the
# same, and finding them takes half the time. By 32 terms at a time half again as many entries are read, for the same
# lists.
TERMS_AT_ONCE = 16
POSTINGS_READ = 20_000

# So many where nobody is to be missed, because lists name an article that goes: all that there are, but in very large
# collections (guess). With POSTINGS_READ and CANDIDATES one entry in thirty stayed, among 800 articles on one topic.
POSTINGS_READ_TO_LEAVE = 1_000_000

# Candidates share so much of the cosine in the terms that were read: LEAST_WORDS, less what
# common terms may add to it.
LEAST_FOUND = 0.04

# So many are scored, those with the largest part. What the headlines share is hardly in it: of 2,530 articles of a
# month, nine in ten of which share enough with more than 80, 88 % have the first ten with 80 candidates that they have
# with all, 99 % with 160. (On the queries above, which have no titles, nDCG@10 is the same from 60 to 200.)
# In a crowd the order of arrival counts: with 80, 116 of 1,400 of those articles had other first ten than after a
# rebuild, and 97 of 1,000 without titles on a few subjects; with 160, 12 and 26. Storing an article costs 4 % more for
# it, 9 % without titles.
CANDIDATES = 160

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


def find(connection: Connection, wanted: Sequence[Wanted]) -> list[Found]:
    """The articles that are similar to each wanted one, its own copies left out; best first, equals by `tie`.

    For many at once: what they share is read once.
    """
    sharing = [_largest(one) for one in _sharing(connection, wanted, most=POSTINGS_READ)]
    ids = set[int]().union(*sharing)
    names = lists.names_of(connection, ids.union(one.id for one in wanted))
    stored = {one.article_id: one for one in lists.subjects_of(connection, sorted(ids))}
    subjects = {one: subject(of, names.get(one, frozenset())) for one, of in stored.items()}
    found = []
    for one, others in zip(wanted, sharing, strict=True):
        ours = one.subject._replace(names=names.get(one.id, frozenset())) if one.id else one.subject
        theirs = [other for other in others if stored[other].copy_group not in one.groups][:CANDIDATES]
        found.append(_scored(ours, [stored[other] for other in theirs], [subjects[other] for other in theirs]))
    return found


def sharing(connection: Connection, wanted: Sequence[Wanted]) -> set[int]:
    """All articles that may be similar to one of these, however many: whose lists may name it."""
    return {one for parts in _sharing(connection, wanted, most=POSTINGS_READ_TO_LEAVE) for one in parts.ids.tolist()}


def one_per_group(found: Found) -> list[int]:
    """The places of the best candidate of each copy group, best first."""
    best = dict[int, int]()
    for place, one in enumerate(found.stored):
        best.setdefault(one.copy_group, place)
    return list(best.values())


def subject(stored: StoredSubject, names: frozenset[str] = frozenset()) -> Subject:
    """A stored article as it is compared."""
    return Subject(
        vector=stored.vector,
        numbers=stored.numbers,
        names=names,
        published=stored.published,
        meaning=None if stored.model is None else Meaning(stored.model, stored.embedding or b""),
    )


def post(connection: Connection, vectors: Mapping[int, tuple[Vector, Posted]]) -> None:
    """Make articles findable by those of their terms that are posted."""
    chunks: dict[int, dict[int, tuple[Vector, Posted]]] = {}
    for article_id, one in vectors.items():
        chunks.setdefault(article_id // CHUNK, {})[article_id] = one
    for chunk, some in sorted(chunks.items()):
        postings.add(connection, posting_rows(chunk, some))


def withdraw(connection: Connection, vectors: Mapping[int, Vector]) -> None:
    """Let articles be found no longer."""
    chunks = defaultdict[int, dict[int, Vector]](dict)
    for article_id, vector in vectors.items():
        chunks[article_id // CHUNK][article_id % CHUNK] = vector
    for chunk, some in sorted(chunks.items()):
        keys = np.unique(np.concatenate([vector.keys for vector in some.values()]))
        rows = []
        for key, _, data in postings.of_chunk(connection, chunk, keys.tolist()):
            entries = np.frombuffer(data, dtype=ENTRY)
            others = entries[~np.isin(entries["place"], list(some))]
            if len(others) < len(entries):
                rows.append((key, chunk, others.tobytes()))
        postings.replace(connection, rows)


def is_posted(frequencies: npt.NDArray[np.int64], *, texts: int) -> Posted:
    """Whether others are looked for by each term, by its document frequency in so many `texts`."""
    return frequencies <= max(POSTED_UP_TO, POSTED_SHARE * texts)


def posting_rows(chunk: int, vectors: Mapping[int, tuple[Vector, Posted]]) -> list[Row]:
    """The rows of postings of all these articles of one chunk, in the order of their ids."""
    of_each = sorted(vectors.items())
    if not of_each:
        return []
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


# Of a term, for each chunk: its number, and the bytes of its entries.
_Postings = list[tuple[int, bytes]]


class _Parts(NamedTuple):
    """Articles that share enough of some weights, by id; and the part of the cosine that these are."""

    ids: npt.NDArray[np.int64]
    sums: npt.NDArray[np.float64]


def _sharing(connection: Connection, wanted: Sequence[Wanted], *, most: int) -> list[_Parts]:
    """For each wanted article, those that share enough of the weights with it; own copies may be among them."""
    vectors = [unpack(one.subject.vector) for one in wanted]
    orders = [rarest_first(vector) for vector in vectors]
    keys = [vector.keys[order].tolist() for vector, order in zip(vectors, orders, strict=True)]
    read, lengths = _read(connection, keys, most=most)
    weights = [vector.weights[order].tolist() for vector, order in zip(vectors, orders, strict=True)]
    return [
        _parts(one.id, own[:length], [read[key] for key in some[:length]])
        for one, own, some, length in zip(wanted, weights, keys, lengths, strict=True)
    ]


def _parts(own_id: int, weights: Sequence[int], postings: Sequence[_Postings]) -> _Parts:
    rows = [(weight, chunk, data) for weight, some in zip(weights, postings, strict=True) for chunk, data in some]
    if not rows:
        return _Parts(np.empty(0, np.int64), np.empty(0))
    of_rows, chunks, data = zip(*rows, strict=True)
    entries = np.frombuffer(b"".join(data), dtype=ENTRY)
    lengths = np.fromiter(map(len, data), np.int64, len(data)) // ENTRY.itemsize
    ids = entries["place"] + np.repeat(np.array(chunks, np.int64) * CHUNK, lengths)
    products = entries["weight"] * np.repeat(np.array(of_rows, np.float64), lengths)
    first = int(ids.min())
    sums = np.bincount(ids - first, weights=products)
    if first <= own_id < first + len(sums):
        sums[own_id - first] = 0.0
    found = np.flatnonzero(sums >= LEAST_FOUND * FULL**2)
    return _Parts(found + first, sums[found].astype(np.float64, copy=False))


def _largest(parts: _Parts) -> list[int]:
    """Those that share most, most first: some more than are scored, because own copies may be among them."""
    ids, sums = parts
    if len(ids) > CANDIDATES:
        ids = ids[np.argsort(-sums, kind="stable")[: CANDIDATES + COPIES_STANDING]]
    found: list[int] = ids.tolist()
    return found


def _read(
    connection: Connection, keys: Sequence[Sequence[int]], *, most: int
) -> tuple[Mapping[int, _Postings], list[int]]:
    """The postings of so many of each article's terms, in their order, as are enough; and how many these are."""
    read, bytes_of = defaultdict[int, _Postings](list), defaultdict[int, int](int)
    asked, found, lengths = set[int](), [0] * len(keys), [0] * len(keys)
    start, left = 0, [i for i, some in enumerate(keys) if some]
    while left:
        end = start + TERMS_AT_ONCE
        missing = set(chain.from_iterable(keys[i][start:end] for i in left)) - asked
        asked |= missing
        for key, chunk, data in postings.of_terms(connection, sorted(missing)):
            read[key].append((chunk, data))
            bytes_of[key] += len(data)
        for i in left:
            lengths[i] = min(end, len(keys[i]))
            found[i] += sum(map(bytes_of.__getitem__, keys[i][start:end]))
        left = [i for i in left if found[i] < most * ENTRY.itemsize and end < len(keys[i])]
        start = end
    return read, lengths


def _scored(ours: Subject, stored: Sequence[StoredSubject], subjects: Sequence[Subject]) -> Found:
    if not stored:
        return Found(())
    # As the lists keep them, so that a score is the same number everywhere.
    scores = score(Pairs(ours, subjects)).scores.astype(np.float32)
    similar = np.flatnonzero(scores > 0)
    order = sorted(
        (-score, stored[i].tie, stored[i].article_id, i)
        for i, score in zip(similar.tolist(), scores[similar].tolist(), strict=True)
    )
    places = [i for *_, i in order]
    return Found([stored[i] for i in places], scores[places])
