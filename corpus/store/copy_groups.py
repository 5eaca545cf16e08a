"""Verified relations of texts, the cores that they unite, and the groups that these form.

What unites and what hangs on what is decided in `corpus.near_copy`, through `corpus.copy_groups`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from corpus.near_copy import Age
from corpus.store import raw
from corpus.store.columns import among
from corpus.store.schema import articles, copy_cores, copy_edges, texts
from corpus.thresholds import UNITES
from corpus.types import CopyKind, NearCopy


@dataclass(frozen=True, kw_only=True)
class Core:
    """Texts united by strong relations."""

    id: int
    age: Age
    size: int
    linked: bool
    hangs_on: int | None


class Link(NamedTuple):
    """A weak relation as one of its cores has it."""

    core: int
    other: int
    may_hang: bool  # whether it is one of the core's earliest text to an earlier one
    strength: tuple[float, float]


class Member(NamedTuple):
    """A text of a core."""

    age: Age
    is_first: bool  # the core's earliest


def add_edges(connection: Connection, text_id: int, found: Mapping[int, NearCopy]) -> None:
    """Store verified relations of a text; its own side is a in each."""
    rows = [
        {
            "a_id": min(text_id, other),
            "b_id": max(text_id, other),
            "kind": one.kind.value,
            "jaccard": one.jaccard,
            "containment_a": one.containment_a if text_id < other else one.containment_b,
            "containment_b": one.containment_b if text_id < other else one.containment_a,
        }
        for other, one in found.items()
    ]
    raw.run(connection, _INSERT_EDGE, rows)


def edges_of(connection: Connection, ids: Collection[int]) -> dict[tuple[int, int], NearCopy]:
    """All stored relations with at least one side in `ids`: (smaller id, larger id) → relation of a and b."""
    if not ids:
        return {}
    return {
        (row.a_id, row.b_id): NearCopy(
            kind=CopyKind(row.kind),
            jaccard=row.jaccard,
            containment_a=row.containment_a,
            containment_b=row.containment_b,
        )
        for statement in (_EDGES_OF_A, _EDGES_OF_B)
        for row in connection.execute(statement, {"ids": ids})
    }


def remove_edges(connection: Connection, text_id: int) -> None:
    """Take away all relations of a text."""
    connection.execute(delete(copy_edges).where(or_(copy_edges.c.a_id == text_id, copy_edges.c.b_id == text_id)))


def cores(connection: Connection, ids: Collection[int]) -> dict[int, Core]:
    """These cores."""
    return {
        core_id: Core(id=core_id, age=Age(raw.moment(at), text_hash), size=size, linked=bool(linked), hangs_on=other)
        for core_id, at, text_hash, size, linked, other in raw.rows_among(connection, _CORES, ids)
    }


def core_of_each(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """The core of each text; texts without copies so far become cores of their own."""
    found: dict[int, int | None] = dict(raw.rows_among(connection, "SELECT id, core_id FROM texts WHERE id", ids))
    alone = [text_id for text_id, core_id in found.items() if core_id is None]
    ages = raw.rows_among(connection, "SELECT id, published_by, text_hash FROM texts WHERE id", alone)
    add_cores(connection, {text_id: Age(raw.moment(at), text_hash) for text_id, at, text_hash in ages})
    return {text_id: text_id if core_id is None else core_id for text_id, core_id in found.items()}


def add_cores(connection: Connection, ages: Mapping[int, Age]) -> None:
    """Make each of these texts a core."""
    rows = [
        {"id": text_id, **_age(connection, age), "size": 1, "linked": False, "hangs_on": None}
        for text_id, age in ages.items()
    ]
    raw.run(connection, _INSERT_CORE, rows)
    raw.run(connection, _PUT_INTO_CORE, [{"text": text_id, "core": text_id} for text_id in ages])


def put_into_core(connection: Connection, text_id: int, core_id: int) -> None:
    """Make a text one of a core's."""
    raw.run(connection, _PUT_INTO_CORE, [{"text": text_id, "core": core_id}])


