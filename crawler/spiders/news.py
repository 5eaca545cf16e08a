"""The spider: asks for each link that is leased, reads listings for more links, hands pages on, records the rest.

Scrapy's queue holds only what is leased: whatever happens to this process, the frontier in the
database knows what is still to be fetched. Which links are leased, and when, says `crawler.leasing`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from corpus import clock
from corpus.copy_days import copy_days
from corpus.errors import NazairError, StoreBroken, UsageError
from corpus.store.database import open_database
from corpus.types import Decision, LeasedLink, Link, LinkKind, Outcome, Page, Topic, Validators
from corpus.urls import same_site
from crawler import verdict
from crawler.backoff import Blocked, is_failure
from crawler.catalogue import Source, load
from crawler.conditional import NOT_MODIFIED, headers_for, read_for, validators_of
from crawler.discovery.listing import Listing, read_listing
from crawler.discovery.sitemaps import MAX_BYTES as MAX_SITEMAP_BYTES
from crawler.failures import why
from crawler.leasing import Leasing
from crawler.plan import Plan, plan_crawl
from crawler.politeness import Delays, require_contact
from crawler.robots import Forbidden
from crawler.run import begin_run
from crawler.settings import PRELOAD
from pipelines.directives import ASKING_HEADERS
from pipelines.ledger import Ledger, host_of
from pipelines.stages import Fetched
from pipelines.workers import Workers, WorkFailed

logger = logging.getLogger(__name__)

# Asked again later, as after failures of the server: it is busy, not the page gone.
BUSY = {408, 425, 429}


class NewsSpider(Spider):
    """Collects the coverage of one topic: `scrapy crawl news -a topic=alaska-summit`."""

    name = "news"

    def __init__(self, *, plan: Plan, ledger: Ledger, workers: Workers, delays: Delays) -> None:
        super().__init__()
        self.plan = plan
        self.ledger = ledger
        self.workers = workers
        self.delays = delays
        self.leasing = Leasing(plan, ledger, workers, delays)
        self.topics: tuple[Topic, ...] = plan.topics
        self.only_on_topic = plan.only_on_topic
        self._reading_for: dict[str | None, bytes] = {}  # by source
        self._failed: str | None = None  # a bug that ended the run
        self._ending: asyncio.Task[None] | None = None  # after Scrapy was told to stop
        self._finishing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """From `nazair` with `plan`, `database` and `run_id`; from `scrapy crawl` with what follows -a."""
        settings = crawler.settings
        if "plan" not in kwargs:
            try:
                kwargs = _from_arguments(settings, **kwargs)
            except NazairError as error:  # Scrapy would show where it was raised
                print(f"Error: {error}", file=sys.stderr)
                raise SystemExit(error.exit_code) from None
        plan, database, run_id = kwargs["plan"], kwargs["database"], kwargs["run_id"]
        ledger = Ledger(database, queue=plan.queue, run_id=run_id)
        spider = cls(
            plan=plan,
            ledger=ledger,
            workers=Workers(settings.getint("NAZAIR_WORKERS"), preload=PRELOAD),
            delays=Delays(crawler, plan, ledger),
        )
        spider._set_crawler(crawler)
        crawler.signals.connect(spider.finish, signals.spider_closed)
        crawler.signals.connect(spider.finished, signals.engine_stopped)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Ask for all that is leased, until nothing more is, or the database fails."""
        try:
            async for leased in self.leasing.links():
                yield self._request(leased)
        except StoreBroken:
            pass  # told already; see `finish`
        except asyncio.CancelledError:
            self.ledger.hurry()
            self._ending = asyncio.create_task(self.leasing.run_out())  # somebody pressed Ctrl-C
            raise
        except Exception as error:
            # Scrapy would end the run as if there was nothing left.
            logger.exception("No more links can be leased.")
            self._failed = f"no more links could be leased: {error!r}"

    async def parse_article(self, response: Response) -> AsyncIterator[Fetched]:
        """Hand an article's page to the pipelines, unless it is known."""
        leased: LeasedLink = response.meta["leased"]
        source_id = leased.link.source_id
        if led_away := not same_site(response.url, leased.link.url):
            source_id = self.plan.owners.of(response.url)
        if response.status == NOT_MODIFIED:
            await self._settle(leased, Outcome.UNCHANGED, verdict.not_modified(leased))
        elif led_away and source_id is None and leased.link.source_id is not None:
            await self._settle(leased, Outcome.NOT_AN_ARTICLE, verdict.LED_AWAY)
        else:
            validators = validators_of(response, self._read_for(leased)) if self.plan.is_incremental else None
            yield Fetched(leased=leased, page=page_of(response), source_id=source_id, validators=validators)

    async def parse_listing(self, response: Response) -> AsyncIterator[Fetched]:
        """Read a feed, sitemap or section page for links."""
        leased: LeasedLink = response.meta["leased"]
        source = self.source(leased.link.source_id)
        if response.status == NOT_MODIFIED:
            known = Listing(links=await self.ledger.listings_in(leased), unchanged=True)
            gave = self.plan.course.after(leased.link, known, answered=True)
            await self._settle(leased, Outcome.UNCHANGED, verdict.not_modified(leased), found=gave.links)
            return
        try:
            listing = await self.workers.run(
                read_listing,
                leased.link,
                page_of(response),
                topic=self.plan.focus,
                home=source.home if source and not source.aggregator else None,
                owners=self.plan.owners if source else None,
            )
        except WorkFailed as error:
            await self._close(leased, error.outcome, str(error), retry=error.outcome is Outcome.FAILED)
        except Exception as error:
            logger.exception("Reading %s failed.", response.url)
            await self._close(leased, Outcome.QUARANTINED, f"reading it failed: {error!r}")
        else:
            await self._go_on(leased, listing, validators_of(response, self._read_for(leased)))
        return
        yield  # makes this an async generator, as callbacks are

    async def failed(self, failure: Failure) -> None:
        """Record why a link could not be fetched."""
        request: Request = failure.request  # type: ignore[attr-defined]
        leased: LeasedLink = request.meta["leased"]
        error = failure.value
        if isinstance(error, HttpError):
            await self._refused(leased, error.response.status, request)
        elif isinstance(error, StoreBroken):
            self.ledger.drop(leased)
        elif isinstance(error, Blocked) and "failed" not in request.meta:
            await self.ledger.postpone(leased, until=error.until)
        elif isinstance(error, Forbidden):
            outcome = Outcome.FAILED if error.is_passing else Outcome.BLOCKED_BY_ROBOTS
            await self._close(leased, outcome, str(error), retry=error.is_passing, retry_at=error.until)
        else:
            # A page that breaks its server and so has the host blocked before its second try was tried all the same.
            # Given back, it would be the first again each time, and no other page of the host would have a turn.
            before = request.meta["failed"] if isinstance(error, Blocked) else error
            reason, retry = why(before, request, most_bytes=self.settings.getint("DOWNLOAD_MAXSIZE"))
            await self._close(leased, Outcome.FAILED, reason, retry=retry)

    async def _refused(self, leased: LeasedLink, status: int, request: Request) -> None:
        """Record that the server answered with an error."""
        if status in BUSY or is_failure(request, status):
            rests_until = self.ledger.blocked.get(host_of(leased))
            until = rests_until if rests_until is not None and rests_until > clock.now() else None
            await self._close(leased, Outcome.FAILED, f"the server answered {status}", retry=True, retry_at=until)
        else:
            await self._close(
                leased, *verdict.of_status(leased, self.source(leased.link.source_id), status), answered=True
            )

    async def _go_on(self, leased: LeasedLink, listing: Listing, validators: Validators | None) -> None:
        """Record a listing that was read, and queue what follows from it."""
        gave = self.plan.course.after(leased.link, listing, answered=True)
        outcome, reason = verdict.of_listing(leased, self.source(leased.link.source_id), listing, gave)
        await self._settle(leased, outcome, reason, found=gave.links, validators=validators)

    async def _close(
        self,
        leased: LeasedLink,
        outcome: Outcome,
        reason: str,
        *,
        answered: bool = False,
        retry: bool = False,
        retry_at: datetime | None = None,
    ) -> None:
        """Record a link that gave nothing; a listing that fails may be a reason to look elsewhere."""
        found: tuple[Link, ...] = ()
        if leased.link.kind.is_listing:
            found = self.plan.course.after(leased.link, None, answered=answered).links
        await self._settle(leased, outcome, reason, found=found, retry=retry, retry_at=retry_at)

    async def finish(self, reason: str) -> None:
        """End the run: what is stored is complete, what is not fetched goes back."""
        self._finishing = asyncio.create_task(self._finish(reason))
        await self._finishing

    async def finished(self) -> None:
        """Hold Scrapy until the run has its end: at Ctrl-C it waits for no spider that is closing already."""
        if self._finishing is not None and not self._finishing.done():
            self.ledger.hurry()
            await self._finishing

    async def _finish(self, reason: str) -> None:
        self.leasing.stop()
        self.workers.close()
        if self.ledger.broken is not None:
            await self.ledger.end(status="failed", reason=str(self.ledger.broken))
        elif problem := self._failed or self.workers.broken:
            await self.ledger.end(status="failed", reason=problem)
        elif reason == "finished":
            await self.ledger.end(status="finished", reason=await self.leasing.why_over())
        else:
            await self.ledger.end(status="stopped", reason=reason)

    def source(self, source_id: str | None) -> Source | None:
        """A source of this run, by its id."""
        return self.plan.sources.get(source_id or "")

    def _read_for(self, leased: LeasedLink) -> bytes:
        source_id = leased.link.source_id
        if source_id not in self._reading_for:
            self._reading_for[source_id] = read_for(self.plan.focus, self.source(source_id))
        return self._reading_for[source_id]

    def _request(self, leased: LeasedLink) -> Request:
        is_listing = leased.link.kind.is_listing
        meta: dict[str, Any] = {"leased": leased}
        if leased.link.kind is LinkKind.SITEMAP:
            meta["download_maxsize"] = MAX_SITEMAP_BYTES
        headers = headers_for(leased, self._read_for(leased)) if self.plan.is_incremental else {}
        if headers:
            meta["handle_httpstatus_list"] = [NOT_MODIFIED]
        return Request(
            leased.link.url,
            headers=headers,
            callback=self.parse_listing if is_listing else self.parse_article,
            errback=self.failed,
            dont_filter=True,  # the frontier has told the doubles apart
            meta=meta,
        )

    async def _settle(
        self,
        leased: LeasedLink,
        outcome: Outcome,
        reason: str,
        *,
        found: tuple[Link, ...] = (),
        retry: bool = False,
        retry_at: datetime | None = None,
        validators: Validators | None = None,
    ) -> None:
        decision = Decision(
            url=leased.link.url,
            outcome=outcome,
            reason=reason,
            found=found,
            retry=retry,
            retry_at=retry_at,
            validators=validators,
            absent=verdict.is_absent(leased.link, self.source(leased.link.source_id), outcome, found),
        )
        with suppress(StoreBroken):  # told already; see `finish`
            await self.ledger.settle(leased, decision)


