"""Similar lists: other texts on the same subject, one of each copy group, with reasons, kept up to date both ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.arabic import bare
from corpus.errors import NotStored
from corpus.list_entries import LIST_LENGTH
from corpus.shown_lists import similar, similar_to_text, similar_with_copies
from corpus.similar import SIGNALS
from corpus.similar_lists import renew, stored_list
from corpus.sketch import sketch
from corpus.store import Connection, articles
from corpus.store.database import Database
from corpus.terms import lemma
from corpus.types import Article, Filter, SimilarArticle, TopicMatch
from corpus.vector import places_of
from tests.storing import store
from tests.texts import TEXTS, article

ALL = Filter()


def report(title: str, text: str, *, outlet: str = "atlas", hours: float = 0) -> Article:
    one = article(1, outlet=outlet, hours=hours)
    return replace(one, url=f"http://{outlet}.example/{title.replace(' ', '-')}", title=title, text=text)


SUMMIT, AFTER, FAIR = article(1), article(2), article(3)
COPY = article(1, outlet="sahil", hours=3)
EDITED = replace(
    article(1, outlet="manar", hours=5),
    text=TEXTS[1][1].replace("صباح الجمعة", "فجر اليوم").replace("ساعات طويلة", "يوما كاملا"),
)
EUROPE = report(
    "أوروبا تراقب لقاء ترامب وبوتين",
    "دعا قادة أوروبيون إلى إشراك كييف في أي محادثات بين ترامب وبوتين حول وقف إطلاق النار في أوكرانيا.\n"
    "ورأى دبلوماسي أن الرئيسان يعرفان أن أي هدنة تحتاج إلى ضمانات تكتبها العواصم الأوروبية.",
    outlet="atlas",
    hours=30,
)
POETRY = report(
    "أمسية شعرية في معرض الكتاب",
    "أقام معرض الكتاب في عمّان أمسية شعرية حضرها زوار كثيرون، وتحدث مدير المعرض عن الترجمة وعن دور النشر.",
    outlet="hijaz",
    hours=50,
)


def topic(name: str, *names: str) -> TopicMatch:
    return TopicMatch(topic_id=name, score=0.9, matched=names, names=names, on_topic=True, reason="")


ABOUT_SUMMIT = (topic("summit", "ترامب", "بوتين"),)


def ids_of(rows: list[SimilarArticle]) -> list[int]:
    return [row.id for row in rows]


def terms_of(row: SimilarArticle) -> list[str]:
    terms = row.why["terms"]
    assert isinstance(terms, list)
    return terms


def explained(row: SimilarArticle) -> float:
    """The score that the values of its signals make."""
    told = row.why["signals"]
    assert isinstance(told, dict)
    weights = {signal.name: signal.weight for signal in SIGNALS if signal.name in told}
    return sum(weight * float(told[name]) for name, weight in weights.items()) / sum(weights.values())


# As bytes: drawn at once, where each number of a list or set is drawn, and a set's often again.
NUMBERS = st.binary(max_size=12).map(lambda drawn: [byte % 11 - 5 for byte in drawn])


@given(NUMBERS.map(set), NUMBERS, st.sampled_from([1, 1 << 16, (1 << 16) + 1]))
def test_shared_terms_are_found_whatever_the_bits_of_their_keys(own: set[int], others: list[int], apart: int) -> None:
    keys, theirs = (np.array(some, dtype=np.int64) * apart for some in (sorted(own), others))

    places, found = places_of(keys, theirs)

    assert found.tolist() == [place for place, key in enumerate(others) if key in own]
    assert keys[places].tolist() == theirs[found].tolist()


def test_a_list_has_neither_the_article_nor_its_copies(database: Database) -> None:
    with database.writing() as connection:
        one, copy, edited, after, _ = store(connection, SUMMIT, COPY, EDITED, AFTER, FAIR)

        for member in (one, copy, edited):
            assert ids_of(similar(connection, member, ALL, limit=10)) == [after]


def test_a_list_has_one_article_of_each_copy_group(database: Database) -> None:
    with database.writing() as connection:
        one, copy, edited, after = store(connection, SUMMIT, COPY, EDITED, AFTER)
        (row,) = similar(connection, after, ALL, limit=10)

    assert row.id in (one, copy, edited)
    assert row.copies == 2


def test_a_copy_that_is_found_later_leaves_one_of_its_group_in_a_list(database: Database) -> None:
    with database.writing() as connection:
        after, _, _ = store(connection, AFTER, SUMMIT, EUROPE)
        before = len(similar(connection, after, ALL, limit=10))
        store(connection, COPY, EDITED)

        assert len(similar(connection, after, ALL, limit=10)) == before == 2


def test_all_copies_are_listed_when_asked_for(database: Database) -> None:
    with database.writing() as connection:
        one, copy, edited, after = store(connection, SUMMIT, COPY, EDITED, AFTER)
        of_one = similar_with_copies(connection, one, ALL, limit=10)
        of_after = similar_with_copies(connection, after, ALL, limit=10)

    assert {row.id for row in of_one[:2]} == {copy, edited}
    assert [row.score for row in of_one[:2]] == [1.0, 1.0]
    assert ids_of(of_one[2:]) == [after]
    assert sorted(ids_of(of_after)) == [one, copy, edited]


def test_scores_fall_from_the_first_row_to_the_last(database: Database) -> None:
    with database.writing() as connection:
        after, *_ = store(connection, AFTER, POETRY, EUROPE, SUMMIT, FAIR)
        rows = similar(connection, after, ALL, limit=10)

    scores = [row.score for row in rows]
    assert len(rows) >= 2
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)


def test_limit_keeps_the_best(database: Database) -> None:
    with database.writing() as connection:
        after, *_ = store(connection, AFTER, EUROPE, SUMMIT)

        assert similar(connection, after, ALL, limit=1) == similar(connection, after, ALL, limit=10)[:1]


def test_another_subject_is_not_similar(database: Database) -> None:
    with database.writing() as connection:
        after, fair, _, _, poetry = store(connection, AFTER, FAIR, SUMMIT, EUROPE, POETRY)

        assert not {fair, poetry} & set(ids_of(similar(connection, after, ALL, limit=10)))
        assert ids_of(similar(connection, fair, ALL, limit=10)) == [poetry]


def test_the_reasons_are_words_that_both_articles_have(database: Database) -> None:
    with database.writing() as connection:
        (_, after) = store(connection, SUMMIT, AFTER, topics=ABOUT_SUMMIT)
        (row,) = similar(connection, after, ALL, limit=10)

    words = {one.url: bare(f"{one.title} {one.text}").split() for one in (SUMMIT, AFTER)}
    written = {bare(word) for word in terms_of(row)}
    assert {"ترامب", "بوتين"} <= written
    assert written <= set(words[SUMMIT.url]) | set(words[AFTER.url])
    for of_one in words.values():
        assert {lemma(word) for word in written} <= {lemma(word) for word in of_one}
    assert row.why["entities"] == ["بوتين", "ترامب"]


def test_what_shares_one_word_alone_has_it_for_a_reason(database: Database) -> None:
    asked = report("", "أنكوريج")
    with database.writing() as connection:
        store(connection, SUMMIT, AFTER, POETRY)
        rows = similar_to_text(connection, asked, sketch(asked.title, asked.text), topics=(), wanted=ALL, limit=10)

    assert rows
    assert [terms_of(row) for row in rows] == [["أنكوريج"]] * len(rows)


def test_a_new_article_enters_the_stored_lists_of_old_ones(database: Database) -> None:
    with database.writing() as connection:
        (summit,) = store(connection, SUMMIT)
        before = similar(connection, summit, ALL, limit=10)
        (after,) = store(connection, AFTER)
        (there,) = similar(connection, summit, ALL, limit=10)
        (back,) = similar(connection, after, ALL, limit=10)

    assert before == []
    assert (there.id, back.id) == (after, summit)
    assert (there.score, there.why["signals"]) == (back.score, back.why["signals"])
    assert {lemma(term) for term in terms_of(there)} == {lemma(term) for term in terms_of(back)}


def test_a_full_list_gives_up_its_last_row_for_a_better_one(database: Database) -> None:
    crowd = [
        report(f"محادثات {i}", f"تتواصل المحادثات في أنكوريج. {'تفاصيل' * (i + 1)}") for i in range(LIST_LENGTH + 2)
    ]
    with database.writing() as connection:
        summit, *_ = store(connection, SUMMIT, *crowd)
        full = [entry for entry, _ in stored_list(connection, summit)]
        (after,) = store(connection, AFTER)
        now = [entry for entry, _ in stored_list(connection, summit)]

    assert len(full) == len(now) == LIST_LENGTH
    assert after in now
    assert set(full[:-1]) <= set(now)


def test_an_article_with_a_new_text_leaves_the_lists_of_the_old_subject(database: Database) -> None:
    with database.writing() as connection:
        summit, after, poetry = store(connection, SUMMIT, AFTER, POETRY)
        store(connection, replace(SUMMIT, title=FAIR.title, text=FAIR.text))

        assert ids_of(similar(connection, after, ALL, limit=10)) == []
        assert ids_of(similar(connection, poetry, ALL, limit=10)) == [summit]
        assert ids_of(similar(connection, summit, ALL, limit=10)) == [poetry]


def test_an_article_that_is_not_stored_has_no_list(database: Database) -> None:
    with database.reading() as connection, pytest.raises(NotStored, match="There is no article 7: 0 are stored"):
        similar(connection, 7, ALL, limit=10)


def listed_for_text(connection: Connection, one: Article, topics: tuple[TopicMatch, ...]) -> list[SimilarArticle]:
    return similar_to_text(connection, one, sketch(one.title, one.text), topics=topics, wanted=ALL, limit=10)


@pytest.mark.parametrize("last", [SUMMIT, AFTER, FAIR, EDITED], ids=lambda one: one.url)
def test_the_list_of_a_text_is_that_of_the_stored_article(database: Database, last: Article) -> None:
    others = [one for one in (SUMMIT, COPY, AFTER, FAIR, EUROPE, POETRY) if one != last]
    with database.writing() as connection:
        *_, one = store(connection, *others, last, topics=ABOUT_SUMMIT)
        of_stored = similar(connection, one, ALL, limit=10)

        assert listed_for_text(connection, last, ABOUT_SUMMIT) == of_stored != []


def test_a_weighing_makes_all_lists_again(database: Database) -> None:
    with database.writing() as connection:
        after, *_ = store(connection, AFTER, SUMMIT, EUROPE, FAIR, POETRY, topics=ABOUT_SUMMIT)
        before = similar(connection, after, ALL, limit=10)

        assert renew(connection)
        now = similar(connection, after, ALL, limit=10)
        assert now != before
        assert now == listed_for_text(connection, AFTER, ABOUT_SUMMIT)


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (Filter(since=date(2025, 8, 16)), [EUROPE]),
        (Filter(until=date(2025, 8, 15)), [SUMMIT]),
        (Filter(since=date(2025, 8, 15), until=date(2025, 8, 16)), [SUMMIT, EUROPE]),
        (Filter(source_id="atlas"), [EUROPE]),
        (Filter(source_id="sahil"), []),
        (Filter(topic_id="summit"), [SUMMIT]),
        (Filter(topic_id="weather"), []),
    ],
)
def test_a_filter_keeps_the_rows_that_pass(database: Database, wanted: Filter, left: list[Article]) -> None:
    with database.writing() as connection:
        (after,) = store(connection, AFTER)
        store(connection, SUMMIT, topics=ABOUT_SUMMIT)
        store(connection, EUROPE)
        rows = similar(connection, after, wanted, limit=10)

    assert {row.url for row in rows} == {one.url for one in left}


@pytest.mark.parametrize("most", [1, 2])
def test_of_one_outlet_so_many_are_listed_as_asked_for_the_best_of_them(database: Database, most: int) -> None:
    crowd = [
        report(f"محادثات {i}", f"تتواصل المحادثات في أنكوريج. {'تفاصيل ' * i}", outlet=outlet)
        for i, outlet in enumerate(["atlas", "atlas", "atlas", "manar", "manar"])
    ]
    with database.writing() as connection:
        after, *_ = store(connection, AFTER, *crowd)
        whole = similar(connection, after, ALL, limit=10)
        limited = similar(connection, after, ALL, limit=10, per_source=most)

    best = [row for i, row in enumerate(whole) if sum(row.source_id == one.source_id for one in whole[:i]) < most]
    assert len(whole) == 5
    assert limited == best


def test_where_the_best_of_a_copy_group_does_not_pass_a_copy_that_does_is_listed(database: Database) -> None:
    with database.writing() as connection:
        after, summit, _, edited = store(connection, AFTER, SUMMIT, COPY, EDITED)
        (best,) = similar(connection, after, ALL, limit=10)
        (row,) = similar(connection, after, Filter(source_id="manar"), limit=10)

        assert best.id != edited
        assert (row.id, row.copies) == (edited, 2)
        assert row.score == pytest.approx(explained(row), abs=0.001) != pytest.approx(best.score, abs=0.001)
        assert ids_of(similar(connection, after, Filter(source_id="alwaha"), limit=10)) == [summit]


def test_copies_that_are_listed_for_others_stand_where_their_own_scores_put_them(database: Database) -> None:
    whole = report(SUMMIT.title, f"{SUMMIT.text}\n{FAIR.text}", outlet="sahil", hours=1)
    part = report("في العاصمة", FAIR.text, outlet="manar", hours=2)
    with database.writing() as connection:
        after, _, _, europe = store(connection, AFTER, whole, part, replace(EUROPE, source_id="manar"))
        listed = similar(connection, after, ALL, limit=10)

        assert len(listed) == 2
        assert ids_of(similar(connection, after, Filter(source_id="manar"), limit=10)) == [europe]


def test_what_does_not_pass_takes_no_place_of_its_outlet(database: Database) -> None:
    early = report(SUMMIT.title, "محادثات ترامب وبوتين في القاعدة العسكرية في أنكوريج", hours=-48)
    late = report("المصافحة في ألاسكا", "تبادل الرئيسان المصافحة على سجادة حمراء في القاعدة العسكرية", hours=48)
    with database.writing() as connection:
        _, first, second = store(connection, SUMMIT, early, late)
        after = articles.id_of_url(connection, SUMMIT.url) or 0

        assert ids_of(similar(connection, after, ALL, limit=9, per_source=1)) == [first]
        assert ids_of(similar(connection, after, Filter(since=date(2025, 8, 16)), limit=9, per_source=1)) == [second]


def test_an_article_without_a_date_passes_no_limit_of_time(database: Database) -> None:
    undated = replace(SUMMIT, published_at=None, published_precision=None)
    with database.writing() as connection:
        after, _ = store(connection, AFTER, undated)

        assert len(similar(connection, after, ALL, limit=10)) == 1
        for wanted in (Filter(since=date(2000, 1, 1)), Filter(until=date(2100, 1, 1))):
            assert similar(connection, after, wanted, limit=10) == []


def test_of_two_alike_the_one_nearer_in_time_comes_first(database: Database) -> None:
    # Too short to be copies of each other.
    near = report("محادثات أنكوريج", "ترامب وبوتين في أنكوريج", outlet="near")
    later = report("محادثات أنكوريج", "ترامب وبوتين في أنكوريج", outlet="later", hours=240)
    with database.writing() as connection:
        summit, second, first = store(connection, SUMMIT, later, near)

        assert ids_of(similar(connection, summit, ALL, limit=10)) == [first, second]
