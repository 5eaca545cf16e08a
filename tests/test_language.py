"""Languages: Arabic of every region is Arabic; its neighbours in the same script, and others, are not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.types import Outcome, Page, Reading
from pipelines.language import LANGUAGES, LOOKED_AT, language, name
from pipelines.read import read_page

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
    "ku": "سەرۆکی ئەمریکا ڕایگەیاند کە دیدارەکەی لەگەڵ هاوتا ڕووسییەکەی لە ئالاسکا سوودبەخش بوو.",
    "ps": "د امریکا ولسمشر وویل چې په الاسکا کې یې د روسیې له ولسمشر سره لیدنه ګټوره وه او خبرې به دوام ومومي.",
    "ug": "ئامېرىكا پرېزىدېنتى ئالياسكادا رۇسىيە پرېزىدېنتى بىلەن ئۆتكۈزگەن ئۇچرىشىشنىڭ پايدىلىق بولغانلىقىنى ئېيتتى.",
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


@pytest.mark.parametrize("text", ARABIC.values(), ids=ARABIC.keys())
def test_arabic_typed_on_a_persian_keyboard_is_arabic(text: str) -> None:
    assert language(on_a_persian_keyboard(text)) == language(on_a_persian_keyboard(text) * 5) == "ar"


@pytest.mark.parametrize("text", ["ترامب", "بوتین", "وقف إطلاق النار", "قمة ألاسکا"])
def test_a_few_words_without_a_foreign_letter_are_arabic(text: str) -> None:
    assert language(text) == "ar"


@pytest.mark.parametrize(
    "text",
    [
        "موتور‌های قاچاقی که مقصد نرسید",
        "وزیر خارجه روسیه وارد تهران شد",
        "رئیس جمهور به مسکو می رود",
        "روسی صدر کی ترکی سے واپسی",  # Urdu
    ],
)
def test_a_short_line_of_a_neighbouring_language_is_not_arabic(text: str) -> None:
    assert language(text) in {"fa", "ur"}


def on_a_persian_keyboard(text: str) -> str:
    return text.replace("ي", "ی").replace("ى", "ی").replace("ك", "ک")


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


@pytest.mark.parametrize(
    "text",
    [
        "آمريڪا جي صدر چيو ته الاسڪا ۾ روسي صدر سان ملاقات فائديمند رهي ۽ ڳالهيون جاري رهنديون.",  # Sindhi
        "كرجاءن نݢارا مڠومومكن بهاوا ڤرتمون ايت اداله برمنفعت دان اكن دتروسكن ڤد ميڠݢو هادڤن.",  # Malay
        "آمریکا پرئزیدنتی آلاسکادا روسیه پرئزیدنتی ایله گؤروشونون فایدالی اولدوغونو بیلدیردی.",  # Azerbaijani
    ],
)
def test_a_language_that_is_not_known_is_not_taken_for_arabic(text: str) -> None:
    assert language(text) != "ar"


@pytest.mark.parametrize("code", ["fa", "ur", "ku", "ps", "ug", "en"])
def test_a_page_in_another_language_is_not_kept_and_an_arabic_one_with_its_boilerplate_is(code: str) -> None:
    theirs, ours = OTHERS[code], ARABIC["Gulf"]

    refused = read(paragraphs=[theirs, theirs + " 1", theirs + " 2"], boilerplate=ours)
    kept = read(paragraphs=[ours, ARABIC["Egypt"], ARABIC["Morocco"]], boilerplate=theirs)

    assert (refused.outcome, refused.reason) == (
        Outcome.NOT_AN_ARTICLE,
        f"the text is in {name(code)}, not Arabic",
    )
    assert kept.outcome is None, kept.reason
    assert kept.article is not None
    assert theirs not in kept.article.text


def read(*, paragraphs: list[str], boilerplate: str) -> Reading:
    """A page whose menu, footer and notices are in one language, and its article in another."""
    menu = f"<nav>{f'<a href=/>{boilerplate[:20]}</a>' * 20}</nav>"
    text = "".join(f"<p>{one}</p>" for one in paragraphs)
    html = (
        "<html><head><title>قمة ألاسكا</title><meta property='article:published_time' content='2025-08-15'></head>"
        f"<body>{menu}<article><h1>قمة ألاسكا</h1>{text}</article><footer><p>{boilerplate}</p></footer></body></html>"
    )
    page = Page(
        url="http://alwaha.example/1",
        body=html.encode(),
        content_type="text/html; charset=utf-8",
        fetched_at=datetime(2025, 8, 16, tzinfo=UTC),
    )
    return read_page(page, source_id=None, country=None, topics=(), only_on_topic=False)


def test_an_arabic_text_that_begins_in_english_is_arabic() -> None:
    assert language(OTHERS["en"] + " " + " ".join(ARABIC.values())) == "ar"


def test_a_text_that_is_a_third_persian_is_not_arabic() -> None:
    assert language((ARABIC["Gulf"] + " ") * 2 + OTHERS["fa"]) == "fa"


def test_an_arabic_word_among_latin_names_says_no_language() -> None:
    assert language("Alaska summit: قمة") == "und"


def test_a_language_is_told_from_the_beginning_alone() -> None:
    arabic = ARABIC["Gulf"] * (LOOKED_AT // len(ARABIC["Gulf"]) + 1)

    assert language(arabic + OTHERS["en"] * 100) == "ar"


def test_a_language_has_a_name_for_messages() -> None:
    assert name("fa") == "Persian"


def test_what_is_no_known_language_has_a_name_that_fits_a_sentence() -> None:
    assert name("und") == "a language that is not known"


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_any_text_has_a_known_language_or_none(text: str) -> None:
    assert language(text) in {*LANGUAGES, "und"}
