"""Which parts of an outlet's site are not its Arabic edition, by their addresses alone.

Sitemaps of an international outlet name the pages of all its languages, without titles: each would cost a fetch.
"""

from __future__ import annotations

import re

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
    host, path, query = _parts(url)
    home_host = _parts(home)[0]
    if host != home_host and host.partition(".")[0] in OTHERS:
        return True
    first, _, rest = path.partition("/")
    # Some systems put the language behind the rest: /news/872992/slug/en
    if first.lower() in OTHERS or rest.rpartition("/")[2].lower() in OTHERS or OTHER_QUERY.search(query):
        return True
    folder = edition_of(home)
    return folder is not None and host.removeprefix("www.") == home_host.removeprefix("www.") and first != folder


def edition_of(home: str) -> str | None:
    """The folder of a site's Arabic pages, where its home page is in one (/ar, /arabic)."""
    folder = _parts(home)[1].partition("/")[0]
    return folder if ARABIC.fullmatch(folder.lower()) else None


def _parts(url: str) -> tuple[str, str, str]:
    """Host, path without the slashes around it, and query: in half the time of urlsplit."""
    address, _, query = url.partition("?")
    host, _, path = address.partition("://")[2].partition("/")
    return host, path.rstrip("/"), query
