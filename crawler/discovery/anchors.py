"""The links of a page, of either parser's tree: where each leads, and what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from lxml.html import HtmlElement
from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.urls import base, normalise, registrable_domain
from crawler.discovery.entry import headline
from pipelines.page.tree import base_of

LINKS_REMEMBERED = 20_000  # of all sites; 5 MB

ROOTED = ("/", "http://", "https://")
PLAIN_HOST = re.compile(r"https?://((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/?#]|$)")

# The normalised http(s) URL that a link leads to, its words on one line, and, without any, what stands for the picture
# in it. A plain tuple, because hundreds are made of each page: a named one takes four times as long to make.
Anchor = tuple[str, str | None, str | None]


def read_anchors(tree: LexborHTMLParser, start: str) -> list[Anchor]:
    """The links of a page that is read for them alone, in order; relative ones start from `start`."""
    origin = _origin(start)
    found = []
    for node in tree.css("a[href]"):
        attributes = node.attrs
        if url := _target(attributes["href"] or "", origin, start):
            text = headline(node.text(separator=" "))
            instead = None if text else headline(attributes.get("title")) or headline(_picture(node))
            found.append((url, text, instead))
    return found


def anchors_in(tree: HtmlElement, url: str, *, wanted: Callable[[str], bool]) -> list[Anchor]:
    """The links of a page that is read as an article, in order: those whose URLs are wanted, other sites' left out."""
    start = base(base_of(tree), url)
    origin, site = _origin(start), registrable_domain(url)
    found = []
    for link in tree.iter("a"):
        href = link.get("href")
        if href is None or _is_foreign(href, site):
            continue
        if (target := _target(href, origin, start)) and wanted(target):
            text = headline(" ".join(link.itertext()) if len(link) else link.text)
            instead = None if text else headline(link.get("title")) or headline(_alternative(link))
            found.append((target, text, instead))
    return found


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3]) + "/"


def _target(href: str, origin: str, start: str) -> str | None:
    # A site's pages share most of their links, and those are mostly written from its root.
    return _normal(href, origin if href.startswith(ROOTED) else start)


def _is_foreign(href: str, site: str) -> bool:
    """Whether a link as it stands there certainly leads away from a site (a registrable domain).

    The links by which a page is shared are new on each page, and take longest of all to normalise.
    """
    found = PLAIN_HOST.match(href) if href.startswith("http") else None
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
