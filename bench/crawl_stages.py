"""Where the CPU of a crawl goes: `python -m bench.crawl_stages FILE crawl TOPIC …` crawls, and writes it to FILE.

Functions are wrapped in this process alone, and clocks of threads are read: the crawl is the product's own. What its
workers cost is known from outside (`bench.crawl`), because they are other processes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bench import measure
from corpus import copies, similar_lists
from corpus.copies import Entering
from corpus.store import words
from nazair.cli import run
from pipelines.ledger import Ledger
from pipelines.workers import Workers
from pipelines.writer import Writer

# What the ledger's thread does besides the frontier and storing: where it is called.
PARTS = {
    "near-copies": (*((Entering, name) for name in ("__init__", "enter", "store")), (copies, "leave")),
    "similar lists": ((similar_lists, "enter"), (similar_lists, "leave"), (similar_lists, "renew")),
    "search words": ((words, "add"), (words, "remove")),
}


def main() -> None:
    """Crawl, and write CPU seconds by stage, and the slowest database call of the event loop."""
    file, arguments = Path(sys.argv[1]), sys.argv[2:]
    spent: defaultdict[str, float] = defaultdict(float)
    for part, places in PARTS.items():
        for owner, name in places:
            setattr(owner, name, _clocked(getattr(owner, name), part, spent))
    _clock_the_ledger(spent)
    _clock_the_preload(spent)
    calls_ms = _watch_the_loop()
    code = run(arguments)
    loop = time.thread_time() - spent["start"]
    in_ledger = spent.pop("ledger")
    parts = {part: round(spent[part], 4) for part in PARTS}
    result = {
        "start": round(spent["start"], 4),
        "preload": round(spent["preload"], 4),
        "event loop": round(loop, 4),
        "frontier and storage": round(in_ledger - sum(parts.values()), 4),
        **parts,
        "to workers and back": round(time.process_time() - time.thread_time() - in_ledger, 4),
        "own": round(time.process_time(), 4),
        "calls_on_loop": len(calls_ms),
        "slowest_call_on_loop_ms": round(max(calls_ms, default=0.0), 2),
    }
    file.write_text(json.dumps(result), encoding="utf-8")
    sys.exit(code)


def _clocked(function: Callable[..., Any], stage: str, spent: dict[str, float]) -> Callable[..., Any]:
    def called(*args: Any, **kwargs: Any) -> Any:
        began = time.thread_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent[stage] += time.thread_time() - began

    return called


def _clock_the_ledger(spent: dict[str, float]) -> None:
    begin, call = Ledger.begin, Writer.try_once

    async def beginning(self: Ledger, *args: Any, **kwargs: Any) -> None:
        spent["start"] = time.thread_time()
        await begin(self, *args, **kwargs)

    async def calling(self: Writer, function: Callable[[], Any]) -> Any:
        return await call(self, _clocked(function, "ledger", spent))

    Ledger.begin, Writer.try_once = beginning, calling  # type: ignore[method-assign]


def _clock_the_preload(spent: dict[str, float]) -> None:
    """What the process costs that workers are forked from: it imports, and reads a page, before there are any."""
    close = Workers.close

    def closing(self: Workers) -> None:
        pid = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined] # nothing public tells it
        if pid is not None and (seen := measure.seen(pid)) is not None:
            spent["preload"] = seen[0]
        close(self)

    Workers.close = closing  # type: ignore[method-assign]


def _watch_the_loop() -> list[float]:
    """The milliseconds of each statement that is sent from the thread of the event loop while it runs."""
    found: list[float] = []
    began = threading.local()

    @event.listens_for(Engine, "before_cursor_execute")
    def before(*_: Any) -> None:
        began.at = time.perf_counter()

    @event.listens_for(Engine, "after_cursor_execute")
    def after(*_: Any) -> None:
        if asyncio._get_running_loop() is not None:  # None in every other thread
            found.append(1000 * (time.perf_counter() - began.at))

    return found


if __name__ == "__main__":
    main()
