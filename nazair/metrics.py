"""The collection's figures for Prometheus: text, read from the database whenever it is asked for.

Nothing is counted in memory: whoever serves this may be another process than the one that crawls.
Needs the extra `metrics` (prometheus-client).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from corpus.errors import UsageError
from corpus.store import Connection, articles, frontier, overview, runs, schedules, source_counts

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def require_client() -> None:
    """Raises UsageError when the extra is not installed."""
    if find_spec("prometheus_client") is None:
        raise UsageError("Metrics are not installed. Add them: pip install 'nazair[metrics]'")


def render(connection: Connection, *, now: datetime) -> str:
    """The figures in Prometheus' text format. Needs the extra."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.registry import Collector

    class Figures(Collector):
        def collect(self) -> Iterator[Metric]:
            return _figures(connection, now)

    registry = CollectorRegistry()
    registry.register(Figures())
    return generate_latest(registry).decode()


def _figures(connection: Connection, now: datetime) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    yield GaugeMetricFamily("nazair_articles", "Articles stored.", value=articles.size(connection))
    per_source = GaugeMetricFamily("nazair_source_articles", "Articles stored of each source.", labels=["source"])
    for source_id, count in overview.counts_by_source(connection).items():
        per_source.add_metric([source_id or ""], count)
    yield per_source
    waiting = GaugeMetricFamily("nazair_frontier_links", "Links in the frontier, by state.", labels=["state"])
    for state, count in sorted(frontier.counts(connection).items()):
        waiting.add_metric([state], count)
    yield waiting
    decided = CounterMetricFamily("nazair_decisions", "Fetched URLs, by what became of them.", labels=["outcome"])
    for outcome, count in sorted(source_counts.outcomes(connection).items()):
        decided.add_metric([outcome.value], count)
    yield decided
    yield from _runs(connection, now)
    yield from _schedules(connection, now)


def _runs(connection: Connection, now: datetime) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    ended = CounterMetricFamily("nazair_runs", "Runs, by how they ended.", labels=["status"])
    for status, count in sorted(runs.counts_by_status(connection).items()):
        ended.add_metric([status], count)
    yield ended
    running = runs.running(connection)
    yield GaugeMetricFamily("nazair_runs_active", "Runs that have not said that they ended.", value=len(running))
    silence = max(((now - run.heartbeat_at).total_seconds() for run in running), default=0.0)
    yield GaugeMetricFamily(
        "nazair_run_silence_seconds", "Since the active run was last heard of; over 90 it is dead.", value=silence
    )
    last = next(iter(runs.latest(connection, limit=1)), None)
    if last is not None:
        yield GaugeMetricFamily(
            "nazair_last_run_started_timestamp_seconds", "When the last run began.", value=last.started_at.timestamp()
        )


def _schedules(connection: Connection, now: datetime) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    from nazair.schedule.times import next_start

    late = GaugeMetricFamily(
        "nazair_schedule_late_seconds",
        "How long a schedule has been due without a run; 0 in time.",
        labels=["schedule"],
    )
    code = GaugeMetricFamily(
        "nazair_schedule_last_exit_code", "Exit code of the last crawl of a schedule.", labels=["schedule"]
    )
    for one in schedules.all_of(connection):
        start = None if one.paused or one.is_held(now) else next_start(one)
        late.add_metric([one.name], max(0.0, (now - start).total_seconds()) if start else 0.0)
        if one.last_exit_code is not None:
            code.add_metric([one.name], one.last_exit_code)
    yield late
    yield code
