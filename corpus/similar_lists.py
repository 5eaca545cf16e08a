"""Similar lists: made when an article arrives, kept up to date in both directions.

The list of an article holds the best of each copy group but its own, LIST_LENGTH of them. It is what
`remake` makes of the collection as it stands, at any time: an article that arrives is offered to those
that it resembles; where one goes, or copy groups part or unite, the lists that named it are made anew.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from corpus import candidates, weighing
from corpus.candidates import Found, Wanted, find, one_per_group
from corpus.similar import Subject, number_keys
from corpus.store import Connection, lists
from corpus.store.lists import StoredSubject
from corpus.types import Article, Sketch
from corpus.vector import count, pack, unpack
from corpus.weighing import TermCounts

# More are kept than shown: a reader may ask for one source, or for so many of each.
LIST_LENGTH = 30

ENTRY = np.dtype([("article_id", "<i8"), ("score", "<f4"), ("tie", "<u4")])
Entries = npt.NDArray[np.void]

# Lists made anew in one go while all are; what is written at once is kept in memory.
AT_ONCE = 500

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def enter(
    connection: Connection,
    article_id: int,
    article: Article,
    sketch: Sketch,
    counts: TermCounts,
    *,
    group: int,
    repeats: bool = False,
    moved: Collection[int] = (),
) -> None:
    """Make the list of a new article, and offer it to the lists of those that it resembles.

    `group` is its copy group, in which it `repeats` others; between the groups `moved` others moved when it came.
    """
    counted, surfaces = count(sketch.terms)
    vector, posted = counts.weigh(connection, counted)
    stored = StoredSubject(
        article_id=article_id,
        copy_group=group,
        published=minutes(article.published_at),
        tie=zlib.crc32(article.url.encode()),
        numbers=number_keys(sketch.numbers).astype("<u4").tobytes(),
        vector=pack(vector),
        model=sketch.meaning.model if sketch.meaning else None,
        embedding=sketch.meaning.embedding if sketch.meaning else None,
    )
    lists.add_subject(connection, stored, surfaces=surfaces)
    candidates.post(connection, article_id, vector, posted)
    if moved:
        _regroup(connection, moved, but=article_id)
    found = find(connection, _wanted(stored))
    changed = _offers(stored, found, _copies_in(connection, found, group) if repeats else set())
    lists.put_lists(connection, {**changed, article_id: _list_of(found)})


def leave(connection: Connection, article_id: int, *, moved: Collection[int] = ()) -> None:
    """Take an article out of all lists, and make those that named it anew.

    To be called when its copy group is settled without it; between the groups `moved` others moved by that.
    """
    (stored,) = lists.subjects_of(connection, [article_id])
    named_in = _naming(connection, [article_id])
    candidates.withdraw(connection, article_id, unpack(stored.vector))
    lists.remove_subject(connection, article_id)
    if moved:
        _regroup(connection, moved)
    remake(connection, named_in)


def compute(connection: Connection, subject: Subject, *, own_groups: Iterable[int]) -> list[tuple[int, float]]:
    """The list of a text that is not stored, from the collection as it is now: (article, score), best first."""
    found = find(connection, Wanted(subject=subject, groups=frozenset(own_groups)))
    return _read(_list_of(found))


def subject_of(
    connection: Connection, article: Article, sketch: Sketch, *, names: frozenset[str]
) -> tuple[Subject, str]:
    """A text that is not stored as it is compared, and its terms as it spells them, in the order of its vector."""
    counted, surfaces = count(sketch.terms)
    vector, _ = TermCounts().weigh(connection, counted)
    published = minutes(article.published_at)
    subject = Subject(
        vector=vector,
        numbers=number_keys(sketch.numbers),
        names=names,
        published=published,
        meaning=sketch.meaning,
    )
    return subject, surfaces


def subjects(connection: Connection, ids: Collection[int]) -> dict[int, Subject]:
    """These stored articles as they are compared."""
    names = lists.names_of(connection, ids)
    stored = lists.subjects_of(connection, ids)
    return {one.article_id: candidates.subject(one, names.get(one.article_id, frozenset())) for one in stored}


def stored_list(connection: Connection, article_id: int) -> list[tuple[int, float]]:
    """The list of an article as it is stored: (article, score), best first."""
    return _read(lists.entries_of(connection, [article_id]).get(article_id, b""))


def remake(connection: Connection, ids: Iterable[int]) -> None:
    """Make the lists of these articles from the collection as it stands."""
    lists.put_lists(
        connection,
        {one.article_id: _list_of(find(connection, _wanted(one))) for one in lists.subjects_of(connection, list(ids))},
    )


def remake_all(connection: Connection) -> None:
    """Make all lists again."""
    after = 0
    while ids := lists.subject_ids(connection, after=after, limit=AT_ONCE):
        remake(connection, ids)
        after = ids[-1]


def renew(connection: Connection, *, grown: float = 0.0) -> bool:
    """Weigh all words anew and make all lists again, if the collection has `grown` so much; tells whether it had."""
    if grown and not weighing.due(connection, grown=grown):
        return False
    lists.take_groups(connection)
    weighing.weigh_all(connection)
    remake_all(connection)
    return True


def minutes(moment: datetime | None) -> int | None:
    """A time as it is compared."""
    return None if moment is None else int((moment - EPOCH).total_seconds() // 60)


def _offers(stored: StoredSubject, found: Found, copies: Collection[int]) -> dict[int, bytes]:
    """The lists that change when the article is offered to all that it resembles."""
    changed = {}
    for other, score in zip(found.stored, found.scores.tolist(), strict=True):
        entries = np.frombuffer(other.entries, dtype=ENTRY)
        last = entries[-1] if len(entries) == LIST_LENGTH else None
        if last is not None and not _before(score, stored.tie, last):
            continue
        new = np.array([(stored.article_id, score, stored.tie)], dtype=ENTRY)
        if copies:
            mate = np.flatnonzero(np.isin(entries["article_id"], list(copies)))
            if len(mate) and not _before(score, stored.tie, entries[mate[0]]):
                continue
            entries = np.delete(entries, mate)
        place = next((i for i, entry in enumerate(entries) if _before(score, stored.tie, entry)), len(entries))
        changed[other.article_id] = np.insert(entries, place, new)[:LIST_LENGTH].tobytes()
    return changed


def _copies_in(connection: Connection, found: Found, group: int) -> set[int]:
    """The articles of a copy group that the lists of these name: few, however many the group has."""
    named = {int(one) for other in found.stored for one in np.frombuffer(other.entries, dtype=ENTRY)["article_id"]}
    return {one for one, of in lists.copy_groups_of(connection, named).items() if of == group}


def _before(score: float, tie: int, entry: np.void) -> bool:
    """Whether an article of this score stands before an entry of a list."""
    return (-score, tie) < (-float(entry["score"]), int(entry["tie"]))


def _regroup(connection: Connection, groups: Collection[int], *, but: int = 0) -> None:
    """Let the lists know the copy groups as they are now; make those anew that named a member of one that changed.

    That `but` has joined a group changes no list that there was.
    """
    moved = lists.regrouped(connection, groups)
    if not moved:
        return
    old = {before for _, before, _ in moved}
    now = {after for _, _, after in moved}
    concerned = [one for one in lists.members(connection, old | now) if one != but]
    before = _partition(lists.copy_groups_of(connection, concerned))
    lists.set_groups(connection, {article_id: after for article_id, _, after in moved})
    changed = before ^ _partition(lists.copy_groups_of(connection, concerned))
    ids = sorted({one for group in changed for one in group})
    remake(connection, sorted({*ids, *_naming(connection, ids)}))


def _partition(groups: dict[int, int]) -> set[frozenset[int]]:
    members: dict[int, set[int]] = {}
    for article_id, group in groups.items():
        members.setdefault(group, set()).add(article_id)
    return {frozenset(some) for some in members.values()}


def _naming(connection: Connection, ids: Collection[int]) -> list[int]:
    """The articles whose lists name one of these."""
    naming = set[int]()
    for stored in lists.subjects_of(connection, ids):
        # Copies of it too: when groups unite, they still name each other's members.
        wanted = Wanted(subject=candidates.subject(stored), id=stored.article_id)
        for other in find(connection, wanted).stored:
            if stored.article_id in np.frombuffer(other.entries, dtype=ENTRY)["article_id"]:
                naming.add(other.article_id)
    return sorted(naming - set(ids))


def _wanted(stored: StoredSubject) -> Wanted:
    return Wanted(subject=candidates.subject(stored), id=stored.article_id, groups=frozenset({stored.copy_group}))


def _list_of(found: Found) -> bytes:
    rows = [
        (found.stored[place].article_id, found.scores[place], found.stored[place].tie)
        for place in one_per_group(found)[:LIST_LENGTH]
    ]
    return np.array(rows, dtype=ENTRY).tobytes()


def _read(entries: bytes) -> list[tuple[int, float]]:
    read = np.frombuffer(entries, dtype=ENTRY)
    return list(zip(read["article_id"].tolist(), read["score"].tolist(), strict=True))
