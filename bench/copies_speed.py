"""What signatures cost, beside datasketch and rensa in the same run; and what a text costs a crawl."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from datasketch import MinHash

from bench import corpora
from bench.copies_quality import BATCH, runs
from corpus import copies
from corpus.arabic import words
from corpus.sketch import of_text, sketch, text_sketches
from corpus.store import articles
from corpus.store.database import open_database

SPEED_TEXTS = 600
KEPT = 3_000


def speed(bodies: Sequence[str]) -> dict[str, Any]:
    """CPU from raw text to signature, in turn, each the median of five."""
    import rensa
    import xxhash

    some = list(bodies[:SPEED_TEXTS])
    pairs = [("", one) for one in some]

    def nazair() -> None:
        for first in range(0, len(pairs), 20):
            text_sketches(pairs[first : first + 20])

    def one_at_a_time() -> None:
        for pair in pairs:
            text_sketches([pair])

    def update() -> None:
        for one in some[:60]:
            made = MinHash(num_perm=128, seed=1)
            for token in runs(one, 3):
                made.update(token)

    def bulk(hashfunc: Callable[[bytes], int]) -> Callable[[], None]:
        def run() -> None:
            tokens = (runs(one, 3) for one in some)
            for _ in MinHash.generator(tokens, num_perm=128, seed=1, hashfunc=hashfunc):
                pass

        return run

    def with_rensa() -> None:
        rensa.RMinHash.digest_matrix_from_token_sets([_strings(one) for one in some], 128, 1)

    ways = {
        "nazair": (nazair, len(some)),
        "nazair, one at a time": (one_at_a_time, len(some)),
        "datasketch update()": (update, 60),
        "datasketch in bulk, xxh32": (bulk(xxhash.xxh32_intdigest), len(some)),
        "rensa (another scheme)": (with_rensa, len(some)),
        "fold and split alone": (lambda: [words(one) for one in some], len(some)),
    }
    spent = _in_turn({name: way for name, (way, _) in ways.items()})
    letters = sum(map(len, some))
    return {
        "letters": letters / len(some),
        "us": {name: round(spent[name] / ways[name][1] * 1e6, 1) for name in ways},
        "fold_million_letters_s": round(letters / spent["fold and split alone"] / 1e6, 1),
    }


def _strings(shown: str) -> list[str]:
    split = words(shown)
    return [" ".join(split[i : i + 3]) for i in range(max(1, len(split) - 2))]


def _in_turn(ways: Mapping[str, Callable[[], Any]], *, times: int = 5) -> dict[str, float]:
    """The median CPU seconds of each, run one after the other, several times."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(times):
        for name, way in ways.items():
            started = time.process_time()
            way()
            spent[name].append(time.process_time() - started)
    return {name: statistics.median(of_one) for name, of_one in spent.items()}


def cost(folder: Path) -> dict[str, float]:
    """What entering a text costs within a crawl's transaction, by what it turns out to be."""
    spent: dict[str, list[float]] = defaultdict(list)
    with closing(open_database(str(folder / "kept.db"), create=True)) as database:
        left = iter(corpora.make(KEPT))
        while batch := list(islice(left, BATCH)):
            whole = [(one, sketch(one.title, one.text)) for one in map(corpora.article, batch)]
            found_by = [of_text(made) for _, made in whole]
            with database.writing() as connection:
                started = time.process_time()
                entering = copies.Entering(connection, found_by)
                together, took = time.process_time() - started, list[tuple[str, float]]()
                for (one, made), by in zip(whole, found_by, strict=True):
                    started = time.process_time()
                    entered = entering.enter(one, by)
                    took.append((entered.how.kind.value if entered.how else "no copy", time.process_time() - started))
                    articles.add(connection, one, made, entered.place)
                started = time.process_time()
                entering.store()
                together += time.process_time() - started
            for what, own in took:
                spent[what].append(own + together / len(batch))
    everything = [one for some in spent.values() for one in some]
    return {name: round(statistics.median(some) * 1e3, 3) for name, some in sorted(spent.items())} | {
        "mean of all": round(statistics.mean(everything) * 1e3, 3)
    }
