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
    assets = {file.name: file.read_bytes() for file in files("nazair.web").joinpath("static").iterdir()}
    # In the address of what pages load, so that a new version is loaded at once.
    version = hashlib.blake2b(b"".join(assets[name] for name in sorted(assets)), digest_size=4).hexdigest()
    pages, api = Pages(library, version=version), Api(library)

    def asset(request: Request) -> Response:
        name = request.path_params.get("name", request.url.path.lstrip("/"))
        if name not in assets:
            raise HTTPException(404)
        suffix = name[name.rfind(".") :]
        media_type = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return answer(request, assets[name], media_type, fresh_s=DAY_S)

    def figures(_request: Request) -> Response:
        with library.reading() as connection:
            text = library.counted("metrics", lambda: metrics.render(connection, now=datetime.now(UTC)))
        return Response(text, headers={"Cache-Control": "no-store", "Content-Type": metrics.CONTENT_TYPE})

    def refused(request: Request, error: Exception) -> Response:
        status = STATUS.get(type(error), 503)
        if status != 503:
            return told(request, str(error), status)
        # It may name hosts, users and files of whoever runs this: for the log alone.
        logger.error("%s: %s", request.url.path, error)
        return told(request, words_for(request)("error_503"), status)

    def not_found(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        words = words_for(request)
        response = told(request, words("error_404") if status == 404 else str(getattr(error, "detail", "")), status)
        response.headers.update(getattr(error, "headers", None) or {})  # which methods are allowed
        return response

    def failed(request: Request, error: Exception) -> Response:
        # Starlette raises it again after this answer, and the server logs where it happened.
        return told(request, "This is a bug in nazair; whoever runs this server finds it in its log.", 500)

    def words_for(request: Request) -> Words:
        return Words("en" if _is_for_programs(request) else asked.language(request))

    def told(request: Request, sentence: str, status: int) -> Response:
        if _is_for_programs(request):
            return as_json(request, {"error": sentence}, status=status)
        return pages.error(request, sentence, status)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield

    return Starlette(
        routes=[
            *pages.routes(),
            *api.routes(),
            *([Route("/metrics", figures)] if library.settings.metrics else []),
            Route("/static/{name}", asset),
            *(Route(f"/{name}", asset) for name in ("embed.js", "openapi.json", "favicon.svg")),
        ],
        exception_handlers={NazairError: refused, HTTPException: not_found, Exception: failed},
        middleware=[Middleware(Guard, settings=library.settings)],
        lifespan=lifespan,
    )


def _is_for_programs(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/feeds/", "/healthz"))
