"""Hosts: what their robots.txt and tdmrep.json said, and until when they want to be left alone. All runs share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from corpus.store.columns import insert_into
from corpus.store.schema import hosts


@dataclass(frozen=True, kw_only=True)
class Host:
    """One host, with its port where that is not the scheme's own."""

    host: str
    robots_status: int | None = None  # of the last answer; None when there was none
    robots_body: bytes | None = None
    robots_etag: str | None = None
    robots_modified: str | None = None  # its Last-Modified
    robots_problem: str | None = None  # why nothing may be fetched, in a sentence
    robots_at: datetime | None = None  # when it was asked for last
    tdm_body: bytes | None = None  # its /.well-known/tdmrep.json; empty where there is none
    tdm_etag: str | None = None
    tdm_modified: str | None = None
    tdm_at: datetime | None = None
    blocked_until: datetime | None = None
    blocked_because: str | None = None
    failures: int = 0  # in a row


def load(connection: Connection, host: str) -> Host | None:
    """What is known of a host."""
    row = connection.execute(select(hosts).where(hosts.c.host == host)).first()
    return None if row is None else Host(**row._mapping)


def keep(connection: Connection, host: str, values: Mapping[str, Any]) -> None:
    """Set some of the fields of a host, known or not."""
    row = {"host": host, "failures": 0} | dict(values)
    statement = insert_into(hosts, connection.dialect.name).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=[hosts.c.host], set_=dict(values)))


def blocked(connection: Connection, *, now: datetime) -> dict[str, datetime]:
    """The hosts that are left alone now, and until when."""
    statement = select(hosts.c.host, hosts.c.blocked_until).where(hosts.c.blocked_until > now)
    return {row.host: row.blocked_until for row in connection.execute(statement)}
