"""Why two articles are similar: the words that a reader would name, and the value of each signal.

Made when a list is shown, from what is stored of the articles; nothing here changes what is similar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from corpus.similar import Pairs, Subject, score

# As many as fit beside a title.
MOST_TERMS = 5

# A word of both headlines is named first, then one that a headline has and both bodies take up; a word of the
# bodies alone, last, if both use it so often. Once in each is chance: two reports on the summit shared «تمر».
OFTEN = 2


def reasons(one: Subject, others: Sequence[Subject], surfaces: str) -> list[dict[str, Any]]:
    """What `one` has in common with each of the others; `surfaces` spells the terms of its vector."""
    pairs = Pairs(one, others)
    signals = score(pairs).signals
    spelled = surfaces.split("\n")
    terms = _terms(pairs)
    return [
        {
            "terms": [spelled[place] for place in terms[i]],
            "entities": sorted(one.names & other.names),
            "signals": _signals(signals, i),
        }
        for i, other in enumerate(others)
    ]


def _terms(pairs: Pairs) -> list[list[int]]:
    """The places in `one` of the words to name, for each of the others, best first."""
    vector = pairs.vector
    ours = vector.in_title[pairs.in_one] > 0
    headlines = ours.astype(int) + pairs.titles
    often = np.minimum(vector.in_body[pairs.in_one], pairs.in_body)
    weights = vector.weights[pairs.in_one] * pairs.weights
    named = (headlines == 2) | ((headlines == 1) & (often > 0)) | (often >= OFTEN)
    named |= ~np.isin(pairs.other, pairs.other[named])  # where nothing better is shared: no list is without a reason
    order = np.lexsort((pairs.in_one, -weights, -headlines))
    found: list[list[int]] = [[] for _ in pairs.others]
    for i in order[named[order]].tolist():
        places = found[pairs.other[i]]
        if len(places) < MOST_TERMS:
            places.append(int(pairs.in_one[i]))
    return found


def _signals(values: Mapping[str, Any], i: int) -> dict[str, float]:
    return {name: round(float(of[i]), 3) for name, of in values.items() if not np.isnan(of[i])}
