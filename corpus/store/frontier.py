"""The frontier: URLs to fetch, as they are found, skipped and taken out.

Rows go pending → leased → done, or back to pending to be tried again: `leases`. What a link that is found again means
for its row: `sightings`. A link whose title, date or address speaks against it is skipped, with the reason, and comes
back when a later sighting speaks for it. A row is one page, known by its identity; its URL is the one to fetch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Update,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from corpus.store import tombstones
from corpus.store.articles import url_key
from corpus.store.columns import among, in_order
from corpus.store.schema import decisions, frontier, runs, visits
from corpus.store.sightings import (
    Sighted,
    change,
    host_of,
    is_listing_after_all,
    is_stale,
    priority,
)
from corpus.types import Link, LinkKind, Outcome, SkippedLink

# New links of one host that a run takes in; the next run takes more. A calendar or a shop has millions. Guess.
MOST_OF_HOST = 50_000

# Look-ups by key go to the database in parts of this size: SQLite allows 32,766 variables a statement.
KEYS_AT_ONCE = 5_000


def add_seeds(connection: Connection, queue: str, links: Iterable[Link]) -> None:
    """Queue the links that a run starts from, also those that an earlier run has done.

    Where a page is known by another address, or for something else, the catalogue is right.
    """
    links = _allowed(connection, {url_key(link.url): link for link in links}.values())
    known = Known(connection, queue, links).of(links)
    _insert(connection, queue, [link for link in links if url_key(link.url) not in known], run_id=None)
    free = {key: row for key, row in known.items() if row.state in ("done", "skipped")}
    set_pending(connection, [row.id for row in free.values()])
    _apply(
        connection,
        [{"row": row.id} | _columns(link, None) for link in links if (row := free.get(url_key(link.url))) is not None],
    )


@dataclass(frozen=True, kw_only=True)
class Added:
    """What became of the links of one listing."""

    new: int = 0  # not known before
    skipped: int = 0  # not to be fetched, as far as is known now; some of them new
    left_out: int = 0  # too many of one host for one run
    new_pages: int = 0  # of the new ones, those that are no listings


class Known:
    """The rows of links that are found on pages, read once for all pages of a transaction."""

    def __init__(self, connection: Connection, queue: str, links: Iterable[Link] = ()) -> None:
        self.queue = queue
        self._connection = connection
        self._rows: dict[bytes, Sighted | None] = {}
        self.of(links)

    def of(self, links: Iterable[Link]) -> dict[bytes, Sighted]:
        """The rows of these links; links that have none are left out."""
        keys = {url_key(link.url) for link in links}
        if unread := keys - self._rows.keys():
            self._rows |= dict.fromkeys(unread) | _known(self._connection, self.queue, unread)
        return {key: row for key in keys if (row := self._rows[key]) is not None}

    def forget(self, links: Iterable[Link]) -> None:
        """Read the rows of these links again when they are asked for: there are some now."""
        for link in links:
            self._rows.pop(url_key(link.url), None)


def add_found(
    connection: Connection, queue: str, links: Sequence[Link], *, run_id: int, known: Known | None = None
) -> Added:
    """Queue links found on a page, or record why they are not to be fetched.

    Listings that an earlier run has read are queued again, but for sitemaps that were not changed since. The page that
    follows in a section is queued only when this one had something that no earlier run has found. What is `known` may
    have been read before, in this transaction; it is kept true.
    """
    links = _allowed(connection, links)
    rows = known or Known(connection, queue)
    sighted = rows.of(links)
    new = list({key: link for link in links if (key := url_key(link.url)) not in sighted}.values())
    is_news = any(link.kind is LinkKind.ARTICLE for link in new) or any(
        row.kind == LinkKind.ARTICLE and row.found_run == run_id for row in sighted.values()
    )
    wanted = [link for link in new if is_news or link.kind is not LinkKind.NEXT]
    taken = _within_limit(connection, wanted, run_id)
    _insert(connection, queue, taken, run_id=run_id)
    rows.forget(taken)
    seen = [(row, link) for link in links if (row := sighted.get(url_key(link.url)))]
    _make_listings(connection, [(row, link) for row, link in seen if is_listing_after_all(row, link)])
    changes = [(row, told) for row, link in seen if (told := change(row, link))]
    _apply(connection, [told for _, told in changes])
    skipped = sum(link.prospect.doubt is not None for link in taken)
    skipped += sum(row.state != told["state"] == "skipped" for row, told in changes)
    for row, told in changes:
        row.take(told)
    again = [(row, link) for row, link in seen if link.kind is not LinkKind.NEXT or is_news]
    read_at = _read_at(connection, [row for row, _ in again])
    stale = [(row, link) for row, link in again if is_stale(row, link, run_id, read_at=read_at.get(row.id))]
    set_pending(connection, [row.id for row, _ in stale])
    _apply(connection, [{"row": row.id, "published_at": link.published_at} for row, link in stale])
    for row, link in stale:
        row.take({"state": "pending", "published_at": link.published_at})
    return Added(
        new=sum(link.depth > 0 for link in taken),  # what is guessed was not found
        skipped=skipped,
        left_out=len(wanted) - len(taken),
        new_pages=sum(not link.kind.is_listing for link in taken),
    )


def read_again(connection: Connection, link_id: int) -> None:
    """Let the next run read a sitemap again, although it will not have changed."""
    connection.execute(update(frontier).where(frontier.c.id == link_id).values(published_at=None))


def waiting(connection: Connection, queue: str, *, on_hosts: Collection[str] | None) -> int:
    """How many rows of a queue are pending, on these hosts or on all."""
    statement = select(func.count()).where(frontier.c.queue == queue, frontier.c.state == "pending")
    if on_hosts is None:
        return connection.execute(statement).scalar_one()
    return connection.execute(statement.where(among(frontier.c.host, "hosts")), {"hosts": on_hosts}).scalar_one()


def counts(connection: Connection) -> dict[str, int]:
    """Rows per state."""
    statement = select(frontier.c.state, func.count()).group_by(frontier.c.state).order_by(frontier.c.state)
    return dict(connection.execute(statement).all())


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Where a page stands in one queue."""

    queue: str
    state: str
    url: str
    channel: str
    source_id: str | None
    title: str | None
    next_try_at: datetime | None
    reason: str | None  # why it is skipped
    due_at: datetime | None  # when it is to be visited again


