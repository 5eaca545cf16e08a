"""Which lines stand on how many pages of a source: what its templates repeat, and what it printed of late."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete

from corpus.store import raw
from corpus.store.schema import page_lines, source_pages


@dataclass(frozen=True, kw_only=True)
class SeenLine:
    """A line, and on how many pages of its source it stood; pages are numbered in the order in which they were read."""

    pages: int
    first_page: int
    last_page: int


def pages_of(connection: Connection, source: str) -> int:
    """How many pages of a source were counted."""
    found = raw.rows(connection, "SELECT pages FROM source_pages WHERE source = :source", {"source": source})
    return int(found[0][0]) if found else 0


def seen(connection: Connection, source: str, keys: Collection[int]) -> dict[int, SeenLine]:
    """What is known of these lines; lines that are not known are left out."""
    return {
        key: SeenLine(pages=pages, first_page=first_page, last_page=last_page)
        for key, pages, first_page, last_page in raw.rows_among(connection, _SEEN, keys, {"source": source})
    }


def put(connection: Connection, source: str, *, pages: int, lines: Mapping[int, SeenLine]) -> None:
    """Record how many pages of a source were counted, and what is now known of these lines."""
    raw.run(connection, _PUT_PAGES, [{"source": source, "pages": pages}])
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
    raw.run(connection, _PUT_LINE, rows)


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


_SEEN = "SELECT key, pages, first_page, last_page FROM page_lines WHERE source = :source AND key"
_PUT_PAGES = (
    "INSERT INTO source_pages (source, pages) VALUES (:source, :pages)"
    " ON CONFLICT (source) DO UPDATE SET pages = excluded.pages"
)
_PUT_LINE = (
    "INSERT INTO page_lines (source, key, pages, first_page, last_page)"
    " VALUES (:source, :key, :pages, :first_page, :last_page) ON CONFLICT (source, key)"
    " DO UPDATE SET pages = excluded.pages, first_page = excluded.first_page, last_page = excluded.last_page"
)
