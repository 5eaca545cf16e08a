"""RSS and Atom feeds, read by feedparser."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from typing import Any

import feedparser
from feedparser.exceptions import ThingsNobodyCaresAboutButMe
from selectolax.lexbor import LexborHTMLParser

from corpus.plural import counted
from corpus.types import LinkKind
from crawler.discovery.entry import MAX_SUMMARY_LENGTH, Contents, Entry, Unreadable, headline, sound, w3c_moment
from pipelines.dates.read import read_date
from pipelines.page.decode import Undecodable, decode

# What cuts a feed in the middle of a character: at most three bytes of it are there.
LONGEST_CHARACTER = 4

DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")

# Of a feed with more entries, which are an archive, those at its top are read.
MOST_ENTRIES = 1_000
END_OF_ENTRY = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)

# Of July or of August: 08/07/2025.
OF_TWO_DAYS = re.compile(r"(?<!\d)(?:0?[1-9]|1[0-2])\s?[/.-]\s?(?:0?[1-9]|1[0-2])\s?[/.-]\s?(?:19|20)\d\d")

# A feed that would take longer is not read. One of 1,000 entries with all their texts takes .8 s.
LONGEST_S = 1.0
TAG = re.compile(r"<(?:[^<>\"']++|\"[^\"<]*\"|'[^'<]*')*+")


def read_feed(body: bytes, content_type: str) -> Contents:
    """The entries of a feed; of a broken one, those before the break. That it has none, for now, is no problem."""
    # feedparser guesses encodings when bytes do not fit the declared one: a feed that ends inside a character
    # would lose all its titles. It gets UTF-8. A stream, because bytes alone it takes for the name of a file.
    text, is_cut = _first_entries(DECLARATION.sub("", as_text(body, content_type), count=1))
    if (seconds := parsing_s(text)) > LONGEST_S:
        raise Unreadable(f"its tags, attributes and entities would take some {seconds:,.0f} s to read")
    try:
        feed = feedparser.parse(
            BytesIO(sound(text.encode("utf-8", "replace"))),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (LookupError, TypeError, ValueError) as error:  # its own, of elements that end where none began (6.0.14)
        raise Unreadable(f"the feed is broken: {error!r}") from error
    entries = [entry for raw in feed.entries if (entry := _entry(raw))]
    # A part of a long feed (RFC 5005 §3).
    following = (link.get("href") for link in feed.feed.get("links") or () if link.get("rel") == "next")
    entries += [Entry(url=url, kind=LinkKind.NEXT) for url in following if url and entries][:1]
    broken = feed.get("bozo_exception")
    if broken is not None and not isinstance(broken, ThingsNobodyCaresAboutButMe):
        return Contents(entries=entries, problem=f"the feed is broken: {broken}")
    problem = f"more than {MOST_ENTRIES:,} entries; the rest was not read" if is_cut else None
    if feed.entries and not entries:
        problem = f"of {counted(len(feed.entries), 'entry')} none has an address"
    return Contents(entries=entries, problem=problem)


def parsing_s(text: str) -> float:
    """About how long feedparser (6.0.14) takes for a feed at worst, in seconds of CPU.

    Measured on feeds made of one thing alone: of tags, of attributes, which are looked up one by one in all of their
    tag, of entities or lines. Without the sections that are handed on whole (CDATA).
    """
    first, *sections = text.split("<![CDATA[")
    behind = (rest if closed else part for part in sections for _, closed, rest in [part.partition("]]>")])
    outside = first + "".join(behind)
    seconds = (25 * outside.count("<") + outside.count("&") + outside.count("\n") + len(sections)) / 1_000_000
    if seconds > LONGEST_S:
        return seconds
    tags: list[str] = TAG.findall(outside)
    attributes = [tag.count("=") for tag in tags]
    looked_up = sum(count * count for count in attributes)
    return seconds + (5 * sum(attributes) + looked_up / 50 + sum(map(len, tags)) / 5) / 1_000_000


def _first_entries(text: str) -> tuple[str, bool]:
    """A feed without what is between its first thousand entries and its end, and whether that is anything."""
    ends = [found.end() for found in END_OF_ENTRY.finditer(text)]
    if len(ends) <= MOST_ENTRIES:
        return text, False
    return text[: ends[MOST_ENTRIES - 1]] + text[ends[-1] :], True


def as_text(body: bytes, content_type: str) -> str:
    """A feed's text. Raises Unreadable for what is none."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start > len(body) - LONGEST_CHARACTER:
            return body[: error.start].decode("utf-8-sig")
    declared = re.match(rb"\s*<\?xml[^>]*encoding=[\"']([\w-]+)", body)
    try:
        return decode(body, f"text/xml; charset={declared[1].decode('ascii')}" if declared else content_type)[0]
    except Undecodable as error:
        raise Unreadable(str(error)) from error


def _entry(raw: Any) -> Entry | None:
    # FeedBurner puts a redirect into `link`, and the article's own URL here.
    named = raw.get("id") or ""  # even where it is said not to lead anywhere, it mostly does
    url = (
        raw.get("feedburner_origlink")
        or raw.get("link")
        or (named if named.startswith(("http://", "https://")) else "")
    )
    if not url:
        return None
    # Where one of the two is missing, `get` gives the other, with a warning that it will not for ever.
    times = [raw[name] for name in ("published", "updated") if name in raw]
    published_at = next(filter(None, map(_moment, times)), None)
    return Entry(url=url, title=without_markup(raw.get("title")), summary=_summary(raw), published_at=published_at)


def without_markup(raw: str | None) -> str | None:
    """A title without the markup that some feeds put into it."""
    if raw and ("<" in raw or "&" in raw):
        raw = LexborHTMLParser(raw).text()
    return headline(raw)


def _summary(raw: Any) -> str | None:
    parts = [raw.get("summary") or "", *(content.get("value") or "" for content in raw.get("content") or ())]
    text = "\n".join(dict.fromkeys(parts))[: 4 * MAX_SUMMARY_LENGTH]
    return (LexborHTMLParser(text).text(separator=" ") if "<" in text else text)[:MAX_SUMMARY_LENGTH] or None


def _moment(words: str) -> datetime | None:
    """A moment as feeds write it, in any language; of numbers, one that may be no other day.

    feedparser (6.0.14) takes 15-08-2025 for a day of 2015, and 2025/08/15 for the first day of the month that is now.
    """
    if (moment := w3c_moment(words)) is not None or OF_TWO_DAYS.search(words):
        return moment
    found = read_date(words)
    return found.at if found and found.precision != "month" else None
