"""Write the search index: forms of words, new articles, blocks. How it is read: `word_index`.

What the bytes mean is known to `corpus.inverted`.

Neither engine's own text search is used: FTS5 splits Arabic at vowel marks, PostgreSQL stems القمة and
قمة apart, its ranking is no BM25, and a phrase of two common words reads every article that has both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Engine, ExceptionContext, Row, delete, event, func, insert, select, update

from corpus.arabic import words as split
from corpus.inverted import (
    BLOCK,
    BODY,
    MOST_WORDS,
    Bucket,
    Listed,
    Tokens,
    bucket_of,
    buckets,
    lay_out,
    minutes,
    without,
)
from corpus.store import raw
from corpus.store.columns import among
from corpus.store.schema import analysers, new_words, word_blocks, word_buckets, word_forms
from corpus.types import Article, Sketch

# New articles' forms are numbered so many articles at a time: three statements for 32, not for each.
NUMBER_EVERY = 32

# Forms whose ids a writer remembers: the first 50,000 that come are nearly all that come often.
MOST_KNOWN = 50_000

# Of 300,000 articles there are a million buckets: all at once took 700 MB.
BUCKETS_READ = 10_000

# The arrays of a block that are kept of every article, with the types of their items.
DTYPES = {"article_ids": "<i8", "lengths": "<u2", "published": "<i4", "source_keys": "<i8", "titles": "u1"}

# In the place of an article's id, when it was removed and its tokens are gone, too.
ERASED = -1

# What no word folds to.
NO_WORD = "#"

# A form in one string, folded and lemma: half the time that pairs of strings take.
PAIR = " ".join


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
    raw.run(connection, _ADD, [row])
    if article_id % NUMBER_EVERY == 0:
        _number(connection)
        if _small_blocks(connection) >= BLOCK // NUMBER_EVERY:
            make_block(connection)


def last_id(connection: Connection) -> int:
    """The id of the form that came last; -1 when there is none."""
    last = connection.execute(select(func.max(word_forms.c.id))).scalar()
    return -1 if last is None else int(last)


def note_analyser(connection: Connection, settings: str) -> None:
    """Note that words are analysed with these settings from now on."""
    raw.run(connection, _NOTE_ANALYSER, [{"settings": settings}])


def noted_analysers(connection: Connection) -> set[str]:
    """The settings that the words of the collection were analysed with."""
    return set(connection.execute(select(analysers.c.settings)).scalars())


def remove(connection: Connection, ids: Collection[int]) -> None:
    """Take articles out of the index. Their tokens stay in their buckets, and count for nothing.

    For many at once: all blocks are looked through for them.
    """
    connection.execute(delete(new_words).where(among(new_words.c.article_id, "ids")), {"ids": ids})
    wanted = np.array(sorted(ids), dtype=DTYPES["article_ids"])
    for block, article_ids in raw.rows(connection, "SELECT block, article_ids FROM word_blocks"):
        here = np.isin(np.frombuffer(article_ids, dtype=DTYPES["article_ids"]), wanted)
        if here.any():
            _empty(connection, block, here)


def _empty(connection: Connection, block: int, here: npt.NDArray[np.bool_]) -> None:
    """Let some articles of a block have no words."""
    this = word_blocks.c.block == block
    row = connection.execute(select(word_blocks.c.lengths, word_blocks.c.words).where(this)).one()
    lengths = np.frombuffer(row.lengths, dtype=DTYPES["lengths"])
    values = {"lengths": np.where(here, 0, lengths).astype(DTYPES["lengths"]).tobytes()}
    if row.words is not None:
        values["words"] = np.frombuffer(row.words, dtype="<u4")[~np.repeat(here, lengths)].tobytes()
    connection.execute(update(word_blocks).where(this).values(values))


def unerased(connection: Connection) -> dict[int, npt.NDArray[np.int64]]:
    """By block, the articles that were removed and whose tokens are in buckets, which still say what those said.

    Each stands at its place in the block; at all others is ERASED.
    """
    left = {}
    for block, article_ids, lengths in raw.rows(connection, _REMOVED):
        ids, counts = np.frombuffer(article_ids, dtype=DTYPES["article_ids"]), np.frombuffer(lengths, dtype="<u2")
        removed = np.where(counts == 0, ids, ERASED)
        if (removed != ERASED).any():
            left[block] = removed
    return left


def _places(connection: Connection, left: Mapping[int, npt.NDArray[np.int64]]) -> dict[int, npt.NDArray[np.int64]]:
    """By block, the places of those that are still there: a rebuild makes other blocks, with the same numbers."""
    now, found = unerased(connection), {}
    for block, ids in left.items():
        if block in now and len(now[block]) == len(ids):
            found[block] = np.flatnonzero((ids != ERASED) & (now[block] == ids))
    return found


def erase(connection: Connection, left: Mapping[int, npt.NDArray[np.int64]], some: Collection[int]) -> None:
    """Take the tokens of what is `unerased` out of some of the buckets."""
    for block, documents in _places(connection, left).items():
        emptied, changed = list[dict[str, Any]](), list[dict[str, Any]]()
        for row in map(Bucket._make, raw.rows_among(connection, _BUCKETS_OF, some, {"block": block})):
            kept = without(row, documents)
            if kept is None:
                emptied.append({"block": block, "bucket": row.bucket})
            elif kept is not row:
                changed.append({"block": block, **kept._asdict()})
        raw.run(connection, _DROP_BUCKET, emptied)
        raw.run(connection, _CHANGE_BUCKET, changed)


def set_erased(connection: Connection, left: Mapping[int, npt.NDArray[np.int64]]) -> None:
    """Record that no bucket has tokens of what was `unerased`."""
    for block, documents in _places(connection, left).items():
        here = word_blocks.c.block == block
        stored = connection.execute(select(word_blocks.c.article_ids).where(here)).scalar_one()
        ids = np.frombuffer(stored, dtype=DTYPES["article_ids"]).copy()
        ids[documents] = ERASED
        connection.execute(update(word_blocks).where(here).values(article_ids=ids.tobytes()))


def clear(connection: Connection) -> None:
    """Let no article be found. Forms keep their ids: a process may remember whose they were."""
    for table in (new_words, word_blocks, word_buckets, analysers):
        connection.execute(delete(table))


def prune(connection: Connection) -> None:
    """Take forms out that stand in no article any more. Not while another process writes.

    The last one only loses its letters: ids are not given twice, because a process may remember whose they were.
    """
    _number(connection)
    last = last_id(connection)
    unused_yet = np.zeros(last + 1, dtype=np.bool_)
    unused_yet[connection.execute(select(word_forms.c.id)).scalars().all()] = True
    directories = select(word_buckets.c.directory).execution_options(yield_per=BUCKETS_READ)
    for some in connection.execute(directories).scalars().partitions():
        unused_yet[np.frombuffer(b"".join(some), dtype="<u4")[::2]] = False
    small = connection.execute(select(word_blocks.c.words).where(word_blocks.c.words.is_not(None))).scalars()
    for one in small:
        unused_yet[np.frombuffer(one, dtype="<u4")] = False
    unused = np.flatnonzero(unused_yet).tolist()
    connection.execute(
        delete(word_forms).where(among(word_forms.c.id, "ids")), {"ids": [i for i in unused if i != last]}
    )
    if last in unused:
        connection.execute(update(word_forms).where(word_forms.c.id == last).values(folded=NO_WORD, lemma=NO_WORD))
    _known.pop(connection.engine, None)


def make_block(connection: Connection) -> None:
    """Put all articles of small blocks into a large one. It happens by itself when BLOCK of them have gathered."""
    _number(connection)
    statement = select(word_blocks).where(word_blocks.c.words.is_not(None)).order_by(word_blocks.c.block)
    small = connection.execute(statement).all()
    if not small:
        return
    joined = {name: b"".join(getattr(row, name) for row in small) for name in (*DTYPES, "words")}
    kept = np.frombuffer(joined["lengths"], dtype=DTYPES["lengths"]) > 0
    columns = {name: np.frombuffer(joined[name], dtype=dtype)[kept].tobytes() for name, dtype in DTYPES.items()}
    block = _last_block(connection) + 1
    connection.execute(insert(word_blocks), {"block": block, "words": None, **columns})
    tokens = lay_out(listed(columns["lengths"], columns["titles"], joined["words"]))
    rows = [row._asdict() | {"block": block} for row in buckets(tokens, _bucket_of_word(connection, tokens))]
    raw.run(connection, _ADD_BUCKET, rows)
    connection.execute(delete(word_blocks).where(word_blocks.c.block.in_([row.block for row in small])))


def source_key(source_id: str | None) -> int:
    """64 bits that stand for a source."""
    digest = hashlib.blake2b((source_id or "").encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _number(connection: Connection) -> None:
    """Give the forms of new articles their ids, and put the articles into a small block."""
    rows = _new_articles(connection)
    if not rows:
        return
    ids = _ids(connection, set().union(*(of_article for _, of_article in rows)))
    connection.execute(insert(word_blocks), {"block": _last_block(connection) + 1, **_small_block(rows, ids)})
    connection.execute(delete(new_words))


def _small_block(rows: Sequence[tuple[Row[Any], Sequence[str]]], ids: Mapping[str, int]) -> dict[str, bytes]:
    """The arrays of a block of these new articles."""
    return {
        "article_ids": np.array([row.article_id for row, _ in rows], dtype=DTYPES["article_ids"]).tobytes(),
        "lengths": np.array([len(pairs) for _, pairs in rows], dtype=DTYPES["lengths"]).tobytes(),
        "published": np.array([row.published for row, _ in rows], dtype=DTYPES["published"]).tobytes(),
        "source_keys": np.array([row.source_key for row, _ in rows], dtype=DTYPES["source_keys"]).tobytes(),
        "titles": np.array([min(row.title_words, BODY) for row, _ in rows], dtype=DTYPES["titles"]).tobytes(),
        "words": np.array([ids[pair] for _, pairs in rows for pair in pairs], dtype="<u4").tobytes(),
    }


def listed(lengths: bytes, titles: bytes, words: bytes) -> Listed:
    """The words of a small block, from the bytes of its row."""
    return Listed(
        np.frombuffer(lengths, dtype=DTYPES["lengths"]),
        np.frombuffer(titles, dtype=DTYPES["titles"]),
        np.frombuffer(words, dtype="<u4"),
    )


def _bucket_of_word(connection: Connection, tokens: Tokens) -> npt.NDArray[np.int64]:
    """By word, for the words of these tokens: its bucket."""
    ids = np.unique(tokens.words).tolist()
    found = np.zeros(max(ids, default=0) + 1, dtype=np.int64)
    for number, lemma in raw.rows_among(connection, "SELECT id, lemma FROM word_forms WHERE id", ids):
        found[number] = bucket_of(lemma)
    return found


def _small_blocks(connection: Connection) -> int:
    statement = select(func.count()).select_from(word_blocks).where(word_blocks.c.words.is_not(None))
    return connection.execute(statement).scalar_one()


def _last_block(connection: Connection) -> int:
    return connection.execute(select(func.max(word_blocks.c.block))).scalar() or 0


def _new_articles(connection: Connection) -> list[tuple[Row[Any], list[str]]]:
    """The rows of new articles, each with its forms in their order."""
    rows = connection.execute(select(new_words).order_by(new_words.c.article_id))
    return [
        (row, list(map(PAIR, zip(row.folded.split(), row.lemmas.split(), strict=False)))[:MOST_WORDS]) for row in rows
    ]


def _ids(connection: Connection, wanted: set[str]) -> dict[str, int]:
    """The ids of these forms. New ones get the next numbers: writers take turns."""
    known = _known.setdefault(connection.engine, {})
    ids = {pair: known[pair] for pair in wanted if pair in known}
    missing = wanted - ids.keys()
    stored = _stored_ids(connection, missing)
    found = {pair: stored[pair] for pair in missing if pair in stored}
    if new := sorted(missing - found.keys()):
        found |= zip(new, count(last_id(connection) + 1))
        given = [(found[pair], *pair.split()) for pair in new]
        raw.run(connection, _ADD_FORMS[connection.dialect.name], [{"forms": json.dumps(given, ensure_ascii=False)}])
    if len(known) < MOST_KNOWN:
        known |= found
    return ids | found


def _stored_ids(connection: Connection, wanted: Collection[str]) -> dict[str, int]:
    written = sorted({pair.split()[0] for pair in wanted})
    rows = raw.rows_among(connection, "SELECT folded, lemma, id FROM word_forms WHERE folded", written)
    return {PAIR((folded, lemma)): number for folded, lemma, number in rows}


_ADD = (
    "INSERT INTO new_words (article_id, title_words, published, source_key, folded, lemmas)"
    " VALUES (:article_id, :title_words, :published, :source_key, :folded, :lemmas)"
)
_NOTE_ANALYSER = "INSERT INTO analysers (settings) VALUES (:settings) ON CONFLICT DO NOTHING"
_REMOVED = "SELECT block, article_ids, lengths FROM word_blocks WHERE words IS NULL"
_BUCKETS_OF = "SELECT bucket, directory, tokens FROM word_buckets WHERE block = :block AND bucket"
_DROP_BUCKET = "DELETE FROM word_buckets WHERE bucket = :bucket AND block = :block"
_CHANGE_BUCKET = (
    "UPDATE word_buckets SET directory = :directory, tokens = :tokens WHERE bucket = :bucket AND block = :block"
)
_ADD_BUCKET = (
    "INSERT INTO word_buckets (bucket, block, directory, tokens) VALUES (:bucket, :block, :directory, :tokens)"
)
# One value for all rows: the driver of PostgreSQL takes some 20 µs for each row that it is given by itself.
_ADD_FORMS = {
    "sqlite": "INSERT INTO word_forms (id, folded, lemma) SELECT json_extract(value, '$[0]'),"
    " json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(:forms)",
    "postgresql": "INSERT INTO word_forms (id, folded, lemma) SELECT CAST(form->>0 AS INTEGER), form->>1, form->>2"
    " FROM json_array_elements(CAST(:forms AS JSON)) AS form",
}


# Ids of forms are never changed; what a transaction that is rolled back gave to forms is to be given again.
_known: WeakKeyDictionary[Engine, dict[str, int]] = WeakKeyDictionary()


@event.listens_for(Engine, "rollback")
@event.listens_for(Engine, "rollback_savepoint")
def _forget(connection: Connection, *_: object) -> None:
    _known.pop(connection.engine, None)


@event.listens_for(Engine, "handle_error")
def _forget_after_error(failed: ExceptionContext) -> None:
    """Of a commit that fails SQLAlchemy tells no rollback, though nothing of the transaction is kept."""
    if failed.engine is not None:
        _known.pop(failed.engine, None)
