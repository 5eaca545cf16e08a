"""Is it the database that failed, or what was to be stored? One is waited for, the other put aside."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

from corpus.errors import DatabaseError

# Busy, locked, no memory, read-only, I/O error, corrupt, full, cannot open, protocol, not a database
# (https://www.sqlite.org/rescode.html).
SQLITE_OUTAGES = {5, 6, 7, 8, 10, 11, 13, 14, 15, 26}

ADVICE: dict[int | str, str] = {
    5: "Another program is writing to it: try again later.",
    8: "It or its folder cannot be written: change that, or copy it to another folder.",
    # Also where its -shm finds no room, without which it cannot even be read.
    10: "Its disk is full, or fails: make room, else look into the system's log.",
    11: "It is damaged: go back to a backup, or save what can still be read: sqlite3 FILE .recover",
    13: "Make room.",
    14: "It or its folder cannot be written: change that, or copy it to another folder.",
    "25P03": "This process stood still in the middle of its work. Nothing of that is stored: repeat the command.",
    "57014": "If that was a time-out, let its user have none: ALTER ROLE … SET statement_timeout = 0",
    "25006": "It is read-only: a standby, or a server whose disk is full. Name the primary, or make room.",
    "42501": "Its tables are to belong to the user that is named.",
    "53100": "Make room.",
}

# Connection, transaction state (read-only, timed out), transaction rolled back, privileges, resources (disk full),
# locks, intervention (shut down), system error (https://www.postgresql.org/docs/current/errcodes-appendix.html).
POSTGRESQL_OUTAGES = ("08", "25", "40", "42501", "53", "55", "57", "58")


# The same: SQLite's busy, and a lock that was not had within PostgreSQL's lock_timeout.
BUSY = (5, "55P03")


def is_outage(error: BaseException) -> bool:
    """Whether the same may succeed later, or fails for everything else too."""
    if isinstance(error, DatabaseError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    code = _code(error)
    if isinstance(code, int):
        return code in SQLITE_OUTAGES
    return error.connection_invalidated or code is None or code.startswith(POSTGRESQL_OUTAGES)


def is_busy(error: BaseException) -> bool:
    """Whether somebody else has what is wanted, and will have done with it some time."""
    return _code(error.__cause__ if isinstance(error, DatabaseError) else error) in BUSY


def advice(error: BaseException) -> str | None:
    """What to do about an outage, where that can be told."""
    return ADVICE.get(_code(error) or "")


def first_line(error: BaseException) -> str:
    """What went wrong, without the statement and its values: these may be a whole article."""
    if isinstance(error, DatabaseError) and error.__cause__ is not None:
        error = error.__cause__
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0].rstrip(".")


def _code(error: BaseException | None) -> int | str | None:
    """What a driver's error that SQLAlchemy wraps is known by: SQLite's primary result code, or an SQLSTATE."""
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        code: int = getattr(cause, "sqlite_errorcode", 0)
        return code & 0xFF
    state: str | None = getattr(cause, "sqlstate", None)
    return state
