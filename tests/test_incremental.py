"""The second crawl and those after it: what is asked for, what is answered 304, what an edit and a deletion come to.

Crawls run as processes of their own, so time passes by moving what the database says of past visits.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from corpus.store import articles, revisions, runs
from corpus.store.database import Database, open_database
from corpus.types import Filter, LeasedLink, Link, LinkKind, Outcome, Visit
from crawler.verdict import of_status
from nazair.cli import run
from nazair.demo.server import serve
from nazair.demo.web import bundled_web, read_web
from tests import processes
from tests.later import pass_time
from tests.rude_server import HTML, Answer, article, catalogue, crawl, feed, serving

pytestmark = pytest.mark.slow

HELD_BACK = ("end-of-summit-awras", "economy-atlas", "delegations-annahr", "why-alaska-alwaha", "un-reaction-madar")
HOME = b"<html><body><a href='/news/1001'>x</a></body></html>"


class Origin:
    """One host whose pages have validators; `log` has the path, the answer and whether something was known."""

    def __init__(self, pages: Mapping[str, bytes], *, last_modified_only: bool = False) -> None:
        self.pages = dict(pages)
        self.status: dict[str, int] = {}
        self.log: list[tuple[str, int]] = []
        self._dated = last_modified_only

    def __call__(self, host: str, path: str, headers: Mapping[str, str]) -> Answer:
        answer = self._answer(path, headers)
        self.log.append((path, answer.status))
        return answer

    def _answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        if path in self.status or path not in self.pages:
            return Answer(self.status.get(path, 404))
        body = self.pages[path]
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        name, asked, value = "ETag", "If-None-Match", tag
        if self._dated:
            name, asked, value = "Last-Modified", "If-Modified-Since", "Fri, 15 Aug 2025 10:00:00 GMT"
        if headers.get(asked) == value:
            return Answer(304, b"", {name: value})
        return Answer(200, body, {name: value} | (HTML if body.lstrip().startswith(b"<html") else {}))

    def since(self, start: int) -> dict[str, int]:
        """Path → answer, from some request on; each path was asked for once."""
        seen = self.log[start:]
        assert len(dict(seen)) == len(seen)
        return dict(seen)


def site(*numbers: int) -> dict[str, bytes]:
    pages = {f"/news/{1000 + number}": article(1000 + number) for number in numbers}
    return {"/": HOME, "/feed": feed("a.example", max(numbers)), "/robots.txt": b"User-agent: *\nAllow: /\n"} | pages


def mapped_site(index_entry: str = "") -> Origin:
    """A site of one article, in a sitemap that an index names; `index_entry` is what else the index says of it."""
    index = f"<sitemapindex><sitemap><loc>/map.xml</loc>{index_entry}</sitemap></sitemapindex>"
    robots = b"Sitemap: http://a.example/index.xml\n"
    return Origin(site(1) | {"/robots.txt": robots, "/index.xml": index.encode(), "/map.xml": sitemap(1001)})


def sitemap(*numbers: int) -> bytes:
    return f"<urlset>{''.join(f'<url><loc>/news/{number}</loc></url>' for number in numbers)}</urlset>".encode()


def without_feeds(folder: Path) -> Path:
    """A catalogue whose source names no feed: they are guessed."""
    table = '[[source]]\nid = "a"\nname = "a"\nhome = "http://a.example/"\ndelay_s = 0\n'
    (catalogue(folder, ["a.example"]) / "sources" / "s.toml").write_text(table, encoding="utf-8")
    return folder


def crawled(folder: Path, origin: Origin, db: str, *options: str) -> tuple[int, dict[str, int]]:
    """A crawl's exit code, and what was asked for in it."""
    start = len(origin.log)
    with serving(origin) as server:
        done = crawl(folder, server, db, *options)
    return done.returncode, origin.since(start)


def on_sqlite(folder: Path) -> tuple[Database, str]:
    """A new collection, and where it is: for what knows nothing of the kind of database."""
    url = str(folder / "nazair.db")
    return open_database(url, create=True), url


