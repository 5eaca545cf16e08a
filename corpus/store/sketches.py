"""Signatures, their bands and sampled shingles, and the verified relations between copies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, delete, func, insert, or_, select, update

from corpus.store.schema import articles, bands, copy_edges, samples, sketches
from corpus.types import CopyKind, NearCopy, Precision, Sketch


@dataclass(frozen=True, kw_only=True)
class StoredSketch:
    """What the near-copy decision needs to know of a stored article."""

    article_id: int
    settings: str
    shingles: bytes
    numbers: tuple[str, ...]
    text_hash: bytes
    source_id: str | None
    published_at: datetime | None
    published_precision: Precision | None


def add(connection: Connection, article_id: int, sketch: Sketch) -> None:
    """Store what is compared of an article."""
    connection.execute(
        insert(sketches).values(
            article_id=article_id,
            settings=sketch.settings,
            signature=sketch.signature,
            shingles=sketch.shingles,
            numbers=list(sketch.numbers),
        )
    )


def add_keys(connection: Connection, article_id: int, *, band_keys: Iterable[int], sample_keys: Iterable[int]) -> None:
    """Make an article findable as a near-copy. Sorted: the tables are clustered by key."""
    for table, keys in ((bands, band_keys), (samples, sample_keys)):
        rows = [{"key": key, "article_id": article_id} for key in sorted(set(keys))]
        if rows:
            connection.execute(insert(table), rows)


def move_keys(connection: Connection, article_id: int, *, to: int) -> None:
    """Let another article be found by the keys of this one."""
    for table in (bands, samples):
        connection.execute(update(table).where(table.c.article_id == article_id).values(article_id=to))


def remove(connection: Connection, article_id: int) -> None:
    """Take all that is compared of an article away, its relations included."""
    for table in (bands, samples, sketches):
        connection.execute(delete(table).where(table.c.article_id == article_id))
    connection.execute(delete(copy_edges).where(or_(copy_edges.c.a_id == article_id, copy_edges.c.b_id == article_id)))


def other_settings(connection: Connection, ours: str) -> str | None:
    """Settings other than `ours` that some stored signature was made with."""
    # Two questions in one: SQLite reads one end of an index for each, and the whole table for both at once.
    first, last = (select(end(sketches.c.settings)).scalar_subquery() for end in (func.min, func.max))
    ends = connection.execute(select(first, last)).one()
    return next((settings for settings in ends if settings not in (None, ours)), None)


def first_with_text(connection: Connection, text_hash: bytes, *, but: int) -> int | None:
    """The first article whose folded words are exactly these."""
    statement = select(articles.c.id).where(articles.c.text_hash == text_hash, articles.c.id != but)
    return connection.execute(statement.order_by(articles.c.id).limit(1)).scalar()


def candidates(
    connection: Connection, *, band_keys: Sequence[int], sample_keys: Sequence[int], limit: int
) -> list[int]:
    """Articles that may be near-copies: one shared band, or two shared sampled shingles; likeliest first."""
    shared = _sharing(connection, samples, sample_keys, at_least=2, limit=limit)
    banded = _sharing(connection, bands, band_keys, at_least=1, limit=limit)
    return list(dict.fromkeys(banded + shared))[:limit]


def load(connection: Connection, ids: Collection[int]) -> list[StoredSketch]:
    """What is compared of these articles, in the order of their ids."""
    if not ids:
        return []
    statement = (
        select(
            sketches.c.article_id,
            sketches.c.settings,
            sketches.c.shingles,
            sketches.c.numbers,
            articles.c.text_hash,
            articles.c.source_id,
            articles.c.published_at,
            articles.c.published_precision,
        )
        .join(articles, articles.c.id == sketches.c.article_id)
        .where(sketches.c.article_id.in_(list(ids)))
        .order_by(sketches.c.article_id)
    )
    return [
        StoredSketch(
            article_id=row.article_id,
            settings=row.settings,
            shingles=row.shingles,
            numbers=tuple(row.numbers),
            text_hash=row.text_hash,
            source_id=row.source_id,
            published_at=row.published_at,
            published_precision=row.published_precision,
        )
        for row in connection.execute(statement)
    ]


def add_relations(connection: Connection, relations: Mapping[tuple[int, int], NearCopy]) -> None:
    """Store verified relations; each key is (smaller id, larger id) and names a and b."""
    rows = [
        {
            "a_id": a,
            "b_id": b,
            "kind": relation.kind.value,
            "jaccard": relation.jaccard,
            "containment_a": relation.containment_a,
            "containment_b": relation.containment_b,
        }
        for (a, b), relation in relations.items()
    ]
    if rows:
        connection.execute(insert(copy_edges), rows)


def relations_among(connection: Connection, ids: Collection[int]) -> dict[tuple[int, int], NearCopy]:
    """All relations with at least one side in `ids`."""
    if not ids:
        return {}
    some = list(ids)
    statement = select(copy_edges).where(or_(copy_edges.c.a_id.in_(some), copy_edges.c.b_id.in_(some)))
    return {
        (row.a_id, row.b_id): NearCopy(
            kind=CopyKind(row.kind),
            jaccard=row.jaccard,
            containment_a=row.containment_a,
            containment_b=row.containment_b,
        )
        for row in connection.execute(statement)
    }


def _sharing(connection: Connection, table: Table, keys: Sequence[int], *, at_least: int, limit: int) -> list[int]:
    if not keys:
        return []
    shared = func.count()
    statement = (
        select(table.c.article_id)
        .where(table.c.key.in_(list(keys)))
        .group_by(table.c.article_id)
        .having(shared >= at_least)
        .order_by(shared.desc(), table.c.article_id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())
