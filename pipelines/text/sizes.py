"""How much text each element of a tree holds, read off sums that one pass takes in the order of the document."""

from __future__ import annotations

from collections.abc import Sequence
from operator import sub
from typing import NamedTuple

from lxml.html import HtmlElement

# Nothing in these is text.
GONE = {"script", "style", "noscript", "template", "iframe", "button", "figcaption", "svg", "head", "select"}

SHORTEST_PARAGRAPH = 60  # characters: a run that may be one
IMAGES = {"img", "picture", "amp-img"}

# A body has so much of the page's prose.
MOST_PROSE = 0.8
CONTAINERS = {"body", "div", "main", "article", "section", "form", "center", "td", "tr", "tbody", "table"}


class Size(NamedTuple):
    """How much text an element holds, in characters without the blanks around each run between two tags."""

    chars: int
    linked: int  # inside links
    links: int
    prose: int  # runs outside links that are long enough for a paragraph
    headings: int  # of the first level
    images: int


PROSE = Size._fields.index("prose")


class Sizes:
    """The sizes of a tree's elements, and where each stands. Most are never asked for: they are inside of what goes."""

    def __init__(self, elements: Sequence[HtmlElement]) -> None:
        """Of all elements of a tree, in document order."""
        self._root = elements[0]
        self._places = {element: place for place, element in enumerate(elements)}
        # What stands in the document before each element; and, where text follows an element, the same with this text,
        # which is no part of it: counted early, and so by those alone that have begun, and end after it.
        self._before: list[tuple[int, ...]] = []
        self._with_tail: dict[HtmlElement, tuple[int, ...]] = {}
        chars = linked = links = prose = headings = images = link_end = 0
        for place, element in enumerate(elements):
            tag = element.tag
            self._before.append((chars, linked, links, prose, headings, images))
            if (text := element.tail) and (run := len(text.strip())):
                chars += run
                if place < link_end:
                    linked += run
                elif run >= SHORTEST_PARAGRAPH:
                    prose += run
                self._with_tail[element] = (chars, linked, links, prose, headings, images)
            if tag == "a":
                links += 1
                link_end = max(link_end, self.end(element) if len(element) else place + 1)
            elif tag == "h1":
                headings += 1
            elif tag in IMAGES:
                images += 1
            if tag not in GONE and (text := element.text) and (run := len(text.strip())):
                chars += run
                if place < link_end:
                    linked += run
                elif run >= SHORTEST_PARAGRAPH:
                    prose += run
        self._before.append((chars, linked, links, prose, headings, images))

    def of(self, element: HtmlElement) -> Size:
        """The size of an element."""
        start = self._with_tail.get(element) or self._before[self._places[element]]
        return Size(*map(sub, self._before[self.end(element)], start))

    def prose_before(self, inner: HtmlElement, outer: HtmlElement) -> int:
        """How much prose stands in an element before one that is in it."""
        return self._before[self._places[inner]][PROSE] - self._before[self._places[outer]][PROSE]

    def end(self, element: HtmlElement) -> int:
        """The place in the document of what follows an element and all that is in it."""
        here: HtmlElement | None = element
        while here is not None and here is not self._root:  # what follows a part of a page is not of it
            if (following := here.getnext()) is not None:
                return self._places[following]
            here = here.getparent()
        return len(self._places)


def body_of(tree: HtmlElement, sizes: Sizes) -> HtmlElement:
    """The innermost container with nearly all paragraphs of a pruned tree, whose elements have these sizes."""
    enough = MOST_PROSE * sizes.of(tree).prose
    body = tree
    while enough:
        inside = (one for one in body if one.tag in CONTAINERS and sizes.of(one).prose >= enough)
        if (inner := next(inside, None)) is None:
            break
        body = inner
    return body
