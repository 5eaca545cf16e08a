"""Leave a host alone when it asks for it, or cannot answer: Retry-After, and pauses that double.

A host that answers 429 or 503 is left alone for as long as it says (Retry-After, in seconds or as a date), or for a
minute, doubling each time, up to a day. Other server errors, broken connections (but 500 of a listing, and one that
breaks off) and articles that are refused (403) count, and block it after three in a row, or at once where they say for
how long. What is known is in the database (`corpus.store.hosts`): the frontier lends no link of a blocked host to any
run.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader import Downloader
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest, ResponseDataLossError
from scrapy.http import Response

from corpus import clock
from corpus.errors import StoreBroken
from corpus.types import LeasedLink
from crawler.heads import BoundedFactory
from crawler.whole import is_whole
from pipelines.stages import Component

# The figures of StormCrawler, which has them from years of crawling.
FIRST_WAIT = timedelta(seconds=60)
LONGEST_WAIT = timedelta(days=1)
JITTER = 0.10

ASKS_FOR_PEACE = {429, 503}

# What stands before a server keeps out whom it takes for a robot, for a while.
REFUSED = 403

# A script broke, the server answers; or it broke off. Of a feed it tells nothing of other pages, and three broken feeds
# would each time have their host blocked before its home page and its articles had a turn.
SCRIPT_BROKE = 500

# One page may break a server, or time out; three in a row are the host. Guess.
PATIENCE = 3


class Blocked(IgnoreRequest):
    """A request that was not sent, because its host is to be left alone until some time."""

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__(f"{host} is left alone until {until:%Y-%m-%d %H:%M:%S} UTC")
        self.host, self.until = host, until


def wait(failures: int) -> timedelta:
    """How long to leave a host alone after so many failures in a row, within a tenth."""
    doubled: timedelta = min(FIRST_WAIT * 2 ** min(failures - 1, 20), LONGEST_WAIT)
    jitter: float = random.uniform(-JITTER, JITTER)  # noqa: S311 - no secret
    return doubled * (1 + jitter)


def retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """The time that a Retry-After header asks for (RFC 9110 §10.2.3), at most a day; None for what is none.

    Nor is what has passed, by a clock that differs, or 0: at once, a busy host was asked for one page five times.
    """
    words = (value or "").strip()
    if words.isascii() and words.isdecimal():
        asked = timedelta(seconds=min(int(words[:9]), 10**8))
    else:
        try:
            moment = parsedate_to_datetime(words)
        except (ValueError, OverflowError):  # the latter of a zone or day with very many digits
            return None
        asked = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(asked, LONGEST_WAIT) if asked > timedelta(0) else None


def asks_for_peace(response: Response) -> bool:
    """Whether a host is to be left alone at once. Firewalls and overloaded gateways say for how long, too."""
    is_error = response.status >= 500 or response.status == REFUSED
    return response.status in ASKS_FOR_PEACE or (is_error and _asked(response) is not None)


def is_failure(request: Request, status: int) -> bool:
    """Whether a status tells of a fault that may pass, of the server or of what stands before it (520 to 530).

    Of a page that was only guessed, or lists others, 403 tells nothing more than that it is not for us.
    """
    return status >= 500 or (status == REFUSED and _is_article(request))


def _is_article(request: Request) -> bool:
    leased: LeasedLink | None = request.meta.get("leased")
    return leased is not None and not leased.link.kind.is_listing


class BackOff(Component):
    """Downloader middleware: keeps count of each host's failures, and blocks hosts."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._failures: dict[str, int] = {}  # in a row, of each host that this run has asked

    async def process_response(self, request: Request, response: Response) -> Response:
        host = urlsplit(request.url).netloc
        request.meta.pop("failed", None)
        if asks_for_peace(response):
            await self._block(host, f"it answered {response.status}", _asked(response))
        elif is_failure(request, response.status):
            if response.status != SCRIPT_BROKE or _is_article(request):
                await self._fail(host, f"it answered {response.status}")
        elif self._failures.get(host) != 0:
            await self._recover(host)
        pause = self.run.ledger.pauses.get(host)
        if pause and urlsplit(request.url).path != "/robots.txt":
            await self._block_for(host, timedelta(seconds=pause), f"its Crawl-delay is {pause:g} s")
        return response

    async def process_exception(self, request: Request, exception: Exception) -> None:
        # Not sent; too large; ours.
        if not isinstance(exception, (IgnoreRequest, DownloadCancelledError, StoreBroken)):
            request.meta["failed"] = exception  # for when the host is blocked before the second try
            if not isinstance(exception, ResponseDataLossError) or _is_article(request):
                await self._fail(urlsplit(request.url).netloc, f"it could not be reached ({type(exception).__name__})")

    async def _recover(self, host: str) -> None:
        """Begin to count anew. An earlier run may have counted failures, of which this one has seen none."""
        self._failures[host] = 0
        known = await self.run.ledger.host(host)
        if known is not None and known.failures:
            await self.run.ledger.keep_host(host, failures=0)

    async def _fail(self, host: str, because: str) -> None:
        self._failures[host] = self._failures.get(host, 0) + 1
        if self._failures[host] >= PATIENCE:
            await self._block(host, f"{because}, {self._failures[host]} times in a row", None)

    async def _block(self, host: str, because: str, asked: timedelta | None) -> None:
        # At once: while the database is asked, more that wait would be sent.
        self.run.ledger.blocked[host] = clock.now() + (asked or FIRST_WAIT)
        known = await self.run.ledger.host(host)
        failures = (known.failures if known else 0) + 1
        self._failures[host] = max(failures, self._failures.get(host, 0))
        await self.run.ledger.keep_host(host, failures=failures)
        await self._block_for(host, asked or wait(failures), because)

    async def _block_for(self, host: str, time: timedelta, because: str) -> None:
        until = clock.now() + time
        self.run.ledger.blocked[host] = until
        await self.run.ledger.keep_host(host, blocked_until=until, blocked_because=because)


