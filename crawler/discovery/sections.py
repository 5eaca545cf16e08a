"""Section and home pages: which links may be articles, which sections and feeds are named. The page after: `pager`.

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
from itertools import chain
from urllib.parse import quote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.arabic import arabic_share, fold
from corpus.types import LinkKind
from corpus.urls import base, normalise, registrable_domain
from crawler.discovery.anchors import LINKS_REMEMBERED, Anchor, read_anchors
from crawler.discovery.editions import is_of_another_edition
from crawler.discovery.entry import MAX_SUMMARY_LENGTH, Contents, Entry, Unreadable, plain
from crawler.discovery.pager import MOST_LETTERS, is_alike, next_page
from crawler.discovery.traps import is_calendar
from pipelines.dates.alone import is_time
from pipelines.focus import LEAST_ARABIC
from pipelines.page.decode import Undecodable, decode_page

MAX_FEEDS = 10
MAX_SECTIONS = 24  # an outlet's menu has a dozen; guess

# Steps of a section's path, and of one that says that it is a section's: /news/category/1/أخبار-لبنان/ar. Guess.
MOST_SEGMENTS = 3
MOST_SEGMENTS_NAMED = 5

# The words of a menu; longer ones are headlines. Guess.
MOST_SECTION_WORDS = 4

NO_ARTICLES = "the page has no links that look like articles"
NO_LINKS = "the page has no links: a script that is not run here may make them"

FEED_TYPES = (
    *("application/rss+xml", "application/atom+xml", "application/feed+json"),
    *("application/rdf+xml", "text/xml", "application/xml"),  # of RSS 1.0, and of old systems
)

PAGES = {"", "html", "htm", "shtml", "php", "asp", "aspx", "jsp", "cfm"}

# As addresses of feeds, and of the pages that list them, are made: /rss/ar, /home/rssfeeds?sectionId=38, /xml/sport.xml
OF_FEED = re.compile(r"rss(?:\b|_|\d|feed)|\b(?:feeds?|atom|rdf)\b|\.xml$", re.IGNORECASE)
SAYS_FEED = re.compile(r"\brss\b", re.IGNORECASE)

# A long number, several words (between which quotation marks may have left more than one dash), or letters and digits
# that no word has (c4g2x3lpy1xo).
SPECIFIC = re.compile(r"\d{3}|[^\W\d](?:[-_ ]{1,9}[^\W_]+){2}|\b(?=(?:[a-z]*\d){2})(?=(?:\d*[a-z]){2})[a-z\d]{8,}\b")
LONG_NUMBER = re.compile(r"(?<![%\w])\d{5,}")
ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})++")
YEAR_OR_DAY = re.compile(r"(19|20)\d\d([-_](0?[1-9]|1[0-2])([-_](0?[1-9]|[12]\d|3[01]))?)?")
# In Latin letters, and nothing that a script or another version is called.
PLAIN_WORDS = re.compile(r"(?!(?:index|default|amp)$)[a-z]{3,}(?:-[a-z]+)*")
# What two words are joined by in the name of a section: medicine-and-health
OF_TWO = re.compile(r"[a-z]+-and-[a-z]+")
# A number that may be an article's, or a page's or year's of a section.
SMALL_NUMBER = re.compile(r"\d\d?|(?:19|20)\d\d")
# Sabq, and who shortens addresses: u0Dgde
SHORT_CODE = re.compile(r"(?=[a-zA-Z]*\d|[A-Z]*[a-z]+[A-Z])[a-zA-Z\d]{5,}")
SLUG = re.compile(r"[^\W\d_]")  # a day or month has no letter
ID_NAME = re.compile(r"(?!cat|section|tag|author|user|page|pg)[a-z_]*(?:id|no|nr|num)|p|news|article|story|item|post")
# Category.aspx?CatID=2, modules.php?name=News&new_topic=3
SECTION_ID = re.compile(r"(?:^|[&_])(?:cat|section|topic)[a-z_]*=\d{1,5}(?:&|$)", re.IGNORECASE)
# /news/newssection/10/1/اقتصاد, /Section-114/الأردن
SECTIONS = re.compile(r"[a-z]*sections?(?:-\d{1,4})?")
# Category.aspx?id=2, newcat.php?id=3: a script that lists what its number is of.
OF_SECTIONS = re.compile(r"[a-z-]*(?:cat|category|categories|section|sections)\.(?:php|asp|aspx|jsp|cfm)")
ID = re.compile(r"\d+(?:%3a.*)?|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What stands behind a day or month: /2025/8/15/قمة-ألاسكا. A number behind a year or more is no year again: /2027/1905.
DATED = re.compile(
    r"/(?:19|20)\d\d/(?:0?[1-9]|1[0-2])(?:/(?:0?[1-9]|[12]\d|3[01]))?/[^/]*[^/\d][^/]*/?"
    r"|/(?:19|20)\d\d(?:/\d\d?){0,2}/\d{3,}/?$"
)
# WordPress numbers articles so, if it is asked to.
NUMBERED_ARCHIVE = re.compile(r"/archives?(/\d+/?)$")
# The sitemaps of what is no article, as Yoast, Rank Math and WordPress itself call them.
OF_LISTS = re.compile(r"(?:post_tag|category|author)-sitemap\d*\.xml|wp-sitemap-(?:taxonomies|users)-.*")
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
        sections = _foremost([one for one in _sections(links, url) if one not in named and one not in feeds])
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
            if not may_be_article(target) and not _may_be_page(target):
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
        title = max(own, key=len, default=None)
        # The longest may be the first sentence, and the headline beside it what names the topic.
        summary = "\n".join(one for one in own if one != title)[:MAX_SUMMARY_LENGTH]
        entry = Entry(url=target, title=title, summary=summary or None)
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


@lru_cache(maxsize=LINKS_REMEMBERED)
def may_be_article(url: str) -> bool:
    """Whether a normalised URL looks like one article rather than a section, tag, author, login or file."""
    path, _, query = _path(url).partition("?")
    segments = _segments(NUMBERED_ARCHIVE.sub(r"\1", path))
    is_specific = _names_one(segments) or DATED.search(path) is not None
    if is_specific and any(map(_numbers_sections, segments)):
        is_specific = LONG_NUMBER.search(path) is not None
    if not is_specific and (_is_of_sections(segments) or not _has_id(query)):
        return False
    return _is_page(segments)


@lru_cache(maxsize=LINKS_REMEMBERED)
def _may_be_page(url: str) -> bool:
    """Whether a normalised URL has a slug of two words, letters by chance, or words or a number below a section: an
    article, if it is called by a headline.
    """
    path, _, query = _path(url).partition("?")
    segments = _segments(path)
    if not segments or query or not _is_page(segments):
        return False
    slug = ESCAPED.sub("x", segments[-1])
    if SMALL_NUMBER.fullmatch(slug):
        return len(segments) > 1 and not is_calendar(url) and not any(map(_numbers_sections, segments))
    is_code = len(segments) == 1 and SHORT_CODE.fullmatch(path.strip("/")) is not None
    return SLUG.search(slug) is not None and (is_code or len(segments) > 1 or "-" in slug or "_" in slug)


def _is_page(segments: list[str]) -> bool:
    return _words("not_articles").isdisjoint(segments) and (not segments or _extension(segments[-1]) in PAGES)


def lists_pages(url: str) -> bool:
    """Whether a normalised URL that a sitemap names is that of a tag, an author or a category, or of their sitemap."""
    folders = url.partition("://")[2].partition("?")[0].lower().split("/")[1:]
    return not _words("lists").isdisjoint(folders[:-1]) or OF_LISTS.fullmatch(folders[-1]) is not None


def _path(url: str) -> str:
    """The path of a normalised URL, with its query."""
    return url[url.find("/", len("https://")) :]


def _segments(path: str) -> list[str]:
    return [segment for segment in path.lower().split("/") if segment]


def _sections(links: Iterable[Anchor], url: str) -> list[str]:
    """The addresses on a home page that look like its sections: a few words that lead to a short path."""
    home = urlsplit(url).netloc
    found: dict[str, None] = {}
    for target, text, _ in links:
        host = _host_of_section(target)
        if host is None or target in found or not _same_host(host, home):
            continue
        if text and len(text.split()) <= MOST_SECTION_WORDS and not text.isdecimal():
            found[target] = None
    return [section for section in found if not may_be_article(section) and not is_calendar(section)]


def _foremost(sections: list[str]) -> list[str]:
    """Of more sections than are read those that say so, then those above others; in the order of the page."""

    def rank(url: str) -> tuple[bool, int]:
        segments = _segments(urlsplit(url).path)
        return not any(map(_names_section, segments)), len(segments)

    chosen = set(sorted(sections, key=rank)[:MAX_SECTIONS])
    return [one for one in sections if one in chosen]


@lru_cache(maxsize=LINKS_REMEMBERED)
def _host_of_section(url: str) -> str | None:
    """The host of a normalised URL that may be a section's; None for one that cannot."""
    parts = urlsplit(url)
    segments = _segments(parts.path)
    if parts.query:
        is_numbered = SECTION_ID.search(parts.query) is not None or (_is_of_sections(segments) and _has_id(parts.query))
        return parts.netloc if is_numbered and (not segments or _is_section(segments)) else None
    return parts.netloc if _is_section(segments) else None


