"""The search index: forms of words, fresh articles, blocks. What the bytes mean is known to `corpus.inverted`.

Neither engine's own text search is used: FTS5 splits Arabic at vowel marks, PostgreSQL stems القمة and
قمة apart, its ranking is no BM25, and a phrase of two common words reads every article that has both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    and_,
    delete,
    event,
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
    bucket_of,
    buckets,
    gather,
    lay_out,
    minutes,
    unpack,
)
from corpus.store.schema import article_topics, fresh_words, new_words, word_blocks, word_buckets, word_forms
from corpus.types import Article, Sketch

# New articles' forms are numbered so many articles at a time: three statements for 32, not for each.
NUMBER_EVERY = 32

# Forms whose ids a writer remembers: the first 50,000 that come are nearly all that come often.
MOST_KNOWN = 50_000

# A form in one string, folded and lemma: half the time that pairs of strings take.
PAIR = "{} {}".format


class Form(NamedTuple):
    """A word as it stands in articles."""

    id: int
    folded: str
    lemma: str


def add(connection: Connection, article_id: int, article: Article, sketch: Sketch) -> None:
    """Make an article findable by its words."""
    row = {
        "article_id": article_id,
        "title_words": len(split(article.title)),
        "published": minutes(article.published_at),
        "source_key": source_key(article.source_id),
        "folded": sketch.folded,
        "lemmas": sketch.lemmas,
    }
    connection.execute(insert(new_words), row)
    if article_id % NUMBER_EVERY == 0:
        _number(connection)
        if _fresh_count(connection) >= BLOCK:
            make_block(connection)


def remove(connection: Connection, article_id: int) -> None:
    """Take an article out of the index. Its tokens stay in their block, and count for nothing."""
    for table in (new_words, fresh_words):
        if connection.execute(delete(table).where(table.c.article_id == article_id)).rowcount:
            return
    for row in connection.execute(select(word_blocks.c.block, word_blocks.c.article_ids, word_blocks.c.lengths)).all():
        here = np.frombuffer(row.article_ids, dtype="<i8") == article_id
        if here.any():
            lengths = np.where(here, 0, np.frombuffer(row.lengths, dtype="<u2")).astype("<u2")
            statement = update(word_blocks).where(word_blocks.c.block == row.block)
            connection.execute(statement.values(lengths=lengths.tobytes()))


def make_block(connection: Connection) -> None:
    """Put all articles that are in no block into a new one. It happens by itself when BLOCK of them have gathered."""
    _number(connection)
    if not (fresh := _fresh(connection)):
        return
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
    tokens = lay_out(fresh)
    rows = [row._asdict() | {"block": block} for row in buckets(tokens, _bucket_of_word(connection, tokens))]
    if rows:
        connection.execute(insert(word_buckets), rows)
    connection.execute(delete(fresh_words))


class Index:
    """The index as it is at the beginning of a search."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        new = _new(connection)
        # The forms of articles that are not numbered yet get numbers of their own for this search.
        pairs = dict.fromkeys(pair for _, of_article in new for pair in of_article)
        ids = dict(zip(pairs, count(_last_id(connection) + 1 if new else 0)))
        self._new_forms = [Form(number, *pair.split()) for pair, number in ids.items()]
        self._new = [_fresh_row(row, of_article, ids) for row, of_article in new]

    def forms_of(self, *, folded: Collection[str], lemmas: Collection[str]) -> list[Form]:
        """The forms that are written so, and those of these lemmas."""
        wanted = or_(word_forms.c.folded.in_(sorted(folded)), word_forms.c.lemma.in_(sorted(lemmas)))
        new = [form for form in self._new_forms if form.folded in folded or form.lemma in lemmas]
        return [*self._forms(wanted), *new]

    def forms_beginning(self, beginnings: Collection[str], *, limit: int) -> list[Form]:
        """Up to `limit` forms that begin in one of these ways."""
        folded = word_forms.c.folded
        wanted = or_(*(and_(folded >= one, folded < f"{one}\U0010ffff") for one in beginnings))
        new = [form for form in self._new_forms if form.folded.startswith(tuple(beginnings))]
        return [*self._forms(wanted, limit=limit), *new][:limit]

    def look_up(self, forms: Collection[Form]) -> tuple[Documents, Tokens]:
        """All documents, and the tokens of these forms."""
        ids, wanted = [form.id for form in forms], {bucket_of(form.lemma) for form in forms}
        parts, firsts, first = list[Documents](), dict[int, int](), 0
        for row in self._connection.execute(select(word_blocks).order_by(word_blocks.c.block)):
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
        statement = select(word_buckets.c.block, word_buckets.c.directory, word_buckets.c.tokens)
        rows = self._connection.execute(statement.where(word_buckets.c.bucket.in_(sorted(wanted)))) if parts else ()
        stored = unpack([(firsts[row.block], row.directory, row.tokens) for row in rows], ids)
        fresh = [*_fresh(self._connection), *self._new]
        return Documents.join([*parts, gather(fresh)]), Tokens.join([stored, lay_out(fresh, first=first, of=ids)])

    def _forms(self, wanted: ColumnElement[bool], *, limit: int | None = None) -> list[Form]:
        statement = select(word_forms.c.id, word_forms.c.folded, word_forms.c.lemma).where(wanted)
        # Sorted here: asked to sort and to stop, SQLite reads all forms by their ids instead of the wanted ones.
        return sorted(Form(*row) for row in self._connection.execute(statement.limit(limit)))


