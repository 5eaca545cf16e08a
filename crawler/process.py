"""Crawl in this process: Scrapy with our settings, and the spider."""

from __future__ import annotations

import gc
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from corpus.store.database import Database
from crawler.plan import Plan

if TYPE_CHECKING:
    from scrapy.settings import Settings

    from corpus.errors import StoreBroken


def crawl(plan: Plan, database: Database, *, run_id: int, settings: Mapping[str, Any]) -> StoreBroken | None:
    """Do what the plan says, until it is done or stopped. `settings` go over those of `crawler.settings`.

    Returns what the database failed with, if that stopped it. Once a process: a Twisted reactor does not start again.
    """
    # From here, not from under the spider's imports: while it is imported Scrapy looks at every frame of the stack, in
    # all modules that there are (`inspect.stack`, three times). From there that takes .3 s of CPU.
    import scrapy.core.downloader.contextfactory  # noqa: F401
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.spiders.news import NewsSpider

    process = AsyncCrawlerProcess(project_settings(settings))
    if not logging.getLogger().isEnabledFor(logging.DEBUG):
        # Scrapy lets its own logger make two records a page that nobody sees.
        logging.getLogger("scrapy").setLevel(logging.WARNING)
    crawler = process.create_crawler(NewsSpider)
    process.crawl(crawler, plan=plan, database=database, run_id=run_id)
    gc.freeze()  # what is imported is no garbage, and costs .1 s each time that it is looked at
    process.start()
    return crawler.spider.ledger.broken if isinstance(crawler.spider, NewsSpider) else None


def project_settings(settings: Mapping[str, Any]) -> Settings:
    """Those of `crawler.settings`, with `settings` over them."""
    from scrapy.settings import Settings

    found = Settings()
    found.setmodule("crawler.settings", priority="project")
    found.setdict(dict(settings), priority="cmdline")
    found.set("LOG_INSTALL_ROOT_HANDLER", False)  # the handlers are the command line's
    return found
