"""Texts that are compared, once for all articles that have them.

What finds their near-copies: `text_keys`. How they hang together: `copy_groups`. What is compared of an article for
similarity: `lists`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from corpus.near_copy import UNKNOWN, Age
from corpus.store import raw
from corpus.store.columns import among
from corpus.store.schema import articles, bands, samples, schemes, texts


@dataclass(frozen=True, kw_only=True)
class StoredText:
    """A text of the collection."""

    id: int
    published_by: datetime
    core_id: int | None


@dataclass(frozen=True, kw_only=True)
class NewText:
    """A text that is to be compared."""

    text_hash: bytes
    signature: bytes  # see `corpus.signature.pack`
    shingles: bytes  # see `corpus.shingles.pack`
    published_by: datetime


@dataclass(frozen=True, kw_only=True)
class FirstArticle:
    """The earliest article that has a text."""

    id: int
    source_id: str | None
    text: str
    text_hash: bytes  # empty for a text too short to compare


def schemes_and_text(connection: Connection, text_hash: bytes) -> tuple[dict[str, int], StoredText | None]:
    """The settings that stored signatures were made with, each with its id; and the text of exactly these words."""
    found = raw.rows(connection, _SCHEMES_AND_TEXT, {"of": text_hash})
    known = [StoredText(id=one, published_by=raw.moment(at), core_id=core) for _, _, one, at, core in found if one]
    return {settings: scheme_id for settings, scheme_id, *_ in found}, known[0] if known else None


def schemes_in_use(connection: Connection) -> dict[str, int]:
    """The settings that stored signatures were made with, each with its id."""
    return dict(connection.execute(select(schemes.c.settings, schemes.c.id)).all())


def stored_hashes(connection: Connection, hashes: Collection[bytes]) -> set[bytes]:
    """Those of the hashes that a text has."""
    return {bytes(one) for one in connection.execute(_STORED_HASHES, {"hashes": hashes}).scalars()}


def add_scheme(connection: Connection, settings: str) -> int:
    """Note that signatures with these settings are stored from now on; returns their id."""
    return int(connection.execute(insert(schemes), {"settings": settings}).inserted_primary_key[0])  # type: ignore[index]


def with_id(connection: Connection, text_id: int) -> StoredText:
    """The text with this id."""
    row = connection.execute(_WITH_ID, {"of": text_id}).one()
    return StoredText(id=row.id, published_by=row.published_by, core_id=row.core_id)


def add(connection: Connection, new: NewText, *, scheme_id: int) -> int:
    """Store a text that is to be compared; returns its id."""
    return raw.insert(connection, "texts", {"scheme_id": scheme_id, **vars(new)})


def add_short(connection: Connection, *, published_by: datetime) -> int:
    """Store that an article has a text too short to compare; returns the text's id."""
    nothing = dict.fromkeys(["text_hash", "scheme_id", "signature", "shingles"])
    return raw.insert(connection, "texts", nothing | {"published_by": published_by})


def published_within(connection: Connection, ids: Collection[int], since: datetime, until: datetime) -> list[int]:
    """Those of the texts that were published then, or nobody knows when."""
    return list(connection.execute(_PUBLISHED_WITHIN, {"ids": ids, "since": since, "until": until}).scalars())


def shingles_of(connection: Connection, ids: Collection[int]) -> dict[int, bytes]:
    """The shingles of each text, as stored; texts too short to compare are left out."""
    return dict(raw.rows_among(connection, _SHINGLES, ids))


def signature_of(connection: Connection, text_id: int) -> tuple[bytes, bytes] | None:
    """The signature and the shingles of a text, as stored; None for a text too short to compare."""
    statement = select(texts.c.signature, texts.c.shingles).where(texts.c.id == text_id)
    signature, shingles = connection.execute(statement).one()
    return None if signature is None else (bytes(signature), bytes(shingles))


def age_of(connection: Connection, text_id: int) -> Age:
    """How a text that is compared sorts among others."""
    row = connection.execute(_AGE, {"of": text_id}).one()
    return Age(row.published_by, bytes(row.text_hash))


def first_articles(connection: Connection, ids: Collection[int]) -> dict[int, FirstArticle]:
    """The earliest article that has each of these texts; texts that no article has are left out."""
    if not ids:
        return {}
    return {
        row.text_id: FirstArticle(
            id=row.id, source_id=row.source_id, text=row.text, text_hash=bytes(row.text_hash or b"")
        )
        for row in connection.execute(_FIRST_ARTICLES, {"ids": ids})
    }


def earliest_date(connection: Connection, text_id: int) -> datetime | None:
    """When the first article that has a text was published; None when no article has it."""
    statement = select(articles.c.published_by).where(articles.c.text_id == text_id).order_by(articles.c.published_by)
    return connection.execute(statement.limit(1)).scalar()


def set_published_by(connection: Connection, text_id: int, published_by: datetime) -> None:
    """Note when the first article that has a text was published."""
    connection.execute(update(texts).where(texts.c.id == text_id).values(published_by=published_by))


def remove(connection: Connection, text_id: int) -> None:
    """Take away a text that no article has."""
    connection.execute(delete(texts).where(texts.c.id == text_id))


def clear(connection: Connection) -> None:
    """Take away all texts, their keys, and the settings that they were made with."""
    for table in (bands, samples, texts, schemes):
        connection.execute(delete(table))


# Built once: a statement that is put together anew costs SQLAlchemy three times what SQLite takes to answer it.

_TEXT = select(texts.c.id, texts.c.published_by, texts.c.core_id)
_SCHEMES_AND_TEXT = (
    "SELECT s.settings, s.id, t.id, t.published_by, t.core_id FROM schemes s LEFT JOIN texts t ON t.text_hash = :of"
)
_WITH_ID = _TEXT.where(texts.c.id == bindparam("of"))
_STORED_HASHES = select(texts.c.text_hash).where(texts.c.text_hash.in_(bindparam("hashes", expanding=True)))
_SHINGLES = "SELECT id, shingles FROM texts WHERE shingles IS NOT NULL AND id"
_AGE = select(texts.c.published_by, texts.c.text_hash).where(texts.c.id == bindparam("of"))

_PUBLISHED_WITHIN = select(texts.c.id).where(
    among(texts.c.id, "ids"),
    or_(texts.c.published_by.between(bindparam("since"), bindparam("until")), texts.c.published_by == UNKNOWN),
)

_having = articles.alias("having")
_first = (
    select(_having.c.id)
    .where(_having.c.text_id == texts.c.id)
    .order_by(_having.c.published_by, _having.c.id)
    .limit(1)
    .scalar_subquery()
)
_FIRST_ARTICLES = (
    select(texts.c.id.label("text_id"), texts.c.text_hash, articles.c.id, articles.c.source_id, articles.c.text)
    .select_from(texts)
    .join(articles, articles.c.id == _first)
    .where(among(texts.c.id, "ids"))
)
