"""Articles as they are written in `fixtures/web/articles`: a head in TOML, then plain paragraphs.

How an outlet shows them is in `nazair.demo.sites`.
"""

from __future__ import annotations

import tomllib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from corpus.errors import ConfigError

TEASER_WORDS = 24  # about two lines in a list of headlines


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """One paragraph of a body, or a subheading between two."""

    text: str
    is_heading: bool = False


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What is true of an article, for tests: never shown on its page."""

    about: str  # summit, neighbour or other
    note: str
    copy_group: str | None = None
    copy_kind: str | None = None
    edits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WrittenArticle:
    """One article file."""

    slug: str
    outlet: str
    title: str
    published: datetime  # in the outlet's own offset
    section: str
    body: tuple[Paragraph, ...]
    truth: Truth
    author: str | None = None
    agency: str | None = None
    tags: tuple[str, ...] = ()
    lead: str | None = None
    caption: str | None = None
    read_also: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """Six digits that stay the same whatever other articles there are: ids in paths, choices between variants."""
        return 100_000 + zlib.crc32(self.slug.encode()) % 900_000

    @property
    def text(self) -> str:
        """Lead and paragraphs, separated by one newline."""
        return "\n".join([*([self.lead] if self.lead else []), *(paragraph.text for paragraph in self.body)])

    @property
    def teaser(self) -> str:
        """The lead, or the opening words of the body."""
        if self.lead:
            return self.lead
        words = self.body[0].text.split()
        return " ".join(words[:TEASER_WORDS]) + ("…" if len(words) > TEASER_WORDS else "")


def read_articles(folder: Path) -> Mapping[str, WrittenArticle]:
    """All article files of a folder by slug, newest first."""
    articles = [read_article(path) for path in folder.glob("*.md")]
    articles.sort(key=lambda article: (article.published, article.slug), reverse=True)
    return {article.slug: article for article in articles}


def read_article(path: Path) -> WrittenArticle:
    """One article file.

    Raises ConfigError for a file that is not in the format of `fixtures/README.md`.
    """
    opening, head, body = _split(path)
    if opening.strip():
        raise ConfigError(path, why="an article file opens with a line of three plus signs")
    try:
        fields = _tuples(tomllib.loads(head))
        truth = Truth(**_tuples(fields.pop("truth")))
        article = WrittenArticle(slug=path.stem, body=_paragraphs(body), truth=truth, **fields)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ConfigError(path, why=f"the head of this article cannot be used: {error}") from error
    if not article.body:
        raise ConfigError(path, why="this article has no text below its head")
    if article.published.tzinfo is None:
        raise ConfigError(path, key="published", why="the time needs the outlet's offset, such as +03:00")
    return article


def _split(path: Path) -> tuple[str, str, str]:
    parts = f"\n{path.read_text(encoding='utf-8')}".split("\n+++\n", 2)
    if len(parts) != 3:
        raise ConfigError(path, why="an article file is a head between two lines of three plus signs, then the text")
    return parts[0], parts[1], parts[2]


def _tuples(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def _paragraphs(body: str) -> tuple[Paragraph, ...]:
    blocks = (" ".join(block.split()) for block in body.split("\n\n"))
    return tuple(
        Paragraph(text=block.removeprefix("## "), is_heading=block.startswith("## ")) for block in blocks if block
    )
