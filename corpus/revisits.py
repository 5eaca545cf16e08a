"""When is a page to be visited again? Pure decisions; `store.visits` remembers.

A listing is visited so often that between a third and two thirds of its entries are known from the visit before:
sooner costs requests that tell nothing, later may lose entries that have left it in between. An article is
visited again an hour after it was first kept, then after six hours, a day and a week: most edits are made early.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from corpus.store.frontier import Added
from corpus.store.visits import keys_of
from corpus.types import STORED, Decision, LeasedLink, LinkKind, Outcome, Visit

# Of what is visited for the first time nothing is known. Guess.
FIRST_INTERVAL = timedelta(hours=1)

# A feed of twenty entries that is half new every ten minutes has 1,400 a day: more than any outlet of ours has.
# Not quite a day at most, because even a source that sleeps may be the first with something, and a crawl that comes at
# the same time every day is to find all of them due. Guesses.
SHORTEST_INTERVAL = timedelta(minutes=10)
LONGEST_INTERVAL = timedelta(hours=23)

FEWEST_KNOWN, MOST_KNOWN = 1 / 3, 2 / 3

# One visit is one observation: a night, or one busy hour, moves an interval by so much at most.
STEP = 2.0

# Where a listing was guessed and is none: sites change their systems now and then. Guess.
ABSENT_FOR = timedelta(days=7)

ARTICLE_AGES = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=7))


def interval_after(interval: timedelta | None, *, elapsed: timedelta | None, known: float) -> timedelta:
    """How long to leave a listing alone, after a visit that found a share `known` of its entries known.

    `interval` is how long it was to be left alone until now, `elapsed` how long it was; None before the first visit.
    """
    if interval is None or elapsed is None:
        return FIRST_INTERVAL
    if FEWEST_KNOWN <= known <= MOST_KNOWN:
        wanted = elapsed
    elif known > MOST_KNOWN and elapsed < interval:
        wanted = interval  # somebody came early: that it had little new says nothing
    else:
        # Entries come at a steady pace, as far as one visit can tell: when would half of them have been new?
        wanted = elapsed * min(0.5 / (1 - known), STEP * interval / elapsed) if known < 1 else STEP * interval
    bounded = min(max(wanted, interval / STEP), interval * STEP)
    return min(max(bounded, SHORTEST_INTERVAL), LONGEST_INTERVAL)


def article_due(first_at: datetime, *, now: datetime) -> datetime | None:
    """When an article that was first kept at `first_at` is to be visited next; None for no more.

    Visits that were missed are not made up for: one finds all that was edited in between.
    """
    return next((first_at + age for age in ARTICLE_AGES if first_at + age > now), None)


def visited(leased: LeasedLink, decision: Decision, *, outcome: Outcome, added: Added, now: datetime) -> Visit | None:
    """A visit to a link as it is to be remembered: what the server said of what was read, and when it is due again.

    None for an article that was never kept: it is not visited again.
    """
    before = leased.visit
    if leased.link.kind.is_listing:
        return _listing(leased, decision, outcome=outcome, added=added, now=now)
    if before is None and outcome not in STORED:
        return None
    first_at = before.first_at if before else now
    # What was said of a page that stood in the article's place must not say later that the article is as it was.
    validators = decision.validators if outcome in STORED else None
    return Visit(
        url=leased.link.url,
        validators=validators or leased.validators,
        first_at=first_at,
        visited_at=now,
        due_at=article_due(first_at, now=now),
    )


def _listing(leased: LeasedLink, decision: Decision, *, outcome: Outcome, added: Added, now: datetime) -> Visit:
    before = leased.visit
    visit = Visit(
        url=leased.link.url,
        validators=leased.validators,
        first_at=before.first_at if before else now,
        visited_at=now,
        interval=before.interval if before else None,
        listings=before.listings if before else b"",
    )
    if outcome is Outcome.GONE:
        return replace(visit, interval=None, due_at=now + LONGEST_INTERVAL)
    if outcome not in (Outcome.LISTING, Outcome.UNCHANGED):
        return visit  # without a time: what cannot be had is visited again when something names it
    pages = sum(link.kind is LinkKind.ARTICLE for link in decision.found)
    known = 1 - added.new_pages / pages if pages else 1.0
    interval = interval_after(visit.interval, elapsed=now - before.visited_at if before else None, known=known)
    if decision.absent:
        interval = ABSENT_FOR
    visit = replace(visit, interval=interval, due_at=now + interval)
    if outcome is Outcome.UNCHANGED:
        return visit
    # What was left out, and what had nothing, is to be read whole.
    validators = decision.validators if decision.found and not added.left_out else None
    return replace(visit, validators=validators, listings=keys_of(decision.found))
