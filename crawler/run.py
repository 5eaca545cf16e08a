"""Begin a run: one at a time on SQLite, several on PostgreSQL."""

from __future__ import annotations

import os
import platform
from dataclasses import replace
from datetime import UTC, datetime

from corpus import copies
from corpus.errors import DatabaseError, RunLocked
from corpus.store import Connection, claims, leases, runs
from corpus.store.claims import SILENT_AFTER
from corpus.store.database import Database
from corpus.store.outage import is_busy
from corpus.store.runs import Run
from corpus.store.wrong_clock import BELIEVED
from crawler.processes import identity, is_there

WITHOUT_A_WORD = "the process ended without a word"


def begin_run(database: Database, queue: str) -> int:
    """Record a new run and return its id; runs that died are marked lost and give back their leases.

    Raises RunLocked when another run on this SQLite file is alive, or a rebuild has it; on PostgreSQL runs share the
    work, host by host.
    Raises SketchMismatch for a collection in which nothing could be stored.
    One transaction: of two runs that start at once, one sees the other.
    """
    try:
        return _begin_run(database, queue)
    except DatabaseError as error:
        if is_busy(error):
            raise RunLocked(str(error)) from error
        raise


def _begin_run(database: Database, queue: str) -> int:
    with database.writing() as connection:
        now = datetime.now(UTC)  # after the wait for its turn, which a rebuild may take for minutes
        copies.require_ours(connection)
        alive = bury_lost(connection, now)
        if alive and database.is_sqlite:
            run = alive[0]
            raise RunLocked(
                f"Another run is active on {database.name}: run {run.id} ({run.queue}), process {run.pid} on "
                f"{run.machine}, since {run.started_at:%Y-%m-%d %H:%M:%S} UTC. Wait until it ends, or stop it."
            )
        pid = os.getpid()
        return runs.start(connection, queue, now=now, machine=platform.node(), pid=pid, process=identity(pid))


def bury_lost(connection: Connection, now: datetime) -> list[Run]:
    """Mark runs that died as lost, and give back their leases; returns those that are alive."""
    alive = []
    for run in runs.running(connection):
        if as_found(connection, run, now).status == "running":
            alive.append(run)
        else:
            _bury(connection, run, now)
    return alive


def as_found(connection: Connection, run: Run, now: datetime) -> Run:
    """A run as the next one finds it: lost, when it died and nobody has marked it yet."""
    if run.status != "running" or _is_alive(run, now, shared=connection.dialect.name != "sqlite"):
        return run
    return replace(run, status="lost", reason=WITHOUT_A_WORD)


def _is_alive(run: Run, now: datetime, *, shared: bool) -> bool:
    if not -BELIEVED <= now - run.heartbeat_at <= SILENT_AFTER:
        return False
    return run.machine != platform.node() or is_there(run.pid, run.process, shared=shared)


def _bury(connection: Connection, run: Run, now: datetime) -> None:
    runs.end(connection, run.id, now=now, status="lost", reason=WITHOUT_A_WORD)
    leases.release_expired(connection, now=now)
    claims.clear(connection, now=now)
