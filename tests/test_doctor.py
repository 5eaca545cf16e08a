"""`nazair doctor`: what is bad is told with what to do, and the exit code says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from corpus import keep
from corpus.store import articles
from corpus.store.database import REVISIONS, Database, open_database
from corpus.store.schema import analysers
from corpus.weighing import TermCounts
from nazair import checkup
from nazair.cli import run
from nazair.context import Context
from tests.storing import store
from tests.texts import article


def looked_at(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    return {one["what"]: one for one in json.loads(capsys.readouterr().out)}


def test_a_sound_machine_has_nothing_bad(
    database: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor", "-f", "json", "--db", database_url]) == 0

    found = looked_at(capsys)
    assert {"Python", "SQLite", "database", "catalogue", "clock", "time zones", "disk", "chromium", "fonts"} <= set(
        found
    )
    assert {one["state"] for one in found.values()} <= {"good", "note"}
    assert f"revision {REVISIONS[-1]}, 0 articles" in found["database"]["found"]


def test_a_file_that_is_no_database_is_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "notes.db"
    path.write_text("notes")

    assert run(["doctor", "-f", "json", "--db", str(path)]) == 2

    assert "is not a database" in looked_at(capsys)["database"]["found"]
    assert path.read_text() == "notes"


def test_a_rebuild_that_was_interrupted_is_bad(database: Database, database_url: str) -> None:
    with database.writing() as connection:
        store(connection, article(1))
    assert checkup.database(Context(db=database_url)).state == "good"

    with database.writing() as connection:
        keep.begin_rebuild(connection)

    found = checkup.database(Context(db=database_url))
    assert found.state == "bad"
    assert found.advice == "Go on with it: nazair db rebuild --signatures"


def test_a_collection_that_lacks_a_column_is_not_good(database: Database, database_url: str) -> None:
    with database.writing() as connection:
        connection.execute(text("ALTER TABLE runs DROP COLUMN topic"))

    found = checkup.database(Context(db=database_url))

    assert found.state == "bad"
    assert "table runs lacks topic" in found.found
    assert "nazair export" in (found.advice or "")


def test_words_that_another_version_analysed_are_told_until_they_are_rebuilt(
    database: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing() as connection:
        store(connection, article(1))
        connection.execute(update(analysers).values(settings="words=0"))
    with database.writing() as connection:
        store(connection, article(2))

    found = checkup.database(Context(db=database_url))
    assert (found.state, found.advice) == ("note", "At leisure: nazair db rebuild --signatures")
    assert run(["db", "info", "--db", database_url]) == 0
    assert "as another version read them" in capsys.readouterr().out

    assert run(["db", "rebuild", "--signatures", "--db", database_url]) == 0

    assert checkup.database(Context(db=database_url)).state == "good"


def test_a_rebuild_that_another_version_began_is_begun_anew(database: Database, database_url: str) -> None:
    with database.writing() as connection:
        store(connection, article(1))
        keep.begin_rebuild(connection)
        keep.rebuild(connection, counts=TermCounts())
        connection.execute(update(analysers).values(settings="words=0"))
        articles.detach(connection, 1)

    assert run(["db", "rebuild", "--signatures", "--db", database_url]) == 0

    assert checkup.database(Context(db=database_url)).state == "good"


def test_a_collection_that_is_not_there_yet_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "nazair.db"

    assert run(["doctor", "-f", "json", "--db", str(path)]) == 0

    assert looked_at(capsys)["database"]["state"] == "note"
    assert not path.exists()


def test_a_catalogue_that_cannot_be_read_is_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "topics").mkdir()
    (tmp_path / "topics" / "mine.toml").write_text("[topic]\nid = 5\n")

    assert run(["doctor", "-f", "json", "--config", str(tmp_path), "--db", str(tmp_path / "x.db")]) == 2

    assert "topic" in looked_at(capsys)["catalogue"]["found"]


def test_a_clock_that_was_never_set_is_bad() -> None:
    assert checkup.clock(datetime(1970, 1, 1, 0, 5, tzinfo=UTC)).state == "bad"
    assert checkup.clock(datetime(2027, 1, 1, tzinfo=UTC)).state == "good"


def test_a_clock_that_is_not_the_database_servers_is_bad(postgresql_url: str) -> None:
    open_database(postgresql_url, create=True).close()
    there = checkup.database_time(Context(db=postgresql_url))
    assert there is not None
    ahead, alike, behind = (checkup.clock(there + timedelta(seconds=off), there) for off in (120, 4, -120))

    assert abs(datetime.now(UTC) - there) < timedelta(minutes=1)
    assert (ahead.state, alike.state, behind.state) == ("bad", "good", "bad")
    assert "120 s ahead of the database's server" in ahead.found
    assert "120 s behind the database's server" in behind.found
