"""Visits: of each link that is fetched more than once, what its server said last, and when it is due again.

`corpus.revisits` decides when; `frontier` has the links.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, not_, select, update

from corpus.store.articles import url_key
from corpus.store.columns import among, insert_into
from corpus.store.frontier import KEYS_AT_ONCE, set_pending
from corpus.store.schema import frontier, visits
from corpus.store.sightings import REVISIT, link_of
from corpus.types import LeasedLink, Link, LinkKind, Validators, Visit

KEY_BYTES = 16

# How long an index is believed that a sitemap has not changed: some tell one day for ever. Guess.
BELIEVED_FOR = timedelta(days=7)


def keys_of(links: Iterable[Link]) -> bytes:
    """The listings among some links, as a visit keeps them; not those that were only guessed."""
    named = (link for link in links if link.kind.is_listing and link.depth)
    return b"".join(dict.fromkeys(url_key(link.url) for link in named))


def load(connection: Connection, link_ids: Collection[int]) -> dict[int, Visit]:
    """The last visit to each of these links; those that were not visited yet are left out."""
    statement = select(visits).where(visits.c.link_id.in_(list(link_ids)))
    return {
        row.link_id: Visit(
            url=row.url,
            validators=_validators(row.etag, row.last_modified, row.read_for, row.read_at),
            first_at=row.first_at,
            visited_at=row.visited_at,
            interval=None if row.interval_s is None else timedelta(seconds=row.interval_s),
            due_at=row.due_at,
            listings=bytes(row.listings),
        )
        for row in connection.execute(statement)
    }


def remembered(connection: Connection, leased: Sequence[LeasedLink]) -> list[LeasedLink]:
    """The same links, with what is known of the last visit to them."""
    known = load(connection, [one.id for one in leased])
    return [replace(one, visit=known.get(one.id)) for one in leased]


def put(connection: Connection, some: Mapping[int, Visit]) -> None:
    """Keep visits, by link, in place of those before."""
    if some:
        connection.execute(_put(connection.dialect.name), [_columns(link_id, visit) for link_id, visit in some.items()])


def listings_in(connection: Connection, link_id: int, queue: str) -> tuple[Link, ...]:
    """The listings that a listing named when it was last read, as they are known; those that wait are left out."""
    stored = connection.execute(select(visits.c.listings).where(visits.c.link_id == link_id)).scalar() or b""
    keys = [stored[at : at + KEY_BYTES] for at in range(0, len(stored), KEY_BYTES)]
    found: list[Link] = []
    for start in range(0, len(keys), KEYS_AT_ONCE):
        part = keys[start : start + KEYS_AT_ONCE]
        statement = select(frontier).where(
            frontier.c.queue == queue, frontier.c.url_key.in_(part), frontier.c.state == "done"
        )
        found += [link_of(row) for row in connection.execute(statement.order_by(frontier.c.id))]
    return tuple(found)


def wake_articles(connection: Connection, queue: str, *, source_ids: Collection[str], now: datetime) -> None:
    """Queue the articles of some sources whose time for another visit has come, behind all that is new."""
    due = _due(queue, source_ids, now).where(frontier.c.kind == LinkKind.ARTICLE.value)
    set_pending(connection, connection.execute(due).scalars().all(), priority=REVISIT)


def wake_listings(connection: Connection, queue: str, *, source_ids: Collection[str], now: datetime) -> None:
    """Queue the listings of some sources whose time has come, whether what named them is read again or not.

    Not the sitemaps of which an index says when they changed, nor the further pages of sections.
    """
    due = _due(queue, source_ids, now).where(
        frontier.c.kind.in_([LinkKind.FEED.value, LinkKind.SITEMAP.value, LinkKind.SECTION.value]), not_(_IS_TOLD)
    )
    set_pending(connection, connection.execute(due).scalars().all())


def wake_unchanged(connection: Connection, queue: str, *, source_ids: Collection[str], now: datetime) -> None:
    """Queue the sitemaps of some sources of which an index has said for long that they are as they were."""
    told = _due(queue, source_ids, now).where(_IS_TOLD, visits.c.visited_at <= now - BELIEVED_FOR)
    set_pending(connection, connection.execute(told).scalars().all())


def next_due(connection: Connection, queue: str, *, source_ids: Collection[str], now: datetime) -> datetime | None:
    """When the next link of some sources will be due; None when none will.

    Those that were due before are sitemaps of which their index says that nothing has changed.
    """
    statement = (
        select(visits.c.due_at)
        .join(frontier, frontier.c.id == visits.c.link_id)
        .where(visits.c.due_at > now, frontier.c.queue == queue, frontier.c.source_id.in_(list(source_ids)))
        .order_by(visits.c.due_at)
        .limit(1)
    )
    return connection.execute(statement).scalar()


def resting(connection: Connection, *, at_least: timedelta, now: datetime) -> tuple[str, ...]:
    """The URLs of the listings of any queue that are to be left alone for so long, and whose time has not come."""
    statement = (
        select(frontier.c.url)
        .join(visits, visits.c.link_id == frontier.c.id)
        .where(frontier.c.kind != LinkKind.ARTICLE.value, frontier.c.state == "done")
        .where(visits.c.interval_s >= int(at_least.total_seconds()), visits.c.due_at > now)
    )
    return tuple(connection.execute(statement).scalars())


def stop(connection: Connection, url: str) -> None:
    """Let the page of a URL not be visited again."""
    of_page = select(frontier.c.id).where(frontier.c.url_key == url_key(url))
    connection.execute(update(visits).where(visits.c.link_id.in_(of_page)).values(due_at=None))


def rest(connection: Connection, queue: str, *, now: datetime) -> None:
    """Take the listings whose time has not come out of a queue again; those that failed are to be tried again."""
    later = select(visits.c.link_id).where(visits.c.due_at > now)
    connection.execute(
        update(frontier)
        .where(
            frontier.c.queue == queue,
            frontier.c.state == "pending",
            frontier.c.kind != LinkKind.ARTICLE.value,
            frontier.c.next_try_at.is_(None),
            frontier.c.id.in_(later),
        )
        .values(state="done")
    )


def rest_again(connection: Connection, queue: str, links: Iterable[Link], *, now: datetime) -> None:
    """The same of the listings among links that were found just now.

    All that waits is not looked through for them: of 500,000 rows that took a tenth of a second each time.
    """
    keys = [url_key(link.url) for link in links if link.kind.is_listing]
    for start in range(0, len(keys), KEYS_AT_ONCE):
        part = {"queue": queue, "keys": keys[start : start + KEYS_AT_ONCE], "now": now}
        known = connection.execute(_LATER, part)
        ids = [row.id for row in known if row.state == "pending" and row.next_try_at is None]
        connection.execute(_REST, {"ids": ids})


_IS_TOLD = and_(frontier.c.kind == LinkKind.SITEMAP.value, frontier.c.published_at.is_not(None))


def _due(queue: str, source_ids: Collection[str], now: datetime) -> Select[int]:
    return (
        select(frontier.c.id)
        .join(visits, visits.c.link_id == frontier.c.id)
        .where(visits.c.due_at <= now, frontier.c.queue == queue, frontier.c.state == "done")
        .where(frontier.c.source_id.in_(list(source_ids)))
    )


def _validators(
    etag: str | None, last_modified: str | None, read_for: bytes | None, read_at: datetime | None
) -> Validators | None:
    if read_for is None or read_at is None or not (etag or last_modified):
        return None
    return Validators(etag=etag, last_modified=last_modified, read_for=bytes(read_for), read_at=read_at)


def _columns(link_id: int, visit: Visit) -> dict[str, Any]:
    sent = visit.validators
    return {
        "link_id": link_id,
        "url": visit.url,
        "etag": sent.etag if sent else None,
        "last_modified": sent.last_modified if sent else None,
        "read_for": sent.read_for if sent else None,
        "read_at": sent.read_at if sent else None,
        "first_at": visit.first_at,
        "visited_at": visit.visited_at,
        "interval_s": None if visit.interval is None else int(visit.interval.total_seconds()),
        "due_at": visit.due_at,
        "listings": visit.listings,
    }


@cache
def _put(dialect: str) -> Any:
    statement = insert_into(visits, dialect)
    others = {column.name: statement.excluded[column.name] for column in visits.c if column.name != "link_id"}
    return statement.on_conflict_do_update(index_elements=[visits.c.link_id], set_=others)


# Not those that are pending alone: SQLite would read all of these.
_LATER = (
    select(frontier.c.id, frontier.c.state, frontier.c.next_try_at)
    .join(visits, visits.c.link_id == frontier.c.id)
    .where(frontier.c.queue == bindparam("queue"), frontier.c.url_key.in_(bindparam("keys", expanding=True)))
    .where(visits.c.due_at > bindparam("now"))
)

_REST = update(frontier).where(among(frontier.c.id, "ids")).values(state="done")
