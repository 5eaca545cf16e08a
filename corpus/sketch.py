"""All that is compared of one article, made from its title and text; and of many, what near-copies are found by."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from corpus.arabic import words
from corpus.errors import SketchMismatch
from corpus.shingles import Hashes, of_words, word_hashes, words_and_shingles
from corpus.signature import SETTINGS, Signature, pack, signatures, unpack
from corpus.terms import analyse
from corpus.thresholds import MIN_WORDS
from corpus.types import Sketch
from corpus.vector import count
from corpus.vector import pack as pack_vector


class TextSketch(NamedTuple):
    """What the near-copies of a text are found by."""

    text_hash: bytes
    shingles: Hashes
    signature: Signature


def sketch(title: str, text: str) -> Sketch:
    """The sketch of an article.

    Near-copies are judged by the body alone: the headline is what a newsroom changes first.
    An article of fewer than MIN_WORDS words, its title's included, has no signature.
    """
    analysis = analyse(title, text)
    body = " ".join(analysis.body_words)
    hashes = word_hashes(body)
    long_enough = len(analysis.title_words) + len(hashes) >= MIN_WORDS
    shingles = of_words(hashes if long_enough else hashes[:0])
    vector, surfaces = count(analysis.terms)
    return Sketch(
        settings=SETTINGS,
        text_hash=_text_hash(hashes),
        word_count=len(hashes),
        signature=pack(signatures([shingles])[0]) if len(shingles) else b"",
        shingles=shingles.astype("<u8").tobytes(),
        numbers=analysis.numbers,
        vector=pack_vector(vector),
        surfaces=surfaces,
        folded=" ".join(filter(None, (*analysis.title_words, body))),
        lemmas=" ".join(analysis.lemmas),
    )


def of_text(sketch: Sketch) -> TextSketch | None:
    """What near-copies are found by in a sketch; None for an article too short to compare.

    Raises SketchMismatch when it was made with other settings.
    """
    if sketch.settings != SETTINGS:
        raise SketchMismatch(stored=sketch.settings, ours=SETTINGS)
    if not sketch.signature:
        return None
    return TextSketch(
        text_hash=sketch.text_hash,
        shingles=np.frombuffer(sketch.shingles, dtype="<u8").astype(np.uint64),
        signature=unpack(sketch.signature),
    )


def text_sketches(articles: Sequence[tuple[str, str]]) -> list[TextSketch | None]:
    """The same of many (title, text) at once, without what only similarity and search need; 20 and more are fast."""
    made = words_and_shingles([text for _, text in articles])
    sets = [
        shingles if len(hashes) >= MIN_WORDS or len(words(title)) + len(hashes) >= MIN_WORDS else shingles[:0]
        for (title, _), (hashes, shingles) in zip(articles, made, strict=True)
    ]
    return [
        TextSketch(text_hash=_text_hash(hashes), shingles=shingles, signature=signature) if len(shingles) else None
        for (hashes, _), shingles, signature in zip(made, sets, signatures(sets), strict=True)
    ]


def _text_hash(hashes: Hashes) -> bytes:
    # SHA-256 is in the processor: half the time of BLAKE2.
    return hashlib.sha256(hashes.astype("<u8", copy=False).data).digest()[:16]
