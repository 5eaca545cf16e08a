"""What a clock noted that was far ahead (a machine that started without a battery): believed, it would hold all up.

A value further ahead than any that is ever noted is taken for none, or for now.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from corpus.store.schema import claims, frontier, hosts, visits

# No visit or trial is put off for more than a week, nor a host that rests; one that asks for it is left alone for up
# to a year. A day, where only the past is noted: machines that share a database may differ a little.
FURTHEST_VISIT = timedelta(days=8)
LONGEST_BLOCK = timedelta(days=366)
BELIEVED = timedelta(days=1)


def disbelieve(connection: Connection, *, now: datetime) -> None:
    """Let nothing wait for a time that no clock which is right would have noted until `now`."""
    visit = update(visits).where(visits.c.due_at > now + FURTHEST_VISIT)
    changes = [visit.values(due_at=now, first_at=now, visited_at=now)]
    changes += [update(claims).where(claims.c.until > now + FURTHEST_VISIT).values(until=now)]
    bounds = {hosts.c.blocked_until: LONGEST_BLOCK, hosts.c.robots_at: BELIEVED, hosts.c.tdm_at: BELIEVED}
    for column, bound in bounds.items():
        changes += [update(hosts).where(column > now + bound).values({column.name: None})]
    was_ahead = [connection.execute(change).rowcount for change in changes]
    # There may be millions of rows, all of which are looked at for the sake of a few: not without a sign.
    if any(was_ahead):
        trial = update(frontier).where(frontier.c.state == "pending", frontier.c.next_try_at > now + FURTHEST_VISIT)
        connection.execute(trial.values(next_try_at=None))
