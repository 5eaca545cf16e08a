"""A page's text to the one tree that all readers of it share, within limits."""

from __future__ import annotations

import re
from unicodedata import combining

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from pipelines.limits import LONGEST_NAME, LONGEST_VALUE, MAX_ELEMENTS, MOST_MARKS

_OPENING = re.compile("<[a-zA-Z]")


class Unparsable(Exception):
    """The text makes no tree; the message says why."""


def parse(html: str) -> HtmlElement:
    """The tree of a page, without comments. Raises Unparsable for one that is empty, or has too many elements."""
    if html.count("<") > MAX_ELEMENTS and (elements := len(_OPENING.findall(html))) > MAX_ELEMENTS:
        raise Unparsable(f"the page has {elements} elements, more than {MAX_ELEMENTS}")
    # Bytes, because lxml refuses text whose XML declaration names an encoding; NUL ends libxml2's reading.
    body = html.replace("\0", "").encode("utf-8", "replace")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    # lxml.html asks Python for the class of every element that is touched; here all are of one class.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        tree = document_fromstring(body, parser=parser)
    except etree.ParserError:
        raise Unparsable("the page is empty") from None
    if _has_endless_marks(tree.text_content()):
        raise Unparsable(f"the page has letters with more than {MOST_MARKS} marks")
    _shorten(tree)
    return tree


def _has_endless_marks(text: str) -> bool:
    """Whether so many marks follow each other. Of such a run, one stands at some multiple of half its length."""
    step = MOST_MARKS // 2
    return any(combining(text[i]) and all(map(combining, text[i : i + step])) for i in range(0, len(text), step))


def _shorten(tree: HtmlElement) -> None:
    """Cut attributes that are longer than anybody writes them."""
    for value in tree.xpath(f"//@*[string-length() > {LONGEST_NAME}]"):
        longest = LONGEST_NAME if value.attrname in ("class", "id") else LONGEST_VALUE
        if len(value) > longest:
            value.getparent().set(value.attrname, value[:longest])
