"""The table of what each channel of each source gave: `runs show`, `sources show`."""

from __future__ import annotations

from nazair.output import Column

COUNTS = ("listings", "found", "new", "skipped", "fetched", "kept", "unchanged", "failed")


def _count(name: str) -> Column:
    return Column(heading=name, of=lambda row: row[name] or "", options={"justify": "right"})


RECEIPT_COLUMNS = (
    Column(heading="source", of=lambda row: row["source_id"]),
    Column(heading="channel", of=lambda row: row["channel"]),
    *map(_count, COUNTS),
)
