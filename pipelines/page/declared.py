"""What a page says that its URL is."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from corpus.urls import normalise

# The tags alone become a tree: that of a page made to hurt takes minutes. Each alternative ends at the next `<`, or
# takes all that it has looked through.
TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</(?:script|style)|\Z)|(?P<tag><(?:link|meta)\b[^<>]{,4096}>)",
    re.DOTALL | re.IGNORECASE,
)


def addresses(page: str) -> list[str]:
    """What a page names as its own URL, normalised: rel=canonical, then og:url."""
    tags = "".join(found["tag"] or "" for found in TAG.finditer(page))
    # Bytes that no encoding explains may stand in it as lone surrogates.
    tree = LexborHTMLParser(tags.encode("utf-8", "replace"))
    named = [one.attributes.get("href") for one in tree.css("link[rel~=canonical]")]
    named += [one.attributes.get("content") for one in tree.css('meta[property="og:url"]')]
    return [normal for url in named if url and (normal := normalise(url))]
