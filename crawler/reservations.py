"""Rights that a host reserves for text and data mining in /.well-known/tdmrep.json, for whole parts of its site.

Final Community Group Report «TDM Reservation Protocol (TDMRep)», W3C, 10 May 2024, §6.1: a list of rules, each with a
`location` (a pattern of paths, as in robots.txt) and `tdm-reservation`, 0 or 1. A page of a location that is reserved
gets the header that says the same, and `pipelines.directives` reads it: of several wishes the strictest counts.

A host is asked once its first article has come, at most once a run, and again after a day, if it has changed. A file
that cannot be had says nothing: the protocol is opt-out. Which policy it names (`tdm-policy`) is not kept.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any, Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from corpus import clock
from corpus.store.hosts import Host
from corpus.types import LeasedLink, LinkKind
from crawler.conditional import NOT_MODIFIED, header
from crawler.robots import KEPT_FOR, MAX_BYTES
from pipelines.directives import TDM_HEADER
from pipelines.ledger import Ledger, StoreBroken

logger = logging.getLogger(__name__)

PATH = "/.well-known/tdmrep.json"

# Far more than any site has parts. Guess.
MOST_RULES = 1_000


class Reservations:
    """Downloader middleware: adds to an article's answer what its host reserves."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._known: dict[str, asyncio.Task[Protego | None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        leased: LeasedLink | None = request.meta.get("leased")
        if leased is None or leased.link.kind is not LinkKind.ARTICLE or response.status != 200:
            return response
        if not self._crawler.spider.keeps_articles:  # type: ignore[union-attr] # a spider of ours
            return response
        parts = urlsplit(response.url)
        if parts.netloc not in self._known:
            self._known[parts.netloc] = asyncio.create_task(self._learn(f"{parts.scheme}://{parts.netloc}{PATH}"))
        rules = await asyncio.shield(self._known[parts.netloc])
        if rules is not None and not rules.can_fetch(response.url, "*"):
            response.headers.appendlist(TDM_HEADER, "1")
        return response

    async def _learn(self, url: str) -> Protego | None:
        """What is in the database, if it is fresh, else what the host answers now; None where it reserves nothing."""
        host = urlsplit(url).netloc
        known = await self._ledger.host(host) or Host(host=host)
        body = known.tdm_body or b""
        if known.tdm_at is None or clock.now() - known.tdm_at > KEPT_FOR:
            try:
                body = await self._ask(url, known)
            except StoreBroken:
                raise
            except Exception as error:
                logger.info("%s could not be had: %s", url, error)
        return read_reservations(body) if body else None

    async def _ask(self, url: str, known: Host) -> bytes:
        """The file as it is now, which is kept; that there is none is kept too."""
        sent = {"If-None-Match": known.tdm_etag, "If-Modified-Since": known.tdm_modified}
        headers = {name: value for name, value in sent.items() if value}
        asked = Request(url, headers=headers, meta={"download_maxsize": MAX_BYTES}, callback=NO_CALLBACK)
        answer = await self._crawler.engine.download_async(asked)
        body = known.tdm_body or b""
        values: dict[str, object] = {"tdm_at": clock.now()}
        if answer.status != NOT_MODIFIED:
            if answer.status >= 500 or answer.status == 429:
                return body  # what it said before, until it can be asked again
            body = answer.body if answer.status == 200 else b""
            values |= {"tdm_body": body, "tdm_etag": header(answer, "ETag")}
            values |= {"tdm_modified": header(answer, "Last-Modified")}
        await self._ledger.keep_host(known.host, **values)
        return body

    @property
    def _ledger(self) -> Ledger:
        return self._crawler.spider.ledger  # type: ignore[union-attr, no-any-return] # a spider of ours


def read_reservations(body: bytes) -> Protego:
    """The rules of a tdmrep.json, as those of a robots.txt that forbids what is reserved; none in what is no such file.

    Protego knows the patterns (* and $), and that the longest match wins.
    """
    try:
        listed = json.loads(body.decode("utf-8-sig")) if body.strip() else []
    except (ValueError, RecursionError):
        listed = []
    listed = listed if isinstance(listed, list) else [listed]
    lines = [line for rule in listed[:MOST_RULES] if (line := _line(rule))]
    return Protego.parse("\n".join(["User-agent: *", *lines]))


def _line(rule: Any) -> str | None:
    if not isinstance(rule, dict) or not isinstance(location := rule.get("location"), str):
        return None
    path = "".join(location.split())
    if not path.startswith(("/", "*")):
        return None
    return f"{'Disallow' if str(rule.get('tdm-reservation')) == '1' else 'Allow'}: {path}"
