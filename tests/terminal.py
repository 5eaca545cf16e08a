"""A pseudo-terminal for tests: what a program writes to it, and how that looks."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Sequence
from html import escape
from io import StringIO

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

# How live lines are taken away before they are written again.
ERASED = re.compile(r"\r?\x1b\[2K(?:\x1b\[1A\x1b\[2K)*")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-ln-z]|\r")

INK, PAPER = (225, 228, 226), (24, 28, 30)
COLOURS = [
    (96, 104, 108), (240, 128, 116), (110, 205, 140), (228, 188, 100),
    (120, 170, 230), (214, 140, 200), (112, 205, 210), INK,
]  # fmt: skip


def run_on_terminal(command: Sequence[str], *, columns: int) -> str:
    """All that a program writes to a terminal of so many columns. Raises CalledProcessError when it fails."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    environment["TERM"] = "xterm-256color"
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment)
    os.close(its)
    written = b""
    while more := _read(ours):
        written += more
    os.close(ours)
    if code := process.wait():
        raise subprocess.CalledProcessError(code, command, written)
    return written.decode()


def live_lines(written: str) -> list[str]:
    """Each state of the live lines, with its colours."""
    return [
        CONTROL.sub("", state).strip("\n") for state in ERASED.split(written)[1:-1] if CONTROL.sub("", state).strip()
    ]


def plain(text: str) -> str:
    """A text of a terminal without its colours."""
    return Text.from_ansi(text).plain


def page(text: str, *, columns: int) -> str:
    """An HTML page that shows a text of a terminal as a terminal does."""
    console = Console(record=True, width=columns, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(text), soft_wrap=True)
    body = console.export_html(theme=TerminalTheme(PAPER, INK, COLOURS), inline_styles=True, code_format="{code}")
    return (
        f"<!doctype html><meta charset=utf-8><title>{escape(plain(text)[:40])}</title><body style='margin:0'>"
        f"<pre style='margin:0;padding:1.1em 1.3em;width:{columns}ch;background:rgb{PAPER};color:rgb{INK};"
        f'font:15px/1.5 "DejaVu Sans Mono",monospace\'>{body}</pre>'
    )


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says so when the other end is closed
        return b""
