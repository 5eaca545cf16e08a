"""The answers: what is similar, what there is to export. Who copied whom: `copies`; what matches words: `search`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from corpus import similar_lists
from corpus.copies import group_of, near_copies
from corpus.errors import NotStored, UsageError
from corpus.similar import vector
from corpus.similar_lists import Wanted
from corpus.store import Connection, articles, lists
from corpus.store.lists import Entry
from corpus.types import Article, Filter, SimilarArticle, Sketch, StoredArticle, TopicMatch
from corpus.urls import normalise


def article_id(connection: Connection, reference: str) -> int:
    """The id of the article that an id, or a URL in any spelling, names. Raises NotStored and UsageError."""
    if reference.isdecimal():
        wanted = int(reference)
        if wanted < 2**63 and articles.load(connection, [wanted]):
            return wanted
        raise NotStored(f"There is no article {reference}: {articles.size(connection)} are stored (nazair list).")
    if (url := normalise(reference)) is None:
        raise UsageError(f"{reference!r} is no id and no http(s) URL. The stored articles: nazair list")
    found = articles.id_of_url(connection, url)
    if found is None:
        raise NotStored(
            f"That page is not stored ({articles.size(connection)} are): {reference}\n"
            f"  Fetch it first: nazair add {reference}"
        )
    return found


def article(connection: Connection, article_id: int) -> StoredArticle:
    """One stored article. Raises NotStored."""
    found = articles.load(connection, [article_id]).get(article_id)
    if found is None:
        raise NotStored(f"There is no article {article_id}: {articles.size(connection)} are stored (nazair list).")
    return found


def similar(connection: Connection, article_id: int, wanted: Filter, *, limit: int) -> list[SimilarArticle]:
    """The stored similar list of an article: one entry per copy group, best first."""
    own_group = article(connection, article_id).copy_group
    entries = lists.stored_list(connection, article_id)
    return _shown(connection, _one_per_group(connection, entries, but={own_group}), wanted, limit=limit)


def similar_with_copies(connection: Connection, article_id: int, wanted: Filter, *, limit: int) -> list[SimilarArticle]:
    """The same with all near-copies: the article's own first, then each entry followed by its copies."""
    own_group = article(connection, article_id).copy_group
    entries = [
        Entry(similar_id=copy, score=1.0, why={"copy_of": article_id})
        for copy in articles.members(connection, own_group)
        if copy != article_id
    ]
    for entry in _one_per_group(connection, lists.stored_list(connection, article_id), but={own_group}):
        entries.append(entry)
        group = articles.groups_of(connection, [entry.similar_id])[entry.similar_id]
        entries += [
            Entry(similar_id=copy, score=entry.score, why={"copy_of": entry.similar_id})
            for copy in articles.members(connection, group)
            if copy != entry.similar_id
        ]
    return _shown(connection, entries, wanted, limit=limit)


def similar_to_text(
    connection: Connection,
    text: Article,
    sketch: Sketch,
    *,
    topics: Sequence[TopicMatch],
    wanted: Filter,
    limit: int,
) -> list[SimilarArticle]:
    """The similar list of a text that is not stored, computed at once; its near-copies are left out."""
    same = list(near_copies(connection, 0, text, sketch))
    subject = Wanted(
        vector=vector(sketch.terms),
        terms=sketch.terms,
        numbers=frozenset(sketch.numbers),
        names=frozenset(name for topic in topics for name in topic.names),
        published_at=text.published_at,
        own_groups=frozenset(articles.groups_of(connection, same).values()),
    )
    return _shown(connection, similar_lists.compute(connection, subject), wanted, limit=limit)


def export_lines(connection: Connection, wanted: Filter) -> Iterator[dict[str, Any]]:
    """One export line an article, oldest first; the contract with other programs."""
    for stored in articles.each(connection, articles.find(connection, wanted, sort="oldest")):
        yield export_line(connection, stored)


def export_line(connection: Connection, stored: StoredArticle) -> dict[str, Any]:
    """An article as other programs get it. Unknown values are None."""
    copies = group_of(connection, stored.copy_group)
    own = next(copy for copy in copies if copy.stored.id == stored.id)
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
        "text": text.text,
        "excerpt": excerpt(text.text),
        "image": text.image,
        "tags": list(text.tags),
        "fetched_at": iso(text.fetched_at),
        "topics": [{"id": t.topic_id, "score": t.score, "matched": list(t.matched)} for t in stored.topics],
        "copy_group": stored.copy_group if len(copies) > 1 else None,
        "copy_of": own.copy_of,
        "copy_kind": own.kind.value if own.kind else None,
        "agency": text.agency,
    }


def excerpt(text: str, *, most: int = 300) -> str:
    """The beginning of a text, at most so many characters, cut between words."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    return line[: most - 1].rsplit(" ", 1)[0] + "…"


def iso(moment: datetime | None) -> str | None:
    """The moment as ISO 8601 in UTC, whole seconds."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _one_per_group(connection: Connection, entries: Sequence[Entry], *, but: set[int]) -> list[Entry]:
    groups = articles.groups_of(connection, [entry.similar_id for entry in entries])
    best: dict[int, Entry] = {}
    for entry in entries:
        best.setdefault(groups[entry.similar_id], entry)
    return [entry for group, entry in best.items() if group not in but]


def _shown(connection: Connection, entries: Sequence[Entry], wanted: Filter, *, limit: int) -> list[SimilarArticle]:
    stored = articles.load(connection, [entry.similar_id for entry in entries])
    kept = [entry for entry in entries if passes(stored[entry.similar_id], wanted)][:limit]
    sizes = articles.group_sizes(connection, {stored[entry.similar_id].copy_group for entry in kept})
    return [_row(stored[entry.similar_id], entry, sizes) for entry in kept]


def _row(stored: StoredArticle, entry: Entry, sizes: Mapping[int, int]) -> SimilarArticle:
    return SimilarArticle(
        id=stored.id,
        url=stored.article.url,
        title=stored.article.title,
        source_id=stored.article.source_id,
        published_at=stored.article.published_at,
        score=entry.score,
        why=entry.why,
        copies=sizes[stored.copy_group] - 1,
    )


def passes(stored: StoredArticle, wanted: Filter) -> bool:
    """Whether an article that is at hand passes the filter; an unknown date passes no limit of time."""
    at = stored.article.published_at
    if wanted.since is not None and (at is None or at < datetime.combine(wanted.since, time.min, UTC)):
        return False
    if wanted.until is not None and (
        at is None or at >= datetime.combine(wanted.until + timedelta(days=1), time.min, UTC)
    ):
        return False
    if wanted.source_id is not None and stored.article.source_id != wanted.source_id:
        return False
    return wanted.topic_id is None or any(topic.topic_id == wanted.topic_id for topic in stored.topics)
