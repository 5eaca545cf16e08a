"""A pruned tree made such that trafilatura finds all of the text in it: one body, and paragraphs.

trafilatura knows a body by its names, takes the first that has one, and leaves short blocks with links, and bare text
behind lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice, takewhile
from operator import itemgetter

from lxml.etree import Element, SubElement
from lxml.html import HtmlElement

from pipelines.text.prune import HIDING, INLINE, LARGEST_FURNITURE_WORDS, QUOTES, SENTENCE_ENDS
from pipelines.text.sizes import MOST_PROSE, SHORTEST_PARAGRAPH, Sizes, body_of

# What trafilatura knows a body by.
BODY_TAGS = ("article", "main", "div", "section")
NAMES = ("class", "id", "itemprop", "role")
SURELY, NO_BODY = 0, 1_000  # ranks of its patterns: the first has names that mean a body, and nothing else; none fits

# Blocks of one name, and what holds them, that are looked at.
MOST_PARTS, MOST_AROUND = 200, 20

# Characters. With so much text in paragraphs trafilatura takes nothing else.
ENOUGH = 100
LONGEST_LINE = 100  # of verse, both halves


def prepare(tree: HtmlElement) -> None:
    """Make a pruned tree such."""
    _open_layout_tables(tree)
    _join_halves(tree)
    _mark_body(tree)


def open_for_readers_without_scripts(tree: HtmlElement) -> None:
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
    if sum(len(paragraph.text_content()) for paragraph in body.iter("p")) > ENOUGH:
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
    if like is not None and _names(way) != _names(like):
        return False
    return not any(one.tag == "h1" or one.find(".//a") is not None for one in way[-1].iter("h1", "h2", "h3", "h4"))


def _way(inner: HtmlElement, outer: HtmlElement) -> list[HtmlElement]:
    """An element and those around it, up to another that it is in."""
    return [inner, *takewhile(lambda one: one is not outer, inner.iterancestors())]


def _names(way: Sequence[HtmlElement]) -> list[tuple[str, str | None]]:
    return [(str(one.tag), one.get("class")) for one in way]


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
