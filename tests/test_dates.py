"""Dates: what pages write in all regions, the moments that it means, and what is no date."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.dates import published, read_date

TABLE: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent.parent / "fixtures" / "dates.toml").read_text(encoding="utf-8")
)
FETCHED_AT = datetime(2025, 8, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("row", TABLE["date"], ids=lambda row: row["words"])
def test_words_of_a_date_are_its_moment(row: dict[str, Any]) -> None:
    assert read_date(row["words"], country=row.get("country")) == (row["at"], row["precision"])


@pytest.mark.parametrize("row", TABLE["no_date"], ids=lambda row: row["words"])
def test_what_is_no_date_is_not_guessed(row: dict[str, Any]) -> None:
    assert read_date(row["words"], country="SA") is None


@pytest.mark.parametrize("row", TABLE["date"], ids=lambda row: row["words"])
def test_marks_of_direction_change_no_date(row: dict[str, Any]) -> None:
    marked = "".join(f"\u200f{char}\u200e" if char in " /:" else char for char in row["words"])

    assert read_date(marked, country=row.get("country")) == (row["at"], row["precision"])


def test_the_same_clock_is_another_moment_in_another_country() -> None:
    words = "15 أغسطس 2025 20:00"

    moments = [found[0].hour for country in ("MA", "TN", "EG", "AE") if (found := read_date(words, country=country))]

    assert moments == [19, 19, 17, 16]


def test_a_country_without_a_known_zone_is_taken_for_utc() -> None:
    assert read_date("15 أغسطس 2025 20:00", country="XX") == (datetime(2025, 8, 15, 20, tzinfo=UTC), "minute")


def test_the_first_candidate_that_is_a_date_is_taken_with_its_place_and_words() -> None:
    candidates = [("meta", "قبل قليل"), ("time", "15 آب/أغسطس 2025"), ("text", "14 آب/أغسطس 2025")]

    found = published(candidates, fetched_at=FETCHED_AT, country="JO")

    assert found is not None
    assert (found.at, found.precision) == (datetime(2025, 8, 15, tzinfo=UTC), "day")
    assert (found.source, found.words) == ("time", "15 آب/أغسطس 2025")


def test_a_date_after_the_fetch_is_not_taken() -> None:
    candidates = [("json-ld", "2025-08-25T10:00:00Z"), ("text", "15 أغسطس 2025")]

    found = published(candidates, fetched_at=FETCHED_AT, country=None)

    assert found is not None
    assert found.at == datetime(2025, 8, 15, tzinfo=UTC)


def test_a_page_whose_dates_are_all_after_the_fetch_is_undated() -> None:
    assert published([("meta", "2026-08-15")], fetched_at=FETCHED_AT, country=None) is None


def test_a_day_that_has_begun_further_east_is_taken() -> None:
    tomorrow = f"{FETCHED_AT + timedelta(days=1):%Y-%m-%d}"

    assert published([("meta", tomorrow)], fetched_at=FETCHED_AT, country="AE") is not None


def test_a_year_before_any_page_is_not_taken() -> None:
    assert published([("meta", "1970-01-01T00:00:00Z")], fetched_at=FETCHED_AT, country=None) is None


def test_a_page_without_candidates_is_undated() -> None:
    assert published([], fetched_at=FETCHED_AT, country="EG") is None


@settings(max_examples=50, deadline=None)
@given(st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2090, 1, 1)))  # noqa: DTZ001 - hypothesis adds none
def test_a_moment_survives_being_written_in_iso(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)

    assert read_date(moment.isoformat(timespec="seconds")) == (moment.replace(microsecond=0), "second")


@settings(max_examples=50, deadline=None)
@given(
    st.text(alphabet="0123456789٠١٢٣٤٥٦٧٨٩ /:-.,TZ+هـمصأغسطسآبصفر", max_size=30), st.sampled_from([None, "SA", "MA"])
)
def test_no_text_breaks_the_reading(words: str, country: str | None) -> None:
    found = read_date(words, country=country)

    assert found is None or found[0].utcoffset() == timedelta(0)
