"""What one run is to do: which queue of the frontier, from which seeds, for which topics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from corpus.errors import ConfigError, UsageError
from corpus.types import Link, LinkKind, Topic
from corpus.urls import normalise, registrable_domain
from crawler.catalogue import Catalogue, Source
from crawler.discovery import seeds

ADDED = "added"  # the queue of pages that somebody named; no topic has this id


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run, before it starts."""

    queue: str
    seeds: tuple[Link, ...]
    sources: Mapping[str, Source]
    topics: tuple[Topic, ...] = ()
    only_on_topic: bool = True  # an article of none of the topics is not stored
    max_pages: int | None = None  # articles fetched, listings not counted
    max_time_s: float | None = None


def plan_crawl(
    catalogue: Catalogue,
    topic_id: str,
    *,
    source_ids: Iterable[str] = (),
    max_pages: int | None = None,
    max_time_s: float | None = None,
) -> Plan:
    """Crawl the sources of the catalogue (or some of them) for a topic.

    Raises UnknownName for a topic or source that the catalogue does not have.
    """
    topic = catalogue.topic(topic_id)
    named = [catalogue.source(source_id) for source_id in source_ids]
    sources = named or [source for source in catalogue.sources.values() if source.enabled]
    if not sources:
        raise ConfigError("sources", why="the catalogue has no enabled source: nothing to crawl")
    return Plan(
        queue=topic.id,
        seeds=tuple(link for source in sources for link in seeds(source)),
        sources={source.id: source for source in sources},
        topics=(topic,),
        max_pages=max_pages,
        max_time_s=max_time_s,
    )


def plan_add(catalogue: Catalogue, urls: Iterable[str]) -> Plan:
    """Fetch and store these pages, whatever they are about; they are judged against all topics.

    Raises UsageError for what is not an http(s) URL.
    """
    by_domain = {registrable_domain(source.home): source for source in catalogue.sources.values()}
    links, sources = [], {}
    for url in urls:
        normal = normalise(url)
        if normal is None:
            raise UsageError(f"{url!r} is not an http(s) URL. Example: https://example.com/news/1")
        source = by_domain.get(registrable_domain(normal))
        if source is not None:
            sources[source.id] = source
        links.append(Link(url=normal, kind=LinkKind.ARTICLE, channel="added", source_id=source.id if source else None))
    return Plan(
        queue=ADDED,
        seeds=tuple(links),
        sources=sources,
        topics=tuple(catalogue.topics.values()),
        only_on_topic=False,
    )
