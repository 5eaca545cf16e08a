"""Terms: in how many texts each stood at the last weighing, and which articles have it (its postings).

Postings are arrays, those of a term in a few thousand articles in one row: an article enters a
hundred of them. What the bytes mean is known to `corpus.candidates`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection

from corpus.store.raw import rows, rows_among, run


class Weighing(NamedTuple):
    """The state of the collection that weights were made in."""

    number: int
    articles: int
    texts: int  # copy groups


def weighing(connection: Connection) -> Weighing:
    """The last weighing; number 0, of no articles, before the first."""
    found = rows(connection, "SELECT number, articles, texts FROM weighings")
    return Weighing(*found[0]) if found else Weighing(0, 0, 0)


def term_counts_of(connection: Connection, keys: Collection[int]) -> dict[int, int]:
    """In how many texts each term stood at the last weighing; those that stood in fewer than two are left out."""
    return dict(rows_among(connection, "SELECT key, texts FROM term_counts WHERE key", keys))


def replace_weighing(connection: Connection, *, articles: int, texts: int, counts: Iterable[tuple[int, int]]) -> None:
    """Put a new weighing, with its counts of terms, in place of the last; no article is posted after it."""
    number = weighing(connection).number + 1
    for table in ("weighings", "term_counts", "postings"):
        run(connection, f"DELETE FROM {table}", [{}])  # noqa: S608 - constants
    run(
        connection,
        "INSERT INTO weighings (number, articles, texts) VALUES (:number, :articles, :texts)",
        [{"number": number, "articles": articles, "texts": texts}],
    )
    left = iter(counts)
    while part := [{"key": key, "texts": count} for key, count in islice(left, 10_000)]:
        run(connection, "INSERT INTO term_counts (key, texts) VALUES (:key, :texts)", part)


def add(connection: Connection, new: Sequence[tuple[int, int, bytes]]) -> None:
    """Append entries to the postings of (key, chunk)."""
    joined = "postings.entries || excluded.entries"
    if connection.dialect.name == "sqlite":
        joined = f"CAST({joined} AS BLOB)"  # || makes text of bytes
    sql = (
        "INSERT INTO postings (key, chunk, entries) VALUES (:key, :chunk, :entries)"  # noqa: S608 - constants
        f" ON CONFLICT (key, chunk) DO UPDATE SET entries = {joined}"
    )
    run(connection, sql, [{"key": key, "chunk": chunk, "entries": entries} for key, chunk, entries in new])


def replace(connection: Connection, changed: Sequence[tuple[int, int, bytes]]) -> None:
    """Put entries in place of those of (key, chunk); without entries the row goes."""
    each = [{"key": key, "chunk": chunk, "entries": entries} for key, chunk, entries in changed]
    gone = [{"key": row["key"], "chunk": row["chunk"]} for row in each if not row["entries"]]
    kept = [row for row in each if row["entries"]]
    run(connection, "UPDATE postings SET entries = :entries WHERE key = :key AND chunk = :chunk", kept)
    run(connection, "DELETE FROM postings WHERE key = :key AND chunk = :chunk", gone)


def of_terms(connection: Connection, keys: Collection[int]) -> Sequence[tuple[int, int, bytes]]:
    """The (key, chunk, entries) of these terms."""
    return rows_among(connection, "SELECT key, chunk, entries FROM postings WHERE key", keys)


def of_chunk(connection: Connection, chunk: int, keys: Collection[int]) -> Sequence[tuple[int, int, bytes]]:
    """The same of one chunk."""
    sql = "SELECT key, chunk, entries FROM postings WHERE chunk = :chunk AND key"
    return rows_among(connection, sql, keys, {"chunk": chunk})
