"""What time it is: the machine's clock, or that of a recording that is replayed.

Whoever stores or compares a moment asks here, so that a replay stores the moments of the recording. Waiting and
measuring durations is not meant: that is `time.monotonic`.
"""

from __future__ import annotations

from datetime import UTC, datetime

_moment: datetime | None = None


def now() -> datetime:
    """This moment, in UTC."""
    return _moment or datetime.now(UTC)


def advance(moment: datetime) -> None:
    """Stop the clock at a moment, for this process; it never goes back."""
    global _moment  # noqa: PLW0603 - there is one clock
    _moment = max(moment, _moment or moment)


def is_stopped() -> bool:
    """Whether the time is that of a recording."""
    return _moment is not None
