"""What became of a listing, or of a link whose server answered an error, and in which words: pure decisions."""

from __future__ import annotations

from collections.abc import Iterable

from corpus.plural import counted
from corpus.types import LeasedLink, Link, LinkKind, Outcome
from crawler.catalogue.sources import Source
from crawler.discovery.ladder import is_guess
from crawler.discovery.listing import WEB_PAGE, Listing
from crawler.discovery.seeds import is_robots

# Not which: what it led to may be forgotten, now or later.
LED_AWAY = "the link led to another site, which no source of this run has"


def of_listing(leased: LeasedLink, source: Source | None, listing: Listing, gave: Listing) -> tuple[Outcome, str]:
    """The outcome of a listing that was read; `gave` is what is gone on to."""
    if listing.problem and not listing.links and _must_have_links(leased.link, source):
        if WEB_PAGE in listing.problem and _was_missing(leased):
            return Outcome.GONE, f"{listing.problem}; nor was there one the last time"
        return Outcome.FAILED, listing.problem
    told = [counted(len(listing.links), "link"), *([listing.problem] if listing.problem else [])]
    told += [f"left out: {count:,} {reason}" for reason, count in gave.left_out.items()]
    return Outcome.LISTING, "; ".join(told)


def of_status(leased: LeasedLink, source: Source | None, status: int) -> tuple[Outcome, str]:
    """The outcome of a link that the server answered with an error; what was only guessed need not be there."""
    link = leased.link
    # What is added may be an article that was kept: whoever settles it knows, and says that another one failed.
    may_be_kept = leased.visit is not None or link.channel == "added"
    if status in (404, 410) and may_be_kept and link.kind is LinkKind.ARTICLE:
        return Outcome.GONE, f"the server answered {status}"
    if status in (404, 410) and link.kind is LinkKind.NEXT:
        return Outcome.LISTING, f"no further page of this section: the server answered {status}"
    if status in (404, 410) and link.kind in (LinkKind.SECTION, LinkKind.FEED) and link.depth:
        return Outcome.LISTING, f"no {link.kind}, although the site names it: the server answered {status}"
    if is_guess(link, source):
        what = "robots.txt" if is_robots(link) else f"{link.kind} here, which was a guess"
        return Outcome.LISTING, f"no {what}: the server answered {status}"
    if status in (404, 410) and link.kind.is_listing and _was_missing(leased):
        return Outcome.GONE, f"the server answered {status}: this {link.kind} was not there the last time either"
    return Outcome.FAILED, f"the server answered {status}"


def _was_missing(leased: LeasedLink) -> bool:
    """Whether a listing could not be had when it was last asked for. Without its home page a source is not what it was
    said to be: that fails until somebody says what it is.
    """
    if leased.link.channel == "home":
        return False
    return leased.visit is not None and (leased.visit.due_at is None or leased.visit.interval is None)


def is_absent(link: Link, source: Source | None, outcome: Outcome, found: Iterable[Link]) -> bool:
    """Whether a guess was wrong: the server answered, and nothing follows but other guesses."""
    is_wrong = outcome is Outcome.LISTING and is_guess(link, source) and not is_robots(link)
    return is_wrong and all(is_guess(one, source) for one in found)


def _must_have_links(link: Link, source: Source | None) -> bool:
    """Whether it is a failure that a listing has none.

    What a site calls a section or feed need not be one, a guess need not be right, some home pages are scripts.
    """
    if is_guess(link, source):
        return False
    if link.kind is not LinkKind.SITEMAP and (link.depth or link.channel == "search"):
        return False
    return link.channel != "home" or source is None or not source.has_listings


def not_modified(leased: LeasedLink) -> str:
    """Why a page was not read: its server says that it is as it was."""
    read = leased.validators
    return "the server answered 304: not changed" + (f" since {read.read_at:%Y-%m-%d %H:%M} UTC" if read else "")
