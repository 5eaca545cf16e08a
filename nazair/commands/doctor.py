"""`nazair doctor`: what this machine has, and what is missing."""

from __future__ import annotations

from nazair.context import Context, verb
from nazair.output import Column, column, emit, format_option

COLUMNS = (
    Column(heading="", of=lambda row: {"good": "good", "note": "note", "bad": "BAD"}[row["state"]]),
    column("what"),
    column("found", overflow="fold", ratio=1),
    Column(heading="do", of=lambda row: row["advice"] or "", options={"overflow": "fold", "ratio": 1}),
)


@verb("doctor")
@format_option()
def command(context: Context, output_format: str) -> int:
    """What this machine has, and what is missing.

    Looks at Python, SQLite, the database and its revision, the clock and time zones, the disk, Chromium and fonts.
    Changes nothing, and asks no other machine. What is bad keeps nazair from working; a note is for your information.

    \b
    Examples:
      nazair doctor
      nazair doctor --db postgresql://me@host/nazair -f json
    """
    from nazair import checkup

    found = [
        {"what": one.what, "state": one.state, "found": one.found, "advice": one.advice}
        for one in checkup.all_of(context)
    ]
    emit(found, COLUMNS, output_format, empty="Nothing was looked at.")
    return 2 if any(one["state"] == "bad" for one in found) else 0
