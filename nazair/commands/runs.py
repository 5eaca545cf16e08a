"""`nazair runs`: past crawls."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import click

from corpus.errors import UnknownName
from corpus.store import runs
from corpus.types import Outcome
from crawler.run import as_found
from nazair.context import Context, global_options, verb
from nazair.logs import visible
from nazair.options import limit_option, within
from nazair.output import UNCUT, Column, column, emit, emit_json, emit_table, format_option, minute, text_option


def _count(name: str) -> Column:
    return Column(heading=name, of=lambda row: row[name] or "", options={"justify": "right"})


# What each channel of each source gave.
RECEIPT_COLUMNS = (
    column("source_id", "source"),
    column("channel"),
    *map(_count, ("listings", "found", "new", "skipped", "fetched", "kept", "unchanged", "failed")),
)


@global_options
@click.group("runs")
def command() -> None:
    """Past crawls, and what became of what they fetched.

    \b
    Examples:
      nazair runs list
      nazair runs show 3
    """


@verb("list", of=command)
@limit_option(20)
@format_option()
def list_(context: Context, limit: int, output_format: str) -> int:
    """Runs, newest first.

    \b
    Examples:
      nazair runs list
      nazair runs list -n 100 -f jsonl
    """
    with context.reading() as connection:
        now = datetime.now(UTC)
        latest = [as_found(connection, run, now) for run in runs.latest(connection, limit=limit)]
        counted = {run.id: runs.outcomes(connection, run.id) for run in latest}
    rows = [
        {
            "id": run.id,
            "queue": run.queue,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "status": run.status,
            "reason": run.reason,
            "fetched": sum(counted[run.id].values()),
            "outcomes": {outcome.value: count for outcome, count in counted[run.id].items()},
        }
        for run in latest
    ]
    columns = [
        column("id", justify="right"),
        column("queue"),
        Column(heading="started (UTC)", of=lambda row: minute(row["started_at"]), options=UNCUT),
        column("status"),
        column("fetched", justify="right"),
        Column(heading="kept", of=lambda row: _kept(row["outcomes"]), options={"justify": "right"}),
        column("reason", "why it ended", ratio=1),
    ]
    names = ("id", "queue", "started_at", "ended_at", "status", "reason", "fetched", "outcomes")
    emit(rows, columns, output_format, empty="No runs yet: nazair crawl TOPIC", names=names)
    return 0


@verb("show", of=command)
@click.argument("run_id", type=int, metavar="ID")
@limit_option(20)
@text_option
def show(context: Context, run_id: int, limit: int, output_format: str) -> int:
    """One run: what each channel of each source gave, and what failed first (-n).

    \b
    Examples:
      nazair runs show 3
      nazair runs show 3 -n 500
      nazair runs show 3 -f json
    """
    with context.reading() as connection:
        run = runs.by_id(connection, run_id) if run_id < 2**63 else None
        if run is None:
            known = [str(one.id) for one in runs.latest(connection)]
            raise UnknownName("run", str(run_id), known=known, see="nazair runs list")
        run = as_found(connection, run, datetime.now(UTC))
        counts, failed = runs.counts(connection, run_id), runs.failures(connection, run_id, limit=limit + 1)
        receipts = runs.receipts(connection, run_id=run_id)
    failures = within(failed, limit)
    if output_format == "json":
        emit_json(
            {
                "run": asdict(run),
                "receipts": [asdict(one) for one in receipts],
                "counts": [asdict(count) for count in counts],
                "failures": [asdict(one) for one in failures],
            }
        )
        return 0
    print(f"run {run.id} ({run.queue}), process {run.pid} on {run.machine}")
    print(f"{minute(run.started_at)} to {minute(run.ended_at)} UTC: {run.status} ({run.reason or 'going on'})")
    emit_table([asdict(one) for one in receipts], RECEIPT_COLUMNS, empty="Nothing was fetched.")
    for one in failures:
        print(f"{one.outcome.value}: {visible(one.url)}\n  {visible(one.reason)}")
    return 0


def _kept(outcomes: dict[str, int]) -> int:
    return outcomes.get(Outcome.KEPT.value, 0) + outcomes.get(Outcome.NEAR_COPY.value, 0)
