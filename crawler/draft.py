"""A catalogue entry for an outlet, from what a look at its entrances found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from corpus.errors import NazairError, UsageError
from corpus.plural import counted
from corpus.types import Link, LinkKind
from corpus.urls import normalise, registrable_domain
from crawler.catalogue.sources import Source
from crawler.catalogue.strict import quoted
from crawler.discovery.listing import Listing
from crawler.discovery.seeds import is_robots

# Domains of countries whose outlets write Arabic; others say nothing of the time zone (.tv, .me, .io).
ARAB_COUNTRIES = set("ae bh dz eg iq jo km kw lb ly ma mr om ps qa sa sd so sy td tn ye".split())


class NotDrafted(NazairError):
    """An outlet of which nothing can be said; the sentence says why."""

    exit_code = 4


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """A listing that can be read, and how many links it has."""

    url: str
    links: int


def unknown_source(url: str, known: Iterable[Source]) -> Source:
    """The beginning of an entry: home, and an id from the domain.

    Raises UsageError for what is no home page, and for a host that a known source has.
    """
    home = normalise(url)
    if home is None:
        raise UsageError(f"{url!r} is not an http(s) URL. Example: https://example.com/")
    host = _host(home)
    sources = list(known)
    taken = next((source for source in sources if _host(source.home) == host), None)
    if taken is not None:
        raise UsageError(f"{host} is that of source {taken.id!r} already: nazair sources show {taken.id}")
    domain = registrable_domain(home)
    short, whole = (_as_id(name) for name in (domain.split(".", maxsplit=1)[0], host))
    id_ = short if short not in {source.id for source in sources} else whole
    country = domain.rpartition(".")[2]
    return Source(id=id_, name=domain, home=home, country=country.upper() if country in ARAB_COUNTRIES else None)


def entry(source: Source, seen: Sequence[tuple[Link, Listing]], *, why: str) -> str:
    """The `[[source]]` table of an outlet, as TOML.

    Raises NotDrafted when nothing leads into it, with what was said of its home page.
    """
    at_home = next((listing for link, listing in seen if link.channel == "home"), Listing())
    if not any(listing.links for _, listing in seen):
        raise NotDrafted(f"Nothing was drafted: {source.home}: {why}.")
    feeds = _entrances(seen, LinkKind.FEED)
    sitemaps = _entrances(seen, LinkKind.SITEMAP)
    lines = ["[[source]]", f"id = {quoted(source.id)}", f"name = {quoted(at_home.name or source.name)}"]
    lines.append(f"home = {quoted(source.home)}")
    if source.country:
        lines.append(f"country = {quoted(source.country)}  # from the domain")
    else:
        lines.append('# country = "jo"  # two letters: without, dates that name no time zone are known to the day')
    lines += _list("feeds", feeds) + _list("sitemaps", sitemaps)
    lines += _list("sections", [Entrance(url=link.url, links=0) for link in at_home.of(LinkKind.SECTION)])
    return "\n".join(lines) + "\n"


def _as_id(name: str) -> str:
    """The name as an id: letters a-z, digits and hyphens."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower()).strip("-")


def _entrances(seen: Sequence[tuple[Link, Listing]], kind: LinkKind) -> list[Entrance]:
    """The listings of a kind that gave links; not robots.txt, nor those below an index: the index leads to them. Nor a
    page that lists feeds, and is none.
    """
    listings = [(link, listing) for link, listing in seen if not is_robots(link) and not listing.of(LinkKind.FEED)]
    below = {one.url for _, listing in listings for one in listing.of(LinkKind.SITEMAP)}
    found = [Entrance(url=link.url, links=len(listing.links)) for link, listing in listings if link.kind is kind]
    return [one for one in found if one.links and one.url not in below]


def _list(key: str, entrances: Sequence[Entrance]) -> list[str]:
    if not entrances:
        return []
    urls = [f"  {quoted(one.url)}," + (f"  # {counted(one.links, 'link')}" if one.links else "") for one in entrances]
    return [f"{key} = [", *urls, "]"]


def _host(url: str) -> str:
    return urlsplit(url).netloc.removeprefix("www.")
