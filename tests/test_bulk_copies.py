"""The bulk loader of the measurements writes what `copies.enter` writes: what is measured is the real index."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from bench import bulk_copies
from corpus import copies
from corpus.sketch import TextSketch, of_text, sketch
from corpus.store import articles
from corpus.store.database import Database, open_database
from corpus.store.schema import bands, samples, texts
from corpus.thresholds import TEXTS_A_KEY
from tests.test_copies import numbered, report

# Some texts of their own, and more than a key may have of one that changes by a word.
BODIES = [numbered(first, first + 150) for first in range(0, 9_000, 300)] + [
    f"{numbered(0, 100)} طلب{number} {numbered(200, 300)}" for number in range(TEXTS_A_KEY + 20)
]


def enter(database: Database, bodies: list[str]) -> None:
    with database.writing() as connection:
        for number, body in enumerate(bodies):
            one = report(0, body)
            made = sketch(one.title, one.text)
            entered = copies.enter(connection, one, of_text(made))
            articles.add(connection, report(number, body), made, entered.place)


def sketches(bodies: list[str]) -> list[TextSketch]:
    made = [of_text(sketch("خبر", body)) for body in bodies]
    return [one for one in made if one is not None]


def rows(database: Database, table: Table) -> list[Any]:
    columns = [column for column in table.c if column.name not in ("core_id", "published_by")]
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*table.primary_key.columns))]


def test_rows_are_those_of_the_real_writer(database: Database, tmp_path: Path) -> None:
    enter(database, BODIES)
    made = sketches(BODIES)
    for name, way in (("load", bulk_copies.load), ("write", bulk_copies.write)):
        with closing(open_database(str(tmp_path / f"{name}.db"), create=True)) as bulk:
            assert way(bulk, made) == len(BODIES)

            for table in (texts, bands, samples):
                assert rows(bulk, table) == rows(database, table), (name, table.name)


def test_made_up_texts_have_copies() -> None:
    made = list(bulk_copies.made_up(500))

    sets = [set(one.shingles.tolist()) for one in made]
    shared = [len(one & other) / len(other) for one in sets for other in sets[:50] if one is not other]
    assert sum(share > bulk_copies.SHARED - 0.01 for share in shared) > 5
    assert len({one.text_hash for one in made}) == len(made)
