"""A crawl of a generated web: speed beside other programs, memory, and what kill -9 costs."""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from bench import generated_web, measure
from bench.measure import Cost
from bench.rival import RIVALS
from corpus.types import Page
from crawler.catalogue import load
from crawler.discovery.sections import read_section
from pipelines.read import read_page

CLI = "trafilatura CLI"

# How many times our CPU a page these should cost.
GOALS = {"the same + LinkExtractor + ORM": 2.5, CLI: 1.5, "newspaper4k": 5.0, "news-please": 8.0}
GOAL_OF_THE_GATE = 2.2

# What needs other versions of the libraries here lives in an environment of its own, which `make bench-crawl` makes.
ELSEWHERE = {"news-please": Path(sys.prefix) / "news-please" / "bin" / "python"}
TIMES_THROUGH = 11
MOST_READ = 60  # pages, of all hosts
HTML = "text/html; charset=utf-8"

# Our crawls of the compared web: what they are after, and the command that they run under.
OURS = {
    "nazair": ("everything", ()),
    "nazair on one core": ("everything", ("taskset", "-c", "0")),
    "nazair, after the news alone": ("config", ()),
}
STOCK_FETCH, OUR_FETCH = "stock Scrapy, fetching alone", "our settings, fetching alone"


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What is crawled, and where the collections go."""

    site: Path
    truth: list[dict[str, Any]]
    config: Path  # its topic is the news: six of ten articles
    everything: Path  # its topic is all of them
    proxy: str
    scratch: Path


def main() -> None:
    """Print the tables and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=3000)
    parser.add_argument(
        "--compared", type=int, default=1000, help="articles of the web that all programs collect in turn"
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--kills", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "nazair-bench-web")
    options = parser.parse_args()
    # What is compared is a web of its own: others are given its addresses, ours finds no more than it fetches.
    with _web(options.folder, options.compared) as setup:
        result = compare(setup, options.repeats) | stages(setup)
    with _web(options.folder, options.articles) as setup:
        result |= links(setup)
        result |= gated(setup, result["compared"][CLI]["cpu_ms_per_page"])
        result |= whole(setup)
        result |= killed(setup, options.kills, result["wall_s"])
    print(json.dumps({"bench": "crawl", "articles": options.articles} | result))


@contextmanager
def _web(folder: Path, articles: int) -> Iterator[Setup]:
    """A generated web of so many articles while it is served."""
    site = folder / str(articles)
    truth = generated_web.generate(site, articles)
    config = generated_web.write_catalogue(folder / f"config-{articles}", truth)
    everything = generated_web.write_catalogue(folder / f"everything-{articles}", truth, all_sections=True)
    with generated_web.served(site) as proxy, tempfile.TemporaryDirectory() as scratch:
        yield Setup(site=site, truth=truth, config=config, everything=everything, proxy=proxy, scratch=Path(scratch))


def compare(setup: Setup, repeats: int) -> dict[str, Any]:
    """nazair and its rivals in turn, all pages each, and nazair when it is after the news alone; medians."""
    urls, pages = setup.site / "urls.txt", len(setup.truth)
    if missing := [name for name, python in ELSEWHERE.items() if not python.exists()]:
        sys.exit(f"Not installed: {', '.join(missing)}. `make bench-crawl` brings it.")
    costs: dict[str, list[Cost]] = {}
    for i in range(repeats):
        for name in RIVALS:
            folder = setup.scratch / f"{name}-{i}"
            folder.mkdir()
            command = [ELSEWHERE.get(name, sys.executable), "-m", "bench.rival", name, urls, generated_web.ADDRESS]
            costs.setdefault(name, []).append(measure.run([*command, str(generated_web.PORT), folder]))
        for name, (config, cores) in OURS.items():
            database = setup.scratch / f"{name}-{i}.db"
            cost = crawl(setup, database, under=cores, config=getattr(setup, config))
            costs.setdefault(name, []).append(cost)
    if failed := [name for name, runs in costs.items() if any(cost.exit_code for cost in runs)]:
        sys.exit(f"These failed: {', '.join(failed)}.")
    print(f"{pages} articles, {repeats} runs in turn, medians, start-up included; nazair does all of it, lists too")
    print(f"{'':34}{'pages/s':>9}{'CPU ms/page':>13}{'peak MB':>9}{'CPU beside nazair':>19}{'goal':>6}")
    rows = {name: _row(runs, pages) for name, runs in costs.items()}
    for name, row in rows.items():
        ratio = row["cpu_ms_per_page"] / rows["nazair"]["cpu_ms_per_page"]
        goal = f"{GOALS[name]:5.1f}x" if name in GOALS else ""
        print(
            f"{name:34}{row['pages_per_s']:9.0f}{row['cpu_ms_per_page']:13.1f}{row['peak_mb']:9.0f}{ratio:18.2f}x{goal:>6}"
        )
    fetched = {name: sum(_outcomes(setup.scratch / f"{name}-0.db").values()) for name in OURS}
    print("  fetched: " + ", ".join(f"{name} {count}" for name, count in fetched.items()))
    faster = rows["nazair"]["pages_per_s"] / rows["nazair on one core"]["pages_per_s"]
    fetching = rows[STOCK_FETCH]["cpu_ms_per_page"] / rows[OUR_FETCH]["cpu_ms_per_page"]
    print(f"two cores, wall clock beside one: {faster:.2f}x (goal 1.7x); fetching alone: {fetching:.2f}x (goal 1.4x)")
    return {"compared": rows, "fetched": fetched, "two_cores": round(faster, 3), "fetching": round(fetching, 3)}


def stages(setup: Setup) -> dict[str, Any]:
    """Where the CPU of one crawl goes, what is left of it without what no rival does, and the event loop's database."""
    file, pages = setup.scratch / "stages.json", len(setup.truth)
    crawler: list[str | Path] = [sys.executable, "-m", "bench.crawl_stages", file]
    cost = crawl(setup, setup.scratch / "stages.db", crawler=crawler, config=setup.everything)
    told = json.loads(file.read_text(encoding="utf-8"))
    own, on_loop = told.pop("own"), {name: told.pop(name) for name in ("calls_on_loop", "slowest_call_on_loop_ms")}
    of_page = {name: round(1000 * seconds / pages, 3) for name, seconds in told.items()}
    of_page["workers"] = round(1000 * (cost.cpu_s - own - told["preload"]) / pages, 3)
    as_rivals = sum(of_page.values()) - sum(of_page[name] for name in ("near-copies", "similar lists", "search words"))
    print(f"{pages} articles, CPU ms a page by stage, what is measured with it included:")
    print("  " + ", ".join(f"{name} {value:.2f}" for name, value in of_page.items()))
    print(
        f"  without near-copies, similar lists and search words, which no rival has: {as_rivals:.1f}; "
        f"storage and frontier {of_page['frontier and storage']:.2f} (goal 0.3); database calls on the event loop: "
        f"{on_loop['calls_on_loop']}, the slowest {on_loop['slowest_call_on_loop_ms']:.1f} ms (goal 20)"
    )
    return {"stages": of_page, "as_rivals": round(as_rivals, 3), **on_loop}


def links(setup: Setup) -> dict[str, Any]:
    """The links of the hosts' home pages: our reader of sections beside Scrapy's LinkExtractor, in turn."""
    from scrapy.http import HtmlResponse
    from scrapy.linkextractors import LinkExtractor

    homes = sorted({f"http://{row['host']}/" for row in setup.truth})
    opened = build_opener(ProxyHandler({"http": setup.proxy}))
    pages = [(url, opened.open(url).read()) for url in homes]
    extractor = LinkExtractor()
    readers: dict[str, Callable[[str, bytes], object]] = {
        "ours": lambda url, body: read_section(body, HTML, url, is_home=True),
        "theirs": lambda url, body: extractor.extract_links(HtmlResponse(url, body=body, encoding="utf-8")),
    }
    spent: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(TIMES_THROUGH):
        for name, read in readers.items():
            began = time.process_time()
            for url, body in pages:
                read(url, body)
            spent[name].append(1000 * (time.process_time() - began) / len(pages))
    ours, theirs = (statistics.median(spent[name]) for name in readers)
    print(f"links of a home page: {ours:.2f} CPU ms, LinkExtractor {theirs:.2f}: {theirs / ours:.1f}x (goal 10x)")
    return {"links_ms": round(ours, 3), "link_extractor_ms": round(theirs, 3)}


def gated(setup: Setup, rival_ms: float) -> dict[str, Any]:
    """A crawl that knows of most pages nothing but their addresses, two of five off topic: what the gate turns away."""
    config = generated_web.write_catalogue(setup.scratch / "untitled", setup.truth, titles=False)
    database = setup.scratch / "gated.db"
    cost = crawl(setup, database, config=config)
    of_outcome = _outcomes(database)
    pages = sum(of_outcome.values())
    cpu_ms, wrong = 1000 * cost.cpu_s / pages, check(database, setup.truth)
    print(
        f"with the gate, {pages} pages, {of_outcome.get('off_topic', 0)} of them off topic: {cpu_ms:.1f} CPU ms/page, "
        f"trafilatura CLI {rival_ms / cpu_ms:.2f}x (goal {GOAL_OF_THE_GATE}x); stored wrongly: {len(wrong)}"
    )
    turned_away_ms, whole_ms = _reading_ms(setup)
    print(
        f"reading one that the gate turns away: {turned_away_ms:.2f} CPU ms, the whole of it {whole_ms:.2f}, "
        f"trafilatura CLI {rival_ms / turned_away_ms:.1f}x"
    )
    told = {"cpu_ms_per_page": cpu_ms, "turned_away_ms": turned_away_ms, "whole_ms": whole_ms}
    counts = {"pages": pages, "wrong": len(wrong)} | of_outcome
    return {"gated": {name: round(value, 3) for name, value in told.items()} | counts}


def _reading_ms(setup: Setup) -> tuple[float, float]:
    """CPU ms to read a page that is off topic: with the gate, and the whole of it, in turn."""
    topic = load(setup.config).topics["generated"]
    opened, now = build_opener(ProxyHandler({"http": setup.proxy})), datetime.now(UTC)
    urls = [row["url"] for row in setup.truth if not row["on_topic"]][:MOST_READ]
    pages = [Page(url=url, body=opened.open(url).read(), content_type=HTML, fetched_at=now) for url in urls]
    spent: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(TIMES_THROUGH):
        for whole, times in spent.items():
            began = time.process_time()
            for page in pages:
                read_page(page, source_id="s", country=None, topics=[topic], only_on_topic=True, whole=whole)
            times.append(1000 * (time.process_time() - began) / len(pages))
    return statistics.median(spent[False]), statistics.median(spent[True])


def whole(setup: Setup) -> dict[str, Any]:
    """One crawl to its end: is each article stored that should be, no other, and does memory stay flat?"""
    database = setup.scratch / "whole.db"
    cost = crawl(setup, database)
    wrong, growth = check(database, setup.truth), cost.growth_in_second_half()
    fetched = sum(_outcomes(database).values())
    row = _row([cost], fetched)
    print(
        f"{len(setup.truth)} articles, {fetched} fetched: {row['pages_per_s']:.0f} pages/s, "
        f"{row['cpu_ms_per_page']:.1f} CPU ms/page, peak {row['peak_mb']:.0f} MB, "
        f"last quarter over third {growth:.3f}; stored wrongly: {len(wrong)}"
    )
    more = {"wall_s": round(cost.wall_s, 3), "growth_in_second_half": round(growth, 3)}
    return row | more | {"fetched": fetched, "wrong": len(wrong)}


def killed(setup: Setup, kills: int, wall_s: float) -> dict[str, Any]:
    """Kill -9 in the middle, as often as asked, then crawl to the end: what is lost, what is there twice?"""
    database = setup.scratch / "killed.db"
    for i in range(kills):
        crawl(setup, database, kill_after_s=wall_s * (i + 1) / (kills + 2))
    stored_before = _count(database) if kills else 0
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


def crawl(
    setup: Setup,
    database: Path,
    *,
    under: Sequence[str] = (),
    crawler: Sequence[str | Path] = (sys.executable, "-m", "nazair"),
    config: Path | None = None,
    kill_after_s: float | None = None,
) -> Cost:
    """One `nazair crawl` of the generated web into `database`, `under` another command."""
    command = [*under, *crawler, "crawl", "generated", "--config", config or setup.config]
    return measure.run([*command, "--proxy", setup.proxy, "--db", database, "-q"], kill_after_s=kill_after_s)


def check(database: Path, truth: list[dict[str, Any]]) -> set[str]:
    """The URLs that are stored and should not be, or the reverse; the database's own rule keeps doubles out."""
    with sqlite3.connect(database) as connection:
        stored = {url for (url,) in connection.execute("SELECT url FROM articles")}
    return stored ^ {row["url"] for row in truth if row["on_topic"]}


def _outcomes(database: Path) -> dict[str, int]:
    """How many articles' pages were fetched, by what became of them."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT outcome, count(*) FROM decisions WHERE kind = 'article' GROUP BY outcome")
        return dict(rows.fetchall())


def _count(database: Path) -> int:
    with sqlite3.connect(database) as connection:
        return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])


def _row(costs: list[Cost], pages: int) -> dict[str, float]:
    return {
        "pages_per_s": round(pages / statistics.median(cost.wall_s for cost in costs), 2),
        "cpu_ms_per_page": round(1000 * statistics.median(cost.cpu_s for cost in costs) / pages, 3),
        "peak_mb": round(max(cost.peak_bytes for cost in costs) / 1e6, 1),
    }


if __name__ == "__main__":
    main()
