"""Snippets: the part of a text that says most, as its author wrote it, with its matches."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.arabic import fold
from corpus.snippet import BEFORE, MOST_WORDS, Snippet, marked_whole, snippet


def marked(text: str, *phrases: list[set[str]]) -> str:
    return snippet(text, phrases).marked("[", "]")


FILLER = "وتحدث الحاضرون عن أمور كثيرة لا صلة لها بما جرى. "


def test_the_sentence_of_the_match_is_shown_whole() -> None:
    text = FILLER * 5 + "عُقِدت القِمّةُ، أمس، في «أنكوريج»! " + FILLER * 5

    assert "عُقِدت [القِمّةُ]، أمس، في «أنكوريج»!" in marked(text, [{"القمه"}])


def test_a_match_is_marked_as_it_is_written_without_what_stands_around_it() -> None:
    assert marked("قال: «القِمّـةُ»، ثم مضى.", [{"القمه"}]) == "قال: «[القِمّـةُ]»، ثم مضى."


def test_the_densest_place_is_shown_not_the_first() -> None:
    text = "ذكر القمة أولا. " + FILLER * 5 + "وفي ألاسكا عقدت القمة. " + FILLER * 5

    shown = marked(text, [{"القمه"}], [{"الاسكا"}])

    assert "وفي [ألاسكا] عقدت [القمة]." in shown
    assert "ذكر" not in shown


def test_a_place_with_two_of_the_searched_is_shown_before_one_with_the_same_thrice() -> None:
    text = "القمة بعد القمة قبل القمة. " + FILLER * 5 + "وفي ألاسكا عقدت القمة. " + FILLER * 5

    assert "وفي [ألاسكا] عقدت [القمة]." in marked(text, [{"القمه"}], [{"الاسكا"}])


def test_a_match_that_is_cut_off_is_marked_no_more() -> None:
    whole = Snippet(text="وفي ألاسكا عقدت القمة", matches=((4, 10), (11, 21)))

    assert whole.within(17) == Snippet(text="وفي ألاسكا عقدت…", matches=((4, 10),))


def test_a_long_run_of_marks_costs_no_more_than_other_characters() -> None:
    text = FILLER + "وعقدت القمة" + "؟" * 100_000 + " " + FILLER

    before = time.process_time()
    shown = marked(text, [{"القمه"}])

    assert "[القمة]" in shown
    assert time.process_time() - before < 2  # from each mark anew: minutes


def test_a_long_sentence_is_cut_around_the_match() -> None:
    text = "كلمة " * 100 + "القمة " + "كلمة " * 100

    shown = marked(text, [{"القمه"}])

    assert shown.startswith("… كلمة كلمة")
    assert "[القمة]" in shown
    assert shown.endswith(" …")
    assert len(shown.split()) <= MOST_WORDS + 2


def test_a_long_sentence_with_a_match_among_its_first_words_is_shown_from_its_beginning() -> None:
    assert marked("ثم مضى. " * 5 + "عقدت القمة " + "كلمة " * 100, [{"القمه"}]).startswith("عقدت [القمة] كلمة")


def test_a_phrase_is_one_match_and_its_words_alone_are_none() -> None:
    shown = marked("البيت بيت، والبيت الأبيض أبيض، وعاد إلى البيت الأبيض.", [{"البيت"}, {"الابيض"}])

    assert shown == "البيت بيت، والبيت الأبيض أبيض، وعاد إلى [البيت الأبيض]."


def test_phrases_that_overlap_are_one_match() -> None:
    assert marked("وقف إطلاق النار", [{"وقف"}, {"اطلاق"}], [{"اطلاق"}, {"النار"}]) == "[وقف إطلاق النار]"


def test_without_a_match_the_beginning_is_shown() -> None:
    shown = snippet("أول الكلام هنا. " + FILLER * 20, [[{"القمه"}]])

    assert shown.text.startswith("أول الكلام هنا. وتحدث")
    assert shown.matches == ()


def test_paragraphs_are_shown_on_one_line() -> None:
    assert marked("سطر أول\nالقمة في سطر", [{"القمه"}]) == "[القمة] في سطر"


def test_a_number_with_a_decimal_is_not_the_end_of_a_sentence() -> None:
    assert marked("بلغت قوته 7.3 درجات. ثم هدأ.", [{"7"}, {"3"}]).startswith("بلغت قوته [7.3] درجات.")


def test_a_ligature_of_several_words_shifts_no_match() -> None:
    assert marked("قال النبي ﷺ إن القمة قريبة", [{"القمه"}]) == "قال النبي ﷺ إن [القمة] قريبة"


def test_a_title_is_marked_whole() -> None:
    title = marked_whole("قمة ألاسكا: «قمة»؟", [[{"قمه"}]])

    assert title == Snippet(text="قمة ألاسكا: «قمة»؟", matches=((0, 3), (13, 16)))


@pytest.mark.parametrize("text", ["", " ", "؟!", "\u200f"])
def test_a_text_without_words_has_an_empty_snippet(text: str) -> None:
    assert snippet(text, [[{"قمه"}]]) == Snippet(text="")


@given(text=st.text(alphabet="قمة قمة ابج.؟!\n\u0650\u0640ﷺ«»-", max_size=300))
def test_every_match_is_a_searched_word(text: str) -> None:
    shown = snippet(text, [[{"قمه"}], [{"ا"}]])

    assert all(fold(shown.text[start:end]) in {"قمه", "ا"} for start, end in shown.matches)
    assert list(shown.matches) == sorted(shown.matches)


@given(words=st.lists(st.sampled_from(["القمه", "الاسكا", "البيت", "الابيض", *["كلمه"] * 8, "كلمه."]), max_size=50))
def test_no_other_place_has_more_of_the_phrases_and_all_that_is_shown_is_marked(words: list[str]) -> None:
    asked = [["القمه"], ["الاسكا"], ["البيت", "الابيض"]]
    most, phrases = 8, [[{word} for word in phrase] for phrase in asked]

    shown = snippet(" ".join(words), phrases, most=most)

    folded = fold(" ".join(words)).split()
    best = max((phrases_in(folded[first : first + most], asked) for first in range(len(folded))), default=0)
    assert phrases_in(fold(shown.text).split(), asked) >= best
    assert shown == marked_whole(shown.text, phrases)
    assert len(fold(shown.text).split()) <= most + BEFORE


def phrases_in(words: list[str], asked: list[list[str]]) -> int:
    return sum(any(words[i : i + len(one)] == one for i in range(len(words))) for one in asked)
