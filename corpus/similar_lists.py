"""Similar lists: made when an article arrives, kept up to date in both directions.

What is similar is decided in `similar`; here the decision meets the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from corpus.similar import (
    CANDIDATES,
    LIST_LENGTH,
    MIN_SCORE,
    POSTED_TERMS,
    POSTINGS_READ,
    Subject,
    Vector,
    score,
    shared_terms,
    signed_keys,
    term_key,
    unpack,
    vector,
    weigh,
)
from corpus.store import Connection, articles, lists, sketches
from corpus.store.lists import Entry, StoredSubject
from corpus.types import Sketch, Term

# A list made when the collection was under nine tenths of its size is made again at the end
# of a run: the weights of its words were those of another collection. Guess.
OUTGROWN = 0.9


class TermCounts:
    """In how many articles each term stands: read once per term, then kept up to date by its writer.

    One per process that writes. Other writers' articles are not seen until the next process;
    an idf that is a few articles old orders no list differently.
    """

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def of(self, connection: Connection, keys: Iterable[int]) -> Mapping[int, int]:
        """The counts, with at least these keys."""
        unread = {key for key in keys if key not in self._counts}
        if unread:
            found = lists.term_counts_of(connection, unread)
            self._counts.update({key: found.get(key, 0) for key in unread})
        return self._counts

    def add(self, connection: Connection, keys: list[int], *, by: int) -> None:
        """Count one more (by=1) or one fewer (by=-1) article for each key."""
        self.of(connection, keys)
        lists.count_terms(connection, keys, by=by)
        for key in keys:
            self._counts[key] += by

    def forget(self) -> None:
        """Read again what the database says: after a transaction that was rolled back."""
        self._counts.clear()


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An article scored against another."""

    entry: Entry
    copy_group: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The article that a list is made for, stored or not."""

    vector: Vector
    terms: tuple[Term, ...]
    numbers: frozenset[str]
    names: frozenset[str]
    published_at: datetime | None
    own_id: int = 0  # 0 for a text that is not stored
    own_groups: frozenset[int] = frozenset()  # its near-copies are no similar articles


def enter(connection: Connection, article_id: int, sketch: Sketch, counts: TermCounts) -> None:
    """Make the list of a new article, and offer the article to the lists of those that are on it."""
    counts.add(connection, signed_keys(vector(sketch.terms)), by=1)
    size = articles.size(connection)
    wanted = _wanted(lists.subjects(connection, [article_id])[article_id], sketch.terms)
    subject = _subject(connection, wanted, counts, size)
    found = _candidates(connection, wanted, subject, counts, size)
    heaviest = np.argsort(-subject.weights, kind="stable")[:POSTED_TERMS]
    lists.add_postings(connection, article_id, (signed_keys(wanted.vector)[i] for i in heaviest))
    lists.replace_list(connection, article_id, one_per_group(found)[:LIST_LENGTH], at_size=size)
    offers = {
        one.entry.similar_id: Entry(similar_id=article_id, score=one.entry.score, why=one.entry.why) for one in found
    }
    lists.offer(connection, offers, keep=LIST_LENGTH)


def leave(connection: Connection, article_id: int, counts: TermCounts) -> None:
    """Take an article out of all lists, and its words out of the counts."""
    terms = sketches.terms_of(connection, article_id)
    counts.add(connection, [term_key(term.lemma) for term in terms], by=-1)
    lists.remove(connection, article_id)


def refresh(connection: Connection, counts: TermCounts, *, limit: int) -> int:
    """Make up to `limit` lists again that the collection has outgrown; returns how many there were."""
    size = articles.size(connection)
    stale = lists.outgrown(connection, size=int(size * OUTGROWN), limit=limit)
    for article_id, stored in sorted(lists.subjects(connection, stale).items()):
        wanted = _wanted(stored, sketches.terms_of(connection, article_id))
        found = _candidates(connection, wanted, _subject(connection, wanted, counts, size), counts, size)
        lists.replace_list(connection, article_id, one_per_group(found)[:LIST_LENGTH], at_size=size)
    return len(stale)


def compute(connection: Connection, wanted: Wanted) -> list[Entry]:
    """The list of a text, stored or not, from the collection as it is now; best first."""
    counts, size = TermCounts(), articles.size(connection)
    subject = _subject(connection, wanted, counts, size)
    return one_per_group(_candidates(connection, wanted, subject, counts, size))


def one_per_group(found: Iterable[Candidate]) -> list[Entry]:
    """The best entry of each copy group, in the order given."""
    best: dict[int, Entry] = {}
    for one in found:
        best.setdefault(one.copy_group, one.entry)
    return list(best.values())


def _wanted(stored: StoredSubject, terms: tuple[Term, ...]) -> Wanted:
    return Wanted(
        vector=unpack(stored.vector),
        terms=terms,
        numbers=frozenset(stored.numbers),
        names=stored.names,
        published_at=stored.published_at,
        own_id=stored.article_id,
        own_groups=frozenset({stored.copy_group}),
    )


def _candidates(
    connection: Connection, wanted: Wanted, subject: Subject, counts: TermCounts, size: int
) -> list[Candidate]:
    """The scored candidates, best first; the article's own copy group is left out."""
    surfaces = {term_key(term.lemma): term.surface for term in wanted.terms}
    ids = lists.sharing_terms(
        connection,
        _votes(subject, counts.of(connection, signed_keys(wanted.vector))),
        but=wanted.own_id,
        limit=CANDIDATES,
    )
    others = [one for one in lists.subjects(connection, ids).values() if one.copy_group not in wanted.own_groups]
    vectors = {one.article_id: unpack(one.vector) for one in others}
    known = counts.of(connection, {key for counted in vectors.values() for key in signed_keys(counted)})
    found = []
    for one in others:
        other = _subject(connection, _wanted(one, ()), counts, size)
        value, signals = score(subject, other)
        if value < MIN_SCORE:
            continue
        why = {
            "terms": shared_terms(wanted.vector, vectors[one.article_id], counts=known, surfaces=surfaces),
            "entities": sorted(subject.names & other.names),
            "signals": {name: round(signal, 3) for name, signal in signals.items()},
        }
        entry = Entry(similar_id=one.article_id, score=round(value, 4), why=why)
        found.append(Candidate(entry=entry, copy_group=one.copy_group))
    return sorted(found, key=lambda one: (-one.entry.score, one.entry.similar_id))


def _subject(connection: Connection, wanted: Wanted, counts: TermCounts, size: int) -> Subject:
    return Subject(
        keys=wanted.vector.keys,
        weights=weigh(wanted.vector, counts=counts.of(connection, signed_keys(wanted.vector)), size=size),
        numbers=wanted.numbers,
        names=wanted.names,
        published_at=wanted.published_at,
    )


def _votes(subject: Subject, counts: Mapping[int, int]) -> dict[int, float]:
    """The terms to look for others by: rarest first, until enough postings are read."""
    keys = subject.keys.view(np.int64)
    standing = np.array([counts.get(int(key), 0) for key in keys])
    votes, rows = dict[int, float](), 0
    for i in np.lexsort((keys, standing)):
        rows += int(standing[i])
        if votes and rows > POSTINGS_READ:
            break
        if standing[i]:
            votes[int(keys[i])] = float(subject.weights[i])
    return votes
