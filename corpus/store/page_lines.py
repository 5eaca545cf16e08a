"""Which lines stand on how many pages of a source: what its templates repeat, and what it printed of late."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from corpus.store.schema import page_lines, source_pages


@dataclass(frozen=True, kw_only=True)
class SeenLine:
    """A line, and on how many pages of its source it stood; pages are numbered in the order in which they were read."""

    pages: int
    first_page: int
    last_page: int


def count_page(connection: Connection, source: str) -> int:
    """Count one more page of a source; returns its number."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(source_pages).values(source=source, pages=1)
    statement = statement.on_conflict_do_update(
        index_elements=[source_pages.c.source], set_={"pages": source_pages.c.pages + 1}
    )
    return int(connection.execute(statement.returning(source_pages.c.pages)).scalar_one())


def pages_of(connection: Connection, source: str) -> int:
    """How many pages of a source were counted."""
    return connection.execute(select(source_pages.c.pages).where(source_pages.c.source == source)).scalar() or 0


def seen(connection: Connection, source: str, keys: Collection[int]) -> dict[int, SeenLine]:
    """What is known of these lines; lines that are not known are left out."""
    if not keys:
        return {}
    statement = select(page_lines).where(page_lines.c.source == source, page_lines.c.key.in_(list(keys)))
    return {
        row.key: SeenLine(pages=row.pages, first_page=row.first_page, last_page=row.last_page)
        for row in connection.execute(statement)
    }


def put(connection: Connection, source: str, lines: Mapping[int, SeenLine]) -> None:
    """Record what is now known of these lines."""
    rows = [
        {
            "source": source,
            "key": key,
            "pages": line.pages,
            "first_page": line.first_page,
            "last_page": line.last_page,
        }
        for key, line in sorted(lines.items())
    ]
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(page_lines)
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[page_lines.c.source, page_lines.c.key],
            set_={"pages": new.pages, "first_page": new.first_page, "last_page": new.last_page},
        ),
        rows,
    )


def forget(connection: Connection, source: str, *, fewer_than: int, before: int) -> None:
    """Drop the lines that stood on few pages, and on none since page `before`."""
    connection.execute(
        delete(page_lines).where(
            page_lines.c.source == source, page_lines.c.pages < fewer_than, page_lines.c.last_page < before
        )
    )


def remove(connection: Connection, source: str) -> None:
    """Forget what is known of the lines of a source."""
    connection.execute(delete(page_lines).where(page_lines.c.source == source))
    connection.execute(delete(source_pages).where(source_pages.c.source == source))
