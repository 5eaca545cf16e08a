"""Whether a text is nothing but a time. Of a link that is no title: it may be longer than the title beside it."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from pipelines.dates import words
from pipelines.dates.months import hijri_months, months, shortened_weekdays
from pipelines.dates.plain import plain
from pipelines.dates.words import plain_words
from pipelines.dates.zones import ABBREVIATIONS

LONGEST = 80

_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN = ("am", "pm", "gmt", "utc", "at", "by")


# The pages of a site name the same articles, and tell the same times.
@lru_cache(maxsize=5_000)
def is_time(text: str) -> bool:
    """Whether a text has a number, and no other words than those of dates and clocks: «الجمعة 15 أغسطس - 10:30 م».

    A number alone is none: it may be that of a page.
    """
    if _DIGIT.search(text) is None or len(text) > LONGEST or text.isdecimal():
        return False
    return all(map(_is_of_times, text.split()))


def _is_of_times(word: str) -> bool:
    return _of_times().issuperset(_LETTERS.findall(plain(word)))


@cache
def _of_times() -> frozenset[str]:
    """All single words that times are told with, as `plain` leaves them."""
    halves = [name for of in (words.LONG_HALVES, words.SHORT_HALVES) for names in of.values() for name in names]
    units = [name for one, two, more in words.UNITS.values() for name in (one, *two, *more)]
    told = (*words.LABELS, *words.UPDATED, *words.AGO, *words.ABOUT, *words.OF_MONTH, *words.OF_YEAR, words.AND)
    clocks = (*words.BEFORE_CLOCK, *words.GREENWICH, words.AT_THE_TIME_OF, words.THE_TIME_OF)
    marks = (*words.HIJRI_MARKS, *words.GREGORIAN_MARKS, *words.NUMBERS, *words.DAYS_BACK)
    ours = plain_words((*halves, *units, *told, *clocks, *marks))
    named = (*months(), *hijri_months(), *shortened_weekdays(), *ABBREVIATIONS, *_LATIN)
    return frozenset(word for phrase in (*ours, *named) for word in _LETTERS.findall(phrase))
