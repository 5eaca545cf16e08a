"""Search strings: words, phrases and exclusions, and what is no query."""

from __future__ import annotations

import pytest

from corpus.errors import UsageError
from corpus.query import MOST_CHARACTERS, MOST_WORDS, Phrase, Query, parse


def word(*parts: str) -> Phrase:
    return Phrase(words=parts)


def phrase(*parts: str) -> Phrase:
    return Phrase(words=parts, exact=True)


def test_each_word_must_be_there() -> None:
    assert parse("قمة  ألاسكا") == Query(all_of=(word("قمة"), word("ألاسكا")))


@pytest.mark.parametrize("quotes", ['""', "“”", "«»", "””"])
def test_quoted_words_are_one_exact_phrase(quotes: str) -> None:
    asked = f"{quotes[0]}قمة ألاسكا{quotes[1]} ترامب"

    assert parse(asked) == Query(all_of=(phrase("قمة", "ألاسكا"), word("ترامب")))


def test_a_minus_excludes_a_word() -> None:
    assert parse("قمة -بوتين") == Query(all_of=(word("قمة"),), none_of=(word("بوتين"),))


def test_a_minus_excludes_a_phrase() -> None:
    assert parse("-«البيت الأبيض» قمة") == Query(all_of=(word("قمة"),), none_of=(phrase("البيت", "الأبيض"),))


def test_a_minus_that_stands_alone_excludes_nothing() -> None:
    assert parse("قمة - بوتين") == Query(all_of=(word("قمة"), word("بوتين")))


@pytest.mark.parametrize("joined", ["أوكرانيا-روسيا", "أوكرانيا/روسيا", "أوكرانيا،روسيا"])
def test_a_word_with_a_hyphen_slash_or_comma_inside_is_a_phrase_of_its_parts(joined: str) -> None:
    assert parse(joined) == Query(all_of=(word("أوكرانيا", "روسيا"),))


@pytest.mark.parametrize(
    ("asked", "found"), [("قِمّةُ", "قمة"), ("ألاســكا", "ألاسكا"), ("٢٠٢٥", "2025"), ("Trump؟", "trump")]
)
def test_a_word_is_asked_for_without_vowels_tatweel_and_punctuation(asked: str, found: str) -> None:
    assert parse(asked) == Query(all_of=(word(found),))


def test_a_quote_that_never_ends_is_words() -> None:
    assert parse("«قمة ألاسكا") == Query(all_of=(word("قمة"), word("ألاسكا")))


@pytest.mark.parametrize("text", ["", "   ", "\x00", "!؟،", "«»", "«" * 50, "-", "-قمة", "-«قمة ألاسكا» -بوتين"])
def test_a_query_without_a_word_that_must_be_there_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(text)

    assert str(refused.value) == f"There is nothing to look for in {text!r}: give at least one word that must be there."


def test_a_long_query_keeps_its_first_words() -> None:
    asked = [f"ك{number}" for number in range(MOST_WORDS + 5)]

    assert parse(" ".join(asked)).all_of == tuple(word(one) for one in asked[:MOST_WORDS])


def test_words_of_phrases_and_exclusions_count_too() -> None:
    most = " ".join("س" for _ in range(MOST_WORDS - 2))

    query = parse(f"«{most}» -بوتين قمة ألاسكا")

    assert query == Query(all_of=(phrase(*most.split()), word("قمة")), none_of=(word("بوتين"),))


def test_a_pasted_text_is_cut() -> None:
    assert parse("ك" * (MOST_CHARACTERS + 100)) == Query(all_of=(word("ك" * MOST_CHARACTERS),))
