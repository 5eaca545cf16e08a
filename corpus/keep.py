"""One page's outcome into the collection: all that follows from it, in one transaction.

The order: what does its source repeat? → is it stored already? → the article → whose near-copy is it?
→ copy groups → its similar list, and the lists it enters → the search index → the frontier row is done.
Decisions are pure functions elsewhere (`near_copy`, `similar`); the SQL is in `store`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from corpus import copies, repeated, similar_lists
from corpus.errors import SketchMismatch
from corpus.signature import SETTINGS
from corpus.sketch import sketch as sketch_of
from corpus.store import Connection, articles, frontier, runs, sketches, words
from corpus.types import Article, Decision, Filter, LeasedLink, NearCopy, Outcome, Sketch, TopicMatch
from corpus.weighing import TermCounts

# A server that failed is asked again after a quarter of an hour, doubling, five times in all.
RETRY_AFTER = timedelta(minutes=15)
MAX_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was stored of one decision."""

    outcome: Outcome
    reason: str
    article_id: int | None = None


def settle(
    connection: Connection,
    leased: LeasedLink,
    decision: Decision,
    *,
    queue: str,
    run_id: int,
    now: datetime,
    counts: TermCounts,
) -> Kept | None:
    """Store what came of a leased link. None when the lease had gone to somebody else: then nothing is stored."""
    again = decision.retry and leased.tries + 1 < MAX_TRIES
    retry_at = (decision.retry_at or now + RETRY_AFTER * 2**leased.tries) if again else None
    if not frontier.settle(connection, leased.id, run_id=run_id, retry_at=retry_at):
        return None
    links_new = frontier.add_found(connection, queue, decision.found, run_id=run_id)
    kept = keep_reading(connection, decision, counts)
    runs.record(
        connection,
        run_id,
        leased.link,
        now=now,
        outcome=kept.outcome,
        reason=kept.reason,
        article_id=kept.article_id,
        links_found=len(decision.found),
        links_new=links_new,
    )
    return kept


def keep_reading(connection: Connection, decision: Decision, counts: TermCounts) -> Kept:
    """Store the article of a decision, if it has one that is to be stored; its source's pages are learned from."""
    reading = decision.reading
    if reading is None or reading.article is None:
        return Kept(outcome=decision.outcome, reason=decision.reason)
    article = repeated.learn(connection, reading.article)
    if reading.sketch is None:
        return Kept(outcome=decision.outcome, reason=decision.reason)
    sketch = reading.sketch if article is reading.article else sketch_of(article.title, article.text)
    return keep_article(connection, article, sketch, topics=reading.topics, counts=counts)


def keep_article(
    connection: Connection,
    article: Article,
    sketch: Sketch,
    *,
    topics: tuple[TopicMatch, ...] = (),
    counts: TermCounts,
) -> Kept:
    """Store an article, or its newer text; tells whether it is new, a near-copy, or unchanged.

    Raises SketchMismatch when the database holds signatures made with other settings.
    """
    if (stored := sketches.other_settings(connection, SETTINGS)) is not None:
        raise SketchMismatch(stored=stored, ours=SETTINGS)
    article_id = _stored_id(connection, article)
    if article_id is None:
        article_id = articles.add(connection, article, sketch)
    elif articles.content_hash_of(connection, article_id) == articles.content_hash(article):
        articles.set_topics(connection, article_id, topics)
        return Kept(outcome=Outcome.UNCHANGED, reason="stored before, with the same text", article_id=article_id)
    else:
        _withdraw(connection, article_id)
        articles.replace(connection, article_id, article, sketch)
    articles.set_topics(connection, article_id, topics)
    return _told(article_id, _derive(connection, article_id, article, sketch, counts))


def without_repeated(connection: Connection, ids: Sequence[int], *, counts: TermCounts) -> int:
    """Take what their sources are now known to repeat out of stored articles; returns how many changed.

    All that is derived from the text of those is derived again.
    """
    changed = 0
    for stored in articles.load(connection, ids).values():
        article = repeated.without_repeated(connection, stored.article)
        if article is not stored.article:
            sketch = sketch_of(article.title, article.text)
            keep_article(connection, article, sketch, topics=stored.topics, counts=counts)
            changed += 1
    return changed


def sketch_again(connection: Connection, *, counts: TermCounts) -> int:
    """Compare all articles anew, with the settings of today; returns how many there are."""
    ids = articles.find(connection, Filter(), sort="id")
    for article_id in ids:
        _withdraw(connection, article_id)
    articles.hide_texts(connection)
    for stored in articles.each(connection, ids):
        sketch = sketch_of(stored.article.title, stored.article.text)
        articles.replace(connection, stored.id, stored.article, sketch)
        _derive(connection, stored.id, stored.article, sketch, counts)
    return len(ids)


def forget_article(connection: Connection, article_id: int) -> None:
    """Take an article out of the collection: its copies, and the lists that named it, are settled without it."""
    _withdraw(connection, article_id)
    articles.remove(connection, article_id)


def _stored_id(connection: Connection, article: Article) -> int | None:
    return articles.id_of_url(connection, article.url) or (
        articles.id_of_url(connection, article.canonical_url) if article.canonical_url else None
    )


def _derive(
    connection: Connection, article_id: int, article: Article, sketch: Sketch, counts: TermCounts
) -> Mapping[int, NearCopy]:
    """Enter all that follows from an article's text; returns its near-copies."""
    sketches.add(connection, article_id, sketch)
    found = copies.relate(connection, article_id, article, sketch)
    similar_lists.enter(connection, article_id, article, sketch, counts, related=found.keys())
    words.add(connection, article_id, article, sketch)
    return found


def _withdraw(connection: Connection, article_id: int) -> None:
    """Take away what was derived from a text that is about to go: copies first, lists know groups by them."""
    words.remove(connection, article_id)
    copies.separate(connection, article_id)
    similar_lists.leave(connection, article_id)


def _told(article_id: int, repeated: Mapping[int, NearCopy]) -> Kept:
    if not repeated:
        return Kept(outcome=Outcome.KEPT, reason="stored", article_id=article_id)
    other = max(repeated, key=lambda one: (repeated[one].jaccard, -one))
    best = repeated[other]
    return Kept(
        outcome=Outcome.NEAR_COPY,
        reason=f"stored; {best.kind.value} of article {other} (Jaccard {best.jaccard:.2f})",
        article_id=article_id,
    )
