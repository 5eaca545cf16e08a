"""What stands on news pages beside the news: pointers, share bars, notices. Words: furniture.toml."""

from __future__ import annotations

import re
from functools import cache, partial

from corpus.arabic import fold
from pipelines.phrases import one_of, phrases

_folded = partial(phrases, "text/furniture.toml")

# A sentence of an article may begin like a pointer; it is then longer than a headline.
LONGEST_POINTER_WORDS = 30
LONGEST_PROMPT_WORDS = 20

NO_WORDS = re.compile(r"\s*(?:#[^\s#]+\s*)+|\s*https?://\S+\s*")  # hashtags, an address


def is_furniture(line: str) -> bool:
    """Whether a line is a pointer, a share bar, a notice: anything but a line of the article."""
    folded = fold(line)
    if not folded or folded in _folded("line", "whole") or NO_WORDS.fullmatch(line):
        return True
    count = folded.count(" ") + 1
    if count > LONGEST_POINTER_WORDS:
        return False
    if _begins().match(folded) or _labels().fullmatch(folded) or _disclaims().match(folded):
        return True
    if count > LONGEST_PROMPT_WORDS:
        return False
    return bool(_prompts().match(folded) or _ends().search(folded)) or _counts(folded)


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


def _counts(folded: str) -> bool:
    """«شوهد 1200 مرة», «عدد القراءات: 55»: numbers that are others at each visit, and their names."""
    said = {word for word in folded.split() if not word.isdecimal()}
    has_number = any(word.isdecimal() for word in folded.split())
    counted = _folded("counter", "counted")
    return has_number and not said.isdisjoint(counted) and said - counted <= _folded("counter", "beside")


@cache
def _begins() -> re.Pattern[str]:
    begins, dated = _folded("line", "begins") | _folded("line", "points"), _folded("line", "dated")
    when = rf"\d|{one_of(_folded('line', 'days'))}"
    return re.compile(rf"{one_of(begins)}(?: |$)|{one_of(dated)} (?:{when})")


@cache
def _labels() -> re.Pattern[str]:
    """«نشرت في: آخر تحديث:»: what is left of dates that stand in elements of their own."""
    return re.compile(rf"(?:{one_of(_folded('line', 'dated'))}(?: |$))+")


@cache
def _ends() -> re.Pattern[str]:
    return re.compile(rf"\b{one_of(_folded('line', 'ends'))}$")


@cache
def _prompts() -> re.Pattern[str]:
    """«تابعوا قناتنا على واتساب»: what readers are asked to do, and where."""
    asked, where = _folded("prompt", "begins"), _folded("prompt", "channels")
    return re.compile(rf"{one_of(asked)}\b.*?\b{one_of(where)}\b")


@cache
def _disclaims() -> re.Pattern[str]:
    """«الآراء الواردة أدناه لا تعبر عن رأي الصحيفة»: whose opinions are not whose."""
    what, denied = _folded("disclaimer", "begins"), _folded("disclaimer", "denies")
    return re.compile(rf"{one_of(what)}\b.*?\b{one_of(denied)}\b")
