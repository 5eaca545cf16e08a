"""A listing's bytes to links: which reader it is for, whose the links are, what speaks against each of them.

`read_listing` runs in a worker process: it takes and gives plain values.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from corpus.plural import counted
from corpus.types import Channel, Link, LinkKind, Page, Prospect, Topic
from corpus.urls import identity, normalise, registrable_domain, same_site
from crawler.catalogue.owners import Home, Owners, owner
from crawler.discovery.addresses import lists_pages, may_be_article
from crawler.discovery.editions import is_of_another_edition
from crawler.discovery.entry import Contents, Entry, Unreadable
from crawler.discovery.feeds import read_feed
from crawler.discovery.json_listings import read_json
from crawler.discovery.sections import read_feeds, read_section
from crawler.discovery.sitemaps import gunzip, read_robots, read_sitemap, read_text
from crawler.discovery.traps import is_calendar, trap
from pipelines.focus import believable, day_in_path, is_before, is_outside, prospect
from pipelines.topic import window

FEED_ROOTS = {"rss", "rdf", "feed"}
SITEMAP_ROOTS = {"urlset", "sitemapindex"}

# Far more than the XML declaration, stylesheet lines and licence comments that come before a root element.
PROLOG_BYTES = 64 << 10

# Comments, the XML declaration and processing instructions: an element or DOCTYPE in one of them is none. Nor is the
# DOCTYPE of RSS 0.91, which only names it (PHP-Nuke, vBulletin): no reader of ours fetches it. All in one pattern,
# because each may hold the start of another; to the end of the text, because to search for an end that is missing again
# from every start takes seconds.
NO_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<\?xml\s[^<>]*>|<\?.*?(?:\?>|\Z)"
    r"|<!DOCTYPE\s+rss\s+PUBLIC\s+\"-//[\w/ .]+//EN\"\s+\"https?://[\w/.-]+\"\s*>",
    re.DOTALL | re.IGNORECASE,
)

# Where a feed or sitemap begins behind what a server complains of (PHP's «<br /> <b>Warning</b>: …»).
XML = re.compile(rb"<(?:\?xml|rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]")

# The addresses of a listing whose words are read, in 1.8 s: a run takes in no more of one host.
MOST_ADDRESSES = 50_000

# Hosts of one site that a listing's links may be at. Outlets have a dozen; where a name server knows any host, 200,000
# fit into a sitemap, and to look for those whose turn it is took .5 s for each page with 20,000. Guess.
MOST_HOSTS = 50

WEB_PAGE = "this is a web page"  # as many servers answer for what is gone
UNKNOWN_OUTLET = "of outlets that the catalogue does not have"
CALENDAR = "the following leaf of a calendar, which has no end"
OLDER = "the following page, since all of this one is older than the topic"


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The links of a listing, and what was wrong with it, in a sentence."""

    links: tuple[Link, ...] = ()
    problem: str | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)  # why → how many links are not among `links`
    name: str | None = None  # what a home page calls its site
    led_to: str | None = None  # the address on another site at which it was found
    unchanged: bool = False  # as it was read last: `links` are only the listings that it named then

    def of(self, *kinds: LinkKind) -> tuple[Link, ...]:
        """The links of some kinds."""
        return tuple(link for link in self.links if link.kind in kinds)


def read_listing(
    link: Link,
    page: Page,
    *,
    topic: Topic | None = None,
    home: str | None = None,
    owners: Owners | None = None,
) -> Listing:
    """The links that a listing names, each page once, one step deeper than the listing, all of one registrable domain.

    That is the domain of `home`, the source's; by default that of the listing itself. Each link goes to that of the
    `owners` which has it; an aggregator's listing, which has no `home`, is one of all their pages. What the body is
    counts for more than what it was expected to be; only a web page in place of a feed or sitemap is a problem.
    """
    led_to = None if same_site(page.url, link.url) else page.url
    led = f"it led to {led_to}: " if led_to else ""
    try:
        contents = _contents(link, page)
    except Unreadable as error:
        return Listing(problem=f"{led}{error}", led_to=led_to)
    domain = registrable_domain(home or link.url)
    domains = (owners.domains if owners and home is None else ()) or (domain,)
    of_others = UNKNOWN_OUTLET if owners and home is None else f"not of {domain}"
    homes = {one: (owners.at(one) if owners else ()) or (Home(link.source_id, ""),) for one in domains}
    found = _sort_out(contents.entries, link, page, topic=topic, home=home, homes=homes, of_others=of_others)
    # A sitemap of tags, or of another language, is as it should be.
    is_for_others = found.has_passed_over and link.kind is LinkKind.SITEMAP
    problem = contents.problem
    if contents.entries and not found.links and not is_for_others:
        named = " or ".join(domains[:3])
        wanted = f"the Arabic edition of {domain}" if found.has_passed_over else named
        problem = f"of {counted(len(contents.entries), 'link')} none is one of {wanted}"
    return Listing(
        links=tuple(found.links.values()),
        problem=f"{led}{problem}" if problem and not found.links else problem,
        left_out=+found.left_out if found.links or is_for_others else {},
        name=contents.name,
        led_to=led_to,
    )


