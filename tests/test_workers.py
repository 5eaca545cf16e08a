"""Workers: whatever a page does to its process, the other pages and the event loop go on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from corpus.types import Outcome
from pipelines import preload
from pipelines.page.limits import MEMORY_LIMIT_BYTES
from pipelines.workers import MOST_AT_ONCE, Workers, WorkFailed
from tests.worker_calls import (
    TIME_LIMIT_S,
    DiesOnArrival,
    die,
    die_once,
    give_what_cannot_travel,
    hang_in_c,
    hang_in_python,
    leave,
    leave_without_a_word,
    process_id,
    raise_a_bug,
    raise_what_cannot_travel,
    search,
    take_memory,
    wait,
    wait_once,
)


@asynccontextmanager
async def workers(count: int = 2) -> AsyncIterator[Workers]:
    opened = Workers(count, time_limit_s=TIME_LIMIT_S)
    try:
        yield opened
    finally:
        opened.close()


async def told(pool: Workers, function: Callable[..., Any], *args: object) -> object:
    """What a function returns in a worker, or the reason why not."""
    try:
        return await pool.run(function, *args)
    except WorkFailed as error:
        return str(error)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        # On a busy machine the clock may say so first.
        (hang_in_python, "the worker was killed"),
        (hang_in_c, "the worker was killed"),
        (leave_without_a_word, "no answer within 3 s; the worker was killed"),
        (die, "the worker process was killed: is there memory enough?"),
        (give_what_cannot_travel, "the worker process died (exit code 1)"),
        (leave, "reading it failed: SystemExit(0)"),
        (take_memory, f"needed more than {MEMORY_LIMIT_BYTES >> 20} MiB of memory"),
        (raise_a_bug, "reading it failed: ValueError('no such thing')"),
        (raise_what_cannot_travel, "There is no topic 'x'. All of them: the list"),
    ],
)
def test_a_page_that_ends_its_worker_costs_only_itself(function: Callable[[], Any], reason: str) -> None:
    async def among_others() -> list[object]:
        async with workers() as pool:
            calls: list[Callable[..., Any]] = [process_id] * 20
            calls.insert(12, function)  # in the middle of what is sent together
            return await asyncio.gather(*(told(pool, call) for call in calls))

    results = asyncio.run(among_others())

    assert str(results.pop(12)).endswith(reason)
    assert all(isinstance(result, int) for result in results)


def test_a_worker_that_is_killed_once_costs_not_even_the_page_that_it_had_alone(tmp_path: Path) -> None:
    async def one() -> object:
        async with workers(1) as pool:
            return await told(pool, die_once, tmp_path / "died")

    assert asyncio.run(one()) == 1


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").exists(), reason="this system chooses otherwise")
def test_where_memory_runs_out_the_system_ends_a_worker_and_no_page_is_blamed() -> None:
    async def one() -> tuple[str, Outcome]:
        async with workers(1) as pool:
            chosen = await pool.run(Path("/proc/self/oom_score_adj").read_text)
            with pytest.raises(WorkFailed) as killed:
                await pool.run(die)
            return chosen.strip(), killed.value.outcome

    assert asyncio.run(one()) == ("1000", Outcome.FAILED)


def test_a_page_that_was_not_done_in_time_once_has_another_trial(tmp_path: Path) -> None:
    """As when a machine wakes: by its clock a page has taken hours."""

    async def one() -> object:
        async with workers(1) as pool:
            return await told(pool, wait_once, tmp_path / "waited")

    assert asyncio.run(one()) == 1


def test_a_worker_that_is_killed_with_the_lock_of_a_pipe_holds_up_nobody() -> None:
    async def among_others() -> tuple[list[object], float]:
        async with workers() as pool:
            await asyncio.gather(*(pool.run(process_id) for _ in range(20)))
            began = time.perf_counter()
            calls: list[Callable[..., Any]] = [process_id] * 20
            calls.insert(12, DiesOnArrival())
            return await asyncio.gather(*(told(pool, call) for call in calls)), time.perf_counter() - began

    results, took_s = asyncio.run(among_others())

    assert results.pop(12) == "the worker processes died twice"
    assert all(isinstance(result, int) for result in results)
    assert took_s < 10  # not until it is plain that nobody answers, which is 12 s here, and 240 in a crawl


def test_a_page_may_wait_for_the_processor_longer_than_it_may_have_it() -> None:
    async def one() -> object:
        async with workers(1) as pool:
            return await told(pool, wait, 2 * TIME_LIMIT_S)

    assert asyncio.run(one()) == 2 * TIME_LIMIT_S


def test_workers_that_die_while_they_have_nothing_to_do_are_replaced() -> None:
    async def kill_all() -> list[object]:
        async with workers() as pool:
            for process in {await pool.run(process_id) for _ in range(20)}:
                os.kill(process, signal.SIGKILL)
            return await asyncio.gather(*(told(pool, process_id) for _ in range(20)))

    assert all(isinstance(result, int) for result in asyncio.run(kill_all()))


def test_workers_that_no_longer_answer_are_replaced() -> None:
    async def stop_all() -> list[object]:
        async with workers(1) as pool:
            for process in {await pool.run(process_id) for _ in range(5)}:
                os.kill(process, signal.SIGSTOP)
            return await asyncio.gather(*(told(pool, process_id) for _ in range(3)))

    assert all(isinstance(result, int) for result in asyncio.run(stop_all()))


def test_pages_that_come_one_by_one_do_not_wait_for_others() -> None:
    async def one_by_one() -> list[int]:
        async with workers() as pool:
            return [await pool.run(process_id, i) for i in range(5)]

    assert len(asyncio.run(one_by_one())) == 5


def test_each_result_goes_to_who_asked_for_it() -> None:
    async def many() -> list[int]:
        async with workers() as pool:
            return await asyncio.gather(*(pool.run(abs, -i) for i in range(20 * MOST_AT_ONCE)))

    assert asyncio.run(many()) == list(range(20 * MOST_AT_ONCE))


def test_the_event_loop_goes_on_while_pages_hang() -> None:
    async def longest_gap() -> float:
        async with workers() as pool:
            await pool.run(process_id)
            hanging = [asyncio.create_task(told(pool, hang_in_c)) for _ in range(4)]
            gaps, last = [], time.perf_counter()
            while not all(task.done() for task in hanging):
                await asyncio.sleep(0.01)
                now = time.perf_counter()
                gaps.append(now - last)
                last = now
            return max(gaps)

    # Who waited for a worker to end would wait for three seconds; a busy machine lets nobody run for some tenths.
    assert asyncio.run(longest_gap()) < 1.5


def test_closing_ends_what_hangs_and_gives_up_what_waits() -> None:
    async def close() -> list[bool]:
        pool = Workers(1, time_limit_s=60)
        await pool.run(process_id)
        calls = [asyncio.create_task(told(pool, hang_in_python)) for _ in range(20)]
        await asyncio.sleep(0)
        pool.close()
        done, _ = await asyncio.wait(calls, timeout=5)
        return [call.cancelled() for call in done]

    given_up = asyncio.run(close())

    assert given_up == [True] * 20


def test_closing_does_not_wait_for_what_a_worker_searches(tmp_path: Path) -> None:
    async def close() -> float:
        pool, begun = Workers(1, time_limit_s=60), tmp_path / "begun"
        os.mkfifo(begun)
        searching = asyncio.create_task(told(pool, search, begun))
        await asyncio.to_thread(begun.read_bytes)  # until it is written
        began = time.perf_counter()
        pool.close()
        await asyncio.wait([searching])
        return time.perf_counter() - began

    # pebble's own way waits three seconds for the search to end, and all workers wait with it.
    assert asyncio.run(close()) < 2


def test_what_all_workers_share_has_read_a_page_to_the_end() -> None:
    assert preload.READING.sketch is not None, preload.READING.reason
    assert preload.READING.sketch.signature


WARMED_UP = """
import signal, sys
from multiprocessing import forkserver
from pathlib import Path
from nazair.cli import run
from pipelines.workers import warm_up

