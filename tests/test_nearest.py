"""What was meant by a search that finds nothing: the nearest words that stand in articles, and nothing made up."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.nearest import nearest
from corpus.store.database import Database
from corpus.types import Filter
from tests.storing import store
from tests.texts import note

TEXT = "عُقدت القمة الروسية في ألاسكا، ووصل زيلينسكي بعد دونالد ترامب إلى القاعدة"


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("القمةالروسية", "القمة الروسية"),  # a space is missing
        ("قمة ألاصكا", "قمة ألاسكا"),  # another letter
        ("الاسكااا", "ألاسكا"),  # one letter too often
        ("زيلينكسي", "زيلينسكي"),  # two letters in the other order
        ("ترامت في القاعدة", "ترامب في القاعدة"),  # left alone is what stands somewhere
        ("دونلد OR زيلنكسي", None),  # of two words one is too far off
        ("ترامت زيلينكسي ألاصكا", "ترامب زيلينسكي ألاسكا"),
        ("ترامت زيلينكسي ألاصكا دونلد", None),  # so much is no slip
        ("مغناطيس", None),
        ('"قمة ألاصكا"', None),  # as written
        ("قمة القاعدة -ألاسكا", None),  # every word stands somewhere
        ("قمة زلزل", None),
    ],
)
def test_a_search_that_finds_nothing_has_a_nearest_that_finds_something(
    database: Database, asked: str, meant: str | None
) -> None:
    with database.writing() as connection:
        store(connection, note(1, TEXT, title="قمة"))

        assert nearest(connection, asked, Filter()) == meant


def test_of_equally_near_words_the_one_of_most_articles_is_meant(database: Database) -> None:
    with database.writing() as connection:
        store(connection, note(1, "وصل بوتان"), note(2, "وصل بوتين أمس"), note(3, "عاد بوتين غدا"))

        assert nearest(connection, "بوتون", Filter()) == "بوتين"


def test_what_is_meant_is_within_the_filter(database: Database) -> None:
    with database.writing() as connection:
        store(connection, note(1, TEXT))

        assert nearest(connection, "القمةالروسية", Filter(since=date(2999, 1, 1))) is None
