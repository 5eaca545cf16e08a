"""A page's text to the one tree that all readers of it share, within limits."""

from __future__ import annotations

import re
from unicodedata import combining, normalize

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from pipelines.page.decode import CONTROLS
from pipelines.page.limits import LONGEST_NAME, LONGEST_TEXT, LONGEST_VALUE, MAX_ELEMENTS, MOST_MARKS

_OPENING = re.compile(b"<[a-zA-Z]")

_LONG_ATTRIBUTES = etree.XPath(f"/descendant::*/@*[string-length() > {LONGEST_NAME}]")

_BASE = etree.XPath("/html/head/base/@href")

# However many zeros it begins with, and whatever stands behind it: parsers take «&#1a» for a character and an a, too.
_REFERENCE = re.compile(rb"&#(?:[xX]0*([0-9a-fA-F]{1,8})(?![0-9a-fA-F])|0*(\d{1,8})(?!\d));?")

# A ligature of Arabic unfolds into at most eighteen letters (U+FDFA).
LONGEST_UNFOLDING = LONGEST_TEXT // 18


class Unparsable(Exception):
    """The text makes no tree; the message says why."""


def parse(markup: bytes) -> HtmlElement:
    """The tree of a page in UTF-8, without comments. Raises Unparsable for one that is empty, or has too many elements.

    Bytes, because lxml refuses text whose XML declaration names an encoding.
    """
    if markup.count(b"<") > MAX_ELEMENTS and (elements := len(_OPENING.findall(markup))) > MAX_ELEMENTS:
        raise Unparsable(f"the page has {elements} elements, more than {MAX_ELEMENTS}")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    # lxml.html asks Python for the class of every element that is touched; here all are of one class.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        tree = document_fromstring(_REFERENCE.sub(_sound, markup), parser=parser)
    except etree.ParserError:
        raise Unparsable("the page is empty") from None
    _take_in_what_follows(tree)
    text = tree.text_content()
    if _has_endless_marks(text):
        raise Unparsable(f"the page has letters with more than {MOST_MARKS} marks")
    _shorten_attributes(tree)
    if len(text) - sum(len(script.text or "") for script in tree.iter("script", "style")) > LONGEST_UNFOLDING:
        _shorten_texts(tree)
    return tree


def _take_in_what_follows(tree: HtmlElement) -> None:
    """Let what stands behind the end of a page be of its body, as browsers do: the parser makes it a tree beside."""
    body = tree.find("body")
    for behind in list(tree.itersiblings()):
        for one in list(behind.iter("html", "head", "body")):
            one.tag = "div"
        (tree if body is None else body).append(behind)


def base_of(tree: HtmlElement) -> str | None:
    """The address that a page's base element declares, if it has one."""
    declared = _BASE(tree)
    return str(declared[0]) if declared else None


def _sound(reference: re.Match[bytes]) -> bytes:
    """A reference as it is, or nothing for one to a control character, half a pair or no character."""
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    is_control = code < 0x80 and code in CONTROLS
    return b"" if is_control or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF) else reference[0]


def _has_endless_marks(text: str) -> bool:
    """Whether so many marks follow each other. Of such a run, one stands at some multiple of half its length."""
    step = MOST_MARKS // 2
    return any(combining(text[i]) and all(map(combining, text[i : i + step])) for i in range(0, len(text), step))


def _shorten_attributes(tree: HtmlElement) -> None:
    """Cut attributes that are longer than anybody writes them."""
    for value in _LONG_ATTRIBUTES(tree):
        longest = LONGEST_NAME if value.attrname in ("class", "id") else LONGEST_VALUE
        if len(value) > longest:
            value.getparent().set(value.attrname, value[:longest])


def _shorten_texts(tree: HtmlElement) -> None:
    """Cut texts that are longer than any article."""
    for text in tree.xpath(f"//text()[string-length() > {LONGEST_UNFOLDING}]"):
        parent = text.getparent()
        if parent.tag not in ("script", "style") and (fitting := _fitting(text)) < len(text):
            setattr(parent, "tail" if text.is_tail else "text", text[:fitting])


def _fitting(text: str) -> int:
    """How many characters of a text to keep, so that unfolded they are refused if it is, and not many more."""
    return -(-len(text) * (LONGEST_TEXT + 1) // max(len(normalize("NFKC", text)), LONGEST_TEXT + 1))
