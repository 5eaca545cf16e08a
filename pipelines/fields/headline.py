"""Which element of a page is its headline: what says the title. What stands near it is in `pipelines.fields.near`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement

from corpus.arabic import fold, repair
from pipelines.fields.near import names_of

# What stands between a title and the name of the site.
TITLE_SEPARATOR = re.compile(r"\s[-|\u2013\u2014:»«•]{1,3}\s|\s?\|\s?")

# Characters of a title that another one begins or ends with; fewer are a word that both happen to have.
SHORTEST_TITLE = 8

# More headings belong to lists of other articles; each is compared with all titles.
MOST_HEADINGS = 50
MOST_TITLES = 5

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
    candidates = [(one, words) for one in (*tops, *marked, *others) if (words := one_line("".join(one.itertext())))]
    folded = set(map(fold, titles))
    said = (one for one, words in candidates if fold(words) in folded and not _leads_home(one))
    if (same := next(said, None)) is not None:
        return same
    # With the name of the site, or cut, in the title. The longest, because that name may be a heading, too.
    alike = [(one, words) for one, words in candidates if any(agree(words, title) for title in titles)]
    if (found := max((one for one in alike if not _is_logo(one[0])), key=_length, default=None)) is not None:
        return found[0]
    if marked:
        return marked[0]
    own = [(one, words) for one, words in candidates if one.tag == "h1" and not _is_logo(one)]
    return max(own, key=_length)[0] if own else _plain(tree, titles)


def agree(a: str, b: str) -> bool:
    """Whether two titles are the same, or one is the beginning or the end of the other: cut, or with a site's name."""
    a, b = sorted((fold(a), fold(b)), key=len)
    return a == b != "" or (len(a) >= SHORTEST_TITLE and (b.startswith(a) or b.endswith(a)))


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
    around = [element, *element.iterancestors()][:3]
    names = " ".join(map(names_of, around[:2]))
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
