"""Who repeated whom: copy groups in the order of publication, and what each copy cut and added.

How groups come about is in `copies`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from corpus import shingles
from corpus.alignment import Gap, gaps
from corpus.arabic import fold
from corpus.near_copy import Overlap, between_sources, latest, relation
from corpus.store import Connection, articles, copy_groups, texts
from corpus.types import CopyKind, Filter, NearCopy, StoredArticle

# How changes are shown: fewer same words in a row do not part two that have together so many words. Guesses.
SAME_WORDS, CHANGED_WORDS = 3, 12


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A member of a copy group."""

    stored: StoredArticle
    copy_of: int | None = None  # the earlier member that it repeats most; None for the earliest
    kind: CopyKind | None = None
    jaccard: float | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """Words in a row that a copy does not have, or has in addition."""

    op: Literal["cut", "added"]
    words: tuple[str, ...]  # as they are shown


def group_of(connection: Connection, group: int, *, most: int | None = None) -> list[Copy]:
    """The members of a copy group, earliest first, each with the earlier one that it repeats most.

    Of very large groups, the earliest `most`.
    """
    stored = articles.load(connection, articles.members(connection, group, limit=most))
    ids = sorted(stored, key=lambda one: _age(stored[one]))
    text_of = articles.texts_of(connection, ids)
    related = _related(connection, set(text_of.values()))
    first = dict[int, int]()  # text → its earliest member, which stands for later ones too
    told = []
    for member in ids:
        text_id = text_of[member]
        if text_id in first:
            told.append(Copy(stored=stored[member], copy_of=first[text_id], kind=CopyKind.EXACT, jaccard=1.0))
            continue
        found = _most_repeated(connection, text_id, first, related)
        first[text_id] = member
        if found is None:
            told.append(Copy(stored=stored[member]))
        else:
            other, how = found
            told.append(_copy(stored[member], stored[first[other]], how))
    return told


def origin(connection: Connection, stored: StoredArticle) -> tuple[int | None, Copy]:
    """The earliest article of an article's group (None when it is alone in it), and what the article itself repeats.

    Without the others: a group of thousands costs no more than one of three.
    """
    earliest, *others = articles.members(connection, stored.copy_group, limit=2)
    if not others:
        return None, Copy(stored=stored)
    text_id = articles.texts_of(connection, [stored.id])[stored.id]
    edges = {one for pair in copy_groups.edges_of(connection, [text_id]) for one in pair} | {text_id}
    first = texts.first_articles(connection, edges)
    if first[text_id].id != stored.id:
        return earliest, Copy(stored=stored, copy_of=first[text_id].id, kind=CopyKind.EXACT, jaccard=1.0)
    near = articles.load(connection, [*{one.id for one in first.values()} - {stored.id}, earliest])
    before = {
        other: one.id
        for other, one in sorted(first.items(), key=lambda item: _age(near.get(item[1].id, stored)))
        if one.id in near and near[one.id].copy_group == stored.copy_group and _age(near[one.id]) < _age(stored)
    }
    if not before and earliest != stored.id:
        before = {articles.texts_of(connection, [earliest])[earliest]: earliest}
    found = _most_repeated(connection, text_id, before, _related(connection, {text_id, *before}))
    if found is None:
        return earliest, Copy(stored=stored)
    other, how = found
    return earliest, _copy(stored, near[before[other]], how)


def origins(connection: Connection, some: Sequence[StoredArticle]) -> Iterator[tuple[int | None, Copy]]:
    """The same of several articles, most of which are alone in their groups."""
    sizes = articles.group_sizes(connection, {one.copy_group for one in some})
    for one in some:
        yield (None, Copy(stored=one)) if sizes[one.copy_group] == 1 else origin(connection, one)


def largest_groups(
    connection: Connection, wanted: Filter, *, limit: int | None, most: int | None = None
) -> list[list[Copy]]:
    """The copy groups with a member that passes the filter, largest first; of each the earliest `most` members."""
    groups = articles.largest_groups(connection, wanted, limit=limit)
    return [group_of(connection, group, most=most) for group in groups]


def too_short(connection: Connection, article_id: int) -> int | None:
    """How many words the text of an article has that was not compared, because these are too few; else None."""
    text_id = articles.texts_of(connection, [article_id])[article_id]
    if text_id is not None and texts.signature_of(connection, text_id) is not None:
        return None
    return articles.word_count(connection, article_id)


def as_graph(group: Sequence[Copy], *, size: int) -> dict[str, Any]:
    """A copy group for other programs: its articles are the nodes, who repeated whom the edges.

    It has `size` articles, of which these may be the earliest.
    """
    by_id = {copy.stored.id: copy for copy in group}
    return {
        "copy_group": group[0].stored.id if size > 1 else None,
        "articles": size,
        "agency": agency_of(group),
        "nodes": [_node(copy) for copy in group],
        "edges": [_edge(copy, by_id[copy.copy_of]) for copy in group if copy.copy_of is not None],
    }


