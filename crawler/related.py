"""The item pipeline between reading and storing: an article that is on the topic may name others."""

from __future__ import annotations

import logging
from dataclasses import replace

from crawler.discovery.related import related_links
from pipelines.stages import Read, Stage

logger = logging.getLogger(__name__)


class RelatedStage(Stage):
    """Adds the links inside a kept article that are on the topic, to be stored with it."""

    async def process_item(self, item: Read) -> Read:
        topics = self.run.topics
        reading = item.decision.reading
        if not self.run.only_on_topic or len(topics) != 1 or reading is None or reading.sketch is None:
            return item
        try:
            found = await self.run.workers.run(related_links, item.leased.link, item.page, topics[0])
        except Exception:
            logger.exception("The links of %s could not be read; the article is kept.", item.page.url)
            return item
        return replace(item, decision=replace(item.decision, found=found)) if found else item
