"""Which parts of an outlet's site are not its Arabic edition, by their addresses alone.

Sitemaps of an international outlet name the pages of all its languages, without titles: each would cost a fetch.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

ARABIC = re.compile(r"ar|arabic|ar-[a-z]{2}")

# As folders and subdomains are called. Without it, id, uk: those are sections, too.
OTHERS = frozenset(
    "en english fr french francais es spanish de tr turkish ru fa farsi persian ku kurdish he ur zh".split()
)
OTHER_QUERY = re.compile(r"(?:^|&)lang(?:uage)?=(?!ar)[a-z]", re.IGNORECASE)


def is_of_another_edition(url: str, *, home: str) -> bool:
    """Whether a normalised URL is of the site's pages in another language than Arabic.

    Where the home page is that of an edition (/ar, /arabic), what is on its host in no such folder is another's.
    """
    parts, at_home = urlsplit(url), urlsplit(home)
    folders = [folder for folder in parts.path.lower().split("/") if folder]
    if parts.netloc != at_home.netloc and parts.netloc.partition(".")[0] in OTHERS:
        return True
    # Some systems put the language behind the rest: /news/872992/slug/en
    if not OTHERS.isdisjoint((*folders[:1], *folders[1:][-1:])) or OTHER_QUERY.search(parts.query):
        return True
    folder = at_home.path.lower().strip("/").partition("/")[0]
    return (
        ARABIC.fullmatch(folder) is not None
        and _host(parts.netloc) == _host(at_home.netloc)
        and folders[:1] != [folder]
    )


def _host(netloc: str) -> str:
    return netloc.removeprefix("www.")
