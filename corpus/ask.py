"""The article that somebody names, and the lines of an export.

Who copied whom: `reprints`; what matches words: `search`; what is similar: `shown_lists`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from corpus.directives import most_shown, withheld
from corpus.errors import NotStored, UsageError
from corpus.reprints import Copy, origin, origins
from corpus.snippet import cut
from corpus.store import Connection, articles, runs
from corpus.types import Article, Filter, StoredArticle
from corpus.urls import normalise

EXCERPT = 300  # characters

# Their copy groups are looked up together, which is most of what an export of articles without copies takes.
EXPORTED_AT_ONCE = 200

# The names in an export line, in their order: of an export without articles, too.
EXPORTED = (
    "id",
    "url",
    "canonical_url",
    "source",
    "title",
    "author",
    "published_at",
    "published_precision",
    "published_from",
    "published_zone",
    "language",
    "text",
    "excerpt",
    "image",
    "tags",
    "fetched_at",
    "topics",
    "copy_group",
    "copy_of",
    "copy_kind",
    "agency",
    "directives",
    "tdm_policy",
    "gone_at",
)


def article_id(connection: Connection, reference: str) -> int:
    """The id of the article that an id, or a URL in any spelling, names. Raises NotStored and UsageError."""
    if reference.isdecimal():
        wanted = int(reference)
        if wanted < 2**63 and articles.load(connection, [wanted]):
            return wanted
        raise NotStored(f"There is no article {reference}: {articles.size(connection)} are stored (nazair list).")
    if (url := normalise(reference)) is None:
        raise UsageError(f"{reference!r} is no id and no http(s) URL. The stored articles: nazair list")
    found = runs.article_at(connection, url)
    if found is None:
        raise NotStored(
            f"That page is not stored ({articles.size(connection)} are): {reference}\n"
            f"  Fetch it first: nazair add {reference}"
        )
    return found


def address(connection: Connection, reference: str) -> str:
    """The URL that is named: itself, normalised, or that of the article with this id. Raises NotStored, UsageError."""
    if reference.isdecimal():
        return article(connection, article_id(connection, reference)).article.url
    url = normalise(reference)
    if url is None:
        raise UsageError(f"{reference!r} is no id and no http(s) URL. Example: https://example.com/news/1")
    return url


def article(connection: Connection, article_id: int) -> StoredArticle:
    """One stored article. Raises NotStored."""
    found = articles.load(connection, [article_id]).get(article_id)
    if found is None:
        raise NotStored(f"There is no article {article_id}: {articles.size(connection)} are stored (nazair list).")
    return found


def export_lines(
    connection: Connection, wanted: Filter, *, only: Collection[int] | None = None
) -> Iterator[dict[str, Any]]:
    """One export line an article, oldest first; the contract with other programs. With `only`, of these articles."""
    ids = articles.find(connection, wanted, sort="oldest")
    left = articles.each(connection, ids if only is None else [one for one in ids if one in only])
    while some := list(islice(left, EXPORTED_AT_ONCE)):
        for stored, (first, own) in zip(some, origins(connection, some), strict=True):
            yield _line(stored, first, own)


def export_line(connection: Connection, stored: StoredArticle) -> dict[str, Any]:
    """An article as other programs get it. Unknown values are None."""
    return _line(stored, *origin(connection, stored))


def _line(stored: StoredArticle, first: int | None, own: Copy) -> dict[str, Any]:
    text = stored.article
    return {
        "id": stored.id,
        "url": text.url,
        "canonical_url": text.canonical_url,
        "source": text.source_id,
        "title": text.title,
        "author": text.author,
        "published_at": iso(text.published_at),
        "published_precision": text.published_precision,
        "published_from": text.published_from,
        "published_zone": text.published_zone,
        "language": text.language,
        "text": None if withheld(text) else text.text,
        "excerpt": excerpt(text),
        "image": text.image,
        "tags": list(text.tags),
        "fetched_at": iso(text.fetched_at),
        "topics": [{"id": t.topic_id, "score": t.score, "matched": list(t.matched)} for t in stored.topics],
        "copy_group": first,
        "copy_of": own.copy_of,
        "copy_kind": own.kind.value if own.kind else None,
        "agency": text.agency,
        "directives": list(text.directives),
        "tdm_policy": text.tdm_policy,
        "gone_at": iso(stored.gone_at),
    }


def excerpt(article: Article) -> str | None:
    """The beginning of an article's text, at most EXCERPT characters and never more than half of it.

    None where its page asks that nothing be shown.
    """
    shown, line = most_shown(article), " ".join(article.text.split())
    return None if shown == 0 else cut(line, min(EXCERPT, len(line) // 2, EXCERPT if shown is None else shown))


def iso(moment: datetime | None) -> str | None:
    """The moment as ISO 8601 in UTC, whole seconds."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
