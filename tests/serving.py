"""A real server for tests: uvicorn on a loopback port, on a collection of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import uvicorn

from corpus.store.database import open_database, open_read_only
from corpus.types import Article, TopicMatch
from crawler.catalogue import load
from nazair.demo.web import bundled_web
from nazair.web.app import make_app
from nazair.web.connections import Connection
from nazair.web.library import Library
from nazair.web.settings import Settings
from tests.storing import store
from tests.texts import article

# One for all requests: each new one reads the certificates of all authorities first, 48 ms of CPU. A connection a
# request, as with a new one.
CLIENT = httpx.Client(timeout=100, limits=httpx.Limits(max_keepalive_connections=0))

TOPIC = TopicMatch(
    topic_id="alaska-summit",
    score=0.9,
    matched=("ترامب", "بوتين", "ألاسكا"),
    names=("ترامب", "بوتين", "ألاسكا"),
    on_topic=True,
    reason="",
)

# A reprint an hour later, with the first sentence changed.
REPRINT = replace(
    article(1, outlet="sahil", hours=1.5),
    title="سجادة حمراء ومصافحة: بدء قمة ترامب وبوتين",
    text="ذكرت وكالة المدار أن الرئيسين وصلا في وقت واحد تقريبا.\n" + article(1).text,
    agency="المدار",
)


def fill(where: str, articles: Iterator[Article] | list[Article]) -> None:
    """Store articles, all on the topic, in a new collection."""
    database = open_database(where, create=True)
    with database.writing() as connection:
        store(connection, *articles, topics=(TOPIC,))
    database.close()


def some_articles() -> list[Article]:
    """Three texts, one of them printed by two outlets, with and without a clock."""
    dated = replace(article(3), published_at=datetime.fromisoformat("2025-08-18T00:00:00+00:00"))
    return [
        article(1),
        replace(article(2, outlet="rafid"), author="سمير حداد"),
        REPRINT,
        replace(dated, published_precision="day"),
        replace(article(2, outlet="annahr", hours=30), url="http://annahr.example/again", published_precision="day"),
    ]


@contextmanager
def serving(where: str, settings: Settings | None = None) -> Iterator[str]:
    """The address of a server on the collection at `where`; it ends with the block."""
    database = open_read_only(where)
    library = Library(database, load(bundled_web()), settings or Settings(rate_per_minute=0))
    config = uvicorn.Config(
        make_app(library), http=Connection, port=0, log_level="error", timeout_keep_alive=2, timeout_graceful_shutdown=2
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    server.started_event.wait(100)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
        database.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.started_event = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.started_event.set()


def in_folder(folder: Path, articles: list[Article]) -> str:
    """Where a new collection of these articles is."""
    where = str(folder / "nazair.db")
    fill(where, articles)
    return where
