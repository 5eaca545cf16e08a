"""Agencies: named where a credit can stand, in any spelling; words that only look like one are none."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from corpus.arabic import fold
from pipelines.fields.agencies import (
    agency,
    agency_after_label,
    agency_in,
    bracketed_agency,
    dateline_agency,
    is_dateline,
)

TABLE = tomllib.loads(Path("pipelines/fields/agencies.toml").read_text(encoding="utf-8"))["agency"]


def test_no_spelling_belongs_to_two_agencies() -> None:
    spellings = [
        fold(spelling).replace(" ", "")
        for one in TABLE
        for spelling in {one["name"], *one.get("spellings", ()), *one.get("in_brackets", ()), *one.get("exact", ())}
    ]
    owners = Counter(spellings)

    # «أ ب» and «ا ب» are one agency's, told apart from the month by their hamza alone.
    assert {spelling for spelling, count in owners.items() if count > 1} == {fold("اب")}
    assert all(one.keys() <= {"name", "spellings", "in_brackets", "exact", "generic"} for one in TABLE)


@pytest.mark.parametrize(
    "name", ["أ ف ب", "أ.ف.ب", "أ. ف. ب", "ا ف ب", "أف ب", "أفب", "أ ف ب.", "وكالة فرانس برس", "AFP"]
)
def test_dots_spaces_and_hamza_of_an_agency_do_not_count(name: str) -> None:
    assert agency(name) == "أ ف ب"


@pytest.mark.parametrize(
    ("name", "found"), [("أ ب", "أ ب"), ("أ.ب", "أ ب"), ("آب", None), ("أف بي آي", None), ("وأم", "وام")]
)
def test_a_month_or_an_office_that_looks_like_an_agency_is_none(name: str, found: str | None) -> None:
    assert agency(name) == found


@pytest.mark.parametrize("name", ["قنا", "بنا", "معا", "فارس", "تسنيم"])
def test_a_name_that_is_a_word_too_is_an_agency_in_brackets_only(name: str) -> None:
    assert agency(name) is None
    assert bracketed_agency(name) == name
    assert agency_in(f"الدوحة ({name})") == name
    assert agency_in(f"{name} - سعاد حسن") is None
    assert agency_after_label(f"المصدر: {name}") == name


def test_an_agency_with_a_name_is_taken_before_agencies_in_general() -> None:
    assert agency_in("الواحة - وكالات - رويترز") == "رويترز"
    assert agency_in("عواصم - وكالات") == "وكالات"
    assert agency_after_label("المصدر : وكالات , الأناضول") == "الأناضول"


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("واشنطن (رويترز) - قال الرئيس الأميركي إن اللقاء كان مثمراً.", "رويترز"),
        ("أنكوريج (ألاسكا) (أ ف ب) – وصل بوتين إلى القاعدة.", "أ ف ب"),
        ("أنكوراج ، ألاسكا (أسوشيتد برس) – وصل بوتين إلى القاعدة.", "أ ب"),
        ("موسكو - رويترز - قال الكرملين إن الزيارة انتهت.", "رويترز"),
        ("موسكو - (تاس): قال الكرملين إن الزيارة انتهت.", "تاس"),
        ("القاهرة - رويترز: قال الكرملين إن الزيارة انتهت.", "رويترز"),
        ("الرياض - واس : عاد الوفد إلى بلاده.", "واس"),
        ("بيروت - أ ف ب: عاد الوفد إلى بلاده.", "أ ف ب"),
        ("بيروت - قال وزير: عاد الوفد إلى بلاده.", None),
        ("بيروت، المدار – عاد الوفد إلى بلاده.", "المدار"),
        ("القاهرة (أ ش أ): عاد الوفد إلى بلاده.", "أ ش أ"),
        ("الدوحة - قنا - عاد الوفد إلى بلاده.", None),
        ("الدوحة (قنا) - عاد الوفد إلى بلاده.", "قنا"),
        ("قال الرئيس إن اللقاء كان مثمراً.\nالمصدر: رويترز", "رويترز"),
        ("قال الرئيس إن اللقاء كان مثمراً.\nنقلا عن: الأناضول", "الأناضول"),
        ("قال الرئيس إن اللقاء كان مثمراً.\nوعاد الوفد إلى بلاده. (الأناضول)", "الأناضول"),
        ("قال الرئيس إن اللقاء كان مثمراً – وعاد.", None),
        ("قال الرئيس لوكالة رويترز إن اللقاء كان مثمراً.", None),
        ("دبي (الواحة) - أعلنت وكالة الأنباء الإيرانية (إرنا) عودة الوفد.", None),
        ("عمّان - (أ ب) سافر الوفد في 15 آب 2025.", "أ ب"),
        ("15 (آب) - سافر الوفد.", None),
        ("المصدر: ا ف ب - الوكالة الوطنية", "أ ف ب"),
        ("كييف/ الأناضول: عاد الوفد إلى بلاده.", "الأناضول"),
        ("غزة/ سمية بن عيسى/ الأناضول: عاد الوفد إلى بلاده.", "الأناضول"),
        ("المنامة في 15 أغسطس / بنا / عاد الوفد إلى بلاده.", "بنا"),
        ("الرباط/ 15 غشت 2025/ومع/ عاد الوفد إلى بلاده.", "و م ع"),
        ("بغداد /واع/ عاد الوفد إلى بلاده.", "واع"),
        ("صنعاء - سبأ: عاد الوفد إلى بلاده.", "سبأ"),
        ("عمّان- بترا- عاد الوفد إلى بلاده.", "بترا"),
        ("واشنطن- رويترز: عاد الوفد إلى بلاده.", "رويترز"),
        ("بيروت - «أ ف ب»: عاد الوفد إلى بلاده.", "أ ف ب"),
        ("عاد الوفد إلى موسكو/كييف/ ثم إلى بلاده.", None),
        ("عاد الوفد بعد ثلاث ساعات، والمحادثات مستمرة.\nواشنطن - رويترز: قال الرئيس إن اللقاء كان مثمراً.", "رويترز"),
        ("عاد الوفد بعد ثلاث ساعات.\nوذكرت الوكالة (رويترز) أن اللقاء كان مثمراً.\nوعاد الوفد.", None),
        ("قال الرئيس إن اللقاء كان مثمراً.\nوعاد الوفد إلى بلاده. (رويترز، الواحة)", "رويترز"),
        ("", None),
    ],
)
def test_a_dateline_or_a_closing_credit_names_the_agency(line: str, agency: str | None) -> None:
    assert dateline_agency(line) == agency


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("إسطنبول / الأناضول", "الأناضول"),
        ("أنكوريج / سمية بن عيسى / الأناضول", "الأناضول"),
        ("غزة/ الأناضول:", "الأناضول"),
        ("الرياض - واس", "واس"),
        ("وكالات", "وكالات"),
        ("م.ع.ح / ع.غ (أ ف ب، د ب أ)", "أ ف ب"),
        ("الرياض 21 صفر 1447 هـ الموافق 15 أغسطس 2025 م واس", "واس"),
        ("موسكو - واشنطن", None),
        ("ونقلت رويترز، عن مصدر، أن اللقاء انتهى.", None),
        ("تقول وكالات الأنباء - ومنها رويترز - إن اللقاء انتهى بلا اتفاق على شيء", None),
    ],
)
def test_a_first_line_that_is_a_dateline_alone_names_the_agency(line: str, agency: str | None) -> None:
    assert dateline_agency(f"{line}\nقال الرئيس إن اللقاء كان مثمرا.") == agency
    assert is_dateline(line) is (agency is not None)
