"""Is it a WARC file, and does it end where a record ends? Neither reader of such files says so of one that is cut off.

FastWARC (2.0) ends it without a word, warcio (1.8) when the cut is in the head of a record.
"""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import BinaryIO

GZIP = b"\x1f\x8b"
CHUNK = 1 << 16

LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


def is_warc(path: Path) -> bool:
    """Whether a file begins as a WARC file does, packed or not."""
    with path.open("rb") as file:
        begins = file.read(CHUNK)
    if begins.startswith(GZIP):
        try:
            begins = zlib.decompressobj(wbits=31).decompress(begins, CHUNK)
        except zlib.error:
            return False
    return begins.lstrip(b"\r\n").startswith(b"WARC/")


def cut_after(path: Path, begins: int) -> int | None:
    """Where the record begins that a file ends in the middle of, from the last record known on; None for a whole file.

    Where one gzip member holds all records, it is that last one.
    """
    with path.open("rb") as file:
        is_packed = file.read(2) == GZIP
        file.seek(begins)
        if not is_packed:
            return _in_plain(file, begins, path.stat().st_size)
        if file.read(2) == GZIP:
            file.seek(begins)
            return _in_members(file)
        file.seek(0)
        return None if _in_members(file) is None else begins


def _in_members(file: BinaryIO) -> int | None:
    at = file.tell()
    rest = file.read(CHUNK)
    while rest:
        member = zlib.decompressobj(wbits=31)
        while rest and not member.eof:
            try:
                member.decompress(rest, CHUNK)
            except zlib.error:
                return None  # broken: whoever reads the file is told so
            rest = member.unused_data if member.eof else member.unconsumed_tail or file.read(CHUNK)
        if not member.eof:
            return at
        rest = rest or file.read(CHUNK)
        at = file.tell() - len(rest)
    return None


def _in_plain(file: BinaryIO, at: int, size: int) -> int | None:
    while at < size:
        file.seek(at)
        head = file.read(CHUNK)
        blank = len(head) - len(head.lstrip(b"\r\n"))
        end, length = head.find(b"\r\n\r\n", blank), LENGTH.search(head, blank)
        if not head.strip(b"\r\n"):
            return None
        if end < 0 or length is None or length.start() > end:
            return at
        following = at + end + 4 + int(length[1])
        if following > size:
            return at
        at = following
    return None
