"""Which links of a listing a run goes on to: all of them in a crawl, a sample in a check, the entrances in a draft.

Each class is one run's way; it sees every listing when it has been read, and says what follows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol
from urllib.parse import urlsplit

from corpus.types import Link, LinkKind
from corpus.urls import identity, registrable_domain
from crawler.catalogue.sources import Source
from crawler.discovery.listing import Listing
from crawler.discovery.seeds import guesses, home_seed, is_robots, seeds

LISTED = (LinkKind.FEED, LinkKind.SITEMAP)

# Pages of one section, sitemaps below sitemaps: the web's endless listings end here.
MAX_DEPTH = 50

# Listings of one site that one run reads; with two seconds between requests a quarter of an hour. Guess.
MOST_LISTINGS = 500


class Course(Protocol):
    """What a run does with what it finds."""

    def leave_out(self, urls: Iterable[str]) -> None:
        """What not to guess."""

    def after(self, link: Link, listing: Listing | None, *, answered: bool) -> Listing:
        """What to go on to after a listing: without one it could not be had, perhaps because nobody `answered`."""


class Crawl:
    """The way of a crawl: everything, up to limits; feeds are guessed where no other was found.

    Sections and feeds of the home page count only for sources that name none themselves: their owner chose. Where none
    of the feeds that were chosen is one any more, those of the home page stand for them.
    """

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._guesses = {id_: guesses(source) for id_, source in sources.items()}
        self._entrances = {id_: {identity(link.url) for link in seeds(source)} for id_, source in sources.items()}
        self._named = {id_: set(urls) for id_, urls in self._entrances.items()}  # all that ever were entrances
        self._listed: set[str] = set()  # sources with a feed or sitemap that gave links
        self._silent: set[str] = set()  # sources of which something did not answer, or whose home page is gone
        self._lost: defaultdict[str, set[str]] = defaultdict(set)  # feeds of the catalogue that are none any more
        self._declared: dict[str, tuple[Link, ...]] = {}  # feeds that a source's home page names
        self._read = Counter[str]()  # listings per site: it may have a host for each
        self._pages: defaultdict[str, set[frozenset[str]]] = defaultdict(set)  # what section pages of a host said

    def leave_out(self, urls: Iterable[str]) -> None:
        """Guess none of these: they were not there not long ago."""
        absent = {identity(url) for url in urls}
        for id_, guessed in self._guesses.items():
            self._guesses[id_] = tuple(link for link in guessed if identity(link.url) not in absent)

    def after(self, link: Link, listing: Listing | None, *, answered: bool) -> Listing:
        self._read[registrable_domain(link.url)] += 1
        found = self._within_limits(link, listing) if listing else Listing()
        answered = answered and not (listing is None and link.channel == "home")
        source = self._sources.get(link.source_id or "")
        if source is None or link.channel == "search":
            return found
        found = replace(found, links=self._in_place_of_lost(link, listing, found, source, answered=answered))
        return replace(found, links=found.links + self._guessed(link, found, source, answered=answered))

    def _in_place_of_lost(
        self, link: Link, listing: Listing | None, found: Listing, source: Source, *, answered: bool
    ) -> tuple[Link, ...]:
        """What of a listing is gone on to; behind the last feed of the catalogue to be lost, those of the home page."""
        lost = self._lost[source.id]
        if link.channel == "home":
            self._declared[source.id] = found.of(LinkKind.FEED)
        is_read = listing is not None and (listing.links or listing.unchanged or not listing.problem)
        if answered and link.url in source.feeds and not is_read:
            lost.add(link.url)
        chosen = {LinkKind.SECTION: source.sections, LinkKind.FEED: set(source.feeds) - lost}
        links = tuple(one for one in found.links if link.channel != "home" or not chosen.get(one.kind))
        return links + self._declared.get(source.id, ()) if link.url in lost and not chosen[LinkKind.FEED] else links

    def _within_limits(self, link: Link, listing: Listing) -> Listing:
        host = urlsplit(link.url).netloc
        reasons = {
            f"deeper than {MAX_DEPTH} steps": link.depth >= MAX_DEPTH,
            f"behind {MOST_LISTINGS} listings of one site": self._read[registrable_domain(link.url)] >= MOST_LISTINGS,
        }
        reason = next((reason for reason, holds in reasons.items() if holds), None)
        if reason is None:
            return self._without_repeats(link, listing, host)
        return _without(listing, [one for one in listing.links if one.kind.is_listing], reason)

    def _without_repeats(self, link: Link, listing: Listing, host: str) -> Listing:
        """Some servers answer every page number with the first page."""
        if link.kind not in (LinkKind.SECTION, LinkKind.NEXT):
            return listing
        said = frozenset(one.url for one in listing.of(LinkKind.ARTICLE))
        is_repeat = link.kind is LinkKind.NEXT and said in self._pages[host]
        self._pages[host].add(said)
        following = listing.of(LinkKind.NEXT)
        return _without(listing, following, "a page that repeats another leads nowhere") if is_repeat else listing

    def _guessed(self, link: Link, found: Listing, source: Source, *, answered: bool) -> tuple[Link, ...]:
        """The next address to guess, when all that is known of has been read and no feed or sitemap gave a page."""
        named = {identity(one.url) for one in found.of(*LISTED)} - self._named[source.id]
        self._named[source.id] |= named
        self._entrances[source.id] |= named
        if link.kind in LISTED and (found.unchanged or any(one.kind not in LISTED for one in found.links)):
            self._listed.add(source.id)
        if not answered:
            self._silent.add(source.id)
        tried = [identity(guess.url) for guess in self._guesses[source.id]]
        if identity(link.url) in tried and identity(link.url) not in self._entrances[source.id]:
            following = self._guesses[source.id][tried.index(identity(link.url)) + 1 :]
        elif self._entrances[source.id]:
            self._entrances[source.id].discard(identity(link.url))
            following = self._guesses[source.id] if not self._entrances[source.id] else ()
        else:
            following = ()
        return () if source.id in self._listed | self._silent else following[:1]


class Sample:
    """The way of a check: from a source's first feed or sitemap, or home page, to one article."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self.seen: list[tuple[Link, Listing]] = []

    def leave_out(self, urls: Iterable[str]) -> None:
        """Nothing is guessed."""

    def after(self, link: Link, listing: Listing | None, *, answered: bool) -> Listing:
        found = listing or Listing()
        self.seen.append((link, found))
        pages, children = found.of(LinkKind.ARTICLE), found.of(LinkKind.SITEMAP)
        if following := pages[:1] or (children[:1] if link.kind is LinkKind.SITEMAP else ()):
            return replace(found, links=following)
        source = self._sources.get(link.source_id or "")
        # What is broken may have moved: the home page says where to.
        at_home = source is None or not answered or link.channel == "home"
        return replace(found, links=() if at_home or source is None else (home_seed(source),))


