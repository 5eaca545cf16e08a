"""The catalogue: which outlets a crawl visits, and for which topics. TOML files, strictly read.

    strict     any TOML table: known keys, checked values, errors that say where
    sources    `sources/*.toml`: the outlets
    owners     which of them has a page
    topics     `topics/*.toml`: the subjects

The files that ship with the program lie beside these modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from corpus.errors import ConfigError, UnknownName
from corpus.types import Topic
from crawler.catalogue.owners import Owners
from crawler.catalogue.sources import Source, read_source_folder
from crawler.catalogue.strict import require_folder
from crawler.catalogue.topics import read_topic_folder

__all__ = ["Catalogue", "Owners", "Source", "load"]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The sources and topics that a command knows, by id."""

    sources: dict[str, Source]
    topics: dict[str, Topic]

    @property
    def names(self) -> dict[str, str]:
        """What each source is called."""
        return {source.id: source.name for source in self.sources.values()}

    @cached_property
    def owners(self) -> Owners:
        """Which source has a page."""
        return Owners(self.sources.values())

    def source(self, id_: str) -> Source:
        """The source of this id. Raises UnknownName."""
        if id_ not in self.sources:
            raise UnknownName("source", id_, known=list(self.sources), see="nazair sources list")
        return self.sources[id_]

    def source_of(self, url: str) -> Source | None:
        """The source that a page is from, by its address."""
        return self.sources.get(self.owners.of(url) or "")

    def topic(self, id_: str) -> Topic:
        """The topic of this id. Raises UnknownName."""
        if id_ not in self.topics:
            raise UnknownName("topic", id_, known=list(self.topics), see="nazair topics list")
        return self.topics[id_]


def load(config_dir: Path | None) -> Catalogue:
    """The catalogue: what ships with the program, and what a configuration folder says.

    Its `sources/` replaces the shipped sources, because a crawl visits every source that it knows;
    its `topics/` adds to the shipped topics, because a crawl is for the topic that it names.

    Raises ConfigError.
    """
    shipped = files("crawler.catalogue")
    sources, topics = shipped / "sources", read_topic_folder(shipped / "topics")
    if config_dir is None:
        return Catalogue(sources=read_source_folder(sources), topics=topics)
    require_folder(config_dir)
    own_sources, own_topics = config_dir / "sources", config_dir / "topics"
    if not own_sources.exists() and not own_topics.exists():
        # A misspelt folder must not end in a visit to every outlet that ships.
        raise ConfigError(config_dir, why="this folder has neither sources/ nor topics/ in it")
    return Catalogue(
        sources=read_source_folder(own_sources if own_sources.exists() else sources),
        topics=topics | (read_topic_folder(own_topics) if own_topics.exists() else {}),
    )
