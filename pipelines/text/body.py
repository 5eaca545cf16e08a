"""The body of an article out of its page. The only module that knows trafilatura.

trafilatura finds the body; what news pages leave in it (pointers, share bars, captions, the title
once more) is taken out before, element by element (`prune`), and after, line by line (`furniture`).
Lines that a site repeats on all its pages are known to the collection alone: `corpus.repeated`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape
from itertools import islice, takewhile
from operator import itemgetter
from typing import TYPE_CHECKING

from lxml.etree import Element, SubElement, XPath
from lxml.html import HtmlElement, fragment_fromstring

from corpus.arabic import fold, repair
from corpus.types import FEWEST_WORDS
from pipelines.fields import jsonld
from pipelines.text.furniture import is_furniture, without_pointer
from pipelines.text.lead import description, lead
from pipelines.text.margins import FEWEST_TITLE_WORDS, Margins
from pipelines.text.prune import HIDING, INLINE, LARGEST_FURNITURE_WORDS, QUOTES, SENTENCE_ENDS, Pruning, pruning
from pipelines.text.sizes import MOST_PROSE, SHORTEST_PARAGRAPH, Sizes, body_of
from pipelines.text.stated import Stated, stated

if TYPE_CHECKING:
    from trafilatura.settings import Extractor

# What trafilatura knows a body by.
BODY_TAGS = ("article", "main", "div", "section")
NAMES = ("class", "id", "itemprop", "role")
SURELY, NO_BODY = 0, 1_000  # ranks of its patterns: the first has names that mean a body, and nothing else; none fits

# Blocks of one name, and what holds them, that are looked at.
MOST_PARTS, MOST_AROUND = 200, 20

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
        hidden = _hidden_body(whole, title)
        _open_for_readers_without_scripts(whole)
        others = (Body(text=_extract(whole, fast=False)), hidden)
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


def _open_for_readers_without_scripts(tree: HtmlElement) -> None:
    """Make plain blocks of what is there for readers without scripts, when it is a text and no notice."""
    for element in list(tree.iter("noscript")):
        if element.text_content().count(" ") >= LARGEST_FURNITURE_WORDS and element.find(".//p") is not None:
            element.tag = "div"


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
    sizes = Sizes(list(tree.iter()))
    body = body_of(tree, sizes)
    ranks = ((_rank_as_body(str(one.tag), *map(one.get, NAMES)), one) for one in tree.iter(*BODY_TAGS))
    rank, named = min(ranks, key=itemgetter(0), default=(NO_BODY, body))
    whole = body if rank == NO_BODY else _whole(named, tree, sizes, told=rank == SURELY)
    for outer in (body, *body.iterancestors()):
        if _rank_as_body(str(outer.tag), *map(outer.get, NAMES)) == NO_BODY:
            _forget_names(outer)
    if whole is not None:
        whole.set("itemprop", "articleBody")
    # Sizes hold no longer.
    _unlink_sentences(body)
    _make_tails_paragraphs(body)
    # With so much text in paragraphs trafilatura takes nothing else.
    if sum(len(paragraph.text_content()) for paragraph in body.iter("p")) > MIN_EXTRACTED_SIZE:
        _make_lines_paragraphs(body)
        _make_sentences_paragraphs(body)


def _forget_names(element: HtmlElement) -> None:
    """Let an element be of no kind: what holds nearly all paragraphs is no banner, whatever it is called."""
    for name in (*NAMES, *HIDING):
        element.attrib.pop(name, None)


@lru_cache(maxsize=10_000)
def _rank_as_body(tag: str, *names: str | None) -> int:
    """Which of its patterns tells trafilatura that such an element is the body: the first it tries is 0.

    It tries them on all elements, and a site's pages have the same.
    """
    from trafilatura.xpaths import BODY_XPATH

    page = Element("body")
    SubElement(page, tag, {key: name for key, name in zip(NAMES, names, strict=True) if name})
    return next((rank for rank, expression in enumerate(BODY_XPATH) if expression(page)), NO_BODY)


def _whole(first: HtmlElement, tree: HtmlElement, sizes: Sizes, *, told: bool) -> HtmlElement | None:
    """What holds a text together that stands in several blocks of one name: trafilatura takes the first of them.

    Between them stand advertisements, and boxes that are gone by now. Blocks with a title of their own are no parts,
    nor, where the name has not `told` that they hold a text, those that stand elsewhere.
    """
    named = (one for one in tree.iter(str(first.tag)) if one.get("class") == first.get("class"))
    alike = [one for one in islice(named, MOST_PARTS) if sizes.of(one).prose]
    if len(alike) < 2 or not first.get("class"):
        return None
    for outer in islice(first.iterancestors(*BODY_TAGS), MOST_AROUND):
        way = _way(first, outer)
        inside = [one for one in alike if outer in one.iterancestors()]
        parts = [sizes.of(one).prose for one in inside if one is first or _is_part(one, outer, None if told else way)]
        if sum(parts) > 2 * sizes.of(first).prose and sum(parts) >= MOST_PROSE * sizes.of(outer).prose:
            return outer
    return None


def _is_part(element: HtmlElement, outer: HtmlElement, like: Sequence[HtmlElement] | None) -> bool:
    """Whether the way to an element is like another, where that matters, and no title is on it."""
    way = _way(element, outer)
    if like is not None and [(one.tag, one.get("class")) for one in way] != [
        (one.tag, one.get("class")) for one in like
    ]:
        return False
    return not any(one.tag == "h1" or one.find(".//a") is not None for one in way[-1].iter("h1", "h2", "h3", "h4"))


def _way(inner: HtmlElement, outer: HtmlElement) -> list[HtmlElement]:
    """An element and those around it, up to another that it is in."""
    return [inner, *takewhile(lambda one: one is not outer, inner.iterancestors())]


def _unlink_sentences(body: HtmlElement) -> None:
    """Let links in sentences be words: trafilatura takes short blocks with links away, which lists of them are."""
    for block in list(body.iter("p", "div", "li")):
        if any(inner.tag not in INLINE for inner in block.iterdescendants()) or not (links := list(block.iter("a"))):
            continue
        words = block.text_content().strip()
        linked, before = sum(len(link.text_content()) for link in links), (block.text or "").strip()
        begins_and_ends = before and not before.endswith(":") and (links[-1].tail or "").strip()
        if words.endswith((*SENTENCE_ENDS, *QUOTES)) and (2 * linked < len(words) or begins_and_ends):
            for link in links:
                link.drop_tag()


def _make_tails_paragraphs(body: HtmlElement) -> None:
    """Make paragraphs of what follows a list or a table without an element of its own: trafilatura loses such."""
    for block in [one for one in body.iter("ul", "ol", "dl", "table", "div") if one is not body]:
        run = list(takewhile(lambda one: one.tag in INLINE, block.itersiblings()))
        words = (block.tail or "") + "".join(one.text_content() + (one.tail or "") for one in run)
        if len(words.strip()) >= SHORTEST_PARAGRAPH and (block.tail or "").strip():
            paragraph = body.makeelement("p")
            paragraph.text, block.tail = block.tail, None
            block.addnext(paragraph)
            paragraph.extend(run)


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
