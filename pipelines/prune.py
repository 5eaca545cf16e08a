"""A page's tree without what stands around and between the paragraphs: before the text is looked for.

One pass measures every element, from the innermost out; one pass takes away, from the outermost in:
what is named as furniture, lists of links, notices of the site, captions, and whatever holds no text.
A fifth of the tree is left of most pages, and finding the text costs as much less.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from lxml.html import HtmlElement

from corpus.arabic import fold
from corpus.urls import same_site

# Classes and ids of what stands in or around a text, as sites put them together.
FURNITURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:captions?|figcaption|wp-caption-text|cap|c-cap|img-(?:desc|cap|caption)|image-(?:desc|caption)|"
    r"photo-(?:desc|caption)|read-?(?:also|more)|see-?also|inline-related|inline-link|"
    r"share|sharing|shares|sharedaddy|social|addtoany|tags?|keywords|breadcrumbs?|byline|newsletter|"
    r"advert(?:isement)?|ads?|promo|c-inner|post-tools)(?:$|[\s_-])"
)
# A bigger element is never a caption or a share bar, whatever it is called.
LARGEST_FURNITURE_WORDS = 60

# Lists of other articles, and what readers wrote: of any size, but for what has half the page's prose, which may
# be the article (`content-with-sidebar`).
SURROUNDING_NAMES = re.compile(
    r"(?:^|[\s_-])(?:related(?:-\w+)?|recommended|most-?read|sidebar|comments?(?:-\w+)?|disqus\w*)(?:$|[\s_-])"
)
GONE = {"script", "style", "noscript", "template", "iframe", "button", "figcaption", "svg", "head", "select"}
GONE_WHEN_SMALL = {"form", "nav"}  # some systems put the whole page into a form
NEVER = {"html", "body", "article", "main"}

# A list of links: so many, with so much of the text, and without a run of words that could be a paragraph.
LISTS = {"ul", "ol", "dl", "div", "section", "aside", "nav", "table", "header", "footer"}
FEWEST_LISTED = 3
LISTED_SHARE = 0.6
SHORTEST_PARAGRAPH = 60  # characters

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
IMAGES = {"img", "picture", "amp-img"}
COUNTED = IMAGES | {"a", "h1"}
# What an image with its caption is made of.
CAPTION_TAGS = IMAGES | {
    "td",
    "source",
    "a",
    "figure",
    "div",
    "p",
    *("span", "em", "i", "b", "strong", "small", "br", "font"),
}
SENTENCE_ENDS = (".", "!", "?", "\u061f", "…")
QUOTES = "\"'»”’) "

INLINE = set("a b em font i img ins noscript script small span strong style svg u".split())

MEANS_SOMETHING_EMPTY = {"br", "hr", "body", "html", "td", "th"}


class Size:
    """How much text an element holds, in characters without the blanks around each run."""

    __slots__ = ("chars", "headings", "images", "linked", "links", "longest", "prose")

    def __init__(self) -> None:
        self.chars = 0
        self.linked = 0  # inside links
        self.links = 0
        self.longest = 0  # the longest run of text between two tags, outside links
        self.prose = 0  # runs outside links that are long enough for a paragraph
        self.headings = 0  # of the first level
        self.images = 0

    def add_run(self, chars: int) -> None:
        """Add a run of text between two tags."""
        self.chars += chars
        self.longest = max(self.longest, chars)
        if chars >= SHORTEST_PARAGRAPH:
            self.prose += chars

    def add(self, inner: Size) -> None:
        """Add a child."""
        self.chars += inner.chars
        self.linked += inner.linked
        self.links += inner.links
        self.prose += inner.prose
        self.headings += inner.headings
        self.images += inner.images
        self.longest = max(self.longest, inner.longest)


# Of an element without text, links and images: half of all.
NOTHING = Size()


def prune(tree: HtmlElement, *, url: str = "") -> int:
    """Take away what is not of the text; how many characters are left in runs that may be paragraphs.

    `url` is the page's own.
    """
    elements = list(tree.iter())
    sizes = measure(elements)
    rules = set(_notices(tree, url))
    half_the_prose = sizes.get(tree, NOTHING).prose / 2
    prose = sizes.get(tree, NOTHING).prose
    gone: set[HtmlElement] = set()
    for element in elements:
        parent = element.getparent()
        if parent is None or element.tag in NEVER:
            continue
        if parent in gone or element in rules or _is_furniture(element, sizes.get(element, NOTHING), half_the_prose):
            gone.add(element)
            if parent not in gone:
                prose -= sizes.get(element, NOTHING).prose
                _drop(element)
        else:
            _disarm(element)
    return prose


def _disarm(element: HtmlElement) -> None:
    """Hide from trafilatura what it would take for a mark of furniture on an element that stays.

    In its precise mode it drops what has "border" in its style (so do paragraphs pasted from a word
    processor, `border: none`) or a name like `content-with-sidebar`.
    """
    if element.tag == "p" and "border" in (element.get("style") or ""):
        del element.attrib["style"]
    if _kind(element.get("class"), element.get("id")) is SURROUNDING_NAMES:
        for name in ("class", "id"):
            element.attrib.pop(name, None)


def _drop(element: HtmlElement) -> None:
    """Take an element away, and keep what follows it: in its own block, or, behind a block, on a new line."""
    if element.tag in INLINE or not (element.tail and element.tail.strip()):
        element.drop_tree()
    else:
        tail = element.tail
        element.clear()
        element.tag, element.tail = "br", tail


def measure(elements: list[HtmlElement]) -> Mapping[HtmlElement, Size]:
    """The size of each element of a tree, given in document order, that holds anything."""
    sizes = defaultdict[HtmlElement, Size](Size)
    for element in reversed(elements):
        tag = element.tag
        if (text := element.text) and tag not in GONE and (run := len(text.strip())):
            sizes[element].add_run(run)
        if tag in COUNTED:
            _count(tag, sizes[element])
        own = sizes.get(element)
        tail = len(text.strip()) if (text := element.tail) else 0
        if (own is not None or tail) and (parent := element.getparent()) is not None:
            outer = sizes[parent]
            if own is not None:
                outer.add(own)
            if tail:
                outer.add_run(tail)
    return sizes


def _count(tag: str, size: Size) -> None:
    if tag == "a":
        size.linked, size.links, size.longest, size.prose = size.chars, size.links + 1, 0, 0
    elif tag == "h1":
        size.headings += 1
    else:
        size.images += 1


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
        and size.longest < SHORTEST_PARAGRAPH
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


def _notices(tree: HtmlElement, url: str) -> Iterator[HtmlElement]:
    """The small blocks that link to the rules of their own site: terms of use, privacy, comments."""
    for link in tree.iter("a"):
        href = link.get("href") or ""
        if RULES.fullmatch(_last_part(href)) and ("//" not in href or same_site(href, url)):
            block = next(link.iterancestors(*BLOCKS), None)
            if block is not None and len(block.text_content().split()) < LARGEST_FURNITURE_WORDS:
                yield block


def _last_part(href: str) -> str:
    path = href.partition("#")[0].partition("?")[0]
    return path.rstrip("/").rpartition("/")[2].partition(".")[0]
