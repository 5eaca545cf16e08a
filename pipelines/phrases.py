"""The words by which pages are read: tables in TOML, each beside the module that asks for them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from corpus.arabic import fold


@cache
def table(file: str) -> dict[str, Any]:
    """What a file of this package says."""
    return tomllib.loads(files("pipelines").joinpath(file).read_text(encoding="utf-8"))


@cache
def phrases(file: str, *keys: str) -> frozenset[str]:
    """The phrases that stand under a key of a file, or of a table in it; folded."""
    found: Any = table(file)
    for key in keys:
        found = found[key]
    return frozenset(map(fold, found))


def one_of(some: Iterable[str]) -> str:
    """A pattern of any of the phrases, the longest that fits."""
    escaped = sorted(map(re.escape, some), key=len, reverse=True)
    return "(?:" + "|".join(escaped).replace(r"\ ", r"\s") + ")"
