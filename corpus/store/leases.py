"""Leases: the rows of the frontier that a run has to fetch, taken host by host, and given back.

A row turns done in the transaction that stores what came of it, so a kill at any moment
loses nothing and stores nothing twice: the lease runs out, and the next run fetches again. Which
hosts a run may ask is known to `claims`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)

from corpus.store import claims
from corpus.store.articles import url_key
from corpus.store.columns import among
from corpus.store.schema import frontier, hosts, runs
from corpus.store.sightings import ARCHIVE, NAMES_TOPIC, PRIORITY, REVISIT, link_of
from corpus.types import LeasedLink, Link

# A host that belongs to another run is looked at again after this time.
LOOK_AGAIN = timedelta(seconds=1)

# Of what may be fetched at once. PostgreSQL tells times in the zone that its server stands in: no year before 1.
BEGINNING = datetime.fromtimestamp(0, UTC)

# The priorities of listings.
LISTINGS = sorted({*PRIORITY.values(), ARCHIVE})


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
    source_ids: Collection[str] | None = None,
    on_hosts: Collection[str] | None = None,
    rest: Callable[[str], float] = claims.no_rest,
) -> list[LeasedLink]:
    """Lend up to `limit` rows to a run; no host gets more than `per_host`, those it is `busy` with included.

    Only of hosts that are no other run's, and with `source_ids` of these sources, or of none, which are `on_hosts`
    alone if these are given; the hosts of which it has no link then are to `rest` for so many seconds.
    """
    taken: list[Row[Any]] = []
    failing: set[str] = set()
    which = {"now": now} | _which(queue, source_ids, on_hosts)
    ready = connection.execute(_READY_HOSTS, which).scalars().all()
    ready = [host for host in ready if busy.get(host, 0) < per_host]
    for host in claims.take(connection, queue, ready, run_id=run_id, busy=busy, now=now, until=until, limit=limit):
        room = min(per_host - busy.get(host, 0), limit - len(taken))
        if room > 0:
            if connection.execute(_FAILURES, {"host": host}).scalar():
                failing.add(host)
            taken += _next_of_host(connection, which | {"host": host}, room, is_failing=host in failing)
        if len(taken) == limit:
            break
    if taken:
        connection.execute(_LEND, {"ids": [row.id for row in taken], "run": run_id, "until": until})
    in_use = {row.host for row in taken} | {host for host, count in busy.items() if count}
    claims.leave(connection, run_id, but=in_use, now=now, rest=rest)
    first = sorted(taken, key=lambda row: (row.priority, row.tries if row.host in failing else 0, row.id))
    return [_leased(row) for row in first]


def lend(
    connection: Connection, queue: str, links: Sequence[Link], *, run_id: int, until: datetime
) -> list[LeasedLink]:
    """Lend the rows of these links, which are pending, to a run, whatever its host is asked for."""
    keys = [url_key(link.url) for link in links]
    mine = and_(frontier.c.queue == queue, frontier.c.url_key.in_(keys), frontier.c.state == "pending")
    rows = connection.execute(select(frontier).where(mine).order_by(frontier.c.id)).all()
    connection.execute(_LEND, {"ids": [row.id for row in rows], "run": run_id, "until": until})
    return [_leased(row) for row in rows]


def settle(connection: Connection, retry_at: Mapping[int, datetime | None], *, run_id: int) -> set[int]:
    """End leases, by link: done, or to be tried again from then on. Returns those that were still this run's."""
    done = [link_id for link_id, at in retry_at.items() if at is None]
    mine = set(connection.execute(_DONE, {"ids": done, "run": run_id}).scalars())
    for link_id, at in retry_at.items():
        if at is not None and connection.execute(_AGAIN, {"link": link_id, "run": run_id, "at": at}).rowcount:
            mine.add(link_id)
    return mine


def postpone(connection: Connection, link_id: int, *, run_id: int, until: datetime) -> None:
    """Give a lease back that was not used: its host is not to be asked before `until`."""
    connection.execute(
        update(frontier)
        .where(frontier.c.id == link_id, frontier.c.state == "leased", frontier.c.run_id == run_id)
        .values(state="pending", next_try_at=until, leased_until=None, tries=frontier.c.tries - 1)
    )