def agency_of(group: Sequence[Copy]) -> str | None:
    """The agency that most members of a group name; of equals the one named first."""
    named = Counter(one.stored.article.agency for one in group if one.stored.article.agency)
    return named.most_common(1)[0][0] if named else None


def delay(earlier: StoredArticle, later: StoredArticle) -> timedelta | None:
    """How long after one article another was published; None where a date is unknown or names only the day."""
    exact = ("second", "minute")
    dates = earlier.article.published_at, later.article.published_at
    precise = earlier.article.published_precision in exact and later.article.published_precision in exact
    return dates[1] - dates[0] if precise and dates[0] is not None and dates[1] is not None else None


def changes(earlier: str, later: str) -> list[Change]:
    """What a text cut of an earlier one, and added to it, word by word, in the order of the texts.

    Words are compared folded, so that spelling, vowel marks and punctuation are no change.
    """
    a, b = _words(earlier), _words(later)
    found = []
    for gap in _in_one(gaps([folded for folded, _ in a], [folded for folded, _ in b])):
        if gap.a_end > gap.a_start:
            found.append(Change(op="cut", words=tuple(shown for _, shown in a[gap.a_start : gap.a_end])))
        if gap.b_end > gap.b_start:
            found.append(Change(op="added", words=tuple(shown for _, shown in b[gap.b_start : gap.b_end])))
    return found


def _node(copy: Copy) -> dict[str, Any]:
    text = copy.stored.article
    return {
        "id": copy.stored.id,
        "url": text.url,
        "title": text.title,
        "source": text.source_id,
        "published_at": text.published_at,
        "published_precision": text.published_precision,
        "agency": text.agency,
    }


def _edge(copy: Copy, earlier: Copy) -> dict[str, Any]:
    after = delay(earlier.stored, copy.stored)
    return {
        "from": earlier.stored.id,
        "to": copy.stored.id,
        "kind": copy.kind.value if copy.kind else None,
        "jaccard": copy.jaccard,
        "delay_s": None if after is None else after // timedelta(seconds=1),
    }


def _in_one(found: Sequence[Gap]) -> list[Gap]:
    """The gaps, those with only a word or two the same between them as one: a chance «in» in another text is no text.

    Unless both are short: then it was a word here and a word there.
    """
    joined: list[Gap] = []
    for gap in found:
        last = joined[-1] if joined else None
        if last and gap.a_start - last.a_end < SAME_WORDS and _length(last) + _length(gap) >= CHANGED_WORDS:
            joined[-1] = Gap(last.a_start, gap.a_end, last.b_start, gap.b_end)
        else:
            joined.append(gap)
    return joined


def _length(gap: Gap) -> int:
    return max(gap.a_end - gap.a_start, gap.b_end - gap.b_start)


def _words(text: str) -> list[tuple[str, str]]:
    """The words of a text, (folded, shown); what folds to nothing is punctuation."""
    return [(folded, shown) for shown in text.split() if (folded := fold(shown))]


def _related(connection: Connection, text_ids: Collection[int]) -> dict[int, dict[int, NearCopy]]:
    """The stored relations among some texts, from both sides."""
    related: dict[int, dict[int, NearCopy]] = {text_id: {} for text_id in text_ids}
    if len(text_ids) > 1:
        for (a, b), found in copy_groups.edges_of(connection, text_ids).items():
            if a in related and b in related:
                related[a][b] = related[b][a] = found
    return related


def _most_repeated(
    connection: Connection, text_id: int, earlier: Mapping[int, int], related: Mapping[int, Mapping[int, NearCopy]]
) -> tuple[int, NearCopy] | None:
    """The earlier text that a text repeats most, and how; `earlier` has the earliest first."""
    found = {other: related[text_id][other] for other in earlier if other in related[text_id]}
    if found:
        best = max(found, key=lambda other: found[other].jaccard)  # of equals, the earliest
        return best, found[best]
    if not earlier:
        return None
    # Its relations are to later texts, or to others of its core: the first is what it goes back to.
    first = next(iter(earlier))
    packed = texts.shingles_of(connection, [text_id, first])
    a, b = shingles.unpack(packed[text_id]), shingles.unpack(packed[first])
    overlap = Overlap(shingles.shared(a, [b])[0], len(a), len(b))
    return first, relation(overlap)


def _copy(member: StoredArticle, earlier: StoredArticle, how: NearCopy) -> Copy:
    how = between_sources(how, member.article.source_id, earlier.article.source_id)
    return Copy(stored=member, copy_of=earlier.id, kind=how.kind, jaccard=round(how.jaccard, 3))


def _age(stored: StoredArticle) -> tuple[datetime, int]:
    article = stored.article
    return latest(article.published_at, article.published_precision), stored.id
