"""Metrics: text that Prometheus reads, with figures from the database. On both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from corpus.store import frontier, runs, schedules
from corpus.store.database import Database
from corpus.store.runs import NewDecision
from corpus.store.schedules import Schedule
from corpus.types import Link, LinkKind, Outcome
from nazair import metrics
from tests.storing import store
from tests.texts import article

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def read(database: Database) -> dict[tuple[str, ...], float]:
    parser = pytest.importorskip("prometheus_client.parser")
    with database.reading() as connection:
        text = metrics.render(connection, now=NOW)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in parser.text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_an_empty_collection_has_figures_too(database: Database) -> None:
    found = read(database)

    assert found["nazair_articles",] == 0
    assert found["nazair_runs_active",] == 0


def test_the_figures_are_those_of_the_database(database: Database) -> None:
    link = Link(url="http://a.example/1", kind=LinkKind.ARTICLE, channel="feed", source_id="a")
    begun = NOW - timedelta(minutes=10)
    one = Schedule(
        name='noon "قمر"\n',
        topic_id="t",
        cron="0 11 * * *",
        every_s=None,
        zone="UTC",
        created_at=begun,
        settled_until=begun,
    )
    with database.writing() as connection:
        store(connection, article(1), article(2), article(3, outlet='s"\\'))
        run_id = runs.start(connection, "t", now=begun, machine="m", pid=1)
        frontier.add_seeds(connection, "t", [link])
        runs.record(connection, run_id, [NewDecision(link=link, outcome=Outcome.KEPT, reason="")], now=NOW)
        schedules.add(connection, one)
        late = NOW - timedelta(hours=2)
        schedules.pause(connection, one.name)
        schedules.resume(connection, one.name, now=late)

    found = read(database)

    assert found["nazair_articles",] == 3
    assert found["nazair_source_articles", "alwaha"] == 2
    assert found["nazair_source_articles", 's"\\'] == 1
    assert found["nazair_frontier_links", "pending"] == 1
    assert found["nazair_decisions_total", "kept"] == 1
    assert found["nazair_runs_total", "running"] == 1
    assert found["nazair_run_silence_seconds",] == 600
    assert found["nazair_last_run_started_timestamp_seconds",] == begun.timestamp()
    assert found["nazair_schedule_late_seconds", one.name] == 3_600
    assert ("nazair_schedule_last_exit_code", one.name) not in found
