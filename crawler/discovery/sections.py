"""Section and home pages: which links may be articles, which sections and feeds are named.

What their addresses say: `addresses`. The page after: `pager`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.arabic import arabic_share, fold
from corpus.types import LinkKind
from corpus.urls import base, normalise, registrable_domain
from crawler.discovery.addresses import foremost, host_of_section, may_be_article, may_be_page, path_of, words_of
from crawler.discovery.anchors import Anchor, read_anchors
from crawler.discovery.editions import is_of_another_edition
from crawler.discovery.entry import MAX_SUMMARY_LENGTH, Contents, Entry, Unreadable, plain
from crawler.discovery.pager import MOST_LETTERS, is_alike, next_page
from crawler.discovery.traps import is_calendar
from pipelines.dates.alone import is_time
from pipelines.focus import LEAST_ARABIC
from pipelines.page.decode import Undecodable, decode_page

MAX_FEEDS = 10
MAX_SECTIONS = 24  # an outlet's menu has a dozen; guess

# The words of a menu; longer ones are headlines. Guess.
MOST_SECTION_WORDS = 4

NO_ARTICLES = "the page has no links that look like articles"
NO_LINKS = "the page has no links: a script that is not run here may make them"

FEED_TYPES = (
    *("application/rss+xml", "application/atom+xml", "application/feed+json"),
    *("application/rdf+xml", "text/xml", "application/xml"),  # of RSS 1.0, and of old systems
)

# As addresses of feeds, and of the pages that list them, are made: /rss/ar, /home/rssfeeds?sectionId=38, /xml/sport.xml
OF_FEED = re.compile(r"rss(?:\b|_|\d|feed)|\b(?:feeds?|atom|rdf)\b|\.xml$", re.IGNORECASE)
SAYS_FEED = re.compile(r"\brss\b", re.IGNORECASE)

REFRESH = re.compile(r"\s*\d{1,6}\s*[;,]\s*url\s*=\s*[\"']?([^\"'>]+)", re.IGNORECASE)
# All that a script does: of one that may do otherwise nobody knows where it sends whom.
SENT_BY_SCRIPT = re.compile(
    r"(?:(?:window|document|self|top)\.)?location(?:(?:\.href)?\s*+=\s*+|\.(?:replace|assign)\(\s*+)"
    r"([\"'])(?P<url>[^\"'\\\s]+)\1\s*+\)?\s*+;?"
)


def read_section(body: bytes, content_type: str, url: str, *, is_home: bool) -> Contents:
    """The article candidates of a page with their link texts, and the page that follows it; of a home page, its
    sections and feeds too, and what follows it where it has no section. Raises Unreadable for what is no text.
    """
    try:
        markup = decode_page(body, content_type).markup
    except Undecodable as error:
        raise Unreadable(str(error)) from error
    tree = LexborHTMLParser(markup)
    start = start_of(tree, url)
    links = read_anchors(tree, start)
    entries = articles(links, url)
    named = {one.url for one in entries}
    problem = None if entries else NO_ARTICLES if links or tree.css_first("script") is None else NO_LINKS
    if not entries and (target := sent_on(tree, start)):
        return Contents(entries=[Entry(url=target, kind=LinkKind.SECTION)])
    sections: list[str] = []
    if is_home:
        feeds = (_feeds(tree, start, url) or _linked_feeds(links, url))[:MAX_FEEDS]
        sections = foremost(
            [one for one in _sections(links, url) if one not in named and one not in feeds], most=MAX_SECTIONS
        )
        entries += [Entry(url=section, kind=LinkKind.SECTION) for section in sections]
        entries += [Entry(url=feed, kind=LinkKind.FEED) for feed in feeds]
    has_a_pager = bool(named) and not sections
    if has_a_pager and (following := next_page(tree, links, start=start, url=url, is_article=may_be_article)):
        entries = [entry for entry in entries if not _is_of_pager(entry, following)]
        entries.append(Entry(url=following, kind=LinkKind.NEXT))
    return Contents(entries=entries, problem=problem, name=_site_name(tree) if is_home else None)


def read_feeds(body: bytes, content_type: str, url: str) -> Contents:
    """The feeds that a page lists which was taken for one: many outlets have a page of those of their sections.

    Raises Unreadable for what is no text.
    """
    try:
        tree = LexborHTMLParser(decode_page(body, content_type).markup)
    except Undecodable as error:
        raise Unreadable(str(error)) from error
    start = start_of(tree, url)
    feeds = dict.fromkeys([*_feeds(tree, start, url), *_linked_feeds(read_anchors(tree, start), url)])
    return Contents(entries=[Entry(url=feed, kind=LinkKind.FEED) for feed in feeds if feed != url][:MAX_SECTIONS])


def articles(links: Iterable[Anchor], url: str) -> list[Entry]:
    """One entry a URL of this site that may be an article, with the longest of its link texts: first those whose URLs
    say so, then those that are called by headlines alone.

    The others are pictures and "more"; words that lead to several pages ("read on") and times are the title of none.
    """
    site = registrable_domain(url)
    is_own: dict[str, bool] = {}
    titles: dict[str, dict[str, None]] = {}  # in their order, so that of equals the first is taken
    for target, text, instead in links:
        if (named := titles.get(target)) is None:
            if not may_be_article(target) and not may_be_page(target):
                continue
            host = target.split("/", maxsplit=3)[2]
            if host not in is_own:
                is_own[host] = registrable_domain(target) == site
            if not is_own[host]:
                continue
            named = titles[target] = {}
        if words := text or instead:
            named[words] = None
    shared = {words for words, count in Counter(chain.from_iterable(titles.values())).items() if count > 1}
    found, called = [], []
    for target, texts in titles.items():
        own = [one for one in texts if one not in shared and not is_time(one)]
        title, summary = (own[0] if own else None), None
        if len(own) > 1:
            title = max(own, key=len)
            # The longest may be the first sentence, and the headline beside it what names the topic.
            summary = "\n".join(one for one in own if one != title)[:MAX_SUMMARY_LENGTH]
        entry = Entry(url=target, title=title, summary=summary)
        if may_be_article(target):
            found.append(entry)
        elif own and all(map(_is_headline, own)):
            called.append(entry)
    return found + called


def _is_of_pager(entry: Entry, following: str) -> bool:
    """Whether what may be an article by its address (?p=3) is another page of the section."""
    return entry.url == following or (is_alike(entry.url, following) and (entry.title or "").isdecimal())


def _is_headline(words: str) -> bool:
    return len(words.split()) > MOST_SECTION_WORDS and arabic_share(words) >= LEAST_ARABIC


def _sections(links: Iterable[Anchor], url: str) -> list[str]:
    """The addresses on a home page that look like its sections: a few words that lead to a short path."""
    home = urlsplit(url).netloc
    found: dict[str, None] = {}
    for target, text, _ in links:
        host = host_of_section(target)
        if host is None or target in found or not _same_host(host, home):
            continue
        if text and len(text.split()) <= MOST_SECTION_WORDS and not text.isdecimal():
            found[target] = None
    return [section for section in found if not may_be_article(section) and not is_calendar(section)]


def _same_host(one: str, other: str) -> bool:
    return one.removeprefix("www.") == other.removeprefix("www.")


def start_of(tree: LexborHTMLParser, url: str) -> str:
    """What the relative URLs of a page start from."""
    declared = tree.css_first("base[href]")
    return base(declared.attributes["href"] if declared else None, url)


def sent_on(tree: LexborHTMLParser, start: str) -> str | None:
    """The page that this one only sends its readers on to: /ar/, say."""
    refreshes = (
        node for node in tree.css("meta[content]") if (node.attributes.get("http-equiv") or "").lower() == "refresh"
    )
    found = [one[1] for node in refreshes if (one := REFRESH.match(node.attributes["content"] or ""))]
    found += [one["url"] for node in tree.css("script") if (one := SENT_BY_SCRIPT.fullmatch(node.text().strip()))]
    return next((url for one in found if (url := normalise(one, start))), None)


def _feeds(tree: LexborHTMLParser, start: str, url: str) -> list[str]:
    """The feeds that a page names in its head, those of comments left out, and of other editions if it has its own."""
    nodes = tree.css("link[rel~=alternate][type][href]")
    named = [node.attributes["href"] or "" for node in nodes if _media_type(node) in FEED_TYPES]
    feeds = [feed for href in named if (feed := normalise(href, start)) and "comment" not in feed]
    return [feed for feed in feeds if not is_of_another_edition(feed, home=url)] or feeds


def _linked_feeds(links: Iterable[Anchor], url: str) -> list[str]:
    """What links call a feed, by their addresses or words, of this site's Arabic edition."""
    site = registrable_domain(url)
    found = (target for target, *texts in links if OF_FEED.search(path_of(target)) or any(map(_says_feed, texts)))
    return [
        target
        for target in dict.fromkeys(found)
        if not may_be_article(target)
        and registrable_domain(target) == site
        and not is_of_another_edition(target, home=url)
    ]


def _says_feed(words: str | None) -> bool:
    return words is not None and len(words) < MOST_LETTERS and SAYS_FEED.search(words) is not None


def _media_type(node: LexborNode) -> str:
    """A declared type as its standard compares it: without parameters (`; charset=utf-8`), in small letters."""
    return (node.attributes["type"] or "").partition(";")[0].strip().lower()


def _site_name(tree: LexborHTMLParser) -> str | None:
    named = tree.css_first("meta[property='og:site_name'][content]")
    if named and (name := plain(named.attributes["content"])):
        return name
    title = tree.css_first("title")
    names = map(plain, re.split(r"\s[|\-–—:]+\s", title.text())) if title else ()
    return next((name for name in names if name and fold(name) not in words_of("home_page")), None)
