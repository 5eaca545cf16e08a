"""Similar lists as they are shown: one entry a copy group, what passes a filter and can be opened, and why.

What is stored is a ranking (`similar_lists`); groups, filters and reasons are looked up when it is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from corpus import similar_lists
from corpus.copies import near_copies
from corpus.errors import NotStored
from corpus.list_entries import LIST_LENGTH
from corpus.reasons import reasons
from corpus.similar import Pairs, Subject
from corpus.similar import score as similarity
from corpus.sketch import of_text
from corpus.store import Connection, articles, lists
from corpus.store.lists import Shown
from corpus.types import Article, Filter, SimilarArticle, Sketch, TopicMatch


def similar(
    connection: Connection, article_id: int, wanted: Filter, *, limit: int, per_source: int | None = None
) -> list[SimilarArticle]:
    """The stored similar list of an article: one entry per copy group, at most `per_source` an outlet; best first."""
    entries = similar_lists.stored_list(connection, article_id)
    rows = lists.shown(connection, [article_id, *(entry for entry, _ in entries)])
    if article_id not in rows:
        raise NotStored(f"There is no article {article_id}: {articles.size(connection)} are stored (nazair list).")
    (subject,) = similar_lists.subjects(connection, [article_id]).values()
    own_group = {rows[article_id].copy_group}
    chosen = _chosen(connection, subject, entries, rows, wanted, but=own_group, per_source=per_source)
    return _explained(connection, subject, lists.surfaces_of(connection, article_id), chosen[:limit])


def similar_with_copies(
    connection: Connection, article_id: int, wanted: Filter, *, limit: int, per_source: int | None = None
) -> list[SimilarArticle]:
    """The same with all near-copies: the article's own first, then each entry followed by its copies."""
    of_article = similar(connection, article_id, Filter(), limit=LIST_LENGTH, per_source=per_source)
    rows = [*_copies(connection, article_id, score=1.0)]
    for row in of_article:
        rows += [row, *_copies(connection, row.id, score=row.score)]
    passing = _passing(connection, [row.id for row in rows], wanted)
    return [row for row in rows if row.id in passing][:limit]


def similar_to_text(
    connection: Connection,
    text: Article,
    sketch: Sketch,
    *,
    topics: Sequence[TopicMatch],
    wanted: Filter,
    limit: int,
    per_source: int | None = None,
) -> list[SimilarArticle]:
    """The similar list of a text that is not stored, computed at once; its near-copies are left out."""
    same = articles.groups_of(connection, list(near_copies(connection, text, of_text(sketch))))
    names = frozenset(name for topic in topics for name in topic.names)
    subject = similar_lists.subject_of(connection, text, sketch, names=names)
    entries = similar_lists.compute(connection, subject, own_groups=same.values())
    rows = lists.shown(connection, [entry for entry, _ in entries])
    chosen = _chosen(connection, subject, entries, rows, wanted, but=set(same.values()), per_source=per_source)
    return _explained(connection, subject, sketch.surfaces, chosen[:limit])


def _chosen(
    connection: Connection,
    subject: Subject,
    entries: Sequence[tuple[int, float]],
    rows: Mapping[int, Shown],
    wanted: Filter,
    *,
    but: set[int],
    per_source: int | None,
) -> list[tuple[Shown, float]]:
    """The entries to show, best first: what passes the filter and is there, or a copy that does."""
    passing = _passing(connection, [one for one, row in rows.items() if not row.gone], wanted)
    sizes = articles.group_sizes(connection, {row.copy_group for one, row in rows.items() if one not in passing})
    groups, chosen, copies = set(but), list[tuple[Shown, float]](), list[int]()
    for article_id, score in entries:
        row = rows.get(article_id)
        if row is None or row.copy_group in groups:
            continue
        groups.add(row.copy_group)
        if article_id in passing:
            chosen.append((row, score))
        elif sizes[row.copy_group] > 1:
            other = articles.earliest_there(connection, row.copy_group, wanted)
            copies += [] if other is None else [other]
    if copies:
        chosen = sorted([*chosen, *_scored(connection, subject, copies)], key=lambda one: -one[1])
    return chosen if per_source is None else _first_of_each(chosen, per_source)


def _first_of_each(chosen: Sequence[tuple[Shown, float]], most: int) -> list[tuple[Shown, float]]:
    """The first so many of each outlet."""
    sources, first = Counter[str | None](), []
    for row, score in chosen:
        sources[row.source_id] += 1
        if sources[row.source_id] <= most:
            first.append((row, score))
    return first


def _scored(connection: Connection, subject: Subject, copies: Sequence[int]) -> list[tuple[Shown, float]]:
    """The copies that are similar themselves, each with its own score: a part may say less of the subject."""
    others, rows = similar_lists.subjects(connection, copies), lists.shown(connection, copies)
    scores = similarity(Pairs(subject, [others[one] for one in copies])).scores.tolist()
    return [(rows[one], score) for one, score in zip(copies, scores, strict=True) if score > 0]


def _passing(connection: Connection, ids: Sequence[int], wanted: Filter) -> set[int]:
    return set(ids) if wanted == Filter() else articles.passing(connection, ids, wanted)


def _explained(
    connection: Connection, subject: Subject, surfaces: str, chosen: Sequence[tuple[Shown, float]]
) -> list[SimilarArticle]:
    """The rows of a list, with what `subject` has in common with each."""
    others = similar_lists.subjects(connection, [row.id for row, _ in chosen])
    told = reasons(subject, [others[row.id] for row, _ in chosen], surfaces)
    sizes = articles.group_sizes(connection, {row.copy_group for row, _ in chosen})
    return [
        _row(row, score, why, copies=sizes[row.copy_group] - 1) for (row, score), why in zip(chosen, told, strict=True)
    ]


def _copies(connection: Connection, article_id: int, *, score: float) -> list[SimilarArticle]:
    """The near-copies of an article, as rows of its list."""
    (group,) = articles.groups_of(connection, [article_id]).values()
    rows = lists.shown(connection, [one for one in articles.members(connection, group) if one != article_id])
    return [_row(row, score, {"copy_of": article_id}, copies=len(rows)) for _, row in sorted(rows.items())]


def _row(row: Shown, score: float, why: Mapping[str, Any], *, copies: int) -> SimilarArticle:
    return SimilarArticle(
        id=row.id,
        url=row.url,
        title=row.title,
        source_id=row.source_id,
        published_at=row.published_at,
        published_precision=row.published_precision,
        score=round(score, 4),
        why=why,
        copies=copies,
    )
