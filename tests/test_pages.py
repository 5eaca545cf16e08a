"""Pages: a folder of fixtures/pages is a page as it was served, and what a careful editor takes from it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from corpus.types import Page, Reading
from pipelines.read import read_page

from .conftest import ROOT

PAGES = ROOT / "fixtures" / "pages"
FOLDERS = sorted(path.parent for path in PAGES.glob("*/*/page.html"))


def name_of(folder: Path) -> str:
    return folder.relative_to(PAGES).as_posix()


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_a_page_is_read_as_its_folder_says(folder: Path) -> None:
    expected = toml(folder / "expected.toml")

    reading = read(folder)

    assert {field: found(reading, field, wanted) for field, wanted in expected.items()} == expected, reading.reason


def test_every_folder_is_whole() -> None:
    files = {"expected.toml", "head.toml", "page.html"}

    assert {name_of(path): {file.name for file in path.iterdir()} for path in PAGES.glob("*/*")} == {
        name_of(folder): files for folder in FOLDERS
    }


def read(folder: Path) -> Reading:
    head = toml(folder / "head.toml")
    page = Page(
        url=head["url"],
        body=(folder / "page.html").read_bytes(),
        content_type=head["content_type"],
        fetched_at=head["fetched_at"],
    )
    return read_page(page, source_id=folder.parent.name, country=head["country"], topics=(), only_on_topic=False)


def found(reading: Reading, field: str, wanted: Any) -> Any:
    """What was read for a field, as expected.toml writes it: text as paragraphs, nothing as an empty string.

    Of a reason a part is wanted: the part is what was found when the sentence holds it.
    """
    if field == "outcome":
        return reading.outcome or ""
    if field == "reason":
        reason = reading.reason or ""
        return wanted if wanted and wanted in reason else reason
    value = getattr(reading.article, field) if reading.article else None
    if field == "text":
        return (value or "").split("\n")
    return list(value or ()) if field == "tags" else (value or "")


def toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
