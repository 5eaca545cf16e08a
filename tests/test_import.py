"""`nazair import`: the pages of a web archive, filtered, and what is told of an archive that is cut off."""

from __future__ import annotations

import gzip
import subprocess
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from corpus.store import articles, runs
from corpus.store.database import open_database
from corpus.types import Filter
from tests.processes import nazair
from tests.rude_server import article, catalogue

pytestmark = pytest.mark.slow

ENGLISH = (
    b"<html lang='en'><body><p>" + b"The summit ended without an agreement on anything. " * 20 + b"</p></body></html>"
)


def archive(path: Path, *pages: tuple[str, str, bytes], asking: tuple[str, str] = ("Server", "x")) -> Path:
    """A packed WARC file with (URL, day, body) each, and a header more."""
    with path.open("xb") as file:
        writer = WARCWriter(file, gzip=True)
        for url, day, body in pages:
            headers = [("Content-Type", "text/html"), ("Content-Encoding", "gzip"), asking]
            packed = gzip.compress(body)
            record = writer.create_warc_record(
                url,
                "response",
                payload=BytesIO(packed),
                length=len(packed),
                http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": f"{day}T10:00:00Z"},
            )
            writer.write_record(record)
    return path


def run_import(folder: Path, db: str, warc: Path, *options: str) -> subprocess.CompletedProcess[str]:
    config = catalogue(folder / "config", ["x.example"])
    return nazair("import", warc, "--config", config, "--db", db, "--workers", "1", *options)


def kept(db: str) -> list[tuple[str, str | None]]:
    with open_database(db).reading() as connection:
        (run, *_) = runs.latest(connection)
        return sorted(
            (one.url, one.outcome.value) for one in runs.decided(connection, run.id) if one.outcome.value != "off_topic"
        )


def test_host_day_and_language_choose_the_pages_that_are_read(database_url: str, tmp_path: Path) -> None:
    warc = archive(
        tmp_path / "a.warc.gz",
        ("http://x.example/1", "2025-08-16", article(1)),
        ("http://www.x.example/2", "2025-08-16", article(2, "سفير قمة")),
        ("http://nox.example/3", "2025-08-16", article(3)),
        ("http://x.example/4", "2025-08-15", article(4)),
        ("http://x.example/5", "2025-08-16", ENGLISH),
    )

    done = run_import(tmp_path, database_url, warc, "--host", "x.example", "--since", "2025-08-16")

    assert done.returncode == 0, done.stderr
    assert [url for url, _ in kept(database_url)] == ["http://www.x.example/2", "http://x.example/1"]
    assert "Passed over: 1 another day, 1 another host, 1 another language." in done.stderr


@pytest.mark.parametrize(
    ("asking", "outcome"),
    [
        (("x-robots-tag", "noindex"), ("blocked_by_robots", ())),
        (("TDM-Reservation", "1"), ("kept", ("tdm-reservation",))),
    ],
)
def test_what_the_headers_of_a_page_asked_is_obeyed(
    asking: tuple[str, str], outcome: tuple[str, tuple[str, ...]], tmp_path: Path
) -> None:
    db = str(tmp_path / "n.db")
    warc = archive(tmp_path / "a.warc.gz", ("http://x.example/1", "2025-08-16", article(1)), asking=asking)

    run_import(tmp_path, db, warc)

    with open_database(db).reading() as connection:
        stored = articles.load(connection, articles.find(connection, Filter())).values()
    (became,) = (told for _, told in kept(db))
    assert (became, tuple(name for one in stored for name in one.article.directives)) == outcome


def record(
    number: int, *head: str, body: bytes, named: str = "X-Named: nothing", at: str = "2025-08-16T10:00:00Z"
) -> bytes:
    """A packed record of the page /`number`, its HTTP message as it is given."""
    message = "\r\n".join((*head, "", "")).encode() + body
    names = ("WARC/1.0", "WARC-Type: response", f"WARC-Date: {at}", named)
    about = (f"WARC-Target-URI: http://x.example/{number}", f"Content-Length: {len(message)}")
    return gzip.compress("\r\n".join((*names, *about, "", "")).encode() + message + b"\r\n\r\n")


