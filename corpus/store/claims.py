"""Claims: which run may ask which host now. A host belongs to one run at a time, whatever the machine it runs on.

A run claims a host with the first link that it leases of it, and leaves it when it has none leased; then the host
rests for the delay between its requests, and is anybody's. The claims of a run that is heard of no more run out as its
leases do.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, func, select, update

from corpus.store import raw
from corpus.store.schema import claims, runs
from corpus.urls import registrable_domain

# Three missed heartbeats (`pipelines.ledger.HEARTBEAT_S`) and a reserve.
SILENT_AFTER = timedelta(seconds=90)

# Hosts of one site that are asked at a time. A site may have a host for each of its pages: a thousand such were asked
# for 20 pages a second, whatever the delay, and all other sites waited. Guess.
MOST_OF_SITE = 4


def no_rest(host: str) -> float:
    """Zero: for what is crawled without a delay."""
    return 0.0


def of_others(connection: Connection, *, run_id: int, now: datetime) -> dict[str, tuple[int | None, datetime]]:
    """The hosts that a run may not ask now: whose they are (None: they rest), and until when."""
    statement = select(claims).where(claims.c.until > now, claims.c.run_id.is_distinct_from(run_id))
    return {row.host: (row.run_id, row.until) for row in connection.execute(statement)}


def take(
    connection: Connection,
    queue: str,
    ready: Sequence[str],
    *,
    run_id: int,
    busy: Mapping[str, int],
    now: datetime,
    until: datetime,
    limit: int,
) -> list[str]:
    """Those of the ready hosts that are this run's from now on: at most its share, its own first, few of each site.

    `busy` are the hosts that it has links of. Where several runs work on a queue, each has as many hosts as the others.
    """
    others = of_others(connection, run_id=run_id, now=now)
    own = set(connection.execute(_OWN, {"run": run_id}).scalars())
    in_use = {host for host, count in busy.items() if count}
    free = sorted(
        (host for host in ready if host not in others), key=lambda host: (host not in in_use, host not in own)
    )
    free = _few_of_each_site(free, in_use, own)
    share = _share(connection, queue, len({*ready, *in_use}), now) - len(in_use.difference(free))
    wanted = free[: max(0, min(limit, share))]
    now_own = _claim(connection, sorted({*wanted} - own), run_id=run_id, now=now, until=until)
    return [host for host in wanted if host in now_own]


def leave(
    connection: Connection,
    run_id: int,
    *,
    but: Collection[str] = (),
    now: datetime,
    rest: Callable[[str], float] = no_rest,
) -> None:
    """Leave the hosts of a run, `but` some: each is to rest for so many seconds."""
    own = connection.execute(_OWN, {"run": run_id}).scalars()
    left = [{"left": host, "rested": now + timedelta(seconds=rest(host))} for host in sorted(own) if host not in but]
    if left:
        statement = update(claims).where(claims.c.host == bindparam("left"), claims.c.run_id == run_id)
        connection.execute(statement.values(run_id=None, until=bindparam("rested")), left)


def renew(connection: Connection, run_id: int, *, until: datetime) -> None:
    """Prolong all claims of a run that is alive."""
    connection.execute(update(claims).where(claims.c.host.in_(_free(claims.c.run_id == run_id))).values(until=until))


def clear(connection: Connection, *, now: datetime) -> None:
    """Take out the claims that ran out, and those of runs that have ended."""
    ended = select(runs.c.id).where(runs.c.status != "running")
    connection.execute(
        delete(claims).where(claims.c.host.in_(_free((claims.c.until <= now) | claims.c.run_id.in_(ended))))
    )


def _few_of_each_site(free: Sequence[str], in_use: Collection[str], own: Collection[str]) -> list[str]:
    """The hosts in their order, without those for which their site would have too many in use.

    Of these the ones that had no turn come first, or the first few would be asked to their end.
    """
    of_site, taken = Counter(map(_site, in_use)), {*in_use}
    for host in sorted(free, key=lambda host: host in own):
        if host not in in_use and of_site[_site(host)] < MOST_OF_SITE:
            of_site[_site(host)] += 1
            taken.add(host)
    return [host for host in free if host in taken]


def _site(host: str) -> str:
    return registrable_domain(f"http://{host}/")


def _free(which: ColumnElement[bool]) -> Select[str]:
    """Hosts whose claim no other transaction is changing: runs lease at any time, and are to wait in no circle."""
    return select(claims.c.host).where(which).with_for_update(skip_locked=True)


def _share(connection: Connection, queue: str, hosts: int, now: datetime) -> int:
    statement = select(func.count()).where(
        runs.c.queue == queue, runs.c.status == "running", runs.c.heartbeat_at > now - SILENT_AFTER
    )
    return math.ceil(hosts / max(1, connection.execute(statement).scalar_one()))


def _claim(connection: Connection, hosts: Sequence[str], *, run_id: int, now: datetime, until: datetime) -> set[str]:
    """All hosts of a run, with those of these that nobody else has claimed in the meantime.

    They are claimed in one order by all runs, so that none waits in a circle.
    """
    given = {"run": run_id, "until": raw.stored(connection, until), "now": raw.stored(connection, now)}
    raw.run(connection, _CLAIM, [{"host": host} | given for host in hosts])
    return set(connection.execute(_OWN, {"run": run_id}).scalars())


_OWN = select(claims.c.host).where(claims.c.run_id == bindparam("run"))

_CLAIM = (
    "INSERT INTO claims (host, run_id, until) VALUES (:host, :run, :until)"
    " ON CONFLICT (host) DO UPDATE SET run_id = excluded.run_id, until = excluded.until WHERE claims.until <= :now"
)