def state_of(connection: Connection, url: str) -> list[Waiting]:
    """Where the page of a URL stands in each queue that has it."""
    names = [frontier.c[name] for name in Waiting.__dataclass_fields__ if name != "due_at"]
    last = visits, visits.c.link_id == frontier.c.id
    statement = select(*names, visits.c.due_at).outerjoin(*last).where(frontier.c.url_key == url_key(url))
    return [Waiting(**row._mapping) for row in connection.execute(statement.order_by(in_order(frontier.c.queue)))]


def skipped(connection: Connection, queue: str) -> list[SkippedLink]:
    """What a queue has skipped."""
    names = [frontier.c[name] for name in SkippedLink.__dataclass_fields__]
    statement = select(*names).where(frontier.c.queue == queue, frontier.c.state == "skipped")
    return [SkippedLink(**row._mapping) for row in connection.execute(statement)]


def refused(
    connection: Connection, queue: str, outcome: Outcome, *, source_ids: Collection[str] | None = None
) -> list[SkippedLink]:
    """What a queue has fetched and not kept, because of this outcome; with `source_ids` of these sources."""
    judged = (
        select(decisions.c.url_key)
        .join(runs, runs.c.id == decisions.c.run_id)
        .where(runs.c.queue == queue, decisions.c.outcome == outcome.value)
    )
    statement = select(frontier.c.id, frontier.c.url, frontier.c.title, frontier.c.published_at).where(
        frontier.c.queue == queue,
        frontier.c.state == "done",
        frontier.c.url_key.in_(judged),
        frontier.c.id.not_in(select(visits.c.link_id)),  # kept by another run
    )
    if source_ids is not None:
        statement = statement.where(frontier.c.source_id.in_(list(source_ids)))
    return [SkippedLink(**row._mapping, doubt="title", reason="") for row in connection.execute(statement)]


