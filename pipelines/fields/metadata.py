"""What a page says about its article: title, author, agency, dates, canonical URL, image, section, tags.

Each field has its places in the order in which Arabic sites mean them, and says from which it came.
What no place names is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement
from w3lib.url import safe_url_string

from corpus.arabic import fold, repair
from corpus.urls import base, canonical, normalise
from pipelines.fields import jsonld
from pipelines.fields.byline import read_byline
from pipelines.fields.headline import agree, one_line
from pipelines.fields.near import Label, label_of
from pipelines.fields.places import Places, places, says
from pipelines.fields.titles import read_title, site_in_title
from pipelines.page.tree import base_of
from pipelines.phrases import one_of, phrases

MOST_TAGS = 30

DATE_NAMES = re.compile(r"(?:^|[\s_-])\w*(?:date|time|posted|publish\w*|pubdate|meta|info)(?:$|[\s_-])")
DATE_PROPERTIES = ("article:published_time", "og:published_time", "og:article:published_time", "article:published")
DATE_META = (
    *("pubdate", "publishdate", "publish_date", "publish-date", "datepublished", "date", "dc.date", "dc.date.issued"),
    *("dcterms.created", "dcterms.date", "dcterms.issued", "sailthru.date", "parsely-pub-date", "publication_date"),
    *("cxenseparse:recs:publishtime", "article_date_original", "article.published"),
)
UNESCAPED = re.compile("[^!-~]")
YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
CLOCK = re.compile(r"\d{1,2}:\d\d")
MOST_DATE_WORDS = 14
MOST_DATE_WORDS_UNNAMED = 9  # «الأحد، 04 آب/أغسطس 2013، آخر تحديث 02:21 (GMT+0400)»: eight
URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?=[/._-]|$)")

SECTION_NAMES = re.compile(r"(?:^|[\s_-])(?:\w*cat|category|categories|section|sec|kicker|badge)(?:$|[\s_-])")

# Pictures that stand for every article of a site.
NO_PICTURE = re.compile(r"(?:^|[/_.-])(?:logo|default|placeholder|no-?image|blank|spacer|favicon)(?:[_.\d-]|$)", re.I)


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What a page says about its article. `dates` are candidates: where, and in which words."""

    title: str | None = None
    author: str | None = None  # several are joined by an Arabic comma
    agency: str | None = None
    canonical: str | None = None  # normal, and of the page's own registrable domain
    image: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    dates: tuple[tuple[str, str], ...] = ()
    metas: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by name, in small letters
    is_marked_article: bool = False  # the page says of itself that it is an article
    is_marked_other: bool = False  # ... or that it is none
    origins: dict[str, str] = field(default_factory=dict)  # of each field that is known: where it was found


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a page says of itself, for machines first: enough to see what it is."""

    page: Places
    site_names: tuple[str, ...]
    title: str | None
    title_from: str | None
    dates: tuple[tuple[str, str], ...]  # candidates
    is_marked_article: bool  # the page says of itself that it is an article

    @property
    def metas(self) -> Mapping[str, Sequence[str]]:
        """The contents of its meta elements, by name in small letters."""
        return self.page.metas


def read_head(tree: HtmlElement) -> Head:
    """What a page says of itself. The tree is not changed."""
    page = places(tree)
    site_names = (*page.site_names, *site_in_title(page))
    title, title_from = read_title(page, site_names)
    return Head(
        page=page,
        site_names=site_names,
        title=title,
        title_from=title_from,
        dates=tuple(dict.fromkeys(_head_dates(page))),
        is_marked_article=bool(page.article) or "article" in page.meta("og:type") or _is_microdata_article(page),
    )


def read_metadata(head: Head, url: str) -> Metadata:
    """What the page at `url` says about its article. The tree is not changed."""
    page = head.page
    byline = read_byline(page, title=head.title, site_names=head.site_names)
    start = base(base_of(page.tree), url)
    canonical_url = canonical(page.canonical and normalise(page.canonical, start), url)
    image, image_from = _image(page, start)
    section, section_from = _section(page, head.title)
    tags, tags_from = _tags(page)
    origins = {
        "title": head.title_from,
        "author": byline.author_from,
        "agency": byline.agency_from,
        "canonical": "link" if canonical_url else None,
        "image": image_from,
        "section": section_from,
        "tags": tags_from,
    }
    # Not "website": many systems write it on every page.
    is_of_another_type = not {"video.other", "profile"}.isdisjoint(page.meta("og:type"))
    return Metadata(
        title=head.title,
        author=byline.author,
        agency=byline.agency,
        canonical=canonical_url,
        image=image,
        section=section,
        tags=tags,
        dates=tuple(dict.fromkeys((*head.dates, *_dates(page, url)))),
        metas=head.metas,
        is_marked_article=head.is_marked_article,
        is_marked_other=is_of_another_type and not page.article,
        origins={name: origin for name, origin in origins.items() if origin},
    )


def _head_dates(page: Places) -> Iterator[tuple[str, str]]:
    """Candidates that are written for machines: they have an offset."""
    for name in ("datePublished", "dateCreated"):
        for words in jsonld.strings(page.article.get(name)):
            yield "json-ld", words
    for words in page.meta(*DATE_PROPERTIES, *DATE_META):
        yield "meta", words


def _dates(page: Places, url: str) -> Iterator[tuple[str, str]]:
    """Candidates further down, those of microdata first."""
    for element in page.item("datePublished"):
        yield "microdata", says(element)
    # Those further down may be of other articles.
    labels = sorted(page.near, key=lambda near: near.in_body)
    times = [element for near in labels for element in near.elements if element.tag == "time"]
    for element in times or page.times[: len(page.times) == 1]:
        if machine := element.get("datetime"):
            yield "time", machine
        yield "text", label_of(element)
    # The page's header has a date, too: that on which it is read.
    for near in labels:
        if not near.in_body and near.sentence.count(" ") < 2 * MOST_DATE_WORDS and _dated().match(fold(near.sentence)):
            yield "text", near.sentence
    for near in labels:
        if DATE_NAMES.search(near.names) and near.sentence.count(" ") < MOST_DATE_WORDS:
            yield "text", near.sentence
    for near in page.near:
        most = MOST_DATE_WORDS_UNNAMED if CLOCK.search(near.words) is None else 2 * MOST_DATE_WORDS_UNNAMED
        if not near.in_body and YEAR.search(near.words) and near.sentence.count(" ") < most:
            yield "text", near.sentence
    yield from _modified(page)
    if day := URL_DAY.search(urlsplit(url).path):
        yield "url", "/".join(day.groups())


@cache
def _dated() -> re.Pattern[str]:
    """«نشر في», «تاريخ النشر»: what says that a date is that of publication."""
    return re.compile(rf"{one_of(phrases('text/furniture.toml', 'line', 'dated'))} ")


def _modified(page: Places) -> Iterator[tuple[str, str]]:
    """When it was changed: no publication, but not before it."""
    named = [*jsonld.strings(page.article.get("dateModified")), *page.meta("article:modified_time", "og:updated_time")]
    for words in (*named, *map(says, page.item("dateModified"))):
        yield "modified", words


def _image(page: Places, start: str) -> tuple[str | None, str | None]:
    image = page.article.get("image")
    if isinstance(image, list):
        image = image[0] if image else None
    if isinstance(image, dict):
        image = image.get("url") or image.get("contentUrl")
    named = [("og:image", one) for one in page.meta("og:image", "og:image:url", "og:image:secure_url")]
    named += [("twitter:image", one) for one in page.meta("twitter:image", "twitter:image:src")]
    named += [("json-ld", one) for one in jsonld.strings(image)]
    named += [("microdata", one) for one in _item_images(page)]
    for origin, one in named:
        absolute = _absolute(start, one_line(one))
        if absolute and not NO_PICTURE.search(urlsplit(absolute).path.rpartition("/")[2]):
            return absolute, origin
    return None, None


def _item_images(page: Places) -> Iterator[str]:
    for element in page.item("image"):
        inside = (
            one.get("content") or one.get("src") or one.get("href") for one in element.iter("meta", "img", "link")
        )
        yield from (one for one in (element.get("content"), element.get("src"), *inside) if one and "/" in one)


def _section(page: Places, title: str | None) -> tuple[str | None, str | None]:
    named = [("json-ld", one) for one in jsonld.strings(page.article.get("articleSection"))]
    named += [("meta", one) for one in page.meta("article:section")]
    # Joomla calls it genre.
    named += [("microdata", says(element)) for name in ("articleSection", "genre") for element in page.item(name)]
    for trail in (page.trail, () if named else page.breadcrumbs()):
        # The last step of the way from the home page that is not the article itself.
        named += [("breadcrumbs", one) for one in reversed(trail[1:]) if not agree(one, title or "")]
    named += [("text", near.words) for near in page.near if _is_section(near)]
    return next(((section, origin) for origin, one in named if (section := one_line(one))), (None, None))


def _is_section(near: Label) -> bool:
    return near.is_above and SECTION_NAMES.search(near.names) is not None and len(near.words.split()) <= 4


def _tags(page: Places) -> tuple[tuple[str, ...], str | None]:
    named, origin = [*page.meta("article:tag"), *jsonld.strings(page.article.get("keywords"))], "meta, json-ld"
    if not named:
        named, origin = page.tag_links(), "text"
    if not named:  # last, because they are often those of the whole site
        named, origin = page.meta("news_keywords", "keywords"), "keywords"
    split = (repair(tag).strip(" #") for words in named for tag in re.split(r"[,،;؛|\n]", words))
    tags = tuple(dict.fromkeys(tag for tag in split if tag))[:MOST_TAGS]
    return tags, origin if tags else None


def _is_microdata_article(page: Places) -> bool:
    return any(jsonld.ARTICLE_TYPES.fullmatch(kind) for kind in page.item_types)


def _absolute(base: str, url: str) -> str | None:
    try:
        joined = urljoin(base, url.strip())
        if UNESCAPED.search(joined):
            joined = safe_url_string(joined)
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) else None