def page_of(response: Response) -> Page:
    """The page that a response brought."""
    content_type = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
    at = response.meta.get("answered_at") or clock.now()  # a robots.txt that was known has not been answered
    asks = tuple((name, value.decode("latin-1")) for name in ASKING_HEADERS for value in response.headers.getlist(name))
    return Page(url=response.url, body=response.body, content_type=content_type, fetched_at=at, asks=asks)


def _from_arguments(
    settings: BaseSettings, *, topic: str | None = None, source: str = "", max_pages: str | None = None
) -> dict[str, Any]:
    if topic is None:
        raise UsageError("Which topic? Example: scrapy crawl news -a topic=alaska-summit")
    config = settings.get("NAZAIR_CONFIG")
    if max_pages is not None and not (max_pages.isdecimal() and int(max_pages)):
        raise UsageError(f"max_pages={max_pages} is no number of pages. Example: -a max_pages=200")
    plan = plan_crawl(
        load(Path(config) if config else None),
        topic,
        source_ids=[one for one in source.split(",") if one],
        max_pages=int(max_pages) if max_pages else None,
    )
    require_contact(plan, settings)
    copy_days()  # what is wrong with it is said before anything is fetched
    database = open_database(settings.get("NAZAIR_DB"), create=True)
    return {"plan": plan, "database": database, "run_id": begin_run(database, plan.queue)}
