"""`nazair import FOLDER`: pages that somebody saved, under the addresses that they name or that their places tell."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus.store import articles
from corpus.store.database import open_database
from corpus.types import Filter
from crawler.saved import placed
from nazair.cli import run
from tests.rude_server import article, catalogue

SAVED_AT = datetime(2025, 8, 16, 10, tzinfo=UTC)


def page(number: int, canonical: str | None = None, *, og_url: str | None = None, words: str = "قمة") -> bytes:
    named = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    named += f'<meta property="og:url" content="{og_url}">' if og_url else ""
    return (
        article(number, words)
        .replace("قمة".encode(), words.encode())
        .replace(b"</head>", named.encode() + b"</head>", 1)
    )


def folder(place: Path, pages: dict[str, bytes]) -> Path:
    for name, body in pages.items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        os.utime(file, (SAVED_AT.timestamp(), SAVED_AT.timestamp()))
    return place


def taken(db: str) -> dict[str, datetime]:
    with open_database(db).reading() as connection:
        found = articles.load(connection, articles.find(connection, Filter()))
        return {one.article.url: one.article.fetched_at for one in found.values()}


def take(tmp_path: Path, db: str, *options: str) -> int:
    config = catalogue(tmp_path / "config", ["x.example"])
    where = ["--config", str(config), "--db", db, "--workers", "1"]
    return run(["import", str(tmp_path / "saved"), *where, *options])


def test_each_page_is_stored_under_the_address_that_it_names_or_that_its_place_tells(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(
        tmp_path / "saved",
        {
            "one.html": page(1001, "http://x.example/news/1001"),
            "two.htm": page(1002, og_url="http://x.example/news/1002"),
            "x.example/news/1003.html": page(1003),
            "x.example/news/1004.html": page(1004, "http://x.example/news/1004"),  # wget -E adds an ending
            "x.example/news/1005/index.html": page(1005, "http://x.example/"),  # every page names the home page
            "x.example/index.html?p=1006": page(1006),
            "home.html": page(1007, "http://x.example/"),
            "nameless.html": page(1008),
            "style.css": b"p {}",
            "picture.html": b"\x89PNG\r\n\x1a\n",
        },
    )

    assert take(tmp_path, database_url) == 0

    assert set(taken(database_url)) == {
        "http://x.example/news/1001",
        "http://x.example/news/1002",
        "http://x.example/news/1003.html",
        "http://x.example/news/1004",
        "http://x.example/news/1005/",
        "http://x.example/?p=1006",
    }
    assert set(taken(database_url).values()) == {SAVED_AT}
    assert "Passed over: 2 no address, 2 no page." in capsys.readouterr().err
    assert take(tmp_path, database_url) == 0
    assert "6 unchanged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "passed"),
    [
        (("--host", "other.example"), "another host"),
        (("--until", "2025-08-15"), "another day"),
        (("--language", "fa"), "another language"),
    ],
)
def test_what_is_not_asked_for_is_passed_over(
    options: tuple[str, ...], passed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(tmp_path / "saved", {"x.example/news/1001.html": page(1001)})

    assert take(tmp_path, str(tmp_path / "nazair.db"), *options) == 0

    assert f"Passed over: 1 {passed}." in capsys.readouterr().err


def test_a_folder_without_a_page_is_said_to_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(tmp_path / "saved", {})
    (tmp_path / "saved" / "x.example").mkdir(parents=True)

    assert take(tmp_path, str(tmp_path / "nazair.db")) == 0

    assert f"Warning: there is nothing in {tmp_path / 'saved'}." in capsys.readouterr().err


def test_with_a_topic_only_articles_on_it_are_stored(tmp_path: Path) -> None:
    pages = {"x.example/a.html": page(1001), "x.example/b.html": page(1002, words="مباراة")}
    folder(tmp_path / "saved", pages)
    db = str(tmp_path / "nazair.db")

    assert take(tmp_path, db, "--topic", "t") == 0

    assert set(taken(db)) == {"http://x.example/a.html"}


@pytest.mark.parametrize(
    ("place", "url"),
    {
        "a.example/index.html": "http://a.example/",
        "a.example/news/index.html": "http://a.example/news/",
        "a.example/أخبار/1.html": "http://a.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/1.html",
        "a.example/our-index.html": "http://a.example/our-index.html",
        "a.html": None,
        "saved/a.html": None,
        "saved pages.d/a.html": None,
    }.items(),
)
def test_a_place_tells_an_address_where_it_begins_with_a_host(place: str, url: str | None) -> None:
    assert placed(Path(place)) == url
