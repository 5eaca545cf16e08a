"""Is it the database that failed, or what was to be stored? One is waited for, the other put aside."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

from corpus.errors import DatabaseError

# Busy, locked, no memory, read-only, I/O error, corrupt, full, cannot open, protocol, not a database
# (https://www.sqlite.org/rescode.html).
SQLITE_OUTAGES = {5, 6, 7, 8, 10, 11, 13, 14, 15, 26}

# Connection, transaction rolled back, resources (disk full), intervention (shut down), system error
# (https://www.postgresql.org/docs/current/errcodes-appendix.html).
POSTGRESQL_OUTAGES = ("08", "40", "53", "57", "58")


def is_outage(error: BaseException) -> bool:
    """Whether the same may succeed later, or fails for everything else too."""
    if isinstance(error, DatabaseError):
        return True  # it cannot be opened
    if not isinstance(error, DBAPIError):
        return False
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE_OUTAGES
    state = getattr(cause, "sqlstate", None)
    return error.connection_invalidated or state is None or state.startswith(POSTGRESQL_OUTAGES)
