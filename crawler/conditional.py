"""Conditional requests (RFC 9110 §13): what to send so that a server need not send the same again.

Validators belong to one reading: for another topic, or after the source's entry was edited, other links of the same
listing count, so the page is read whole again.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from scrapy.http import Response

from corpus import clock
from corpus.types import LeasedLink, Topic, Validators
from crawler.catalogue import Source

# Some servers say «not modified» for ever, and a newer version of this program may read more. Guess.
TRUSTED_FOR = timedelta(days=30)

# The longest ETag of the catalogue's servers has some 70 characters. Guess.
MOST_CHARACTERS = 500

NOT_MODIFIED = 304


def read_for(topic: Topic | None, source: Source | None) -> bytes:
    """8 bytes that stand for what a page is read for: they change when the topic or the source's entry does."""
    return hashlib.sha256(repr((topic, source)).encode()).digest()[:8]


def headers_for(leased: LeasedLink, for_: bytes) -> dict[str, str]:
    """The headers that ask for a page only if it has changed since it was last read for the same."""
    known = leased.validators
    if known is None or known.read_for != for_ or clock.now() - known.read_at > TRUSTED_FOR:
        return {}
    return if_changed(known.etag, known.last_modified)


def if_changed(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The headers that ask for what has changed since a server said this of it."""
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value}


def validators_of(response: Response, for_: bytes) -> Validators | None:
    """What a server said of the version that it sent; None where it said nothing."""
    etag, last_modified = header(response, "ETag"), header(response, "Last-Modified")
    if not (etag or last_modified):
        return None
    return Validators(etag=etag, last_modified=last_modified, read_for=for_, read_at=clock.now())


def header(response: Response, name: str) -> str | None:
    """The value of a header as it may be kept, and sent back; None for one that is none."""
    value = (response.headers.get(name) or b"").decode("latin-1").strip()
    return value if 0 < len(value) <= MOST_CHARACTERS and value.isprintable() else None
