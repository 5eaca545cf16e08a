"""Keeping articles: each once, with its copies, in one transaction, whatever order they arrive in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, permutations

import pytest
from sqlalchemy import update

from corpus import keep, similar_lists
from corpus.errors import SketchMismatch
from corpus.keep import Kept
from corpus.query import parse
from corpus.reprints import group_of, largest_groups
from corpus.search import search
from corpus.settling import MAX_TRIES, settle
from corpus.signature import SETTINGS
from corpus.sketch import sketch
from corpus.store import Connection, articles, frontier, leases, postings, runs
from corpus.store.database import Database
from corpus.store.schema import schemes
from corpus.terms import lemma
from corpus.types import (
    Article,
    CopyKind,
    Decision,
    Filter,
    LeasedLink,
    Link,
    LinkKind,
    Outcome,
    Reading,
    TopicMatch,
    Visit,
)
from corpus.vector import term_key
from corpus.weighing import TermCounts
from tests.storing import kept, store
from tests.texts import TEXTS, article

NOW = datetime(2025, 8, 16, 12, tzinfo=UTC)
SUMMIT = TEXTS[1][1]


def group_label(connection: Connection, one: Kept) -> int:
    return articles.groups_of(connection, [one.article_id or 0])[one.article_id or 0]


def made_with(connection: Connection, settings: str) -> None:
    """Let all signatures of a database be those of an older program."""
    connection.execute(update(schemes).values(settings=settings))


def edited(one: Article) -> Article:
    return replace(one, text=one.text.replace("صباح الجمعة", "فجر اليوم").replace("ساعات طويلة", "يوما كاملا"))


def merged(outlet: str, *, hours: float) -> Article:
    """A story made of the first two texts, each of which has less than half of it."""
    return replace(article(3, outlet=outlet, hours=hours), text="\n".join(text for _, text in TEXTS.values()))


def found(connection: Connection, word: str) -> list[int]:
    return [hit.article.id for hit in search(connection, parse(word), Filter(), limit=10)]


def copies_told(connection: Connection) -> dict[str, list[tuple[str | None, str | None, CopyKind | None]]]:
    """Each group by the outlet of its earliest member: who in it repeats whom, and how."""
    told = {}
    for group in largest_groups(connection, Filter(), limit=None):
        outlet = {copy.stored.id: copy.stored.article.source_id for copy in group}
        first = group[0].stored
        assert len({copy.stored.copy_group for copy in group}) == 1
        told[str(first.article.source_id)] = [
            (copy.stored.article.source_id, outlet.get(copy.copy_of or 0), copy.kind) for copy in group
        ]
    return told


def test_an_article_is_stored_with_all_that_it_says(database: Database) -> None:
    one = replace(article(1), tags=("قمة", "ألاسكا"), author="ليلى حداد", agency="رويترز")
    topic = TopicMatch(topic_id="t", score=0.9, matched=("ترامب",), names=("ترامب",), on_topic=True, reason="")

    with database.writing() as connection:
        (id_,) = store(connection, one, topics=(topic,))

    with database.reading() as connection:
        stored = articles.load(connection, [id_])[id_]
    assert stored.article == one
    assert stored.topics == (topic,)


def test_the_same_text_again_is_unchanged(database: Database) -> None:
    with database.writing() as connection:
        first, again = kept(connection, article(1), replace(article(1), fetched_at=NOW))

        assert articles.size(connection) == 1
    assert (first.outcome, again.outcome) == (Outcome.KEPT, Outcome.UNCHANGED)
    assert again.article_id == first.article_id


@pytest.mark.parametrize("changed", [{"title": "عنوان جديد"}, {"text": TEXTS[3][1]}])
def test_a_new_title_or_text_takes_the_place_of_the_old_one(database: Database, changed: dict[str, str]) -> None:
    newer = Article(**{name: getattr(article(1), name) for name in Article.__dataclass_fields__} | changed)

    with database.writing() as connection:
        first, again = kept(connection, article(1), newer)

        assert articles.size(connection) == 1
        assert articles.load(connection, [again.article_id or 0])[first.article_id or 0].article == newer
    assert again.outcome is Outcome.KEPT


def test_what_was_derived_from_an_old_text_goes_with_it(database: Database) -> None:
    counts = TermCounts()
    with database.writing() as connection:
        one, copy, _ = (k.article_id or 0 for k in kept(connection, article(1), article(1, outlet="sahil"), article(2)))
        kept(connection, replace(article(1, outlet="sahil"), title="كتب", text=TEXTS[3][1]), counts=counts)

        assert len(set(articles.groups_of(connection, [one, copy]).values())) == 2
        assert largest_groups(connection, Filter(), limit=None) == []
        assert found(connection, "انكوريج") == [one, copy + 1] or found(connection, "انكوريج") == [copy + 1, one]
        assert found(connection, "الاردنيه") == [copy]
        assert copy not in [entry for entry, _ in similar_lists.stored_list(connection, copy + 1)]


def test_words_are_counted_once_a_text_however_often_it_changes_or_is_copied(database: Database) -> None:
    fair = term_key(lemma("المعرض"))
    with database.writing() as connection:
        opened = replace(article(3, outlet="sahil"), title="افتتاح المعرض")
        after = replace(article(2), title="بعد المعرض")
        changed = replace(article(1), title="كتب", text=TEXTS[3][1])
        kept(connection, article(1), changed, article(1), article(3), opened, after)
        similar_lists.renew(connection)

        assert postings.weighing(connection)[1:] == (4, 3)
        assert postings.term_counts_of(connection, [fair]) == {fair: 2}


def test_a_forgotten_article_leaves_nothing_behind(database: Database) -> None:
    with database.writing() as connection:
        one, copy, other = store(connection, article(1), article(1, outlet="sahil"), article(2))
        keep.forget(connection, [one])

        assert articles.find(connection, Filter(), sort="id") == [copy, other]
        assert largest_groups(connection, Filter(), limit=None) == []
        assert one not in found(connection, "انكوريج")
        assert [entry for entry, _ in similar_lists.stored_list(connection, other)] == [copy]
        keep.forget(connection, [copy])
        assert similar_lists.stored_list(connection, other) == []


@pytest.mark.parametrize(
    ("copy", "kind"),
    [
        (article(1, outlet="sahil", hours=1), CopyKind.EXACT),
        (edited(article(1, outlet="sahil", hours=1)), CopyKind.REPRINT),
        (replace(edited(article(1, hours=1)), url="http://alwaha.example/news/again"), CopyKind.UPDATE),
        (merged("sahil", hours=1), CopyKind.PARTIAL),
    ],
    ids=[kind.value for kind in (CopyKind.EXACT, CopyKind.REPRINT, CopyKind.UPDATE, CopyKind.PARTIAL)],
)
def test_a_copy_is_kept_with_its_group_and_kind(database: Database, copy: Article, kind: CopyKind) -> None:
    with database.writing() as connection:
        first, second = kept(connection, article(1), copy)
        group = group_of(connection, group_label(connection, first))

    assert second.outcome is Outcome.NEAR_COPY
    assert f"{kind.value} of article {first.article_id}" in second.reason
    assert [(one.stored.id, one.copy_of, one.kind) for one in group] == [
        (first.article_id, None, None),
        (second.article_id, first.article_id, kind),
    ]


def test_a_story_merged_from_two_does_not_join_them(database: Database) -> None:
    with database.writing() as connection:
        a, b, both = store(connection, article(1), article(2), merged("sahil", hours=9))
        groups = articles.groups_of(connection, [a, b, both])

    assert groups[a] != groups[b]
    assert groups[both] in (groups[a], groups[b])


# Every kind of copy, exact copies of the earliest and of a later text among them.
COPIES = (
    article(1, outlet="first"),
    edited(article(1, outlet="reprint", hours=1)),
    edited(article(1, outlet="same-reprint", hours=2)),
    merged("merged", hours=3),
    replace(article(1, outlet="reprint", hours=6), url="http://reprint.example/corrected"),
)


def test_copies_do_not_depend_on_the_order_in_which_they_arrive(database: Database) -> None:
    told = []
    with database.writing() as connection:
        for order in islice(permutations(COPIES), 0, None, 5):
            before = connection.begin_nested()
            kept(connection, *order)
            told.append(copies_told(connection))
            before.rollback()

    assert [one for one in told if one != told[0]] == []
    assert told[0]["first"] == [
        ("first", None, None),
        ("reprint", "first", CopyKind.REPRINT),
        ("same-reprint", "reprint", CopyKind.EXACT),
        ("merged", "first", CopyKind.PARTIAL),
        ("reprint", "first", CopyKind.EXACT),
    ]


def test_copies_stay_together_when_the_text_that_they_were_compared_with_changes(database: Database) -> None:
    newer = replace(article(1, outlet="first"), title="كتب", text=TEXTS[3][1])

    with database.writing() as connection:
        kept(connection, *(article(1, outlet=outlet) for outlet in ("first", "second", "third")), newer)
        kept(connection, edited(article(1, outlet="late", hours=5)))

        assert copies_told(connection) == {
            "second": [
                ("second", None, None),
                ("third", "second", CopyKind.EXACT),
                ("late", "second", CopyKind.REPRINT),
            ]
        }


@pytest.mark.parametrize("canonical_first", [True, False])
def test_a_page_and_its_canonical_url_are_one_article(database: Database, canonical_first: bool) -> None:
    page = article(1)
    print_view = replace(page, url=f"{page.url}/print", canonical_url=page.url)

    with database.writing() as connection:
        first, again = kept(connection, *((page, print_view) if canonical_first else (print_view, page)))

        assert articles.id_of_url(connection, page.url) == first.article_id
    assert again.outcome is Outcome.UNCHANGED
    assert again.article_id == first.article_id


def test_pages_with_one_canonical_url_are_one_article(database: Database) -> None:
    canonical = "http://alwaha.example/canonical"

    with database.writing() as connection:
        a, b = (replace(article(1), url=f"http://alwaha.example/{i}", canonical_url=canonical) for i in "ab")
        first, again = kept(connection, a, b)

    assert again.article_id == first.article_id


def test_an_address_that_pages_of_other_texts_declare_canonical_makes_none_of_them_another(database: Database) -> None:
    named = "http://alwaha.example/news/latest-1"
    some = [replace(article(number), canonical_url=named) for number in (1, 2, 3)]

    with database.writing() as connection:
        first = kept(connection, *some)
        again = kept(connection, *some)
        stored = articles.load(connection, [one.article_id or 0 for one in first])

    assert [one.outcome for one in first] == [Outcome.KEPT] * 3
    assert [(one.outcome, one.article_id) for one in again] == [(Outcome.UNCHANGED, one.article_id) for one in first]
    assert [one.article.text for one in stored.values()] == [one.text for one in some]
    assert [one.article.canonical_url for one in stored.values()] == [named, None, None]


@pytest.mark.parametrize("numbers", [(1, 2), (2, 1)])
def test_a_page_that_declares_another_article_canonical_is_not_that_article(
    database: Database, numbers: tuple[int, int]
) -> None:
    pages = {1: article(1), 2: replace(article(2), canonical_url=article(1).url)}

    with database.writing() as connection:
        first = kept(connection, *(pages[number] for number in numbers))
        again = kept(connection, *(pages[number] for number in numbers))
        ids = [articles.id_of_url(connection, pages[number].url) for number in numbers]

    assert [one.outcome for one in (*first, *again)] == [Outcome.KEPT] * 2 + [Outcome.UNCHANGED] * 2
    assert [one.article_id for one in (*first, *again)] == ids * 2


def test_signatures_of_other_settings_are_refused_with_what_to_do(database: Database) -> None:
    one, other = article(1), article(2)
    with database.writing() as connection:
        kept(connection, one)
        made_with(connection, "affine32/seed=7")

        with pytest.raises(SketchMismatch, match="nazair db rebuild --signatures") as raised:
            kept(connection, other)
        assert articles.size(connection) == 1
    assert (raised.value.stored, raised.value.ours) == ("affine32/seed=7", SETTINGS)


def test_a_sketch_of_other_settings_is_refused(database: Database) -> None:
    one = article(1)
    older = replace(sketch(one.title, one.text), settings="affine32/seed=7")

    with database.writing() as connection, pytest.raises(SketchMismatch, match="affine32/seed=7"):
        keep.keep_article(connection, one, older, counts=TermCounts())


@pytest.fixture
def leased(database: Database) -> LeasedLink:
    """A link that run 1 has leased."""
    link = Link(url=article(1).url, kind=LinkKind.ARTICLE, channel="feed", source_id="alwaha")
    with database.writing() as connection:
        run_id = runs.start(connection, "t", now=NOW, machine="here", pid=1)
        frontier.add_seeds(connection, "t", [link])
        until = NOW + timedelta(minutes=10)
        (one,) = leases.lease(connection, "t", run_id=run_id, now=NOW, until=until, busy={}, per_host=8, limit=8)
    return one


def settled(
    connection: Connection, leased: LeasedLink, decision: Decision, *, run_id: int = 1, now: datetime = NOW
) -> Kept | None:
    decided = [(leased, decision)]
    (told,) = settle(connection, decided, queue="t", run_id=run_id, now=now, counts=TermCounts()).kept
    return told


def read(leased: LeasedLink) -> Decision:
    reading = Reading(article=article(1), sketch=sketch(article(1).title, article(1).text))
    more = Link(url="http://alwaha.example/more", kind=LinkKind.ARTICLE, channel="page", source_id="alwaha")
    return Decision(url=leased.link.url, outcome=Outcome.KEPT, reason="", reading=reading, found=(more,))


def everything(database: Database) -> tuple[int, dict[str, int], dict[Outcome, int]]:
    with database.reading() as connection:
        return articles.size(connection), frontier.counts(connection), runs.outcomes(connection, 1)


def test_a_link_is_done_when_its_article_is_stored(database: Database, leased: LeasedLink) -> None:
    with database.writing() as connection:
        told = settled(connection, leased, read(leased))

    assert told is not None
    assert everything(database) == (1, {"done": 1, "pending": 1}, {Outcome.KEPT: 1})


MOVED_TO = "http://alwaha.example/news/1-new-slug"


def lent(connection: Connection, link: Link) -> LeasedLink:
    frontier.add_seeds(connection, "t", [link])
    (leased,) = leases.lend(connection, "t", [link], run_id=1, until=NOW + timedelta(minutes=10))
    return leased


def led(leased: LeasedLink, page: Article) -> Decision:
    """What was read where a link led to."""
    reading = Reading(article=page, sketch=sketch(page.title, page.text))
    return replace(read(leased), url=page.url, reading=reading)


def gone(connection: Connection, url: str) -> bool:
    article_id = articles.id_of_url(connection, url) or 0
    return articles.load(connection, [article_id])[article_id].gone_at is not None


@pytest.mark.parametrize("is_edited", [False, True])
def test_an_article_that_was_moved_is_the_same_under_both_addresses(
    database: Database, leased: LeasedLink, is_edited: bool
) -> None:
    page = replace(edited(article(1)) if is_edited else article(1), url=MOVED_TO)
    with database.writing() as connection:
        (first,) = kept(connection, article(1))
        told = settled(connection, leased, led(leased, page))
        (again,) = kept(connection, page)

        assert [runs.article_at(connection, url) for url in (article(1).url, MOVED_TO)] == [first.article_id] * 2
        assert not gone(connection, MOVED_TO)
    assert told is not None
    assert (told.article_id, told.outcome) == (first.article_id, Outcome.KEPT if is_edited else Outcome.UNCHANGED)
    assert (again.article_id, again.outcome) == (first.article_id, Outcome.UNCHANGED)
    with database.reading() as connection:
        assert runs.why(connection, article(1).url)[-1].reason.endswith("; the link led to another address")


def test_an_article_whose_address_leads_to_another_one_is_gone(database: Database, leased: LeasedLink) -> None:
    with database.writing() as connection:
        (first,) = kept(connection, article(1))
        told = settled(connection, leased, led(leased, article(2)))

        assert gone(connection, article(1).url)
        assert not gone(connection, article(2).url)
    assert told is not None
    assert told.article_id not in (None, first.article_id)


def test_an_article_that_was_stored_from_its_new_address_too_is_one_again(
    database: Database, leased: LeasedLink
) -> None:
    moved = replace(article(1), url=MOVED_TO)
    with database.writing() as connection:
        first, twin = kept(connection, article(1), moved)
        told = settled(connection, leased, led(leased, moved))

        assert [runs.article_at(connection, url) for url in (article(1).url, MOVED_TO)] == [first.article_id] * 2
        assert not gone(connection, MOVED_TO)
        assert articles.load(connection, [twin.article_id or 0]) == {}
    assert told is not None
    assert (told.article_id, told.outcome) == (first.article_id, Outcome.UNCHANGED)


def test_what_was_decided_about_its_new_address_in_the_same_transaction_is_of_the_one_that_stays(
    database: Database, leased: LeasedLink
) -> None:
    moved = replace(article(1), url=MOVED_TO)
    at_new = Link(url=MOVED_TO, kind=LinkKind.ARTICLE, channel="feed", source_id="alwaha")
    with database.writing() as connection:
        (first,) = kept(connection, article(1))
        settled(connection, lent(connection, at_new), led(leased, moved))
        unchanged = Decision(url=MOVED_TO, outcome=Outcome.UNCHANGED, reason="not changed")
        decided = [(lent(connection, at_new), unchanged), (leased, led(leased, moved))]
        settle(connection, decided, queue="t", run_id=1, now=NOW, counts=TermCounts())

    with database.reading() as connection:
        assert articles.size(connection) == 1
        assert [one.article_id for one in runs.why(connection, MOVED_TO)] == [first.article_id] * 2


def test_an_article_that_was_edited_at_its_new_address_is_gone_from_the_old_one(
    database: Database, leased: LeasedLink
) -> None:
    moved = replace(article(1), url=MOVED_TO)
    with database.writing() as connection:
        kept(connection, article(1), moved, edited(moved))
        settled(connection, leased, led(leased, edited(moved)))

        assert gone(connection, article(1).url)
        assert not gone(connection, MOVED_TO)


@pytest.mark.parametrize("is_visited", [True, False])
def test_an_article_whose_page_says_at_a_later_visit_that_there_is_none_is_gone_and_stays(
    database: Database, leased: LeasedLink, is_visited: bool
) -> None:
    missing = Reading(outcome=Outcome.NOT_AN_ARTICLE, reason="the page says that there is none", is_gone=True)
    with database.writing() as connection:
        settled(connection, leased, read(leased))
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [leased.link])
        (again,) = leases.lend(connection, "t", [leased.link], run_id=1, until=NOW + timedelta(minutes=10))
        visit = Visit(url=again.link.url, validators=None, first_at=NOW, visited_at=NOW) if is_visited else None
        decision = replace(read(leased), reading=missing, outcome=Outcome.NOT_AN_ARTICLE)
        told = settled(connection, replace(again, visit=visit), decision)

        assert gone(connection, article(1).url) is is_visited
    assert told is not None
    assert told.outcome is (Outcome.GONE if is_visited else Outcome.NOT_AN_ARTICLE)


def visited_again(database: Database, leased: LeasedLink, decision: Decision) -> Kept | None:
    """What is stored of a second visit to the page of article 1."""
    with database.writing() as connection:
        settled(connection, leased, read(leased))
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [leased.link])
        (again,) = leases.lend(connection, "t", [leased.link], run_id=1, until=NOW + timedelta(minutes=10))
        visit = Visit(url=again.link.url, validators=None, first_at=NOW, visited_at=NOW)
        return settled(connection, replace(again, visit=visit), decision)


@pytest.mark.parametrize(
    ("address", "is_listing", "is_gone"),
    [
        ("http://alwaha.example/politics", True, True),
        ("http://alwaha.example/news", False, True),  # above the article's own
        ("http://alwaha.example/login?back=1", False, False),
        (article(1).url, True, False),  # what is read there may only be read badly
    ],
)
def test_an_article_whose_address_leads_to_a_section_is_gone_and_not_one_that_leads_to_a_login(
    database: Database, leased: LeasedLink, address: str, is_listing: bool, is_gone: bool
) -> None:
    reading = Reading(outcome=Outcome.NOT_AN_ARTICLE, reason="it is none", is_listing=is_listing)

    decision = Decision(url=address, outcome=Outcome.NOT_AN_ARTICLE, reason="it is none", reading=reading)
    told = visited_again(database, leased, decision)

    with database.reading() as connection:
        assert gone(connection, article(1).url) is is_gone
    assert told is not None
    assert told.outcome is (Outcome.GONE if is_gone else Outcome.NOT_AN_ARTICLE)
    assert told.reason == "it is none; what is stored stays"


@pytest.mark.parametrize("is_stored", [False, True])
def test_of_a_page_that_was_never_there_nothing_is_gone(
    database: Database, leased: LeasedLink, is_stored: bool
) -> None:
    missing = Decision(url=leased.link.url, outcome=Outcome.GONE, reason="the server answered 404")
    with database.writing() as connection:
        if is_stored:
            settled(connection, leased, read(leased))
            frontier.add_seeds(connection, "t", [leased.link])
            (leased,) = leases.lend(connection, "t", [leased.link], run_id=1, until=NOW + timedelta(minutes=10))
        told = settled(connection, leased, missing)

    assert told is not None
    assert told.outcome is (Outcome.GONE if is_stored else Outcome.FAILED)
    assert told.reason == f"the server answered 404{'; what is stored stays' if is_stored else ''}"


@pytest.mark.parametrize("at_once", [False, True])
def test_an_article_is_gone_only_when_it_is_at_none_of_its_addresses(database: Database, at_once: bool) -> None:
    link = Link(url=article(1).url, kind=LinkKind.ARTICLE, channel="feed", source_id="alwaha")
    links = [link, replace(link, url=MOVED_TO)]

    def settle_some(*outcomes: Outcome) -> tuple[bool, str]:
        """Whether the article is gone after these outcomes of its addresses, and the address that it is shown by."""
        with database.writing() as connection:
            frontier.add_seeds(connection, "t", links)
            some = links[: len(outcomes)]
            leased = leases.lend(connection, "t", some, run_id=1, until=NOW + timedelta(minutes=10))
            made = [
                replace(read(one), url=one.link.url, outcome=outcome, reading=None if outcome is Outcome.GONE else page)
                for one, outcome, page in zip(leased, outcomes, pages, strict=False)
            ]
            pairs = list(zip(leased, made, strict=True))
            for part in [pairs] if at_once else [[one] for one in pairs]:
                settle(connection, part, queue="t", run_id=1, now=NOW, counts=TermCounts())
        with database.reading() as connection:
            (stored,) = articles.load(connection, [1]).values()
            assert runs.article_at(connection, links[0].url) == runs.article_at(connection, links[1].url) == 1
        return stored.gone_at is not None, stored.article.url

    one = article(1)
    pages = [
        Reading(article=replace(one, url=url, canonical_url=canonical), sketch=sketch(one.title, one.text))
        for url, canonical in [(one.url, None), (MOVED_TO, one.url)]
    ]
    with database.writing() as connection:
        runs.start(connection, "t", now=NOW, machine="here", pid=1)

    assert settle_some(Outcome.KEPT, Outcome.KEPT) == (False, one.url)
    assert settle_some(Outcome.GONE) == (False, MOVED_TO)
    assert settle_some(Outcome.KEPT, Outcome.GONE) == (False, one.url)
    assert settle_some(Outcome.GONE, Outcome.GONE)[0]
    assert not settle_some(Outcome.GONE, Outcome.KEPT)[0]


@pytest.mark.parametrize("is_edited", [False, True])
def test_an_article_is_shown_under_its_canonical_address_once_that_was_read(
    database: Database, leased: LeasedLink, is_edited: bool
) -> None:
    main = "http://www.alwaha.example/ar/news/1"
    mobile = replace(article(1), canonical_url=main)
    page = edited(article(1)) if is_edited else article(1)

    with database.writing() as connection:
        told = settled(connection, leased, led(leased, mobile))
        (again,) = kept(connection, replace(page, url=main, canonical_url=main))
        shown = articles.load(connection, [again.article_id or 0])[again.article_id or 0].article.url
        once_more = [*kept(connection, mobile), *kept(connection, replace(edited(mobile), title="أخرى"))]
        last = articles.load(connection, [again.article_id or 0])[again.article_id or 0].article.url

        assert {runs.article_at(connection, url) for url in (mobile.url, main)} == {again.article_id}
        assert articles.size(connection) == 1
    assert told is not None
    assert {told.article_id, *(one.article_id for one in once_more)} == {again.article_id}
    assert (shown, last) == (main, main)


def test_a_link_stays_leased_when_its_article_is_not_stored(database: Database, leased: LeasedLink) -> None:
    def settle_and_die() -> None:
        with database.writing() as connection:
            settled(connection, leased, read(leased))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        settle_and_die()

    assert everything(database) == (0, {"leased": 1}, {})


def test_a_lost_lease_stores_nothing(database: Database, leased: LeasedLink) -> None:
    with database.writing() as connection:
        told = settled(connection, leased, read(leased), run_id=2)

    assert told is None
    assert everything(database) == (0, {"leased": 1}, {})


def test_a_page_is_tried_again_until_an_outage_of_a_weekend_is_over(database: Database, leased: LeasedLink) -> None:
    failed = Decision(url=leased.link.url, outcome=Outcome.FAILED, reason="HTTP 500", retry=True)
    now, tries = NOW, 0

    with database.writing() as connection:
        while now < NOW + timedelta(hours=60):
            settled(connection, replace(leased, tries=tries), failed, now=now)
            (waiting,) = frontier.state_of(connection, leased.link.url)
            assert waiting.state == "pending"
            assert waiting.next_try_at is not None
            assert now < waiting.next_try_at <= now + timedelta(days=1)
            now, tries = waiting.next_try_at, tries + 1
            connection.exec_driver_sql("UPDATE frontier SET state = 'leased', run_id = 1")


@pytest.mark.parametrize(("tries", "state"), [(0, "pending"), (MAX_TRIES - 1, "done")])
def test_a_failure_that_may_pass_is_tried_again_a_few_times(
    database: Database, leased: LeasedLink, tries: int, state: str
) -> None:
    failed = Decision(url=leased.link.url, outcome=Outcome.FAILED, reason="HTTP 503", retry=True)

    with database.writing() as connection:
        settled(connection, replace(leased, tries=tries), failed)

    assert everything(database) == (0, {state: 1}, {Outcome.FAILED: 1})


@pytest.mark.parametrize("led_from", [0, 1])
def test_an_article_that_another_address_leads_to_is_not_taken_out(database: Database, led_from: int) -> None:
    """Only what was stored later, from the address that an article was moved to, is the same one stored again."""
    one = article(1)
    with database.writing() as connection:
        ids = store(connection, one, replace(one, url="http://alwaha.example/old/1"))
        new = keep.NewArticles(connection, TermCounts())

        found = new.keep(one, sketch(one.title, one.text), before=ids[led_from])
        new.enter()

        assert (found.article_id, found.twin) == (ids[0], None)
        assert sorted(articles.load(connection, ids)) == ids
