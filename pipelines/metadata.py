"""What a page says about its article: title, author, agency, dates, canonical URL, image, section, tags.

Each field has its places in the order in which Arabic sites mean them; the first good one wins. What
no place names is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urljoin

from lxml.html import HtmlElement

from corpus.arabic import arabic_share, fold, repair
from pipelines import furniture, jsonld

LONGEST_TITLE = 300
MOST_TAGS = 30

# What stands between a title and the name of the site.
TITLE_SEPARATOR = re.compile(r"\s+[-|\u2013\u2014:»«•]+\s+|\s*\|\s*")

AUTHOR_NAMES = re.compile(
    r"(?:^|[\s_-])(?:author|authors|byline|by|writer|writer-name|writername|writeby|c-by|editor|reporter)(?:$|[\s_-])"
)
DATE_NAMES = re.compile(r"(?:^|[\s_-])\w*(?:date|time|posted|publish\w*|pubdate|meta|info)(?:$|[\s_-])")
SOURCE_NAMES = re.compile(r"(?:^|[\s_-])(?:source|agency|credit)(?:$|[\s_-])")

DATE_PROPERTIES = ("article:published_time", "og:published_time", "og:article:published_time")
DATE_META = (
    *("pubdate", "publishdate", "publish_date", "publish-date", "date", "dc.date", "dc.date.issued", "dcterms.created"),
    *("dcterms.date", "sailthru.date", "parsely-pub-date", "cxenseparse:recs:publishtime", "article_date_original"),
)

# How far below the title a page puts its by-line and date, in elements, and how long these are at most.
NEAR_TITLE = 60
LONGEST_LABEL_WORDS = 25

# «أنكوريج (ألاسكا) (أ ف ب) –», «موسكو - رويترز -», «عمّان - (بترا)»: place, country, agency, around a dash.
DATELINE_WORDS = 14
DATELINE = re.compile(r".{2,80}(?:\s|\))[-\u2013\u2014]{1,2}\s(?:\([^()]{1,30}\))?")
BRACKETED = re.compile(r"\(([^()]{1,30})\)")


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What a page says about its article. `dates` are candidates: where, and in which words."""

    title: str | None = None
    author: str | None = None
    agency: str | None = None
    canonical: str | None = None  # absolute; whose it is has not been looked at
    image: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    dates: tuple[tuple[str, str], ...] = ()
    is_marked_article: bool = False  # the page says of itself that it is an article
    is_marked_other: bool = False  # ... or that it is none


def read_metadata(tree: HtmlElement, url: str) -> Metadata:
    """What the page at `url` says about its article. The tree is not changed."""
    page = _Page.of(tree)
    title, site_name = _title(page)
    author, agency = _author(page, site_name)
    return Metadata(
        title=title,
        author=author,
        agency=agency,
        canonical=_absolute(url, _first(tree.xpath("//link[@rel='canonical']/@href"))),
        image=_absolute(url, _image(page)),
        section=_first([*jsonld.strings(page.article.get("articleSection")), *page.meta("article:section")]),
        tags=_tags(page),
        dates=tuple(_dates(page)),
        is_marked_article=bool(page.article) or "article" in page.meta("og:type") or _is_microdata_article(tree),
        is_marked_other=bool({"website", "video.other", "profile"} & set(page.meta("og:type"))) and not page.article,
    )


def dateline_agency(text: str) -> str | None:
    """The agency that the first line of a text credits, in brackets or before a dash, or its last line."""
    first, last = text.partition("\n")[0], text.rpartition("\n")[2]
    head = " ".join(first.split()[:DATELINE_WORDS])
    place = DATELINE.match(head)
    for part in furniture.parts(place[0]) if place else BRACKETED.findall(head):
        if found := furniture.agency(part):
            return found
    closing = re.search(r"\(([^()]{1,30})\)\s*\.?$", last)
    return furniture.agency_after_label(last) or (furniture.agency(closing[1]) if closing else None)


