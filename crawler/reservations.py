"""Rights that a host reserves for text and data mining in /.well-known/tdmrep.json, for whole parts of its site.

Final Community Group Report «TDM Reservation Protocol (TDMRep)», W3C, 10 May 2024, §6.1: a list of rules, each with a
`location` (a pattern of paths, as in robots.txt), `tdm-reservation`, 0 or 1, and perhaps the address of a `tdm-policy`.
A page of a location that is reserved gets the headers that say the same, where it has none of its own, and
`pipelines.directives` reads them.

A host is asked once its first article has come, at most once a run, and again after a day, if it has changed. A file
that cannot be had says nothing: the protocol is opt-out.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from corpus import clock
from corpus.errors import StoreBroken
from corpus.store.hosts import Host
from corpus.types import LeasedLink, LinkKind
from corpus.urls import normalise
from crawler.conditional import NOT_MODIFIED, header, if_changed
from crawler.discovery.sitemaps import MAX_ROBOTS_BYTES
from crawler.robots import KEPT_FOR
from pipelines.directives import POLICY_HEADER, TDM_HEADER, reservation
from pipelines.stages import Component

logger = logging.getLogger(__name__)

PATH = "/.well-known/tdmrep.json"

# Far more than any site has parts. Guess.
MOST_RULES = 1_000


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a file says of a part of its site."""

    location: str
    pattern: Protego  # forbids what is of this location: it knows * and $, and escapes
    reserved: bool
    policy: str | None = None


class Reservations(Component):
    """Downloader middleware: adds to an article's answer what its host reserves."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._known: dict[str, asyncio.Task[Sequence[Rule]]] = {}

    async def process_response(self, request: Request, response: Response) -> Response:
        leased: LeasedLink | None = request.meta.get("leased")
        if leased is None or leased.link.kind is not LinkKind.ARTICLE or response.status != 200:
            return response
        parts = urlsplit(response.url)
        if parts.netloc not in self._known:
            self._known[parts.netloc] = asyncio.create_task(self._learn(f"{parts.scheme}://{parts.netloc}{PATH}"))
        rule = rule_of(response.url, await asyncio.shield(self._known[parts.netloc]))
        if rule is not None and rule.reserved:
            if reservation(value.decode("latin-1") for value in response.headers.getlist(TDM_HEADER)) is None:
                response.headers[TDM_HEADER] = "1"
            if rule.policy is not None:
                response.headers.setdefault(POLICY_HEADER, rule.policy)
        return response

    async def _learn(self, url: str) -> Sequence[Rule]:
        """What is in the database, if it is fresh, else what the host answers now."""
        host = urlsplit(url).netloc
        known = await self.run.ledger.host(host) or Host(host=host)
        body = known.tdm_body or b""
        if known.tdm_at is None or clock.now() - known.tdm_at > KEPT_FOR:
            try:
                body = await self._ask(url, known)
            except StoreBroken:
                raise
            except Exception as error:
                logger.info("%s could not be had: %s", url, error)
        return read_reservations(body, url)

    async def _ask(self, url: str, known: Host) -> bytes:
        """The file as it is now, which is kept; that there is none is kept too."""
        headers = if_changed(known.tdm_etag, known.tdm_modified)
        asked = Request(url, headers=headers, meta={"download_maxsize": MAX_ROBOTS_BYTES}, callback=NO_CALLBACK)
        answer = await self._crawler.engine.download_async(asked)
        body = known.tdm_body or b""
        values: dict[str, object] = {"tdm_at": clock.now()}
        if answer.status != NOT_MODIFIED:
            if answer.status >= 500 or answer.status == 429:
                return body  # what it said before, until it can be asked again
            body = answer.body if answer.status == 200 else b""
            values |= {"tdm_body": body, "tdm_etag": header(answer, "ETag")}
            values |= {"tdm_modified": header(answer, "Last-Modified")}
        await self.run.ledger.keep_host(known.host, **values)
        return body


def read_reservations(body: bytes, url: str) -> list[Rule]:
    """The rules of a tdmrep.json, whose address is `url`; none in what is no such file."""
    try:
        listed = json.loads(body.decode("utf-8-sig")) if body.strip() else []
    except (ValueError, RecursionError):
        listed = []
    listed = listed if isinstance(listed, list) else [listed]
    return [rule for told in listed[:MOST_RULES] if (rule := _rule(told, url))]


def rule_of(url: str, rules: Sequence[Rule]) -> Rule | None:
    """The rule that counts for a URL, if one does.

    The report takes the first for the most specific, as if every file began with its narrowest locations. Who begins
    with the widest means the others, too: the longest counts, as in robots.txt, and of equals the first.
    """
    matching = (rule for rule in rules if not rule.pattern.can_fetch(url, "*"))
    return max(matching, key=lambda rule: len(rule.location), default=None)


def _rule(told: Any, url: str) -> Rule | None:
    if not isinstance(told, dict) or not isinstance(location := told.get("location"), str):
        return None
    path, policy = "".join(location.split()), told.get("tdm-policy")
    if not path.startswith(("/", "*")):
        return None
    return Rule(
        location=path,
        pattern=Protego.parse(f"User-agent: *\nDisallow: {path}"),
        reserved=reservation([told.get("tdm-reservation")]) or False,
        policy=normalise(policy, url) if isinstance(policy, str) and policy.strip() else None,
    )
