"""The frontier: leased, done or given back; nothing twice, nothing lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from corpus.store import Connection, frontier, runs
from corpus.store.database import Database
from corpus.types import LeasedLink, Link, LinkKind

NOW = datetime(2025, 8, 16, 12, tzinfo=UTC)


@pytest.fixture
def run_id(database: Database) -> int:
    with database.writing() as connection:
        return runs.start(connection, "t", now=NOW, machine="here", pid=1)


def test_listings_come_before_articles(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(1), listing("feed", LinkKind.FEED)])

        leased = lease(connection, run_id)

    assert [one.link.kind for one in leased] == [LinkKind.FEED, LinkKind.ARTICLE]


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

        assert again == 0
        assert frontier.counts(connection, "t") == {"pending": 2}
    assert new == 2


def test_a_settled_link_is_done_once(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(1)])
        (leased,) = lease(connection, run_id)

        assert frontier.settle(connection, leased.id, run_id=run_id)
        assert not frontier.settle(connection, leased.id, run_id=run_id)


def test_a_lease_of_a_dead_run_comes_back_when_it_ends(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(1)])
        lease(connection, run_id)

        assert frontier.release_expired(connection, now=NOW) == 0
        assert frontier.release_expired(connection, now=NOW + timedelta(hours=1)) == 1
        assert len(lease(connection, run_id)) == 1


def test_a_run_that_is_marked_lost_gives_back_its_leases_at_once(database: Database, run_id: int) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(1)])
        lease(connection, run_id)
        runs.end(connection, run_id, now=NOW, status="lost", reason="killed")

        assert frontier.release_expired(connection, now=NOW) == 1


def test_a_link_to_try_again_waits_until_then(database: Database, run_id: int) -> None:
    later = NOW + timedelta(minutes=15)
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [article(1)])
        (leased,) = lease(connection, run_id)
        frontier.settle(connection, leased.id, run_id=run_id, retry_at=later)

        assert lease(connection, run_id) == []
        assert [one.tries for one in lease(connection, run_id, now=later)] == [1]


def test_the_next_run_reads_feeds_again_and_no_article(database: Database, run_id: int) -> None:
    feed, page = listing("feed", LinkKind.FEED), article(1)
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", [feed, page])
        for leased in lease(connection, run_id):
            frontier.settle(connection, leased.id, run_id=run_id)
        frontier.add_seeds(connection, "t", [feed])
        frontier.add_found(connection, "t", [page], run_id=run_id + 1)

        assert [one.link.url for one in lease(connection, run_id)] == [feed.url]


def test_the_next_section_page_is_read_again_only_behind_something_new(database: Database, run_id: int) -> None:
    second = listing("section/2", LinkKind.SECTION)
    with database.writing() as connection:
        frontier.add_found(connection, "t", [second, article(1)], run_id=run_id)
        for leased in lease(connection, run_id):
            frontier.settle(connection, leased.id, run_id=run_id)

        frontier.add_found(connection, "t", [second, article(1)], run_id=run_id + 1)
        nothing_new = lease(connection, run_id)
        frontier.add_found(connection, "t", [second, article(2)], run_id=run_id + 1)
        something_new = lease(connection, run_id)

    assert nothing_new == []
    assert {one.link.url for one in something_new} == {second.url, article(2).url}


def article(number: int, host: str = "alwaha.example") -> Link:
    return Link(
        url=f"http://{host}/{number}",
        kind=LinkKind.ARTICLE,
        channel="feed",
        source_id="alwaha",
        title=f"قمة ألاسكا {number}",
        published_at=NOW,
    )


def listing(path: str, kind: LinkKind) -> Link:
    return Link(url=f"http://alwaha.example/{path}", kind=kind, channel="feed", source_id="alwaha")


def lease(
    connection: Connection,
    run_id: int,
    *,
    now: datetime = NOW,
    per_host: int = 8,
    busy: dict[str, int] | None = None,
) -> list[LeasedLink]:
    return frontier.lease(
        connection,
        "t",
        run_id=run_id,
        now=now,
        until=now + timedelta(minutes=10),
        busy=busy or {},
        per_host=per_host,
        limit=64,
    )
