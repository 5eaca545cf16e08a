"""The text that a page tells its own scripts, to be made visible by them: in JSON, beside the title and the date.

Systems that make their pages in the browser (Next, Nuxt, Fusion) write down what they make them of: an object with the
title, and the text as one string of HTML or as a list of blocks, which each editor (Gutenberg, Editor.js, Sanity,
Contentful, Arc) nests in its own way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from html import unescape
from itertools import islice
from typing import Any, NamedTuple

from lxml.html import HtmlElement

from corpus.arabic import fold
from pipelines.fields import jsonld

# Fewer words are a standfirst.
FEWEST_WORDS = 50
MOST_OBJECTS = 20  # of a script

# What scripts give objects to: window.__INITIAL_STATE__, Fusion.globalContent.
_ASSIGNED = re.compile(r"(?<![\w.])(?:window|self|[A-Z]\w{1,30})\.\w{1,40}\s{0,9}=\s{0,9}(?=\{)")
_OPENING = re.compile(r"(?=[{\[])")

# Where blocks have their words or the blocks in them, and what blocks of other kinds are called.
_INSIDE = (
    "content",
    "text",
    "value",
    "html",
    "processed",
    "innerHTML",
    "innerBlocks",
    "data",
    "children",
    "items",
    "rendered",
)
_RUNS = ("children", "content")  # of a paragraph's words, where its links and what is bold are elements of their own
_KINDS = ("type", "_type", "nodeType", "blockName", "__typename")
_NO_TEXT = re.compile(
    r"image|photo|picture|video|audio|gallery|media|embed|interstitial|related|social|button|table|newsletter|raw_html|"
    r"advert|(?<![a-z])ads?(?![a-z])",
    re.IGNORECASE,
)

# publishedAt, display_date, created_at.
_DATES = tuple(
    re.compile(name, re.IGNORECASE) for name in (r"publi\w*", r"(?!.*(?:mod|upd))(?:\w*_)?date", r"created\w*")
)


class Stated(NamedTuple):
    """A text in HTML, and what is said beside it of when it was published."""

    html: str = ""
    dates: tuple[str, ...] = ()


def stated(title: str, scripts: Iterable[HtmlElement]) -> Stated:
    """The longest text beside the title; empty where none is as long as a text."""
    wanted = fold(title)
    found = [Stated()]

    def look(one: dict[str, Any]) -> dict[str, Any]:
        if any(len(name) < 2 * len(title) and fold(unescape(name)) == wanted for name in _strings(one)):
            found.append(Stated(max(map(_html, one.values()), key=len), tuple(_dates(one))))
        return one

    for script in scripts if wanted else ():
        _read(script, look)
    longest = max(found, key=lambda one: len(one.html))
    return longest if longest.html.count(" ") >= FEWEST_WORDS else Stated()


def _read(script: HtmlElement, look: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Show each object that a script states."""
    text = script.text or ""
    if len(text) > jsonld.MAX_LENGTH:
        return
    is_json = script.get("type") == "application/json"
    starts = (one.end() for one in (_OPENING if is_json else _ASSIGNED).finditer(text))
    decoder = json.JSONDecoder(object_hook=look, strict=False)
    for start in islice(starts, 1 if is_json else MOST_OBJECTS):
        with suppress(ValueError, RecursionError):
            value, _ = decoder.raw_decode(text, start)
            for one in value if isinstance(value, list) else ():
                look(_unflattened(one, value))


def _unflattened(one: Any, values: list[Any]) -> dict[str, Any]:
    """An object of a list that Nuxt has flattened (devalue): it has the places of its values in that list."""
    places = one.items() if isinstance(one, dict) else ()
    return {key: values[place] for key, place in places if type(place) is int and 0 <= place < len(values)}


def _dates(one: dict[str, Any]) -> Iterator[str]:
    """The values that are called so, that of publication first."""
    for name in _DATES:
        yield from (value for key, value in one.items() if isinstance(value, str) and name.fullmatch(key))


def _strings(one: dict[str, Any]) -> Iterator[str]:
    """The strings of an object, and those one step below: {"title": {"rendered": …}}."""
    for value in one.values():
        below = value.values() if isinstance(value, dict) else (value,)
        yield from (string for string in below if isinstance(string, str))


def _html(value: Any, key: str = "") -> str:
    """The text of a string, of a block, or of a list of them, in HTML."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = [part for one in value if (part := _html(one))]
        is_paragraph = key in _RUNS and any(isinstance(one, dict) and _is_run(one) for one in value)
        return "".join(parts) if is_paragraph else "".join(f"<p>{part}</p>" for part in parts)
    if not isinstance(value, dict) or any(_NO_TEXT.search(str(value.get(kind) or "")) for kind in _KINDS):
        return ""
    return max((_html(value.get(name), name) for name in _INSIDE), key=len)


def _is_run(one: dict[str, Any]) -> bool:
    return isinstance(one.get("text"), str) or isinstance(one.get("value"), str)
