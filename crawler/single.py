"""Fetch one page and hand it back: with the guard, the robots.txt and the name of a crawl, and nothing is stored.

It is a crawl of one link, in a database that lasts as long: all that is polite hangs on the spider and its
ledger, and there must be no second way to fetch.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from corpus.errors import NotRead
from corpus.store import runs
from corpus.store.database import open_database
from corpus.types import LeasedLink, Outcome, Page
from crawler.plan import Plan
from crawler.politeness import require_contact
from crawler.process import project_settings
from crawler.run import begin_run
from crawler.spiders.news import NewsSpider, page_of
from pipelines.stages import Fetched


class PageSpider(NewsSpider):
    """The spider, but a page is handed out, not on. Not in `crawler.spiders`: it is no crawl for `scrapy list`."""

    name = "page"
    page: Page | None = None

    async def parse_article(self, response: Response) -> AsyncIterator[Fetched]:
        """Keep the page, and end its lease."""
        self.page = page_of(response)
        leased: LeasedLink = response.meta["leased"]
        await self._settle(leased, Outcome.UNCHANGED, "only looked at")
        return
        yield  # makes this an async generator, as callbacks are


def fetch_page(plan: Plan, settings: Mapping[str, Any]) -> Page:
    """The page that the plan's one seed names. Once a process: a Twisted reactor does not start again.

    Raises NotRead with the reason when there is none, KeyboardInterrupt when it was stopped.
    """
    require_contact(plan, settings)
    process = AsyncCrawlerProcess(project_settings(dict(settings) | {"NAZAIR_PROGRESS": False, "NAZAIR_WORKERS": 1}))
    crawler = process.create_crawler(PageSpider)
    with TemporaryDirectory() as folder, open_database(str(Path(folder, "one.db")), create=True) as database:
        run_id = begin_run(database, plan.queue)
        process.crawl(crawler, plan=plan, database=database, run_id=run_id)
        process.start()
        with database.reading() as connection:
            decided, run = runs.decided(connection, run_id), runs.by_id(connection, run_id)
    if isinstance(crawler.spider, PageSpider) and crawler.spider.page is not None:
        return crawler.spider.page
    if run is not None and run.status == "stopped":
        raise KeyboardInterrupt
    reason = decided[-1].reason if decided else run.reason if run else "the run ended without saying how"
    raise NotRead(f"{plan.seeds[0].url} was not read: {reason}.")
