"""Many articles at once: the latest texts, how far they went, counts by day, outlet, topic and agency.

Counts of a whole topic read all of its articles: whoever serves them keeps them for a while.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Connection, Select, String, Text, cast, distinct, exists, func, select

from corpus.store.columns import among, in_order
from corpus.store.schema import article_topics, articles, decisions, source_counts
from corpus.types import Outcome

# Of so many newest articles at a time one of each group is taken: an agency's text stands in a few dozen papers.
AT_ONCE = 4

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, kw_only=True)
class Carried:
    """How far a text went: the articles of its copy group, and the outlets that published them."""

    articles: int
    outlets: int


@dataclass(frozen=True, kw_only=True)
class SourceState:
    """How a source did when it was last fetched from."""

    source_id: str | None
    last_at: datetime
    good: int  # decisions of its last run that were no failure
    failed: int  # failed, quarantined or forbidden


def latest_texts(connection: Connection, *, topic_id: str | None, limit: int) -> list[int]:
    """The newest articles with a known date, one of each copy group, newest first: the group's newest stands for it.

    Those that are gone from their address are passed over: feeds send their readers there.
    """
    is_there = articles.c.published_at.is_not(None) & articles.c.gone_at.is_(None)
    newest = select(articles.c.id, articles.c.copy_group).where(is_there)
    if topic_id is not None:
        # Looked up for the few that are looked at, in the order of the dates: no list of all of a topic's is made.
        of_article = article_topics.c.article_id == articles.c.id
        newest = newest.where(exists().where(of_article, article_topics.c.topic_id == topic_id))
    newest = newest.order_by(articles.c.published_at.desc(), articles.c.id.desc())
    found, groups, offset = list[int](), set[int](), 0
    while len(found) < limit:
        rows = connection.execute(newest.offset(offset).limit(limit * AT_ONCE)).all()
        for row in rows:
            if row.copy_group not in groups:
                groups.add(row.copy_group)
                found.append(row.id)
        if len(rows) < limit * AT_ONCE:
            break
        offset += len(rows)
    return found[:limit]


def carried(connection: Connection, groups: Collection[int]) -> dict[int, Carried]:
    """How far the text of each copy group went."""
    statement = (
        select(articles.c.copy_group, func.count(), func.count(distinct(articles.c.source_id)))
        .where(among(articles.c.copy_group, "groups"))
        .group_by(articles.c.copy_group)
    )
    rows = connection.execute(statement, {"groups": list(groups)})
    return {group: Carried(articles=count, outlets=outlets) for group, count, outlets in rows}


def urls(connection: Connection, *, source_id: str | None = None) -> list[tuple[int, str, bytes]]:
    """(id, URL, URL key) of all articles, or of one source's, by id."""
    statement = select(articles.c.id, articles.c.url, articles.c.url_key).order_by(articles.c.id)
    if source_id is not None:
        statement = statement.where(articles.c.source_id == source_id)
    return [(row.id, row.url, bytes(row.url_key)) for row in connection.execute(statement)]


def counts_by_day(connection: Connection, topic_id: str | None) -> dict[date, int]:
    """How many articles were published each day (UTC)."""
    day = _day(connection)
    statement = select(day, func.count()).where(articles.c.published_at.is_not(None)).group_by(day).order_by(day)
    rows = connection.execute(_on_topic(statement, topic_id))
    return {date.fromisoformat(text): count for text, count in rows}


def counts_by_source(connection: Connection, topic_id: str | None = None) -> dict[str | None, int]:
    """How many articles each source has, in all or on a topic; most first."""
    source = articles.c.source_id
    statement = (
        select(source, func.count()).group_by(source).order_by(func.count().desc(), in_order(source).nulls_last())
    )
    return dict(connection.execute(_on_topic(statement, topic_id)).all())


def copies_by_source(connection: Connection) -> dict[str | None, int]:
    """How many articles of each source repeat an earlier one."""
    place = func.row_number().over(
        partition_by=articles.c.copy_group, order_by=(articles.c.published_by, articles.c.id)
    )
    # Most are alone in their group: the others are a fifth of the work.
    groups = select(articles.c.copy_group).group_by(articles.c.copy_group).having(func.count() > 1)
    placed = select(articles.c.source_id, place.label("place")).where(articles.c.copy_group.in_(groups)).subquery()
    statement = select(placed.c.source_id, func.count()).where(placed.c.place > 1).group_by(placed.c.source_id)
    return dict(connection.execute(statement).all())


