"""What a sighting of a link means for the frontier: pure decisions about a row and a link.

Which comes first, what speaks for a page that another channel spoke against, which of its addresses is fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row

from corpus.types import Link, LinkKind
from corpus.urls import is_version

# Listings first: they tell what there is, and feeds are the freshest. Then what names the topic, before the depths of
# archives; then what nothing is known of but the address, because another listing may still tell its title. Last what
# is stored: it may have been edited.
PRIORITY = {LinkKind.FEED: 0, LinkKind.SITEMAP: 1, LinkKind.SECTION: 2}
NAMES_TOPIC, ARCHIVE, UNKNOWN, REVISIT = 5, 6, 10, 12


# From its midnight in UTC, a day has ended everywhere after this time.
LONGEST_DAY = timedelta(hours=36)


@dataclass(slots=True)
class Sighted:
    """A row of the frontier, as far as it decides about a link that is found again."""

    id: int
    url: str
    kind: str
    priority: int
    state: str
    doubt: str | None
    reason: str | None
    title: str | None
    published_at: datetime | None
    run_id: int | None
    found_run: int | None

    def take(self, told: Mapping[str, Any]) -> None:
        """Be as a `change` makes the row."""
        for name, value in told.items():
            if name in _FIELDS:
                setattr(self, name, value)


_FIELDS = frozenset(Sighted.__dataclass_fields__)


def change(row: Sighted, link: Link) -> dict[str, Any] | None:
    """What a new sighting changes of a row that was not fetched yet, if anything."""
    if row.state not in ("pending", "skipped") or row.kind != link.kind.value or row.priority == REVISIT:
        return None
    doubt, reason = _doubt_after(row, link)
    state = "skipped" if doubt else "pending"
    title, date = row.title or link.title, row.published_at or link.published_at
    url = link.url if _is_better(link.url, row.url) else row.url
    if (state, doubt, title, date, url) == (row.state, row.doubt, row.title, row.published_at, row.url):
        return None
    return {
        "row": row.id,
        "state": state,
        "title": title,
        "published_at": date,
        "url": url,
        "host": urlsplit(url).netloc,
        "priority": min(row.priority, priority(link)),
        "doubt": doubt,
        "reason": reason,
    }


def _doubt_after(row: Sighted, link: Link) -> tuple[str | None, str | None]:
    """What speaks against a page once a link to it is seen again, and in which words.

    One title that fits outweighs another that does not; when it was published or last changed outweighs titles.
    """
    told = link.prospect
    if row.doubt is None:
        return (told.doubt, told.reason) if row.title is None or _weight(told.doubt) else (None, None)
    of_its_kind = {"date": link.published_at is not None, "changed": link.channel == "sitemap"}
    if of_its_kind.get(row.doubt, link.title is not None) or _weight(told.doubt) > _weight(row.doubt):
        return told.doubt, told.reason
    return row.doubt, row.reason


def _weight(doubt: str | None) -> int:
    return {"date": 2, "changed": 1}.get(doubt or "", 0)


def is_listing_after_all(row: Sighted, link: Link) -> bool:
    """Whether a page that was taken for an article is named as a listing: sitemaps name sections among articles."""
    is_mistaken = row.kind == LinkKind.ARTICLE and link.kind.is_listing
    return is_mistaken and row.state in ("pending", "skipped", "done")


def is_stale(row: Sighted, link: Link, run_id: int, *, read_at: datetime | None) -> bool:
    """Whether a listing that an earlier run has read, last at `read_at`, is to be read again."""
    if row.state != "done" or row.run_id == run_id or row.kind == LinkKind.ARTICLE:
        return False
    if row.kind != LinkKind.SITEMAP or link.published_at is None or row.published_at != link.published_at:
        return True
    return read_at is not None and read_at < _settled_at(link.published_at)


def _settled_at(changed_at: datetime) -> datetime:
    """When a sitemap whose index says that it has changed then, and no more, is as it was.

    Many tell the day alone, in a zone of their own: the sitemap of today goes on to change.
    """
    is_day = changed_at.minute == changed_at.second == 0
    return changed_at + LONGEST_DAY if is_day else changed_at


def _is_better(url: str, than: str) -> bool:
    """Whether to fetch one address of a page rather than another: not the AMP or print version, then https."""
    return url != than and _rank(url) < _rank(than)


def _rank(url: str) -> tuple[bool, bool]:
    return is_version(url), not url.startswith("https:")


def link_of(row: Row[Any]) -> Link:
    """The link that a row stands for."""
    return Link(
        url=row.url,
        kind=LinkKind(row.kind),
        channel=row.channel,
        source_id=row.source_id,
        title=row.title,
        published_at=row.published_at,
        depth=row.depth,
    )


def host_of(link: Link) -> str:
    """The host that a link is on, with its port where that is not the scheme's own."""
    # A tenth of what urlsplit takes; a normal URL has a path.
    return link.url.partition("://")[2].partition("/")[0]


def priority(link: Link) -> int:
    """When a link's turn comes among those of its host; smaller is earlier."""
    if link.kind is LinkKind.ARTICLE:
        return NAMES_TOPIC if link.prospect.names_topic else UNKNOWN
    is_deep = link.kind is LinkKind.NEXT or (link.kind is LinkKind.SITEMAP and link.depth > 1)
    return ARCHIVE if is_deep else PRIORITY[link.kind]
