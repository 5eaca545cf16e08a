"""Similar lists: made when an article arrives, kept up to date in both directions.

What is similar is decided in `similar`; here the decision meets the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from corpus.similar import (
    CANDIDATES,
    LIST_LENGTH,
    POSTED_TERMS,
    POSTINGS_READ,
    Subject,
    Vector,
    score,
    shared_terms,
    signed,
    term_key,
    unpack,
    vector,
    weigh,
)
from corpus.store import Connection, articles, lists, sketches
from corpus.store.lists import Entry, StoredSubject
from corpus.types import Sketch, Term

# A list made when the collection had under half of its articles is made again at the end of a
# run: the weights of its words were those of another collection. Guess.
OUTGROWN = 0.5


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

    @property
    def known(self) -> Mapping[int, int]:
        """The counts that were read so far."""
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
    """An article scored against the wanted one."""

    id: int
    copy_group: int
    score: float
    signals: Mapping[str, float]
    subject: Subject
    vector: Vector


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
    counts.add(connection, signed(vector(sketch.terms).keys), by=1)
    size = articles.size(connection)
    wanted = _wanted(lists.subjects(connection, [article_id])[article_id], sketch.terms)
    comparison = Comparison.of(connection, wanted, counts, size)
    found = comparison.candidates(connection)
    heaviest = np.argsort(-comparison.subject.weights, kind="stable")[:POSTED_TERMS]
    lists.add_postings(connection, article_id, signed(wanted.vector.keys[heaviest]))
    own = [comparison.entry(one, similar_id=one.id) for one in one_per_group(found)[:LIST_LENGTH]]
    lists.replace_list(connection, article_id, own, at_size=size)
    by_id = {one.id: one for one in found}
    taken = lists.make_room(connection, {one.id: one.score for one in found}, keep=LIST_LENGTH)
    lists.add(connection, {other: comparison.entry(by_id[other], similar_id=article_id) for other in taken})


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
        comparison = Comparison.of(connection, wanted, counts, size)
        lists.replace_list(connection, article_id, comparison.list(connection)[:LIST_LENGTH], at_size=size)
    return len(stale)


def compute(connection: Connection, wanted: Wanted) -> list[Entry]:
    """The list of a text, stored or not, from the collection as it is now; best first."""
    return Comparison.of(connection, wanted, TermCounts(), articles.size(connection)).list(connection)


def one_per_group(found: Iterable[Candidate]) -> list[Candidate]:
    """The best candidate of each copy group, in the order given."""
    best: dict[int, Candidate] = {}
    for one in found:
        best.setdefault(one.copy_group, one)
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


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A wanted article, compared with others under the term counts of now."""

    wanted: Wanted
    subject: Subject
    counts: TermCounts
    size: int  # of the collection
    surfaces: Mapping[int, str]

    @classmethod
    def of(cls, connection: Connection, wanted: Wanted, counts: TermCounts, size: int) -> Comparison:
        known = counts.of(connection, signed(wanted.vector.keys))
        (weights,) = weigh([wanted.vector], counts=known, size=size)
        surfaces = {term_key(term.lemma): term.surface for term in wanted.terms}
        return cls(wanted=wanted, subject=_subject(wanted, weights), counts=counts, size=size, surfaces=surfaces)

    def candidates(self, connection: Connection) -> list[Candidate]:
        """The scored candidates, best first; the article's own copy group is left out."""
        votes = _votes(self.subject, self.counts.known)
        ids = lists.sharing_terms(connection, votes, but=self.wanted.own_id, limit=CANDIDATES)
        stored = lists.subjects(connection, ids).values()
        others = [_wanted(one, ()) for one in stored if one.copy_group not in self.wanted.own_groups]
        vectors = [one.vector for one in others]
        known = self.counts.of(connection, {key for one in vectors for key in signed(one.keys)})
        found = []
        for other, weights in zip(others, weigh(vectors, counts=known, size=self.size), strict=True):
            subject = _subject(other, weights)
            value, signals = score(self.subject, subject)
            if value > 0:
                found.append(
                    Candidate(
                        id=other.own_id,
                        copy_group=min(other.own_groups),
                        score=round(value, 4),
                        signals=signals,
                        subject=subject,
                        vector=other.vector,
                    )
                )
        return sorted(found, key=lambda one: (-one.score, one.id))

    def list(self, connection: Connection) -> list[Entry]:
        """The list of the wanted article, best first, one entry a copy group."""
        return [self.entry(one, similar_id=one.id) for one in one_per_group(self.candidates(connection))]

    def entry(self, candidate: Candidate, *, similar_id: int) -> Entry:
        """The row of a list that names `similar_id`, with the reasons that the two articles have in common."""
        known = self.counts.known
        why = {
            "terms": shared_terms(self.wanted.vector, candidate.vector, counts=known, surfaces=self.surfaces),
            "entities": sorted(self.subject.names & candidate.subject.names),
            "signals": {name: round(signal, 3) for name, signal in candidate.signals.items()},
        }
        return Entry(similar_id=similar_id, score=candidate.score, why=why)


def _subject(wanted: Wanted, weights: npt.NDArray[np.float64]) -> Subject:
    return Subject(
        keys=wanted.vector.keys,
        weights=weights,
        numbers=wanted.numbers,
        names=wanted.names,
        published_at=wanted.published_at,
    )


def _votes(subject: Subject, counts: Mapping[int, int]) -> dict[int, float]:
    """The terms to look for others by: rarest first, until enough postings are read."""
    keys = signed(subject.keys)
    standing = np.array([counts.get(key, 0) for key in keys])
    votes, rows = dict[int, float](), 0
    for i in np.lexsort((subject.keys, standing)):
        rows += int(standing[i])
        if votes and rows > POSTINGS_READ:
            break
        if standing[i]:
            votes[keys[i]] = float(subject.weights[i])
    return votes
