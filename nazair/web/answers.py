"""Responses: each with what a cache needs to ask only whether it changed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

# A list changes when an article arrives; a minute late is early enough.
FRESH_S = 60


def page(request: Request, html: str, *, status: int) -> Response:
    """An HTML page."""
    return answer(request, html.encode(), "text/html; charset=utf-8", status=status)


def as_json(request: Request, value: Any, *, status: int = 200, media_type: str = "application/json") -> Response:
    """A JSON document."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return answer(request, body, media_type, status=status)


def answer(
    request: Request,
    body: bytes,
    media_type: str,
    *,
    status: int = 200,
    fresh_s: int = FRESH_S,
) -> Response:
    """A body with its ETag; nothing but that where the client has it already. What failed is not kept."""
    if status != 200:
        return Response(body, status, {"Cache-Control": "no-store"}, media_type)
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    told = {"ETag": tag, "Cache-Control": f"public, max-age={fresh_s}"}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(b"", 304, told)
    return Response(body, status, told, media_type)


def _has(known: str, tag: str) -> bool:
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in known.split(","))
