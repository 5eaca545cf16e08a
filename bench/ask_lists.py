"""Similar lists of a large collection: how long they take to serve, to compute and to keep up to date; what they take up.

The collection is loaded in bulk (`bench.bulk`); what is measured is what users and crawls run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench import bulk, corpora, similar_quality
from corpus import similar_lists, weighing
from corpus.shown_lists import similar, similar_to_text
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

GOALS_MS = {"stored_p99": 5.0, "text_p50": {100_000: 30.0, 1_000_000: 150.0}, "enter_cpu": 5.0}


def measure(count: int) -> dict[str, Any]:
    """The figures for collections of a tenth of `count` articles and of `count`, and the quality of the lists."""
    return {
        "quality": similar_quality.measure(),
        "sizes": [_measured(size) for size in (count // 10, count)],
    }


def report(figures: dict[str, Any]) -> Iterator[str]:
    """The table for people."""
    quality = figures["quality"]
    yield (
        f"lists: nDCG@10 {quality['ndcg@10']:.3f} (goal .41), Pearson {quality['pearson']:.3f} (goal .76), "
        f"lists with a copy {quality['lists_with_a_copy']:.3f} (goal .04)"
    )
    yield "articles   stored p50/p99 ms   text p50/p99 ms   enter CPU ms   weigh CPU ms   list CPU ms   bytes an article"
    for one in figures["sizes"]:
        yield (
            f"{one['articles']:>9,}   {one['stored_ms'][0]:>7.2f} /{one['stored_ms'][1]:>7.2f}   "
            f"{one['text_ms'][0]:>6.1f} /{one['text_ms'][1]:>7.1f}   {one['enter_cpu_ms']:>12.2f}   "
            f"{one['weigh_cpu_ms']:>12.2f}   {one['list_cpu_ms']:>11.2f}   {one['bytes_an_article']:>16,.0f}"
        )


def _measured(count: int) -> dict[str, Any]:
    with TemporaryDirectory(dir=os.environ.get("NAZAIR_BENCH_SCRATCH")) as folder:
        path = Path(folder) / "nazair.db"
        database = open_database(str(path), create=True)
        made = (corpora.article(one) for one in corpora.make(count + ENTERED + COMPUTED))
        bulk.load(database, islice(made, count))
        weigh_s, list_s, listed = _make(database, count)
        figures = {
            "articles": count,
            "weigh_cpu_ms": 1e3 * weigh_s / count,
            "list_cpu_ms": 1e3 * list_s / len(listed),
            "bytes_an_article": _size(path) / count,
            "stored_ms": _served(database, listed),
            "enter_cpu_ms": _entered(database, list(islice(made, ENTERED))),
            "text_ms": _computed(database, list(made)),
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


def _served(database: Database, listed: list[int]) -> tuple[float, float]:
    """Milliseconds of a stored list with ten rows, shown with its reasons: median and 99th percentile."""
    asked = np.random.default_rng(1).choice(listed, SERVED).tolist()
    spent = []
    for one in asked:
        started = time.perf_counter()
        with database.reading() as connection:
            similar(connection, one, Filter(), limit=10)
        spent.append(1e3 * (time.perf_counter() - started))
    return float(np.percentile(spent, 50)), float(np.percentile(spent, 99))


def _computed(database: Database, texts: list[Article]) -> tuple[float, float]:
    """Milliseconds of the list of a text that is not stored, its analysis included: median and 99th percentile."""
    spent = []
    for one in texts:
        started = time.perf_counter()
        with database.reading() as connection:
            similar_to_text(connection, one, sketch(one.title, one.text), topics=(), wanted=Filter(), limit=10)
        spent.append(1e3 * (time.perf_counter() - started))
    return float(np.percentile(spent, 50)), float(np.percentile(spent, 99))


def _entered(database: Database, new: list[Article]) -> float:
    """CPU milliseconds of entering an article into the lists, both ways, the commit included."""
    counts, spent = TermCounts(), 0.0
    sketches = [sketch(one.title, one.text) for one in new]
    for start in range(0, len(new), BATCH):
        with database.writing() as connection:
            batch = [
                (articles.add(connection, one, made), one, made)
                for one, made in zip(new[start : start + BATCH], sketches[start : start + BATCH], strict=True)
            ]
            started = time.process_time()
            for article_id, one, made in batch:
                similar_lists.enter(connection, article_id, one, made, counts)
            spent += time.process_time() - started
    return 1e3 * spent / len(new)


def _size(path: Path) -> int:
    """The bytes of the whole file: articles without texts, what is compared of them, postings, counts, lists."""
    return path.stat().st_size
