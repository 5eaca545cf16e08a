"""Read the search index: which forms there are, where they stand, and what is known of the articles.

What is asked decides what is read: of most articles only the length. How the index is written: `words`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Connection, and_, or_, select

from corpus.inverted import Tokens, bucket_of, lay_out, unpack
from corpus.store.schema import article_topics, word_blocks, word_buckets, word_forms
from corpus.store.words import DTYPES, last_id, listed, new_articles, small_block


class Form(NamedTuple):
    """A word as it stands in articles."""

    id: int
    folded: str
    lemma: str


class Index:
    """The index as it is at the beginning of a search."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        rows = new_articles(connection)
        # The forms of articles that are not numbered yet get numbers of their own for this search.
        pairs = dict.fromkeys(pair for _, of_article in rows for pair in of_article)
        ids = dict(zip(pairs, count(last_id(connection) + 1 if rows else 0)))
        self._new_forms = [Form(number, *pair.split()) for pair, number in ids.items()]
        self._new = small_block(rows, ids)
        self._firsts: dict[int, int] = {}  # block: its first document; new articles come last
        self._size = 0  # how many documents there are

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

    def look_up(self, forms: Collection[Form]) -> tuple[npt.NDArray[np.uint16], Tokens]:
        """The lengths of all documents, and the tokens of these forms."""
        ids = [form.id for form in forms]
        columns = word_blocks.c.block, word_blocks.c.lengths, word_blocks.c.titles, word_blocks.c.words
        lengths, tokens, first = list[bytes](), list[Tokens](), 0
        for row in self._connection.execute(select(*columns).order_by(word_blocks.c.block)):
            self._firsts[row.block] = first
            if row.words is not None:
                tokens.append(lay_out(listed(row.lengths, row.titles, row.words), first=first, of=ids))
            lengths.append(row.lengths)
            first += len(row.lengths) // 2
        new = self._new
        tokens.append(lay_out(listed(new["lengths"], new["titles"], new["words"]), first=first, of=ids))
        tokens.append(self._in_buckets(ids, {bucket_of(form.lemma) for form in forms}))
        self._size = first + len(new["titles"])
        return np.frombuffer(b"".join([*lengths, new["lengths"]]), dtype="<u2"), Tokens.join(tokens)

    def column(self, name: str, documents: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """`article_ids`, `published` or `source_keys` of these documents, which are sorted. After `look_up`."""
        blocks, firsts = list(self._firsts), np.array(list(self._firsts.values()), dtype=np.int64)
        wanted = np.unique(np.searchsorted(firsts, documents, side="right") - 1) if blocks else ()
        statement = select(word_blocks.c.block, word_blocks.c[name])
        statement = statement.where(word_blocks.c.block.in_([blocks[i] for i in wanted]))
        new = np.frombuffer(self._new[name], dtype=DTYPES[name])
        whole = np.zeros(self._size, dtype=np.int64)
        whole[self._size - len(new) :] = new
        for block, data in self._connection.execute(statement):
            values = np.frombuffer(data, dtype=DTYPES[name])
            whole[self._firsts[block] : self._firsts[block] + len(values)] = values
        return whole[documents]

    def _in_buckets(self, ids: Sequence[int], wanted: Collection[int]) -> Tokens:
        if not self._firsts:
            return unpack([], ids)
        statement = select(word_buckets.c.block, word_buckets.c.directory, word_buckets.c.tokens)
        rows = self._connection.execute(statement.where(word_buckets.c.bucket.in_(sorted(wanted))))
        return unpack([(self._firsts[row.block], row.directory, row.tokens) for row in rows], ids)

    def _forms(self, wanted: ColumnElement[bool], *, limit: int | None = None) -> list[Form]:
        statement = select(word_forms.c.id, word_forms.c.folded, word_forms.c.lemma).where(wanted)
        # Sorted here: asked to sort and to stop, SQLite reads all forms by their ids instead of the wanted ones.
        return sorted(Form(*row) for row in self._connection.execute(statement.limit(limit)))


def of_topic(connection: Connection, topic_id: str) -> list[int]:
    """The ids of the articles of a topic."""
    statement = select(article_topics.c.article_id).where(article_topics.c.topic_id == topic_id)
    return list(connection.execute(statement).scalars())
