"""Files that commands read and write: what they write is whole or not there, and never in place of another."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import IO

from corpus.errors import UsageError


def bytes_of(name: str) -> bytes:
    """What is in a file, or comes on standard input: -. Raises UsageError."""
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from error


def require_folder(file: Path) -> None:
    """Raise UsageError for a file to write whose folder is not there: before any work is done for it."""
    if not file.parent.is_dir():
        raise UsageError(f"{file}: the folder {str(file.parent)!r} does not exist. Make it first.")


def require_free(file: Path, *, force: bool) -> None:
    """Raise UsageError for a file to write that is there, unless with `force`, or whose folder is not."""
    if file.exists() and not force:
        raise UsageError(f"{file} exists; it was left as it is. Name another file, or say --force.")
    require_folder(file)


def write_new(file: Path, text: str) -> None:
    """Write a file that is not there. Raises UsageError when it is, or cannot be written."""
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError as error:
        raise UsageError(f"{file} exists; it was left as it is. Name another file.") from error
    except OSError as error:
        raise UsageError(f"{file} could not be written: {error.strerror}.") from error


def open_new(file: Path) -> IO[bytes]:
    """A new file, open for writing, with the permissions that the user's umask leaves."""
    return os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666), "wb")


def put_in_place(beside: Path, file: Path, *, force: bool) -> None:
    """Give a file its name. Raises FileExistsError when another has it, unless with `force`."""
    if force:
        beside.replace(file)
        return
    try:
        os.link(beside, file)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links: a look before is the best there is.
        if file.exists():
            raise FileExistsError(str(file)) from None
        beside.replace(file)


def write_whole(file: Path, content: bytes) -> bool:
    """Write a file at once, or not at all; False when it had this content already and was left alone."""
    if file.is_file() and file.read_bytes() == content:
        return False
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(content)
        mode = file.stat().st_mode if file.exists() else 0o666 & ~_umask()
        os.chmod(name, mode)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