def test_a_message_that_is_not_what_its_head_says_costs_no_other(tmp_path: Path) -> None:
    db, ok = str(tmp_path / "n.db"), "HTTP/1.1 200 OK"
    size = len(article(3))
    records = [
        record(0, ok, body=article(0)),
        # Archives of CC-NEWS up to 2018 have the headers of what was sent, and the page unpacked.
        record(1, ok, "Content-Encoding: gzip", body=article(1)),
        record(2, ok, "Transfer-Encoding: chunked", body=article(2)),
        record(3, ok, "Transfer-Encoding: chunked", body=b"%x;a=b\r\n%s\r\n0\r\n\r\n" % (size, article(3))),
        record(4, ok, "Content-Encoding: deflate", body=zlib.compress(article(4))),
        record(5, "HTTP/2 200", "Content-Encoding: GZIP", body=gzip.compress(article(5))),
        record(6, ok, "Content-Encoding: gzip", body=gzip.compress(article(6))[:40] + bytes(99)),
        record(7, "no head at all", body=article(7)),
        record(8, body=b""),
        record(9, ok, "X-Long: " + "x" * 100_000, body=article(9)),
        record(10, ok, body=article(10)),
        record(11, ok, f"Content-Length: {len(article(11)) + 1}", body=article(11)),
        record(12, ok, f"Content-Length: {len(article(12))}", body=article(12)),
        record(13, ok, body=article(13), named="WARC-Truncated: length"),
        record(14, ok, "Content-Length: 9", "Content-Encoding: gzip", body=article(14)),
        record(15, ok, body=article(15), at="0001-01-01T00:00:00+14:00"),
        record(16, ok, body=article(16), at="2999-01-01T00:00:00Z"),
    ]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(records))

    done = run_import(tmp_path, db, tmp_path / "a.warc.gz")

    assert done.returncode == 0, done.stderr
    stored = {int(url.rpartition("/")[2]) for url, became in kept(db) if became in ("kept", "near_copy")}
    assert stored == {0, 1, 2, 3, 4, 5, 9, 10, 12, 14}
    assert "2 cut short" in done.stderr


def test_what_is_broken_is_told_and_what_stands_before_it_is_kept(tmp_path: Path) -> None:
    db = str(tmp_path / "n.db")
    warc = archive(tmp_path / "a.warc.gz", ("http://x.example/1", "2025-08-16", article(1)))
    warc.write_bytes(warc.read_bytes() + bytes(512))

    done = run_import(tmp_path, db, warc)

    assert done.returncode == 4
    assert "a.warc.gz is broken" in done.stderr
    assert [url for url, _ in kept(db)] == ["http://x.example/1"]


@pytest.mark.parametrize("lost", [1, 200])
def test_what_stands_before_the_cut_is_kept_and_the_cut_is_told(lost: int, tmp_path: Path) -> None:
    db = str(tmp_path / "n.db")
    pages = [(f"http://x.example/{i}", "2025-08-16", article(i)) for i in range(1, 4)]
    warc = archive(tmp_path / "a.warc.gz", *pages)
    warc.write_bytes(warc.read_bytes()[:-lost])

    done = run_import(tmp_path, db, warc)

    assert done.returncode == 4
    assert "a.warc.gz is cut off: what stands before the cut is imported" in done.stderr
    assert "Get the file again, whole, and import it" in done.stderr
    assert [url for url, _ in kept(db)] == ["http://x.example/1", "http://x.example/2"]


@pytest.mark.parametrize("content", [b"", b"hello", gzip.compress(b"hello", mtime=0), b"\x1f\x8bhello"])
def test_what_is_no_archive_is_an_error_that_names_it(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.warc.gz").write_bytes(content)

    done = run_import(tmp_path, str(tmp_path / "n.db"), tmp_path / "x.warc.gz")

    assert done.returncode == 2
    assert "x.warc.gz is no WARC file" in done.stderr
    assert not (tmp_path / "n.db").exists()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("left", [0.3, 0.55, 0.8])
def test_an_archive_that_is_one_piece_is_cut_off_no_less(packed: bool, left: float, tmp_path: Path) -> None:
    """Not packed, or all of it in one gzip member."""
    pages = [(f"http://x.example/{i}", "2025-08-16", article(i)) for i in range(1, 9)]
    whole = gzip.decompress(archive(tmp_path / "a.warc.gz", *pages).read_bytes())
    warc = tmp_path / ("one.warc.gz" if packed else "plain.warc")
    warc.write_bytes(gzip.compress(whole) if packed else whole)
    db = str(tmp_path / "n.db")
    done = run_import(tmp_path, db, warc)
    warc.write_bytes(warc.read_bytes()[: int(warc.stat().st_size * left)])
    part = str(tmp_path / "part.db")

    cut = run_import(tmp_path, part, warc)

    assert (done.returncode, cut.returncode) == (0, 4), done.stderr + cut.stderr
    assert f"{warc.name} is cut off: what stands before the cut is imported" in cut.stderr
    assert len(kept(db)) == 8
    assert set(kept(part)) < set(kept(db))


def test_an_archive_is_imported_twice_without_a_double(tmp_path: Path) -> None:
    db = str(tmp_path / "n.db")
    warc = archive(tmp_path / "a.warc.gz", ("http://x.example/1", "2025-08-16", article(1)))

    run_import(tmp_path, db, warc)
    again = run_import(tmp_path, db, warc)

    assert again.returncode == 0
    assert kept(db) == [("http://x.example/1", "unchanged")]
