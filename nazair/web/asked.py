"""What a request asks for: its parameters, checked. What makes no sense is a UsageError, with a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.types import Scope

from corpus import ask
from corpus.errors import UsageError
from corpus.query import day
from corpus.store import Connection
from corpus.types import Filter
from nazair.web.words import Language, known

MOST = 50  # rows of a list
MOST_PAGES = 20
MOST_FOUND = 200  # of a search, on all its pages: each is folded to mark its words
LONGEST_QUERY = 200

ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, kw_only=True)
class Paged:
    """A part of a long list."""

    page: int  # from 1
    size: int

    @property
    def start(self) -> int:
        return (self.page - 1) * self.size

    @property
    def end(self) -> int:
        return self.page * self.size

    @property
    def is_last(self) -> bool:
        """Whether no page may follow."""
        return self.page == MOST_PAGES or self.end + self.size > MOST_FOUND


def language(request: Request) -> Language:
    """The language that the interface is asked for in."""
    return known(request.query_params.get("lang", "ar"))


def number(request: Request, name: str, *, default: int, most: int) -> int:
    """A whole number from 1 to `most`."""
    text = request.query_params.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise UsageError(f"{name}: {text[:40]!r} is no whole number from 1 to {most}.")
    return int(text)


def paged(request: Request, *, default: int) -> Paged:
    """n and page."""
    size = number(request, "n", default=default, most=MOST)
    page = Paged(page=number(request, "page", default=1, most=MOST_PAGES), size=size)
    if page.end > MOST_FOUND:
        raise UsageError(f"page: of a search the best {MOST_FOUND} are shown; narrow it by words, source or days.")
    return page


def query(request: Request) -> str:
    """The words that are searched for; empty when none are given."""
    text = " ".join(request.query_params.get("q", "").split())
    if len(text) > LONGEST_QUERY:
        raise UsageError(f"q: {len(text)} characters; a search has at most {LONGEST_QUERY}.")
    return text


def same_search(request: Request) -> dict[str, str]:
    """What is searched for, and where, as it was asked: for links to other parts and forms of the same."""
    keys = ("q", "since", "until", "source", "topic", "n")
    return {key: value for key in keys if (value := request.query_params.get(key))}


def wanted(request: Request) -> Filter:
    """since, until, source and topic."""
    since, until = _day(request, "since"), _day(request, "until")
    if since is not None and until is not None and since > until:
        raise UsageError(f"since {since} is after until {until}: no article could pass.")
    return Filter(since=since, until=until, source_id=_id(request, "source"), topic_id=_id(request, "topic"))


def article(connection: Connection, request: Request) -> int:
    """The article that url or id names. Raises UsageError, and NotStored with what to type to add it."""
    url, wanted_id = request.query_params.get("url", ""), request.query_params.get("id", "")
    if bool(url) == bool(wanted_id):
        raise UsageError("Name one article: url=… or id=…")
    if wanted_id:
        return ask.article_id(connection, str(as_id(wanted_id)))
    if not re.match(r"https?://", url, re.IGNORECASE):
        raise UsageError(f"url: {url[:200]!r} is no http(s) URL.")
    return ask.article_id(connection, url)


def as_id(text: str) -> int:
    """The id of an article that a text is. Raises UsageError."""
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise UsageError(f"id: {text[:40]!r} is no whole number.")
    return int(text)


def is_fragment(scope: Scope) -> bool:
    """Whether a server asks for a part of a page of its own."""
    return scope["path"] == "/embed" and QueryParams(scope["query_string"]).get("as") == "fragment"


def one_of(text: str, choices: Sequence[str], name: str) -> str:
    """The text if it is one of the choices. Raises UsageError."""
    if text not in choices:
        raise UsageError(f"{name}: {text[:40]!r} is none of {', '.join(choices)}.")
    return text


def _day(request: Request, name: str) -> date | None:
    text = request.query_params.get(name, "").strip()
    if not text:
        return None
    if (found := day(text)) is None:
        raise UsageError(f"{name}: {text[:40]!r} is no day. Example: 2025-08-15")
    return found


def _id(request: Request, name: str) -> str | None:
    text = request.query_params.get(name, "").strip()
    if not text:
        return None
    if not ID.fullmatch(text):
        raise UsageError(f"{name}: {text[:40]!r} is no id.")
    return text
