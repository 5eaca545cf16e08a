"""Section and home pages: which links may be articles, which page comes next, which sections and feeds are named.

A link may be an article when its URL is specific: a number, a date, or a slug of several words.
A wrong yes costs one fetch, and the page is judged again when it is read.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.types import LinkKind
from corpus.urls import normalise, registrable_domain
from crawler.discovery.entry import Contents, Entry, Unreadable, headline, plain
from crawler.discovery.traps import is_calendar
from pipelines.page.decode import Undecodable, decode

MAX_FEEDS = 10
MAX_SECTIONS = 24  # an outlet's menu has a dozen; guess

# The words of a menu; longer ones are headlines. Guess.
MOST_SECTION_WORDS = 4

LINKS_REMEMBERED = 20_000  # of all sites; 5 MB

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")

PAGES = {"", "html", "htm", "shtml", "php", "asp", "aspx", "jsp", "cfm"}

SPECIFIC = re.compile(r"\d{3}|[^\W\d](?:[-_ ][^\W_]+){2}")  # a long number, or several words
ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})++")
YEAR_OR_DAY = re.compile(r"(19|20)\d\d([-_](0?[1-9]|1[0-2])([-_](0?[1-9]|[12]\d|3[01]))?)?")
ID_NAME = re.compile(r"(?!cat|section|tag|author|user|page)[a-z_]*id|p|no|news|article|story")
PAGE_NUMBER = re.compile(r"(?P<before>[?&](?:page|paged)=|/page/)(?P<number>\d{1,5})(?=/?$|[&?])")


class Anchor(NamedTuple):
    """A link of a page: where it leads, and its element."""

    url: str
    node: LexborNode

    @property
    def text(self) -> str | None:
        """Its words."""
        return headline(self.node.text(separator=" "))


def read_section(body: bytes, content_type: str, url: str, *, is_home: bool) -> Contents:
    """The article candidates of a page with their link texts, and the page that follows it; of a home page, its
    sections and feeds too. Raises Unreadable for what is no text.
    """
    try:
        html, _ = decode(body, content_type)
    except Undecodable as error:
        raise Unreadable(str(error)) from error
    tree = LexborHTMLParser(html)
    base = _base(tree, url)
    anchors = read_anchors(tree, base)
    entries = articles(anchors, url)
    problem = None if entries else "the page has no links that look like articles"
    if is_home:
        entries += [Entry(url=section, kind=LinkKind.SECTION) for section in _sections(anchors, url)]
        entries += [Entry(url=feed, kind=LinkKind.FEED) for feed in _feeds(tree, base)]
    elif entries and (following := _next_page(tree, anchors, base, url)):
        entries.append(Entry(url=following, kind=LinkKind.NEXT))
    return Contents(entries=entries, problem=problem, name=_site_name(tree) if is_home else None)


def read_anchors(tree: LexborHTMLParser, base: str) -> list[Anchor]:
    """The links of a page that lead to http(s) URLs, in order."""
    origin = base[: base.find("/", len("https://"))] + "/"
    anchors = []
    for node in tree.css("a[href]"):
        href = node.attributes["href"] or ""
        # A site's pages share most of their links, and those are mostly written from its root.
        if target := _normal(href, origin if href.startswith(("/", "http://", "https://")) else base):
            anchors.append(Anchor(target, node))
    return anchors


_normal = lru_cache(maxsize=LINKS_REMEMBERED)(normalise)


def articles(anchors: Iterable[Anchor], url: str) -> list[Entry]:
    """One entry a URL of this site that may be an article, with the longest of its link texts.

    The others are pictures and "more"; words that lead to several pages ("read on") are the title of none.
    """
    site = registrable_domain(url)
    is_own: dict[str, bool] = {}
    is_article: dict[str, bool] = {}
    titles: dict[str, dict[str, None]] = {}  # in their order, so that of equals the first is taken
    for anchor in anchors:
        target = anchor.url
        if target not in is_article:
            host = target.split("/", maxsplit=3)[2]
            if host not in is_own:
                is_own[host] = registrable_domain(target) == site
            is_article[target] = is_own[host] and may_be_article(target)
        if is_article[target]:
            titles.setdefault(target, {}).update(dict.fromkeys(_texts(anchor)))
    used = Counter(title for words in titles.values() for title in words)
    return [
        Entry(url=target, title=max((title for title in words if used[title] == 1), key=len, default=None))
        for target, words in titles.items()
    ]


@lru_cache(maxsize=LINKS_REMEMBERED)
def may_be_article(url: str) -> bool:
    """Whether a normalised URL looks like one article rather than a section, tag, author, login or file."""
    path, _, query = url[url.find("/", len("https://")) :].partition("?")
    segments = _segments(path)
    if not any(map(_is_specific, segments[-2:])) and not _has_id(query):
        return False
    return _words("not_articles").isdisjoint(segments) and (not segments or _extension(segments[-1]) in PAGES)


def _segments(path: str) -> list[str]:
    return [segment for segment in path.lower().split("/") if segment]


def _texts(anchor: Anchor) -> list[str]:
    """The words of a link; of a picture, those that stand for it."""
    if text := anchor.text:
        return [text]
    named = headline(anchor.node.attributes.get("title"))
    picture = anchor.node.css_first("img[alt]") if not named else None
    words = named or (headline(picture.attributes["alt"]) if picture else None)
    return [words] if words else []


def _sections(anchors: Iterable[Anchor], url: str) -> list[str]:
    """The addresses on a home page that look like its sections: a few words that lead to a short path."""
    home = urlsplit(url).netloc
    found: dict[str, None] = {}
    for anchor in anchors:
        host = _host_of_section(anchor.url)
        if host is None or anchor.url in found or not _same_host(host, home):
            continue
        if 0 < len((anchor.text or "").split()) <= MOST_SECTION_WORDS:
            found[anchor.url] = None
    return [section for section in found if not may_be_article(section) and not is_calendar(section)][:MAX_SECTIONS]


@lru_cache(maxsize=LINKS_REMEMBERED)
def _host_of_section(url: str) -> str | None:
    """The host of a normalised URL that may be a section's; None for one that cannot."""
    parts = urlsplit(url)
    return parts.netloc if not parts.query and _is_section(_segments(parts.path)) else None


