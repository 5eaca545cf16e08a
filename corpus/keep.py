"""Articles into the collection, and out of it: all that follows from one, in one transaction.

The order: is it stored already, and edited since? → whose near-copy is it? → copy groups → the article → its similar
list, and the lists it enters → the search index. Decisions are pure functions elsewhere (`near_copy`, `similar`); the
SQL is in `store`. What else a run decides about its links: `settling`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain

from corpus import copies, repeated, similar_lists, terms
from corpus.copies import Entered, Entering
from corpus.revisions import Edit, edit_of, is_version, keep_edit
from corpus.similar_lists import Arrival
from corpus.sketch import of_text
from corpus.sketch import sketch as sketch_of
from corpus.store import Connection, articles, lists, revisions, runs, topic_matches, visits, words
from corpus.store.articles import url_key
from corpus.types import Article, Outcome, Sketch, TopicMatch
from corpus.weighing import TermCounts

# Articles that are analysed anew in one transaction: a second or two in which nobody else stores.
REBUILT_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was stored of one decision."""

    outcome: Outcome
    reason: str
    article_id: int | None = None
    is_new: bool = False  # not stored before
    twin: int | None = None  # an article that was taken out, since it was this one


class NewArticles:
    """The new articles of a transaction: their texts and lists, for which what can be is done for all at once."""

    def __init__(self, connection: Connection, counts: TermCounts, sketches: Iterable[Sketch] = ()) -> None:
        self._connection, self._counts = connection, counts
        self._texts = Entering(connection, map(of_text, sketches))
        self._arrivals: list[Arrival] = []  # that are in no list yet
        self._named: set[int] = set()  # articles that name other concepts than before

    def keep(
        self,
        article: Article,
        sketch: Sketch,
        *,
        topics: tuple[TopicMatch, ...] = (),
        before: int | None = None,
    ) -> Kept:
        """Store an article, or its newer text; tells whether it is new, a near-copy, or unchanged.

        It may be the one that was stored `before` from an address that led to its page.
        """
        connection = self._connection
        if before is not None and (twin := self._take_out_twin(article, before)) is not None:
            return replace(self.keep(article, sketch, topics=topics, before=before), twin=twin)
        article_id, article = _known(connection, article, before)
        if article_id is None:
            return self._keep_new(article, sketch, topics)
        edit = edit_of(connection, article_id, article)
        if article.fetched_at < edit.before.fetched_at:
            return Kept(outcome=Outcome.UNCHANGED, reason="what is stored was read later", article_id=article_id)
        if edit.is_other:
            return self._keep_edit(article_id, article, sketch, topics, edit)
        return self._keep_as_it_is(article_id, article, topics, edit)

    def _keep_new(self, article: Article, sketch: Sketch, topics: tuple[TopicMatch, ...]) -> Kept:
        entered = self._texts.enter(article, of_text(sketch))
        article_id = articles.add(self._connection, article, sketch, entered.place)
        topic_matches.add(self._connection, article_id, topics)
        self._arrive(article_id, article, sketch, entered)
        return replace(_told(article_id, entered, "stored"), is_new=True)

    def _keep_edit(
        self, article_id: int, article: Article, sketch: Sketch, topics: tuple[TopicMatch, ...], edit: Edit
    ) -> Kept:
        """Store the newer text of an article, and derive anew what was derived from the one before."""
        told = keep_edit(self._connection, article_id, edit)
        self.enter()
        _withdraw(self._connection, [article_id])
        entered = self._texts.enter(article, of_text(sketch))
        articles.replace(self._connection, article_id, article, sketch, entered.place)
        topic_matches.put(self._connection, article_id, topics)
        self._arrive(article_id, article, sketch, entered)
        return _told(article_id, entered, told)

    def _keep_as_it_is(self, article_id: int, article: Article, topics: tuple[TopicMatch, ...], edit: Edit) -> Kept:
        """Store what may have changed beside the text of an article: its addresses, and how it is judged."""
        if not _keys(article) <= _keys(edit.before) or url_key(article.url) != url_key(edit.before.url):
            articles.set_addresses(self._connection, article_id, article.url, article.canonical_url)
        topic_matches.put(self._connection, article_id, topics)
        if _names_others(edit, topics):
            self._named.add(article_id)
        return Kept(outcome=Outcome.UNCHANGED, reason="stored before, with the same text", article_id=article_id)

    def _arrive(self, article_id: int, article: Article, sketch: Sketch, entered: Entered) -> None:
        """Make an article findable by its words at once, and similar to others when all have come."""
        self._arrivals.append(
            Arrival(
                article_id=article_id,
                article=article,
                sketch=sketch,
                repeats=entered.how is not None,
                moved=entered.moved,
            )
        )
        words.add(self._connection, article_id, article, sketch)

    def _take_out_twin(self, article: Article, before: int) -> int | None:
        """Take out the article that one was stored as again, from the address that it was moved to.

        Not where it was edited since: then the old one is gone, and no version is lost.
        """
        connection = self._connection
        twin = articles.id_of_page(connection, article.url, article.canonical_url)
        if twin is None or twin <= before or revisions.counts(connection, [twin]):
            return None
        if not all(is_version(one.article, article) for one in articles.load(connection, [before, twin]).values()):
            return None
        self.enter()
        runs.give_decisions(connection, twin, before)
        _withdraw(connection, [twin])
        articles.remove(connection, twin)
        return twin

    def enter(self) -> None:
        """Finish those that came. To be called before the transaction ends, and before an article goes."""
        self._texts.store()
        if self._arrivals:
            words.note_analyser(self._connection, terms.settings())
        similar_lists.enter(self._connection, self._arrivals, self._counts)
        similar_lists.compare_anew(self._connection, self._named)
        self._arrivals, self._named = [], set()


def keep_article(
    connection: Connection,
    article: Article,
    sketch: Sketch,
    *,
    topics: tuple[TopicMatch, ...] = (),
    counts: TermCounts,
) -> Kept:
    """Store a single article, as `NewArticles.keep` does.

    Raises SketchMismatch when the database holds signatures made with other settings.
    """
    new = NewArticles(connection, counts)
    kept = new.keep(article, sketch, topics=topics)
    new.enter()
    return kept


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


def rebuild(connection: Connection, *, counts: TermCounts, told: Callable[[int], None] = lambda _: None) -> int:
    """Analyse some articles anew; returns how many there were, 0 when all are.

    In a transaction each: articles may come in between. In that of the last all lists are made, of which `told` hears:
    until then the rebuild is known to be not at its end.
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
        if not articles.without_text(connection, limit=1):
            similar_lists.renew(connection, told=told)
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
