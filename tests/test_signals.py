"""Signals: what each says of two articles, and that one which says nothing changes no score."""

from __future__ import annotations

import math

import numpy as np
import pytest

from corpus.similar import SIGNALS, TIME_SCALE_DAYS, Pairs, Subject, number_keys, score
from corpus.sketch import sketch
from corpus.types import Meaning
from corpus.vector import pack, unpack, weigh

SUMMIT = ("قمة ألاسكا", "انتهت قمة ألاسكا بين ترامب وبوتين")
FAIR = ("معرض الكتاب", "افتتح معرض الكتاب في عمان")


def subject(
    words: tuple[str, str] = SUMMIT,
    *,
    numbers: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
    days: float | None = None,
    embedding: bytes | None = None,
) -> Subject:
    counted = unpack(sketch(*words).vector)
    return Subject(
        vector=pack(weigh(counted, np.ones(len(counted.keys)))),
        numbers=number_keys(numbers).tobytes(),
        names=frozenset(names),
        published=None if days is None else round(days * 24 * 60),
        meaning=None if embedding is None else Meaning("model", embedding),
    )


@pytest.mark.parametrize(
    ("signal", "one", "other", "said"),
    [
        ("words", subject(), subject(), 1.0),
        ("words", subject(), subject(FAIR), 0.0),
        ("headline", subject(), subject(FAIR), 0.0),
        ("numbers", subject(numbers=("15", "8", "2025")), subject(numbers=("15", "9")), 0.5),
        ("numbers", subject(numbers=("15",)), subject(), math.nan),
        ("names", subject(names=("ترامب", "بوتين")), subject(names=("بوتين", "كييف")), 1 / 3),
        ("names", subject(names=("ترامب",)), subject(), 0.0),
        ("names", subject(), subject(), math.nan),
        ("time", subject(days=20_000), subject(days=20_000 + TIME_SCALE_DAYS), 1 / math.e),
        ("time", subject(days=20_000), subject(), math.nan),
        ("meaning", subject(embedding=b"\x05\x7f"), subject(embedding=b"\x05\x7f"), 1.0),
        ("meaning", subject(embedding=b"\x05\x7f"), subject(embedding=b"\x7f\x05"), 0.0),
        ("meaning", subject(embedding=b"\x05\x7f"), subject(), math.nan),
    ],
)
def test_a_signal_says_the_same_from_both_sides(signal: str, one: Subject, other: Subject, said: float) -> None:
    of = next(each.of for each in SIGNALS if each.name == signal)

    there, back = of(Pairs(one, [subject(FAIR), other]))[1], of(Pairs(other, [one]))[0]

    assert there == pytest.approx(back, nan_ok=True)
    assert there == pytest.approx(said, nan_ok=True, abs=1e-4)


def test_a_text_without_a_headline_is_judged_by_its_words() -> None:
    (headline,) = (each.of for each in SIGNALS if each.name == "headline")
    untitled = subject(("", SUMMIT[1]))

    titled, by_words = headline(Pairs(subject(), [subject(("لقاء ترامب", SUMMIT[1])), untitled]))

    assert 0 < titled < 1
    assert by_words == Pairs(subject(), [untitled]).cosines[0]


@pytest.mark.parametrize("days", [None, 20_000])
@pytest.mark.parametrize("numbers", [(), ("15",)])
def test_what_says_nothing_takes_nothing_from_a_score(numbers: tuple[str, ...], days: float | None) -> None:
    one, bare = subject(numbers=numbers, days=days), subject()

    same, silent, other = score(Pairs(one, [one, bare, subject(FAIR)])).scores

    assert (same, silent) == pytest.approx((1, 1), abs=1e-4)
    assert other == 0


def test_the_weights_add_up_to_one_without_the_meaning_that_few_articles_have() -> None:
    assert sum(signal.weight for signal in SIGNALS if signal.name != "meaning") == pytest.approx(1)