def next_due(
    connection: Connection,
    queue: str,
    *,
    run_id: int,
    now: datetime,
    source_ids: Collection[str] | None = None,
    on_hosts: Collection[str] | None = None,
) -> datetime | None:
    """When the next pending row may be fetched, by its own time and by its host's; None when there is none.

    Of which sources and hosts: as `lease`. A host that another run asks now may come free at any moment, and
    what another run fetches now may lead to more, or come back.
    """
    which = _which(queue, source_ids, on_hosts)
    of_host: dict[str, datetime] = dict(connection.execute(_DUE_BY_HOST, which).all())
    for host, blocked_until in connection.execute(select(hosts.c.host, hosts.c.blocked_until)):
        if host in of_host and blocked_until is not None:
            of_host[host] = max(of_host[host], blocked_until)
    for host, (owner, until) in claims.of_others(connection, run_id=run_id, now=now).items():
        if host in of_host:
            of_host[host] = max(of_host[host], until if owner is None else min(until, now + LOOK_AGAIN))
    if connection.execute(_FETCHED_BY_OTHERS, which | {"run": run_id, "heard": now - claims.SILENT_AFTER}).first():
        of_host[""] = now + LOOK_AGAIN
    return min(of_host.values(), default=None)


def renew(connection: Connection, run_id: int, *, until: datetime) -> None:
    """Prolong all leases of a run that is alive, but those that are settled just now."""
    leased = frontier.c.run_id == run_id, frontier.c.state == "leased"
    connection.execute(update(frontier).where(frontier.c.id.in_(_free(*leased))).values(leased_until=until))


def release(connection: Connection, run_id: int, *, but: Collection[int] = ()) -> None:
    """Give back what a run has leased and not decided, `but` some links."""
    connection.execute(
        update(frontier)
        .where(frontier.c.run_id == run_id, frontier.c.state == "leased", frontier.c.id.not_in(list(but)))
        # It was not tried: the run ended first.
        .values(state="pending", leased_until=None, tries=frontier.c.tries - 1)
    )


def release_expired(connection: Connection, *, now: datetime) -> int:
    """Give back the leases that ran out, and those of runs that have ended; returns how many rows."""
    ended = select(runs.c.id).where(runs.c.status != "running")
    is_over = or_(frontier.c.leased_until < now, frontier.c.run_id.in_(ended))
    statement = update(frontier).where(frontier.c.id.in_(_free(frontier.c.state == "leased", is_over)))
    return connection.execute(statement.values(state="pending", leased_until=None)).rowcount


def _next_of_host(
    connection: Connection, which: Mapping[str, Any], room: int, *, is_failing: bool
) -> Sequence[Row[Any]]:
    """The rows of a host that is ready, first things first.

    What a host failed at comes behind what it was not asked for: it may be these pages that are broken, and after each
    rest, twice as long as the one before, they would else be the first that it is asked for again.
    """
    # While the entrances of a host are read, its articles wait: they may yet be spoken against. What nothing is known
    # of waits for all its listings.
    found = [connection.execute(statement, which).scalar() for statement in _FIRST_LISTINGS]
    first = min((priority for priority in found if priority is not None), default=None)
    last = REVISIT if first is None else ARCHIVE if first >= NAMES_TOPIC else NAMES_TOPIC - 1
    statement = _NEXT_OF_FAILING if is_failing else _NEXT
    return connection.execute(statement, {**which, "last": last, "room": room}).all()


def _which(queue: str, source_ids: Collection[str] | None, on_hosts: Collection[str] | None) -> dict[str, Any]:
    return {
        "queue": queue,
        "all": source_ids is None,
        "sources": source_ids,
        "everywhere": on_hosts is None,
        "hosts": on_hosts,
    }


def _leased(row: Row[Any]) -> LeasedLink:
    return LeasedLink(id=row.id, link=link_of(row), tries=row.tries)


def _free(*which: ColumnElement[bool]) -> Select[int]:
    """Rows that no other transaction is changing: whoever takes no turn with the writers waits for none of them."""
    return select(frontier.c.id).where(*which).with_for_update(skip_locked=True)


_IS_PENDING = and_(frontier.c.queue == bindparam("queue"), frontier.c.state == "pending")

_IS_OF_SOURCES = or_(
    bindparam("all", type_=Boolean()), frontier.c.source_id.is_(None), among(frontier.c.source_id, "sources")
)

_IS_DUE = and_(or_(frontier.c.next_try_at.is_(None), frontier.c.next_try_at <= bindparam("now")), _IS_OF_SOURCES)

