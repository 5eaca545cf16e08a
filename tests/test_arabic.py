"""Letters: what repair takes away from a text that is shown, what fold makes equal in texts that are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.arabic import (
    INVISIBLE,
    MOST_MARKS,
    USUAL,
    arabic_share,
    bare,
    fold,
    foreign_letters,
    garbled,
    repair,
    words,
)
from corpus.morphology import alternatives, is_number, stop_words

SENTENCE = "وصل الرئيسان إلى القاعدة العسكرية في أنكوريج صباح الجمعة."

# Any character, and more often those that Arabic pages really bring.
TEXTS = st.text(
    st.one_of(
        st.characters(),
        st.characters(min_codepoint=0x0600, max_codepoint=0x06FF),
        st.characters(min_codepoint=0xFB50, max_codepoint=0xFEFF),
        st.sampled_from("\x00\n\r\t 1ه😀\u200d\u00a0\u200b\u200f\u202b\u2028\u0640\u064b\ufeff"),
    ),
    max_size=80,
)


@given(TEXTS)
@example("\u0344" * 40)
@example("\u0958" + "\u0301" * 40)
@settings(max_examples=200)
def test_a_repaired_text_needs_no_repair(text: str) -> None:
    repaired = repair(text)

    assert repair(repaired) == repaired


@given(TEXTS)
@example("\U0001f469\u200d\U0001f33e \u2764\ufe0f")  # emoji of several characters
@example("\u0344" * 40)  # one mark that NFC makes two of
@example("\u0958" + "\u0301" * 40)  # a letter that NFC makes a letter and a mark of
@example("\ufe7b\ufc5e\ufdfa\ufdfb\u1160\u3164")
@settings(max_examples=200)
def test_a_repaired_text_can_be_stored_and_shown_anywhere(text: str) -> None:
    repaired = repair(text)

    repaired.encode()
    assert repaired == unicodedata.normalize("NFC", repaired)
    repaired = re.sub('(?<=\\w)\u0640(?=[“‘«(\\["\'0-9\u0660-\u0669\u06f0-\u06f9A-Za-z]| ["“«])', "", repaired)
    repaired = re.sub(
        "(?<=\\d ه)\u0640|(?<=\\dه)\u0640|(?<=[\u2600-\U0001faff])\u200d(?=[\u2600-\U0001faff])", "", repaired
    )
    assert not {unicodedata.category(char) for char in repaired.replace("\n", "")} & {"Cc", "Cf", "Cs", "Co", "Cn"}
    assert not set(repaired) & {"\u0640", *INVISIBLE}
    assert not any(map(is_presentation_form, repaired))


def is_presentation_form(char: str) -> bool:
    """Whether a character is another shape of letters; what has no other spelling stays (ornate brackets)."""
    is_in_block = "\ufb00" <= char <= "\ufdff" or "\ufe70" <= char <= "\ufeff"
    return is_in_block and unicodedata.normalize("NFKC", char) != char


@given(TEXTS)
@example("İstanbul")  # a capital whose small letter is two characters
@example("ﷺ ﻻ ½ ١٢٣")
@settings(max_examples=50)
def test_a_folded_text_folds_to_itself(text: str) -> None:
    folded = fold(text)

    assert fold(folded) == folded


@given(TEXTS)
@example("İstanbul")
@settings(max_examples=50)
def test_bare_and_folded_words_stand_in_the_same_places(text: str) -> None:
    unfolded = bare(text).split()

    assert [fold(word) for word in unfolded] == fold(text).split() == words(text)


@pytest.mark.parametrize(
    "mark",
    [
        "\x00",  # NUL, which PostgreSQL refuses
        "\x07",  # bell
        "\x9f",  # a C1 control
        "\ud800",  # a lone surrogate, which UTF-8 cannot write
        "\u200e",  # left-to-right mark
        "\u200f",  # right-to-left mark
        "\u202b",  # right-to-left embedding
        "\u202e",  # right-to-left override
        "\u2067",  # right-to-left isolate
        "\u200b",  # zero-width space
        "\u200c",  # zero-width non-joiner
        "\ufeff",  # byte-order mark
        "\u0640",  # tatweel
        "\ue000",  # private use
        "\u061c",  # Arabic letter mark
        "\u034f",  # grapheme joiner
        "\ufe0f",  # variation selector
        "\u3164",  # Hangul filler
        "\ufffe",  # no character
    ],
)
def test_repair_removes_what_is_not_seen_or_only_stretches(mark: str) -> None:
    spoiled = mark + mark.join("القمة") + mark

    assert repair(spoiled) == "القمة"


@pytest.mark.parametrize(
    ("presented", "letters"),
    [
        ("\ufe8d\ufedf\ufed8\ufee4\ufe94", "القمة"),  # each letter in its shape within the word
        ("\ufefb", "لا"),  # the ligature of lam and alef
        ("\ufdf2", "الله"),
        ("\ufe8d\ufe77", "اَ"),  # fatha on a tatweel
    ],
)
def test_repair_makes_letters_of_presentation_forms(presented: str, letters: str) -> None:
    assert repair(presented) == letters


def test_repair_leaves_one_space_between_words_and_one_newline_between_paragraphs() -> None:
    text = "  قمة \t\u00a0 ألاسكا \r\n\r\n \u2028 انتهت\u0085أمس \n"

    assert repair(text) == "قمة ألاسكا\nانتهت\nأمس"


@pytest.mark.parametrize("marks", ["\u064b", "\u0301\u0323", "\u0344", "\u064e\u0651\u200d"])
def test_a_letter_keeps_a_few_marks_of_a_hundred_thousand(marks: str) -> None:
    repaired = repair("ق" + marks * 100_000 + "مة")

    assert (repaired[0], repaired[-2:]) == ("ق", "مة")
    assert len(repaired) == MOST_MARKS + 3


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("هـذا 5 هـذا", "هذا 5 هذا"),
        ("هـ 1446هـو", "ه 1446هو"),
        ("واشنطن ـ رويترز", "واشنطن - رويترز"),  # typed for a dash
        ("موسكو ــ كييف ـ", "موسكو - كييف"),
        ("قبل\nـ ثم بعد", "قبل\nثم بعد"),
        ("\U0001f468\u200d قمة\u200d", "\U0001f468 قمة"),
    ],
)
def test_repair_removes_tatweel_and_joiners_elsewhere(written: str, shown: str) -> None:
    assert repair(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('دعم لـ«الشرق الأوسط» وبـ"حماس"', 'دعم لـ«الشرق الأوسط» وبـ"حماس"'),
        ("الـ27 والـ٢٧ وبـــ40", "الـ27 والـ٢٧ وبـ40"),
        ("نقلا عن الـBBC وبـ(40)", "نقلا عن الـBBC وبـ(40)"),
        ('وصفته بـ "الكارثة"', 'وصفته بـ "الكارثة"'),
        ('قال "الرئيسـ" أمس', 'قال "الرئيس" أمس'),
        ("الوزارةـ27", "الوزارة27"),  # no letter that joins
    ],
)
def test_a_tatweel_stays_that_ties_a_letter_to_what_is_none(written: str, shown: str) -> None:
    assert repair(written) == shown
    assert fold(shown) == fold(written)


def test_repair_composes_letters_and_their_marks() -> None:
    assert repair("ا\u0654لاسكا") == "ألاسكا"


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        "«قُمّة» ألاسكا: ٣ ساعات، 50%!",
        "آخر مسؤول رأى مدرسةً",
        "في صفر ١٤٤٦هـ، وفي رجب (1447 هـ) وعام 1448 هـ",  # the sign of the Hijri calendar
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\u200d\U0001f525",  # a family, a heart on fire
    ],
)
def test_repair_keeps_what_the_author_wrote(text: str) -> None:
    assert repair(text) == text


@pytest.mark.parametrize(
    ("written", "otherwise"),
    [
        ("أنكوريج إلى آخر", "انكوريج الى اخر"),  # hamza above, below, madda
        ("مسؤول الرئيس", "مسوول الرييس"),  # hamza on waw and ya
        ("على مبنى", "علي مبني"),  # the two ya
        ("القمة", "القمه"),  # ta marbuta
        ("قِمَّةٌ", "قمة"),  # vowels
        ("رحمٰن", "رحمن"),  # the small alef
        ("قـــمة", "قمة"),  # tatweel
        ("١٥ / ٢٠٢٥", "15 2025"),  # Arabic-Indic digits
        ("۱۵", "15"),  # Persian digits
        ("کی", "كي"),  # a Persian keyboard
        ("\ufefb", "لا"),  # a presentation form
        ("Trump", "TRUMP"),
        ("«قمة»، ألاسكا؟", "قمة ألاسكا"),  # punctuation
        ("أوكرانيا-روسيا", "أوكرانيا روسيا"),
    ],
)
def test_spellings_of_one_text_fold_to_the_same_words(written: str, otherwise: str) -> None:
    assert fold(written) == fold(otherwise) != ""


@pytest.mark.parametrize(("one", "other"), [("قلب", "كلب"), ("سار", "صار"), ("15", "16"), ("مال", "ماء")])
def test_different_words_fold_differently(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(st.sampled_from(USUAL), max_size=80))
@pytest.mark.parametrize("read", [repair, bare, fold])
def test_a_text_is_read_alike_whether_or_not_it_has_an_unusual_character(read: Callable[[str], str], text: str) -> None:
    unusual = "中"

    assert read(f"{text} {unusual}").removesuffix(unusual).strip() == read(text)


def test_bare_words_keep_hamza_and_ta_marbuta() -> None:
    assert bare("«قِمّةُ» ألاســكا، رئيسٌ!") == "قمة ألاسكا رئيس"


def test_bare_words_of_a_persian_keyboard_are_those_of_an_arabic_one() -> None:
    assert bare("رئیس أمیرکا") == bare("رئيس أميركا")


@pytest.mark.parametrize(
    ("word", "within"),
    [
        ("والقمه", {"القمه", "قمه"}),  # and the
        ("بالقمه", {"القمه", "قمه"}),  # at the
        ("للقمه", {"القمه", "قمه"}),  # for the
        ("وللقمه", {"للقمه", "القمه", "قمه"}),  # and for the
        ("وبالاسكا", {"بالاسكا", "الاسكا", "اسكا"}),
        ("فترامب", {"ترامب"}),
        ("لبوتين", {"بوتين"}),
    ],
)
def test_alternatives_have_the_word_without_what_stands_on_its_front(word: str, within: set[str]) -> None:
    found = alternatives(word)

    assert found[0] == word
    assert within <= set(found)


@pytest.mark.parametrize("word", ["ولد", "فرس", "بلد", "الم", "trump"])
def test_a_word_is_not_stripped_below_three_letters(word: str) -> None:
    assert alternatives(word) == (word,)


@pytest.mark.parametrize(
    ("encoding", "read_as"),
    [("utf-8", "latin-1"), ("utf-8", "cp1256")],
)
def test_a_text_read_in_the_wrong_encoding_is_garbled(encoding: str, read_as: str) -> None:
    wrong = SENTENCE.encode(encoding).decode(read_as, errors="replace")

    assert garbled(wrong) > 0.2


@pytest.mark.parametrize("text", [SENTENCE, "Les présidents se sont réunis à Anchorage.", "ظل الطقس حارا §", ""])
def test_a_text_read_in_its_own_encoding_is_not_garbled(text: str) -> None:
    assert garbled(text) == 0


def test_the_arabic_share_is_of_letters_alone() -> None:
    assert arabic_share("قمة 15/8/2025!") == 1
    assert arabic_share("قمة ABC") == pytest.approx(0.5)
    assert arabic_share("2025 -- 15") == 0


def test_persian_has_letters_that_arabic_does_not_write() -> None:
    assert foreign_letters("رئیس جمهور آمریکا گفت که گفتگوها ادامه پیدا می‌کند") > 0.1
    assert foreign_letters(SENTENCE) == 0
    assert foreign_letters("no Arabic") == 0


def test_numbers_are_words_of_digits_alone() -> None:
    assert [word for word in words("قمة ٢٠٢٥ و15 يوم 3") if is_number(word)] == ["2025", "3"]


def test_stop_words_are_folded_and_comments_are_none_of_them() -> None:
    assert {"علي", "الي", "في", "the"} <= stop_words()
    assert {fold(word) for word in stop_words()} == stop_words()
    assert not {"prepositions", "قمه"} & stop_words()
