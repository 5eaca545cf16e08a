"""Keys find texts: those stored together as those stored one after the other. On both databases."""

from __future__ import annotations

import pytest

from corpus.store import text_keys
from corpus.store.database import Database
from corpus.store.text_keys import MOST_TEXTS, KeyCache, Keys, Limits, meet
from corpus.thresholds import FEW_SAMPLES, TEXTS_A_KEY

LARGEST = (1 << 47) - 1


def test_a_shared_band_or_two_shared_samples_are_met_and_the_likeliest_come_first(database: Database) -> None:
    asked = Keys([LARGEST, 0], [1, 3])
    with database.writing() as connection:
        text_keys.add_all(
            connection,
            {7: Keys([LARGEST], [1]), 8: Keys([2], [1, 3]), 9: Keys([4], [1]), 10: Keys([LARGEST], [1, 3])},
        )
        cache = KeyCache(connection, [asked])

        assert cache.meet(asked, Limits(10)) == [10, 7, 8]
        assert cache.meet(asked, Limits(2)) == [10, 7]
        assert cache.meet(asked, Limits(10, before=10)) == [7, 8]
        assert meet(connection, asked, Limits(2)) == [10, 7]
        assert meet(connection, asked, Limits(10, before=10)) == [7, 8]


def test_texts_without_sampled_shingles_are_found_by_their_bands(database: Database) -> None:
    with database.writing() as connection:
        text_keys.add_all(connection, {1: Keys([5], []), 2: Keys([6], [])})

        assert meet(connection, Keys([6], []), Limits(10)) == [2]


def test_a_text_with_enough_samples_stands_under_no_bands(database: Database) -> None:
    enough, few = list(range(FEW_SAMPLES)), list(range(100, 100 + FEW_SAMPLES - 1))
    with database.writing() as connection:
        cache = KeyCache(connection)
        cache.add(1, Keys([5], enough))
        cache.add(2, Keys([5], few))
        cache.store()
        text_keys.add_all(connection, {3: Keys([5], enough), 4: Keys([5], few)})

        assert meet(connection, Keys([5], []), Limits(10)) == [2, 4]
        assert meet(connection, Keys([5], enough), Limits(10)) == [1, 3]


def test_a_text_whose_samples_are_in_very_many_is_found_by_its_bands(database: Database) -> None:
    boilerplate = list(range(FEW_SAMPLES + 5))
    crowd = {number: Keys([number], boilerplate) for number in range(1, TEXTS_A_KEY + 1)}
    late = Keys([500], boilerplate)
    with database.writing() as connection:
        text_keys.add_all(connection, crowd)
        cache = KeyCache(connection)
        cache.add(500, late)
        cache.store()
        text_keys.add_all(connection, {501: late})

        for found in (meet(connection, late, Limits(99)), KeyCache(connection, [late]).meet(late, Limits(99))):
            assert {500, 501} < set(found)
        assert meet(connection, Keys([3], []), Limits(99)) == []


def test_a_text_meets_those_that_came_before_it_in_its_transaction(database: Database) -> None:
    one, other = Keys([5], [7, 8]), Keys([6], [7, 8])
    with database.writing() as connection:
        cache = KeyCache(connection, [one, other])
        assert cache.meet(one, Limits(10)) == []
        cache.add(1, one)

        assert cache.meet(other, Limits(10)) == [1]

        cache.add(2, other)
        cache.store()
    with database.reading() as connection:
        assert meet(connection, one, Limits(10)) == [1, 2]


def test_a_key_finds_the_first_texts_that_have_it_whether_they_came_together_or_not(database: Database) -> None:
    some = {number: Keys([5, number + 100], [9]) for number in range(2, TEXTS_A_KEY + 20)}
    first, second = dict(list(some.items())[:20]), dict(list(some.items())[20:])
    with database.writing() as connection:
        cache = KeyCache(connection)
        cache.add(1, Keys([5], [9]))
        for number, keys in first.items():
            cache.add(number, keys)
        cache.store()
        text_keys.add_all(connection, second)
        late = KeyCache(connection)
        late.add(1_000, Keys([5, 50], [9]))
        late.store()

        read = KeyCache(connection)
        assert read.meet(Keys([5], [9]), Limits(1_000)) == list(range(1, TEXTS_A_KEY + 1))
        assert read.meet(Keys([TEXTS_A_KEY + 119, 50], []), Limits(10)) == [TEXTS_A_KEY + 19, 1_000]


def test_what_is_removed_is_met_no_more(database: Database) -> None:
    with database.writing() as connection:
        text_keys.add_all(connection, {1: Keys([5], [7, 8]), 2: Keys([5], [7, 8])})
        text_keys.remove(connection, 1, Keys([5], [7, 8]))

        assert meet(connection, Keys([5], [7, 8]), Limits(10)) == [2]


def test_texts_whose_ids_are_too_far_apart_are_refused(database: Database) -> None:
    with database.writing() as connection, pytest.raises(ValueError, match="too many"):
        text_keys.add_all(connection, {1: Keys([5], []), MOST_TEXTS + 1: Keys([6], [])})
