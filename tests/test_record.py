"""Record and replay: a crawl that is recorded and replayed gives the same database again, without a socket."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import CannotResolveHostError
from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from corpus.errors import UsageError
from crawler.record import Recording
from crawler.replay import Warc
from nazair.demo.server import serve
from nazair.demo.web import bundled_web, read_web
from tests.processes import nazair
from tests.rude_server import EMPTY_HOME, HTML, Answer, article, catalogue, crawl, feed, serving

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent

# Python runs it first in a replay's process and in each of its workers: no socket of the internet is ever made.
NO_SOCKETS = """
import socket

class Refused(socket.socket):
    def __init__(self, family=-1, *rest, **named):
        if family in (socket.AF_INET, socket.AF_INET6):
            raise AssertionError("a socket was opened")
        super().__init__(family, *rest, **named)

def resolve(*arguments, **named):
    raise AssertionError("a name was looked up")

socket.socket = Refused
socket.getaddrinfo = socket.gethostbyname = resolve
"""

# Every stored fact by the names that people know it by: ids are given by turn, and the run's own times are its own.
FACTS = {
    "articles": """SELECT url, canonical_url, source_id, title, text, author, agency, published_at, published_precision,
        published_from, published_zone, language, image, section, tags, encoding, fetched_at, content_hash, word_count
        FROM articles""",
    # Not `page_lines`: of a page and its update only the lines of the first are counted.
    "texts": "SELECT text_hash, signature, shingles, published_by FROM texts",
    "topics": "SELECT url, topic_id, score, matched, names FROM article_topics JOIN articles ON id = article_id",
    "copies": """SELECT min(a.text_hash, b.text_hash), max(a.text_hash, b.text_hash), kind, jaccard FROM copy_edges
        JOIN texts AS a ON a.id = a_id JOIN texts AS b ON b.id = b_id""",
    # Of two copies the first is kept and the second a near-copy: hosts are asked side by side, so either may be first.
    # The same goes for the channels of a page: the first that names it finds it (and counts it among its links, which
    # are not compared), and says how exact its date is.
    "decisions": """SELECT url, kind, source_id, iif(outcome = 'near_copy', 'kept', outcome),
        iif(outcome IN ('near_copy', 'kept'), '', reason) FROM decisions""",
    "frontier": "SELECT queue, url, kind, title, published_at IS NULL, state, doubt, reason, tries FROM frontier",
    "hosts": "SELECT host, robots_status, robots_body, robots_problem, blocked_because, failures FROM hosts",
    "similar": "SELECT url FROM similar_lists JOIN articles ON id = article_id",
}


@pytest.fixture
def offline(tmp_path: Path) -> dict[str, str]:
    """The environment of a process that has no network."""
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline" / "sitecustomize.py").write_text(NO_SOCKETS, encoding="utf-8")
    return os.environ | {"PYTHONPATH": str(tmp_path / "offline")}


def facts(db: str) -> dict[str, list[tuple[Any, ...]]]:
    """Table → its rows, sorted."""
    with sqlite3.connect(db) as connection:
        return {name: sorted(connection.execute(query).fetchall(), key=repr) for name, query in FACTS.items()}


def test_a_replayed_crawl_gives_the_same_database_without_a_socket(tmp_path: Path, offline: dict[str, str]) -> None:
    folder = bundled_web()
    first, again, warc = (str(tmp_path / name) for name in ("first.db", "again.db", "crawl.warc.gz"))
    command = ("crawl", "alaska-summit", "--config", str(folder), "--workers", "1")
    with serve(read_web(folder)) as server:
        recorded = nazair(*command, "--db", first, "--proxy", server.url, "--record", warc)

    replayed = nazair(*command, "--db", again, "--replay", warc, env=offline)

    assert recorded.returncode == replayed.returncode == 0, recorded.stderr + replayed.stderr
    assert facts(again) == facts(first)
    assert all(facts(first).values())


class Troubled:
    """A web that fails in every way that a recording must keep: busy, broken, silent, moved, forbidden, unchanged."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.languages: Counter[str | None] = Counter()

    def __call__(self, host: str, path: str, headers: Mapping[str, str]) -> Answer:  # noqa: PLR0911 - a table of answers
        self.asked[host + path] += 1
        self.languages[headers.get("Accept-Language")] += 1
        if path == "/robots.txt":
            named = {"closed.example": Answer(403), "broken.example": Answer(500), "silent.example": Answer(0)}
            return named.get(host, Answer(404))
        if path == "/feed":
            return Answer(200, feed(host, 4), {"ETag": '"1"'})
        if path == "/":
            return EMPTY_HOME
        if host == "moved.example" and path == "/news/1001":
            return Answer(301, b"", {"Location": "http://moved.example/news/9001"})
        if path == "/news/1002" or not path.startswith("/news/"):
            return Answer(404)
        is_busy = host == "busy.example" and path == "/news/1003" and self.asked[host + path] == 1
        if is_busy:
            return Answer(429, b"", {"Retry-After": "1"})
        return Answer(200, article(int(path[-4:]), words=f"{host[0]} قمة"), HTML)


