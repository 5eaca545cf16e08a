"""The search index: forms of words, fresh articles, blocks. What the bytes mean is known to `corpus.inverted`.

Neither engine's own text search is used: FTS5 splits Arabic at vowel marks, PostgreSQL stems القمة and
قمة apart, its ranking is no BM25, and a phrase of two common words reads every article that has both.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from corpus.arabic import words as split
from corpus.inverted import (
    BLOCK,
    MOST_WORDS,
    Documents,
    Fresh,
    Tokens,
    buckets,
    buckets_of,
    gather,
    lay_out,
    minutes,
    unpack,
)
from corpus.store.schema import article_topics, fresh_words, word_blocks, word_buckets, word_forms
from corpus.types import Article, Sketch

# How many articles arrive before it is looked whether a block is full: counting takes as long as storing one.
COUNT_EVERY = 64


class Form(NamedTuple):
    """A word as it stands in articles."""

    id: int
    folded: str
    lemma: str


def add(connection: Connection, article_id: int, article: Article, sketch: Sketch) -> None:
    """Make an article findable by its words."""
    forms = list(zip(sketch.folded.split(), sketch.lemmas.split(), strict=True))[:MOST_WORDS]
    ids = _ids(connection, set(forms))
    row = Fresh(
        article_id=article_id,
        title_words=len(split(article.title)),
        published=minutes(article.published_at),
        source_key=source_key(article.source_id),
        words=np.fromiter((ids[form] for form in forms), dtype="<u4", count=len(forms)).tobytes(),
    )
    connection.execute(insert(fresh_words), row._asdict())
    if article_id % COUNT_EVERY == 0 and _fresh_count(connection) >= BLOCK:
        make_block(connection)


def remove(connection: Connection, article_id: int) -> None:
    """Take an article out of the index. Its tokens stay in their block, and count for nothing."""
    if connection.execute(delete(fresh_words).where(fresh_words.c.article_id == article_id)).rowcount:
        return
    for row in connection.execute(select(word_blocks.c.block, word_blocks.c.article_ids, word_blocks.c.lengths)):
        here = np.frombuffer(row.article_ids, dtype="<i8") == article_id
        if here.any():
            lengths = np.where(here, 0, np.frombuffer(row.lengths, dtype="<u2")).astype("<u2")
            statement = update(word_blocks).where(word_blocks.c.block == row.block)
            connection.execute(statement.values(lengths=lengths.tobytes()))


def make_block(connection: Connection) -> None:
    """Put all fresh articles into a new block."""
    fresh = _fresh(connection)
    documents = gather(fresh)
    block = (connection.execute(select(func.max(word_blocks.c.block))).scalar() or 0) + 1
    connection.execute(
        insert(word_blocks),
        {
            "block": block,
            "article_ids": documents.article_ids.tobytes(),
            "lengths": documents.lengths.tobytes(),
            "published": documents.published.tobytes(),
            "source_keys": documents.source_keys.tobytes(),
        },
    )
    rows = [row._asdict() | {"block": block} for row in buckets(lay_out(fresh))]
    if rows:
        connection.execute(insert(word_buckets), rows)
    connection.execute(delete(fresh_words))


def forms_of(connection: Connection, *, folded: Collection[str], lemmas: Collection[str]) -> list[Form]:
    """The forms that are written so, and those of these lemmas."""
    wanted = or_(word_forms.c.folded.in_(sorted(folded)), word_forms.c.lemma.in_(sorted(lemmas)))
    return _forms(connection, wanted)


def forms_beginning(connection: Connection, beginning: str, *, limit: int) -> list[Form]:
    """Up to `limit` forms that begin so, or whose lemma does."""
    end = f"{beginning}\U0010ffff"
    columns = (word_forms.c.folded, word_forms.c.lemma)
    return _forms(connection, or_(*(and_(column >= beginning, column < end) for column in columns)), limit=limit)


def look_up(connection: Connection, ids: Sequence[int]) -> tuple[Documents, Tokens]:
    """All documents, and the tokens of these words."""
    fresh, parts, firsts, first = _fresh(connection), list[Documents](), dict[int, int](), 0
    for row in connection.execute(select(word_blocks).order_by(word_blocks.c.block)):
        firsts[row.block] = first
        parts.append(
            Documents(
                np.frombuffer(row.article_ids, dtype="<i8"),
                np.frombuffer(row.lengths, dtype="<u2"),
                np.frombuffer(row.published, dtype="<i4"),
                np.frombuffer(row.source_keys, dtype="<i8"),
            )
        )
        first += len(parts[-1])
    statement = select(word_buckets.c.block, word_buckets.c.directory, word_buckets.c.tokens).where(
        word_buckets.c.bucket.in_(_given(connection, Integer))
    )
    rows = connection.execute(statement, {"given": buckets_of(ids)})
    stored = unpack([(firsts[row.block], row.directory, row.tokens) for row in rows], ids)
    return Documents.join([*parts, gather(fresh)]), Tokens.join([stored, lay_out(fresh, first=first, of=ids)])


def of_topic(connection: Connection, topic_id: str) -> list[int]:
    """The ids of the articles of a topic."""
    statement = select(article_topics.c.article_id).where(article_topics.c.topic_id == topic_id)
    return list(connection.execute(statement).scalars())


def source_key(source_id: str | None) -> int:
    """64 bits that stand for a source."""
    digest = hashlib.blake2b((source_id or "").encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _ids(connection: Connection, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The ids of these forms (folded, lemma). New ones get the next numbers: writers take turns."""
    written = word_forms.c.folded.in_(_given(connection, Text))
    statement = select(word_forms.c.id, word_forms.c.folded, word_forms.c.lemma).where(written)
    rows = connection.execute(statement, {"given": sorted({folded for folded, _ in wanted})})
    ids = {(folded, lemma): number for number, folded, lemma in rows}
    if new := sorted(wanted - ids.keys()):
        last = connection.execute(select(func.max(word_forms.c.id))).scalar()
        given = dict(zip(new, range(0 if last is None else last + 1, sys.maxsize), strict=False))
        connection.execute(
            insert(word_forms), [{"id": given[form], "folded": form[0], "lemma": form[1]} for form in new]
        )
        ids |= given
    return ids


def _forms(connection: Connection, wanted: ColumnElement[bool], *, limit: int | None = None) -> list[Form]:
    statement = select(word_forms.c.id, word_forms.c.folded, word_forms.c.lemma).where(wanted)
    return [Form(*row) for row in connection.execute(statement.order_by(word_forms.c.id).limit(limit))]


def _fresh(connection: Connection) -> list[Fresh]:
    columns = (fresh_words.c[name] for name in Fresh._fields)
    return [Fresh(*row) for row in connection.execute(select(*columns).order_by(fresh_words.c.article_id))]


def _fresh_count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(fresh_words)).scalar_one()


def _given(connection: Connection, kind: type[Integer | Text]) -> Select[tuple[Any]]:
    """The values of the list that the statement is given as `given`: one parameter, so it is compiled once."""
    each = func.json_each if connection.dialect.name == "sqlite" else func.json_array_elements_text
    values = each(bindparam("given", type_=JSON)).table_valued("value")
    return select(cast(values.c.value, kind))
