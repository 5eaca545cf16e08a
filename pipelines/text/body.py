"""The body of an article out of its page. The only module that knows trafilatura.

trafilatura finds the body; what news pages leave in it (pointers, share bars, captions, the title
once more) is taken out before, element by element (`prune`), and after, line by line (`furniture`).
Lines that a site repeats on all its pages are known to the collection alone: `corpus.repeated`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape
from typing import TYPE_CHECKING

from lxml.etree import Element, SubElement, XPath
from lxml.html import HtmlElement, fragment_fromstring

from corpus.arabic import fold, repair
from corpus.types import FEWEST_WORDS
from pipelines.fields import jsonld
from pipelines.text.furniture import is_furniture, without_pointer
from pipelines.text.lead import description, lead
from pipelines.text.margins import FEWEST_TITLE_WORDS, Margins
from pipelines.text.prune import INLINE, LARGEST_FURNITURE_WORDS, QUOTES, SENTENCE_ENDS, Pruning, pruning
from pipelines.text.sizes import SHORTEST_PARAGRAPH, body_of
from pipelines.text.stated import Stated, stated

if TYPE_CHECKING:
    from trafilatura.settings import Extractor

# What trafilatura knows a body by.
BODY_TAGS = ("article", "main", "div", "section")
NAMES = ("class", "id", "itemprop", "role")

# Shorter than this the fast mode may have missed the body; the full one is asked too.
SHORT_WORDS = 50

# So it may have when there is twice as much prose left on the page: of 67 pages of seven sites
# no text that was whole had under .52 of it.
SMALL_SHARE = 0.5

# Characters; trafilatura's own is 250, more than some news has.
MIN_EXTRACTED_SIZE = 100
LONGEST_LINE = 100  # of verse, both halves

# From the root: a path that begins anywhere takes ten times as long on a whole page.
_TITLE = XPath("/html/head/title[1]/text()")
_SITE_NAMES = XPath("/html/head/meta[@property='og:site_name']/@content")


@dataclass(frozen=True, kw_only=True)
class Body:
    """The paragraphs of an article, one a line, and what stood on lines of its own above and below them."""

    text: str  # empty when there is none
    margins: tuple[str, ...] = ()  # by-lines, dates, credits


@dataclass(frozen=True, kw_only=True)
class Bared:
    """A page, and what stands around and between its paragraphs."""

    tree: HtmlElement
    headline: HtmlElement | None
    pruning: Pruning


def bare_page(tree: HtmlElement, top: HtmlElement | None, *, url: str = "") -> Bared:
    """The page at `url`, of which `top` is the headline, and its furniture. The tree is not changed."""
    confirmed = top if _is_confirmed(top, tree) else None
    return Bared(tree=tree, headline=top, pruning=pruning(tree, url=url, headline=confirmed))


def extract_body(
    page: Bared,
    *,
    title: str,
    author: str | None = None,
    again: Callable[[], HtmlElement | None] = lambda: None,
) -> Body:
    """The body of a page. Its tree is used up; `again` makes a new one of the same page."""
    tree, top = page.tree, page.headline
    shown = top.text_content() if top is not None else ""
    margins, described = Margins.of((title, shown), author=author, site_name=_site_name(tree)), description(tree)
    page.pruning.carry_out()
    found = Body(text=_find(tree, prose=page.pruning.prose))
    if found.text.count(" ") < FEWEST_WORDS and (whole := again()) is not None:
        # The page would be refused: it is read once more, with nothing taken away.
        others = (Body(text=_extract(whole, fast=False)), _hidden_body(whole, title))
        found = max(found, *others, key=lambda one: len(one.text))
    # What points elsewhere goes wherever it stands; labels only from above and below the paragraphs.
    lines = (without_pointer(line.removeprefix("- ")) for line in repair(found.text).split("\n"))
    own, labels = margins.cut([line for line in lines if not is_furniture(line)])
    if own and top is not None and (standfirst := lead(top, own, described)):
        own.insert(0, standfirst)
    return Body(text="\n".join(own), margins=(*labels, *found.margins))


def _find(tree: HtmlElement, *, prose: int) -> str:
    _open_layout_tables(tree)
    _join_halves(tree)
    _mark_body(tree)
    text = _extract(tree, fast=True)
    if text.count(" ") < SHORT_WORDS or len(text) < SMALL_SHARE * prose:
        text = max(text, _extract(tree, fast=False), key=len)
    return text


def _extract(tree: HtmlElement, *, fast: bool) -> str:
    import trafilatura

    return trafilatura.extract(tree, options=_options(fast=fast)) or ""


@cache
def _options(*, fast: bool) -> Extractor:
    from trafilatura.settings import Extractor, use_config

    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(MIN_EXTRACTED_SIZE))
    return Extractor(config=config, fast=fast, precision=True, comments=False, tables=False)


def _open_layout_tables(tree: HtmlElement) -> None:
    """Make plain blocks of tables with a cell that holds a text: old sites lay out their pages with them."""
    for cell in list(tree.iter("td")):
        if cell.text_content().count(" ") >= LARGEST_FURNITURE_WORDS:
            for element in (cell, *cell.iterancestors("tr", "tbody", "table")):
                element.tag = "div"


def _join_halves(tree: HtmlElement) -> None:
    """Put a text into one block that its system (K2) keeps in two, of which trafilatura takes the one called "full"."""
    for intro in tree.iter("div"):
        rest = intro.getnext()
        if rest is not None and "IntroText" in (intro.get("class") or "") and "FullText" in (rest.get("class") or ""):
            rest.insert(0, intro)
            return


def _mark_body(tree: HtmlElement) -> None:
    """Show trafilatura the body where no name does: else it takes single paragraphs, and no subheading or verse."""
    body = body_of(tree)
    # With so much text in paragraphs trafilatura takes nothing else.
    if sum(len(paragraph.text_content()) for paragraph in body.iter("p")) > MIN_EXTRACTED_SIZE:
        _make_lines_paragraphs(body)
        _make_sentences_paragraphs(body)
    if not any(_is_named_body(str(one.tag), *map(one.get, NAMES)) for one in tree.iter(*BODY_TAGS)):
        body.set("itemprop", "articleBody")


@lru_cache(maxsize=10_000)
def _is_named_body(tag: str, *names: str | None) -> bool:
    """Whether trafilatura knows the body by such a name. It tries patterns on all, and a site's pages have the same."""
    from trafilatura.xpaths import BODY_XPATH

    page = Element("body")
    SubElement(page, tag, {key: name for key, name in zip(NAMES, names, strict=True) if name})
    return any(expression(page) for expression in BODY_XPATH)


