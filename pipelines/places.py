"""Where pages say things of themselves: meta elements, JSON-LD, microdata, the headline and what stands near it.

A tree is gone through twice, by the names of elements and by microdata; whoever reads a field looks
it up here. What is read of an element is bounded, so that no page makes this slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape
from itertools import chain, islice
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement

from corpus.arabic import fold, repair
from pipelines import jsonld

# How far before and after the title a page puts its by-line and date, in elements. Guesses, from some thirty sites.
BEFORE_TITLE, AFTER_TITLE = 20, 60

# Longer, an element is no label but a text; what is behind it is not read.
LONGEST_LABEL = 300

# More of them belong to lists of other articles; each is compared with all titles.
MOST_HEADINGS = 50
MOST_TITLES = 5
MOST_ARTICLES = 50
MOST_ITEMS = 200

BAR = " | "

# The body has begun; a date or name further on is one that the article mentions.
BODY_WORDS = 25

# What stands near a headline and says nothing of its article: other articles, readers, buttons.
APART_TAGS = {"aside", "nav", "footer", "form", "button", "select"}
APART_NAMES = re.compile(
    r"(?:^|[\s_-])(?:comments?(?:-?\w+)?|disqus\w*|related(?:-?\w+)?|recommended|most-?\w+|sidebar|widget|menu)(?:$|[\s_-])"
)

SHORTEST_TITLE = 8  # characters, of a title that is only the beginning of another


@dataclass(frozen=True, kw_only=True)
class Item:
    """A microdata property."""

    names: tuple[str, ...]
    element: HtmlElement


@dataclass(frozen=True, kw_only=True)
class Label:
    """Some words near the headline, and the elements that hold nothing else."""

    elements: tuple[HtmlElement, ...]  # inside each other, none with more words than the next
    words: str  # on one line, what its parts say told apart by bars
    names: str  # classes and ids, in small letters
    in_body: bool  # after the first paragraph of the text

    @property
    def sentence(self) -> str:
        """The words without the bars."""
        return self.words.replace(BAR, " ")


@dataclass(frozen=True, kw_only=True)
class Places:
    """A page, with what is looked up in it more than once."""

    metas: Mapping[str, list[str]]  # by property or name, in small letters
    canonical: str | None
    document_title: str
    articles: tuple[dict[str, Any], ...]  # of JSON-LD, the page's own first
    trail: tuple[str, ...]
    site_name: str | None
    items: tuple[Item, ...]
    item_types: frozenset[str]
    headline: HtmlElement | None
    near: tuple[Label, ...]  # near the headline: those after it, then those before it
    times: tuple[HtmlElement, ...]  # all time elements

    @property
    def article(self) -> dict[str, Any]:
        """The article of JSON-LD, or an empty object."""
        return self.articles[0] if self.articles else {}

    def meta(self, *names: str) -> list[str]:
        """The contents of the meta elements of these names."""
        return [content for name in names for content in self.metas.get(name, [])]

    def item(self, name: str) -> list[HtmlElement]:
        """The elements with this microdata property, those that belong with the headline first."""
        found = [item.element for item in self.items if name in item.names]
        if self.headline is not None and len(found) > 1:
            scope = _scope(self.headline)
            found.sort(key=lambda element: _scope(element) is not scope)
        return found


def places(tree: HtmlElement) -> Places:
    """Where the page says what. The tree is not changed."""
    metas: dict[str, list[str]] = {}
    scripts, headings, times = [], [], []
    canonical, document_title = None, ""
    for element in tree.iter("meta", "link", "title", "script", "h1", "h2", "time"):
        tag = element.tag
        if tag == "meta":
            _add_meta(metas, element)
        elif tag == "script":
            if (element.get("type") or "").strip().lower() == "application/ld+json":
                scripts.append(element.text or "")
        elif tag == "link":
            if canonical is None and (element.get("rel") or "").lower() == "canonical":
                canonical = element.get("href")
        elif tag == "title":
            document_title = document_title or one_line(element.text or "")
        elif tag == "time":
            times.append(element)
        else:
            headings.append(element)
    described = jsonld.read(scripts)
    items, item_types = _microdata(tree)
    titles = [document_title, *metas.get("og:title", ()), *metas.get("twitter:title", ())][:MOST_TITLES]
    top = _headline(headings, items, titles)
    return Places(
        metas=metas,
        canonical=canonical,
        document_title=document_title,
        articles=tuple(_own_first(described.articles[:MOST_ARTICLES], titles)),
        trail=described.trail,
        site_name=described.site_name or next(iter(metas.get("og:site_name", ())), None),
        items=items,
        item_types=item_types,
        headline=top,
        near=tuple(_near(top)) if top is not None else (),
        times=tuple(times),
    )


def headline(tree: HtmlElement) -> HtmlElement | None:
    """The element that holds the title, if there is one."""
    titles = [one_line(words) for words in _TITLES(tree)[:MOST_TITLES]]
    return _headline(list(tree.iter("h1", "h2")), _microdata(tree)[0], titles)


def label(element: HtmlElement) -> str:
    """The words of a small element on one line, what its parts say told apart by bars; empty for a text."""
    pieces: list[str] = []
    length = 0
    for piece in element.itertext():
        length += len(piece)
        if length > LONGEST_LABEL + 200:  # much of it is the white space of templates
            return ""
        if words := piece.split():
            pieces.append(" ".join(words))
    found = BAR.join(pieces)
    return found if len(found) <= LONGEST_LABEL else ""


def says(element: HtmlElement) -> str:
    """What a microdata or time element says: its machine-readable value, else its words."""
    for name in ("content", "datetime"):
        if value := element.get(name):
            return value
    return label(element)


def element_names(element: HtmlElement) -> str:
    """Class and id of an element, in small letters."""
    return f"{element.get('class') or ''} {element.get('id') or ''}".lower()


def one_line(text: str) -> str:
    """The text repaired, without line breaks, character references resolved that were escaped twice."""
    return repair(unescape(text) if "&" in text else text).replace("\n", " ")


def agree(a: str, b: str) -> bool:
    """Whether two titles are the same, or one begins with the other: with the site's name behind it, or cut."""
    a, b = sorted((fold(a), fold(b)), key=len)
    return a == b != "" or (len(a) >= SHORTEST_TITLE and b.startswith(a))


