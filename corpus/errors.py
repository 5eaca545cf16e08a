"""The errors of nazair: one root, one sentence each, with the exit code that the command line gives.

A sentence says what, which, why and what to do now; the id of the thing is an attribute.
Bugs are not here: they stay the exceptions that Python raised.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

# What writing to a disk that is full says, and to a file that is not to grow.
DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class NazairError(Exception):
    """The root. `str(error)` is a sentence for people; `exit_code` is for programs."""

    exit_code = 2


class ConfigError(NazairError):
    """A catalogue or topic file that cannot be used as it stands."""

    def __init__(self, path: Traversable | str, *, key: str | None = None, why: str) -> None:
        self.path, self.key, self.why = str(path), key, why
        super().__init__(": ".join(part for part in (self.path, key, why) if part))


class UsageError(NazairError):
    """A request that makes no sense, whatever is stored."""


class UnknownName(NazairError):
    """A topic, source, run or other name that does not exist; says the nearest one that does."""

    def __init__(self, what: str, name: str, *, known: list[str], see: str) -> None:
        import difflib

        self.what, self.name = what, name
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        super().__init__(f"There is no {what} {name!r}.{hint} All of them: {see}")


class DatabaseError(NazairError):
    """The database cannot be opened, failed, or is not at the revision that this program needs."""

    def __init__(self, database: str, *, why: str, now: str | None = None) -> None:
        self.database, self.why = database, why
        super().__init__(f"{database}: {why}" + (f" {now}" if now else ""))


class NotStored(NazairError):
    """The article that was asked for is not in the collection."""

    exit_code = 3


class NotRead(NazairError):
    """A page that could not be had, or is no article."""

    exit_code = 3


class NotComparable(NazairError):
    """A text that cannot be compared: empty, or in another language than the collection."""

    exit_code = 3


class SketchMismatch(NazairError):
    """Signatures made with different settings cannot be compared."""

    def __init__(self, *, stored: str, ours: str) -> None:
        self.stored, self.ours = stored, ours
        super().__init__(
            f"The signatures in the database were made with settings {stored!r}, this program uses {ours!r}; "
            "they cannot be compared. Rebuild them: nazair db rebuild --signatures"
        )


class StoreBroken(NazairError):
    """The database failed several times in a row, or a recording cannot be written: the run stops, and can go on."""

    exit_code = 4


class RunLocked(NazairError):
    """Another run holds the lock."""

    exit_code = 75
