"""What one run is to do: which queue of the frontier, from which seeds, for which topics, and how far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from corpus.errors import ConfigError, UsageError
from corpus.types import Link, LinkKind, Topic
from corpus.urls import identity, normalise
from crawler.catalogue import Catalogue, Owners, Source
from crawler.discovery.ladder import LISTED, NOTHING, Course, Crawl, Draft, Sample
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
    doubles: Mapping[str, str] = field(default_factory=dict)  # sources left out → that which is entered there, too
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
    def owners(self) -> Owners:
        """Which of its sources has a page."""
        return Owners(self.sources.values())


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
    entrances, doubles = _apart({source.id: seeds(source, topic) for source in entered})
    return Plan(
        queue=topic.id,
        seeds=entrances,
        sources=sources,
        doubles=doubles,
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
    links = []
    for url in urls:
        normal = normalise(url)
        if normal is None:
            raise UsageError(f"{url!r} is not an http(s) URL. Example: https://example.com/news/1")
        source_id = catalogue.owners.of(normal)
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
    entrances, doubles = _apart({source.id: _listings(source) for source in named.values() if not source.aggregator})
    first = {link.source_id: link for link in reversed(entrances)}
    return Plan(
        queue=CHECKED,
        seeds=tuple(reversed(first.values())),
        sources=named,
        doubles=doubles,
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


def _listings(source: Source) -> tuple[Link, ...]:
    """What a check may ask for of a source, the best first."""
    named = [link for link in seeds(source) if link.url in (*source.feeds, *source.sitemaps, *source.sections)]
    return (*(one for one in named if one.kind in LISTED), home_seed(source), *named)


def _apart(entrances: Mapping[str, Iterable[Link]]) -> tuple[tuple[Link, ...], Mapping[str, str]]:
    """The entrances of each source without those of the ones before it; and the sources that have no other, each with
    the one that is entered there.
    """
    taken: dict[str, str] = {}
    own = []
    for source_id, links in entrances.items():
        own += [link for link in links if taken.setdefault(identity(link.url), source_id) == source_id]
    entered = {link.source_id for link in own}
    return tuple(own), {
        source_id: taken[identity(link.url)]
        for source_id, links in entrances.items()
        if source_id not in entered
        for link in links
    }
