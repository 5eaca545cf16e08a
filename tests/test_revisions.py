"""Edited articles: what counts as an edit, what is kept of the version before, and that all that is derived follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from corpus import ask, keep, shown_lists, similar_lists
from corpus.directives import as_it_may_be_kept
from corpus.query import parse
from corpus.revisions import differing, history
from corpus.search import search
from corpus.sketch import sketch
from corpus.store import Connection, articles, revisions
from corpus.store.database import Database
from corpus.types import Article, Filter, Outcome
from corpus.weighing import TermCounts
from tests.storing import learn
from tests.texts import TEXTS, article

LATER = datetime(2025, 8, 21, tzinfo=UTC)
EDITED = TEXTS[1][1].replace("ساعات طويلة", "يوما كاملا")


def kept(connection: Connection, one: Article) -> keep.Kept:
    return keep.keep_article(connection, as_it_may_be_kept(one), sketch(one.title, one.text), counts=TermCounts())


def edited(**values: object) -> Article:
    return replace(article(1), fetched_at=LATER, **values)  # type: ignore[arg-type] # fields of an article


def test_what_was_edited_is_told_of_each_version(database: Database) -> None:
    with database.writing() as connection:
        one = kept(connection, article(1)).article_id or 0
        second = kept(connection, edited(text=EDITED))
        third = kept(connection, edited(text=EDITED, title="عنوان جديد"))

        steps = history(connection, ask.article(connection, one))

    assert second.reason == "edited (text): revision 2"
    assert third.reason == "edited (title): revision 3"
    assert [step.parts for step in steps] == [(), ("text",), ("title",)]
    assert [step.revision.number for step in steps] == [1, 2, 3]
    assert [step.revision.fetched_at for step in steps] == [article(1).fetched_at, LATER, LATER]
    assert [step.revision.text for step in steps] == [TEXTS[1][1], EDITED, EDITED]
    assert [(change.op, change.words) for change in steps[1].changes] == [
        ("cut", ("ساعات", "طويلة.")),
        ("added", ("يوما", "كاملا.")),
    ]


def test_a_transaction_that_fails_leaves_the_version_before(database: Database) -> None:
    with database.writing() as connection:
        one = kept(connection, article(1)).article_id or 0

    def edit_and_die() -> None:
        with database.writing() as connection:
            kept(connection, edited(text=EDITED))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        edit_and_die()

    with database.reading() as connection:
        assert ask.article(connection, one).article == article(1)
        assert revisions.earlier(connection, one) == []


def test_copies_lists_and_search_follow_the_newest_version(database: Database) -> None:
    with database.writing() as connection:
        one, copy, other = (
            kept(connection, some).article_id or 0 for some in (article(1), article(1, outlet="sahil"), article(2))
        )
        kept(connection, edited(title=TEXTS[3][0], text=TEXTS[3][1]))

        groups = articles.groups_of(connection, [one, copy])
        named = {entry for entry, _ in similar_lists.stored_list(connection, other)}
        old, new = (
            {hit.article.id for hit in search(connection, parse(word), Filter(), limit=9)}
            for word in ("المصافحة", "معرض")
        )

    assert groups[one] != groups[copy]
    assert one not in named
    assert copy in named
    assert old == {copy}
    assert new == {one}


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ({}, {"published_at": datetime(2025, 8, 15, 14, tzinfo=UTC)}, ("date",)),
        ({}, {"published_at": datetime(2025, 8, 15, tzinfo=UTC), "published_precision": "day"}, ()),
        ({}, {"published_at": datetime(2025, 8, 1, tzinfo=UTC), "published_precision": "month"}, ()),
        ({}, {"published_at": datetime(2025, 8, 12, tzinfo=UTC), "published_precision": "day"}, ("date",)),
        ({}, {"published_at": None, "published_precision": None}, ()),
        ({"published_from": "modified"}, {"published_from": "modified", "published_at": LATER}, ()),
        (
            {"published_from": "text", "published_precision": "day"},
            {
                "published_from": "text",
                "published_precision": "day",
                "published_at": article(1).published_at + timedelta(days=1),  # type: ignore[operator] # it has a date
            },
            (),
        ),
        ({}, {"author": "ليلى حداد", "tags": ("قمة",), "image": "http://a.example/1.jpg"}, ()),
        ({"directives": ("noarchive",)}, {}, ()),
    ],
)
def test_a_date_that_is_only_told_otherwise_is_no_edit(
    before: dict[str, object], after: dict[str, object], parts: tuple[str, ...]
) -> None:
    a = as_it_may_be_kept(replace(article(1), **before))  # type: ignore[arg-type] # fields of an article

    assert differing(a, replace(article(1), **before | after)) == parts  # type: ignore[arg-type]


def test_a_new_policy_is_kept_and_no_edit(database: Database) -> None:
    asking = replace(article(1), directives=("tdm-reservation",), tdm_policy="http://a.example/old")
    with database.writing() as connection:
        one = kept(connection, asking).article_id or 0
        told = kept(connection, replace(asking, tdm_policy="http://a.example/new"))

        assert told.reason == "stored anew, the page is read otherwise now"
        assert ask.article(connection, one).article.tdm_policy == "http://a.example/new"


def test_a_new_date_is_a_revision(database: Database) -> None:
    noon = datetime(2025, 8, 15, 20, tzinfo=UTC)
    with database.writing() as connection:
        one = kept(connection, article(1)).article_id or 0
        told = kept(connection, edited(published_at=noon))

        assert told.reason == "edited (date): revision 2"
        assert [step.parts for step in history(connection, ask.article(connection, one))] == [(), ("date",)]
        assert articles.find(connection, Filter(), sort="newest") == [one]
        assert ask.article(connection, one).article.published_at == noon


@pytest.mark.parametrize("before", [{"published_at": None, "published_from": None}, {"published_from": "modified"}])
def test_a_date_that_is_known_only_now_is_stored_and_no_edit(database: Database, before: dict[str, object]) -> None:
    undated = {"published_precision": None, **before}
    with database.writing() as connection:
        one = kept(connection, replace(article(1), **undated)).article_id or 0  # type: ignore[arg-type]
        told = kept(connection, edited())

        assert told.reason == "stored anew, the page is read otherwise now"
        assert ask.article(connection, one).article.published_precision == "minute"
        assert revisions.earlier(connection, one) == []
        assert kept(connection, edited(**undated)).outcome is Outcome.UNCHANGED


def test_what_our_reading_takes_out_is_no_edit(database: Database) -> None:
    line = "تابعوا صفحات الصحيفة على منصات التواصل"
    with database.writing() as connection:
        one = kept(connection, edited(text=f"{TEXTS[1][1]}\n{line}")).article_id or 0
        for number in (2, 3):
            learn(connection, replace(article(number), text=f"{article(number).text}\n{line}"))
        learn(connection, edited(text=f"{TEXTS[1][1]}\n{line}"))
        told = kept(connection, edited())

        assert told.outcome is Outcome.KEPT
        assert revisions.earlier(connection, one) == []
        assert ask.article(connection, one).article.text == TEXTS[1][1]


def test_earlier_texts_go_when_the_page_comes_to_ask_for_it(database: Database) -> None:
    with database.writing() as connection:
        one = kept(connection, article(1)).article_id or 0
        kept(connection, edited(text=EDITED))
        kept(connection, edited(text=EDITED, directives=("noarchive",)))

        (before,) = revisions.earlier(connection, one)
        steps = history(connection, ask.article(connection, one))

    assert before.text is None
    assert before.title == TEXTS[1][0]
    assert [step.revision.text for step in steps] == [None, None]


def test_revisions_go_with_their_article(database: Database) -> None:
    with database.writing() as connection:
        one = kept(connection, article(1)).article_id or 0
        kept(connection, edited(text=EDITED))
        keep.forget(connection, [one])

        assert revisions.counts(connection, [one]) == {}


def test_a_similar_list_shows_a_copy_in_place_of_what_is_gone(database: Database) -> None:
    with database.writing() as connection:
        one, copy, other = (
            kept(connection, some).article_id or 0
            for some in (article(1), article(1, outlet="sahil", hours=1), article(2))
        )

        def shown() -> list[int]:
            return [row.id for row in shown_lists.similar(connection, other, Filter(), limit=9)]

        both = shown()
        articles.set_gone(connection, both[0], LATER)
        one_left = shown()
        articles.set_gone(connection, one_left[0], LATER)
        none_left = shown()

    assert {*both, *one_left} == {one, copy}
    assert none_left == []


def test_since_when_an_article_is_gone_is_when_it_was_first_found_missing(database: Database) -> None:
    with database.writing() as connection:
        one = kept(connection, article(1)).article_id or 0
        articles.set_gone(connection, one, LATER)
        articles.set_gone(connection, one, LATER + timedelta(days=1))

        assert ask.article(connection, one).gone_at == LATER
