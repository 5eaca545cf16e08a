"""Read the search index: which forms there are, where they stand, and what is known of the articles.

What is asked decides what is read: of most articles only the length. How the index is written: `words`.
Statements go straight to the driver: of SQLAlchemy's, a search took as long as of the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from corpus.inverted import BODY, MOST_WORDS, Postings, bucket_of, lay_out
from corpus.store import raw
from corpus.store.words import DTYPES, last_id, listed

# Stands for the words of new articles that are not looked for.
NOT_ASKED = np.iinfo(np.uint32).max

# In the place of a block's number: the new articles.
NEW = -1

# Words that begin alike are below the beginning with this behind it.
LAST = "\U0010ffff"


ColumnName = Literal["article_ids", "published", "source_keys"]


class Form(NamedTuple):
    """A word as it stands in articles."""

    id: int
    folded: str
    lemma: str


class Index:
    """The index as it is at the beginning of a search."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._new = _NewArticles(connection)
        self._firsts: dict[int, int] = {}  # block: its first document; new articles come last
        self._size = 0  # how many documents there are

    def forms_of(self, *, folded: Collection[str] = (), lemmas: Collection[str] = ()) -> list[Form]:
        """The forms that are written so, and those of these lemmas."""
        if not folded and not lemmas:
            return []
        found = {
            *raw.rows_among(self._connection, f"{_FORMS} folded", folded),
            *raw.rows_among(self._connection, f"{_FORMS} lemma", lemmas),
        }
        return [*(Form(*row) for row in sorted(found)), *self._new.forms_of(folded, lemmas)]

    def forms_beginning(self, beginnings: Collection[str], *, limit: int) -> list[Form]:
        """Up to `limit` forms that begin in one of these ways."""
        starts = tuple(beginnings)
        ranges = " OR ".join(f"folded >= :first{i} AND folded < :last{i}" for i in range(len(starts)))
        values: dict[str, str | int] = {f"first{i}": start for i, start in enumerate(starts)}
        values |= {f"last{i}": start + LAST for i, start in enumerate(starts)}
        found = raw.rows(self._connection, f"{_FORMS} {ranges} LIMIT :limit", {**values, "limit": limit})
        return [*(Form(*row) for row in sorted(found)), *self._new.forms_beginning(starts)][:limit]

    def look_up(self, forms: Collection[Form]) -> tuple[npt.NDArray[np.uint16], Postings]:
        """The lengths of all documents, and where these forms stand."""
        ids = [form.id for form in forms]
        large = raw.rows(self._connection, _LARGE_BLOCKS)
        # Small blocks come after all large ones: these are made of all that there are.
        small = raw.rows(self._connection, _SMALL_BLOCKS)
        for block, lengths, *_ in [*large, *small]:
            self._firsts[block] = self._size
            self._size += len(lengths) // 2
        listed_from = self._firsts[small[0][0]] if small else self._size
        self._size += len(self._new.rows)
        block_lengths = b"".join(row[1] for row in large)
        lengths = b"".join(row[1] for row in small) + self._new.lengths
        titles = b"".join(row[2] for row in small) + self._new.titles
        words = b"".join(row[3] for row in small) + self._new.ids.tobytes()
        in_lists = lay_out(listed(lengths, titles, words), first=listed_from, of=ids)
        rows = raw.rows_among(self._connection, _BUCKETS, sorted({bucket_of(form.lemma) for form in forms}))
        in_buckets = [(self._firsts[block], directory, tokens) for block, directory, tokens in rows]
        return np.frombuffer(block_lengths + lengths, dtype="<u2"), Postings(in_lists, in_buckets)

    def column(self, name: ColumnName, documents: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """What is known of these documents, which are sorted. After `look_up`."""
        return self.columns([name], documents)[0]

    def columns(self, names: Sequence[ColumnName], documents: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
        """Several things that are known of these documents."""
        firsts = np.array([*self._firsts.values(), self._size - len(self._new.rows)], dtype=np.int64)
        wanted, part = np.unique(np.searchsorted(firsts, documents, side="right") - 1, return_inverse=True)
        numbers = [*self._firsts, NEW]
        here = [numbers[i] for i in wanted.tolist()]
        statement = f"SELECT block, {', '.join(names)} FROM word_blocks WHERE block"  # noqa: S608 - names of our own
        packed = {block: data for block, *data in raw.rows_among(self._connection, statement, here)}
        packed[NEW] = [self._new.column(name) for name in names]
        found = []
        for i, name in enumerate(names):
            parts = [np.frombuffer(packed[block][i], dtype=DTYPES[name]) for block in here]
            starts = np.cumsum([0, *map(len, parts)])
            places = documents - (firsts[wanted] - starts[:-1])[part]
            found.append(np.concatenate([np.empty(0, np.int64), *parts])[places])
        return found


class _NewArticles:
    """Articles whose words are not numbered yet: what is looked for of them gets numbers of its own for one search."""

    def __init__(self, connection: Connection) -> None:
        self.rows = raw.rows(connection, _NEW_ARTICLES)
        self._folded, self._lemmas, lengths = list[str](), list[str](), list[int]()
        for row in self.rows:
            folded, lemmas = row[4].split(), row[5].split()
            lengths.append(min(len(folded), len(lemmas), MOST_WORDS))
            self._folded += folded[: lengths[-1]]
            self._lemmas += lemmas[: lengths[-1]]
        self.ids = np.full(len(self._folded), NOT_ASKED, dtype="<u4")
        self.lengths = np.array(lengths, dtype=DTYPES["lengths"]).tobytes()
        self.titles = np.array([min(row[1], BODY) for row in self.rows], dtype=DTYPES["titles"]).tobytes()
        self._next = last_id(connection) + 1 if self.rows else 0
        self._forms: dict[tuple[str, str], Form] = {}

    def forms_of(self, folded: Collection[str], lemmas: Collection[str]) -> list[Form]:
        """The forms that are written so, and those of these lemmas."""
        found = set[int]()
        for wanted, words in ((folded, self._folded), (lemmas, self._lemmas)):
            if here := set(words).intersection(wanted):  # mostly empty
                found.update(place for place, word in enumerate(words) if word in here)
        return self._number(sorted(found))

    def forms_beginning(self, starts: tuple[str, ...]) -> list[Form]:
        """The forms that begin in one of these ways."""
        return self._number(place for place, word in enumerate(self._folded) if word.startswith(starts))

    def _number(self, places: Iterable[int]) -> list[Form]:
        """The forms that stand at these places, numbered."""
        found = dict[tuple[str, str], Form]()
        for place in places:
            pair = self._folded[place], self._lemmas[place]
            found[pair] = self._forms.setdefault(pair, Form(self._next + len(self._forms), *pair))
            self.ids[place] = found[pair].id
        return list(found.values())

    def column(self, name: ColumnName) -> bytes:
        """What is known of each, as blocks have it."""
        at = {"article_ids": 0, "published": 2, "source_keys": 3}[name]
        return np.array([row[at] for row in self.rows], dtype=DTYPES[name]).tobytes()


_FORMS = "SELECT id, folded, lemma FROM word_forms WHERE"
_LARGE_BLOCKS = "SELECT block, lengths FROM word_blocks WHERE words IS NULL ORDER BY block"
_SMALL_BLOCKS = "SELECT block, lengths, titles, words FROM word_blocks WHERE words IS NOT NULL ORDER BY block"
_BUCKETS = "SELECT block, directory, tokens FROM word_buckets WHERE bucket"
_NEW_ARTICLES = (
    "SELECT article_id, title_words, published, source_key, folded, lemmas FROM new_words ORDER BY article_id"
)
