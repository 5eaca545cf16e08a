"""The bench's quick way into a collection writes what the real one writes."""

from __future__ import annotations

import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench import bulk, bulk_lists
from bench.bulk_lists import Drawn, Vocabulary
from corpus import similar_lists
from corpus.arabic import bare
from corpus.similar import number_keys
from corpus.similar_lists import minutes
from corpus.sketch import sketch
from corpus.store import Connection, lists
from corpus.store.database import Database, open_database
from corpus.vector import Keys, unpack
from tests.bundled import ALONE, store


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
    with quickly.writing() as connection:
        for one in ALONE:
            bulk.add_with_words(connection, one, topic_id="alaska-summit")
        similar_lists.renew(connection)
        quick = rows(connection)
    quickly.close()

    assert len(real["subjects"]) == len(ALONE) > 10
    assert all(real.values())
    assert quick == real


def test_drawn_articles_are_compared_as_written_ones_are(tmp_path: Path) -> None:
    """But for a word or two, whose usual form in one article is a function word."""
    written = [replace(one, title=bare(one.title), text=bare(one.text)) for one in ALONE]
    spelled = sorted({word for one in written for word in f"{one.title} {one.text}".split()})
    number = {word: i for i, word in enumerate(spelled)}

    def ids(shown: str) -> Keys:
        return np.array([number[word] for word in shown.split()])

    drawn = [Drawn(replace(one, text=""), ids(one.title), ids(one.text)) for one in written]
    with closing(open_database(str(tmp_path / "nazair.db"), create=True)) as database:
        bulk_lists.load(database, drawn, Vocabulary(spelled.__getitem__, analysed=len(spelled)))
        with database.reading() as connection:
            stored = lists.subjects_of(connection, range(1, len(written) + 1))
    wanted = [sketch(one.title, one.text) for one in written]

    for one, found, made in zip(written, stored, wanted, strict=True):
        assert found.tie == zlib.crc32(one.url.encode())
        assert found.published == minutes(one.published_at)
        assert found.numbers == number_keys(made.numbers).tobytes()
    terms = [
        (set(unpack(found.vector).terms.tolist()), set(unpack(made.vector).terms.tolist()))
        for found, made in zip(stored, wanted, strict=True)
    ]
    assert sum(len(a ^ b) for a, b in terms) < 0.005 * sum(len(b) for _, b in terms)
