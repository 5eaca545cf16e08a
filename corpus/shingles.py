"""Shingles: runs of three folded words as 64-bit hashes, one text at a time or many at once.

The two ways give the same hashes (a test holds them together). Many at once is how signatures are rebuilt: letters are
folded by a table and hashed in NumPy, without making a string of any word. How shingles are stored is here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.arabic import fold
from corpus.thresholds import SAMPLE

SHINGLE_WORDS = 3

Hashes = npt.NDArray[np.uint64]
Halves = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.intp]
Counts = npt.NDArray[np.intp]
Codes = npt.NDArray[np.uint16] | npt.NDArray[np.uint32]

# Odd constants of SplitMix64 and MurmurHash3, which mix well; any odd numbers would do.
_BASE = 0x9E3779B97F4A7C15
_BASE_INVERSE = pow(_BASE, -1, 1 << 64)
PLACE = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)

# Six bytes in SQLite rather than eight; at 10 million articles one look-up in 400 meets a key that is equal by chance.
KEY_BITS = 47

# Of 1,700 letters each, so many texts stay in the processor's cache: 200 at once take three times as long for each.
AT_ONCE = 20

# Shingles that meet others in a table (of 290 shingles one or two do) are looked for one by one when they are so few: a
# second table takes as long as the first.
FEW = 8

# As with AT_ONCE, stored shingles are counted so many texts at a time, 70 KB: 200 at once take twice as long.
COUNTED_AT_ONCE = 32

_SPACE = ord(" ")
_PLANE = 1 << 16  # letters of the first plane are folded by a table, others by `fold`
_UNKNOWN, _BY_FOLD, _GONE = 0xFFFF, 0xFFFE, 0  # codes that are no letters


def word_hashes(folded: str) -> Hashes:
    """A hash of each word of a folded text: the same word, the same hash, on every machine and in every process."""
    codes = np.frombuffer(folded.encode("utf-32-le"), dtype="<u4")
    hashes, _ = _hashes_of_codes(codes, np.array([0, len(codes)], dtype=np.intp))
    return hashes


def words_and_shingles(texts: Sequence[str]) -> list[tuple[Hashes, Hashes]]:
    """For each text as it is shown: the hashes of its words in order, and its shingles. Fast for 20 texts and more."""
    made: list[tuple[Hashes, Hashes]] = []
    for first in range(0, len(texts), AT_ONCE):
        words, ends = _hashes_of_codes(*_folded_codes(texts[first : first + AT_ONCE]))
        runs = _runs(words)
        for start, end in pairwise(ends.tolist()):
            own = runs[start : max(start, end - SHINGLE_WORDS + 1)]
            own.sort()
            made.append((words[start:end], _without_repeats(own)))
    return made


def shingles(folded: str) -> Hashes:
    """The shingles of a folded text: uint64, sorted, unique; empty below three words."""
    return of_words(word_hashes(folded))


def of_words(words: Hashes) -> Hashes:
    """The shingles of a text, from the hashes of its words."""
    runs = _runs(words)
    runs.sort()
    return _without_repeats(runs)


def sampled(hashes: Hashes) -> list[int]:
    """The shingles below 2^64 / SAMPLE, as keys of 47 bits: the same sample of whatever text they stand in."""
    chosen = hashes[: np.searchsorted(hashes, np.uint64((1 << 64) // SAMPLE))]
    return list(dict.fromkeys((chosen >> np.uint64(61 - KEY_BITS)).tolist()))


def halves(hashes: Hashes) -> Halves:
    """The upper 32 bits of each shingle: what is compared (two texts meet by chance in one pair of 50,000)."""
    return (hashes >> np.uint64(32)).astype(np.uint32)


def pack(hashes: Hashes) -> bytes:
    """Shingles as they are stored, 4.5 bytes each: their number, their upper halves, the lower ones of the sampled."""
    few = int(np.searchsorted(hashes, np.uint64((1 << 64) // SAMPLE)))
    lower = (hashes[:few] & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    return np.concatenate([np.array([len(hashes)], dtype=np.uint32), halves(hashes), lower]).astype("<u4").tobytes()


def unpack(data: bytes) -> Halves:
    """The upper halves of stored shingles, sorted."""
    stored = np.frombuffer(data, dtype="<u4")
    return stored[1 : 1 + int(stored[0])]


def unpack_sampled(data: bytes) -> list[int]:
    """The keys of the sampled among stored shingles."""
    stored = np.frombuffer(data, dtype="<u4").astype(np.uint64)
    size = 1 + int(stored[0])
    lower = stored[size:]
    return sampled((stored[1 : 1 + len(lower)] << np.uint64(32)) | lower)


def shared(one: Halves, others: Sequence[Halves]) -> list[int]:
    """How many shingles each of the others shares with one; all sorted, none empty."""
    if not others:
        return []
    starts = np.cumsum([0, *map(len, others[:-1])])
    counts: list[int] = _counts(_among(_tables(one), np.concatenate(others)), starts).tolist()
    return counts


def shared_with_stored(one: Halves, others: Sequence[bytes]) -> tuple[Counts, Counts]:
    """Of each of the others, as `pack` made them: how many shingles it shares with one; and how many it has."""
    tables = _tables(one)
    shared, sizes = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    for first in range(0, len(others), COUNTED_AT_ONCE):
        part = others[first : first + COUNTED_AT_ONCE]
        stored = np.frombuffer(b"".join([*part, bytes(4)]), dtype="<u4")  # what is behind the last ends somewhere
        starts = np.cumsum([0, *(len(other) // stored.itemsize for other in part[:-1])])
        sizes.append(stored[starts].astype(np.intp))
        # Before the shingles stands their number, behind them what is no shingle.
        edges = np.column_stack([starts + 1, starts + 1 + sizes[-1]]).ravel()
        shared.append(_counts(_among(tables, stored), edges)[::2])
    return np.concatenate(shared), np.concatenate(sizes)


def mix64(values: Hashes) -> Hashes:
    """The finaliser of MurmurHash3 for 64 bits: every bit of the result depends on every bit given."""
    values = values ^ (values >> np.uint64(33))
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> np.uint64(33)
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> np.uint64(33)
    return values


class _Tables(NamedTuple):
    """Where the shingles of a text are found: in tables by the upper half of their bits, and a few by themselves."""

    tables: list[Halves]
    few: list[np.uint32]


def _tables(one: Halves) -> _Tables:
    tables: list[Halves] = []
    while len(one) > FEW or (len(one) and not tables):
        table = np.zeros(1 << 16, dtype=np.uint32)
        table[0] = 1 << 16  # stands elsewhere: 0 is a shingle only where it is put
        places = one >> np.uint32(16)
        table[places] = one
        tables.append(table)
        one = one[table[places] != one]
    return _Tables(tables, list(one))


def _among(one: _Tables, others: Halves) -> npt.NDArray[np.bool_]:
    """Which of the others are among one's shingles: a sixth of the time of a search in sorted shingles."""
    places = others >> np.uint32(16)
    there = np.zeros(len(others), dtype=np.bool_)
    for table in one.tables:
        there |= table.take(places) == others
    for shingle in one.few:
        there |= others == shingle
    return there