def _make_lines_paragraphs(body: HtmlElement) -> None:
    """Make paragraphs of short blocks that stand one below the other under one name: verses, points."""
    for block in body.iter("div"):
        names = {(line.tag, line.get("class") or "") for line in block}
        have_one_name = len(block) > 1 and len(names) == 1 and block[0].tag == "div" and block[0].get("class")
        if have_one_name and all(_is_line(line) for line in block):
            for line in block:
                line.tag = "p"


def _make_sentences_paragraphs(body: HtmlElement) -> None:
    """Make paragraphs of blocks among paragraphs that hold nothing but sentences: editors paste such in."""
    elements = list(body.iter("p", "div", "center"))
    places = [place for place, one in enumerate(elements) if one.tag == "p" and _is_sentence(one)]
    for place, block in enumerate(elements):
        is_among = bool(places) and (places[0] < place < places[-1] or _is_beside_paragraphs(block))
        if block.tag != "p" and is_among and _is_sentence(block):
            block.tag = "p"


def _is_beside_paragraphs(block: HtmlElement) -> bool:
    return any(one is not None and one.tag == "p" for one in (block.getprevious(), block.getnext()))


def _is_sentence(element: HtmlElement) -> bool:
    """Whether an element holds a run of words that may be a paragraph or a quotation, and ends as one."""
    if any(inner.tag not in INLINE and inner.tag != "br" for inner in element.iterdescendants()):
        return False
    words = element.text_content().strip()
    linked = sum(len(link.text_content()) for link in element.iter("a"))
    return len(words) - 2 * linked >= SHORTEST_PARAGRAPH and words.endswith((*SENTENCE_ENDS, *QUOTES))


def _is_line(element: HtmlElement) -> bool:
    is_short = len(element.text_content()) < LONGEST_LINE
    return is_short and all(inner.tag in INLINE for inner in element.iterdescendants())


def _is_confirmed(top: HtmlElement | None, tree: HtmlElement) -> bool:
    """Whether the document's title says that this is the article's headline, and not a logo or a section's name."""
    if top is None:
        return False
    folded = fold(top.text_content())
    return folded.count(" ") >= FEWEST_TITLE_WORDS - 1 and folded in fold("".join(_TITLE(tree)))


def _site_name(tree: HtmlElement) -> str | None:
    """The site's name, as the page says or as its document's title ends."""
    if named := _SITE_NAMES(tree):
        return repair(named[0]) or None
    _, bar, rest = "".join(_TITLE(tree)).replace(" - ", "|").rpartition("|")
    return repair(rest) if bar else None


def _hidden_body(tree: HtmlElement, title: str) -> Body:
    """The text that a page gives to machines alone, and makes visible with a script; not one for subscribers."""
    scripts = list(tree.iter("script"))
    articles = jsonld.read(one.text or "" for one in scripts if one.get("type") == "application/ld+json").articles
    free = [one for one in articles if str(one.get("isAccessibleForFree")).lower() != "false"]
    bodies = (article.get("articleBody") for article in free)
    body = next((one for one in bodies if isinstance(one, str) and one.strip()), "")
    found = Stated(body) if body or len(free) < len(articles) else stated(title, scripts)
    inside = fragment_fromstring(unescape(found.html), create_parent=True)
    lines = [one.text_content() for one in inside.iter("p")] or inside.itertext()
    return Body(text="\n".join(lines), margins=found.dates)