def _is_section(segments: list[str]) -> bool:
    if segments[-1:] == ["1"]:  # its first page
        segments = segments[:-1]
    if segments[:2] == ["archives", "category"] or (len(segments) > 1 and segments[0] == "ar"):  # /ar/taxonomy/term/5
        segments = segments[1:]
    elif len(segments) > 1 and segments[-1] == "ar":
        segments = segments[:-1]
    most = MOST_SEGMENTS_NAMED if any(map(_names_section, segments)) else MOST_SEGMENTS
    if not 0 < len(segments) <= most or _extension(segments[-1]) not in PAGES:
        return False
    stems = {*segments, segments[-1].partition(".")[0]}  # privacy.html
    return (_words("not_articles") - _words("section_segments")).isdisjoint(stems)


def _names_section(segment: str) -> bool:
    """Whether a part of a path says that it is that of a section: category, newssection."""
    return segment in _words("section_segments") or _numbers_sections(segment)


def _numbers_sections(segment: str) -> bool:
    """Whether a section's number stands behind a part of a path: an article's is longer."""
    return segment in _words("numbered_sections") or SECTIONS.fullmatch(segment) is not None


def _same_host(one: str, other: str) -> bool:
    return one.removeprefix("www.") == other.removeprefix("www.")


@cache
def _words(key: str) -> frozenset[str]:
    """A list of words; segments as they stand in a normalised path, in lower case."""
    table = tomllib.loads(files("crawler.discovery").joinpath("section_words.toml").read_text(encoding="utf-8"))
    if key != "home_page":
        return frozenset(quote(word).lower() for word in table[key])
    return frozenset(map(fold, table[key]))


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
    found = (target for target, *texts in links if OF_FEED.search(_path(target)) or any(map(_says_feed, texts)))
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
    return next((name for name in names if name and fold(name) not in _words("home_page")), None)


