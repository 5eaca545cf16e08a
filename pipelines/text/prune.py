"""A page's tree without what stands around and between the paragraphs: before the text is looked for.

One pass takes the sums that each element's size is read off; one pass marks what is to go, from the outermost in, and
looks no further inside: what is named as furniture, lists of links, notices of the site, captions, what holds no text.
A fifth of the tree is left of most pages, and finding the text costs as much less. What is marked is only
taken away (`Pruning.carry_out`) when the text is looked for, so that all can be asked of the whole page until then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from corpus.arabic import fold
from corpus.urls import same_site
from pipelines.text.furniture import opens_comments
from pipelines.text.sizes import GONE, IMAGES, SHORTEST_PARAGRAPH, Size, Sizes

# Classes and ids of what stands in or around a text, as sites put them together.
FURNITURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:captions?|figcaption|wp-caption-text|(?<!drop[-_])cap|c-cap|img-(?:desc|cap|caption)|image-(?:desc|caption)|"
    r"photo-(?:desc|caption)|read-?(?:also|more)|see-?also|inline-related|inline-link|"
    r"share|sharing|shares|sharedaddy|social|addtoany|tags?|keywords|breadcrumbs?|byline|newsletter|mc4wp\w*|mailchimp|subscribe|pull-?quotes?|pull|"
    r"polls?|twitter-tweet|instagram-media|tiktok-embed|fb-post|"
    r"advert(?:isement)?|ads?|promo|c-inner|post-tools)(?:$|[\s_-])"
)
# A bigger element is never a caption or a share bar, whatever it is called.
LARGEST_FURNITURE_WORDS = 60

# Lists of other articles, and what readers wrote: of any size, but for what has half the page's prose, which may
# be the article (`content-with-sidebar`).
SURROUNDING_NAMES = re.compile(
    r"(?:^|[\s_-])(?:related(?:-\w+)?|recommended|most-?read|sidebar(?!-grid|-layout)|comments?(?:-\w+)?|disqus\w*|readers?-(?:opinions?|comments?))(?:$|[\s_-])"
)
# What holds the text beside such a list; trafilatura takes that for one, too.
BESIDE_NAMES = re.compile(r"sidebar-(?:grid|layout)")
# trafilatura takes such elements away, whatever they hold.
SLOT_NAMES = re.compile(r"(?:^|[\s_-])banner(?:$|[\s_-])")
MOST_IN_A_SLOT = 100

GONE_WHEN_SMALL = {"form", "nav"}  # some systems put the whole page into a form
NEVER = {"html", "body", "article", "main"}

# A list of links: so many, with so much of the text, and without a run of words that could be a paragraph.
LISTS = {"ul", "ol", "dl", "div", "section", "aside", "nav", "table", "header", "footer"}
FEWEST_LISTED = 3
LISTED_SHARE = 0.6
FEWEST_BELOW = 3 * SHORTEST_PARAGRAPH

# A longer text below a headline is no mere lead of what follows. Guess.
FEWEST_OF_AN_ARTICLE = 400

# The last part of the address of a site's own rules: what links there speaks of the site, not of the news.
RULES = re.compile(
    r"(?:privacy|cookies?|terms|legal|disclaimer|conditions|guidelines|tos)"
    r"(?:[-_]?(?:policy|notice|statement|of|and|use|service|conditions|privacy|terms))*"
    r"|(?:community|comments?|user|usage)[-_]?(?:guidelines|policy|rules|terms)",
    re.IGNORECASE,
)
BLOCKS = {"p", "div", "li", "td", "section", "footer", "aside", "small"}

# A caption is short and seldom a sentence with its full stop.
LONGEST_CAPTION_WORDS = 30
SUBHEADINGS = {"h2", "h3", "h4", "h5"}
# What an image with its caption is made of.
CAPTION_TAGS = IMAGES | set("td source a figure div p span em i b strong small br font".split())
SENTENCE_ENDS = (".", "!", "?", "\u061f", "…")
QUOTES = "\"'»”’) "

INLINE = set("a b em font i img ins noscript script small span strong style svg u".split())

# What hides an element, from trafilatura too.
HIDING = ("aria-hidden", "style", "class", "id")
HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
HIDING_NAMES = re.compile(r"(?:^|\s)(?:hide|hidden|hide-\S+|is-hidden)(?:\s|$)| hid(?:e|den)|-hide-|hide-print|noprint")
HIDING_IDS = "hidden"
CLOSED = re.compile(r'"isAccessibleForFree"\s{0,9}:\s{0,9}"?false', re.IGNORECASE)
# What is laid over a page.
OVERLAYS = re.compile(r"modal|pop-?up|dialog|overlay|lightbox|cookie|consent|newsletter|login|paywall|premium|subscri")
MOST_HIDDEN, MOST_BEFORE = 5, 100  # elements that are looked at
START_WORDS = 8  # are enough to know a text again

MEANS_SOMETHING_EMPTY = {"br", "hr", "body", "html", "td", "th"}


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """What is to be taken away of a tree."""

    tree: HtmlElement
    prose: int  # characters that are left in runs that may be paragraphs
    gone: Sequence[HtmlElement]  # the outermost ones
    kept: Sequence[HtmlElement]
    hidden: Sequence[HtmlElement] = ()  # what of the text is shown when a reader asks for more

    def words(self) -> str:
        """All text that is left, and that any text found in it is made of."""
        gone = frozenset(self.gone)
        runs: list[str] = []
        waiting: list[HtmlElement | str] = [self.tree]
        while waiting:
            one = waiting.pop()
            if isinstance(one, str):
                runs.append(one)
                continue
            if one.text:
                runs.append(one.text)
            for inner in reversed(one):
                if inner.tail:
                    waiting.append(inner.tail)
                if inner not in gone:
                    waiting.append(inner)
        return "".join(runs)

    def carry_out(self) -> None:
        """Take it away. What stays is changed where trafilatura would take it for furniture."""
        for element in self.kept:
            _disarm(element)
        for element in self.hidden:
            for name in HIDING:
                element.attrib.pop(name, None)
        for element in self.gone:
            _drop(element)


def pruning(tree: HtmlElement, *, url: str = "", headline: HtmlElement | None = None) -> Pruning:
    """What is not of the text of a tree.

    `url` is the page's own. With a headline, the paragraphs above it go, too: some layouts have their
    side column first.
    """
    elements = list(tree.iter())
    sizes = Sizes(elements)
    prose = sizes.of(tree).prose
    half_the_prose = prose / 2
    links = [(link, href) for link in tree.iter("a") if (href := link.get("href"))]
    named = {*_notices(links, url), *(one for one in _skipped(links) if sizes.of(one).prose <= half_the_prose)}
    appended: set[HtmlElement] = set()
    if headline is not None:
        named.update(_paragraphs_above(headline, sizes, prose))
        appended.update(_appended(headline, sizes))
    first = next((one for one in tree.iter("p") if len(one.text or "") > SHORTEST_PARAGRAPH), None)
    text_begins = elements.index(first) if first is not None else len(elements)
    gone: list[HtmlElement] = []
    kept: list[HtmlElement] = []
    place = 1  # behind the root
    while place < len(elements):
        element = elements[place]
        place += 1
        if element.tag in NEVER and element not in appended:
            continue
        if place > text_begins and element.tag in SUBHEADINGS and element not in named:
            named.update(_comments_below(element, sizes))
        size = sizes.of(element)
        if element in named or element in appended or _is_furniture(element, size, half_the_prose):
            gone.append(element)
            prose -= size.prose
            place = sizes.end(element)
        else:
            kept.append(element)
    long = (one for one in kept if _is_hidden(one) and sizes.of(one).prose >= FEWEST_BELOW)
    hidden = [one for one in islice(long, MOST_HIDDEN) if _goes_on(one, sizes)]
    return Pruning(tree=tree, prose=prose, gone=gone, kept=kept, hidden=() if hidden and _is_closed(tree) else hidden)


def _is_hidden(element: HtmlElement) -> bool:
    """Whether an element says in one of the ways that trafilatura knows that it is not shown."""
    names = element.get("class")
    return (
        element.get("aria-hidden") == "true"
        or HIDING_STYLE.search(element.get("style") or "") is not None
        or (names is not None and HIDING_NAMES.search(names) is not None)
        or HIDING_IDS in (element.get("id") or "")
    )


def _goes_on(hidden: HtmlElement, sizes: Sizes) -> bool:
    """Whether a hidden block is the rest of a text that begins right before it: paragraphs of it, and no copy."""
    siblings = islice(hidden.itersiblings(preceding=True), MOST_BEFORE)
    before = [one for one in siblings if (size := sizes.of(one)).prose and not size.headings]
    names = f"{hidden.get('class')} {hidden.get('id')} {hidden.get('role')}".lower()
    if not before or OVERLAYS.search(names) is not None:
        return False
    start = fold(" ".join(hidden.text_content().split()[:START_WORDS]))
    return not any(start in fold(one.text_content()) for one in before)


def _is_closed(tree: HtmlElement) -> bool:
    """Whether a page says that its text is for subscribers, and not for all."""
    return any(CLOSED.search(one.text or "") for one in tree.iter("script"))


def _disarm(element: HtmlElement) -> None:
    """Hide from trafilatura what it would take for a mark of furniture on an element that stays.

    In its precise mode it drops what has "border" in its style (so do paragraphs pasted from a word
    processor, `border: none`), and names like `content-with-sidebar`.
    """
    if element.tag == "p" and "border" in (element.get("style") or ""):
        del element.attrib["style"]
    names = (element.get("class"), element.get("id"))
    joined = " ".join(filter(None, names))
    is_slot = SLOT_NAMES.search(joined) is not None and _is_open(element)
    if is_slot or _kind(*names) is SURROUNDING_NAMES or BESIDE_NAMES.search(joined) is not None:
        for name in ("class", "id"):
            element.attrib.pop(name, None)


def _is_open(slot: HtmlElement) -> bool:
    """Whether what is named as an advertisement was never closed: it holds furniture of the article below it."""
    inside = islice(slot.iterdescendants(), MOST_IN_A_SLOT)
    return any(_kind(one.get("class"), one.get("id")) is not None for one in inside)


def _drop(element: HtmlElement) -> None:
    """Take an element away, and keep what follows it: in its own block, or, behind a block, on a new line."""
    if element.tag in INLINE or not (element.tail and element.tail.strip()):
        element.drop_tree()
    else:
        tail = element.tail
        element.clear()
        element.tag, element.tail = "br", tail


def _is_furniture(element: HtmlElement, size: Size, half_the_prose: float) -> bool:
    tag = element.tag
    if tag in GONE:
        return True
    if not size.chars:
        return tag not in MEANS_SOMETHING_EMPTY
    kind = _kind(element.get("class"), element.get("id"))
    if tag in GONE_WHEN_SMALL or kind is FURNITURE_NAMES:
        return _is_small(element, size)
    if kind is SURROUNDING_NAMES:
        return not size.headings and size.prose <= half_the_prose
    return (tag in LISTS and _is_list_of_links(size)) or (bool(size.images) and _is_caption(element, size))


def _is_list_of_links(size: Size) -> bool:
    return (
        size.links >= FEWEST_LISTED
        and not size.prose
        and not size.headings
        and size.linked >= LISTED_SHARE * size.chars
    )


@lru_cache(maxsize=50_000)
def _kind(*names: str | None) -> re.Pattern[str] | None:
    """Which of the two kinds of names an element has; a site's pages have the same few hundred."""
    joined = " ".join(filter(None, names)).lower()
    return next((kind for kind in (FURNITURE_NAMES, SURROUNDING_NAMES) if kind.search(joined)), None)


