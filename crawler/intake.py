"""Take pages or articles that others collected into the collection, batch by batch, as a crawl stores its own.

`archive` takes the pages of WARC files, `exported` the lines of an export. Nothing is fetched, and of a file no more is
in memory than one batch.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from corpus.errors import NazairError
from corpus.store.articles import url_key
from corpus.types import LeasedLink, Link, LinkKind, Outcome, Reading, Topic
from corpus.urls import registrable_domain
from crawler.catalogue import Source
from pipelines import language
from pipelines.ledger import BATCH, Ledger
from pipelines.rules import Rules
from pipelines.workers import NoWorkers, Workers

QUEUE = "imported"


class HasUrl(Protocol):
    """What is known by its address."""

    @property
    def url(self) -> str: ...


Item = TypeVar("Item", bound=HasUrl)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which pages or articles are taken."""

    hosts: tuple[str, ...] = ()  # these and what is below them; none means all
    language: str = "ar"
    since: date | None = None  # days of fetching
    until: date | None = None

    def host(self, url: str) -> bool:
        name = url.split("/", 3)[2].split(":", maxsplit=1)[0]
        return not self.hosts or any(name == one or name.endswith(f".{one}") for one in self.hosts)

    def day(self, day: date) -> bool:
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)

    def in_language(self, reading: Reading) -> Reading:
        """The reading; of an article that turned out to be in another language, that."""
        article = reading.article
        if reading.outcome is not None or article is None or article.language == self.language:
            return reading
        reason = f"the text is in {language.name(article.language)}, not {language.name(self.language)}"
        return Reading(outcome=Outcome.NOT_AN_ARTICLE, reason=reason)


@dataclass
class Intake(ABC, Generic[Item]):
    """One import: what the pipelines ask of a run, and what was passed over."""

    ledger: Ledger
    workers: Workers
    topics: tuple[Topic, ...]
    sources: dict[str, Source]  # registrable domain → source
    wanted: Wanted
    only_on_topic: bool = True
    passed: Counter[str] = field(default_factory=Counter)
    broken: str | None = None  # how the file ended, when not at its end
    told: Callable[[int], None] = lambda _: None  # hears how many bytes of the file are read

    @abstractmethod
    def items(self, path: Path) -> Iterator[Item]:
        """What is wanted of a file, in its order; sets `broken` where it breaks off, and tells how far it is."""

    @abstractmethod
    async def take(self, leased: LeasedLink, item: Item) -> None:
        """Read one item, and store what came of it."""

    async def run(self, path: Path) -> None:
        """Take the file to its end, or to its cut."""
        await self.ledger.begin(())
        status, reason = "stopped", "interrupted"
        try:
            items = self.items(path)
            while some := await asyncio.to_thread(lambda: list(islice(items, BATCH))):
                batch = {url_key(item.url): item for item in some}  # the last of those with the same address
                if doubles := len(some) - len(batch):
                    self.passed["the same page again"] += doubles
                leased = await self.ledger.enter([self._link(item.url) for item in batch.values()])
                if others := len(batch) - len(leased):
                    self.passed["forgotten, or another run's"] += others
                await asyncio.gather(*[self.take(one, batch[url_key(one.link.url)]) for one in leased])
                if self.ledger.broken is not None:
                    raise self.ledger.broken
                if self.workers.broken is not None:
                    raise NoWorkers(self.workers.broken)
            status, reason = ("failed", self.broken) if self.broken else ("finished", f"the end of {path.name}")
        except NazairError as error:
            status, reason = "failed", str(error)
            raise
        finally:
            self.workers.close()
            await self.ledger.end(status=status, reason=reason)

    def country_of(self, source_id: str | None) -> str | None:
        source = self._source(source_id)
        return source.country if source else None

    def rules_of(self, source_id: str | None) -> Rules | None:
        source = self._source(source_id)
        return source.rules if source else None

    def _source(self, source_id: str | None) -> Source | None:
        return next((one for one in self.sources.values() if one.id == source_id), None)

    def _link(self, url: str) -> Link:
        source = self.sources.get(registrable_domain(url))
        return Link(url=url, kind=LinkKind.ARTICLE, channel="warc", source_id=source.id if source else None)
