"""The body of an article out of its page.

trafilatura finds the body; what news pages leave in it (pointers, share bars, captions, the title
once more) is taken out before, element by element (`prune`), and after, line by line (`furniture`).
What it would not find is shown to it (`prepare`).
Lines that a site repeats on all its pages are known to the collection alone: `corpus.repeated`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

from lxml.etree import XPath
from lxml.html import HtmlElement, fragment_fromstring

from corpus.arabic import fold, repair
from corpus.types import FEWEST_WORDS
from pipelines.fields import jsonld
from pipelines.text.furniture import is_furniture, without_pointer
from pipelines.text.lead import description, lead
from pipelines.text.margins import FEWEST_TITLE_WORDS, Margins
from pipelines.text.prepare import open_for_readers_without_scripts, prepare
from pipelines.text.prune import Pruning, pruning
from pipelines.text.stated import Stated, stated

if TYPE_CHECKING:
    from trafilatura.settings import Extractor


# Shorter than this the fast mode may have missed the body; the full one is asked too.
SHORT_WORDS = 50

# So it may have when there is twice as much prose left on the page: of 67 pages of seven sites
# no text that was whole had under .52 of it.
SMALL_SHARE = 0.5

# Characters; trafilatura's own is 250, more than some news has.
MIN_EXTRACTED_SIZE = 100

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


def bare_page(tree: HtmlElement, top: HtmlElement | None, *, url: str) -> Bared:
    """The page at `url`, of which `top` is the headline, and its furniture. The tree is not changed."""
    confirmed = top if _is_confirmed(top, tree) else None
    return Bared(tree=tree, headline=top, pruning=pruning(tree, url=url, headline=confirmed))


def extract_body(page: Bared, *, title: str, author: str | None, again: Callable[[], HtmlElement]) -> Body:
    """The body of a page. Its tree is used up; `again` makes a new one of the same page."""
    tree, top = page.tree, page.headline
    shown = top.text_content() if top is not None else ""
    margins, described = Margins.of((title, shown), author=author, site_name=_site_name(tree)), description(tree)
    page.pruning.carry_out()
    found = Body(text=_find(tree, prose=page.pruning.prose))
    if found.text.count(" ") < FEWEST_WORDS:
        # The page would be refused: it is read once more, with nothing taken away.
        whole = again()
        hidden = _hidden_body(whole, title)
        open_for_readers_without_scripts(whole)
        others = (Body(text=_extract(whole, fast=False)), hidden)
        found = max(found, *others, key=lambda one: len(one.text))
    # What points elsewhere goes wherever it stands; labels only from above and below the paragraphs.
    lines = (without_pointer(line.removeprefix("- ")) for line in repair(found.text).split("\n"))
    own, labels = margins.cut([line for line in lines if not is_furniture(line)])
    if own and top is not None and (standfirst := lead(top, own, described)):
        own.insert(0, standfirst)
    return Body(text="\n".join(own), margins=(*labels, *found.margins))


def _find(tree: HtmlElement, *, prose: int) -> str:
    prepare(tree)
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
