"""Extraction from annotated pages, beside trafilatura, newspaper4k and readability: quality and CPU.

Needs NAZAIR_BENCH_DATA, a folder with `extraction/` in it: pages, gold annotations as JSONL, and the
scorer, which is run as it is. All are timed in the same run, in turn, page by page.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import get_global

from bench.extract_rivals import RIVALS, Prediction
from corpus import repeated
from corpus.store.database import open_database
from corpus.types import Article, Page
from corpus.urls import normalise, same_site
from crawler.catalogue import load
from pipelines import language, read
from pipelines.read import read_page
from pipelines.text import body as extraction
from pipelines.workers import Workers

SETS = {"real": "gold_real.dev.jsonl", "transplanted": "gold_transplant.dev.jsonl"}
OURS, FILTERED = "nazair", "nazair, with its filter"
FETCHED_AT = datetime(2026, 11, 1, tzinfo=UTC)

# So that the start of the workers does not count.
TIMES_THROUGH = 3

# What is told of each step: where `read_page` calls it. The last two are parts of "bare" and of "text".
STEPS = {
    "decode": (read, "decode_page"),
    "parse": (read, "parse"),
    "head": (read, "read_head"),
    "metadata": (read, "read_metadata"),
    "bare": (read, "bare_page"),
    "text": (read, "extract_body"),
    "dates": (read, "published"),
    "language": (language, "language"),
    "sketch": (read, "sketch"),
    "bare: prune": (extraction, "pruning"),
    "text: trafilatura": (extraction, "_extract"),
}


@dataclass(frozen=True, kw_only=True)
class Annotated:
    """A page with its gold annotation."""

    set: str
    gold: Mapping[str, Any]
    page: Page
    source: str  # whose template it has
    country: str | None

    @property
    def id(self) -> str:
        return str(self.gold["id"])


def main() -> None:
    """Print the tables and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="each page is timed so often, and its best time counts")
    repeats = parser.parse_args().repeats
    if not (data := os.environ.get("NAZAIR_BENCH_DATA")):
        sys.exit("NAZAIR_BENCH_DATA is not set: it names a folder with extraction/ in it, pages with gold annotations.")
    folder = Path(data) / "extraction"
    pages = annotated(folder)
    with tempfile.TemporaryDirectory() as scratch:
        quality = judge(folder, pages, predict(pages, Path(scratch)), Path(scratch))
    cpu = {name: _best(pages, function, repeats) for name, function in _timed().items()}
    result = {"bench": "extract", "pages": len(pages), "quality": quality} | cost(pages, cpu) | {"steps": steps(pages)}
    runs = [[asyncio.run(throughput(pages, count)) for count in (1, 2)] for _ in range(repeats)]
    one, two = map(statistics.median, zip(*runs, strict=True))
    result["pages_per_s"] = {"1": round(one, 1), "2": round(two, 1)}
    _print(result)
    print(json.dumps(result, ensure_ascii=False))


def annotated(folder: Path) -> list[Annotated]:
    """All pages of both sets."""
    sources = load(None).sources.values()
    rows = [
        (name, json.loads(line))
        for name, file in SETS.items()
        for line in (folder / file).read_text(encoding="utf-8").splitlines()
    ]
    urls = {gold["id"]: gold["url"] for _, gold in rows if "url" in gold}
    found = []
    for name, gold in rows:
        source = gold.get("template", gold["id"])
        body = (folder / gold["html"]).read_bytes()
        country = next((one.country for one in sources if same_site(one.home, urls[source])), None)
        page = Page(url=urls[source], body=body, content_type="text/html", fetched_at=FETCHED_AT)
        found.append(Annotated(set=name, gold=gold, page=page, source=source, country=country))
    return found


def predict(pages: Sequence[Annotated], scratch: Path) -> dict[str, dict[str, Prediction]]:
    """What each extractor makes of each page: name → page id → prediction."""
    found = {name: {one.id: rival(one.page.body, one.page.url) for one in pages} for name, rival in RIVALS.items()}
    articles = {one.id: _article(one) for one in pages}
    told = {one.id: articles[one.id] for one in pages}
    with open_database(str(scratch / "lines.db"), create=True).writing() as connection:
        lines = repeated.Learning(connection, articles.values())
        for article in articles.values():
            lines.learn(article)
        lines.store()
        filtered = {one.id: repeated.without_repeated(connection, told[one.id]) for one in pages}
    found[OURS] = {one.id: _prediction(told[one.id], one.country) for one in pages}
    found[FILTERED] = {one.id: _prediction(filtered[one.id], one.country) for one in pages}
    return found


def judge(
    folder: Path, pages: Sequence[Annotated], predictions: Mapping[str, Mapping[str, Prediction]], scratch: Path
) -> dict[str, dict[str, dict[str, float]]]:
    """The scorer's figures: extractor → set → figure."""
    scores: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
    for name, by_page in predictions.items():
        for set_, gold in SETS.items():
            file = scratch / f"{name}.{set_}.jsonl"
            annotated = scratch / gold
            _write(file, [_in_one_spelling({"id": one.id} | by_page[one.id]) for one in pages if one.set == set_])
            _write(annotated, [_in_one_spelling(one.gold) for one in pages if one.set == set_])
            command: list[str | Path] = [sys.executable, folder / "score.py", annotated, file, "--json"]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            scores[name][set_] = {
                key: round(value, 4) if isinstance(value, float) else value for key, value in told.items()
            }
    return dict(scores)


