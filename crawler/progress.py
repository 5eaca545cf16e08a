"""What a person sees while a crawl runs: a live line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from corpus.types import Outcome
from pipelines.ledger import Ledger

LIVE_EVERY_S = 0.25
PLAIN_EVERY_S = 10.0

# What counts as seen in the line; listings are read on the way.
SHOWN = {
    Outcome.KEPT: "kept",
    Outcome.NEAR_COPY: "near-copies",
    Outcome.OFF_TOPIC: "off topic",
    Outcome.NOT_AN_ARTICLE: "no article",
    Outcome.UNCHANGED: "unchanged",
    Outcome.GONE: "gone",
    Outcome.BLOCKED_BY_ROBOTS: "blocked by robots.txt",
    Outcome.FAILED: "failed",
    Outcome.QUARANTINED: "quarantined",
    Outcome.FORGOTTEN: "not to be stored",
}


class Progress:
    """Scrapy extension; NAZAIR_PROGRESS=False turns it off. Writes to stderr only."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("NAZAIR_PROGRESS"):
            raise NotConfigured
        self._crawler = crawler
        self._console = Console(stderr=True)
        self._task: asyncio.Task[None] | None = None
        self._started = time.monotonic()
        crawler.signals.connect(self.opened, signals.spider_opened)
        crawler.signals.connect(self.closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def opened(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._live() if sys.stderr.isatty() else self._plain())

    async def closed(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    @property
    def _ledger(self) -> Ledger:
        return self._crawler.spider.ledger  # type: ignore[union-attr, no-any-return] # a spider of ours

    async def _live(self) -> None:
        columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn()
        with Bar(*columns, TimeElapsedColumn(), console=self._console, transient=True) as bar:
            task = bar.add_task("crawling", total=None)
            while True:
                done = self._ledger.outcomes.total()
                total = done + self._ledger.in_flight
                bar.update(task, completed=done, total=total or None, description=f"crawling  {self._summary()}")
                await asyncio.sleep(LIVE_EVERY_S)

    async def _plain(self) -> None:
        while True:
            await asyncio.sleep(PLAIN_EVERY_S)
            done = self._ledger.outcomes.total()
            seconds = time.monotonic() - self._started
            print(
                f"{seconds:.0f} s: {done} fetched ({done / seconds:.1f}/s): {self._summary()}",
                file=sys.stderr,
                flush=True,
            )

    def _summary(self) -> str:
        return describe(self._ledger.outcomes)


def describe(outcomes: dict[Outcome, int]) -> str:
    """Outcome counts in words: "12 kept, 3 near-copies, 40 off topic"."""
    parts = [f"{outcomes[outcome]} {words}" for outcome, words in SHOWN.items() if outcomes.get(outcome)]
    return ", ".join(parts) or "nothing new"
