"""Which page follows in a section: as it is declared, by the words, numbers or style of links.

Whether it is read says the run (`ladder`, `store.frontier`): not where this one had nothing new, or repeats another.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from corpus.arabic import fold
from corpus.urls import identity, normalise
from crawler.discovery.anchors import Anchor
from crawler.discovery.traps import is_calendar

PAGE_NUMBER = re.compile(
    r"(?P<before>[?&](?:page(?:d|_?no|_?num(?:ber)?|_?index)?|pg|current_?page)=|/page/)(?P<number>\d{1,5})(?=/?$|[&?])",
    re.IGNORECASE,
)
# A number in an address that may be a page's, or count the articles before it; no day (20250815), and no article's.
NUMBER = re.compile(r"(?<![\d%])\d{1,5}(?!\d)")
# Behind which the address of a section may go on: /politics.html, /politics-2.html
END = re.compile(r"(?:\.[a-z]{3,5})?/?$")

# Those at the end of an address may be a page's: to look for each of 300 on a page of 3,000 links took 1.4 s.
MOST_NUMBERS = 5

MOST_LETTERS = 30  # of what is called so

# Where a link to the following page says so to machines, or to a style sheet and shows an arrow.
DECLARED_NEXT = "link[rel~=next][href], a[rel~=next][href]"
STYLED_NEXT = "a.next[href], .next > a[href], a[aria-label='Next'][href], a[aria-label='التالي'][href]"


def next_page(
    tree: LexborHTMLParser, links: list[Anchor], *, start: str, url: str, is_article: Callable[[str], bool]
) -> str | None:
    """The page after this one, whose relative URLs begin at `start`; None when it names none."""
    if declared := _declared(tree, start):
        return declared
    called = [(fold(text), target) for target, text, _ in links if text and len(text) < MOST_LETTERS]
    return (
        _named(called)
        or _numbered(links, url)
        or _labelled(links, url)
        or _styled(tree, start, url, is_article)
        or _more(called, url)
    )


def is_alike(url: str, other: str) -> bool:
    """Whether two addresses differ by numbers alone."""
    return NUMBER.sub("0", url) == NUMBER.sub("0", other)


def _declared(tree: LexborHTMLParser, start: str) -> str | None:
    declared = tree.css_first(DECLARED_NEXT)
    return normalise(declared.attributes["href"] or "", start) if declared else None


def _styled(tree: LexborHTMLParser, start: str, url: str, is_article: Callable[[str], bool]) -> str | None:
    """The link that is called so; those of sliders lead to articles, or nowhere."""
    found = (normalise(node.attributes["href"] or "", start) for node in tree.css(STYLED_NEXT))
    return next((one for one in found if one and not is_article(one) and identity(one) != identity(url)), None)


def _named(called: Iterable[tuple[str, str]]) -> str | None:
    return next((target for words, target in called if words in _words("next_page")), None)


def _more(called: Iterable[tuple[str, str]], url: str) -> str | None:
    """The rest of this very page, or of the one before it: «more» mostly leads to another section, or to an article."""
    for target in (target for words, target in called if words in _words("more")):
        path, _, query = (_beyond(url, target) or "").partition("?")
        is_first = not path and any(letter.isdigit() for letter in query)
        if is_first or ("?" in url and is_alike(url, target) and identity(url) != identity(target)):
            return target
    return None


def _numbered(links: Iterable[Anchor], url: str) -> str | None:
    """The link that has the next number where addresses have that of a page."""
    stem, number = _page_number(url)
    pages = {page: (target, text) for target, text, _ in links if (page := _page_of(target, stem)) is not None}
    if number is None:
        # Drupal counts from 0, and says 2 to ?page=1.
        number = 0 if 0 in pages or any(_label(text) == page + 1 for page, (_, text) in pages.items()) else 1
    return pages[number + 1][0] if number + 1 in pages else None


def _page_of(target: str, stem: str) -> int | None:
    of, number = _page_number(target)
    return number if of == stem else None


def _page_number(url: str) -> tuple[str, int | None]:
    """A URL without its page number, and the number, if it has one."""
    if found := PAGE_NUMBER.search(url):
        return (url[: found.start()] + url[found.end() :]).rstrip("/"), int(found["number"])
    return url.rstrip("/"), None


def _labelled(links: Iterable[Anchor], url: str) -> str | None:
    """The link whose only words are a number, and whose address differs from this one by the next number.

    Not by the next number alone: that may be another section. Where articles are counted (?start=20), it is the
    smallest that is greater.
    """
    labelled = [(number, target) for target, text, _ in links if (number := _label(text)) and not is_calendar(target)]
    for found in [*NUMBER.finditer(url)][: -MOST_NUMBERS - 1 : -1]:
        before, number, after = url[: found.start()], int(found[0]), url[found.end() :]
        alike = re.compile(re.escape(before) + r"(\d{1,5})" + re.escape(after) + "/?")
        later = [(int(one[1]), target) for _, target in labelled if (one := alike.fullmatch(target))]
        if following := min((one for one in later if one[0] > number), default=None):
            return following[1]
    if any(number == 1 and identity(target) != identity(url) for number, target in labelled):
        return None  # this is not the first page, and the last
    return next((target for number, target in labelled if number == 2 and _is_page_of(url, target)), None)


def _label(text: str | None) -> int | None:
    return int(text) if text and len(text) <= 5 and text.isdecimal() else None


def _is_page_of(url: str, target: str) -> bool:
    """Whether an address is that of a section with one number more."""
    beyond = _beyond(url, target)
    return beyond is not None and len(NUMBER.findall(beyond)) == 1 == len(re.findall(r"\d+", beyond))


def _beyond(url: str, target: str) -> str | None:
    """What an address has beyond that of a section: `/2`, `-2.html`, `?start=20`; None where it has something else."""
    section, page = urlsplit(url), urlsplit(target)
    path = END.sub("", section.path)
    own, others = (set(filter(None, parts.query.split("&"))) for parts in (section, page))
    is_same = END.sub("", page.path) == path
    if section.netloc != page.netloc or own - others or not (is_same or (path and page.path.startswith(path))):
        return None
    return ("" if is_same else page.path.removeprefix(path)) + "?" + "&".join(sorted(others - own))


@cache
def _words(key: str) -> frozenset[str]:
    table = tomllib.loads(files("crawler.discovery").joinpath("pager_words.toml").read_text(encoding="utf-8"))
    return frozenset(map(fold, table[key]))
