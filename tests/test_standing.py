"""Of many copies ten are compared: lists stay full beside ten thousand, and are those that would be made now."""

from __future__ import annotations

import random
import zlib
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from corpus import copies, similar_lists
from corpus.similar_lists import Arrival, enter
from corpus.sketch import of_text
from corpus.standing import COPIES_STANDING
from corpus.store import Connection, articles, lists, postings
from corpus.store.database import Database
from corpus.store.schema import similar_lists as list_table
from corpus.types import Article
from corpus.weighing import TermCounts
from tests.bundled import ALONE, BUNDLED, forget, made_again, sketched, store, told
from tests.texts import TEXTS

ABOUT = [one for one in BUNDLED if "بوتين" in one.title]
SUMMIT = [*ABOUT[:30], *(one for one in BUNDLED[:20] if one not in ABOUT)]
# Reports of which there are no copies yet.
LONE, OTHER = [one for one in SUMMIT if one in ALONE and one in ABOUT][:2]


def copies_of(one: Article, count: int, *, first: int = 0) -> list[Article]:
    return [replace(one, url=f"http://reprints.example/{number}") for number in range(first, first + count)]


def flood(connection: Connection, some: list[Article]) -> None:
    """Many copies of one text, a hundred at a time as a crawl stores them."""
    counts, made = TermCounts(), sketched(some[0].title, some[0].text)
    for start in range(0, len(some), 100):
        arrivals = []
        for one in some[start : start + 100]:
            entered = copies.enter(connection, one, of_text(made))
            number = articles.add(connection, one, made, entered.place)
            arrivals.append(Arrival(article_id=number, article=one, sketch=made, repeats=entered.how is not None))
        enter(connection, arrivals, counts)


def entries_of_postings(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT sum(length(entries)) / 4 FROM postings").scalar_one())


@pytest.mark.slow
def test_thousands_of_copies_take_no_place_from_others_and_grow_nothing(database: Database) -> None:
    many = 10_000 if database.is_sqlite else 1_000
    with database.writing() as connection:
        store(connection, SUMMIT)
        similar_lists.renew(connection)
        alone, before = told(connection), entries_of_postings(connection)
        flood(connection, copies_of(LONE, many))
        similar_lists.renew(connection)
        now, weighing = told(connection), postings.weighing(connection)

        assert {url: len(now[url]) for url in alone} == {url: len(rows) for url, rows in alone.items()}
        assert weighing.articles == many + len(SUMMIT)
        assert weighing.texts == len(set(articles.groups_of(connection, [*range(1, len(SUMMIT) + 1)]).values()))
        assert entries_of_postings(connection) < before * 2
        assert connection.execute(select(func.count()).select_from(list_table)).scalar_one() < 2 * len(SUMMIT)


def test_a_copy_for_which_others_stand_has_their_list(database: Database) -> None:
    with database.writing() as connection:
        store(connection, SUMMIT)
        flood(connection, copies_of(LONE, 30))
        lists_of_copies = [rows for url, rows in told(connection).items() if "reprints" in url]

        assert len(lists_of_copies) == 30
        assert len(lists_of_copies[0]) > 5
        assert all([url for url, _ in rows] == [url for url, _ in lists_of_copies[0]] for rows in lists_of_copies)


def test_when_one_that_stood_goes_the_next_stands(database: Database) -> None:
    reprints = copies_of(LONE, 2 * COPIES_STANDING)
    with database.writing() as connection:
        store(connection, [*SUMMIT, *reprints])
        for some in (reprints[:5], reprints[5:12], reprints[12:], [LONE]):
            forget(connection, some)

            assert lists.to_change_standing(connection, most=COPIES_STANDING) == []
            assert told(connection) == made_again(connection)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_lists_beside_many_copies_are_those_that_would_be_made_now(database: Database, seed: int) -> None:
    """Groups of more than stand part, unite, and lose members, in any order."""
    reprints = copies_of(LONE, 15) + copies_of(OTHER, 15, first=15)
    some = [*SUMMIT, *reprints]
    random.Random(seed).shuffle(some)  # noqa: S311 - any order will do
    with database.writing() as connection:
        store(connection, some)
        assert told(connection) == made_again(connection)

        store(connection, [replace(one, text=TEXTS[3][1]) for one in reprints[3:20]])
        assert told(connection) == made_again(connection)
        forget(connection, reprints[::3])
        assert told(connection) == made_again(connection)
        store(connection, reprints)
        assert told(connection) == made_again(connection)
        assert lists.to_change_standing(connection, most=COPIES_STANDING) == []


def test_of_many_copies_that_enter_together_the_first_may_not_stand_and_leaves_nothing(database: Database) -> None:
    reprints = sorted(copies_of(LONE, COPIES_STANDING + 5), key=lambda one: -zlib.crc32(one.url.encode()))
    with database.writing() as connection:
        store(connection, SUMMIT[10:20])
        flood(connection, reprints)
        assert told(connection) == made_again(connection)

        forget(connection, reprints[:1])
        store(connection, SUMMIT[:10])
        assert told(connection) == made_again(connection)


def test_articles_that_enter_together_have_the_lists_of_those_that_came_one_by_one(database: Database) -> None:
    some = [*SUMMIT, *copies_of(LONE, 15)]
    with database.writing() as connection:
        store(connection, some[:10])
        similar_lists.renew(connection)
        before = connection.begin_nested()
        store(connection, some[10:])
        one_by_one = told(connection)
        before.rollback()

        arrivals = []
        for one in some[10:]:
            made = sketched(one.title, one.text)
            entered = copies.enter(connection, one, of_text(made))
            number = articles.add(connection, one, made, entered.place)
            arrivals.append(
                Arrival(
                    article_id=number,
                    article=one,
                    sketch=made,
                    repeats=entered.how is not None,
                    moved=entered.moved,
                )
            )
        enter(connection, arrivals, TermCounts())

        assert told(connection) == one_by_one
