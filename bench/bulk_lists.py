"""Made-up articles into a collection's similar lists by the million: vectors are drawn, no text is written or analysed.

The terms of an article are those that the analyser finds in its text, but for one in some thousand, because each word
of the vocabulary is analysed once, when it first comes; a test compares both. Copies are not looked for, and no words
are stored for search. Articles with texts: `bench.bulk`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, insert, select

from bench.bulk import NOTHING
from corpus.near_copy import latest
from corpus.shingles import mix64
from corpus.similar_lists import minutes
from corpus.store import Connection, articles, lists
from corpus.store.articles import Place
from corpus.store.database import Database
from corpus.store.lists import StoredSubject
from corpus.store.schema import articles as articles_table
from corpus.store.schema import texts as texts_table
from corpus.terms import BODY_WORDS, analyse
from corpus.types import Article
from corpus.vector import TERM, Keys, Vector, pack, term_key

BATCH = 2_000

WORD = np.dtype([("known", "?"), ("is_term", "?"), ("key", "i8"), ("is_number", "?"), ("number", "<u4")])


class Drawn(NamedTuple):
    """An article without its text, and the numbers of the words of its title and body."""

    article: Article
    title: Keys
    body: Keys


class Vocabulary:
    """What the analyser makes of the words behind numbers."""

    def __init__(self, word: Callable[[int], str], *, analysed: int) -> None:
        """Words from number `analysed` on come once or twice in all, and what they are is drawn, too."""
        self._word, self._analysed = word, analysed
        self._words = np.zeros(0, dtype=WORD)

    def vector(self, title: Keys, body: Keys) -> tuple[Vector, str]:
        """What `corpus.sketch` makes of a text of these words, not weighed yet, and its terms, a line each."""
        ids = np.concatenate([title, body[:BODY_WORDS]])
        words = self._known(ids)
        told = words["is_term"]
        keys, first, places = np.unique(words["key"][told], return_index=True, return_inverse=True)
        in_title = int(told[: len(title)].sum())
        terms = np.zeros(len(keys), dtype=TERM)
        terms["key"] = keys
        terms["in_title"] = np.minimum(np.bincount(places[:in_title], minlength=len(keys)), 255)
        terms["in_body"] = np.minimum(np.bincount(places[in_title:], minlength=len(keys)), 255)
        return Vector(terms), "\n".join([self._word(one) for one in ids[told][first].tolist()])

    def numbers(self, body: Keys) -> npt.NDArray[np.uint32]:
        """The numbers of a text, as they are compared."""
        words = self._known(body)
        found: npt.NDArray[np.uint32] = np.unique(words["number"][words["is_number"]])
        return found

    def _known(self, ids: Keys) -> npt.NDArray[np.void]:
        missing = int(ids.max(initial=-1)) + 1 - len(self._words)
        if missing > 0:
            self._words = np.concatenate([self._words, np.zeros(2 * missing, self._words.dtype)])
        unknown = np.unique(ids[~self._words["known"][ids]])
        if len(unknown):
            self._learn(unknown)
        return self._words[ids]

    def _learn(self, ids: Keys) -> None:
        self._words["known"][ids] = True
        rare = ids[ids >= self._analysed]
        self._words["is_term"][rare] = True
        self._words["key"][rare] = mix64(rare.astype(np.uint64)).astype(np.int64)
        for one in ids[ids < self._analysed].tolist():
            found = analyse("", self._word(one))
            if found.terms:
                self._words["is_term"][one], self._words["key"][one] = True, term_key(found.terms[0].lemma)
            if found.numbers:
                number = zlib.crc32(found.numbers[0].encode())
                self._words["is_number"][one], self._words["number"][one] = True, number


def load(database: Database, some: Iterable[Drawn], vocabulary: Vocabulary) -> None:
    """Store articles with what is compared of them, not yet weighed: `corpus.similar_lists.renew` goes on."""
    left = iter(some)
    while batch := list(islice(left, BATCH)):
        with database.writing() as connection:
            _add(connection, batch, vocabulary)


def _add(connection: Connection, batch: list[Drawn], vocabulary: Vocabulary) -> None:
    text_id = connection.execute(select(func.max(texts_table.c.id))).scalar() or 0
    article_id = connection.execute(select(func.max(articles_table.c.id))).scalar() or 0
    texts, rows, subjects = [], [], []
    for article, title, body in batch:
        text_id, article_id = text_id + 1, article_id + 1
        vector, surfaces = vocabulary.vector(title, body)
        published_by = latest(article.published_at, article.published_precision)
        place = Place(text_id=text_id, copy_group=text_id, published_by=published_by)
        texts.append({"id": text_id, "published_by": published_by})
        rows.append({"id": article_id, **articles.row_of(article, NOTHING, place)})
        subject = StoredSubject(
            article_id=article_id,
            copy_group=text_id,
            stands=1,
            published=minutes(article.published_at),
            tie=zlib.crc32(article.url.encode()),
            numbers=vocabulary.numbers(body).tobytes(),
            vector=pack(vector),
        )
        subjects.append((subject, surfaces))
    connection.execute(insert(texts_table), texts)
    connection.execute(insert(articles_table), rows)
    lists.add_subjects(connection, subjects)
