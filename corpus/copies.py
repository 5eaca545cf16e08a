"""Near-copies in the collection: found, related, grouped, and told in order of publication.

What a near-copy is, is decided in `near_copy`; here the decision meets the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from corpus.near_copy import Comparable, age_key, compare, groups, kind_of_edit, latest
from corpus.signature import bands, sampled, unpack_shingles, unpack_signature
from corpus.store import Connection, articles, sketches
from corpus.store.sketches import StoredSketch
from corpus.types import Article, CopyKind, Filter, NearCopy, Sketch, StoredArticle

# One text can be in thousands of articles (block pages, wire copy): compare with the likeliest only.
MAX_CANDIDATES = 50


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A member of a copy group."""

    stored: StoredArticle
    copy_of: int | None  # the earlier member that it repeats most; None for the earliest
    kind: CopyKind | None
    jaccard: float | None


def relate(connection: Connection, article_id: int, article: Article, sketch: Sketch) -> dict[int, NearCopy]:
    """Find the near-copies of an article that was just stored, and settle the copy groups; other id → relation."""
    if not sketch.signature:
        return {}
    same_text = sketches.first_with_text(connection, sketch.text_hash, but=article_id)
    found = near_copies(connection, article_id, article, sketch, among=None if same_text is None else [same_text])
    if same_text is None:
        # An exact text is entered once: its first copy stands for all of them.
        band_keys, sample_keys = _keys(sketch)
        sketches.add_keys(connection, article_id, band_keys=band_keys, sample_keys=sample_keys)
    relations = {(min(article_id, other), max(article_id, other)): relation for other, relation in found.items()}
    sketches.add_relations(connection, relations)
    if relations:
        regroup(connection, article_id)
    return found


def near_copies(
    connection: Connection, article_id: int, article: Article, sketch: Sketch, *, among: Iterable[int] | None = None
) -> dict[int, NearCopy]:
    """The stored articles that a text is a near-copy of; `article_id` is 0 for a text that is not stored.

    Candidates come from the bands and sampled shingles, or are those in `among`. Relations
    have the article with the smaller id as a.
    """
    if not sketch.signature:
        return {}
    if among is None:
        band_keys, sample_keys = _keys(sketch)
        among = sketches.candidates(connection, band_keys=band_keys, sample_keys=sample_keys, limit=MAX_CANDIDATES)
    ours = Comparable(
        id=article_id,
        shingles=unpack_shingles(sketch.shingles),
        text_hash=sketch.text_hash,
        numbers=frozenset(sketch.numbers),
        source_id=article.source_id,
        published_by=latest(article.published_at, article.published_precision),
    )
    found = {}
    for stored in sketches.load(connection, [other for other in among if other != article_id]):
        other = _comparable(stored)
        a, b = (ours, other) if ours.id < other.id else (other, ours)
        if (relation := compare(a, b)) is not None:
            found[other.id] = relation
    return found


def separate(connection: Connection, article_id: int) -> None:
    """Take away all that is compared of an article, and settle the groups of those it was related to."""
    related = {one for pair in sketches.relations_among(connection, [article_id]) for one in pair} - {article_id}
    text_hash = articles.text_hashes_of(connection, [article_id])[article_id]
    heir = sketches.first_with_text(connection, text_hash, but=article_id)
    if heir is not None:
        _hand_over(connection, article_id, heir, related - {heir})
    sketches.remove(connection, article_id)
    articles.set_groups(connection, {article_id: article_id})
    for other in sorted(related):
        regroup(connection, other)


def regroup(connection: Connection, article_id: int) -> None:
    """Settle the groups of all articles that hang together with this one."""
    ids = {article_id}
    while True:
        edges = sketches.relations_among(connection, ids)
        reached = ids | {one for pair in edges for one in pair}
        if reached == ids:
            break
        ids = reached
    before = articles.groups_of(connection, sorted(ids))
    after = groups([_comparable(stored) for stored in sketches.load(connection, ids)], edges)
    articles.set_groups(connection, {one: group for one, group in after.items() if before[one] != group})


def group_of(connection: Connection, group: int) -> list[Copy]:
    """The members of a copy group, earliest first, each with the earlier one that it repeats most."""
    stored = articles.load(connection, articles.members(connection, group))
    ids = sorted(stored, key=lambda one: _age(stored[one]))
    texts = articles.text_hashes_of(connection, ids)
    shared = _shared_by_texts(connection, texts)
    first = dict[bytes, int]()  # text → its earliest member, which stands for later ones too
    told = []
    for member in ids:
        jaccards = {
            other: jaccard
            for text, other in first.items()
            if (jaccard := shared.get(frozenset({texts[member], text}))) is not None
        }
        of = max(jaccards, key=lambda other: jaccards[other], default=None)  # of equals, the earliest
        told.append(
            Copy(
                stored=stored[member],
                copy_of=of,
                kind=None if of is None else _kind(stored[member], stored[of], texts, jaccards[of]),
                jaccard=None if of is None else round(jaccards[of], 3),
            )
        )
        first.setdefault(texts[member], member)
    return told


def largest_groups(connection: Connection, wanted: Filter, *, limit: int | None) -> list[list[Copy]]:
    """The copy groups with a member that passes the filter, largest first."""
    return [group_of(connection, group) for group in articles.largest_groups(connection, wanted, limit=limit)]


def _hand_over(connection: Connection, article_id: int, heir: int, related: set[int]) -> None:
    """Let the next article with the same text be found, and related, in place of the one that stood for it."""
    sketches.move_keys(connection, article_id, to=heir)
    known = sketches.relations_among(connection, [heir])
    compared = {stored.article_id: _comparable(stored) for stored in sketches.load(connection, {heir, *related})}
    pairs = {(min(heir, other), max(heir, other)) for other in related} - known.keys()
    relations = {(a, b): compare(compared[a], compared[b]) for a, b in sorted(pairs)}
    sketches.add_relations(connection, {pair: relation for pair, relation in relations.items() if relation is not None})


def _shared_by_texts(connection: Connection, texts: Mapping[int, bytes]) -> dict[frozenset[bytes], float]:
    """The Jaccard similarity of each two related texts. Which articles with these texts were compared is chance."""
    shared = {frozenset({text}): 1.0 for text in texts.values()}
    if len(texts) > 1:
        for (a, b), relation in sketches.relations_among(connection, texts).items():
            if a in texts and b in texts:
                shared[frozenset({texts[a], texts[b]})] = relation.jaccard
    return shared


def _kind(a: StoredArticle, b: StoredArticle, texts: Mapping[int, bytes], jaccard: float) -> CopyKind:
    if texts[a.id] == texts[b.id]:
        return CopyKind.EXACT
    return kind_of_edit(jaccard, a.article.source_id, b.article.source_id)


def _age(stored: StoredArticle) -> tuple[bool, datetime, int]:
    article = stored.article
    return age_key(latest(article.published_at, article.published_precision), stored.id)


def _keys(sketch: Sketch) -> tuple[list[int], list[int]]:
    return bands(unpack_signature(sketch.signature)), sampled(unpack_shingles(sketch.shingles))


def _comparable(stored: StoredSketch) -> Comparable:
    return Comparable(
        id=stored.article_id,
        shingles=unpack_shingles(stored.shingles),
        text_hash=stored.text_hash,
        numbers=frozenset(stored.numbers),
        source_id=stored.source_id,
        published_by=latest(stored.published_at, stored.published_precision),
    )
