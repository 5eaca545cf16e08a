"""The inverted index in arrays: which words stand where, in which article. Pure: `store.words` writes the rows.

Articles are kept in *blocks*, first in small ones as the list of their words. When BLOCK articles have gathered in
those, they become one block whose *tokens* (word, article, position) are sorted by word and cut into BUCKETS rows.
A search reads the buckets of its words from all blocks, and looks through the small ones; both give `Places`.
Nothing is merged further: of a million articles a word has a thousand rows.

Of 250 words an article takes 2.5 KB here; FTS5 took 9 KB of the same words and lemmas, tsvector with GIN 14 KB.
And both databases give the same answers, because what they are asked for is bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

# Small blocks are looked through word by word: 1,024 articles take some 2 ms. More would be cheaper to store
# (the words of a block share rows) and dearer to search.
BLOCK = 1_024

# Words whose lemmas begin with the same letters share a bucket: all forms of a word, and all words that a
# beginning stands for, are read at once. Of three letters there are some 5,000 beginnings in use.
BUCKETS = 4_096
LETTERS = 3

# The title's words are at 0 and on, the body's at BODY and on: no phrase runs from one into the other.
BODY = 64

# Positions are uint16. No news article is that long; of what is, the beginning is found.
MOST_WORDS = 65_535 - BODY

# Of a word in the directory of a row: its number, and how many tokens.
ENTRY_BYTES = 8

UNKNOWN_TIME = np.iinfo(np.int32).min  # before all others: last in "newest first", and within no days


class Bucket(NamedTuple):
    """The tokens of some words in one block, as bytes."""

    bucket: int
    directory: bytes
    tokens: bytes


@dataclass(frozen=True)
class Listed:
    """Articles as lists of words, one after the other: arrays of one item an article, and of one a word."""

    lengths: npt.NDArray[np.uint16]
    titles: npt.NDArray[np.uint8]
    words: npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Tokens:
    """Words at places. Arrays of one shape, in no order."""

    words: npt.NDArray[np.uint32]
    documents: npt.NDArray[np.int64]
    positions: npt.NDArray[np.uint16]


class Places(NamedTuple):
    """Where a word stands. Arrays of one shape, in no order."""

    documents: npt.NDArray[np.int64]
    positions: npt.NDArray[np.uint16]

    def where(self, mask: npt.NDArray[np.bool_]) -> Places:
        """The places for which `mask`, of their shape, holds."""
        return self if mask.all() else Places(self.documents[mask], self.positions[mask])


class Postings:
    """The places of words that were looked up."""

    def __init__(self, listed: Tokens, rows: Sequence[tuple[int, bytes, bytes]]) -> None:
        """From articles that are lists of words, and buckets: (the first document of the block, directory, tokens)."""
        self._listed = listed
        # One entry for each word of each row: how many tokens it has, where they start, and the row's first document.
        directory = np.frombuffer(b"".join([row[1] for row in rows]), dtype="<u4").reshape(-1, 2)
        self._words, self._counts = directory[:, 0], directory[:, 1].astype(np.int64)
        self._starts = np.cumsum(self._counts) - self._counts
        firsts = np.array([row[0] for row in rows], dtype=np.int64)
        self._firsts = np.repeat(firsts, [len(row[1]) // ENTRY_BYTES for row in rows])
        # Each a document, and 16 bits up the position.
        self._tokens = np.frombuffer(b"".join([row[2] for row in rows]), dtype="<u4")
        self._found: dict[frozenset[int], Places] = {}

    def of(self, ids: Collection[int]) -> Places:
        """Where any of these words stands."""
        wanted = frozenset(ids)
        if wanted not in self._found:
            self._found[wanted] = self._places(sorted(wanted))
        return self._found[wanted]

    def _places(self, ids: Sequence[int]) -> Places:
        listed = _among(self._listed.words, ids)
        wanted = np.flatnonzero(_among(self._words, ids))
        lengths = self._counts[wanted]
        # Where the tokens of each entry start, less where they start among the wanted: added to 0, 1, 2 …
        shifts = self._starts[wanted] - (np.cumsum(lengths) - lengths)
        tokens = self._tokens[np.arange(lengths.sum()) + np.repeat(shifts, lengths)]
        documents = (tokens & 0xFFFF) + np.repeat(self._firsts[wanted], lengths)
        return Places(
            np.concatenate([self._listed.documents[listed], documents]),
            np.concatenate([self._listed.positions[listed], (tokens >> 16).astype(np.uint16)]),
        )


def minutes(moment: datetime | None) -> int:
    """A time as the index keeps it."""
    return UNKNOWN_TIME if moment is None else int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() // 60)


def lay_out(listed: Listed, *, first: int = 0, of: Sequence[int] | None = None) -> Tokens:
    """The tokens of articles, the first of which is document number `first`; of all words, or of some."""
    ends = np.cumsum(listed.lengths, dtype=np.int64)
    places = np.arange(len(listed.words)) if of is None else np.flatnonzero(_among(listed.words, of))
    documents = np.searchsorted(ends, places, side="right")
    positions = places - (ends - listed.lengths)[documents]
    titles = np.minimum(listed.titles, BODY - 1)[documents]
    positions = np.where(positions < titles, positions, positions - titles + BODY)
    return Tokens(listed.words[places], documents + first, positions.astype(np.uint16))


def bucket_of(lemma: str) -> int:
    """In which bucket the forms of a lemma are."""
    return crc32(lemma[:LETTERS].encode()) % BUCKETS


def buckets(tokens: Tokens, bucket_of_word: npt.NDArray[np.int64]) -> Iterator[Bucket]:
    """The rows of a block, by bucket; `bucket_of_word` is by word. Within a word the tokens keep their order."""
    order = np.argsort(bucket_of_word[tokens.words] << 32 | tokens.words, kind="stable")
    words = tokens.words[order]
    pairs = np.stack([tokens.documents[order], tokens.positions[order]], axis=1).astype("<u2")
    starts = np.flatnonzero(np.diff(words, prepend=words[:1] + 1))
    directory = np.stack([words[starts], np.diff(starts, append=len(words))], axis=1).astype("<u4")
    numbers = bucket_of_word[directory[:, 0]]
    edges = np.flatnonzero(np.diff(numbers, prepend=-1))
    for at, end in zip(edges.tolist(), [*edges[1:].tolist(), len(directory)], strict=True):
        last = starts[end] if end < len(starts) else len(words)
        yield Bucket(int(numbers[at]), directory[at:end].tobytes(), pairs[starts[at] : last].tobytes())


def without(row: Bucket, documents: npt.NDArray[np.int64]) -> Bucket | None:
    """A bucket's row without the tokens of some documents of its block; None when nothing is left of it.

    The row itself when it has none of them.
    """
    pairs = np.frombuffer(row.tokens, dtype="<u2").reshape(-1, 2)
    kept = ~_among(pairs[:, 0], documents.tolist())
    if kept.all():
        return row
    directory = np.frombuffer(row.directory, dtype="<u4").reshape(-1, 2)
    words = np.repeat(np.arange(len(directory)), directory[:, 1].astype(np.int64))
    counts = np.bincount(words[kept], minlength=len(directory))
    left = np.stack([directory[:, 0], counts], axis=1).astype("<u4")[counts > 0]
    return Bucket(row.bucket, left.tobytes(), pairs[kept].tobytes()) if len(left) else None


def following(words: Sequence[Places], *, within: npt.NDArray[np.bool_]) -> Places:
    """The places of the first word after which the others stand, one after the other, in the documents of a mask."""
    if len(words) > 1:
        within = within.copy()
        for word in words:
            within &= np.bincount(word.documents, minlength=len(within)) > 0
    first, *others = (word.where(within[word.documents]) for word in words)
    places = _in_one(first)
    keep = np.ones(len(places), dtype=np.bool_)
    for distance, later in enumerate(others, start=1):
        sought = np.sort(_in_one(later))
        found = np.searchsorted(sought, places + distance)
        keep &= sought[np.minimum(found, len(sought) - 1)] == places + distance if len(sought) else False
    return first.where(keep)


def _in_one(places: Places) -> npt.NDArray[np.int64]:
    """Document and position as one number."""
    return places.documents << 17 | places.positions


def _among(words: npt.NDArray[np.uint32] | npt.NDArray[np.uint16], ids: Sequence[int]) -> npt.NDArray[np.bool_]:
    # A table is ten times as fast as np.isin, which sorts; ids are small and dense.
    table = np.zeros(max(ids, default=0) + 2, dtype=np.bool_)
    table[list(ids)] = True
    return table[np.minimum(words, len(table) - 1)]