def _is_small(element: HtmlElement, size: Size) -> bool:
    # A word of Arabic has at least two letters and a blank.
    return size.chars < 3 * LARGEST_FURNITURE_WORDS or len(element.text_content().split()) < LARGEST_FURNITURE_WORDS


def _is_caption(element: HtmlElement, size: Size) -> bool:
    """Whether an element is an image with a few words beside it, which are no sentence or the image's own."""
    if element.tag not in CAPTION_TAGS or size.headings or size.links > 1 or size.chars > 12 * LONGEST_CAPTION_WORDS:
        return False
    inside = list(element.iterdescendants())
    if any(one.tag not in CAPTION_TAGS for one in inside):
        return False
    words = " ".join(element.text_content().split())
    if len(words.split()) > LONGEST_CAPTION_WORDS:
        return False
    return not words.rstrip(QUOTES).endswith(SENTENCE_ENDS) or fold(words) in {
        fold(one.get("alt") or "") for one in inside
    }


def _notices(links: Sequence[tuple[HtmlElement, str]], url: str) -> Iterator[HtmlElement]:
    """The small blocks that link to the rules of their own site: terms of use, privacy, comments."""
    for link, href in links:
        if _names_rules(href) and ("//" not in href or same_site(href, url)):
            block = next(link.iterancestors(*BLOCKS), None)
            if block is not None and len(block.text_content().split()) < LARGEST_FURNITURE_WORDS:
                yield block


