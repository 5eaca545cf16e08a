"""Open a database: SQLite by default, PostgreSQL by URL. Checks the revision, makes transactions.

How the engine behind it is set up: `engine`. Upgrades, backups, checks: `upkeep`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from corpus.errors import DatabaseError
from corpus.store import outage
from corpus.store.engine import BUSY_TIMEOUT_S, make_engine, refuse_writes

# Oldest first; the last is the one this program reads and writes. Kept by hand so that
# opening a database does not import Alembic (0.3 s); a test compares it with the migrations.
REVISIONS = ("0001", "0002")

# A journal of this size (four times what SQLite makes of it by itself) is begun anew as soon as its readers end. So
# long they are waited for: a question takes milliseconds, an export minutes. Guesses.
LONGEST_JOURNAL = 128 << 20
JOURNAL_WAIT_S = 1.0

# Any constant: writers on PostgreSQL take turns, as they do on SQLite, so that two
# processes that store copies of one text at the same time see each other.
WRITE_LOCK = 0x6E617A61

# Whoever stands still in his turn (a laptop that sleeps) holds up all others: the server ends that after so long, as
# leases end. One whose machine is cut off is found after a minute and a half, not after the system's two hours.
FREED_AFTER = {
    "idle_in_transaction_session_timeout": "10min",
    "tcp_keepalives_idle": "60",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


class Database:
    """An open collection. Use `reading()` and `writing()`; close when done."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.name = name  # for messages: a path, or a URL without its password
        self._engine = engine
        self._longest_journal = LONGEST_JOURNAL

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database."""
        return Path(str(self._engine.url.database)) if self.is_sqlite else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database throughout."""
        with self._connect(write=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is stored, or, after an exception, nothing."""
        with self._connect(write=True) as connection:
            if not self.is_sqlite:
                # One question: each is a way to the server and back.
                until_the_end = (f"set_config('{name}', '{value}', true)" for name, value in FREED_AFTER.items())
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK}), {', '.join(until_the_end)}")
            yield connection

    @contextmanager
    def leasing(self) -> Iterator[Connection]:
        """One transaction that takes rows nobody else has: on PostgreSQL it locks them, and waits for no writer."""
        with self._connect(write=True) as connection:
            yield connection

    @contextmanager
    def _connect(self, *, write: bool) -> Iterator[Connection]:
        try:
            connection = self._engine.connect()
        except SQLAlchemyError as error:
            raise DatabaseError(
                self.name, why=f"cannot be opened: {outage.first_line(error)}.", now=outage.advice(error)
            ) from error
        try:
            with connection:
                connection = connection.execution_options(nazair_write=write)
                if not (write or self.is_sqlite):
                    # By itself each statement would see what was stored just before it.
                    connection = connection.execution_options(isolation_level="REPEATABLE READ")
                with connection.begin():
                    yield connection
                if write and (path := self.path) is not None:
                    self._shorten_journal(path, connection)
        except DBAPIError as error:
            if not outage.is_outage(error):
                raise
            raise DatabaseError(
                self.name, why=f"the database failed: {outage.first_line(error)}.", now=outage.advice(error)
            ) from error

    def _shorten_journal(self, path: Path, connection: Connection) -> None:
        """Let SQLite's journal begin anew when it is long: by itself it only does so in a moment in which nobody reads.

        While a server always has a reader, it grew with all that was written (240 of 240 MB). This waits for those
        who read now; those who come meanwhile read the file.
        """
        journal = path.with_name(f"{path.name}-wal")
        if _size(journal) < self._longest_journal:
            return
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={JOURNAL_WAIT_S * 1000:.0f}")
        with suppress(sqlite3.Error):  # what was to be written is stored
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000:.0f}")
        cursor.close()
        self._longest_journal = _size(journal) + LONGEST_JOURNAL  # not each time while somebody reads for minutes

    def revision(self) -> str | None:
        """The migration that the database is at; None when it has none of our tables."""
        with self.reading() as connection:
            return _revision(connection)

    def time(self) -> datetime | None:
        """What the server's clock says; None on SQLite, which has ours."""
        if self.is_sqlite:
            return None
        with self.reading() as connection:
            now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            return now

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()


def open_database(where: str, *, create: bool = False) -> Database:
    """The collection at `where` (a path, or a SQLAlchemy URL), at the revision that this program needs.

    `create` makes a new one when there is none; it never touches a file that is something else.
    Raises DatabaseError with a sentence for everything that is wrong with it.
    """
    return _at_our_revision(connect(where, create=create), create=create)


def open_read_only(where: str) -> Database:
    """The collection at `where` for reading: the database itself refuses every write. Raises DatabaseError.

    For servers: of its pages little is kept in memory for each connection, and none is mapped.
    """
    database = connect(where)
    refuse_writes(database._engine)
    return _at_our_revision(database, create=False)


def connect(where: str, *, create: bool = False) -> Database:
    """The database at `where` as it stands, at any revision: for `db info` and `db upgrade`."""
    return Database(*make_engine(where, create=create))


def _create(database: Database) -> None:
    """Make the tables of a new database as they are now: what all migrations lead to, without importing Alembic."""
    from corpus.store.schema import metadata

    with database.writing() as connection:
        if inspect(connection).has_table("alembic_version"):
            return  # somebody else was quicker
        metadata.create_all(connection)
        version = "version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)"
        connection.execute(text(f"CREATE TABLE alembic_version ({version})"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": REVISIONS[-1]})


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _at_our_revision(database: Database, *, create: bool) -> Database:
    """The database, if it is at the revision that this program needs; else it is closed."""
    try:
        _require_revision(database, create=create)
    except BaseException:
        database.close()
        raise
    return database


def _require_revision(database: Database, *, create: bool) -> None:
    try:
        revision = our_revision(database)
    except SQLAlchemyError as error:
        raise DatabaseError(database.name, why=f"cannot be read: {outage.first_line(error)}.") from error
    if revision == REVISIONS[-1]:
        return
    if revision is not None:
        raise DatabaseError(
            database.name,
            why=f"is at revision {revision}, this nazair needs {REVISIONS[-1]}.",
            now="Upgrade it (a backup is made first): nazair db upgrade",
        )
    if not create:
        raise DatabaseError(database.name, why="is empty.", now="Collect something first: nazair crawl TOPIC")
    _create(database)


def our_revision(database: Database) -> str | None:
    """The migration that the database is at; None when it is empty.

    Raises DatabaseError for what this program neither made nor can read.
    """
    with database.reading() as connection:
        revision = _revision(connection)
        # In one state of it: another process may be making our tables.
        is_anothers = revision is None and bool(inspect(connection).get_table_names())
    if is_anothers:
        raise DatabaseError(
            database.name, why="belongs to another program; it was left as it is.", now="Name another: --db"
        )
    if revision is not None and revision not in REVISIONS:
        raise DatabaseError(
            database.name,
            why=f"is at revision {revision}, which is newer than this nazair (revision {REVISIONS[-1]}).",
            now="Update nazair, or use the program that wrote it.",
        )
    return revision


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