def _counts(there: npt.NDArray[np.bool_], starts: Counts) -> Counts:
    """How many are there from each start to the next; none of these is empty."""
    return np.add.reduceat(there, starts, dtype=np.intp)


def _runs(words: Hashes) -> Hashes:
    """The hash of each three neighbours."""
    if len(words) < SHINGLE_WORDS:
        return np.empty(0, dtype=np.uint64)
    runs = words[:-2] * PLACE[0]
    runs += words[1:-1] * PLACE[1]
    runs += words[2:] * PLACE[2]
    return mix64(runs)


def _without_repeats(ordered: Hashes) -> Hashes:
    new = np.empty(len(ordered), dtype=np.bool_)
    new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def _hashes_of_codes(codes: Codes, ends: Offsets) -> tuple[Hashes, Offsets]:
    """A hash of each word, a polynomial in its letters read off prefix sums; and where each text's words end.

    `codes` are folded letters and spaces; `ends` where each text begins and the last ends.
    """
    is_letter = np.zeros(len(codes) + 2, dtype=np.bool_)
    np.not_equal(codes, _SPACE, out=is_letter[1:-1])
    edges = np.flatnonzero(is_letter[1:] != is_letter[:-1])
    starts, stops = edges[::2], edges[1::2]
    if not len(starts):
        return np.empty(0, dtype=np.uint64), np.zeros(len(ends), dtype=np.intp)
    up, down = _powers(len(codes) + 1)
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(_mixed(codes) * up[: len(codes)], out=sums[1:])
    hashes = mix64((sums[stops] - sums[starts]) * down[starts] + (stops - starts).astype(np.uint64))
    return hashes, np.searchsorted(starts, ends)


