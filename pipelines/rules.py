"""CSS rules for a source whose pages are read wrongly otherwise: the last resort, and the first word.

They stand in the catalogue ([source.rules]), one selector a field. A rule that matches nothing on a
page says nothing: the page is read as any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from lxml.etree import iterwalk
from lxml.html import HtmlElement

from corpus.arabic import fold, repair
from pipelines.fields.agencies import agency, parts
from pipelines.fields.authors import without_label
from pipelines.fields.headline import one_line
from pipelines.fields.metadata import Metadata
from pipelines.fields.near import BAR
from pipelines.fields.places import says
from pipelines.text.furniture import is_furniture

BLOCKS = set(
    "address article aside blockquote br center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6".split()
    + "header hr li main ol p pre section table tbody td th tr ul".split()
)
SILENT = set("button figcaption form iframe noscript script select style svg template textarea".split())


@dataclass(frozen=True, kw_only=True)
class Rules:
    """CSS selectors, one a field. Of several matches the first counts; of `text` and `drop`, all."""

    text: str | None = None  # what holds the paragraphs
    drop: tuple[str, ...] = ()  # what is no part of the text, although it stands in it
    title: str | None = None
    author: str | None = None
    date: str | None = None


def check_selector(selector: str) -> str:
    """The selector. Raises ValueError with the reason when it is none."""
    try:
        _compiled(selector)
    except SelectorError as error:
        raise ValueError(f"not a CSS selector that is understood here: {selector!r}: {error}") from error
    return selector


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """What a page says, as the rules of its source have it."""

    metadata: Metadata
    text: str = ""  # empty where no rule for the text matches anything
    unmatched: tuple[str, ...] = ()  # the rules that match nothing on this page, by key and selector


def ruled(metadata: Metadata, tree: HtmlElement, rules: Rules) -> Ruled:
    """What the rules find in place of what any page says; what they `drop` is taken out of the tree."""
    selectors = {"text": rules.text, "title": rules.title, "author": rules.author, "date": rules.date}
    pairs = [*selectors.items(), *(("drop", one) for one in rules.drop)]
    missed = tuple(f'{key} = "{rule}"' for key, rule in pairs if rule is not None and not _compiled(rule)(tree))
    title, author, date = (_first(tree, rule) for rule in (rules.title, rules.author, rules.date))
    shown = one_line(title) if title else metadata.title
    for rule in rules.drop:
        for element in _compiled(rule)(tree):
            if element.getparent() is not None:
                element.drop_tree()
    text = _text(tree, rules.text, title=shown or "") if rules.text else ""
    found = {"title": title, "author": author, "text": text}
    return Ruled(
        metadata=replace(
            metadata,
            title=shown,
            author=_named(author) if author else metadata.author,
            dates=(("rule", date), *metadata.dates) if date else metadata.dates,
            origins=metadata.origins | {name: f"rule {selectors[name]}" for name, value in found.items() if value},
        ),
        text=text,
        unmatched=missed,
    )


def _text(tree: HtmlElement, rule: str, *, title: str) -> str:
    """The paragraphs of what the rule matches, one a line; empty when there is none."""
    matched = _compiled(rule)(tree)
    inside = set(matched)
    outer = [element for element in matched if inside.isdisjoint(element.iterancestors())]
    lines = repair("\n".join("".join(_pieces(element)) for element in outer)).split("\n")
    folded_title = fold(title)
    return "\n".join(line for line in lines if not is_furniture(line) and fold(line) != folded_title)


def _first(tree: HtmlElement, rule: str | None) -> str | None:
    """What the first match says that says anything."""
    found = _compiled(rule)(tree) if rule else []
    return next((words.replace(BAR, " ") for element in found if (words := says(element).strip())), None)


def _named(words: str) -> str | None:
    """The names in a by-line, taken at its word: whoever writes the rule has seen that names stand there."""
    named = (without_label(part) for part in parts(words))
    return "، ".join(name for name in named if name and not agency(name)) or None


def _pieces(element: HtmlElement) -> Iterator[str]:
    silent = 0
    for event, one in iterwalk(element, events=("start", "end")):
        is_start = event == "start"
        if one.tag in SILENT:
            silent += 1 if is_start else -1
        if one.tag in BLOCKS:
            yield "\n"
        words = one.text if is_start else one.tail
        if words and not silent and (is_start or one is not element):
            yield " ".join(words.split("\n"))


@lru_cache(maxsize=256)
def _compiled(selector: str) -> CSSSelector:
    return CSSSelector(selector, translator="html")
