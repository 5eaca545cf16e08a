"""What leasing and settling cost with a large frontier: CPU a page, the slowest call, memory from first to last."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from corpus.settling import settle
from corpus.store import frontier, leases, runs
from corpus.store.database import open_database
from corpus.types import Decision, LeasedLink, Link, LinkKind, Outcome
from corpus.weighing import TermCounts

HOSTS, PAGES, ADDED_AT_ONCE = 100, 6_400, 1_000


def measure(db: str, rows: int) -> dict[str, Any]:
    """Fill a frontier of so many rows, lease pages from it in sixty-fours, and settle each batch in one transaction."""
    database = open_database(db, create=True)
    memory = [_own_memory()]
    with database.writing() as connection:
        run_id = runs.start(connection, "t", now=datetime.now(UTC), machine="bench", pid=1)
    for start in range(0, rows, ADDED_AT_ONCE):
        with database.writing() as connection:
            frontier.add_found(connection, "t", [_link(i) for i in range(start, start + ADDED_AT_ONCE)], run_id=run_id)
        if start in (0, rows // 2 // ADDED_AT_ONCE * ADDED_AT_ONCE):
            memory.append(_own_memory())
    memory.append(_own_memory())
    lease_s, settle_s, counts = [], [], TermCounts()
    before = time.process_time()
    done = 0
    while done < min(PAGES, rows):
        began, now = time.perf_counter(), datetime.now(UTC)
        with database.leasing() as connection:
            leased = leases.lease(
                connection,
                "t",
                run_id=run_id,
                now=now,
                until=now + timedelta(minutes=10),
                busy={},
                per_host=8,
                limit=64,
            )
        lease_s.append(time.perf_counter() - began)
        began = time.perf_counter()
        with database.writing() as connection:
            decided = [(one, _decision(one)) for one in leased]
            settle(connection, decided, queue="t", run_id=run_id, now=now, counts=counts)
        settle_s.append(time.perf_counter() - began)
        done += len(leased)
    cpu_ms = 1000 * (time.process_time() - before) / done
    memory.append(_own_memory())
    database.close()
    result: dict[str, Any] = {
        "database": "PostgreSQL" if "://" in db else "SQLite",
        "rows": rows,
        "cpu_ms_per_page": round(cpu_ms, 3),
        "lease_ms": [round(1000 * value, 1) for value in (statistics.median(lease_s), max(lease_s))],
        "settle_64_ms": [round(1000 * value, 1) for value in (statistics.median(settle_s), max(settle_s))],
        "memory_mb": [round(size / 1e6, 1) for size in memory],
    }
    print(
        f"frontier of {rows:,} rows, {result['database']}: {cpu_ms:.3f} CPU ms a page to lease and settle (goal 0.3, "
        f"storing included); lease of 64 {result['lease_ms'][0]} ms, at most {result['lease_ms'][1]}; own "
        f"memory at the start, after {ADDED_AT_ONCE:,}, half, all and {done:,} pages: {result['memory_mb']} MB "
        "(SQLite's cache of pages takes 32)",
        flush=True,
    )
    return result


def _link(number: int) -> Link:
    return Link(
        url=f"http://h{number % HOSTS}.example/news/{number}",
        kind=LinkKind.ARTICLE,
        channel="feed",
        source_id=f"h{number % HOSTS}",
        title=f"title {number}",
        depth=1,
    )


def _decision(leased: LeasedLink) -> Decision:
    return Decision(url=leased.link.url, outcome=Outcome.OFF_TOPIC, reason="not about it")


def _own_memory() -> int:
    """Bytes of this process alone: mapped pages of the database's file are the system's, which takes them back."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("RssAnon:"))
