"""What stands near the headline in small elements: by-lines, dates, sources, sections. Whose they are is for others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from lxml.etree import XPath
from lxml.html import HtmlElement

# How far before and after the title a page puts its by-line and date, in elements. Guesses, from some thirty sites.
BEFORE_TITLE, AFTER_TITLE = 20, 60

# Longer, an element is no label but a text; what is behind it is not read.
LONGEST_LABEL = 200
# Much of it is the white space of templates.
WHITE_SPACE = 150
LONGEST_OWN = 60

BAR = " | "

# The body has begun; a date or name further on is one that the article mentions.
BODY_WORDS = 25
PARAGRAPHS = {"p", "blockquote"}  # forums put posts into the second

# What stands near a headline and says nothing of its article: other articles, readers, buttons.
APART_TAGS = {"aside", "nav", "form", "button", "select"}
APART_NAMES = re.compile(
    r"(?:^|[\s_-])(?:comments?(?:-?\w+)?|disqus\w*|related(?:-?\w+)?|recommended|most-?\w+|sidebar|widget|menu|"
    r"top-?bar|masthead|navbar|today)(?:$|[\s_-])"
)
OF_ARTICLE = re.compile("article|content|entry|news|post|single|story|title")

# An article with a link in its heading is another one, on a card.
_CARD_TITLE = XPath("boolean(.//h2//a | .//h3//a | .//h4//a)")
SILENT = {"script", "style", "noscript", "template", "svg", "br", "img", "input", "path"}


@dataclass(frozen=True, kw_only=True)
class Label:
    """Some words near the headline, and the elements that hold nothing else."""

    elements: tuple[HtmlElement, ...]  # inside each other, none with more words than the next
    words: str  # on one line, what its parts say told apart by bars
    names: str  # classes and ids, in small letters
    is_above: bool = False  # before the headline in the document
    in_body: bool = False  # after the first paragraph of the text

    @property
    def sentence(self) -> str:
        """The words without the bars."""
        return self.words.replace(BAR, " ")


def near(headline: HtmlElement) -> tuple[Label, ...]:
    """The labels near the headline: those after it, then those before it, the nearest container first."""
    after = _labels(islice(_after(headline), AFTER_TITLE))
    before = _labels(islice(_before(headline), BEFORE_TITLE))
    return (*after, *(replace(label, is_above=True, in_body=False) for label in before))


def label_of(element: HtmlElement) -> str:
    """The words of a small element on one line, what its parts say told apart by bars; empty for a text."""
    pieces: list[str] = []
    length = 0
    for piece in element.itertext() if len(element) else (element.text or "",):
        length += len(piece)
        if length > LONGEST_LABEL + WHITE_SPACE:
            # Of an element that was never closed, what it begins with is its own.
            return own if len(own := " ".join((element.text or "")[:LONGEST_OWN].split())) < LONGEST_OWN else ""
        if words := piece.split():
            pieces.append(" ".join(words))
    found = BAR.join(pieces)
    return found if len(found) <= LONGEST_LABEL else ""


def names_of(element: HtmlElement) -> str:
    """Class and id of an element, in small letters."""
    return f"{element.get('class') or ''} {element.get('id') or ''}".lower()


def stands_apart(element: HtmlElement) -> bool:
    """Whether an element holds other articles, readers' words or buttons."""
    if element.tag in APART_TAGS or _say_apart(element.get("class"), element.get("id")):
        return True
    if element.tag == "article":
        return _CARD_TITLE(element) is True
    # Of the page, that is, whose header has the day; an article may have its own, with its tags and its author.
    is_margin = element.tag == "footer" or (element.tag == "header" and not OF_ARTICLE.search(names_of(element)))
    return is_margin and next(element.iterancestors("article", "main"), None) is None


@lru_cache(maxsize=50_000)
def _say_apart(*names: str | None) -> bool:
    """Whether these names of an element say that it stands apart; a site's pages have the same few hundred."""
    return APART_NAMES.search(" ".join(filter(None, names)).lower()) is not None


def _labels(elements: Iterable[HtmlElement]) -> Iterator[Label]:
    """The labels of elements in their order. Elements inside each other that say the same make one."""
    in_body = False
    last: Label | None = None
    for element in elements:
        in_body = in_body or (element.tag in PARAGRAPHS and _own_text(element).count(" ") >= BODY_WORDS)
        words, names = label_of(element), names_of(element)
        if last is not None and words == last.words:
            last = replace(last, elements=(*last.elements, element), names=f"{last.names} {names}")
            continue
        if last is not None:
            yield last
        last = Label(elements=(element,), words=words, names=names, in_body=in_body) if words else None
    if last is not None:
        yield last


def _own_text(element: HtmlElement) -> str:
    """What an element says outside of those in it, but for line breaks."""
    return (element.text or "") + " ".join(one.tail or "" for one in element.iterchildren("br"))


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
        if isinstance(one.tag, str) and one.tag not in SILENT and not stands_apart(one):
            yield one
            waiting.extend(reversed(one))
