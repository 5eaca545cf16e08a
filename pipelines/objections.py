"""Why a page is no article that can be stored, in a sentence; None for one that is.

Some reasons hold whatever the text: a list of teasers, a live ticker, a notice in the place of an
article. Others say why there is hardly any: a frame, a login, a redirect. A page that says for
machines that it is an article and of when, and has a text of some length, is taken at its word; only
the others are looked at closely. Words: objections.toml.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from corpus.arabic import fold, garbled
from corpus.plural import counted
from corpus.types import FEWEST_WORDS, Outcome
from corpus.urls import base, identity, normalise
from pipelines import language
from pipelines.fields.metadata import Metadata
from pipelines.page.limits import LONGEST_TEXT
from pipelines.page.tree import base_of
from pipelines.phrases import phrases

_words = partial(phrases, "objections.toml")

# A text of this length is no mere notice, caption or first paragraph. Guess.
ENOUGH_WORDS = 120

# All that a reader sees of a page that only sends on, or only holds a frame. Guess.
FEW_SEEN_WORDS = 60

# Lines that are links or stand under one, before a text is a list of teasers. Real articles have up to three.
FEWEST_TEASERS = 4
LINK_WORDS = 4

# Lines that begin with a clock, before a text is a live ticker. A report of a day has three or four.
FEWEST_ENTRIES = 6

FEWEST_IN_MENU = 4
FEWEST_PICTURES = 5
MOST_GARBLED = 0.05

# Longer headings are no notices.
LONGEST_HEADING = 200

# Dates that are meant for machines: whoever writes them knows what an article is.
MACHINE_DATES = {"json-ld", "meta", "microdata"}

_HOME = re.compile(r"/?(?:[a-z]{2}|home|(?:index|default)\.\w{2,5})?/?", re.IGNORECASE)
_ENTRY = re.compile(r"\W{0,3}\d{1,2}:\d{2}(?!\d)")
_FEEDS = {"rss": "a feed", "feed": "a feed", "rdf:rdf": "a feed", "urlset": "a sitemap", "sitemapindex": "a sitemap"}
_REFRESH = re.compile(r"\s*\d{1,6}\s*[;,]\s*url\s*=\s*\S", re.IGNORECASE)
SENT_ON = re.compile(r"\blocation(?:\.href)?\s{0,9}=(?!=)|\blocation\.(?:replace|assign)\s{0,9}\(")
# What stands behind the address of an article in that of its second page, and of those that follow.
_PART = re.compile(r"(?:[?&](?:page|pg|paged|part)=|/(?:page[/-]?)?)([2-9]|[1-9]\d)/?$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?؟…»\"”)]\s*$")
_BETWEEN_TITLES = re.compile(r"\s[-|\u2013\u2014]\s|\|")


@dataclass(frozen=True, kw_only=True)
class Objection:
    """What becomes of a page that is no article, and why."""

    reason: str
    outcome: Outcome = Outcome.NOT_AN_ARTICLE
    is_gone: bool = False  # if there was an article, it is no longer there
    is_listing: bool = False  # it lists articles, or speaks of the site: whoever was led here has lost the article


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """All that is known of a page when it is decided whether it is an article."""

    url: str
    html: str
    parse: Callable[[], HtmlElement] = field(repr=False)  # the tree once more, for those who look closely
    metadata: Metadata
    text: str
    language: str
    dated_by: str | None  # where on the page its date stands; None for an undated page

    @cached_property
    def word_count(self) -> int:
        return len(self.text.split())

    @cached_property
    def lines(self) -> list[str]:
        """The folded lines of the text."""
        return [fold(line) for line in self.text.split("\n")] if self.text else []

    @cached_property
    def tree(self) -> HtmlElement:
        return self.parse()

    @cached_property
    def seen(self) -> str:
        """The folded words that stand anywhere on the page."""
        return fold(" ".join(self.tree.xpath("//body//text()[not(parent::script or parent::style)]")))

    @cached_property
    def headings(self) -> list[str]:
        """What stands in the place of a title, folded and without what is put beside titles."""
        named = [self.metadata.title or "", *self.tree.xpath("//head/title[1]/text()")]
        named += [heading.text_content() for heading in self.tree.iter("h1", "h2")]
        short = [title for title in named if len(title) <= LONGEST_HEADING]
        return [fold(part) for title in short for part in (title, *_BETWEEN_TITLES.split(title))]

    @property
    def is_taken_at_its_word(self) -> bool:
        return self.metadata.is_marked_article and self.dated_by in MACHINE_DATES and self.word_count >= ENOUGH_WORDS

    @property
    def is_without_text(self) -> bool:
        return self.word_count < FEWEST_WORDS


Rule = Callable[[Candidate], "Objection | str | None"]


def objection(page: Candidate) -> Objection | None:
    """Why a page is no article that can be stored, if so."""
    rules = (*_ALWAYS, *(() if page.is_taken_at_its_word else _LOOKING_CLOSELY), *_OF_THE_TEXT)
    for rule in rules:
        if (found := rule(page)) is not None:
            return found if isinstance(found, Objection) else Objection(reason=found, is_listing=rule in _LISTINGS)
    return None


# --- whatever the page says of itself ---


def _data(page: Candidate) -> str | None:
    is_json = page.html[:1000].lstrip().startswith(('{"', '[{"', "{}", "[]"))
    return "it is JSON, not a page of text" if is_json else None


def _home(page: Candidate) -> Objection | None:
    parts = urlsplit(page.url)
    is_home = _HOME.fullmatch(parts.path) and not parts.query
    return Objection(reason="its address is that of a home page", is_gone=True) if is_home else None


def _endless(page: Candidate) -> str | None:
    if len(page.text) <= LONGEST_TEXT:
        return None
    return f"the text has {len(page.text)} characters, more than {LONGEST_TEXT}"


def _live(page: Candidate) -> str | None:
    entries = sum(1 for line in page.text.split("\n") if _ENTRY.match(line))
    # A page that marks itself or its updates so (schema.org) goes on changing, however long they are.
    is_marked = any(name in page.html for name in ("LiveBlogPosting", '"liveBlogUpdate"'))
    is_ticker = entries >= FEWEST_ENTRIES and entries * 4 >= len(page.lines)
    return "it is a live ticker" if is_ticker or is_marked else None


def _cookies(page: Candidate) -> str | None:
    lines = page.text.split("\n")
    others = 0
    # The shortest first: as soon as half of the lines are others, the long ones need not be looked at.
    for line in sorted(lines, key=len):
        folded = fold(line)
        others += not any(notice in folded for notice in _words("cookies", "notices"))
        if others * 2 > len(lines):
            return None
    return "the text is a notice about cookies"


def _broken(page: Candidate) -> str | None:
    return "the text is garbled: the site mistook its encoding" if garbled(page.text) > MOST_GARBLED else None


# --- for pages that are not taken at their word ---


def _feed(page: Candidate) -> str | None:
    root = next(iter(page.tree.xpath("/html/body/*[1]")), None)
    what = _FEEDS.get(str(root.tag).lower()) if root is not None else None
    return f"it is {what}, not a page" if what else None


def _blocked(page: Candidate) -> Objection | None:
    found = _heading(page, "blocked")
    reason = f"the site did not let us in: it answered with «{found}»"
    return Objection(reason=reason, outcome=Outcome.FAILED) if found else None


def _missing(page: Candidate) -> Objection | None:
    found = _heading(page, "missing")
    return Objection(reason=f"the page says that there is none: «{found}»", is_gone=True) if found else None


def _out_of_order(page: Candidate) -> Objection | None:
    found = _heading(page, "out_of_order")
    reason = f"the site is out of order: it answered with «{found}»"
    return Objection(reason=reason, outcome=Outcome.FAILED) if found else None


def _login(page: Candidate) -> str | None:
    asks = page.tree.find(".//input[@type='password']") is not None
    wants = asks and (page.is_without_text or bool(_heading(page, "login")))
    return "the page asks to log in" if wants else None


def _frame(page: Candidate) -> str | None:
    if page.tree.find(".//frameset") is not None:
        return "the page consists of frames"
    is_empty = page.is_without_text and page.seen.count(" ") < FEW_SEEN_WORDS
    is_frame = is_empty and page.tree.find(".//iframe") is not None
    return "the page only holds another one, in a frame" if is_frame else None


def _sent_on(page: Candidate) -> str | None:
    if not page.is_without_text or page.seen.count(" ") >= FEW_SEEN_WORDS:
        return None
    refreshes = page.tree.xpath("//meta[@http-equiv and not(ancestor::noscript)]/@content")
    scripts = page.tree.xpath("//script/text()")
    is_sent = any(map(_REFRESH.match, refreshes)) or any(map(SENT_ON.search, scripts))
    return "the page only sends its readers on to another one" if is_sent else None


def _subscribers(page: Candidate) -> str | None:
    if page.word_count >= ENOUGH_WORDS:
        return None
    closed = re.search(r'"isAccessibleForFree"\s{0,9}:\s{0,9}"?false', page.html, re.IGNORECASE)
    if closed or any(notice in page.seen for notice in _words("subscribers", "notices")):
        return f"the page shows {counted(page.word_count, 'word')}, and the rest to subscribers only"
    return None


def _pictures(page: Candidate) -> str | None:
    if page.word_count >= FEW_SEEN_WORDS:
        return None
    pictures = page.tree.xpath("//img[ancestor::figure or ancestor::*[contains(@class, 'gallery')]][not(ancestor::a)]")
    if len(pictures) >= FEWEST_PICTURES:
        return f"it is a gallery: {len(pictures)} pictures and {counted(page.word_count, 'word')}"
    is_film = page.is_without_text and (page.tree.find(".//video") is not None or '"VideoObject"' in page.html)
    return f"it is a video with {counted(page.word_count, 'word')}" if is_film else None


def _itself(page: Candidate) -> str | None:
    title = page.metadata.title or ""
    for kind, what in (("about", "speaks of the site itself"), ("search", "lists what was searched for")):
        if fold(title) in _words(kind, "titles"):
            return f"the page {what}: «{title}»"
    return None


def _section(page: Candidate) -> str | None:
    """A page that the menu on it calls what it calls itself; articles have longer titles, or say what they are."""
    title = fold(page.metadata.title or "")
    if page.metadata.is_marked_article or not title or title.count(" ") >= LINK_WORDS - 1:
        return None
    start, itself = base(base_of(page.tree), page.url), identity(page.url)
    for link in page.tree.iter("a"):
        if fold(link.text_content()) == title and _is_in_menu(link):
            url = normalise(link.get("href") or "", start)
            if url is not None and identity(url) == itself:
                return f"it is a section of the site, which its menu calls «{page.metadata.title}»"
    return None


def _is_in_menu(link: HtmlElement) -> bool:
    """Whether a link stands among others, all of few words."""
    for block in islice(link.iterancestors(), 3):
        links = len(block.findall(".//a"))
        if links >= FEWEST_IN_MENU:
            return len(block.text_content().split()) < LINK_WORDS * links
    return False


def _list(page: Candidate) -> str | None:
    links = {words for link in page.tree.iter("a") if (words := fold(link.text_content())).count(" ") >= LINK_WORDS - 1}
    if page.is_without_text and len(links) >= 3 * FEWEST_TEASERS:
        return f"it is a list of links, {len(links)} of them to articles"
    excerpts = set(_excerpts(page.tree))
    teasers = sum(line in links or line in excerpts for line in page.lines)
    # The page may have more teasers than its text: whoever looks for an article takes the longest.
    of_the_page = len(excerpts) if teasers == len(page.lines) else teasers
    if teasers and of_the_page >= FEWEST_TEASERS and teasers * 2 >= len(page.lines):
        return f"it is a list of other articles: {teasers} of the {len(page.lines)} lines of its text are their teasers"
    return None


def _excerpts(tree: HtmlElement) -> Iterator[str]:
    """The folded paragraphs that stand alone or in twos under a heading that is a link."""
    paragraphs = list(tree.iter("p"))
    blocks = Counter(paragraph.getparent() for paragraph in paragraphs)
    for paragraph in paragraphs:
        block = paragraph.getparent()
        if block is not None and blocks[block] <= 2 and (_is_card(block) or _is_card(block.getparent())):
            yield fold(paragraph.text_content())


def _is_card(block: HtmlElement | None) -> bool:
    return block is not None and block.xpath(_LINKED_HEADING) is True


_LINKED_HEADING = "count(.//p) <= 2 and boolean(.//*[self::h1 or self::h2 or self::h3 or self::h4][.//a or parent::a])"


def _breaks_off(page: Candidate) -> str | None:
    is_whole = any(end in page.html for end in ("</html", "</body", "</HTML", "</BODY"))
    if is_whole or page.word_count >= 2 * FEWEST_WORDS or _SENTENCE_END.search(page.text):
        return None
    return f"the page breaks off after {counted(page.word_count, 'word')} of its text"


# --- what every article has ---


def _short(page: Candidate) -> str | None:
    if not page.word_count:
        return "the page has no text of an article"
    return (
        f"the text has {counted(page.word_count, 'word')}, fewer than {FEWEST_WORDS}" if page.is_without_text else None
    )


def _foreign(page: Candidate) -> str | None:
    return f"the text is in {language.name(page.language)}, not Arabic" if page.language != "ar" else None


def _untitled(page: Candidate) -> str | None:
    return "the page has no title" if page.metadata.title is None else None


def _unmarked(page: Candidate) -> str | None:
    if page.metadata.is_marked_other and page.dated_by not in MACHINE_DATES:
        return "the page says that it is no article (og:type)"
    if page.dated_by or page.metadata.is_marked_article:
        return None
    return "nothing marks the page as an article: it has no date, and does not say that it is one"


def _later_part(page: Candidate) -> str | None:
    """Not by the address alone: at some outlets the same number is that of an article."""
    found = _PART.search(page.url)
    if found is None:
        return None
    first = page.url[: found.start()]
    start = base(base_of(page.tree), page.url)
    before = (
        page.tree.xpath("//*[self::link or self::a][@rel='prev' or @rel='previous']/@href") if found[1] == "2" else []
    )
    named = [page.metadata.canonical, *(normalise(url, start) for url in before)]
    is_of_first = identity(first) in {identity(url) for url in named if url}
    return f"it is page {found[1]} of {first}" if is_of_first else None


_ALWAYS: tuple[Rule, ...] = (_data, _home, _endless, _live, _cookies, _broken)
_LOOKING_CLOSELY: tuple[Rule, ...] = (
    *(_feed, _blocked, _out_of_order, _missing, _login, _frame, _sent_on),
    *(_itself, _section, _subscribers, _pictures, _list, _breaks_off),
)
_LISTINGS: tuple[Rule, ...] = (_itself, _section, _list)
_OF_THE_TEXT: tuple[Rule, ...] = (_short, _foreign, _untitled, _unmarked, _later_part)


def _heading(page: Candidate, kind: str) -> str | None:
    """The heading of a page that is nothing but one of these words, but for numbers and excuses."""
    for heading in page.headings:
        for phrase in _words(kind, "headings"):
            before, found, after = f" {heading} ".partition(f" {phrase} ")
            if found and all(
                word in _words("excuses", "words") or word.isdecimal() for word in (before + after).split()
            ):
                return heading
    return None
