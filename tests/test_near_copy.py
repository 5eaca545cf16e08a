"""Near-copies: what kind of copy two texts are, and what is none. Which texts make one group: test_copy_groups."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from corpus.arabic import words
from corpus.near_copy import UNKNOWN, Comparable, Overlap, between_sources, compare, latest
from corpus.shingles import halves
from corpus.sketch import of_text, sketch
from corpus.templates import Pair, Text, filled_in_anew
from corpus.thresholds import MIN_WORDS, PROBABLE_JACCARD, TEMPLATE_WORDS
from corpus.types import CopyKind, NearCopy, Precision
from tests.templates import fillings, pairs
from tests.texts import TEXTS

NOON = datetime(2025, 8, 15, 12, tzinfo=UTC)
WHOLE = "\n".join(text for _, text in TEXTS.values())
SUMMIT, AFTER, FAIR = (text for _, text in TEXTS.values())

WEATHER = (
    "تتوقع دائرة الأرصاد الجوية أن يكون الطقس {day} حارا نسبيا في معظم المناطق وحارا في الأغوار والبحر الميت.\n"
    "وتبلغ درجة الحرارة العظمى في العاصمة {a} درجة والصغرى {b} درجة، وفي العقبة {c} درجة نهارا و {d} درجة ليلا.\n"
    "وتكون الرياح شمالية غربية معتدلة السرعة تنشط أحيانا وتصل هباتها إلى {e} كيلومترا في الساعة بعد الظهر.\n"
    "ودعت الدائرة إلى تجنب التعرض المباشر لأشعة الشمس وشرب كميات كافية من الماء طوال ساعات النهار."
)
FRIDAY = WEATHER.format(day="الجمعة", a=34, b=21, c=41, d=29, e=45)
MONDAY = WEATHER.format(day="الاثنين", a=31, b=19, c=38, d=26, e=60)


PRICES = (
    "استقرت أسعار العملات الأجنبية أمام الجنيه في بداية تعاملات اليوم {day} داخل البنوك العاملة في البلاد.\n"
    "وسجل سعر الدولار في البنك الأهلي {a} جنيه للشراء و{b} جنيه للبيع، وفي بنك النيل 48.52 جنيه للشراء و48.62 جنيه "
    "للبيع.\n"
    "وبلغ سعر اليورو 56.14 جنيه للشراء و56.41 جنيه للبيع، والريال السعودي 12.92 جنيه للشراء و12.96 جنيه للبيع، "
    "وفق آخر تحديث على شاشات البنوك صباحا."
)
SUNDAY = PRICES.format(day="الأحد", a="48.55", b="48.65")


def comparable(text: str) -> Comparable:
    made = sketch("عنوان", text)
    found_by = of_text(made)
    shingles = halves(found_by.shingles) if found_by else np.empty(0, dtype=np.uint32)
    return Comparable(shingles=shingles, text_hash=made.text_hash, text=Text(text))


def compared(a: str, b: str, *, sources: tuple[str | None, str | None] = ("alwaha", "almanara")) -> NearCopy | None:
    found = compare(comparable(a), comparable(b))
    return None if found is None else between_sources(found, *sources)


def kind(a: str, b: str, *, sources: tuple[str | None, str | None] = ("alwaha", "almanara")) -> CopyKind | None:
    relation = compared(a, b, sources=sources)
    return None if relation is None else relation.kind


def edited(text: str) -> str:
    return text.replace("صباح الجمعة", "فجر اليوم").replace("ساعات طويلة", "يوما كاملا")


def test_a_text_that_folds_to_the_same_words_is_an_exact_copy() -> None:
    respelled = SUMMIT.replace("أ", "ا").replace("ة", "ه").replace("،", " -")

    assert compared(SUMMIT, respelled) == NearCopy(
        kind=CopyKind.EXACT, jaccard=1.0, containment_a=1.0, containment_b=1.0
    )


def test_an_edited_text_of_another_source_is_a_reprint() -> None:
    assert edited(SUMMIT) != SUMMIT
    assert kind(SUMMIT, edited(SUMMIT)) is CopyKind.REPRINT


def test_an_edited_text_of_the_same_source_is_an_update() -> None:
    assert kind(SUMMIT, edited(SUMMIT), sources=("alwaha", "alwaha")) is CopyKind.UPDATE


def test_texts_of_unknown_sources_are_not_updates_of_each_other() -> None:
    assert kind(SUMMIT, edited(SUMMIT), sources=(None, None)) is CopyKind.REPRINT


@pytest.mark.parametrize("sources", [("alwaha", "almanara"), ("alwaha", "alwaha")])
def test_a_text_cut_from_a_longer_one_is_a_partial_copy(sources: tuple[str, str]) -> None:
    relation = compared(WHOLE, SUMMIT, sources=sources)

    assert relation is not None
    assert relation.kind is CopyKind.PARTIAL
    assert relation.containment_b == 1.0
    assert relation.containment_a == pytest.approx(relation.jaccard)
    assert relation.jaccard < 0.5


def test_a_brief_that_its_source_made_longer_is_an_update_and_another_source_a_partial_copy() -> None:
    longer = "\n".join([SUMMIT, *FAIR.split("\n")[:2]])

    relation = compared(SUMMIT, longer, sources=("alwaha", "alwaha"))

    assert relation is not None
    assert (relation.kind, relation.containment_a) == (CopyKind.UPDATE, 1.0)
    assert kind(SUMMIT, longer) is CopyKind.PARTIAL


def test_unrelated_texts_are_no_copies() -> None:
    assert kind(SUMMIT, FAIR) is None


def test_two_reports_of_one_event_are_no_copies() -> None:
    assert kind(SUMMIT, AFTER) is None


def test_a_text_that_quotes_one_sentence_is_no_copy() -> None:
    quote = SUMMIT.split("\n", maxsplit=1)[0]

    assert kind(SUMMIT, f"{FAIR}\n{quote}\n{AFTER}") is None


def test_two_weather_bulletins_with_other_numbers_are_no_copies() -> None:
    a, b = comparable(FRIDAY), comparable(MONDAY)
    shared = len(np.intersect1d(a.shingles, b.shingles))

    assert shared / min(len(a.shingles), len(b.shingles)) > 0.6  # the words alone would make them copies
    assert kind(FRIDAY, MONDAY) is None


@pytest.mark.parametrize(("day", "a", "b"), [("الأحد", "48.57", "48.67"), ("الاثنين", "48.55", "48.67")])
def test_a_table_of_prices_in_which_two_or_one_and_the_weekday_changed_is_no_copy(day: str, a: str, b: str) -> None:
    assert kind(SUNDAY, PRICES.format(day=day, a=a, b=b)) is None


@pytest.mark.parametrize(
    ("written", "otherwise"),
    [
        (("48.65", "48.65"), ("48.67", "48.65")),
        (("48.55", "48.65"), ("55ر48", "65ر48")),
        (("48", "49"), ("ثمانية وأربعين", "تسعة وأربعين")),
    ],
    ids=["one corrected", "written in other ways", "in words"],
)
def test_a_table_of_the_same_prices_is_a_copy(written: tuple[str, str], otherwise: tuple[str, str]) -> None:
    a, b = (PRICES.format(day="الأحد", a=one, b=other) for one, other in (written, otherwise))

    assert kind(a, b) is CopyKind.REPRINT


def test_a_report_in_which_two_numbers_changed_is_an_update() -> None:
    report = edited(SUMMIT) + " {} قتيلا و{} جريحا"

    assert kind(report.format(12, 30), report.format(15, 41)) is CopyKind.REPRINT


def test_two_numbers_and_the_weekday_make_a_report_that_is_no_table_one_of_another_day() -> None:
    report = f"{AFTER} وبلغت الحرارة يوم {{}} في المدينة {{}} درجة وفي القاعدة {{}} درجة"

    assert kind(report.format("الثلاثاء", 33, 28), report.format("الأربعاء", 34, 27)) is None
    assert kind(report.format("الثلاثاء", 33, 28), report.format("الثلاثاء", 34, 27)) is CopyKind.REPRINT


def test_a_table_in_which_paragraphs_change_places_is_a_copy() -> None:
    rises = "صعد هبط ارتفع تراجع زاد نزل قفز استقر نما انخفض".split()
    ends = "البنوك العقار النفط الاتصالات التأمين الإسمنت الطيران الحديد الكهرباء الألبان".split()
    lines = [f"{one} مؤشر البورصة إلى {31 + i} نقطة بدعم من {ends[i]}" for i, one in enumerate(rises)]
    turned = [line for i in range(0, 10, 2) for line in (lines[i + 1], lines[i])]

    assert kind("\n".join(lines), "\n".join(turned)) is CopyKind.REPRINT


def test_many_words_in_a_row_are_a_copy_whatever_numbers_stand_around_them() -> None:
    agency = f"عمّان 26 شوال 1436 هـ الموافق 11 أغسطس 2015 م وكالة\n{WHOLE}"
    reprint = f"{WHOLE}\nهاتف المعرض 4 65 18 25"

    assert kind(agency, reprint) is CopyKind.REPRINT


def test_few_words_in_a_row_are_no_copy_where_all_numbers_are_others() -> None:
    def with_numbers(places: range, first: int) -> str:
        return " ".join(f"{word} {first + i}" if i in places else word for i, word in enumerate(WHOLE.split()))

    one, other = with_numbers(range(8, 160, 40), 1000), with_numbers(range(20, 160, 40), 3000)

    assert kind(one, other) is None
    assert kind(one, with_numbers(range(8, 160, 40), 1000) + " نهاية") is CopyKind.REPRINT


@pytest.mark.parametrize(("left_out", "is_copy"), [(12, True), (8, False)])
def test_half_of_the_numbers_are_enough_of_a_text_that_is_clearly_a_copy_alone(left_out: int, is_copy: bool) -> None:
    """Of one whose every twelfth word was left out, not of one whose every eighth was."""
    whole, others = WHOLE.split(), {8: "3000", 50: "3011"}
    for place in (8, 50, 92, 134):
        whole[place] = str(1000 + place)
    edited = [(place, others.get(place, word)) for place, word in enumerate(whole)]
    kept = [word for place, word in edited if place % left_out != 3 or place in (8, 50, 92, 134)]
    same = [word for place, word in enumerate(whole) if place % left_out != 3 or place in (8, 50, 92, 134)]

    assert (kind(" ".join(whole), " ".join(kept)) is not None) is is_copy
    assert kind(" ".join(whole), " ".join(same)) is not None


@pytest.mark.parametrize(("more", "is_clear"), [(TEMPLATE_WORDS - 1, True), (TEMPLATE_WORDS, False)])
def test_the_words_are_looked_at_where_as_many_shingles_differ_as_a_form_fills_in(more: int, is_clear: bool) -> None:
    assert Overlap(shared=100, of_a=100, of_b=100 + more).is_clear is is_clear


def test_a_weather_bulletin_with_the_same_numbers_is_a_copy() -> None:
    reprinted = FRIDAY.replace("ودعت الدائرة", "ونصحت الأرصاد")

    assert kind(FRIDAY, reprinted) is CopyKind.REPRINT


@pytest.mark.parametrize(("form", "a", "b"), pairs(), ids=[name for name, _, _ in pairs()])
def test_a_form_with_other_names_and_numbers_is_no_copy(form: str, a: str, b: str) -> None:
    assert filled_in_anew(Pair.of(Text(a), Text(b)))
    assert filled_in_anew(Pair.of(Text(b), Text(a)))
    assert kind(a, b) is None


@pytest.mark.parametrize(("form", "a", "b"), pairs(), ids=[name for name, _, _ in pairs()])
def test_the_shortest_form_that_is_compared_is_no_copy_with_other_names_and_numbers(form: str, a: str, b: str) -> None:
    a, b = (" ".join(text.split()[:MIN_WORDS]) for text in (a, b))

    assert kind(a, b) is None


def test_a_brief_that_another_paper_prints_is_a_copy() -> None:
    brief = (
        "أعلنت إدارة المرور إغلاق شارع الميناء في الاتجاهين ابتداء من مساء غد ولمدة ثلاثة أيام لاستكمال أعمال الصيانة، "
        "ودعت السائقين إلى سلوك الطرق البديلة والالتزام بإرشادات رجال المرور، مشيرة إلى أن الحافلات العامة ستعمل "
        "كالمعتاد من محطة السوق القديم."
    )

    assert kind(brief, brief.replace("أعلنت إدارة المرور", "قالت شرطة المرور إنها قررت")) is CopyKind.REPRINT


@pytest.mark.parametrize("form", ["execution", "congratulations", "funeral"])
def test_the_words_alone_would_make_some_forms_copies(form: str) -> None:
    a, b = map(comparable, fillings()[form][:2])
    shared = len(np.intersect1d(a.shingles, b.shingles))

    assert shared / min(len(a.shingles), len(b.shingles)) > 0.7


@pytest.mark.parametrize("form", fillings())
def test_a_form_that_a_newsroom_edits_is_a_copy(form: str) -> None:
    text = fillings()[form][0]
    first, rest = text.split(" ", maxsplit=1)

    assert kind(text, f"نقلت مصادر صحفية أن الجهات المختصة {rest}") is CopyKind.REPRINT
    assert kind(text, f"{first} {rest}\nوتعود آخر واقعة من هذا النوع إلى مطلع العام الماضي.") is CopyKind.REPRINT


@pytest.mark.parametrize("number", ["6", "ست"])
def test_one_name_in_two_spellings_and_numbers_in_words_are_no_other_names(number: str) -> None:
    text = fillings()["court"][0]
    respelled = text.replace("فرجاني", "الفرغاني").replace("رضواني", "رضوانى").replace("الريحان", "ريحان")
    written = respelled.replace(" 6 ", f" {number} ")

    assert not filled_in_anew(Pair.of(Text(text), Text(written)))
    assert kind(text, written) is CopyKind.REPRINT


@pytest.mark.parametrize("front", ["", "قال محمد بن سلمان ما يأتي. "])
def test_a_report_in_which_words_of_a_dictionary_and_one_number_changed_is_a_copy(front: str) -> None:
    others = ("المصافحة التحية", "سيارة طائرة", "قاعة صالة", "مسؤول مصدر", "جدول برنامج", "فرق رجال", "ساعات دقائق")
    reworded = WHOLE
    for word, other in map(str.split, others):
        reworded = reworded.replace(f" {word} ", f" {other} ")

    assert kind(f"{front}{WHOLE} 12", f"{front}{reworded} 15") is CopyKind.REPRINT


def test_a_text_with_a_tenth_of_its_words_changed_is_a_copy() -> None:
    others = words(FAIR)
    changed = [others[i % len(others)] if i % 10 == 4 else word for i, word in enumerate(WHOLE.split())]

    assert kind(WHOLE, " ".join(changed)) is CopyKind.REPRINT


def test_half_of_a_text_with_a_twelfth_of_its_words_changed_is_a_copy() -> None:
    text = WHOLE.split()
    half, others = text[: len(text) // 2], words(FAIR)
    changed = [others[i % len(others)] if i % 12 == 4 else word for i, word in enumerate(half)]

    assert kind(WHOLE, " ".join(changed)) is CopyKind.PARTIAL


@pytest.mark.parametrize(("same", "found"), [(110, CopyKind.PARTIAL), (95, None)])
def test_the_opening_of_a_report_under_a_newsrooms_own_paragraphs_is_a_partial_copy(
    same: int, found: CopyKind | None
) -> None:
    report = " ".join(f"كلمة{number}" for number in range(190))
    own = " ".join(f"أخرى{number}" for number in range(85))

    assert kind(report, " ".join(report.split()[:same]) + " " + own) is found


def test_a_text_of_which_sentences_were_cut_and_others_added_is_a_partial_copy() -> None:
    (a, _, b, c), (d, _, e, f), own = (text.split("\n") for text in (SUMMIT, AFTER, FAIR))

    assert kind("\n".join([SUMMIT, AFTER]), "\n".join([a, b, own[1], c, d, own[2], e])) is CopyKind.PARTIAL
    assert kind("\n".join([SUMMIT, d, e, f]), "\n".join([FAIR, d, e, f])) is None  # the end of two reports


def test_a_text_in_which_sentences_change_places_is_a_copy() -> None:
    sentences = WHOLE.split("\n")

    assert kind(WHOLE, "\n".join(reversed(sentences))) is CopyKind.REPRINT


def test_few_numbers_do_not_keep_copies_apart() -> None:
    assert kind(SUMMIT + " 15 2025 3", edited(SUMMIT) + " 16 2026 4") is CopyKind.REPRINT


def test_a_text_too_short_to_compare_is_no_copy_even_of_itself() -> None:
    assert kind("قمة ألاسكا انتهت", "قمة ألاسكا انتهت") is None
    assert kind(SUMMIT, "قمة ألاسكا انتهت") is None


def test_a_chant_that_two_texts_repeat_is_no_copy() -> None:
    assert kind("هتف الجمهور طويلا " * 20, "هتف الجمهور طويلا " * 25) is None


@pytest.mark.parametrize("other", [edited(SUMMIT), WHOLE, FAIR, SUMMIT])
def test_a_comparison_is_symmetric_but_for_its_sides(other: str) -> None:
    there, back = compared(SUMMIT, other), compared(other, SUMMIT)

    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert (there.kind, there.jaccard) == (back.kind, back.jaccard)
        assert (there.containment_a, there.containment_b) == (back.containment_b, back.containment_a)


@pytest.mark.parametrize("longer", [1_000, 1_500, 2_500])
def test_what_may_be_a_copy_by_its_jaccard_similarity_is_looked_at(longer: int) -> None:
    fewest = math.ceil(PROBABLE_JACCARD * (1_000 + longer) / (1 + PROBABLE_JACCARD))

    assert Overlap(fewest, 1_000, longer).jaccard >= PROBABLE_JACCARD
    assert Overlap(fewest, 1_000, longer).is_plausible


@pytest.mark.parametrize(
    ("precision", "later"), [("second", 0), ("minute", 0), ("day", 24), (None, 24), ("month", 31 * 24)]
)
def test_a_date_that_names_only_its_day_may_be_its_end(precision: Precision | None, later: int) -> None:
    assert latest(NOON, precision) == NOON + timedelta(hours=later)
    assert latest(None, precision) == UNKNOWN > NOON
