"""What a page says of itself in JSON-LD (schema.org): its article object, and the names of its site."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

# Above this it is a dump of the whole site; no article describes itself at such length.
MAX_LENGTH = 500_000
MAX_DEPTH = 12

ARTICLE_TYPES = re.compile(r"(\w*Article|BlogPosting|LiveBlogPosting|Report|\w*Posting)$")
SITE_TYPES = {"WebSite", "NewsMediaOrganization", "Organization"}

_OPENING = r"<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\["
_CLOSING = r"-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>"
_WRAPPING = re.compile(rf"^\s*(?:{_OPENING})|(?:{_CLOSING})\s*$")


def read(tree: HtmlElement) -> tuple[dict[str, Any], str | None]:
    """The article object of a page, or an empty one, and the name of the site. What does not parse is skipped."""
    objects = [found for script in tree.iterfind(".//script[@type]") for found in _objects(script)]
    article = next((one for one in objects if _is_a(one, ARTICLE_TYPES)), {})
    site = next((one for one in objects if types(one) & SITE_TYPES and isinstance(one.get("name"), str)), {})
    publisher = article.get("publisher")
    named = publisher.get("name") if isinstance(publisher, dict) else site.get("name")
    return article, named if isinstance(named, str) else None


def types(value: dict[str, Any]) -> set[str]:
    """The types of an object, without schema.org's address before them."""
    named = value.get("@type")
    listed = named if isinstance(named, list) else [named]
    return {one.rpartition("/")[2] for one in listed if isinstance(one, str)}


def strings(value: Any) -> list[str]:
    """The strings in a value that may be a string, an object with a name or a URL, or a list of them."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, dict):
        return strings(value.get("name") or value.get("url"))
    return [found for one in value for found in strings(one)] if isinstance(value, list) else []


def _objects(script: HtmlElement) -> Iterator[dict[str, Any]]:
    text = script.text or ""
    if (script.get("type") or "").strip().lower() != "application/ld+json" or len(text) > MAX_LENGTH:
        return
    try:
        yield from _walk(json.loads(_WRAPPING.sub("", _WRAPPING.sub("", text)), strict=False), MAX_DEPTH)
    except (ValueError, RecursionError):
        return


def _walk(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _walk(one, depth)
    elif isinstance(value, dict) and depth:
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _walk(value.get(key), depth - 1)


def _is_a(value: dict[str, Any], pattern: re.Pattern[str]) -> bool:
    return any(pattern.fullmatch(name) for name in types(value))