def _add_meta(metas: dict[str, list[str]], element: HtmlElement) -> None:
    name = (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()
    if name and (content := one_line(element.get("content") or "")):
        metas.setdefault(name, []).append(content)


def _microdata(tree: HtmlElement) -> tuple[tuple[Item, ...], frozenset[str]]:
    elements = _WITH_PROPERTY(tree)[:MOST_ITEMS]
    items = tuple(Item(names=tuple((one.get("itemprop") or "").split()), element=one) for one in elements)
    return items, frozenset(kind.rpartition("/")[2] for kind in _TYPES(tree))


def _headline(headings: list[HtmlElement], items: Iterable[Item], titles: list[str]) -> HtmlElement | None:
    """The heading that says what the page says its title is; else the one marked as headline; else the longest."""
    marked = [item.element for item in items if "headline" in item.names and item.element.tag != "meta"]
    firsts = [heading for heading in headings if heading.tag == "h1"]
    candidates = [
        (heading, words)
        for heading in [*firsts[:MOST_HEADINGS], *marked[:MOST_HEADINGS], *headings[:MOST_HEADINGS]]
        if (words := one_line("".join(heading.itertext())))
    ]
    for heading, words in candidates:
        if any(agree(words, title) for title in titles):
            return heading
    if marked:
        return marked[0]
    # A logo is often a heading, too.
    tops = [(heading, words) for heading, words in candidates if heading.tag == "h1"]
    return max(tops, key=lambda top: len(top[1]), default=(None, ""))[0]


def _own_first(articles: tuple[dict[str, Any], ...], titles: list[str]) -> list[dict[str, Any]]:
    """The articles, the page's own before those that it points to."""

    def is_other(article: dict[str, Any]) -> bool:
        named = jsonld.strings(article.get("headline"))
        return not any(agree(name, title) for name in named for title in titles)

    return sorted(articles, key=is_other)


def _near(top: HtmlElement) -> Iterator[Label]:
    """The labels near the headline. Elements inside each other that say the same make one."""
    in_body = False
    last: Label | None = None
    for element in chain(islice(_after(top), AFTER_TITLE), islice(_before(top), BEFORE_TITLE)):
        in_body = in_body or (element.tag == "p" and (element.text or "").count(" ") >= BODY_WORDS)
        words, names = label(element), element_names(element)
        if last is not None and words == last.words:
            last = replace(last, elements=(*last.elements, element), names=f"{last.names} {names}")
            continue
        if last is not None:
            yield last
        last = Label(elements=(element,), words=words, names=names, in_body=in_body) if words else None
    if last is not None:
        yield last


def _after(element: HtmlElement) -> Iterator[HtmlElement]:
    """The elements that follow in the document, in order. Unlike XPath's axis it stops when nobody asks on."""
    here: HtmlElement | None = element
    while here is not None:
        for sibling in here.itersiblings():
            yield from _inside(sibling)
        here = here.getparent()


def _before(element: HtmlElement) -> Iterator[HtmlElement]:
    """The elements that precede, those of the nearest container first."""
    here: HtmlElement | None = element
    while here is not None and here.tag != "body":
        for sibling in here.itersiblings(preceding=True):
            yield from _inside(sibling)
        here = here.getparent()


def _inside(element: HtmlElement) -> Iterator[HtmlElement]:
    """An element and those in it, without what stands apart."""
    waiting = [element]
    while waiting:
        one = waiting.pop()
        if not isinstance(one.tag, str) or one.tag in _SILENT or one.tag in APART_TAGS:
            continue
        if not APART_NAMES.search(element_names(one)):
            yield one
            waiting.extend(reversed(one))


def _scope(element: HtmlElement) -> HtmlElement | None:
    """The microdata item that an element is a property of."""
    return next((one for one in element.iterancestors() if one.get("itemscope") is not None), None)


_TITLES = XPath("//meta[@property='og:title' or @name='twitter:title']/@content | //title/text()")
_WITH_PROPERTY = XPath("//*[@itemprop]")
_TYPES = XPath("//@itemtype")
_SILENT = {"script", "style", "noscript", "template", "svg", "br", "img", "input", "path"}
