"""The frontier: URLs to fetch. Rows go pending → leased → done, or back to pending to be tried again.

A row turns done in the transaction that stores what came of it, so a kill at any moment
loses nothing and stores nothing twice: the lease runs out, and the next run fetches again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, Row, case, func, insert, or_, select, update

from corpus.store.articles import url_key
from corpus.store.schema import frontier, hosts, runs
from corpus.types import LeasedLink, Link, LinkKind

# Listings first: they tell what there is. Feeds are the freshest.
PRIORITY = {LinkKind.FEED: 0, LinkKind.SITEMAP: 1, LinkKind.SECTION: 2, LinkKind.ARTICLE: 10}

# Look-ups by key go to the database in parts of this size: SQLite allows 32,766 variables a statement.
KEYS_AT_ONCE = 5_000


def add_seeds(connection: Connection, queue: str, links: Iterable[Link]) -> None:
    """Queue the links that a run starts from, also those that an earlier run has done."""
    links = list({link.url: link for link in links}.values())
    known = _known(connection, queue, links)
    _insert(connection, queue, [link for link in links if url_key(link.url) not in known])
    done = [row.id for row in known.values() if row.state == "done"]
    _set_pending(connection, done)


def add_found(connection: Connection, queue: str, links: Sequence[Link], *, run_id: int) -> int:
    """Queue links found on a page; returns how many were not known.

    Feeds and sitemaps that an earlier run has read are queued again; so are further section
    pages, but only when this page had something new: else there is nothing new behind it.
    """
    known = _known(connection, queue, links)
    new = list({link.url: link for link in links if url_key(link.url) not in known}.values())
    _insert(connection, queue, new)
    again = {LinkKind.FEED.value, LinkKind.SITEMAP.value} | ({LinkKind.SECTION.value} if new else set())
    stale = [row.id for row in known.values() if row.state == "done" and row.run_id != run_id and row.kind in again]
    _set_pending(connection, stale)
    return len(new)


def lease(
    connection: Connection,
    queue: str,
    *,
    run_id: int,
    now: datetime,
    until: datetime,
    busy: Mapping[str, int],
    per_host: int,
    limit: int,
) -> list[LeasedLink]:
    """Lend up to `limit` rows to a run; no host gets more than `per_host`, those it is `busy` with included."""
    taken: list[Row[Any]] = []
    for host in _ready_hosts(connection, queue, now):
        room = min(per_host - busy.get(host, 0), limit - len(taken))
        if room > 0:
            taken += _next_of_host(connection, queue, host, now, room)
        if len(taken) == limit:
            break
    if taken:
        connection.execute(
            update(frontier)
            .where(frontier.c.id.in_([row.id for row in taken]))
            .values(state="leased", run_id=run_id, leased_until=until, tries=frontier.c.tries + 1)
        )
    return [_leased(row) for row in sorted(taken, key=lambda row: (row.priority, row.id))]


def settle(connection: Connection, link_id: int, *, run_id: int, retry_at: datetime | None = None) -> bool:
    """End a lease: done, or to be tried again from `retry_at`. False when the lease was no longer this run's."""
    state = "done" if retry_at is None else "pending"
    statement = (
        update(frontier)
        .where(frontier.c.id == link_id, frontier.c.state == "leased", frontier.c.run_id == run_id)
        .values(state=state, next_try_at=retry_at, leased_until=None)
    )
    return connection.execute(statement).rowcount == 1


def postpone(connection: Connection, link_id: int, *, run_id: int, until: datetime) -> None:
    """Give a lease back that was not used: its host is not to be asked before `until`."""
    connection.execute(
        update(frontier)
        .where(frontier.c.id == link_id, frontier.c.state == "leased", frontier.c.run_id == run_id)
        .values(state="pending", next_try_at=until, leased_until=None, tries=frontier.c.tries - 1)
    )


def next_due(connection: Connection, queue: str) -> datetime | None:
    """When the next pending row may be fetched, by its own time and by its host's; None when there is none."""
    own = func.coalesce(frontier.c.next_try_at, hosts.c.blocked_until)
    free = func.coalesce(hosts.c.blocked_until, frontier.c.next_try_at)
    statement = (
        select(case((own > free, own), else_=free))
        .outerjoin(hosts, hosts.c.host == frontier.c.host)
        .where(frontier.c.queue == queue, frontier.c.state == "pending")
        .order_by(case((own > free, own), else_=free))
        .limit(1)
    )
    return connection.execute(statement).scalar()


