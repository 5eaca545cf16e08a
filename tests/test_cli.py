"""The command line: bad input gets a sentence and its exit code, help has examples, formats do not change."""

from __future__ import annotations

import io
import json
import logging
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from rich.cells import cell_len

from corpus.plural import counted
from corpus.store import frontier, runs
from corpus.store.database import open_database
from corpus.store.runs import NewDecision
from corpus.types import Link, LinkKind, Outcome, TopicMatch
from nazair.cli import COMMANDS, nazair, run
from nazair.context import SAID_EVERY_S, progress
from nazair.logs import handler
from nazair.output import published
from tests import processes
from tests.storing import learn, store
from tests.terminal import plain, run_on_terminal
from tests.texts import article

PERSIAN = "این یک متن فارسی است که درباره دیدار رئیس جمهور آمریکا و روسیه در آلاسکا نوشته شده است و مقایسه نمی‌شود."
NOW = datetime(2025, 8, 16, 12, tzinfo=UTC)
ENGLISH = "This is a short English report about the meeting of two presidents in Anchorage last Friday."


@pytest.fixture(scope="module")
def stored(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a collection of three articles, two of them copies; to be copied."""
    path = tmp_path_factory.mktemp("stored") / "nazair.db"
    shutil.copy(empty_sqlite, path)
    with open_database(str(path)) as database, database.writing() as connection:
        store(connection, article(1), article(2), article(1, outlet="sahil"))
    return path


@pytest.fixture
def collection(stored: Path, tmp_path: Path) -> str:
    """A collection of three articles, two of them copies, for one test."""
    return shutil.copy(stored, str(tmp_path / "nazair.db"))


BAD = {
    ("crawl", "alaska-sumit"): (2, "There is no topic 'alaska-sumit'. Did you mean 'alaska-summit'?"),
    ("crawl", "alaska-summit"): (2, "--contact"),
    ("add", "ftp://a.example/b"): (2, "'ftp://a.example/b' is not an http(s) URL"),
    ("add", "http://127.0.0.1:9/x", "--contact", "a@b.example"): (3, ""),
    ("crawl", "alaska-summit", "--contact", "bad"): (2, "The contact 'bad' is neither a mail address nor"),
    ("crawl", "alaska-summit", "--proxy", "http://8.8.8.8:80"): (2, "is not an HTTP proxy on this machine"),
    ("crawl", "alaska-summit", "--allow-private", "everything"): (2, "'everything' is not a network"),
    ("similar", "no-such-file.txt"): (2, "is no id, no URL and no file"),
    ("similar", "99"): (3, "There is no article 99: 3 are stored"),
    ("similar", "http://a.example/b"): (2, "Say who you are: --contact"),
    ("show", "http://a.example/b"): (3, "Fetch it first: nazair add http://a.example/b"),
    ("show", "abc"): (2, "'abc' is no id and no http(s) URL"),
    ("search", "؟!"): (2, "There is nothing to look for in '؟!'"),
    ("search", "-كلمة"): (2, ""),
    ("search", "قمة since:2025-08-20 before:2025-08-20"): (2, "since:2025-08-20 is not earlier than before:2025-08-20"),
    ("list", "--since", "yesterday"): (2, "'yesterday' is not a day"),
    ("list", "--since", "2025-02-30"): (2, "'2025-02-30' is not a day"),
    ("list", "--topic", "a", "--topic", "b"): (2, "--topic can be given once"),
    ("search", "قمة", "--source", "alwaha", "--source", "annahr"): (2, "--source can be given once"),
    ("schedule", "add", "a", "--topic", "x", "--cron", "@daily", "--cron", "@hourly"): (
        2,
        "--cron can be given once",
    ),
    ("list", "--source", "alwah"): (2, "There is no source 'alwah'. Did you mean 'alwaha'?"),
    ("list", "--source", "alwaha\udcff"): (2, "There is no source 'alwaha?'. Did you mean 'alwaha'?"),
    ("list", "--topic", "alaska"): (2, "There is no topic 'alaska'. Did you mean 'alaska-summit'?"),
    ("search", "قمة", "--source", "nosuch"): (2, "There is no source 'nosuch'"),
    ("search", "قمة source:nosuch"): (2, "There is no source 'nosuch'"),
    ("similar", "1", "--topic", "nosuch"): (2, "There is no topic 'nosuch'"),
    ("copies", "--source", "nosuch"): (2, "There is no source 'nosuch'"),
    ("export", "-", "-f", "csv", "--topic", "nosuch"): (2, "There is no topic 'nosuch'"),
    ("export", "-", "-f", "csv", "--search", "قمة source:nosuch"): (2, "There is no source 'nosuch'"),
    ("list", "-n", "0"): (2, "0 is not in the range"),
    ("runs", "show", "7"): (2, "There is no run '7'"),
    ("runs", "show", "9" * 30): (2, "There is no run '999"),
    ("why", "http://a.example/b"): (3, "Nothing is known about http://a.example/b"),
    ("why", "abc"): (2, "'abc' is no id and no http(s) URL"),
    ("why", ""): (2, "'' is no id and no http(s) URL"),
    ("why", "99"): (3, "There is no article 99: 3 are stored"),
    ("read", "99"): (3, "There is no article 99: 3 are stored"),
    ("forget", "99"): (3, "There is no article 99: 3 are stored"),
    ("export", "out.xyz"): (2, "is this JSONL or CSV?"),
    ("topics", "show", "x"): (2, "There is no topic 'x'"),
    ("sources", "list", "--config", "nowhere"): (2, "nowhere: there is no such folder"),
    ("db", "rebuild"): (2, "Nothing to rebuild was named"),
    ("serch", "قمة"): (2, "There is no command 'serch'. Did you mean 'search'?"),
}


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_bad_input_gets_a_sentence_and_its_exit_code(
    arguments: tuple[str, ...], collection: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NAZAIR_CONTACT", raising=False)
    code, words = BAD[arguments]

    # What starts a crawl needs a process of its own.
    done = processes.nazair(*arguments, "--db", collection) if code == 3 and arguments[0] == "add" else None
    told = run([*arguments, "--db", collection]) if done is None else done.returncode
    output = capsys.readouterr()

    assert told == code
    assert words in output.err
    assert "Traceback" not in output.err
    assert done is not None or output.out == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "The text is empty"), (PERSIAN, "in Persian, not Arabic"), (ENGLISH, "in English, not Arabic")],
)
def test_a_text_that_cannot_be_compared_is_named(
    text: str, words: str, collection: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    assert run(["similar", "-", "--db", collection]) == 3

    assert words in capsys.readouterr().err


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file here that anybody sees and nobody reads")
@pytest.mark.parametrize("verb", [("similar",), ("fill",), ("topics", "new", "--id", "x", "--from")])
def test_a_file_that_cannot_be_read_is_told(
    verb: tuple[str, ...], collection: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*verb, "/proc/self/mem", "--db", collection]) == 2

    assert "cannot be read: Input/output error." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["garbage", "folder", "missing"])
def test_what_is_no_database_is_left_alone(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "garbage").write_bytes(b"not a database at all, whatever its name says")
    path = tmp_path / ("missing/nazair.db" if name == "missing" else name)

    code = run(["list", "--db", str(path)])

    assert code == 2
    assert str(path) in capsys.readouterr().err
    assert (tmp_path / "garbage").read_bytes() == b"not a database at all, whatever its name says"


def test_a_source_or_topic_without_articles_is_known_by_the_catalogue_or_the_collection(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    match = TopicMatch(topic_id="floods", score=1.0, matched=(), names=(), on_topic=True, reason="")
    with open_database(database_url) as database, database.writing() as connection:
        store(connection, article(1), topics=(match,))

    for known in (
        ("--topic", "floods"),
        ("--topic", "alaska-summit"),
        ("--source", "alwaha"),
        ("--source", "aljazeera"),
    ):
        assert run(["list", *known, "-f", "json", "--db", database_url]) == 0
        assert len(json.loads(capsys.readouterr().out)) == (known[1] in ("floods", "alwaha"))


def test_where_a_link_stands_that_waits_is_told_to_programs_too(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    link = Link(url="http://alwaha.example/9", kind=LinkKind.ARTICLE, channel="feed", source_id="alwaha", title="خبر")
    with open_database(database_url) as database, database.writing() as connection:
        frontier.add_seeds(connection, "alaska-summit", [link])

    assert run(["why", link.url, "-f", "json", "--db", database_url]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["outcome"], row["source_id"], row["channel"], row["run_id"]) == ("pending", "alwaha", "feed", None)
    assert row["reason"] == "In the frontier of alaska-summit: pending; found in feed, called «خبر»."
    assert run(["why", link.url, "--db", database_url]) == 0
    assert capsys.readouterr().out.strip() == row["reason"]


def test_what_was_decided_often_is_told_from_the_end(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    feed = Link(url="http://alwaha.example/feed", kind=LinkKind.FEED, channel="feed", source_id="alwaha")
    with open_database(database_url) as database, database.writing() as connection:
        run_id = runs.start(connection, "t", now=NOW, machine="m", pid=1)
        for number in range(23):
            decided = NewDecision(link=feed, outcome=Outcome.LISTING, reason=f"visit {number}")
            runs.record(connection, run_id, [decided], now=NOW)

    told = []
    for options in ((), ("-n", "2"), ("-n", "100")):
        assert run(["why", feed.url, *options, "-f", "json", "--db", database_url]) == 0
        output = capsys.readouterr()
        told.append(([row["reason"] for row in json.loads(output.out)], output.err.strip()))

    visits = [f"visit {number}" for number in range(23)]
    assert told == [
        (visits[3:], "These are the last 20; before them 3 decisions: -n N"),
        (visits[21:], "These are the last 2; before them 21 decisions: -n N"),
        (visits, ""),
    ]


def test_why_tells_of_an_article_by_its_id_and_by_the_address_that_it_is_shown_under(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = article(1)
    link = Link(url="http://m.alwaha.example/1", kind=LinkKind.ARTICLE, channel="feed", source_id="alwaha")
    with open_database(database_url) as database, database.writing() as connection:
        (stored,) = store(connection, shown)
        run_id = runs.start(connection, "t", now=NOW, machine="m", pid=1)
        decided = NewDecision(link=link, outcome=Outcome.KEPT, reason="on it", article_id=stored)
        runs.record(connection, run_id, [decided], now=NOW)

    for named in (link.url, shown.url, str(stored)):
        assert run(["why", named, "-f", "json", "--db", database_url]) == 0
        (row,) = json.loads(capsys.readouterr().out)
        assert (row["reason"], row["article_id"]) == ("on it", stored)


def test_an_article_may_be_forgotten_by_its_id(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["forget", "2", "--db", collection]) == 0
    assert capsys.readouterr().out.startswith(f"{article(2).url}: 1 article ")
    assert run(["show", "2", "--db", collection]) == 3
    assert run(["show", "1", "--db", collection]) == 0


def test_a_topic_that_no_file_describes_is_told(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    matches = [
        TopicMatch(topic_id=id_, score=1.0, matched=(), names=(), on_topic=True, reason="")
        for id_ in ("alaska-summit", "floods")
    ]
    with open_database(database_url) as database, database.writing() as connection:
        store(connection, article(1), topics=tuple(matches))

    assert run(["stats", "--db", database_url]) == 0

    _, known, gone, *_ = capsys.readouterr().out.splitlines()
    assert known == "topic alaska-summit: 1 article"
    assert gone == "topic floods: 1 article (no topic file has this id: it was deleted, or is in another --config)"


def test_where_a_crawl_would_begin_is_a_list_as_others_are(capsys: pytest.CaptureFixture[str]) -> None:
    told = {}
    for form in ("table", "json", "csv"):
        assert run(["crawl", "alaska-summit", "--source", "aawsat", "--dry-run", "-f", form]) == 0
        told[form] = capsys.readouterr().out

    seeds = json.loads(told["json"])
    assert seeds[0].keys() == {"source", "kind", "url"}
    assert {seed["source"] for seed in seeds} == {"aawsat"}
    assert told["csv"].splitlines() == ["source,kind,url", *(",".join(seed.values()) for seed in seeds)]
    assert [line.split()[-1] for line in told["table"].splitlines()[2:]] == [seed["url"] for seed in seeds]
    assert run(["crawl", "alaska-summit", "-f", "json"]) == 2


def test_a_list_that_a_limit_empties_says_so(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["similar", "1", "--since", "2030-01-01", "--db", collection]) == 0
    assert "Nothing similar passes these limits." in capsys.readouterr().err


def test_a_list_of_addresses_may_come_from_a_spreadsheet(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\ufeff http://a.example/1\r\n\r\nftp://a.example/2\r\n"))

    assert run(["add", "-"]) == 2

    assert "'ftp://a.example/2' is not an http(s) URL" in capsys.readouterr().err


@pytest.mark.parametrize(("command", "limit"), [(("list",), 20), (("search", "ألاسكا"), 10)])
def test_that_there_is_more_is_told_who_set_no_limit(
    command: tuple[str, ...], limit: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db, told = str(tmp_path / "many.db"), []
    with open_database(db, create=True).writing() as connection:
        store(connection, *(replace(article(1), url=f"http://a.example/{number}") for number in range(limit + 1)))

    for options in ((), ("-n", str(limit)), ("-n", str(limit + 1))):
        assert run([*command, *options, "-f", "json", "--db", db]) == 0
        output = capsys.readouterr()
        told.append((len(json.loads(output.out)), "there are more" in output.err))

    assert told == [(limit, True), (limit, False), (limit + 1, False)]


def test_a_day_may_be_typed_on_an_arabic_keyboard(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for since in ("2025-08-15", "٢٠٢٥-٠٨-١٥", "۲۰۲۵-۸-۱۵"):
        assert run(["list", "--since", since, "-f", "json", "--db", collection]) == 0
        found.append(capsys.readouterr().out)

    assert len(json.loads(found[0])) > 0
    assert found[1:] == found[:1] * 2


def test_export_leaves_a_file_alone_unless_told(collection: str, tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    file.write_text("mine")

    assert run(["export", str(file), "--db", collection]) == 2
    assert file.read_text() == "mine"
    assert run(["export", str(file), "--force", "--db", collection]) == 0
    assert len(file.read_text(encoding="utf-8").splitlines()) == 3


def test_arabic_is_not_escaped_in_json(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "-f", "json", "--db", collection]) == 0

    out = capsys.readouterr().out
    assert article(1).title in out
    assert len(json.loads(out)) == 3


def test_a_list_shows_one_of_a_group_of_copies(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["similar", "2", "-f", "json", "--db", collection]) == 0

    similar = json.loads(capsys.readouterr().out)["similar"]
    assert len(similar) == 1
    assert similar[0]["copies"] == 1


def test_a_feed_of_similar_articles_shows_how_each_begins(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["similar", "2", "-f", "rss", "--db", collection]) == 0

    begins = etree.fromstring(capsys.readouterr().out.encode()).findtext("channel/item/description")
    assert begins
    assert begins.rstrip("…") in " ".join(article(1).text.split())


def test_the_lists_of_a_text_and_of_a_page_are_those_of_the_stored_article(
    collection: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = article(2)
    text = tmp_path / "essay.txt"
    text.write_text(f"{one.title}\n\n{one.text}\n", encoding="utf-8")
    page = tmp_path / "essay.html"
    page.write_text(
        '<!DOCTYPE html><meta charset="utf-8">'  # no date, and no word that it is an article: whoever asks says so
        f'<link rel="canonical" href="{one.url}">'
        f"<h1>{one.title}</h1><article>" + "".join(f"<p>{paragraph}</p>" for paragraph in one.text.split("\n")),
        encoding="utf-8",
    )

    told, is_copy = [], []
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(page.read_bytes())))
    for reference in ("2", str(text), str(page), "-"):
        assert run(["similar", reference, "-f", "json", "--db", collection]) == 0
        output = capsys.readouterr()
        told.append(json.loads(output.out))
        is_copy.append("This text is a near-copy (exact) of article 2" in output.err)

    assert is_copy == [False, True, True, True]
    assert [[row["title"] for row in one["similar"]] for one in told] == [[article(1).title]] * 4
    assert [one["article"]["id"] for one in told] == [
        2,
        None,
        None,
        None,
    ]  # what is saved may say something else by now


def test_paragraphs_in_html_on_standard_input_are_read_as_a_page(
    collection: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paragraphs = "".join(f'<p dir="rtl">{paragraph}</p>' for paragraph in article(2).text.split("\n"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(paragraphs.encode())))

    assert run(["similar", "-", "--db", collection]) == 0
    assert "This text is a near-copy (exact) of article 2" in capsys.readouterr().err


def test_rebuilding_texts_takes_out_what_a_source_repeats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, prompt = str(tmp_path / "nazair.db"), "تجدون كل جديدنا في القناة الخضراء"
    with open_database(path, create=True).writing() as connection:
        for one in (article(1), article(2), article(3)):
            learn(connection, replace(one, text=f"{one.text}\n{prompt}"))
            store(connection, replace(one, text=f"{one.text}\n{prompt}"))

    assert run(["db", "rebuild", "--text", "--db", path]) == 0

    assert capsys.readouterr().out.startswith("3 of 3 articles")
    run(["export", "-", "-f", "jsonl", "--db", path])
    assert [json.loads(line)["text"] for line in capsys.readouterr().out.splitlines()] == [
        article(number).text for number in (1, 2, 3)
    ]


def test_a_search_that_finds_nothing_says_what_may_have_been_meant(
    collection: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["search", "قمة", "الاسقا", "--db", collection]) == 0

    assert capsys.readouterr().err == "Nothing matches. Did you mean: قمة ألاسكا\n"


@pytest.mark.parametrize("words", [["ترامب", "-قاعدة"], ["-قاعدة", "ترامب"], ["--", "-قاعدة ترامب"]], ids=" ".join)
def test_a_word_that_is_left_out_is_no_option(
    words: list[str], collection: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["search", "ترامب -قاعدة", "--db", collection, "-f", "json"]) == 0
    wanted = capsys.readouterr().out

    assert run(["search", "--db", collection, "-f", "json", *words]) == 0

    assert capsys.readouterr().out == wanted
    assert run(["search", "ترامب", "-x", "--db", collection]) == 2


def test_a_configuration_folder_that_is_not_there_is_told(
    collection: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["search", "قمة", "--db", collection, "--config", str(tmp_path / "none")]) == 2

    assert "none: there is no such folder" in capsys.readouterr().err


def test_on_eighty_columns_nothing_is_cut(collection: str) -> None:
    command = [sys.executable, "-m", "nazair", "copies", "--db", collection]

    table = plain(run_on_terminal(command, columns=80).replace("\r", ""))

    heading, *rows = [line.split() for line in table.splitlines()]
    assert heading == "group id published (UTC) source kind of after same words agency title".split()
    assert "…" not in table
    assert {"alwaha", "sahil"} <= {word for row in rows for word in row}


def test_on_a_terminal_each_line_of_a_cell_is_isolated_from_those_beside_it(collection: str) -> None:
    command = [sys.executable, "-m", "nazair", "search", "ترامب", "--db", collection]

    lines = plain(run_on_terminal(command, columns=60).replace("\r", "")).splitlines()

    folded = [line for line in lines if len(re.findall(r"\u2068[^\u2068\u2069]*[^ ]\u2069", line)) == 2]
    assert len(folded) > 2
    assert all(line.count("\u2068") == line.count("\u2069") for line in lines)
    assert {cell_len(line) for line in lines} == {60}


def test_what_is_an_emoji_elsewhere_is_shown_as_it_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "nazair.db")
    with open_database(path, create=True).writing() as connection:
        store(connection, replace(article(1), title="السعر :100: دولار"))

    assert run(["list", "--db", path]) == 0

    assert ":100:" in capsys.readouterr().out


def test_sigterm_interrupts_as_ctrl_c_does(tmp_path: Path) -> None:
    pipe = tmp_path / "topic.toml"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "nazair", "topics", "check", str(pipe)]

    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        with pipe.open("w"):  # returns when the command reads
            process.send_signal(signal.SIGTERM)
            code = process.wait(timeout=100)
        assert process.stderr is not None
        said = process.stderr.read()

    assert code == 130
    assert said.strip() == "Interrupted."


def test_a_search_marks_its_words_for_people_and_says_where_they_are_for_programs(
    collection: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["search", "قاعدة", "source:alwaha", "-n", "1", "--db", collection]) == 0
    table = capsys.readouterr().out
    assert run(["search", "قاعدة", "source:alwaha", "-n", "1", "--db", collection, "-f", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert run(["search", "قاعدة", "source:alwaha", "-n", "1", "--db", collection, "-f", "csv"]) == 0
    csv = capsys.readouterr().out

    assert "[القاعدة]" in table
    assert "[القاعدة]" in csv
    assert "[" not in row["snippet"]
    assert {row["snippet"][start:end] for start, end in row["matches"]} == {"القاعدة"}


def test_on_a_terminal_the_words_found_are_bold(collection: str) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "nazair", "search", "مصافحة", "--db", collection]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(command, stdout=theirs, env=environment)
    os.close(theirs)
    written = b""
    while chunk := _read(ours):
        written += chunk
    os.close(ours)

    assert process.wait() == 0
    assert "\x1b[1mالمصافحة\x1b[0m" in written.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says so when the other end is closed
        return b""


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_two_examples_and_the_line_that_the_overview_shows(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run([name, "--help"])

    out = capsys.readouterr().out
    assert out.count(f"nazair {name}") >= 3
    first_line = " ".join(out.split("\n\n")[1].split()).removesuffix(".")
    assert first_line.startswith(COMMANDS[name][1].removesuffix("."))


def test_the_overview_imports_neither_scrapy_nor_sqlalchemy() -> None:
    script = (
        "import sys; from nazair.cli import run; run(['--help']); "
        "sys.exit(any(name in sys.modules for name in ('scrapy', 'sqlalchemy', 'trafilatura', 'numpy')))"
    )

    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


def test_a_crawl_imports_none_of_the_servers_of_scrapy() -> None:
    script = (
        "import sys; from crawler.process import project_settings; found = project_settings({});"
        "kinds = ('EXTENSIONS', 'DOWNLOADER_MIDDLEWARES', 'SPIDER_MIDDLEWARES');"
        "assert all(found.get_component_priority_dict_with_base(kind) for kind in kinds);"
        "sys.exit(any(name in sys.modules for name in ('aiohttp', 'twisted.conch')))"
    )

    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


def test_every_command_of_the_overview_can_be_loaded() -> None:
    import click

    with click.Context(nazair) as ctx:
        assert all(nazair.get_command(ctx, name) for name in COMMANDS)


@pytest.mark.parametrize(
    ("precision", "shown"),
    [("second", "2025-08-01 00:00"), ("minute", "2025-08-01 00:00"), ("day", "2025-08-01"), ("month", "2025-08")],
)
def test_a_date_is_shown_no_more_exactly_than_it_is_known(precision: str, shown: str) -> None:
    assert published(datetime(2025, 8, 1, tzinfo=UTC), precision) == shown
    assert published(None, precision) == published(None, None)


@pytest.mark.parametrize(
    "arguments", [["show", "99"], ["list", "--since", "yesterday"], ["serch"], ["show", "x\ny"]], ids=" ".join
)
def test_with_a_json_log_an_error_is_one_line_of_json(arguments: list[str], collection: str) -> None:
    done = processes.nazair("--log-format", "json", *arguments, "--db", collection)

    (line,) = done.stderr.splitlines()
    told = json.loads(line)
    assert told["level"] == "error"
    assert told["message"]
    assert done.returncode in (2, 3)


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """What a shell makes of a command line, in which `nazair` is ours."""
    command = line.replace("nazair", f"{sys.executable} -m nazair", 1)
    return subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, timeout=100, check=False, env=os.environ | environment
    )


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("nazair show 999 2>&-", 3, b""),
        ("nazair list >&-", 2, b"the output is not complete"),
        ("nazair similar - <&-", 3, b"The text is empty"),
    ],
)
def test_a_stream_that_is_closed_is_an_error_only_where_it_is_needed(
    line: str, code: int, told: bytes, collection: str
) -> None:
    done = shell(f"{line} --db {collection}")

    assert (done.returncode, done.stdout) == (code, b"")
    assert told in done.stderr
    assert b"bug" not in done.stderr


@pytest.mark.parametrize("locale", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_arabic_is_read_and_written_whatever_the_locale(locale: dict[str, str], collection: str) -> None:
    folder = Path(collection).with_name("مجموعة")
    folder.symlink_to(".")

    done = shell(f"nazair search مصافحة -f json --db {folder}/{Path(collection).name}", **locale)

    assert done.returncode == 0, done.stderr
    assert article(1).title in {hit["title"] for hit in json.loads(done.stdout.decode("utf-8"))}


def test_no_module_is_taken_from_the_folder_in_which_nazair_is_called(tmp_path: Path) -> None:
    script = tmp_path / "bin" / "nazair"
    script.parent.mkdir()
    script.write_text("from nazair.cli import main\nif __name__ == '__main__':\n    main()\n", encoding="utf-8")
    (tmp_path / "pipelines.py").write_text("raise RuntimeError('not ours')\n", encoding="utf-8")
    command = [sys.executable, str(script), "read", str(processes.ROOT / "fixtures" / "seed" / "essay.html")]
    env = os.environ | {"PYTHONPATH": str(processes.ROOT)}

    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=env)

    assert (done.returncode, done.stderr) == (0, "")


def test_windows_is_told_where_nazair_runs() -> None:
    line = "import sys; from nazair.cli import main; sys.platform = 'win32'; main(['stats'])"

    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert "On Windows, use it in WSL" in done.stderr


def test_who_wants_only_errors_is_told_nothing_else(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-q", "list", "--since", "2030-01-01", "--db", collection]) == 0
    assert run(["export", "-", "-f", "csv", "-q", "--db", collection]) == 0
    assert capsys.readouterr().err == ""
    assert run(["-q", "list", "--source", "nosuch", "--db", collection]) == 2
    assert "There is no source" in capsys.readouterr().err


def test_with_a_json_log_all_that_is_said_is_json(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--log-format", "json", "export", "-", "-f", "csv", "--db", collection]) == 0

    (line,) = capsys.readouterr().err.splitlines()
    assert (json.loads(line)["level"], json.loads(line)["message"]) == ("info", "3 articles")


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_message_that_a_library_ends_with_a_line_end_is_one_line(log_format: str) -> None:
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "Exception in ASGI application\n", (), None)

    assert "\\n" not in handler(log_format).format(record)


def test_what_is_not_known_of_an_article_is_not_shown(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "1", "--db", collection]) == 0

    assert "None" not in capsys.readouterr().out


def test_a_table_begins_with_its_heading_and_ends_with_its_last_row(
    collection: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["list", "--db", collection])

    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.startswith("id")
    assert article(1).title in last


def test_on_a_narrow_terminal_dates_are_whole(collection: str) -> None:
    shown = run_on_terminal([sys.executable, "-m", "nazair", "copies", "--db", collection], columns=40)

    assert plain(shown.replace("\r", "")).count("2025-08-15 13:00") == 2


@pytest.mark.parametrize(
    ("count", "noun", "told"),
    [(1, "topic", "1 topic"), (0, "list", "0 lists"), (2_000, "near-copy", "2,000 near-copies")],
)
def test_one_is_no_plural(count: int, noun: str, told: str) -> None:
    assert counted(count, noun) == told


def test_what_takes_minutes_says_now_and_then_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    clock = iter([0.0, 1.0, SAID_EVERY_S, SAID_EVERY_S + 1, 2 * SAID_EVERY_S])
    told = progress(30_000, "taken out", clock=clock.__next__)

    for done in (50, 9_500, 9_550, 30_050):
        told(done)

    assert capsys.readouterr().err.splitlines() == [
        "9,500 of 30,000 articles taken out …",
        "30,000 of 30,000 articles taken out …",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Error: Which topic?"),
        (["topic=nosuch"], "Error: There is no topic 'nosuch'."),
        (["topic=alaska-summit", "max_pages=many"], "Error: max_pages=many is no number of pages."),
        (["topic=alaska-summit"], "Error: This would visit "),
    ],
)
def test_scrapy_says_in_a_sentence_what_it_cannot_crawl(arguments: list[str], said: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scrapy", "crawl", "news", "-s", f"NAZAIR_DB={tmp_path / 'a.db'}"]
    for argument in arguments:
        command += ["-a", argument]
    environment = {**os.environ, "NAZAIR_CONTACT": ""}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert said in ended.stderr
