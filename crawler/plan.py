"""What one run is to do: which queue of the frontier, from which seeds, for which topics, and how far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from corpus.errors import ConfigError, UsageError
from corpus.types import Link, LinkKind, Topic
from corpus.urls import normalise, registrable_domain
from crawler.catalogue import Catalogue, Source
from crawler.discovery.ladder import NOTHING, Course, Crawl, Draft, Sample
from crawler.discovery.seeds import home_seed, robots_seed, seeds

# The queues of pages that somebody named, of checks of sources, and of drafts of new ones.
ADDED, CHECKED, DRAFTED = "added", "checked", "drafted"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run, before it starts."""

    queue: str
    seeds: tuple[Link, ...]
    sources: Mapping[str, Source]
    course: Course = NOTHING  # which links of what is read are gone on to
    topics: tuple[Topic, ...] = ()
    only_on_topic: bool = True  # an article of none of the topics is not stored
    max_pages: int | None = None  # articles fetched, listings not counted
    max_time_s: float | None = None
    is_incremental: bool = False  # what an earlier run has read is asked for only if it has changed
    only_due: bool = False  # listings whose time has not come are left alone

    @property
    def focus(self) -> Topic | None:
        """The topic that links are judged by before they are fetched."""
        return self.topics[0] if self.only_on_topic and len(self.topics) == 1 else None

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """Registrable domain → the source whose pages are there."""
        return _owners(self.sources)


def plan_crawl(
    catalogue: Catalogue,
    topic_id: str,
    *,
    source_ids: Iterable[str] = (),
    max_pages: int | None = None,
    max_time_s: float | None = None,
    only_due: bool = False,
) -> Plan:
    """Crawl the sources of the catalogue (or some of them) for a topic.

    An aggregator finds pages of all sources that are switched on, and of those named beside it. With `only_due`
    listings are read when their time has come (`corpus.revisits`), else in any case.
    Raises UnknownName for a topic or source that the catalogue does not have.
    """
    topic = catalogue.topic(topic_id)
    named = [catalogue.source(source_id) for source_id in source_ids]
    enabled = [source for source in catalogue.sources.values() if source.enabled]
    entered = named or enabled
    if not entered:
        raise ConfigError("sources", why="the catalogue has no enabled source: nothing to crawl")
    known = [*entered, *enabled] if any(source.aggregator for source in entered) else entered
    sources = {source.id: source for source in known}
    return Plan(
        queue=topic.id,
        seeds=tuple(link for source in entered for link in seeds(source, topic)),
        sources=sources,
        course=Crawl(sources),
        topics=(topic,),
        max_pages=max_pages,
        max_time_s=max_time_s,
        is_incremental=True,
        only_due=only_due,
    )


def plan_add(catalogue: Catalogue, urls: Iterable[str]) -> Plan:
    """Fetch and store these pages, whatever they are about; they are judged against all topics.

    Raises UsageError for what is not an http(s) URL.
    """
    owners, links = _owners(catalogue.sources), []
    for url in urls:
        normal = normalise(url)
        if normal is None:
            raise UsageError(f"{url!r} is not an http(s) URL. Example: https://example.com/news/1")
        source_id = owners.get(registrable_domain(normal))
        links.append(Link(url=normal, kind=LinkKind.ARTICLE, channel="added", source_id=source_id))
    return Plan(
        queue=ADDED,
        seeds=tuple(links),
        sources=catalogue.sources,
        topics=tuple(catalogue.topics.values()),
        only_on_topic=False,
    )


def plan_check(sources: Iterable[Source]) -> Plan:
    """Fetch of each source its first feed or sitemap, or its home page, and one article; nothing is stored of it."""
    named = {source.id: source for source in sources}
    return Plan(
        queue=CHECKED,
        seeds=tuple(_first_entrance(source) for source in named.values() if not source.aggregator),
        sources=named,
        course=Sample(named),
    )


def plan_draft(source: Source) -> Plan:
    """Look for every entrance of an outlet of which only the home page is known; nothing is stored of it."""
    return Plan(
        queue=DRAFTED,
        seeds=(robots_seed(source), home_seed(source)),
        sources={source.id: source},
        course=Draft(source),
    )


def _first_entrance(source: Source) -> Link:
    listed = [link for link in seeds(source) if link.url in (*source.feeds, *source.sitemaps)]
    return listed[0] if listed else home_seed(source)


def _owners(sources: Mapping[str, Source]) -> Mapping[str, str]:
    return {source.domain: source.id for source in reversed([*sources.values()]) if not source.aggregator}
