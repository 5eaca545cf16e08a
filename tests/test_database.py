"""Opening a collection: what is wrong with it is said, and nothing of it is touched."""

from __future__ import annotations

import hashlib
import re
import resource
import socket
import socketserver
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import Pool

from corpus import keep
from corpus.errors import DatabaseError
from corpus.store import articles, migrations, overview, raw, runs
from corpus.store.database import FREED_AFTER, REVISIONS, Database, connect, open_database, open_read_only
from corpus.store.outage import is_outage
from corpus.store.schema import metadata
from corpus.store.upkeep import backups, integrity_problems, lacking, upgrade
from corpus.types import Filter
from crawler.run import begin_run
from nazair.cli import run
from tests.storing import store
from tests.texts import article

NOW = datetime(2025, 8, 16, 12, tzinfo=UTC)


def test_revisions_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", "corpus.store:migrations")

    scripts = ScriptDirectory.from_config(config)

    assert [script.revision for script in reversed(list(scripts.walk_revisions()))] == list(REVISIONS)


# A migration is never edited once it is on `main`; a new one has its line here when it lands.
AS_OTHERS_RAN_THEM = {"0001_the_collection.py": "aa8d7ba4f652b13e"}


@pytest.mark.parametrize("name", AS_OTHERS_RAN_THEM)
def test_migrations_that_others_have_run_are_not_edited(name: str) -> None:
    file = Path(migrations.__path__[0]) / "versions" / name

    assert hashlib.sha256(file.read_bytes()).hexdigest().startswith(AS_OTHERS_RAN_THEM[name])


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_without_a_place_for_arabic_is_refused(encoding: str, postgresql_server: str) -> None:
    """As `createdb` makes it where the locale is C: each page would be put aside as if it was broken."""
    admin, name = make_url(postgresql_server), f"nazair_{encoding.lower()}"
    with psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0".encode())
        try:
            url = admin.set(database=name).render_as_string(hide_password=False)
            with pytest.raises(DatabaseError, match=f"encoding is {encoding}, in which Arabic cannot be stored"):
                open_database(url, create=True)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_texts_come_in_the_same_order_whatever_the_locale(postgresql_server: str, tmp_path: Path) -> None:
    def order(where: str) -> list[object]:
        with open_database(where, create=True) as database, database.writing() as connection:
            store(connection, *some)
            return [
                *(articles.find(connection, Filter(), sort=sort) for sort in ("title", "source")),
                list(overview.counts_by_source(connection)),
            ]

    some = [
        replace(article(1, outlet=source), title=title)
        for source, title in (("b", "ب"), ("B", "آ"), ("a", "ا"), ("a-b", "أ"), ("ab", "a"))
    ]
    admin, name = make_url(postgresql_server), "nazair_in_arabic"
    with psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True) as connection:
        try:
            connection.execute(
                f"CREATE DATABASE {name} LOCALE_PROVIDER icu ICU_LOCALE 'ar' TEMPLATE template0".encode()
            )
        except psycopg.errors.FeatureNotSupported:
            pytest.skip("this server knows no order but that of code points")
        try:
            assert order(admin.set(database=name).render_as_string(hide_password=False)) == order(
                str(tmp_path / "a.db")
            )
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_migrations_end_where_the_schema_is(new_url: str) -> None:
    with connect(new_url, create=True) as migrated:
        upgrade(migrated)
        with migrated.reading() as connection:
            context = MigrationContext.configure(connection, opts={"include_name": _is_ours})

            assert compare_metadata(context, metadata) == []


def test_a_new_database_is_what_migrations_make(tmp_path: Path) -> None:
    with connect(str(tmp_path / "migrated.db"), create=True) as migrated:
        upgrade(migrated)
    open_database(str(tmp_path / "new.db"), create=True).close()

    assert statements(tmp_path / "new.db") == statements(tmp_path / "migrated.db")


def statements(file: Path) -> dict[str, list[str]]:
    """What made each table and index of a database, in parts, because constraints may stand in any order."""
    with sqlite3.connect(file) as connection:
        made = connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master").fetchall()
    return {
        name: sorted(part.strip(" ()") for part in re.split(r",|(?=WITHOUT)", " ".join(sql.split()).replace("( ", "(")))
        for name, sql in made
    }


