"""Links inside articles ("read also"): followed only when their own words show that they are about the topic."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from corpus.types import Link, LinkKind, Page, Topic
from crawler.discovery.sections import articles, read_anchors
from crawler.discovery.traps import trap
from pipelines.focus import day_in_path, is_on_topic, prospect
from pipelines.page.decode import Undecodable, decode

# From an article that a listing named to one that it names, and once more.
MAX_STEPS = 2


def related_links(link: Link, page: Page, topic: Topic) -> tuple[Link, ...]:
    """The pages of the same site that an article names, and that are on the topic by what it calls them."""
    steps = link.depth + 1 if link.channel == "page" else 1
    if steps > MAX_STEPS:
        return ()
    try:
        html, _ = decode(page.body, page.content_type)
    except Undecodable:
        return ()
    found = []
    for entry in articles(read_anchors(LexborHTMLParser(html), page.url), page.url):
        if not entry.title or not is_on_topic(topic, entry.title) or trap(entry.url):
            continue
        day = day_in_path(entry.url)
        outlook = prospect(topic, title=entry.title, published_at=day)
        found.append(
            Link(
                url=entry.url,
                kind=LinkKind.ARTICLE,
                channel="page",
                source_id=link.source_id,
                title=entry.title,
                published_at=day,
                depth=steps,
                prospect=outlook,
            )
        )
    return tuple(found)
