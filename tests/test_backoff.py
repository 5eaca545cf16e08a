"""Back-off: Retry-After and Crawl-delay are kept, by the server's own log; what failed is fetched later."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from corpus.store import articles, frontier, hosts, runs, schema
from corpus.store.database import open_database
from crawler.backoff import FIRST_WAIT, JITTER, LONGEST_WAIT, PATIENCE, retry_after, wait
from tests.rude_server import EMPTY_HOME, HTML, Answer, Web, assert_left_alone, catalogue, crawl, news, serving

pytestmark = pytest.mark.slow

NOW = datetime(2025, 8, 16, 12, tzinfo=UTC)
PAGES = 6


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3),
        (" 120 ", 120),
        ("0", None),
        ("99999999999999", 86_400),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300),
        (format_datetime(NOW - timedelta(minutes=5), usegmt=True), None),
        (format_datetime(NOW + timedelta(days=400), usegmt=True), 86_400),
        ("soon", None),
        ("Fri, 25 Jun 2010 15:00:00 +99999999999", None),
        ("-5", None),
        ("٣", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date_up_to_a_day(value: str | None, seconds: int | None) -> None:
    assert retry_after(value, now=NOW) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(("failures", "least"), [(1, 60), (2, 120), (5, 960), (11, 61_440), (12, 86_400), (99, 86_400)])
def test_a_host_that_goes_on_failing_is_left_alone_twice_as_long_up_to_a_day(failures: int, least: int) -> None:
    waited = wait(failures)

    assert abs(waited / timedelta(seconds=least) - 1) <= JITTER
    assert waited <= LONGEST_WAIT * (1 + JITTER)


def busy_once(asks: Callable[[], str] | None) -> tuple[list[str], Web]:
    """A web whose server asks for peace at the third page, once; `asks` makes its Retry-After."""
    asked: list[str] = []

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path.startswith("/news/"):
            asked.append(path)
            if len(asked) == 3:
                return Answer(503, headers={} if asks is None else {"Retry-After": asks()})
        return news(host, path, PAGES)

    return asked, web


@pytest.mark.parametrize("kind", ["seconds", "date"])
def test_a_host_that_says_when_to_come_back_is_left_alone_until_then(kind: str, tmp_path: Path) -> None:
    def date() -> str:
        return format_datetime(datetime.now(UTC) + timedelta(seconds=4), usegmt=True)

    asked, web = busy_once(date if kind == "date" else lambda: "3")
    db = str(tmp_path / "nazair.db")

    with serving(web) as server:
        done = crawl(catalogue(tmp_path, ["a.example"]), server, db)

    pages = server.times("a.example", beginning="/news")
    assert pages[3] - pages[2] >= 2.9
    assert done.returncode == 4  # the run says that something failed on the way
    assert sorted(set(asked)) == [f"/news/{1000 + i}" for i in range(1, PAGES + 1)]
    with open_database(db).reading() as connection:
        assert articles.size(connection) == PAGES


def test_a_host_that_does_not_say_is_left_to_a_later_run(tmp_path: Path) -> None:
    asked, web = busy_once(None)
    config, db = catalogue(tmp_path, ["a.example"]), str(tmp_path / "nazair.db")

    with serving(web) as server:
        began = datetime.now(UTC)
        first = crawl(config, server, db)
        before = len(asked)
        crawl(config, server, db)
        assert len(asked) == before
        with open_database(db).writing() as connection:
            host = hosts.load(connection, "a.example")
            assert host is not None
            assert host.blocked_until is not None
            assert host.blocked_until - began > FIRST_WAIT * 0.9
            hosts.keep(connection, "a.example", {"blocked_until": datetime.now(UTC)})
            connection.exec_driver_sql("UPDATE frontier SET next_try_at = NULL")
        crawl(config, server, db)

    assert before == 3
    assert "left alone until then" in first.stderr
    with open_database(db).reading() as connection:
        assert articles.size(connection) == PAGES
        host = hosts.load(connection, "a.example")
    assert host is not None
    assert host.failures == 0  # in a row: what comes next is again the first


def test_a_host_that_was_left_alone_when_it_was_to_be_met_is_asked_when_its_time_has_come(tmp_path: Path) -> None:
    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        if host == "a.example" and path.startswith("/news/"):
            return Answer(302, headers={"Location": "http://b.example/news/9"})
        return news(host, path, 1)

    config, db = catalogue(tmp_path, ["a.example", "b.example"]), str(tmp_path / "nazair.db")
    with open_database(db, create=True).writing() as connection:
        hosts.keep(connection, "b.example", {"blocked_until": datetime.now(UTC) + timedelta(seconds=10)})
    with serving(web) as server:
        crawl(config, server, db, "--max-time", "40s")

    assert server.paths("a.example")[-1] == "/news/1001"
    assert server.paths("b.example")[0] == "/robots.txt"
    assert {"/news/9", "/news/1001"} <= set(server.paths("b.example"))


@pytest.mark.parametrize("status", [403, 502])
def test_a_gateway_that_says_when_to_come_back_is_left_alone_until_then(tmp_path: Path, status: int) -> None:
    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        is_article = path.startswith("/news/")
        return Answer(status, headers={"Retry-After": "600"}) if is_article else news(host, path, PAGES)

    db = str(tmp_path / "nazair.db")

    with serving(web) as server:
        crawl(catalogue(tmp_path, ["a.example"]), server, db)

    assert len(server.times("a.example", beginning="/news/")) == 1
    with open_database(db).reading() as connection:
        host = hosts.load(connection, "a.example")
    assert host is not None
    assert host.blocked_until is not None
    assert host.blocked_until > datetime.now(UTC) + timedelta(seconds=500)


@pytest.mark.parametrize("status", [403, 525])
def test_articles_that_what_stands_before_a_server_holds_back_are_asked_for_again(tmp_path: Path, status: int) -> None:
    asked: list[str] = []

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path.startswith("/news/"):
            asked.append(path)
            if is_held_back:
                return Answer(status)
        return news(host, path, PAGES)

    is_held_back = True
    config, db = catalogue(tmp_path, ["a.example"]), str(tmp_path / "nazair.db")

    with serving(web) as server:
        crawl(config, server, db)
        before, is_held_back = len(asked), False
        with open_database(db).writing() as connection:
            hosts.keep(connection, "a.example", {"blocked_until": datetime.now(UTC)})
            connection.exec_driver_sql("UPDATE frontier SET next_try_at = NULL")
        crawl(config, server, db)

    assert before <= PATIENCE + 1  # without a delay the next is on its way
    with open_database(db).reading() as connection:
        assert articles.size(connection) == PAGES


def test_pages_that_break_their_server_each_time_are_counted_and_come_behind_the_others_of_their_host(
    tmp_path: Path,
) -> None:
    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        return Answer(0) if "/news/" <= path <= "/news/1004" else news(host, path, PAGES)

    config, db = catalogue(tmp_path, ["a.example"]), str(tmp_path / "nazair.db")

    with serving(web) as server:
        crawl(config, server, db)

    asked = set(server.paths("a.example"))
    with open_database(db).reading() as connection:
        host = hosts.load(connection, "a.example")
        pages = connection.execute(select(schema.frontier).where(schema.frontier.c.kind == "article")).all()
        told = {page.url: runs.why(connection, page.url) for page in pages}
    assert host is not None
    assert host.blocked_until is not None
    broken = [page for page in pages if page.state == "pending" and urlsplit(page.url).path in asked]
    assert len(broken) >= 2
    for page in broken:
        assert page.tries == 1
        assert page.next_try_at > host.blocked_until
        assert "could not be fetched" in told[page.url][0].reason


@pytest.mark.parametrize(
    "broken", [Answer(500), Answer(raw=lambda: [b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<rss><channel>"])]
)
def test_broken_feeds_do_not_keep_the_home_page_and_its_articles_from_their_turn(
    broken: Answer, tmp_path: Path
) -> None:
    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path == "/":
            links = [f'<a href="/news/{1000 + i}">قمة رقم {i} في المدينة أمام جمع من الناس</a>' for i in range(PAGES)]
            return Answer(200, f"<html><body>{' '.join(links)}</body></html>".encode(), HTML)
        return broken if path.startswith("/feed") else news(host, path, PAGES)

    feeds = [f"http://a.example/feed/{i}" for i in range(PATIENCE)]
    config, db = catalogue(tmp_path, ["a.example"]), str(tmp_path / "nazair.db")
    source = config / "sources" / "s.toml"
    source.write_text(source.read_text().replace('["http://a.example/feed"]', str(feeds).replace("'", '"')))

    with serving(web) as server:
        crawl(config, server, db)

    with open_database(db).reading() as connection:
        assert articles.size(connection) == PAGES


def test_a_source_s_delay_is_the_least_at_all_of_its_hosts(tmp_path: Path) -> None:
    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        return news("www.a.example", path, PAGES - 1)

    config = catalogue(tmp_path, ["a.example"], extra="delay_s = 0.8\n")
    with serving(web) as server:
        crawl(config, server, str(tmp_path / "nazair.db"))

    assert len(server.times("www.a.example")) == PAGES + 1  # robots.txt and tdmrep.json among them
    for host in ("a.example", "www.a.example"):
        assert_left_alone(server.times(host)[1:], least_s=0.8)


def slow_down(seconds: str) -> Web:
    """A web of four articles that asks for so many seconds between requests."""

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path == "/robots.txt":
            return Answer(200, f"User-agent: *\nCrawl-delay: {seconds}\n".encode())
        return news(host, path, 4)

    return web


def test_a_crawl_delay_is_kept(tmp_path: Path) -> None:
    with serving(slow_down("1.5")) as server:
        crawl(catalogue(tmp_path, ["a.example"]), server, str(tmp_path / "nazair.db"))

    assert len(server.times("a.example")) == 8  # robots.txt and tdmrep.json among them
    assert_left_alone(server.times("a.example")[1:], least_s=1.5)


def test_a_crawl_delay_beyond_what_the_source_allows_spreads_pages_over_runs(tmp_path: Path) -> None:
    config = catalogue(tmp_path, ["a.example"], extra="delay_s = 0\nmax_delay_s = 1\n")
    with serving(slow_down("400")) as server:
        done = crawl(config, server, str(tmp_path / "nazair.db"))

    assert server.paths("a.example") == ["/robots.txt", "/feed"]
    assert "asks for 400 s between requests: one page of it at a time" in done.stderr


@pytest.mark.parametrize("options", [("--max-time", "5s"), ()])
def test_no_run_that_is_at_its_end_waits_until_a_host_has_rested(tmp_path: Path, options: tuple[str, ...]) -> None:
    asked = threading.Event()

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        asked.set()
        return Answer(200, b"User-agent: *\nCrawl-delay: 60\n") if path == "/robots.txt" else EMPTY_HOME

    config, db = catalogue(tmp_path, ["a.example"], extra="delay_s = 2\n"), str(tmp_path / "nazair.db")
    with serving(web) as server:
        command = ("crawl", "t", "--config", config, "--proxy", server.url, "--db", db, "--workers", "1", *options)
        with subprocess.Popen([sys.executable, "-m", "nazair", *map(str, command)], stderr=subprocess.PIPE) as run:
            assert asked.wait(60)
            if not options:
                run.send_signal(signal.SIGINT)
            run.communicate(timeout=30)  # half of what the host asks for

    assert run.returncode == (0 if options else 130)
    with open_database(db).reading() as connection:
        assert frontier.counts(connection)["pending"] >= 2  # the next run has them
