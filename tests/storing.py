"""Articles into a collection, without a crawl."""

from __future__ import annotations

from sqlalchemy import Connection

from corpus import keep
from corpus.repeated import Learning
from corpus.sketch import sketch
from corpus.types import Article, TopicMatch
from corpus.weighing import TermCounts


def kept(
    connection: Connection, *some: Article, topics: tuple[TopicMatch, ...] = (), counts: TermCounts | None = None
) -> list[keep.Kept]:
    """What comes of articles that arrive one after the other."""
    counts = counts or TermCounts()
    return [
        keep.keep_article(connection, one, sketch(one.title, one.text), topics=topics, counts=counts) for one in some
    ]


def store(
    connection: Connection, *some: Article, topics: tuple[TopicMatch, ...] = (), counts: TermCounts | None = None
) -> list[int]:
    """The ids of articles that arrive one after the other, each of which is new."""
    return [one.article_id or 0 for one in kept(connection, *some, topics=topics, counts=counts)]


def learn(connection: Connection, *some: Article) -> list[Article]:
    """Pages that are read one after the other, without the lines that their source is known to repeat by then."""
    found = []
    for one in some:
        lines = Learning(connection, [one])
        found.append(lines.learn(one))
        lines.store()
    return found
