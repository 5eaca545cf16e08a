"""Worker processes: all work on a page that can be slow, hang or crash happens in one of them.

A page that takes too much processor time is killed with its worker; the next page gets a new one. What comes
while all workers are busy is sent several pages at a time: that halves what a page costs the
process of the event loop. When such a batch dies, its pages are done again one by one, and only the one that
is at fault fails.
"""

from __future__ import annotations

import asyncio
import logging
import math
import multiprocessing
import resource
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WorkerTimeout
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from logging import DEBUG, WARNING
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from corpus import meaning
from corpus.errors import DISK_IS_FULL, NazairError
from corpus.types import Outcome
from pipelines.page.limits import MEMORY_LIMIT_BYTES, MESSAGES_PER_WORKER, TIME_LIMIT_S, TIME_LIMIT_WITH_MEANING_S

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

# Reading 400 pages of 80 KB costs the parent .73 ms of CPU a page one at a time, .30 ms eight at a time.
MOST_AT_ONCE = 8

# Messages on their way for each worker: one that it works on, and one that it finds when it is done.
AHEAD = 2

# How soon it is seen that nobody is there any more to answer a message. Guess.
LOOK_AGAIN_S = 0.5

# What a worker may take on the clock, in times of its processor time: where ten programs share two processors, a page
# that is not at fault waits for most of it.
PATIENCE = 6

# Imported once in the process that workers are forked from: a worker is ready in milliseconds.
PRELOAD = ["pipelines.preload"]


class WorkFailed(NazairError):
    """A worker could not finish a page; the sentence says why. The page is at fault, not the run."""

    exit_code = 4
    outcome = Outcome.QUARANTINED


class WorkerDied(WorkFailed):
    """The worker of a page was killed, or crashed."""


class WorkerKilled(WorkerDied):
    """The system ended the worker, twice: it does so where memory runs out, and the next run may have more."""

    outcome = Outcome.FAILED


class NoWorkers(WorkFailed):
    """No worker could be had: no page is at fault, and each is tried again later."""

    outcome = Outcome.FAILED


