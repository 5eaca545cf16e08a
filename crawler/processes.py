"""Is the process that began a run still there? Its number alone comes again: after a restart, in another container."""

from __future__ import annotations

import os
from pathlib import Path


def identity(pid: int) -> str | None:
    """What tells a process from others with its number, in three words; None where the system does not tell.

    The boot of the system that it runs on, the namespace in which its number counts (each container has one of its
    own), and when it started, in ticks after the boot.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        space = os.stat("/proc/self/ns/pid").st_ino
        # Behind the name of the program, which may have spaces and brackets in it.
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
    except OSError:
        return None
    return f"{boot} {space} {told.split()[19]}"


def is_there(pid: int, known: str | None, *, shared: bool) -> bool:
    """Whether the process of this number and identity is there, begun on a machine with the name of this one.

    What cannot be seen from here is taken to be there: in another container or, where machines share the database, on
    another one of the same name.
    """
    if known and (ours := identity(os.getpid())):
        (boot, space, _), (our_boot, our_space, _) = known.split(), ours.split()
        if boot != our_boot:
            return shared
        if space != our_space:
            return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not known or identity(pid) in (known, None)
