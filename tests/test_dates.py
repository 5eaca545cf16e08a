"""Dates: what pages write in all regions, the moments that it means, what is no date, and which of several wins."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hijridate import Gregorian
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.catalogue import load
from pipelines.dates import Moment, Published, published, read_date
from pipelines.dates.zones import zone_of

TABLE: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent.parent / "fixtures" / "dates.toml").read_text(encoding="utf-8")
)
FETCHED_AT = datetime(2025, 8, 20, 12, 3, 40, tzinfo=UTC)

# A year's months, January first, as the press of each region writes them.
FAMILIES = {
    "Gulf": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split(),
    "Levant": (
        *("كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول"),
        *("تشرين الأول", "تشرين الثاني", "كانون الأول"),
    ),
    "Morocco": "يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر".split(),
    "Algeria and Tunisia": "جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر".split(),
    "Mauritania": "يناير فبراير مارس إبريل مايو يونيو يوليو أغشت شتمبر أكتوبر نوفمبر دجمبر".split(),
}
HIJRI = (
    *("محرم", "صفر", "ربيع الأول", "ربيع الآخر", "جمادى الأولى", "جمادى الآخرة", "رجب", "شعبان"),
    *("رمضان", "شوال", "ذو القعدة", "ذو الحجة"),
)
WEEKDAYS = "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد".split()

MARKS = "".join(map(chr, (0x064E, 0x064F, 0x0650, 0x0652)))
TATWEEL, RIGHT_TO_LEFT = chr(0x0640), chr(0x200F)
DIGITS = {"european": 0x30, "arabic": 0x0660, "persian": 0x06F0}


@pytest.fixture(autouse=True, scope="module")
def tables() -> None:
    """Loaded once, so that no example of a property test pays for it."""
    read_date("21 صفر 1447 - 15 آب 2025", country="JO")


def read(words: str, country: str | None = None) -> Moment | None:
    return read_date(words, fetched_at=FETCHED_AT, country=country)


def chosen(*candidates: tuple[str, str], country: str | None = "SA") -> Published | None:
    return published(candidates, fetched_at=FETCHED_AT, country=country)


@pytest.mark.parametrize("row", TABLE["date"], ids=lambda row: row["words"])
def test_words_of_a_date_are_its_moment(row: dict[str, Any]) -> None:
    found = read(row["words"], row.get("country"))

    assert found is not None
    assert (found.at, found.precision) == (row["at"], row["precision"])
    assert found.zone == row.get("zone", found.zone)
    assert found.is_update is row.get("is_update", False)


@pytest.mark.parametrize("row", TABLE["no_date"], ids=lambda row: row["words"])
def test_what_is_no_date_is_not_guessed(row: dict[str, Any]) -> None:
    assert read(row["words"], "SA") is None


@pytest.mark.parametrize("row", TABLE["date"], ids=lambda row: row["words"])
def test_marks_of_direction_change_no_date(row: dict[str, Any]) -> None:
    marked = "".join(f"\u200f{char}\u200e" if char in " /:" else char for char in row["words"])

    found = read(marked, row.get("country"))

    assert found is not None
    assert (found.at, found.precision) == (row["at"], row["precision"])


def test_the_same_clock_is_another_moment_in_another_country() -> None:
    words = "15 أغسطس 2025 20:00"

    moments = [found.at.hour for country in ("MA", "TN", "EG", "AE") if (found := read(words, country))]

    assert moments == [19, 19, 17, 16]


@pytest.mark.parametrize(
    ("country", "zone"), [("JO", "Asia/Amman"), ("DE", "Europe/Berlin"), ("SO", "Africa/Mogadishu")]
)
def test_a_clock_without_a_zone_is_the_outlets_and_says_so(country: str, zone: str) -> None:
    found = read("2025-08-15 23:10", country)

    assert found is not None
    assert (found.precision, found.zone) == ("minute", zone)


@pytest.mark.parametrize("country", [None, "XX", "BR"])  # Brazil has sixteen zones
def test_a_clock_that_nobody_knows_the_zone_of_gives_the_day(country: str | None) -> None:
    found = read("15 أغسطس 2025 20:00", country)

    assert found is not None
    assert (found.at, found.precision, found.zone) == (datetime(2025, 8, 15, tzinfo=UTC), "day", None)


def test_every_shipped_outlet_has_a_clock() -> None:
    assert [
        source.id for source in load(None).sources.values() if source.country and zone_of(source.country) is None
    ] == []


def test_without_a_fetch_nothing_that_is_told_from_it_is_read() -> None:
    assert read_date("منذ دقيقتين", country="SA") is None
    assert read_date("أمس 20:15", country="SA") is None


def test_yesterday_is_counted_by_the_outlets_calendar() -> None:
    late = datetime(2025, 8, 20, 21, 30, tzinfo=UTC)  # the 21st in Dubai

    found = read_date("أمس", fetched_at=late, country="AE")

    assert found is not None
    assert found.at == datetime(2025, 8, 20, tzinfo=UTC)


# --- Which of several ---


def test_the_first_candidate_that_is_a_date_is_taken_with_its_place_and_words() -> None:
    found = chosen(("meta", "قبل قليل"), ("time", "15 آب/أغسطس 2025"), ("text", "14 آب/أغسطس 2025"), country="JO")

    assert found is not None
    assert (found.at, found.precision) == (datetime(2025, 8, 15, tzinfo=UTC), "day")
    assert (found.source, found.words, found.zone) == ("time", "15 آب/أغسطس 2025", None)


def test_the_head_wins_against_what_stands_near_the_title() -> None:
    found = chosen(("json-ld", "2025-08-15T10:00:00Z"), ("text", "12 أغسطس 2025"))

    assert found is not None
    assert found.at == datetime(2025, 8, 15, 10, tzinfo=UTC)


def test_a_day_is_told_to_the_minute_by_a_candidate_that_agrees() -> None:
    found = chosen(("meta", "2025-08-15"), ("text", "12 أغسطس 2025 09:00"), ("text", "15 أغسطس 2025 20:10"))

    assert found is not None
    assert (found.at, found.precision) == (datetime(2025, 8, 15, 17, 10, tzinfo=UTC), "minute")
    assert found.source == "text"


def test_a_day_of_an_outlet_is_told_to_the_second_by_utc_of_the_evening_before() -> None:
    found = chosen(("meta", "2025-08-16"), ("time", "2025-08-15T22:30:00Z"), country="JO")

    assert found is not None
    assert (found.at, found.source) == (datetime(2025, 8, 15, 22, 30, tzinfo=UTC), "time")


def test_a_midnight_in_the_head_is_a_day_and_refined() -> None:
    found = chosen(("json-ld", "2025-08-15T00:00:00Z"), ("text", "15 أغسطس 2025 20:10"))

    assert found is not None
    assert (found.at, found.precision) == (datetime(2025, 8, 15, 17, 10, tzinfo=UTC), "minute")


def test_utc_that_shows_the_outlets_clock_is_the_outlets_clock() -> None:
    found = chosen(("meta", "2025-08-15T23:10:05Z"), ("text", "الجمعة 15 أغسطس 2025 11:10 م"), country="EG")

    assert found is not None
    assert (found.at, found.precision) == (datetime(2025, 8, 15, 20, 10, 5, tzinfo=UTC), "second")
    assert (found.zone, found.source) == ("Africa/Cairo", "meta")


def test_utc_that_the_page_shows_in_its_own_zone_stays_and_takes_that_zone() -> None:
    found = chosen(("meta", "2025-08-15T22:10:05Z"), ("text", "16 أغسطس 2025 1:10 ص"), country="EG")

    assert found is not None
    assert (found.at, found.zone) == (datetime(2025, 8, 15, 22, 10, 5, tzinfo=UTC), "Africa/Cairo")


def test_utc_that_has_not_come_yet_is_the_clock_of_an_outlet_that_has_seen_it() -> None:
    found = chosen(("json-ld", "2025-08-20T14:50:00Z"), country="SA")

    assert found is not None
    assert (found.at, found.zone) == (datetime(2025, 8, 20, 11, 50, tzinfo=UTC), "Asia/Riyadh")


def test_utc_that_the_clock_of_its_outlet_has_not_seen_either_stays() -> None:
    found = chosen(("json-ld", "2025-08-20T15:00:00Z"), country="MA")  # 14:00 there, and 12:03 UTC now

    assert found is not None
    assert (found.at, found.zone) == (datetime(2025, 8, 20, 15, tzinfo=UTC), "+00:00")


def test_of_a_head_that_does_not_contradict_itself_the_first_is_taken() -> None:
    found = chosen(("json-ld", "2025-08-15T10:00:30Z"), ("meta", "2025-08-15T10:00Z"))

    assert found is not None
    assert (found.source, found.precision) == ("json-ld", "second")


def test_of_a_head_that_contradicts_itself_the_earliest_is_taken() -> None:
    found = chosen(("json-ld", "2025-08-18T10:00:00+03:00"), ("meta", "2025-08-15T10:00:00+03:00"))

    assert found is not None
    assert (found.at, found.source) == (datetime(2025, 8, 15, 7, tzinfo=UTC), "meta")


def test_of_a_head_that_contradicts_itself_what_readers_see_decides() -> None:
    # A <meta name="date"> that the template brought along.
    found = chosen(
        ("json-ld", "2025-08-15T10:00:00+03:00"), ("meta", "2015-01-01"), ("text", "الجمعة 15 أغسطس 2025 10:00 ص")
    )

    assert found is not None
    assert (found.at, found.source) == (datetime(2025, 8, 15, 7, tzinfo=UTC), "json-ld")


def test_a_later_date_of_the_same_place_is_not_asked_for_the_earliest() -> None:
    published, created = "2025-08-15T10:00:00+03:00", "2025-08-11T10:00:00+03:00"

    found = chosen(("json-ld", published), ("json-ld", created), ("meta", published))

    assert found is not None
    assert found.words == published


def test_a_local_time_filled_in_as_utc_is_too_late_and_loses() -> None:
    found = chosen(("json-ld", "2025-08-15T23:10:00Z"), ("meta", "2025-08-15T23:10:00+03:00"), country=None)

    assert found is not None
    assert (found.at, found.zone) == (datetime(2025, 8, 15, 20, 10, tzinfo=UTC), "+03:00")


def test_an_update_never_stands_for_the_publication() -> None:
    found = chosen(("text", "آخر تحديث: 16 أغسطس 2025 09:00"), ("text", "15 أغسطس 2025"))

    assert found is not None
    assert (found.at, found.source) == (datetime(2025, 8, 15, tzinfo=UTC), "text")


@pytest.mark.parametrize(
    "candidate", [("text", "آخر تحديث: 16 أغسطس 2025 01:00"), ("modified", "2025-08-16T01:00:00+03:00")]
)
def test_an_update_alone_is_taken_to_the_day_and_says_so(candidate: tuple[str, str]) -> None:
    found = chosen(candidate)

    assert found is not None
    assert (found.at, found.precision, found.source) == (datetime(2025, 8, 16, tzinfo=UTC), "day", "modified")


def test_a_date_after_the_fetch_is_not_taken() -> None:
    found = chosen(("json-ld", "2025-08-25T10:00:00Z"), ("text", "15 أغسطس 2025"), country=None)

    assert found is not None
    assert found.at == datetime(2025, 8, 15, tzinfo=UTC)


def test_a_page_whose_dates_are_all_after_the_fetch_is_undated() -> None:
    assert chosen(("meta", "2026-08-15")) is None


def test_a_day_that_has_begun_further_east_is_taken() -> None:
    assert chosen(("meta", f"{FETCHED_AT + timedelta(days=1):%Y-%m-%d}"), country="AE") is not None


def test_a_year_before_any_page_is_not_taken() -> None:
    assert chosen(("meta", "1970-01-01T00:00:01Z")) is None


def test_a_page_without_candidates_is_undated() -> None:
    assert chosen() is None


# --- Whatever the date ---


def numbers(day: date, digits: str) -> tuple[str, str]:
    """Day and year in these digits."""
    table = {0x30 + i: DIGITS[digits] + i for i in range(10)}
    return str(day.day).translate(table), str(day.year).translate(table)


def decorated(words: str, decoration: str) -> str:
    """The words as another hand types them."""
    letters = {
        "as they are": words,
        "vowel marks": "".join(
            char + MARKS[i % len(MARKS)] if "\u0621" <= char <= "\u064a" else char for i, char in enumerate(words)
        ),
        "no hamza": words.translate(str.maketrans("أإآ", "ااا")),
        "tatweel": words.replace("س", "س" + TATWEEL * 3).replace("ي", TATWEEL + "ي").replace("ب", "ب" + TATWEEL),
        "direction": "".join(f"{RIGHT_TO_LEFT}{char}" if char in " /" else char for char in words),
        "lines": words.replace(" ", "\n  ", 1),
    }
    return letters[decoration]


DAYS = st.dates(min_value=date(1995, 1, 1), max_value=date(2035, 12, 31))
DECORATIONS = st.sampled_from(["as they are", "vowel marks", "no hamza", "tatweel", "direction", "lines"])


@settings(max_examples=300)
@given(
    DAYS,
    st.tuples(st.sampled_from(sorted(FAMILIES)), st.sampled_from(sorted(FAMILIES))),
    st.sampled_from(sorted(DIGITS)),
    DECORATIONS,
    st.sampled_from(
        [
            "{day} {month} {year}",
            "{weekday}، {day} {month}، {year}م",
            "نشر في: {day}-{month}-{year}",
            "{day} من شهر {month} لعام {year}",
            "{month} {day}, {year}",
            "{day} {month}/{other} {year}",
            "{weekday} {day} {month} ({other}) {year}",
        ]
    ),
)
def test_any_day_in_any_family_of_months_reads_back(
    day: date, families: tuple[str, str], digits: str, decoration: str, form: str
) -> None:
    number, year = numbers(day, digits)
    month, second = (FAMILIES[name][day.month - 1] for name in families)
    words = form.format(day=number, year=year, month=month, other=second, weekday=WEEKDAYS[day.weekday()])

    found = read(decorated(words, decoration))

    assert found is not None
    assert (found.at.date(), found.precision) == (day, "day")


@settings(max_examples=150)
@given(
    DAYS,
    st.sampled_from(sorted(DIGITS)),
    DECORATIONS,
    st.sampled_from(["{day} {month} {year} هـ", "{day} {month} {year}", "{weekday} {day} من {month} {year}هـ"]),
)
def test_any_hijri_day_reads_back(day: date, digits: str, decoration: str, form: str) -> None:
    hijri = Gregorian(day.year, day.month, day.day).to_hijri()
    table = {0x30 + i: DIGITS[digits] + i for i in range(10)}
    words = form.format(
        day=str(hijri.day).translate(table),
        year=str(hijri.year).translate(table),
        month=HIJRI[hijri.month - 1],
        weekday=WEEKDAYS[day.weekday()],
    )

    found = read(decorated(words, decoration))

    assert found is not None
    assert (found.at.date(), found.precision) == (day, "day")


@settings(max_examples=150)
@given(DAYS, st.integers(min_value=3, max_value=400), st.booleans())
def test_a_hijri_day_far_from_its_gregorian_one_makes_both_unbelievable(
    day: date, apart: int, hijri_first: bool
) -> None:
    other = day - timedelta(days=apart)
    hijri = Gregorian(other.year, other.month, other.day).to_hijri()
    both = [
        f"{hijri.day} {HIJRI[hijri.month - 1]} {hijri.year}هـ",
        f"{day.day} {FAMILIES['Gulf'][day.month - 1]} {day.year}م",
    ]

    assert read(" الموافق ".join(both if hijri_first else both[::-1])) is None


@settings(max_examples=100)
@given(
    DAYS,
    st.times(min_value=datetime(2000, 1, 1, 0, 1).time()).map(lambda clock: clock.replace(microsecond=0)),  # noqa: DTZ001
    st.sampled_from(
        ["{:%Y-%m-%dT%H:%M:%S}+03:00", "{:%d/%m/%Y %I:%M:%S} {half}", "{half_long} {:%I:%M:%S - %Y/%m/%d}"]
    ),
)
def test_any_moment_reads_back(day: date, clock: Any, form: str) -> None:
    wall = datetime.combine(day, clock, UTC)
    words = form.format(wall, half="مص"[wall.hour < 12], half_long=("مساء", "صباحا")[wall.hour < 12])

    found = read(words, "KW")

    assert found is not None
    assert (found.at, found.precision) == (wall - timedelta(hours=3), "second")


TOKENS = (
    *"منذ قبل بعد أمس غدا اليوم أول نشر في تحديث آخر الموافق هـ م ص مساء صباحا الساعة بتوقيت غرينتش مكة".split(),
    *"ساعة ساعتين ساعات يوم يومين أيام أسبوع شهر شهرين دقيقة دقائق ثلاث خمسة عشر و إلى حتى عام سنة".split(),
    *"يناير آب أغسطس تشرين الأول كانون الثاني غشت صفر رمضان ذو الحجة الجمعة الأربعاء الوزير قمة".split(),
    *"0 1 2 14 15 31 99 ٢٥ 1447 1448 1500 2025 2026 2035 2099 20:15 11:59 15/08/2025 21/08/2025 22/08/2025".split(),
    *"2025-08-21T13:00:00Z 2026-01-01 +03:00 GMT+14 +99 GMT بتوقيت الرياض التحديث - / . ، | ( )".split(),
)


@settings(max_examples=500)
@given(
    st.lists(st.sampled_from(TOKENS) | st.text(max_size=4), max_size=12),
    st.sampled_from([" ", "", "\n"]),
    st.sampled_from([None, "SA", "MA", "US"]),
)
def test_no_text_gives_a_date_from_after_the_fetch(tokens: list[str], between: str, country: str | None) -> None:
    found = published([("text", between.join(tokens))], fetched_at=FETCHED_AT, country=country)

    assert found is None or found.at <= FETCHED_AT + timedelta(days=1)
    assert found is None or (found.at.year >= 1990 and found.at.utcoffset() == timedelta(0))


@settings(max_examples=100)
@given(st.lists(st.sampled_from([token for token in TOKENS if not any(map(str.isdigit, token))]), max_size=10))
def test_words_without_a_number_are_no_date_but_for_those_told_from_the_fetch(tokens: list[str]) -> None:
    assert read_date(" ".join(tokens), country="SA") is None
