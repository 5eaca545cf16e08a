"""Keys find texts: those stored together as those stored one after the other. On both databases."""

from __future__ import annotations

import pytest

from corpus.store import text_keys
from corpus.store.database import Database
from corpus.store.text_keys import MOST_TEXTS, Keys
from corpus.thresholds import TEXTS_A_KEY

LARGEST = (1 << 47) - 1


def test_a_shared_band_or_two_shared_samples_are_met_and_the_likeliest_come_first(database: Database) -> None:
    with database.writing() as connection:
        text_keys.add_all(
            connection,
            {7: Keys([LARGEST], [1]), 8: Keys([2], [1, 3]), 9: Keys([4], [1]), 10: Keys([LARGEST], [1, 3])},
        )

        met = text_keys.meet(connection, Keys([LARGEST, 0], [1, 3]), limit=10)
        earlier = text_keys.meet(connection, Keys([LARGEST, 0], [1, 3]), limit=10, before=10)

    assert met == ([10, 7, 8], frozenset())
    assert earlier.text_ids == [7, 8]


def test_texts_without_sampled_shingles_are_found_by_their_bands(database: Database) -> None:
    with database.writing() as connection:
        text_keys.add_all(connection, {1: Keys([5], []), 2: Keys([6], [])})

        assert text_keys.meet(connection, Keys([6], []), limit=10).text_ids == [2]


def test_a_key_finds_the_first_texts_that_have_it_whether_they_came_together_or_not(database: Database) -> None:
    with database.writing() as connection:
        text_keys.add(connection, 1, Keys([5], [9]), crowded=())
        text_keys.add_all(connection, {number: Keys([5, number + 100], [9]) for number in range(2, TEXTS_A_KEY + 20)})

        met = text_keys.meet(connection, Keys([5], [9]), limit=1_000)
        last = text_keys.meet(connection, Keys([TEXTS_A_KEY + 119], []), limit=10)

    assert met == (list(range(1, TEXTS_A_KEY + 1)), frozenset({5, 9}))
    assert last.text_ids == [TEXTS_A_KEY + 19]


def test_what_is_removed_is_met_no_more(database: Database) -> None:
    with database.writing() as connection:
        text_keys.add_all(connection, {1: Keys([5], [7, 8]), 2: Keys([5], [7, 8])})
        text_keys.remove(connection, 1, Keys([5], [7, 8]))

        assert text_keys.meet(connection, Keys([5], [7, 8]), limit=10).text_ids == [2]


def test_texts_whose_ids_are_too_far_apart_are_refused(database: Database) -> None:
    with database.writing() as connection, pytest.raises(ValueError, match="too many"):
        text_keys.add_all(connection, {1: Keys([5], []), MOST_TEXTS + 1: Keys([6], [])})