def test_a_new_database_is_sound(database: Database) -> None:
    assert database.revision() == REVISIONS[-1]
    assert integrity_problems(database) == []


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    from datetime import UTC, datetime

    from corpus.store import runs

    def fail() -> None:
        with database.writing() as connection:
            runs.start(connection, "topic", now=datetime.now(UTC), machine="m", pid=1)
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        fail()

    with database.reading() as connection:
        assert runs.latest(connection) == []


@pytest.mark.parametrize("create", [False, True])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, create: bool) -> None:
    path = tmp_path / "notes.db"
    path.write_text("ملاحظات")

    with pytest.raises(DatabaseError) as caught:
        open_database(str(path), create=create)

    assert "is not a database" in str(caught.value)
    assert path.read_text() == "ملاحظات"


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE things (id INTEGER)")
    before = path.read_bytes()

    for create in (False, True):
        with pytest.raises(DatabaseError) as caught:
            open_database(str(path), create=create)
        assert "belongs to another program" in str(caught.value)
    assert run(["db", "info", "--db", str(path)]) == 0
    assert run(["db", "upgrade", "--db", str(path)]) == 2

    assert path.read_bytes() == before


def test_tables_of_another_program_are_not_joined_by_an_upgrade(new_url: str) -> None:
    with connect(new_url, create=True) as other:
        with other.writing() as connection:
            connection.execute(text("CREATE TABLE things (id INTEGER)"))

        with pytest.raises(DatabaseError) as caught:
            upgrade(other)

        assert "belongs to another program" in str(caught.value)
        with other.reading() as connection:
            assert inspect(connection).get_table_names() == ["things"]


def test_a_database_that_another_process_makes_meanwhile_is_ours(new_url: str) -> None:
    """Two crawls that are started at once: the other's tables come between our first look and the next."""
    event.listen(Pool, "checkin", lambda *_: open_database(new_url, create=True).close(), once=True)

    with open_database(new_url, create=True) as database:
        assert database.revision() == REVISIONS[-1]
        assert lacking(database) == []


def test_damage_is_told_by_whatever_meets_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "nazair.db"
    open_database(str(path), create=True).close()
    with sqlite3.connect(path) as connection:
        # Not that by which it is opened.
        where = "rootpage > 0 AND tbl_name != 'alembic_version'"
        roots = [root for (root,) in connection.execute(f"SELECT rootpage FROM sqlite_master WHERE {where}")]  # noqa: S608
        (page,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        for root in roots:
            file.seek((root - 1) * page)
            file.write(b"\xff" * page)

    for command in (["stats"], ["search", "قمة"], ["forget", "a.example"]):
        assert run([*command, "--db", str(path)]) == 2
        assert "malformed. It is damaged: go back to a backup" in capsys.readouterr().err
    assert run(["db", "check", "--db", str(path)]) == 2
    output = capsys.readouterr()
    assert "malformed" in output.out
    assert "1 problem in" in output.err


def test_a_database_that_another_program_holds_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "nazair.db"
    open_database(str(path), create=True).close()
    monkeypatch.setattr("corpus.store.engine.BUSY_TIMEOUT_S", 0.1)

    with sqlite3.connect(path) as other:
        other.execute("BEGIN IMMEDIATE")
        assert run(["forget", "a.example", "--db", str(path)]) == 2
        assert run(["stats", "--db", str(path)]) == 0

    assert "database is locked. Another program is writing to it" in capsys.readouterr().err


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError) as caught:
        open_database(str(tmp_path / "none" / "nazair.db"), create=True)

    assert "none' does not exist" in str(caught.value)


def test_a_missing_database_is_not_made_by_a_question(tmp_path: Path) -> None:
    path = tmp_path / "nazair.db"

    with pytest.raises(DatabaseError) as caught:
        open_database(str(path))

    assert "there is no database here yet" in str(caught.value)
    assert not path.exists()


