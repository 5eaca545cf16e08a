"""Worker processes: all work on a page that can be slow, hang or crash happens in one of them.

A page that takes too long is killed with its worker; the next page gets a new one.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import signal
from collections.abc import Callable
from concurrent.futures import TimeoutError as WorkerTimeout
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from corpus.errors import NazairError

P = ParamSpec("P")
T = TypeVar("T")

# A 100 KB page takes about 20 ms; a page that needs ten seconds is broken or made to hurt.
TIME_LIMIT_S = 10.0

# Address space, not memory in use: NumPy alone reserves several hundred megabytes.
MEMORY_LIMIT_BYTES = 3 << 30

# Imported once in the process that workers are forked from: a worker is ready in milliseconds.
PRELOAD = ["pipelines.preload"]


class WorkFailed(NazairError):
    """A worker could not finish a page; the sentence says why. The page is at fault, not the run."""

    exit_code = 4


class Workers:
    """A pool of worker processes. Call `run`; close it when done."""

    def __init__(self, count: int, *, time_limit_s: float = TIME_LIMIT_S) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOAD)
        self._time_limit_s = time_limit_s
        self._pool = ProcessPool(max_workers=count, context=context, initializer=prepare)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `function` returns, called in a worker. Raises WorkFailed when it did not return."""
        future = self._pool.schedule(function, args=args, kwargs=kwargs, timeout=self._time_limit_s)
        try:
            result: T = await asyncio.wrap_future(future)
        except WorkerTimeout as error:
            raise WorkFailed(f"took longer than {self._time_limit_s:g} s; the worker was killed") from error
        except ProcessExpired as error:
            raise WorkFailed(f"the worker process died ({error})") from error
        except MemoryError as error:
            raise WorkFailed(f"needed more than {MEMORY_LIMIT_BYTES >> 20} MiB of memory") from error
        return result

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        self._pool.stop()  # type: ignore[no-untyped-call] # pebble's own annotation is missing
        self._pool.join()


def prepare() -> None:
    """Make a new worker ready: Ctrl-C is the parent's business, and memory has a limit."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, hard))
