"""What the tests of workers call in them: each imports this, and would import pytest with the tests."""

from __future__ import annotations

import os
import signal
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from corpus.errors import UnknownName
from pipelines.page.limits import MEMORY_LIMIT_BYTES
from pipelines.workers import PATIENCE

# For what takes longer than it may; everything else here takes milliseconds.
TIME_LIMIT_S = 0.5


def process_id(_: object = None) -> int:
    return os.getpid()


def hang_in_python() -> NoReturn:
    while True:
        pass


def hang_in_c() -> int:
    return len(unicodedata.normalize("NFC", "a" + "\u0301\u0323" * 1_000_000))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave() -> NoReturn:
    sys.exit(0)


def leave_without_a_word() -> NoReturn:
    os._exit(0)


def take_memory() -> int:
    return len(bytearray(2 * MEMORY_LIMIT_BYTES))


def raise_a_bug() -> NoReturn:
    raise ValueError("no such thing")


def raise_what_cannot_travel() -> NoReturn:
    # Its arguments are keywords: unpickling it raises a TypeError, upon which pebble gives up all workers.
    raise UnknownName("topic", "x", known=["y"], see="the list")


def give_what_cannot_travel() -> Callable[[], None]:
    return lambda: None


def die_once(there: Path) -> int:
    if not there.exists():
        there.touch()
        die()
    return 1


def wait_once(there: Path) -> int:
    if not there.exists():
        there.touch()
        time.sleep(2 * PATIENCE * TIME_LIMIT_S)
    return 1


class DiesOnArrival:
    """Ends the worker that unpickles it: it has the lock of its pipe then, and dies with it."""

    def __call__(self) -> None:
        raise AssertionError("nobody unpickles it whole")

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        return die, ()


def wait(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def search(begun: Path) -> int:
    begun.write_bytes(b"")
    return hang_in_c()
