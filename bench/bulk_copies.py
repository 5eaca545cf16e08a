"""Texts and their keys into a collection by the hundred thousand, without articles: for measuring the index.

The rows are those that `corpus.copies.enter` writes; a test compares both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import islice

import numpy as np
from sqlalchemy import Table, func, select

from corpus import copies, shingles
from corpus.signature import SETTINGS, pack, signatures
from corpus.sketch import TextSketch
from corpus.store import Connection, texts
from corpus.store.columns import among
from corpus.store.database import Database
from corpus.store.schema import bands, samples
from corpus.thresholds import MAX_CANDIDATES, TEXTS_A_KEY

BATCH = 2_000
DATE = datetime(2025, 8, 15, tzinfo=UTC)

# Shingles of an article of median length (of the Saudi set), and how much of them a copy shares (guess).
SHINGLES = 218
COPIES, SHARED = 0.10, 0.75


def made_up(count: int, *, seed: int = 0) -> Iterator[TextSketch]:
    """Sketches of texts that nobody wrote: random shingles, a tenth of them copies of a recent one."""
    draw = np.random.default_rng(seed)
    recent: list[shingles.Hashes] = []
    for first in range(0, count, BATCH):
        sets = []
        for _ in range(min(BATCH, count - first)):
            own = draw.integers(0, 1 << 64, SHINGLES, dtype=np.uint64)
            if recent and draw.random() < COPIES:
                other = recent[draw.integers(len(recent))]
                own[: int(SHARED * SHINGLES)] = other[draw.permutation(len(other))[: int(SHARED * SHINGLES)]]
            sets.append(np.unique(own))
            recent = [*recent[-400:], sets[-1]]
        for made, signature in zip(sets, signatures(sets), strict=True):
            yield TextSketch(
                text_hash=blake2b(made.tobytes(), digest_size=16).digest(), shingles=made, signature=signature
            )


def write(database: Database, sketches: Sequence[TextSketch], *, at_once: int = 64) -> int:
    """Store texts and keys as `copies.enter` does, a crawl's transaction at a time; returns how many there were."""
    for first in range(0, len(sketches), at_once):
        with database.writing() as connection:
            for one in sketches[first : first + at_once]:
                text_id = _add(connection, one, _scheme(connection, one.text_hash))
                keys = copies.keys_of(one)
                met = texts.meet(connection, keys, limit=MAX_CANDIDATES)
                texts.add_keys(connection, text_id, keys, crowded=met.crowded)
    return len(sketches)


def load(database: Database, sketches: Iterable[TextSketch]) -> int:
    """Store texts and keys in batches sorted by key, as fast as the driver goes; returns how many there were."""
    left, stored = iter(sketches), 0
    while batch := list(islice(left, BATCH)):
        with database.writing() as connection:
            scheme_id = _scheme(connection, b"")
            ids = [_add(connection, one, scheme_id) for one in batch]
            keys = [copies.keys_of(one) for one in batch]
            _insert(connection, bands, ids, [one.bands for one in keys])
            _insert(connection, samples, ids, [one.samples for one in keys])
        stored += len(batch)
    return stored


def _insert(connection: Connection, table: Table, ids: Sequence[int], keys: Sequence[Collection[int]]) -> None:
    """Store the keys of each text that no TEXTS_A_KEY earlier ones have."""
    wanted = {"keys": [key for some in keys for key in some]}
    statement = select(table.c.key, func.count()).where(among(table.c.key, "keys")).group_by(table.c.key)
    standing = Counter(dict(connection.execute(statement, wanted).all()))
    rows = []
    for text_id, some in zip(ids, keys, strict=True):
        for key in some:
            if standing[key] < TEXTS_A_KEY:
                standing[key] += 1
                rows.append((key, text_id))
    texts.insert_keys(connection, table, rows)


def _scheme(connection: Connection, text_hash: bytes) -> int:
    in_use, _ = texts.schemes_and_text(connection, text_hash)
    return in_use.get(SETTINGS) or texts.add_scheme(connection, SETTINGS)


def _add(connection: Connection, one: TextSketch, scheme_id: int) -> int:
    return texts.add(
        connection,
        text_hash=one.text_hash,
        scheme_id=scheme_id,
        signature=pack(one.signature),
        shingles=shingles.pack(one.shingles),
        published_by=DATE,
    )
