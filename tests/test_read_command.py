"""`nazair read`: what is taken from a saved or a fetched page, where it was found, and nothing is stored; nor
where `nazair similar` compares it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nazair.cli import run
from nazair.demo.server import WebServer, serve
from nazair.demo.web import bundled_web, read_web
from tests.conftest import ROOT
from tests.processes import nazair

TRUTH = [json.loads(line) for line in (ROOT / "fixtures" / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
SIGNED = next(row for row in TRUTH if row["outlet"] == "alwaha" and row["author"])
TITLE = "افتتاح معرض الزيتون في عجلون"
BODY = "افتتح وزير الزراعة معرض الزيتون في عجلون صباح اليوم، بحضور مئات المزارعين من القرى المجاورة. "
ENGLISH = "The minister of agriculture opened the olive fair in Ajloun this morning, and hundreds of farmers came. "


def page(*, title: str = TITLE, body: str = BODY * 4) -> str:
    return f"""<html><head><meta charset="utf-8"><meta property="og:title" content="{title} | الواحة">
    <meta property="og:site_name" content="الواحة"><meta property="og:type" content="article"></head><body>
    <h1>{title}</h1><div class="author">كتب: سامي نور</div><time datetime="2025-08-15T10:00">أمس</time>
    <article><p>{body}</p></article></body></html>"""


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests is no contact."""
    monkeypatch.delenv("NAZAIR_CONTACT", raising=False)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    file = tmp_path / "saved.html"
    file.write_text(page(), encoding="utf-8")
    return file


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration folder with a source whose titles a rule changes."""
    (tmp_path / "config" / "sources").mkdir(parents=True)
    source = 'id = "alwaha"\nname = "الواحة"\nhome = "http://alwaha.example/"\ncountry = "JO"\ndelay_s = 0'
    rules = '[source.rules]\ntitle = "title"\nauthor = ".none"'
    (tmp_path / "config" / "sources" / "a.toml").write_text(f"[[source]]\n{source}\n{rules}\n", encoding="utf-8")
    return tmp_path / "config"


def test_a_saved_page_is_read_with_the_origin_of_each_field(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["read", str(saved), "--url", "http://alwaha.example/1", "--explain"]) == 0

    lines = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in lines if line and line[0].isascii()}
    assert rows["url"] == "http://alwaha.example/1"
    assert rows["title"] == f"{TITLE} [h1]"
    assert rows["author"] == "سامي نور [by-line]"
    assert rows["published"] == "2025-08-15 (to the day) [time: 2025-08-15T10:00]"  # no zone is known
    assert rows["agency"] == "–"
    assert lines[-1] == (BODY * 4).strip()


def test_without_an_explanation_only_what_is_known_is_shown(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["read", str(saved)]) == 0

    out = capsys.readouterr().out
    assert TITLE in out
    assert "[h1]" not in out
    assert "agency" not in out


def test_a_page_is_read_as_its_address_or_the_named_source_says(
    saved: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved.write_text(page().replace("<head>", "<head><title>عنوان من القاعدة</title>"), encoding="utf-8")

    found = []
    for arguments in (["--url", "http://www.alwaha.example/1"], ["--source", "alwaha"], []):
        assert run(["read", str(saved), *arguments, "--explain", "-f", "json", "--config", str(config)]) == 0
        found.append(json.loads(capsys.readouterr().out))

    by_address, by_name, by_neither = found
    for one in (by_address, by_name):
        assert (one["title"], one["from"]["title"], one["source"]) == ("عنوان من القاعدة", "rule title", "alwaha")
        assert one["published_at"] == "2025-08-15T07:00:00Z"  # in the outlet's own time
        assert one["unmatched_rules"] == ['author = ".none"']
    assert (by_neither["title"], by_neither["source"]) == (TITLE, None)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (page(body=ENGLISH * 4, title="The olive fair").encode(), "the text is in English, not Arabic"),
        (page(body="خبر قصير.").encode(), "fewer than"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "it is an image"),
        (bytes(range(256)) * 9, "it is binary data"),
        (b"", "the page is empty"),
    ],
    ids=["english", "short", "image", "binary", "empty"],
)
def test_a_page_that_is_no_article_says_why(
    content: bytes, words: str, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved.write_bytes(content)

    code = run(["read", str(saved)])

    output = capsys.readouterr()
    assert (code, output.out) == (3, "")
    assert f"{saved} is no article" in output.err
    assert words in output.err
    assert "Traceback" not in output.err


def test_an_explanation_shows_what_a_page_has_that_is_no_article(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved.write_text(page(body="خبر قصير."), encoding="utf-8")

    assert run(["read", str(saved), "--explain"]) == 3

    output = capsys.readouterr()
    assert f"{TITLE}  [h1]" in output.out
    assert "is no article" in output.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such.html"], "'no-such.html' is no file and no URL"),
        (["."], "is no file but a folder"),
        (["ftp://a.example/b"], "'ftp://a.example/b' is not an http(s) URL"),
        (["http://a.example/b", "--url", "http://a.example/c"], "'http://a.example/b' is no file"),
        (["SAVED", "--url", "alwaha.example/1"], "'alwaha.example/1' is not an http(s) URL"),
        (["SAVED", "--source", "alwahaa"], "There is no source 'alwahaa'. Did you mean 'alwaha'?"),
        (["http://a.example/b"], "--contact"),
        (["http://a.example/b", "--proxy", "http://8.8.8.8:80"], "is not an HTTP proxy on this machine"),
        ([], "Missing argument"),
    ],
)
def test_bad_input_gets_a_sentence(
    arguments: list[str],
    words: str,
    saved: Path,
    config: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = [str(saved) if argument == "SAVED" else argument for argument in arguments]

    code = run(["read", *arguments, "--config", str(config)])

    output = capsys.readouterr()
    assert (code, output.out) == (2, "")
    assert words in output.err
    assert "Traceback" not in output.err


@dataclass(frozen=True)
class Web:
    """The bundled web, and a folder without a collection to ask it from."""

    server: WebServer
    folder: Path

    def nazair(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # What starts a crawl needs a process of its own.
        return nazair(*arguments, "--proxy", self.server.url, "--db", self.folder / "nazair.db")


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with serve(read_web(bundled_web())) as server:
        yield Web(server, tmp_path)


def test_a_page_of_the_web_is_read_after_its_robots_txt_and_not_stored(web: Web) -> None:
    done = web.nazair("read", SIGNED["url"], "--explain", "-f", "json", "--config", str(bundled_web()))

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["title"], found["author"], found["text"]) == (SIGNED["title"], SIGNED["author"], SIGNED["text"])
    assert (found["source"], found["from"]["author"]) == ("alwaha", "json-ld")
    assert [url for _, url, _ in web.server.log] == [
        "http://alwaha.example/robots.txt",
        SIGNED["url"],
        "http://alwaha.example/.well-known/tdmrep.json",
    ]
    assert not (web.folder / "nazair.db").exists()


def test_a_stored_article_may_be_read_again_by_its_id(web: Web) -> None:
    assert web.nazair("add", SIGNED["url"], "--config", str(bundled_web())).returncode == 0

    done = web.nazair("read", "1", "-f", "json", "--config", str(bundled_web()))

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["url"] == SIGNED["url"]
    assert [url for _, url, _ in web.server.log].count(SIGNED["url"]) == 2


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://awras.example/private/draft-410233", "was not read: robots.txt forbids it."),
        ("http://awras.example/no-such-page", "was not read: the server answered 404."),
        ("http://no-such-host.example/1", "was not read: the server answered 404."),
    ],
)
def test_a_page_that_may_not_or_cannot_be_fetched_says_why(url: str, words: str, web: Web) -> None:
    done = web.nazair("read", url, "--explain")

    assert (done.returncode, done.stdout) == (3, "")
    assert f"{url} {words}" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_list_of_a_page_that_is_not_stored_is_computed_and_the_page_not_kept(
    web: Web, capsys: pytest.CaptureFixture[str]
) -> None:
    summit = [row["url"] for row in TRUTH if row["about"] == "summit" and not row["copy_group"]]
    of_web = ["--config", str(bundled_web())]
    assert web.nazair("add", *summit[1:3], *of_web).returncode == 0

    done = web.nazair("similar", summit[0], *of_web, "-f", "json")
    forbidden = web.nazair("similar", "http://awras.example/private/draft-410233", *of_web)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["article"]["id"], told["article"]["url"]) == (None, summit[0])
    assert {one["url"] for one in told["similar"]} == set(summit[1:3])
    assert run(["similar", "1", "-f", "json", "--db", str(web.folder / "nazair.db")]) == 0
    stored = json.loads(capsys.readouterr().out)
    assert {one["url"] for one in (stored["article"], *stored["similar"])} == set(summit[1:3])
    assert (forbidden.returncode, forbidden.stdout) == (3, "")
    assert "was not read: robots.txt forbids it." in forbidden.stderr


def test_a_crawl_reads_a_source_by_its_rules(web: Web, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = web.nazair("add", SIGNED["url"], "--config", str(config))
    assert done.returncode == 0, done.stderr

    assert run(["list", "-f", "json", "--db", str(web.folder / "nazair.db")]) == 0

    assert [row["title"] for row in json.loads(capsys.readouterr().out)] == [f"{SIGNED['title']} - الواحة"]
