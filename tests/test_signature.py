"""Signatures: that they are datasketch's, which keys they have, how they are stored. Shingles: test_shingles."""

from __future__ import annotations

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import SketchMismatch
from corpus.shingles import KEY_BITS, Hashes, shingles
from corpus.signature import (
    NUM_PERM,
    SETTINGS,
    Signature,
    as_minhash,
    bands,
    pack,
    permutations,
    signatures,
    unpack,
)
from corpus.sketch import of_text, sketch, text_sketches
from corpus.thresholds import BANDS, MIN_WORDS, ROWS

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
@settings(max_examples=50)
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

    assert theirs == pytest.approx(by_datasketch(shingles(one)).jaccard(by_datasketch(shingles(other))))


def test_signatures_made_together_are_those_made_alone() -> None:
    texts = [FOLDED, "", numbered(0, 60)]

    together = signatures([shingles(text) for text in texts])

    assert together.shape == (3, NUM_PERM)
    assert [row.tolist() for row in together] == [signature(text).tolist() for text in texts]


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


@pytest.mark.parametrize("slots", [0, 64, NUM_PERM + 1])
def test_a_stored_signature_of_another_length_is_refused(slots: int) -> None:
    with pytest.raises(SketchMismatch) as refused:
        unpack(bytes(4 * slots))

    assert refused.value.stored == f"{slots} slots"
    assert refused.value.ours == SETTINGS


@given(HASHES)
@settings(max_examples=50)
def test_what_is_packed_comes_back(values: list[int]) -> None:
    made = signatures([np.array(sorted(values), dtype=np.uint64)])[0]

    assert unpack(pack(made)).tolist() == made.tolist()


def test_packed_bytes_are_little_endian_on_every_machine() -> None:
    assert pack(np.array([1], dtype=">u4")) == pack(np.array([1], dtype="<u4")) == b"\x01\0\0\0"


def test_keys_have_47_bits() -> None:
    assert all(0 <= key < 1 << KEY_BITS for key in bands(signature(FOLDED)))
    assert max(bands(signature(numbered(0, 400)))).bit_length() == KEY_BITS


@pytest.mark.parametrize("title_words", [0, 3])
def test_an_article_of_few_words_has_no_signature(title_words: int) -> None:
    title = numbered(1000, 1000 + title_words)
    short, long = (numbered(0, MIN_WORDS - title_words - less) for less in (1, 0))

    assert of_text(sketch(title, short)) is None
    made = of_text(sketch(title, long))
    assert made is not None
    assert made.signature.tolist() == signature(long).tolist()


def test_sketches_made_together_are_those_made_alone() -> None:
    articles = [("عنوان", numbered(0, size)) for size in (0, 10, 48, 49, 50, 200)] * 7

    together = text_sketches(articles)

    for one, (title, text) in zip(together, articles, strict=True):
        alone = of_text(sketch(title, text))
        assert (one is None) == (alone is None)
        if one is not None and alone is not None:
            assert one.text_hash == alone.text_hash
            assert one.shingles.tolist() == alone.shingles.tolist()
            assert one.signature.tolist() == alone.signature.tolist()
