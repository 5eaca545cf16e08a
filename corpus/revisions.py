"""Was an article edited? What counts as an edit, what is kept of the version before, and what changed in each.

Title, text and date make a version. What only our own reading has changed (a line that its source is now
known to repeat, a text that may no longer be kept) replaces the stored article without being an edit of its author.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from corpus import repeated
from corpus.arabic import bare, fold
from corpus.directives import NOARCHIVE
from corpus.near_copy import Comparable, compare
from corpus.reprints import Change, changes
from corpus.sketch import text_sketches
from corpus.store import Connection, articles, revisions
from corpus.store.revisions import Revision
from corpus.types import Article, StoredArticle, TopicMatch

# How far two dates of the same moment may be apart when one of them is only so exact: a day is the outlet's own.
APART = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "day": timedelta(hours=38),
    "month": timedelta(days=32),
}


@dataclass(frozen=True, kw_only=True)
class Edit:
    """How a page that was read again differs from what is stored of it."""

    before: Article
    after: Article
    parts: tuple[str, ...]  # what its author changed: title, text, date
    is_other: bool  # whether what is stored is to be replaced
    topics: tuple[TopicMatch, ...]  # how what is stored was judged


@dataclass(frozen=True, kw_only=True)
class Step:
    """One version of an article, and what changed in it since the one before."""

    revision: Revision
    parts: tuple[str, ...]
    changes: Sequence[Change]  # of the text; empty for the first, and where a text is not kept


def edit_of(connection: Connection, article_id: int, article: Article) -> Edit:
    """How an article differs from the stored one."""
    loaded = articles.load(connection, [article_id])[article_id]
    stored = loaded.article
    known = repeated.without_repeated(connection, stored)
    parts = differing(known, article)
    wishes = [(one.directives, one.tdm_policy) for one in (stored, article)]
    same = articles.content_hash(stored) == articles.content_hash(article) and wishes[0] == wishes[1]
    is_other = bool(parts) or not same or _is_newly_dated(stored, article)
    return Edit(before=stored, after=article, parts=parts, is_other=is_other, topics=loaded.topics)


def is_version(before: Article, article: Article) -> bool:
    """Whether an article may be another version of one that is stored: it is a near-copy of it.

    For pages that have nothing in common but an address that both declare, or that led from one to the other. Of texts
    that are too short to compare the titles tell.
    """
    a, b = text_sketches([(one.title, one.text) for one in (before, article)])
    if a is None or b is None:
        return fold(before.title) == fold(article.title)
    return compare(Comparable.of(a, before.text), Comparable.of(b, article.text)) is not None


def keep_edit(connection: Connection, article_id: int, edit: Edit) -> str:
    """Keep the version that an edit replaces, if its author edited it; returns what was done, in words."""
    may_keep = NOARCHIVE not in edit.after.directives
    if not may_keep:
        revisions.erase_texts(connection, article_id)
    if not edit.parts:
        return "stored anew, the page is read otherwise now"
    number = len(revisions.earlier(connection, article_id)) + 1
    revisions.add(connection, article_id, _revision(number, edit.before, with_text=may_keep))
    return f"edited ({', '.join(edit.parts)}): revision {number + 1}"


def history(connection: Connection, stored: StoredArticle) -> list[Step]:
    """All versions of an article, oldest first, the newest included."""
    before = revisions.earlier(connection, stored.id)
    with_text = NOARCHIVE not in stored.article.directives
    versions = [*before, _revision(len(before) + 1, stored.article, with_text=with_text)]
    first = Step(revision=versions[0], parts=(), changes=())
    return [first, *(_step(a, b) for a, b in pairwise(versions))]


def differing(before: Article, after: Article) -> tuple[str, ...]:
    """Which of title, text and date another version of the same page has changed."""
    is_bare = NOARCHIVE in (*before.directives, *after.directives)
    texts = (bare(before.text), bare(after.text)) if is_bare else (before.text, after.text)
    differs = {"title": before.title != after.title, "text": texts[0] != texts[1], "date": _is_redated(before, after)}
    return tuple(part for part, is_other in differs.items() if is_other)


def _is_redated(before: Article, after: Article) -> bool:
    """Whether the date was changed, not only written less exactly, or reckoned from when the page was fetched."""
    if before.published_at is None or after.published_at is None:
        return False
    # When it was last changed is all that some pages say: that is no date of the article, and may be the clock's.
    if "modified" in (before.published_from, after.published_from):
        return False
    apart = abs(before.published_at - after.published_at)
    if before.published_precision == after.published_precision:
        # «Two days ago» is a day, and another one when it is read around midnight.
        is_reckoned = before.published_precision == "day" and before.published_from == after.published_from == "text"
        return apart > (timedelta(days=1) if is_reckoned else timedelta(0))
    return apart > max(APART[one.published_precision or "day"] for one in (before, after))


def _is_newly_dated(before: Article, after: Article) -> bool:
    """Whether only now it is known when an article was published."""
    known = [one.published_at is not None and one.published_from != "modified" for one in (before, after)]
    return known == [False, True]


def _revision(number: int, article: Article, *, with_text: bool) -> Revision:
    return Revision(
        number=number,
        title=article.title,
        text=article.text if with_text else None,
        published_at=article.published_at,
        published_precision=article.published_precision,
        fetched_at=article.fetched_at,
    )


def _step(before: Revision, after: Revision) -> Step:
    parts = [name for name in ("title", "text") if getattr(before, name) != getattr(after, name)]
    if (before.published_at, before.published_precision) != (after.published_at, after.published_precision):
        parts.append("date")
    made = changes(before.text, after.text) if before.text is not None and after.text is not None else ()
    return Step(revision=after, parts=tuple(parts), changes=made)
