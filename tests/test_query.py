"""Search strings: words, phrases and exclusions, and what is no query."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.errors import UsageError
from corpus.query import MOST_CHARACTERS, MOST_WORDS, Either, Phrase, Query, parse
from corpus.types import Filter


def word(*parts: str) -> Phrase:
    return Phrase(words=parts)


def phrase(*parts: str) -> Phrase:
    return Phrase(words=parts, exact=True)


def test_each_word_must_be_there() -> None:
    assert parse("قمة  ألاسكا") == Query(all_of=(word("قمة"), word("ألاسكا")))


@pytest.mark.parametrize(
    "asked", ["ما هي نتائج القمة؟", "هل من نتائج في القمة", "(ما هي) نتائج القمة", "نتائج the القمة", "وين نتائج القمة"]
)
def test_words_that_say_nothing_are_not_asked_for_beside_others(asked: str) -> None:
    assert parse(asked) == Query(all_of=(word("نتائج"), word("القمة")))


def test_words_that_say_nothing_are_asked_for_alone_quoted_and_as_a_choice() -> None:
    assert parse("من في") == Query(all_of=(word("من"), word("في")))
    assert parse('"على" قمة') == Query(all_of=(phrase("على"), word("قمة")))
    assert parse("هل OR قمة") == Query(all_of=(Either(of=(word("هل"), word("قمة"))),))
    assert parse("قمة -على") == Query(all_of=(word("قمة"),), none_of=(word("على"),))


@pytest.mark.parametrize("asked", ["متى تبدأ الدراسة؟", "نتيجة المباراة", "نقل السفارة", "كانون الثاني", "كرة قدم"])
def test_words_of_all_news_are_asked_for(asked: str) -> None:
    telling = asked.removeprefix("متى ").removesuffix("؟").split()

    assert parse(asked).all_of == tuple(map(word, telling))


def test_a_name_is_no_word_that_says_nothing() -> None:
    assert parse("علي ناصر") == Query(all_of=(word("علي"), word("ناصر")))


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
    ("asked", "found"), [("قِمّةُ", "قمة"), ("ألاســكا", "ألاسكا"), ("٢٥", "25"), ("Trump؟", "trump")]
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
    asked = [first + second for first in "بتثجحخ" for second in "دذرزسشصض"][: MOST_WORDS + 5]

    assert parse(" ".join(asked)).all_of == tuple(word(one) for one in asked[:MOST_WORDS])


def test_words_of_phrases_and_exclusions_count_too() -> None:
    most = " ".join("س" for _ in range(MOST_WORDS - 2))

    query = parse(f"«{most}» -بوتين قمة ألاسكا")

    assert query == Query(all_of=(phrase(*most.split()), word("قمة")), none_of=(word("بوتين"),))


def test_a_pasted_text_is_cut() -> None:
    assert parse("ك" * (MOST_CHARACTERS + 100)) == Query(all_of=(word("ك" * MOST_CHARACTERS),))


@pytest.mark.parametrize("way", ["هدنة OR اتفاق", "هدنة أو اتفاق", "هدنة او اتفاق", "OR هدنة OR OR اتفاق OR"])
def test_or_joins_what_stands_beside_it(way: str) -> None:
    assert parse(way) == Query(all_of=(Either(of=(word("هدنة"), word("اتفاق"))),))


def test_or_binds_closer_than_the_words_around() -> None:
    query = parse("قمة هدنة OR اتفاق OR سلام باريس")

    assert query.all_of == (word("قمة"), Either(of=(word("هدنة"), word("اتفاق"), word("سلام"))), word("باريس"))


def test_or_in_quotes_or_in_small_letters_is_a_word() -> None:
    assert parse("«أو» or").all_of == (phrase("أو"), word("or"))


def test_an_exclusion_is_no_alternative() -> None:
    assert parse("هدنة OR -حرب") == Query(all_of=(word("هدنة"),), none_of=(word("حرب"),))


def test_a_group_can_be_an_alternative_or_be_excluded() -> None:
    group = Query(all_of=(word("قمة"), word("هلسنكي")))

    assert parse("(قمة هلسنكي) OR جنيف") == Query(all_of=(Either(of=(group, word("جنيف"))),))
    assert parse("جنيف -(قمة هلسنكي)") == Query(all_of=(word("جنيف"),), none_of=(group,))


@pytest.mark.parametrize("way", ["(قمة هلسنكي)", "((قمة) هلسنكي", "قمة (هلسنكي)", "قمة) هلسنكي", "() قمة ( ) هلسنكي"])
def test_parentheses_that_group_nothing_mean_nothing(way: str) -> None:
    assert parse(way).all_of[:1] == (word("قمة"),)


def test_an_exclusion_in_a_group_holds_beside_it_too() -> None:
    assert parse("(قمة -باريس) هلسنكي") == Query(all_of=(word("قمة"), word("هلسنكي")), none_of=(word("باريس"),))


def test_a_star_makes_the_last_word_a_beginning() -> None:
    assert parse("أوكران* «قم*»").all_of == (Phrase(words=("أوكران",), beginning=True), phrase("قم"))
    assert parse("رئيس-أوكران*").all_of == (Phrase(words=("رئيس", "أوكران"), beginning=True),)


def test_what_is_seen_nowhere_is_no_part_of_a_limit() -> None:
    asked = "\u200fقمة \u202bsource:alwaha\u202c since:2025-08-15\u200f before:2025-08-20\udcff"

    assert parse(asked) == parse("قمة source:alwaha since:2025-08-15 before:2025-08-20")


def test_a_beginning_is_no_word_between_others() -> None:
    assert parse("قمة او*").all_of == (word("قمة"), Phrase(words=("او",), beginning=True))


def test_a_beginning_of_one_letter_is_refused() -> None:
    with pytest.raises(UsageError, match="stands for too many words: give 2 letters or more"):
        parse("ا*")


def test_limits_are_no_words() -> None:
    query = parse("قمة source:alwaha since:2025-08-15 before:٢٠٢٥-٠٨-٢٠")

    assert query.all_of == (word("قمة"),)
    assert query.limits == Filter(source_id="alwaha", since=date(2025, 8, 15), until=date(2025, 8, 19))


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("قمة site:alwaha", "'site:alwaha': there is no limit 'site', only source:, since:, before:."),
        ("قمة source:", "'source:' needs its value right behind the colon. Example: source:alwaha"),
        ("قمة since:أمس", "'since:' needs a day, not 'أمس'. Example: since:2025-08-15"),
        ("قمة before:2025-02-30", "'before:' needs a day, not '2025-02-30'."),
        ("قمة before:0001-01-01", "'before:' needs a day"),
        ("قمة -source:alwaha", "'-source:alwaha': only words can be excluded."),
        ("قمة source:a source:b", "source: stands there already"),
        ("source:alwaha", "There is nothing to look for"),
    ],
)
def test_a_limit_that_is_none_is_refused_in_a_sentence(asked: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(asked)

    assert why in str(refused.value)


@pytest.mark.parametrize(
    "asked", ["http://alwaha.example/1", "12:30", "c:\\windows", "re: قمة", "قمة:", "«source:alwaha»"]
)
def test_colons_of_addresses_times_and_quotations_make_no_limit(asked: str) -> None:
    assert parse(asked).limits == Filter()


@pytest.mark.parametrize("joined", ["ترامب و بوتين", "ترامب AND بوتين", "و ترامب AND و بوتين AND"])
def test_and_between_words_is_no_word(joined: str) -> None:
    assert parse(joined) == parse("ترامب بوتين")


def test_and_in_a_phrase_and_with_other_letters_is_a_word() -> None:
    assert parse("«ترامب و بوتين»") == Query(all_of=(phrase("ترامب", "و", "بوتين"),))
    assert parse("and") == Query(all_of=(word("and"),))


@pytest.mark.parametrize(
    ("asked", "means"),
    [
        ("قمة NOT بوتين", "قمة -بوتين"),
        ("قمة AND NOT بوتين", "قمة -بوتين"),
        ("قمة NOT «البيت الأبيض» ألاسكا", "قمة -«البيت الأبيض» ألاسكا"),
        ("قمة NOT (بوتين ترامب)", "قمة -(بوتين ترامب)"),
        ("قمة NOT -بوتين", "قمة -بوتين"),
        ("قمة NOT", "قمة"),
    ],
)
def test_not_excludes_what_follows(asked: str, means: str) -> None:
    assert parse(asked) == parse(means)


@pytest.mark.parametrize(
    ("asked", "ways"),
    [
        ("1234", [("1234",), ("1", "234")]),
        ("12345678", [("12345678",), ("12", "345", "678")]),
        ("1,234", [("1", "234"), ("1234",)]),
        ("١٬٢٣٤٬٥٦٧", [("1", "234", "567"), ("1234567",)]),
        ("١٤٤٦هـ", [("1446ه",), ("1446", "ه")]),
        ("1446 هـ", [("1446", "ه"), ("1446ه",)]),
        ("15مليون", [("15مليون",), ("15", "مليون")]),
        ("كوفيد-19", [("كوفيد", "19"), ("كوفيد19",)]),
        ("F16", [("f16",), ("f", "16")]),
        ("عبدالله", [("عبدالله",), ("عبد", "الله")]),
        ("أبوظبي", [("أبوظبي",), ("أبو", "ظبي")]),
    ],
)
def test_what_is_written_in_two_ways_is_asked_for_in_both(asked: str, ways: list[tuple[str, ...]]) -> None:
    assert parse(asked) == Query(all_of=(Either(of=tuple(word(*way) for way in ways)),))


@pytest.mark.parametrize(
    "asked",
    [
        "2025",
        "1446",
        "١٩٨٩",
        "123",
        "0123",
        "12345*",
        "«1,234»",
        "«2025»",
        "1.234",
        "3.5",
        "1,23",
        "هـ",
        "«عبدالله»",
        "عبد",
        "عبده",
    ],
)
def test_what_is_written_in_one_way_is_asked_for_as_it_is(asked: str) -> None:
    assert all(isinstance(part, Phrase) for part in parse(asked).all_of)


@pytest.mark.parametrize(("first", "second"), [("عبد", "الله"), ("أبو", "ظبي"), ("عبد", "العزيز")])
def test_a_name_of_two_words_is_asked_for_as_one_word_too(first: str, second: str) -> None:
    name = Either(of=(Query(all_of=(word(first), word(second))), word(first + second)))

    assert parse(f"الملك {first} {second} OR سلمان -قمة") == Query(
        all_of=(word("الملك"), Either(of=(*name.of, word("سلمان")))), none_of=(word("قمة"),)
    )


@pytest.mark.parametrize("asked", ["أ ف ب", "أ.ف.ب", "أ.ف.ب.", "( أ ف ب )", "أ ف.ب"])
def test_letters_that_stand_together_are_one_short_form(asked: str) -> None:
    assert parse(f"{asked} سوريا") == Query(all_of=(word("أ", "ف", "ب"), word("سوريا")))


@pytest.mark.parametrize("asked", ["أ «ف»", "أ -ف", "أ 5", "أ OR ف", "أ قمة ف"])
def test_other_letters_are_words_of_their_own(asked: str) -> None:
    assert not any(isinstance(part, Phrase) and len(part.words) > 1 for part in parse(asked).all_of)


@pytest.mark.parametrize("asked", ["عبد «الله»", "عبد الل*", "عبد ربه", "عبد -الله", "قمة الله"])
def test_other_neighbours_are_words_of_their_own(asked: str) -> None:
    assert all(isinstance(part, Phrase) for part in parse(asked).all_of)
