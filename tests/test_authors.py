"""Authors: the names in a by-line, and nothing else that stands there."""

from __future__ import annotations

import pytest

from pipelines.fields.authors import Place, is_name, names, signature


@pytest.mark.parametrize(
    "words",
    [
        *("كتب: أحمد سمير", "كتب:أحمد سمير", "كتب - أحمد سمير", "كتب/ أحمد سمير", "بقلم أحمد سمير", "اعداد: أحمد سمير"),
        *("أحمد سمير | القاهرة", "أحمد سمير - الواحة", "أحمد سمير ahmad@alwaha.example", "أحمد سمير @ahmad"),
        *("أحمد سمير – رام الله", "أحمد سمير من غزة", "كتب | أحمد سمير | منذ ساعتين", "أحمد سمير، كاتب صحفي مصري"),
        *("القاهرة - كتبت أحمد سمير", "أحمد سمير (الدار البيضاء)", "تحرير أحمد سمير / تصوير سامي نور"),
        *(
            "أحمد سمير - رويترز",
            "بواسطة أحمد سمير",
            "By أحمد سمير",
            "أحمد سمير - مراسل الواحة",
            "أحمد سمير | 12 أغسطس 2025",
            "مرسلة بواسطة | أحمد سمير",
            "نُشرت بواسطة أحمد سمير",
            "من قِبل أحمد سمير",
        ),
    ],
)
def test_a_byline_gives_the_name_alone(words: str) -> None:
    assert names(words, Place.BYLINE) == ["أحمد سمير"]


@pytest.mark.parametrize(
    "words",
    [
        *("أحمد سمير وسارة علي", "أحمد سمير و سارة علي", "كتب أحمد سمير وسارة علي", "أحمد سمير، سارة علي"),
        *("أحمد سمير - سارة علي", "أحمد سمير | سارة علي", "كتب: أحمد سمير وسارة علي من دمشق"),
    ],
)
def test_several_authors_are_told_apart(words: str) -> None:
    assert names(words, Place.BYLINE) == ["أحمد سمير", "سارة علي"]


@pytest.mark.parametrize(
    "name", ["أحمد وليد", "سعاد وفاء حسن", "أحمد سمير وليد", "علي سعد", "عبد الرحمن الوليد", "الدكتور حسن نور"]
)
def test_a_name_with_the_letter_that_means_and_is_one_person(name: str) -> None:
    assert names(name, Place.BYLINE) == [name]


@pytest.mark.parametrize(
    "words",
    [
        *(
            "الشرق الأوسط",
            "المصري اليوم",
            "العربي الجديد",
            "سكاي نيوز عربية",
            "صحيفة الواحة",
            "فريق التحرير",
            "غرفة الأخبار",
        ),
        *("رام الله", "أبو ظبي", "كوالا لمبور", "رويترز", "وكالة فرانس برس", "رئيس التحرير", "مراسل الواحة في القاهرة"),
        *(
            "admin",
            "web desk",
            "@alwaha",
            "info@alwaha.example",
            "alwaha.com",
            "12 أغسطس",
            "الثلاثاء",
            "منذ يومين",
            "آخر تحديث",
        ),
        *(
            "تصوير: سامي نور",
            "ترجمة: هدى سالم",
            "كتب",
            "",
            "هل انتهت الحرب؟",
            "Developed By Web Factory",
            "a b c d e f",
            "م.ع.ح",
            "معلومات المقال",
            "سياسة الخصوصية",
            "عرض الملف الشخصي",
            "زيارة الموقع",
            "حول الكاتب",
        ),
    ],
)
def test_an_outlet_a_town_a_role_a_handle_or_a_date_is_no_author(words: str) -> None:
    assert names(words, Place.BYLINE, site_name="الواحة") == []


def test_what_follows_a_byline_is_no_author() -> None:
    assert names("أحمد سمير | شارك | فاز المنتخب الوطني", Place.BYLINE) == ["أحمد سمير"]
    assert names("بواسطة: أم خالد | صرنا نقرأ العناوين فقط", Place.TEXT) == ["أم خالد"]


@pytest.mark.parametrize(
    ("words", "details", "text"),
    [
        ("كتب: أحمد سمير", ["أحمد سمير"], ["أحمد سمير"]),
        ("بقلم أحمد سمير", ["أحمد سمير"], ["أحمد سمير"]),
        ("كتب أحمد سمير", ["أحمد سمير"], []),
        ("كتب دونالد ترامب", ["دونالد ترامب"], []),  # in running text he wrote something else
        ("أحمد سمير", [], []),
        ("بيروت - أحمد سمير", ["أحمد سمير"], ["أحمد سمير"]),
        ("بيروت – رويترز", [], []),
        ("رياضة - كأس العالم", [], []),
    ],
)
def test_a_name_outside_of_a_byline_needs_a_label(words: str, details: list[str], text: list[str]) -> None:
    assert names(words, Place.DETAILS) == details
    assert names(words, Place.TEXT) == text


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        ("كتب - أحمد سمير:\nقال الرئيس إن اللقاء كان مثمراً.", ["أحمد سمير"]),
        ("قال الرئيس إن اللقاء كان مثمراً.\nبقلم: هدى سالم", ["هدى سالم"]),
        ("كتب الرئيس الأميركي على منصته.\nوعاد الوفد إلى بلاده.", []),
        ("تقرير دولي جديد\nقال الرئيس إن اللقاء كان مثمراً.", []),
        ("كتب: أحمد سمير إن اللقاء الذي جرى في المدينة كان مثمراً وإن الوفد عاد إلى بلاده.", []),
        ("", []),
    ],
)
def test_a_text_is_signed_in_a_line_of_its_own(text: str, signed: list[str]) -> None:
    assert signature(text) == signed


def test_the_words_of_the_outlet_are_no_name() -> None:
    assert is_name("صدى الأطلس")
    assert not is_name("صدى الأطلس", site_name="صحيفة صدى الأطلس")
