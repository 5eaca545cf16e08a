"""Pages and API of a large collection under load, while a crawl stores: `make bench-serve`.

A server process (`nazair serve`), a process that stores articles as a crawl does, and this one, which asks so many
requests a second at fixed times whether or not earlier ones were answered (an open loop: a slow answer delays no
question, so waiting is counted). NAZAIR_BENCH_ARTICLES sets the size of the collection; NAZAIR_BENCH_SERVE keeps it in
a file for the next run.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np

from bench import corpora, measure
from bench.bulk import add_with_words
from corpus import keep, similar_lists, weighing
from corpus.sketch import sketch
from corpus.store import articles
from corpus.store.database import Database, open_database
from corpus.types import Filter
from corpus.weighing import TermCounts

ARTICLES = 100_000
LISTED = 2_000  # articles with a similar list: those that are asked for
A_SECOND = 50
SECONDS = 40
STORED_A_SECOND = 10
BATCH = 250

GOAL_MS, GOAL_BYTES = 50.0, 200 << 20

# What readers and widgets ask for, and how often of a hundred.
MIX = {
    "widget": (40, "/api/similar?url=http://outlet-{source}.example/news/{number}&n=5"),
    "article page": (25, "/articles/{id}"),
    "home": (10, "/"),
    "search page": (8, "/search?q={word}"),
    "api search": (7, "/api/search?q={word}"),
    "copies page": (5, "/copies/{id}"),
    "topic page": (3, "/topics/alaska-summit"),
    "feed": (2, "/feeds/similar.rss?id={id}"),
}


def main() -> None:
    """Print the table, and last one line of JSON."""
    count = int(os.environ.get("NAZAIR_BENCH_ARTICLES", ARTICLES))
    with TemporaryDirectory(dir=os.environ.get("NAZAIR_BENCH_SCRATCH")) as folder:
        path = Path(os.environ.get("NAZAIR_BENCH_SERVE") or Path(folder) / "nazair.db")
        if not path.exists():
            _fill(path, count)
        figures = {"bench": "serve", **_measured(path, count)}
    print("\n".join(report(figures)))
    print(json.dumps(figures, ensure_ascii=False))


def report(figures: dict[str, Any]) -> Iterator[str]:
    """The table for people."""
    yield (
        f"serve, {figures['articles']:,} articles, {A_SECOND} requests a second for {SECONDS} s, "
        f"{figures['stored']} articles stored meanwhile"
    )
    yield f"  ms: p50 {figures['p50']:.1f}, p95 {figures['p95']:.1f} (goal {GOAL_MS:.0f}), p99 {figures['p99']:.1f}"
    yield f"  {figures['failed']} of {figures['asked']} requests failed"
    yield f"  memory {figures['peak_bytes'] / 2**20:.0f} MB at most (goal {GOAL_BYTES >> 20})"
    yield f"  the server's CPU: {figures['cpu_ms_a_request']:.1f} ms a request"
    for kind, (p50, p95) in figures["kinds"].items():
        yield f"  {kind:14} p50 {p50:>7.1f}   p95 {p95:>7.1f}"


def _fill(path: Path, count: int) -> None:
    """A collection with texts, search words and a topic; the articles that are asked for have similar lists."""
    database = open_database(str(path), create=True)
    made = (corpora.article(one) for one in corpora.make(count))
    while batch := list(islice(made, BATCH)):
        with database.writing() as connection:
            for article in batch:
                add_with_words(connection, article, topic_id="alaska-summit")
    with database.writing() as connection:
        weighing.weigh_all(connection)
        similar_lists.remake(connection, _asked(database_ids(database), count))
    database.close()


def database_ids(database: Database) -> list[int]:
    """The ids of all articles."""
    with database.reading() as connection:
        return articles.find(connection, Filter(), sort="id")


def _asked(ids: list[int], count: int) -> list[int]:
    return [int(one) for one in np.random.default_rng(0).choice(ids[:count], min(LISTED, count), replace=False)]


def _measured(path: Path, count: int) -> dict[str, Any]:
    database = open_database(str(path))
    requests = _requests(database, count)
    database.close()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "nazair", "serve", "--db", str(path), "--port", str(port), "--rate", "0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    stop, stored = multiprocessing.Event(), multiprocessing.Value("i", 0)
    writer = multiprocessing.Process(target=_store, args=(str(path), count, stop, stored))
    try:
        assert server.stderr is not None
        print(server.stderr.readline().strip(), file=sys.stderr)
        address = f"http://127.0.0.1:{port}"
        asyncio.run(_ask(address, requests[: A_SECOND * 5]))  # warm
        writer.start()
        started = measure.seen(server.pid)
        times, peak = asyncio.run(_ask(address, requests, pid=server.pid))
        ended = measure.seen(server.pid)
    finally:
        stop.set()
        if writer.pid:
            writer.join()
        server.terminate()
        server.wait()
    return _figures(count, times, peak, int(stored.value), (ended[0] - started[0]) if started and ended else 0.0)


def _figures(count: int, times: list[tuple[str, float | None]], peak: int, stored: int, cpu_s: float) -> dict[str, Any]:
    answered = [ms for _, ms in times if ms is not None]
    return {
        "articles": count,
        "asked": len(times),
        "failed": len(times) - len(answered),
        "stored": stored,
        **{f"p{share}": float(np.percentile(answered, share)) for share in (50, 95, 99)},
        "peak_bytes": peak,
        "cpu_ms_a_request": 1e3 * cpu_s / len(times),
        "kinds": {
            kind: [float(np.percentile(some, share)) for share in (50, 95)]
            for kind in MIX
            if (some := [ms for of_kind, ms in times if of_kind == kind and ms is not None])
        },
    }


def _requests(database: Database, count: int) -> list[tuple[str, str]]:
    """(kind, path) in the order in which they are asked."""
    draw = np.random.default_rng(2)
    asked = _asked(database_ids(database), count)
    words = [corpora.word(int(number)) for number in draw.integers(100, 2_000, size=300)]
    words = [word for word in words if len(word) > 3]
    with database.reading() as connection:
        loaded = articles.load(connection, asked)
    kinds = draw.choice(list(MIX), A_SECOND * SECONDS, p=[share / 100 for share, _ in MIX.values()])
    found = []
    for kind in kinds:
        stored = loaded[asked[int(draw.integers(len(asked)))]]
        source, number = stored.article.source_id or "", stored.article.url.rsplit("/", 1)[1]
        path = MIX[kind][1].format(
            id=stored.id,
            source=source.removeprefix("outlet-"),
            number=number,
            word=quote(words[int(draw.integers(len(words)))]),
        )
        found.append((str(kind), path))
    return found


async def _ask(
    address: str, requests: list[tuple[str, str]], *, pid: int | None = None
) -> tuple[list[tuple[str, float | None]], int]:
    """Milliseconds of each request from the moment at which it was due; None where it failed. And the peak memory."""
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    async with httpx.AsyncClient(base_url=address, timeout=20, limits=limits) as client:
        begun, tasks, peak = time.perf_counter(), [], 0
        for place, (kind, path) in enumerate(requests):
            due = begun + place / A_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(_one(client, kind, path, due)))
            if pid and place % A_SECOND == 0 and (seen := measure.seen(pid)) is not None:
                peak = max(peak, seen[1])
        return list(await asyncio.gather(*tasks)), peak


async def _one(client: httpx.AsyncClient, kind: str, path: str, due: float) -> tuple[str, float | None]:
    try:
        answer = await client.get(path)
    except httpx.HTTPError:
        return kind, None
    return kind, (time.perf_counter() - due) * 1e3 if answer.status_code == 200 else None


def _store(path: str, count: int, stop: Any, stored: Any) -> None:
    """Store new articles as a crawl does, one transaction a second."""
    database, counts = open_database(path), TermCounts()
    made = (corpora.article(one) for one in corpora.make(STORED_A_SECOND * SECONDS * 2, seed=int(time.time())))
    for number in range(SECONDS * 2):
        batch = [(one, sketch(one.title, one.text)) for one in islice(made, STORED_A_SECOND)]
        with database.writing() as connection:
            for one, its_sketch in batch:
                fresh = one.__class__(**{**one.__dict__, "url": f"{one.url}-{count}-{time.time_ns()}-{number}"})
                keep.keep_article(connection, fresh, its_sketch, counts=counts)
                stored.value += 1
        if stop.wait(1.0):
            break
    database.close()


if __name__ == "__main__":
    main()
