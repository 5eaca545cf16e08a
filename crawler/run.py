"""Start a run: one at a time on SQLite, several on PostgreSQL; with an honest name, in this process."""

from __future__ import annotations

import gc
import logging
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from corpus.errors import RunLocked
from corpus.store import Connection, claims, frontier, runs
from corpus.store.claims import SILENT_AFTER
from corpus.store.database import Database
from corpus.store.runs import Run
from crawler.plan import Plan
from pipelines.workers import warm_up

if TYPE_CHECKING:
    from scrapy.settings import Settings

    from pipelines.ledger import StoreBroken

# What workers are asked to call.
PRELOAD = ("crawler.related", "crawler.discovery.listing")


def begin_run(database: Database, queue: str) -> int:
    """Record a new run and return its id; runs that died are marked lost and give back their leases.

    Raises RunLocked when another run on this SQLite file is alive; on PostgreSQL runs share the work, host by host.
    One transaction: of two runs that start at once, one sees the other.
    """
    now = datetime.now(UTC)
    with database.writing() as connection:
        for run in runs.running(connection):
            if _is_alive(run, now) and not database.is_sqlite:
                continue
            if _is_alive(run, now):
                raise RunLocked(
                    f"Another run is active on {database.name}: run {run.id} ({run.queue}), process {run.pid} on "
                    f"{run.machine}, since {run.started_at:%Y-%m-%d %H:%M:%S} UTC. Wait until it ends, or stop it."
                )
            _bury(connection, run, now)
        return runs.start(connection, queue, now=now, machine=platform.node(), pid=os.getpid())


def crawl(plan: Plan, database: Database, *, run_id: int, settings: Mapping[str, Any]) -> StoreBroken | None:
    """Do what the plan says, until it is done or stopped. `settings` go over those of `crawler.settings`.

    Returns what the database failed with, if that stopped it. Once a process: a Twisted reactor does not start again.
    """
    warm_up(PRELOAD)  # it imports beside this process, which has its own imports to do
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


def _is_alive(run: Run, now: datetime) -> bool:
    if now - run.heartbeat_at > SILENT_AFTER:
        return False
    return run.machine != platform.node() or _process_exists(run.pid)


def _process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _bury(connection: Connection, run: Run, now: datetime) -> None:
    runs.end(connection, run.id, now=now, status="lost", reason="the process ended without a word")
    frontier.release_expired(connection, now=now)
    claims.clear(connection, now=now)
