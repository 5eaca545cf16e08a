"""Texts that nobody should write, through the whole way into the collection: stored, listed, compared."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from corpus import keep, similar_lists
from corpus.reprints import too_short
from corpus.shown_lists import similar, similar_to_text
from corpus.sketch import sketch
from corpus.store import Connection, articles
from corpus.store.database import Database
from corpus.types import Filter
from corpus.weighing import FOURFOLD, TermCounts
from tests.storing import store
from tests.texts import article

SUMMIT, AFTER = article(1), article(2)

ODD = {
    "one word": "نعم " * 5_000,
    "one Latin word": "yes " * 100,
    "Cyrillic": "Агентство сообщило о встрече двух президентов на Аляске и о переговорах. " * 8,
    "Japanese": "両首脳は 金曜日に アラスカで 会談した。" * 30,
    "Hebrew": "שני הנשיאים נפגשו ביום שישי באלסקה ושוחחו על הפסקת האש. " * 8,
    "punctuation": "٪ ، ؛ " * 100,
    "tatweel": "\u0640" * 1_000,
    "emoji": "🙂 " * 100,
    "one number": "١٢٣ " * 100,
    "nothing": "",
}


def listed(connection: Connection, one: int) -> list[int]:
    return [row.id for row in similar(connection, one, Filter(), limit=10)]


@pytest.mark.parametrize("name", ODD)
def test_an_odd_text_is_stored_and_disturbs_no_list(database: Database, name: str) -> None:
    odd, counts = replace(article(3), title="", text=ODD[name]), TermCounts()
    with database.writing() as connection:
        summit, after = store(connection, SUMMIT, AFTER, counts=counts)
        started = time.process_time()
        (one,) = store(connection, odd, counts=counts)

        assert time.process_time() - started < 2
        assert listed(connection, summit) == [after]
        assert listed(connection, one) == []
        # Asked for as a text, it is the one that is stored.
        made = sketch(odd.title, odd.text)
        assert similar_to_text(connection, odd, made, topics=(), wanted=Filter(), limit=10) == []


def test_a_text_of_few_words_has_a_list_and_it_is_said_that_it_has_no_signature(database: Database) -> None:
    with database.writing() as connection:
        summit, few = store(connection, SUMMIT, replace(article(3), title="", text="ترامب وبوتين في ألاسكا"))

        assert too_short(connection, few) == 4
        assert (listed(connection, few), listed(connection, summit)) == ([summit], [few])


@pytest.mark.slow
def test_each_of_many_equal_articles_is_cheap(database: Database) -> None:
    batches, counts, spent = (12 if database.is_sqlite else 6), TermCounts(), list[float]()
    made = sketch(SUMMIT.title, SUMMIT.text)
    for batch in range(batches):
        with database.writing() as connection:
            started = time.process_time()
            for number in range(100):
                again = replace(SUMMIT, url=f"{SUMMIT.url}/{batch}/{number}")
                keep.keep_article(connection, again, made, counts=counts)
            spent.append(time.process_time() - started)
            similar_lists.renew(connection, grown=FOURFOLD)
    with database.reading() as connection:
        ids = articles.find(connection, Filter(), sort="id")

        assert len(set(articles.groups_of(connection, ids).values())) == 1
        assert (listed(connection, ids[0]), listed(connection, ids[-1])) == ([], [])
    # 1.3 ms each at the beginning, never above 2.5: nothing grows with the number. One of three is not disturbed.
    assert min(spent[-3:]) < 4 * min(spent[:3])
