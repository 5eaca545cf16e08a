"""What stands on news pages beside the news: pointers, share bars, notices. Words: furniture.toml."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from corpus.arabic import fold

# A sentence of an article may begin like a pointer; it is then longer than a headline.
LONGEST_POINTER_WORDS = 30


def is_furniture(line: str) -> bool:
    """Whether a line is a pointer, a share bar, a notice: anything but a line of the article."""
    folded = fold(line)
    if not folded or folded in _folded("line", "whole"):
        return True
    return folded.count(" ") < LONGEST_POINTER_WORDS and bool(_begins().match(folded))


@cache
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("pipelines").joinpath("furniture.toml").read_text(encoding="utf-8"))


@cache
def _folded(table: str, key: str) -> frozenset[str]:
    return frozenset(map(fold, _words()[table][key]))


@cache
def _begins() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(re.escape, _folded('line', 'begins')))})(?: |$)")
