"""Similar lists, and what finds candidates for them: subjects, postings, counts of terms.

A list and a term's postings are arrays in one row each, not rows: an article enters some thirty
lists and forty postings, and is compared with a hundred others, each time one arrives. What the
bytes mean is known to `corpus.similar_lists` and `corpus.candidates`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Executable, insert, select, text
from sqlalchemy.types import TypeEngine

from corpus.store.schema import article_topics, articles, postings, term_counts, weighings


class Weighing(NamedTuple):
    """The state of the collection that weights were made in."""

    number: int
    articles: int


class StoredSubject(NamedTuple):
    """What is compared of a stored article; bytes as `corpus.candidates` packs them."""

    article_id: int
    copy_group: int  # as its lists know it
    published: int | None  # minutes since 1970
    tie: int  # decides between equals, whoever came first
    numbers: bytes
    vector: bytes
    entries: bytes = b""  # its own list


class Shown(NamedTuple):
    """What a list shows of an article."""

    id: int
    url: str
    title: str
    source_id: str | None
    published_at: datetime | None
    copy_group: int


def weighing(connection: Connection) -> Weighing:
    """The last weighing; number 0, of no articles, before the first."""
    row = connection.execute(_statement("SELECT number, articles FROM weighings")).one_or_none()
    return Weighing(0, 0) if row is None else Weighing(row.number, row.articles)


def term_counts_of(connection: Connection, keys: Collection[int]) -> dict[int, int]:
    """In how many articles each term stood at the last weighing; those that stood in fewer than two are left out."""
    rows = _among(connection, "SELECT key, articles FROM term_counts WHERE key", keys)
    return dict(rows)


def replace_weighing(connection: Connection, *, articles: int, counts: Iterator[tuple[int, int]]) -> None:
    """Put a new weighing, with its counts of terms, in place of the last."""
    number = weighing(connection).number + 1
    connection.execute(weighings.delete())
    connection.execute(insert(weighings), {"number": number, "articles": articles})
    connection.execute(term_counts.delete())
    connection.execute(postings.delete())
    while part := [{"key": key, "articles": count} for _, (key, count) in zip(range(10_000), counts, strict=False)]:
        connection.execute(insert(term_counts), part)


def add_subject(connection: Connection, subject: StoredSubject, *, surfaces: str) -> None:
    """Store what is compared of an article."""
    sql = (
        "INSERT INTO subjects (article_id, copy_group, published, tie, numbers, vector, surfaces)"
        " VALUES (:article_id, :copy_group, :published, :tie, :numbers, :vector, :surfaces)"
    )
    connection.execute(_statement(sql), {**subject._asdict(), "surfaces": surfaces})


def remove_subject(connection: Connection, article_id: int) -> None:
    """Take away what is compared of an article, and its list."""
    for sql in ("DELETE FROM subjects WHERE article_id = :id", "DELETE FROM similar_lists WHERE article_id = :id"):
        connection.execute(_statement(sql), {"id": article_id})


def subjects_of(connection: Connection, ids: Collection[int]) -> list[StoredSubject]:
    """What is compared of these articles, with their lists; by id."""
    rows = _among(
        connection,
        "SELECT s.article_id, s.copy_group, s.published, s.tie, s.numbers, s.vector, l.entries"
        " FROM subjects s LEFT JOIN similar_lists l ON l.article_id = s.article_id WHERE s.article_id",
        ids,
    )
    return sorted(StoredSubject._make((*row[:-1], row[-1] or b"")) for row in rows)


def subject_ids(connection: Connection, *, after: int, limit: int) -> list[int]:
    """The next ids of articles that are compared."""
    sql = "SELECT article_id FROM subjects WHERE article_id > :after ORDER BY article_id LIMIT :most"
    return list(connection.execute(_statement(sql), {"after": after, "most": limit}).scalars())


def size(connection: Connection, *, most: int) -> int:
    """How many articles are compared; counted up to `most`."""
    sql = "SELECT count(*) FROM (SELECT 1 FROM subjects LIMIT :most) AS counted"
    return int(connection.execute(_statement(sql), {"most": most}).scalar_one())


def vectors(connection: Connection, first: int, last: int) -> dict[int, bytes]:
    """The vectors of the articles with ids from `first` to `last`."""
    sql = "SELECT article_id, vector FROM subjects WHERE article_id BETWEEN :first AND :last ORDER BY article_id"
    rows = connection.execute(_statement(sql), {"first": first, "last": last})
    return {row[0]: row[1] for row in rows}


def replace_vectors(connection: Connection, vectors: Mapping[int, bytes]) -> None:
    """Store new vectors of these articles."""
    rows = [{"id": article_id, "vector": vector} for article_id, vector in vectors.items()]
    if rows:
        connection.execute(_statement("UPDATE subjects SET vector = :vector WHERE article_id = :id"), rows)


def surfaces_of(connection: Connection, article_id: int) -> str:
    """The terms of an article as it spells them, in the order of its vector."""
    sql = "SELECT surfaces FROM subjects WHERE article_id = :id"
    return str(connection.execute(_statement(sql), {"id": article_id}).scalar() or "")


def names_of(connection: Connection, ids: Collection[int]) -> dict[int, frozenset[str]]:
    """The concepts of their topics that these articles name."""
    names: dict[int, frozenset[str]] = {}
    for article_id, found in _among(
        connection,
        "SELECT article_id, names FROM article_topics WHERE article_id",
        ids,
        names=article_topics.c.names.type,
    ):
        names[article_id] = names.get(article_id, frozenset()) | frozenset(found)
    return names


def add_postings(connection: Connection, rows: Sequence[tuple[int, int, bytes]]) -> None:
    """Append entries to the postings of (key, chunk)."""
    joined = "CAST(postings.entries || excluded.entries AS BLOB)"  # SQLite's || makes text of bytes
    if connection.dialect.name == "postgresql":
        joined = "postings.entries || excluded.entries"
    sql = (
        "INSERT INTO postings (key, chunk, entries) VALUES (:key, :chunk, :entries)"  # noqa: S608 - constants
        f" ON CONFLICT (key, chunk) DO UPDATE SET entries = {joined}"
    )
    values = [{"key": key, "chunk": chunk, "entries": entries} for key, chunk, entries in rows]
    if values:
        connection.execute(_statement(sql), values)


def replace_postings(connection: Connection, rows: Sequence[tuple[int, int, bytes]]) -> None:
    """Put entries in place of those of (key, chunk); without entries the row goes."""
    for key, chunk, entries in rows:
        sql = "DELETE FROM postings WHERE key = :key AND chunk = :chunk"
        if entries:
            sql = "UPDATE postings SET entries = :entries WHERE key = :key AND chunk = :chunk"
        connection.execute(_statement(sql), {"key": key, "chunk": chunk} | ({"entries": entries} if entries else {}))


def postings_of(connection: Connection, keys: Collection[int]) -> Sequence[tuple[int, int, bytes]]:
    """The (key, chunk, entries) of these terms."""
    return _among(connection, "SELECT key, chunk, entries FROM postings WHERE key", keys)


def postings_in(connection: Connection, chunk: int, keys: Collection[int]) -> Sequence[tuple[int, int, bytes]]:
    """The same of one chunk."""
    sql = "SELECT key, chunk, entries FROM postings WHERE chunk = :chunk AND key"
    return _among(connection, sql, keys, {"chunk": chunk})


def entries_of(connection: Connection, ids: Collection[int]) -> dict[int, bytes]:
    """The stored lists of these articles."""
    rows = _among(connection, "SELECT article_id, entries FROM similar_lists WHERE article_id", ids)
    return dict(rows)


def put_lists(connection: Connection, entries: Mapping[int, bytes]) -> None:
    """Store the lists of these articles, in place of those that they had."""
    sql = (
        "INSERT INTO similar_lists (article_id, entries) VALUES (:id, :entries)"
        " ON CONFLICT (article_id) DO UPDATE SET entries = excluded.entries"
    )
    rows = [{"id": article_id, "entries": found} for article_id, found in sorted(entries.items())]
    if rows:
        connection.execute(_statement(sql), rows)


def group_and_key(connection: Connection, article_id: int) -> tuple[int, bytes]:
    """The copy group of an article, and what stands for its URL."""
    row = connection.execute(select(articles.c.copy_group, articles.c.url_key).where(articles.c.id == article_id)).one()
    return row.copy_group, bytes(row.url_key)


def copy_groups_of(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """The copy groups of these articles, as their lists know them."""
    rows = _among(connection, "SELECT article_id, copy_group FROM subjects WHERE article_id", ids)
    return dict(rows)


def regrouped(connection: Connection, groups: Collection[int]) -> list[tuple[int, int, int]]:
    """(article, group that the lists know, group now) of the members, old and new, of these groups that changed it."""
    sql = (
        "SELECT a.id, s.copy_group, a.copy_group FROM articles a JOIN subjects s ON s.article_id = a.id"
        " WHERE s.copy_group <> a.copy_group AND "
    )
    rows = [
        *_among(connection, sql + "a.copy_group", groups),
        *_among(connection, sql + "s.copy_group", groups),
    ]
    return sorted({(article_id, old, new) for article_id, old, new in rows})


def set_groups(connection: Connection, groups: Mapping[int, int]) -> None:
    """Let the lists know these copy groups."""
    rows = [{"id": article_id, "copies": group} for article_id, group in groups.items()]
    if rows:
        connection.execute(_statement("UPDATE subjects SET copy_group = :copies WHERE article_id = :id"), rows)


def members(connection: Connection, groups: Collection[int]) -> list[int]:
    """The articles of these copy groups, as their lists know them."""
    rows = _among(connection, "SELECT article_id FROM subjects WHERE copy_group", groups)
    return sorted(row[0] for row in rows)


def shown(connection: Connection, ids: Collection[int]) -> dict[int, Shown]:
    """What a list shows of these articles; those that are not stored are left out."""
    rows = _among(
        connection,
        "SELECT id, url, title, source_id, published_at, copy_group FROM articles WHERE id",
        ids,
        published_at=articles.c.published_at.type,
    )
    return {row[0]: Shown(*row) for row in rows}


_VALUES = {
    "sqlite": "IN (SELECT value FROM json_each(:among))",
    "postgresql": "= ANY(CAST(:among AS BIGINT[]))",
}


def _among(
    connection: Connection,
    sql: str,
    values: Collection[int],
    more: Mapping[str, int] | None = None,
    **types: TypeEngine[Any],
) -> Sequence[Any]:
    """The rows of a statement that ends with a column, for which that column has one of the values.

    One parameter for all: a statement with a list of values is compiled anew for every length.
    """
    if not values:
        return []
    dialect = connection.dialect.name
    given = json.dumps(list(values)) if dialect == "sqlite" else list(values)
    return connection.execute(_statement(f"{sql} {_VALUES[dialect]}", **types), {"among": given, **(more or {})}).all()


@cache
def _statement(sql: str, **types: TypeEngine[Any]) -> Executable:
    return text(sql).columns(**types) if types else text(sql)
