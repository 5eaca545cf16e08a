"""How long `nazair --help` takes: a person who asks for help should not wait."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

RUNS = 10
GOAL_S = 0.3


def main() -> None:
    """Print the median of ten, after one run to warm the disk's cache."""
    command = [sys.executable, "-m", "nazair", "--help"]
    seconds = [_time(command) for _ in range(RUNS + 1)][1:]
    median = statistics.median(seconds)
    print(f"nazair --help: median {median:.3f} s of {RUNS} (best {min(seconds):.3f}, worst {max(seconds):.3f})")
    print(json.dumps({"bench": "start", "median_s": round(median, 4), "goal_s": GOAL_S, "met": median < GOAL_S}))


def _time(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