def of_topic(connection: Connection, topic_id: str) -> list[int]:
    """The ids of the articles of a topic."""
    statement = select(article_topics.c.article_id).where(article_topics.c.topic_id == topic_id)
    return list(connection.execute(statement).scalars())


def source_key(source_id: str | None) -> int:
    """64 bits that stand for a source."""
    digest = hashlib.blake2b((source_id or "").encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _number(connection: Connection) -> None:
    """Give the forms of new articles their ids."""
    new = _new(connection)
    ids = _ids(connection, set().union(*(of_article for _, of_article in new)))
    rows = [_fresh_row(row, of_article, ids)._asdict() for row, of_article in new]
    if rows:
        connection.execute(insert(fresh_words), rows)
        connection.execute(delete(new_words))


def _bucket_of_word(connection: Connection, tokens: Tokens) -> npt.NDArray[np.int64]:
    """By word, for the words of these tokens: its bucket."""
    ids = np.unique(tokens.words).tolist()
    found = np.zeros(max(ids, default=0) + 1, dtype=np.int64)
    # 10,000: SQLite allows 32,766 variables a statement.
    for start in range(0, len(ids), 10_000):
        here = word_forms.c.id.in_(ids[start : start + 10_000])
        for number, lemma in connection.execute(select(word_forms.c.id, word_forms.c.lemma).where(here)):
            found[number] = bucket_of(lemma)
    return found


def _fresh_count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(fresh_words)).scalar_one()


def _new(connection: Connection) -> list[tuple[Row[Any], list[str]]]:
    """The rows of new articles, each with its forms in their order."""
    rows = connection.execute(select(new_words).order_by(new_words.c.article_id))
    return [(row, list(map(PAIR, row.folded.split(), row.lemmas.split()))[:MOST_WORDS]) for row in rows]


def _fresh(connection: Connection) -> list[Fresh]:
    columns = (fresh_words.c[name] for name in Fresh._fields)
    return [Fresh(*row) for row in connection.execute(select(*columns).order_by(fresh_words.c.article_id))]


def _fresh_row(row: Row[Any], pairs: Sequence[str], ids: Mapping[str, int]) -> Fresh:
    words = np.array([ids[pair] for pair in pairs], dtype="<u4").tobytes()
    return Fresh(row.article_id, row.title_words, row.published, row.source_key, words)


def _ids(connection: Connection, wanted: set[str]) -> dict[str, int]:
    """The ids of these forms. New ones get the next numbers: writers take turns."""
    known = _known.setdefault(connection.engine, {})
    ids = {pair: known[pair] for pair in wanted if pair in known}
    missing = wanted - ids.keys()
    stored = _stored_ids(connection, missing)
    found = {pair: stored[pair] for pair in missing if pair in stored}
    if new := sorted(missing - found.keys()):
        found |= zip(new, count(_last_id(connection) + 1))
        rows = [dict(zip(("id", "folded", "lemma"), (found[pair], *pair.split()), strict=True)) for pair in new]
        connection.execute(insert(word_forms), rows)
    if len(known) < MOST_KNOWN:
        known |= found
    return ids | found


def _stored_ids(connection: Connection, wanted: Collection[str]) -> dict[str, int]:
    written = sorted({pair.split()[0] for pair in wanted})
    ids: dict[str, int] = {}
    # 10,000: SQLite allows 32,766 variables a statement.
    for start in range(0, len(written), 10_000):
        statement = select(word_forms.c.id, word_forms.c.folded, word_forms.c.lemma)
        rows = connection.execute(statement.where(word_forms.c.folded.in_(written[start : start + 10_000])))
        ids |= {PAIR(folded, lemma): number for number, folded, lemma in rows}
    return ids


def _last_id(connection: Connection) -> int:
    last = connection.execute(select(func.max(word_forms.c.id))).scalar()
    return -1 if last is None else int(last)


# Ids of forms are never changed; what a transaction that is rolled back gave to forms is to be given again.
_known: WeakKeyDictionary[Engine, dict[str, int]] = WeakKeyDictionary()


@event.listens_for(Engine, "rollback")
@event.listens_for(Engine, "rollback_savepoint")
def _forget(connection: Connection, *_: object) -> None:
    _known.pop(connection.engine, None)
