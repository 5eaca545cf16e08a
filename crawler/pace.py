"""How fast a run goes, and how long what it knows of will take at that. Pure."""

from __future__ import annotations

from collections import deque

# Long enough for hosts with a minute between two pages to count, short enough to tell that a host went away.
WINDOW_S = 60.0


class Pace:
    """Pages a second over the last minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque([(0.0, 0)])

    def see(self, at_s: float, done: int) -> None:
        """So many pages were done, so many seconds after the run began."""
        self._seen.append((at_s, done))
        while len(self._seen) > 2 and at_s - self._seen[1][0] >= WINDOW_S:
            self._seen.popleft()

    @property
    def per_s(self) -> float:
        """0 while nothing is known."""
        (first_s, before), (last_s, after) = self._seen[0], self._seen[-1]
        return (after - before) / (last_s - first_s) if last_s > first_s else 0.0

    def left_s(self, pages: int) -> float | None:
        """How long so many pages will take; None when nothing moves."""
        return pages / self.per_s if self.per_s else None


def rate(per_s: float) -> str:
    """A pace in words that stay short: "41/s", "2.5/s", "12/min"."""
    if per_s >= 9.95:
        return f"{per_s:.0f}/s"
    return f"{per_s:.1f}/s" if per_s >= 1 else f"{per_s * 60:.0f}/min"


def lasting(seconds: float) -> str:
    """So long, as exactly as an estimate deserves: "20 s", "4 min", "2 h 10 min"."""
    if seconds < 55:
        return f"{max(1, round(seconds)) if seconds < 10 else round(seconds, -1):.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(round(minutes, -1), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
