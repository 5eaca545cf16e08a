"""One page's outcome into the collection: all that follows from it, in one transaction.

The order: what does its source repeat? → is it stored already, and edited since? → whose near-copy is it?
→ copy groups → the article → its similar list, and the lists it enters → the search index → the frontier row is done.
Decisions are pure functions elsewhere (`near_copy`, `similar`); the SQL is in `store`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from corpus import copies, repeated, similar_lists, terms
from corpus.copies import Entered, Entering
from corpus.directives import as_it_may_be_kept
from corpus.repeated import Learning
from corpus.revisions import Edit, edit_of, is_version, keep_edit
from corpus.revisits import visited
from corpus.similar_lists import Arrival
from corpus.sketch import of_text
from corpus.sketch import sketch as sketch_of
from corpus.store import Connection, articles, frontier, leases, lists, runs, tombstones, visits, words
from corpus.store.articles import url_key
from corpus.store.frontier import Known
from corpus.store.runs import NewDecision
from corpus.types import Article, Decision, LeasedLink, Outcome, Reading, Sketch, TopicMatch, Visit
from corpus.urls import identity, is_above, normalise
from corpus.weighing import TermCounts

# A server that failed is asked again after a quarter of an hour, doubling, five times in all.
RETRY_AFTER = timedelta(minutes=15)
MAX_TRIES = 5

# Articles that are analysed anew in one transaction: a second or two in which nobody else stores.
REBUILT_AT_ONCE = 500

STAYS = "what is stored stays"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was stored of one decision."""

    outcome: Outcome
    reason: str
    article_id: int | None = None
    is_new: bool = False  # not stored before


def settle(
    connection: Connection,
    settled: Sequence[tuple[LeasedLink, Decision]],
    *,
    queue: str,
    run_id: int,
    now: datetime,
    counts: TermCounts,
    remembered: dict[int, Visit] | None = None,
) -> list[Kept | None]:
    """Store what came of leased links. None where the lease had gone to somebody else: of that nothing is stored.

    In `remembered`, where visits are, goes what is known of these, by link: it is to be stored with the rest.
    """
    settling = _Settling(connection, settled, queue=queue, run_id=run_id, now=now, counts=counts)
    kept = settling.settle_all()
    if remembered is not None:
        remembered |= settling.visits
    return kept


class _New:
    """The new articles of a transaction: their texts and lists, for which what can be is done for all at once."""

    def __init__(self, connection: Connection, counts: TermCounts, sketches: Iterable[Sketch] = ()) -> None:
        self._connection, self._counts = connection, counts
        self.texts = Entering(connection, map(of_text, sketches))
        self.arrivals: list[Arrival] = []  # that are in no list yet
        self.named: set[int] = set()  # articles that name other concepts than before

    def enter(self) -> None:
        """Finish those that came. To be called before the transaction ends, and before an article goes."""
        self.texts.store()
        if self.arrivals:
            words.note_analyser(self._connection, terms.settings())
        similar_lists.enter(self._connection, self.arrivals, self._counts)
        similar_lists.compare_anew(self._connection, self.named)
        self.arrivals, self.named = [], set()


