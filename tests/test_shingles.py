"""Shingles: what one is, the same one at a time and many at once, how they are sampled and stored."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.arabic import fold
from corpus.shingles import (
    COUNTED_AT_ONCE,
    FEW,
    KEY_BITS,
    halves,
    pack,
    sampled,
    shared,
    shared_with_stored,
    shingles,
    unpack,
    unpack_sampled,
    word_hashes,
    words_and_shingles,
)
from corpus.thresholds import SAMPLE

FOLDED = "وصل الرييسان صباح الجمعه الي القاعده العسكريه في انكوريج"
HASHES = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=200, unique=True)

# Marks, ligatures, digits of three hands, letters beyond the first plane, separators, nothing.
ODD = [
    "",
    "،؛",
    "قِمَّةُ ألاسكا",
    "صلى الله عليه ﷺ وسلم",
    "٢٠٢٥ ۲۰۲۵ 2025",
    "𐤀𐤁 حرف 𐤂",
    "سطر\nسطر\u2028سطر\x1eسطر",
    "İstanbul ﬁne ½",
    "ـــ",
]


def numbered(first: int, last: int) -> str:
    """A text of its own words: one shingle for each three neighbours."""
    return " ".join(f"كلمه{number}" for number in range(first, last))


def test_a_shingle_is_a_run_of_three_words() -> None:
    assert len(shingles("قمه الاسكا انتهت")) == 1
    assert len(shingles("قمه الاسكا انتهت امس")) == 2
    assert len(shingles(FOLDED)) == len(FOLDED.split()) - 2


def test_a_run_that_comes_again_is_one_shingle() -> None:
    assert len(shingles("قمه الاسكا انتهت قمه الاسكا انتهت")) == 3


def test_a_shingle_is_the_same_wherever_it_stands() -> None:
    run = shingles("الي القاعده العسكريه")

    assert run[0] in shingles(FOLDED)
    assert run[0] in shingles(numbered(0, 3000) + " الي القاعده العسكريه " + numbered(3000, 3005))


@pytest.mark.parametrize("other", ["الاسكا قمه انتهت", "قمه الاسكا انتهي", "قمها لاسكا انتهت", "قمه الا سكا"])
def test_other_words_another_order_or_other_gaps_are_another_shingle(other: str) -> None:
    assert shingles(other).tolist() != shingles("قمه الاسكا انتهت").tolist()


@pytest.mark.parametrize("folded", ["", "قمه", "قمه الاسكا"])
def test_a_text_of_fewer_than_three_words_has_no_shingles(folded: str) -> None:
    assert len(shingles(folded)) == 0


def test_shingles_are_sorted_and_unique() -> None:
    hashes = shingles(numbered(0, 300) + " " + numbered(0, 300))

    assert hashes.dtype == np.uint64
    assert (np.diff(hashes.astype(object)) > 0).all()


def test_shingles_are_the_same_in_every_process() -> None:
    program = f"from corpus.shingles import shingles; print(*shingles({FOLDED!r}))"

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert [int(value) for value in printed.split()] == shingles(FOLDED).tolist()


def test_one_shingle_in_eight_is_sampled_by_its_value() -> None:
    whole, part = shingles(numbered(0, 4000)), shingles(numbered(1000, 2000))

    of_whole, of_part = set(sampled(whole)), set(sampled(part))

    assert len(of_whole) == pytest.approx(len(whole) / SAMPLE, rel=0.2)
    assert of_part
    assert of_part < of_whole


def test_texts_together_give_what_each_gives_alone() -> None:
    texts = [*ODD, *(numbered(n, n * 7) for n in range(1, 40)), *ODD]

    together = words_and_shingles(texts)

    for text, (words, made) in zip(texts, together, strict=True):
        assert words.tolist() == word_hashes(fold(text)).tolist(), text
        assert made.tolist() == shingles(fold(text)).tolist(), text


@given(st.lists(st.text(max_size=60), min_size=1, max_size=40))
@settings(max_examples=50)
def test_any_texts_together_give_what_each_gives_alone(texts: list[str]) -> None:
    assert [made.tolist() for _, made in words_and_shingles(texts)] == [shingles(fold(one)).tolist() for one in texts]


def test_sampled_keys_have_47_bits() -> None:
    keys = sampled(shingles(numbered(0, 4000)))

    assert len(keys) == len(set(keys))
    assert all(0 <= key < 1 << KEY_BITS for key in keys)
    assert max(keys).bit_length() == KEY_BITS


@given(HASHES)
@settings(max_examples=50)
def test_what_is_packed_comes_back(values: list[int]) -> None:
    hashes = np.array(sorted(values), dtype=np.uint64)

    assert unpack(pack(hashes)).tolist() == halves(hashes).tolist()
    assert unpack_sampled(pack(hashes)) == sampled(hashes)


def test_packed_bytes_are_little_endian_on_every_machine() -> None:
    big = np.array([1 << 62], dtype=">u8")

    assert pack(big) == pack(big.astype("<u8")) == b"\x01\0\0\0" + b"\0\0\0\x40"


def test_shared_shingles_are_counted_for_many_texts_at_once() -> None:
    one = halves(shingles(numbered(0, 100)))
    others = [halves(shingles(numbered(first, first + 100))) for first in (0, 50, 98, 500)]

    assert shared(one, others) == [len(np.intersect1d(one, other)) for other in others] == [98, 48, 0, 0]
    assert shared(one, []) == []


@pytest.mark.parametrize("upper", [0, 1, 0xFFFF])
def test_shingles_that_begin_with_the_same_bits_are_told_apart(upper: int) -> None:
    for many in (8, 4 * FEW):
        alike = np.arange(upper << 16, (upper << 16) + many, dtype=np.uint32)

        assert shared(alike[::2], [alike, alike[1::2]]) == [many // 2, 0]
        assert shared(alike[1::2], [alike, alike[::2]]) == [many // 2, 0]


@given(HASHES, st.lists(st.tuples(st.integers(0, 200), HASHES), max_size=5))
@settings(max_examples=50)
def test_stored_shingles_are_counted_as_those_at_hand(values: list[int], others: list[tuple[int, list[int]]]) -> None:
    one = np.array(sorted(values), dtype=np.uint64)
    mixed = [np.array(sorted({*values[:most], *other}), dtype=np.uint64) for most, other in others]
    many = mixed * COUNTED_AT_ONCE

    counts = shared(halves(one), [halves(other) for other in many])

    shared_by, sizes = shared_with_stored(halves(one), [pack(other) for other in many])
    assert shared_by.tolist() == counts
    assert sizes.tolist() == [len(other) for other in many]
