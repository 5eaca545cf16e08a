"""How much text each element of a tree holds, measured in one pass from the innermost out."""

from __future__ import annotations

from collections.abc import Mapping

from lxml.html import HtmlElement

# Nothing in these is text.
GONE = {"script", "style", "noscript", "template", "iframe", "button", "figcaption", "svg", "head", "select"}

SHORTEST_PARAGRAPH = 60  # characters: a run that may be one
IMAGES = {"img", "picture", "amp-img"}
COUNTED = IMAGES | {"a", "h1"}

# A body has so much of the page's prose.
MOST_PROSE = 0.8
CONTAINERS = {"body", "div", "main", "article", "section", "form", "center", "td", "tr", "tbody", "table"}


class Size:
    """How much text an element holds, in characters without the blanks around each run."""

    # Of the class, because to set seven to nothing for each element takes longer than to measure it.
    chars = 0
    linked = 0  # inside links
    links = 0
    prose = 0  # runs outside links that are long enough for a paragraph
    headings = 0  # of the first level
    images = 0

    def add_run(self, chars: int) -> None:
        """Add a run of text between two tags."""
        self.chars += chars
        if chars >= SHORTEST_PARAGRAPH:
            self.prose += chars

    def add(self, inner: Size) -> None:
        """Add a child."""
        self.chars += inner.chars
        if inner.links:
            self.links += inner.links
            self.linked += inner.linked
        if inner.prose:
            self.prose += inner.prose
        if inner.headings:
            self.headings += inner.headings
        if inner.images:
            self.images += inner.images


# Of an element without text, links and images: half of all.
NOTHING = Size()


def measure(elements: list[HtmlElement]) -> Mapping[HtmlElement, Size]:
    """The size of each element of a tree, given in document order, that holds anything."""
    sizes: dict[HtmlElement, Size] = {}
    for element in reversed(elements):
        tag = element.tag
        own = sizes.get(element)
        if (text := element.text) and tag not in GONE and (run := len(text.strip())):
            if own is None:
                own = sizes[element] = Size()
            own.add_run(run)
        if tag in COUNTED:
            if own is None:
                own = sizes[element] = Size()
            _count(tag, own)
        tail = len(text.strip()) if (text := element.tail) else 0
        if (own is not None or tail) and (parent := element.getparent()) is not None:
            outer = sizes.get(parent)
            if outer is None:
                outer = sizes[parent] = Size()
            if own is not None:
                outer.add(own)
            if tail:
                outer.add_run(tail)
    return sizes


def body_of(tree: HtmlElement) -> HtmlElement:
    """The innermost container with nearly all paragraphs of a pruned tree."""
    sizes = measure(list(tree.iter()))
    enough = MOST_PROSE * sizes.get(tree, NOTHING).prose
    body = tree
    while enough:
        inside = (one for one in body if one.tag in CONTAINERS and sizes.get(one, NOTHING).prose >= enough)
        if (inner := next(inside, None)) is None:
            break
        body = inner
    return body


def _count(tag: str, size: Size) -> None:
    if tag == "a":
        size.linked, size.links, size.prose = size.chars, size.links + 1, 0
    elif tag == "h1":
        size.headings += 1
    else:
        size.images += 1
