"""MinHash signatures: how texts are compared without comparing every word.

A signature holds the smallest of a text's shingles' hashes under 128 permutations (Broder 1997). Two kinds of
keys find candidates: sampled shingles (one in eight, by value: FracMinHash; see `shingles`) find what is alike as a
whole, was cut from a text or merged into one; bands (three slots of a signature) find texts that have few of those.

Bit-identical to `datasketch.MinHash(num_perm=128, seed=1, scheme="affine32").update_batch` over the upper
32 bits of the hashes (a test holds them together), and some fifty times as fast as `update`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corpus.errors import SketchMismatch
from corpus.shingles import KEY_BITS, PLACE, SHINGLE_WORDS, Hashes, halves, mix64
from corpus.thresholds import BANDS, ROWS

if TYPE_CHECKING:
    from datasketch import LeanMinHash

NUM_PERM = 128
SEED = 1
FOLD_VERSION = 2  # of `corpus.arabic.fold`

# Stored beside every signature; signatures with other settings are refused.
SETTINGS = f"affine32/seed={SEED}/slots={NUM_PERM}/words={SHINGLE_WORDS}/fold={FOLD_VERSION}"

Signature = npt.NDArray[np.uint32]

# Shingles that are permuted together: with both tables 0.7 MB, which a processor's cache holds.
ROWS_AT_ONCE = 512


def signatures(shingle_sets: Sequence[Hashes]) -> npt.NDArray[np.uint32]:
    """The signature of each set of shingles: uint32, shape (len(shingle_sets), NUM_PERM)."""
    made = np.full((len(shingle_sets), NUM_PERM), np.uint32(0xFFFFFFFF), dtype=np.uint32)
    if not any(map(len, shingle_sets)):
        return made
    hashes = _mix32(halves(np.concatenate(shingle_sets)))
    a, b = _rows_of_permutations()
    room = np.empty_like(a)
    least = np.empty(NUM_PERM, dtype=np.uint32)
    start = 0
    for i, size in enumerate(map(len, shingle_sets)):
        for first in range(start, start + size, ROWS_AT_ONCE):
            rows = min(ROWS_AT_ONCE, start + size - first)
            values = room[:rows]
            values[:] = hashes[first : first + rows, None]
            values *= a[:rows]
            values += b[:rows]
            np.minimum(made[i], values.min(axis=0, out=least), out=made[i])
        start += size
    return made


def bands(signature: Signature) -> list[int]:
    """42 keys of a signature, of 47 bits: two signatures share a key where three slots are equal."""
    return bands_of_all([signature])[0]


def bands_of_all(some: Sequence[Signature]) -> list[list[int]]:
    """The same of each of many signatures: in a tenth of the time."""
    slots = np.array(some)[:, : BANDS * ROWS].reshape(len(some), BANDS, ROWS).astype(np.uint64)
    numbered = (slots * PLACE).sum(axis=2, dtype=np.uint64) + np.arange(BANDS, dtype=np.uint64)
    keys: list[list[int]] = (mix64(numbered) >> np.uint64(64 - KEY_BITS)).tolist()
    return keys


def pack(signature: Signature) -> bytes:
    """The signature as little-endian bytes, as it is stored."""
    return signature.astype("<u4").tobytes()


def unpack(data: bytes) -> Signature:
    """A stored signature: uint32, shape (NUM_PERM,). Raises SketchMismatch for one of another length."""
    if len(data) != NUM_PERM * 4:
        raise SketchMismatch(stored=f"{len(data) // 4} slots", ours=SETTINGS)
    return np.frombuffer(data, dtype="<u4").astype(np.uint32)


def as_minhash(data: bytes) -> LeanMinHash:
    """A stored signature as datasketch knows it, to go on with its LSH, forests or set sizes."""
    from datasketch import LeanMinHash

    return LeanMinHash(seed=SEED, hashvalues=unpack(data), scheme="affine32")


@cache
def permutations() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """The 128 permutations h → a·h + b mod 2^32 that datasketch draws; `a` is odd.

    Drawn here, because importing datasketch costs a second and 60 MB in every worker, and
    because what is stored must not change with a library.
    """
    draw = np.random.RandomState(SEED)
    a = draw.randint(0, 1 << 31, NUM_PERM, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return a, draw.randint(0, 1 << 32, NUM_PERM, dtype=np.uint32)


@cache
def _rows_of_permutations() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """The same, ROWS_AT_ONCE times each: arrays of one shape are multiplied a quarter faster than rows by a row."""
    a, b = permutations()
    return np.tile(a, (ROWS_AT_ONCE, 1)), np.tile(b, (ROWS_AT_ONCE, 1))


def _mix32(values: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The finaliser of MurmurHash3 for 32 bits: what datasketch does to a hash before it permutes it."""
    values = values ^ (values >> np.uint32(16))
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    return values
