"""A crawl of a generated web: speed beside stock Scrapy with trafilatura inline, memory, and what kill -9 costs."""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import generated_web, measure
from bench.measure import Cost


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What is crawled, and where the collections go."""

    site: Path
    truth: list[dict[str, Any]]
    config: Path
    proxy: str
    scratch: Path


def main() -> None:
    """Print the table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=3000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--kills", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "nazair-bench-web")
    options = parser.parse_args()
    site = options.folder / str(options.articles)
    truth = generated_web.generate(site, options.articles)
    config = generated_web.write_catalogue(options.folder / "config", truth)
    with generated_web.served(site) as proxy, tempfile.TemporaryDirectory() as scratch:
        setup = Setup(site=site, truth=truth, config=config, proxy=proxy, scratch=Path(scratch))
        result = compare(setup, options.repeats)
        result |= killed(setup, options.kills, result["wall_s"])
    print(json.dumps({"bench": "crawl", "articles": len(truth)} | result))


def compare(setup: Setup, repeats: int) -> dict[str, Any]:
    """nazair and the rival in turn, the same pages; medians."""
    ours, theirs, missed = [], [], set[str]()
    for i in range(repeats):
        theirs.append(measure.run([sys.executable, "-m", "bench.rival", setup.site / "urls.txt", setup.proxy]))
        database = setup.scratch / f"crawl-{i}.db"
        ours.append(crawl(setup, database))
        missed |= check(database, setup.truth)
    pages = len(setup.truth)
    result = {
        "wall_s": _median(ours, "wall_s"),
        "pages_per_s": pages / _median(ours, "wall_s"),
        "cpu_ms_per_page": 1000 * _median(ours, "cpu_s") / pages,
        "rival_pages_per_s": pages / _median(theirs, "wall_s"),
        "rival_cpu_ms_per_page": 1000 * _median(theirs, "cpu_s") / pages,
        "peak_mb": max(cost.peak_bytes for cost in ours) / 1e6,
        "rival_peak_mb": max(cost.peak_bytes for cost in theirs) / 1e6,
        "growth_in_second_half": statistics.median(cost.growth_in_second_half() for cost in ours),
        "wrong": len(missed),
    }
    print(f"{pages} articles, {repeats} runs in turn, medians, start-up included")
    print(f"{'':34}{'pages/s':>9}{'CPU ms/page':>13}{'peak MB':>9}")
    print(
        f"{'stock Scrapy + trafilatura inline':34}{result['rival_pages_per_s']:9.0f}"
        f"{result['rival_cpu_ms_per_page']:13.1f}{result['rival_peak_mb']:9.0f}"
    )
    print(
        f"{'nazair (all of it, database too)':34}{result['pages_per_s']:9.0f}"
        f"{result['cpu_ms_per_page']:13.1f}{result['peak_mb']:9.0f}"
    )
    print(f"memory, last quarter over third: {result['growth_in_second_half']:.3f}; stored wrongly: {len(missed)}")
    return {key: round(value, 3) for key, value in result.items()}


def killed(setup: Setup, kills: int, wall_s: float) -> dict[str, Any]:
    """Kill -9 in the middle, as often as asked, then crawl to the end: what is lost, what is there twice?"""
    database = setup.scratch / "killed.db"
    for i in range(kills):
        crawl(setup, database, kill_after_s=wall_s * (i + 1) / (kills + 2))
    stored_before = _count(database)
    crawl(setup, database)
    wrong = check(database, setup.truth)
    with sqlite3.connect(database) as connection:
        twice = connection.execute(
            "SELECT count(*) FROM (SELECT url_key FROM decisions WHERE kind = 'article' AND outcome <> 'failed'"
            " GROUP BY url_key HAVING count(*) > 1)"
        ).fetchone()[0]
        integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
    print(
        f"killed {kills} times (last with {stored_before} stored), then to the end: "
        f"{len(wrong)} lost or wrong, {twice} stored twice, integrity {integrity}"
    )
    return {"kills": kills, "lost_or_wrong": len(wrong), "twice": twice, "integrity": integrity}


def crawl(setup: Setup, database: Path, *, kill_after_s: float | None = None) -> Cost:
    """One `nazair crawl` of the generated web into `database`."""
    command = [sys.executable, "-m", "nazair", "crawl", "generated", "--config", setup.config, "--proxy", setup.proxy]
    return measure.run([*command, "--db", database, "-q"], env=dict(os.environ), kill_after_s=kill_after_s)


def check(database: Path, truth: list[dict[str, Any]]) -> set[str]:
    """The URLs that are stored and should not be, or the reverse; the database's own rule keeps doubles out."""
    with sqlite3.connect(database) as connection:
        stored = {url for (url,) in connection.execute("SELECT url FROM articles")}
    return stored ^ {row["url"] for row in truth if row["on_topic"]}


def _count(database: Path) -> int:
    with sqlite3.connect(database) as connection:
        return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])


def _median(costs: list[Cost], name: str) -> float:
    return statistics.median(getattr(cost, name) for cost in costs)


if __name__ == "__main__":
    main()
