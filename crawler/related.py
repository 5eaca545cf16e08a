"""The reading stage of a crawl: an article that is on the topic may name others, and the same worker looks for them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from lxml.html import HtmlElement

from corpus.types import Link, Page, Topic
from corpus.urls import registrable_domain
from crawler.catalogue.owners import Home
from crawler.discovery.anchors import Anchor
from crawler.discovery.related import article_anchors, leads_on, related_links
from pipelines.stages import Done, Fetched, ReadStage

if TYPE_CHECKING:
    from crawler.spiders.news import NewsSpider

logger = logging.getLogger(__name__)


class ReadAndFollowStage(ReadStage):
    """Page to article, with the links inside a kept one that are on the topic."""

    def job(self, item: Fetched) -> Callable[..., Done]:
        read = super().job(item)
        plan = cast("NewsSpider", self.run).plan
        if plan.focus is None:
            return read
        homes = plan.owners.at(registrable_domain(item.page.url))
        return partial(read_and_follow, read, item.leased.link, item.page, plan.focus, homes)


def read_and_follow(read: Callable[..., Done], link: Link, page: Page, topic: Topic, homes: tuple[Home, ...]) -> Done:
    """Read a page, and find the links of one that is kept; in a worker."""
    if not leads_on(link):
        return read()
    anchors: list[Anchor] = []

    def look(tree: HtmlElement) -> None:
        with _without_them(page):
            anchors.extend(article_anchors(tree, page.url))

    done = read(look=look)
    if done.reading.sketch is not None:
        with _without_them(page):
            return replace(done, found=related_links(link, anchors, page.url, topic, homes))
    return done


@contextmanager
def _without_them(page: Page) -> Iterator[None]:
    """An article is kept whatever is wrong with its links."""
    try:
        yield
    except Exception:
        logger.exception("The links of %s could not be read; the article is kept.", page.url)
