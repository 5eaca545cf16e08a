"""Shingles and MinHash signatures: how texts are compared without comparing every word.

A shingle is a run of three folded words, as a 64-bit hash; a signature holds the smallest of
its shingles' hashes under 128 permutations (Broder 1997). Two kinds of keys find candidates:
bands (three slots of a signature) find texts that are alike as a whole; sampled shingles (one in
eight, by value: FracMinHash) find what was cut from a text or merged into one.

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

if TYPE_CHECKING:
    from datasketch import LeanMinHash

NUM_PERM = 128
SEED = 1
SHINGLE_WORDS = 3
FOLD_VERSION = 1  # of `corpus.arabic.fold`

# Stored beside every signature; signatures with other settings are refused.
SETTINGS = f"affine32/seed={SEED}/slots={NUM_PERM}/words={SHINGLE_WORDS}/fold={FOLD_VERSION}"

# 42 bands of 3 slots: recall .87 of 21,026 natural reprints alone, at one false candidate an
# article in 30,000; 25 bands of 5, the usual kind of choice, finds .60.
BANDS, ROWS = 42, 3

# Two or more shared of one shingle in eight: recall .98, of copies cut to 30 % .99, of merged ones 1.00.
SAMPLE = 8

# Below 50 words two briefs share most of their shingles through the template alone. Guess: 50.
MIN_WORDS = 50

Hashes = npt.NDArray[np.uint64]
Signature = npt.NDArray[np.uint32]

# Odd constants of SplitMix64 and MurmurHash3, which mix well; any odd numbers would do.
_BASE = 0x9E3779B97F4A7C15
_BASE_INVERSE = pow(_BASE, -1, 1 << 64)
_PLACE = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)


def shingles(folded: str) -> Hashes:
    """The hashes of all runs of three words of a folded text: uint64, sorted, unique; empty below three words.

    The same on every machine and in every process.
    """
    hashes = _word_hashes(folded)
    if len(hashes) < SHINGLE_WORDS:
        return np.empty(0, dtype=np.uint64)
    runs = np.lib.stride_tricks.sliding_window_view(hashes, SHINGLE_WORDS)
    return np.unique(_mix64((runs * _PLACE).sum(axis=1, dtype=np.uint64)))


def signatures(shingle_sets: Sequence[Hashes]) -> npt.NDArray[np.uint32]:
    """The signature of each set of shingles: uint32, shape (len(shingle_sets), NUM_PERM)."""
    a, b = permutations()
    made = np.full((len(shingle_sets), NUM_PERM), np.uint32(0xFFFFFFFF), dtype=np.uint32)
    for i, hashes in enumerate(shingle_sets):
        if len(hashes):
            values = _mix32((hashes >> np.uint64(32)).astype(np.uint32))[:, None] * a
            values += b
            values.min(axis=0, out=made[i])
    return made


def bands(signature: Signature) -> list[int]:
    """42 keys of a signature, signed 64-bit: two signatures share a key where three slots are equal."""
    slots = signature[: BANDS * ROWS].reshape(BANDS, ROWS).astype(np.uint64)
    numbered = (slots * _PLACE).sum(axis=1, dtype=np.uint64) + np.arange(BANDS, dtype=np.uint64)
    return [int(key) for key in _mix64(numbered).view(np.int64)]


def sampled(hashes: Hashes) -> list[int]:
    """The shingles below 2^64 / 8, as signed 64-bit keys: the same sample of whatever text they stand in."""
    return [int(key) for key in hashes[hashes < np.uint64((1 << 64) // SAMPLE)].view(np.int64)]


def jaccard_estimate(a: Signature, b: Signature) -> float:
    """Share of equal slots: an estimate of the Jaccard similarity of the two texts, 0 to 1. Symmetric.

    Standard error sqrt(J(1-J)/NUM_PERM), at most 0.044 (Broder 1997).
    """
    return float(np.mean(a == b))


def pack(values: npt.NDArray[np.uint32] | Hashes) -> bytes:
    """The array as little-endian bytes, as it is stored."""
    return values.astype(values.dtype.newbyteorder("<")).tobytes()


def unpack_signature(data: bytes) -> Signature:
    """A stored signature: uint32, shape (NUM_PERM,). Raises SketchMismatch for one of another length."""
    if len(data) != NUM_PERM * 4:
        raise SketchMismatch(stored=f"{len(data) // 4} slots", ours=SETTINGS)
    return np.frombuffer(data, dtype="<u4").astype(np.uint32)


def unpack_shingles(data: bytes) -> Hashes:
    """Stored shingles: uint64, sorted."""
    return np.frombuffer(data, dtype="<u8").astype(np.uint64)


def as_minhash(data: bytes) -> LeanMinHash:
    """A stored signature as datasketch knows it, to go on with its LSH, forests or set sizes."""
    from datasketch import LeanMinHash

    return LeanMinHash(seed=SEED, hashvalues=unpack_signature(data), scheme="affine32")


@cache
def permutations() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """The 128 permutations h → a·h + b mod 2^32 that datasketch draws; `a` is odd.

    Drawn here, because importing datasketch costs a second and 60 MB in every worker, and
    because what is stored must not change with a library.
    """
    draw = np.random.RandomState(SEED)
    a = draw.randint(0, 1 << 31, NUM_PERM, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return a, draw.randint(0, 1 << 32, NUM_PERM, dtype=np.uint32)


def _word_hashes(folded: str) -> Hashes:
    """A hash of each word: a polynomial in its letters, read off prefix sums over the whole text."""
    codes = np.frombuffer(folded.encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    if not len(codes):
        return np.empty(0, dtype=np.uint64)
    gaps = np.flatnonzero(codes == ord(" "))
    starts, ends = np.concatenate([[0], gaps + 1]), np.concatenate([gaps, [len(codes)]])
    up, down = _powers(len(codes))
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(_mix64(codes) * up, dtype=np.uint64)])
    return _mix64((sums[ends] - sums[starts]) * down[starts] + (ends - starts).astype(np.uint64))


_longest: tuple[Hashes, Hashes] = (np.ones(1, dtype=np.uint64), np.ones(1, dtype=np.uint64))


def _powers(size: int) -> tuple[Hashes, Hashes]:
    """The first `size` powers of the base and of its inverse, modulo 2^64; grown as texts need it."""
    global _longest  # noqa: PLW0603 - a cache that only grows
    if len(_longest[0]) < size:
        steps = np.full(1 << size.bit_length(), _BASE, dtype=np.uint64)
        steps[0] = 1
        inverse = np.full_like(steps, _BASE_INVERSE)
        inverse[0] = 1
        _longest = np.cumprod(steps, dtype=np.uint64), np.cumprod(inverse, dtype=np.uint64)
    return _longest[0][:size], _longest[1]


def _mix64(values: Hashes) -> Hashes:
    """The finaliser of MurmurHash3 for 64 bits: every bit of the result depends on every bit given."""
    values = values ^ (values >> np.uint64(33))
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> np.uint64(33)
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> np.uint64(33)
    return values


def _mix32(values: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The same for 32 bits: what datasketch does to a hash before it permutes it."""
    values = values ^ (values >> np.uint32(16))
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    return values
