"""Terms: which forms are one word, how often each counts, and which words say nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from corpus import spellings, terms
from corpus.arabic import fold
from corpus.terms import BODY_WORDS, analyse, lemma
from corpus.types import Term

WORDS = Path(__file__).parents[1] / "fixtures" / "words.txt"

TITLE = "قمة ألاسكا بين ترامب وبوتين"
TEXT = "عُقدت القمة في ألاسكا يوم 15 أغسطس ٢٠٢٥، وقال ترمب إن بوتن وافق على 15 نقطة من القمة."


def terms_of(title: str, text: str) -> dict[str, Term]:
    return {term.lemma: term for term in analyse(title, text).terms}


@pytest.mark.parametrize(
    ("word", "of"),
    [
        ("القمة", "قمة"),  # the
        ("وقمة", "قمة"),  # and
        ("بالقمة", "قمة"),  # at the
        ("للرئيس", "رئيس"),  # for the
        ("والرئيس", "رئيس"),  # and the
        ("وللرئيس", "رئيس"),  # and for the
        ("وبوتين", "بوتين"),
        ("لبوتين", "بوتين"),  # which a dictionary takes for two lionesses
        ("بترامب", "ترامب"),
        ("وبألاسكا", "ألاسكا"),
        ("المحادثات", "محادثات"),
    ],
)
def test_a_word_with_something_on_its_front_has_the_lemma_of_the_word(word: str, of: str) -> None:
    assert lemma(word) == lemma(of)


@pytest.mark.parametrize(("plural", "singular"), [("الرؤساء", "رئيس"), ("المدارس", "مدرسة"), ("الكتب", "كتاب")])
def test_a_broken_plural_has_the_lemma_of_its_singular(plural: str, singular: str) -> None:
    assert lemma(plural) == lemma(singular)


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ("انفجارات", "الانفجار"),
        ("والاحتجاجات", "احتجاج"),
        ("محاكمات", "المحاكمة"),
        ("سيارتين", "سيارة"),
        ("البلدتان", "بلدة"),
        ("المحتجين", "محتجون"),
        ("الميدانيين", "ميدانيون"),
        ("حدودية", "الحدودي"),
        ("الجامعية", "جامعي"),
        ("الدفاعية", "دفاعي"),  # of which the dictionary has neither
        ("إيرانية", "الإيرانية"),  # which it has, as two words
        ("التاريخية", "تاريخية"),
        ("سيلتقيان", "التقى"),
        ("الإتحاد", "الاتحاد"),
        ("المالى", "مالي"),
        ("القاهره", "القاهرة"),
        ("والحوثيين", "الحوثي"),
        ("مليشيات", "والميليشيات"),
        ("هجمات", "هجوم"),
        ("هجوما", "هجوم"),
        ("إعلانا", "إعلان"),
        ("مسلحو", "مسلح"),
        ("مقاتلي", "مقاتل"),
        ("محافظتي", "محافظة"),
        ("الحل", "حل"),
        ("وبالرد", "رد"),
        ("لحل", "حل"),
        ("وحق", "حق"),
    ],
)
def test_a_form_that_the_dictionary_does_not_have_has_the_lemma_of_its_word(form: str, word: str) -> None:
    assert lemma(form) == lemma(word)


@pytest.mark.parametrize(
    ("form", "verb"),
    [
        ("يقوم", "قام"),
        ("وتقوم", "قام"),
        ("يعمل", "عمل"),
        ("سيعملون", "عمل"),
        ("يعود", "عاد"),
        ("يسعى", "سعى"),
        ("يؤدي", "أدى"),
        ("يتصل", "اتصل"),
        ("يترك", "ترك"),
        ("تستفيد", "استفاد"),
        ("تتحدث", "تحدث"),
        ("يتغير", "تغير"),
        ("نسمح", "سمح"),
        ("حصلوا", "حصل"),
        ("وسمحت", "سمح"),
        ("ألقت", "ألقى"),
        ("قضوا", "قضى"),
        ("تشكلت", "تشكل"),
        ("تقودها", "قاد"),
        ("يلقيها", "لقي"),
    ],
)
def test_a_form_of_a_verb_has_the_lemma_of_the_verb(form: str, verb: str) -> None:
    assert lemma(form) == lemma(verb)


@pytest.mark.parametrize(
    ("noun", "verb"),
    [
        ("نصيب", "أصاب"),
        ("أساس", "ساس"),
        ("تراث", "ورث"),
        ("تجاري", "جارى"),
        ("ثابت", "ثاب"),
        ("يمني", "مني"),
        ("يسار", "سار"),
        ("تونس", "آنس"),
        ("أوضح", "وضح"),
        ("تعرض", "عرض"),
        ("تطور", "طار"),
    ],
)
def test_a_word_is_no_form_of_every_verb_whose_letters_it_has(noun: str, verb: str) -> None:
    assert lemma(noun) != lemma(verb)


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ("حكومته", "حكومة"),
        ("بحكومتها", "حكومة"),
        ("قواتهما", "قوات"),
        ("برنامجه", "برنامج"),
        ("وصوله", "وصول"),
        ("بلاده", "بلاد"),
        ("بيتها", "بيت"),
        ("قصتها", "قصة"),
        ("بدوره", "دور"),
        ("فروعها", "فروع"),
        ("للقائهما", "لقاء"),
        ("أصدقاؤهم", "أصدقاء"),
        ("مستواها", "مستوى"),
        ("لاعبوها", "لاعب"),
        ("تهديداته", "تهديد"),
        ("منطقتنا", "منطقة"),
        ("حقها", "حق"),
    ],
)
def test_a_word_that_is_somebodys_has_the_lemma_of_the_word(form: str, word: str) -> None:
    assert lemma(form) == lemma(word)


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ("والفوعة", "الفوعة"),
        ("المرتبطة", "مرتبط"),
        ("الإغاثية", "إغاثي"),
        ("لأغراض", "والأغراض"),
        ("السيناريوهات", "سيناريوهات"),
    ],
)
def test_a_word_that_is_in_no_dictionary_has_one_lemma_in_its_forms(form: str, word: str) -> None:
    assert lemma(form) == lemma(word)


@pytest.mark.parametrize(
    "name", ["سوتشي", "بلاتر", "تكريت", "تبوك", "جونسون", "الحريري", "كيلو", "القلمون", "هيلاري", "كيم", "باخ"]
)
def test_no_letter_is_taken_off_a_name_that_is_in_no_dictionary(name: str) -> None:
    assert lemma(name) == fold(name.removeprefix("ال"))


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("درعا", "درع"),
        ("ماكرون", "ماكر"),
        ("بايدن", "تأييد"),
        ("كسلا", "سلا"),
        ("كوباني", "كوبا"),
        ("حدود", "حد"),
        ("المعارض", "معرض"),
        ("السيستاني", "ستين"),
        ("بولتون", "بولت"),
        ("بحرية", "حرية"),
    ],
)
def test_a_name_is_no_form_of_another_word(name: str, other: str) -> None:
    assert lemma(name) != lemma(other)


@pytest.mark.parametrize("pair", [("قمة", "قاعدة"), ("ترامب", "بوتين"), ("روسيا", "أوكرانيا"), ("كتاب", "مكتب")])
def test_different_words_have_different_lemmas(pair: tuple[str, str]) -> None:
    assert lemma(pair[0]) != lemma(pair[1])


@pytest.mark.parametrize(("one", "other"), [("قِمّةُ", "قمة"), ("أمريكا", "امريكا"), ("٢٠٢٥", "2025"), ("Trump", "TRUMP")])
def test_spellings_of_one_word_have_one_lemma(one: str, other: str) -> None:
    assert lemma(one) == lemma(other)


@pytest.mark.parametrize("name", sorted(set(spellings.names().values())))
def test_the_spellings_of_a_name_are_one_lemma(name: str) -> None:
    lemmas = {lemma(before + spelling) for spelling in spellings.all_of(name) for before in ("", "و", "ل")}

    assert lemmas == {name}


@pytest.mark.parametrize("spelling", ["ترمب", "وترامب", "لترمب", "ترامپ"])
def test_an_article_counts_a_name_under_all_its_spellings(spelling: str) -> None:
    found = terms_of("ترامب", f"غادر {spelling} القاعدة")["ترامب"]

    assert (found.in_title, found.in_body) == (1, 1)


def test_a_number_is_the_same_whatever_is_written_on_its_front() -> None:
    found = analyse("بين 20 و38", "شارك 31 تحالفا و38 حزبا في القمة الـ15 عام 2025م، على بعد 5م من 3.5")

    assert found.numbers == ("31", "38", "15", "2025", "3", "5")
    assert not any(term.lemma[-1].isdigit() for term in found.terms)


def test_a_name_is_shown_with_the_article_that_it_has() -> None:
    assert terms_of("حصار", "دخلوا بالفاشر ثم خرجوا للفاشر وللقمة")["فاشرا"].surface == "الفاشر"


@pytest.mark.parametrize(("word", "of"), [("كتابه", "كتاب"), ("كتابها", "كتاب"), ("بلادنا", "بلاد"), ("وصولا", "وصول")])
def test_the_first_letter_of_a_word_with_something_behind_it_is_no_particle(word: str, of: str) -> None:
    (found,) = analyse("", word).terms

    assert (found.lemma, found.surface[0]) == (lemma(of), word[0])


def test_no_verb_stands_behind_a_preposition_of_nouns() -> None:
    assert [term.surface for term in analyse("", "كيلو").terms] == ["كيلو"]
    assert lemma("بيوم") == lemma("يوم")
    assert lemma("ليصل") == lemma("يصل")


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("دولارا", "دولار"),
        ("اجتماعًا", "اجتماع"),
        ("هيروشيما", "هيروشيما"),
        ("إندونيسيا", "إندونيسيا"),
        ("البنا", "البنا"),
    ],
)
def test_a_noun_is_shown_without_the_ending_of_an_object(word: str, shown: str) -> None:
    assert [term.surface for term in analyse("", word).terms] == [shown]


def test_words_of_the_title_and_of_the_body_are_counted_apart() -> None:
    found = terms_of(TITLE, TEXT)

    assert (found["قمه"].in_title, found["قمه"].in_body) == (1, 2)
    assert (found["الاسكا"].in_title, found["الاسكا"].in_body) == (1, 1)
    assert (found["ترامب"].in_title, found["ترامب"].in_body) == (1, 1)
    assert (found["نقطه"].in_title, found["نقطه"].in_body) == (0, 1)


def test_words_late_in_the_body_are_not_terms() -> None:
    filler = "قاعدة " * (BODY_WORDS - 1)

    found = terms_of("", filler + "هدنة زلزال")

    assert "هدنه" in found
    assert lemma("زلزال") not in found


def test_words_late_in_the_body_are_still_found_by_search() -> None:
    analysis = analyse("", "قاعدة " * BODY_WORDS + "زلزال")

    assert analysis.body_words[-1] == "زلزال"
    assert analysis.lemmas[-1] == lemma("زلزال")


@pytest.mark.parametrize(
    "word",
    [
        "في",
        "إلى",
        "على",
        "التي",
        "وقال",
        "قالت",
        "بينما",
        "والتي",
        "فمن",
        "وأن",
        "the",
        "ب",
        "بن",
        "2025",
        "٣",
        "هكذا",
        "ثلاث",
    ],
)
def test_a_word_that_says_nothing_is_not_a_term(word: str) -> None:
    found = analyse(word, f"{word} زلزال {word}").terms

    assert [term.surface for term in found] == ["زلزال"]


def test_every_word_has_its_lemma_title_first() -> None:
    analysis = analyse(TITLE, TEXT)

    assert len(analysis.lemmas) == len(analysis.title_words) + len(analysis.body_words)
    assert analysis.lemmas[:2] == (lemma("قمة"), lemma("ألاسكا"))


def test_the_words_of_an_article_are_folded() -> None:
    analysis = analyse("قِمّة ألاسكا", "على القاعدة.")

    assert analysis.title_words == ("قمه", "الاسكا")
    assert analysis.body_words == ("علي", "القاعده")


def test_a_term_shows_its_usual_form_in_the_article() -> None:
    found = terms_of("", "قمم القادة: القمة الأولى، والقمة الثانية، ثم القمة الثالثة.")

    assert found["قمه"].surface == "القمة"


def test_of_forms_that_are_equally_usual_a_term_shows_the_shortest() -> None:
    found = terms_of("وبوتين في القمة", "التقى بوتين القادة في قمة.")

    assert found["بوتين"].surface == "بوتين"
    assert found["قمه"].surface == "قمة"


def test_numbers_are_those_of_the_body_once_each_in_order() -> None:
    analysis = analyse("لقاء 1999", "في 15 أغسطس ٢٠٢٥ وافق على 15 نقطة و 7 بنود.")

    assert analysis.numbers == ("15", "2025", "7")


def test_an_empty_article_has_no_terms() -> None:
    analysis = analyse("", " ،؟ ")

    assert not analysis.terms
    assert not analysis.lemmas
    assert not analysis.numbers


def test_the_version_is_raised_when_a_lemma_changes() -> None:
    """Collections keep what their words were analysed with, so that `nazair doctor` knows when to rebuild them."""
    settings, digest = "words=4/simplemma=2.0.0", "e0318e82036fdd6a"
    if terms.settings().partition("/")[2] != settings.partition("/")[2]:
        pytest.skip("another version of the dictionary may have other lemmas")
    found = sorted({*WORDS.read_text(encoding="utf-8").split(), *spellings.names()})
    lemmas = "\n".join(f"{word} {lemma(word)}" for word in found)

    assert hashlib.blake2b(lemmas.encode(), digest_size=8).hexdigest() == digest, (
        "If a lemma has changed on purpose, raise corpus.terms.VERSION, and give it and the new digest here."
    )
    assert terms.settings() == settings
