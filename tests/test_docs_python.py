"""What the page for people who program shows does what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from corpus.types import CopyKind
from tests.texts import TEXTS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "in-python.md"


def rows() -> list[dict[str, str]]:
    """The second of three texts with a paragraph more, and all three, as a system has them."""
    title, text = TEXTS[2]
    longer = f"{text}\nوأضاف المسؤول أن الوفدين سيلتقيان مرة أخرى قبل نهاية الشهر الجاري."
    return [
        {
            "url": f"https://my-paper.example/news/{number}",
            "title": title,
            "text": text,
            "published": f"2025-08-15T{12 + number}:00+03:00",
        }
        for number, (title, text) in {4: (title, longer), 2: TEXTS[2], 1: TEXTS[1], 3: TEXTS[3]}.items()
    ]


def test_the_examples_in_python_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shown: dict[str, Any] = {"rows": rows()}

    for block in re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        exec(block, shown)  # noqa: S102 - our own page

    assert [line["url"] for line in shown["lines"]] == [f"https://my-paper.example/news/{n}" for n in (1, 2, 3, 4)]
    assert shown["relation"].kind in (CopyKind.REPRINT, CopyKind.UPDATE)
    told = capsys.readouterr().out
    assert "near_copy" in told
    assert "op='cut'" in told