if __name__ == "__main__":
    run(["import", *sys.argv[1:]]) if sys.argv[1:] else warm_up()
    lines = Path(f"/proc/{forkserver._forkserver._forkserver_pid}/status").read_text().splitlines()
    (blocked,) = [int(line.split()[1], 16) for line in lines if line.startswith("SigBlk")]
    print(bool(blocked & 1 << (signal.SIGINT - 1)), signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
"""


@pytest.mark.parametrize("importing", [False, True])
def test_ctrl_c_does_not_meet_the_process_that_workers_are_forked_from(importing: bool, tmp_path: Path) -> None:
    line = {"url": "http://a.example/1", "title": "عنوان", "text": "نص المقال"}
    (tmp_path / "one.jsonl").write_text(json.dumps(line), encoding="utf-8")
    arguments = [tmp_path / "one.jsonl", "--db", tmp_path / "nazair.db"] * importing
    command = [sys.executable, "-c", WARMED_UP, *map(str, arguments)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)

    assert done.stdout.split() == ["True", "False"]


ONE_PAGE = """
import asyncio
from pipelines.workers import Workers, WorkFailed, warm_up

async def one() -> None:
    warm_up()
    pool = Workers(1)
    try:
        print(await pool.run(len, "page"))
    except WorkFailed as error:
        print(error.outcome, pool.broken)
    pool.close()

if __name__ == "__main__":
    asyncio.run(one())
"""

# What is mounted needs a name space of its own, which some containers do not give.
MOUNTS = subprocess.run("unshare -rm true", shell=True, check=False, capture_output=True).returncode == 0  # noqa: S602, S607


@pytest.mark.parametrize(
    ("poverty", "told"),
    [
        ("ulimit -v 1200000", "4"),  # less than a page may take
        # A socket's path has 107 bytes at most.
        ('export TMPDIR="$2/$(printf %99d 0)" && mkdir "$TMPDIR"', "failed no worker process can be started (AF_UNIX"),
        pytest.param("mount -t tmpfs none /proc", "4", marks=pytest.mark.skipif(not MOUNTS, reason="cannot mount")),
        pytest.param(
            "mount -t tmpfs -o ro none /dev/shm",
            "failed no worker process can be started ([Errno 30]",
            marks=pytest.mark.skipif(not MOUNTS, reason="cannot mount"),
        ),
    ],
)
def test_no_page_is_blamed_for_what_a_machine_lacks(poverty: str, told: str, tmp_path: Path) -> None:
    line = f'{poverty} && exec "$0" -c "$1"'
    command = [*(["unshare", "-rm"] * ("mount" in poverty)), "sh", "-c", line, sys.executable, ONE_PAGE, str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)

    assert done.stdout.startswith(told), done.stderr
