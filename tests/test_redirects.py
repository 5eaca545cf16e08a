"""Redirects of all kinds: what is followed, what goes along, and whose the page is that they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from corpus.store import articles, frontier, runs
from corpus.store.database import open_database
from corpus.types import Filter
from crawler.redirects import target
from crawler.verdict import LED_AWAY
from tests.rude_server import EMPTY_HOME, HTML, Answer, article, catalogue, crawl, feed, serving

URL = "http://a.example/news/1"


def refresh(address: str) -> str:
    return f'<meta http-equiv="refresh" content="0; url={address}">'


def sent_by(script: str, otherwise: str) -> str:
    return f"<head><script>{script}</script><noscript>{refresh(otherwise)}</noscript></head><body>انتظر لحظة</body>"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (refresh("/news/2"), "http://a.example/news/2"),
        (f'<base href="/ar/">{refresh("2")}<body>انتظر لحظة</body>', "http://a.example/ar/2"),
        (sent_by("location.href = '/news/2'", "/news/2"), "http://a.example/news/2"),
        (sent_by("var a = 1", "/no-script"), None),  # is for readers without scripts alone
        ("<script> window.location.replace('/news/2') ;</script>", "http://a.example/news/2"),
        ('<script>var a = 1</script><script>\nlocation="2"\n</script><body>انتظر', "http://a.example/news/2"),
        ("<script>if (phone) location = '/m/2'</script>", None),  # not for all readers
        ("<script>location = '/news/' + 2</script>", None),
        ("<script>location = '/news/2'</script>" + "<p>" + "كلمة " * 60, None),
        (refresh("/news/1"), None),  # loads itself anew
        ('<meta http-equiv="refresh" content="300">', None),
        (refresh("http://b.example/news/2"), None),
        (f"<!-- {refresh('/news/2')} --><body>خبر</body>", None),
        (refresh("/news/2") + "<p>" + "كلمة " * 60, None),
        (refresh("/news/2") + "<script>" + "x" * 20_000 + "</script>", None),
        (refresh("/news/2") + "<body><script>" + "x = 1; " * 60 + "</script>", "http://a.example/news/2"),
        ("<button>refresh</button>", None),
    ],
)
def test_a_page_that_is_nothing_but_a_refresh_leads_to_another_of_its_site(page: str, expected: str | None) -> None:
    assert target(page.encode(), URL) == expected


def moved(address: str, **headers: str) -> Answer:
    return Answer(302, headers={"Location": address} | headers)


def test_redirects_are_followed_guarded_and_lead_to_articles_of_the_site_that_they_lead_to(tmp_path: Path) -> None:
    brought: dict[str, str] = {}
    pages = {
        "a.example/news/1001": Answer(200, refresh("/2025/1001").encode(), HTML),
        "a.example/2025/1001": Answer(200, article(1001), HTML),
        "a.example/news/1002": Answer(200, refresh("/private/1002").encode(), HTML),
        "a.example/robots.txt": Answer(200, b"User-agent: *\nDisallow: /private/\n"),
        "a.example/news/1004": moved("http://b.example/news/4"),
        "b.example/news/4": Answer(200, article(1004), HTML),
        "a.example/news/1005": moved("http://c.example/news/5", **{"Set-Cookie": "visit=5"}),
        "c.example/news/5": Answer(200, article(1005), HTML),
        "a.example/feed": Answer(200, feed("a.example", 5)),
        "c.example/feed": Answer(200, feed("c.example", 0)),
    }

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        brought[f"{host}{path}"] = headers.get("Cookie", "")
        if path == "/":
            return EMPTY_HOME
        if (host, path) == ("a.example", "/news/1003"):
            known = "visit=3" in headers.get("Cookie", "")
            return Answer(200, article(1003), HTML) if known else moved(path, **{"Set-Cookie": "visit=3; Path=/"})
        return pages.get(f"{host}{path}", Answer(404))

    db = str(tmp_path / "nazair.db")
    with serving(web) as server:
        done = crawl(catalogue(tmp_path / "c", ["a.example", "c.example"]), server, db)

    assert done.returncode == 0, done.stderr
    with open_database(db).reading() as connection:
        told = {one.url: (one.outcome.value, one.reason) for one in runs.decided(connection, 1)}
        found = articles.load(connection, articles.find(connection, Filter())).values()
    assert {one.article.url: one.article.source_id for one in found} == {
        "http://a.example/2025/1001": "a",
        "http://a.example/news/1003": "a",
        "http://c.example/news/5": "c",
    }
    assert told["http://a.example/news/1002"] == ("blocked_by_robots", "robots.txt forbids it")
    assert told["http://a.example/news/1004"] == ("not_an_article", LED_AWAY)
    assert [(path, cookies) for path, cookies in brought.items() if cookies] == [("a.example/news/1003", "visit=3")]


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "ftp://a.example/news/1"])
def test_a_redirect_to_what_is_not_on_the_web_is_refused_for_good_by_its_name(address: str, tmp_path: Path) -> None:
    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        pages = {"/": EMPTY_HOME, "/feed": Answer(200, feed(host, 1)), "/news/1001": moved(address)}
        return pages.get(path, Answer(404))

    db = str(tmp_path / "nazair.db")
    with serving(web) as server:
        crawl(catalogue(tmp_path / "c", ["a.example"]), server, db)

    with open_database(db).reading() as connection:
        (told,) = runs.why(connection, "http://a.example/news/1001")
        (link,) = frontier.state_of(connection, "http://a.example/news/1001")
    scheme = address.partition(":")[0]
    assert told.reason == f"blocked {scheme}: URL: only http and https are fetched"
    assert link.state == "done"
