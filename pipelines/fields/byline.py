"""Where a page names its authors and its agency: JSON-LD, microdata, by-lines, meta elements.

In this order, because each is filled with less care than the one before: JSON-LD names who signed,
but often the site, which it marks as an organisation; visible by-lines are what readers see; what
stands in meta elements is often who made the template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

from corpus.arabic import arabic_share
from pipelines.fields import jsonld
from pipelines.fields.agencies import agency_after_label, agency_in
from pipelines.fields.authors import Place, names
from pipelines.fields.headline import one_line
from pipelines.fields.near import BAR, Label
from pipelines.fields.places import Places, says

BYLINE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:\w*authors?|author-?name|\w*by-?line|by|username|\w*writers?|writer-?name|write?by|written-?by|c-by|"
    r"editors?|reporters?|columnist|journalist|kateb|katib)(?:$|[\s_-])"
)
BYLINE_ADDRESSES = re.compile(r"/(?:authors?|writers?|editors?|editornews|reporters?|columnists?|journalists?)/", re.I)
DETAILS_NAMES = re.compile(
    r"(?:^|[\s_-])\w*(?:date|time|posted|publish\w*|meta|info|source|agency|credit|details)(?:$|[\s_-])"
)
META_NAMES = ("author", "article:author", "dc.creator", "byl", "parsely-author", "sailthru.author", "citation_author")


@dataclass(frozen=True, kw_only=True)
class Credit:
    """Some words of a page that may name who wrote."""

    words: str
    place: Place
    origin: str


@dataclass(frozen=True, kw_only=True)
class Byline:
    """Who wrote, and which agency is credited."""

    author: str | None = None  # several are joined by an Arabic comma
    author_from: str | None = None
    agency: str | None = None
    agency_from: str | None = None


def read_byline(page: Places, *, title: str | None, site_names: Iterable[str]) -> Byline:
    """Who wrote, as the first place that names somebody has it; a Latin name only where no place has an Arabic one."""
    found = list(_credits(page))
    site_name = " ".join(site_names)
    agency, agency_from = next(((named, one.origin) for one in found if (named := _agency(one))), (None, None))
    author = author_from = None
    for one in found:
        people = names(one.words, one.place, site_name=site_name)
        is_arabic = bool(people) and _is_arabic(people[0])
        # Latin names in the meta elements of an Arabic page are those of companies and their accounts.
        is_other = author is None and not (one.origin.startswith("meta") and _is_arabic(title))
        if people and (is_arabic or is_other):
            author, author_from = "، ".join(people), one.origin
        if is_arabic:
            break
    return Byline(author=author, author_from=author_from, agency=agency, agency_from=agency_from)


def _credits(page: Places) -> Iterator[Credit]:
    for article in page.articles[:1]:
        people = BAR.join(jsonld.people(article.get("author")))
        yield Credit(words=one_line(people), place=Place.BYLINE, origin="json-ld")
        for name in jsonld.strings([article.get("author"), article.get("sourceOrganization")]):
            # Organisations are among them: only an agency is taken from these.
            yield Credit(words=one_line(name), place=Place.DETAILS, origin="json-ld")
    for element in page.item("author"):
        place = Place.DETAILS if (element.get("itemtype") or "").endswith("Organization") else Place.BYLINE
        yield Credit(words=says(_name_of(element)), place=place, origin="microdata")
    yield from _visible(page)
    for name in META_NAMES:
        for words in page.meta(name):
            yield Credit(words=words, place=Place.BYLINE, origin=f"meta {name}")


def _name_of(element: HtmlElement) -> HtmlElement:
    """What of a microdata item is its name, beside its picture and address; an element that is no item itself."""
    inside = element.iterdescendants() if element.get("itemscope") is not None else ()
    named = (one for one in inside if one.tag != "meta" and "name" in (one.get("itemprop") or "").split())
    return next(named, element)


def _visible(page: Places) -> Iterator[Credit]:
    """What stands near the title: by-lines first, then dates and sources, then any line before the body."""
    groups: dict[Place, dict[str, None]] = {Place.BYLINE: {}, Place.DETAILS: {}, Place.TEXT: {}}
    # Those further down may be of other texts, and of readers.
    for near in sorted(page.near, key=lambda near: near.in_body):
        place = _place(near)
        if place is not Place.TEXT or not near.in_body:
            groups[place][near.words] = None  # once: the buttons of a share bar all say the same
    for place, listed in groups.items():
        for words in listed:
            yield Credit(words=words, place=place, origin="by-line" if place is Place.BYLINE else "text")


def _place(near: Label) -> Place:
    return Place.BYLINE if any(map(_is_byline, near.elements)) else _place_of(near.names)


@lru_cache(maxsize=10_000)
def _place_of(names: str) -> Place:
    """What these names of elements say; a site's pages have the same few hundred."""
    if BYLINE_NAMES.search(names):
        return Place.BYLINE
    return Place.DETAILS if DETAILS_NAMES.search(names) else Place.TEXT


def _is_byline(element: HtmlElement) -> bool:
    is_link = element.tag == "a" and BYLINE_ADDRESSES.search(element.get("href") or "") is not None
    return is_link or element.tag == "address" or element.get("rel") == "author"


def _agency(credit: Credit) -> str | None:
    return agency_after_label(credit.words) if credit.place is Place.TEXT else agency_in(credit.words)


def _is_arabic(words: str | None) -> bool:
    return arabic_share(words or "") > 0.5
