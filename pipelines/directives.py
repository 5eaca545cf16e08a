"""What a page asks of those who keep it: X-Robots-Tag, robots meta elements, and the TDM reservation protocol.

What it asks of all, and of us by name, counts; of several wishes the strictest. `corpus.directives` says how each
is obeyed. Only what this program could break is read: it shows no pictures and follows links by robots.txt.

Of TDMRep (W3C Community Group Report, 10 May 2024, «Processing priority») what a page's head says goes before its
headers, and these before its host's file, which `crawler.reservations` puts in their place; what one leaves out the
next may say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lxml.html import HtmlElement

from corpus.arabic import fold
from corpus.directives import DATA_NOSNIPPET, MAX_SNIPPET, NOARCHIVE, NOINDEX, NOSNIPPET, RESERVED, TOLD
from corpus.urls import normalise

# The name that robots.txt and these wishes know us by; `crawler.settings` has the whole of it.
OUR_NAME = "nazair"

ROBOTS_HEADER, TDM_HEADER, POLICY_HEADER = "X-Robots-Tag", "TDM-Reservation", "TDM-Policy"
ASKING_HEADERS = (ROBOTS_HEADER, TDM_HEADER, POLICY_HEADER)

# What else says the same: «none» is noindex and nofollow, Bing's «nocache» is noarchive.
MEANS = {"none": NOINDEX, "nocache": NOARCHIVE, "max-snippet:0": NOSNIPPET}
KNOWN = (NOINDEX, NOARCHIVE, NOSNIPPET, DATA_NOSNIPPET, *TOLD)
LIMIT = re.compile(rf"{MAX_SNIPPET}\d{{1,9}}")

# Fewer words stand in a text by chance.
FEWEST_WORDS = 3

# Names that stand before a colon without being a robot's.
WITH_VALUE = {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"}
NAMED = re.compile(r"\s*([\w-]{1,60})\s*:(?!//)")

# The longest wish has a date; what is longer is none, and may be made to be slow.
MOST_CHARACTERS = 100

Headers = Sequence[tuple[str, str]]
Metas = Mapping[str, Sequence[str]]  # by name in small letters


def directives(headers: Headers, metas: Metas, *, now: datetime) -> tuple[str, ...]:
    """What a page asks, in the words of `corpus.directives`, sorted."""
    found = set[str]()
    for wish in (*_in_headers(headers), *_in_metas(metas)):
        name = re.sub(r"\s*:\s*", ":", wish[:MOST_CHARACTERS].strip().lower())
        names = [name] if ":" in name else name.split()  # some leave the commas out
        found.update(MEANS.get(one, one) for one in names)
        if name.startswith("unavailable_after:") and _is_past(wish.partition(":")[2], now):
            found.add(NOINDEX)
    asked = {name for name in found if is_known(name)} - {DATA_NOSNIPPET}
    in_head = reservation(metas.get("tdm-reservation", ()))
    if reservation(_values(headers, TDM_HEADER)) if in_head is None else in_head:
        asked.add(RESERVED)
    return tuple(sorted(asked))


def is_known(name: str) -> bool:
    """Whether this is obeyed or told, in the words of `corpus.directives`; RESERVED apart."""
    return name in KNOWN or LIMIT.fullmatch(name) is not None


def not_to_be_shown(tree: HtmlElement) -> list[str]:
    """The folded words of the elements that ask not to be shown in snippets."""
    return [
        fold(element.text_content())
        for element in tree.iter("span", "div", "section")
        if DATA_NOSNIPPET in element.attrib
    ]


def stands_in(text: str, elements: Iterable[str]) -> bool:
    """Whether some of a text is in these elements: one of its lines, or all of an element."""
    lines = [line for line in map(fold, text.split("\n")) if _tells(line)]
    whole = f" {fold(text)} "
    return any(
        (_tells(element) and f" {element} " in whole) or any(line in element for line in lines) for element in elements
    )


def _tells(words: str) -> bool:
    return words.count(" ") >= FEWEST_WORDS - 1


def reservation(values: Iterable[object]) -> bool | None:
    """Whether one place reserves the rights; None where it says nothing, as with other values than 1 and 0."""
    said = {str(value).strip() for value in values}
    return "1" in said if said & {"0", "1"} else None


def tdm_policy(headers: Headers, metas: Metas, url: str) -> str | None:
    """The address where the rightsholder of a page says how rights that are reserved may be had."""
    named = (
        normalise(words, url) for words in (*metas.get("tdm-policy", ()), *_values(headers, POLICY_HEADER)) if words
    )
    return next(filter(None, named), None)


def _in_headers(headers: Headers) -> Iterator[str]:
    """The wishes of X-Robots-Tag that are meant for us: those behind a robot's name are that robot's alone."""
    for value in _values(headers, ROBOTS_HEADER):
        is_ours = True
        for part in _split(value):
            named = NAMED.match(part)
            robot = named[1].lower() if named and named[1].lower() not in WITH_VALUE else None
            if robot is not None:
                is_ours = robot in (OUR_NAME, "robots")
            if is_ours:
                yield part[named.end() :] if named and robot else part


def _in_metas(metas: Metas) -> Iterator[str]:
    for name in ("robots", OUR_NAME):
        for content in metas.get(name, ()):
            yield from _split(content)


def _split(wishes: str) -> Iterable[str]:
    """The wishes of one line; the comma in a date («Sat, 25 Jun 2011 …», «Saturday, 25-Jun-11 …») divides nothing."""
    return re.split(r"(?<!day)(?<!:\s[A-Za-z]{3})(?<!:[A-Za-z]{3}),|;", wishes)


def _values(headers: Headers, name: str) -> Iterator[str]:
    return (value.strip() for one, value in headers if one.lower() == name.lower())


def _is_past(words: str, now: datetime) -> bool:
    """Whether a date, in the forms of mail or ISO 8601, has passed; one that cannot be read has not."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(words.strip())
        except (ValueError, OverflowError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) < now
    return False
