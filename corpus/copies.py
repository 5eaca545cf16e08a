"""Near-copies in the collection: found when a text comes, related, grouped, and taken out when it goes.

What a near-copy is, is decided in `near_copy`; which texts hang together, in `copy_groups`; here both meet the
database. Exact copies share one text. Who repeated whom, in order of publication: `reprints`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from corpus import copy_groups, shingles
from corpus.copy_days import copy_days
from corpus.errors import SketchMismatch
from corpus.near_copy import UNKNOWN, Age, Comparable, Overlap, between_sources, judge, latest, plausible, strength
from corpus.signature import SETTINGS, bands, bands_of_all, pack, unpack
from corpus.sketch import TextSketch
from corpus.store import Connection, articles, text_keys, texts
from corpus.store import copy_groups as stored_groups
from corpus.store.articles import Place
from corpus.store.text_keys import KeyCache, Keys, Limits
from corpus.store.texts import FirstArticle, NewText, StoredText
from corpus.templates import Text
from corpus.thresholds import MAX_CANDIDATES
from corpus.types import Article, CopyKind, NearCopy

EXACT = NearCopy(kind=CopyKind.EXACT, jaccard=1.0, containment_a=1.0, containment_b=1.0)


@dataclass(frozen=True, kw_only=True)
class Entered:
    """Where an article's text stands in the collection, and what it repeats."""

    place: Place
    repeats: int | None = None  # the first article with the text that it repeats most
    how: NearCopy | None = None
    # Groups, as they were and as they are, between which other articles moved because this one came.
    moved: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Found:
    """A stored text that another is a near-copy of."""

    first: FirstArticle
    relation: NearCopy  # the other text is a


class Entering:
    """The texts of articles that are stored together: what is read for several of them is read once.

    Near-copies come close to each other, and boilerplate makes the same texts candidates again and again.
    """

    def __init__(self, connection: Connection, sketches: Iterable[TextSketch | None] = ()) -> None:
        self._connection = connection
        self._keys = {one.text_hash: keys_of(one) for one in sketches if one is not None}
        self._found_by = KeyCache(connection, self._keys.values())
        self._shingles: dict[int, bytes] = {}  # of texts that were candidates, as stored

    def enter(self, article: Article, sketch: TextSketch | None) -> Entered:
        """Store the text of an article that is about to be stored, and settle the copy groups.

        Raises SketchMismatch when the database holds signatures made with other settings.
        """
        connection, published_by = self._connection, _published_by(article)
        if sketch is None:
            text_id = texts.add_short(connection, published_by=published_by)
            return Entered(place=Place(text_id=text_id, copy_group=text_id, published_by=published_by))
        schemes, known = texts.schemes_and_text(connection, sketch.text_hash)
        _require_ours(schemes)
        if known is not None:
            return _enter_exact(connection, known, sketch.text_hash, published_by)
        keys = self._keys.get(sketch.text_hash) or keys_of(sketch)
        met = self._found_by.meet(keys, _limits(published_by))
        new = _new_text(sketch, published_by)
        text_id = texts.add(connection, new, scheme_id=_scheme(connection, schemes))
        self._found_by.add(text_id, keys)
        theirs = self._shingles_of(met)
        self._shingles[text_id] = new.shingles
        return _relate(connection, article, sketch, text_id=text_id, theirs=theirs)

    def store(self) -> None:
        """Write what the texts are found by. To be called before the transaction ends, and before a text goes."""
        self._found_by.store()
        self._found_by, self._shingles = KeyCache(self._connection), {}

    def _shingles_of(self, ids: Sequence[int]) -> dict[int, bytes]:
        unread = [one for one in ids if one not in self._shingles]
        self._shingles |= texts.shingles_of(self._connection, unread)
        return {one: self._shingles[one] for one in ids}


def enter(connection: Connection, article: Article, sketch: TextSketch | None) -> Entered:
    """Store the text of one article that is about to be stored, and settle the copy groups."""
    entering = Entering(connection, [sketch])
    entered = entering.enter(article, sketch)
    entering.store()
    return entered


