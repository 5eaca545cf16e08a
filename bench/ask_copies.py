"""Near-copies: how many are found, what a text costs, how the index grows.

Quality needs the labelled set of NAZAIR_BENCH_DATA; the index is filled with texts that nobody wrote.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.copies_index import index, on_postgresql, plain
from bench.copies_quality import edits, enter_all, groups, labelled_set
from bench.copies_speed import cost, speed
from corpus.store.database import open_database

# On PostgreSQL; a million take ten minutes.
MOST_ON_POSTGRESQL = 100_000


def measure(count: int) -> dict[str, Any]:
    """The figures; the index is measured at 10,000 and `count` texts, with NAZAIR_BENCH_MILLION=1 at a million too."""
    labelled = labelled_set()
    sizes = sorted({10_000, count} | ({1_000_000} if os.environ.get("NAZAIR_BENCH_MILLION") else set()))
    with TemporaryDirectory() as folder:
        with closing(open_database(str(Path(folder) / "labelled.db"), create=True)) as database:
            ids = enter_all(database, labelled.articles)
            figures: dict[str, Any] = {
                "groups": groups(database, labelled, ids),
                "edits": edits(database, labelled, ids),
            }
        figures["speed"] = speed([one.text for one in labelled.articles])
        figures["keep_ms"] = cost(Path(folder))
        figures["index"] = [index(f"{folder}/{size}.db", size) for size in sizes]
        figures["plain"] = [plain(Path(folder) / f"plain{size}.db", size) for size in sizes]
        figures["index"].append(on_postgresql(Path(folder) / "pg", min(count, MOST_ON_POSTGRESQL)))
    return figures


def report(figures: Mapping[str, Any]) -> list[str]:
    """The figures as tables."""
    lines = ["", "near-copies: groups of the labelled set; goal F1 .985      P      R      F1"]
    lines += [f"  {name:<52}{one['p']:.3f}  {one['r']:.3f}  {one['f1']:.3f}" for name, one in figures["groups"].items()]
    lines += ["", "edits of its articles; goals .95, .98, .98 at .97  recall (precision)   datasketch, threshold .5"]
    lines += [
        f"  {name:<44} {one['recall']:.3f} ({one['precision']:.3f})        "
        f"{one['rival_recall']:.3f} ({one['rival_precision']:.3f})"
        for name, one in figures["edits"].items()
    ]
    speed = figures["speed"]
    lines += [
        "",
        f"signatures from raw text, µs of CPU a text of {speed['letters']:.0f} letters; goals: update() 40×, xxh32 5×",
    ]
    lines += [f"  {name:<52}{us:8.1f}  {us / speed['us']['nazair']:5.1f}×" for name, us in speed["us"].items()]
    lines += [f"  fold and split: {speed['fold_million_letters_s']:.1f} million letters a second (goal 5)"]
    lines += ["", "copies in a crawl's transaction, ms of CPU an article (median)"]
    lines += [f"  {name:<52}{ms:8.3f}" for name, ms in figures["keep_ms"].items()]
    lines += ["", "index, goals 700 bytes a table, 5,000 inserts/s; at a million texts on SQLite p50 150 µs"]
    lines += [
        "            texts    bytes a text: bands, samples    inserts/s CPU: bulk, crawl    look-up p50, p95 µs CPU"
    ]
    lines += [
        f"  {one['database']:<10}{one['texts']:>9,}{one['bytes']['bands']:>18.0f}{one['bytes']['samples']:>9.0f}"
        f"{one['inserts_s']['bulk']:>17,.0f}{one['inserts_s']['crawl']:>9,.0f}"
        f"{one['lookup_us'][0]:>19.0f}{one['lookup_us'][1]:>6.0f}"
        for one in figures["index"]
    ]
    lines += [
        f"  {'bands only':<10}{one['texts']:>9,}{one['bytes']:>18.0f}{'':>9}{one['inserts_s']:>17,.0f}{'':>9}"
        f"{one['lookup_us'][0]:>19.0f}{one['lookup_us'][1]:>6.0f}   a plain table of them, looked up by IN"
        for one in figures["plain"]
    ]
    return lines