_IS_READ = and_(frontier.c.queue == bindparam("queue"), frontier.c.state == "leased")

_FETCHED_BY_OTHERS = (
    select(frontier.c.id)
    .join(runs, runs.c.id == frontier.c.run_id)
    .where(_IS_READ, _IS_OF_SOURCES, runs.c.id != bindparam("run"))
    .where(runs.c.status == "running", runs.c.heartbeat_at > bindparam("heard"))
    .limit(1)
)

_OF_HOST = frontier.c.host == bindparam("host")


def _waiting() -> CTE:
    """From one host to the next by the index: it does not matter how many rows a host has. The last is no host."""
    first = select(func.min(frontier.c.host).label("host")).where(_IS_PENDING).cte("waiting", recursive=True)
    following = select(func.min(frontier.c.host)).where(_IS_PENDING, frontier.c.host > first.c.host)
    return first.union_all(select(following.scalar_subquery()).where(first.c.host.is_not(None)))


def _due_by_host() -> Select[str, datetime]:
    """When the first row of each host may be fetched: of most, at once, which the first that is looked at tells."""
    waiting = _waiting()
    of_host = _IS_PENDING, frontier.c.host == waiting.c.host, _IS_OF_SOURCES
    at_once = select(literal(BEGINNING, frontier.c.next_try_at.type)).where(*of_host, frontier.c.next_try_at.is_(None))
    later = select(func.min(frontier.c.next_try_at)).where(*of_host)
    first, last = (one.correlate(waiting).scalar_subquery() for one in (at_once.limit(1), later))
    due = select(waiting.c.host, func.coalesce(first, last).label("at")).where(_is_asked(waiting)).subquery()
    return select(due.c.host, due.c.at).where(due.c.at.is_not(None))


def _hosts_that_wait() -> Select[str]:
    waiting = _waiting()
    due = select(frontier.c.id).where(_IS_PENDING, frontier.c.host == waiting.c.host, _IS_DUE).correlate(waiting)
    blocked = select(hosts.c.host).where(hosts.c.blocked_until > bindparam("now"))
    of_none = waiting.c.host.is_(None)  # the end
    ready = ~of_none, _is_asked(waiting), waiting.c.host.not_in(blocked), due.exists()
    return select(waiting.c.host).where(*ready).order_by(waiting.c.host)


def _is_asked(waiting: CTE) -> ColumnElement[bool]:
    """Whether something on a host may be of the run's sources: others would be looked through to their end."""
    return or_(bindparam("everywhere", type_=Boolean()), among(waiting.c.host, "hosts"))


_LEND = (
    update(frontier)
    .where(among(frontier.c.id, "ids"))
    .values(state="leased", run_id=bindparam("run"), leased_until=bindparam("until"), tries=frontier.c.tries + 1)
)

_IS_MINE = and_(frontier.c.state == "leased", frontier.c.run_id == bindparam("run"))

_DONE = (
    update(frontier)
    .where(among(frontier.c.id, "ids"), _IS_MINE)
    .values(state="done", next_try_at=None, leased_until=None)
    .returning(frontier.c.id)
)

_AGAIN = (
    update(frontier)
    .where(frontier.c.id == bindparam("link"), _IS_MINE)
    .values(state="pending", next_try_at=bindparam("at"), leased_until=None)
)

_READY_HOSTS = _hosts_that_wait()

_DUE_BY_HOST = _due_by_host()

_FIRST_LISTINGS = [
    select(func.min(frontier.c.priority)).where(*which, _OF_HOST, frontier.c.priority.in_(LISTINGS))
    for which in ((_IS_PENDING, _IS_DUE), (_IS_READ,))
]

# Of a host that has failed since it last answered.
_FAILURES = select(hosts.c.failures).where(hosts.c.host == bindparam("host"))


def _next(*order: ColumnElement[int]) -> Select[Any]:
    return (
        select(frontier)
        .where(_IS_PENDING, _IS_DUE, _OF_HOST, frontier.c.priority <= bindparam("last"))
        .order_by(*order)
        .limit(bindparam("room"))
        .with_for_update(skip_locked=True)
    )


_NEXT = _next(frontier.c.priority, frontier.c.id)  # as the index has them

_NEXT_OF_FAILING = _next(frontier.c.priority, frontier.c.tries, frontier.c.id)
