"""Pages made to hurt, 300 good ones beside them: each is done or refused in time, and the good ones come out right."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus.types import Outcome, Page, Reading
from pipelines.page.decode import cut
from pipelines.read import read_page
from pipelines.workers import Workers, WorkFailed
from tests.hostile_pages import DATE, HOSTILE, SENTENCES, TITLE

pytestmark = pytest.mark.slow

# Under the usual ten seconds, so that the test is over in one minute on a busy machine.
TIME_LIMIT_S = 2.5

# Parent and workers together, 525 to 535 MB as a rule; a crawl has 170 more before it reads a page. What the test
# process, and the servers that other tests started in it, have before does not count.
MOST_MEMORY_BYTES = 600_000_000

GOOD = 300


@dataclass
class Result:
    """What became of all pages, and what it took."""

    hostile: dict[str, Reading | str] = field(default_factory=dict)
    good: dict[int, Reading | str] = field(default_factory=dict)
    peak_bytes: int = 0
    longest_gap_s: float = 0.0  # of the event loop


# One test, because one run of all pages takes half a minute; two on a busy machine.
def test_pages_made_to_hurt_harm_neither_the_good_ones_nor_the_run() -> None:
    result = read_all()

    assert {name: told for name, told in result.hostile.items() if not is_right_or_refused(told)} == {}
    done = [name for name, told in result.hostile.items() if isinstance(told, Reading)]
    assert len(result.hostile) == len(HOSTILE) > 80
    assert len(done) > len(HOSTILE) / 2, "most are done without killing anybody"

    assert len(result.good) == GOOD
    assert {number: told for number, told in result.good.items() if not is_read(told, number)} == {}

    assert 0 < result.peak_bytes < MOST_MEMORY_BYTES
    assert result.longest_gap_s < 2


def is_right_or_refused(told: Reading | str) -> bool:
    """Whether a hostile page gave its article, or a reason why not."""
    if isinstance(told, str):
        return told.startswith(
            ("took more", "no answer within", "reading it failed: ValueError", "reading it failed: RecursionError")
        )
    if told.article is not None and told.outcome is None:
        return told.article.title.startswith(TITLE[:3]) and SENTENCES[0] in told.article.text.split("\n")
    return told.outcome is Outcome.NOT_AN_ARTICLE and bool(told.reason) and told.article is None


def is_read(told: Reading | str, number: int) -> bool:
    """Whether a good page gave its article."""
    if isinstance(told, str) or told.article is None or told.sketch is None:
        return False
    return told.article.text.split("\n") == _good_text(number)


def read_all() -> Result:
    """What becomes of all hostile pages in turn with the good ones, on two workers."""
    pages = {name: cut(make()) for name, make in HOSTILE.items()}  # as ReadStage does
    found, over = Result(), threading.Event()
    watching = threading.Thread(target=_watch_memory, args=(found, over))
    watching.start()
    try:
        asyncio.run(_read_all(pages, found))
    finally:
        over.set()
        watching.join()
    return found


async def _read_all(hostile_pages: Mapping[str, bytes], result: Result) -> None:
    workers = Workers(2, time_limit_s=TIME_LIMIT_S)
    room = asyncio.Semaphore(16)  # as many pages as a crawl holds at a time

    async def hostile(name: str) -> None:
        async with room:
            result.hostile[name] = await _told(workers, hostile_pages[name])

    async def good(number: int) -> None:
        async with room:
            result.good[number] = await _told(workers, _good_page(number))

    async def watch() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.01)
            result.longest_gap_s = max(result.longest_gap_s, time.perf_counter() - last)
            last = time.perf_counter()

    watching = asyncio.create_task(watch())
    names = iter(hostile_pages)
    pages = []
    for number in range(GOOD):
        if number % (GOOD // len(hostile_pages)) == 0 and (name := next(names, None)) is not None:
            pages.append(hostile(name))
        pages.append(good(number))
    await asyncio.gather(*pages, *map(hostile, names))
    watching.cancel()
    workers.close()


async def _told(workers: Workers, body: bytes) -> Reading | str:
    page = Page(
        url="http://alwaha.example/world/1",
        body=body,
        content_type="text/html; charset=utf-8",
        fetched_at=datetime(2025, 8, 16, tzinfo=UTC),
    )
    try:
        return await workers.run(read_page, page, source_id="alwaha", country="JO", topics=(), only_on_topic=False)
    except WorkFailed as error:
        return str(error)


def _good_text(number: int) -> list[str]:
    turn = number % len(SENTENCES)
    return [f"وفي اليوم {number} من المحادثات لم يتغير شيء.", *SENTENCES[turn:], *SENTENCES[:turn]]


def _good_page(number: int) -> bytes:
    text = "".join(f"<p>{line}</p>" for line in _good_text(number))
    title = f"<title>اليوم {number} من المحادثات</title>"
    return (
        f"<html><head>{title}{DATE}</head><body><article><h1>اليوم {number}</h1>{text}</article></body></html>".encode()
    )


def _watch_memory(result: Result, over: threading.Event) -> None:
    """What reading takes: the workers, the process that they are forked from, and what this one grows by."""
    before = _own_share(os.getpid())
    while not over.wait(0.1):
        growth = _own_share(os.getpid()) - before
        others = sum(_own_share(process) for process in _tree(os.getpid()) if _is_worker(process))
        result.peak_bytes = max(result.peak_bytes, max(0, growth) + others)


def _is_worker(process: int) -> bool:
    try:
        return b"multiprocessing" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def _tree(root: int) -> Iterator[int]:
    """The process and all below it."""
    yield root
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _tree(int(child))


def _own_share(process: int) -> int:
    """Resident bytes; what several processes share is counted once, in equal parts."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)
