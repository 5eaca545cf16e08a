"""Articles: stored, looked up, filtered. Their topics: `topic_matches`; counts of many: `overview`."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Any, Literal, TypeVarTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, or_, select, update

from corpus.directives import RESERVED
from corpus.store import raw, topic_matches
from corpus.store.columns import among, in_order
from corpus.store.schema import article_topics, articles
from corpus.types import Article, Filter, Sketch, StoredArticle, TopicMatch
from corpus.urls import identity, is_below

Columns = TypeVarTuple("Columns")
Sort = Literal["newest", "oldest", "id", "title", "source"]

# Articles that are in memory at the same time where all are gone through.
LOADED_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an article stands among near-copies."""

    text_id: int
    copy_group: int
    published_by: datetime  # see `corpus.near_copy.latest`


# The pages of a site name each other: what was looked up a moment ago is most of what is looked up now. 3 MB.
@lru_cache(maxsize=10_000)
def url_key(url: str) -> bytes:
    """16 bytes that stand for a page, whichever of its normalised URLs this is."""
    return hashlib.sha256(identity(url).encode()).digest()[:16]


def content_hash(article: Article) -> bytes:
    """16 bytes that change when the title or the text as shown changes."""
    return hashlib.sha256(f"{article.title}\0{article.text}".encode()).digest()[:16]


