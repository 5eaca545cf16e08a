"""What pages ask of those who keep them, in headers and meta elements: read, and obeyed in what is stored and shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus import ask, keep
from corpus.arabic import fold
from corpus.directives import as_it_may_be_kept
from corpus.query import parse
from corpus.search import search
from corpus.sketch import sketch
from corpus.store import articles
from corpus.store.database import Database, open_database
from corpus.types import Article, CopyKind, Filter, Outcome, Page
from corpus.weighing import TermCounts
from nazair.cli import run
from nazair.web.rows import of_stored
from pipelines.directives import directives, stands_in, tdm_policy
from pipelines.read import read_page
from tests import rude_server
from tests.later import pass_time
from tests.rude_server import HTML, Answer, catalogue, crawl, feed, serving
from tests.texts import TEXTS, article

NOW = datetime(2025, 8, 16, 12, tzinfo=UTC)

# The values of X-Robots-Tag headers → what is asked of us.
HEADERS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    (): (),
    ("noindex",): ("noindex",),
    ("NOINDEX, NoFollow",): ("noindex",),
    ("none",): ("noindex",),
    ("all",): (),
    ("noarchive, nosnippet",): ("noarchive", "nosnippet"),
    ("noarchive", "nosnippet"): ("noarchive", "nosnippet"),
    ("nocache",): ("noarchive",),
    ("max-snippet:0",): ("nosnippet",),
    ("max-snippet: 0, max-image-preview:large",): ("nosnippet",),
    ("max-snippet:-1",): (),
    ("max-snippet: 160, max-video-preview:-1",): ("max-snippet:160",),
    ("max-video-preview: -1, max-image-preview: large, noarchive",): ("noarchive",),
    ("googlebot: max-snippet:20",): (),
    ("data-nosnippet",): (),
    ("nazair: noindex",): ("noindex",),
    ("Nazair: noarchive, nosnippet",): ("noarchive", "nosnippet"),
    ("googlebot: noindex, nofollow",): (),
    ("robots: noindex",): ("noindex",),
    ("googlebot: noindex, nazair: noarchive",): ("noarchive",),
    ("googlebot: noindex", "noarchive"): ("noarchive",),
    ("noai, noimageai",): ("noai", "noimageai"),
    ("unavailable_after: 25 Jun 2010 15:00:00 GMT",): ("noindex",),
    ("unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, noarchive",): ("noarchive", "noindex"),
    ("unavailable_after: Friday, 25-Jun-10 15:00:00 GMT, noarchive",): ("noarchive", "noindex"),
    ("unavailable_after: 2010-06-25",): ("noindex",),
    ("unavailable_after: 2099-01-01",): (),
    ("unavailable_after: soon",): (),
    ("unavailable_after: Fri, 25 Jun 2010 15:00:00 +99999999999",): (),
    ("nofollow noarchive",): ("noarchive",),
    ("index; noarchive",): ("noarchive",),
    ("noindex" * 10_000,): (),
    (" " * 100_000 + ":" + "noindex",): (),
}


@pytest.mark.parametrize("values", HEADERS)
def test_a_header_asks_what_the_table_says(values: tuple[str, ...]) -> None:
    headers = [("X-Robots-Tag", value) for value in values]

    assert directives(headers, {}, now=NOW) == HEADERS[values]


@pytest.mark.parametrize(
    ("metas", "asked"),
    [
        ({"robots": ["noarchive"]}, ("noarchive",)),
        ({"nazair": ["nosnippet"]}, ("nosnippet",)),
        ({"googlebot": ["noindex"]}, ()),
        ({"robots": ["index, follow", "noindex"]}, ("noindex",)),
        ({"tdm-reservation": ["1"]}, ("tdm-reservation",)),
        ({"tdm-reservation": ["0"]}, ()),
    ],
)
def test_a_meta_element_asks_what_the_table_says(metas: dict[str, list[str]], asked: tuple[str, ...]) -> None:
    assert directives([], metas, now=NOW) == asked


def test_rights_are_reserved_by_header_or_by_meta_element() -> None:
    assert directives([("tdm-reservation", " 1 ")], {}, now=NOW) == ("tdm-reservation",)
    assert directives([("TDM-Reservation", "0")], {"tdm-reservation": ["1"]}, now=NOW) == ("tdm-reservation",)


@pytest.mark.parametrize("said", ["0", " 0 "])
def test_what_a_page_says_of_its_rights_goes_before_its_headers(said: str) -> None:
    assert directives([("TDM-Reservation", "1")], {"tdm-reservation": [said]}, now=NOW) == ()


@pytest.mark.parametrize("said", ["", "yes", "10"])
def test_a_value_that_the_protocol_does_not_have_says_nothing(said: str) -> None:
    assert directives([("TDM-Reservation", "1")], {"tdm-reservation": [said]}, now=NOW) == ("tdm-reservation",)
    assert directives([("TDM-Reservation", said)], {}, now=NOW) == ()


def test_of_two_policies_that_of_the_page_counts_and_what_is_no_address_counts_for_nothing() -> None:
    header = [("tdm-policy", "/a")]

    assert tdm_policy(header, {"tdm-policy": ["https://b.example/p.json"]}, "http://a.example/7") == (
        "https://b.example/p.json"
    )
    assert tdm_policy(header, {"tdm-policy": ["", "data:,x"]}, "http://a.example/7") == "http://a.example/a"
    assert tdm_policy([], {}, "http://a.example/7") is None


def page(*, asks: tuple[tuple[str, str], ...] = (), head: str = "") -> Page:
    body = rude_server.article(7).replace(b"<head>", b"<head>" + head.encode())
    return Page(url="http://a.example/7", body=body, content_type="text/html", fetched_at=NOW, asks=asks)


@pytest.mark.parametrize(
    "asking", [page(asks=(("X-Robots-Tag", "noindex"),)), page(head='<META NAME="Robots" CONTENT="NOINDEX,NOFOLLOW">')]
)
def test_a_page_that_asks_not_to_be_kept_is_not_kept_and_the_reason_says_so(asking: Page) -> None:
    reading = read_page(asking, source_id="a", country=None, topics=(), only_on_topic=False)

    assert reading.article is None
    assert reading.outcome is Outcome.BLOCKED_BY_ROBOTS
    assert reading.reason == "the page asks not to be kept (noindex)"


def test_what_else_a_page_asks_is_stored_with_its_article() -> None:
    asking = page(asks=(("TDM-Reservation", "1"),), head='<meta name="robots" content="noarchive">')

    reading = read_page(asking, source_id="a", country=None, topics=(), only_on_topic=False)

    assert reading.article is not None
    assert reading.article.directives == ("noarchive", "tdm-reservation")


@pytest.mark.parametrize(
    ("said", "directives"),
    [
        ("false", ("not-free",)),
        ('"False"', ("not-free",)),
        ('"http://schema.org/False"', ("not-free",)),
        ("true", ()),
        ('"True"', ()),
        ("null", ()),
    ],
)
def test_a_text_that_is_not_free_is_told_to_be_so(said: str, directives: tuple[str, ...]) -> None:
    data = f'{{"@type": "NewsArticle", "headline": "قمة رقم 7 في المدينة", "isAccessibleForFree": {said}}}'
    head = f'<head><script type="application/ld+json">{data}</script>'
    body = rude_server.article(7, " ".join(["قمة المدينة"] * 20)).replace(b"<head>", head.encode())
    closed = Page(url="http://a.example/7", body=body, content_type="text/html", fetched_at=NOW)

    reading = read_page(closed, source_id="a", country=None, topics=(), only_on_topic=False)

    assert reading.article is not None, reading.reason
    assert reading.article.directives == directives


@pytest.mark.parametrize(("said", "policy"), [("1", "http://a.example/policy"), ("0", None)])
def test_the_policy_is_kept_where_rights_are_reserved(said: str, policy: str | None) -> None:
    head = f'<meta name="tdm-reservation" content="{said}"><meta name="TDM-Policy" content="/policy">'

    reading = read_page(page(head=head), source_id="a", country=None, topics=(), only_on_topic=False)

    assert reading.article is not None
    assert reading.article.tdm_policy == policy


@pytest.mark.parametrize(
    ("before", "behind", "asked"),
    [
        ("<div data-nosnippet>", "</div>", ("data-nosnippet",)),
        ('<section data-nosnippet="true">', "</section>", ("data-nosnippet",)),
        ("<div>", "</div><div data-nosnippet>إعلان: خصم كبير على كل الأجهزة</div>", ()),
        ("<div data-other>", "</div>", ()),
    ],
)
def test_elements_that_are_not_to_be_shown_count_where_the_text_has_words_of_theirs(
    before: str, behind: str, asked: tuple[str, ...]
) -> None:
    whole = page()
    start, end = whole.body.index(b"<p>"), whole.body.rindex(b"</p>") + len(b"</p>")
    body = whole.body[:start] + before.encode() + whole.body[start:end] + behind.encode() + whole.body[end:]

    reading = read_page(replace(whole, body=body), source_id="a", country=None, topics=(), only_on_topic=False)

    assert reading.article is not None
    assert reading.article.directives == asked


def test_a_part_of_a_paragraph_that_is_not_to_be_shown_counts() -> None:
    assert stands_in("قال الوزير إن القمة تعقد غدا في المدينة.", [fold("القمة تعقد غدا")])
    assert not stands_in("قال الوزير إن القمة تعقد غدا في المدينة.", [fold("القمة تعقد اليوم")])
    assert not stands_in("قال الوزير إن القمة تعقد غدا في المدينة.", [fold("القمة")])
    assert not stands_in("القمة غدا\nقال الوزير إنها تعقد في المدينة.", [fold("إعلان: احضروا القمة غدا")])


def asking(number: int, *asked: str, outlet: str = "alwaha") -> Article:
    return replace(article(number, outlet=outlet), directives=asked)


def store(database: Database, *some: Article) -> list[int]:
    ids = []
    with database.writing() as connection:
        for one in some:
            allowed = as_it_may_be_kept(one)
            told = keep.keep_article(connection, allowed, sketch(one.title, one.text), counts=TermCounts())
            ids.append(told.article_id or 0)
    return ids


def test_of_noarchive_only_the_bare_words_are_stored(database: Database) -> None:
    (one,) = store(database, asking(1, "noarchive"))

    with database.reading() as connection:
        text = articles.load(connection, [one])[one].article.text

    assert text != TEXTS[1][1]
    assert "\n" not in text
    assert "،" not in text
    assert fold(text) == fold(TEXTS[1][1])


def test_noarchive_changes_neither_copies_nor_what_is_found(database: Database) -> None:
    _, copy = store(database, article(1), asking(1, "noarchive", outlet="sahil"))

    with database.reading() as connection:
        line = ask.export_line(connection, ask.article(connection, copy))
        found = search(connection, parse("«سجادة حمراء»"), Filter(), limit=10)

    assert line["copy_kind"] == CopyKind.EXACT
    assert copy in {hit.article.id for hit in found}


@pytest.mark.parametrize("asked", ["noarchive", "nosnippet", "data-nosnippet"])
def test_no_word_of_a_withheld_text_is_shown(
    database: Database, database_url: str, capsys: pytest.CaptureFixture[str], asked: str
) -> None:
    other, one = store(database, article(1), asking(1, asked, outlet="sahil"))
    edited = replace(asking(1, asked, outlet="sahil"), text=TEXTS[1][1].replace("ساعات طويلة", "يوما كاملا"))
    store(database, edited)

    told = []
    for command in (
        ["show", str(one)],
        ["show", str(one), "-f", "json"],
        ["show", str(one), "--revisions"],
        ["show", str(one), "--revisions", "-f", "json"],
        ["search", "الأمن", "--source", "sahil"],
        ["search", "الأمن", "--source", "sahil", "-f", "json"],
        ["copies", str(one), "--diff"],
        ["copies", str(one), "-f", "json"],
        ["export", "-", "-f", "jsonl", "--source", "sahil"],
    ):
        assert run([*command, "--db", database_url]) == 0
        told.append(capsys.readouterr().out)

    assert not [out for out in told if "سجادة" in out or "كاملا" in out or "طويلة" in out]
    assert asked in told[0]
    assert json.loads(told[1])["text"] is None
    assert json.loads(told[1])["excerpt"] is None
    assert json.loads(told[5])[0]["snippet"] == ""
    assert other != one


@pytest.mark.parametrize("most", [1, 9, 60])
def test_no_more_of_a_text_is_shown_than_its_page_allows(
    database: Database, database_url: str, capsys: pytest.CaptureFixture[str], most: int
) -> None:
    (one,) = store(database, asking(1, f"max-snippet:{most}", "max-snippet:900"))

    with database.reading() as connection:
        stored = ask.article(connection, one)
        line = ask.export_line(connection, stored)
        (hit,) = search(connection, parse("الأمن"), Filter(), limit=10)
    assert run(["show", str(one), "--db", database_url]) == 0

    assert line["text"] is None
    assert 0 < len(line["excerpt"]) <= most
    assert 0 < len(hit.snippet.text) <= most
    assert all(end <= len(hit.snippet.text) for _, end in hit.snippet.matches)
    assert len(of_stored(stored, {}).extract) <= most
    told = capsys.readouterr().out
    assert f"no more than {most} characters of its text be shown" in told
    assert "سجادة حمراء" not in told


def test_a_text_within_the_limit_is_shown_whole(database: Database) -> None:
    (one,) = store(database, asking(1, "max-snippet:5000"))

    with database.reading() as connection:
        assert ask.export_line(connection, ask.article(connection, one))["text"] == TEXTS[1][1]


def test_rights_that_are_reserved_are_told_and_filtered(
    database: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = "http://alwaha.example/policy"
    free, reserved = store(database, article(2), replace(asking(1, "tdm-reservation"), tdm_policy=policy))

    def ids(*command: str) -> list[int]:
        assert run([*command, "-f", "json", "--db", database_url]) == 0
        return [one["id"] for one in json.loads(capsys.readouterr().out)]

    assert sorted(ids("list")) == [free, reserved]
    assert ids("list", "--unreserved") == [free]
    assert sorted(ids("search", "ترامب")) == [free, reserved]
    assert ids("search", "ترامب", "--unreserved") == [free]
    assert run(["export", "-", "-f", "jsonl", "--unreserved", "--db", database_url]) == 0
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert line["id"] == free
    with database.reading() as connection:
        told = ask.export_line(connection, ask.article(connection, reserved))
    assert (told["directives"], told["tdm_policy"]) == (["tdm-reservation"], policy)
    assert run(["show", str(reserved), "--db", database_url]) == 0
    assert f"tdm-reservation (policy: {policy})\n" in capsys.readouterr().out


@pytest.mark.slow  # crawls twice
def test_in_a_crawl_headers_are_obeyed_and_an_article_that_comes_to_ask_it_is_taken_out(tmp_path: Path) -> None:
    asked = {"/news/1001": {"X-Robots-Tag": "noindex"}, "/news/1002": {"X-Robots-Tag": "noarchive"}}

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path == "/feed":
            return Answer(200, feed("a.example", 3), {"X-Robots-Tag": "noindex"})  # as of most WordPress feeds
        if path.startswith("/news/"):
            return Answer(200, rude_server.article(int(path[6:])), HTML | asked.get(path, {}))
        return Answer(404)

    db, folder = str(tmp_path / "nazair.db"), catalogue(tmp_path, ["a.example"])
    with serving(web) as server:
        crawl(folder, server, db)
        with open_database(db).reading() as connection:
            first = articles.load(connection, articles.find(connection, Filter()))
        pass_time(open_database(db), timedelta(hours=2))
        asked["/news/1003"] = {"X-Robots-Tag": "none"}
        crawl(folder, server, db)

    with open_database(db).reading() as connection:
        second = articles.load(connection, articles.find(connection, Filter()))
    assert {one.article.url[-4:]: one.article.directives for one in first.values()} == {
        "1002": ("noarchive",),
        "1003": (),
    }
    assert [one.article.url[-4:] for one in second.values()] == ["1002"]
