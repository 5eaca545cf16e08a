"""The collection as the server holds it: read-only, with the names of outlets, and what is counted rarely."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from corpus.store import Connection, overview
from corpus.store.database import Database
from corpus.types import Topic
from crawler.catalogue import Catalogue
from nazair.web.settings import Settings

T = TypeVar("T")

# Counts of a topic, or of all sources, read a whole collection (0.1 to 0.3 s of 100,000 articles).
KEPT_S = 60.0


class Library:
    """What all requests share."""

    def __init__(self, database: Database, catalogue: Catalogue, settings: Settings) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self.names: Mapping[str, str] = catalogue.names
        self._database = database
        self._counted: dict[object, tuple[float, Any]] = {}
        self._locks: dict[object, threading.Lock] = {}
        self._lock = threading.Lock()

    @property
    def topics(self) -> Mapping[str, Topic]:
        return self.catalogue.topics

    def topic_title(self, topic_id: str) -> str:
        """A topic's title; its id, where no file describes it any more."""
        return self.topics[topic_id].title if topic_id in self.topics else topic_id

    def topic_counts(self, connection: Connection) -> dict[str, int]:
        """How many articles each topic has, at some time of the last minute."""
        return self.counted("topics", lambda: overview.counts_by_topic(connection))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the collection."""
        with self._database.reading() as connection:
            yield connection

    def counted(self, key: object, count: Callable[[], T]) -> T:
        """What `count` gave within the last minute, else what it gives now; one request counts, the others wait."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            at, value = self._counted.get(key, (0.0, None))
            if time.monotonic() - at > KEPT_S or value is None:
                value = count()
                self._counted[key] = time.monotonic(), value
            found: T = value
            return found
