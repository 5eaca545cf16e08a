"""What the readers of listings have in common: entries, times, titles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from corpus.errors import NazairError
from corpus.types import LinkKind

MAX_TITLE_LENGTH = 500  # some feeds put the whole article into the title


class Unreadable(NazairError):
    """A listing that gave nothing; the sentence says why."""

    exit_code = 4


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One URL of a listing, as it stands there: perhaps relative, perhaps of another site."""

    url: str
    kind: LinkKind = LinkKind.ARTICLE
    title: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a reader got out of a listing, and what kept it from getting more."""

    entries: list[Entry]
    problem: str | None = None


def plain(text: str | None) -> str | None:
    """Text on one line without invisible characters; None when nothing is left. NUL breaks databases."""
    words = " ".join((text or "").split())
    return "".join(letter for letter in words if letter.isprintable()).strip() or None


def headline(text: str | None) -> str | None:
    """The same, cut to the length of a long headline."""
    words = plain((text or "")[: 4 * MAX_TITLE_LENGTH])
    return words and words[:MAX_TITLE_LENGTH].strip()


def utc(moment: datetime) -> datetime:
    """The same moment in UTC; a time without a zone is taken for UTC."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
