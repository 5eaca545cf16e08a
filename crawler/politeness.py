"""How often, and under what name, this crawler asks: delays per host, and a contact that must be set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from corpus.errors import UsageError
from crawler.guard import is_private
from crawler.plan import Plan

# Nobody's server is asked more often than this, whatever a catalogue says. Ours may be.
LEAST_DELAY_S = 1.0


class Settings(Protocol):
    """Scrapy's settings, or a dictionary."""

    def get(self, name: str, /) -> Any: ...


def require_contact(plan: Plan, settings: Settings) -> None:
    """Raise UsageError when the run would visit strangers' servers without saying whose crawler it is."""
    foreign = sorted({host for host in _hosts(plan) if not _is_ours(host, settings)})
    if foreign and not settings.get("NAZAIR_CONTACT"):
        raise UsageError(
            f"This would visit {foreign[0]}{' and others' if len(foreign) > 1 else ''}, whose owner must be able to "
            "write to you. Say who you are: --contact you@example.org, or set NAZAIR_CONTACT."
        )


def download_slots(plan: Plan, settings: Settings) -> Mapping[str, Any]:
    """The Scrapy settings that give every host one connection and its own delay."""
    slots = {}
    for source in plan.sources.values():
        host = urlsplit(source.home).hostname or ""
        delay_s = source.delay_s if _is_ours(host, settings) else max(source.delay_s, LEAST_DELAY_S)
        slots[host] = {"concurrency": 1, "delay": delay_s}
    all_ours = all(_is_ours(host, settings) for host in _hosts(plan))
    return {"DOWNLOAD_SLOTS": slots} | ({"DOWNLOAD_DELAY": 0} if all_ours else {})


def _hosts(plan: Plan) -> set[str]:
    return {urlsplit(link.url).hostname or "" for link in plan.seeds}


def _is_ours(host: str, settings: Settings) -> bool:
    """Whether a host is on this machine or in a private network that the user named."""
    stands_in = settings.get("NAZAIR_PROXY") or settings.get("NAZAIR_REPLAY")  # for the web: nobody is visited
    return bool(stands_in) or is_private(host, settings.get("NAZAIR_ALLOW_PRIVATE") or [])
