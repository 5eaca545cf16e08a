"""What is never to be fetched or stored again: pages, by a number that stands for them, and domains."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, delete, insert, select

from corpus.store import raw
from corpus.store.columns import among as is_among
from corpus.store.schema import tombstones
from corpus.urls import identity


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """That a page, or a domain, was forgotten."""

    domain: str | None
    forgotten_at: datetime

    @property
    def told(self) -> str:
        """In a sentence, as `why` shows it."""
        what = f"all of {self.domain}" if self.domain else "this page"
        return f"{what} was forgotten on {self.forgotten_at:%Y-%m-%d}: it is not fetched or stored again"


def add_page(connection: Connection, urls: Iterable[str], *, now: datetime) -> None:
    """Let a page, under all of these addresses, not be fetched or stored again."""
    keys = list(dict.fromkeys(map(_page_key, urls)))
    known = {row.key: row.page for row in connection.execute(_FIND, {"keys": keys})}
    page = next(iter(known.values()), keys[0] if keys else None)
    _insert(
        connection,
        [{"key": key, "page": page, "domain": None, "forgotten_at": now} for key in keys if key not in known],
    )


def add_domain(connection: Connection, domain: str, *, now: datetime) -> None:
    """Let nothing of a domain, and of all below it, be fetched or stored again."""
    key = _domain_key(domain)
    if not connection.execute(_FIND, {"keys": [key]}).all():
        _insert(connection, [{"key": key, "page": None, "domain": domain, "forgotten_at": now}])


def remove_page(connection: Connection, url: str) -> bool:
    """Let a page be fetched again, under all of its addresses; False when it was not forgotten."""
    page = select(tombstones.c.page).where(tombstones.c.key == _page_key(url)).scalar_subquery()
    return connection.execute(delete(tombstones).where(tombstones.c.page == page)).rowcount > 0


def remove_domain(connection: Connection, domain: str) -> bool:
    """Let a domain be fetched again; False when it was not forgotten."""
    return connection.execute(delete(tombstones).where(tombstones.c.key == _domain_key(domain))).rowcount > 0


def of_page(connection: Connection, *urls: str | None) -> Tombstone | None:
    """The tombstone of a page under one of its addresses, or of a domain that it is on."""
    if _are_none(connection):
        return None
    keys = [key for url in urls if url for key in _keys(url)]
    row = connection.execute(_FIND, {"keys": keys}).first()
    return None if row is None else Tombstone(domain=row.domain, forgotten_at=row.forgotten_at)


def among(connection: Connection, urls: Sequence[str]) -> set[str]:
    """Those of the URLs that are not to be fetched again."""
    if not urls or _are_none(connection):
        return set()
    keys = {url: set(_keys(url)) for url in urls}
    found = {row.key for row in connection.execute(_FIND, {"keys": sorted(set().union(*keys.values()))})}
    return {url for url, of_url in keys.items() if of_url & found}


def _are_none(connection: Connection) -> bool:
    """Most collections have forgotten nothing."""
    return not raw.rows(connection, "SELECT key FROM tombstones LIMIT 1")


def _insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(tombstones), rows)


def _keys(url: str) -> Iterator[int]:
    """The key of a page, and those of its host and of all domains above it."""
    yield _page_key(url)
    parts = (urlsplit(url).hostname or "").split(".")
    for start in range(len(parts)):
        yield _domain_key(".".join(parts[start:]))


def _page_key(url: str) -> int:
    return _number(f"page {identity(url)}")


def _domain_key(domain: str) -> int:
    return _number(f"domain {domain}")


def _number(text: str) -> int:
    """64 bits, signed."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


_FIND = select(tombstones).where(is_among(tombstones.c.key, "keys"))
