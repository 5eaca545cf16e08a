"""`nazair import FILE.jsonl`: what was exported comes back, in any order and as often as it is imported."""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from corpus import ask
from corpus.store import articles, runs
from corpus.store.database import Database, open_database
from corpus.store.schema import schemes
from corpus.types import Filter
from crawler.archive import ArchiveIntake
from crawler.exported import ExportIntake, Unusable, article_of
from crawler.intake import QUEUE, Wanted
from nazair.cli import run
from pipelines.ledger import Ledger
from pipelines.workers import Workers
from tests.rude_server import article as page
from tests.serving import fill, some_articles
from tests.test_import import archive, run_import

GOOD = {"url": "http://a.example/1", "title": "عنوان", "text": "نص الخبر"}


def line(**more: object) -> bytes:
    return json.dumps(GOOD | more, ensure_ascii=False).encode()


def exported(where: str) -> list[dict[str, Any]]:
    """The export lines of a collection, without what depends on its own topics and numbers."""
    own = {"id", "copy_group", "copy_of", "topics"}
    with open_database(where).reading() as connection:
        lines = list(ask.export_lines(connection, Filter()))
    return sorted(({name: one[name] for name in one if name not in own} for one in lines), key=lambda one: one["url"])


def test_the_three_that_must_be_there_are_enough_and_what_else_is_told_is_taken() -> None:
    plain = article_of(line())
    told = article_of(
        line(
            published_at="2025-08-15T13:00:00+03:00",
            published_precision="minute",
            canonical_url="https://www.a.example/one",
            tags=["قمة", 3],
            directives=["nosnippet", "tdm-reservation", "unheard-of"],
            tdm_policy="https://a.example/policy",
            source="alwaha",
        )
    )

    assert (plain.url, plain.title, plain.text, plain.published_at) == (*GOOD.values(), None)
    assert told.published_at == datetime(2025, 8, 15, 10, tzinfo=UTC)
    assert (told.published_precision, told.canonical_url) == ("minute", "https://www.a.example/one")
    assert (told.tags, told.source_id) == (("قمة",), "alwaha")
    assert (told.directives, told.tdm_policy) == (("nosnippet", "tdm-reservation"), "https://a.example/policy")
    assert article_of(line(tdm_policy="https://a.example/policy")).tdm_policy is None  # nothing is reserved
    assert article_of(line(canonical_url="http://victim.example/")).canonical_url is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (b"{", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"\xff", "is not UTF-8"),
        (b"[1]", "is no article"),
        (line(url="file:///etc/passwd"), "has no http"),
        (line(url=None), "has no http"),
        (line(title=" "), "has no title"),
        (line(title="\u200f\u202b"), "has no title"),
        (line(text=None), "has no text: http://a.example/1"),
        (line(text=None, directives=["noarchive"]), "has no text: its page asks for it (noarchive)"),
        (line(directives=["noindex"]), "is of a page that asks not to be kept"),
        (line(published_at="yesterday"), 'has a "published_at" that is no time: "yesterday"'),
        (line(published_at=5), 'has a "published_at" that is no time: 5'),
        (line(published_at="0001-01-01T00:00:00Z"), 'has a "published_at" before there were newspapers: '),
        (line(text="ن" * 250_001), "has a text of 250,001 characters, more than 250,000: http://a.example/1"),
        (line(fetched_at="2999-01-01T00:00:00Z"), 'has a "fetched_at" in the future: 2999-01-01'),
    ],
)
def test_a_line_that_cannot_be_used_says_why(given: bytes, why: str) -> None:
    with pytest.raises(Unusable) as caught:
        article_of(given)

    assert why in str(caught.value)


def test_what_is_told_in_no_form_of_its_field_is_left_out() -> None:
    told = article_of(
        line(
            published_at="2025-08-15T13:00:00+03:00",
            published_from="\x1b[31m",
            published_zone="x" * 41,  # more than PostgreSQL has room for
            image="javascript:alert(1)",
            source="../alwaha",
        )
    )

    assert (told.published_from, told.published_zone, told.image, told.source_id) == (None, None, None, None)


