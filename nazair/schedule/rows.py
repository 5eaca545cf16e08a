"""Schedules as they are told: how the last crawl went, and the next times."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from corpus.store.schedules import Schedule
from nazair.output import Column, column
from nazair.schedule.times import starts

NEXT_SHOWN = 3


def _told_last(row: Any) -> str:
    if row["last_started_at"] is None:
        return "never"
    parts = [local(row["last_started_at"], row["zone"])]
    parts += [f"run {row['last_run']}"] * (row["last_run"] is not None)
    parts += [row["last_result"]] * (row["last_result"] is not None)
    parts += [f"{row['last_missed']} missed before it"] * (row["last_missed"] > 0)
    return ", ".join(parts)


def local(moment: datetime, zone: str) -> str:
    """A moment as a clock in a zone shows it."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


COLUMNS = (
    column("name"),
    column("topic"),
    column("when"),
    column("zone"),
    Column(heading="last", of=_told_last, options={"overflow": "fold", "ratio": 1}),
    Column(
        heading="next (in its zone)",
        of=lambda row: ", ".join(local(one, row["zone"]) for one in row["next"]),
        options={"overflow": "fold", "ratio": 1},
    ),
    column("state"),
)

ROW = (
    *("name", "topic", "when", "zone", "jitter_s", "state", "last_started_at", "last_ended_at", "last_result"),
    *("last_exit_code", "last_missed", "last_run", "next"),
)


def row_of(schedule: Schedule, now: datetime) -> dict[str, Any]:
    """A schedule as `list` has it, with when its next runs begin."""
    state = "paused" if schedule.paused else "running" if schedule.is_held(now) else "waiting"
    if schedule.holder is not None and not schedule.is_held(now):
        state = "waiting; the last run ended without a word"
    return {
        "name": schedule.name,
        "topic": schedule.topic_id,
        "when": schedule.cron or f"every {_length(schedule.every_s or 0)}",
        "zone": schedule.zone,
        "jitter_s": schedule.jitter_s,
        "state": state,
        "last_started_at": schedule.last_started_at,
        "last_ended_at": schedule.last_ended_at,
        "last_result": schedule.last_result,
        "last_exit_code": schedule.last_exit_code,
        "last_missed": schedule.last_missed,
        "last_run": schedule.last_run_id,
        "next": [] if schedule.paused else list(islice(starts(schedule, now=now), NEXT_SHOWN)),
    }


def _length(seconds: int) -> str:
    """A length of time as the option takes it."""
    for unit_s, letter in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds % unit_s == 0:
            return f"{seconds // unit_s}{letter}"
    return f"{seconds}s"
