"""Where pages say things of themselves: meta elements, JSON-LD, microdata, the headline and what stands near it.

A tree is gone through a few times, by the names of elements and by microdata; whoever reads a field
looks it up here. What is read of an element is bounded, so that no page makes this slow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement

from pipelines.fields import jsonld
from pipelines.fields.headline import MOST_TITLES, agree, find_headline, one_line
from pipelines.fields.near import Label, label_of, names_of, near, stands_apart

# More of them belong to lists of other articles.
MOST_ARTICLES = 50
MOST_ITEMS = 200
MOST_LINKS = 30
MOST_BOXES = 100

# What a template left where a value should be: %%POST_TITLE%%, [[IMAGE_URL]], {AUTHOR_NAME}, {{ title }}.
PLACEHOLDER = re.compile(r"%%\w+%%|\[\[[\w.\s]{1,60}\]\]|\{\{?[A-Za-z_.\s]{1,60}\}?\}")

# From the attribute to its element: libxml2 is seven times as fast as with a condition on each element. Of elements,
# where `//` looks at texts, too. The first of them only: it compares each parent with all before it.
_WITH_PROPERTY = XPath(f"(/descendant::*/@itemprop)[position() <= {MOST_ITEMS}]/..")
_TYPES = XPath("/descendant::*/@itemtype")
_TRAIL = XPath("(//@class[contains(., 'breadc')] | //@id[contains(., 'breadc')])[1]/..//a")
_TAG_BOXES = XPath(f"(/descendant::*/@class[contains(., 'tag')])[position() <= {MOST_BOXES}]/..")
TAG_ADDRESS = re.compile(r"/tags?(?:[/.?=]|$)")
TAG_NAMES = re.compile(r"(?:^|[\s_-])(?:\w*tags?|tag(?:cloud|list|links))(?:$|[\s_-])")


@dataclass(frozen=True, kw_only=True)
class Item:
    """A microdata property."""

    names: tuple[str, ...]
    element: HtmlElement


@dataclass(frozen=True, kw_only=True)
class Places:
    """A page, with what is looked up in it more than once."""

    tree: HtmlElement
    metas: Mapping[str, list[str]]  # by property or name, in small letters
    canonical: str | None
    document_title: str
    articles: tuple[dict[str, Any], ...]  # of JSON-LD, the page's own first
    trail: tuple[str, ...]  # of JSON-LD's breadcrumbs
    site_names: tuple[str, ...]
    items: tuple[Item, ...]
    item_types: frozenset[str]
    headline: HtmlElement | None
    times: tuple[HtmlElement, ...]  # all time elements

    @cached_property
    def near(self) -> tuple[Label, ...]:
        """What stands near the headline."""
        return near(self.headline) if self.headline is not None else ()

    @property
    def article(self) -> dict[str, Any]:
        """The article of JSON-LD, or an empty object."""
        return self.articles[0] if self.articles else {}

    def meta(self, *names: str) -> list[str]:
        """The contents of the meta elements of these names."""
        return [content for name in names for content in self.metas.get(name, [])]

    def item(self, name: str) -> list[HtmlElement]:
        """The elements with this microdata property, those that belong with the headline first."""
        found = [item.element for item in self.items if name in item.names]
        if self.headline is not None and len(found) > 1:
            scope = _scope(self.headline)
            found.sort(key=lambda element: _scope(element) is not scope)
        return found

    def breadcrumbs(self) -> list[str]:
        """The links of the visible way from the home page, home first."""
        return [words for link in _TRAIL(self.tree)[:MOST_LINKS] if (words := label_of(link))]

    def tag_links(self) -> list[str]:
        """The tags that a page shows its readers: the first list of them that does not stand beside the article."""
        around = set(self.headline.iterancestors()) if self.headline is not None else set()

        def is_own(element: HtmlElement) -> bool:
            return not any(stands_apart(one) for one in (element, *element.iterancestors()) if one not in around)

        boxes = (one for one in _TAG_BOXES(self.tree) if TAG_NAMES.search(names_of(one)))
        lists = (list(islice(box.iter("a"), MOST_LINKS)) for box in boxes if box not in around and is_own(box))
        # Categories are called tags, too, so links that are called so go behind lists.
        called = (one for one in self.tree.iter("a") if "tag" in one.get("rel", ""))
        # Last, what leads to a page of a tag.
        leading = (one for one in self.tree.iter("a") if "/tag" in one.get("href", ""))
        links = (
            next(filter(None, lists), None)
            or [one for one in islice(called, MOST_LINKS) if is_own(one)]
            or [one for one in islice(leading, MOST_LINKS) if TAG_ADDRESS.search(one.get("href", "")) and is_own(one)]
        )
        beside = [one for one in links if one.getparent() is links[0].getparent()] if links else []
        return [words for one in (beside if len(beside) > 1 else links) if (words := label_of(one))]


def places(tree: HtmlElement) -> Places:
    """Where the page says what. The tree is not changed."""
    metas: dict[str, list[str]] = {}
    scripts, headings, times = [], [], []
    canonical, document_title = None, ""
    for element in tree.iter("meta", "link", "title", "script", "h1", "h2", "time"):
        tag = element.tag
        if tag == "meta":
            _add_meta(metas, element)
        elif tag == "script":
            if (element.get("type") or "").strip().lower() == "application/ld+json":
                scripts.append(element.text or "")
        elif tag == "link":
            if canonical is None and "canonical" in (element.get("rel") or "").lower().split():
                canonical = element.get("href")
        elif tag == "title":
            document_title = document_title or _value(element.text or "")
        elif tag == "time":
            times.append(element)
        else:
            headings.append(element)
    described = jsonld.read(scripts)
    items = tuple(
        Item(names=tuple((element.get("itemprop") or "").split()), element=element) for element in _WITH_PROPERTY(tree)
    )
    titles = [document_title, *metas.get("og:title", ()), *metas.get("twitter:title", ())][:MOST_TITLES]
    marked = [item.element for item in items if "headline" in item.names]
    top = find_headline(tree, headings=headings, marked=marked, titles=titles)
    return Places(
        tree=tree,
        metas=metas,
        canonical=canonical,
        document_title=document_title,
        articles=tuple(_own_first(described.articles[:MOST_ARTICLES], titles)),
        trail=described.trail,
        site_names=tuple(filter(None, (described.site_name, *metas.get("og:site_name", ())[:2]))),
        items=items,
        item_types=frozenset(kind.rpartition("/")[2] for kind in _TYPES(tree)),
        headline=top,
        times=tuple(times),
    )


def says(element: HtmlElement) -> str:
    """What a microdata or time element says: its machine-readable value, else its words."""
    # The title of an abbreviation is its long form: hAtom's way to write a date for machines.
    for name in ("content", "datetime", *(("title",) if element.tag == "abbr" else ())):
        if value := element.get(name):
            return _value(value)
    return label_of(element)


def _add_meta(metas: dict[str, list[str]], element: HtmlElement) -> None:
    name = (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()
    if name and (content := _value(element.get("content") or "")):
        metas.setdefault(name, []).append(content)


def _value(words: str) -> str:
    """The words on one line; nothing for what a template left over."""
    found = one_line(words)
    return "" if PLACEHOLDER.search(found) else found


def _own_first(articles: tuple[dict[str, Any], ...], titles: list[str]) -> list[dict[str, Any]]:
    """The articles, the page's own before those that it points to."""

    def is_other(article: dict[str, Any]) -> bool:
        named = jsonld.strings(article.get("headline"))
        return not any(agree(name, title) for name in named for title in titles)

    return sorted(articles, key=is_other)


def _scope(element: HtmlElement) -> HtmlElement | None:
    """The microdata item that an element is a property of."""
    return next((one for one in element.iterancestors() if one.get("itemscope") is not None), None)
