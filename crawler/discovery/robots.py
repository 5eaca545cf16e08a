"""The sitemaps that a robots.txt names. What it forbids is the business of `crawler.robots`."""

from __future__ import annotations

import codecs

from protego import Protego

from corpus.types import LinkKind
from crawler.discovery.entry import Contents, Entry

MAX_BYTES = 500 << 10  # what RFC 9309 §2.5 asks a reader to read at least


def read_robots(body: bytes) -> Contents:
    """One entry for each `Sitemap:` line. None is no problem: most files have none."""
    encoding = "utf-16" if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    rules = Protego.parse(body[:MAX_BYTES].decode(encoding, errors="replace"))
    return Contents(entries=[Entry(url=url, kind=LinkKind.SITEMAP) for url in rules.sitemaps])