class NoRoom(NoWorkers):
    """What a worker unpacks to read pages finds no room: another page would fare no better."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Call:
    """A function that is to be called in a worker, and who waits for what it returns."""

    function: Callable[[], Any]
    done: asyncio.Future[Any]
    alone: bool = False  # it was in a worker that died, or in a batch that failed: nothing else goes to its worker


@dataclass(frozen=True)
class _Failure:
    """What stands for an exception on the way back; not every exception survives the journey."""

    reason: str
    details: str = ""  # for the log; empty for what was to be expected
    error: type[WorkFailed] = WorkFailed


class _Place:
    """Where one worker at a time works, in a pool of its own.

    A worker that is killed may have had a lock of its pool's pipe, and has it for ever: in one pool for all, the others
    stood still for up to four minutes (24 pages at once, kill -9 every half a second). So its pool goes with it.
    """

    def __init__(self, preload: list[str]) -> None:
        self._preload = preload
        self.sent = 0  # messages on their way; one whose page must be alone counts as all
        self.pool = self._new_pool()
        self._started: asyncio.Future[bool] | None = None  # of the pool

    async def answer(self, functions: Sequence[Callable[[], Any]], time_limit_s: float, patience_s: float) -> list[Any]:
        """What the functions return. Raises what pebble does, and BrokenProcessPool when nobody is there to answer."""
        pool = self.pool
        if self._started is None:
            # The first process imports all that the others share, and who starts the pool waits for it.
            self._started = asyncio.ensure_future(asyncio.to_thread(_start, pool))
        await asyncio.shield(self._started)
        future: Future[list[Any]] = pool.schedule(call_all, args=[functions, time_limit_s], timeout=patience_s)
        answer = asyncio.wrap_future(future)
        answer.add_done_callback(_take_note)
        # All that is ahead of it may take its full time.
        until = time.monotonic() + (AHEAD + 2) * patience_s
        while not (await asyncio.wait([answer], timeout=LOOK_AGAIN_S))[0]:
            if not pool.active or time.monotonic() > until:
                answer.cancel()
                raise BrokenProcessPool("no answer")
        try:
            return answer.result()
        except Exception as error:
            if self.pool is pool:
                raise
            raise BrokenProcessPool("its pipe was closed") from error

    async def begin_anew(self, pool: ProcessPool) -> None:
        """End the worker of this pool, unless that was done, and have another one."""
        if self.pool is not pool:
            return
        self.pool, self._started = self._new_pool(), None
        try:
            await asyncio.to_thread(_end, [pool])
        except RuntimeError:  # no thread can be had
            _end([pool])

    def _new_pool(self) -> ProcessPool:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(self._preload)
        return ProcessPool(max_workers=1, max_tasks=MESSAGES_PER_WORKER, context=context, initializer=prepare)


class Workers:
    """So many worker processes, begun as they are needed. Call `run`; close it when done.

    The modules of the functions that will be called are imported once for all workers when they are in `preload`.
    """

    def __init__(self, count: int, *, time_limit_s: float | None = None, preload: Sequence[str] = ()) -> None:
        self._count = count
        self._time_limit_s = time_limit_s or (TIME_LIMIT_WITH_MEANING_S if meaning.is_on() else TIME_LIMIT_S)
        self._patience_s = PATIENCE * self._time_limit_s
        self._places = [_Place([*PRELOAD, *preload]) for _ in range(count)]
        self._has_answered = False
        self.broken: str | None = None  # why none has ever answered, or can read pages
        self._waiting: deque[_Call] = deque()
        self._sent: set[asyncio.Task[None]] = set()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `function` returns, called in a worker. Raises WorkFailed when it raised, or did not return."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Call(function=partial(function, *args, **kwargs), done=done))
        self._send()
        return await done

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        while self._waiting:
            self._waiting.popleft().done.cancel()
        for task in self._sent:
            task.cancel()
        _end([place.pool for place in self._places])

    def _send(self) -> None:
        while self._waiting:
            place = min(self._places, key=lambda one: one.sent)
            messages = AHEAD if self._waiting[0].alone else 1
            if place.sent + messages > AHEAD:
                return
            batch = self._batch()
            task = asyncio.create_task(self._settle(batch, place))
            place.sent += messages
            self._sent.add(task)
            task.add_done_callback(partial(self._sent_back, batch, place, messages))

    def _sent_back(self, batch: Sequence[_Call], place: _Place, messages: int, task: asyncio.Task[None]) -> None:
        place.sent -= messages
        self._sent.discard(task)
        if task.cancelled():
            for call in batch:
                call.done.cancel()
        self._send()

    def _batch(self) -> list[_Call]:
        """What waits, in equal parts for all workers."""
        size = min(MOST_AT_ONCE, math.ceil(len(self._waiting) / self._count))
        batch = [self._waiting.popleft()]
        while len(batch) < size and not batch[0].alone and not self._waiting[0].alone:
            batch.append(self._waiting.popleft())
        return batch

    async def _settle(self, batch: Sequence[_Call], place: _Place) -> None:
        try:
            results = await self._called([call.function for call in batch], place)
        except WorkFailed as error:
            # A worker may have been killed for what others needed of the memory, because the clock was set, or by the
            # page ahead of this one: it has one more trial, alone.
            ended = isinstance(error, WorkerDied) or (isinstance(error, NoWorkers) and not self.broken)
            if len(batch) > 1 or (ended and not batch[0].alone):
                self._waiting.extendleft(replace(call, alone=True) for call in reversed(batch))
                return
            results = [_Failure(str(error), error=type(error))]
        for call, result in zip(batch, results, strict=True):
            if call.done.done():
                continue
            if isinstance(result, _Failure):
                if result.error is NoRoom:
                    self.broken = self.broken or result.reason
                if result.details:
                    logger.error("A worker failed:\n%s", result.details)
                call.done.set_exception(result.error(result.reason))
            else:
                call.done.set_result(result)

    async def _called(self, functions: Sequence[Callable[[], Any]], place: _Place) -> list[Any]:
        """What the functions return, called one after the other in one worker. Raises WorkFailed for all of them."""
        because = ""
        for _ in range(2):
            pool = place.pool
            try:
                results = await place.answer(functions, self._time_limit_s, self._patience_s)
                self._has_answered = True
                return results
            except WorkerTimeout as error:
                # pebble asks the clock, which jumps when it is set, and when a machine wakes.
                raise WorkerDied(f"no answer within {self._patience_s:g} s; the worker was killed") from error
            except ProcessExpired as error:
                if error.exitcode == -signal.SIGPROF:
                    took = f"took more than {self._time_limit_s:g} s of processor time; the worker was killed"
                    raise WorkFailed(took) from error
                await place.begin_anew(pool)
                if error.exitcode == -signal.SIGKILL:
                    raise WorkerKilled("the worker process was killed: is there memory enough?") from error
                raise WorkerDied(f"the worker process died (exit code {error.exitcode})") from error
            except (BrokenProcessPool, RuntimeError, OSError, MemoryError) as error:
                # pebble gives up when a worker dies that had nothing to do; others are none the worse for it.
                because = because or str(error.__cause__ or error) or type(error).__name__
                # Where none has ever answered, the end of the run tells.
                logger.log(WARNING if self._has_answered else DEBUG, "A worker is started again: %s", because)
                await place.begin_anew(pool)
            except Exception as error:
                raise WorkFailed(f"reading it failed: {error!r}") from error
        if not self._has_answered:
            needed = "is there room for temporary files (/dev/shm, too), and memory?"
            self.broken = f"no worker process can be started ({because}): {needed}"
        raise NoWorkers(self.broken or "the worker processes died twice")


def call_all(functions: Sequence[Callable[[], Any]], time_limit_s: float) -> list[Any]:
    """What the functions return, in a worker; in place of an exception what is to be said of it.

    The system ends the process when one of them has had so many seconds of processor time, even inside C.
    """
    results = []
    for function in functions:
        signal.setitimer(signal.ITIMER_PROF, time_limit_s)
        results.append(_result(function))
    signal.setitimer(signal.ITIMER_PROF, 0)
    return results


def _result(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except NazairError as error:
        return _Failure(str(error))
    except OSError as error:
        if error.errno not in DISK_IS_FULL:
            return _Failure(f"reading it failed: {error!r}", traceback.format_exc())
        return _Failure(f"workers have no room for temporary files: {error}", error=NoRoom)
    except MemoryError:
        return _Failure(f"needed more than {MEMORY_LIMIT_BYTES >> 20} MiB of memory")
    except BaseException as error:
        return _Failure(f"reading it failed: {error!r}", traceback.format_exc())


def prepare() -> None:
    """Make a new worker ready: Ctrl-C is the parent's business, a kill is obeyed at once, and memory has a limit.

    pebble's own way of dying runs Python code, which waits for a search or a normalisation to end;
    meanwhile the parent holds the pipe of all workers, for three seconds.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for ending in (signal.SIGTERM, signal.SIGPROF):
        signal.signal(ending, signal.SIG_DFL)
    # Where memory runs out, the system ends the largest process: by itself that of the run, which has 90 MB of its own.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    # Elsewhere than on Linux, and where it hides /proc, nothing tells how much there is to begin with.
    if (statm := Path("/proc/self/statm")).exists():
        _limit_memory(int(statm.read_text(encoding="ascii").split()[0]) * resource.getpagesize())


def _limit_memory(reserved_bytes: int) -> None:
    """Let this process reserve so much more than it has: 300 MB that all workers share, some of it by NumPy, unused."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = reserved_bytes + MEMORY_LIMIT_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def warm_up(preload: Sequence[str] = ()) -> None:
    """Start the process that workers will be forked from: it imports what they share while the caller goes on.

    That takes it half a second. `preload` as of the workers.
    """
    multiprocessing.set_forkserver_preload([*PRELOAD, *preload])
    # Ctrl-C is for all that runs in a terminal: in the middle of its imports it would leave a traceback there.
    resource_tracker.ensure_running()  # first, because it unblocks the signal (Python 3.11)
    unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with suppress(OSError):  # the pool meets it again, and tells
            forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)


def _start(pool: ProcessPool) -> bool:
    return bool(pool.active)  # asking starts it


def _take_note(answer: asyncio.Future[Any]) -> None:
    """Let asyncio say nothing of an answer that came when nobody waited for it any more: its worker was ended."""
    if not answer.cancelled():
        answer.exception()


def _end(pools: Sequence[ProcessPool]) -> None:
    for pool in pools:
        pool.stop()  # type: ignore[no-untyped-call] # pebble's own annotation is missing
    for pool in pools:
        pool.join()
