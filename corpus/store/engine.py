"""What connections are set up with: the URL of a database, what SQLite and PostgreSQL are told, what is refused.

Transactions, and the revision of what is in it: `database`.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from corpus.errors import DatabaseError

# A second writer waits this long for the first: transactions here last milliseconds.
BUSY_TIMEOUT_S = 30

# Of a PostgreSQL that is silent: how long its first word is waited for, and how long what was said to it may stay
# unheard. By themselves the driver waits 130 s, and the system a quarter of an hour. A URL may say otherwise.
HEARD_WITHIN = {
    "connect_timeout": 10,
    "keepalives_idle": 60,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 90_000,
}


def make_engine(where: str, *, create: bool) -> tuple[Engine, str]:
    """The engine for a path or a SQLAlchemy URL, and what messages call its database.

    Raises DatabaseError for what cannot be one, and unless it is to be made (`create`), for a file that is not there.
    """
    url = _url(where)
    name = _shown(url)
    if url.get_backend_name() == "sqlite":
        name = str(url.database)
        _require_sqlite_file(Path(name), create=create)
    elif url.get_backend_name() != "postgresql":
        raise DatabaseError(name, why="is neither SQLite nor PostgreSQL; nazair knows these two.")
    try:
        engine = create_engine(url, **_engine_options(url))
    except ModuleNotFoundError as error:
        raise DatabaseError(
            name, why="PostgreSQL support is not installed.", now="Add it: pip install 'nazair[postgres]'"
        ) from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    else:
        # Before SQLAlchemy's own first look, which such a connection answers with bytes.
        event.listen(engine, "connect", partial(_require_utf8, name), insert=True)
        event.listen(engine, "connect", _prepare_nothing_behind_a_pooler)
    return engine, name


def file_of(where: str) -> Path | None:
    """The file that a path names; None for a URL."""
    return None if "://" in where else Path(where).expanduser()


def refuse_writes(engine: Engine) -> None:
    """Let the database itself refuse every write of the connections to come."""
    is_sqlite = engine.dialect.name == "sqlite"
    event.listen(engine, "connect", _on_read_only_connect if is_sqlite else _on_read_only_postgresql)


def _url(where: str) -> URL:
    if (file := file_of(where)) is not None:
        return URL.create("sqlite", database=str(file))
    try:
        url = make_url(where)
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise DatabaseError(
            where.rsplit("@", 1)[-1].partition("?")[0],
            why="is neither a path nor a database URL that nazair knows.",
            now="Examples: nazair.db, postgresql://user@host/nazair",
        ) from error
    if "@" in (url.host or ""):
        # The end of a password would be taken for the host, and shown.
        raise DatabaseError(
            where.rsplit("@", 1)[-1].partition("?")[0],
            why="the password before it has an @ of its own.",
            now="Write that one as %40.",
        )
    return url


def _shown(url: URL) -> str:
    """A URL for messages, without passwords."""
    return url.difference_update_query(["password", "sslpassword"]).render_as_string(hide_password=True)


def _engine_options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        # Used by one thread at a time, but not always by the one that opened it.
        return {"connect_args": {"check_same_thread": False, "timeout": BUSY_TIMEOUT_S}}
    told = {name: value for name, value in HEARD_WITHIN.items() if name not in url.query}
    return {"pool_pre_ping": True, "isolation_level": "READ COMMITTED", "connect_args": told}


def _on_sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # Keys of near-copies are read all over the file: mapped, 78 of them take 140 µs of CPU instead of 240
    # (200,000 articles). 2 GiB is the most that SQLite maps.
    cursor.execute(f"PRAGMA mmap_size={(1 << 31) - (1 << 16)}")
    # And written all over the file: 64 articles change 5,000 pages. With SQLite's own 2 MB these are written
    # before their time, and with its own 1,000 pages all of them twice (0.9 and 0.65 ms of CPU a text; so 0.4).
    cursor.execute("PRAGMA cache_size=-32768")
    cursor.execute("PRAGMA wal_autocheckpoint=8000")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    # A read that turns into a write later fails at once with SQLITE_BUSY_SNAPSHOT, whatever the time-out.
    write = connection.get_execution_options().get("nazair_write")
    if write:
        # Not when it is opened: what turns out to be another program's is left as it is.
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _on_read_only_connect(connection: sqlite3.Connection, _record: object) -> None:
    # 2 MB: the system keeps what is read often, once for all connections.
    for pragma in ("query_only=ON", "mmap_size=0", "cache_size=-2048"):
        connection.execute(f"PRAGMA {pragma}").close()


def _on_read_only_postgresql(connection: Any, _record: object) -> None:
    connection.read_only = True


def _require_utf8(name: str, connection: Any, _record: object) -> None:
    """Raise DatabaseError for a PostgreSQL database that cannot store Arabic, as `initdb` makes it in the locale C."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding not in ("UTF8", None):  # a pooler between the two may not say
        raise DatabaseError(
            name,
            why=f"its encoding is {encoding}, in which Arabic cannot be stored.",
            now="Make another: createdb --encoding UTF8 --template template0 --locale C NAME",
        )


def _prepare_nothing_behind_a_pooler(connection: Any, _record: object) -> None:
    """A pooler (PgBouncer) may give each transaction another server process, which has not what was prepared, or
    something else of the same name, prepared by another client.
    """
    (pid,) = connection.execute("SELECT pg_backend_pid()").fetchone()
    connection.rollback()
    if pid != connection.info.backend_pid:
        connection.prepare_threshold = None


def _require_sqlite_file(path: Path, *, create: bool) -> None:
    name = str(path)
    if path.is_dir():
        raise DatabaseError(name, why="is a folder, not a database.", now="Name a file in it: --db FOLDER/nazair.db")
    if not path.parent.is_dir():
        raise DatabaseError(name, why=f"the folder {str(path.parent)!r} does not exist.", now="Make it first.")
    if path.exists():
        _require_sqlite_header(path)
        if create and not os.access(path, os.W_OK):
            raise DatabaseError(name, why="cannot be written: it is read-only.", now="Change its permissions.")
    elif not create:
        raise DatabaseError(
            name,
            why="there is no database here yet.",
            now="Collect something first (nazair demo, nazair crawl TOPIC, nazair add URL), or name another: --db FILE",
        )
    elif not os.access(path.parent, os.W_OK):
        raise DatabaseError(name, why=f"the folder {str(path.parent)!r} cannot be written.", now="Name another: --db")


def _require_sqlite_header(path: Path) -> None:
    """Raise DatabaseError for a file that is something else.

    SQLite is asked: whoever opens the file beside it, and closes it, gives back all locks that this process has on it
    (sqlite.org/howtocorrupt.html, 2.2), and another process that ends may take its journal away.
    """
    if not os.access(path, os.R_OK):
        raise DatabaseError(str(path), why="cannot be read.", now="Change its permissions.")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:  # all else is told when it is opened
            raise DatabaseError(
                str(path), why="is not a database; it was left as it is.", now="Name another file: --db FILE"
            ) from error