def _names_one(segments: list[str]) -> bool:
    """Whether the end of a path is that of one page: /news/a-slug-of-words, /a-slug-of-words/12, /41521/author/name."""
    if any(map(_is_specific, segments[-1:])) or any(map(LONG_NUMBER.fullmatch, segments[-3:-1])):
        return True
    # What else stands behind words is a section below one: /across-the-uae/education
    is_below = any(map(PLAIN_WORDS.fullmatch, segments[-1:]))
    return not is_below and any(map(_is_specific, segments[-2:-1]))


def _is_of_sections(segments: list[str]) -> bool:
    return OF_SECTIONS.fullmatch("".join(segments[-1:])) is not None


def _extension(segment: str) -> str:
    stem, dot, extension = segment.rpartition(".")
    return extension if dot and stem and re.fullmatch(r"[a-z][a-z0-9]{1,4}", extension) else ""


def _is_specific(segment: str) -> bool:
    """A year, month or day is the address of a listing. What is escaped are letters of words."""
    words = ESCAPED.sub("x", segment) if "%" in segment else segment
    return SPECIFIC.search(words) is not None and not any(one.fullmatch(words) for one in (YEAR_OR_DAY, OF_TWO))


def _has_id(query: str) -> bool:
    if query.isdigit():
        return True
    pairs = (pair.partition("=") for pair in query.split("&"))
    return any(ID.fullmatch(value.lower()) and ID_NAME.fullmatch(name.lower()) for name, _, value in pairs)
