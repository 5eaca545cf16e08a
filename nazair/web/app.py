"""All of it as one ASGI application."""

from __future__ import annotations

import hashlib
import logging
import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.resources import files

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from corpus.errors import NazairError, NotComparable, NotStored, UnknownName, UsageError
from nazair import metrics
from nazair.web import asked
from nazair.web.answers import answer, as_json
from nazair.web.api import Api
from nazair.web.guard import Guard
from nazair.web.library import Library
from nazair.web.pages import Pages
from nazair.web.words import Words

logger = logging.getLogger(__name__)

# Requests at work at the same time: more would only wait for each other (two cores, one interpreter).
THREADS = 4

STATUS: dict[type[Exception], int] = {NotStored: 404, UnknownName: 404, UsageError: 400, NotComparable: 400}

DAY_S = 24 * 3600

TYPES = {".woff2": "font/woff2", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


def make_app(library: Library) -> Starlette:
    """The application for a library."""
    static = _Static()
    pages, api = Pages(library, version=static.version), Api(library)
    told = _Told(pages)

    def figures(_request: Request) -> Response:
        with library.reading() as connection:
            text = library.counted("metrics", lambda: metrics.render(connection, now=datetime.now(UTC)))
        return Response(text, headers={"Cache-Control": "no-store", "Content-Type": metrics.CONTENT_TYPE})

    return Starlette(
        routes=[
            *pages.routes(),
            *api.routes(),
            *([Route("/metrics", figures)] if library.settings.metrics else []),
            Route("/static/{name}", static.asset),
            *(Route(f"/{name}", static.asset) for name in ("embed.js", "openapi.json", "favicon.svg")),
        ],
        exception_handlers={NazairError: told.refused, HTTPException: told.not_found, Exception: told.failed},
        middleware=[Middleware(Guard, settings=library.settings)],
        lifespan=_with_few_threads,
    )


@asynccontextmanager
async def _with_few_threads(_app: Starlette) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


class _Static:
    """The files that pages load."""

    def __init__(self) -> None:
        self._files = {file.name: file.read_bytes() for file in files("nazair.web").joinpath("static").iterdir()}
        # In the address of what pages load, so that a new version is loaded at once.
        joined = b"".join(self._files[name] for name in sorted(self._files))
        self.version = hashlib.blake2b(joined, digest_size=4).hexdigest()

    def asset(self, request: Request) -> Response:
        """A file, by its name."""
        name = request.path_params.get("name", request.url.path.lstrip("/"))
        if name not in self._files:
            raise HTTPException(404)
        suffix = name[name.rfind(".") :]
        media_type = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return answer(request, self._files[name], media_type, fresh_s=DAY_S)


class _Told:
    """What went wrong, told to people as a page and to programs as JSON."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def refused(self, request: Request, error: Exception) -> Response:
        """An error of ours."""
        status = STATUS.get(type(error), 503)
        if status != 503:
            return self._answer(request, str(error), status)
        # It may name hosts, users and files of whoever runs this: for the log alone.
        logger.error("%s: %s", request.url.path, error)
        return self._answer(request, _words_for(request)("error_503"), status)

    def not_found(self, request: Request, error: Exception) -> Response:
        """No such address, or not by this method."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        sentence = _words_for(request)("error_404") if status == 404 else str(getattr(error, "detail", ""))
        response = self._answer(request, sentence, status)
        response.headers.update(getattr(error, "headers", None) or {})  # which methods are allowed
        return response

    def failed(self, request: Request, error: Exception) -> Response:
        """A bug. Starlette raises it again after this answer, and the server logs where it happened."""
        return self._answer(request, "This is a bug in nazair; whoever runs this server finds it in its log.", 500)

    def _answer(self, request: Request, sentence: str, status: int) -> Response:
        if _is_for_programs(request):
            return as_json(request, {"error": sentence}, status=status)
        return self._pages.error(request, sentence, status)


def _words_for(request: Request) -> Words:
    return Words("en" if _is_for_programs(request) else asked.language(request))


def _is_for_programs(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/feeds/", "/healthz"))
