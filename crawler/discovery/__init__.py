"""Discovery: from a listing's bytes to links. Knows nothing of fetching.

    seeds       the listings that a source is entered through
    feeds       RSS and Atom
    sitemaps    sitemaps, their indexes, news sitemaps, packed or not
    robots      the sitemaps that robots.txt names
    sections    section and home pages
    entry       what these readers give

`read_listing` runs in a worker process: it takes and gives plain values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from corpus.types import Channel, Link, LinkKind, Page
from corpus.urls import normalise, registrable_domain
from crawler.catalogue.sources import Source
from crawler.discovery.entry import Contents, Entry, Unreadable
from crawler.discovery.feeds import read_feed
from crawler.discovery.robots import read_robots
from crawler.discovery.sections import read_section
from crawler.discovery.sitemaps import gunzip, read_sitemap

FEED_ROOTS = {"rss", "rdf", "feed"}
SITEMAP_ROOTS = {"urlset", "sitemapindex"}

# Far more than the XML declaration, stylesheet lines and licence comments that come before a root element.
PROLOG_BYTES = 64 << 10

# Comments, the XML declaration and processing instructions: an element or DOCTYPE in one of them is none. All in one
# pattern, because each may hold the start of another; to the end of the text, because to search for an end that is
# missing again from every start takes seconds.
NO_MARKUP = re.compile(r"<!--.*?(?:-->|\Z)|<\?xml\s[^<>]*>|<\?.*?(?:\?>|\Z)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The links of a listing, and what was wrong with it, in a sentence."""

    links: tuple[Link, ...] = ()
    problem: str | None = None


def seeds(source: Source) -> tuple[Link, ...]:
    """The listings to start from. Without any in the catalogue: what robots.txt and the home page name."""
    links = [_seed(source, url, LinkKind.FEED, "feed") for url in source.feeds]
    links += [_seed(source, url, LinkKind.SITEMAP, "sitemap") for url in source.sitemaps]
    links += [_seed(source, url, LinkKind.SECTION, "section") for url in source.sections]
    if not links:
        links.append(_seed(source, urljoin(source.home, "/robots.txt"), LinkKind.SITEMAP, "sitemap"))
    if not source.feeds:
        links.append(_seed(source, source.home, LinkKind.SECTION, "home"))
    return tuple(links)


def read_listing(link: Link, page: Page, *, domain: str | None = None) -> Listing:
    """The links that a listing names, each once, one step deeper than the listing, all of one registrable domain.

    That is `domain`, the source's; by default that of the listing itself. What the body is counts for
    more than what it was expected to be; only a web page in place of a feed or sitemap is a problem.
    """
    try:
        contents = _contents(link, page)
    except Unreadable as error:
        return Listing(problem=str(error))
    domain = domain or registrable_domain(link.url)
    links: dict[str, Link] = {}
    for entry in contents.entries:
        url = normalise(entry.url, page.url)
        if url and url not in (link.url, page.url) and registrable_domain(url) == domain:
            links.setdefault(url, _found(link, url, entry))
    problem = contents.problem
    if contents.entries and not links:
        problem = f"none of its {len(contents.entries)} links is one of {domain}"
    return Listing(links=tuple(links.values()), problem=problem)


def _seed(source: Source, url: str, kind: LinkKind, channel: Channel) -> Link:
    return Link(url=url, kind=kind, channel=channel, source_id=source.id)


def _found(listing: Link, url: str, entry: Entry) -> Link:
    return Link(
        url=url,
        kind=entry.kind,
        channel=_channel(listing),
        source_id=listing.source_id,
        title=entry.title,
        published_at=entry.published_at,
        depth=listing.depth + 1,
    )


def _channel(listing: Link) -> Channel:
    if listing.kind is LinkKind.FEED:
        return "feed"
    if listing.kind is LinkKind.SITEMAP:
        return "sitemap"
    return "home" if listing.channel == "home" else "section"


def _contents(link: Link, page: Page) -> Contents:
    """Give the body to the reader that it is for. Raises Unreadable."""
    body = gunzip(page.body)
    if not body.strip():
        raise Unreadable("the answer was empty")
    root, prolog = _root(body)
    if root in FEED_ROOTS | SITEMAP_ROOTS and re.search("<!(doctype|entity)", prolog, re.IGNORECASE):
        raise Unreadable("the XML declares a DOCTYPE or entities, which can be used to attack its reader")
    if root in FEED_ROOTS:
        return read_feed(body, page.content_type)
    if root in SITEMAP_ROOTS:
        return read_sitemap(body)
    if urlsplit(link.url).path == "/robots.txt" and root is None:
        return read_robots(body)
    if link.kind is LinkKind.SECTION:
        return read_section(body, page.content_type, page.url, feeds=link.channel == "home")
    raise Unreadable(f"this is {'a web page' if root else 'something else'}, not a {link.kind}")


def _root(body: bytes) -> tuple[str | None, str]:
    """The local name of the first element in lower case, if there is one, and what comes before it."""
    encoding = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    head = NO_MARKUP.sub("", body[:PROLOG_BYTES].decode(encoding, errors="replace"))
    found = re.search(r"<(?:[a-z][\w.-]*:)?([a-z][\w.-]*)", head, re.IGNORECASE)
    return (found[1].lower(), head[: found.start()]) if found else (None, head)