@dataclass(frozen=True, kw_only=True)
class _Page:
    """A tree with what is looked up in it more than once."""

    tree: HtmlElement
    metas: Mapping[str, list[str]]
    article: Mapping[str, Any]
    site_name: str | None
    headline: HtmlElement | None
    below: list[HtmlElement] = field(default_factory=list)  # the small elements after the headline, in order

    @classmethod
    def of(cls, tree: HtmlElement) -> _Page:
        metas: dict[str, list[str]] = {}
        for element in tree.iterfind(".//meta[@content]"):
            name = (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()
            # Some systems escape twice.
            if content := repair(unescape(element.get("content") or "")):
                metas.setdefault(name, []).append(content)
        article, site_name = jsonld.read(tree)
        top = headline(tree)
        return cls(
            tree=tree,
            metas=metas,
            article=article,
            site_name=site_name or _first(metas.get("og:site_name", [])),
            headline=top,
            below=list(_below(top)) if top is not None else [],
        )

    def meta(self, *names: str) -> list[str]:
        """The contents of the meta elements of these names."""
        return [content for name in names for content in self.metas.get(name, [])]


def headline(tree: HtmlElement) -> HtmlElement | None:
    """The element that holds the title, if there is one."""
    marked = tree.xpath("//*[self::h1 or self::h2][@itemprop='headline']")
    headings = [heading for heading in marked or tree.iterfind(".//h1") if heading.text_content().strip()]
    # A logo is often a heading, too: the title is the longest.
    return max(headings, key=lambda heading: len(heading.text_content()), default=None)


def _below(headline: HtmlElement) -> Iterator[HtmlElement]:
    """The elements that follow the headline, those of its own container first to last."""
    following = headline.xpath(f"following::*[position() <= {NEAR_TITLE}]")
    for element in following:
        if isinstance(element.tag, str) and element.tag not in ("script", "style"):
            yield element


def _title(page: _Page) -> tuple[str | None, str | None]:
    """The title without the site's name, and that name."""
    heading = repair(page.headline.text_content()).replace("\n", " ") if page.headline is not None else None
    named = repair(" ".join(page.tree.xpath("//head/title[1]/text()"))).replace("\n", " ")
    candidates = [
        *jsonld.strings(page.article.get("headline")),
        *page.meta("og:title", "twitter:title"),
        *([heading] if heading else []),
        *([named] if named else []),
    ]
    site_name = page.site_name or _suffix(named, [heading, *page.meta("og:title")])
    titles = [
        _without_site(repair(unescape(candidate)).replace("\n", " "), site_name, heading) for candidate in candidates
    ]
    return next((title[:LONGEST_TITLE] for title in titles if title), None), site_name


def _suffix(named: str, shorter: Iterable[str | None]) -> str | None:
    """What the document's title has more than the headline: the name of the site."""
    for title in shorter:
        if title and named.startswith(title) and (rest := TITLE_SEPARATOR.match(named[len(title) :] + " ")):
            return named[len(title) + rest.end() :].strip() or None
    return None


def _without_site(title: str, site_name: str | None, heading: str | None) -> str:
    if heading and title.startswith(heading):
        return heading
    for separator in reversed(list(TITLE_SEPARATOR.finditer(title))):
        rest = title[separator.end() :]
        if site_name and fold(rest) and (fold(rest) in fold(site_name) or fold(site_name) in fold(rest)):
            title = title[: separator.start()]
    return title.strip()


def _author(page: _Page, site_name: str | None) -> tuple[str | None, str | None]:
    """Who signed, and which agency the by-line credits."""
    named: list[tuple[str, bool]] = [(name, True) for name in jsonld.strings(page.article.get("author"))]
    named += [(name, True) for name in page.meta("author", "article:author", "dc.creator", "byl")]
    authors: list[str] = []
    agency: str | None = None
    for words, is_byline in [*named, *_bylines(page)]:
        for part in furniture.parts(repair(words).replace("\n", " ")):
            bare, has_label = furniture.without_byline_words(part)
            agency = agency or furniture.agency(_after_colon(bare))
            if (is_byline or has_label) and furniture.is_name(bare, site_name=site_name):
                authors.append(bare)
    # A Latin name on an Arabic page is often that of who made the template.
    return next((one for one in authors if arabic_share(one) > 0.5), _first(authors)), agency


def _bylines(page: _Page) -> Iterator[tuple[str, bool]]:
    """Texts near the title that may name who wrote, and whether they say that they do."""
    for element in page.below:
        words = element.text_content()
        if not words.strip() or len(words.split()) > LONGEST_LABEL_WORDS:
            continue
        names = _names(element)
        says_author = "author" in (element.get("itemprop"), element.get("rel")) or element.tag == "address"
        if says_author or AUTHOR_NAMES.search(names):
            yield words, True
        elif DATE_NAMES.search(names) or SOURCE_NAMES.search(names):
            yield words, False


def _after_colon(part: str) -> str:
    return part.rpartition(":")[2].strip()


def _dates(page: _Page) -> Iterator[tuple[str, str]]:
    for words in jsonld.strings(page.article.get("datePublished")):
        yield "json-ld", words
    for words in page.meta(*DATE_PROPERTIES, *DATE_META):
        yield "meta", words
    for element in page.tree.xpath("//*[@itemprop='datePublished']"):
        yield "microdata", element.get("content") or element.get("datetime") or element.text_content()
    times = [element for element in page.below if element.tag == "time"]
    for element in times:
        if machine := element.get("datetime"):
            yield "time", machine
    for element in times:
        yield "text", element.text_content()
    for element in page.below:
        label = element.text_content()
        if DATE_NAMES.search(_names(element)) and len(label.split()) <= LONGEST_LABEL_WORDS:
            yield "text", label
    for words in page.tree.xpath("//time/@datetime"):
        yield "time", words


def _image(page: _Page) -> str | None:
    image = page.article.get("image")
    if isinstance(image, list):
        image = image[0] if image else None
    if isinstance(image, dict):
        image = image.get("url") or image.get("contentUrl")
    return _first([*page.meta("og:image", "og:image:url", "twitter:image"), *jsonld.strings(image)])


def _tags(page: _Page) -> tuple[str, ...]:
    named = [*page.meta("article:tag"), *jsonld.strings(page.article.get("keywords"))]
    named += page.meta("news_keywords", "keywords") if not named else []
    split = (repair(tag).strip(" #") for words in named for tag in re.split(r"[,،;؛\n]", words))
    return tuple(dict.fromkeys(tag for tag in split if tag))[:MOST_TAGS]


def _is_microdata_article(tree: HtmlElement) -> bool:
    return any(jsonld.ARTICLE_TYPES.fullmatch(kind.rpartition("/")[2]) for kind in tree.xpath("//@itemtype"))


def _absolute(base: str, url: str | None) -> str | None:
    if not url:
        return None
    try:
        joined = urljoin(base, url.strip())
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) else None


def _first(values: Iterable[str]) -> str | None:
    return next((value for value in values if value.strip()), None)


def _names(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}".lower()
