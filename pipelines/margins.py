"""What stands on lines of its own above and below the paragraphs of an article. Words: margins.toml.

Dates, by-lines, what somebody is by profession, where a text is from. Between paragraphs the same
words may be a subheading; there they stay.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from corpus.arabic import fold

# A by-line, a date, a credit; longer ones are sentences.
LONGEST_LABEL_WORDS = 10
LONGEST_NAME_WORDS = 5
SENTENCE_ENDS = (".", "!", "?", "\u061f", "…", "\u060c", ":")

LOCALES = ("ar", "ar_SY", "ar_MA", "ar_DZ", "ar_MR")  # each has names of its own for the months


def is_label(line: str, *, author: str | None = None) -> bool:
    """Whether a line is a date, a by-line, or what somebody is by profession."""
    folded = fold(line)
    words = folded.split()
    if len(words) > LONGEST_LABEL_WORDS or line.endswith(SENTENCE_ENDS):
        return False
    if _is_date(words) or (author and folded.startswith(fold(author))):
        return True
    if (byline := _byline().match(folded)) and folded.count(" ", byline.end()) < LONGEST_NAME_WORDS:
        return True
    return len(words) <= LONGEST_NAME_WORDS and ":" not in line and words[0] in _folded("roles")


def is_source_line(line: str) -> bool:
    """Whether a line says where the text above it is from: «المصدر: الواحة + وكالات»."""
    label, colon, rest = line.partition(":")
    return bool(colon) and fold(label) in _folded("source") and len(rest.split()) <= LONGEST_LABEL_WORDS


def _is_date(words: list[str]) -> bool:
    numbers = [word for word in words if word.isdecimal()]
    rest = {word for word in words if not word.isdecimal()}
    # Numbers alone: a day, a month, a year.
    return bool(numbers) and rest <= _date_words() and (bool(rest & _months()) or len(numbers) > 2)


@cache
def _byline() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(re.escape, _folded('bylines')))}) ")


@cache
def _date_words() -> frozenset[str]:
    return _months() | _folded("dates")


@cache
def _months() -> frozenset[str]:
    from babel import Locale
    from hijridate.locales import get_locale

    names = [name for locale in LOCALES for name in Locale.parse(locale).months["format"]["wide"].values()]
    return frozenset(word for name in (*names, *get_locale("ar").month_names) for word in fold(name).split())


@cache
def _folded(key: str) -> frozenset[str]:
    words: dict[str, Any] = tomllib.loads(files("pipelines").joinpath("margins.toml").read_text(encoding="utf-8"))
    return frozenset(map(fold, words[key]))