class Draft(Crawl):
    """The way to a new catalogue entry: every entrance of one outlet, and one article."""

    def __init__(self, source: Source) -> None:
        super().__init__({source.id: source})
        self.seen: list[tuple[Link, Listing]] = []
        self._has_article = False

    def after(self, link: Link, listing: Listing | None, *, answered: bool) -> Listing:
        self.seen.append((link, listing or Listing()))
        found = super().after(link, listing, answered=answered)
        entrances = found.of(*LISTED)
        if link.kind is LinkKind.SITEMAP and not is_robots(link):
            entrances = entrances[:1]  # an index: one of its sitemaps shows that they can be read
        pages = () if self._has_article else found.of(LinkKind.ARTICLE)[:1]
        self._has_article = self._has_article or bool(pages)
        return replace(found, links=entrances + pages)


class _Nothing:
    """The way of a run that was given pages: they are fetched, and lead nowhere."""

    def leave_out(self, urls: Iterable[str]) -> None:
        """Nothing is guessed."""

    def after(self, link: Link, listing: Listing | None, *, answered: bool) -> Listing:
        return Listing()


NOTHING = _Nothing()


def is_guess(link: Link, source: Source | None) -> bool:
    """Whether a link was only guessed: that nothing is there is no failure."""
    if source is None or link.url in (*source.feeds, *source.sitemaps) or link.kind not in LISTED:
        return False
    return is_robots(link) or identity(link.url) in {identity(guess.url) for guess in guesses(source)}


def _without(listing: Listing, links: Iterable[Link], reason: str) -> Listing:
    gone = set(links)
    if not gone:
        return listing
    kept = tuple(link for link in listing.links if link not in gone)
    return replace(listing, links=kept, left_out={**listing.left_out, reason: len(gone)})
