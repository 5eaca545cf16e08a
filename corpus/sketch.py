"""All that is compared of one article, made from its title and text."""

from __future__ import annotations

import hashlib

from corpus.signature import MIN_WORDS, SETTINGS, pack, shingles, signatures
from corpus.terms import analyse
from corpus.types import Sketch


def sketch(title: str, text: str) -> Sketch:
    """The sketch of an article.

    Near-copies are judged by the body alone: the headline is what a newsroom changes first.
    A body of fewer than MIN_WORDS words has no signature.
    """
    analysis = analyse(title, text)
    body = " ".join(analysis.body_words)
    comparable = len(analysis.body_words) >= MIN_WORDS
    hashes = shingles(body) if comparable else shingles("")
    return Sketch(
        settings=SETTINGS,
        text_hash=hashlib.sha256(body.encode()).digest()[:16],
        word_count=len(analysis.body_words),
        signature=pack(signatures([hashes])[0]) if comparable else b"",
        shingles=pack(hashes),
        numbers=analysis.numbers,
        terms=analysis.terms,
        folded=" ".join([*analysis.title_words, *analysis.body_words]),
        lemmas=" ".join(analysis.lemmas),
    )