def _is_section(segments: list[str]) -> bool:
    if not 0 < len(segments) <= 3 or _extension(segments[-1]) not in PAGES:
        return False
    return (_words("not_articles") - _words("section_segments")).isdisjoint(segments)


def _same_host(one: str, other: str) -> bool:
    return one.removeprefix("www.") == other.removeprefix("www.")


@cache
def _words(key: str) -> frozenset[str]:
    """A list of words; segments as they stand in a normalised path, in lower case."""
    table = tomllib.loads(files("crawler.discovery").joinpath("section_words.toml").read_text(encoding="utf-8"))
    return frozenset(word if key == "next_page" else quote(word).lower() for word in table[key])


def _base(tree: LexborHTMLParser, url: str) -> str:
    base = tree.css_first("base[href]")
    return urljoin(url, (base.attributes["href"] or "").strip()) if base else url


def _next_page(tree: LexborHTMLParser, anchors: list[Anchor], base: str, url: str) -> str | None:
    """The page after this one, calendars left out: as its head says, its link texts, or its number."""
    following = _declared_next(tree, base) or _named_next(anchors) or _numbered_next(anchors, url)
    return following if following and not is_calendar(following) else None


def _declared_next(tree: LexborHTMLParser, base: str) -> str | None:
    declared = tree.css_first("link[rel~=next][href], a[rel~=next][href]")
    return normalise(declared.attributes["href"] or "", base) if declared else None


def _named_next(anchors: list[Anchor]) -> str | None:
    names = _words("next_page")
    return next((one.url for one in anchors if (one.text or "").strip(" »›>←").lower() in names), None)


def _numbered_next(anchors: list[Anchor], url: str) -> str | None:
    stem, number = _page_number(url)
    return next((one.url for one in anchors if _page_number(one.url) == (stem, number + 1)), None)


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


def _site_name(tree: LexborHTMLParser) -> str | None:
    named = tree.css_first("meta[property='og:site_name'][content]")
    if named and (name := plain(named.attributes["content"])):
        return name
    title = tree.css_first("title")
    return plain(re.split(r"\s[|\-–—:]+\s", title.text(), maxsplit=1)[0]) if title else None


def _extension(segment: str) -> str:
    stem, dot, extension = segment.rpartition(".")
    return extension if dot and stem and re.fullmatch(r"[a-z][a-z0-9]{1,4}", extension) else ""


def _is_specific(segment: str) -> bool:
    """A year, month or day is the address of a listing. What is escaped are letters of words."""
    words = ESCAPED.sub("x", segment) if "%" in segment else segment
    return SPECIFIC.search(words) is not None and YEAR_OR_DAY.fullmatch(words) is None


def _has_id(query: str) -> bool:
    if query.isdigit():
        return True
    pairs = (pair.partition("=") for pair in query.split("&"))
    return any(value.isdigit() and ID_NAME.fullmatch(name.lower()) for name, _, value in pairs)
