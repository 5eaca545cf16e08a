"""Articles and templates to the pages of one site, as bytes with headers.

The templates are Jinja2 files beside each `site.toml`: `article.html`, `listing.html` (home and sections)
and those of the site's documents.
"""

from __future__ import annotations

import gzip
import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from corpus.errors import ConfigError
from nazair.demo.articles import WrittenArticle
from nazair.demo.sites import Document, Site

PER_LISTING = 6
ON_HOME = 12
IN_FEED = 20
RELATED = 4
MOST_READ = 5


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What the server answers for one path."""

    status: int = 200
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Comment:
    """What an invented reader wrote under an article."""

    name: str
    text: str


class SiteRenderer:
    """Renders one site; `others` are the articles of all sites, for the links between them."""

    def __init__(self, templates: Path, site: Site, *, sites: Mapping[str, Site], others: Mapping[str, WrittenArticle]):
        self.site, self.others = site, others
        self.articles = [article for article in others.values() if article.outlet == site.id]
        if not self.articles:
            raise ConfigError("articles", why=f"no article names the outlet {site.id!r}, which has a site")
        self.comments = _read_comments(templates / "_shared" / "comments.toml")
        self.templates = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.filters["mail_date"] = format_datetime
        self.templates.globals.update(
            site=site,
            articles=self.articles,
            newest=self.articles[:IN_FEED],
            most_read=sorted(self.articles, key=lambda article: article.number)[:MOST_READ],
            url=lambda article: sites[article.outlet].url(article),
        )

    def resources(self) -> Iterator[tuple[str, Resource]]:
        """Every path of the site with what is served there."""
        for article in self.articles:
            yield self.site.path(article), self._article(article)
        yield "/", self._listing(self.articles[:ON_HOME], section=None, page=1, pages=1)
        for section in self.site.sections:
            yield from self._section(section)
        for document in self.site.documents:
            yield document.path, self._document(document)

    def _article(self, article: WrittenArticle) -> Resource:
        text = self._render(
            "article.html",
            article=article,
            read_also=self._read_also(article),
            related=_related(article, self.articles),
            comments=self._comments_on(article),
        )
        encoding = self.site.encoding_of(article)
        return _resource(text, media_type=self._page_type(), encoding=encoding, modified=article.published)

    def _section(self, section: str) -> Iterator[tuple[str, Resource]]:
        inside = [article for article in self.articles if article.section == section]
        pages = max(1, -(-len(inside) // PER_LISTING))
        for page in range(1, pages + 1):
            entries = inside[(page - 1) * PER_LISTING : page * PER_LISTING]
            yield self.site.listing_path(section, page), self._listing(entries, section=section, page=page, pages=pages)

    def _listing(self, entries: Sequence[WrittenArticle], *, section: str | None, page: int, pages: int) -> Resource:
        text = self._render("listing.html", entries=entries, section=section, page=page, pages=pages)
        return self._page(text)

    def _document(self, document: Document) -> Resource:
        text = self._render(document.template)
        if not document.type:
            return self._page(text)
        plain = _resource(text, media_type=document.type, encoding="utf-8", modified=self.articles[0].published)
        return _gzipped(plain) if document.path.endswith(".gz") else plain

    def _page(self, text: str) -> Resource:
        modified = self.articles[0].published
        return _resource(text, media_type=self._page_type(), encoding=self.site.encoding, modified=modified)

    def _page_type(self) -> str:
        return f"text/html; charset={self.site.declared}" if self.site.declared else "text/html"

    def _render(self, template: str, **values: object) -> str:
        return self.templates.get_template(f"{self.site.id}/{template}").render(values)

    def _read_also(self, article: WrittenArticle) -> list[WrittenArticle]:
        """What the file names, then one that the site adds by itself."""
        unknown = [slug for slug in article.read_also if slug not in self.others]
        if unknown:
            raise ConfigError(f"{article.slug}.md", key="read_also", why=f"there is no article {unknown[0]!r}")
        named = [self.others[slug] for slug in article.read_also]
        rest = [other for other in self.articles if other is not article and other not in named]
        return named + rest[article.number % len(rest) :][:1] if rest else named

    def _comments_on(self, article: WrittenArticle) -> list[Comment]:
        start, count = article.number % len(self.comments), 1 + article.number % 3
        return [self.comments[(start + i * 7) % len(self.comments)] for i in range(count)]


def _related(article: WrittenArticle, articles: Sequence[WrittenArticle]) -> list[WrittenArticle]:
    """Others of the site, those of the same section first, then the nearest in time."""
    others = [other for other in articles if other is not article]
    others.sort(key=lambda other: (other.section != article.section, abs(other.published - article.published)))
    return others[:RELATED]


def _read_comments(path: Path) -> list[Comment]:
    return [Comment(**table) for table in tomllib.loads(path.read_text(encoding="utf-8"))["comment"]]


def _resource(text: str, *, media_type: str, encoding: str, modified: datetime) -> Resource:
    # Letters that windows-1256 lacks, such as Arabic-Indic digits, become references, as in real pages.
    body = text.encode(encoding, errors="xmlcharrefreplace")
    return _with_headers(body, media_type=media_type, last_modified=_http_date(modified))


def _gzipped(plain: Resource) -> Resource:
    """A file that is compressed itself, without a Content-Encoding."""
    body = gzip.compress(plain.body, mtime=0)
    return _with_headers(body, media_type="application/gzip", last_modified=plain.headers["Last-Modified"])


def _with_headers(body: bytes, *, media_type: str, last_modified: str) -> Resource:
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return Resource(headers={"Content-Type": media_type, "ETag": etag, "Last-Modified": last_modified}, body=body)


def _http_date(time: datetime) -> str:
    return format_datetime(time.astimezone(UTC), usegmt=True)
