"""Which source has a page, by its address: that of its domain, and of several there that whose home page is above it.

Sections of one outlet may be sources of their own, on one host; their articles need not stand below their home pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from corpus.urls import identity, registrable_domain
from crawler.catalogue.sources import Source


class Home(NamedTuple):
    """Where a source's pages are; without an id, those of a domain that no source has."""

    source_id: str | None
    address: str  # the identity of its home page

    def above(self, page: str) -> int:
        """How much of a page's identity its path is; 0 where that is not below it, and for all of a host."""
        is_below = page == self.address or page.startswith((f"{self.address}/", f"{self.address}?"))
        return len(self.address.partition("/")[2]) if is_below else 0

    def has_host(self, page: str) -> bool:
        """Whether a page is on the host of its home page."""
        return page.partition("/")[0] == self.address.partition("/")[0]


class Owners:
    """The sources by the domains that are theirs. An aggregator has none: the pages that it finds are others'."""

    def __init__(self, sources: Iterable[Source]) -> None:
        homes: defaultdict[str, list[Home]] = defaultdict(list)
        for source in sources:
            if not source.aggregator:
                homes[source.domain].append(Home(source.id, identity(source.home)))
        self._homes = {domain: tuple(found) for domain, found in homes.items()}

    @property
    def domains(self) -> tuple[str, ...]:
        return tuple(self._homes)

    def at(self, domain: str) -> tuple[Home, ...]:
        """The sources of a domain, in the order of the catalogue."""
        return self._homes.get(domain, ())

    def of(self, url: str) -> str | None:
        """The source of a page, by its address alone."""
        return owner(self.at(registrable_domain(url)), url)


def owner(homes: tuple[Home, ...], url: str, *, found_by: str | None = None) -> str | None:
    """Which of a domain's sources has a page: that whose home page is above it in a path, else the one whose listing
    named it, else one on its host, else the first.
    """
    if len(homes) < 2:
        return homes[0].source_id if homes else None
    page = identity(url)
    return max(homes, key=lambda one: (one.above(page), one.source_id == found_by, one.has_host(page))).source_id
