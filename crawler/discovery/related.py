"""Links inside articles ("read also"): followed only when their own words show that they are about the topic."""

from __future__ import annotations

from collections.abc import Iterable

from lxml.html import HtmlElement

from corpus.types import Link, LinkKind, Topic
from crawler.catalogue.owners import Home, owner
from crawler.discovery.addresses import may_be_article
from crawler.discovery.anchors import Anchor, anchors_in
from crawler.discovery.sections import articles
from crawler.discovery.traps import trap
from pipelines.focus import day_in_path, is_on_topic, prospect

# From an article that a listing named to one that it names, and once more.
MAX_STEPS = 2


def leads_on(link: Link) -> bool:
    """Whether the links inside an article are followed: not when so many steps led to it."""
    return _steps_behind(link) <= MAX_STEPS


def article_anchors(tree: HtmlElement, url: str) -> list[Anchor]:
    """The links inside the article at `url` that may lead to other articles of its site."""
    return anchors_in(tree, url, wanted=may_be_article)


def related_links(
    link: Link, anchors: Iterable[Anchor], url: str, topic: Topic, homes: tuple[Home, ...]
) -> tuple[Link, ...]:
    """Those of an article's links that are on the topic by what it calls them; `homes` are the sources of its site."""
    found = []
    for entry in articles(anchors, url):
        if not entry.title or not is_on_topic(topic, entry.title) or trap(entry.url):
            continue
        day = day_in_path(entry.url)
        outlook = prospect(topic, title=entry.title, published_at=day)
        found.append(
            Link(
                url=entry.url,
                kind=LinkKind.ARTICLE,
                channel="page",
                source_id=owner(homes, entry.url, found_by=link.source_id) if homes else link.source_id,
                title=entry.title,
                published_at=day,
                depth=_steps_behind(link),
                prospect=outlook,
            )
        )
    return tuple(found)


def _steps_behind(link: Link) -> int:
    return link.depth + 1 if link.channel == "page" else 1
