"""Exports: complete or not there, never over another file, safe in a spreadsheet, the same articles in every format."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from corpus import ask
from corpus.errors import UsageError
from corpus.store.database import Database
from corpus.types import Filter, TopicMatch
from nazair import exports
from nazair.cli import run
from tests.storing import store
from tests.texts import article

DANGEROUS = [
    "=HYPERLINK(1)",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "a\r=1",
    "＝1",
]


@pytest.fixture
def filled(database: Database) -> Database:
    """Three articles, one on a topic; the second and third were published at the same time."""
    match = TopicMatch(topic_id="t", score=0.75, matched=("بوتين",), names=("بوتين",), on_topic=True, reason="")
    with database.writing() as connection:
        for one in (article(3, hours=-1), article(2), article(1, outlet="sahil", hours=-1)):
            topics = (match,) if one.source_id == "sahil" else ()
            store(connection, one, topics=topics)
    return database


def read_parquet(file: Path) -> list[dict[str, object]]:
    from pyarrow.parquet import read_table

    rows: list[dict[str, object]] = read_table(file).to_pylist()
    return [
        {key: ask.iso(value) if isinstance(value, datetime) else value for key, value in row.items()} for row in rows
    ]


def test_every_format_has_the_same_articles_in_the_same_order(
    filled: Database, database_url: str, tmp_path: Path
) -> None:
    for suffix in exports.SUFFIXES:
        assert run(["export", str(tmp_path / f"all{suffix}"), "--db", database_url]) == 0

    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    with filled.reading() as connection:
        assert lines == list(ask.export_lines(connection, Filter()))
    assert [line["id"] for line in lines] == [3, 1, 2]
    assert read_parquet(tmp_path / "all.parquet") == lines
    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["text"] for row in rows] == [line["text"] for line in lines]


def test_an_export_says_how_far_it_is(
    filled: Database, database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nazair.context.SAID_EVERY_S", 0.0)

    run(["export", "-", "-f", "csv", "--db", database_url, "--search", article(1).title])

    assert "1 of 1 article written …" in capsys.readouterr().err


def test_an_export_takes_the_filters_of_a_search(filled: Database, database_url: str, tmp_path: Path) -> None:
    counts = {}
    for name, arguments in {
        "words": ["--search", "بوتين"],
        "words and a source": ["--search", "بوتين source:sahil"],
        "topic": ["--topic", "t"],
        "nothing": ["--search", "بوتين", "--until", "2025-01-01"],
    }.items():
        file = tmp_path / f"{name}.jsonl"
        assert run(["export", str(file), "--db", database_url, *arguments]) == 0
        counts[name] = len(file.read_text(encoding="utf-8").splitlines())

    assert counts == {"words": 2, "words and a source": 1, "topic": 1, "nothing": 0}


@pytest.mark.parametrize("suffix", exports.SUFFIXES)
def test_an_export_of_nothing_is_a_file_of_nothing(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"none{suffix}"

    assert exports.to_file(file, [], exports.SUFFIXES[suffix], bom=False, force=False) == 0

    assert file.exists()
    if suffix == ".parquet":
        assert read_parquet(file) == []
        from pyarrow.parquet import read_schema

        assert read_schema(file).names == list(ask.EXPORTED)
    if suffix == ".csv":
        assert file.read_text().strip().split(",") == list(ask.EXPORTED)


def test_an_export_has_the_same_names_with_articles_and_without(filled: Database) -> None:
    with filled.reading() as connection:
        names = {tuple(line) for line in ask.export_lines(connection, Filter())}

    assert names == {ask.EXPORTED}


@pytest.mark.parametrize("text", DANGEROUS)
def test_nothing_in_csv_opens_as_a_formula(text: str, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"

    exports.to_file(file, [{"title": text, "tags": [text]}], "csv", bom=False, force=False)

    with file.open(encoding="utf-8", newline="") as opened:
        (row,) = csv.DictReader(opened)
    shown = text.replace("\r", "\n")
    shown = f"'{shown}" if shown[0] != "a" else shown
    assert row == {"title": shown, "tags": shown}


def test_the_offset_of_a_zone_is_no_formula(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"

    exports.to_file(file, [{"published_zone": "+03:00", "title": "+03:00 =1"}], "csv", bom=False, force=False)

    assert file.read_text(encoding="utf-8").splitlines() == ["published_zone,title", "+03:00,'+03:00 =1"]


def test_bom_marks_csv_as_utf_8_in_a_file_and_on_standard_output(
    filled: Database, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "out.csv"
    command = [sys.executable, "-m", "nazair", "export", "-", "-f", "csv", "--bom", "--db", database_url]

    assert run(["export", str(file), "--bom", "--db", database_url]) == 0
    done = subprocess.run(command, capture_output=True, timeout=100, check=True)

    assert file.read_bytes().startswith(b"\xef\xbb\xbfid,")
    assert done.stdout == file.read_bytes()


def test_a_file_that_comes_to_be_there_meanwhile_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"

    def lines() -> Iterator[dict[str, int]]:
        yield {"id": 1}
        file.write_text("somebody else's")
        yield {"id": 2}

    with pytest.raises(UsageError, match="exists; it was left as it is"):
        exports.to_file(file, lines(), "jsonl", bom=False, force=False)

    assert file.read_text() == "somebody else's"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("suffix", exports.SUFFIXES)
def test_a_full_disk_is_told_and_leaves_nothing(suffix: str, tmp_path: Path) -> None:
    # A limit on the size of files says what a full disk says, and no machine has to be filled.
    script = (
        "import resource, signal, sys; from pathlib import Path; from nazair import exports\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        "import os; lines = ({'id': n, 'text': os.urandom(200).hex()} for n in range(5000))\n"
        "exports.to_file(Path(sys.argv[1]), lines, sys.argv[2], bom=False, force=False)\n"
    )
    file = tmp_path / f"out{suffix}"

    done = subprocess.run(
        [sys.executable, "-c", script, str(file), exports.SUFFIXES[suffix]],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert f"{file} could not be written: File too large. Nothing was left there." in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_file_is_not_replaced(tmp_path: Path, filled: Database, database_url: str) -> None:
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)

    assert run(["export", str(pipe), "--force", "--db", database_url]) == 2

    assert pipe.is_fifo()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", [["export", "-", "-f", "jsonl"], ["list"]], ids=" ".join)
def test_standard_output_on_a_full_disk_is_told(command: list[str], filled: Database, database_url: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "nazair", *command, "--db", database_url],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=100,
            check=False,
        )

    assert done.returncode == 2
    assert done.stderr.splitlines() == ["Error: the output is not complete: No space left on device."]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_messages_that_find_no_room_stop_nothing(filled: Database, database_url: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "nazair", "list", "-n", "1", "-f", "jsonl", "--db", database_url],
            stdout=subprocess.PIPE,
            stderr=full,  # where it is said that there are more
            text=True,
            timeout=100,
            check=False,
        )

    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)


@pytest.mark.parametrize(
    "command", [["list"], ["list", "-f", "jsonl"], ["export", "-", "-f", "csv"], ["show", "1"]], ids=" ".join
)
def test_a_reader_that_has_seen_enough_is_no_error(command: list[str], filled: Database, database_url: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [sys.executable, "-m", "nazair", *command, "--db", database_url],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=100,
        check=False,
    )
    os.close(writer)

    assert done.returncode == 0
    assert "Error" not in done.stderr


def test_a_new_file_has_the_permissions_of_other_new_files(tmp_path: Path) -> None:
    file, other = tmp_path / "out.jsonl", tmp_path / "other"
    other.touch()

    exports.to_file(file, [{"id": 1}], "jsonl", bom=False, force=False)

    assert file.stat().st_mode == other.stat().st_mode


def test_parquet_has_a_typed_column_for_every_key(filled: Database) -> None:
    with filled.reading() as connection:
        (line, *_) = ask.export_lines(connection, Filter())

    schema = exports.parquet_schema(line)

    assert schema.names == list(line)
    for name, value in line.items():
        kind = str(schema.field(name).type)
        assert kind.startswith(
            {int: ("int64",), list: ("list",), str: ("string", "timestamp")}.get(type(value), ("",))
        ), name


@pytest.mark.parametrize("suffix", exports.SUFFIXES)
def test_an_export_is_written_while_it_is_read(suffix: str, tmp_path: Path) -> None:
    sizes: list[int] = []

    def lines() -> Iterator[dict[str, object]]:
        for number in range(3 * exports.ROWS_AT_ONCE):
            if number % exports.ROWS_AT_ONCE == 0:
                (beside,) = tmp_path.iterdir()
                sizes.append(beside.stat().st_size)
            yield {"id": number, "text": random.Random(number).randbytes(100).hex()}  # noqa: S311 - repeatable

    exports.to_file(tmp_path / f"out{suffix}", lines(), exports.SUFFIXES[suffix], bom=False, force=False)

    assert sizes[0] < 100
    assert 10_000 < sizes[1] < sizes[2]
