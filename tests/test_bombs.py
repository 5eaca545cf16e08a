"""Answers made to hurt the crawler itself: bombs, bodies without end, drips. One crawl meets all of them."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, repeat
from pathlib import Path

import brotli
import pytest
from backports import zstd

from corpus.store import runs
from corpus.store.database import open_database
from corpus.types import Outcome
from tests.rude_server import HTML, Answer, article, catalogue, serving

pytestmark = pytest.mark.slow

MEMORY_BYTES = 300 << 20
TIMEOUT_S = 4

ZEROS = b"\0" * (1 << 20)
UNPACKED_MB = 400  # a crawler that unpacks one of these whole has more than its memory

# Python runs it first in every process: on its way out each writes down the most memory that it ever had.
MEASURE = """
import atexit, os, re
from pathlib import Path

@atexit.register
def note_peak():
    kilobytes = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
    Path(os.environ["PEAKS"], str(os.getpid())).write_text(kilobytes)
"""


def packed(wbits: int) -> bytes:
    """400 MB of zeros in a zlib (15) or gzip (31) stream."""
    packer = zlib.compressobj(9, wbits=wbits)
    return b"".join(packer.compress(ZEROS) for _ in range(UNPACKED_MB)) + packer.flush()


def by_zstd() -> bytes:
    packer = zstd.ZstdCompressor()
    return b"".join(packer.compress(ZEROS) for _ in range(UNPACKED_MB)) + packer.flush()


def by_brotli() -> bytes:
    packer = brotli.Compressor(quality=1)
    packed: bytes = b"".join(packer.process(ZEROS) for _ in range(UNPACKED_MB)) + packer.finish()
    return packed


def encoded(encoding: str, body: Callable[[], bytes]) -> Callable[[], Answer]:
    return lambda: Answer(200, body(), {**HTML, "Content-Encoding": encoding})


def xml(declared: str, inside: str) -> Callable[[], Answer]:
    return lambda: Answer(200, f'<?xml version="1.0"?>{declared}<rss version="2.0">{inside}</rss>'.encode())


def raw(head: bytes, rest: Callable[[], Iterator[bytes]]) -> Answer:
    return Answer(raw=lambda: chain([b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + head], rest()))


def drip(part: bytes) -> Iterator[bytes]:
    while True:
        time.sleep(0.3)  # what drips is slow: that is the attack
        yield part


LAUGHS = '<!DOCTYPE rss [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(10)
)
TOO_LARGE = "larger than 10 MiB"
ENTITIES = "the XML declares a DOCTYPE or entities"
TOO_COSTLY = "its tags, attributes and entities would take some"
TOO_SLOW = f"longer than {TIMEOUT_S}"

# What a feed answers, and what is to be said of it.
BOMBS: Mapping[str, tuple[Callable[[], Answer], str]] = {
    "gzip": (encoded("gzip", lambda: packed(31)), TOO_LARGE),
    "deflate": (encoded("deflate", lambda: packed(15)), TOO_LARGE),
    "brotli": (encoded("br", by_brotli), TOO_LARGE),
    "zstd": (encoded("zstd", by_zstd), TOO_LARGE),
    "gzip-in-gzip": (encoded("gzip, gzip", lambda: gzip.compress(packed(31))), TOO_LARGE),
    "file-in-gzip": (lambda: Answer(200, packed(31)), "the gzip file unpacks to more than 52 MB"),
    "laughs": (xml(LAUGHS + "]>", "<channel><title>&k;</title></channel>"), ENTITIES),
    "quadratic": (xml(f'<!DOCTYPE rss [<!ENTITY a "{"a" * 10_000}">]>', "&a;" * 100_000), ENTITIES),
    "outside": (xml('<!DOCTYPE rss SYSTEM "http://outside.example/evil.dtd">', ""), ENTITIES),
    "deep": (xml("", "<a>" * 1_000_000), TOO_COSTLY),
    "wide": (xml("", "<channel " + "".join(f'a{i}="1" ' for i in range(500_000)) + "></channel>"), TOO_COSTLY),
    "endless": (lambda: raw(b"\r\n", lambda: repeat(ZEROS)), TOO_LARGE),
    "lying": (lambda: raw(b"Content-Length: 99999999999\r\n\r\n", lambda: repeat(ZEROS)), TOO_LARGE),
    "body-drip": (lambda: raw(b"\r\n", lambda: drip(b"<p>")), TOO_SLOW),
    "head-drip": (lambda: raw(b"X-Slow: ", lambda: drip(b"a")), TOO_SLOW),
    "never": (lambda: Answer(200, after_s=600), TOO_SLOW),
    "head-flood": (lambda: raw(b"", lambda: repeat(b"X-Flood: " + b"a" * 1000 + b"\r\n")), "longer than 256 KiB"),
    "head-lines": (lambda: raw(b"", lambda: repeat(b"X-Flood: " + b"a" * 60_000 + b"\r\n")), "longer than 256 KiB"),
}
GOOD = ("good", "better")


def test_bombs_endless_bodies_and_drips_are_refused_each_with_its_reason_and_cost_no_other_page(tmp_path: Path) -> None:
    bombs = {f"{name}.example": make() for name, (make, _) in BOMBS.items()}

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path == "/feed" and host in bombs:
            return bombs[host]
        if path == "/feed":
            items = "".join(f"<item><link>http://{host}/news/{1000 + i}</link></item>" for i in range(10))
            return Answer(200, f"<rss version='2.0'><channel>{items}</channel></rss>".encode())
        if path.startswith("/news/"):
            return Answer(200, article(int(path[6:])), HTML)
        return Answer(404)

    config = catalogue(tmp_path / "config", [*bombs, *(f"{name}.example" for name in GOOD)])
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(MEASURE, encoding="utf-8")
    (tmp_path / "peaks").mkdir()
    environment = os.environ | {"PYTHONPATH": f"{tmp_path / 'watch'}:{os.getcwd()}", "PEAKS": str(tmp_path / "peaks")}
    with serving(web) as server:
        settings = {"NAZAIR_CONFIG": config, "NAZAIR_DB": tmp_path / "n.db", "NAZAIR_PROXY": server.url}
        settings |= {"NAZAIR_WORKERS": 2, "DOWNLOAD_TIMEOUT": TIMEOUT_S}
        options = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
        command = [sys.executable, "-m", "scrapy", "crawl", "news", "-a", "topic=t", *options]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        _, said = process.communicate(timeout=120)

    with open_database(str(tmp_path / "n.db")).reading() as connection:
        (run,) = runs.latest(connection)
        decided = {one.url: one for one in runs.decided(connection, run.id)}
    assert run.status == "finished", said
    for name, (_, reason) in BOMBS.items():
        told = decided[f"http://{name}.example/feed"]
        assert told.outcome in (Outcome.FAILED, Outcome.QUARANTINED), (name, told)
        assert told.reason, name
        assert reason in told.reason, (name, told)
        assert server.paths(f"{name}.example").count("/feed") <= 2, name
    stored = [url for url, one in decided.items() if one.outcome in (Outcome.KEPT, Outcome.NEAR_COPY)]
    assert sorted(stored) == sorted(f"http://{name}.example/news/{1000 + i}" for name in GOOD for i in range(10))
    assert int((tmp_path / "peaks" / str(process.pid)).read_text()) << 10 < MEMORY_BYTES