def merge_cores(connection: Connection, others: Collection[int], *, into: int) -> None:
    """Give the texts of other cores, and what hangs on these, to one core; the others are no more."""
    wanted = {"ids": list(others)}
    connection.execute(update(texts).where(among(texts.c.core_id, "ids")).values(core_id=into), wanted)
    connection.execute(update(copy_cores).where(among(copy_cores.c.hangs_on, "ids")).values(hangs_on=into), wanted)
    connection.execute(delete(copy_cores).where(among(copy_cores.c.id, "ids")), wanted)


def set_core(connection: Connection, core: Core) -> None:
    """Store what is known of a core."""
    values = {"id": core.id, "size": core.size, "linked": core.linked, "hangs_on": core.hangs_on}
    raw.run(connection, _SET_CORE, [values | _age(connection, core.age)])


def set_linked(connection: Connection, ids: Collection[int]) -> None:
    """Note that weak relations lead to or from these cores."""
    raw.run(connection, _SET_LINKED, [{"id": core_id, "linked": True} for core_id in ids])


def set_hangs_on(connection: Connection, core_id: int, other: int | None) -> None:
    """Note on which core a core hangs."""
    raw.run(connection, "UPDATE copy_cores SET hangs_on = :other WHERE id = :core", [{"core": core_id, "other": other}])


def links(connection: Connection, ids: Collection[int]) -> Iterator[Link]:
    """The weak relations of these cores, each from both sides, in no order."""
    for side in ("text_a.core_id", "text_b.core_id"):
        rows = raw.rows_among(connection, f"{_LINKS} AND {side}", ids, {"unites": UNITES})
        for a, b, jaccard, of_a, of_b, *ages in rows:
            at_a, hash_a, first_a, at_b, hash_b, first_b = ages
            a_is_earlier = (raw.moment(at_a), hash_a) < (raw.moment(at_b), hash_b)
            strong = jaccard, max(of_a, of_b)
            yield Link(a, b, bool(first_a) and not a_is_earlier, strong)
            yield Link(b, a, bool(first_b) and a_is_earlier, strong)


def members(connection: Connection, text_ids: Collection[int]) -> dict[int, Member]:
    """These texts as members of their cores."""
    return {
        text_id: Member(Age(raw.moment(at), text_hash), bool(is_first))
        for text_id, at, text_hash, is_first in raw.rows_among(connection, _MEMBERS, text_ids)
    }


def texts_of_core(connection: Connection, core_id: int) -> list[int]:
    """The texts of a core, in the order of their ids."""
    statement = select(texts.c.id).where(texts.c.core_id == core_id).order_by(texts.c.id)
    return list(connection.execute(statement).scalars())


def hanging_on(connection: Connection, core_id: int) -> list[int]:
    """The cores that hang on a core, those that hang on these, and so on; itself first."""
    found, last = [core_id], [core_id]
    while last:
        last = _hang_on(connection, last)
        found += last
    return found


def remove_core(connection: Connection, core_id: int) -> list[int]:
    """Let a core be no more: its texts are alone, and nothing hangs on it; returns what did."""
    hanging = _hang_on(connection, [core_id])
    connection.execute(update(texts).where(texts.c.core_id == core_id).values(core_id=None))
    connection.execute(update(copy_cores).where(copy_cores.c.hangs_on == core_id).values(hangs_on=None))
    connection.execute(delete(copy_cores).where(copy_cores.c.id == core_id))
    return hanging


def earliest_of(connection: Connection, core_id: int) -> Age | None:
    """The age of the earliest text of a core; None when it has no text."""
    statement = select(texts.c.published_by, texts.c.text_hash).where(texts.c.core_id == core_id)
    row = connection.execute(statement.order_by(texts.c.published_by, texts.c.text_hash).limit(1)).first()
    return None if row is None else Age(row.published_by, bytes(row.text_hash))


def set_group(connection: Connection, group: int, *, of_cores: Collection[int]) -> set[int]:
    """Record the copy group of all articles whose texts are in these cores; returns the groups that they had."""
    had = {row[0] for row in raw.rows_among(connection, _OTHER_GROUPS, of_cores, {"group": group})}
    if had:
        connection.execute(_SET_GROUP, {"ids": of_cores, "group": group})
    return had


