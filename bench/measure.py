"""What a command costs: CPU and memory of its whole process tree, sampled while it runs."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
EVERY_S = 0.25


@dataclass
class Cost:
    """CPU in seconds, wall clock in seconds, resident memory of the tree in bytes over time."""

    exit_code: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    memory: list[tuple[float, int]] = field(default_factory=list)  # (seconds, bytes)

    @property
    def peak_bytes(self) -> int:
        return max((size for _, size in self.memory), default=0)

    def growth_in_second_half(self) -> float:
        """Mean memory of the last quarter over that of the third: 1.0 is flat."""
        sizes = [size for _, size in self.memory]
        quarter = len(sizes) // 4
        if not quarter:
            return 1.0
        third, last = sizes[2 * quarter : 3 * quarter], sizes[3 * quarter : 4 * quarter]
        return (sum(last) / len(last)) / (sum(third) / len(third))


def run(command: list[str | Path], *, env: dict[str, str] | None = None, kill_after_s: float | None = None) -> Cost:
    """Run a command to its end, or kill its whole tree without warning after some time."""
    cost, cpu_of = Cost(), dict[int, float]()
    started = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        seconds = time.perf_counter() - started
        tree = _tree(process.pid)
        memory = 0
        for pid in tree:
            if (known := seen(pid)) is not None:
                cpu_of[pid], size = known
                memory += size
        cost.memory.append((seconds, memory))
        if kill_after_s is not None and seconds >= kill_after_s:
            for pid in tree:
                os.kill(pid, 9)
        time.sleep(EVERY_S)
    cost.wall_s = time.perf_counter() - started
    cost.cpu_s = sum(cpu_of.values())
    cost.exit_code = process.returncode
    return cost


def _tree(root: int) -> list[int]:
    """The process and all below it, itself first."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                parent = int(Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def seen(pid: int) -> tuple[float, int] | None:
    """(CPU seconds so far, resident bytes) of a process that still lives."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS, _own_share(pid)


def _own_share(pid: int) -> int:
    """Resident bytes; what several processes share is counted once, in equal parts (PSS)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)