@pytest.mark.slow
def test_what_was_exported_comes_back_and_importing_it_again_changes_nothing(database_url: str, tmp_path: Path) -> None:
    first, file = str(tmp_path / "first.db"), tmp_path / "all.jsonl"
    fill(first, some_articles())
    assert run(["export", str(file), "--db", first]) == 0

    done = run_import(tmp_path, database_url, file)
    packed = tmp_path / "all.jsonl.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    again = run_import(tmp_path, database_url, packed)

    assert (done.returncode, again.returncode) == (0, 0), done.stderr + again.stderr
    assert exported(database_url) == exported(first)
    with open_database(database_url).reading() as connection:
        assert articles.size(connection) == len(some_articles())
        assert {one.outcome.value for one in runs.decided(connection, 2)} == {"unchanged"}


def test_an_import_that_could_not_store_does_not_begin(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    file.write_bytes(line(url="http://a.example/1", text="نص طويل " * 50))
    with open_database(database_url).writing() as connection:
        connection.execute(schemes.insert().values(id=1, settings="affine32/seed=7"))

    done = run_import(tmp_path, database_url, file)

    assert done.returncode == 2
    assert "nazair db rebuild --signatures" in done.stderr
    with open_database(database_url).reading() as connection:
        assert not runs.latest(connection)


def test_lines_of_one_page_are_counted(tmp_path: Path) -> None:
    file, db = tmp_path / "all.jsonl", str(tmp_path / "nazair.db")
    file.write_bytes(b"\n".join(line(url=f"http://{host}/1") for host in ("a.example", "www.a.example", "b.example")))

    done = run_import(tmp_path, db, file)

    assert "2 fetched" in done.stderr
    assert "Passed over: 1 the same page again." in done.stderr


def test_a_day_of_which_nobody_says_where_it_is_from_is_shown_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, db = tmp_path / "all.jsonl", str(tmp_path / "nazair.db")
    file.write_bytes(line(published_at="2025-08-15"))
    run_import(tmp_path, db, file)

    assert run(["show", "1", "--db", db]) == 0

    assert "published 2025-08-15 UTC (to the day)\n" in capsys.readouterr().out


def test_what_was_forgotten_is_passed_over_and_told(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    file.write_bytes(line(url="http://a.example/1") + b"\n" + line(url="http://b.example/2"))
    assert run(["forget", "a.example", "--db", database_url]) == 0

    done = run_import(tmp_path, database_url, file)

    assert done.returncode == 0, done.stderr
    assert "Passed over: 1 forgotten, or another run's." in done.stderr
    with open_database(database_url).reading() as connection:
        assert articles.size(connection) == 1


@pytest.mark.slow
def test_bad_lines_are_told_with_their_numbers_and_cost_no_other(tmp_path: Path) -> None:
    db, file = str(tmp_path / "n.db"), tmp_path / "mixed.jsonl"
    old = line(url="http://a.example/1", text="نص قديم", fetched_at="2025-01-01T00:00:00Z", language="ar")
    new = line(url="http://a.example/1", text="نص جديد", fetched_at="2025-02-01T00:00:00Z", language="ar")
    file.write_bytes(
        b"\n".join([b"\xef\xbb\xbf" + new, b"", b"{broken", line(url="x"), line(url="http://b.example/2")])
    )

    done = run_import(tmp_path, db, file)
    file.write_bytes(old)
    older = run_import(tmp_path, db, file)

    assert done.returncode == 4, done.stderr
    assert "mixed.jsonl, line 3 is no JSON" in done.stderr
    assert "mixed.jsonl, line 4 has no http(s) address" in done.stderr
    assert "Lines not used: 2." in done.stderr
    assert older.returncode == 0
    with open_database(db).reading() as connection:
        stored = articles.load(connection, articles.find(connection, Filter()))
        assert sorted(one.article.text for one in stored.values()) == ["نص الخبر", "نص جديد"]
        assert [one.reason for one in runs.decided(connection, 2)] == ["what is stored was read later"]


ARABIC = "وصل الرئيسان صباح الجمعة إلى القاعدة العسكرية في أنكوريج وتبادلا المصافحة أمام المصورين."
ENGLISH = "The two presidents arrived on Friday morning and shook hands before the cameras of the press."


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["ar", "en"])
def test_only_articles_in_the_language_are_taken_whatever_they_are_declared_to_be_in(
    asked: str, tmp_path: Path
) -> None:
    db, file = str(tmp_path / "n.db"), tmp_path / "both.jsonl"
    texts = ((ARABIC, None), (ENGLISH, "ar"), (ARABIC, "en"))
    lines = [line(url=f"http://a.example/{n}", text=text, language=code) for n, (text, code) in enumerate(texts, 1)]
    file.write_bytes(b"\n".join(lines))

    done = run_import(tmp_path, db, file, "--language", asked)

    assert done.returncode == 0, done.stderr
    with open_database(db).reading() as connection:
        stored = [one.article for one in articles.load(connection, articles.find(connection, Filter())).values()]
        told = {one.url: one.reason for one in runs.decided(connection, 1)}
    wanted = {"ar": ["http://a.example/1", "http://a.example/3"], "en": ["http://a.example/2"]}[asked]
    assert sorted(one.url for one in stored) == wanted
    assert {one.language for one in stored} == {asked}
    refused = {told[url] for url in told if url not in wanted}
    assert refused == {{"ar": "the text is in English, not Arabic", "en": "the text is in Arabic, not English"}[asked]}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--language", "xx"], "'xx' is not one of 'ar'"),
        (["--since", "2025-08-20", "--until", "2025-08-15"], "--since 2025-08-20 is after --until 2025-08-15"),
        (["--host", "http://alwaha.example/"], "'http://alwaha.example/' is not the name of a host"),
        (["--host", ""], "'' is not the name of a host"),
    ],
)
def test_what_nothing_could_pass_is_refused(
    options: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file := tmp_path / "some.jsonl").write_bytes(line())

    assert run(["import", str(file), *options, "--db", str(tmp_path / "n.db")]) == 2
    assert why in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "n.db").exists()


