"""A collection copied to the other kind of database, and back: the same in every row, or not there."""

from __future__ import annotations

import resource
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from corpus import shown_lists
from corpus.errors import DatabaseError
from corpus.store import articles, frontier, runs, schedules, transfer
from corpus.store.database import Database, open_database
from corpus.store.runs import NewDecision
from corpus.store.schedules import Schedule
from corpus.store.schema import hosts, metadata
from corpus.store.upkeep import integrity_problems
from corpus.types import Filter, Link, LinkKind, Outcome
from nazair.cli import run
from tests.storing import store
from tests.texts import article

NOW = datetime(2026, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)
SILENT = lambda table, done, of, compared: None  # noqa: E731 - nobody listens


# Databases that do not keep what they are given.
SCRIBBLING = {
    "sqlite": [
        "CREATE TRIGGER scribble AFTER INSERT ON articles WHEN new.id = 1"
        " BEGIN UPDATE articles SET author = 'somebody' WHERE id = 1; END"
    ],
    "postgresql": [
        "CREATE FUNCTION scribble() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN NEW.author := 'somebody'; RETURN NEW; END $$",
        "CREATE TRIGGER scribble BEFORE INSERT ON articles FOR EACH ROW WHEN (NEW.id = 1) EXECUTE FUNCTION scribble()",
    ],
}


@pytest.fixture
def filled(database: Database) -> Database:
    with database.writing() as connection:
        for number, outlet in ((1, "a"), (2, "a"), (1, "b"), (3, "b")):
            store(connection, article(number, outlet=outlet))
        run_id = runs.start(connection, "t", now=NOW, machine="قمر", pid=1)
        link = Link(url="http://a.example/9", kind=LinkKind.ARTICLE, channel="feed", source_id="a")
        frontier.add_seeds(connection, "t", [link])
        runs.record(connection, run_id, [NewDecision(link=link, outcome=Outcome.FAILED, reason="\U0001f319")], now=NOW)
        connection.execute(insert(hosts), {"host": "a", "robots_body": bytes(range(256)), "robots_at": NOW})
        one = Schedule(
            name="s", topic_id="t", cron="* * * * *", every_s=None, zone="UTC", created_at=NOW, settled_until=NOW
        )
        schedules.add(connection, replace(one, source_ids=("a",)))
    return database


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


@pytest.fixture
def other_url(filled: Database, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place on the other kind of database."""
    if not filled.is_sqlite:
        return str(tmp_path / "copy.db")
    url: str = request.getfixturevalue("postgresql_url")
    return url


def test_a_copy_has_every_row_as_it_was(filled: Database, other_url: str) -> None:
    counts = transfer.copy(filled, other_url, told=SILENT)

    with open_database(other_url) as copied:
        assert everything(copied) == everything(filled)
        assert integrity_problems(copied) == []
    assert counts["articles"] == 4
    assert counts["runs"] == counts["schedules"] == counts["hosts"] == 1
    assert set(counts) == set(metadata.tables)


def test_a_copy_of_a_copy_is_the_collection(filled: Database, other_url: str, tmp_path: Path) -> None:
    transfer.copy(filled, other_url, told=SILENT)

    with open_database(other_url) as copied:
        transfer.copy(copied, str(tmp_path / "back.db"), told=SILENT)

    with open_database(str(tmp_path / "back.db")) as back:
        assert everything(back) == everything(filled)


def test_a_copy_answers_alike_and_goes_on_counting(filled: Database, other_url: str) -> None:
    transfer.copy(filled, other_url, told=SILENT)

    with open_database(other_url) as copied:
        with filled.reading() as ours, copied.reading() as theirs:
            for article_id in articles.find(ours, Filter()):
                assert shown_lists.similar(ours, article_id, Filter(), limit=9) == shown_lists.similar(
                    theirs, article_id, Filter(), limit=9
                )
        with copied.writing() as connection:
            last = max(articles.find(connection, Filter()))
            assert store(connection, article(3, outlet="c")) == [last + 1]
            assert runs.start(connection, "t", now=NOW, machine="m", pid=2) == 2


def test_postgresql_knows_what_is_in_a_copy_of_a_collection(filled: Database, other_url: str) -> None:
    if not filled.is_sqlite:
        pytest.skip("SQLite plans by its indexes")

    transfer.copy(filled, other_url, told=SILENT)

    with open_database(other_url) as copy, copy.reading() as connection:
        known = connection.execute(
            text("SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public'")
        ).scalars()
        assert {"articles", "samples", "texts", "frontier"} <= set(known)


def test_what_holds_a_collection_is_left_alone(filled: Database, other_url: str) -> None:
    with open_database(other_url, create=True) as other, other.writing() as connection:
        store(connection, article(2, outlet="mine"))
    with open_database(other_url) as other:
        before = everything(other)

        with pytest.raises(DatabaseError, match="holds a collection already; it was left as it is"):
            transfer.copy(filled, other_url, told=SILENT)

        assert everything(other) == before


def test_a_copy_that_fails_on_its_way_leaves_nothing(filled: Database, other_url: str) -> None:
    def fail(table: str, done: int, of: int, *, compared: bool) -> None:
        if table == "decisions":
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        transfer.copy(filled, other_url, told=fail)

    if filled.is_sqlite:
        with open_database(other_url) as other:
            assert not any(everything(other).values())
    else:
        assert not Path(other_url).exists()
    assert transfer.copy(filled, other_url, told=SILENT)["articles"] == 4


def test_a_copy_that_cannot_begin_leaves_nothing(filled: Database, tmp_path: Path) -> None:
    """As on a full disk: no file may be larger than two pages."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, limits[1]))
    try:
        with pytest.raises(DatabaseError):
            transfer.copy(filled, str(tmp_path / "copy.db"), told=SILENT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert list(tmp_path.glob("copy.db*")) == []


def test_a_row_that_differs_is_found(filled: Database, other_url: str) -> None:
    with open_database(other_url, create=True) as other, other.writing() as connection:
        for statement in SCRIBBLING["sqlite" if other.is_sqlite else "postgresql"]:
            connection.execute(text(statement))

    with pytest.raises(DatabaseError, match=r"the copy of the table articles is not the same \(4 and 4 rows\)"):
        transfer.copy(filled, other_url, told=SILENT)

    with open_database(other_url) as other:
        assert not any(everything(other).values())


def test_a_copy_tells_how_far_it_is_within_a_table(filled: Database, other_url: str) -> None:
    told = []
    with filled.writing() as connection:
        connection.execute(insert(hosts), [{"host": f"{number}.example"} for number in range(150)])

    transfer.copy(filled, other_url, told=lambda table, done, of, compared: told.append((table, done, of, compared)))

    assert [rest for table, *rest in told if table == "hosts"] == [
        [100, 151, False],
        [151, 151, False],
        [100, 151, True],
        [151, 151, True],
    ]
    assert {table for table, done, of, compared in told if compared and done == of} == set(metadata.tables)


def test_the_command_copies_and_refuses_itself(
    filled: Database, database_url: str, other_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["db", "copy", database_url, "--db", database_url]) == 2
    assert "is what would be copied" in capsys.readouterr().err

    assert run(["db", "copy", other_url, "--db", database_url]) == 0
    assert "counted and compared; 4 articles." in capsys.readouterr().out

    assert run(["db", "copy", other_url, "--db", database_url]) == 2
    assert "it was left as it is" in capsys.readouterr().err
