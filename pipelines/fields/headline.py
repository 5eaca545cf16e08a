"""Which element of a page is its headline: what says the title. What stands near it is in `pipelines.fields.near`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import urlsplit

from lxml.etree import XPath, iterwalk
from lxml.html import HtmlElement

from corpus.arabic import fold, repair
from pipelines.fields.near import names_of

# What stands between a title and the name of the site.
TITLE_SEPARATOR = re.compile(r"\s[-|\u2013\u2014:»«•·/]{1,3}\s|\s?\|\s?")

# Characters of a title that another one begins or ends with; fewer are a word that both happen to have.
SHORTEST_TITLE = 8

# More headings belong to lists of other articles; each is compared with all titles.
MOST_HEADINGS = 50
MOST_TITLES = 5

BREAKS = {"br", "div", "p", "small"}

# A longer heading is no name of a site.
MOST_NAME_WORDS = 5

LOGO_NAMES = re.compile(r"(?:^|[\s_-])(?:\w*logo|brand|navbar-brand|site-?(?:title|name)|masthead|mast)(?:$|[\s_-])")

_TITLES = XPath("//title/text() | //meta[@property='og:title']/@content")
_MARKED = XPath(f"(//@itemprop[contains(., 'headline')])[position() <= {MOST_HEADINGS}]/..")
_SAYS = XPath(f"(//body//text()[normalize-space(.) = $words])[position() <= {MOST_HEADINGS}]/..")


def headline(tree: HtmlElement) -> HtmlElement | None:
    """The element that holds the title, if there is one."""
    titles = [one_line(title) for title in _TITLES(tree)]
    return find_headline(tree, headings=tree.iter("h1", "h2"), marked=_MARKED(tree), titles=titles)


def find_headline(
    tree: HtmlElement, *, headings: Iterable[HtmlElement], marked: Iterable[HtmlElement], titles: list[str]
) -> HtmlElement | None:
    """The element that holds the title, of headings, of elements that microdata mark as headlines, or of any."""
    titles = list(dict.fromkeys(filter(None, titles)))[:MOST_TITLES]
    marked = [element for element in marked if element.tag != "meta"][:MOST_HEADINGS]
    headings = list(headings)
    tops = [heading for heading in headings if heading.tag == "h1"][:MOST_HEADINGS]
    others = [heading for heading in headings if heading.tag != "h1"][:MOST_HEADINGS]
    candidates = [(one, words) for one in (*tops, *marked, *others) if (words := words_of(one))]
    folded = set(map(fold, titles))
    said = (one for one, words in candidates if fold(words) in folded and not _leads_home(one))
    if (same := next(said, None)) is not None:
        return same
    # With the name of the site, or cut, in the title. The longest, because that name may be a heading, too.
    alike = [(one, words) for one, words in candidates if any(agree(words, title) for title in titles)]
    alike = [one for one in alike if not _is_logo(one[0])]
    own = [(one, words) for one, words in candidates if one.tag == "h1" and not _is_logo(one)]
    if any(words.count(" ") < MOST_NAME_WORDS for _, words in (*alike, *own)):
        names = home_names(tree)
        alike, own = ([one for one in some if fold(one[1]) not in names] for some in (alike, own))
    if alike:
        return max(alike, key=_length)[0]
    if marked:
        return marked[0]
    return max(own, key=_length)[0] if own else _plain(tree, titles)


def agree(a: str, b: str) -> bool:
    """Whether two titles are the same, or one is the beginning or the end of the other: cut, or with a site's name."""
    a, b = sorted((fold(a), fold(b)), key=len)
    return a == b != "" or (len(a) >= SHORTEST_TITLE and (b.startswith(a) or b.endswith(a)))


def words_of(element: HtmlElement) -> str:
    """The words of a heading, on one line; those that stand one below the other are not one word."""
    if next(element.iter(*BREAKS), None) is None:
        return one_line("".join(element.itertext()))
    pieces: list[str] = []
    for event, one in iterwalk(element, events=("start", "end")):
        piece = one.text if event == "start" else one.tail if one is not element else None
        pieces += (" " if one.tag in BREAKS else "", piece or "")
    return one_line("".join(pieces))


def home_names(tree: HtmlElement) -> set[str]:
    """The folded words of the links to the home page, those that stand for their pictures included."""
    links = [link for link in tree.iter("a") if is_home(link.get("href") or "#")]
    words = [[link.text_content(), link.get("title") or "", *link.xpath(".//img/@alt")] for link in links]
    return {folded for some in words for one in some if (folded := fold(one))}


def one_line(text: str) -> str:
    """The text repaired, without line breaks, character references resolved that were escaped twice."""
    return repair(unescape(text) if "&" in text else text).replace("\n", " ")


def _plain(tree: HtmlElement, titles: list[str]) -> HtmlElement | None:
    """The first element that says a title, or the longest part of one, in words of its own: pages without headings."""
    for title in titles:
        for words in dict.fromkeys((title, max(TITLE_SEPARATOR.split(title), key=len).strip())):
            found = _SAYS(tree, words=words) if len(words) >= SHORTEST_TITLE else []
            for element in found:
                if isinstance(element, HtmlElement) and not _is_logo(element):
                    return element
    return None


def _is_logo(element: HtmlElement) -> bool:
    """Whether an element is the name of the site: a link to its home page, or called so."""
    names = " ".join(map(names_of, [element, *element.iterancestors()][:2]))
    return LOGO_NAMES.search(names) is not None or _leads_home(element)


def _leads_home(element: HtmlElement) -> bool:
    around = [element, *element.iterancestors()][:3]
    links = [one.get("href") for one in (*around, *element.iter("a")) if one.tag == "a"]
    return any(link is not None and is_home(link) for link in links)


def is_home(link: str) -> bool:
    """Whether a link, as it is written, is to the home page."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.path in ("", "/") and not parts.query and not parts.fragment and link.strip() not in ("", "#")


def _length(candidate: tuple[HtmlElement, str]) -> int:
    return len(candidate[1])
