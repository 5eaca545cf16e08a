"""A whole collection into another database, row by row: SQLite to PostgreSQL, and back.

One transaction on either side: what is copied is one state of the collection, and it is there as a whole, or
not. All rows of the copy are read again and compared with those that were read first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, String, Table, collate, func, insert, select, text

from corpus.errors import DatabaseError
from corpus.store.database import Database, connect, open_database
from corpus.store.engine import file_of
from corpus.store.schema import metadata

# Rows of a statement, and those of a table whose rows are large: some megabytes.
ROWS_AT_ONCE = 1_000
LARGE_ROWS_AT_ONCE = 100
LARGE = {"articles", "revisions", "word_blocks", "new_words", "hosts"}

Rows = list[tuple[Any, ...]]


class Told(Protocol):
    """What hears how far a copy is."""

    def __call__(self, table: str, done: int, of: int, *, compared: bool) -> None:
        """So many rows of a table are copied; or, when all of them are, `compared`: then the table is done."""


def copy(source: Database, where: str, *, told: Told) -> dict[str, int]:
    """Copy a collection to a database that has none; returns the rows of each table.

    Raises DatabaseError when there is something at `where` already, or when the copy is not the same: then
    nothing is left of it.
    """
    file = file_of(where)
    is_new = file is not None and not file.exists()
    try:
        with closing(open_database(where, create=True)) as target, source.reading() as reading:
            return _copy(reading, target, told=told)
    except BaseException:
        if is_new:
            for suffix in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    Path(f"{file}{suffix}").unlink()
        raise


def _copy(reading: Connection, target: Database, *, told: Told) -> dict[str, int]:
    counts = {}
    with target.writing() as writing:
        _require_empty(writing, target)
        for table in metadata.sorted_tables:
            counts[table.name] = _copy_table(table, reading, writing, target, told=told)
        if not target.is_sqlite:
            _set_sequences(writing)
            # Until autovacuum has been there, which may be never, PostgreSQL would read all keys for each text that
            # arrives: 335 ms in place of 0.4 (a million keys).
            writing.execute(text(f"ANALYZE {', '.join(metadata.tables)}"))
    return counts


def same_place(source: Database, where: str) -> bool:
    """Whether a database is the one that is to be copied."""
    file = file_of(where)
    if file is not None or source.path is not None:
        return file is not None and source.path is not None and file.resolve() == source.path.resolve()
    other = connect(where)
    other.close()
    return other.name == source.name


def _copy_table(table: Table, reading: Connection, writing: Connection, target: Database, *, told: Told) -> int:
    """Copy the rows of a table, and compare the copy; returns how many there are."""
    count = reading.execute(select(func.count()).select_from(table)).scalar_one()
    names, read, written = table.columns.keys(), _Digest(), _Digest()
    for rows in _parts(table, reading):
        writing.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        read.add(rows)
        told(table.name, read.count, count, compared=False)
    for rows in _parts(table, writing):
        written.add(rows)
        if written.count < count:
            told(table.name, written.count, count, compared=True)
    if not written.is_same(read):
        raise DatabaseError(
            target.name,
            why=f"the copy of the table {table.name} is not the same ({read.count:,} and {written.count:,} rows).",
        )
    told(table.name, count, count, compared=True)
    return count


def _parts(table: Table, connection: Connection) -> Iterator[Rows]:
    """The rows of a table in the order of its key, the same on both databases, some at once."""
    at_once = LARGE_ROWS_AT_ONCE if table.name in LARGE else ROWS_AT_ONCE
    order: list[ColumnElement[Any]] = [*table.primary_key.columns]
    if connection.dialect.name != "sqlite":
        # Not in the order of the database's locale.
        order = [collate(one, "C") if isinstance(one.type, String) else one for one in order]
    statement = select(table).order_by(*order).execution_options(yield_per=at_once)
    for part in connection.execute(statement).partitions(at_once):
        yield [tuple(row) for row in part]


class _Digest:
    """What tells two tables apart: how many rows there are, and all that is in them, in their order."""

    def __init__(self) -> None:
        self.count = 0
        self._hash = hashlib.blake2b(digest_size=16)

    def add(self, rows: Rows) -> None:
        self.count += len(rows)
        self._hash.update(_written(rows).encode())

    def is_same(self, other: _Digest) -> bool:
        return (self.count, self._hash.digest()) == (other.count, other._hash.digest())


def _plain(value: bytes | memoryview | datetime) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else bytes(value).hex()


# Many rows at once: one by one, that takes longer than all else.
_written = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=_plain).encode


def _require_empty(connection: Connection, target: Database) -> None:
    for table in metadata.sorted_tables:
        if connection.execute(select(func.count()).select_from(select(table).limit(1).subquery())).scalar_one():
            raise DatabaseError(
                target.name,
                why="holds a collection already; it was left as it is.",
                now="Name a new file, or an empty PostgreSQL database.",
            )


def _set_sequences(connection: Connection) -> None:
    """Let PostgreSQL go on counting where the copied rows end."""
    for table in metadata.sorted_tables:
        (key, *others) = table.primary_key.columns
        if others or key.autoincrement is not True:
            continue
        last = connection.execute(select(func.max(key))).scalar()
        if last is not None:
            named = {"table": table.name, "column": key.name, "last": last}
            connection.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"), named)
