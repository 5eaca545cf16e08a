"""A list as others read it: JSON Feed 1.1, RSS 2.0, JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from corpus import ask
from corpus.arabic import repair
from nazair.web.rows import Row

MEDIA_TYPES = {
    "json": "application/feed+json",
    "rss": "application/rss+xml; charset=utf-8",
    "jsonld": "application/ld+json",
}


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A list with where it stands."""

    title: str
    home: str  # the page that shows it
    address: str | None  # its own, where it has one
    rows: Sequence[Row]


def json_feed(feed: Feed) -> dict[str, Any]:
    """JSON Feed 1.1 (jsonfeed.org)."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": repair(feed.title),
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "language": "ar",
        "items": [_item(row) for row in feed.rows],
    }


def rss(feed: Feed) -> str:
    """RSS 2.0."""
    from feedgenerator import Rss201rev2Feed

    class Feed201(Rss201rev2Feed):  # type: ignore[misc]
        def latest_post_date(self) -> datetime:
            # A list that did not change is the same feed, byte for byte: feedgenerator would take the clock's.
            return max(
                (row.published_at for row in feed.rows if row.published_at), default=datetime(1970, 1, 1, tzinfo=UTC)
            )

    made = Feed201(
        title=repair(feed.title),
        link=feed.home,
        feed_url=feed.address,
        description=repair(feed.title),
        language="ar",
    )
    for row in feed.rows:
        made.add_item(
            title=row.title,
            link=row.url,
            description=row.extract,
            author_name=row.source_name,
            pubdate=row.published_at,
            unique_id=row.url,
        )
    return str(made.writeString("utf-8"))


def item_list(feed: Feed) -> dict[str, Any]:
    """A schema.org ItemList, as JSON-LD."""
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "name": repair(feed.title),
        "url": feed.home,
        "numberOfItems": len(feed.rows),
        "itemListElement": [
            {"@type": "ListItem", "position": place, "url": row.url, "name": row.title}
            for place, row in enumerate(feed.rows, start=1)
        ],
    }


def in_script(value: Any) -> Markup:
    """JSON that can stand in a `<script>` of a page, whatever its texts hold: no tag can end or begin in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - made safe above


def _item(row: Row) -> dict[str, Any]:
    item: dict[str, Any] = {"id": row.url, "url": row.url, "title": row.title, "content_text": row.extract or row.title}
    if row.published_at is not None:
        item["date_published"] = ask.iso(row.published_at)
    if row.source_name:
        item["authors"] = [{"name": row.source_name}]
    return item
