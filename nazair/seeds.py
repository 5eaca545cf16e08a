"""What `nazair topics new` needs around a draft: the article that it is made from, and the articles that it finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import NotRead
from nazair.context import Context
from nazair.fetching import explained, fetched_page, plain_text, saved_page
from nazair.output import article_row

if TYPE_CHECKING:
    from corpus.store.database import Database
    from corpus.types import Article, Term, Topic

# Stored articles that a draft is compared with, the newest of its window: some seconds.
LOOKED_AT = 5_000


@contextmanager
def collection(context: Context) -> Iterator[Database | None]:
    """The collection; None where there is none yet."""
    if context.exists:
        with context.opened() as database:
            yield database
    else:
        context.use_spellings()
        yield None


def article(context: Context, database: Database | None, seed: str, network: dict[str, Any]) -> Article:
    """The article that a topic is drafted from: stored, saved or fetched. Raises NotRead or NotComparable."""
    from pipelines.read import read_text

    stored = _stored(database, seed)
    if stored is not None:
        return stored
    page = fetched_page(context, seed, network) if "://" in seed else saved_page(seed, None)
    if "://" not in seed and Path(seed).suffix.lower() in (".txt", ".text", ".md"):
        reading = read_text(plain_text(page.body, seed), topics=())
    else:
        reading = explained(page, context.catalogue().source_of(page.url)).reading
    if reading.article is None or reading.outcome is not None:
        raise NotRead(f"{seed} is no article: {reading.reason}.")
    return reading.article


def _stored(database: Database | None, seed: str) -> Article | None:
    """The stored article of an id, or of a URL that has one. Raises NotStored for an id that has none."""
    from corpus import ask
    from corpus.store import runs
    from corpus.urls import normalise

    address = normalise(seed)
    if database is None or not (address or seed.isdecimal()):
        return None
    with database.reading() as connection:
        found = runs.article_at(connection, address) if address else ask.article_id(connection, seed)
        return None if found is None else ask.article(connection, found).article


def telling(database: Database | None, terms: Sequence[Term]) -> list[float]:
    """How much each term tells in the collection; all the same where there is none."""
    import numpy as np

    from corpus.store import postings
    from corpus.vector import idf, term_key

    if database is None:
        return [1.0] * len(terms)
    with database.reading() as connection:
        weighing = postings.weighing(connection)
        counts = postings.term_counts_of(connection, [term_key(term.lemma) for term in terms])
    frequencies = np.array([counts.get(term_key(term.lemma), 1) for term in terms], dtype=np.int64)
    return [float(one) for one in idf(frequencies, texts=weighing.texts)]


def matching(database: Database | None, topic: Topic) -> tuple[list[dict[str, Any]], int]:
    """The stored articles that would be on a topic, best first, and how many were looked at."""
    from corpus.store import articles
    from corpus.types import Filter
    from pipelines.topic import judge

    if database is None:
        return [], 0
    with database.reading() as connection:
        wanted = Filter(since=topic.since, until=topic.until)
        ids = articles.find(connection, wanted, limit=LOOKED_AT)
        matches = [(one, judge(topic, one.article)) for one in articles.each(connection, ids)]
    found = [article_row(one) | {"score": match.score} for one, match in matches if match.on_topic]
    return sorted(found, key=lambda row: (-row["score"], row["id"])), len(ids)