def test_a_newer_database_is_refused(database: Database) -> None:
    _set_revision(database, "9999")

    with pytest.raises(DatabaseError) as caught:
        open_database(_where(database), create=True)

    assert "newer than this nazair" in str(caught.value)
    assert connect(_where(database)).revision() == "9999"


def test_a_read_only_database_cannot_be_crawled_into(tmp_path: Path) -> None:
    path = tmp_path / "nazair.db"
    open_database(str(path), create=True).close()
    path.chmod(0o400)

    if _is_root():
        pytest.skip("root may write to read-only files")
    with pytest.raises(DatabaseError) as caught:
        open_database(str(path), create=True)

    assert "read-only" in str(caught.value)


def test_an_upgrade_of_a_stored_collection_makes_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "nazair.db"
    database = open_database(str(path), create=True)

    backup = upgrade(database)

    assert backup is not None
    assert open_database(str(backup)).revision() == REVISIONS[-1]
    database.close()


def test_of_a_backup_for_which_there_is_no_room_nothing_is_left(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_database(str(tmp_path / "nazair.db"), create=True) as database:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        try:
            with pytest.raises(DatabaseError, match="the backup beside it could not be made"):
                upgrade(database)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

        assert backups(database) == []


def test_on_a_full_disk_what_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    path = tmp_path / "nazair.db"
    open_database(str(path), create=True).close()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))

    try:
        with pytest.raises(DatabaseError, match="Its disk is full, or fails: make room"):
            open_database(str(path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("lacks", [True, False])
def test_a_collection_of_the_first_revision_goes_on(
    database: Database, database_url: str, lacks: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing() as connection:
        store(connection, article(1))
        if lacks:
            connection.execute(text("DROP TABLE analysers"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    assert run(["search", "قمة", "--db", database_url]) == 2
    assert "Upgrade it (a backup is made first): nazair db upgrade" in capsys.readouterr().err
    assert run(["db", "upgrade", "--db", database_url]) == 0

    assert lacking(database) == []
    with database.reading() as connection:
        assert articles.size(connection) == 1
        assert keep.is_of_another_version(connection)


def test_a_collection_from_before_the_first_revision_was_settled_stays_as_it_is(
    database: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing() as connection:
        connection.execute(text("DROP TABLE analysers"))
        connection.execute(text("ALTER TABLE runs DROP COLUMN topic"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    assert run(["db", "upgrade", "--db", database_url]) == 2

    told = capsys.readouterr().err
    assert "older than all that can be upgraded: table runs lacks topic. It is as it was." in told
    assert "nazair import all.jsonl --db NEW" in told
    assert database.revision() == "0001"
    assert lacking(database) == ["there is no table analysers", "table runs lacks topic"]
    assert backups(database) == []


def test_an_upgrade_of_an_empty_collection_leaves_nothing_to_rebuild(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("DROP TABLE analysers"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    upgrade(database)

    with database.reading() as connection:
        assert not keep.is_of_another_version(connection)


def test_tables_that_are_not_ours_are_told(
    database: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing() as connection:
        connection.execute(text("DROP TABLE analysers"))
        connection.execute(text("ALTER TABLE tombstones DROP COLUMN forgotten_at"))

    assert run(["db", "check", "--db", database_url]) == 2

    assert capsys.readouterr().out.splitlines() == [
        "there is no table analysers",
        "table tombstones lacks forgotten_at",
    ]


@pytest.mark.parametrize(
    ("where", "said"),
    {
        "postgresql://me:geheim@127.0.0.1:1/none": "cannot be opened",
        "postgresql://me@127.0.0.1:1/none?password=geheim": "cannot be opened",
        "postgresql://me:g@geheim@127.0.0.1:1/none": "Write that one as %40",
        "postgresql://me@127.0.0.1:port/none?password=geheim": "is neither a path nor a database URL",
        "postgresql+nix://me@127.0.0.1/none?password=geheim": "is neither a path nor a database URL",
    }.items(),
)
def test_a_password_is_never_in_a_message(where: str, said: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        open_database(where, create=True)

    assert "geheim" not in str(caught.value)
    assert said in str(caught.value)


def test_a_server_that_says_nothing_is_not_waited_for_longer_than_its_url_says() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://me@127.0.0.1:{silent.getsockname()[1]}/none"
        for where, least_s, most_s in ((f"{url}?connect_timeout=2", 1, 9), (url, 8, 100)):  # the driver's own: 130 s
            began = time.monotonic()
            with pytest.raises(DatabaseError, match="timeout expired"):
                open_database(where)
            assert least_s < time.monotonic() - began < most_s


def test_no_command_says_the_password_of_the_database(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    where = database_url
    if "://" in where:
        where = make_url(where).set(password="geheim").render_as_string(hide_password=False)  # noqa: S106 - for this test

    for command in (["db", "info"], ["db", "check"], ["doctor"]):
        run([*command, "--db", where])

    output = capsys.readouterr()
    assert "geheim" not in output.out + output.err


@pytest.mark.parametrize("where", ["mysql://me@host/db", "://", "http://example.com/nazair.db"])
def test_other_kinds_of_databases_are_refused(where: str) -> None:
    with pytest.raises(DatabaseError):
        open_database(where)


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    return kind != "table" or (name or "") in metadata.tables


def _set_revision(database: Database, revision: str) -> None:
    from sqlalchemy import text

    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def _where(database: Database) -> str:
    return database._engine.url.render_as_string(hide_password=False) if not database.is_sqlite else database.name


def _is_root() -> bool:
    import os

    return os.geteuid() == 0


def test_what_fails_past_sqlalchemy_is_told_from_what_is_wrong_with_a_statement(database: Database) -> None:
    with database.reading() as connection, pytest.raises(DBAPIError) as wrong:
        raw.rows(connection, "SELECT nothing FROM nowhere")
    with pytest.raises(DatabaseError) as outage:
        _meet_an_outage(database)

    assert not is_outage(wrong.value)
    assert isinstance(outage.value.__cause__, DBAPIError)
    assert is_outage(outage.value.__cause__)
    with database.reading() as connection:
        assert raw.rows(connection, "SELECT 1") == [(1,)]


def test_a_server_that_takes_no_writes_is_an_outage(postgresql_url: str) -> None:
    """A primary that became a standby, or was made read-only because its disk is full: no page is to blame."""
    open_database(postgresql_url, create=True).close()
    url = make_url(postgresql_url).update_query_dict({"options": "-c default_transaction_read_only=on"})

    with open_database(url.render_as_string(hide_password=False)) as read_only, pytest.raises(DatabaseError) as outage:
        begin_run(read_only, "t")

    assert "a standby, or a server whose disk is full" in str(outage.value)


def test_a_writer_that_stands_still_does_not_hold_up_the_others(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a process on a laptop that sleeps: its connection is open, and its turn never ends."""

    def stand_still() -> None:
        with database.writing() as still:
            runs.start(still, "still", now=NOW, machine="here", pid=1)
            with database.writing() as other:  # waits for its turn
                runs.start(other, "other", now=NOW, machine="here", pid=1)
            runs.running(still)

    with open_database(postgresql_url, create=True) as database:
        monkeypatch.setitem(FREED_AFTER, "idle_in_transaction_session_timeout", "3s")
        with pytest.raises(DatabaseError, match="stood still in the middle of its work"):
            stand_still()

        with database.reading() as connection:
            assert [run.queue for run in runs.running(connection)] == ["other"]


@pytest.mark.parametrize(("pooled", "prepares"), [(False, True), (True, False)])
def test_behind_a_pooler_nothing_is_prepared(pooled: bool, prepares: bool, postgresql_url: str) -> None:
    """PgBouncer lets another server process do the next transaction; what was prepared is not there, or another's."""
    open_database(postgresql_url, create=True).close()
    with (
        _relay(postgresql_url, pid=4711 if pooled else None) as url,
        open_database(url) as database,
        database.reading() as connection,
    ):
        for _ in range(20):
            connection.exec_driver_sql("SELECT 1")
        prepared = connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one()

    assert (prepared > 0) is prepares


@contextmanager
def _relay(url: str, *, pid: int | None) -> Iterator[str]:
    """Pass bytes between a client and PostgreSQL; the server's process is `pid`, where one is given: a pooler's own."""
    with psycopg.connect(url) as connection:
        host, port = connection.info.host, connection.info.port

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            unix = host.startswith("/")
            with socket.socket(socket.AF_UNIX if unix else socket.AF_INET) as server:
                server.connect(f"{host}/.s.PGSQL.{port}" if unix else (host, port))
                threading.Thread(target=_pass_on, args=(self.request, server), daemon=True).start()
                answer = b""
                while KEY_DATA not in answer:
                    answer += server.recv(65536)
                at = answer.index(KEY_DATA) + len(KEY_DATA)
                if pid is not None:
                    answer = answer[:at] + pid.to_bytes(4, "big") + answer[at + 4 :]
                self.request.sendall(answer)
                _pass_on(server, self.request)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay) as relay:
        relay.daemon_threads = True
        threading.Thread(target=relay.serve_forever, kwargs={"poll_interval": 0.05}).start()
        named = make_url(url).set(host="127.0.0.1", port=relay.server_address[1])
        plain = named.update_query_dict({"sslmode": "disable", "gssencmode": "disable"})
        yield plain.difference_update_query(["host"]).render_as_string(hide_password=False)
        relay.shutdown()


# BackendKeyData (https://www.postgresql.org/docs/current/protocol-message-formats.html), with a key of four bytes.
KEY_DATA = b"K\x00\x00\x00\x0c"


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def _meet_an_outage(database: Database) -> None:
    with database.writing() as connection:
        if database.is_sqlite:
            connection.execute(text("PRAGMA max_page_count = 1"))  # a full disk
        failing = "CREATE TABLE more (one)" if database.is_sqlite else "SELECT pg_terminate_backend(pg_backend_pid())"
        raw.run(connection, failing, [{}])


WRITE = """
import sys
from sqlalchemy import text
from corpus.store.database import open_database
with open_database(sys.argv[1]) as database, database.writing() as connection:
    connection.execute(text("INSERT INTO kept VALUES (2)"))
"""


def test_a_database_that_is_opened_twice_keeps_its_journal_when_another_process_ends(tmp_path: Path) -> None:
    where = str(tmp_path / "nazair.db")
    with open_database(where, create=True) as database:
        with database.writing() as connection:
            connection.execute(text("CREATE TABLE kept (number INTEGER)"))
        open_database(where).close()
        subprocess.run([sys.executable, "-c", WRITE, where], check=True, timeout=100)
        assert Path(f"{where}-wal").exists()
        with database.writing() as connection:
            connection.execute(text("INSERT INTO kept VALUES (3)"))

    with open_database(where) as database, database.reading() as connection:
        assert connection.execute(text("SELECT number FROM kept")).scalars().all() == [2, 3]
        assert integrity_problems(database) == []


def test_the_journal_begins_anew_although_there_is_always_a_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under a server that is never idle: by itself SQLite writes on behind what it has."""
    monkeypatch.setattr("corpus.store.database.LONGEST_JOURNAL", 4 << 20)
    where = tmp_path / "nazair.db"
    database, longest = open_database(str(where), create=True), 0
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE kept (bytes BLOB)"))
    server, began, is_over = open_read_only(str(where)), [threading.Semaphore(0), threading.Semaphore(0)], False

    def read(one: int, other: int) -> None:
        while not is_over:
            with server.reading() as connection:
                connection.execute(text("SELECT count(*) FROM kept")).scalar()
                began[one].release()
                began[other].acquire(timeout=10)  # until then this one goes on

    with ThreadPoolExecutor(2) as readers:
        done = [readers.submit(read, one, 1 - one) for one in (0, 1)]
        for _ in range(300):
            with database.writing() as connection:
                connection.execute(text("INSERT INTO kept VALUES (randomblob(200000))"))
            longest = max(longest, where.with_name("nazair.db-wal").stat().st_size)
        is_over = True
        for semaphore in began:
            semaphore.release()
    for one in done:
        one.result()
    server.close()
    database.close()

    assert longest < 20 << 20  # of 60 MB that were written
