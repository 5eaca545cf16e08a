"""What a link's title, date and language say against fetching it, and when they say nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from corpus.types import Concept, Prospect, SkippedLink, Topic
from corpus.urls import normalise
from crawler.catalogue import load
from pipelines.focus import believable, day_in_path, is_on_topic, prospect, still_doubted

SUMMIT = load(None).topic("alaska-summit")  # 2025-08-01 to 2025-12-31
OTHER = "أسعار الذهب ترتفع في الأسواق المحلية اليوم"


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "title",
    [
        "ترامب يستقبل بوتين على مدرج قاعدة عسكرية",
        "بألاسكا: كل ما نعرفه عن الموعد والمكان",  # behind a preposition
        "كييف تترقب ما ستسفر عنه المحادثات غدا",  # names only what is optional
    ],
)
def test_a_title_that_names_a_concept_of_the_topic_speaks_for_its_page(title: str) -> None:
    assert prospect(SUMMIT, title=title) == Prospect(names_topic=True)


def test_a_window_may_be_as_long_as_there_are_days() -> None:
    ever = replace(SUMMIT, since=date.min, until=date.max)

    for published_at in (day("0001-01-01"), day("9999-12-31")):
        assert prospect(ever, title="قمة ترامب", published_at=published_at).doubt is None


def test_a_title_of_four_words_that_names_none_speaks_against_it() -> None:
    told = prospect(SUMMIT, title=OTHER)

    assert told == Prospect(doubt="title", reason=f"its title names nothing of the topic: {OTHER}")


@pytest.mark.parametrize(
    "title",
    [
        None,
        "",
        "عاجل",
        "صور من اللقاء",
        "بعد ثلاث ساعات من المحادثات المغلقة في القاعدة…",  # cut off: the names may follow
        "بعد ثلاث ساعات من الانتظار الطويل في القاعدة ...",
        "Read more about this article here",
        "Ø§Ù„Ø°Ù‡Ø¨ ÙŠØ±ØªÙØ¹ ÙÙŠ Ø§Ù„Ø£Ø³ÙˆØ§Ù‚",  # decoded wrongly
    ],
)
def test_what_is_no_whole_arabic_title_says_nothing(title: str | None) -> None:
    assert prospect(SUMMIT, title=title).doubt is None


ADDRESS = "http://alwaha.example/economy/"


def prospect_of(slug: str, **told: Any) -> Prospect:
    return prospect(SUMMIT, address=normalise(ADDRESS + slug), **told)


def test_where_no_title_is_told_the_words_of_the_address_speak_for_or_against_its_page() -> None:
    slug = "-".join([*OTHER.split(), "1001.html"])

    assert prospect_of("1001-ترامب-وبوتين").names_topic
    assert prospect_of(slug) == Prospect(doubt="address", reason=f"its address names nothing of the topic: {OTHER}")
    assert prospect_of(slug, title="بوتين يصل إلى ألاسكا").names_topic
    assert prospect_of(slug, summary="قال ترامب إن الرسوم ستبقى").names_topic


@pytest.mark.parametrize(
    "slug",
    [
        "ارتفاع-أسعار-الذهب-عالميا-بعد-قرار",  # six words: others were left out
        "1001",
        "oil-prices-rise-again-in-all-markets",
        "أسعار-الخضار-ترتفع-في-الأسواق-مجددا",  # as long as WordPress lets it be: the names may follow
    ],
)
def test_an_address_that_may_not_say_all_says_nothing(slug: str) -> None:
    assert prospect_of(slug) == Prospect()


def test_an_address_that_was_spoken_against_is_so_until_the_topic_changes() -> None:
    url = str(normalise(ADDRESS + "-".join(OTHER.split())))
    link = SkippedLink(id=1, url=url, title=None, published_at=None, doubt="address", reason="")
    named = replace(SUMMIT, concepts=(*SUMMIT.concepts, Concept(name="x", aliases=(OTHER.split(maxsplit=1)[0],))))

    assert still_doubted(SUMMIT, link)
    assert not still_doubted(named, link)


def test_a_summary_that_names_a_concept_counts_as_a_title_does() -> None:
    assert prospect(SUMMIT, title=OTHER, summary="قال ترامب إن الرسوم ستبقى").names_topic


@pytest.mark.parametrize(
    ("published", "doubt"),
    [
        ("2025-07-30", "date"),
        ("2025-07-31", None),  # a day of grace: it may be August there
        ("2025-08-01", None),
        ("2025-12-31T23:59", None),
        ("2026-01-01T10:00", None),
        ("2026-01-02", "date"),
    ],
)
def test_a_date_more_than_a_day_outside_the_window_speaks_against_it(published: str, doubt: str | None) -> None:
    told = prospect(SUMMIT, title="قمة ترامب وبوتين في ألاسكا", published_at=day(published))

    assert told.doubt == doubt
    assert told.reason == (f"published on {published[:10]}, outside 2025-08-01 to 2025-12-31" if doubt else None)


@pytest.mark.parametrize(("changed", "doubt"), [("2025-07-30", "changed"), ("2025-07-31", None), ("2026-11-01", None)])
def test_a_page_that_was_last_changed_before_the_window_was_published_before_it(
    changed: str, doubt: str | None
) -> None:
    assert prospect(SUMMIT, changed_at=day(changed)).doubt == doubt


def test_a_topic_without_a_window_has_no_dates_to_object_to() -> None:
    open_ended = Topic(id="t", title="t", concepts=(Concept(name="قمة", aliases=("قمة",)),))

    assert prospect(open_ended, published_at=day("1999-01-01"), changed_at=day("1999-01-01")) == Prospect()


@pytest.mark.parametrize(
    ("language", "title", "doubt"),
    [
        ("en", "Summit ends", "language"),
        ("English", None, "language"),
        ("en", "قمة ألاسكا", None),  # a plugin that came with English
        ("ar-JO", "AFP", None),
        ("Arabic", None, None),
        (None, "Summit ends", None),
    ],
)
def test_another_language_speaks_against_it_unless_the_title_is_arabic(
    language: str | None, title: str | None, doubt: str | None
) -> None:
    assert prospect(SUMMIT, title=title, language=language).doubt == doubt


@pytest.mark.parametrize(
    ("doubt", "title", "published", "reason", "still"),
    [
        ("title", OTHER, None, "", True),
        ("title", "ترامب يلتقي بوتين في قاعدة عسكرية", None, "", False),
        ("date", None, "2025-07-01", "", True),
        ("date", None, "2025-09-01", "", False),
        ("changed", None, None, "last changed on 2025-07-01, before 2025-08-01 to 2025-12-31", True),
        ("changed", None, None, "last changed on 2025-07-01, before 2025-07-15 to 2025-12-31", False),
        ("language", "Summit ends in Alaska today", None, "", True),
    ],
)
def test_what_was_skipped_is_looked_at_again_when_the_topic_has_changed(
    doubt: Any, title: str | None, published: str | None, reason: str, still: bool
) -> None:
    link = SkippedLink(
        id=1,
        url="http://alwaha.example/1",
        title=title,
        published_at=day(published) if published else None,
        doubt=doubt,
        reason=reason,
    )

    assert still_doubted(SUMMIT, link) is still


def test_a_link_inside_an_article_is_on_topic_when_it_names_two_of_its_concepts() -> None:
    one_concept = Topic(id="t", title="t", concepts=(Concept(name="درنة", aliases=("درنة",)),))

    assert is_on_topic(SUMMIT, "ماذا بعد لقاء ترامب؟")
    assert not is_on_topic(SUMMIT, "ترامب يرفع الرسوم على الصين")
    assert is_on_topic(one_concept, "سيول درنة")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/2025/08/15/summit", date(2025, 8, 15)),
        ("/story/2025/8/5/summit/3", date(2025, 8, 5)),
        ("/news/2025-08-15", date(2025, 8, 15)),
        ("/1447/02/21/summit", None),  # Hijri
        ("/2025/02/31/x", None),
        ("/2025/08/x", None),
        ("/news/20250815", None),
        ("/20250815/قمة-ألاسكا-1103806792.html", date(2025, 8, 15)),
        ("/ar/أخبار/20250815-قمة-ألاسكا", date(2025, 8, 15)),
        ("/20250815/1905", None),
        ("/2025/08/155", None),
    ],
)
def test_the_day_in_a_path_is_the_day_of_its_page(path: str, found: date | None) -> None:
    moment = day_in_path(str(normalise(f"http://alwaha.example{path}")))

    assert (moment.date() if moment else None) == found


def test_a_date_that_no_page_can_have_is_no_date() -> None:
    now = day("2026-11-01")

    assert believable(day("1970-01-01"), now=now) is None
    assert believable(now + timedelta(days=3), now=now) is None
    assert believable(now + timedelta(hours=5), now=now) == now + timedelta(hours=5)
