"""Made-up articles into a collection's similar lists, quickly: without copies, search words and texts.

The rows of the lists are those that `corpus.keep` writes; a test compares both.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from corpus import copies
from corpus.similar import number_keys
from corpus.similar_lists import minutes
from corpus.store import Connection, articles, lists, words
from corpus.store.database import Database
from corpus.store.lists import StoredSubject
from corpus.terms import Analysis, analyse
from corpus.types import Article, Sketch, TopicMatch
from corpus.vector import count, pack

BATCH = 2_000

_NOTHING = Sketch(
    settings="",
    text_hash=b"",
    word_count=0,
    signature=b"",
    shingles=b"",
    numbers=(),
    vector=b"",
    surfaces="",
    folded="",
    lemmas="",
)


def load(database: Database, some: Iterable[Article]) -> None:
    """Store articles with what is compared of them, not yet weighed: `corpus.similar_lists.renew` goes on."""
    left = iter(some)
    while batch := list(islice(left, BATCH)):
        with database.writing() as connection:
            for article in batch:
                add(connection, article)


def add(connection: Connection, article: Article) -> None:
    """Store an article without its text."""
    _add(connection, replace(article, text=""), _NOTHING, analyse(article.title, article.text))


def add_with_words(connection: Connection, article: Article, *, topic_id: str) -> None:
    """Store an article with its text and its search words, on a topic; its copies are not looked for."""
    analysis = analyse(article.title, article.text)
    folded = " ".join([*analysis.title_words, *analysis.body_words])
    sketch = replace(_NOTHING, word_count=len(analysis.body_words), folded=folded, lemmas=" ".join(analysis.lemmas))
    article_id = _add(connection, article, sketch, analysis)
    words.add(connection, article_id, article, sketch)
    match = TopicMatch(topic_id=topic_id, score=1.0, matched=(), names=(), on_topic=True, reason="")
    articles.set_topics(connection, article_id, [match])


def _add(connection: Connection, article: Article, sketch: Sketch, analysis: Analysis) -> int:
    place = copies.enter(connection, article, None).place
    article_id = articles.add(connection, article, sketch, place)
    vector, surfaces = count(analysis.terms)
    subject = StoredSubject(
        article_id=article_id,
        copy_group=place.copy_group,
        stands=1,
        published=minutes(article.published_at),
        tie=zlib.crc32(article.url.encode()),
        numbers=number_keys(analysis.numbers).astype("<u4").tobytes(),
        vector=pack(vector),
    )
    lists.add_subjects(connection, [(subject, surfaces)])
    return article_id
