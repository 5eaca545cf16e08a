"""Near-copies: what kind of copy two texts are, what is none, and which texts make one copy group."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.near_copy import Comparable, compare, groups, latest
from corpus.signature import unpack_shingles
from corpus.sketch import sketch
from corpus.types import CopyKind, NearCopy, Precision
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


def comparable(text: str, *, id: int = 1, source: str | None = None) -> Comparable:  # noqa: A002 - the field's name
    made = sketch("عنوان", text)
    return Comparable(
        id=id,
        shingles=unpack_shingles(made.shingles),
        text_hash=made.text_hash,
        numbers=frozenset(made.numbers),
        source_id=source,
        published_by=NOON + timedelta(hours=id),
    )


def compared(a: str, b: str, *, sources: tuple[str | None, str | None] = ("alwaha", "almanara")) -> NearCopy | None:
    return compare(comparable(a, source=sources[0]), comparable(b, id=2, source=sources[1]))


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


def test_a_weather_bulletin_with_the_same_numbers_is_a_copy() -> None:
    reprinted = FRIDAY.replace("ودعت الدائرة", "ونصحت الأرصاد")

    assert kind(FRIDAY, reprinted) is CopyKind.REPRINT


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


@pytest.mark.parametrize(
    ("precision", "later"), [("second", 0), ("minute", 0), ("day", 24), (None, 24), ("month", 31 * 24)]
)
def test_a_date_that_names_only_its_day_may_be_its_end(precision: Precision | None, later: int) -> None:
    assert latest(NOON, precision) == NOON + timedelta(hours=later)
    assert latest(None, precision) is None


def bodiless(id: int, *, hour: int | None) -> Comparable:  # noqa: A002 - the field's name
    """An article of which only age and relations matter."""
    return Comparable(
        id=id,
        shingles=np.empty(0, dtype=np.uint64),
        text_hash=b"",
        numbers=frozenset(),
        source_id=None,
        published_by=None if hour is None else NOON + timedelta(hours=hour),
    )


def related(kind: CopyKind, jaccard: float) -> NearCopy:
    return NearCopy(kind=kind, jaccard=jaccard, containment_a=jaccard, containment_b=jaccard)


REPRINT, PARTIAL = related(CopyKind.REPRINT, 0.8), related(CopyKind.PARTIAL, 0.4)


def test_a_group_is_known_by_its_earliest_article() -> None:
    articles = [bodiless(1, hour=None), bodiless(2, hour=5), bodiless(3, hour=2), bodiless(4, hour=2)]

    assert groups(articles, {(1, 2): REPRINT, (2, 3): REPRINT}) == {1: 3, 2: 3, 3: 3, 4: 4}


def test_copies_of_copies_are_one_group() -> None:
    articles = [bodiless(id, hour=id) for id in (1, 2, 3, 4)]  # noqa: A001 - the field's name
    relations = {(1, 2): REPRINT, (2, 3): related(CopyKind.EXACT, 1.0), (3, 4): related(CopyKind.UPDATE, 0.7)}

    assert set(groups(articles, relations).values()) == {1}


def test_a_story_merged_from_two_joins_the_one_it_shares_most_with() -> None:
    articles = [bodiless(id, hour=id) for id in (1, 2, 3)]  # noqa: A001 - the field's name

    assert groups(articles, {(1, 3): PARTIAL, (2, 3): related(CopyKind.PARTIAL, 0.45)}) == {1: 1, 2: 2, 3: 2}


def test_of_two_that_a_story_shares_as_much_with_the_order_does_not_choose() -> None:
    articles = [bodiless(id, hour=id) for id in (1, 2, 3)]  # noqa: A001 - the field's name

    assert groups(articles, {(1, 3): PARTIAL, (2, 3): PARTIAL}) == groups(articles, {(2, 3): PARTIAL, (1, 3): PARTIAL})


RELATIONS = st.dictionaries(
    st.tuples(st.integers(1, 8), st.integers(1, 8)).filter(lambda pair: pair[0] < pair[1]),
    st.builds(related, st.sampled_from(CopyKind), st.sampled_from([0.3, 0.4, 0.45])),
    max_size=14,
)
HOURS = st.lists(st.none() | st.integers(0, 3), min_size=8, max_size=8)


@given(relations=RELATIONS, hours=HOURS, data=st.data())
@settings(max_examples=50, deadline=None)
def test_the_order_of_articles_and_relations_makes_no_difference(
    relations: dict[tuple[int, int], NearCopy], hours: list[int | None], data: st.DataObject
) -> None:
    articles = [bodiless(number, hour=hour) for number, hour in enumerate(hours, start=1)]
    shuffled = data.draw(st.permutations(articles))
    turned = dict(data.draw(st.permutations(list(relations.items()))))

    assert groups(shuffled, turned) == groups(articles, relations)
