"""docs/settings.md and docs/tables.md name all that there is, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import pytest

from corpus.store.schema import metadata
from crawler import settings
from crawler.catalogue import sources, topics

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
TABLES = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
CODE = ("nazair", "crawler", "pipelines", "corpus", "bench", "tests", "docs")

NAME = re.compile(r"NAZAIR(?:_[A-Z]+)+")


def rows(page: str, heading: str) -> dict[str, str]:
    """First cell → the rest, of the table below a heading."""
    below = re.split(r"^#+ ", page.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", below, re.MULTILINE))


def test_every_variable_and_setting_is_described_and_no_other() -> None:
    files = [ROOT / "Makefile", *(file for name in CODE for file in (ROOT / name).rglob("*.py"))]
    used = {name for file in files for name in NAME.findall(file.read_text(encoding="utf-8"))}

    assert set(re.findall(r"^\| `(NAZAIR\w+)`", SETTINGS, re.MULTILINE)) == used


def test_every_setting_of_ours_in_the_project_of_scrapy_is_described() -> None:
    ours = {name for name in vars(settings) if name.startswith("NAZAIR_")}

    assert ours <= rows(SETTINGS, "Scrapy settings").keys() | rows(SETTINGS, "Environment").keys()
    assert rows(SETTINGS, "Scrapy settings").keys() <= ours


@pytest.mark.parametrize(
    ("heading", "keys", "required"),
    [
        ("`sources/*.toml`", sources.FIELDS, [name for name, one in sources.FIELDS.items() if one.required]),
        ("`[source.rules]`", sources.RULES_FIELDS, []),
        ("`topics/*.toml`", topics.FIELDS, [name for name, one in topics.FIELDS.items() if one.required]),
        ("`[[topic.concept]]`", topics.CONCEPT_FIELDS, ["name", "aliases"]),
    ],
)
def test_every_key_of_the_catalogue_is_described(heading: str, keys: Collection[str], required: list[str]) -> None:
    described = rows(SETTINGS, heading)

    assert described.keys() == set(keys)
    assert [name for name, told in described.items() if told.endswith(". Required")] == required


def test_every_table_and_column_is_described_and_no_other() -> None:
    found = re.findall(r"^\| `(\w+)` \| .* \| ((?:`\w+`(?:, )?)+) \|$", TABLES, re.MULTILINE)

    described = {table: re.findall(r"\w+", columns) for table, columns in found}
    assert described == {table.name: [column.name for column in table.columns] for table in metadata.sorted_tables}
