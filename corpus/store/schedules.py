"""Crawls that are due at times: rows, and the lease of whoever runs one.

Which times are due is decided in `nazair.schedule.times`. A lease is taken by comparing and setting
`settled_until`: of two services that see the same time due, one gets it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from corpus.store.columns import in_order
from corpus.store.schema import schedules

# One that is held for longer was noted by a clock that was wrong by years. Leases are for a minute and a half.
LONGEST_LEASE = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A crawl that is due at times, and how it went the last time."""

    name: str
    topic_id: str
    cron: str | None
    every_s: int | None
    zone: str
    jitter_s: int = 0
    source_ids: tuple[str, ...] = ()
    max_pages: int | None = None
    max_time_s: int | None = None
    created_at: datetime
    settled_until: datetime  # due times up to it had their run, or were missed
    paused: bool = False
    not_before: datetime | None = None
    holder: str | None = None
    held_until: datetime | None = None
    last_started_at: datetime | None = None
    last_ended_at: datetime | None = None
    last_missed: int = 0  # due times before the last run that had none
    last_exit_code: int | None = None
    last_result: str | None = None
    last_run_id: int | None = None
    id: int = 0

    def is_held(self, now: datetime) -> bool:
        """Whether somebody runs it, and has been heard of."""
        return self.held_until is not None and now < self.held_until <= now + LONGEST_LEASE


def add(connection: Connection, schedule: Schedule) -> bool:
    """Store a new schedule; False when its name is taken."""
    if by_name(connection, schedule.name) is not None:
        return False
    values = {name: getattr(schedule, name) for name in Schedule.__dataclass_fields__ if name != "id"}
    connection.execute(insert(schedules).values(values | {"source_ids": list(schedule.source_ids)}))
    return True


def all_of(connection: Connection) -> list[Schedule]:
    """All schedules, by name."""
    return [_schedule(row) for row in connection.execute(select(schedules).order_by(in_order(schedules.c.name)))]


def by_name(connection: Connection, name: str) -> Schedule | None:
    """The schedule of this name."""
    row = connection.execute(select(schedules).where(schedules.c.name == name)).first()
    return None if row is None else _schedule(row)


def claim(
    connection: Connection,
    schedule: Schedule,
    *,
    holder: str,
    now: datetime,
    until: datetime,
    settled_until: datetime,
    missed: int,
) -> bool:
    """Take the lease of a schedule as it was read; False when it has changed since, or somebody holds it."""
    statement = (
        update(schedules)
        .where(
            schedules.c.id == schedule.id,
            schedules.c.settled_until == schedule.settled_until,
            schedules.c.paused.is_(False),
            or_(
                schedules.c.held_until.is_(None),
                schedules.c.held_until <= now,
                schedules.c.held_until > now + LONGEST_LEASE,
            ),
        )
        .values(
            settled_until=settled_until,
            not_before=None,
            holder=holder,
            held_until=until,
            last_started_at=now,
            last_ended_at=None,
            last_missed=missed,
            last_exit_code=None,
            last_result=None,
            last_run_id=None,
        )
    )
    return connection.execute(statement).rowcount == 1


def renew(connection: Connection, schedule_id: int, *, holder: str, until: datetime) -> bool:
    """Prolong a lease; False when it is no longer this holder's."""
    return _of_holder(connection, schedule_id, holder, {"held_until": until})


def finish(
    connection: Connection,
    schedule_id: int,
    *,
    holder: str,
    now: datetime,
    exit_code: int,
    result: str,
    run_id: int | None,
) -> bool:
    """End a lease with what came of the crawl; False when it was no longer this holder's."""
    told = {"last_ended_at": now, "last_exit_code": exit_code, "last_result": result, "last_run_id": run_id}
    return _of_holder(connection, schedule_id, holder, {"holder": None, "held_until": None} | told)


def give_back(
    connection: Connection, before: Schedule, *, holder: str, not_before: datetime, exit_code: int, result: str
) -> None:
    """End a lease under which nothing could be done: what was due `before` is due again, from `not_before` on."""
    told = {"not_before": not_before, "last_exit_code": exit_code, "last_result": result}
    due_again = {"holder": None, "held_until": None, "settled_until": before.settled_until}
    _of_holder(connection, before.id, holder, due_again | told)


def pause(connection: Connection, name: str) -> bool:
    """Let a schedule rest; False when there is none of this name."""
    return connection.execute(update(schedules).where(schedules.c.name == name).values(paused=True)).rowcount == 1


def resume(connection: Connection, name: str, *, now: datetime) -> bool:
    """Let a schedule go on with its next time; what was due while it rested does not count as missed."""
    statement = update(schedules).where(schedules.c.name == name, schedules.c.paused.is_(True))
    if connection.execute(statement.values(paused=False, settled_until=now)).rowcount == 1:
        return True
    return by_name(connection, name) is not None


def remove(connection: Connection, name: str) -> bool:
    """Take a schedule away; False when there is none of this name."""
    return connection.execute(delete(schedules).where(schedules.c.name == name)).rowcount == 1


def _of_holder(connection: Connection, schedule_id: int, holder: str, values: dict[str, Any]) -> bool:
    statement = update(schedules).where(schedules.c.id == schedule_id, schedules.c.holder == holder)
    return connection.execute(statement.values(values)).rowcount == 1


def _schedule(row: Row[Any]) -> Schedule:
    values = dict(row._mapping)
    return Schedule(**values | {"source_ids": tuple(values["source_ids"])})
