"""Take-down and retention: articles leave the collection with all that was made of them.

What leaves: the article, its text, earlier versions, signature, similar list and its place in others', the words of
the search index with their positions; the addresses and titles in the frontier; addresses and reasons in decisions.
What stays: that something was decided (runs keep their counts). Words that stood nowhere else leave the vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice

from corpus import keep
from corpus.errors import UsageError
from corpus.inverted import BUCKETS
from corpus.repeated import source_of
from corpus.store import Connection, articles, frontier, page_lines, runs, tombstones, words
from corpus.store.database import Database
from corpus.urls import is_registry, normalise

# Articles that go in one transaction: a crawl that waits for it waits a second or two.
AT_ONCE = 50

# Of one copy group: those that stay in it are settled anew in each transaction.
MOST_AT_ONCE = 500

# Of 100,000 articles these are some 20 MB, of which a second is spent at most.
BUCKETS_AT_ONCE = 256


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is to be forgotten: a page, or a domain with all that is below it."""

    url: str | None = None
    domain: str | None = None


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """What was taken out."""

    articles: int
    links: int
    decisions: int


def target(words: str) -> Target:
    """What a user means by a URL or a domain. Raises UsageError for what is neither, and for whole registries."""
    if "/" in words:
        url = normalise(words)
        if url is None:
            raise UsageError(f"{words!r} is not an http(s) URL. Examples: https://example.com/news/1, example.com")
        return Target(url=url)
    url = normalise(f"http://{words}/")
    host = words.strip().lower().rstrip(".")
    if url is None or is_registry(host) or url != normalise(f"http://{host}/") or ":" in host:
        raise UsageError(
            f"{words!r} is neither a URL nor a domain that somebody has. Examples: https://example.com/news/1, "
            "example.com"
        )
    return Target(domain=url.removeprefix("http://").rstrip("/"))


def found(connection: Connection, wanted: Target) -> list[int]:
    """The ids of the stored articles that are meant."""
    if wanted.domain is not None:
        return articles.ids_of_domain(connection, wanted.domain)
    article_id = runs.article_at(connection, wanted.url or "")
    return [] if article_id is None else [article_id]


def copies_elsewhere(connection: Connection, ids: Sequence[int]) -> int:
    """How many near-copies of these articles are stored beside them: others' pages with the same text."""
    group_of = articles.groups_of(connection, ids)
    return sum(articles.group_sizes(connection, set(group_of.values())).values()) - len(group_of)


def forget(
    database: Database, wanted: Target, *, now: datetime, told: Callable[[int], None] = lambda _: None
) -> Forgotten:
    """Take out what is meant, and let it not come back; `told` hears how many are out.

    Safe to interrupt, and to repeat.
    """
    # First, so that a crawl that runs meanwhile brings nothing back.
    with database.writing() as connection:
        ids = found(connection, wanted)
        urls = _addresses(connection, wanted.url, ids) if wanted.url else []
        tombstones.add_page(connection, urls, now=now)
        if wanted.domain is not None:
            tombstones.add_domain(connection, wanted.domain, now=now)
    take_out(database, ids, with_sources=wanted.domain is not None, told=told)
    with database.writing() as connection:
        links = sum(frontier.remove_page(connection, url) for url in urls)
        decisions = sum(runs.scrub_page(connection, url) for url in urls)
        if wanted.domain is not None:
            links += frontier.remove_domain(connection, wanted.domain)
            decisions += runs.scrub_domain(connection, wanted.domain)
            page_lines.remove(connection, wanted.domain)
    return Forgotten(articles=len(ids), links=links, decisions=decisions)


def _addresses(connection: Connection, url: str, ids: Sequence[int]) -> list[str]:
    """All addresses of a page: what was stored of it may have come from others."""
    stored = [one for i in ids for one in (*articles.urls_of(connection, i), *runs.addresses_of(connection, i))]
    return [one for one in dict.fromkeys([url, *stored]) if one]


def take_out(
    database: Database, ids: Sequence[int], *, with_sources: bool = False, told: Callable[[int], None]
) -> None:
    """Take articles out, some in each transaction; with what is known of the lines of sources that have none left.

    `told` hears how many are out. What goes together was mostly similar: lists of what goes later are not made anew.
    """
    with database.reading() as connection:
        group_of = articles.groups_of(connection, ids)
    left = set(group_of)
    for part in parts(group_of):
        left.difference_update(part)
        with database.writing() as connection:
            loaded = articles.load(connection, part)
            keep.forget(connection, list(loaded), going=left)
            if with_sources:
                for source in {source_of(one.article) for one in loaded.values()}:
                    if not articles.has_source(connection, source):
                        page_lines.remove(connection, source)
        told(len(group_of) - len(left))
    _erase_words(database)


def parts(group_of: Mapping[int, int]) -> list[list[int]]:
    """Articles, by the copy group of each, in parts of AT_ONCE; those of a group together, up to MOST_AT_ONCE."""
    found: list[list[int]] = [[]]
    for _, of_group in groupby(sorted(group_of, key=lambda one: (group_of[one], one)), key=group_of.__getitem__):
        while some := list(islice(of_group, MOST_AT_ONCE)):
            if len(found[-1]) >= AT_ONCE:
                found.append([])
            found[-1] += some
    return found


def _erase_words(database: Database) -> None:
    """Take the words of all that was taken out of the search index, some buckets in each transaction."""
    with database.reading() as connection:
        left = words.unerased(connection)
    if not left:
        return
    for first in range(0, BUCKETS, BUCKETS_AT_ONCE):
        with database.writing() as connection:
            words.erase(connection, left, range(first, first + BUCKETS_AT_ONCE))
    with database.writing() as connection:
        words.set_erased(connection, left)


def forget_words(database: Database) -> bool:
    """Take words that stand in no article out of the vocabulary; False, with nothing done, while others write words.

    A run or a rebuild remembers the numbers of words, and the index that a rebuild makes has not all words yet.
    """
    with database.writing() as connection:
        if runs.running(connection) or articles.without_text(connection, limit=1):
            return False
        words.prune(connection)
    return True


def undo(connection: Connection, wanted: Target) -> bool:
    """Let it be fetched again; what was taken out does not come back by that. False when it was not forgotten."""
    if wanted.domain is not None:
        return tombstones.remove_domain(connection, wanted.domain)
    return tombstones.remove_page(connection, wanted.url or "")
