"""Time that passes between two crawls: they are processes of their own, so their clock cannot be set."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from corpus.store.database import Database
from corpus.store.schema import hosts, visits

TIMES = ("read_at", "first_at", "visited_at", "due_at")
HOST_TIMES = ("robots_at", "tdm_at")


def pass_time(database: Database, time: timedelta) -> None:
    """Let all that is stored of visits and of what hosts say be older by so much."""
    with database.writing() as connection:
        for row in connection.execute(select(visits)).all():
            older = {name: value - time for name in TIMES if (value := row._mapping[name]) is not None}
            connection.execute(update(visits).where(visits.c.link_id == row.link_id).values(older))
        for host in connection.execute(select(hosts)).all():
            older = {name: value - time for name in HOST_TIMES if (value := host._mapping[name]) is not None}
            if older:
                connection.execute(update(hosts).where(hosts.c.host == host.host).values(older))
