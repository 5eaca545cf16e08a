"""Similar lists: made when an article arrives, kept up to date in both directions.

The list of an article holds the best of each copy group but its own, LIST_LENGTH of them. It is what
`remake` makes of the collection as it stands, at any time: an article that arrives is offered to those
that it resembles; where one goes, or copy groups part or unite, the lists that named it are made anew.
Articles for which others stand (`standing`) are stored, and take no part in this.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime

from corpus import candidates, standing, weighing
from corpus.candidates import Found, Posted, Wanted, find
from corpus.list_entries import Open, list_of, named, read
from corpus.similar import Subject, number_keys
from corpus.store import Connection, articles, lists
from corpus.store.lists import StoredSubject
from corpus.types import Article, Sketch
from corpus.vector import Vector, pack, unpack
from corpus.weighing import TermCounts

# Lists made in one go: what they are made of is read once, and kept in memory (some 2 KB an article).
AT_ONCE = 500

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """An article that was stored and is in no list yet."""

    article_id: int
    article: Article
    sketch: Sketch
    repeats: bool = False  # whether others were in its copy group
    moved: frozenset[int] = frozenset()  # groups between which others moved when it came


def enter(connection: Connection, arrivals: Sequence[Arrival], counts: TermCounts) -> None:
    """Make the lists of new articles, and offer these to the lists of those that they resemble.

    Together or one by one, the lists are the same; together it takes half the time. To be called before the
    transaction ends, and before an article goes.
    """
    if not arrivals:
        return
    groups = articles.groups_of(connection, [one.article_id for one in arrivals])
    weighed = counts.weigh(connection, [unpack(one.sketch.vector) for one in arrivals])
    new = {
        one.article_id: _stored(one, vector, group=groups[one.article_id])
        for one, (vector, _) in zip(arrivals, weighed, strict=True)
    }
    lists.add_subjects(connection, [(new[one.article_id], one.sketch.surfaces) for one in arrivals])
    moved = set[int]().union(*(one.moved for one in arrivals))
    _settle(
        connection,
        {one.article_id: by for one, by in zip(arrivals, weighed, strict=True) if not one.repeats},
        [one for one in new.values() if one.stands],
        stale=_regroup(connection, moved, but=new.keys()) if moved else set(),
        groups=moved.union(one.copy_group for one in new.values() if not one.stands),
        counts=counts,
    )


def analyse(connection: Connection, sketches: Mapping[int, Sketch], *, counts: TermCounts) -> None:
    """Let stored articles be compared by these sketches from now on. All lists are to be made again after it."""
    weighed = counts.weigh(connection, [unpack(one.vector) for one in sketches.values()])
    lists.replace_terms(
        connection,
        {
            article_id: (pack(vector), number_keys(one.numbers).tobytes(), one.surfaces)
            for (article_id, one), (vector, _) in zip(sketches.items(), weighed, strict=True)
        },
    )


def leave(
    connection: Connection, ids: Collection[int], *, moved: Collection[int] = (), going: Set[int] = frozenset()
) -> None:
    """Take articles out of all lists, and make those that named them anew, but of those that are `going` next.

    To be called when their copy groups are settled without them; between the groups `moved` others moved by that.
    """
    leaving = lists.subjects_of(connection, ids)
    standing = {one.article_id: unpack(one.vector) for one in leaving if one.stands}
    stale = _naming(connection, standing) - set(ids)
    candidates.withdraw(connection, standing)
    for article_id in ids:
        lists.remove_subject(connection, article_id)
    stale |= _regroup(connection, moved) if moved else set()
    groups = {*moved, *(one.copy_group for one in leaving)}
    _settle(connection, {}, [], stale=stale, groups=groups, counts=TermCounts(), going=going)


def compare_anew(connection: Connection, ids: Collection[int]) -> None:
    """Make the lists anew of these articles and of all that named them or now may: other concepts are named in them."""
    if ids:
        remake(connection, _naming(connection, ids).union(ids, _similar(connection, ids)))


def compute(connection: Connection, subject: Subject, *, own_groups: Iterable[int]) -> list[tuple[int, float]]:
    """The list of a text that is not stored, from the collection as it is now: (article, score), best first."""
    (found,) = find(connection, [Wanted(subject=subject, groups=frozenset(own_groups))])
    return read(list_of(found))


def subject_of(connection: Connection, article: Article, sketch: Sketch, *, names: frozenset[str]) -> Subject:
    """A text that is not stored, as it is compared."""
    ((vector, _),) = TermCounts().weigh(connection, [unpack(sketch.vector)])
    return Subject(
        vector=pack(vector),
        numbers=number_keys(sketch.numbers).tobytes(),
        names=names,
        published=minutes(article.published_at),
        meaning=sketch.meaning,
    )


def subjects(connection: Connection, ids: Collection[int]) -> dict[int, Subject]:
    """These stored articles as they are compared."""
    names = lists.names_of(connection, ids)
    stored = lists.subjects_of(connection, ids)
    return {one.article_id: candidates.subject(one, names.get(one.article_id, frozenset())) for one in stored}


def stored_list(connection: Connection, article_id: int) -> list[tuple[int, float]]:
    """The list of an article as it is stored, or of one that stands for it: (article, score), best first."""
    return read(lists.list_of(connection, article_id))


def remake(connection: Connection, ids: Iterable[int]) -> None:
    """Make the lists of these articles from the collection as it stands."""
    left = sorted(ids)
    for start in range(0, len(left), AT_ONCE):
        some = [one for one in lists.subjects_of(connection, left[start : start + AT_ONCE]) if one.stands]
        lists.put_lists(connection, _lists(some, _found(connection, some)))


def remake_all(connection: Connection, *, told: Callable[[int], None] = lambda _: None) -> None:
    """Make all lists again; `told` hears how many are made."""
    after, made = 0, 0
    while ids := lists.subject_ids(connection, after=after, limit=AT_ONCE):
        remake(connection, ids)
        after, made = ids[-1], made + len(ids)
        told(made)


def renew(connection: Connection, *, grown: float = 0.0, told: Callable[[int], None] = lambda _: None) -> bool:
    """Weigh all words anew and make all lists again, if the collection has `grown` so much; tells whether it had.

    `told` hears how many lists are made, first that none is.
    """
    if grown and not weighing.due(connection, grown=grown):
        return False
    told(0)
    lists.take_groups(connection)
    standing.settle_all(connection)
    weighing.weigh_all(connection)
    remake_all(connection, told=told)
    return True


def minutes(moment: datetime | None) -> int | None:
    """A time as it is compared."""
    return None if moment is None else int((moment - EPOCH).total_seconds() // 60)


def _stored(one: Arrival, vector: Vector, *, group: int) -> StoredSubject:
    meaning = one.sketch.meaning
    return StoredSubject(
        article_id=one.article_id,
        copy_group=group,
        stands=int(not one.repeats),  # of a group with others, `standing` tells who does
        published=minutes(one.article.published_at),
        tie=zlib.crc32(one.article.url.encode()),
        numbers=number_keys(one.sketch.numbers).tobytes(),
        vector=pack(vector),
        model=meaning.model if meaning else None,
        embedding=meaning.embedding if meaning else None,
    )


def _settle(
    connection: Connection,
    posted: Mapping[int, tuple[Vector, Posted]],
    entering: Sequence[StoredSubject],
    *,
    stale: set[int],
    groups: Collection[int],
    counts: TermCounts,
    going: Set[int] = frozenset(),
) -> None:
    """Let those `entering` be found, let others stand for `groups` if they are to, and bring the lists up to date.

    Lists in `stale` are made anew, but those of articles that are `going`.
    """
    change = standing.settle(connection, groups)
    down = lists.subjects_of(connection, change.down)
    candidates.withdraw(connection, {one.article_id: unpack(one.vector) for one in down})
    up = lists.subjects_of(connection, change.up)
    weighed = counts.weigh(connection, [unpack(one.vector) for one in up])
    found_by = {**posted, **{one.article_id: by for one, by in zip(up, weighed, strict=True)}}
    # Of those that came together, more may be copies of each other than stand.
    candidates.post(connection, {one: by for one, by in found_by.items() if one not in change.down})
    stale |= _naming(connection, change.down)
    _offer(connection, [one for one in (*entering, *up) if one.article_id not in change.down], but=stale)
    remake(connection, stale.difference(change.up, change.down, posted) - going)


def _offer(connection: Connection, entering: Sequence[StoredSubject], *, but: Collection[int]) -> None:
    """Make the lists of articles that can be found from now on, and offer these to the lists of others."""
    found = _found(connection, entering)
    made = _lists(entering, found)
    others = {other.article_id for some in found for other in some.stored}.difference(made, but)
    stored = lists.entries_of(connection, others)
    opened = {other: Open(stored.get(other, b"")) for other in others}
    standing_in = lists.standing_in(connection, {one.copy_group for one in entering})
    for one, some in zip(entering, found, strict=True):
        copies = {other for _, other in standing_in[one.copy_group]} - {one.article_id}
        for other, score in zip(some.stored, some.scores.tolist(), strict=True):
            if (its := opened.get(other.article_id)) is not None:
                its.offer(one.article_id, score, one.tie, copies=copies)
    changed = {other: entries for other, its in opened.items() if (entries := its.changed) is not None}
    lists.put_lists(connection, made | changed)


def _regroup(connection: Connection, groups: Collection[int], *, but: Collection[int] = ()) -> set[int]:
    """Let the lists know the copy groups as they are now; returns those that named a member of one that changed.

    That `but` have joined a group changes no list that there was.
    """
    moved = lists.regrouped(connection, groups)
    if not moved:
        return set()
    old = {before for _, before, _ in moved}
    now = {after for _, _, after in moved}
    members = lists.standing_in(connection, old | now).values()
    concerned = [one for some in members for _, one in some if one not in but]
    before = _partition(lists.copy_groups_of(connection, concerned))
    lists.set_groups(connection, {article_id: after for article_id, _, after in moved})
    changed = before ^ _partition(lists.copy_groups_of(connection, concerned))
    ids = {one for group in changed for one in group}
    return ids | _naming(connection, ids)


def _partition(groups: dict[int, int]) -> set[frozenset[int]]:
    members: dict[int, set[int]] = {}
    for article_id, group in groups.items():
        members.setdefault(group, set()).add(article_id)
    return {frozenset(some) for some in members.values()}


def _naming(connection: Connection, ids: Collection[int]) -> set[int]:
    """The articles whose lists name one of these."""
    # However many may be similar to it, and copies of it too: when groups unite, they still name each other's members.
    wanted = [_wanted(one) for one in lists.subjects_of(connection, ids)]
    stored = lists.entries_of(connection, candidates.sharing(connection, wanted))
    return {other for other, entries in stored.items() if not set(ids).isdisjoint(named(entries))} - set(ids)


def _similar(connection: Connection, ids: Collection[int]) -> set[int]:
    """The articles that one of these is similar to."""
    return {
        other.article_id for found in _found(connection, lists.subjects_of(connection, ids)) for other in found.stored
    }


def _found(connection: Connection, some: Sequence[StoredSubject]) -> list[Found]:
    return find(connection, [_wanted(one) for one in some])


def _lists(some: Sequence[StoredSubject], found: Sequence[Found]) -> dict[int, bytes]:
    return {one.article_id: list_of(by) for one, by in zip(some, found, strict=True)}


def _wanted(stored: StoredSubject) -> Wanted:
    return Wanted(subject=candidates.subject(stored), id=stored.article_id, groups=frozenset({stored.copy_group}))
