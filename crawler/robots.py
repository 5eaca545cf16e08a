"""May it be fetched? robots.txt, read as RFC 9309 says, and more strictly where that is kinder.

    what the host answers                       what may be fetched
    200 with rules                              what they allow
    200 with something that is no text          nothing
    4xx, but for 401, 403 and 429               everything
    401, 403 (the RFC allows everything)        nothing
    429, 5xx, no answer, too many redirects     nothing, until it is asked again
    304 to the first request                    the same

The answer is kept in the database for a day (RFC 9309 §2.4), so that all runs share it; `hosts` has it.
Scrapy's own middleware fetches pages when robots.txt cannot be had, and ignores Crawl-delay.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.http.request import NO_CALLBACK

from corpus import clock
from corpus.store.hosts import Host
from crawler.backoff import Blocked, wait
from crawler.conditional import NOT_MODIFIED, header, if_changed
from crawler.discovery.sitemaps import robots_head, robots_text
from crawler.failures import words
from crawler.guard import Refused
from pipelines.directives import OUR_NAME
from pipelines.stages import Component

KEPT_FOR = timedelta(hours=24)

ROBOTS_PRIORITY = 1000

# A number of very many digits is no time that can be reckoned with.
LONGEST_PAUSE_S = 365 * 86_400.0


# Our name with a version or a comment behind it, as webmasters copy it from their logs. Protego would look for all of
# it in the name alone; the name is what counts (RFC 9309 §2.2.1).
OUR_GROUP = re.compile(rf"((?:^|[\r\n])[ \t]*user[- ]?agent[ \t]*:[ \t]*{OUR_NAME})[ \t/(][^\r\n]*", re.IGNORECASE)

# As people write it: with a comma, or a unit. Protego knows bare numbers, and would hear of no pause.
PAUSE = re.compile(
    r"((?:^|[\r\n])[ \t]*crawl[- ]delay[ \t]*:[ \t]*)(\d+)(?:[.,](\d+))?[ \t]*"
    r"(?:(m(?:in(?:ute)?s?)?)|s(?:ec(?:ond)?s?)?)?[.;]?(?=[ \t]*(?:#|[\r\n]|$))",
    re.ASCII | re.IGNORECASE,
)

ESCAPED = re.compile(r"(?:%[89A-F][0-9A-F])+", re.IGNORECASE)  # letters beyond ASCII


class Forbidden(IgnoreRequest):
    """A request that the host does not want; the sentence says how it said so."""

    def __init__(self, reason: str, *, until: datetime | None = None) -> None:
        super().__init__(reason)
        self.until = until  # when to ask again, where that may change the answer

    @property
    def is_passing(self) -> bool:
        """Whether robots.txt could not be had: a fault of the server or of the way to it, and nobody's wish."""
        return self.until is not None


@dataclass(frozen=True, kw_only=True)
class Robots:
    """What a host lets us fetch: what its rules allow, or nothing for a reason."""

    rules: Protego
    problem: str | None = None
    passing: bool = False  # the problem is the server's, not its owner's wish

    def refusal(self, url: str, user_agent: str) -> str | None:
        """Why this URL must not be fetched, in a sentence; None if it may be."""
        if self.problem:
            return self.problem
        return None if self.rules.can_fetch(_told_apart(url), product(user_agent)) else "robots.txt forbids it"


def product(user_agent: str) -> str:
    """The name in a User-Agent header that rules go by (RFC 9309 §2.2.1).

    Protego would look for theirs in all of it, and rules for «news» or «crawler» would be ours.
    """
    return user_agent.partition("/")[0]


def read_robots(status: int | None, body: bytes, *, problem: str | None = None) -> Robots:
    """What an answer to the request for robots.txt means. No status: there was no answer, for the `problem`."""
    nothing = Protego.parse("")
    if status is None or status in (NOT_MODIFIED, 429) or status >= 500:
        why = problem or f"robots.txt answered {status}: nothing may be fetched until it can be read (RFC 9309)"
        return Robots(rules=nothing, problem=why, passing=True)
    if status in (401, 403):
        return Robots(rules=nothing, problem=f"robots.txt answered {status}: the host wants no visitors")
    if not 200 <= status < 300:
        return Robots(rules=nothing)
    text = robots_text(robots_head(body))
    if "\0" in text:
        return Robots(rules=nothing, problem="robots.txt is no text: what it forbids cannot be known")
    return Robots(rules=Protego.parse(PAUSE.sub(_in_seconds, OUR_GROUP.sub(r"\1", _told_apart(text)))))


def _told_apart(text: str) -> str:
    """Escapes that are no UTF-8 as Protego tells them apart: it would take each of them for the same letter."""
    return ESCAPED.sub(lambda run: run[0] if _is_utf8(run[0]) else run[0].upper().replace("%", "%25"), text)


