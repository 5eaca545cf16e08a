"""Section and home pages: which of their links may be articles, which page comes next, which feeds they name.

A link may be an article when its URL is specific: a number, a date, or a slug of several words.
A wrong yes costs one fetch, and the page is judged again when it is read.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode
from w3lib.encoding import html_to_unicode

from corpus.types import LinkKind
from corpus.urls import normalise, same_site
from crawler.discovery.entry import Contents, Entry, headline, plain

MAX_BYTES = 2 << 20  # longer pages are cut, as articles are
MAX_FEEDS = 10

FEED_TYPES = ("application/rss+xml", "application/atom+xml")

PAGES = {"", "html", "htm", "shtml", "php", "asp", "aspx", "jsp", "cfm"}

SEVERAL_WORDS = re.compile(r"[^\W\d]+([-_ ][^\W_]+){2,}")
LONG_NUMBER = re.compile(r"\d{3,}")
YEAR = re.compile(r"(19|20)\d\d")
ID_NAME = re.compile(r"(?!cat|section|tag|author|user|page)[a-z_]*id|p|no|news|article|story")
PAGE_NUMBER = re.compile(r"(?P<before>[?&](?:page|paged)=|/page/)(?P<number>\d{1,5})(?=/?$|[&?])")


def read_section(body: bytes, content_type: str, url: str, *, feeds: bool) -> Contents:
    """The article candidates of a page with their link texts, the page that follows it, and its `feeds` if wanted."""
    _, html = html_to_unicode(content_type or None, body[:MAX_BYTES])
    tree = LexborHTMLParser(html)
    base = _base(tree, url)
    links = [
        (target, node) for node in tree.css("a[href]") if (target := normalise(node.attributes["href"] or "", base))
    ]
    entries = _articles(links, url)
    if entries and (following := _next_page(tree, links, base, url)):
        entries.append(Entry(url=following, kind=LinkKind.SECTION))
    if feeds:
        entries += [Entry(url=feed, kind=LinkKind.FEED) for feed in _feeds(tree, base)]
    return Contents(entries=entries, problem=None if entries else "the page has no links that look like articles")


def may_be_article(url: str) -> bool:
    """Whether a normalised URL looks like one article rather than a section, tag, author, login or file."""
    parts = urlsplit(url)
    segments = [segment for segment in unquote(parts.path).lower().split("/") if segment]
    if any(segment in _words("not_articles") for segment in segments):
        return False
    if segments and _extension(segments[-1]) not in PAGES:
        return False
    return any(_is_specific(segment) for segment in segments[-2:]) or _has_id(parts.query)


@cache
def _words(key: str) -> frozenset[str]:
    table = tomllib.loads(files("crawler.discovery").joinpath("section_words.toml").read_text(encoding="utf-8"))
    return frozenset(table[key])


def _base(tree: LexborHTMLParser, url: str) -> str:
    base = tree.css_first("base[href]")
    return urljoin(url, (base.attributes["href"] or "").strip()) if base else url


def _articles(links: list[tuple[str, LexborNode]], url: str) -> list[Entry]:
    """One entry a URL, with the longest of its link texts: the others are pictures and "more"."""
    titles: dict[str, str | None] = {}
    for target, node in links:
        if same_site(target, url) and may_be_article(target):
            titles[target] = max(titles.get(target), _link_text(node), key=lambda title: len(title or ""))
    return [Entry(url=target, title=title) for target, title in titles.items()]


def _link_text(node: LexborNode) -> str | None:
    return headline(node.text(separator=" ")) or headline(node.attributes.get("title"))


def _next_page(tree: LexborHTMLParser, links: list[tuple[str, LexborNode]], base: str, url: str) -> str | None:
    """The page after this one: as the page says in its head, in its link texts, or by its number."""
    if declared := tree.css_first("link[rel~=next][href], a[rel~=next][href]"):
        return normalise(declared.attributes["href"] or "", base)
    for target, node in links:
        if (plain(node.text()) or "").strip(" »›>←").lower() in _words("next_page"):
            return target
    stem, number = _page_number(url)
    return next((target for target, _ in links if _page_number(target) == (stem, number + 1)), None)


def _page_number(url: str) -> tuple[str, int]:
    """A URL without its page number, and the number: 1 when it has none."""
    if found := PAGE_NUMBER.search(url):
        return (url[: found.start()] + url[found.end() :]).rstrip("/"), int(found["number"])
    return url.rstrip("/"), 1


def _feeds(tree: LexborHTMLParser, base: str) -> list[str]:
    """The feeds that a page names in its head, those of comments left out."""
    nodes = tree.css("link[rel~=alternate][type][href]")
    named = [node.attributes["href"] or "" for node in nodes if node.attributes["type"] in FEED_TYPES]
    return [url for href in named if (url := normalise(href, base)) and "comment" not in url][:MAX_FEEDS]


def _extension(segment: str) -> str:
    stem, dot, extension = segment.rpartition(".")
    return extension if dot and stem and re.fullmatch(r"[a-z][a-z0-9]{1,4}", extension) else ""


def _is_specific(segment: str) -> bool:
    if YEAR.fullmatch(segment):
        return False
    return bool(LONG_NUMBER.search(segment) or SEVERAL_WORDS.search(segment))


def _has_id(query: str) -> bool:
    if query.isdigit():
        return True
    return any(ID_NAME.fullmatch(name.lower()) and value.isdigit() for name, value in parse_qsl(query))