def reserved(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those of the articles whose rights for text and data mining are reserved."""
    statement = select(articles.c.id).where(articles.c.reserved, among(articles.c.id, "ids"))
    return set(connection.execute(statement, {"ids": ids}).scalars())


def has_source(connection: Connection, source_id: str) -> bool:
    """Whether an article of this source is stored."""
    statement = select(articles.c.id).where(articles.c.source_id == source_id).limit(1)
    return connection.execute(statement).first() is not None


def size(connection: Connection) -> int:
    """How many articles are stored."""
    return connection.execute(select(func.count()).select_from(articles)).scalar_one()


def id_of_url(connection: Connection, url: str) -> int | None:
    """The article with this URL, as fetched or as its page declared it canonical."""
    return id_of_page(connection, url, None)


def id_of_page(connection: Connection, url: str, canonical_url: str | None) -> int | None:
    """The article with one of these URLs, the first rather than the second, as fetched rather than as canonical."""
    return next(iter(ids_of_page(connection, url, canonical_url)), None)


def ids_of_page(connection: Connection, url: str, canonical_url: str | None) -> list[int]:
    """All articles with one of these URLs, in that order."""
    keys = {"url": url_key(url), "canonical": url_key(canonical_url or url)}
    return list(dict.fromkeys(int(row[0]) for row in raw.rows(connection, _IDS_OF_PAGE, keys)))


def ids_of_domain(connection: Connection, domain: str) -> list[int]:
    """The articles of a domain and of all below it, by their own or their canonical URL."""
    columns = articles.c.url, articles.c.canonical_url
    statement = select(articles.c.id, *columns).where(or_(*(one.contains(domain, autoescape=True) for one in columns)))
    rows = connection.execute(statement.order_by(articles.c.id))
    return [row.id for row in rows if any(is_below(url, domain) for url in (row.url, row.canonical_url) if url)]


def older_than(connection: Connection, moment: datetime, *, by: Literal["fetched", "published"]) -> list[int]:
    """The articles that were fetched, or are known to have been published, before a moment."""
    column = articles.c.fetched_at if by == "fetched" else articles.c.published_at
    return list(connection.execute(select(articles.c.id).where(column < moment).order_by(articles.c.id)).scalars())


def add(connection: Connection, article: Article, sketch: Sketch, place: Place) -> int:
    """Store an article that is not stored; returns its id."""
    return raw.insert(connection, "articles", row_of(article, sketch, place))


def replace(connection: Connection, article_id: int, article: Article, sketch: Sketch, place: Place) -> None:
    """Put a newer text of the same page in place of the stored one."""
    connection.execute(update(articles).where(articles.c.id == article_id).values(row_of(article, sketch, place)))


def detach(connection: Connection, article_id: int) -> int | None:
    """Let an article have no text to compare until it is given another; returns the one that it had."""
    had: int | None = connection.execute(select(articles.c.text_id).where(articles.c.id == article_id)).scalar_one()
    connection.execute(update(articles).where(articles.c.id == article_id).values(text_id=None))
    return had


def attach(connection: Connection, article_id: int, place: Place) -> None:
    """Give an article a text to compare."""
    at = raw.stored(connection, place.published_by)
    raw.run(connection, _ATTACH, [{"id": article_id, **_place(place), "published_by": at}])


def detach_all(connection: Connection) -> None:
    """Let no article have a text to compare, and each be alone in its copy group."""
    connection.execute(update(articles).values(text_id=None, copy_group=-articles.c.id))


def without_text(connection: Connection, *, limit: int) -> list[int]:
    """Some articles that have no text to compare."""
    statement = select(articles.c.id).where(articles.c.text_id.is_(None)).order_by(articles.c.id).limit(limit)
    return list(connection.execute(statement).scalars())


def count_without_text(connection: Connection) -> int:
    """How many articles have no text to compare."""
    return connection.execute(select(func.count()).where(articles.c.text_id.is_(None))).scalar_one()


def urls_of(connection: Connection, article_id: int) -> list[str]:
    """The URL that an article was fetched from, and the one that its page declares canonical."""
    row = connection.execute(select(articles.c.url, articles.c.canonical_url).where(articles.c.id == article_id)).one()
    return list(dict.fromkeys(url for url in row if url))


def set_addresses(connection: Connection, article_id: int, url: str, canonical_url: str | None) -> None:
    """Record the addresses of an article whose text has not changed."""
    values = _addresses(url, canonical_url)
    connection.execute(update(articles).where(articles.c.id == article_id).values(values))


def set_gone(connection: Connection, article_id: int, at: datetime | None) -> None:
    """Record that an article is at none of its addresses; None: it is at one. The first such moment is kept."""
    was = articles.c.gone_at.is_not(None) if at is None else articles.c.gone_at.is_(None)
    connection.execute(update(articles).where(articles.c.id == article_id, was).values(gone_at=at))


def remove(connection: Connection, article_id: int) -> None:
    """Take an article away. What was derived from it must have gone before."""
    connection.execute(delete(articles).where(articles.c.id == article_id))


def set_group_of_text(connection: Connection, text_id: int, group: int) -> None:
    """Record the copy group of all articles that have a text."""
    connection.execute(update(articles).where(articles.c.text_id == text_id).values(copy_group=group))


def load(connection: Connection, ids: Sequence[int]) -> dict[int, StoredArticle]:
    """The articles with these ids; ids that are not stored are left out."""
    rows = connection.execute(_LOAD, {"ids": ids}).all() if ids else []
    topics = topic_matches.load(connection, [row.id for row in rows])
    return {row.id: _stored(row, topics.get(row.id, ())) for row in rows}


def find(connection: Connection, wanted: Filter, *, sort: Sort = "newest", limit: int | None = None) -> list[int]:
    """The ids of the articles that pass the filter, in the order asked for; ties by id."""
    if sort == "newest" and limit is not None:
        return _newest(connection, wanted, limit)
    statement = filtered(select(articles.c.id), wanted).order_by(*_ORDER[sort], articles.c.id).limit(limit)
    return list(connection.execute(statement).scalars())


def _newest(connection: Connection, wanted: Filter, limit: int) -> list[int]:
    """The same, newest first. In two questions, because in PostgreSQL's index those without a date come first."""
    some = filtered(select(articles.c.id), wanted)
    dated = some.where(articles.c.published_at.is_not(None)).order_by(articles.c.published_at.desc(), articles.c.id)
    undated = some.where(articles.c.published_at.is_(None)).order_by(articles.c.id)
    found = list(connection.execute(dated.limit(limit)).scalars())
    if len(found) < limit:
        found += connection.execute(undated.limit(limit - len(found))).scalars()
    return found


def members(connection: Connection, group: int, *, limit: int | None = None) -> list[int]:
    """The ids of a copy group, or of the earliest of it."""
    statement = select(articles.c.id).where(articles.c.copy_group == group)
    return list(connection.execute(statement.order_by(articles.c.published_by, articles.c.id).limit(limit)).scalars())


def earliest_there(connection: Connection, group: int, wanted: Filter) -> int | None:
    """The earliest of a copy group that passes the filter and that a reader can still open, if there is one."""
    there = select(articles.c.id).where(articles.c.copy_group == group, articles.c.gone_at.is_(None))
    earliest = filtered(there, wanted).order_by(articles.c.published_by, articles.c.id).limit(1)
    return connection.execute(earliest).scalar()


def groups_of(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    """The copy group of each article."""
    return {row.id: row.copy_group for row in connection.execute(_GROUPS_OF, {"ids": ids})}


def texts_of(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    """The text of each article, as it is compared; articles that share one are exact copies."""
    return {row.id: row.text_id for row in connection.execute(_TEXTS_OF, {"ids": ids})}


def word_count(connection: Connection, article_id: int) -> int:
    """How many words the text of an article has."""
    return int(connection.execute(select(articles.c.word_count).where(articles.c.id == article_id)).scalar_one())


def group_sizes(connection: Connection, groups: Iterable[int]) -> dict[int, int]:
    """How many articles each group has."""
    return dict(connection.execute(_GROUP_SIZES, {"groups": list(groups)}).all())


def largest_groups(connection: Connection, wanted: Filter, *, limit: int | None) -> list[int]:
    """The copy groups of two or more articles, largest first, with a member that passes the filter."""
    matching = filtered(select(articles.c.copy_group), wanted).distinct()
    statement = (
        select(articles.c.copy_group)
        .where(articles.c.copy_group.in_(matching))
        .group_by(articles.c.copy_group)
        .having(func.count() > 1)
        .order_by(func.count().desc(), articles.c.copy_group)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def passing(connection: Connection, ids: Sequence[int], wanted: Filter) -> set[int]:
    """Those of the articles that pass the filter."""
    some = select(articles.c.id).where(among(articles.c.id, "ids"))
    return set(connection.execute(filtered(some, wanted), {"ids": ids}).scalars())


def each(connection: Connection, ids: Sequence[int]) -> Iterator[StoredArticle]:
    """The articles with these ids, in that order, loaded LOADED_AT_ONCE at a time."""
    for start in range(0, len(ids), LOADED_AT_ONCE):
        part = ids[start : start + LOADED_AT_ONCE]
        loaded = load(connection, part)
        yield from (loaded[article_id] for article_id in part if article_id in loaded)


def filtered(statement: Select[*Columns], wanted: Filter) -> Select[*Columns]:
    """The statement on `articles`, kept to what the filter lets through."""
    conditions = list(_conditions(wanted))
    return statement.where(*conditions) if conditions else statement


def _conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield articles.c.published_at >= datetime.combine(wanted.since, time.min, UTC)
    if wanted.until is not None:
        yield articles.c.published_at <= datetime.combine(wanted.until, time.max, UTC)
    if wanted.source_id is not None:
        yield articles.c.source_id == wanted.source_id
    if wanted.topic_id is not None:
        of_topic = select(article_topics.c.article_id).where(article_topics.c.topic_id == wanted.topic_id)
        yield articles.c.id.in_(of_topic)
    if wanted.unreserved:
        yield articles.c.reserved.is_(False)


_ORDER: dict[Sort, tuple[ColumnElement[Any], ...]] = {
    "newest": (articles.c.published_at.desc().nulls_last(),),
    "oldest": (articles.c.published_at.asc().nulls_last(),),
    "id": (),
    "title": (in_order(articles.c.title),),
    "source": (in_order(articles.c.source_id).nulls_last(), articles.c.published_at.desc().nulls_last()),
}


def _place(place: Place) -> dict[str, Any]:
    return {"text_id": place.text_id, "copy_group": place.copy_group, "published_by": place.published_by}


def row_of(article: Article, sketch: Sketch, place: Place) -> dict[str, Any]:
    """The columns of an article but for its id."""
    return {
        **_addresses(article.url, article.canonical_url),
        "source_id": article.source_id,
        "title": article.title,
        "text": article.text,
        "author": article.author,
        "agency": article.agency,
        "published_at": article.published_at,
        "published_precision": article.published_precision,
        "published_from": article.published_from,
        "published_zone": article.published_zone,
        "language": article.language,
        "image": article.image,
        "section": article.section,
        "tags": list(article.tags),
        "directives": list(article.directives),
        "reserved": RESERVED in article.directives,
        "tdm_policy": article.tdm_policy,
        "encoding": article.encoding,
        "fetched_at": article.fetched_at,
        "content_hash": content_hash(article),
        "word_count": sketch.word_count,
        **_place(place),
    }


def _addresses(url: str, canonical: str | None) -> dict[str, Any]:
    return {
        "url": url,
        "url_key": url_key(url),
        "canonical_url": canonical,
        "canonical_key": url_key(canonical) if canonical else None,
    }


_ATTACH = (
    "UPDATE articles SET text_id = :text_id, copy_group = :copy_group, published_by = :published_by WHERE id = :id"
)
_PLACES_OF_URLS = " UNION ALL ".join(
    f"SELECT {rank} AS place, id FROM articles WHERE {column} = :{key}"  # noqa: S608 - of names that stand here
    for rank, (key, column) in enumerate(
        (("url", "url_key"), ("url", "canonical_key"), ("canonical", "url_key"), ("canonical", "canonical_key"))
    )
)
_IDS_OF_PAGE = f"SELECT id FROM ({_PLACES_OF_URLS}) AS found ORDER BY place, id"  # noqa: S608 - the same
_LOAD = select(articles).where(among(articles.c.id, "ids"))
_GROUPS_OF = select(articles.c.id, articles.c.copy_group).where(among(articles.c.id, "ids"))
_TEXTS_OF = select(articles.c.id, articles.c.text_id).where(among(articles.c.id, "ids"))
_GROUP_SIZES = (
    select(articles.c.copy_group, func.count())
    .where(among(articles.c.copy_group, "groups"))
    .group_by(articles.c.copy_group)
)
_FIELDS = tuple(name for name in Article.__dataclass_fields__ if name not in ("tags", "directives"))


def _stored(row: Row[Any], topics: tuple[TopicMatch, ...]) -> StoredArticle:
    values = row._mapping
    article = Article(
        **{name: values[name] for name in _FIELDS}, tags=tuple(values["tags"]), directives=tuple(values["directives"])
    )
    return StoredArticle(
        id=values["id"], article=article, copy_group=values["copy_group"], topics=topics, gone_at=values["gone_at"]
    )
