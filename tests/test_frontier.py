"""The frontier: leased, done or given back; nothing twice, nothing lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from corpus.store import Connection, claims, frontier, hosts, leases, runs, visits
from corpus.store.database import Database
from corpus.types import LeasedLink, Link, LinkKind, Outcome, Prospect, Visit

NOW = datetime(2025, 8, 16, 12, tzinfo=UTC)


@pytest.fixture
def run_id(database: Database) -> int:
    with database.writing() as connection:
        return runs.start(connection, "t", now=NOW, machine="here", pid=1)


def test_listings_come_before_articles(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(1), listing("feed", LinkKind.FEED)])

        first = lease(connection, run_id)
        leases.settle(connection, {first[0].id: None}, run_id=run_id)
        second = lease(connection, run_id)

    assert [one.link.kind for one in first] == [LinkKind.FEED]
    assert [one.link.kind for one in second] == [LinkKind.ARTICLE]


def test_a_leased_link_is_not_leased_again(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(1)])
        first, second = lease(connection, run_id), lease(connection, run_id)

    assert len(first) == 1
    assert second == []


def test_no_host_gets_more_than_its_share(database: Database, run_id: int) -> None:
    links = [article(i) for i in range(10)] + [article(i, host="other.example") for i in range(10)]
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", links)
        leased = lease(connection, run_id, per_host=3, busy={"alwaha.example": 2})

    hosts = [one.link.url.split("/")[2] for one in leased]
    assert hosts.count("alwaha.example") == 1
    assert hosts.count("other.example") == 3


def test_a_link_found_twice_is_queued_once(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        new = frontier.add_found(connection, "t", [article(1), article(1), article(2)], run_id=run_id)
        again = frontier.add_found(connection, "t", [article(1)], run_id=run_id)

        assert again.new == 0
        assert frontier.counts(connection) == {"pending": 2}
    assert new.new == 2


def test_what_was_passed_over_is_fetched_when_a_run_starts_from_it(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_found(connection, "t", [replace(article(1), prospect=BY_TITLE)], run_id=run_id)
        assert lease(connection, run_id) == []

        frontier.add_seeds(connection, "t", [article(1)])

        assert [one.link.url for one in lease(connection, run_id)] == [article(1).url]


def test_of_what_robots_txt_kept_out_nothing_is_asked_for_that_was_kept_since(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(1), article(2), article(3)])
        refused, kept, _ = lease(connection, run_id)
        for leased in (refused, kept):
            told = runs.NewDecision(link=leased.link, outcome=Outcome.BLOCKED_BY_ROBOTS, reason="")
            runs.record(connection, run_id, [told], now=NOW)
        leases.settle(connection, {refused.id: None, kept.id: None}, run_id=run_id)
        known = Visit(url=kept.link.url, validators=None, first_at=NOW, visited_at=NOW)
        visits.put(connection, {kept.id: known})

        frontier.look_again(connection, "alwaha.example")

        assert [one.id for one in lease(connection, run_id)] == [refused.id]


def test_a_settled_link_is_done_once(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(1)])
        (leased,) = lease(connection, run_id)

        assert leases.settle(connection, {leased.id: None}, run_id=run_id)
        assert not leases.settle(connection, {leased.id: None}, run_id=run_id)


def test_a_lease_of_a_dead_run_comes_back_when_it_ends(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(1)])
        lease(connection, run_id)

        assert leases.release_expired(connection, now=NOW) == 0
        assert leases.release_expired(connection, now=NOW + timedelta(hours=1)) == 1
        assert len(lease(connection, run_id)) == 1


def test_a_run_that_is_marked_lost_gives_back_its_leases_at_once(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(1)])
        lease(connection, run_id)
        runs.end(connection, run_id, now=NOW, status="lost", reason="killed")

        assert leases.release_expired(connection, now=NOW) == 1


def test_a_link_to_try_again_waits_until_then(database: Database, run_id: int) -> None:
    later = NOW + timedelta(minutes=15)
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(1)])
        (leased,) = lease(connection, run_id)
        leases.settle(connection, {leased.id: later}, run_id=run_id)

        assert lease(connection, run_id) == []
        assert [one.tries for one in lease(connection, run_id, now=later)] == [1]


def test_what_a_host_failed_at_comes_behind_its_other_pages_until_it_answers(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(i) for i in range(3)])
        broken = lease(connection, run_id, per_host=1)
        leases.settle(connection, {broken[0].id: NOW}, run_id=run_id)
        hosts.keep(connection, "alwaha.example", {"failures": 1})
        failing = lease(connection, run_id)
        leases.release(connection, run_id)
        hosts.keep(connection, "alwaha.example", {"failures": 0})
        answering = lease(connection, run_id)

    assert [one.link.url for one in failing] == [article(i).url for i in (1, 2, 0)]
    assert [one.link.url for one in answering] == [article(i).url for i in range(3)]


def test_a_link_that_is_given_back_without_being_asked_for_has_not_been_tried(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(1)])
        for _ in range(2):
            (leased,) = lease(connection, run_id)
            assert leased.tries == 0
            leases.postpone(connection, leased.id, run_id=run_id, until=NOW)


def test_the_next_run_reads_feeds_again_and_no_article(database: Database, run_id: int) -> None:
    feed, page = listing("feed", LinkKind.FEED), article(1)
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [feed, page])
        for leased in lease(connection, run_id):
            leases.settle(connection, {leased.id: None}, run_id=run_id)
        frontier.add_seeds(connection, "t", [feed])
        frontier.add_found(connection, "t", [page], run_id=run_id + 1)

        assert [one.link.url for one in lease(connection, run_id)] == [feed.url]


def test_the_next_section_page_is_read_again_only_behind_something_new(database: Database, run_id: int) -> None:
    second = listing("section/2", LinkKind.NEXT)
    with database.writing() as connection:
        frontier.add_found(connection, "t", [second, article(1)], run_id=run_id)
        while leased := lease(connection, run_id):
            for one in leased:
                leases.settle(connection, {one.id: None}, run_id=run_id)

        frontier.add_found(connection, "t", [second, article(1)], run_id=run_id + 1)
        nothing_new = lease(connection, run_id)
        frontier.add_found(connection, "t", [second, article(2)], run_id=run_id + 1)
        something_new = lease(connection, run_id)

    assert nothing_new == []
    assert [one.link.url for one in something_new] == [second.url]


NOTHING = Prospect()
BY_TITLE = Prospect(doubt="title", reason="its title names nothing of the topic")
BY_ADDRESS = Prospect(doubt="address", reason="its address names nothing of the topic")
BY_DATE = Prospect(doubt="date", reason="published too early")
BY_CHANGE = Prospect(doubt="changed", reason="last changed too early")
FITS = Prospect(names_topic=True)


def test_a_link_that_is_spoken_against_is_recorded_and_not_leased(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        added = frontier.add_found(connection, "t", [seen(BY_TITLE), article(2)], run_id=run_id)

        again = frontier.add_found(connection, "t", [seen(BY_DATE, published_at=NOW)], run_id=run_id)

        assert (added.new, added.skipped) == (2, 1)
        assert (again.new, again.skipped) == (0, 0)  # it was skipped already
        assert [one.link.url for one in lease(connection, run_id)] == [article(2).url]
        (waiting,) = frontier.state_of(connection, article(1).url)
    assert (waiting.state, waiting.reason) == ("skipped", "published too early")


@pytest.mark.parametrize(
    ("first", "then", "state"),
    [
        # A link without a title is judged when another channel tells it.
        ({"title": None}, {"prospect": BY_TITLE}, "skipped"),
        ({"title": None}, {"prospect": FITS}, "pending"),
        # One title that fits outweighs another that does not, in either order.
        ({"prospect": FITS}, {"prospect": BY_TITLE}, "pending"),
        ({"prospect": BY_TITLE}, {"prospect": FITS}, "pending"),
        ({"prospect": BY_ADDRESS, "title": None}, {"prospect": FITS}, "pending"),
        ({"prospect": BY_ADDRESS, "title": None}, {"prospect": NOTHING, "title": None}, "skipped"),
        ({"prospect": FITS}, {"prospect": BY_ADDRESS, "title": None}, "pending"),
        # To be seen again says nothing.
        ({"prospect": BY_TITLE}, {"title": None}, "skipped"),
        # A date outweighs titles.
        ({"prospect": FITS}, {"prospect": BY_DATE}, "skipped"),
        ({"prospect": BY_DATE}, {"prospect": FITS, "published_at": None}, "skipped"),
        ({"prospect": BY_DATE}, {"prospect": FITS, "published_at": NOW}, "pending"),
        # What has changed since is looked at again.
        ({"prospect": BY_CHANGE}, {"prospect": FITS}, "skipped"),
        ({"prospect": BY_CHANGE}, {"channel": "sitemap", "title": None}, "pending"),
        # A title that is learnt later changes nothing of that.
        ({"prospect": BY_CHANGE, "title": None}, {"prospect": NOTHING}, "skipped"),
        ({"prospect": BY_DATE, "title": None}, {"prospect": NOTHING, "published_at": None}, "skipped"),
    ],
)
def test_what_channels_say_of_a_link_adds_up(
    database: Database, run_id: int, first: dict[str, Any], then: dict[str, Any], state: str
) -> None:
    with database.writing() as connection:
        frontier.add_found(connection, "t", [seen(**first)], run_id=run_id)
        frontier.add_found(connection, "t", [seen(**then)], run_id=run_id)

        (waiting,) = frontier.state_of(connection, article(1).url)
    assert waiting.state == state
    assert (waiting.reason is not None) == (state == "skipped")


def test_a_title_that_does_not_fit_hides_no_date_that_speaks_against_a_link(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        for told in (BY_DATE, BY_TITLE, FITS):
            frontier.add_found(connection, "t", [seen(told, published_at=None)], run_id=run_id)

        (waiting,) = frontier.state_of(connection, article(1).url)
        (one,) = frontier.skipped(connection, "t")
    assert (waiting.state, waiting.reason) == ("skipped", BY_DATE.reason)
    assert (one.doubt, one.reason) == ("date", BY_DATE.reason)


@pytest.mark.parametrize("was", ["pending", "skipped", "fetched", "kept"])
def test_a_section_that_a_sitemap_names_among_its_articles_is_read_as_a_section(
    database: Database, run_id: int, was: str
) -> None:
    section = listing("section/politics", LinkKind.SECTION)
    among_articles = replace(
        section, kind=LinkKind.ARTICLE, channel="sitemap", prospect=BY_CHANGE if was == "skipped" else NOTHING
    )
    with database.writing() as connection:
        frontier.add_found(connection, "t", [among_articles], run_id=run_id)
        if was in ("fetched", "kept"):
            (leased,) = lease(connection, run_id)
            leases.settle(connection, {leased.id: None}, run_id=run_id)
            if was == "kept":
                known = Visit(url=leased.link.url, validators=None, first_at=NOW, visited_at=NOW)
                visits.put(connection, {leased.id: known})

        frontier.add_found(connection, "t", [section], run_id=run_id + 1)

        found = [one.link.kind for one in lease(connection, run_id)]
    assert found == ([] if was == "kept" else [LinkKind.SECTION])


def test_what_was_fetched_is_not_spoken_against(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_found(connection, "t", [article(1)], run_id=run_id)
        (leased,) = lease(connection, run_id)
        frontier.add_found(connection, "t", [seen(BY_DATE)], run_id=run_id)
        leases.settle(connection, {leased.id: None}, run_id=run_id)
        frontier.add_found(connection, "t", [seen(BY_DATE)], run_id=run_id + 1)

        assert frontier.counts(connection) == {"done": 1}


def test_a_link_is_skipped_for_one_topic_and_fetched_for_another(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_found(connection, "t", [seen(BY_TITLE)], run_id=run_id)
        frontier.add_found(connection, "u", [seen(FITS)], run_id=run_id)

        states = {one.queue: one.state for one in frontier.state_of(connection, article(1).url)}
    assert states == {"t": "skipped", "u": "pending"}


def test_what_names_the_topic_comes_first_and_what_nothing_is_known_of_last(database: Database, run_id: int) -> None:
    links = [article(1), seen(FITS, number=2), listing("page/2", LinkKind.NEXT), listing("a.xml", LinkKind.SITEMAP)]
    with database.writing() as connection:
        frontier.add_found(connection, "t", links, run_id=run_id)

        order = []
        while leased := lease(connection, run_id, per_host=1):
            order.append(leased[0].link.url.removeprefix("http://alwaha.example/"))
            leases.settle(connection, {leased[0].id: None}, run_id=run_id)
    assert order == ["a.xml", "2", "page/2", "1"]


def test_articles_wait_while_listings_of_their_host_are_read(database: Database, run_id: int) -> None:
    links = [seen(number=1, title=None), seen(FITS, number=2), listing("a.xml", LinkKind.SITEMAP)]
    elsewhere = article(3, host="other.example")
    with database.writing() as connection:
        frontier.add_found(connection, "t", [*links, elsewhere], run_id=run_id)

        first = lease(connection, run_id)
        frontier.add_found(connection, "t", [seen(BY_TITLE, number=1)], run_id=run_id)
        leases.settle(connection, {first[0].id: None}, run_id=run_id)
        second = lease(connection, run_id)

    assert {one.link.url for one in first} == {links[2].url, elsewhere.url}
    assert [one.link.url for one in second] == [links[1].url]


def test_a_page_has_one_row_whatever_its_address_and_the_best_one_is_fetched(database: Database, run_id: int) -> None:
    addresses = ["http://www.alwaha.example/1/amp", "http://alwaha.example/1/", "https://alwaha.example/1?amp=1"]
    with database.writing() as connection:
        for url in addresses:
            frontier.add_found(connection, "t", [replace(article(1), url=url)], run_id=run_id)

        (leased,) = lease(connection, run_id)
    assert leased.link.url == "http://alwaha.example/1/"


def test_a_page_of_the_catalogue_is_fetched_as_the_catalogue_says(database: Database, run_id: int) -> None:
    found = replace(article(1), url="https://alwaha.example/world")
    section = listing("world", LinkKind.SECTION)
    with database.writing() as connection:
        frontier.add_found(connection, "t", [found], run_id=run_id)
        for leased in lease(connection, run_id):
            leases.settle(connection, {leased.id: None}, run_id=run_id)
        frontier.add_seeds(connection, "t", [section])

        (leased,) = lease(connection, run_id)
    assert (leased.link.url, leased.link.kind) == (section.url, LinkKind.SECTION)


def test_a_sitemap_is_read_again_when_it_has_changed_or_does_not_say(database: Database, run_id: int) -> None:
    changed, same, silent = (listing(f"{name}.xml", LinkKind.SITEMAP) for name in ("changed", "same", "silent"))
    first = [replace(changed, published_at=NOW), replace(same, published_at=NOW), silent]
    later = NOW + timedelta(days=1)
    with database.writing() as connection:
        frontier.add_found(connection, "t", first, run_id=run_id)
        for leased in lease(connection, run_id):
            leases.settle(connection, {leased.id: None}, run_id=run_id)
        claims.leave(connection, run_id, now=NOW)

        again = [[replace(changed, published_at=at), replace(same, published_at=NOW), silent] for at in (later, later)]
        read = []
        for number, links in enumerate(again, start=1):
            frontier.add_found(connection, "t", links, run_id=run_id + number)
            leased_now = lease(connection, run_id + number)
            read.append({one.link.url for one in leased_now})
            for one in leased_now:
                leases.settle(connection, {one.id: None}, run_id=run_id + number)
            claims.leave(connection, run_id + number, now=NOW)

    assert read == [{changed.url, silent.url}, {silent.url}]


def test_a_section_ends_where_all_is_known_from_an_earlier_run(database: Database, run_id: int) -> None:
    following = listing("page/2", LinkKind.NEXT)
    with database.writing() as connection:
        frontier.add_found(connection, "t", [article(1)], run_id=run_id)
        added = frontier.add_found(connection, "t", [article(1), following], run_id=run_id + 1)

        assert added.new == 0
        assert frontier.state_of(connection, following.url) == []


def test_a_section_goes_on_although_another_channel_of_this_run_knew_its_page(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_found(connection, "t", [article(1)], run_id=run_id)
        added = frontier.add_found(connection, "t", [article(1), listing("page/2", LinkKind.NEXT)], run_id=run_id)

    assert added.new == 1


def test_a_run_takes_in_so_many_links_of_a_host_and_the_next_run_more(
    database: Database, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontier, "MOST_OF_HOST", 3)
    links = [article(i) for i in range(5)] + [article(9, host="other.example")]
    with database.writing() as connection:
        first = frontier.add_found(connection, "t", links, run_id=run_id)
        again = frontier.add_found(connection, "t", links, run_id=run_id)
        following = frontier.add_found(connection, "t", links, run_id=run_id + 1)

    assert (first.new, first.left_out) == (4, 2)
    assert (again.new, again.left_out) == (0, 2)
    assert (following.new, following.left_out) == (2, 0)


def seen(prospect: Prospect = NOTHING, *, number: int = 1, **fields: Any) -> Link:
    """A sighting of an article's link, without a date unless it is given."""
    return replace(article(number), prospect=prospect, **({"published_at": None} | fields))


def article(number: int, host: str = "alwaha.example") -> Link:
    return Link(
        url=f"http://{host}/{number}",
        kind=LinkKind.ARTICLE,
        channel="feed",
        source_id="alwaha",
        title=f"قمة ألاسكا {number}",
        published_at=NOW,
        depth=1,
    )


def listing(path: str, kind: LinkKind) -> Link:
    return Link(url=f"http://alwaha.example/{path}", kind=kind, channel="feed", source_id="alwaha", depth=1)


def lease(
    connection: Connection,
    run_id: int,
    *,
    now: datetime = NOW,
    per_host: int = 8,
    busy: dict[str, int] | None = None,
) -> list[LeasedLink]:
    return leases.lease(
        connection,
        "t",
        run_id=run_id,
        now=now,
        until=now + timedelta(minutes=10),
        busy=busy or {},
        per_host=per_host,
        limit=64,
    )
