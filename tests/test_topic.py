"""Topics: the shipped topic of the summit, and why an article is on it or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from corpus.types import Article, Concept, Precision, Topic, TopicMatch
from crawler.catalogue import load
from pipelines.topic import LEAD_WORDS, OFTEN, judge, missing, names_in

SUMMIT = load(None).topic("alaska-summit")
IN_WINDOW = datetime(2025, 8, 16, 9, tzinfo=UTC)

LEAD = "التقى دونالد ترامب نظيره فلاديمير بوتين في قاعدة عسكرية قرب أنكوريج، في قمة استمرت ثلاث ساعات."
FILLER = "تحدثت الصحف عن الطقس والمطر والبحر والأسواق وأسعار الخضار في المدينة. " * 10


def judged(
    title: str,
    text: str,
    *,
    topic: Topic = SUMMIT,
    published_at: datetime | None = IN_WINDOW,
    precision: Precision | None = None,
) -> TopicMatch:
    article = Article(
        url="",
        title=title,
        text=text,
        language="ar",
        fetched_at=IN_WINDOW,
        published_at=published_at,
        published_precision=precision,
    )
    return judge(topic, article)


def test_a_report_that_names_all_in_title_and_lead_is_on_topic() -> None:
    match = judged("قمة ترامب وبوتين في ألاسكا", LEAD)

    assert match.on_topic
    assert {"ترامب", "بوتين", "ألاسكا", "القمة"} <= set(match.names)


def test_a_title_weighs_more_than_a_lead() -> None:
    in_title = judged("قمة ترامب وبوتين في ألاسكا", FILLER)
    in_lead = judged("صور اليوم", "قمة ترامب وبوتين في ألاسكا. " + FILLER)

    assert in_title.score > in_lead.score > 0


def test_a_report_that_names_all_in_the_lead_alone_is_on_topic() -> None:
    assert judged("ماذا حدث ليلة الجمعة؟", LEAD).on_topic


def test_what_first_comes_up_after_the_lead_is_background() -> None:
    match = judged("كييف تطلب دفاعات جوية جديدة", FILLER + LEAD)

    assert len(FILLER.split()) > LEAD_WORDS
    assert not match.on_topic
    assert match.reason.startswith(f"scores {match.score:.2f}, under 0.65")


def test_what_comes_up_often_is_more_than_background() -> None:
    once = judged("تحليل", FILLER + LEAD)
    often = judged("تحليل", FILLER + LEAD * OFTEN)

    assert often.score > once.score


def test_a_report_without_a_required_concept_is_off_topic_whatever_it_scores() -> None:
    match = judged("قمة ترامب وزيلينسكي في ألاسكا", "التقى ترامب زيلينسكي في أنكوريج لبحث هدنة في أوكرانيا.")

    assert not match.on_topic
    assert match.reason == "never names بوتين"


@pytest.mark.parametrize(
    ("published_at", "on_topic"),
    [
        (datetime(2025, 7, 31, 23, 59, tzinfo=UTC), False),
        (datetime(2025, 8, 1, tzinfo=UTC), True),
        (datetime(2025, 12, 31, 23, 59, tzinfo=UTC), True),
        (datetime(2026, 1, 1, tzinfo=UTC), False),
        (None, True),
    ],
)
def test_the_window_includes_both_its_days_and_the_undated(published_at: datetime | None, on_topic: bool) -> None:
    match = judged("قمة ترامب وبوتين في ألاسكا", LEAD, published_at=published_at)

    assert match.on_topic is on_topic


@pytest.mark.parametrize(("day", "on_topic"), [(9, False), (10, True), (20, True), (21, False)])
def test_a_window_may_begin_and_end_within_a_month(day: int, on_topic: bool) -> None:
    narrow = replace(SUMMIT, since=date(2025, 8, 10), until=date(2025, 8, 20))
    published_at = datetime(2025, 8, day, 12, tzinfo=UTC)

    match = judged("قمة ترامب وبوتين في ألاسكا", LEAD, topic=narrow, published_at=published_at)

    assert match.on_topic is on_topic


@pytest.mark.parametrize(("month", "on_topic"), [(7, False), (8, True), (9, False)])
def test_a_month_that_the_window_touches_is_inside(month: int, on_topic: bool) -> None:
    around_the_summit = replace(SUMMIT, since=date(2025, 8, 10), until=date(2025, 8, 20))

    match = judged(
        "قمة ترامب وبوتين في ألاسكا",
        LEAD,
        topic=around_the_summit,
        published_at=datetime(2025, month, 1, tzinfo=UTC),
        precision="month",
    )

    assert match.on_topic is on_topic


def test_a_report_from_outside_the_window_says_its_day_and_the_window() -> None:
    match = judged("قمة ترامب وبوتين في ألاسكا", LEAD, published_at=datetime(2018, 7, 16, tzinfo=UTC))

    assert match.reason == "published on 2018-07-16, outside 2025-08-01 to 2025-12-31"


def test_a_report_about_an_excluded_subject_is_off_topic() -> None:
    match = judged("قمة هلسنكي بين ترامب وبوتين: سبع سنوات قبل ألاسكا", LEAD)

    assert not match.on_topic
    assert match.reason == "is about هلسنكي 2018, which the topic excludes"


def test_an_excluded_subject_in_passing_does_no_harm() -> None:
    assert judged("قمة ترامب وبوتين في ألاسكا", LEAD + FILLER + "وذكّر اللقاء بما كان في قمة هلسنكي.").on_topic


@pytest.mark.parametrize(
    "title",
    [
        "قمة ترمب وبوتين في ألاسكا",
        "قمة ترامپ وبوتين في آلاسكا",
        "قِمّة تْرامب وبوتيـــن بألاسكا",
        "لقاء الرئيس الأمريكى والرئيس الروسى فى أنكوراج",
        "بوتن وترامب.. محادثات في إلمندورف",
        "لألاسكا وترمب ولبوتين: القمة الروسية الأميركية",
    ],
)
def test_every_spelling_is_the_same_name(title: str) -> None:
    match = judged(title, FILLER)

    assert {"ترامب", "بوتين", "ألاسكا", "القمة"} <= set(match.names)
    assert match.on_topic


def topic_of(*aliases: str) -> Topic:
    return Topic(id="t", title="t", concepts=(Concept(name="c", aliases=aliases, role="required"),))


@pytest.mark.parametrize(
    ("alias", "title"),
    [
        ("انتخابات بلدية", "اللجنة العامة للانتخابات البلدية تعلن اكتمال الاستعدادات"),
        ("اتفاق نووي", "طهران توقع اتفاقا نوويا مع القوى الكبرى"),
        ("حرب أهلية سورية", "ما بعد الحرب الأهلية السورية"),
        ("عبد الفتاح السيسي", "لقاء مع عبدالفتاح السيسي في القاهرة"),
        ("عبدالملك الحوثي", "خطاب لعبد الملك الحوثي"),
        ("أبوظبي", "إلى أبو ظبي"),
        ("الليرة", "أدنى مستوى لليرة منذ عام"),
        ("هجوم", "يشنون هجوماً على القاعدة"),
        ("F-35", "مقاتلات الـF-35 تصل"),
        ("F-35", "مقاتلات F35 تصل"),
        ("كوفيد-19", "إصابات بكوفيد١٩"),
        ("COP30", "قمة COP 30 في بيليم"),
        ("تل أبيب", "اتصالات بين طهران وتل أبيب"),
        ("سد النهضة", "الملء الخامس لسد النهضة"),
        ("دونالد ترامب", "وصول دونالد ترمب إلى الرياض"),
        ("أبو عبيدة", "كلمة لأبي عبيدة مساء اليوم"),
    ],
)
def test_a_name_is_found_however_it_is_joined_and_declined(alias: str, title: str) -> None:
    assert names_in(topic_of(alias), title) == {"c"}
    assert missing(topic_of(alias), title) is None


@pytest.mark.parametrize(
    ("alias", "title"),
    [
        ("محمد علي", "تعيين محمد العلي وزيرا للصحة"),
        ("محمد علي", "تعيين محمد وعلي وزيرين للصحة"),
        ("صيد", "قتيلان في صيدا جنوب لبنان"),
        ("سوري", "ثلاثة قتلى في سوريا"),
        ("الهلال", "هلال رمضان يثبت غدا"),
        ("الشباب", "وفاة شاب في حادث سير"),
    ],
)
def test_a_name_is_not_found_in_another(alias: str, title: str) -> None:
    assert names_in(topic_of(alias), title) == set()


def test_part_of_a_word_is_not_a_name() -> None:
    match = judged("مترامبون في بوتينية ألاسكاوي", FILLER)

    assert match.names == ()


def test_the_aliases_found_are_spelled_as_in_the_topic_file() -> None:
    match = judged("قمة ترمب وبوتين في أنكوراج", FILLER)

    assert set(match.matched) == {"ترمب", "بوتين", "أنكوراج", "قمة"}


def test_a_match_says_its_score_and_what_it_names() -> None:
    match = judged("قمة ترامب وبوتين في ألاسكا", FILLER)

    assert match.topic_id == "alaska-summit"
    assert match.reason == f"scores {match.score:.2f}: names ترامب, بوتين, ألاسكا, القمة"


def test_an_article_that_names_nothing_scores_nothing() -> None:
    match = judged("أسعار الخضار", FILLER)

    assert (match.score, match.names, match.matched) == (0.0, (), ())
    assert match.reason == "never names ترامب"


def test_an_article_without_words_is_off_topic() -> None:
    assert not judged("", "").on_topic


def test_a_score_is_the_mean_of_the_best_places_by_weight() -> None:
    topic = Topic(
        id="t",
        title="t",
        concepts=(
            Concept(name="القمح", aliases=("القمح",), weight=3.0),
            Concept(name="الميناء", aliases=("الميناء",), weight=1.0),
        ),
    )

    match = judged("سعر القمح", "قال التجار إن سعر القمح ارتفع.", topic=topic, published_at=None)

    assert match.score == 0.75
    assert match.on_topic
