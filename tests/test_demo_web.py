"""The bundled web: its files and what is said to be true of them agree, and it is served as a web server would."""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.errors import ConfigError
from nazair.demo.articles import read_article
from nazair.demo.server import WebServer, serve
from nazair.demo.web import Web, bundled_web, read_web, seed_files, truth, truth_lines

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def web() -> Web:
    return read_web(bundled_web())


@pytest.fixture(scope="module")
def server(web: Web) -> Iterator[WebServer]:
    with serve(web) as running:
        yield running


def ask(server: WebServer, url: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", url, headers=headers)
    return connection.getresponse()


def test_the_truth_file_is_that_of_the_articles(web: Web) -> None:
    assert (ROOT / "fixtures" / "truth.jsonl").read_text(encoding="utf-8") == truth_lines(web)


def test_the_seed_files_are_those_of_the_essay(web: Web) -> None:
    for name, body in seed_files(web).items():
        assert (ROOT / "fixtures" / "seed" / name).read_bytes() == body


def test_it_has_what_the_readme_says(web: Web) -> None:
    about = Counter(row["about"] for row in truth(web))
    groups = {row["copy_group"] for row in truth(web) if row["about"] == "summit" and row["copy_group"]}

    assert len(web.sites) >= 6
    assert len(web.articles) >= 45
    assert about["summit"] >= 18
    assert about["neighbour"] >= 8
    assert len(groups) >= 6


def test_every_copy_has_an_original_of_another_time(web: Web) -> None:
    originals = {one.truth.copy_group: one for one in web.articles.values() if one.truth.copy_kind == "original"}

    for one in web.articles.values():
        if one.truth.copy_group and one.truth.copy_kind != "original":
            assert originals[one.truth.copy_group].published < one.published, one.slug
            assert one.truth.edits or one.truth.copy_kind == "exact", one.slug


def test_the_box_under_the_essay_is_empty(web: Web) -> None:
    page = seed_files(web)["essay.html"].decode()

    assert '<section class="similar" id="similar-articles"><h2>مقالات مشابهة</h2><ul></ul></section>' in page


def test_a_page_is_served_to_a_proxy_request_and_by_host(web: Web, server: WebServer) -> None:
    url = web.url_of("rafid-seed-essay")

    by_proxy = ask(server, url).read()
    by_host = ask(server, "/" + url.split("/", 3)[3], Host="rafid.example").read()

    assert by_proxy == by_host == web.page_of("rafid-seed-essay").body


def test_an_unchanged_page_is_not_sent_again(web: Web, server: WebServer) -> None:
    url = web.url_of("rafid-seed-essay")
    first = ask(server, url)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]

    assert ask(server, url, **{"If-None-Match": etag}).status == 304
    assert ask(server, url, **{"If-Modified-Since": modified}).status == 304
    assert ask(server, url, **{"If-None-Match": '"other"'}).status == 200


def test_an_unknown_page_or_host_is_not_found(server: WebServer) -> None:
    assert ask(server, "http://alwaha.example/no-such-page").status == 404
    assert ask(server, "http://other.example/").status == 404


def test_it_is_served_to_this_machine_only(server: WebServer) -> None:
    assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no head\n", "a head between two lines"),
        ("+++\ntitle = 1\n+++\ntext\n", "cannot be used"),
        (
            '+++\noutlet = "a"\ntitle = "t"\npublished = 2025-01-01T00:00:00\nsection = "world"\n[truth]\n'
            'about = "other"\nnote = ""\n+++\ntext\n',
            "needs the outlet's offset",
        ),
    ],
)
def test_a_bad_article_file_is_named(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.md"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as told:
        read_article(file)

    assert str(file) in str(told.value)
    assert words in str(told.value)