class _Settling:
    """The decisions about some leased links: what can be is read and written once for all of them."""

    def __init__(
        self,
        connection: Connection,
        settled: Sequence[tuple[LeasedLink, Decision]],
        *,
        queue: str,
        run_id: int,
        now: datetime,
        counts: TermCounts,
    ) -> None:
        self._connection = connection
        self._settled = settled
        self._queue, self._run_id, self._now = queue, run_id, now
        self._new = _New(connection, counts, [made for _, decision in settled if (made := _sketch_of(decision))])
        self._lines = Learning(connection, [one for _, decision in settled if (one := _article_of(decision))])
        self._known = Known(connection, queue, [link for _, decision in settled for link in decision.found])
        self._told: list[NewDecision] = []
        self._left: set[int] = set()  # articles that are no longer at one of their addresses
        self.visits: dict[int, Visit] = {}

    def settle_all(self) -> list[Kept | None]:
        """What was stored of each."""
        kept = [self._settle(leased, decision) for leased, decision in self._settled]
        self._new.enter()
        self._lines.store()
        runs.record(self._connection, self._run_id, self._told, now=self._now)
        for article_id in self._left:
            self._mark_gone(article_id)
        return kept

    def _settle(self, leased: LeasedLink, decision: Decision) -> Kept | None:
        connection, now = self._connection, self._now
        again = decision.retry and leased.tries + 1 < MAX_TRIES
        retry_at = (decision.retry_at or now + RETRY_AFTER * 2**leased.tries) if again else None
        if not leases.settle(connection, leased.id, run_id=self._run_id, retry_at=retry_at):
            return None
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
        stored = None if leased.link.kind.is_listing else runs.article_of(connection, leased.link.url)
        kept = Kept(outcome=decision.outcome, reason=decision.reason)
        if stored is None:
            return kept
        if reading is not None:
            self._new.enter()
            forget(connection, [stored])
            return replace(kept, reason=f"{kept.reason}; what was stored of it is taken out")
        if decision.outcome is Outcome.GONE:
            self._left.add(stored)
        elif decision.outcome is Outcome.UNCHANGED:
            articles.set_gone(connection, stored, None)
        return replace(kept, article_id=stored)

    def _keep_read(self, leased: LeasedLink, decision: Decision, reading: Reading) -> Kept:
        """Store what was read. An article is gone when its address leads to another one, or its page says so."""
        connection, url = self._connection, leased.link.url
        before = articles.id_of_url(connection, url) if _is_elsewhere(leased, decision) else None
        kept = _keep_reading(connection, decision, self._new, self._lines, before=before)
        if kept.article_id is not None and not kept.is_new:
            articles.set_gone(connection, kept.article_id, None)
        if before is not None and reading.article is not None and kept.article_id != before:
            self._left.add(before)
        if kept.article_id is not None or kept.outcome is not Outcome.NOT_AN_ARTICLE or leased.visit is None:
            # Of a page that was visited before, not of one in an archive, which may be older than what is stored.
            return kept
        if (stored := runs.article_of(connection, url)) is None:
            return kept
        if _is_gone(leased, decision, reading):
            self._left.add(stored)
            kept = replace(kept, outcome=Outcome.GONE)
        return replace(kept, reason=f"{kept.reason}; {STAYS}", article_id=stored)

    def _mark_gone(self, article_id: int) -> None:
        """Mark an article that is no longer at one of its addresses; where it is at others, it is shown under those."""
        living = runs.living_addresses(self._connection, article_id)
        if not living:
            articles.set_gone(self._connection, article_id, self._now)
            return
        shown = articles.load(self._connection, [article_id])[article_id].article.url
        if url_key(shown) not in map(url_key, living):
            articles.set_addresses(self._connection, article_id, living[0], shown)


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


