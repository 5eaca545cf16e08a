"""Signatures: what a shingle is, that signatures are datasketch's, and how they are stored."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import SketchMismatch
from corpus.signature import (
    BANDS,
    MIN_WORDS,
    NUM_PERM,
    ROWS,
    SAMPLE,
    SETTINGS,
    Hashes,
    Signature,
    as_minhash,
    bands,
    jaccard_estimate,
    pack,
    permutations,
    sampled,
    shingles,
    signatures,
    unpack_shingles,
    unpack_signature,
)
from corpus.sketch import sketch

FOLDED = "وصل الرييسان صباح الجمعه الي القاعده العسكريه في انكوريج"
HASHES = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=200, unique=True)


def numbered(first: int, last: int) -> str:
    """A text of its own words: one shingle for each three neighbours."""
    return " ".join(f"كلمه{number}" for number in range(first, last))


def signature(folded: str) -> Signature:
    made: Signature = signatures([shingles(folded)])[0]
    return made


def by_datasketch(hashes: Hashes) -> MinHash:
    minhash = MinHash(num_perm=NUM_PERM, seed=1, scheme="affine32", hashfunc=int)
    minhash.update_batch([value >> 32 for value in hashes.tolist()])
    return minhash


@given(HASHES)
@settings(max_examples=50, deadline=None)
def test_a_signature_is_that_of_datasketch_bit_for_bit(values: list[int]) -> None:
    hashes = np.array(sorted(values), dtype=np.uint64)

    made = signatures([hashes])[0]

    assert made.dtype == np.uint32
    assert made.tolist() == by_datasketch(hashes).hashvalues.tolist()


def test_the_signature_of_a_text_is_that_of_datasketch_over_its_shingles() -> None:
    assert signature(FOLDED).tolist() == by_datasketch(shingles(FOLDED)).hashvalues.tolist()


def test_the_permutations_are_those_that_datasketch_draws() -> None:
    a, b = permutations()

    theirs = MinHash(num_perm=NUM_PERM, seed=1, scheme="affine32").permutations

    assert [a.tolist(), b.tolist()] == [row.tolist() for row in theirs]


def test_datasketch_goes_on_with_a_stored_signature() -> None:
    one, other = numbered(0, 200), numbered(50, 250)

    theirs = as_minhash(pack(signature(one))).jaccard(as_minhash(pack(signature(other))))

    assert theirs == pytest.approx(jaccard_estimate(signature(one), signature(other)))
    assert theirs == pytest.approx(by_datasketch(shingles(one)).jaccard(by_datasketch(shingles(other))))


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
    program = f"from corpus.signature import shingles; print(*shingles({FOLDED!r}))"

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert [int(value) for value in printed.split()] == shingles(FOLDED).tolist()


def test_signatures_made_together_are_those_made_alone() -> None:
    texts = [FOLDED, "", numbered(0, 60)]

    together = signatures([shingles(text) for text in texts])

    assert together.shape == (3, NUM_PERM)
    assert [row.tolist() for row in together] == [signature(text).tolist() for text in texts]


def test_the_estimate_is_close_to_the_jaccard_similarity() -> None:
    one, other = numbered(0, 600), numbered(200, 800)
    shared = len(np.intersect1d(shingles(one), shingles(other)))
    truth = shared / (2 * len(shingles(one)) - shared)

    estimate = jaccard_estimate(signature(one), signature(other))

    assert estimate == jaccard_estimate(signature(other), signature(one))
    assert abs(estimate - truth) < 3 * 0.044  # three standard errors


def test_equal_texts_share_all_bands_and_unrelated_ones_none() -> None:
    keys = bands(signature(numbered(0, 200)))

    assert len(set(keys)) == BANDS
    assert keys == bands(signature(numbered(0, 200)))
    assert not set(keys) & set(bands(signature(numbered(500, 700))))


def test_a_band_is_shared_where_all_its_slots_are_equal() -> None:
    one = signature(FOLDED)
    other = one.copy()
    other[0] ^= 1
    other[2 * ROWS : 3 * ROWS] ^= 1

    shared = [a == b for a, b in zip(bands(one), bands(other), strict=True)]

    assert shared == [place not in (0, 2) for place in range(BANDS)]


def test_equal_slots_in_different_bands_are_different_keys() -> None:
    assert len(set(bands(np.full(NUM_PERM, 7, dtype=np.uint32)))) == BANDS


def test_one_shingle_in_eight_is_sampled_by_its_value() -> None:
    whole, part = shingles(numbered(0, 4000)), shingles(numbered(1000, 2000))

    of_whole, of_part = set(sampled(whole)), set(sampled(part))

    assert len(of_whole) == pytest.approx(len(whole) / SAMPLE, rel=0.2)
    assert of_part
    assert of_part < of_whole


@given(HASHES)
@settings(max_examples=50, deadline=None)
def test_what_is_packed_comes_back(values: list[int]) -> None:
    hashes = np.array(sorted(values), dtype=np.uint64)
    made = signatures([hashes])[0]

    assert unpack_shingles(pack(hashes)).tolist() == hashes.tolist()
    assert unpack_signature(pack(made)).tolist() == made.tolist()


def test_packed_bytes_are_little_endian_on_every_machine() -> None:
    assert pack(np.array([1], dtype=">u4")) == pack(np.array([1], dtype="<u4")) == b"\x01\0\0\0"
    assert pack(np.array([1], dtype=">u8")) == b"\x01" + bytes(7)


@pytest.mark.parametrize("slots", [0, 64, NUM_PERM + 1])
def test_a_stored_signature_of_another_length_is_refused(slots: int) -> None:
    with pytest.raises(SketchMismatch) as refused:
        unpack_signature(bytes(4 * slots))

    assert refused.value.stored == f"{slots} slots"
    assert refused.value.ours == SETTINGS


def test_a_short_text_has_no_signature() -> None:
    short = sketch("قمة ألاسكا", numbered(0, MIN_WORDS - 1))
    long = sketch("قمة ألاسكا", numbered(0, MIN_WORDS))

    assert short.signature == short.shingles == b""
    assert unpack_signature(long.signature).tolist() == signature(long.folded.partition("الاسكا ")[2]).tolist()
    assert len(unpack_shingles(long.shingles)) == MIN_WORDS - 2
