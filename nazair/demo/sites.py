"""Outlets of the bundled web, as `site.toml` describes them: paths, dates, sections, documents.

The look of their pages is in the templates beside `site.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hijridate import Gregorian

from corpus.errors import ConfigError
from nazair.demo.articles import WrittenArticle

TITLE_WORDS = 9  # content management systems cut the title in a path; guess


@dataclass(frozen=True, kw_only=True)
class Document:
    """One thing that a site serves besides articles and their listings: a feed, robots.txt, an "about us"."""

    path: str
    template: str
    type: str = ""  # the media type; a page of the site's own kind when empty
    link: str | None = None  # the words under which the home page links to it
    about: str | None = None  # what truth says of it: not_an_article or robots
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Site:
    """One outlet. Formats in `article_path`, `section_path`, `page_path` and `dates` are those of `str.format`."""

    id: str
    name: str
    slogan: str
    article_path: str
    page_path: str  # the second and later pages of a section
    section_path: str = "/section/{section}/"
    sections: Mapping[str, str]  # name in paths: name for readers
    months: tuple[str, ...]
    dates: tuple[str, ...]  # how a date is shown; with several, articles differ
    meridiem: tuple[str, str] = ("", "")
    digits: str = "0123456789"
    encoding: str = "utf-8"  # of the bytes
    article_encoding: str = ""  # of the bytes of article pages, where they differ
    declared: str = "utf-8"  # what the header says, true or not; empty: it says nothing
    documents: tuple[Document, ...]

    @property
    def host(self) -> str:
        return f"{self.id}.example"

    @property
    def home(self) -> str:
        return f"http://{self.host}/"

    def absolute(self, path: str) -> str:
        """The URL of one of this site's paths."""
        return f"http://{self.host}{path}"

    def path(self, article: WrittenArticle) -> str:
        """The path of an article, percent-encoded where it has Arabic words."""
        day = article.published
        path = self.article_path.format(
            year=day.year,
            month=day.month,
            day=day.day,
            section=article.section,
            number=article.number,
            slug=article.slug,
            title="-".join(re.findall(r"\w+", article.title)[:TITLE_WORDS]),
        )
        return quote(path)

    def url(self, article: WrittenArticle) -> str:
        """The URL of an article."""
        return self.absolute(self.path(article))

    def listing_path(self, section: str, page: int) -> str:
        """The path of one page of a section; the first is 1."""
        form = self.section_path if page == 1 else self.page_path
        return form.format(section=section, page=page)

    def encoding_of(self, article: WrittenArticle) -> str:
        """The encoding of the bytes of an article's page, whatever the page declares."""
        return self.article_encoding or self.encoding

    def date(self, article: WrittenArticle) -> str:
        """The date of an article as this site prints it."""
        time = article.published
        gregorian = Gregorian(time.year, time.month, time.day)
        hijri = gregorian.to_hijri()
        shown = self.dates[article.number % len(self.dates)].format(
            weekday=gregorian.day_name("ar"),
            day=time.day,
            month=self.months[time.month - 1],
            year=time.year,
            hour=time.hour,
            hour12=time.hour % 12 or 12,
            minute=time.minute,
            meridiem=self.meridiem[time.hour >= 12],
            hijri_day=hijri.day,
            hijri_month=hijri.month_name("ar"),
            hijri_year=hijri.year,
        )
        return shown.translate(str.maketrans("0123456789", self.digits))


def read_sites(folder: Path) -> Mapping[str, Site]:
    """All sites of a folder by id."""
    return {path.parent.name: read_site(path) for path in sorted(folder.glob("*/site.toml"))}


def read_site(path: Path) -> Site:
    """One `site.toml`; the name of its folder is the site's id.

    Raises ConfigError for a file that does not fit.
    """
    try:
        fields: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        documents = tuple(Document(**table) for table in fields.pop("document"))
        for key in ("months", "dates", "meridiem"):
            if key in fields:
                fields[key] = tuple(fields[key])
        return Site(id=path.parent.name, documents=documents, **fields)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ConfigError(path, why=f"this site cannot be used: {error}") from error