def add_texts(connection: Connection, some: Sequence[tuple[TextSketch, datetime]]) -> dict[int, Keys]:
    """Store texts that are not in store, each with when it was published, findable but related to none: id → keys.

    For bulk: of 50,000 together each takes a fifth of what it takes alone.

    Raises SketchMismatch when the database holds signatures made with other settings.
    """
    if not some:
        return {}
    schemes = texts.schemes_in_use(connection)
    _require_ours(schemes)
    scheme_id = _scheme(connection, schemes)
    ids = [texts.add(connection, _new_text(*one), scheme_id=scheme_id) for one in some]
    of_signatures = bands_of_all([sketch.signature for sketch, _ in some])
    of_shingles = [shingles.sampled(sketch.shingles) for sketch, _ in some]
    found_by = dict(zip(ids, map(Keys, of_signatures, of_shingles), strict=True))
    text_keys.add_all(connection, found_by)
    return found_by


def leave(connection: Connection, text_ids: Collection[int]) -> set[int]:
    """Take texts away that articles no longer have, unless others have them; settle the groups of their near-copies.

    Returns the groups, as they were and as they are, between which articles moved. Those that stay are settled once:
    each of two hundred copies of a text takes a hundredth of what it takes alone.
    """
    going, changed = list[StoredText](), set[int]()
    for text_id in sorted(set(text_ids)):
        published_by = texts.earliest_date(connection, text_id)
        known = texts.with_id(connection, text_id)
        if published_by is None:
            going.append(known)
        elif published_by != known.published_by:
            texts.set_published_by(connection, text_id, published_by)
            changed |= set() if known.core_id is None else copy_groups.recede(connection, known.core_id)
    return changed | _remove(connection, going)


def near_copies(connection: Connection, article: Article, sketch: TextSketch | None) -> dict[int, NearCopy]:
    """The stored articles that a text, stored or not, is a near-copy of: the first with each text → how.

    Raises SketchMismatch when the database holds signatures made with other settings.
    """
    if sketch is None:
        return {}
    schemes, known = texts.schemes_and_text(connection, sketch.text_hash)
    _require_ours(schemes)
    published_by = _published_by(article)
    keys = keys_of(sketch)
    met = text_keys.meet(connection, keys, _limits(published_by))
    found = _find(connection, Comparable.of(sketch, article.text), texts.shingles_of(connection, met))
    relations = {
        one.first.id: between_sources(one.relation, article.source_id, one.first.source_id) for one in found.values()
    }
    if known is not None:
        # Whatever its shingles say: a word that is repeated has a single one, and that proves nothing.
        relations[texts.first_articles(connection, [known.id])[known.id].id] = EXACT
    return relations


def begin_rebuild(connection: Connection) -> None:
    """Forget all that near-copies are found by, whatever it was made with; articles are alone until `rebuild`."""
    articles.detach_all(connection)
    stored_groups.clear(connection)
    texts.clear(connection)


def rebuild(connection: Connection, some: Mapping[int, Article], made: Mapping[int, TextSketch | None]) -> None:
    """Enter the texts of some articles that have none in store, by id, with what was made of each.

    Articles may come between one call and the next: the order in which texts are entered changes nothing.
    """
    added = _add_new_texts(connection, some, made)
    for article_id, sketch in made.items():
        article = some[article_id]
        if sketch is not None and article_id in added:
            text_id, keys = added[article_id]
            met = text_keys.meet(connection, keys, _limits(_published_by(article), before=text_id))
            theirs = texts.shingles_of(connection, met)
            entered = _relate(connection, article, sketch, text_id=text_id, theirs=theirs)
        else:
            entered = enter(connection, article, sketch)
        articles.attach(connection, article_id, entered.place)


def require_ours(connection: Connection) -> None:
    """Raise SketchMismatch where nothing can be stored: some signatures were made with other settings."""
    _require_ours(texts.schemes_in_use(connection))


