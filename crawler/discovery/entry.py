"""What the readers of listings have in common: entries, times, titles."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from corpus.errors import NazairError
from corpus.types import LinkKind

MAX_TITLE_LENGTH = 500  # some feeds put the whole article into the title
MAX_SUMMARY_LENGTH = 2_000  # and some the whole article into the summary: its beginning is enough to judge by


# Of a character by its number. Some systems write the two halves of an emoji so, and parsers give up the whole listing.
REFERENCE = re.compile(rb"&#(?:[xX]0*([0-9a-fA-F]+)|0*([0-9]+));?")
NO_CHARACTER = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


class Unreadable(NazairError):
    """A listing that gave nothing; the sentence says why."""


class Entry(NamedTuple):
    """One URL of a listing, as it stands there: perhaps relative, perhaps of another site."""

    url: str
    kind: LinkKind = LinkKind.ARTICLE
    title: str | None = None
    summary: str | None = None  # what stands under the title: to judge by, not to keep
    published_at: datetime | None = None
    changed_at: datetime | None = None
    language: str | None = None  # as the listing calls it
    period: tuple[date, date] | None = None  # of a sitemap: the days that its name says it is about


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a reader got out of a listing, and what kept it from getting more."""

    entries: list[Entry]
    problem: str | None = None
    name: str | None = None  # what a home page calls its site


def sound(xml: bytes) -> bytes:
    """A listing without references to what is no character (XML 1.0, 2.2)."""
    return REFERENCE.sub(_sound, xml)


def _sound(reference: re.Match[bytes]) -> bytes:
    digits, radix = (reference[1], 16) if reference[1] else (reference[2], 10)
    code = int(digits, radix) if len(digits) <= len(str(sys.maxunicode)) else sys.maxunicode + 1
    return b"" if code > sys.maxunicode or NO_CHARACTER.match(chr(code)) else reference[0]


def plain(text: str | None) -> str | None:
    """Text on one line without invisible characters; None when nothing is left. NUL breaks databases."""
    words = " ".join((text or "").split())
    if not words.isprintable():
        words = "".join(letter for letter in words if letter.isprintable()).strip()
    return words or None


# The pages of a site name the same articles: those of the last few pages. 3 MB.
@lru_cache(maxsize=5_000)
def headline(text: str | None) -> str | None:
    """The same, cut to the length of a long headline."""
    words = plain((text or "")[: 4 * MAX_TITLE_LENGTH])
    return words and words[:MAX_TITLE_LENGTH].strip()


def utc(moment: datetime) -> datetime:
    """The same moment in UTC; a time without a zone is taken for UTC."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def w3c_moment(text: str | None) -> datetime | None:
    """A W3C date or time (sitemaps, JSON feeds); None for what cannot be read."""
    try:
        return utc(datetime.fromisoformat(text.strip())) if text else None
    except (ValueError, OverflowError):
        return None
