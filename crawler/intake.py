"""Take pages or articles that others collected into the collection, batch by batch, as a crawl stores its own.

`archive` takes the pages of WARC files, `saved` those of a folder, `exported` the lines of an export. Nothing is
fetched, and of a file no more is in memory than one batch.
"""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

from corpus.errors import NazairError
from corpus.store.articles import url_key
from corpus.types import LeasedLink, Link, LinkKind, Outcome, Page, Reading, Topic
from crawler.catalogue import Owners, Source
from pipelines import language
from pipelines.ledger import BATCH, Ledger
from pipelines.stages import Fetched, KeepStage, ReadStage
from pipelines.workers import NoWorkers, Workers

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

QUEUE = "imported"

MAX_BYTES = 10 << 20  # as of a page that is fetched

# Letters of the Arabic block in UTF-8. A page with fewer than some two lines of them is no Arabic article. Guess.
ARABIC = re.compile(rb"[\xd8-\xdb][\x80-\xbf]")
FEWEST_LETTERS = 200

DECLARED = re.compile(rb"<html[^>]*\slang\s*=\s*[\"']?([A-Za-z]{2,3})", re.IGNORECASE)


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
    sources: Mapping[str, Source]
    wanted: Wanted
    only_on_topic: bool = True
    passed: Counter[str] = field(default_factory=Counter)
    broken: str | None = None  # how the file ended, when not at its end
    told: Callable[[int], None] = lambda _: None  # hears how many bytes of the file are read

    @cached_property
    def owners(self) -> Owners:
        """Which of the sources has a page."""
        return Owners(self.sources.values())

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

    def source(self, source_id: str | None) -> Source | None:
        """A source of the catalogue, by its id."""
        return self.sources.get(source_id or "")

    def _link(self, url: str) -> Link:
        return Link(url=url, kind=LinkKind.ARTICLE, channel="warc", source_id=self.owners.of(url))


class PageIntake(Intake[Page]):
    """An import of pages, which go the way of those that a crawl fetches."""

    async def take(self, leased: LeasedLink, item: Page) -> None:
        # The run itself is where the stages of a crawl look for one.
        read, keep = ReadStage(cast("Crawler", self)), KeepStage(cast("Crawler", self))
        done = await read.process_item(Fetched(leased=leased, page=item, source_id=leased.link.source_id))
        if (reading := done.decision.reading) is not None and (told := self.wanted.in_language(reading)) is not reading:
            outcome, reason = told.outcome or Outcome.KEPT, told.reason or ""
            done = replace(done, decision=replace(done.decision, outcome=outcome, reason=reason, reading=told))
        await keep.process_item(done)

    @property
    def spider(self) -> PageIntake:
        return self


def may_be_in(language: str, body: bytes) -> bool:
    """Whether a page may be in a language: by what it declares, or its letters; what cannot be told passes."""
    declared = DECLARED.search(body[:4096])
    if declared is not None and declared[1].decode().lower() == language:
        return True
    if language != "ar":
        return declared is None
    if sum(1 for _ in islice(ARABIC.finditer(body), FEWEST_LETTERS)) == FEWEST_LETTERS:
        return True
    return not _is_utf8(body)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
