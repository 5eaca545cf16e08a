"""RSS and Atom feeds, read by feedparser."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from time import struct_time
from typing import Any

import feedparser
from feedparser.exceptions import ThingsNobodyCaresAboutButMe
from selectolax.lexbor import LexborHTMLParser

from crawler.discovery.entry import Contents, Entry, headline


def read_feed(body: bytes, content_type: str) -> Contents:
    """The entries of a feed; of a broken one, those before the break."""
    headers = {"content-type": content_type} if content_type else {}
    # A stream: bytes alone feedparser takes for the name of a file.
    feed = feedparser.parse(BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    entries = [entry for raw in feed.entries if (entry := _entry(raw))]
    broken = feed.get("bozo_exception")
    if broken is not None and not isinstance(broken, ThingsNobodyCaresAboutButMe):
        return Contents(entries=entries, problem=f"the feed is broken: {broken}")
    return Contents(entries=entries, problem=None if entries else "the feed has no entries")


def _entry(raw: Any) -> Entry | None:
    # FeedBurner puts a redirect into `link`, and the article's own URL here.
    url = raw.get("feedburner_origlink") or raw.get("link")
    if not url:
        return None
    when = raw.get("published_parsed") or raw.get("updated_parsed")
    return Entry(url=url, title=_title(raw.get("title")), published_at=_moment(when))


def _title(raw: str | None) -> str | None:
    """A title without the markup that some feeds put into it."""
    if raw and ("<" in raw or "&" in raw):
        raw = LexborHTMLParser(raw).text()
    return headline(raw)


def _moment(parsed: struct_time | None) -> datetime | None:
    """feedparser's time, which is UTC."""
    if parsed is None:
        return None
    try:
        return datetime(*parsed[:6], tzinfo=UTC)
    except ValueError:
        return None
