"""How good similar lists are on the labelled sets of NAZAIR_BENCH_DATA, through the code that users run.

`simbench.py` of that folder scores. Articles are stored, weighed and listed as a crawl does it.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from bench.generated_web import bench_data
from corpus import keep, meaning, similar_lists
from corpus.candidates import Wanted, find, subject
from corpus.shown_lists import similar
from corpus.similar import Pairs, score
from corpus.sketch import sketch
from corpus.store import lists
from corpus.store.database import Database, open_database
from corpus.types import Article, Filter, Sketch
from corpus.weighing import TermCounts

Row = dict[str, Any]
Analysed = Callable[[Article], Sketch]


def measure() -> dict[str, Any]:
    """nDCG@10 of lists against unrelated articles, Pearson with people's scores of pairs, lists that repeat a text.

    With NAZAIR_SEMANTIC=1 the first two with embeddings as well: 2,000 of them, a quarter of an hour.
    """
    with TemporaryDirectory() as folder:
        figures: dict[str, Any] = {
            **_related(Path(folder) / "unifiedfc.db", _plain),
            **_pairs(Path(folder) / "semeval_ar.db", _plain),
            **_copies(Path(folder) / "nearcopy_saudi.db"),
        }
        if meaning.is_on():
            figures["semantic"] = {
                **_pairs(Path(folder) / "semeval_ar-semantic.db", _semantic),
                **_related(Path(folder) / "unifiedfc-semantic.db", _semantic),
            }
        return figures


def _related(path: Path, analysed: Analysed) -> dict[str, float]:
    database, ids = _stored(path, "unifiedfc", analysed)
    gold, names = _read("unifiedfc.rank.gold"), {one: name for name, one in ids.items()}
    predicted = []
    with database.reading() as connection:
        for row in gold:
            # People call copies related too: here none is left out.
            (stored,) = lists.subjects_of(connection, [ids[row["q"]]])
            (found,) = find(connection, [Wanted(subject=subject(stored), id=stored.article_id)])
            predicted.append({"q": row["q"], "ranked": [names[one.article_id] for one in found.stored]})
    database.close()
    return {"ndcg@10": _simbench().rank(gold, predicted)["ndcg@10"]}


def _copies(path: Path) -> dict[str, float]:
    database, ids = _stored(path, "nearcopy_saudi", _plain)
    names = {one: name for name, one in ids.items()}
    with database.reading() as connection:
        listed = {name: similar(connection, one, Filter(), limit=10) for name, one in ids.items()}
    database.close()
    predicted = [{"q": name, "ranked": [names[row.id] for row in rows]} for name, rows in listed.items()]
    repeated = _simbench().copies(_read("nearcopy_saudi.cluster.gold"), predicted)
    return {"lists_with_a_copy": repeated["lists_with_a_copy"]}


def _pairs(path: Path, analysed: Analysed) -> dict[str, float]:
    database, ids = _stored(path, "semeval_ar", analysed)
    gold = _read("semeval_ar.pairs.gold")
    with database.reading() as connection:
        subjects = similar_lists.subjects(connection, list(ids.values()))
    # The mean of the signals, below the floor of the lists too: people score unrelated pairs as well.
    predicted = [
        {**row, "score": float(score(Pairs(subjects[ids[row["a"]]], [subjects[ids[row["b"]]]])).means[0])}
        for row in gold
    ]
    database.close()
    scored = _simbench().pairs(gold, predicted)
    return {"pearson": scored["pearson"]}


def _plain(one: Article) -> Sketch:
    return sketch(one.title, one.text)


def _semantic(one: Article) -> Sketch:
    return meaning.with_meaning(_plain(one), one.title, one.text)


def _stored(path: Path, name: str, analysed: Analysed) -> tuple[Database, dict[str, int]]:
    """A collection of a set, and the id of each of its articles."""
    database = open_database(str(path), create=True)
    counts, ids = TermCounts(), {}
    rows = _read(f"{name}.docs")
    for start in range(0, len(rows), 64):
        with database.writing() as connection:
            for row in rows[start : start + 64]:
                one = _article(row)
                ids[row["id"]] = keep.keep_article(connection, one, analysed(one), counts=counts).article_id or 0
    with database.writing() as connection:
        similar_lists.renew(connection)
    return database, ids


def _article(row: Row) -> Article:
    when = row.get("time")
    return Article(
        url=f"http://bench.example/{row['id']}",
        title=row["title"],
        text=row["body"],
        language="ar",
        fetched_at=datetime(2025, 1, 1, tzinfo=UTC),
        published_at=datetime.fromisoformat(when).replace(tzinfo=UTC) if when else None,
    )


def _read(name: str) -> list[Row]:
    path = bench_data() / "similarity" / "dev" / f"{name}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _simbench() -> ModuleType:
    path = bench_data() / "similarity" / "simbench.py"
    spec = importlib.util.spec_from_file_location("simbench", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
