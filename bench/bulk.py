"""Made-up articles into a collection with their texts, words and lists, quickly: their copies are not looked for.

The rows are those that `corpus.keep` writes; a test compares both. A million without texts: `bench.bulk_lists`.
"""

from __future__ import annotations

import zlib
from dataclasses import replace

from corpus import copies
from corpus.similar import number_keys
from corpus.similar_lists import minutes
from corpus.store import Connection, articles, lists, topic_matches, words
from corpus.store.lists import StoredSubject
from corpus.terms import Analysis, analyse
from corpus.types import Article, Sketch, TopicMatch
from corpus.vector import count, pack

NOTHING = Sketch(
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


def add_with_words(connection: Connection, article: Article, *, topic_id: str) -> None:
    """Store an article with its text and its search words, on a topic; its copies are not looked for."""
    analysis = analyse(article.title, article.text)
    folded = " ".join([*analysis.title_words, *analysis.body_words])
    sketch = replace(NOTHING, word_count=len(analysis.body_words), folded=folded, lemmas=" ".join(analysis.lemmas))
    article_id = _add(connection, article, sketch, analysis)
    words.add(connection, article_id, article, sketch)
    match = TopicMatch(topic_id=topic_id, score=1.0, matched=(), names=(), on_topic=True, reason="")
    topic_matches.put(connection, article_id, [match])


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
