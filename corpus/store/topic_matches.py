"""How articles were judged: the topics that they are on, with scores and the names that were found."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from corpus.store import raw
from corpus.store.columns import among, in_order
from corpus.store.schema import article_topics
from corpus.types import TopicMatch


def of_topic(connection: Connection, topic_id: str, ids: Collection[int]) -> set[int]:
    """Those of the articles that are on a topic."""
    column = article_topics.c
    statement = select(column.article_id).where(column.topic_id == topic_id, among(column.article_id, "ids"))
    return set(connection.execute(statement, {"ids": ids}).scalars())


def has_topic(connection: Connection, topic_id: str) -> bool:
    """Whether an article that is stored is on this topic."""
    statement = select(article_topics.c.article_id).where(article_topics.c.topic_id == topic_id).limit(1)
    return connection.execute(statement).first() is not None


def add(connection: Connection, article_id: int, topics: Iterable[TopicMatch]) -> None:
    """Record how a new article was judged."""
    _insert(connection, _rows(article_id, topics))


def put(connection: Connection, article_id: int, topics: Iterable[TopicMatch]) -> None:
    """Record how an article was judged, in place of earlier judgements against the topics that it is on."""
    replace(connection, article_id, [one for one in topics if one.on_topic])


def replace(connection: Connection, article_id: int, judged: Collection[TopicMatch]) -> None:
    """Record how an article was judged anew, also that it is not on a topic."""
    sql = "DELETE FROM article_topics WHERE article_id = :article_id AND topic_id = :topic_id"
    raw.run(connection, sql, [{"article_id": article_id, "topic_id": one.topic_id} for one in judged])
    add(connection, article_id, judged)


def load(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[TopicMatch, ...]]:
    """The topics that each of these articles is on, by their ids; articles on none are left out."""
    if not ids:
        return {}
    statement = select(article_topics).where(among(article_topics.c.article_id, "ids"))
    found: dict[int, tuple[TopicMatch, ...]] = {}
    for row in connection.execute(statement.order_by(in_order(article_topics.c.topic_id)), {"ids": ids}):
        match = TopicMatch(
            topic_id=row.topic_id,
            score=row.score,
            matched=tuple(row.matched),
            names=tuple(row.names),
            on_topic=True,
            reason="",
        )
        found[row.article_id] = (*found.get(row.article_id, ()), match)
    return found


def _rows(article_id: int, topics: Iterable[TopicMatch]) -> list[dict[str, Any]]:
    return [
        {
            "article_id": article_id,
            "topic_id": topic.topic_id,
            "score": topic.score,
            "matched": list(topic.matched),
            "names": list(topic.names),
        }
        for topic in topics
        if topic.on_topic
    ]


def _insert(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    each = [row | {name: json.dumps(row[name]) for name in ("matched", "names")} for row in rows]
    raw.run(connection, _INSERT, each)


_INSERT = (
    "INSERT INTO article_topics (article_id, topic_id, score, matched, names)"
    " VALUES (:article_id, :topic_id, :score, :matched, :names)"
)
