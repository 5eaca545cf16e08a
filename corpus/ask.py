"""The answers: what is similar, what matches a search, what there is to export. Who copied whom: `copies`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from corpus.arabic import fold
from corpus.copies import group_of
from corpus.errors import NotStored, UsageError
from corpus.query import Phrase, Query
from corpus.snippet import snippet
from corpus.store import Connection, articles, lists, words
from corpus.store.words import Clause
from corpus.terms import lemma
from corpus.types import Filter, StoredArticle
from corpus.urls import normalise
from corpus.vector import TITLE_TIMES, term_key, unpack

# Matches are ranked in Python, the same on both databases: so many of the newest are looked at.
RANKED = 1_000

# The usual constants of BM25 (Robertson & Zaragoza 2009).
K1, B = 1.2, 0.75

# The mean length of a term vector in counted words; it only sets where the length penalty is neutral. Guess.
MEAN_LENGTH = 200.0


@dataclass(frozen=True, kw_only=True)
class Hit:
    """An article that matches a search."""

    article: StoredArticle
    score: float
    snippet: str  # words around the first match; matches stand between «marks» of the snippet module


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


def search(connection: Connection, query: Query, wanted: Filter, *, limit: int) -> list[Hit]:
    """The articles that match, best first by BM25 over the terms of their sketches; ties newest first."""
    found = words.matching(
        connection,
        [_clause(phrase) for phrase in query.all_of],
        [_clause(phrase) for phrase in query.none_of],
        wanted,
        limit=RANKED,
    )
    scores = _bm25(connection, query, found)
    best = sorted(found, key=lambda found_id: -scores[found_id])[:limit]
    stored = articles.load(connection, best)
    return [
        Hit(
            article=stored[found_id],
            score=round(scores[found_id], 4),
            snippet=snippet(stored[found_id].article.text, query),
        )
        for found_id in best
    ]


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


def _clause(phrase: Phrase) -> Clause:
    folded = fold(" ".join(phrase.words))
    return Clause(folded=folded, lemmas=None if phrase.exact else " ".join(lemma(word) for word in phrase.words))


def _bm25(connection: Connection, query: Query, ids: Sequence[int]) -> dict[int, float]:
    keys = [term_key(lemma(word)) for phrase in query.all_of for word in phrase.words]
    standing, size = dict.fromkeys(keys, 1) | lists.term_counts_of(connection, keys), articles.size(connection)
    idf = {key: math.log1p((size - min(count, size) + 0.5) / (count + 0.5)) for key, count in standing.items()}
    scores = dict.fromkeys(ids, 0.0)
    for subject in lists.subjects_of(connection, ids):
        vector = unpack(subject.vector)
        often = TITLE_TIMES * vector.in_title.astype(float) + vector.in_body
        counts = dict(zip(vector.keys.tolist(), often.tolist(), strict=True))
        length = 1 - B + B * float(often.sum()) / MEAN_LENGTH
        for key, weight in idf.items():
            count = counts.get(key, 0.0)
            scores[subject.article_id] += weight * count * (K1 + 1) / (count + K1 * length)
    return scores
