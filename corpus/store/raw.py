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

Row = tuple[Any, ...]


def rows(connection: Connection, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
    """The rows of a statement."""
    cursor = connection.connection.cursor(**_READING[connection.dialect.name])
    cursor.execute(_spelled(sql, connection.dialect.name), values or {})
    found = cursor.fetchall()
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


def run(connection: Connection, sql: str, each: Sequence[Mapping[str, Any]]) -> int:
    """Run a statement with each of these values; returns how many rows it changed."""
    if not each:
        return 0
    cursor = connection.connection.cursor()
    spelled = _spelled(sql, connection.dialect.name)
    if len(each) == 1:
        cursor.execute(spelled, each[0])  # for one, psycopg's executemany takes twice the time: it opens a pipeline
    else:
        cursor.executemany(spelled, each)
    changed: int = cursor.rowcount
    cursor.close()
    return changed


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
