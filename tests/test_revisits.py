"""When pages are visited again: pure decisions, and what the database remembers of visits. The clock is an argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from corpus import keep, settling
from corpus.revisits import (
    FEWEST_KNOWN,
    FIRST_INTERVAL,
    LONGEST_INTERVAL,
    MOST_KNOWN,
    SHORTEST_INTERVAL,
    article_due,
    interval_after,
)
from corpus.sketch import sketch
from corpus.store import Connection, frontier, leases, runs, visits
from corpus.store.database import Database
from corpus.types import Decision, LeasedLink, Link, LinkKind, Outcome, Reading, Validators
from corpus.weighing import TermCounts
from tests.texts import article

NOW = datetime(2025, 8, 16, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SENT = Validators(etag='"a"', last_modified=None, read_for=b"12345678", read_at=NOW)


@pytest.mark.parametrize(
    ("known", "elapsed", "expected"),
    [
        (0.5, 2 * HOUR, 2 * HOUR),  # as it should be: stay
        (1.0, 2 * HOUR, 4 * HOUR),  # nothing new
        (0.0, 2 * HOUR, HOUR),  # perhaps some were missed
        (0.8, 2 * HOUR, 4 * HOUR),
        (0.75, 2 * HOUR, 4 * HOUR),
        (0.7, 2 * HOUR, 2 * HOUR * (0.5 / 0.3)),
        (0.25, 2 * HOUR, 2 * HOUR * (0.5 / 0.75)),
        (1.0, timedelta(seconds=5), 2 * HOUR),  # somebody came early: that says nothing
        (0.0, timedelta(seconds=5), HOUR),  # all new within seconds does
        (0.5, 48 * HOUR, 4 * HOUR),  # one step at a time
    ],
)
def test_an_interval_follows_the_share_of_known_entries(known: float, elapsed: timedelta, expected: timedelta) -> None:
    found = interval_after(2 * HOUR, elapsed=elapsed, known=known)

    assert abs(found - expected) < timedelta(seconds=1)


def test_nothing_is_known_of_a_first_visit() -> None:
    assert interval_after(None, elapsed=None, known=0.0) == FIRST_INTERVAL


@pytest.mark.parametrize(("known", "bound"), [(1.0, LONGEST_INTERVAL), (0.0, SHORTEST_INTERVAL)])
def test_intervals_have_bounds(known: float, bound: timedelta) -> None:
    interval = FIRST_INTERVAL
    for _ in range(20):
        interval = interval_after(interval, elapsed=interval, known=known)

    assert interval == bound


@pytest.mark.parametrize("an_hour", [0.5, 2, 10, 50])
def test_a_steady_feed_is_soon_visited_when_a_third_to_two_thirds_are_known(an_hour: float) -> None:
    entries, interval, known = 20, FIRST_INTERVAL, 0.0
    for _ in range(8):
        known = 1 - min(entries, an_hour * (interval / HOUR)) / entries
        if FEWEST_KNOWN <= known <= MOST_KNOWN:
            break
        interval = interval_after(interval, elapsed=interval, known=known)

    assert FEWEST_KNOWN <= known <= MOST_KNOWN
    assert interval_after(interval, elapsed=interval, known=known) == interval


@pytest.mark.parametrize(
    ("age", "due"),
    [
        (timedelta(0), HOUR),
        (timedelta(minutes=59), HOUR),
        (HOUR, timedelta(hours=6)),
        (timedelta(hours=7), timedelta(days=1)),
        (timedelta(days=3), timedelta(days=7)),  # two were missed: they are not made up for
        (timedelta(days=7), None),
    ],
)
def test_an_article_is_due_at_the_next_of_its_ages(age: timedelta, due: timedelta | None) -> None:
    assert article_due(NOW, now=NOW + age) == (None if due is None else NOW + due)


# --- in the database ---


@pytest.fixture
def run_id(database: Database) -> int:
    with database.writing() as connection:
        return runs.start(connection, "t", now=NOW, machine="here", pid=1)


def link(number: int, kind: LinkKind = LinkKind.ARTICLE, **values: Any) -> Link:
    url = f"http://alwaha.example/{kind.value}/{number}"
    return Link(url=url, kind=kind, channel="feed", source_id="alwaha", **values)


def lease(connection: Connection, run_id: int, now: datetime = NOW) -> list[LeasedLink]:
    leased = leases.lease(connection, "t", run_id=run_id, now=now, until=now + HOUR, busy={}, per_host=99, limit=99)
    return visits.remembered(connection, leased)


def settle(connection: Connection, leased: LeasedLink, outcome: Outcome, **values: Any) -> None:
    run_id, now = values.pop("run_id"), values.pop("now", NOW)
    decision = Decision(url=leased.link.url, outcome=outcome, reason="", **values)
    settled = settling.settle(connection, [(leased, decision)], queue="t", run_id=run_id, now=now, counts=TermCounts())
    visits.put(connection, settled.visits)


def kept(connection: Connection, leased: LeasedLink, run_id: int, *, now: datetime = NOW) -> None:
    one = replace(article(1), url=leased.link.url)
    reading = Reading(article=one, sketch=sketch(one.title, one.text))
    settle(connection, leased, Outcome.KEPT, reading=reading, validators=SENT, run_id=run_id, now=now)


def wake(connection: Connection, now: datetime, *, sources: tuple[str, ...] = ("alwaha",)) -> None:
    visits.wake_articles(connection, "t", source_ids=sources, now=now)


def test_an_article_is_not_leased_before_its_time(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [link(1)])
        kept(connection, lease(connection, run_id)[0], run_id)

        early, late = NOW + timedelta(minutes=59), NOW + timedelta(minutes=61)
        wake(connection, early)
        too_early = lease(connection, run_id, early)
        wake(connection, late)
        (again,) = lease(connection, run_id, late)

    assert too_early == []
    assert again.visit is not None
    assert again.visit.visited_at == NOW
    assert again.validators == SENT


def test_articles_of_sources_that_are_not_crawled_are_left_alone(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [link(1)])
        kept(connection, lease(connection, run_id)[0], run_id)
        wake(connection, NOW + 2 * HOUR, sources=("sahil",))

        assert lease(connection, run_id, NOW + 2 * HOUR) == []


def test_an_article_that_was_not_kept_is_not_visited_again(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [link(1)])
        settle(connection, lease(connection, run_id)[0], Outcome.OFF_TOPIC, validators=SENT, run_id=run_id)
        wake(connection, NOW + timedelta(days=30))

        assert lease(connection, run_id, NOW + timedelta(days=30)) == []


def test_what_failed_for_now_is_tried_again_before_its_next_visit(database: Database, run_id: int) -> None:
    later = NOW + 2 * HOUR
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [link(1)])
        kept(connection, lease(connection, run_id)[0], run_id)
        wake(connection, later)
        settle(connection, lease(connection, run_id, later)[0], Outcome.FAILED, retry=True, run_id=run_id, now=later)

        (again,) = lease(connection, run_id, later + HOUR)

    assert again.validators == SENT


@pytest.mark.parametrize("outcome", [Outcome.NOT_AN_ARTICLE, Outcome.FAILED])
def test_what_a_page_in_the_place_of_an_article_is_known_by_is_not_sent_back(
    database: Database, run_id: int, outcome: Outcome
) -> None:
    later, other = NOW + 2 * HOUR, replace(SENT, etag='"not there"')
    missing = Reading(outcome=outcome, reason="the page says that there is none", is_gone=True)
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [link(1)])
        kept(connection, lease(connection, run_id)[0], run_id)
        wake(connection, later)
        (again,) = lease(connection, run_id, later)
        settle(connection, again, outcome, reading=missing, validators=other, run_id=run_id, now=later)
        wake(connection, later + 6 * HOUR)

        (third,) = lease(connection, run_id, later + 6 * HOUR)

    assert third.validators == SENT


def test_validators_are_those_of_the_address_that_gave_them(database: Database, run_id: int) -> None:
    secure = replace(link(1), url="https://alwaha.example/article/1")
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [link(1)])
        kept(connection, lease(connection, run_id)[0], run_id)
        frontier.add_seeds(connection, "t", [secure])

        (again,) = lease(connection, run_id)

    assert again.link.url == secure.url
    assert again.validators is None


def read(connection: Connection, leased: LeasedLink, run_id: int, *found: Link, now: datetime = NOW) -> None:
    settle(connection, leased, Outcome.LISTING, found=found, validators=SENT, run_id=run_id, now=now)


def entries(*numbers: int) -> list[Link]:
    return [link(number, depth=1) for number in numbers]


def test_the_interval_of_a_listing_adapts_to_what_it_has_new(database: Database, run_id: int) -> None:
    feed = link(1, LinkKind.FEED)
    intervals, now = [], NOW
    with database.writing() as connection:
        for found in (entries(*range(20)), entries(*range(20)), entries(*range(10, 30)), entries(*range(31, 51))):
            frontier.add_seeds(connection, "t", [feed])
            (one, *_) = lease(connection, run_id, now)
            read(connection, one, run_id, *found, now=now)
            visit = visits.load(connection, [one.id])[one.id]
            assert visit.interval is not None
            intervals.append(visit.interval / HOUR)
            now += visit.interval
            assert visit.due_at == now

    assert intervals == [1, 2, 2, 1]


HOME = link(1, LinkKind.SECTION)


@pytest.mark.parametrize("rest", [visits.rest, partial(visits.rest_again, links=[HOME, *entries(1)])])
def test_a_listing_rests_until_it_is_due_and_wakes_without_what_named_it(
    database: Database, run_id: int, rest: Callable[..., None]
) -> None:
    home, section = HOME, link(2, LinkKind.SECTION, depth=1)
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [home])
        read(connection, lease(connection, run_id)[0], run_id, section)
        read(connection, lease(connection, run_id)[0], run_id, *entries(1))
        settle(connection, lease(connection, run_id)[0], Outcome.OFF_TOPIC, run_id=run_id)
        second = runs.start(connection, "t", now=NOW, machine="here", pid=1)

        frontier.add_seeds(connection, "t", [home])
        rest(connection, "t", now=NOW + HOUR / 2)
        resting = lease(connection, second, NOW + HOUR / 2)
        visits.wake_listings(connection, "t", source_ids=["alwaha"], now=NOW + 2 * HOUR)
        awake = lease(connection, second, NOW + 2 * HOUR)

    assert resting == []
    assert [one.link.url for one in awake] == [home.url, section.url]


def test_an_unchanged_listing_names_the_listings_that_it_named_before(database: Database, run_id: int) -> None:
    section, following = link(2, LinkKind.SECTION, depth=1), link(3, LinkKind.NEXT, depth=1)
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [link(1, LinkKind.SECTION)])
        (home,) = lease(connection, run_id)
        read(connection, home, run_id, section, following, *entries(1))
        read(connection, lease(connection, run_id)[0], run_id)

        named = [visits.listings_in(connection, home.id, "t")]
        for _ in range(2):
            frontier.add_seeds(connection, "t", [home.link])
            (home,) = lease(connection, run_id)
            settle(connection, home, Outcome.UNCHANGED, run_id=run_id)
            named.append(visits.listings_in(connection, home.id, "t"))

    assert [[one.url for one in listings] for listings in named] == [[section.url]] * 3


def test_a_listing_without_links_is_read_whole_the_next_time(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [link(1, LinkKind.FEED)])
        read(connection, lease(connection, run_id)[0], run_id)
        frontier.add_seeds(connection, "t", [link(1, LinkKind.FEED)])

        (again,) = lease(connection, run_id)

    assert again.visit is not None
    assert again.validators is None


def test_an_article_that_is_forgotten_is_not_visited_again(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [link(1)])
        kept(connection, lease(connection, run_id)[0], run_id)
        keep.forget(connection, [1])
        wake(connection, NOW + timedelta(days=30))

        assert lease(connection, run_id, NOW + timedelta(days=30)) == []
