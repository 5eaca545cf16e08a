"""What came of a run's leased links, into the collection: decisions, links found, visits, and articles through `keep`.

Of a transaction's links what can be is read and written once for all. What a link's page says now may also be that an
article is no longer there, or is not to be kept any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from corpus.directives import as_it_may_be_kept
from corpus.keep import Kept, NewArticles, forget
from corpus.repeated import Learning
from corpus.revisits import visited
from corpus.sketch import sketch as sketch_of
from corpus.store import Connection, articles, frontier, leases, runs, tombstones
from corpus.store.articles import url_key
from corpus.store.frontier import Known
from corpus.store.runs import NewDecision
from corpus.types import Article, Decision, LeasedLink, Outcome, Reading, Sketch, Visit
from corpus.urls import identity, is_above, normalise
from corpus.weighing import TermCounts

# What a server failed at is asked for again after a quarter of an hour, doubling, up to a day: a page ten times in all,
# over three days, because five were over after four hours, and an outage of a weekend cost the pages that waited first.
# A listing is asked for by each run that begins after its last try.
RETRY_AFTER, LONGEST_RETRY = timedelta(minutes=15), timedelta(days=1)
MAX_TRIES, MAX_TRIES_OF_LISTING = 10, 5

STAYS = "what is stored stays"


class Settled(NamedTuple):
    """What came of some leased links."""

    kept: list[Kept | None]  # of each; None where the lease had gone to somebody else: of that nothing is stored
    visits: dict[int, Visit]  # by link, what is known of those that may be visited again


def settle(
    connection: Connection,
    decided: Sequence[tuple[LeasedLink, Decision]],
    *,
    queue: str,
    run_id: int,
    now: datetime,
    counts: TermCounts,
) -> Settled:
    """Store what came of leased links. Visits are for the caller to keep: an import visits nothing again."""
    settling = _Settling(connection, decided, queue=queue, run_id=run_id, now=now, counts=counts)
    return Settled(settling.settle_all(), settling.visits)


class _Settling:
    """The decisions about some leased links: what can be is read and written once for all of them."""

    def __init__(
        self,
        connection: Connection,
        decided: Sequence[tuple[LeasedLink, Decision]],
        *,
        queue: str,
        run_id: int,
        now: datetime,
        counts: TermCounts,
    ) -> None:
        self._connection = connection
        self._decided = decided
        self._queue, self._run_id, self._now = queue, run_id, now
        self._new = NewArticles(connection, counts, [made for _, decision in decided if (made := _sketch_of(decision))])
        self._lines = Learning(connection, [one for _, decision in decided if (one := _article_of(decision))])
        self._known = Known(connection, queue, [link for _, decision in decided for link in decision.found])
        # Of a listing that is read every hour there are thousands of decisions, none of an article.
        self._urls = [leased.link.url for leased, _ in decided if not leased.link.kind.is_listing]
        self._stored = runs.articles_of(connection, self._urls)
        self._told: list[NewDecision] = []
        self._left: set[int] = set()  # articles that are no longer at one of their addresses
        self._taken_out: dict[int | None, int | None] = {}  # articles, and what stands for them, if anything
        self.visits: dict[int, Visit] = {}

    def settle_all(self) -> list[Kept | None]:
        """What was stored of each."""
        retry_at = {leased.id: self._retry_at(leased, decision) for leased, decision in self._decided}
        mine = leases.settle(self._connection, retry_at, run_id=self._run_id)
        kept = [
            self._settle(leased, decision, again=retry_at[leased.id] is not None) if leased.id in mine else None
            for leased, decision in self._decided
        ]
        self._new.enter()
        self._lines.store()
        told = [replace(one, article_id=self._taken_out.get(one.article_id, one.article_id)) for one in self._told]
        runs.record(self._connection, self._run_id, told, now=self._now)
        for article_id in self._left:
            self._mark_gone(article_id)
        return kept

    def _retry_at(self, leased: LeasedLink, decision: Decision) -> datetime | None:
        """When a link is to be tried again, if it is."""
        most = MAX_TRIES_OF_LISTING if leased.link.kind.is_listing else MAX_TRIES
        if not decision.retry or leased.tries + 1 >= most:
            return None
        return decision.retry_at or self._now + min(RETRY_AFTER * 2**leased.tries, LONGEST_RETRY)

    def _settle(self, leased: LeasedLink, decision: Decision, *, again: bool) -> Kept:
        connection, now = self._connection, self._now
        added = frontier.add_found(connection, self._queue, decision.found, run_id=self._run_id, known=self._known)
        kept = self._keep(leased, decision)
        was_read = kept.outcome in (Outcome.LISTING, Outcome.UNCHANGED)
        if added.left_out or (leased.link.kind.is_listing and not was_read):
            frontier.read_again(connection, leased.id)
        if not again and (visit := visited(leased, decision, outcome=kept.outcome, added=added, now=now)) is not None:
            self.visits[leased.id] = visit
        found = decision.found if kept.outcome is not Outcome.UNCHANGED else ()
        self._told.append(
            NewDecision(
                link=leased.link,
                outcome=kept.outcome,
                reason=kept.reason + _led(leased, decision) + _waiting(added.left_out),
                article_id=kept.article_id,
                links_found=sum(link.depth > 0 for link in found),
                links_new=added.new,
                links_skipped=added.skipped,
            )
        )
        return kept

    def _keep(self, leased: LeasedLink, decision: Decision) -> Kept:
        """Store what a page says; of one that says nothing new, that is gone, or asks not to be kept, record that."""
        connection, reading = self._connection, decision.reading
        if reading is not None and not reading.unwanted:
            return self._keep_read(leased, decision, reading)
        stored = self._stored.get(url_key(leased.link.url))
        kept = Kept(outcome=decision.outcome, reason=decision.reason)
        if stored is None:
            was_never_there = kept.outcome is Outcome.GONE and leased.visit is None
            return replace(kept, outcome=Outcome.FAILED) if was_never_there else kept
        if reading is not None:
            self._new.enter()
            forget(connection, [stored])
            self._take_out(stored, None)
            return replace(kept, reason=f"{kept.reason}; what was stored of it is taken out")
        if decision.outcome is Outcome.GONE:
            self._left.add(stored)
            return replace(kept, reason=f"{kept.reason}; {STAYS}", article_id=stored)
        if decision.outcome is Outcome.UNCHANGED:
            articles.set_gone(connection, stored, None)
        return replace(kept, article_id=stored)

    def _keep_read(self, leased: LeasedLink, decision: Decision, reading: Reading) -> Kept:
        """Store what was read. An article is gone when its address leads to another one, or its page says so."""
        connection, url = self._connection, leased.link.url
        before = articles.id_of_url(connection, url) if _is_elsewhere(leased, decision) else None
        kept = _keep_reading(connection, decision, self._new, self._lines, before=before)
        if kept.twin is not None:
            self._take_out(kept.twin, kept.article_id)
        if kept.article_id is not None and not kept.is_new:
            articles.set_gone(connection, kept.article_id, None)
        if before is not None and reading.article is not None and kept.article_id != before:
            self._left.add(before)
        if kept.article_id is not None or kept.outcome is not Outcome.NOT_AN_ARTICLE or leased.visit is None:
            # Of a page that was visited before, not of one in an archive, which may be older than what is stored.
            return kept
        if (stored := self._stored.get(url_key(url))) is None:
            return kept
        if _is_gone(leased, decision, reading):
            self._left.add(stored)
            kept = replace(kept, outcome=Outcome.GONE)
        return replace(kept, reason=f"{kept.reason}; {STAYS}", article_id=stored)

    def _take_out(self, article_id: int, instead: int | None) -> None:
        """Let the other decisions of the transaction be of no article that is there no longer."""
        self._taken_out = {a: instead if b == article_id else b for a, b in self._taken_out.items()}
        self._taken_out[article_id] = instead
        self._stored = runs.articles_of(self._connection, self._urls)

    def _mark_gone(self, article_id: int) -> None:
        """Mark an article that is no longer at one of its addresses; where it is at others, it is shown under those."""
        living = runs.living_addresses(self._connection, article_id)
        if not living:
            articles.set_gone(self._connection, article_id, self._now)
            return
        shown = articles.load(self._connection, [article_id])[article_id].article.url
        if url_key(shown) not in map(url_key, living):
            articles.set_addresses(self._connection, article_id, living[0], shown)


def _keep_reading(
    connection: Connection, decision: Decision, new: NewArticles, lines: Learning, *, before: int | None
) -> Kept:
    """Store the article of a decision, if it has one that is to be stored; its source's pages are learned from.

    It may be the one that was stored `before` from an address that led here.
    """
    reading = decision.reading
    if reading is None or reading.article is None:
        return Kept(outcome=decision.outcome, reason=decision.reason)
    if (
        stone := tombstones.of_page(connection, decision.url, reading.article.url, reading.article.canonical_url)
    ) is not None:
        return Kept(outcome=Outcome.FORGOTTEN, reason=stone.told)
    article = lines.learn(reading.article)
    if reading.sketch is None:
        return Kept(outcome=decision.outcome, reason=decision.reason)
    if before is not None or articles.id_of_page(connection, article.url, article.canonical_url) is not None:
        lines.store()  # what is stored is compared without the lines that are known by now
    sketch = reading.sketch
    if article is not reading.article:
        # A line less changes no meaning, and an embedding costs more than all else.
        sketch = replace(sketch_of(article.title, article.text), meaning=sketch.meaning)
    article = as_it_may_be_kept(article)
    return new.keep(article, sketch, topics=reading.topics, before=before)


def _article_of(decision: Decision) -> Article | None:
    return decision.reading.article if decision.reading is not None else None


def _sketch_of(decision: Decision) -> Sketch | None:
    return decision.reading.sketch if decision.reading is not None else None


def _is_elsewhere(leased: LeasedLink, decision: Decision) -> bool:
    """Whether a link led to the page of another address."""
    return identity(normalise(decision.url) or decision.url) != identity(leased.link.url)


def _is_gone(leased: LeasedLink, decision: Decision, reading: Reading) -> bool:
    """Whether what stands in the place of an article shows that it is gone: a login or a question about cookies, to
    which its address may lead for a while, does not.
    """
    url = normalise(decision.url) or decision.url
    return reading.is_gone or (
        _is_elsewhere(leased, decision) and (reading.is_listing or is_above(url, leased.link.url))
    )


def _led(leased: LeasedLink, decision: Decision) -> str:
    # Not to which: it may be forgotten, now or later.
    return "; the link led to another address" if _is_elsewhere(leased, decision) else ""


def _waiting(count: int) -> str:
    return f"; {count:,} more links of its host wait for the next run" if count else ""