def look_again(connection: Connection, host: str) -> None:
    """Queue the articles of a host that its robots.txt kept out, of all queues."""
    was_blocked = select(decisions.c.id).where(
        decisions.c.url_key == frontier.c.url_key, decisions.c.outcome == Outcome.BLOCKED_BY_ROBOTS.value
    )
    statement = select(frontier.c.id).where(
        frontier.c.host == host,
        frontier.c.kind == LinkKind.ARTICLE.value,
        frontier.c.state == "done",
        frontier.c.id.not_in(select(visits.c.link_id)),  # kept by another run
        was_blocked.exists(),
    )
    set_pending(connection, connection.execute(statement).scalars().all())


def set_pending(connection: Connection, ids: Sequence[int], **values: int) -> None:
    """Queue rows that were done, or skipped; with these other `values`."""
    if ids:
        connection.execute(_PENDING.values(values) if values else _PENDING, {"ids": ids})


def waiting_on(connection: Connection, queue: str, *, source_ids: Collection[str]) -> tuple[set[str], set[str]]:
    """The hosts on which something waits of these sources, or of none, and those on which something of others does.

    What another run fetches now may come back to wait, and counts among the first, whatever its source.
    """
    rows = connection.execute(_WAITING_ON, {"queue": queue, "sources": source_ids}).all()
    fetched = connection.execute(_FETCHED_ON, {"queue": queue}).scalars()
    return {row.host for row in rows if row.some_ours}.union(fetched), {row.host for row in rows if not row.all_ours}


def leave_out(connection: Connection, queue: str, *, but: Collection[str], hosts: Collection[str]) -> None:
    """Skip what waits on these hosts of all sources `but` these; what has none waits on."""
    of_others = frontier.c.source_id.not_in(list(but)), among(frontier.c.host, "hosts")
    statement = update(frontier).where(frontier.c.queue == queue, frontier.c.state == "pending", *of_others)
    reason = "its source is not among those that are crawled"
    connection.execute(statement.values(state="skipped", doubt="source", reason=reason), {"hosts": hosts})


def take_up(connection: Connection, queue: str, *, source_ids: Collection[str]) -> None:
    """Queue what was skipped because these sources were left out."""
    connection.execute(
        update(frontier)
        .where(frontier.c.queue == queue, frontier.c.state == "skipped", frontier.c.doubt == "source")
        .where(frontier.c.source_id.in_(list(source_ids)))
        .values(state="pending", doubt=None, reason=None)
    )


def remove_done(connection: Connection, queue: str) -> None:
    """Take what was fetched out of a queue, so that it is fetched again when it is found again."""
    connection.execute(delete(frontier).where(frontier.c.queue == queue, frontier.c.state == "done"))


def remove_page(connection: Connection, url: str) -> int:
    """Take a page out of all queues; returns how many rows."""
    return connection.execute(delete(frontier).where(frontier.c.url_key == url_key(url))).rowcount


def remove_domain(connection: Connection, domain: str) -> int:
    """Take the pages of a domain and of all below it out of all queues; returns how many rows."""
    host = func.lower(frontier.c.host)
    named = or_(
        host == domain,
        host.endswith(f".{domain}", autoescape=True),
        host.startswith(f"{domain}:", autoescape=True),
        host.contains(f".{domain}:", autoescape=True),
    )
    return connection.execute(delete(frontier).where(named)).rowcount


def _allowed(connection: Connection, links: Iterable[Link]) -> list[Link]:
    """The links without those that are not to be fetched again."""
    links = list(links)
    forgotten = tombstones.among(connection, [link.url for link in links])
    return [link for link in links if link.url not in forgotten]


def _known(connection: Connection, queue: str, keys: Iterable[bytes]) -> dict[bytes, Sighted]:
    keys = list(keys)
    found: dict[bytes, Sighted] = {}
    for start in range(0, len(keys), KEYS_AT_ONCE):
        part = {"queue": queue, "keys": keys[start : start + KEYS_AT_ONCE]}
        found |= {key: Sighted(*row) for key, *row in connection.execute(_KNOWN, part)}
    return found


