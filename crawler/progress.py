"""What a person sees while a crawl runs: live lines on a terminal, a plain line now and then elsewhere.

How far it is (of what is known by now: links are found on the way), how fast, how long the rest will take at that, and
what became of the pages. While words are weighed anew and no page is stored, how many similar lists are made.
"""

from __future__ import annotations

import asyncio
import math
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Self

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Column
from rich.text import Text
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from corpus.errors import StoreBroken
from corpus.types import Outcome
from crawler.pace import Pace, lasting, rate
from crawler.spiders.news import NewsSpider

LIVE_EVERY_S = 0.25
PLAIN_EVERY_S = 10.0

# How many links wait is counted in the database, where there may be a million: a twentieth of the time at most.
COUNT_EVERY_S, COUNTING = 1.0, 1 / 20

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

# The same of one.
ONE = {Outcome.NEAR_COPY: "near-copy", Outcome.LISTING: "listing"}

# What is good, and what wants to be looked at.
STYLES = {
    Outcome.KEPT: "bold green",
    Outcome.NEAR_COPY: "cyan",
    Outcome.BLOCKED_BY_ROBOTS: "yellow",
    Outcome.FAILED: "bold red",
    Outcome.QUARANTINED: "bold red",
}


BETWEEN, INDENT = " · ", 2


class Progress:
    """Scrapy extension; NAZAIR_PROGRESS=False turns it off. Writes to stderr only."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("NAZAIR_PROGRESS"):
            raise NotConfigured
        self._crawler = crawler
        self._task: asyncio.Task[None] | None = None
        self._started = time.monotonic()
        self._pace = Pace()
        self._waiting, self._count_at = 0, 0.0
        self._counting: asyncio.Task[None] | None = None
        self._made, self._of = 0, 0  # similar lists
        crawler.signals.connect(self.opened, signals.spider_opened)
        crawler.signals.connect(self.closed, signals.spider_closed)
        # After the spider has ended its run, which may take longer than all that was before.
        crawler.signals.connect(self.stopped, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def opened(self) -> None:
        self._spider.ledger.told = self._told
        self._task = asyncio.get_running_loop().create_task(self._live() if sys.stderr.isatty() else self._plain())

    def closed(self) -> None:
        self._count_at = math.inf

    async def stopped(self) -> None:
        if self._counting is not None:
            self._counting.cancel()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _told(self, made: int, of: int) -> None:
        self._made, self._of = made, of

    @property
    def _is_weighing(self) -> bool:
        return self._made < self._of

    @property
    def _spider(self) -> NewsSpider:
        return self._crawler.spider  # type: ignore[return-value] # a spider of ours

    async def _live(self) -> None:
        with Lines(self._spider.plan.queue, Console(stderr=True)) as lines:
            while True:
                done, left, left_s = await self._seen()
                outcomes = self._spider.ledger.outcomes
                if self._is_weighing:
                    lines.show_lists(outcomes, made=self._made, of=self._of)
                else:
                    lines.show(outcomes, done=done, left=left, per_s=self._pace.per_s, left_s=left_s)
                await asyncio.sleep(LIVE_EVERY_S)

    async def _plain(self) -> None:
        while True:
            await asyncio.sleep(PLAIN_EVERY_S)
            done, left, left_s = await self._seen()
            rest = "" if left_s is None else f", {left:,} more in about {lasting(left_s)}"
            told = (
                f"words are weighed anew, {self._made:,} of {self._of:,} similar lists made"
                if self._is_weighing
                else f"{done} fetched ({rate(self._pace.per_s)}{rest}): {describe(self._spider.ledger.outcomes)}"
            )
            print(f"{time.monotonic() - self._started:.0f} s: {told}", file=sys.stderr, flush=True)

    async def _seen(self) -> tuple[int, int, float | None]:
        """How many pages are done; how many are left of those that are known, and how long these will take."""
        ledger, plan = self._spider.ledger, self._spider.plan
        at_s, done = time.monotonic() - self._started, ledger.outcomes.total()
        self._pace.see(at_s, done)
        if at_s >= self._count_at and (self._counting is None or self._counting.done()):
            self._counting = asyncio.create_task(self._count())
            # No longer: the database may have other work for a minute.
            await asyncio.wait({self._counting}, timeout=LIVE_EVERY_S)
        room = math.inf if plan.max_pages is None else plan.max_pages - done + ledger.outcomes[Outcome.LISTING]
        left = int(max(0, min(self._waiting + ledger.in_flight, room)))
        left_s = self._pace.left_s(left)
        if left_s is not None and plan.max_time_s is not None:
            left_s = min(left_s, max(0.0, plan.max_time_s - at_s))
        return done, left, left_s

    async def _count(self) -> None:
        took_s = 0.0
        with suppress(StoreBroken):
            self._waiting, took_s = await self._spider.ledger.waiting()
        ended_s = time.monotonic() - self._started
        self._count_at = max(self._count_at, ended_s + max(COUNT_EVERY_S, took_s / COUNTING))


class Lines(Bar):
    """The lines on a terminal: how far, how fast, how long yet; and below it what became of the pages."""

    def __init__(self, name: str, console: Console) -> None:
        self._outcomes: Mapping[Outcome, int] = {}
        super().__init__(
            SpinnerColumn(),
            TextColumn(
                "[bold]{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis", max_width=24)
            ),
            BarColumn(None, complete_style="cyan", pulse_style="cyan", table_column=Column(ratio=1)),
            TextColumn("{task.fields[pace]}", table_column=Column(no_wrap=True)),
            console=console,
            transient=True,
            expand=True,
        )
        self._line = self.add_task(name, total=None, pace="")

    def show(
        self, outcomes: Mapping[Outcome, int], *, done: int, left: int, per_s: float, left_s: float | None
    ) -> None:
        """Say how it stands now."""
        self._outcomes = dict(outcomes)
        pace = [f"{done:,} of {done + left:,}", rate(per_s)] if done else ["starting"]
        if left and left_s is not None:
            pace.append(f"about {lasting(left_s)} left")
        self.update(self._line, completed=done, total=done + left or None, pace=" · ".join(pace))

    def show_lists(self, outcomes: Mapping[Outcome, int], *, made: int, of: int) -> None:
        """Say how many similar lists are made anew."""
        self._outcomes = dict(outcomes)
        self.update(self._line, completed=made, total=of, pace=f"weighing words · {made:,} of {of:,} similar lists")

    def get_renderables(self) -> Iterator[RenderableType]:
        yield self.make_tasks_table(self.tasks)
        # By hand: rich would break a line within a count, too.
        lines = [Text()]
        for count in self._counts():
            if lines[-1] and lines[-1].cell_len + len(BETWEEN) + count.cell_len > self.console.width - INDENT:
                lines.append(Text())
            lines[-1].append(BETWEEN if lines[-1] else "").append_text(count)
        yield Padding(Text("\n").join(lines), (0, 0, 0, INDENT))

    def _counts(self) -> Iterator[Text]:
        for outcome, words in ({Outcome.LISTING: "listings"} | SHOWN).items():
            if count := self._outcomes.get(outcome):
                yield Text(
                    f"{count:,} {ONE.get(outcome, words) if count == 1 else words}", style=STYLES.get(outcome, "dim")
                )


def describe(outcomes: dict[Outcome, int]) -> str:
    """Outcome counts in words: "12 kept, 3 near-copies, 40 off topic"."""
    parts = [
        f"{count} {ONE.get(outcome, words) if count == 1 else words}"
        for outcome, words in SHOWN.items()
        if (count := outcomes.get(outcome))
    ]
    return ", ".join(parts) or "nothing new"