def _folded_codes(texts: Sequence[str]) -> tuple[Codes, Offsets]:
    """The letters of all texts, folded, each text followed by a space; and where each begins and the last ends."""
    codes, folded, ends = _by_table(texts)
    by_fold = np.flatnonzero(folded == _BY_FOLD)
    if len(by_fold):
        # A ligature, or a letter beyond the first plane: of these texts `fold` makes one letter a letter.
        there = set(np.searchsorted(ends, by_fold, side="right").tolist())
        texts = [fold(one) if place in there else one for place, one in enumerate(texts, start=1)]
        codes, folded, ends = _by_table(texts)
        folded = np.where(folded == _BY_FOLD, codes, folded)
    gone = np.flatnonzero(folded == _GONE)
    return (folded[folded != _GONE], ends - np.searchsorted(gone, ends)) if len(gone) else (folded, ends)


def _by_table(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint32], Codes, Offsets]:
    """The letters of all texts, what becomes of each, and where each text begins and the last ends."""
    codes = np.frombuffer(" ".join([*texts, ""]).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    folded = _table.take(codes, mode="clip")
    if folded.max(initial=0) == _UNKNOWN:
        _learn(np.unique(codes[folded == _UNKNOWN]))
        folded = _table.take(codes, mode="clip")
    return codes, folded, np.cumsum([0, *(len(one) + 1 for one in texts)])


_table = np.full(_PLANE, _UNKNOWN, dtype=np.uint16)
_table[_PLANE - 1] = _BY_FOLD  # the last of the plane stands for all letters beyond it


def _learn(codes: Iterable[int]) -> None:
    """Ask `fold` once what becomes of each of these characters."""
    for code in codes:
        if code < _PLANE - 1:
            between = fold(f"a{chr(code)}a")
            inside = between[1:-1]
            lone = len(inside) == 1 and ord(inside) < _BY_FOLD
            _table[code] = _GONE if not inside else ord(inside) if lone else _BY_FOLD


_mixed_plane: Hashes = mix64(np.arange(_PLANE, dtype=np.uint64))


def _mixed(codes: Codes) -> Hashes:
    if codes.max(initial=0) < _PLANE:
        return _mixed_plane.take(codes)
    return mix64(codes.astype(np.uint64))


_longest: tuple[Hashes, Hashes] = (np.ones(1, dtype=np.uint64), np.ones(1, dtype=np.uint64))


def _powers(size: int) -> tuple[Hashes, Hashes]:
    """At least `size` powers of the base and of its inverse, modulo 2^64; grown as texts need it."""
    global _longest  # noqa: PLW0603 - a cache that only grows
    if len(_longest[0]) < size:
        steps = np.full(1 << size.bit_length(), _BASE, dtype=np.uint64)
        steps[0] = 1
        inverse = np.full_like(steps, _BASE_INVERSE)
        inverse[0] = 1
        _longest = np.cumprod(steps, dtype=np.uint64), np.cumprod(inverse, dtype=np.uint64)
    return _longest
