"""Open a database: SQLite by default, PostgreSQL by URL. Checks the revision, makes transactions.

Not here: what is in it (`schema`), and questions (the other modules).
"""

from __future__ import annotations

import glob
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from corpus.errors import DatabaseError
from corpus.store import outage

# Oldest first; the last is the one this program reads and writes. Kept by hand so that
# opening a database does not import Alembic (0.3 s); a test compares it with the migrations.
REVISIONS = ("0001",)

# A second writer waits this long for the first: transactions here last milliseconds.
BUSY_TIMEOUT_S = 30

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
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

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
    on_connect = _on_read_only_connect if database.is_sqlite else _on_read_only_postgresql
    event.listen(database._engine, "connect", on_connect)
    return _at_our_revision(database, create=False)


def connect(where: str, *, create: bool = False) -> Database:
    """The database at `where` as it stands, at any revision: for `db info` and `db upgrade`."""
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
    return Database(engine, name)


def upgrade(database: Database) -> Path | None:
    """Bring the database to the newest revision; returns the backup made before, if one was needed.

    Raises DatabaseError for one that is another program's, or newer than this one.
    """
    revision = database.revision()
    _require_ours(database, revision)
    backup = _backup(database) if database.is_sqlite and revision is not None else None
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "corpus.store:migrations")
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return backup


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


def compact(database: Database) -> bool:
    """Write the file anew without what was deleted; False when others were reading, and pages of it are still there.

    Only on SQLite: PostgreSQL's own autovacuum and `VACUUM FULL` do that. Raises DatabaseError when it cannot be done.
    """
    path = database.path
    if path is None:
        return True
    database.close()
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            # Until then the old pages are in the file, and the new ones beside it.
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise DatabaseError(
            database.name,
            why=f"what was deleted could not be written over yet: {error}.",
            now="Nothing is stored of it, but bytes of it are in the file. Repeat the command when no crawl runs.",
        ) from error
    return not busy


def backups(database: Database) -> list[Path]:
    """The backups that upgrades have left beside a SQLite file."""
    path = database.path
    return [] if path is None else sorted(path.parent.glob(f"{glob.escape(path.name)}.backup-*"))


def integrity_problems(database: Database) -> list[str]:
    """What the database engine itself finds wrong; empty when it is sound."""
    if not database.is_sqlite:
        return []
    try:
        with database.reading() as connection:
            rows = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check"))]
            broken = connection.execute(text("PRAGMA foreign_key_check"))
            rows += [f"a row of {row[0]} refers to nothing" for row in broken]
    except DatabaseError as error:
        return [error.why]
    return [row for row in rows if row != "ok"]


def _url(where: str) -> URL:
    if "://" not in where:
        return URL.create("sqlite", database=str(Path(where).expanduser()))
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


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _shown(url: URL) -> str:
    """A URL for messages, without passwords."""
    return url.difference_update_query(["password", "sslpassword"]).render_as_string(hide_password=True)


def _engine_options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        # Used by one thread at a time, but not always by the one that opened it.
        return {"connect_args": {"check_same_thread": False, "timeout": BUSY_TIMEOUT_S}}
    return {"pool_pre_ping": True, "isolation_level": "READ COMMITTED"}


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


def _on_sqlite_begin(connection: Connection) -> None:
    # A read that turns into a write later fails at once with SQLITE_BUSY_SNAPSHOT, whatever the time-out.
    write = connection.get_execution_options().get("nazair_write")
    if write:
        # Not when it is opened: what turns out to be another program's is left as it is.
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


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
        revision = database.revision()
        _require_ours(database, revision)
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


def _require_ours(database: Database, revision: str | None) -> None:
    """Raise DatabaseError for what this program neither made nor can read."""
    if revision is None and _table_names(database):
        raise DatabaseError(
            database.name, why="belongs to another program; it was left as it is.", now="Name another: --db"
        )
    if revision is not None and revision not in REVISIONS:
        raise DatabaseError(
            database.name,
            why=f"is at revision {revision}, which is newer than this nazair (revision {REVISIONS[-1]}).",
            now="Update nazair, or use the program that wrote it.",
        )


def _table_names(database: Database) -> list[str]:
    with database.reading() as connection:
        return inspect(connection).get_table_names()


def _backup(database: Database) -> Path:
    path = database.path
    assert path is not None  # noqa: S101 - only called for SQLite
    target = path.with_name(f"{path.name}.backup-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    free = shutil.disk_usage(path.parent).free
    if free < path.stat().st_size:
        raise DatabaseError(
            database.name, why=f"there is no room for the backup beside it ({free} bytes free).", now="Make room first."
        )
    with sqlite3.connect(path) as source, sqlite3.connect(target) as copy:
        source.backup(copy)
    return target
