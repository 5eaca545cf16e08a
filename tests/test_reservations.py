"""/.well-known/tdmrep.json: which pages it reserves, and that a host is asked for it once, and obeyed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from corpus import clock
from corpus.store import articles
from corpus.store import hosts as stored_hosts
from corpus.store.database import open_database
from corpus.types import Filter
from crawler.reservations import PATH, read_reservations, rule_of
from tests.later import pass_time
from tests.rude_server import HTML, Answer, article, catalogue, crawl, feed, serving


def rules(*pairs: tuple[str, object]) -> bytes:
    return json.dumps([{"location": location, "tdm-reservation": value} for location, value in pairs]).encode()


ALL = rules(("/", 1))


@pytest.mark.parametrize(
    ("body", "path", "reserved"),
    [
        (ALL, "/news/1", True),
        (rules(("/*", "1")), "/news/1", True),
        (rules(("/", 0)), "/news/1", False),
        (rules(("/opinion/", 1)), "/news/1", False),
        (rules(("/opinion/", 1)), "/opinion/1", True),
        (rules(("/", 1), ("/free/", 0)), "/free/1", False),
        (rules(("/free/", 0), ("/", 1)), "/news/1", True),
        (rules(("*.pdf$", 1)), "/a.pdf", True),
        (rules(("/سياسة/", 1)), "/%D8%B3%D9%8A%D8%A7%D8%B3%D8%A9/1", True),
        (b"\xef\xbb\xbf" + ALL, "/news/1", True),
        (b'{"location": "/", "tdm-reservation": 1}', "/news/1", True),
        (rules(("/\nAllow: /", 1)), "/news/1", False),
        (b"<html>Not found</html>", "/news/1", False),
        (b"[" * 100_000, "/news/1", False),
        (b'[1, null, {}, {"location": 3}]', "/news/1", False),
        (b"\xff\xfe", "/news/1", False),
        (b"", "/news/1", False),
    ],
)
def test_a_file_reserves_what_the_table_says(body: bytes, path: str, reserved: bool) -> None:
    rule = rule_of(f"http://a.example{path}", read_reservations(body, f"http://a.example{PATH}"))

    assert (rule is not None and rule.reserved) == reserved


@pytest.mark.parametrize(
    ("policy", "address"),
    [
        ("https://b.example/policy.json", "https://b.example/policy.json"),
        ("/سياسة", "http://a.example/%D8%B3%D9%8A%D8%A7%D8%B3%D8%A9"),
        ("policy.json", "http://a.example/.well-known/policy.json"),
        ("javascript:alert(1)", None),
        (" ", None),
        (7, None),
    ],
)
def test_a_file_names_the_policy_of_the_rule_that_counts(policy: object, address: str | None) -> None:
    told = [
        {"location": "/", "tdm-reservation": 1, "tdm-policy": "http://a.example/of-all"},
        {"location": "/news/", "tdm-reservation": 1, "tdm-policy": policy},
        {"location": "/news/", "tdm-reservation": 0},
    ]

    rule = rule_of("http://a.example/news/1", read_reservations(json.dumps(told).encode(), f"http://a.example{PATH}"))

    assert rule is not None
    assert (rule.reserved, rule.policy) == (True, address)


def test_what_an_answer_says_goes_before_what_its_host_says(tmp_path: Path) -> None:
    told = [{"location": "/", "tdm-reservation": 1, "tdm-policy": "/policy"}]
    asked = {
        "/news/1002": {"TDM-Reservation": "0"},
        "/news/1003": {"TDM-Reservation": "no"},  # means nothing
        "/news/1004": {"TDM-Policy": "http://b.example/own"},
    }

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path == "/feed":
            return Answer(200, feed(host, 4))
        if path == PATH:
            return Answer(200, json.dumps(told).encode())
        if path.startswith("/news/"):
            return Answer(200, article(int(path[6:])), HTML | asked.get(path, {}))
        return Answer(404)

    db = str(tmp_path / "nazair.db")
    with serving(web) as server:
        crawl(catalogue(tmp_path, ["a.example"]), server, db)

    with open_database(db).reading() as connection:
        stored = articles.load(connection, articles.find(connection, Filter())).values()
    assert {one.article.url[-4:]: (one.article.directives, one.article.tdm_policy) for one in stored} == {
        "1001": (("tdm-reservation",), "http://a.example/policy"),
        "1002": ((), None),
        "1003": (("tdm-reservation",), "http://a.example/policy"),
        "1004": (("tdm-reservation",), "http://b.example/own"),
    }


@pytest.mark.slow
def test_a_host_is_asked_once_a_day_and_only_where_an_article_comes_from(tmp_path: Path) -> None:
    sent: list[str | None] = []

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path == "/feed" and host != "empty.example":
            return Answer(200, feed(host, 3))
        if path == PATH and host == "part.example":
            sent.append(headers.get("If-None-Match"))
            reserved = rules(("/", 0), ("/news/1002", 1))
            return Answer(304) if headers.get("If-None-Match") else Answer(200, reserved, {"ETag": '"1"'})
        if path.startswith("/news/"):
            return Answer(200, article(int(path[6:])), HTML)
        if path == "/robots.txt" and host == "closed.example":
            return Answer(200, f"User-agent: *\nDisallow: {PATH}".encode())
        return Answer(404)

    hosts = [f"{name}.example" for name in ("part", "none", "closed", "empty")]
    db, folder = str(tmp_path / "nazair.db"), catalogue(tmp_path, hosts)
    with serving(web) as server:
        crawl(folder, server, db)
        first = [server.paths(host).count(PATH) for host in hosts]
        pass_time(open_database(db), timedelta(hours=23))  # articles are looked at again
        with open_database(db).writing() as connection:
            stored_hosts.keep(connection, "part.example", {"tdm_at": clock.now() - timedelta(hours=25)})
        crawl(folder, server, db)
        second = [server.paths(host).count(PATH) for host in hosts]

    assert first == [1, 1, 0, 0]
    assert second == [2, 1, 0, 0]
    assert sent == [None, '"1"']
    with open_database(db).reading() as connection:
        stored = articles.load(connection, articles.find(connection, Filter()))
    assert len(stored) == 9
    reserved = [one.article.url for one in stored.values() if one.article.directives]
    assert reserved == ["http://part.example/news/1002"]
    assert {one.article.directives for one in stored.values()} == {(), ("tdm-reservation",)}