def _keep_reading(
    connection: Connection, decision: Decision, new: _New, lines: Learning, *, before: int | None
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
    return _keep_article(connection, article, sketch, new, topics=reading.topics, before=before)


def keep_article(
    connection: Connection,
    article: Article,
    sketch: Sketch,
    *,
    topics: tuple[TopicMatch, ...] = (),
    counts: TermCounts,
) -> Kept:
    """Store an article, or its newer text; tells whether it is new, a near-copy, or unchanged.

    Raises SketchMismatch when the database holds signatures made with other settings.
    """
    new = _New(connection, counts)
    kept = _keep_article(connection, article, sketch, new, topics=topics)
    new.enter()
    return kept


def _keep_article(
    connection: Connection,
    article: Article,
    sketch: Sketch,
    new: _New,
    *,
    topics: tuple[TopicMatch, ...],
    before: int | None = None,
) -> Kept:
    article_id, article = _known(connection, article, before)
    told = "stored"
    is_new = article_id is None
    if article_id is None:
        entered = new.texts.enter(article, of_text(sketch))
        article_id = articles.add(connection, article, sketch, entered.place)
        articles.add_topics(connection, article_id, topics)
    else:
        edit = edit_of(connection, article_id, article)
        if article.fetched_at < edit.before.fetched_at:
            return Kept(outcome=Outcome.UNCHANGED, reason="what is stored was read later", article_id=article_id)
        if not edit.is_other:
            if not _keys(article) <= _keys(edit.before) or url_key(article.url) != url_key(edit.before.url):
                articles.set_addresses(connection, article_id, article.url, article.canonical_url)
            articles.set_topics(connection, article_id, topics)
            if _names_others(edit, topics):
                new.named.add(article_id)
            return Kept(outcome=Outcome.UNCHANGED, reason="stored before, with the same text", article_id=article_id)
        told = keep_edit(connection, article_id, edit)
        new.enter()
        _withdraw(connection, [article_id])
        entered = new.texts.enter(article, of_text(sketch))
        articles.replace(connection, article_id, article, sketch, entered.place)
        articles.set_topics(connection, article_id, topics)
    new.arrivals.append(
        Arrival(
            article_id=article_id,
            article=article,
            sketch=sketch,
            repeats=entered.how is not None,
            moved=entered.moved,
        )
    )
    words.add(connection, article_id, article, sketch)
    return replace(_told(article_id, entered, told), is_new=is_new)


def _names_others(edit: Edit, topics: tuple[TopicMatch, ...]) -> bool:
    """Whether an article names other concepts, as it is judged now, than it did; lists count what articles name."""
    known = {one.topic_id: one.names for one in edit.topics}
    judged = known | {one.topic_id: one.names for one in topics if one.on_topic}
    return set(chain(*known.values())) != set(chain(*judged.values()))


def without_repeated(connection: Connection, ids: Sequence[int], *, counts: TermCounts) -> int:
    """Take what their sources are now known to repeat out of stored articles; returns how many changed.

    All that is derived from the text of those is derived again.
    """
    changed = 0
    for stored in articles.load(connection, ids).values():
        article = repeated.without_repeated(connection, stored.article)
        if article is not stored.article:
            meaning = similar_lists.subjects(connection, [stored.id])[stored.id].meaning
            sketch = replace(sketch_of(article.title, article.text), meaning=meaning)
            keep_article(connection, article, sketch, topics=stored.topics, counts=counts)
            changed += 1
    return changed


def begin_rebuild(connection: Connection) -> None:
    """Forget all that articles are compared and searched by, whatever it was made with, until `rebuild`."""
    copies.begin_rebuild(connection)
    lists.take_groups(connection)
    words.clear(connection)


def rebuild(connection: Connection, *, counts: TermCounts) -> int:
    """Analyse some articles anew; returns how many there were, 0 when all are. The lists are to be made after it.

    In a transaction each: articles may come in between.
    """
    ids = articles.without_text(connection, limit=REBUILT_AT_ONCE)
    some = {one: stored.article for one, stored in sorted(articles.load(connection, ids).items())}
    made = {one: sketch_of(article.title, article.text) for one, article in some.items()}
    copies.rebuild(connection, some, {one: of_text(sketch) for one, sketch in made.items()})
    similar_lists.analyse(connection, made, counts=counts)
    for article_id, article in some.items():
        words.add(connection, article_id, article, made[article_id])
    if ids:
        words.note_analyser(connection, terms.settings())
    return len(ids)


def is_of_another_version(connection: Connection) -> bool:
    """Whether words were analysed by another version, under lemmas that this one may not search for: `rebuild`."""
    return bool(words.noted_analysers(connection) - {terms.settings()})


def forget(connection: Connection, ids: Collection[int], *, going: Set[int] = frozenset()) -> None:
    """Take articles out of the collection: their copies, and the lists that named them, are settled without them.

    They are not visited again. The lists of those that are `going` next are left as they are.
    """
    for article_id in ids:
        for url in {*articles.urls_of(connection, article_id), *runs.addresses_of(connection, article_id)}:
            visits.stop(connection, url)
    _withdraw(connection, ids, going=going)
    for article_id in ids:
        articles.remove(connection, article_id)


def _known(connection: Connection, article: Article, before: int | None) -> tuple[int | None, Article]:
    """The stored article that this one is, or was `before`, if any; and the article with the addresses to store it by.

    What a page declares canonical is not believed where that is another text's: some systems name the same address on
    each of their pages. An article keeps the address that it was stored under, but for that which its page declared
    canonical, when this has been read; where it was moved, the new one stands beside it.
    """
    known, url, canonical = None, url_key(article.url), article.canonical_url
    names_another = canonical is not None and url_key(canonical) != url
    candidates = articles.ids_of_page(connection, article.url, canonical)
    for one in dict.fromkeys(candidates if before is None else [*candidates, before]):
        stored = articles.load(connection, [one])[one].article
        if url_key(stored.url) == url or is_version(stored, article):
            is_main = url in _keys(stored) and not names_another
            if known is None and url_key(stored.url) != url and not is_main:
                article = replace(article, url=stored.url, canonical_url=canonical if names_another else article.url)
            known = known or one
        elif canonical is not None and url != url_key(canonical) in _keys(stored):
            article = replace(article, canonical_url=None)
    return known, article


def _keys(article: Article) -> set[bytes]:
    """What a page's addresses are known by."""
    return {url_key(url) for url in (article.url, article.canonical_url) if url}


def _withdraw(connection: Connection, ids: Collection[int], *, going: Set[int] = frozenset()) -> None:
    """Take away what was derived from texts that are about to go: copies first, lists know groups by them."""
    words.remove(connection, ids)
    text_ids = [articles.detach(connection, article_id) for article_id in ids]
    moved = copies.leave(connection, [one for one in text_ids if one is not None])
    similar_lists.leave(connection, ids, moved=moved, going=going)


def _told(article_id: int, entered: Entered, told: str) -> Kept:
    if entered.how is None:
        return Kept(outcome=Outcome.KEPT, reason=told, article_id=article_id)
    return Kept(
        outcome=Outcome.NEAR_COPY,
        reason=f"{told}; {entered.how.kind.value} of article {entered.repeats} (Jaccard {entered.how.jaccard:.2f})",
        article_id=article_id,
    )