def other_settings(connection: Connection) -> str | None:
    """Settings other than ours that some stored signature was made with."""
    return next((settings for settings in texts.schemes_in_use(connection) if settings != SETTINGS), None)


def keys_of(sketch: TextSketch) -> Keys:
    """What a text is found by."""
    return Keys(bands=bands(sketch.signature), samples=shingles.sampled(sketch.shingles))


def _stored_keys(signature: bytes, packed: bytes) -> Keys:
    """The same of a text in store, from its signature and shingles."""
    return Keys(bands=bands(unpack(signature)), samples=shingles.unpack_sampled(packed))


def _enter_exact(connection: Connection, known: StoredText, text_hash: bytes, published_by: datetime) -> Entered:
    moved = set[int]()
    if published_by < known.published_by:
        texts.set_published_by(connection, known.id, published_by)
        if known.core_id is not None:
            moved = copy_groups.advance(connection, known.core_id, Age(published_by, text_hash))
    return Entered(
        place=Place(text_id=known.id, copy_group=_group_of(connection, known), published_by=published_by),
        repeats=texts.first_articles(connection, [known.id])[known.id].id,
        how=EXACT,
        moved=frozenset(moved),
    )


def _add_new_texts(
    connection: Connection, some: Mapping[int, Article], made: Mapping[int, TextSketch | None]
) -> dict[int, tuple[int, Keys]]:
    """Store the texts of articles that are not in store: the first article that has each → the text's id and keys."""
    first: dict[bytes, tuple[int, TextSketch]] = {}
    for article_id, sketch in made.items():
        if sketch is not None:
            first.setdefault(sketch.text_hash, (article_id, sketch))
    for text_hash in texts.stored_hashes(connection, first):
        del first[text_hash]
    dated = [(sketch, _published_by(some[article_id])) for article_id, sketch in first.values()]
    return dict(
        zip([article_id for article_id, _ in first.values()], add_texts(connection, dated).items(), strict=True)
    )


def _relate(
    connection: Connection, article: Article, sketch: TextSketch, *, text_id: int, theirs: Mapping[int, bytes]
) -> Entered:
    """Settle the copy groups around a text that was just stored, of an article; of its candidates the shingles."""
    published_by = _published_by(article)
    found = _find(connection, Comparable.of(sketch, article.text), theirs)
    if not found:
        return Entered(place=Place(text_id=text_id, copy_group=text_id, published_by=published_by))
    settled = copy_groups.join(connection, text_id, Age(published_by, sketch.text_hash), _relations(found))
    best = max(found.values(), key=lambda one: (strength(one.relation), -one.first.id))
    return Entered(
        place=Place(text_id=text_id, copy_group=settled.group, published_by=published_by),
        repeats=best.first.id,
        how=between_sources(best.relation, article.source_id, best.first.source_id),
        moved=settled.moved,
    )


def _find(connection: Connection, text: Comparable, theirs: Mapping[int, bytes]) -> dict[int, Found]:
    """Those of the candidates, of which `theirs` are the shingles as stored, that a text is a near-copy of; by id.

    They are weighed by the shingles that they share; only those that may be copies are read, and
    compared word by word.
    """
    ids, size = list(theirs), len(text.shingles)
    shared, sizes = shingles.shared_with_stored(text.shingles, list(theirs.values()))
    overlaps = {
        ids[place]: Overlap(int(shared[place]), size, int(sizes[place]))
        for place in np.flatnonzero(plausible(shared, size, sizes)).tolist()
    }
    found = {}
    for text_id, first in texts.first_articles(connection, overlaps).items():
        other = Comparable(shingles=shingles.unpack(theirs[text_id]), text_hash=first.text_hash, text=Text(first.text))
        if (relation := judge(text, other, overlaps[text_id])) is not None:
            found[text_id] = Found(first=first, relation=relation)
    return found


