"""Alignment: the most words in the same order, and in bounded time whatever the texts."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.alignment import Gap, gaps, longest_run, matches

WORDS = st.lists(st.sampled_from("ابتثج"), max_size=25)


def longest(a: list[str], b: list[str]) -> int:
    """The length of a longest common subsequence, cell by cell."""
    above = [0] * (len(b) + 1)
    for word in a:
        row = [0]
        for j, other in enumerate(b):
            row.append(above[j] + 1 if word == other else max(above[j + 1], row[j]))
        above = row
    return above[-1]


@given(a=WORDS, b=WORDS)
@settings(max_examples=200)
def test_matches_are_the_same_words_in_order_and_the_most_there_are(a: list[str], b: list[str]) -> None:
    found = matches(a, b)

    assert all(a[i] == b[j] for i, j in found)
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(found))
    assert len(found) == longest(a, b)


@given(a=WORDS, b=WORDS)
@settings(max_examples=100)
def test_gaps_and_matches_make_up_both_texts(a: list[str], b: list[str]) -> None:
    found = matches(a, b)
    between = gaps(a, b)

    assert sorted([*(i for i, _ in found), *(i for gap in between for i in range(gap.a_start, gap.a_end))]) == list(
        range(len(a))
    )
    assert sorted([*(j for _, j in found), *(j for gap in between for j in range(gap.b_start, gap.b_end))]) == list(
        range(len(b))
    )


@given(a=WORDS, b=WORDS)
@settings(max_examples=100)
def test_texts_too_long_for_the_table_are_parted_at_words_that_each_has_once(a: list[str], b: list[str]) -> None:
    found = matches(a, b, max_cells=4)

    assert all(a[i] == b[j] for i, j in found)
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(found))
    assert len(found) <= longest(a, b)


def test_a_changed_word_is_a_gap_on_both_sides() -> None:
    assert gaps("وصل الوفد صباح اليوم".split(), "وصل الوفد مساء اليوم".split()) == [Gap(2, 3, 2, 3)]


def test_a_part_is_aligned_as_a_whole() -> None:
    text = "تبادل الرئيسان المصافحة على سجادة حمراء أمام عدسات المصورين".split()

    assert matches(text, text[3:7]) == [(3, 0), (4, 1), (5, 2), (6, 3)]
    assert longest_run(matches(text[3:7], text)) == 4
    assert matches(text, []) == []
    assert longest_run([]) == 0


def test_the_time_for_a_text_merged_from_many_grows_with_its_length() -> None:
    def seconds(size: int) -> float:
        merged = [f"كلمة{i % 5_000}" for i in range(size)]
        times = []
        for _ in range(3):
            started = time.process_time()
            matches(merged, merged[1_000:1_300])
            times.append(time.process_time() - started)
        return min(times)

    assert seconds(240_000) < 20 * seconds(30_000)  # of eight times the words; word by word it was forty


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([f"كلمة{i}" for i in range(60_000)], [f"كلمة{i}" for i in range(0, 120_000, 2)]),
        (["كلمة"] * 60_000, ["كلمة"] * 50_000),
        (["نعم", "لا"] * 30_000, ["لا", "لا", "نعم"] * 20_000),
        (["أ"] * 30_000 + ["ب"] * 30_000, ["ب"] * 30_000 + ["أ"] * 30_000),
    ],
    ids=["own words", "one word", "two words", "turned round"],
)
def test_very_long_texts_take_a_second_or_two(a: list[str], b: list[str]) -> None:
    started = time.process_time()
    matches(a, b)

    assert time.process_time() - started < 5  # a hundred times as fast as cell by cell
