"""The JSON API: what the pages show, for programs. `static/openapi.json` describes it; a test holds them together."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from corpus import ask
from corpus.nearest import nearest
from corpus.query import parse
from corpus.reprints import as_graph, group_of
from corpus.search import Hit, search
from corpus.store import articles
from nazair.web import asked, feeds, lists
from nazair.web.answers import answer, as_json
from nazair.web.library import Library
from nazair.web.rows import name_of
from nazair.web.shelf import feed_of

# Of a block page that is in thousands of articles, the earliest.
MOST_COPIES = 50


class Api:
    """The routes, on one library."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/api/similar", self.similar),
            Route("/api/search", self.search),
            Route("/api/articles/{id}", self.article),
            Route("/api/copies/{id}", self.copies),
            Route("/api/topics", self.topics),
            Route("/feeds/{kind}.{form}", self.feed),
            Route("/healthz", self.health),
        ]

    def similar(self, request: Request) -> Response:
        """The similar list of a stored article."""
        limit = asked.number(request, "n", default=10, most=asked.MOST)
        each = asked.number(request, "per_source", default=0, most=asked.MOST)
        wanted = asked.wanted(request)
        with self._library.reading() as connection:
            article_id = asked.article(connection, request)
            stored = ask.article(connection, article_id).article
            rows = lists.of_article(
                connection, article_id, self._library.names, limit=limit, wanted=wanted, per_source=each or None
            )
        found = {"id": article_id, "url": stored.url, "title": stored.title}
        return as_json(request, {"article": found, "similar": [row.as_json() for row in rows]})

    def search(self, request: Request) -> Response:
        """The articles that match a query, best first."""
        paged, wanted = asked.paged(request, default=10), asked.wanted(request)
        query = asked.query(request)
        with self._library.reading() as connection:
            hits = search(connection, parse(query), wanted, limit=paged.end + 1)
            meant = None if hits else nearest(connection, query, wanted)
        return as_json(
            request,
            {
                "page": paged.page,
                "more": len(hits) > paged.end and not paged.is_last,
                "results": [self._hit(hit) for hit in hits[paged.start : paged.end]],
                "meant": meant,
            },
        )

    def article(self, request: Request) -> Response:
        """One article; its text only where the server shows whole texts."""
        with self._library.reading() as connection:
            stored = ask.article(connection, asked.as_id(request.path_params["id"]))
            line = ask.export_line(connection, stored)
        if not self._library.settings.full_text:
            line["text"] = None
        line["source_name"] = name_of(stored.article.source_id, self._library.names)
        return as_json(request, line)

    def copies(self, request: Request) -> Response:
        """Who repeated whom, in an article's copy group."""
        with self._library.reading() as connection:
            stored = ask.article(connection, asked.as_id(request.path_params["id"]))
            group = group_of(connection, stored.copy_group, most=MOST_COPIES)
            size = articles.group_sizes(connection, [stored.copy_group])[stored.copy_group]
        found = as_graph(group, size=size)
        for node in found["nodes"]:
            node["source_name"] = name_of(node["source"], self._library.names)
            node["published_at"] = ask.iso(node["published_at"])
        return as_json(request, found)

    def topics(self, request: Request) -> Response:
        """The topics, with how many articles each has."""
        with self._library.reading() as connection:
            counts = self._library.topic_counts(connection)
        found = [
            {"id": id_, "title": self._library.topic_title(id_), "articles": counts.get(id_, 0)}
            for id_ in sorted({*self._library.topics, *counts})
        ]
        return as_json(request, {"topics": found})

    def feed(self, request: Request) -> Response:
        """A list as JSON Feed, RSS or JSON-LD."""
        kind = asked.one_of(request.path_params["kind"], ("similar", "search", "topic", "latest"), "the feed's kind")
        form = asked.one_of(request.path_params["form"], tuple(feeds.MEDIA_TYPES), "the feed's format")
        feed = feed_of(self._library, request, kind)
        media_type = feeds.MEDIA_TYPES[form]
        if form == "rss":
            return answer(request, feeds.rss(feed).encode(), media_type)
        return as_json(request, (feeds.json_feed if form == "json" else feeds.item_list)(feed), media_type=media_type)

    def health(self, request: Request) -> Response:
        """Whether the collection can be read."""
        with self._library.reading() as connection:
            newest = articles.find(connection, lists.ALL, sort="id", limit=1)
        response = as_json(request, {"status": "ok", "articles": bool(newest)})
        response.headers["Cache-Control"] = "no-store"
        return response

    def _hit(self, hit: Hit) -> dict[str, Any]:
        found = hit.article.article
        return {
            "id": hit.article.id,
            "url": found.url,
            "title": found.title,
            "source": found.source_id,
            "source_name": name_of(found.source_id, self._library.names),
            "published_at": ask.iso(found.published_at),
            "published_precision": found.published_precision,
            "score": hit.score,
            "snippet": hit.snippet.text,
            "matches": [list(match) for match in hit.snippet.matches],
            "title_matches": [list(match) for match in hit.title.matches],
        }
