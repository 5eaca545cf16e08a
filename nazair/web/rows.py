"""What is shown of an article wherever it stands in a list: on pages, in the API, in widgets and feeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from corpus import ask
from corpus.arabic import arabic_share, repair
from corpus.types import Article, SimilarArticle, StoredArticle


@dataclass(frozen=True, kw_only=True)
class Row:
    """An article in a list."""

    id: int
    url: str  # http or https
    title: str
    source_id: str | None
    source_name: str | None
    published_at: datetime | None
    published_precision: str | None
    score: float | None = None
    why: Mapping[str, Any] | None = None
    copies: int = 0  # further articles with the same text
    outlets: int = 1  # that carried it
    extract: str = ""

    @property
    def terms(self) -> list[str]:
        """What it has in common with the article that the list is of."""
        return [str(term) for term in (self.why or {}).get("terms", ())]

    def as_json(self) -> dict[str, Any]:
        """The row as programs get it."""
        return {
            "id": self.id,
            "url": self.url,
            "title": self.title,
            "source": self.source_id,
            "source_name": self.source_name,
            "published_at": ask.iso(self.published_at),
            "published_precision": self.published_precision,
            "score": self.score,
            "why": dict(self.why or {}),
            "copies": self.copies,
        }


def of_similar(one: SimilarArticle, names: Mapping[str, str]) -> Row:
    """A row of a similar list."""
    return Row(
        id=one.id,
        url=web_address(one.url),
        title=repair(one.title),
        source_id=one.source_id,
        source_name=name_of(one.source_id, names),
        published_at=one.published_at,
        published_precision=one.published_precision,
        score=one.score,
        why=one.why,
        copies=one.copies,
    )


def of_stored(stored: StoredArticle, names: Mapping[str, str], *, outlets: int = 1, copies: int = 0) -> Row:
    """A stored article as a row."""
    article = stored.article
    return Row(
        id=stored.id,
        url=web_address(article.url),
        title=repair(article.title),
        source_id=article.source_id,
        source_name=name_of(article.source_id, names),
        published_at=article.published_at,
        published_precision=article.published_precision,
        copies=copies,
        outlets=outlets,
        extract=extract_of(article),
    )


def extract_of(article: Article) -> str:
    """The beginning of an article's text, as far as its page lets it be shown."""
    return repair(ask.excerpt(article) or "")


def name_of(source_id: str | None, names: Mapping[str, str]) -> str | None:
    """The outlet's name, or its id where the catalogue does not know it."""
    return None if source_id is None else repair(names.get(source_id, source_id))


def dir_of(text: str) -> str:
    """The direction of words: right to left where some are Arabic, even if they begin with others («CNN: …»)."""
    return "rtl" if arabic_share(text[: ask.EXCERPT]) else "ltr"


def web_address(url: str) -> str:
    """The URL if a browser may follow it; what is stored always is http or https, and this is the last to look."""
    return url if url.startswith(("http://", "https://")) else "about:invalid"
