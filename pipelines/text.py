"""The body of an article out of its page. The only module that knows trafilatura.

trafilatura finds the body; what news pages leave in it (pointers, share bars, captions, the title
once more) is taken out before, element by element (`prune`), and after, line by line (`furniture`).
Lines that a site repeats on all its pages are known to the collection alone: `corpus.repeated`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lxml.html import HtmlElement

from corpus.arabic import fold, repair
from corpus.types import FEWEST_WORDS
from pipelines.furniture import is_furniture, without_pointer
from pipelines.headline import headline
from pipelines.margins import is_label, is_source_line
from pipelines.prune import LARGEST_FURNITURE_WORDS, prune

if TYPE_CHECKING:
    from configparser import ConfigParser

# Shorter than this the fast mode may have missed the body; the full one is asked too.
SHORT_WORDS = 50

# So it may have when there is twice as much prose left on the page: of 67 pages of seven sites
# no text that was whole had under .52 of it.
SMALL_SHARE = 0.5

# A standfirst: what stands between title and body, in bold.
LEAD_NAMES = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|standfirst|excerpt|intro|introduction|summary|abstract|brief|sub-?title|"
    r"sub-?head(?:line|ing)?|chapeau|deck|dek|sum|teaser)(?:$|[\s_-])"
)
LEAD_TAGS = ("p", "div", "h2", "h3", "h4", "span", "strong")
HEADINGS = ("h2", "h3", "h4")
NEAR_HEADLINE = 30  # elements
FEWEST_LEAD_WORDS, MOST_LEAD_WORDS = 5, 80
# A heading below the headline is a standfirst, too, when it is a sentence.
FEWEST_SENTENCE_WORDS = 9
# So many first words are enough to know a text again.
START_WORDS = 8
# Characters that hold as many words for sure.
LONGEST_START, LONGEST_LEAD = 15 * START_WORDS, 15 * MOST_LEAD_WORDS


@dataclass(frozen=True, kw_only=True)
class Body:
    """The paragraphs of an article, one a line, and what stood on lines of its own above and below them."""

    text: str  # empty when there is none
    margins: tuple[str, ...] = ()  # by-lines, dates, credits


def extract_body(
    tree: HtmlElement,
    *,
    title: str,
    author: str | None = None,
    url: str = "",
    again: Callable[[], HtmlElement | None] = lambda: None,
) -> Body:
    """The body of the page at `url`. The tree is used up; `again` makes a new one of the same page."""
    top = headline(tree)
    titles = {fold(title), fold(top.text_content()) if top is not None else ""}
    described = _description(tree)
    text = _find(tree, url)
    if text.count(" ") < FEWEST_WORDS and (whole := again()) is not None:
        # The page would be refused: it is read once more, with nothing taken away.
        text = max(text, _extract(whole, fast=False), key=len)
    lines, margins = _own_lines(repair(text).split("\n"), titles, author)
    if lines and top is not None and (lead := _lead(top, lines, described)):
        lines.insert(0, lead)
    return Body(text="\n".join(lines), margins=margins)


def _find(tree: HtmlElement, url: str) -> str:
    prose = prune(tree, url=url)
    _open_layout_tables(tree)
    text = _extract(tree, fast=True)
    if text.count(" ") < SHORT_WORDS or len(text) < SMALL_SHARE * prose:
        text = max(text, _extract(tree, fast=False), key=len)
    return text


def _extract(tree: HtmlElement, *, fast: bool) -> str:
    import trafilatura

    found = trafilatura.extract(
        tree, fast=fast, favor_precision=True, include_comments=False, include_tables=False, config=_config()
    )
    return found or ""


@cache
def _config() -> ConfigParser:
    from trafilatura.settings import use_config

    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "100")
    return config


def _open_layout_tables(tree: HtmlElement) -> None:
    """Make plain blocks of tables with a cell that holds a text: old sites lay out their pages with them."""
    for cell in list(tree.iter("td")):
        if cell.text_content().count(" ") >= LARGEST_FURNITURE_WORDS:
            for element in (cell, *cell.iterancestors("tr", "tbody", "table")):
                element.tag = "div"


def _own_lines(lines: list[str], titles: set[str], author: str | None) -> tuple[list[str], tuple[str, ...]]:
    """The lines that are the article's, and the labels above and below them.

    What points elsewhere goes wherever it stands; the title once more, dates, by-lines, roles and
    credits only from the margins.
    """
    own = [line for line in (without_pointer(line.removeprefix("- ")) for line in lines) if not is_furniture(line)]
    margins = []
    while own and (fold(own[0]) in titles or is_label(own[0], author=author)):
        margins.append(own.pop(0))
    while own and (fold(own[-1]) in titles or is_label(own[-1], author=author) or is_source_line(own[-1])):
        margins.append(own.pop())
    return own, tuple(line for line in margins if fold(line) not in titles)


def _lead(top: HtmlElement, lines: list[str], described: str) -> str | None:
    """The standfirst between the headline and the body, if the body does not say it already."""
    for element in _between(top, lines):
        words = repair(element.text_content())
        folded = fold(words)
        count = folded.count(" ") + 1
        if "\n" in words or not FEWEST_LEAD_WORDS <= count <= MOST_LEAD_WORDS or is_furniture(words):
            continue
        says_so = LEAD_NAMES.search(f"{element.get('class') or ''} {element.get('id') or ''}".lower())
        is_described = count >= START_WORDS and _start(folded) == _start(described)
        if says_so or is_described or (element.tag in HEADINGS and count >= FEWEST_SENTENCE_WORDS):
            return None if _contains(lines, folded) else words
    return None


def _between(top: HtmlElement, lines: list[str]) -> Iterator[HtmlElement]:
    """The elements that may be a standfirst: near below the headline, and above the first paragraph."""
    first = _start(fold(lines[0][:LONGEST_START]))
    below: list[HtmlElement] = top.xpath(f"following::*[position() <= {NEAR_HEADLINE}]")
    for element in below:
        if element.tag not in LEAD_TAGS:
            continue
        text = element.text_content().strip()
        if first == _start(fold(text[:LONGEST_START])):
            return
        if len(text) < LONGEST_LEAD:
            yield element


def _description(tree: HtmlElement) -> str:
    """How the page describes itself, folded: often in the words of its standfirst."""
    found = tree.xpath("//head/meta[@property='og:description' or @name='description']/@content")
    return max(map(fold, found), key=len, default="")


def _start(folded: str) -> str:
    return " ".join(folded.split(" ", START_WORDS)[:START_WORDS])


def _contains(lines: list[str], folded: str) -> bool:
    """Whether the first lines say this already, in its first words."""
    start = _start(folded)
    return any(start in fold(line) for line in lines[:3])
