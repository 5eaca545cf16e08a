"""The bench's quick way into a collection writes what the real one writes."""

from __future__ import annotations

import json
from pathlib import Path

from bench import bulk
from corpus import similar_lists
from corpus.store import Connection
from corpus.store.database import Database, open_database
from tests.test_similar_lists import BUNDLED, TRUTH, store

# Of copies the quick way knows nothing.
COPIED = {row["url"] for row in map(json.loads, TRUTH.read_text(encoding="utf-8").splitlines()) if row["copy_group"]}
ALONE = [one for one in BUNDLED if one.url not in COPIED]


def rows(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    tables = ("subjects", "postings", "similar_lists", "term_counts")
    return {
        table: sorted(tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}"))  # noqa: S608
        for table in tables
    }


def test_a_bulk_load_writes_the_rows_of_the_real_writer(database: Database, tmp_path: Path) -> None:
    with database.writing() as connection:
        store(connection, ALONE)
        similar_lists.renew(connection)
        real = rows(connection)
    quickly = open_database(str(tmp_path / "quickly.db"), create=True)
    bulk.load(quickly, ALONE)
    with quickly.writing() as connection:
        similar_lists.renew(connection)
        quick = rows(connection)
    quickly.close()

    assert len(real["subjects"]) == len(ALONE) > 10
    assert all(real.values())
    assert quick == real