@pytest.mark.slow
@pytest.mark.parametrize("behind", [b"", b"\x07"], ids=["cut off", "no block behind"])
def test_a_damaged_export_gives_what_stands_before_the_damage(behind: bytes, tmp_path: Path) -> None:
    db, file = str(tmp_path / "n.db"), tmp_path / "cut.jsonl.gz"
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(b"".join(line(url=f"http://a.example/{i}") + b"\n" for i in range(1_500)))
    file.write_bytes(packed + packer.flush(zlib.Z_FULL_FLUSH) + behind)

    done = run_import(tmp_path, db, file)

    assert done.returncode == 4
    assert "cut.jsonl.gz is broken after line" in done.stderr
    assert "Get the file again, whole, and import it" in done.stderr
    with open_database(db).reading() as connection:
        assert 200 < articles.size(connection) <= 1_500


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.gz", "all.warc.gz"])
def test_an_import_tells_how_far_into_its_file_it_is(name: str, tmp_path: Path, database: Database) -> None:
    lines = b"".join(line(url=f"http://a.example/{number}") + b"\n" for number in range(2_000))
    path = tmp_path / name
    if name == "all.warc.gz":
        archive(path, *((f"http://a.example/{number}", "2025-08-16", page(number)) for number in range(5)))
    else:
        path.write_bytes(gzip.compress(lines) if name.endswith(".gz") else lines)
    told: list[int] = []
    intake = (ArchiveIntake if name == "all.warc.gz" else ExportIntake)(
        ledger=Ledger(database, queue=QUEUE, run_id=1),
        workers=Workers(1),
        topics=(),
        sources={},
        wanted=Wanted(),
        told=told.append,
    )

    found = list(intake.items(path))

    assert len(found) == len(told)
    assert 0 < told[-1] <= path.stat().st_size
    assert told == sorted(told)
