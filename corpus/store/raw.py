"""Statements that run some twenty times an article: straight to the driver, in the transaction of a connection.

SQLAlchemy takes about 0.1 ms for each, the driver a tenth of that. Values are whole numbers, text and
bytes, which both drivers take and give alike; moments go through `stored` and `moment`. `:name` stands for a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

Row = tuple[Any, ...]


def rows(connection: Connection, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
    """The rows of a statement."""
    dialect, cursor = connection.dialect, connection.connection.cursor(**_READING[connection.dialect.name])
    try:
        cursor.execute(_spelled(sql, dialect.name), values or {})
        found = cursor.fetchall()
    except dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, error, sql) from error
    cursor.close()
    return list(found)


def rows_among(
    connection: Connection, sql: str, values: Collection[int] | Collection[str], more: Mapping[str, Any] | None = None
) -> list[Row]:
    """The rows of a statement that ends with a column, for which that column has one of the values."""
    if not values:
        return []
    dialect = connection.dialect.name
    given = json.dumps(list(values), ensure_ascii=False) if dialect == "sqlite" else list(values)
    among = _AMONG[dialect].format(kind="TEXT" if isinstance(next(iter(values)), str) else "BIGINT")
    return rows(connection, f"{sql} {among}", {"among": given, **(more or {})})


def run(connection: Connection, sql: str, each: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement with each of these values."""
    if not each:
        return
    dialect, cursor = connection.dialect, connection.connection.cursor()
    spelled = _spelled(sql, dialect.name)
    try:
        if len(each) == 1:
            cursor.execute(spelled, each[0])  # for one, psycopg's executemany takes twice the time: it opens a pipeline
        else:
            cursor.executemany(spelled, each)
    except dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, error, sql) from error
    cursor.close()


def insert(connection: Connection, table: str, row: Mapping[str, Any]) -> int:
    """Store a row, in which lists are JSON; returns its id."""
    given = {
        name: stored(connection, value)
        if isinstance(value, datetime)
        else json.dumps(value)
        if isinstance(value, list)
        else value
        for name, value in row.items()
    }
    return int(rows(connection, _inserting(table, tuple(row)), given)[0][0])


def stored(connection: Connection, moment: datetime) -> datetime | str:
    """A moment as `UTCDateTime` stores it."""
    utc = moment.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(" ", "microseconds") if connection.dialect.name == "sqlite" else utc


def moment(value: datetime | str) -> datetime:
    """A stored moment, as it came from the driver."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value.astimezone(UTC)


def _wrapped(connection: Connection, error: Exception, sql: str) -> BaseException:
    """A driver's error as SQLAlchemy raises it (`outage` looks at it); a connection that is lost is not used again."""
    dialect = connection.dialect
    is_lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if is_lost:
        connection.invalidate(error)
    base = dialect.loaded_dbapi.Error
    return DBAPIError.instance(sql, None, error, base, connection_invalidated=is_lost, dialect=dialect)


# Bytes come as bytes: PostgreSQL would spell them in hexadecimal.
_READING: dict[str, dict[str, Any]] = {"sqlite": {}, "postgresql": {"binary": True}}

_AMONG = {
    "sqlite": "IN (SELECT value FROM json_each(:among))",
    "postgresql": "= ANY(CAST(:among AS {kind}[]))",
}


@cache
def _inserting(table: str, names: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES (:{', :'.join(names)}) RETURNING id"  # noqa: S608 - names


@cache
def _spelled(sql: str, dialect: str) -> str:
    return sql if dialect == "sqlite" else re.sub(r":(\w+)", r"%(\1)s", sql)