def renew(connection: Connection, run_id: int, *, until: datetime) -> None:
    """Prolong all leases of a run that is alive."""
    connection.execute(
        update(frontier).where(frontier.c.run_id == run_id, frontier.c.state == "leased").values(leased_until=until)
    )


def release(connection: Connection, run_id: int) -> int:
    """Give back what a run has leased and not decided; returns how many rows."""
    statement = (
        update(frontier)
        .where(frontier.c.run_id == run_id, frontier.c.state == "leased")
        # It was not tried: the run ended first.
        .values(state="pending", leased_until=None, tries=frontier.c.tries - 1)
    )
    return connection.execute(statement).rowcount


def release_expired(connection: Connection, *, now: datetime) -> int:
    """Give back the leases that ran out, and those of runs that have ended; returns how many rows."""
    ended = select(runs.c.id).where(runs.c.status != "running")
    statement = (
        update(frontier)
        .where(frontier.c.state == "leased", or_(frontier.c.leased_until < now, frontier.c.run_id.in_(ended)))
        .values(state="pending", leased_until=None)
    )
    return connection.execute(statement).rowcount


def counts(connection: Connection, queue: str | None = None) -> dict[str, int]:
    """Rows per state."""
    statement = select(frontier.c.state, func.count()).group_by(frontier.c.state)
    if queue is not None:
        statement = statement.where(frontier.c.queue == queue)
    return dict(connection.execute(statement).all())


def state_of(connection: Connection, url: str) -> list[tuple[str, str, datetime | None]]:
    """(queue, state, next try) of a URL in each queue that has it."""
    statement = select(frontier.c.queue, frontier.c.state, frontier.c.next_try_at)
    rows = connection.execute(statement.where(frontier.c.url_key == url_key(url)).order_by(frontier.c.queue))
    return [(row.queue, row.state, row.next_try_at) for row in rows]


def _known(connection: Connection, queue: str, links: Iterable[Link]) -> dict[bytes, Row[Any]]:
    keys = list({url_key(link.url) for link in links})
    found: dict[bytes, Row[Any]] = {}
    for start in range(0, len(keys), KEYS_AT_ONCE):
        statement = select(
            frontier.c.id, frontier.c.url_key, frontier.c.state, frontier.c.kind, frontier.c.run_id
        ).where(frontier.c.queue == queue, frontier.c.url_key.in_(keys[start : start + KEYS_AT_ONCE]))
        found |= {row.url_key: row for row in connection.execute(statement)}
    return found


def _insert(connection: Connection, queue: str, links: Iterable[Link]) -> None:
    rows = [
        {
            "queue": queue,
            "url": link.url,
            "url_key": url_key(link.url),
            "host": urlsplit(link.url).netloc,
            "kind": link.kind.value,
            "channel": link.channel,
            "source_id": link.source_id,
            "title": link.title,
            "published_at": link.published_at,
            "depth": link.depth,
            "priority": PRIORITY[link.kind],
            "state": "pending",
        }
        for link in links
    ]
    if rows:
        connection.execute(insert(frontier), rows)


def _set_pending(connection: Connection, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), KEYS_AT_ONCE):
        part = ids[start : start + KEYS_AT_ONCE]
        connection.execute(
            update(frontier).where(frontier.c.id.in_(part)).values(state="pending", tries=0, next_try_at=None)
        )


def _is_ready(queue: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    due = or_(frontier.c.next_try_at.is_(None), frontier.c.next_try_at <= now)
    blocked = select(hosts.c.host).where(hosts.c.blocked_until > now)
    return frontier.c.queue == queue, frontier.c.state == "pending", due, frontier.c.host.not_in(blocked)


def _ready_hosts(connection: Connection, queue: str, now: datetime) -> list[str]:
    statement = select(frontier.c.host).where(*_is_ready(queue, now)).distinct().order_by(frontier.c.host)
    return list(connection.execute(statement).scalars())


def _next_of_host(connection: Connection, queue: str, host: str, now: datetime, limit: int) -> Sequence[Row[Any]]:
    statement = (
        select(frontier)
        .where(*_is_ready(queue, now), frontier.c.host == host)
        .order_by(frontier.c.priority, frontier.c.id)
        .limit(limit)
    )
    return connection.execute(statement).all()


def _leased(row: Row[Any]) -> LeasedLink:
    link = Link(
        url=row.url,
        kind=LinkKind(row.kind),
        channel=row.channel,
        source_id=row.source_id,
        title=row.title,
        published_at=row.published_at,
        depth=row.depth,
    )
    return LeasedLink(id=row.id, link=link, tries=row.tries)
