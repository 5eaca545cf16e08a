"""What a check of sources found: each fetch with a verdict, what it was before, and what to edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.store import Connection, frontier, runs, tombstones
from corpus.store.runs import PastDecision, Run
from corpus.types import Link, LinkKind, Outcome
from crawler.catalogue import Source
from crawler.discovery.ladder import LISTED
from crawler.discovery.listing import Listing
from crawler.plan import Plan

Seen = Sequence[tuple[Link, Listing]]


@dataclass(frozen=True, kw_only=True)
class Health:
    """One thing that was fetched of a source, or that could not be."""

    source_id: str
    what: str  # feed, sitemap, section, article
    url: str
    state: str  # good, broken, broken since, good again, empty, moved, double, not asked
    why: str
    edit: str | None = None

    @property
    def is_good(self) -> bool:
        return self.state.startswith("good")


def health(connection: Connection, run: Run, plan: Plan, seen: Seen) -> list[Health]:
    """What the check of these sources came to, source by source."""
    decided = runs.decided(connection, run.id)
    found = []
    for source in plan.sources.values():
        own = [one for one in decided if one.source_id == source.id]
        found += [_judged(connection, run, one, source, seen) for one in own]
        if source.id in plan.doubles:
            found.append(_double(source, plan.doubles[source.id]))
        elif not own:
            found.append(_not_asked(connection, source))
    return found


def _not_asked(connection: Connection, source: Source) -> Health:
    """A source of which nothing was fetched."""
    why, edit = "its host is left alone for now", None
    if source.aggregator:
        why = "an aggregator has no pages of its own"
    elif stone := tombstones.of_page(connection, source.home):
        why, edit = stone.told, "enabled = false"
    return Health(source_id=source.id, what="home", url=source.home, state="not asked", why=why, edit=edit)


def _double(source: Source, other: str) -> Health:
    """A source that is entered where another one is."""
    why = f"{other!r} is entered at the same addresses: a crawl of both leaves this one out"
    edit = "take one of the two out, or name feeds or sections of its own"
    return Health(source_id=source.id, what="home", url=source.home, state="double", why=why, edit=edit)


def _judged(connection: Connection, run: Run, one: PastDecision, source: Source, seen: Seen) -> Health:
    good = _is_good(one)
    before = [past for past in runs.why(connection, one.url) if past.run_id < one.run_id]
    state = "good" if good else "broken"
    if before and _is_good(before[-1]) != good:
        state = "good again" if good else f"broken since {before[-1].decided_at:%Y-%m-%d}"
    if good and one.kind in LISTED and any(link.url == one.url and _is_empty(listing) for link, listing in seen):
        good, state = False, "empty"
    if good and one.channel == "home" and _moved_to(source, seen):
        good, state = False, "moved"
    is_missing = one.kind is LinkKind.ARTICLE and one.outcome is Outcome.FAILED  # another is the first one day
    is_passing = is_missing or any(
        row.queue == run.queue and row.state == "pending" for row in frontier.state_of(connection, one.url)
    )
    return Health(
        source_id=source.id,
        what=one.kind.value,
        url=one.url,
        state=state,
        why=one.reason,
        edit=None if good else "nothing yet: check again later" if is_passing else _advice(one, source, seen),
    )


def _is_good(one: PastDecision) -> bool:
    if one.kind is LinkKind.ARTICLE:
        # In a check an article belongs to no topic; in a crawl it may.
        return one.outcome in (Outcome.OFF_TOPIC, Outcome.KEPT, Outcome.NEAR_COPY, Outcome.UNCHANGED)
    return one.outcome in (Outcome.LISTING, Outcome.UNCHANGED)


def _is_empty(listing: Listing) -> bool:
    return not listing.links and not listing.unchanged


def _moved_to(source: Source, seen: Seen) -> str | None:
    """Where the home page of a source led, if to another site, and to nothing of this one."""
    home = (listing for link, listing in seen if link.source_id == source.id and link.channel == "home")
    return next((listing.led_to for listing in home if not listing.links), None)


def _advice(one: PastDecision, source: Source, seen: Seen) -> str:
    """What to change in the catalogue."""
    if one.outcome is Outcome.BLOCKED_BY_ROBOTS:
        return "enabled = false: the outlet does not want this"
    if moved_to := _moved_to(source, seen):
        return f'home = "{moved_to}", if the outlet has moved there; its other addresses will have, too'
    if one.kind is LinkKind.ARTICLE:
        return "nothing yet: add a page like it to fixtures/pages, and make the test pass"
    if one.kind in LISTED:
        key = f"{one.kind.value}s"
        named = [link.url for link, listing in seen if link.source_id == source.id for link in listing.of(one.kind)]
        others = [url for url in dict.fromkeys(named) if url not in (*source.feeds, *source.sitemaps)]
        if others:
            return f"{key}: put {others[0]} in its place, which the home page names"
        return f"{key}: take it out; the home page and robots.txt are read anyway"
    return "home: correct it, or enabled = false"
