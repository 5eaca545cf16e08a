"""The body of an article out of its page. The only module that knows trafilatura.

trafilatura finds the body; what news pages leave in it (pointers, share bars, captions, the title
once more) is taken out before, by the names of elements, and after, line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from lxml.html import HtmlElement

from corpus.arabic import fold, repair
from pipelines.agencies import agency_after_label
from pipelines.furniture import is_furniture
from pipelines.headline import headline

if TYPE_CHECKING:
    from configparser import ConfigParser

# Shorter than this the fast mode may have missed the body; the full one, four times as slow, is asked too.
SHORT_WORDS = 50

# Classes and ids of what stands in or around a text, as sites put them together.
FURNITURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:captions?|figcaption|wp-caption-text|cap|c-cap|img-(?:desc|cap|caption)|image-(?:desc|caption)|"
    r"photo-(?:desc|caption)|read-?(?:also|more)|see-?also|inline-related|inline-link|"
    r"share|sharing|shares|sharedaddy|social|addtoany|tags?|keywords|breadcrumbs?|byline|newsletter|"
    r"advert(?:isement)?|ads?|promo|c-inner|post-tools)(?:$|[\s_-])"
)
# A bigger element is never a caption or a share bar, whatever it is called.
LARGEST_FURNITURE_WORDS = 60

# Lists of other articles, and what readers wrote: of any size, but for half a page, which may be the article.
SURROUNDING_NAMES = re.compile(
    r"(?:^|[\s_-])(?:related(?:-\w+)?|recommended|most-?read|sidebar|comments?(?:-\w+)?|disqus\w*)(?:$|[\s_-])"
)
GONE = {"script", "style", "noscript", "template", "iframe", "button", "figcaption", "svg"}
GONE_WHEN_SMALL = {"form", "nav"}  # some systems put the whole page into a form
NEVER = {"html", "body", "article", "main"}

# A standfirst: what stands between title and body, in bold.
LEAD_NAMES = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|standfirst|excerpt|intro|summary|sub-?title|sub-?head(?:line)?|chapeau|deck|dek|sum|teaser)(?:$|[\s_-])"
)
LEAD_TAGS = {"p", "div", "h2", "h3", "h4", "span"}
NEAR_HEADLINE = 30  # elements
FEWEST_LEAD_WORDS, MOST_LEAD_WORDS = 5, 80


def extract_text(tree: HtmlElement, *, title: str) -> str:
    """The paragraphs of the body, one a line; empty when there is none. The tree is used up."""
    lead = _lead(tree)
    _remove_furniture(tree)
    _open_layout_tables(tree)
    text = _extract(tree, fast=True)
    if text.count(" ") < SHORT_WORDS:
        text = max(text, _extract(tree, fast=False), key=len)
    lines = list(_own_lines(repair(text).split("\n"), title))
    if lines and lead and not _contains(lines, lead):
        lines.insert(0, lead)
    return "\n".join(lines)


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


def _lead(tree: HtmlElement) -> str | None:
    """The standfirst that a page names as such, near below its headline."""
    top = headline(tree)
    below = top.xpath(f"following::*[position() <= {NEAR_HEADLINE}]") if top is not None else []
    for element in below:
        if element.tag in LEAD_TAGS and LEAD_NAMES.search(_names(element)):
            words = repair(element.text_content())
            if FEWEST_LEAD_WORDS <= words.count(" ") + 1 <= MOST_LEAD_WORDS and "\n" not in words.strip():
                return words
    return None


def _remove_furniture(tree: HtmlElement) -> None:
    half_the_page = tree.text_content().count(" ") / 2
    for element in list(tree.iter()):
        if isinstance(element.tag, str) and element.getparent() is not None and element.tag not in NEVER:
            names = _names(element)
            if (
                element.tag in GONE
                or ((element.tag in GONE_WHEN_SMALL or FURNITURE_NAMES.search(names)) and _is_small(element))
                or (SURROUNDING_NAMES.search(names) and _surrounds(element, half_the_page))
            ):
                element.drop_tree()


def _open_layout_tables(tree: HtmlElement) -> None:
    """Make plain blocks of tables with a cell that holds a text: old sites lay out their pages with them."""
    for cell in list(tree.iter("td")):
        if cell.text_content().count(" ") >= LARGEST_FURNITURE_WORDS:
            for element in (cell, *cell.iterancestors("tr", "tbody", "table")):
                element.tag = "div"


def _names(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}".lower()


def _is_small(element: HtmlElement) -> bool:
    return element.text_content().count(" ") < LARGEST_FURNITURE_WORDS


def _surrounds(element: HtmlElement, half_the_page: float) -> bool:
    return element.find(".//h1") is None and element.text_content().count(" ") < half_the_page


def _own_lines(lines: list[str], title: str) -> Iterator[str]:
    """The lines without those that are not the article's: furniture, the title at the top, the credit at the end."""
    folded_title = fold(title)
    for i, line in enumerate(line.removeprefix("- ") for line in lines):
        if is_furniture(line) or (i < 2 and fold(line) == folded_title):
            continue
        if i == len(lines) - 1 and agency_after_label(line):
            continue
        yield line


def _contains(lines: list[str], lead: str) -> bool:
    """Whether the first lines say the lead already, whole or in its first words."""
    start = " ".join(fold(lead).split()[:12])
    return any(start in fold(line) for line in lines[:3])
