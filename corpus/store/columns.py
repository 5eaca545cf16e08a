"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, DateTime, Dialect, Integer, Table, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

# SQLite counts row ids by itself only in a column declared exactly INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")

# Text in the order of its code points, whatever the locale of the database: for words that begin alike.
Ordered = Text().with_variant(Text(collation="C"), "postgresql")


class UTCDateTime(TypeDecorator[datetime]):
    """A moment, timezone-aware in Python; SQLite stores it as naive UTC because it knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def insert_into(table: Table, dialect: str) -> Any:
    """An INSERT that may say ON CONFLICT, in the words of a dialect: no other is imported (PostgreSQL's in 30 ms)."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


class in_order(FunctionElement[str]):  # noqa: N801 - reads as what it is
    """A text to order by: in the order of its code points, whatever the locale of the database, as on SQLite."""

    type = Text()
    name = "in_order"
    inherit_cache = True


@compiles(in_order, "sqlite")
def _in_order_on_sqlite(element: in_order, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(in_order, "postgresql")
def _in_order_on_postgresql(element: in_order, compiler: SQLCompiler, **options: Any) -> str:
    return f'{compiler.process(element.clauses, **options)} COLLATE "C"'


class Many(TypeDecorator[list[Any]]):
    """Many whole numbers or texts as one parameter: a JSON text on SQLite, an array on PostgreSQL."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.of))

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        # NumPy has whole numbers of its own.
        return json.dumps(values, default=int) if dialect.name == "sqlite" else values


class among(FunctionElement[bool]):  # noqa: N801 - reads as the operator that it is
    """Whether a column is one of many whole numbers or texts. Unlike IN, it is compiled once for all lists."""

    # Not Boolean: of that SQLAlchemy makes "… = 1" on SQLite, which then reads the whole table.
    type = Integer()  # type: ignore[assignment]
    name = "among"
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], parameter: str) -> None:
        of = Text() if isinstance(column.type, Text) else BigInteger()
        super().__init__(column, bindparam(parameter, type_=Many(of)))


@compiles(among, "sqlite")
def _among_on_sqlite(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - of compiled parts


@compiles(among, "postgresql")
def _among_on_postgresql(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY ({values})"