class PoliteHandler(HTTP11DownloadHandler):
    """The last gate before the socket: one request to a host at a time, none while the host is blocked, and a delay
    that begins when the host has answered.

    Scrapy's own limit of one lets through whatever waits in a host's queue when there is no delay between requests:
    it counts a transfer when its task begins, and starts the tasks in a loop (2.19). And its delay begins when a
    request does, before the name is looked up: a host that takes as long to answer would never rest.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = BoundedFactory
        # Scrapy keeps as many open as one host may have; to a proxy, which all hosts are behind, each was a new one.
        self._pool.maxPersistentPerHost = crawler.settings.getint("CONCURRENT_REQUESTS")
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def download_request(self, request: Request) -> Response:
        host = urlsplit(request.url).netloc
        blocked = self.crawler.spider.ledger.blocked  # type: ignore[union-attr] # a spider of ours
        async with self._turns[host]:
            if (until := blocked.get(host)) is not None and until > clock.now():
                raise Blocked(host, until)
            try:
                response = await self.exchange(request)
            finally:
                self.crawler.engine.downloader.slots[request.meta[Downloader.DOWNLOAD_SLOT]].lastseen = monotonic()
            if asks_for_peace(response):
                # At once: the next request takes its turn before any middleware sees this answer.
                blocked[host] = clock.now() + (_asked(response) or FIRST_WAIT)
            return response

    async def exchange(self, request: Request) -> Response:
        """The server's answer, and when it came (`answered_at`). Recordings and replays begin here."""
        response = await super().download_request(request)
        if "dataloss" in response.flags and not is_whole(response.body):
            raise ResponseDataLossError
        request.meta["answered_at"] = clock.now()
        return response


def _asked(response: Response) -> timedelta | None:
    header = (response.headers.get("Retry-After") or b"").decode("latin-1")
    return retry_after(header, now=clock.now())
