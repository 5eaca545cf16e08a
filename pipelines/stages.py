"""The item pipelines, in the order of settings: an item is a fetched page, then a read one, then stored.

Each stage is the one place where an error of a page turns into a counted outcome.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, Self

from corpus.errors import StoreBroken
from corpus.types import Decision, LeasedLink, Link, Outcome, Page, Reading, Topic, Validators
from corpus.urls import registrable_domain
from pipelines.page.decode import cut
from pipelines.workers import WorkFailed

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from corpus.keep import Kept
    from pipelines.ledger import Ledger
    from pipelines.rules import Rules
    from pipelines.workers import Workers


# So many pages of a source are read whole in each run, on the topic or not: the lines that its template repeats are
# learnt from them (`corpus.repeated`; from the third page on they are known). Guess.
READ_WHOLE = 20


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A page that is to be read."""

    leased: LeasedLink
    page: Page
    source_id: str | None  # whose page it is: not the link's where that led to another site
    validators: Validators | None = None


@dataclass(frozen=True, kw_only=True)
class Read:
    """A page that was read, and what was decided about it."""

    leased: LeasedLink
    decision: Decision


@dataclass(frozen=True)
class Done:
    """What a worker made of a page: the reading, and the links in it that are worth a fetch."""

    reading: Reading
    found: tuple[Link, ...] = ()


class Outlet(Protocol):
    """What is known of a source, as far as its pages are read by it."""

    @property
    def country(self) -> str | None: ...  # for the time zone of dates that name none

    @property
    def rules(self) -> Rules | None: ...


class Run(Protocol):
    """What a spider whose items come through here must carry."""

    ledger: Ledger
    workers: Workers
    topics: tuple[Topic, ...]
    only_on_topic: bool

    def source(self, source_id: str | None) -> Outlet | None: ...


class Component:
    """A pipeline or a middleware that works with the run that its crawl's spider carries."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def run(self) -> Run:
        return self._crawler.spider  # type: ignore[return-value] # the spider is the run


class ReadStage(Component):
    """Page to article, in a worker process."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._read = Counter[str]()  # pages, by whose template they have

    async def process_item(self, item: Fetched) -> Read:
        job = self.job(replace(item, page=replace(item.page, body=cut(item.page.body))))
        try:
            done = await self.run.workers.run(job)
        except WorkFailed as error:
            done = Done(Reading(outcome=error.outcome, reason=str(error)))
        reading = done.reading
        decision = Decision(
            url=item.page.url,
            outcome=reading.outcome or Outcome.KEPT,
            reason=reading.reason or "",
            reading=reading,
            found=done.found,
            retry=reading.outcome is Outcome.FAILED,  # let in next time, perhaps
            validators=item.validators,
        )
        return Read(leased=item.leased, decision=decision)

    def job(self, item: Fetched) -> Callable[..., Done]:
        """What a worker is to do with a page."""
        source = self.run.source(item.source_id)
        site = item.source_id or registrable_domain(item.page.url)
        self._read[site] += 1
        return partial(
            read,
            item.page,
            source_id=item.source_id,
            country=source.country if source else None,
            topics=self.run.topics,
            only_on_topic=self.run.only_on_topic,
            rules=source.rules if source else None,
            whole=self._read[site] <= READ_WHOLE,
        )


def read(page: Page, **how: Any) -> Done:
    """Read a page, in a worker; `how` as in `read_page`."""
    from pipelines.read import read_page  # with trafilatura: no business of the process that fetches

    return Done(read_page(page, **how))


class KeepStage(Component):
    """Article to collection, in the transaction that ends its lease."""

    async def process_item(self, item: Read) -> Kept | None:
        with suppress(StoreBroken):  # it has been told, and ends the run; Scrapy would log all of the page
            return await self.run.ledger.settle(item.leased, item.decision)
        return None
