"""The sitemaps that a robots.txt names. Its rules are Scrapy's business."""

from __future__ import annotations

from protego import Protego

from corpus.types import LinkKind
from crawler.discovery.entry import Contents, Entry

MAX_BYTES = 500 << 10  # what RFC 9309 §2.5 asks a reader to read at least


def read_robots(body: bytes) -> Contents:
    """One entry for each `Sitemap:` line. None is no problem: most files have none."""
    rules = Protego.parse(body[:MAX_BYTES].decode("utf-8", errors="replace"))
    return Contents(entries=[Entry(url=url, kind=LinkKind.SITEMAP) for url in rules.sitemaps])
