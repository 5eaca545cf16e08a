"""Why a page could not be had, in a sentence, and whether another try is worth its cost."""

from __future__ import annotations

import re

from scrapy import Request
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest, ResponseDataLossError

from crawler.heads import HeadTooLong

# What Twisted says of a broken connection; recordings have no more of an error than these words.
WRAPPED = re.compile(r"\[?<twisted\.python\.failure\.Failure [\w.]*\.(\w+): (.*?)>\]?", re.DOTALL)
WORDS = r"\1: \2"

SAID_OTHERWISE = {
    "max redirections reached": "it was sent on from page to page without end",
}


def why(error: BaseException | None, request: Request, *, most_bytes: int) -> tuple[str, bool]:
    """The sentence, and whether to try again. `most_bytes` of an answer are read, unless its request says otherwise."""
    if is_too_large(error):
        most: int = request.meta.get("download_maxsize", most_bytes)
        return f"the answer is larger than {most >> 20} MiB, and is not read", False
    if isinstance(error, IgnoreRequest):
        return SAID_OTHERWISE.get(str(error), str(error)) or "the request was dropped", False
    if isinstance(error, ResponseDataLossError):
        return "the answer broke off before its end", True
    said = words(error)
    if HeadTooLong.__name__ in said:
        return said.partition(f"{HeadTooLong.__name__}: ")[2], False
    return f"it could not be fetched: {said}", True


def words(error: BaseException | None) -> str:
    """What an error says, with its kind, of what it wraps."""
    return f"{type(error).__name__}: {WRAPPED.sub(WORDS, str(error))}".rstrip(": .")


def is_too_large(error: BaseException | None) -> bool:
    """Whether a body was too large as it came (Scrapy cancels it), or unpacked (its middleware drops it)."""
    return isinstance(error, DownloadCancelledError) or "DOWNLOAD_MAXSIZE" in str(error)
