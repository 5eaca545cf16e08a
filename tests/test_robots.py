"""robots.txt: what each answer lets us fetch, and that it is obeyed, kept for a day, and asked for once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from corpus.store import hosts, runs
from corpus.store.database import Database, open_database
from crawler.discovery.sitemaps import MAX_ROBOTS_BYTES
from crawler.robots import LONGEST_PAUSE_S, crawl_delay_s, read_robots
from tests.rude_server import Answer, article, catalogue, crawl, feed, serving

pytestmark = pytest.mark.slow

FORBIDDEN = b"User-agent: *\nDisallow: /\n"
AGENT = "nazair/0.1 (news research crawler; contact: a@b.example)"
PAGE = "http://alwaha.example/news/1"

# (status, body) → may a page be fetched? RFC 9309, and our stricter choices.
ANSWERS: Mapping[str, tuple[int | None, bytes, bool]] = {
    "rules that allow": (200, b"User-agent: *\nAllow: /\n", True),
    "rules that forbid": (200, FORBIDDEN, False),
    "rules for us by name": (200, b"User-agent: *\nAllow: /\n\nUser-agent: nazair\nDisallow: /\n", False),
    "rules for a version of us": (
        200,
        b"User-agent: *\nAllow: /\n\nUser-Agent: Nazair/1.0 (news)\nDisallow: /\n",
        False,
    ),
    "rules for a longer name": (200, b"User-agent: nazair-images\nDisallow: /\n", True),
    "rules for another": (200, b"User-agent: other\nDisallow: /\n", True),
    "rules for a word of our header": (200, b"User-agent: news\nUser-agent: b.example\nDisallow: /\n", True),
    "leave for a word of our header": (200, b"User-agent: *\nDisallow: /\n\nUser-agent: crawler\nAllow: /\n", False),
    "nothing": (200, b"", True),
    "a web page": (200, b"<html><body>Not found</body></html>", True),
    "a byte order mark": (200, b"\xef\xbb\xbf" + FORBIDDEN, False),
    "UTF-16": (200, FORBIDDEN.decode().encode("utf-16"), False),
    "UTF-16 that allows": (200, FORBIDDEN.decode().replace("Dis", "").encode("utf-16"), True),
    "binary data": (200, b"PK\x03\x04\x00\x00", False),
    "rules beyond what must be read": (200, b"#" * MAX_ROBOTS_BYTES + b"\n" + FORBIDDEN, True),
    "a rule that is cut": (200, b"#" * (MAX_ROBOTS_BYTES - 25) + b"\n" + FORBIDDEN[:-1] + b"cut\n", True),
    "304 to the first request": (304, b"", False),
    "404": (404, b"", True),
    "410": (410, FORBIDDEN, True),
    "401": (401, b"", False),
    "403": (403, b"", False),
    "429": (429, b"", False),
    "500": (500, b"", False),
    "503": (503, b"User-agent: *\nAllow: /\n", False),
    "no answer": (None, b"", False),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_allows_what_the_table_says(answer: str) -> None:
    status, body, allowed = ANSWERS[answer]

    refusal = read_robots(status, body).refusal(PAGE, AGENT)

    assert (refusal is None) == allowed
    assert allowed or refusal


@pytest.mark.parametrize("encoding", ["utf-8", "cp1256", "utf-16"])
def test_a_rule_in_arabic_letters_forbids_its_path_in_whatever_encoding(encoding: str) -> None:
    rules = "User-agent: * # الجميع\nDisallow: /خاص/\nAllow: /خاص/عام\nCrawl-delay: 3\n"
    robots = read_robots(200, rules.encode(encoding))
    escaped_in = ["utf-8", "cp1256"] if encoding == "cp1256" else ["utf-8"]

    for name in escaped_in:
        private, public = (
            f"http://alwaha.example/{quote('خاص', encoding=name)}/{quote(last, encoding=name)}"
            for last in ("خبر", "عام")
        )
        assert robots.refusal(private, AGENT) == "robots.txt forbids it"
        assert robots.refusal(public, AGENT) is None
    assert robots.refusal(PAGE, AGENT) is None
    assert crawl_delay_s(robots, AGENT) == 3.0


@pytest.mark.parametrize(
    ("rules", "seconds"),
    [
        (b"User-agent: *\nCrawl-delay: 7\n", 7.0),
        (b"User-agent: *\nCrawl-delay: 2\n\nUser-agent: nazair\nCrawl-delay: 0.5\n", 0.5),
        (b"User-agent: *\nRequest-rate: 1/5\n", 5.0),
        (b"User-agent: *\nCrawl-delay: 3\n\nUser-agent: crawler\nCrawl-delay: 9\n", 3.0),
        (b"User-agent: *\nCrawl-delay: soon\n", 0.0),
        (b"User-agent: *\r\nCrawl-delay: 1,5\r\n", 1.5),
        (b"User-agent: *\nCrawl-delay: 2s\nDisallow: /x", 2.0),
        (b"User-agent: *\nCrawl-Delay:10 sec. # please\n", 10.0),
        (b"Crawl-delay: 5 seconds", 0.0),  # of no group
        (b"User-agent: *\nCrawl-delay: 1 minute", 60.0),
        (b"User-agent: *\nCrawl-delay: 20 pages\n", 0.0),
        (b"User-agent: *\nCrawl-delay: 1" + b"0" * 99, LONGEST_PAUSE_S),
        (b"User-agent: *\nRequest-rate: 1/1" + b"0" * 999, LONGEST_PAUSE_S),
        (b"", 0.0),
    ],
)
def test_the_pause_that_a_host_asks_for_is_read(rules: bytes, seconds: float) -> None:
    assert crawl_delay_s(read_robots(200, rules), AGENT) == seconds


def robots_of(host: str) -> Answer:
    """The robots.txt of a host whose name says what it answers."""
    return {
        "allow.example": Answer(404),
        "forbid.example": Answer(200, FORBIDDEN),
        "closed.example": Answer(403),
        "broken.example": Answer(500),
        "busy.example": Answer(503, headers={"Retry-After": "600"}),
        "silent.example": Answer(0),
        "loop.example": Answer(302, headers={"Location": "http://loop.example/robots.txt"}),
        "moved.example": Answer(301, headers={"Location": "http://forbid.example/robots.txt"}),
    }[host]


def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
    if path == "/robots.txt":
        return robots_of(host)
    return Answer(200, feed(host, 1) if path == "/feed" else article(1), {"Content-Type": "text/html; charset=utf-8"})


HOSTS = ["allow", "forbid", "closed", "broken", "busy", "silent", "loop", "moved"]


def test_a_host_is_asked_for_nothing_that_its_robots_txt_does_not_allow(database_url: str, tmp_path: Path) -> None:
    with serving(web) as server:
        done = crawl(catalogue(tmp_path, [f"{host}.example" for host in HOSTS]), server, database_url)

    assert "Traceback" not in done.stderr
    assert "/news/1001" in server.paths("allow.example")
    for host in HOSTS[1:]:
        assert set(server.paths(f"{host}.example")) - {"/robots.txt"} == set(), host
    assert server.paths("allow.example").count("/robots.txt") == 1


def test_a_robots_txt_that_cannot_be_had_is_a_failure_and_nobodys_wish(database_url: str, tmp_path: Path) -> None:
    with serving(web) as server:
        done = crawl(catalogue(tmp_path, [f"{host}.example" for host in HOSTS[1:]]), server, database_url)

    with open_database(database_url).reading() as connection:
        told = runs.decided(connection, 1)
    decided = {(one.outcome.value, one.source_id) for one in told}
    assert done.returncode == 4
    assert any("ConnectionDone: Connection was closed" in one.reason for one in told if one.source_id == "silent")
    assert {host for outcome, host in decided if outcome == "blocked_by_robots"} == {"forbid", "closed", "moved"}
    assert {host for outcome, host in decided if outcome == "failed"} == {"broken", "busy", "silent", "loop"}


def test_what_robots_txt_said_is_kept_for_a_day_and_then_asked_again(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    config = catalogue(tmp_path, ["allow.example"])
    with serving(web) as server:
        for days, asked in ((0, 1), (0, 1), (1, 2)):
            if days:
                with database.writing() as connection:
                    hosts.keep(connection, "allow.example", {"robots_at": datetime.now(UTC) - timedelta(hours=25)})
            crawl(config, server, database_url)

            assert server.paths("allow.example").count("/robots.txt") == asked


def test_what_robots_txt_kept_out_is_asked_for_when_it_says_something_else(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    said = [Answer(200, b"User-agent: *\nDisallow: /news\n"), Answer(403), Answer(404), Answer(404)]

    def changing(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        return said[len(asked)] if path == "/robots.txt" else web(host, path, headers)

    config = catalogue(tmp_path, ["allow.example"])
    asked: list[int] = []
    with serving(changing) as server:
        while len(asked) < len(said):
            with database.writing() as connection:
                hosts.keep(connection, "allow.example", {"robots_at": None})
            crawl(config, server, database_url)
            asked.append(server.paths("allow.example").count("/news/1001"))

    assert asked == [0, 0, 1, 1]


def test_a_host_whose_robots_txt_cannot_be_had_is_asked_again_later(tmp_path: Path) -> None:
    db = str(tmp_path / "nazair.db")
    with serving(web) as server:
        done = crawl(catalogue(tmp_path, ["busy.example"]), server, db, "--max-time", "2s")
    with open_database(db).reading() as connection:
        busy = hosts.load(connection, "busy.example")

    assert done.returncode in (0, 4)
    assert busy is not None
    assert busy.blocked_until is not None
    assert busy.blocked_until > datetime.now(UTC) + timedelta(seconds=500)
    assert server.paths("busy.example") == ["/robots.txt"]
