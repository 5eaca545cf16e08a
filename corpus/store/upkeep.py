"""The care of a database: bring it to our revision, back it up, write it anew, look for damage."""

from __future__ import annotations

import glob
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from corpus.errors import DatabaseError
from corpus.store.database import Database, our_revision
from corpus.store.engine import BUSY_TIMEOUT_S
from corpus.store.schema import metadata

# Of SQLite: ten milliseconds.
STEPS_BETWEEN = 10_000


def upgrade(database: Database) -> Path | None:
    """Bring the database to the newest revision; returns the backup made before, if one was needed.

    Raises DatabaseError for one that is another program's, newer than this one, or older than the first revision is.
    """
    revision = our_revision(database)
    backup = _backup(database.path) if database.path is not None and revision is not None else None
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "corpus.store:migrations")
    try:
        with database.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if missing := _lacking(connection):
                raise DatabaseError(
                    database.name,
                    why=f"is older than all that can be upgraded: {'; '.join(missing)}. It is as it was.",
                    now="With the version that made it: nazair export all.jsonl. With this one: "
                    "nazair import all.jsonl --db NEW",
                )
    except DatabaseError:
        if backup is not None:
            backup.unlink()  # of what is as it was
        raise
    return backup


def compact(database: Database) -> bool:
    """Write the file anew without what was deleted; False when others were reading, and pages of it are still there.

    Only on SQLite: PostgreSQL's own autovacuum and `VACUUM FULL` do that. Raises DatabaseError when it cannot be done,
    KeyboardInterrupt when it was interrupted.
    """
    path = database.path
    if path is None:
        return True
    database.close()
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as connection:
            # Now and then a step of Python's, in which it minds Ctrl-C: a large file takes minutes.
            connection.set_progress_handler(lambda: 0, STEPS_BETWEEN)
            connection.execute("VACUUM")
            # Until then the old pages are in the file, and the new ones beside it.
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        if error.sqlite_errorname == "SQLITE_INTERRUPT":
            raise KeyboardInterrupt from error
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


def lacking(database: Database) -> list[str]:
    """What a database at our revision lacks of our tables: some version that was never released may have made it."""
    with database.reading() as connection:
        return _lacking(connection)


def _lacking(connection: Connection) -> list[str]:
    there = inspect(connection).get_multi_columns()
    columns = {table: {column["name"] for column in some} for (_, table), some in there.items()}
    return [
        f"table {table.name} lacks {', '.join(missing)}" if table.name in columns else f"there is no table {table.name}"
        for table in metadata.sorted_tables
        if (missing := sorted({column.name for column in table.columns} - columns.get(table.name, set())))
    ]


def _backup(path: Path) -> Path:
    target = path.with_name(f"{path.name}.backup-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    free = shutil.disk_usage(path.parent).free
    if free < path.stat().st_size:
        raise DatabaseError(
            str(path), why=f"there is no room for the backup beside it ({free} bytes free).", now="Make room first."
        )
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except BaseException as error:
        # A part of a backup looks like one.
        target.unlink(missing_ok=True)
        if not isinstance(error, sqlite3.Error):
            raise
        raise DatabaseError(
            str(path), why=f"the backup beside it could not be made: {error}.", now="It was left as it is."
        ) from error
    return target
