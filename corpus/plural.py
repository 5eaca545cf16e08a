"""Numbers in sentences."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """How many there are of something: "1 near-copy", "2,000 articles"."""
    many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else many}"
