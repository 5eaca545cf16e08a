"""Lines that a source repeats on its pages: what its template puts into the text of every article.

A line is taken for the template's when it stood on three pages of its source, and either is short
or stands above or below the paragraphs of at least half of them. A long line in the middle is a
paragraph, however often it is printed: papers repeat the background of an affair for months.

The same article published three times (an update, its print view, /amp) teaches nothing: a page of
which half the words stand in lines that its source has printed already is not counted.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from corpus.arabic import fold
from corpus.store import Connection, page_lines
from corpus.store.page_lines import SeenLine
from corpus.types import FEWEST_WORDS, Article
from corpus.urls import registrable_domain

FEWEST_PAGES = 3

# Longer, it is a paragraph. The longest by-line or pointer of the bundled web has ten. Guess.
MOST_SHORT_WORDS = 15

# Of the pages since a long line was first seen; a notice of the template is on all of them. Guess.
SHARE_OF_PAGES = 0.5

# A page with more of its words in known lines is a page that was seen before.
SHARE_OF_COPY = 0.5

# What was printed once is remembered for so many pages of its source: some five thousand lines, 300 KB.
REMEMBERED_PAGES = 300
FORGET_EVERY = 50


class Learning:
    """The lines of pages that are stored together: what is known of them is read once, and written once."""

    def __init__(self, connection: Connection, articles: Iterable[Article]) -> None:
        self._connection = connection
        keys: defaultdict[str, set[int]] = defaultdict(set)
        for article in articles:
            keys[source_of(article)].update(_lines(article))
        self._seen = {source: page_lines.seen(connection, source, keys[source]) for source in keys}
        self._pages = {source: page_lines.pages_of(connection, source) for source in keys}
        self._counted: defaultdict[str, set[int]] = defaultdict(set)  # lines that are not written yet

    def learn(self, article: Article) -> Article:
        """Count the lines of one of the pages; returns the article without those that its source repeats."""
        source, lines = source_of(article), _lines(article)
        seen = self._seen[source]
        if not _is_seen_before(lines, seen):
            self._pages[source] = page = self._pages[source] + 1
            seen.update((one, _counted(seen.get(one), page)) for one in lines)
            self._counted[source].update(lines)
            if page % FORGET_EVERY == 0:
                self.store()
                before = page - REMEMBERED_PAGES
                page_lines.forget(self._connection, source, fewer_than=FEWEST_PAGES, before=before)
        return _without(article, seen, self._pages[source])

    def store(self) -> None:
        """Write what was counted."""
        for source, keys in self._counted.items():
            lines = {key: self._seen[source][key] for key in keys}
            page_lines.put(self._connection, source, pages=self._pages[source], lines=lines)
        self._counted.clear()


def without_repeated(connection: Connection, article: Article) -> Article:
    """A stored article without the lines that its source is now known to repeat."""
    source = source_of(article)
    seen = page_lines.seen(connection, source, _lines(article))
    return _without(article, seen, page_lines.pages_of(connection, source))


def own_lines(lines: list[str], seen: Mapping[int, SeenLine], *, page: int) -> list[str]:
    """The lines that are not the template's, when `page` pages of the source were counted.

    All of them where too few words would be left for an article.
    """
    repeated = {line for line in lines if _is_repeated(seen.get(key(line)))}
    margins = set(_margin(lines, repeated)) | set(_margin(lines[::-1], repeated))

    def is_own(line: str) -> bool:
        if line not in repeated:
            return True
        if line.count(" ") < MOST_SHORT_WORDS:
            return False
        one = seen[key(line)]
        return line not in margins or one.pages < SHARE_OF_PAGES * (page - one.first_page + 1)

    own = [line for line in lines if is_own(line)]
    return own if sum(len(line.split()) for line in own) >= FEWEST_WORDS else lines


def source_of(article: Article) -> str:
    """Whose template a page has: its source's, or its site's when it came from none."""
    return article.source_id or registrable_domain(article.url)


# As many lines as are asked for again while a batch of pages is stored.
@lru_cache(maxsize=4_096)
def key(line: str) -> int:
    """A signed 64-bit number that stands for the folded words of a line."""
    return int.from_bytes(hashlib.sha256(fold(line).encode()).digest()[:8], "big", signed=True)


def _lines(article: Article) -> dict[int, str]:
    return {key(line): line for line in article.text.split("\n")}


def _without(article: Article, seen: Mapping[int, SeenLine], page: int) -> Article:
    lines = article.text.split("\n")
    own = own_lines(lines, seen, page=page)
    return article if len(own) == len(lines) else replace(article, text="\n".join(own))


def _is_repeated(line: SeenLine | None) -> bool:
    return line is not None and line.pages >= FEWEST_PAGES


def _margin(lines: list[str], repeated: set[str]) -> Iterator[str]:
    """The repeated lines before the first that is not."""
    for line in lines:
        if line not in repeated:
            return
        yield line


def _is_seen_before(lines: Mapping[int, str], seen: Mapping[int, SeenLine]) -> bool:
    """Whether the page says what another page of its source has said; what the template says does not count."""
    counts = {one: len(line.split()) for one, line in lines.items() if not _is_repeated(seen.get(one))}
    known = sum(count for one, count in counts.items() if one in seen)
    return bool(known) and known >= SHARE_OF_COPY * sum(counts.values())


def _counted(line: SeenLine | None, page: int) -> SeenLine:
    if line is None:
        return SeenLine(pages=1, first_page=page, last_page=page)
    return replace(line, pages=line.pages + 1, last_page=page)
