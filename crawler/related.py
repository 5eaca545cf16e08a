"""The reading stage of a crawl: an article that is on the topic may name others, and the same worker looks for them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from corpus.types import Link, Page, Topic
from crawler.discovery.anchors import Named, named_links_in
from crawler.discovery.related import leads_on, related_links
from pipelines.stages import Done, Fetched, ReadStage

logger = logging.getLogger(__name__)


class ReadAndFollowStage(ReadStage):
    """Page to article, with the links inside a kept one that are on the topic."""

    def job(self, item: Fetched) -> Callable[..., Done]:
        read = super().job(item)
        topics = self.run.topics
        if not self.run.only_on_topic or len(topics) != 1:
            return read
        return partial(read_and_follow, read, item.leased.link, item.page, topics[0])


def read_and_follow(read: Callable[..., Done], link: Link, page: Page, topic: Topic) -> Done:
    """Read a page, and find the links of one that is kept; in a worker."""
    if not leads_on(link):
        return read()
    named: list[Named] = []
    done = read(look=lambda tree: named.extend(named_links_in(tree)))
    if done.reading.sketch is None:
        return done
    try:
        return replace(done, found=related_links(link, named, page.url, topic))
    except Exception:
        logger.exception("The links of %s could not be read; the article is kept.", page.url)
        return done
