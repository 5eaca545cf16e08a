"""The pages. Each says in `templates/` how it looks; here is what is on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from corpus import ask
from corpus.arabic import repair
from corpus.directives import withheld
from corpus.errors import NotStored, UsageError
from corpus.nearest import nearest
from corpus.query import parse
from corpus.reprints import agency_of, changes, group_of
from corpus.search import search
from corpus.store import Connection, overview, runs
from corpus.types import Outcome, StoredArticle
from crawler.run import as_found
from nazair.web import answers, asked, charts, embed, feeds, lists
from nazair.web.library import Library
from nazair.web.rows import Row, dir_of, name_of, of_stored, web_address
from nazair.web.shelf import latest, title_of
from nazair.web.words import Words

SHOWN = 20
FOUND = 10
SIMILAR = 8
COPIES = 20  # of a large group, the earliest
RUNS = 15
AGENCIES = 12


class Pages:
    """The routes, on one library."""

    def __init__(self, library: Library, *, version: str) -> None:
        self._library = library
        self._templates = Environment(
            loader=PackageLoader("nazair.web"),
            autoescape=True,
            auto_reload=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {"version": version, "repair": repair, "web_address": web_address, "dir_of": dir_of}

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/", self.home),
            Route("/search", self.search),
            Route("/articles/{id}", self.article),
            Route("/copies/{id}", self.copies),
            Route("/topics/{id}", self.topic),
            Route("/sources", self.sources),
            Route("/embed", self.embed),
        ]

    def home(self, request: Request) -> Response:
        """The latest texts, how many there are of each day, and the topics."""
        limit = asked.number(request, "n", default=SHOWN, most=asked.MOST)
        with self._library.reading() as connection:
            rows = latest(self._library, connection, topic_id=None, limit=limit)
            bars = self._library.counted("days", lambda: charts.bars(overview.counts_by_day(connection, None)))
        return self._shown(request, "home.html", rows=rows, bars=bars, topics=self._topics())

    def search(self, request: Request) -> Response:
        """What matches, with its words marked."""
        paged, wanted, query = asked.paged(request, default=FOUND), asked.wanted(request), asked.query(request)
        problem, hits, meant = None, [], None
        if query:
            try:
                with self._library.reading() as connection:
                    hits = search(connection, parse(query), wanted, limit=paged.end + 1)
                    meant = None if hits else nearest(connection, query, wanted)
            except UsageError as error:
                problem = str(error)
        return self._shown(
            request,
            "search.html",
            status=400 if problem else 200,
            query=query,
            problem=problem,
            meant=meant,
            wanted=wanted,
            everything=lists.ALL,
            hits=[
                (of_stored(hit.article, self._library.names), hit.title, hit.snippet)
                for hit in hits[paged.start : paged.end]
            ],
            page=paged.page,
            more=len(hits) > paged.end and not paged.is_last,
            asked=asked.same_search(request),
            topics=self._topics(),
            sources=sorted(self._library.names.items(), key=lambda item: item[1]),
        )

    def article(self, request: Request) -> Response:
        """An extract, what is similar, and who carried it."""
        with self._library.reading() as connection:
            stored = ask.article(connection, asked.as_id(request.path_params["id"]))
            rows = lists.of_article(connection, stored.id, self._library.names, limit=SIMILAR)
            group = self._group(connection, stored)
        kept_back = withheld(stored.article) is not None
        title = Words("ar")("similar") + ": " + stored.article.title
        home = str(request.base_url).rstrip("/") + f"/articles/{stored.id}"
        linked = feeds.item_list(feeds.Feed(title=title, home=home, address=home, rows=rows))
        return self._shown(
            request,
            "article.html",
            row=of_stored(stored, self._library.names),
            article=stored.article,
            paragraphs=stored.article.text.split("\n") if self._library.settings.full_text and not kept_back else [],
            kept_back=kept_back,
            gone_at=stored.gone_at,
            similar=rows,
            linked=feeds.in_script(linked),
            **group,
        )

    def copies(self, request: Request) -> Response:
        """A copy group in the order of publication, with what each cut and added."""
        with self._library.reading() as connection:
            stored = ask.article(connection, asked.as_id(request.path_params["id"]))
            group = self._group(connection, stored)
        texts = {dot.copy.stored.id: dot.copy.stored.article.text for dot in group["dots"]}
        counted = {}
        for dot in group["dots"]:
            if dot.copy.copy_of in texts:
                made = changes(texts[dot.copy.copy_of], dot.copy.stored.article.text)
                counted[dot.copy.stored.id] = tuple(
                    sum(len(change.words) for change in made if change.op == op) for op in ("cut", "added")
                )
        agency = agency_of([dot.copy for dot in group["dots"]])
        row = of_stored(stored, self._library.names)
        return self._shown(request, "copies.html", row=row, changed=counted, group_agency=agency, **group)

    def topic(self, request: Request) -> Response:
        """A topic: its coverage, the spellings of its names, its agencies, its latest texts."""
        topic_id = request.path_params["id"]
        title = title_of(self._library, topic_id)
        with self._library.reading() as connection:
            counted = self._library.counted(("topic", topic_id), lambda: self._coverage(connection, topic_id))
            rows = latest(self._library, connection, topic_id=topic_id, limit=SHOWN)
        topic = self._library.topics.get(topic_id)
        families = [
            (
                concept.name,
                [(alias, count) for alias in concept.aliases if (count := counted["spellings"].get(alias, 0))],
            )
            for concept in (topic.concepts if topic else ())
            if concept.role != "excluding"
        ]
        return self._shown(
            request, "topic.html", topic_id=topic_id, title=title, rows=rows, families=families, **counted
        )

    def sources(self, request: Request) -> Response:
        """Each source's health, and the last runs."""
        with self._library.reading() as connection:
            shown = self._library.counted("sources", lambda: self._sources(connection))
        return self._shown(request, "sources.html", **shown)

    def embed(self, request: Request) -> Response:
        """A box for other people's pages: a page for an iframe, or with as=fragment what a server includes."""
        limit = asked.number(request, "n", default=5, most=asked.MOST)
        heading, zone = self._words(request)("similar"), self._library.settings.zone
        scheme = asked.one_of(request.query_params.get("scheme", ""), ("", "light", "dark"), "scheme")
        rows, status = list[Row](), 200
        with self._library.reading() as connection:
            try:
                article_id = asked.article(connection, request)
                rows = lists.of_article(connection, article_id, self._library.names, limit=limit)
            except NotStored:
                status = 404  # told to whoever asks, not to the readers of the page around the box
        if asked.is_fragment(request.scope):
            return answers.page(request, embed.box(rows, heading=heading, zone=zone), status=status)
        box = embed.box(rows, heading=heading, level=1, zone=zone)
        return self._shown(request, "embed.html", status=status, box=box, scheme=scheme)

    def error(self, request: Request, sentence: str, status: int) -> Response:
        """What went wrong, in a sentence."""
        return self._shown(request, "error.html", status=status, sentence=sentence, code=status)

    def _group(self, connection: Connection, stored: StoredArticle) -> dict[str, Any]:
        carried = overview.carried(connection, {stored.copy_group})[stored.copy_group]
        dots = charts.time_line(group_of(connection, stored.copy_group, most=COPIES)) if carried.articles > 1 else []
        return {"dots": dots, "size": carried.articles, "outlets": carried.outlets}

    def _coverage(self, connection: Connection, topic_id: str) -> dict[str, Any]:
        by_day = overview.counts_by_day(connection, topic_id)
        return {
            "bars": charts.bars(by_day),
            "outlets": list(overview.counts_by_source(connection, topic_id).items()),
            "agencies": overview.counts_by_agency(connection, topic_id, limit=AGENCIES),
            "spellings": overview.counts_by_spelling(connection, topic_id),
        }

    def _sources(self, connection: Connection) -> dict[str, Any]:
        counts, copies = overview.counts_by_source(connection), overview.copies_by_source(connection)
        states = {state.source_id: state for state in overview.source_states(connection)}
        enabled = {source.id for source in self._library.catalogue.sources.values() if source.enabled}
        ids = sorted({*enabled, *(id_ for id_ in (*counts, *states) if id_)}, key=self._name)
        # Those that something is known of first.
        ids.sort(key=lambda id_: id_ not in counts and id_ not in states)
        now = datetime.now(UTC)
        last = [as_found(connection, run, now) for run in runs.latest(connection, limit=RUNS)]
        outcomes = {run.id: runs.outcomes(connection, run.id) for run in last}
        kept = {id_: found.get(Outcome.KEPT, 0) + found.get(Outcome.NEAR_COPY, 0) for id_, found in outcomes.items()}
        return {
            "sources": [
                (id_, self._name(id_), (counts.get(id_, 0), copies.get(id_, 0)), states.get(id_)) for id_ in ids
            ],
            "runs": [(run, sum(outcomes[run.id].values()), kept[run.id]) for run in last],
        }

    def _name(self, id_: str) -> str:
        return name_of(id_, self._library.names) or ""

    def _topics(self) -> list[tuple[str, str, int]]:
        """(id, title, articles) of the topics that have any, largest first."""
        with self._library.reading() as connection:
            counts = self._library.topic_counts(connection)
        found = [(id_, self._library.topic_title(id_), count) for id_, count in counts.items()]
        return sorted(found, key=lambda one: (-one[2], one[0]))

    def _words(self, request: Request) -> Words:
        settings = self._library.settings
        return Words(asked.language(request), settings.zone, settings.zone_name)

    def _shown(self, request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
        words = self._words(request)
        html = self._templates.get_template(template).render(
            t=words,
            to=_linker(words),
            here=request.url.path,
            same_here=_other_language(request, words),
            name_of=lambda id_: name_of(id_, self._library.names) or "–",
            **values,
        )
        return answers.page(request, html, status=status)


def _linker(words: Words) -> Callable[..., str]:
    """A function that makes links which stay in the language of the page."""

    def to(path: str, **parameters: object) -> str:
        kept = {key: value for key, value in parameters.items() if value not in (None, "")}
        if words.language == "en":
            kept["lang"] = "en"
        return f"{path}?{urlencode(kept)}" if kept else path

    return to


def _other_language(request: Request, words: Words) -> str:
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    if words.language == "ar":
        kept.append(("lang", "en"))
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path
