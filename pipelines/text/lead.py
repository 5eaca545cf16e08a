"""The standfirst of an article, which many pages put outside its body: between headline and first paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.etree import XPath
from lxml.html import HtmlElement

from corpus.arabic import fold, repair
from pipelines.fields.near import names_of
from pipelines.text.furniture import is_furniture
from pipelines.text.prune import SENTENCE_ENDS

# A standfirst: what stands between title and body, in bold.
LEAD_NAMES = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|standfirst|excerpt|intro|introduction|summary|abstract|brief|announce|sub-?title|"
    r"sub-?head(?:line|ing)?|chapeau|deck|dek|sum|teaser)(?:$|[\s_-])"
)
LEAD_TAGS = ("p", "div", "h2", "h3", "h4", "span", "strong", "b")
HEADINGS = ("h2", "h3", "h4")
BOLD = ("strong", "b")
NEAR_HEADLINE = 80  # elements: dates, counters, buttons, what machines are told
FEWEST_LEAD_WORDS, MOST_LEAD_WORDS = 5, 80
# A heading below the headline is a standfirst, too, when it is a sentence.
FEWEST_SENTENCE_WORDS = 9
# So many first words are enough to know a text again.
START_WORDS = 8
# Characters that hold as many words for sure.
LONGEST_START, LONGEST_LEAD = 15 * START_WORDS, 15 * MOST_LEAD_WORDS

_BELOW = XPath(f"following::*[position() <= {NEAR_HEADLINE}]")
_DESCRIPTIONS = XPath("/html/head/meta[@property='og:description' or @name='description']/@content")


def lead(top: HtmlElement, lines: list[str], described: str) -> str | None:
    """The standfirst between the headline and the body, if the body does not say it already."""
    for element in _between(top, lines):
        words = repair(element.text_content())
        folded = fold(words)
        count = folded.count(" ") + 1
        if "\n" in words or not FEWEST_LEAD_WORDS <= count <= MOST_LEAD_WORDS or is_furniture(words):
            continue
        says_so = LEAD_NAMES.search(names_of(element))
        is_described = count >= START_WORDS and _start(folded) == _start(described)
        is_sentence = count >= FEWEST_SENTENCE_WORDS and (element.tag in HEADINGS or _is_bold_sentence(element, words))
        if says_so or is_described or is_sentence:
            return None if _contains(lines, folded) else words
    return None


def _is_bold_sentence(element: HtmlElement, words: str) -> bool:
    """Whether an element is one whole sentence in bold: what newsrooms without a field for it write above a text."""
    return element.tag in BOLD and words.endswith(SENTENCE_ENDS)


def _between(top: HtmlElement, lines: list[str]) -> Iterator[HtmlElement]:
    """The elements that may be a standfirst: near below the headline, and above the first paragraph."""
    first = _start(fold(lines[0][:LONGEST_START]))
    for element in _BELOW(top):
        if element.tag not in LEAD_TAGS:
            continue
        text = element.text_content().strip()
        if first == _start(fold(text[:LONGEST_START])):
            return
        if len(text) < LONGEST_LEAD:
            yield element


def description(tree: HtmlElement) -> str:
    """How the page describes itself, folded: often in the words of its standfirst."""
    return max(map(fold, _DESCRIPTIONS(tree)), key=len, default="")


def _start(folded: str) -> str:
    return " ".join(folded.split(" ", START_WORDS)[:START_WORDS])


def _contains(lines: list[str], folded: str) -> bool:
    """Whether the first lines say this already, in its first words."""
    start = _start(folded)
    return any(start in fold(line) for line in lines[:3])