def _is_utf8(escaped: str) -> bool:
    try:
        unquote(escaped, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _in_seconds(pause: re.Match[str]) -> str:
    line, whole, part, is_minutes = pause.groups()
    return f"{line}{float(f'{whole}.{part or 0}') * (60 if is_minutes else 1)}"


def crawl_delay_s(robots: Robots, user_agent: str) -> float:
    """The pause in seconds that a host asks for between two requests; 0 when it asks for none."""
    asked = robots.rules.crawl_delay(product(user_agent))
    rate = robots.rules.request_rate(product(user_agent))
    slowest = min(rate.seconds, LONGEST_PAUSE_S) / rate.requests if rate and rate.requests else 0.0
    return min(max(float(asked or 0), slowest), LONGEST_PAUSE_S)


class RobotsRules(Component):
    """Downloader middleware: asks each host for its robots.txt before anything else, and obeys it.

    There is no switch that turns it off. It answers requests for robots.txt itself, so that nobody asks twice.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._user_agent: str = crawler.settings["USER_AGENT"]
        self._known: dict[str, asyncio.Task[tuple[Robots, Response]]] = {}

    async def process_request(self, request: Request) -> Response | None:
        if request.meta.get("is_robots_txt"):
            return None
        robots, answer = await self._of(request)
        if reason := robots.refusal(request.url, self._user_agent):
            raise Forbidden(reason, until=await self._asked_again_at(request) if robots.passing else None)
        return answer if urlsplit(request.url).path == "/robots.txt" else None

    async def _of(self, request: Request) -> tuple[Robots, Response]:
        host = urlsplit(request.url).netloc
        if host not in self._known:
            self._known[host] = asyncio.create_task(self._learn(request, host))
        asked = self._known[host]
        await asyncio.wait([asked])
        # The database says when it is asked again; a host that was left alone is to be asked when that time is over.
        if (asked.exception() or asked.result()[0].passing) and self._known.get(host) is asked:
            del self._known[host]
        return asked.result()

    async def _learn(self, request: Request, host: str) -> tuple[Robots, Response]:
        """What is in the database, if it is fresh enough, else what the host answers now."""
        known = await self.run.ledger.host(host)
        url = f"{urlsplit(request.url).scheme}://{host}/robots.txt"
        if known is None or not _is_fresh(known):
            known = await self._ask(url, host, known)
        robots = read_robots(known.robots_status, known.robots_body or b"", problem=known.robots_problem)
        self._slow_down(request, robots)
        answer = TextResponse(url, status=known.robots_status or 503, body=known.robots_body or b"", encoding="utf-8")
        return robots, answer

    async def _ask(self, url: str, host: str, known: Host | None) -> Host:
        headers = if_changed(known.robots_etag, known.robots_modified) if known else {}
        meta = {"is_robots_txt": True}  # kept on redirects, which are followed
        asked = Request(url, headers=headers, meta=meta, priority=ROBOTS_PRIORITY, callback=NO_CALLBACK)
        values: dict[str, object] = {"robots_at": clock.now(), "robots_problem": None}
        try:
            answer = await self._crawler.engine.download_async(asked)
        except (Blocked, Refused):
            raise
        except Exception as error:
            values |= {"robots_status": None, "robots_body": None, "robots_etag": None, "robots_modified": None}
            problem = f"robots.txt could not be had ({words(error)}): nothing may be fetched until it can"
            values["robots_problem"] = problem
        else:
            if answer.status != NOT_MODIFIED or not headers:
                values |= {"robots_status": answer.status, "robots_body": robots_head(answer.body)}
                values |= {"robots_etag": header(answer, "ETag"), "robots_modified": header(answer, "Last-Modified")}
        if read_robots(values.get("robots_status", 200), b"").passing:  # type: ignore[arg-type] # int or None
            values |= _block(
                await self.run.ledger.host(host),
                str(values["robots_problem"] or f"robots.txt answered {values['robots_status']}"),
            )
        await self.run.ledger.keep_host(host, **values)
        kept = await self.run.ledger.host(host)
        assert kept is not None  # noqa: S101 - it was kept just now
        # A firewall that refused it, or «Disallow: /» while a site was mended, would cost all that waited on that day.
        if known is not None and (kept.robots_status, kept.robots_body) != (known.robots_status, known.robots_body):
            await self.run.ledger.look_again(host)
        return kept

    async def _asked_again_at(self, request: Request) -> datetime | None:
        known = await self.run.ledger.host(urlsplit(request.url).netloc)
        return known.blocked_until if known else None

    def _slow_down(self, request: Request, robots: Robots) -> None:
        """Let the host's own Crawl-delay be kept, up to what its source says at most, and its source's delay."""
        asked = crawl_delay_s(robots, self._user_agent)
        self._crawler.spider.delays.slow_down(request, asked)  # type: ignore[union-attr] # a spider of ours


def _block(known: Host | None, because: str) -> dict[str, object]:
    if known is not None and known.blocked_until is not None and known.blocked_until > clock.now():
        return {}  # the answer said for how long, or `backoff` did
    failures = (known.failures if known else 0) + 1
    return {"failures": failures, "blocked_until": clock.now() + wait(failures), "blocked_because": because}


def _is_fresh(known: Host) -> bool:
    if known.robots_at is None:
        return False
    if read_robots(known.robots_status, b"").passing:
        return known.blocked_until is not None and known.blocked_until > clock.now()
    return clock.now() - known.robots_at < KEPT_FOR
