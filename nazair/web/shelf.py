"""The lists that pages and feeds share: the latest texts, a search, a topic, what is similar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from starlette.requests import Request

from corpus import ask
from corpus.errors import UnknownName
from corpus.query import parse
from corpus.search import search
from corpus.store import Connection, articles, overview
from nazair.web import asked, lists
from nazair.web.feeds import Feed
from nazair.web.library import Library
from nazair.web.rows import Row, of_stored
from nazair.web.words import Words


def latest(library: Library, connection: Connection, *, topic_id: str | None, limit: int) -> list[Row]:
    """The newest texts, one row each, with how many outlets carried it."""
    key = ("latest", topic_id, limit)
    return library.counted(key, lambda: _latest(connection, library.names, topic_id=topic_id, limit=limit))


def _latest(connection: Connection, names: Mapping[str, str], *, topic_id: str | None, limit: int) -> list[Row]:
    ids = overview.latest_texts(connection, topic_id=topic_id, limit=limit)
    stored = articles.load(connection, ids)
    spread = overview.carried(connection, {one.copy_group for one in stored.values()})
    return [
        of_stored(
            stored[id_],
            names,
            outlets=spread[stored[id_].copy_group].outlets,
            copies=spread[stored[id_].copy_group].articles - 1,
        )
        for id_ in ids
        if id_ in stored
    ]


def title_of(library: Library, topic_id: str) -> str:
    """A topic's title. Raises UnknownName for a topic that no file describes and no article has."""
    if topic_id not in library.topics:
        with library.reading() as connection:
            counts = library.topic_counts(connection)
        if topic_id not in counts:
            raise UnknownName("topic", topic_id, known=[*library.topics, *counts], see="/api/topics")
    return library.topic_title(topic_id)


def feed_of(library: Library, request: Request, kind: str) -> Feed:
    """The list that a feed is of. Raises UsageError, NotStored and UnknownName."""
    words = Words(asked.language(request))
    limit = asked.number(request, "n", default=20, most=asked.MOST)
    base = str(request.base_url).rstrip("/")
    with library.reading() as connection:
        title, home, rows = _list(library, connection, request, kind, words=words, limit=limit)
    return Feed(title=title, home=home if "://" in home else base + home, address=str(request.url), rows=rows)


def _list(
    library: Library, connection: Connection, request: Request, kind: str, *, words: Words, limit: int
) -> tuple[str, str, Sequence[Row]]:
    if kind == "similar":
        article_id = asked.article(connection, request)
        title = ask.article(connection, article_id).article.title
        found = lists.of_article(connection, article_id, library.names, limit=limit, wanted=asked.wanted(request))
        begins = lists.extracts(connection, [row.id for row in found])
        rows: Sequence[Row] = [replace(row, extract=begins[row.id]) for row in found]
        return f"{words('similar')}: {title}", f"/articles/{article_id}", rows
    if kind == "search":
        query = asked.query(request)
        hits = search(connection, parse(query), asked.wanted(request), limit=limit)
        rows = [of_stored(hit.article, library.names) for hit in hits]
        return words("results_for", query=query), f"/search?{urlencode(asked.same_search(request))}", rows
    if kind == "latest":
        return words("latest"), "/", latest(library, connection, topic_id=None, limit=limit)
    topic_id = asked.wanted(request).topic_id or ""
    title = title_of(library, topic_id)
    rows = latest(library, connection, topic_id=topic_id, limit=limit)
    return title, f"/topics/{topic_id}", rows
