"""What a page says of itself in JSON-LD (schema.org): its articles, the name of its site, its place in it.

Read in linear time, whatever a page writes: blocks that are too long are left out, and what no JSON
parser takes (quotes in quotes are the usual fault) gives the few fields that patterns of bounded
length find in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

# Above this it is a dump of the whole site; no article describes itself at such length.
MAX_LENGTH = 500_000
MAX_DEPTH = 12
# Of a block that no parser takes, so much is looked at: its patterns can cost a hundred steps a character.
LOOKED_AT = 20_000

ARTICLE_TYPES = re.compile(r"(\w*Article|BlogPosting|LiveBlogPosting|Report|\w*Posting)$")
SITE_TYPES = {"WebSite", "NewsMediaOrganization", "Organization"}
ORGANIZATION = re.compile(r"\w*Organization|Corporation|WebSite")

_OPENING = r"<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\["
_CLOSING = r"-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>"
_WRAPPING = re.compile(rf"^\s*(?:{_OPENING})|(?:{_CLOSING})\s*$")

# What other parsers forgive: a comma before a closing bracket, a backslash before what needs none.
_EXTRA_COMMA = re.compile(r",(?=\s{0,40}[}\]])")
_EXTRA_BACKSLASH = re.compile(r'\\(?=[^"\\/bfnrtu])')

# A string ends where JSON goes on behind its quote; a quote inside it is one that should have been escaped.
_STRING = r'"([^\n]{1,400}?)"\s{0,40}(?:[,}\]]|$)'
_BROKEN_TYPE = re.compile(r'"@type"\s{0,40}:\s{0,40}\[?\s{0,40}"(?:https?://schema\.org/)?(\w{1,40})"')
_BROKEN_FIELDS = {
    name: re.compile(rf'"{name}"\s{{0,40}}:\s{{0,40}}{_STRING}')
    for name in ("headline", "datePublished", "articleSection")
}
_BROKEN_AUTHOR = re.compile(rf'"author"\s{{0,40}}:[^\]}}]{{0,200}}?"name"\s{{0,40}}:\s{{0,40}}{_STRING}')


@dataclass(frozen=True, kw_only=True)
class Described:
    """What the JSON-LD of a page describes."""

    articles: tuple[dict[str, Any], ...] = ()
    site_name: str | None = None
    trail: tuple[str, ...] = ()  # the names of its breadcrumbs, home first


def read(scripts: Iterable[str]) -> Described:
    """What the blocks of a page describe, in their order."""
    objects = [found for script in scripts for found in _objects(script)]
    articles = tuple(one for one in objects if any(ARTICLE_TYPES.fullmatch(name) for name in types(one)))
    publishers = (one["publisher"] for one in articles if isinstance(one.get("publisher"), dict))
    sites = (one for one in objects if types(one) & SITE_TYPES)
    site_names = (one["name"] for one in [*publishers, *sites] if isinstance(one.get("name"), str))
    trails = (one.get("itemListElement") for one in objects if "BreadcrumbList" in types(one))
    return Described(articles=articles, site_name=next(site_names, None), trail=tuple(_trail(next(trails, None))))


def types(value: dict[str, Any]) -> set[str]:
    """The types of an object, without schema.org's address before them."""
    named = value.get("@type")
    listed = named if isinstance(named, list) else [named]
    return {one.rpartition("/")[2] for one in listed if isinstance(one, str)}


def strings(value: Any, depth: int = MAX_DEPTH) -> list[str]:
    """The strings in a value that may be a string, an object with a name or a URL, or a list of them."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, dict) and depth:
        return strings(value.get("name") or value.get("url"), depth - 1)
    return [found for one in value for found in strings(one, depth - 1)] if isinstance(value, list) and depth else []


def people(value: Any) -> list[str]:
    """The names in an author field that are not said to be an organisation's."""
    listed = value if isinstance(value, list) else [value]
    return [name for one in listed if not (isinstance(one, dict) and _is_organization(one)) for name in strings(one)]


def _is_organization(value: dict[str, Any]) -> bool:
    return any(ORGANIZATION.fullmatch(name) for name in types(value))


def _objects(script: str) -> Iterator[dict[str, Any]]:
    if len(script) > MAX_LENGTH:
        return
    attempt = ""
    for attempt in _attempts(script):
        try:
            yield from _walk(json.loads(attempt, strict=False), MAX_DEPTH)
        except (ValueError, RecursionError):
            continue
        return
    yield from _salvaged(attempt)


def _attempts(script: str) -> Iterator[str]:
    """A block as it stands, then without what no parser takes: to look for that takes ten times as long as to parse."""
    yield script
    text = _WRAPPING.sub("", _WRAPPING.sub("", script))
    if "&quot;" in text and '"' not in text:
        text = unescape(text)
    forgiven = _EXTRA_BACKSLASH.sub("", _EXTRA_COMMA.sub("", text))
    yield from (one for one in dict.fromkeys((text, forgiven)) if one != script)


def _walk(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _walk(one, depth)
    elif isinstance(value, dict) and depth:
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _walk(value.get(key), depth - 1)


def _salvaged(text: str) -> Iterator[dict[str, Any]]:
    """The article of a block that is not JSON, as far as its fields can be told apart."""
    text = text[:LOOKED_AT]
    kind = next((match[1] for match in _BROKEN_TYPE.finditer(text) if ARTICLE_TYPES.fullmatch(match[1])), None)
    fields = {name: match[1] for name, pattern in _BROKEN_FIELDS.items() if (match := pattern.search(text))}
    if kind and fields:
        author = _BROKEN_AUTHOR.search(text)
        is_person = author is not None and "Organization" not in author[0]
        yield {"@type": kind, **fields, **({"author": author[1]} if author and is_person else {})}


def _trail(items: Any) -> Iterator[str]:
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield from strings(item.get("name") or item.get("item"))[:1]