def _skipped(links: Sequence[tuple[HtmlElement, str]]) -> Iterator[HtmlElement]:
    """The blocks that begin with a link to their own end, for who has the page read out: «تخطى … وواصل القراءة»."""
    inside = ((link, link.getparent(), href[1:]) for link, href in links if href.startswith("#"))
    for link, block, end in inside:
        if end and block is not None and block[0] is link and block[-1].get("id") == end:
            yield block


def _paragraphs_above(headline: HtmlElement, sizes: Sizes, prose: int) -> list[HtmlElement]:
    """The blocks before the headline that hold paragraphs; none where too little is below for an article.

    Nor where the paragraphs themselves stand there: then the headline is that of a box in a text.
    """
    ways = (headline, *headline.iterancestors())
    above = [one for way in ways for one in way.itersiblings(preceding=True) if sizes.of(one).prose]
    is_in_text = sum(sizes.of(one).prose for one in above if one.tag == "p") >= FEWEST_BELOW
    return above if not is_in_text and prose - sum(sizes.of(one).prose for one in above) >= FEWEST_BELOW else []


def _appended(headline: HtmlElement, sizes: Sizes) -> Iterator[HtmlElement]:
    """The articles that follow this one on its page, for readers who scroll on: blocks that begin with a title."""
    own = next(headline.iterancestors("article"), None)
    prose = 0
    for way in (headline, *headline.iterancestors()):
        for one in way.itersiblings():
            size = sizes.of(one)
            titles = ["h1"] if size.headings else []
            if way is own and one.tag == "article" and one.get("class") == own.get("class"):
                titles.append("h2")
            title = next(one.iter(*titles), None) if titles and size.prose and prose >= FEWEST_OF_AN_ARTICLE else None
            if title is not None and not sizes.prose_before(title, one):
                yield one
            else:
                prose += size.prose


def _comments_below(heading: HtmlElement, sizes: Sizes) -> Iterator[HtmlElement]:
    """What readers wrote, if this is the heading above it: all that follows it in its block."""
    if opens_comments(heading.text_content()):
        yield heading
        yield from (one for one in heading.itersiblings() if not sizes.of(one).headings)


@lru_cache(maxsize=20_000)
def _names_rules(href: str) -> bool:
    """Whether a link leads to a site's rules; the pages of a site have the same menus."""
    path = href.partition("#")[0].partition("?")[0]
    return RULES.fullmatch(path.rstrip("/").rpartition("/")[2].partition(".")[0]) is not None