def test_refusals_waits_redirects_and_errors_are_replayed_as_they_were(tmp_path: Path, offline: dict[str, str]) -> None:
    hosts = [f"{name}.example" for name in ("busy", "closed", "broken", "silent", "moved", "quiet")]
    config = catalogue(tmp_path, hosts)
    first, again, warc = (str(tmp_path / name) for name in ("first.db", "again.db", "crawl.warc.gz"))
    with serving(web := Troubled()) as server:
        recorded = crawl(config, server, first, "--record", warc)

    replayed = nazair(
        *("crawl", "t", "--config", str(config), "--db", again, "--replay", warc, "--workers", "1"), env=offline
    )

    assert replayed.returncode == recorded.returncode, recorded.stderr + replayed.stderr
    assert facts(again) == facts(first)
    outcomes = {row[3] for row in facts(first)["decisions"]}
    assert {"kept", "failed", "blocked_by_robots", "listing"} <= outcomes
    assert set(web.languages) == {"ar,en;q=0.5"}  # robots.txt too


def test_a_name_that_was_not_found_is_not_found_again(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    request, at = Request("http://nowhere.example/"), datetime(2025, 8, 15, 10, 0, 0, 123456, tzinfo=UTC)
    recording = Recording(path.open("xb"), packed=True)
    recording.error(request, CannotResolveHostError("no such name: nowhere.example"), at)
    recording.close()

    answer = Warc(path).answer(request.url)

    assert answer is not None
    assert isinstance(answer.error, CannotResolveHostError)
    assert str(answer.error) == "no such name: nowhere.example"
    assert answer.at == at


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    config = catalogue(tmp_path, ["x.example"])
    warc = tmp_path / "old.warc.gz"
    warc.write_bytes(b"kept")

    done = nazair(*("crawl", "t", "--config", str(config), "--proxy", "http://127.0.0.1:9", "--record", str(warc)))

    assert done.returncode == 2
    assert "a recording is not written over" in done.stderr
    assert warc.read_bytes() == b"kept"


def is_article(record: ArcWarcRecord) -> bool:
    """Whether a record is the answer to a request for an article."""
    return record.rec_type == "response" and "/news/" in record.rec_headers.get_header("WARC-Target-URI")


def test_what_stands_before_the_cut_of_a_recording_is_replayed_and_the_cut_is_told(
    tmp_path: Path, offline: dict[str, str]
) -> None:
    config = catalogue(tmp_path, ["x.example"])
    first, again, warc = tmp_path / "first.db", tmp_path / "again.db", tmp_path / "crawl.warc.gz"
    with serving(Troubled()) as server:
        crawl(config, server, str(first), "--record", str(warc))
    with warc.open("rb") as file:
        records = ArchiveIterator(file)
        begins = [records.get_record_offset() for one in records if is_article(one)]
    warc.write_bytes(warc.read_bytes()[: begins[-1] + 50])

    command = ("crawl", "t", "--config", str(config), "--db", str(again), "--workers", "1")
    replayed = nazair(*command, "--replay", str(warc), env=offline)

    assert replayed.returncode == 4
    assert "is cut off" in replayed.stderr
    whole, cut = facts(str(first))["articles"], facts(str(again))["articles"]
    assert 0 < len(cut) < len(whole)
    assert set(cut) < set(whole)
    assert any("which is cut off, has no answer" in row[4] for row in facts(str(again))["decisions"])


def test_a_folder_of_pages_is_replayed_and_nothing_outside_it_is_read(tmp_path: Path, offline: dict[str, str]) -> None:
    config, pages = catalogue(tmp_path / "config", ["x.example"]), tmp_path / "pages" / "x.example"
    (pages / "news").mkdir(parents=True)
    links = feed("x.example", 2).replace(
        b"</channel>", b"<item><link>http://x.example/news/../../../1009</link></item></channel>"
    )
    (pages / "feed").write_bytes(links)
    for number in (1001, 1002):
        (pages / "news" / str(number)).write_bytes(article(number))
    (tmp_path / "1009").write_bytes(article(1009))
    db = str(tmp_path / "n.db")

    done = nazair(
        *("crawl", "t", "--config", str(config), "--db", db, "--replay", str(tmp_path / "pages")), env=offline
    )

    assert [row[0] for row in facts(db)["articles"]] == [f"http://x.example/news/{one}" for one in (1001, 1002)], done


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("WARC-Date: 2025-99-99\r\nContent-Length: 19", "has no date"),
        ("WARC-Date: 0001-01-01T00:00:00+14:00\r\nContent-Length: 19", "has no date"),
        ("WARC-Date: 9999-12-31T23:59:59Z\r\nContent-Length: 19", "has no date"),
        (f"WARC-Date: 2025-08-16T10:00:00Z\r\nContent-Length: 1{'0' * 30}", "has no recorded answer"),
        ("WARC-Date: 2025-08-16T10:00:00Z", "has no recorded answer"),
    ],
)
def test_a_recording_that_somebody_has_spoilt_is_refused(head: str, why: str, tmp_path: Path) -> None:
    record = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://x.example/\r\n{head}\r\n\r\n"
    (tmp_path / "a.warc").write_bytes(record.encode() + b"HTTP/1.1 200 OK\r\n\r\n\r\n\r\n")

    with pytest.raises(UsageError, match=why):
        Warc(tmp_path / "a.warc")


@pytest.mark.parametrize("name", ["nothing.warc.gz", "text.warc", "empty"])
def test_what_is_no_recording_is_an_error_that_names_it(name: str, tmp_path: Path) -> None:
    config = catalogue(tmp_path, ["x.example"])
    (tmp_path / "text.warc").write_text("no recording at all")
    (tmp_path / "empty").mkdir()

    done = nazair("crawl", "t", "--config", str(config), "--replay", str(tmp_path / name))

    assert done.returncode == 2, done.stderr
    assert name in done.stderr


def test_a_recording_with_a_record_of_no_address_is_replayed_up_to_there(tmp_path: Path) -> None:
    http = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
    head = "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2025-08-15T10:00:00Z\r\n{}Content-Length: {}\r\n\r\n"
    of = ("WARC-Target-URI: http://a.example/\r\nContent-Type: application/http; msgtype=response\r\n", "")
    records = [head.format(one, len(http)).encode() + http + b"\r\n\r\n" for one in of]
    (file := tmp_path / "some.warc").write_bytes(b"".join(records))

    recorded = Warc(file)

    assert recorded.is_cut
    assert recorded.answer("http://a.example/") is not None
