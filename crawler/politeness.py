"""How often, and under what name, this crawler asks: delays per host, and a contact that must be set."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from corpus import clock
from corpus.errors import UsageError
from crawler.backoff import Blocked
from crawler.guard import is_in_networks
from crawler.plan import Plan

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from pipelines.ledger import Ledger

logger = logging.getLogger(__name__)

# Nobody's server is asked more often than this, whatever a catalogue says. Ours may be.
LEAST_DELAY_S = 1.0

# Where the catalogue does not say how slow a host may make us.
MAX_DELAY_S = 60.0

# What is told to strangers, in a header: an address as a form of HTML takes it, at a host with a dot, or a page.
HOST = r"[a-z0-9-]+(?:\.[a-z0-9-]+)+"
MAIL = re.compile(rf"[\w.!#$%&'*+/=?^`{{|}}~-]+@{HOST}", re.ASCII | re.IGNORECASE)
PAGE = re.compile(rf"https?://{HOST}(?::\d+)?(?:/[\w.!~*';/?:@&=+$,%#-]*)?", re.ASCII | re.IGNORECASE)


class Settings(Protocol):
    """Scrapy's settings, or a dictionary."""

    def get(self, name: str, /) -> Any: ...


def check_contact(contact: str) -> None:
    """Raise UsageError for a contact under which no webmaster could reach anybody."""
    if not (MAIL.fullmatch(contact) or PAGE.fullmatch(contact)):
        raise UsageError(
            f"The contact {contact!r} is neither a mail address nor an http(s) URL, in ASCII. "
            "Example: --contact you@example.org, or the same in NAZAIR_CONTACT."
        )


def require_contact(plan: Plan, settings: Settings) -> None:
    """Raise UsageError when the run would visit strangers' servers without saying whose crawler it is."""
    if contact := settings.get("NAZAIR_CONTACT"):
        check_contact(contact)
    foreign = sorted({host for host in _hosts(plan) if not _is_ours(host, settings)})
    if foreign and not contact:
        raise UsageError(
            f"This would visit {foreign[0]}{' and others' if len(foreign) > 1 else ''}, whose owner must be able to "
            "write to you. Say who you are: --contact you@example.org, or set NAZAIR_CONTACT."
        )


def download_slots(plan: Plan, settings: Settings) -> Mapping[str, Any]:
    """The Scrapy settings that give every host one connection and its own delay."""
    slots: dict[str, Any] = {}
    for source in plan.sources.values():
        host = urlsplit(source.home).hostname or ""
        delay_s = source.delay_s if _is_ours(host, settings) else max(source.delay_s, LEAST_DELAY_S)
        others_s = slots[host]["delay"] if host in slots else 0.0  # of sources on the same host
        slots[host] = {"concurrency": 1, "delay": max(delay_s, others_s)}
    all_ours = all(_is_ours(host, settings) for host in _hosts(plan))
    return {"DOWNLOAD_SLOTS": slots} | ({"DOWNLOAD_DELAY": 0} if all_ours else {})


class Delays:
    """How long each host rests between two requests of a run; the ledger knows too, for the runs that come after."""

    def __init__(self, crawler: Crawler, plan: Plan, ledger: Ledger) -> None:
        self._crawler = crawler
        self._plan = plan
        self._ledger = ledger
        polite = download_slots(plan, crawler.settings)
        crawler.settings.setdict(polite, priority="spider")
        ledger.rest_s = crawler.settings.getfloat("DOWNLOAD_DELAY")
        ledger.rests = {name: slot["delay"] for name, slot in polite["DOWNLOAD_SLOTS"].items()}
        self.are_kept = ledger.rest_s > 0 or any(ledger.rests.values())  # some host is left alone between requests

    def slow_down(self, request: Request, asked_s: float) -> None:
        """Keep what the sources of a host say, at its other names too, and the Crawl-delay that it asks for, if any:
        between requests, or, when it is longer than a source allows, between runs.
        """
        parts = urlsplit(request.url)
        name = parts.hostname or ""
        sources = [one for one in self._plan.sources.values() if one.covers(name)]
        longest = max((one.max_delay_s for one in sources), default=MAX_DELAY_S)
        if asked_s > longest:
            logger.warning("%s asks for %g s between requests: one page of it at a time", parts.netloc, asked_s)
            self._ledger.pauses[parts.netloc] = asked_s
        least = max([min(asked_s, longest), *(one.delay_s for one in sources)])
        if clock.is_stopped() or least == 0:
            return
        self.are_kept = True
        downloader = self._crawler.engine.downloader
        settings = downloader.per_slot_settings.setdefault(name, {"concurrency": 1, "delay": downloader._delay})
        settings["delay"] = max(settings["delay"], least)
        self._ledger.rests[name] = settings["delay"]
        if slot := downloader.slots.get(name):
            slot.delay = settings["delay"]

    def let_go(self) -> None:
        """Ask for no link that waits until its host has rested, which may take a minute: the run is at its end."""
        for slot in self._crawler.engine.downloader.slots.values():
            for waiting in [one for one in slot.queue if "leased" in one[0].meta]:
                slot.queue.remove(waiting)
                request, answer = waiting
                answer.errback(Blocked(urlsplit(request.url).netloc, clock.now()))


def _hosts(plan: Plan) -> set[str]:
    return {urlsplit(link.url).hostname or "" for link in plan.seeds}


def _is_ours(host: str, settings: Settings) -> bool:
    """Whether a host is on this machine or in a private network that the user named."""
    stands_in = settings.get("NAZAIR_PROXY") or settings.get("NAZAIR_REPLAY")  # for the web: nobody is visited
    return bool(stands_in) or is_in_networks(host, settings.get("NAZAIR_ALLOW_PRIVATE") or [])