def counts_by_topic(connection: Connection) -> dict[str, int]:
    """How many articles each topic has."""
    key = article_topics.c.topic_id
    statement = select(key, func.count()).group_by(key).order_by(in_order(key))
    return dict(connection.execute(statement).all())


def publication_span(connection: Connection) -> tuple[datetime | None, datetime | None]:
    """The earliest and the latest publication."""
    first, last = connection.execute(select(func.min(articles.c.published_at), func.max(articles.c.published_at))).one()
    return first, last


def count_groups(connection: Connection) -> int:
    """How many copy groups have two or more articles."""
    groups = select(articles.c.copy_group).group_by(articles.c.copy_group).having(func.count() > 1).subquery()
    return connection.execute(select(func.count()).select_from(groups)).scalar_one()


def counts_by_agency(connection: Connection, topic_id: str, *, limit: int) -> list[tuple[str, int]]:
    """The agencies that most articles of a topic name."""
    statement = (
        select(articles.c.agency, func.count()).where(articles.c.agency.is_not(None)).group_by(articles.c.agency)
    )
    statement = statement.order_by(func.count().desc(), in_order(articles.c.agency)).limit(limit)
    return [(agency, count) for agency, count in connection.execute(_on_topic(statement, topic_id)) if agency]


def counts_by_spelling(connection: Connection, topic_id: str) -> Counter[str]:
    """In how many articles of a topic each of its aliases was found, and no other of its name before."""
    # Counted by the database, because most articles of a topic have the same few: as text, PostgreSQL compares no JSON.
    matched = cast(article_topics.c.matched, Text)
    statement = select(matched, func.count()).where(article_topics.c.topic_id == topic_id).group_by(matched)
    counted: Counter[str] = Counter()
    for aliases, count in connection.execute(statement):
        counted.update(dict.fromkeys(json.loads(aliases), count))
    return counted


def source_states(connection: Connection) -> list[SourceState]:
    """How each source did in the last run that fetched from it."""
    last = (
        select(source_counts.c.source_id, func.max(source_counts.c.last_run).label("run_id"))
        .group_by(source_counts.c.source_id)
        .subquery()
    )
    bad = [Outcome.FAILED.value, Outcome.QUARANTINED.value, Outcome.BLOCKED_BY_ROBOTS.value]
    failed = func.count().filter(decisions.c.outcome.in_(bad))
    of_run = decisions.c.run_id, decisions.c.source_id
    # Each of these runs is read once, not once for each source that it was the last of.
    counted = (
        select(*of_run, func.max(decisions.c.decided_at).label("at"), func.count().label("count"), failed.label("bad"))
        .where(decisions.c.run_id.in_(select(last.c.run_id)))
        .group_by(*of_run)
        .subquery()
    )
    statement = (
        select(last.c.source_id, counted.c.at, counted.c["count"], counted.c.bad)
        .join(counted, (counted.c.run_id == last.c.run_id) & (counted.c.source_id == last.c.source_id))
        .order_by(in_order(last.c.source_id))
    )
    return [
        SourceState(source_id=source, last_at=at, good=count - bad_ones, failed=bad_ones)
        for source, at, count, bad_ones in connection.execute(statement)
    ]


def _on_topic(statement: Select[*Columns], topic_id: str | None) -> Select[*Columns]:
    """The statement on `articles`, kept to a topic's: to count these takes as long as the topic is large."""
    if topic_id is None:
        return statement
    of_article = article_topics.c.article_id == articles.c.id
    return statement.join_from(articles, article_topics, of_article).where(article_topics.c.topic_id == topic_id)


def _day(connection: Connection) -> ColumnElement[str]:
    """The day of publication in UTC, as 2025-08-15."""
    if connection.dialect.name == "sqlite":
        return func.substr(cast(articles.c.published_at, String), 1, 10)
    return func.to_char(func.timezone("UTC", articles.c.published_at), "YYYY-MM-DD")
