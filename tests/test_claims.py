"""Claims: a host belongs to one run at a time; it rests between two runs, and comes free when its run is dead."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus.store import Connection, claims, frontier, leases, runs
from corpus.store.claims import MOST_OF_SITE
from corpus.store.database import Database, open_database
from corpus.types import LeasedLink, Link, LinkKind
from tests.processes import nazair
from tests.rude_server import Answer, assert_left_alone, catalogue, crawl, news, serving

NOW = datetime(2025, 8, 16, 12, tzinfo=UTC)
LEASE = timedelta(minutes=10)


def links(*hosts: str, each: int = 3) -> list[Link]:
    return [
        Link(url=f"http://{host}.example/{i}", kind=LinkKind.ARTICLE, channel="feed", source_id=None, title="قمة")
        for host in hosts
        for i in range(each)
    ]


def lease(
    connection: Connection, run_id: int, *, now: datetime = NOW, busy: dict[str, int] | None = None, rest_s: float = 0
) -> list[LeasedLink]:
    return leases.lease(
        connection,
        "t",
        run_id=run_id,
        now=now,
        until=now + LEASE,
        busy=busy or {},
        per_host=1,
        limit=64,
        rest=lambda host: rest_s,
    )


def hosts_of(leased: list[LeasedLink]) -> set[str]:
    return {one.link.url.split("/")[2].split(".")[0] for one in leased}


@pytest.fixture
def two(database: Database) -> tuple[int, int]:
    with database.writing() as connection:
        first, second = (runs.start(connection, "t", now=NOW, machine="m", pid=i) for i in (1, 2))
    return first, second


def test_a_site_with_a_host_for_each_page_has_few_asked_at_a_time(database: Database, two: tuple[int, int]) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", links(*(f"{i}.evil" for i in range(30)), "good", each=2))

    with database.writing() as connection:
        first = lease(connection, two[0], rest_s=2)
        more = lease(connection, two[0], busy={one.link.url.split("/")[2]: 1 for one in first}, rest_s=2)
        later = lease(connection, two[0], now=NOW + timedelta(seconds=1), rest_s=2)

    assert [len(leased) for leased in (first, more, later)] == [MOST_OF_SITE + 1, 0, MOST_OF_SITE + 1]
    assert hosts_of(first) & hosts_of(later) == {"good"}  # the others have their turn, too


def test_a_host_belongs_to_one_run_at_a_time(database: Database, two: tuple[int, int]) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", links("a"))

        assert hosts_of(lease(connection, two[0])) == {"a"}
        assert lease(connection, two[1]) == []


def test_runs_of_one_queue_share_its_hosts(database: Database, two: tuple[int, int]) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", links("a", "b", "c", "d"))
        first, second = lease(connection, two[0]), lease(connection, two[1])

    assert len(hosts_of(first)) == len(hosts_of(second)) == 2
    assert not hosts_of(first) & hosts_of(second)


def test_a_run_that_is_silent_has_no_share(database: Database, two: tuple[int, int]) -> None:
    later = NOW + claims.SILENT_AFTER
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", links("a", "b", "c", "d"))
        runs.heartbeat(connection, two[0], now=later)

        assert hosts_of(lease(connection, two[0], now=later)) == {"a", "b", "c", "d"}


def test_a_host_rests_between_two_runs(database: Database, two: tuple[int, int]) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", links("a", each=1))
        (only,) = lease(connection, two[0])
        leases.settle(connection, {only.id: None}, run_id=two[0])
        lease(connection, two[0], rest_s=5)  # nothing left
        frontier.add_seeds(connection, "t", links("a", each=2))

        early = lease(connection, two[1], now=NOW + timedelta(seconds=4))
        due = leases.next_due(connection, "t", run_id=two[1], now=NOW)
        late = lease(connection, two[1], now=NOW + timedelta(seconds=5))

    assert (early, due) == ([], NOW + timedelta(seconds=5))
    assert hosts_of(late) == {"a"}


def test_a_host_comes_free_after_the_lease_of_a_run_that_is_silent(database: Database, two: tuple[int, int]) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", links("a"))
        lease(connection, two[0])

        before = lease(connection, two[1], now=NOW + LEASE - timedelta(seconds=1))
        after = lease(connection, two[1], now=NOW + LEASE)

    assert (before, hosts_of(after)) == ([], {"a"})


def test_a_run_that_is_heard_keeps_its_hosts(database: Database, two: tuple[int, int]) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", links("a"))
        lease(connection, two[0])
        claims.renew(connection, two[0], until=NOW + 2 * LEASE)

        assert lease(connection, two[1], now=NOW + LEASE) == []


def test_a_run_waits_for_a_host_that_another_asks(database: Database, two: tuple[int, int]) -> None:
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", links("a"))
        lease(connection, two[0])

        due = leases.next_due(connection, "t", run_id=two[1], now=NOW)

    assert due == NOW + leases.LOOK_AGAIN


def test_what_may_be_fetched_at_once_is_due_on_a_server_west_of_greenwich(postgresql_url: str) -> None:
    with open_database(postgresql_url, create=True) as database, database.writing() as connection:
        connection.exec_driver_sql("SET LOCAL TIME ZONE 'America/Los_Angeles'")
        run_id = runs.start(connection, "t", now=NOW, machine="m", pid=1)
        frontier.add_seeds(connection, "t", links("a"))

        due = leases.next_due(connection, "t", run_id=run_id, now=NOW)

    assert due is not None
    assert due < NOW


def test_a_run_waits_for_what_another_that_is_alive_fetches(database: Database, two: tuple[int, int]) -> None:
    """It may lead to more; and who named it is to hear what came of it."""
    with database.writing() as connection:
        frontier.add_seeds(connection, "t", links("a", each=1))
        (only,) = lease(connection, two[0])
        first, second = (leases.next_due(connection, "t", run_id=one, now=NOW) for one in two)
        silent = leases.next_due(connection, "t", run_id=two[1], now=NOW + claims.SILENT_AFTER)
        leases.settle(connection, {only.id: None}, run_id=two[0])

        assert (first, second, silent) == (None, NOW + leases.LOOK_AGAIN, None)
        assert leases.next_due(connection, "t", run_id=two[1], now=NOW) is None


def test_leasing_waits_for_no_writer(postgresql_url: str) -> None:
    database = open_database(postgresql_url, create=True)
    with database.writing() as connection:
        run_id = runs.start(connection, "t", now=NOW, machine="m", pid=1)
        frontier.add_seeds(connection, "t", links("a"))

    with database.writing(), database.leasing() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '1s'")

        assert len(lease(connection, run_id)) == 1
    database.close()


def test_a_run_that_begins_or_shows_life_waits_for_no_lease(postgresql_url: str) -> None:
    """It holds what others lease, and they hold what it takes out: waiting, it would close a circle."""
    later = NOW + 2 * LEASE
    database = open_database(postgresql_url, create=True)
    with database.writing() as connection:
        first, second = (runs.start(connection, "t", now=later, machine="m", pid=i) for i in (1, 2))
        frontier.add_seeds(connection, "t", links("a", "b"))
        lease(connection, first)

    with database.leasing() as connection, database.leasing() as other:
        claims.take(connection, "t", ["a.example"], run_id=second, busy={}, now=later, until=later + LEASE, limit=1)
        leases.release_expired(connection, now=later)
        other.exec_driver_sql("SET LOCAL lock_timeout = '1s'")

        claims.renew(other, first, until=later + LEASE)
        leases.renew(other, first, until=later + LEASE)
        leases.release_expired(other, now=later)
        claims.clear(other, now=later)
    with database.reading() as connection:
        assert claims.of_others(connection, run_id=first, now=later) == {"a.example": (second, later + LEASE)}
        assert frontier.counts(connection) == {"pending": 6}
    database.close()


def _is_open(database: Database, run_id: int) -> bool:
    with database.reading() as connection:
        return leases.next_due(connection, "t", run_id=run_id, now=NOW) is not None


def test_runs_that_lease_at_once_never_get_the_same_link(postgresql_url: str) -> None:
    database = open_database(postgresql_url, create=True)
    with database.writing() as connection:
        run_ids = [runs.start(connection, "t", now=NOW, machine="m", pid=i) for i in range(4)]
        frontier.add_seeds(connection, "t", links(*"abcdefgh", each=5))
    together = threading.Barrier(4)

    def work(run_id: int) -> list[int]:
        together.wait(100)
        got: list[int] = []
        while _is_open(database, run_id):
            with database.leasing() as connection:
                leased = lease(connection, run_id)
            for one in leased:
                with database.writing() as connection:
                    assert leases.settle(connection, {one.id: None}, run_id=run_id)
            got += [one.id for one in leased]
        return got

    with ThreadPoolExecutor(4) as pool:
        got = [link_id for ids in pool.map(work, run_ids, timeout=100) for link_id in ids]

    assert len(got) == len(set(got)) == 40
    database.close()


@pytest.mark.slow
def test_two_crawls_share_a_database_and_no_host_is_asked_faster(postgresql_url: str, tmp_path: Path) -> None:
    hosts = [f"h{i}.example" for i in range(4)]

    with serving(lambda host, path, headers: news(host, path, 4)) as server, ThreadPoolExecutor(2) as pool:
        config = catalogue(tmp_path, hosts, extra="delay_s = 0.5\n")
        done = list(pool.map(lambda _: crawl(config, server, postgresql_url), range(2)))

    assert [one.returncode for one in done] == [0, 0], [one.stderr for one in done]
    for host in hosts:
        articles = [path for path in server.paths(host) if path.startswith("/news/")]
        assert sorted(articles) == [f"/news/{1000 + i}" for i in range(1, 5)]
        assert_left_alone(server.times(host), least_s=0.5)


@pytest.mark.slow
def test_what_another_run_fetched_in_its_place_is_told_by_add(postgresql_url: str, tmp_path: Path) -> None:
    """The first has the host, and goes on with what the second named."""
    database = open_database(postgresql_url, create=True)
    first, second = (f"http://h.example/news/{number}" for number in (1001, 1002))

    def web(host: str, path: str, headers: object) -> Answer:
        if path == "/news/1001":
            asked.set()
            assert named.wait(100)
        return news(host, path, 2)

    def is_named() -> bool:
        with database.reading() as connection:
            return bool(frontier.state_of(connection, second))

    asked, named = threading.Event(), threading.Event()
    with serving(web) as server, ThreadPoolExecutor(2) as pool:
        options = "--proxy", server.url, "--db", postgresql_url, "--workers", "1"
        one = pool.submit(nazair, "add", first, *options)
        assert asked.wait(100)
        other = pool.submit(nazair, "add", second, *options)
        while not (is_named() or other.done()):
            threading.Event().wait(0.1)
        named.set()
        done = [one.result(), other.result()]
    database.close()

    assert [each.returncode for each in done] == [0, 0], [each.stderr for each in done]
    assert second in done[1].stdout
