"""Listings in JSON: JSON Feed 1.1 (jsonfeed.org), and the article lists of the GDELT DOC 2.0 API."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from corpus.plural import counted
from corpus.types import LinkKind
from crawler.discovery.entry import MAX_SUMMARY_LENGTH, Contents, Entry, Unreadable, headline, w3c_moment
from crawler.discovery.feeds import as_text, without_markup

# GDELT puts titles into its answers as they are, backslashes included.
BAD_ESCAPE = re.compile(r'\\(?![\\/"bfnrt]|u[0-9a-fA-F]{4})')


def read_json(body: bytes) -> Contents:
    """The entries of a JSON listing. Raises Unreadable for other JSON, and for what is none."""
    text = as_text(body, "application/json")
    try:
        listing = json.loads(BAD_ESCAPE.sub(r"\\\\", text), strict=False)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the JSON is broken: {error}") from error
    if str(listing.get("version", "")).startswith("https://jsonfeed.org/version/"):
        items = _dictionaries(listing.get("items"))
        entries = [entry for item in items if (entry := _item(item))]
        problem = f"of {counted(len(items), 'entry')} none has an address" if items and not entries else None
        if entries and (following := _text(listing, "next_url")):
            entries.append(Entry(url=following, kind=LinkKind.NEXT))
        return Contents(entries=entries, problem=problem)
    if listing.keys() <= {"articles"}:  # GDELT says {} when it found nothing
        return Contents(entries=[_found(one) for one in _dictionaries(listing.get("articles")) if _text(one, "url")])
    raise Unreadable(f"this is JSON, but neither a JSON Feed nor a list of articles: it has {', '.join(listing)}"[:200])


def _item(item: dict[str, Any]) -> Entry | None:
    """An item that has a page; `external_url` is what a link blog writes about."""
    url = _text(item, "url") or (_text(item, "id") if _text(item, "id").startswith("http") else "")
    if not url:
        return None
    summary = "\n".join(_text(item, name) for name in ("summary", "content_text"))[:MAX_SUMMARY_LENGTH]
    return Entry(
        url=url,
        title=without_markup(_text(item, "title")),
        summary=summary.strip() or None,
        published_at=w3c_moment(_text(item, "date_published") or _text(item, "date_modified")),
        language=_text(item, "language") or None,
    )


def _found(article: dict[str, Any]) -> Entry:
    """`seendate` is when GDELT first saw the page: it was published no later."""
    return Entry(
        url=_text(article, "url"),
        title=headline(_text(article, "title")),
        changed_at=_seen(_text(article, "seendate")),
        language=_text(article, "language") or None,
    )


def _seen(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _dictionaries(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(table: dict[str, Any], name: str) -> str:
    value = table.get(name)
    return value.strip() if isinstance(value, str) else ""
