"""The recorded session is what the commands print; a crawl on a terminal says how far it is.

NAZAIR_SCREENSHOTS names a folder for a picture of the crawl.
"""

from __future__ import annotations

import os
import re
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from corpus.types import Outcome
from crawler.pace import Pace, lasting, rate
from crawler.progress import ONE, SHOWN, Lines
from docs.play_session import PAGE, commands, played, written
from tests.terminal import live_lines, page, plain, run_on_terminal
from tests.test_browser import CHROMIUM

pytestmark = pytest.mark.slow

COLUMNS = 80


def test_the_recorded_session_is_what_the_commands_print(tmp_path: Path) -> None:
    recorded = PAGE.read_text(encoding="utf-8")

    again = written(recorded, list(played(commands(recorded), tmp_path)))

    assert regular(again) == regular(recorded), "write it anew: python -m docs.play_session"


def regular(text: str) -> list[list[str]]:
    """The words of what stands before and below each command, all numbers alike: wider ones move where lines break."""
    return [sorted(re.sub(r"\d+", "0", part.replace("─", "")).split()) for part in text.split("\n$ ")]


@pytest.fixture(scope="module")
def on_a_terminal(tmp_path_factory: pytest.TempPathFactory) -> str:
    command = [sys.executable, "-m", "nazair", "demo", "--db", str(tmp_path_factory.mktemp("demo") / "nazair-demo.db")]
    return run_on_terminal(command, columns=COLUMNS)


def test_a_crawl_on_a_terminal_says_how_far_how_fast_and_how_long_yet(on_a_terminal: str) -> None:
    states = [plain(state) for state in live_lines(on_a_terminal)]

    told = [state for state in states if re.search(r"\d+ of \d+ · \d+(\.\d)?/(s|min) · about \d+ (s|min) left", state)]
    assert told
    assert all("alaska-summit" in state for state in states)
    assert re.search(r"\d+ listings( · \d+ kept)?", told[-1])
    assert max(len(line) for state in states for line in state.split("\n")) <= COLUMNS


def test_while_words_are_weighed_similar_lists_are_counted() -> None:
    shown = StringIO()
    console = Console(file=shown, width=COLUMNS)
    lines = Lines("alaska-summit", console)

    lines.show_lists({Outcome.KEPT: 3_000}, made=500, of=3_000)
    console.print(*lines.get_renderables())

    assert "weighing words · 500 of 3,000 similar lists\n  3,000 kept" in shown.getvalue()


def test_counts_are_not_broken_between_lines(on_a_terminal: str) -> None:
    words = {*SHOWN.values(), *ONE.values(), "listings"}

    for state in live_lines(on_a_terminal):
        _, *counts = plain(state).split("\n")
        for line in counts:
            assert all(re.fullmatch(r"[\d,]+ (.*)", one)[1] in words for one in line.strip().split(" · ") if one)  # type: ignore[index]


def test_the_live_lines_are_gone_when_the_crawl_has_ended(on_a_terminal: str) -> None:
    after = on_a_terminal[on_a_terminal.rindex("Run 1 finished") :]

    assert "━" not in plain(after)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium, or name one in NAZAIR_CHROMIUM")
def test_a_picture_of_a_crawl_is_as_wide_as_its_terminal(on_a_terminal: str, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    before = on_a_terminal[: on_a_terminal.index("\x1b")].replace("\r", "")
    file = Path(os.environ.get("NAZAIR_SCREENSHOTS", tmp_path)) / "crawl.png"
    busiest = max(live_lines(on_a_terminal), key=lambda state: len(plain(state).split(" · ")))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        shown = browser.new_page(device_scale_factor=2)
        shown.set_content(page(f"$ nazair demo\n{before}{busiest}", columns=COLUMNS))
        terminal = shown.locator("pre")
        terminal.screenshot(path=file)
        fits = terminal.evaluate("pre => pre.scrollWidth <= pre.clientWidth")
        browser.close()

    assert fits
    assert file.stat().st_size > 0


def test_the_pace_is_that_of_the_last_minute() -> None:
    pace = Pace()
    for second in range(1, 301):
        pace.see(second, min(second, 200) * 10)

    # Two hundred seconds at ten pages, a hundred at none.
    assert pace.per_s == 0
    assert pace.left_s(50) is None

    pace.see(301, 2_030)

    assert pace.per_s == pytest.approx(0.5)
    assert pace.left_s(50) == pytest.approx(100)


@pytest.mark.parametrize(
    ("per_s", "told"), [(41.2, "41/s"), (9.96, "10/s"), (2.54, "2.5/s"), (0.2, "12/min"), (0.0, "0/min")]
)
def test_a_rate_is_told_as_exactly_as_it_is_known(per_s: float, told: str) -> None:
    assert rate(per_s) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.2, "1 s"), (7.4, "7 s"), (47, "50 s"), (58, "1 min"), (3_500, "58 min"), (7_700, "2 h 10 min"), (7_190, "2 h")],
)
def test_a_time_is_told_as_exactly_as_an_estimate_deserves(seconds: float, told: str) -> None:
    assert lasting(seconds) == told


def test_every_outcome_has_words_in_the_line() -> None:
    assert {*SHOWN, Outcome.LISTING} == set(Outcome)