def _remove(connection: Connection, going: Sequence[StoredText]) -> set[int]:
    ids = {one.id for one in going}
    for text_id in ids:
        made = texts.signature_of(connection, text_id)
        if made is not None:
            text_keys.remove(connection, text_id, _stored_keys(*made))
    near = {one for pair in stored_groups.edges_of(connection, ids) for one in pair} - ids
    mates, linked, changed = list[int](), set[int](), set[int]()
    for core_id in sorted({one.core_id for one in going if one.core_id is not None}):
        mates += [one for one in stored_groups.texts_of_core(connection, core_id) if one not in ids]
        of_core, moved = copy_groups.dissolve(connection, core_id)
        linked.update(of_core)
        changed |= moved
    for text_id in ids:
        stored_groups.remove_edges(connection, text_id)
        texts.remove(connection, text_id)
    changed |= _settle_anew(connection, mates, searched=near)
    return changed | copy_groups.rehang(connection, stored_groups.cores(connection, linked))


def _settle_anew(connection: Connection, mates: list[int], *, searched: Collection[int]) -> set[int]:
    """Settle the groups around texts that have no core, one by one; returns the groups that changed.

    Those in `searched` may be near-copies of texts that they were not related to, because they were
    related to one that stood for these: they look again.
    """
    waiting, changed = set(mates), set[int]()
    for text_id in mates:
        waiting.remove(text_id)
        edges = stored_groups.edges_of(connection, [text_id])
        known = {(a if b == text_id else b): found for (a, b), found in edges.items()}
        fresh = _find_again(connection, text_id, but={*waiting, text_id, *known}) if text_id in searched else {}
        stored_groups.add_edges(connection, text_id, fresh)
        found = {other: one for other, one in (known | fresh).items() if other not in waiting}
        if found:
            settled = copy_groups.settle(connection, text_id, texts.age_of(connection, text_id), found)
            articles.set_group_of_text(connection, text_id, settled.group)
            changed |= {settled.group, *settled.moved}
    return changed


def _find_again(connection: Connection, text_id: int, *, but: Collection[int]) -> dict[int, NearCopy]:
    made = texts.signature_of(connection, text_id)
    if made is None:
        return {}
    first = texts.first_articles(connection, [text_id])[text_id]
    text = Comparable(shingles=shingles.unpack(made[1]), text_hash=first.text_hash, text=Text(first.text))
    met = text_keys.meet(connection, _stored_keys(*made), _limits(texts.with_id(connection, text_id).published_by))
    theirs = texts.shingles_of(connection, [one for one in met if one not in but])
    return _relations(_find(connection, text, theirs))


def _relations(found: dict[int, Found]) -> dict[int, NearCopy]:
    return {other: one.relation for other, one in found.items()}


def _group_of(connection: Connection, known: StoredText) -> int:
    return known.id if known.core_id is None else copy_groups.root(connection, known.core_id)


def _published_by(article: Article) -> datetime:
    return latest(article.published_at, article.published_precision)


def _new_text(sketch: TextSketch, published_by: datetime) -> NewText:
    return NewText(
        text_hash=sketch.text_hash,
        signature=pack(sketch.signature),
        shingles=shingles.pack(sketch.shingles),
        published_by=published_by,
    )


def _scheme(connection: Connection, schemes: Mapping[str, int]) -> int:
    return schemes[SETTINGS] if schemes else texts.add_scheme(connection, SETTINGS)


def _require_ours(stored: Iterable[str]) -> None:
    for settings in stored:
        if settings != SETTINGS:
            raise SketchMismatch(stored=settings, ours=SETTINGS)


def _limits(published_by: datetime, *, before: int | None = None) -> Limits:
    """Which near-copies are looked for: NAZAIR_COPY_DAYS may limit the time; a text without a date has no limit."""
    days = copy_days()
    within = None if days is None or published_by == UNKNOWN else (published_by - days, published_by + days)
    return Limits(MAX_CANDIDATES, before, within)
