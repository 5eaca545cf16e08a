"""What stands on lines of its own above and below the paragraphs of an article. Words: margins.toml.

Dates, by-lines, what somebody is by profession, where a text is from. Between paragraphs the same
words may be a subheading; there they stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, partial

from corpus.arabic import ARABIC_SCRIPT, fold
from pipelines.dates.months import ARABIC_LOCALES
from pipelines.fields.agencies import is_dateline
from pipelines.phrases import one_of, phrases

_folded = partial(phrases, "text/margins.toml")

# A by-line, a date, a credit; longer ones are sentences.
LONGEST_LABEL_WORDS = 10
LONGEST_NAME_WORDS = 5
MOST_CODE_WORDS = 2
MOST_CREW_WORDS = 30

# A part of a title that is no chance; what may stand above one. Guesses.
FEWEST_TITLE_WORDS, MOST_KICKER_WORDS = 4, 4
SENTENCE_ENDS = (".", "!", "?", "\u061f", "…", "\u060c", ":")

MARKED_BYLINE = re.compile(r"[^\W\d_]+\s?[-:/|]\s?\w[^:]*:\s*$")
CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d\d(?!\d)")


@dataclass(frozen=True, kw_only=True)
class Margins:
    """What the lines above and below the paragraphs of one article may say again."""

    titles: tuple[str, ...]  # folded
    author: str | None
    site_name: str | None

    @classmethod
    def of(cls, titles: Iterable[str], *, author: str | None, site_name: str | None) -> Margins:
        return cls(titles=tuple(filter(None, map(fold, titles))), author=author, site_name=site_name)

    def cut(self, lines: list[str]) -> tuple[list[str], list[str]]:
        """The lines between the margins, and the labels in them. The title, said again, is in neither."""
        own, labels = list(lines), []
        while own and (self._is_label(own[0]) or self._is_kicker(own)):
            labels.append(own.pop(0))
        while own and (self._is_label(own[-1]) or is_source_line(own[-1])):
            labels.append(own.pop())
        if len(own) > 1 and is_dateline(own[1], site_name=self.site_name):  # below a standfirst
            labels.append(own.pop(1))
        return [line for line in own if not self._is_whole_title(line)], [
            line for line in labels if not self._is_title(line)
        ]

    def _is_label(self, line: str) -> bool:
        return self._is_title(line) or is_label(line, author=self.author, site_name=self.site_name)

    def _is_title(self, line: str) -> bool:
        """Whether a line is the title, or the title without the site's name."""
        folded = fold(line)
        is_long = folded.count(" ") >= FEWEST_TITLE_WORDS - 1
        return any(
            folded == title or (is_long and (title.startswith(folded) or title.endswith(folded)))
            for title in self.titles
        )

    def _is_whole_title(self, line: str) -> bool:
        """Whether a line, wherever it stands, is a title to the last word, and no chance."""
        return line.count(" ") >= FEWEST_TITLE_WORDS - 1 and fold(line) in self.titles

    def _is_kicker(self, lines: list[str]) -> bool:
        """Whether the first line is what stands above a headline: «مباشر», a section."""
        return len(lines) > 1 and len(lines[0].split()) <= MOST_KICKER_WORDS and self._is_title(lines[1])


def is_label(line: str, *, author: str | None, site_name: str | None) -> bool:
    """Whether a line is a date, a by-line, what somebody is by profession, or the site's own name."""
    folded = fold(line)
    words = folded.split()
    if len(words) <= MOST_CODE_WORDS and ARABIC_SCRIPT.search(line) is None:
        return True  # of an agency: «KUW:»
    if _is_crew(line, words) or _are_initials(words) or is_dateline(line, site_name=site_name):
        return True
    if MARKED_BYLINE.match(line):
        line = line.rstrip(" :")  # «كتب - سمير عواد:»
    if len(words) > LONGEST_LABEL_WORDS or line.endswith(SENTENCE_ENDS):
        return False
    if _is_date(line, words) or (author and folded.startswith(fold(author))) or _is_site(words, fold(site_name or "")):
        return True
    if (byline := _byline().match(folded)) and _names(folded[byline.end() :]) <= LONGEST_NAME_WORDS:
        return True
    return len(words) <= LONGEST_NAME_WORDS and ":" not in line and words[0] in _folded("roles")


def is_source_line(line: str) -> bool:
    """Whether a line says where the text above it is from: «المصدر: الواحة + وكالات»."""
    label, colon, rest = line.partition(":")
    return bool(colon) and fold(label) in _folded("source") and len(rest.split()) <= LONGEST_LABEL_WORDS


def _is_date(line: str, words: list[str]) -> bool:
    numbers = [word for word in words if word.isdecimal()]
    rest = {word for word in words if not word.isdecimal()}
    # Numbers alone: a day, a month, a year; or what an agency counts its news by.
    is_told = not rest or len(numbers) > 2 or CLOCK.search(line) is not None
    return bool(numbers) and rest <= _date_words() and (is_told or bool(rest & _months()))


def _is_site(words: list[str], site: str) -> bool:
    """«فرات نيوز/ البصرة»: the site, alone or with a place."""
    return bool(site) and f"{' '.join(words)} ".startswith(f"{site} ") and len(words) <= len(site.split()) + 2


def _is_crew(line: str, words: list[str]) -> bool:
    """«(شارك في التغطية كمال نصر - تحرير هدى سالم)»."""
    is_bracketed = line.startswith("(") and line.rstrip(".").endswith(")")
    return is_bracketed and len(words) <= MOST_CREW_WORDS and not _folded("crew").isdisjoint(words)


def _are_initials(words: list[str]) -> bool:
    """«ي ح/س ل/م د», «(النهاية) ر ش د»: who wrote and who read it, as agencies sign."""
    if words[0] in _folded("ends"):
        return len(words) == 1 or _are_initials(words[1:])
    return len(words) <= LONGEST_LABEL_WORDS and all(len(word) <= 2 and word.isalpha() for word in words)


def _names(folded: str) -> int:
    """How many words may be of names: dates do not count."""
    return sum(not word.isdecimal() and word not in _date_words() for word in folded.split())


@cache
def _byline() -> re.Pattern[str]:
    return re.compile(f"{one_of(_folded('bylines'))} ")


@cache
def _date_words() -> frozenset[str]:
    return _months() | _folded("dates")


@cache
def _months() -> frozenset[str]:
    from babel import Locale
    from hijridate.locales import get_locale

    names = [name for locale in ARABIC_LOCALES for name in Locale.parse(locale).months["format"]["wide"].values()]
    return frozenset(word for name in (*names, *get_locale("ar").month_names) for word in fold(name).split())
