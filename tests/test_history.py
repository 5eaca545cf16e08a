"""A source that gives nothing, or far less than it used to, is told of after a crawl."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus.store import history, runs
from corpus.store.database import Database
from corpus.store.runs import NewDecision
from corpus.types import Link, LinkKind, Outcome
from nazair.cli import run
from tests.processes import nazair
from tests.rude_server import Answer, catalogue, crawl, news, serving

NOW = datetime(2025, 8, 16, 12, tzinfo=UTC)
FEED = Link(url="http://a.example/feed", kind=LinkKind.FEED, channel="feed", source_id="a")


def run_with(database: Database, found: int | None, *, outcome: Outcome = Outcome.LISTING, number: int = 0) -> int:
    """A run in which the one feed of source `a` gave so many links; None: it was not asked for."""
    now = NOW + timedelta(days=number)
    with database.writing() as connection:
        run_id = runs.start(connection, "t", now=now, machine="m", pid=1)
        if found is not None:
            read = NewDecision(link=FEED, outcome=outcome, reason="", links_found=found)
            runs.record(connection, run_id, [read], now=now)
        runs.end(connection, run_id, now=now, status="finished", reason="")
    return run_id


def warning(database: Database, run_id: int) -> str | None:
    with database.reading() as connection:
        (only,) = history.yields(connection, run_id, ["a"])
    return only.warning


@pytest.mark.parametrize(
    ("found", "outcome", "expected"),
    [
        (38, Outcome.LISTING, None),
        (10, Outcome.LISTING, None),
        (9, Outcome.LISTING, "a: 9 links; it used to give 40"),
        (0, Outcome.LISTING, "a: no link in 1 listing; it used to give 40"),
        (0, Outcome.UNCHANGED, None),
        (0, Outcome.FAILED, "a: of 1 listing none could be read; it used to give 40"),
        (None, Outcome.LISTING, "a: none of its listings was asked for; it used to give 40"),
    ],
)
def test_a_source_that_gives_far_less_than_it_used_to_is_told(
    database: Database, found: int | None, outcome: Outcome, expected: str | None
) -> None:
    for number, before in enumerate((40, 44, 36)):
        run_with(database, before, number=number)

    assert warning(database, run_with(database, found, outcome=outcome, number=9)) == expected


def test_what_runs_of_one_queue_read_beside_each_other_counts_for_all(database: Database) -> None:
    hour = timedelta(hours=1)
    with database.writing() as connection:
        before, first, second = (runs.start(connection, "t", now=NOW + n * hour, machine="m", pid=1) for n in range(3))
        for run_id, ended in ((before, 1), (first, 3)):
            runs.end(connection, run_id, now=NOW + ended * hour, status="finished", reason="")
        runs.record(
            connection, first, [NewDecision(link=FEED, outcome=Outcome.LISTING, reason="", links_found=9)], now=NOW
        )

    assert [warning(database, one) for one in (first, second)] == [None, None]
    assert warning(database, before) == "a: none of its listings was asked for"


def test_of_a_run_that_read_what_was_due_no_more_is_expected(database: Database) -> None:
    for number, before in enumerate((40, 44, 36)):
        run_with(database, before, number=number)
    none_due, one_due, broken = (
        run_with(database, found, outcome=outcome, number=9)
        for found, outcome in ((None, Outcome.LISTING), (3, Outcome.LISTING), (0, Outcome.FAILED))
    )

    with database.reading() as connection:
        told = [
            [one.warning for one in history.yields(connection, run_id, ["a"], only_due=True)]
            for run_id in (none_due, one_due, broken)
        ]

    assert told == [[], [None], ["a: of 1 listing none could be read"]]


def test_a_source_without_a_history_is_told_only_when_it_gives_nothing(database: Database) -> None:
    assert warning(database, run_with(database, 1)) is None
    assert warning(database, run_with(database, 0)) == "a: no link in 1 listing"


def test_a_crawl_says_what_each_source_came_to_and_which_gave_nothing(tmp_path: Path, database_url: str) -> None:
    with serving(lambda host, path, headers: news(host, path, 2 if host.startswith("good") else 0)) as server:
        done = crawl(catalogue(tmp_path / "c", ["good.example", "mute.example"]), server, database_url)

    assert "good: 1 kept, 1 near-copy" in done.stderr or "good: 2 kept" in done.stderr
    assert "Warning: mute: no link in " in done.stderr
    assert done.returncode == 0, done.stderr  # an empty feed is no failure
    assert "Warning: good" not in done.stderr


def test_of_a_source_that_was_forgotten_a_crawl_wants_nothing_and_a_check_says_so(
    tmp_path: Path, database_url: str
) -> None:
    config = catalogue(tmp_path / "c", ["good.example", "gone.example"])

    assert run(["forget", "gone.example", "--db", database_url]) == 0
    with serving(lambda host, path, headers: news(host, path, 2)) as server:
        done = crawl(config, server, database_url)
        place = ("--config", config, "--proxy", server.url, "--db", database_url)
        checked = nazair("sources", "check", "gone", *place)

    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    assert "all of gone.example was forgotten on" in " ".join(checked.stdout.split())
    assert "enabled = false" in checked.stdout


def test_of_a_crawl_that_could_have_nothing_of_anybody_one_sentence_tells(tmp_path: Path) -> None:
    config, db = catalogue(tmp_path, [f"h{number}.example" for number in range(4)]), str(tmp_path / "nazair.db")

    with serving(lambda host, path, headers: Answer(502)) as server:
        done = crawl(config, server, db)

    (warning,) = [line for line in done.stderr.splitlines() if line.startswith("Warning")]
    assert done.returncode == 4
    assert "of any of 4 sources" in warning
    assert "robots.txt answered 502" in warning
    assert "  h0: " not in done.stderr  # nor a line a source


@pytest.mark.slow  # crawls twice
def test_robots_txt_of_the_day_before_is_no_answer_of_a_network_that_is_not_there(tmp_path: Path) -> None:
    config, db = catalogue(tmp_path, [f"h{number}.example" for number in range(3)]), str(tmp_path / "nazair.db")

    def web(host: str, path: str, headers: object) -> Answer:
        robots = f"Sitemap: http://{host}/sitemap.xml\n".encode()
        return Answer(200, robots) if path == "/robots.txt" else news(host, path, 0)

    with serving(web) as server:
        crawl(config, server, db)
    with serving(lambda host, path, headers: Answer(0)) as server:
        done = crawl(config, server, db)

    (warning,) = [line for line in done.stderr.splitlines() if line.startswith("Warning")]
    assert done.returncode == 4
    assert "nothing could be had of any of 3 sources. Is there a way to the network?" in warning