class _SortedOut(NamedTuple):
    """The entries of a listing, those that are gone on to and the others."""

    links: dict[str, Link]  # by the identity of their pages
    left_out: Counter[str]  # how many, by the reason
    has_passed_over: bool  # some of the outlet's own, because of what their addresses are


def _sort_out(
    entries: Iterable[Entry],
    link: Link,
    page: Page,
    *,
    topic: Topic | None,
    home: str | None,
    homes: Mapping[str, tuple[Home, ...]],
    of_others: str,
) -> _SortedOut:
    homes_of = _Homes(homes)
    links: dict[str, Link] = {}
    left_out = Counter[str]()
    has_passed_over = False
    itself = {identity(link.url), identity(page.url)}
    for entry in entries:
        url = normalise(entry.url, page.url)
        if url is None or (key := identity(url)) in itself or (key in links and links[key].title):
            continue
        host = url.split("/", maxsplit=3)[2]
        if not homes_of[host]:
            left_out[of_others] += 1
        elif host in homes_of.too_many:
            left_out[f"at more than {MOST_HOSTS} hosts of one site"] += 1
        elif reason := trap(url):
            left_out[reason] += 1
        elif entry.kind is LinkKind.NEXT and is_calendar(url):
            left_out[CALENDAR] += 1
        elif reason := _reason_to_pass_over(url, entry, link, home=home):
            left_out[reason] += 1
            has_passed_over = True
        else:
            address = url if len(links) < MOST_ADDRESSES else None
            has_it = owner(homes_of[host], url, found_by=link.source_id)
            links[key] = _found(link, url, entry, has_it, address=address, topic=topic, now=page.fetched_at)
    if topic and _is_older(links, topic):
        left_out[OLDER] = len([key for key, one in links.items() if one.kind is LinkKind.NEXT])
        links = {key: one for key, one in links.items() if one.kind is not LinkKind.NEXT}
    return _SortedOut(links, left_out, has_passed_over)


class _Homes(dict[str, tuple[Home, ...]]):
    """Host → the homes of the sources on its domain, worked out at its first link."""

    def __init__(self, domains: Mapping[str, tuple[Home, ...]]) -> None:
        super().__init__()
        self._domains = domains
        self.too_many: set[str] = set()  # hosts
        self._hosts = Counter[str]()  # of each domain

    def __missing__(self, host: str) -> tuple[Home, ...]:
        domain = registrable_domain(f"http://{host}")
        self[host] = homes = self._domains.get(domain, ())
        self._hosts[domain] += 1
        if self._hosts[domain] > MOST_HOSTS:
            self.too_many.add(host)
        return homes


def _reason_to_pass_over(url: str, entry: Entry, listing: Link, *, home: str | None) -> str | None:
    """Why nothing of the outlet's Arabic articles can be behind a link, in a few words. A feed names what is meant."""
    if listing.kind is LinkKind.FEED:
        return None
    if listing.kind is LinkKind.SITEMAP and lists_pages(url):
        return "pages that list others"
    is_page = entry.kind not in (LinkKind.SITEMAP, LinkKind.FEED)
    return "of another edition of the site" if is_page and home and is_of_another_edition(url, home=home) else None


def _found(
    listing: Link,
    url: str,
    entry: Entry,
    source_id: str | None,
    *,
    address: str | None,
    topic: Topic | None,
    now: datetime,
) -> Link:
    date = believable(entry.published_at, now=now) or believable(day_in_path(url), now=now)
    return Link(
        url=url,
        kind=entry.kind,
        channel=_channel(listing, entry.kind),
        source_id=source_id,
        title=entry.title,
        published_at=entry.changed_at if entry.kind is LinkKind.SITEMAP else date,
        depth=listing.depth + 1,
        prospect=_prospect(entry, address, date, topic) if topic else Prospect(),
    )


