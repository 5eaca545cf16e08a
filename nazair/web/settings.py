"""What whoever starts the server decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Who may ask, how often, and how much of a text is shown."""

    hosts: frozenset[str] = LOOPBACK  # names that the server answers for, without ports
    origins: frozenset[str] = frozenset()  # sites whose pages may use the API and show the iframe
    rate_per_minute: int = 600  # of one address; 0: no limit
    full_text: bool = False  # whole texts instead of extracts: for oneself
    metrics: bool = False  # whether /metrics is there: sources, runs and schedules in figures
    zone: tzinfo = UTC
    zone_name: str = "UTC"
