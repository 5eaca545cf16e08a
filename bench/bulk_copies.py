"""Texts and their keys into a collection by the hundred thousand, without articles: for measuring the index.

The rows are those that `corpus.copies.Entering` writes; a test compares both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b

import numpy as np

from corpus import copies, shingles
from corpus.signature import SETTINGS, pack, signatures
from corpus.sketch import TextSketch
from corpus.store import texts
from corpus.store.database import Database
from corpus.store.text_keys import KeyCache, Limits
from corpus.store.texts import NewText
from corpus.thresholds import MAX_CANDIDATES

BATCH = 2_000
DATE = datetime(2025, 8, 15, tzinfo=UTC)

# Shingles of an article (of the Saudi set in the median), how lengths differ, and how much of them a copy shares.
SHINGLES, SPREAD = 218, 0.6
FEWEST, MOST = 48, 2_000
COPIES, SHARED = 0.10, 0.75


def made_up(count: int, *, seed: int = 0) -> Iterator[TextSketch]:
    """Sketches of texts that nobody wrote: random shingles, a tenth of them copies of a recent one."""
    draw = np.random.default_rng(seed)
    recent: list[shingles.Hashes] = []
    for first in range(0, count, BATCH):
        sets = []
        for _ in range(min(BATCH, count - first)):
            size = int(np.clip(draw.lognormal(np.log(SHINGLES), SPREAD), FEWEST, MOST))
            own = draw.integers(0, 1 << 64, size, dtype=np.uint64)
            if recent and draw.random() < COPIES:
                other = recent[draw.integers(len(recent))]
                own = np.concatenate([draw.permutation(other)[: int(SHARED * len(other))], own[: len(other) // 4]])
            sets.append(np.unique(own))
            recent = [*recent[-400:], sets[-1]]
        for made, signature in zip(sets, signatures(sets), strict=True):
            yield TextSketch(
                text_hash=blake2b(made.tobytes(), digest_size=16).digest(), shingles=made, signature=signature
            )


def write(database: Database, sketches: Sequence[TextSketch], *, at_once: int = 64) -> int:
    """Store texts and keys as `copies.Entering` does, a crawl's transaction at a time; returns how many there were."""
    for first in range(0, len(sketches), at_once):
        some = sketches[first : first + at_once]
        with database.writing() as connection:
            keys_of_each = [copies.keys_of(one) for one in some]
            cache = KeyCache(connection, keys_of_each)
            for one, keys in zip(some, keys_of_each, strict=True):
                schemes, _ = texts.schemes_and_text(connection, one.text_hash)
                cache.meet(keys, Limits(MAX_CANDIDATES))
                new = NewText(
                    text_hash=one.text_hash,
                    signature=pack(one.signature),
                    shingles=shingles.pack(one.shingles),
                    published_by=DATE,
                )
                scheme_id = schemes.get(SETTINGS) or texts.add_scheme(connection, SETTINGS)
                text_id = texts.add(connection, new, scheme_id=scheme_id)
                cache.add(text_id, keys)
            cache.store()
    return len(sketches)


def load(database: Database, sketches: Sequence[TextSketch]) -> int:
    """Store texts and keys in one transaction, as a rebuild does; returns how many there were."""
    with database.writing() as connection:
        return len(copies.add_texts(connection, [(one, DATE) for one in sketches]))
