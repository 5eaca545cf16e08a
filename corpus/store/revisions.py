"""Revisions: what an article said before it was edited. The newest version is the article itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from corpus.store.columns import among
from corpus.store.schema import revisions
from corpus.types import Precision


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One version of an article."""

    number: int  # from 1
    title: str
    text: str | None  # None where its page asks that none be kept
    published_at: datetime | None
    published_precision: Precision | None
    fetched_at: datetime  # when it was first seen so


def add(connection: Connection, article_id: int, revision: Revision) -> None:
    """Keep a version that is about to be replaced."""
    values = {name: getattr(revision, name) for name in Revision.__dataclass_fields__}
    connection.execute(insert(revisions).values(article_id=article_id, **values))


def earlier(connection: Connection, article_id: int) -> list[Revision]:
    """The versions of an article before the newest, oldest first."""
    names = [revisions.c[name] for name in Revision.__dataclass_fields__]
    statement = select(*names).where(revisions.c.article_id == article_id).order_by(revisions.c.number)
    return [Revision(**row._mapping) for row in connection.execute(statement)]


def counts(connection: Connection, article_ids: Collection[int]) -> dict[int, int]:
    """How many earlier versions each article has; those with none are left out."""
    statement = select(revisions.c.article_id, func.count()).where(among(revisions.c.article_id, "ids"))
    return dict(connection.execute(statement.group_by(revisions.c.article_id), {"ids": list(article_ids)}).all())


def erase_texts(connection: Connection, article_id: int) -> None:
    """Let the earlier versions of an article have no text."""
    connection.execute(update(revisions).where(revisions.c.article_id == article_id).values(text=None))
