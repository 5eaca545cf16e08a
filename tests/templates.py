"""Forms that newsrooms fill in anew, from fixtures/copies/templates.toml."""

from __future__ import annotations

import tomllib
from itertools import combinations
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "fixtures" / "copies" / "templates.toml"


def fillings() -> dict[str, list[str]]:
    """The texts of each form."""
    forms = tomllib.loads(FILE.read_text(encoding="utf-8"))["form"]
    return {form["name"]: [form["text"].strip().format(**filling) for filling in form["filling"]] for form in forms}


def pairs() -> list[tuple[str, str, str]]:
    """(name of the form, text, another text of it)."""
    return [(name, a, b) for name, texts in fillings().items() for a, b in combinations(texts, 2)]