def outcomes(database: Database) -> dict[Outcome, int]:
    """Of the last run."""
    with database.reading() as connection:
        return runs.outcomes(connection, runs.latest(connection)[0].id)


def nazair(db: str, *arguments: str) -> str:
    with redirect_stdout(StringIO()) as out:
        assert run([*arguments, "--db", db]) == 0
    return out.getvalue()


def shown(db: str, *arguments: str) -> Any:
    return json.loads(nazair(db, *arguments, "-f", "json"))


def test_what_has_not_changed_is_answered_304_and_no_page_is_fetched_twice(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    origin, folder = Origin(site(1, 2)), catalogue(tmp_path, ["a.example"])
    crawled(folder, origin, database_url)

    code, asked = crawled(folder, origin, database_url)

    assert code == 0
    assert asked == {"/feed": 304, "/": 304}
    assert outcomes(database) == {Outcome.UNCHANGED: 2, Outcome.LISTING: 1}  # robots.txt was not asked for again


def test_five_new_articles_of_the_bundled_web_cost_their_pages_and_listings(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    whole = read_web(bundled_web())
    shutil.copytree(bundled_web(), tmp_path / "web")
    for slug in HELD_BACK:
        (tmp_path / "web" / "articles" / f"{slug}.md").unlink()
    pages = {whole.url_of(slug) for slug in whole.articles}
    command = ("crawl", "alaska-summit", "--config", bundled_web())
    asked = []
    for web in (read_web(tmp_path / "web"), whole, whole):
        with serve(web) as server:
            assert processes.nazair(*command, "--proxy", server.url, "--db", database_url).returncode == 0
        asked.append(server.log)

    with database.reading() as connection:
        stored = articles.size(connection)
    assert stored == 30
    assert sorted(one.url for one in asked[1] if one.url in pages) == sorted(map(whole.url_of, HELD_BACK))
    assert [one.url for one in asked[2] if one.url in pages] == []
    assert {one.status for one in asked[2]} == {304}  # feeds that were guessed, and are not there, are left alone


def test_the_listings_that_an_unchanged_one_names_are_asked_all_the_same(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    origin, folder = mapped_site(), catalogue(tmp_path, ["a.example"])
    crawled(folder, origin, database_url)
    origin.pages["/map.xml"] = sitemap(1001, 1002)
    origin.pages["/news/1002"] = article(1002)

    _, asked = crawled(folder, origin, database_url)

    assert asked == {"/feed": 304, "/": 304, "/index.xml": 304, "/map.xml": 200, "/news/1002": 200}


@pytest.mark.parametrize(
    ("days_ago", "spelt", "asked_again"),
    [
        (0, "%Y-%m-%d", True),
        (0, "%Y-%m-%dT00:00:00+03:00", True),
        (0, "%Y-%m-%dT00:00:01Z", False),
        (3, "%Y-%m-%d", False),
    ],
    ids=["today", "midnight", "a second later", "three days ago"],  # the same, whenever tests are collected
)
def test_a_sitemap_whose_index_names_the_day_of_its_change_is_asked_again_until_that_is_over(
    database_url: str, tmp_path: Path, days_ago: int, spelt: str, asked_again: bool
) -> None:
    changed = (datetime.now(UTC) - timedelta(days=days_ago)).strftime(spelt)
    origin, folder = mapped_site(f"<lastmod>{changed}</lastmod>"), catalogue(tmp_path, ["a.example"])
    crawled(folder, origin, database_url)
    origin.pages["/map.xml"] = sitemap(1001, 1002)
    origin.pages["/news/1002"] = article(1002)

    _, asked = crawled(folder, origin, database_url)

    assert ("/map.xml" in asked) == asked_again
    assert ("/news/1002" in asked) == asked_again


@pytest.mark.parametrize(("days", "asked_again"), [(3, False), (8, True)])
@pytest.mark.parametrize("options", [(), ("--due",)])
def test_an_index_that_tells_of_no_change_is_believed_for_a_week(
    tmp_path: Path, days: int, asked_again: bool, options: tuple[str, ...]
) -> None:
    database, database_url = on_sqlite(tmp_path)
    origin, folder = mapped_site("<lastmod>2019-03-01</lastmod>"), catalogue(tmp_path, ["a.example"])
    crawled(folder, origin, database_url)
    pass_time(database, timedelta(days=days))

    _, asked = crawled(folder, origin, database_url, *options)

    assert ("/map.xml" in asked) == asked_again


def test_a_feed_that_was_found_by_guessing_is_asked_again_when_the_home_page_has_not_changed(tmp_path: Path) -> None:
    _, database_url = on_sqlite(tmp_path)
    pages = site(1)
    pages["/rss.xml"] = pages.pop("/feed")
    origin, folder = Origin(pages), without_feeds(tmp_path)
    crawled(folder, origin, database_url)
    origin.pages["/rss.xml"] = feed("a.example", 2)
    origin.pages["/news/1002"] = article(1002)

    _, asked = crawled(folder, origin, database_url)

    assert asked == {"/": 304, "/rss.xml": 200, "/news/1002": 200}
    assert "to be visited again" in nazair(database_url, "why", "http://a.example/feed")


def test_a_guess_that_was_wrong_is_made_again_after_a_week(tmp_path: Path) -> None:
    database, database_url = on_sqlite(tmp_path)
    pages = site(1) | {"/rss": HOME}  # a web page for whatever is asked
    found = pages.pop("/feed")
    origin, folder = Origin(pages), without_feeds(tmp_path)
    asked = []
    for days in (0, 6, 2):
        pass_time(database, timedelta(days=days))
        asked.append(set(crawled(folder, origin, database_url)[1]))
        origin.pages["/feed"] = found

    assert {"/feed", "/rss", "/sitemap.xml"} <= asked[0]
    assert not {"/feed", "/rss", "/sitemap.xml"} & asked[1]
    assert "/feed" in asked[2]
    assert "/rss" not in asked[2]  # a feed was found: no further guess


def test_a_guess_that_was_wrong_is_not_made_for_a_second_topic(tmp_path: Path) -> None:
    _, database_url = on_sqlite(tmp_path)
    pages = site(1)
    pages["/rss.xml"] = pages.pop("/feed")
    origin, folder = Origin(pages), without_feeds(tmp_path)
    topic = (folder / "topics" / "t.toml").read_text(encoding="utf-8")
    (folder / "topics" / "u.toml").write_text(topic.replace('id = "t"', 'id = "u"'), encoding="utf-8")
    _, first = crawled(folder, origin, database_url)

    start = len(origin.log)
    with serving(origin) as server:
        of_web = ("--config", folder, "--proxy", server.url)
        processes.nazair("crawl", "u", *of_web, "--db", database_url, "--workers", "1")

    assert {"/feed", "/rss"} <= first.keys()
    assert origin.since(start).keys() == {"/", "/rss.xml", "/news/1001"}


def test_a_listing_is_read_whole_when_the_topic_or_the_source_has_changed(tmp_path: Path) -> None:
    _, database_url = on_sqlite(tmp_path)
    origin, folder = Origin(site(1)), catalogue(tmp_path, ["a.example"])
    crawled(folder, origin, database_url)
    topic = folder / "topics" / "t.toml"
    topic.write_text(topic.read_text(encoding="utf-8").replace('["قمة"]', '["قمة", "لقاء"]'), encoding="utf-8")

    _, asked = crawled(folder, origin, database_url)

    assert asked == {"/feed": 200, "/": 200}


def test_what_was_off_topic_is_read_again_once_the_topic_has_changed(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    origin, folder = Origin(site(1)), catalogue(tmp_path, ["a.example"])
    topic = folder / "topics" / "t.toml"
    meant = topic.read_text(encoding="utf-8")
    too_narrow = meant.replace('["قمة"]', '["مؤتمر"]')
    seen = []
    for text in (too_narrow, too_narrow, meant, meant):
        topic.write_text(text, encoding="utf-8")
        _, asked = crawled(folder, origin, database_url)
        seen.append((asked.get("/news/1001"), outcomes(database).get(Outcome.OFF_TOPIC, 0)))

    assert seen == [(200, 1), (None, 0), (200, 0), (None, 0)]
    with database.reading() as connection:
        assert articles.size(connection) == 1


def test_robots_txt_is_asked_for_only_if_it_has_changed_a_day_later(tmp_path: Path) -> None:
    database, database_url = on_sqlite(tmp_path)
    origin, folder = Origin(site(1), last_modified_only=True), catalogue(tmp_path, ["a.example"])
    crawled(folder, origin, database_url)
    pass_time(database, timedelta(hours=25))

    _, asked = crawled(folder, origin, database_url)

    assert asked["/robots.txt"] == 304


def test_an_article_is_visited_again_at_its_ages_and_then_no_more(tmp_path: Path) -> None:
    database, database_url = on_sqlite(tmp_path)
    origin, folder = Origin(site(1)), catalogue(tmp_path, ["a.example"])
    visited = []
    for minutes in (0, 30, 31, 8 * 24 * 60, 365 * 24 * 60):
        pass_time(database, timedelta(minutes=minutes))
        _, asked = crawled(folder, origin, database_url)
        visited.append(asked.get("/news/1001"))

    assert visited == [200, None, 304, 304, None]
    with database.reading() as connection:
        assert articles.size(connection) == 1


def test_with_due_a_listing_is_asked_when_its_time_has_come(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    origin, folder = Origin(site(1)), catalogue(tmp_path, ["a.example"])
    asked = []
    for minutes in (0, 30, 31):
        pass_time(database, timedelta(minutes=minutes))
        asked.append(crawled(folder, origin, database_url, "--due")[1])

    reserved = asked[0].pop("/.well-known/tdmrep.json")
    assert (asked[0], reserved) == ({"/robots.txt": 200, "/feed": 200, "/": 200, "/news/1001": 200}, 404)
    assert asked[1] == {}
    with database.reading() as connection:
        assert str(runs.latest(connection)[1].reason).startswith("nothing is due before ")
    assert asked[2] == {"/feed": 304, "/": 304, "/news/1001": 304}


def test_a_sitemap_that_has_not_changed_is_not_what_a_run_waits_for(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    origin, folder = mapped_site("<lastmod>2020-01-01</lastmod>"), catalogue(tmp_path, ["a.example"])
    crawled(folder, origin, database_url, "--due")
    pass_time(database, timedelta(days=2))

    _, asked = crawled(folder, origin, database_url, "--due")

    assert "/map.xml" not in asked
    with database.reading() as connection:
        told = str(runs.latest(connection)[0].reason).removeprefix("nothing is due before ")
    assert datetime.strptime(told, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC) > datetime.now(UTC)


def test_an_edited_article_is_a_revision_and_what_follows_from_its_text_is_that_of_the_newest(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    origin, folder = Origin(site(1, 2)), catalogue(tmp_path, ["a.example"])
    crawled(folder, origin, database_url)
    before = origin.pages["/news/1001"].decode()
    origin.pages["/news/1001"] = (
        before.replace("صباح اليوم", "مساء الخميس").replace("قمة رقم 1001", "اتفاق القمة").encode()
    )
    pass_time(database, timedelta(hours=2))

    code, asked = crawled(folder, origin, database_url)

    assert code == 0
    assert asked == {"/feed": 304, "/": 304, "/news/1001": 200, "/news/1002": 304}
    told = shown(database_url, "show", "http://a.example/news/1001", "--revisions")
    assert [one["number"] for one in told["revisions"]] == [1, 2]
    assert told["revisions"][1]["changed"] == ["title", "text"]
    assert {(one["op"], one["words"]) for one in told["revisions"][1]["changes"]} >= {
        ("cut", "صباح اليوم"),
        ("added", "مساء الخميس"),
    }
    assert "صباح اليوم" in told["revisions"][0]["text"]
    assert "مساء الخميس" in told["text"]
    (hit,) = shown(database_url, "search", "اتفاق")
    assert hit["url"] == "http://a.example/news/1001"
    table = nazair(database_url, "show", "http://a.example/news/1001", "--revisions")
    assert "− صباح اليوم" in table
    assert "+ مساء الخميس" in table
    with database.reading() as connection:
        assert articles.size(connection) == 2


def test_a_deleted_article_is_marked_gone_and_stays_stored(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    origin, folder = Origin(site(1, 2)), catalogue(tmp_path, ["a.example"])
    crawled(folder, origin, database_url)
    origin.status["/news/1001"] = 410
    pass_time(database, timedelta(hours=2))

    code, _ = crawled(folder, origin, database_url)

    assert code == 0  # that a page is gone is an outcome, not a failure
    assert outcomes(database)[Outcome.GONE] == 1
    told = shown(database_url, "show", "http://a.example/news/1001")
    assert told["gone_at"] is not None
    assert "تحدث عنها المسؤول" in told["text"]
    assert "answered 410" in shown(database_url, "why", "http://a.example/news/1001")[-1]["reason"]
    assert "gone" in nazair(database_url, "show", "http://a.example/news/1001")

    origin.status.clear()
    pass_time(database, timedelta(hours=5))
    crawled(folder, origin, database_url)

    assert shown(database_url, "show", "http://a.example/news/1001")["gone_at"] is None


def test_an_article_that_is_added_again_and_is_not_there_is_marked_gone(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    origin, url = Origin(site(1)), "http://a.example/news/1001"
    exit_codes = []

    for status in ({}, {"/news/1001": 410}):
        origin.status = status
        with serving(origin) as server:
            place = ("--db", database_url, "--config", catalogue(tmp_path, ["a.example"]), "--proxy", server.url)
            exit_codes.append(processes.nazair("add", url, "--contact", "a@b.example", *place).returncode)

    assert exit_codes == [0, 3]
    assert shown(database_url, "show", url)["gone_at"] is not None
    assert outcomes(database) == {Outcome.GONE: 1}


@pytest.mark.parametrize("status", [404, 410])
def test_only_an_article_that_was_kept_is_gone(status: int) -> None:
    link = Link(url="http://a.example/news/1", kind=LinkKind.ARTICLE, channel="feed", source_id="a")
    noon = datetime(2025, 8, 16, 12, tzinfo=UTC)
    kept = LeasedLink(
        id=1, link=link, tries=0, visit=Visit(url=link.url, validators=None, first_at=noon, visited_at=noon)
    )

    assert of_status(kept, None, status)[0] is Outcome.GONE
    assert of_status(kept, None, 403)[0] is Outcome.FAILED
    assert of_status(replace(kept, visit=None), None, status)[0] is Outcome.FAILED
    feed_of = replace(link, kind=LinkKind.FEED)
    home = replace(link, kind=LinkKind.SECTION, channel="home")
    assert of_status(replace(kept, link=feed_of, visit=None), None, status)[0] is Outcome.FAILED
    assert of_status(replace(kept, link=feed_of), None, status)[0] is Outcome.GONE  # it was not there before
    assert of_status(replace(kept, link=home), None, status)[0] is Outcome.FAILED


def test_a_feed_that_is_gone_fails_once_and_is_then_told_until_it_is_there_again(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    folder, origin = catalogue(tmp_path / "config", ["a.example"]), Origin(site(1, 2))
    declared = b'<html><head><link rel="alternate" type="application/rss+xml" href="/new.xml"></head></html>'
    origin.pages |= {"/": declared, "/new.xml": feed("a.example", 2)}

    def crawl_once(*options: str) -> tuple[int, str, Outcome | None, dict[str, int]]:
        start = len(origin.log)
        with serving(origin) as server:
            done = crawl(folder, server, database_url, *options)
        with database.reading() as connection:
            last = runs.why(connection, "http://a.example/feed")[-1]
            is_new = last.run_id == runs.latest(connection)[0].id
        return done.returncode, done.stderr, last.outcome if is_new else None, origin.since(start)

    assert crawl_once()[::2] == (0, Outcome.LISTING)
    origin.status["/feed"] = 404
    code, _, outcome, asked = crawl_once()
    assert (code, outcome, asked["/new.xml"]) == (4, Outcome.FAILED, 200)  # the home page's stands for it
    code, told, outcome, _ = crawl_once()
    assert (code, outcome) == (0, Outcome.GONE)
    why = "a: http://a.example/feed: the server answered 404: this feed was not there the last time either."
    assert f"Warning: {why} See: nazair sources check a" in told
    assert "gone: http://a.example/feed" in nazair(database_url, "runs", "show", "3")
    assert crawl_once("--due")[2:] == (None, {})
    pass_time(database, timedelta(days=1))
    assert crawl_once("--due")[2] is Outcome.GONE
    origin.status.clear()
    code, told, outcome, _ = crawl_once()
    assert (code, outcome, "Warning" in told) == (0, Outcome.UNCHANGED, False)
    origin.pages["/feed"] = declared
    assert crawl_once()[::2] == (4, Outcome.FAILED)
    code, told, outcome, _ = crawl_once()
    assert (code, outcome) == (0, Outcome.GONE)
    assert "a: http://a.example/feed: this is a web page, not a feed; nor was there one the last time." in told


@pytest.mark.parametrize(
    ("depth", "status", "outcome"),
    [(1, 404, Outcome.LISTING), (1, 410, Outcome.LISTING), (1, 503, Outcome.FAILED), (0, 404, Outcome.FAILED)],
)
@pytest.mark.parametrize("kind", [LinkKind.SECTION, LinkKind.FEED])
def test_a_section_or_feed_that_a_home_page_names_need_not_be_there(
    depth: int, status: int, outcome: Outcome, kind: LinkKind
) -> None:
    link = Link(url="http://a.example/sport", kind=kind, channel="section", source_id="a", depth=depth)

    assert of_status(LeasedLink(id=1, link=link, tries=0), None, status)[0] is outcome


def test_new_articles_come_before_those_that_are_visited_again(tmp_path: Path) -> None:
    database, database_url = on_sqlite(tmp_path)
    origin, folder = Origin(site(1, 2)), catalogue(tmp_path, ["a.example"])
    crawled(folder, origin, database_url)
    origin.pages |= {"/feed": feed("a.example", 3), "/news/1003": article(1003)}
    pass_time(database, timedelta(hours=2))

    _, asked = crawled(folder, origin, database_url, "--max-pages", "1")

    assert {path: status for path, status in asked.items() if "news" in path} == {"/news/1003": 200}


def test_a_line_that_is_learned_to_be_the_sources_is_no_edit(tmp_path: Path) -> None:
    database, database_url = on_sqlite(tmp_path)
    footer = "تابعوا صفحات الصحيفة على منصات التواصل كافة".encode()
    pages = site(1, 2, 3, 4)
    for number in range(1, 5):
        path = f"/news/{1000 + number}"
        pages[path] = article(1000 + number, words=f"قمة {'ابجدهوزحط'[number]}").replace(
            b"</article>", b"<p>" + footer + b"</p></article>"
        )
    origin, folder = Origin(pages), catalogue(tmp_path, ["a.example"])
    crawled(folder, origin, database_url)
    for number in range(1, 5):
        origin.pages[f"/news/{1000 + number}"] += b"<!-- another build -->"
    pass_time(database, timedelta(hours=2))

    crawled(folder, origin, database_url)

    with database.reading() as connection:
        ids = articles.find(connection, Filter())
        stored = articles.load(connection, ids).values()
        assert revisions.counts(connection, ids) == {}
    assert len(stored) == 4
    assert not any(footer.decode() in one.article.text for one in stored)
