"""Where a run enters a source: the listings of the catalogue, robots.txt, the home page, the outlet's search."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

from corpus.types import Channel, Link, LinkKind, Topic
from corpus.urls import normalise
from crawler.catalogue.sources import Source
from crawler.discovery.editions import edition_of

# Where feeds are when nothing says where: WordPress, Drupal, Joomla, systems of one's own, JSON Feed.
FEED_GUESSES = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/feed.json")
SITEMAP_GUESSES = ("/sitemap.xml",)

# So many of an optional topic's concepts make a search; more find nothing. Guess.
MOST_SEARCHED = 3


def seeds(source: Source, topic: Topic | None = None) -> tuple[Link, ...]:
    """The listings to start from. Robots.txt costs no request of its own: it is read before anything else is asked.

    An aggregator is entered through its search alone.
    """
    searched = [_seed(source, url, LinkKind.SECTION, "search")] if topic and (url := search_url(source, topic)) else []
    if source.aggregator:
        return tuple(searched)
    return (
        robots_seed(source),
        *(_seed(source, url, LinkKind.FEED, "feed") for url in source.feeds),
        *(_seed(source, url, LinkKind.SITEMAP, "sitemap") for url in source.sitemaps),
        *(_seed(source, url, LinkKind.SECTION, "section") for url in source.sections),
        home_seed(source),
        *searched,
    )


def robots_seed(source: Source) -> Link:
    """The robots.txt of a source's home, for the sitemaps that it names."""
    return _seed(source, urljoin(source.home, "/robots.txt"), LinkKind.SITEMAP, "sitemap")


def home_seed(source: Source) -> Link:
    """The home page of a source."""
    return _seed(source, source.home, LinkKind.SECTION, "home")


def guesses(source: Source) -> tuple[Link, ...]:
    """The addresses at which most systems have their feeds and sitemaps. Each edition of a site has its own feeds."""
    folder = edition_of(source.home)
    below = f"/{folder}" if folder else ""
    feeds = [_seed(source, urljoin(source.home, below + path), LinkKind.FEED, "feed") for path in FEED_GUESSES]
    sitemaps = [_seed(source, urljoin(source.home, path), LinkKind.SITEMAP, "sitemap") for path in SITEMAP_GUESSES]
    return (*feeds, *sitemaps)


def search_url(source: Source, topic: Topic) -> str | None:
    """The outlet's search for the topic; None for a source without one.

    A parameter that asks for days is left out where the topic has no such end.
    """
    if source.search is None:
        return None
    values = {
        "query": quote(" ".join(query_words(topic))),
        "since": f"{topic.since:%Y%m%d}" if topic.since else "",
        "until": f"{topic.until:%Y%m%d}" if topic.until else "",
    }
    address, mark, query = source.search.partition("?")
    empty = [f"{{{name}}}" for name, value in values.items() if not value]
    kept = [pair for pair in query.split("&") if not any(name in pair for name in empty)]
    template = address + mark + "&".join(kept)
    return normalise(re.sub(r"\{(query|since|until)\}", lambda found: values[found[1]], template))


def query_words(topic: Topic) -> list[str]:
    """What to search for: what an article must name, else the weightiest names."""
    required = [concept for concept in topic.concepts if concept.role == "required"]
    optional = [concept for concept in topic.concepts if concept.role == "optional"]
    heaviest = sorted(optional, key=lambda concept: -concept.weight)[:MOST_SEARCHED]
    return [concept.aliases[0] for concept in required or heaviest]


def is_robots(link: Link) -> bool:
    """Whether a link is that of a robots.txt."""
    return urlsplit(link.url).path == "/robots.txt"


def _seed(source: Source, url: str, kind: LinkKind, channel: Channel) -> Link:
    return Link(url=url, kind=kind, channel=channel, source_id=source.id)
