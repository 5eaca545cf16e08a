"""What stands on news pages beside the news: pointers, share bars, by-lines, credits. Words: furniture.toml."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from corpus.arabic import fold

# A sentence of an article may begin like a pointer; it is then longer than a headline.
LONGEST_POINTER_WORDS = 30
LONGEST_PROMPT_WORDS = 20

# Between the parts of a by-line or credit: «الواحة - المدار», «محمد علي | بغداد»; mailboxes and handles, too.
SEPARATOR = re.compile(
    r"\s*[|/\\•·]\s*|\s+[-\u2013\u2014]+\s*|\s*[-\u2013\u2014]+\s+|\s*[،,؛;]\s*|\s*[()\[\]«»]\s*|(?<!\S)\S{0,64}@\S+"
)

LONGEST_NAME_WORDS = 5


def is_furniture(line: str) -> bool:
    """Whether a line is a pointer, a share bar, a notice: anything but a line of the article."""
    folded = fold(line)
    if not folded or folded in _folded("line", "whole"):
        return True
    count = folded.count(" ") + 1
    if count > LONGEST_POINTER_WORDS:
        return False
    if _begins().match(folded) or _disclaims().match(folded):
        return True
    return count <= LONGEST_PROMPT_WORDS and bool(_prompts().match(folded) or _ends().search(folded))


def opens_comments(heading: str) -> bool:
    """Whether a heading stands above what readers wrote: «آراء القراء (18)»."""
    return " ".join(word for word in fold(heading).split() if not word.isdecimal()) in _folded("line", "comments")


def without_pointer(line: str) -> str:
    """A line without the pointer at its end: «… في المساء. اقرأ أيضا: زلزال خفيف قرب أنكوريج»."""
    before, colon, rest = line.rpartition(":")
    words = before.split()
    if not colon or len(rest.split()) > LONGEST_POINTER_WORDS:
        return line
    for length in (2, 3):
        if fold(" ".join(words[-length:])) in _folded("line", "points"):
            return " ".join(words[:-length]).rstrip(" |-–—")
    return line


def parts(credit: str) -> list[str]:
    """A by-line or credit, taken apart."""
    return [part.strip(" .:\u200f\u200e") for part in SEPARATOR.split(credit) if part.strip(" .:\u200f\u200e")]


def agency(name: str) -> str | None:
    """The agency that goes by this name, as it is stored; None for anything else.

    Dots and spaces between single letters do not count (أ.ف.ب). The month آب is not AP (أ ب): of these
    two letters the hamza counts.
    """
    joined = name.replace(".", " ")
    if fold(joined) == "اب":
        return None
    return _agencies().get(fold(joined))


def agency_after_label(line: str) -> str | None:
    """The agency of a credit line such as «المصدر: رويترز»."""
    label, colon, rest = line.partition(":")
    if not colon or fold(label) not in _folded("source", "label"):
        return None
    return next((found for part in parts(rest) if (found := agency(part))), None)


def without_byline_words(part: str) -> tuple[str, bool]:
    """A part of a by-line without «كتب», «بقلم» before the name, and whether there was any."""
    for length in (2, 1):
        *label, rest = re.split(r"[\s:]+", part, maxsplit=length)
        if len(label) == length and rest and fold(" ".join(label)) in _folded("byline", "before"):
            return rest, True
    return part, False


def is_name(part: str, *, site_name: str | None) -> bool:
    """Whether a part of a by-line may be somebody's name, and not an outlet, an agency, a handle or a number."""
    folded = fold(part)
    words = folded.split()
    if not 2 <= len(words) <= LONGEST_NAME_WORDS or re.search(r"[\d@/]|https?:|\.(com|net|org)", part):
        return False
    if folded in _folded("byline", "nobody") or agency(part) or is_furniture(part):
        return False
    return not (site_name and set(words) <= set(fold(site_name).split()))


@cache
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("pipelines").joinpath("furniture.toml").read_text(encoding="utf-8"))


@cache
def _folded(table: str, key: str) -> frozenset[str]:
    return frozenset(map(fold, _words()[table][key]))


@cache
def _begins() -> re.Pattern[str]:
    begins, dated = _folded("line", "begins") | _folded("line", "points"), _folded("line", "dated")
    when = rf"\d|{_one_of(_folded('line', 'days'))}"
    return re.compile(rf"(?:{_one_of(begins)})(?: |$)|(?:{_one_of(dated)}) (?:{when})")


@cache
def _ends() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_one_of(_folded('line', 'ends'))})$")


@cache
def _prompts() -> re.Pattern[str]:
    """«تابعوا قناتنا على واتساب»: what readers are asked to do, and where."""
    asked, where = _folded("prompt", "begins"), _folded("prompt", "channels")
    return re.compile(rf"(?:{_one_of(asked)})\b.*?\b(?:{_one_of(where)})\b")


@cache
def _disclaims() -> re.Pattern[str]:
    """«الآراء الواردة أدناه لا تعبر عن رأي الصحيفة»: whose opinions are not whose."""
    what, denied = _folded("disclaimer", "begins"), _folded("disclaimer", "denies")
    return re.compile(rf"(?:{_one_of(what)})\b.*?\b(?:{_one_of(denied)})\b")


def _one_of(phrases: frozenset[str]) -> str:
    return "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))


@cache
def _agencies() -> dict[str, str]:
    return {fold(spelling): name for name, others in _words()["agency"].items() for spelling in (name, *others)}
