"""Similar lists of a large collection: what it takes to serve, to compute and to keep them, and to store them.

The collection is loaded in bulk (`bench.bulk_lists`); what is measured is what users and crawls run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench import bulk_lists, corpora, similar_quality
from bench.bulk_lists import Drawn, Vocabulary
from corpus import copies, similar_lists, weighing
from corpus.shown_lists import similar, similar_to_text
from corpus.similar_lists import Arrival
from corpus.sketch import sketch
from corpus.store import articles
from corpus.store.database import Database, open_database
from corpus.types import Article, Filter
from corpus.weighing import TermCounts

# Above so many articles only a sample gets its list; the others are compared and found all the same.
ALL_LISTED = 20_000
SAMPLE = 2_000
SERVED = 2_000
COMPUTED = 200
ENTERED = 1_000
BATCH = 64  # articles a transaction, as a crawl stores them


def measure(count: int) -> dict[str, Any]:
    """The quality of the lists; the figures for 10,000 articles and `count`, with NAZAIR_BENCH_MILLION=1 a million."""
    sizes = sorted({10_000, count} | ({1_000_000} if os.environ.get("NAZAIR_BENCH_MILLION") else set()))
    return {"quality": similar_quality.measure(), "sizes": [_measured(size) for size in sizes]}


def report(figures: dict[str, Any]) -> Iterator[str]:
    """The table for people."""
    quality = figures["quality"]
    yield (
        f"lists: nDCG@10 {quality['ndcg@10']:.3f} (goal .41), Pearson {quality['pearson']:.3f} (goal .76), "
        f"lists with a copy {quality['lists_with_a_copy']:.3f} (goal .04)"
    )
    if semantic := quality.get("semantic"):
        yield (
            f"lists, with embeddings: nDCG@10 {semantic['ndcg@10']:.3f} (goal .44), "
            f"Pearson {semantic['pearson']:.3f} (goal .78)"
        )
    yield "milliseconds: p50/p99 on the clock (of CPU)"
    yield "goals: stored p99 5, text p50 30 at 100,000 and 150 at a million, to enter 5 of CPU at 100,000"
    yield " articles  stored list             list of a text            enter  weigh   list   bytes an article"
    for one in figures["sizes"]:
        stored, text = one["stored_ms"], one["text_ms"]
        yield (
            f"{one['articles']:>9,}  {_spelled(stored)}  {_spelled(text)}  {one['enter_cpu_ms']:>5.2f}  "
            f"{one['weigh_cpu_ms']:>5.2f}  {one['list_cpu_ms']:>5.2f}  {one['bytes_an_article']:>16,.0f}"
        )


def _spelled(times: dict[str, list[float]]) -> str:
    clock, cpu = times["clock"], times["cpu"]
    return f"{clock[0]:>5.1f}/{clock[1]:<5.1f} ({cpu[0]:>4.1f}/{cpu[1]:<4.1f})"


def _measured(count: int) -> dict[str, Any]:
    with TemporaryDirectory(dir=os.environ.get("NAZAIR_BENCH_SCRATCH")) as folder:
        path = Path(folder) / "nazair.db"
        database = open_database(str(path), create=True)
        made = corpora.make(count + ENTERED + COMPUTED)
        drawn = (Drawn(corpora.without_text(one), one.title, one.body) for one in islice(made, count))
        bulk_lists.load(database, drawn, Vocabulary(corpora.word, analysed=corpora.common_words()))
        weigh_s, list_s, listed = _make(database, count)
        figures = {
            "articles": count,
            "weigh_cpu_ms": 1e3 * weigh_s / count,
            "list_cpu_ms": 1e3 * list_s / len(listed),
            "bytes_an_article": _size(path) / count,
            "stored_ms": _served(database, listed),
            "enter_cpu_ms": _entered(database, [corpora.article(one) for one in islice(made, ENTERED)]),
            "text_ms": _computed(database, [corpora.article(one) for one in made]),
        }
        database.close()
    return figures


def _make(database: Database, count: int) -> tuple[float, float, list[int]]:
    """Weigh all articles and make lists: CPU seconds of each, and the articles that have one."""
    with database.writing() as connection:
        started = time.process_time()
        weighing.weigh_all(connection)
        weighed = time.process_time()
        ids = articles.find(connection, Filter(), sort="id")
        listed = ids
        if count > ALL_LISTED:
            listed = np.random.default_rng(0).choice(ids, SAMPLE, replace=False).tolist()
        similar_lists.remake(connection, listed)
        return weighed - started, time.process_time() - weighed, listed


def _served(database: Database, listed: list[int]) -> dict[str, list[float]]:
    """A stored list of ten rows, shown with its reasons."""
    asked = iter(np.random.default_rng(1).choice(listed, SERVED).tolist())

    def serve() -> None:
        with database.reading() as connection:
            similar(connection, next(asked), Filter(), limit=10)

    return _times(serve, SERVED)


def _computed(database: Database, texts: list[Article]) -> dict[str, list[float]]:
    """The list of a text that is not stored, its analysis included."""
    left = iter(texts)

    def compute() -> None:
        one = next(left)
        with database.reading() as connection:
            similar_to_text(connection, one, sketch(one.title, one.text), topics=(), wanted=Filter(), limit=10)

    return _times(compute, len(texts))


def _times(ask: Callable[[], None], often: int) -> dict[str, list[float]]:
    """Milliseconds of a question, on the clock and of CPU: median and 99th percentile of each."""
    spent = np.empty((2, often))
    for i in range(often):
        before = time.perf_counter(), time.process_time()
        ask()
        spent[:, i] = time.perf_counter() - before[0], time.process_time() - before[1]
    clock, cpu = np.percentile(1e3 * spent, (50, 99), axis=1).T.round(2).tolist()
    return {"clock": clock, "cpu": cpu}


def _entered(database: Database, new: list[Article]) -> float:
    """CPU milliseconds of entering an article into the lists, both ways, the commit included."""
    counts, spent = TermCounts(), 0.0
    sketches = [sketch(one.title, one.text) for one in new]
    for start in range(0, len(new), BATCH):
        with database.writing() as connection:
            batch = [
                (articles.add(connection, one, made, copies.enter(connection, one, None).place), one, made)
                for one, made in zip(new[start : start + BATCH], sketches[start : start + BATCH], strict=True)
            ]
            arrivals = [Arrival(article_id=number, article=one, sketch=made) for number, one, made in batch]
            started = time.process_time()
            similar_lists.enter(connection, arrivals, counts)
            spent += time.process_time() - started
    return 1e3 * spent / len(new)


def _size(path: Path) -> int:
    """The bytes of the whole file: articles without texts, what is compared of them, postings, counts, lists."""
    return path.stat().st_size
