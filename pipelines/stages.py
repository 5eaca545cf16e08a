"""The item pipelines, in the order of settings: an item is a fetched page, then a read one, then stored.

Each stage is the one place where an error of a page turns into a counted outcome.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, Self

from corpus.keep import Kept
from corpus.types import Decision, LeasedLink, Outcome, Page, Reading, Topic
from pipelines.page.decode import cut
from pipelines.read import read_page
from pipelines.workers import WorkFailed

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from pipelines.ledger import Ledger
    from pipelines.rules import Rules
    from pipelines.workers import Workers


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A page that is to be read."""

    leased: LeasedLink
    page: Page


@dataclass(frozen=True, kw_only=True)
class Read:
    """A page that was read, and what was decided about it."""

    leased: LeasedLink
    page: Page
    decision: Decision


class Run(Protocol):
    """What a spider whose items come through here must carry."""

    ledger: Ledger
    workers: Workers
    topics: tuple[Topic, ...]
    only_on_topic: bool

    def country_of(self, source_id: str | None) -> str | None: ...

    def rules_of(self, source_id: str | None) -> Rules | None: ...


class Stage:
    """A pipeline that works with the run that its spider carries."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def run(self) -> Run:
        return self._crawler.spider  # type: ignore[return-value] # the spider is the run


class ReadStage(Stage):
    """Page to article, in a worker process."""

    async def process_item(self, item: Fetched) -> Read:
        reading = await self._read(item)
        decision = Decision(
            link_id=item.leased.id,
            url=item.page.url,
            outcome=reading.outcome or Outcome.KEPT,
            reason=reading.reason or "",
            reading=reading,
            retry=reading.outcome is Outcome.FAILED,  # let in next time, perhaps
        )
        return Read(leased=item.leased, page=item.page, decision=decision)

    async def _read(self, item: Fetched) -> Reading:
        source_id = item.leased.link.source_id
        page = replace(item.page, body=cut(item.page.body))  # what is not read is not sent, nor kept meanwhile
        try:
            return await self.run.workers.run(
                read_page,
                page,
                source_id=source_id,
                country=self.run.country_of(source_id),
                topics=self.run.topics,
                only_on_topic=self.run.only_on_topic,
                rules=self.run.rules_of(source_id),
            )
        except WorkFailed as error:
            return Reading(outcome=Outcome.QUARANTINED, reason=str(error))


class KeepStage(Stage):
    """Article to collection, in the transaction that ends its lease."""

    async def process_item(self, item: Read) -> Kept | None:
        return await self.run.ledger.settle(item.leased, item.decision)