def _prospect(entry: Entry, address: str | None, published_at: datetime | None, topic: Topic) -> Prospect:
    if entry.kind is LinkKind.ARTICLE:
        return prospect(
            topic,
            title=entry.title,
            summary=entry.summary,
            address=address,
            published_at=published_at,
            changed_at=entry.changed_at,
            language=entry.language,
        )
    if entry.kind is not LinkKind.SITEMAP:
        return Prospect()
    if entry.period and is_outside(topic, first=entry.period[0], last=entry.period[1]):
        named = " to ".join(map(str, entry.period))
        return Prospect(doubt="changed", reason=f"named for {named}, outside {window(topic)}")
    return prospect(topic, changed_at=entry.changed_at)


def _is_older(links: Mapping[str, Link], topic: Topic) -> bool:
    """Whether all articles of a section page are known to be older than the topic: those behind it are, too."""
    # What headlines alone call so may be a page of the menu.
    days = [link.published_at for link in links.values() if link.kind is LinkKind.ARTICLE and may_be_article(link.url)]
    return bool(days) and all(day is not None and is_before(topic, day.date()) for day in days)


def _channel(listing: Link, kind: LinkKind) -> Channel:
    """The channel of a link: for a listing its own, for an article that of the listing that names it."""
    if listing.channel == "search":
        return "search"
    if LinkKind.FEED in (kind, listing.kind) or listing.channel == "feed":
        return "feed"
    if kind is LinkKind.SITEMAP or (kind is LinkKind.ARTICLE and listing.kind is LinkKind.SITEMAP):
        return "sitemap"
    return "home" if kind is LinkKind.ARTICLE and listing.channel == "home" else "section"


def _contents(link: Link, page: Page) -> Contents:
    """Give the body to the reader that it is for. Raises Unreadable."""
    body = gunzip(page.body)
    if not body.strip():
        raise Unreadable("the answer was empty")
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return read_json(body)
    root, prolog = _root(body)
    is_xml_wanted = link.kind in (LinkKind.FEED, LinkKind.SITEMAP) and root not in FEED_ROOTS | SITEMAP_ROOTS
    if is_xml_wanted and (xml := XML.search(body, 1, PROLOG_BYTES)):
        body = body[xml.start() :]
        root, prolog = _root(body)
    if root in FEED_ROOTS | SITEMAP_ROOTS and re.search("<!(doctype|entity)", prolog, re.IGNORECASE):
        raise Unreadable("the XML declares a DOCTYPE or entities, which can be used to attack its reader")
    if root in FEED_ROOTS | SITEMAP_ROOTS:
        return read_feed(body, page.content_type) if root in FEED_ROOTS else read_sitemap(body)
    if urlsplit(link.url).path == "/robots.txt" and root is None:
        return read_robots(body)
    if link.kind is LinkKind.SITEMAP and root is None and (contents := read_text(body)):
        return contents
    if root is not None and link.kind in (LinkKind.SECTION, LinkKind.NEXT):
        return read_section(body, page.content_type, page.url, is_home=link.channel == "home")
    # What a home page names need not be the feed itself; what the catalogue names is.
    is_of_feeds = root is not None and link.kind is LinkKind.FEED and link.depth == 1
    if is_of_feeds and (contents := read_feeds(body, page.content_type, page.url)).entries:
        return contents
    raise Unreadable(f"{WEB_PAGE if root else 'this is something else'}, not a {link.kind}{_said(body, root)}")


def _said(body: bytes, root: str | None) -> str:
    """The words of an answer that is no document: an API says there what it did not like."""
    words = " ".join(body[:200].decode("utf-8", "replace").split())
    return f": {words[:80]!r}" if root is None and words.isprintable() else ""


def _root(body: bytes) -> tuple[str | None, str]:
    """The local name of the first element in lower case, if there is one, and what comes before it."""
    encoding = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    head = NO_MARKUP.sub("", body[:PROLOG_BYTES].decode(encoding, errors="replace"))
    found = re.search(r"<(?:[a-z][\w.-]*:)?([a-z][\w.-]*)", head, re.IGNORECASE)
    return (found[1].lower(), head[: found.start()]) if found else (None, head)
