"""The links of a page, of either parser's tree: where each leads, and what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from lxml.html import HtmlElement
from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.urls import normalise, registrable_domain
from crawler.discovery.entry import headline

LINKS_REMEMBERED = 20_000  # of all sites; 5 MB

ROOTED = ("/", "http://", "https://")
PLAIN_HOST = re.compile(r"https?://((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/?#]|$)")

# What is made hundreds of times a page is a plain tuple: a named one takes four times as long to make.

# A link as it stands on a page: its href, its words on one line, and, without any, what stands for the picture in it.
Named = tuple[str, str | None, str | None]

# The same with the normalised http(s) URL that it leads to.
Anchor = tuple[str, str | None, str | None]


def named_links(tree: LexborHTMLParser) -> Iterator[Named]:
    """The links of a page that is read for them alone, in order."""
    for node in tree.css("a[href]"):
        attributes = node.attrs
        text = headline(node.text(separator=" "))
        instead = None if text else headline(attributes.get("title")) or headline(_picture(node))
        yield attributes["href"] or "", text, instead


def named_links_in(tree: HtmlElement) -> Iterator[Named]:
    """The links of a page that is read as an article, in order."""
    for link in tree.iter("a"):
        if (href := link.get("href")) is not None:
            text = headline(" ".join(link.itertext()) if len(link) else link.text)
            instead = None if text else headline(link.get("title")) or headline(_alternative(link))
            yield href, text, instead


def anchors(named: Iterable[Named], base: str) -> list[Anchor]:
    """The links that lead to http(s) URLs, in order."""
    origin = base[: base.find("/", len("https://"))] + "/"
    found = []
    for href, text, instead in named:
        # A site's pages share most of their links, and those are mostly written from its root.
        if url := _normal(href, origin if href.startswith(ROOTED) else base):
            found.append((url, text, instead))
    return found


def is_foreign(href: str, site: str) -> bool:
    """Whether a link as it stands there certainly leads away from a site (a registrable domain).

    The links by which a page is shared are new on each page, and take longest of all to normalise.
    """
    found = PLAIN_HOST.match(href)
    return found is not None and registrable_domain(f"http://{found[1]}") != site


_normal = lru_cache(maxsize=LINKS_REMEMBERED)(normalise)


def _picture(node: LexborNode) -> str | None:
    first = node.first_child
    # Nearly always it stands alone in the link; a query below a node takes three times as long as to look at it.
    if first is not None and first.tag == "img" and (words := first.attrs.get("alt")):
        return str(words)
    picture = node.css_first("img[alt]")
    return picture.attributes["alt"] if picture else None


def _alternative(link: HtmlElement) -> str | None:
    return next((one.get("alt") for one in link.iter("img") if one.get("alt") is not None), None)
