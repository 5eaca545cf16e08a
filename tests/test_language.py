"""Languages: Arabic of every region is Arabic; its neighbours in the same script, and others, are not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.language import LANGUAGES, LOOKED_AT, NAMES, language, name

ARABIC = {
    "Gulf": "أكد وزير الخارجية أن المملكة ترحب بالقمة التي عقدت في ألاسكا بين الرئيسين الأميركي والروسي.",
    "Egypt": "قال المتحدث الرسمى إن مصر تتابع نتائج اللقاء الذى جرى أمس، وتأمل فى التوصل إلى حل سلمى للأزمة.",
    "Morocco": "أفاد بلاغ للوزارة بأن الاجتماع انعقد يوم الجمعة 15 غشت، وأن المغرب يدعم كل جهد من أجل السلام.",
    "with vowel marks": "قَالَ الرَّئِيسُ إِنَّ اللِّقَاءَ كَانَ مُثْمِرًا وَإِنَّ الطَّرِيقَ مَا زَالَ طَوِيلًا.",
    "with foreign names": "التقى الرئيس ترامب نظيره Vladimir Putin في قاعدة Elmendorf، وفق ما ذكرته صحيفة واشنطن بوست.",
    "with a Persian name": "وصل الوزير عراقچي إلى جنيف للمشاركة في الاجتماع، ورافقه وفد كبير من الخبراء.",
    "one line": "بوتين يصل إلى ألاسكا للقاء ترامب",
}

OTHERS = {
    "fa": "رئیس جمهور آمریکا گفت که دیدار با همتای روس در آلاسکا سازنده بوده است و گفت‌وگوها ادامه پیدا می‌کند.",
    "ur": "امریکی صدر نے کہا ہے کہ الاسکا میں روسی صدر کے ساتھ ملاقات مفید رہی اور بات چیت جاری رہے گی۔",
    "en": "The American president said that the meeting in Alaska had been productive and that talks would continue.",
    "fr": "Le président américain a déclaré que la rencontre en Alaska avait été constructive et utile pour la paix.",
    "he": "נשיא ארצות הברית אמר כי הפגישה באלסקה הייתה מועילה וכי השיחות יימשכו בשבועות הקרובים.",
    "ru": "Президент США заявил, что встреча на Аляске была полезной и что переговоры будут продолжены.",
    "tr": "ABD başkanı Alaska'daki görüşmenin verimli geçtiğini ve müzakerelerin süreceğini söyledi.",
}


@pytest.mark.parametrize("text", ARABIC.values(), ids=ARABIC.keys())
def test_arabic_of_every_region_is_arabic(text: str) -> None:
    assert language(text) == "ar"


@pytest.mark.parametrize(("code", "text"), OTHERS.items())
def test_another_language_is_told_from_arabic(code: str, text: str) -> None:
    assert language(text) == code


def test_persian_typed_with_arabic_letters_is_not_arabic() -> None:
    typed = OTHERS["fa"].replace("ی", "ي").replace("ک", "ك")

    assert language(typed) == "fa"


def test_a_long_text_in_a_neighbouring_language_is_not_arabic() -> None:
    persian = (OTHERS["fa"] + " ") * 4

    assert language(persian) == language(persian.replace("ی", "ي").replace("ک", "ك")) == "fa"
    assert language((OTHERS["ur"] + " ") * 4) == "ur"


def test_a_long_text_in_plain_arabic_is_arabic() -> None:
    assert language((ARABIC["Gulf"] + " " + ARABIC["Egypt"] + " ") * 3) == "ar"


@pytest.mark.parametrize("text", ["", " \n", "2025 - 08 - 15", "؟!،", "😀"])
def test_a_text_without_letters_has_no_language(text: str) -> None:
    assert language(text) == "und"


def test_a_few_arabic_words_in_a_latin_text_do_not_make_it_arabic() -> None:
    assert language(OTHERS["en"] + " قمة ألاسكا") == "en"


def test_a_text_that_is_a_third_persian_is_not_arabic() -> None:
    assert language((ARABIC["Gulf"] + " ") * 2 + OTHERS["fa"]) == "fa"


def test_an_arabic_word_among_latin_names_says_no_language() -> None:
    assert language("Alaska summit: قمة") == "und"


def test_a_language_is_told_from_the_beginning_alone() -> None:
    arabic = ARABIC["Gulf"] * (LOOKED_AT // len(ARABIC["Gulf"]) + 1)

    assert language(arabic + OTHERS["en"] * 100) == "ar"


def test_every_language_has_a_name_for_messages() -> None:
    assert set(NAMES) == set(LANGUAGES)
    assert name("fa") == "Persian"


def test_what_is_no_known_language_has_a_name_that_fits_a_sentence() -> None:
    assert name("und") == "a language that is not known"


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_a_known_language_or_none(text: str) -> None:
    assert language(text) in {*LANGUAGES, "und"}
