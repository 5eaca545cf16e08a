"""Within how many days of each other near-copies are looked for: NAZAIR_COPY_DAYS, all if it is not set."""

from __future__ import annotations

import os
from datetime import timedelta

from corpus.errors import UsageError

VARIABLE = "NAZAIR_COPY_DAYS"
MOST_DAYS = 36_500


def copy_days() -> timedelta | None:
    """How far apart two near-copies may have been published; None for any time. Raises UsageError."""
    days = os.environ.get(VARIABLE)
    if not days:
        return None
    if not days.isdecimal() or not 0 < int(days) < MOST_DAYS:
        raise UsageError(f"{VARIABLE} is {days!r}; it must be a number of days, or not set: all are compared.")
    return timedelta(days=int(days))
