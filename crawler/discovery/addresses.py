"""What an address alone says of its page: an article, a section, a page that lists others.

A link may be an article when its URL is specific: a number, a date, or a slug of several words.
A wrong yes costs one fetch, and the page is judged again when it is read.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from urllib.parse import quote, urlsplit

from corpus.arabic import fold
from crawler.discovery.anchors import LINKS_REMEMBERED
from crawler.discovery.traps import is_calendar

# Steps of a section's path, and of one that says that it is a section's: /news/category/1/أخبار-لبنان/ar. Guess.
MOST_SEGMENTS = 3
MOST_SEGMENTS_NAMED = 5

PAGES = {"", "html", "htm", "shtml", "php", "asp", "aspx", "jsp", "cfm"}

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


@lru_cache(maxsize=LINKS_REMEMBERED)
def may_be_article(url: str) -> bool:
    """Whether a normalised URL looks like one article rather than a section, tag, author, login or file."""
    path, _, query = path_of(url).partition("?")
    segments = _segments(NUMBERED_ARCHIVE.sub(r"\1", path))
    is_specific = _names_one(segments) or DATED.search(path) is not None
    if is_specific and any(map(_numbers_sections, segments)):
        is_specific = LONG_NUMBER.search(path) is not None
    if not is_specific and (_is_of_sections(segments) or not _has_id(query)):
        return False
    return _is_page(segments)


@lru_cache(maxsize=LINKS_REMEMBERED)
def may_be_page(url: str) -> bool:
    """Whether a normalised URL has a slug of two words, letters by chance, or words or a number below a section: an
    article, if it is called by a headline.
    """
    path, _, query = path_of(url).partition("?")
    segments = _segments(path)
    if not segments or query or not _is_page(segments):
        return False
    slug = ESCAPED.sub("x", segments[-1])
    if SMALL_NUMBER.fullmatch(slug):
        return len(segments) > 1 and not is_calendar(url) and not any(map(_numbers_sections, segments))
    is_code = len(segments) == 1 and SHORT_CODE.fullmatch(path.strip("/")) is not None
    return SLUG.search(slug) is not None and (is_code or len(segments) > 1 or "-" in slug or "_" in slug)


def lists_pages(url: str) -> bool:
    """Whether a normalised URL that a sitemap names is that of a tag, an author or a category, or of their sitemap."""
    folders = url.partition("://")[2].partition("?")[0].lower().split("/")[1:]
    return not words_of("lists").isdisjoint(folders[:-1]) or OF_LISTS.fullmatch(folders[-1]) is not None


@lru_cache(maxsize=LINKS_REMEMBERED)
def host_of_section(url: str) -> str | None:
    """The host of a normalised URL that may be a section's; None for one that cannot."""
    parts = urlsplit(url)
    segments = _segments(parts.path)
    if parts.query:
        is_numbered = SECTION_ID.search(parts.query) is not None or (_is_of_sections(segments) and _has_id(parts.query))
        return parts.netloc if is_numbered and (not segments or _is_section(segments)) else None
    return parts.netloc if _is_section(segments) else None


def foremost(sections: list[str], *, most: int) -> list[str]:
    """Of more sections than are read those that say so, then those above others; in the order of the page."""

    def rank(url: str) -> tuple[bool, int]:
        segments = _segments(urlsplit(url).path)
        return not any(map(_names_section, segments)), len(segments)

    chosen = set(sorted(sections, key=rank)[:most])
    return [one for one in sections if one in chosen]


@cache
def words_of(key: str) -> frozenset[str]:
    """A list of words; segments as they stand in a normalised path, in lower case."""
    table = tomllib.loads(files("crawler.discovery").joinpath("section_words.toml").read_text(encoding="utf-8"))
    if key != "home_page":
        return frozenset(quote(word).lower() for word in table[key])
    return frozenset(map(fold, table[key]))


def path_of(url: str) -> str:
    """The path of a normalised URL, with its query."""
    return url[url.find("/", len("https://")) :]


def _segments(path: str) -> list[str]:
    return [segment for segment in path.lower().split("/") if segment]


def _is_page(segments: list[str]) -> bool:
    return words_of("not_articles").isdisjoint(segments) and (not segments or _extension(segments[-1]) in PAGES)


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
    return (words_of("not_articles") - words_of("section_segments")).isdisjoint(stems)


def _names_section(segment: str) -> bool:
    """Whether a part of a path says that it is that of a section: category, newssection."""
    return segment in words_of("section_segments") or _numbers_sections(segment)


def _numbers_sections(segment: str) -> bool:
    """Whether a section's number stands behind a part of a path: an article's is longer."""
    return segment in words_of("numbered_sections") or SECTIONS.fullmatch(segment) is not None


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