def _read_at(connection: Connection, rows: Iterable[Sighted]) -> dict[int, datetime]:
    """When the sitemaps among some rows were last read."""
    ids = [row.id for row in rows if row.kind == LinkKind.SITEMAP and row.state == "done"]
    return dict(connection.execute(_READ_AT, {"ids": ids}).all()) if ids else {}


def _within_limit(connection: Connection, links: Sequence[Link], run_id: int) -> list[Link]:
    """The links without those of a host of which this run has found too many."""
    found = Counter[str]()
    for host in {host_of(link) for link in links}:
        found[host] = connection.execute(_FOUND_OF_HOST, {"run": run_id, "host": host}).scalar_one()
    taken = []
    for link in links:
        if found[host_of(link)] < MOST_OF_HOST:
            found[host_of(link)] += 1
            taken.append(link)
    return taken


def _make_listings(connection: Connection, mistaken: Sequence[tuple[Sighted, Link]]) -> None:
    """Let pages that were taken for articles be read as what they are; what was kept of one is an article."""
    if not mistaken:
        return
    kept = set(connection.execute(_VISITED, {"ids": [row.id for row, _ in mistaken]}).scalars())
    turned = [(row, _columns(link, row.found_run)) for row, link in mistaken if row.id not in kept]
    _apply(connection, [{"row": row.id, "tries": 0, "next_try_at": None} | columns for row, columns in turned])
    for row, columns in turned:
        row.take(columns)


def _apply(connection: Connection, changes: Sequence[dict[str, Any]]) -> None:
    """Set columns of rows: the same columns in each of the changes."""
    if changes:
        names = tuple(name for name in changes[0] if name != "row")
        connection.execute(
            _setting(names),
            [{"row": told["row"]} | {f"new_{name}": told[name] for name in names} for told in changes],
        )


@cache
def _setting(names: tuple[str, ...]) -> Update:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(frontier).where(frontier.c.id == bindparam("row")).values(values)


def _insert(connection: Connection, queue: str, links: Iterable[Link], *, run_id: int | None) -> None:
    rows = [{"queue": queue, "url_key": url_key(link.url)} | _columns(link, run_id) for link in links]
    if rows:
        connection.execute(_INSERT, rows)


def _columns(link: Link, run_id: int | None) -> dict[str, Any]:
    return {
        "url": link.url,
        "host": host_of(link),
        "kind": link.kind.value,
        "channel": link.channel,
        "source_id": link.source_id,
        "title": link.title,
        "published_at": link.published_at,
        "depth": link.depth,
        "priority": priority(link),
        "state": "skipped" if link.prospect.doubt else "pending",
        "doubt": link.prospect.doubt,
        "reason": link.prospect.reason,
        "found_run": run_id,
    }


# Made once: these are asked for every few pages, and making one takes longer than answering it.
_KNOWN = select(frontier.c.url_key, *(frontier.c[name] for name in Sighted.__dataclass_fields__)).where(
    frontier.c.queue == bindparam("queue"), frontier.c.url_key.in_(bindparam("keys", expanding=True))
)
_READ_AT = select(visits.c.link_id, visits.c.visited_at).where(among(visits.c.link_id, "ids"))
_VISITED = select(visits.c.link_id).where(among(visits.c.link_id, "ids"))
_FOUND_OF_HOST = select(func.count()).where(
    frontier.c.found_run == bindparam("run"), frontier.c.host == bindparam("host")
)
_INSERT = insert(frontier)
_PENDING = update(frontier).where(among(frontier.c.id, "ids")).values(state="pending", tries=0, next_try_at=None)

_IS_OURS = case((or_(frontier.c.source_id.is_(None), among(frontier.c.source_id, "sources")), 1), else_=0)

# In the order of the index, host by host.
_WAITING_ON = (
    select(frontier.c.host, func.max(_IS_OURS).label("some_ours"), func.min(_IS_OURS).label("all_ours"))
    .where(frontier.c.queue == bindparam("queue"), frontier.c.state == "pending")
    .group_by(frontier.c.host)
)

_FETCHED_ON = (
    select(frontier.c.host).where(frontier.c.queue == bindparam("queue"), frontier.c.state == "leased").distinct()
)
