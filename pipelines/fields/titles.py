"""The title of an article: which of the places that name one is believed, and without the name of the site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from corpus.arabic import fold
from pipelines.fields import jsonld
from pipelines.fields.headline import TITLE_SEPARATOR, agree, home_names, one_line, words_of
from pipelines.fields.places import Places

LONGEST_TITLE = 300

# The places of a title, when no two of them agree.
HEADING = "heading"
UNCONFIRMED = ("og:title", "json-ld", HEADING, "title")


def read_title(page: Places, site_names: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The title without the site's name, and its place.

    og:title is what newsrooms care for, the heading what readers see (never cut, never with a site's
    name), JSON-LD is cut at 110 characters or left over from an earlier edition. The first that
    another place confirms is taken, in the words of the heading if that says the same. Where no two
    agree, a heading may be a section's or a logo, and goes behind JSON-LD.
    """
    shared, told = page.meta("og:title", "twitter:title")[:2], jsonld.strings(page.article.get("headline"))[:1]
    tag = str(page.headline.tag) if page.headline is not None else ""
    candidates = {
        "og:title": shared,
        HEADING: [_without_kicker(page, [*shared, *told])],
        "json-ld": told,
        "title": [page.document_title],
    }
    sites = [folded for name in site_names if (folded := fold(name))]
    title, place = _chosen(candidates, sites)
    if title is not None and place != HEADING:
        # Some systems name the site in all places for machines, alone or beside the title.
        parts = {fold(part) for part in (title, *TITLE_SEPARATOR.split(title))}
        if named := parts & home_names(page.tree):
            title, place = _chosen(candidates, [*sites, *named])
    return title, tag if place == HEADING else place


def site_in_title(page: Places) -> Iterator[str]:
    """What the document's title has more than the headline, before or behind it: the name of the site."""
    for title in filter(None, (_heading(page), *page.meta("og:title")[:1])):
        before, found, behind = page.document_title.partition(title)
        if found and (rest := TITLE_SEPARATOR.match(behind + " ")):
            yield behind[rest.end() :].strip()
        if found and TITLE_SEPARATOR.search(before):
            yield TITLE_SEPARATOR.split(before)[0].strip()


def _chosen(candidates: Mapping[str, Sequence[str]], sites: Sequence[str]) -> tuple[str | None, str | None]:
    """The title of these, by their places, that is believed, and its place."""
    said = [
        (place, bare)
        for place, titles in candidates.items()
        for title in titles
        if (bare := _without_site(one_line(title[: 2 * LONGEST_TITLE]), sites)[:LONGEST_TITLE])
    ]
    for place, title in said:
        confirming = [other for other, words in said if other != place and agree(title, words)]
        if confirming:
            return (dict(said)[HEADING], HEADING) if HEADING in (place, *confirming) else (title, place)
    if not said:
        return None, None
    place, title = min(said, key=lambda one: UNCONFIRMED.index(one[0]))
    return title, place


def _without_site(title: str, sites: Sequence[str]) -> str:
    """A title without the name of the site, folded, before or behind it; empty when it is nothing but that name."""

    def is_site(words: str) -> bool:
        folded = fold(words)
        return bool(folded) and any(folded in site or site in folded for site in sites)

    for separator in reversed(list(TITLE_SEPARATOR.finditer(title))):
        if is_site(title[separator.end() :]):
            title = title[: separator.start()]
    first = TITLE_SEPARATOR.search(title)
    if first and fold(title[: first.start()]) in sites:
        title = title[first.end() :]
    return "" if fold(title) in sites else title.strip()


def _without_kicker(page: Places, titles: Sequence[str]) -> str:
    """The heading without what stands in it above the title, as one of the titles has it: «رأي», «الدوري الإنجليزي»."""
    heading, first = _heading(page), next(iter(page.headline), None) if page.headline is not None else None
    if first is None or not heading.startswith(kicker := words_of(first)):
        return heading
    rest = heading.removeprefix(kicker).lstrip(" :|-–—/")
    return rest if fold(rest) in {fold(one_line(title[: 2 * LONGEST_TITLE])) for title in titles} - {""} else heading


def _heading(page: Places) -> str:
    return words_of(page.headline) if page.headline is not None else ""
