"""Sources: the outlets, from files with one `[[source]]` table each or many."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable

from corpus.errors import ConfigError
from corpus.urls import normalise, registrable_domain
from crawler.catalogue.strict import (
    Field,
    anything,
    ascii_id,
    day,
    http_url,
    keyed,
    list_of,
    number,
    read_table,
    read_toml,
    tables,
    text,
    that,
    toml_files,
    truth,
)
from pipelines.rules import Rules, check_selector


@dataclass(frozen=True, kw_only=True)
class Source:
    """An outlet, with the feeds, sitemaps and section pages through which it is found. URLs are normalised."""

    id: str
    name: str
    home: str
    name_en: str | None = None
    country: str | None = None  # ISO 3166, two letters, upper case: the time zone of dates that name none
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    search: str | None = None  # the outlet's own search page; {query}, {since} and {until} stand for the topic's
    aggregator: bool = False  # its search finds pages of other outlets: theirs that the catalogue has are visited
    delay_s: float = 2.0
    max_delay_s: float = 60.0  # where slowing down for a busy server ends
    enabled: bool = True
    note: str | None = None
    evidence: str | None = None  # what is known of the addresses
    checked_on: date | None = None  # when they were last seen to work, by whoever says so
    rules: Rules | None = None  # CSS selectors for pages that are read wrongly without them

    @property
    def domain(self) -> str:
        """The registrable domain of the home page; articles elsewhere are not this source's."""
        return registrable_domain(self.home)

    @property
    def has_listings(self) -> bool:
        """Whether anything but the home page is named."""
        return bool(self.feeds or self.sitemaps or self.sections)

    def covers(self, host: str) -> bool:
        """Whether a host name is one of this source's."""
        return host == self.domain or host.endswith(f".{self.domain}")


def _country(value: object) -> str:
    code = text(value).upper()
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise ValueError(f"must be a two-letter country code, such as 'jo', not {value!r}")
    return code


def _search(value: object) -> str:
    template = text(value)
    if template.count("{query}") != 1 or normalise(template.replace("{query}", "")) is None:
        raise ValueError(f"must be an http(s) URL with one {{query}} in it, not {value!r}")
    return template


SECONDS = that(number, lambda seconds: seconds >= 0, "zero or more seconds")

FIELDS = {
    "id": Field(check=ascii_id, required=True),
    "name": Field(check=text, required=True),
    "home": Field(check=http_url, required=True),
    "name_en": Field(check=text),
    "country": Field(check=_country),
    "feeds": Field(check=list_of(http_url)),
    "sitemaps": Field(check=list_of(http_url)),
    "sections": Field(check=list_of(http_url)),
    "search": Field(check=_search),
    "aggregator": Field(check=truth),
    "delay_s": Field(check=SECONDS),
    "max_delay_s": Field(check=SECONDS),
    "enabled": Field(check=truth),
    "note": Field(check=text),
    "evidence": Field(check=text),
    "checked_on": Field(check=day),
    "rules": Field(check=anything),
}


def _selector(value: object) -> str:
    return check_selector(text(value))


RULES_FIELDS = {
    "text": Field(check=_selector),
    "drop": Field(check=list_of(_selector, least=1)),
    "title": Field(check=_selector),
    "author": Field(check=_selector),
    "date": Field(check=_selector),
}

FILE_FIELDS = {"source": Field(check=tables, required=True)}


def read_sources(file: Traversable) -> tuple[Source, ...]:
    """The sources of one file. Raises ConfigError."""
    found: dict[str, tuple[Source, Traversable]] = {}
    _add(found, file)
    return tuple(source for source, _ in found.values())


def read_source_folder(folder: Traversable) -> dict[str, Source]:
    """The sources of all files of a folder, by id. Raises ConfigError."""
    found: dict[str, tuple[Source, Traversable]] = {}
    for file in toml_files(folder):
        _add(found, file)
    return {id_: source for id_, (source, _) in found.items()}


def _add(found: dict[str, tuple[Source, Traversable]], file: Traversable) -> None:
    """Read a file's sources into `found`, where no two may share an id."""
    raw = read_table(read_toml(file), FILE_FIELDS, file=file)
    for key, table in keyed(raw["source"], key="source", name="id"):
        values = read_table(table, FIELDS, file=file, key=key)
        if "rules" in values:
            values["rules"] = Rules(**read_table(values["rules"], RULES_FIELDS, file=file, key=f"{key}.rules"))
        source = Source(**values)
        if source.aggregator and source.search is None:
            raise ConfigError(file, key=f"{key}.search", why="missing: an aggregator is entered through it")
        if source.delay_s > source.max_delay_s:
            raise ConfigError(
                file, key=f"{key}.delay_s", why=f"{source.delay_s:g} is above max_delay_s, {source.max_delay_s:g}"
            )
        if source.id in found:
            raise ConfigError(file, key=key, why=f"the id is taken already, in {found[source.id][1]}")
        found[source.id] = source, file
