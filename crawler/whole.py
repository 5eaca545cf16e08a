"""Is an answer whole that ended before its server said? A page that is written to its end is, as in any browser.

Some servers announce more bytes than they have, or never send the last chunk, whatever page they are asked for.
"""

from __future__ import annotations

import re

# What HTML, feeds and sitemaps end with; counters write comments behind it.
END = re.compile(
    rb"</(?:html|rss|feed|rdf:rdf|urlset|sitemapindex)\s{0,9}>\s{0,99}(?:<!--[^>]{0,200}-->\s{0,99}){0,5}\Z",
    re.IGNORECASE,
)
LOOKED_AT = 2_000  # bytes before the end


def is_whole(body: bytes) -> bool:
    """Whether a document ends here. Of one that came packed nobody can tell."""
    return END.search(body[-LOOKED_AT:]) is not None
