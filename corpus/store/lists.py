"""Terms, who shares them, and the stored similar lists."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    Float,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from corpus.store.schema import article_topics, articles, postings, similar, sketches, term_counts


@dataclass(frozen=True, kw_only=True)
class StoredSubject:
    """What the similar list needs to know of a stored article."""

    article_id: int
    copy_group: int
    vector: bytes
    numbers: tuple[str, ...]
    names: frozenset[str]
    published_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of a stored list."""

    similar_id: int
    score: float
    why: Mapping[str, Any]


def count_terms(connection: Connection, keys: Collection[int], *, by: int) -> None:
    """Note that one more (by=1) or one fewer (by=-1) article has each of these terms."""
    if not keys:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(term_counts)
    statement = statement.on_conflict_do_update(
        index_elements=[term_counts.c.key], set_={"articles": term_counts.c.articles + statement.excluded.articles}
    )
    connection.execute(statement, [{"key": key, "articles": by} for key in sorted(keys)])


def term_counts_of(connection: Connection, keys: Iterable[int]) -> dict[int, int]:
    """In how many articles each term stands; terms that stand in none are left out."""
    wanted, found = list(keys), dict[int, int]()
    # 10,000: SQLite allows 32,766 variables a statement.
    for start in range(0, len(wanted), 10_000):
        part = wanted[start : start + 10_000]
        rows = connection.execute(select(term_counts.c.key, term_counts.c.articles).where(term_counts.c.key.in_(part)))
        found.update({key: count for key, count in rows if count > 0})
    return found


def add_postings(connection: Connection, article_id: int, keys: Iterable[int]) -> None:
    """Make an article findable by its weightiest terms."""
    rows = [{"key": key, "article_id": article_id} for key in sorted(set(keys))]
    if rows:
        connection.execute(insert(postings), rows)


def sharing_terms(connection: Connection, weights: Mapping[int, float], *, but: int, limit: int) -> list[int]:
    """The articles that share most of these weighted terms, best first, `but` excluded."""
    if not weights:
        return []
    # One parameter for all: a statement with a list of values is compiled anew for every list.
    each = func.json_each if connection.dialect.name == "sqlite" else func.json_each_text
    given = bindparam("wanted", type_=JSON)
    pairs = each(given).table_valued("key", "value", name="wanted")
    total = func.sum(cast(pairs.c.value, Float))
    statement = (
        select(postings.c.article_id)
        .join_from(pairs, postings, postings.c.key == cast(pairs.c.key, BigInteger))
        .where(postings.c.article_id != but)
        .group_by(postings.c.article_id)
        .order_by(total.desc(), postings.c.article_id)
        .limit(limit)
    )
    return list(
        connection.execute(statement, {"wanted": {str(key): weight for key, weight in weights.items()}}).scalars()
    )


def subjects(connection: Connection, ids: Collection[int]) -> dict[int, StoredSubject]:
    """What the similar list needs to know of these articles."""
    if not ids:
        return {}
    wanted = list(ids)
    names: dict[int, set[str]] = {}
    topic_rows = select(article_topics.c.article_id, article_topics.c.names).where(
        article_topics.c.article_id.in_(wanted)
    )
    for article_id, found in connection.execute(topic_rows):
        names.setdefault(article_id, set()).update(found)
    statement = (
        select(articles.c.id, articles.c.copy_group, articles.c.published_at, sketches.c.vector, sketches.c.numbers)
        .join(sketches, sketches.c.article_id == articles.c.id)
        .where(articles.c.id.in_(wanted))
    )
    return {
        row.id: StoredSubject(
            article_id=row.id,
            copy_group=row.copy_group,
            vector=row.vector,
            numbers=tuple(row.numbers),
            names=frozenset(names.get(row.id, ())),
            published_at=row.published_at,
        )
        for row in connection.execute(statement)
    }


def replace_list(connection: Connection, article_id: int, entries: Sequence[Entry], *, at_size: int) -> None:
    """Store the similar list of an article, in place of the one that it had."""
    connection.execute(delete(similar).where(similar.c.article_id == article_id))
    _insert(connection, [(article_id, entry) for entry in entries])
    connection.execute(update(articles).where(articles.c.id == article_id).values(listed_at_size=at_size))


def make_room(connection: Connection, scores: Mapping[int, float], *, keep: int) -> list[int]:
    """The lists that take a new entry of this score each; a full one (`keep`) has lost its last entry for it."""
    if not scores:
        return []
    last_first = (similar.c.score, similar.c.similar_id.desc())
    ranked = (
        select(
            similar.c.article_id,
            similar.c.similar_id,
            similar.c.score,
            func.row_number().over(partition_by=similar.c.article_id, order_by=last_first).label("from_last"),
            func.count().over(partition_by=similar.c.article_id).label("length"),
        )
        .where(similar.c.article_id.in_(list(scores)))
        .subquery()
    )
    full = connection.execute(
        select(ranked.c.article_id, ranked.c.similar_id, ranked.c.score).where(
            ranked.c.from_last == 1, ranked.c.length >= keep
        )
    ).all()
    gone = [
        {"list_id": row.article_id, "entry_id": row.similar_id} for row in full if row.score < scores[row.article_id]
    ]
    if gone:
        one = and_(similar.c.article_id == bindparam("list_id"), similar.c.similar_id == bindparam("entry_id"))
        connection.execute(delete(similar).where(one), gone)
    refused = {row.article_id for row in full} - {row["list_id"] for row in gone}
    return [article_id for article_id in scores if article_id not in refused]


def add(connection: Connection, entries: Mapping[int, Entry]) -> None:
    """Add an entry to the list of each of these articles."""
    _insert(connection, list(entries.items()))


def stored_list(connection: Connection, article_id: int) -> list[Entry]:
    """The similar list of an article as it is stored, best first."""
    statement = (
        select(similar.c.similar_id, similar.c.score, similar.c.why)
        .where(similar.c.article_id == article_id)
        .order_by(similar.c.score.desc(), similar.c.similar_id)
    )
    return [Entry(similar_id=row.similar_id, score=row.score, why=row.why) for row in connection.execute(statement)]


def outgrown(connection: Connection, *, size: int, limit: int) -> list[int]:
    """Articles whose list was made when the collection had fewer than `size` articles."""
    statement = select(articles.c.id).where(articles.c.listed_at_size < size).order_by(articles.c.id).limit(limit)
    return list(connection.execute(statement).scalars())


def remove(connection: Connection, article_id: int) -> None:
    """Take an article out of the postings and out of all lists."""
    connection.execute(delete(postings).where(postings.c.article_id == article_id))
    connection.execute(
        delete(similar).where(or_(similar.c.article_id == article_id, similar.c.similar_id == article_id))
    )


def _insert(connection: Connection, rows: Sequence[tuple[int, Entry]]) -> None:
    if rows:
        connection.execute(
            insert(similar),
            [
                {"article_id": a, "similar_id": entry.similar_id, "score": entry.score, "why": dict(entry.why)}
                for a, entry in rows
            ],
        )
