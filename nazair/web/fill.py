"""The empty list of a page, filled. Nothing else of the page changes, not a byte.

A page is not written anew from a parsed tree: its start tags are numbered in a copy, the copy is parsed as browsers
do, and the number of the element that a selector finds says where in the page it begins.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from corpus.arabic import fold
from corpus.errors import NazairError, UsageError
from nazair.web.embed import items
from nazair.web.rows import Row

# Written before the items, so that a filled list is known as ours and can be filled again.
MARK = "<!-- nazair -->"

NUMBER = "data-nazair-start-tag"
LISTS = ("ul", "ol")
VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))


class NoList(NazairError):
    """A page in which there is no empty list to fill."""

    exit_code = 3


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in a page's text the items go: between two offsets, inside a list or as a list of their own."""

    start: int
    end: int
    is_list: bool


def filled(page: str, rows: Sequence[Row], *, selector: str | None = None) -> str:
    """The page with its empty list filled. Raises NoList and UsageError."""
    place = find(page, selector)
    indent = _indent(page, place.start)
    newline = "\r\n" if "\r\n" in page else "\n"
    inner = "".join(f"{newline}{indent}  {item}" for item in items(rows))
    written = f"{MARK}{inner}{newline}{indent}"
    if not place.is_list:
        # Not "auto": that passes over the items, which have directions of their own, and makes a list of the left.
        written = f'<ul dir="rtl">{written}</ul>'
    return page[: place.start] + written + page[place.end :]


def find(page: str, selector: str | None = None) -> Place:
    """Where the items go. Raises NoList when nothing empty is there, UsageError for what is no selector."""
    tags = _Tags(page)
    tree = _tree(tags.numbered())
    tried = [selector] if selector else _known("selectors")
    full = 0
    for one in tried:
        for element in _matching(tree, one):
            for candidate in _lists(element):
                if (place := tags.place(candidate)) is not None:
                    return place
                full += 1
    if selector is None:
        known = {fold(words) for words in _known("headings")}
        for heading in tree.css("h1, h2, h3, h4, h5, h6"):
            if fold(heading.text()) in known and (after := _place_after(heading)) is not None:
                if (place := tags.place(after)) is not None:
                    return place
                full += 1
    raise NoList(_sentence(tried, full, own=selector is not None))


def _tree(page: str) -> LexborHTMLParser:
    # Bytes that no encoding explains came as lone surrogates (see `nazair.commands.fill`).
    return LexborHTMLParser(page.encode("utf-8", "replace"))


def _sentence(tried: Sequence[str], full: int, *, own: bool) -> str:
    what = f"{full} found, none empty" if full else "none found"
    looked = f"Tried {', '.join(tried)}" + ("" if own else f"; then headings: {'، '.join(_known('headings'))}")
    return (
        f"There is no empty list to fill in this page ({what}).\n  {looked}.\n"
        "  Name yours: --selector CSS, of an empty list or <div>, or of the element around it."
    )


def _matching(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    try:
        return tree.css(selector)
    except (SelectolaxError, ValueError) as error:
        raise UsageError(f"{selector!r} is not a CSS selector. Example: --selector '#similar ul'") from error


def _lists(element: LexborNode) -> Iterator[LexborNode]:
    """The lists that an element is or holds; itself when it holds none: they go into it, then."""
    if element.tag in LISTS:
        yield element
        return
    inside = element.css(", ".join(LISTS))
    yield from inside or [element]


def _place_after(heading: LexborNode) -> LexborNode | None:
    """The list that follows a heading, be it in boxes; the innermost box where these hold none."""
    follower = heading.next
    while follower is not None and (follower.tag is None or follower.tag.startswith(("-", "_"))):
        follower = follower.next
    while follower is not None and follower.tag == "div":
        inside = [child for child in follower.iter() if child.tag is not None]
        if len(inside) != 1 or inside[0].tag not in (*LISTS, "div"):
            return follower
        follower = inside[0]
    return follower if follower is not None and follower.tag in LISTS else None


class _Tags(HTMLParser):
    """The tags of a page with their offsets."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=False)
        self._page = page
        self._lines = [0, *(match.end() for match in re.finditer("\n", page))]
        self._starts: list[tuple[int, str, int]] = []  # (offset, name, offset of its end)
        self._ends: list[tuple[int, str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        at = self._offset()
        self._starts.append((at, tag, at + len(self.get_starttag_text() or "")))

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._ends.append((self._offset(), tag))

    def numbered(self) -> str:
        """The page with a number in each start tag."""
        parts, last = [], 0
        for number, (at, tag, _) in enumerate(self._starts):
            name_end = at + 1 + len(tag)
            parts += [self._page[last:name_end], f' {NUMBER}="{number}"']
            last = name_end
        return "".join([*parts, self._page[last:]])

    def place(self, element: LexborNode) -> Place | None:
        """Where in an element the items go; None when it is not empty, or its tags are not in the page."""
        number = element.attributes.get(NUMBER)
        if number is None or element.tag in VOID:
            return None
        start, tag = self._starts[int(number)][2], self._starts[int(number)][1]
        end = self._end_of(tag, start)
        if end is None:
            return None
        inner = self._page[start:end]
        is_list = tag in LISTS
        if is_list:
            return Place(start=start, end=end, is_list=True) if _is_free(inner) else None
        # An element around no list: its heading may stay.
        heading = re.match(r"\s*(?:<h([1-6])\b[^>]*>.*?</h\1\s*>)?\s*", inner, re.IGNORECASE | re.DOTALL)
        after = heading.end() if heading else 0
        return Place(start=start + after, end=end, is_list=False) if _is_free(inner[after:]) else None

    def _end_of(self, tag: str, start: int) -> int | None:
        """Where the end tag begins that belongs to a start tag which ends at `start`."""
        depth = 1
        opened = [(at, 1) for at, name, _ in self._starts if name == tag and at >= start]
        closed = [(at, -1) for at, name in self._ends if name == tag and at >= start]
        for at, step in sorted(opened + closed):
            depth += step
            if depth == 0:
                return at
        return None

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column


def _is_free(inner: str) -> bool:
    """Whether what stands in a list may go: space, comments, an empty item, or what was filled in before."""
    if inner.lstrip().startswith(MARK) or re.match(rf"\s*<ul dir=\"rtl\">{MARK}", inner):
        return True
    without = re.sub(r"<!--.*?-->", "", inner, flags=re.DOTALL)
    return not re.sub(r"<li\b[^>]*>\s*(</li\s*>)?", "", without, flags=re.IGNORECASE).strip()


def _indent(page: str, at: int) -> str:
    line = page[page.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())]


@cache
def _known(what: str) -> list[str]:
    found = tomllib.loads(files("nazair.web").joinpath("fill.toml").read_text(encoding="utf-8"))
    return [str(one) for one in found[what]]