def _write(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _in_one_spelling(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its canonical URL normalised: the scorer compares letters, and sites percent-encode as they like."""
    named = row.get("canonical")
    return {**row, "canonical": normalise(named) or named} if named else dict(row)


def cost(pages: Sequence[Annotated], cpu: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """CPU in milliseconds a page, and ours over that of trafilatura with its own metadata."""
    ours, theirs = cpu[OURS], cpu["trafilatura"]
    by_source: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for one, mine, other in zip(pages, ours, theirs, strict=True):
        by_source[one.source][0] += mine
        by_source[one.source][1] += other
    return {
        "cpu_ms": {name: round(1000 * sum(times) / len(times), 2) for name, times in cpu.items()},
        "cpu_ratio": round(sum(ours) / sum(theirs), 3),
        "cpu_ratio_by_source": {source: round(mine / other, 3) for source, (mine, other) in by_source.items()},
    }


def steps(pages: Sequence[Annotated]) -> dict[str, float]:
    """Share of the CPU of `read_page` that each step takes; "other" is what is in none of them."""
    spent = dict.fromkeys(STEPS, 0.0)
    before = {name: getattr(module, function) for name, (module, function) in STEPS.items()}
    for name, (module, function) in STEPS.items():
        setattr(module, function, _clocked(before[name], name, spent))
    try:
        started = time.process_time()
        for one in pages:
            _read(one)
        total = time.process_time() - started
    finally:
        for name, (module, function) in STEPS.items():
            setattr(module, function, before[name])
    shares = {name: round(spent[name] / total, 3) for name in STEPS}
    return shares | {"other": round(1 - sum(share for name, share in shares.items() if ":" not in name), 3)}


async def throughput(pages: Sequence[Annotated], count: int) -> float:
    """Pages a second, wall clock, with so many worker processes."""
    workers = Workers(count)
    busy = asyncio.Semaphore(2 * count)

    async def work(one: Annotated) -> None:
        async with busy:
            await workers.run(
                read_page, one.page, source_id=one.source, country=one.country, topics=(), only_on_topic=False
            )

    try:
        await asyncio.gather(*(work(one) for one in pages[: 4 * count]))  # until all workers are there
        started = time.perf_counter()
        await asyncio.gather(*(work(one) for one in [*pages] * TIMES_THROUGH))
        return TIMES_THROUGH * len(pages) / (time.perf_counter() - started)
    finally:
        workers.close()


def _timed() -> dict[str, Callable[[Annotated], object]]:
    rivals = {name: lambda one, rival=rival: rival(one.page.body, one.page.url) for name, rival in RIVALS.items()}
    return {OURS: _read, **rivals}


def _best(pages: Sequence[Annotated], function: Callable[[Annotated], object], repeats: int) -> list[float]:
    best = [float("inf")] * len(pages)
    for _ in range(repeats):
        for i, one in enumerate(pages):
            started = time.process_time()
            function(one)
            best[i] = min(best[i], time.process_time() - started)
    return best


def _clocked(function: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    def clocked(*args: Any, **kwargs: Any) -> Any:
        started = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent[name] += time.process_time() - started

    return clocked


def _read(one: Annotated) -> Any:
    return read_page(one.page, source_id=one.source, country=one.country, topics=(), only_on_topic=False)


def _article(one: Annotated) -> Article:
    """What is read of a page, also of one that is refused (in Persian, say)."""
    found = read.explain_page(one.page, source_id=one.source, country=one.country).found
    assert found is not None, one.id
    return found


def _prediction(article: Article, country: str | None) -> Prediction:
    day = article.published_at
    if day is not None and article.published_precision != "day":
        day = day.astimezone(_zone(article.published_zone, country))
    return {
        "text": article.text,
        "title": article.title,
        "author": article.author,
        "date": day.date().isoformat() if day else None,
        "canonical": article.canonical_url,
        "lang": article.language,
    }


def _zone(named: str | None, country: str | None) -> tzinfo | None:
    """The zone of a publication: as the page names it ("+03:00"), or its name, else the country's if it has one."""
    if named and named[0] in "+-":
        return datetime.fromisoformat(f"2000-01-01T00:00{named}").tzinfo
    if named:
        return ZoneInfo(named)
    zones = get_global("territory_zones").get(country or "", [])
    return ZoneInfo(zones[0]) if len(zones) == 1 else UTC


def _print(result: Mapping[str, Any]) -> None:
    print(f"{result['pages']} pages; page F1, P and R of 4-word shingles; CPU ms a page, everything included")
    print(f"{'':26}{'real: F1':>9}{'P':>7}{'R':>7}{'transpl.: F1':>14}{'P':>7}{'R':>7}{'empty':>7}{'CPU ms':>8}")
    for name, scores in result["quality"].items():
        real, other = scores["real"], scores["transplanted"]
        figures = [real["pageF1"], real["P"], real["R"], other["pageF1"], other["P"], other["R"]]
        widths = (9, 7, 7, 14, 7, 7)
        cells = "".join(f"{figure:{width}.3f}" for figure, width in zip(figures, widths, strict=True))
        print(f"{name:26}{cells}{real['empty'] + other['empty']:7}{result['cpu_ms'].get(name, 0) or '':>8}")
    print(
        f"\n{'':26}{'title':>7}{'date':>7}{'canon.':>8}{'lang':>7}{'auth. P':>9}{'auth. R':>9}   (real / transplanted)"
    )
    for name, scores in result["quality"].items():
        for set_, score in scores.items():
            figures = [score.get(key) for key in ("title", "date", "canonical", "lang", "auth_P", "auth_R")]
            print(f"{name + ' / ' + set_:44}" + "".join("      –" if one is None else f"{one:7.3f}" for one in figures))
    print(f"\nCPU of nazair over trafilatura with metadata: {result['cpu_ratio']} {result['cpu_ratio_by_source']}")
    print(f"share of the steps: {result['steps']}")
    print(f"pages a second by workers: {result['pages_per_s']}")


if __name__ == "__main__":
    main()