def rename_groups(connection: Connection, groups: Collection[int], *, to: int) -> None:
    """Give the articles of some groups to another."""
    connection.execute(_RENAME_GROUPS, {"ids": groups, "group": to})


def set_alone(connection: Connection, text_ids: Collection[int]) -> set[int]:
    """Record that the articles with each of these texts repeat no other text; returns the groups that they had."""
    had = set(connection.execute(_GROUPS_OF_TEXTS, {"ids": text_ids}).scalars())
    statement = update(articles).where(among(articles.c.text_id, "ids")).values(copy_group=articles.c.text_id)
    connection.execute(statement, {"ids": text_ids})
    return had


def clear(connection: Connection) -> None:
    """Take away all relations and cores."""
    connection.execute(delete(copy_edges))
    connection.execute(delete(copy_cores))


def _hang_on(connection: Connection, core_ids: Collection[int]) -> list[int]:
    return [row[0] for row in raw.rows_among(connection, "SELECT id FROM copy_cores WHERE hangs_on", core_ids)]


def _age(connection: Connection, age: Age) -> dict[str, Any]:
    return {"published_by": raw.stored(connection, age.published_by), "text_hash": age.text_hash}


_INSERT_EDGE = (
    "INSERT INTO copy_edges (a_id, b_id, kind, jaccard, containment_a, containment_b)"
    " VALUES (:a_id, :b_id, :kind, :jaccard, :containment_a, :containment_b)"
)
_EDGES_OF_A = select(copy_edges).where(among(copy_edges.c.a_id, "ids"))
_EDGES_OF_B = select(copy_edges).where(among(copy_edges.c.b_id, "ids"))
_CORES = "SELECT id, published_by, text_hash, size, linked, hangs_on FROM copy_cores WHERE id"
_INSERT_CORE = (
    "INSERT INTO copy_cores (id, published_by, text_hash, size, linked, hangs_on)"
    " VALUES (:id, :published_by, :text_hash, :size, :linked, :hangs_on)"
)
_SET_CORE = (
    "UPDATE copy_cores SET published_by = :published_by, text_hash = :text_hash, size = :size, linked = :linked,"
    " hangs_on = :hangs_on WHERE id = :id"
)
_SET_LINKED = "UPDATE copy_cores SET linked = :linked WHERE id = :id"
_PUT_INTO_CORE = "UPDATE texts SET core_id = :core WHERE id = :text"
_LINKS = (
    "SELECT text_a.core_id, text_b.core_id, jaccard, containment_a, containment_b,"
    " text_a.published_by, text_a.text_hash, text_a.text_hash = core_a.text_hash,"
    " text_b.published_by, text_b.text_hash, text_b.text_hash = core_b.text_hash FROM copy_edges"
    " JOIN texts AS text_a ON text_a.id = a_id JOIN texts AS text_b ON text_b.id = b_id"
    " JOIN copy_cores AS core_a ON core_a.id = text_a.core_id JOIN copy_cores AS core_b ON core_b.id = text_b.core_id"
    " WHERE jaccard < :unites AND text_a.core_id <> text_b.core_id"
)
_MEMBERS = (
    "SELECT texts.id, texts.published_by, texts.text_hash, texts.text_hash = copy_cores.text_hash FROM texts"
    " JOIN copy_cores ON copy_cores.id = core_id WHERE texts.id"
)
_OTHER_GROUPS = (
    "SELECT DISTINCT copy_group FROM articles JOIN texts ON texts.id = articles.text_id"
    " WHERE copy_group <> :group AND texts.core_id"
)
_SET_GROUP = (
    update(articles)
    .where(
        articles.c.text_id.in_(select(texts.c.id).where(among(texts.c.core_id, "ids"))),
        articles.c.copy_group != bindparam("group"),
    )
    .values(copy_group=bindparam("group"))
)
_RENAME_GROUPS = update(articles).where(among(articles.c.copy_group, "ids")).values(copy_group=bindparam("group"))
_GROUPS_OF_TEXTS = select(articles.c.copy_group).distinct().where(among(articles.c.text_id, "ids"))
