"""Read the pages of a WARC archive, such as those of CC-NEWS, as a crawl reads pages that it fetches.

The archive is a stream: pages are leased, read and stored in batches, and of the file no more is in memory than one
batch. What is not asked for (host, day, language) is passed over before it is read, and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from fastwarc.stream_io import BrotliReader, GzipReader, ZstdReader
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType
from warcio.bufferedreaders import ChunkedDataReader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser

from corpus import clock
from corpus.types import Page
from corpus.urls import normalise
from crawler.cut import cut_after
from crawler.intake import MAX_BYTES, PageIntake, may_be_in
from pipelines.directives import ASKING_HEADERS

MAX_HEAD_BYTES = 1 << 16

FIRST_DAY = datetime(1996, 1, 1, tzinfo=UTC)  # of the Internet Archive

UNPACKING: dict[str, Callable[[BytesIO], Any]] = {
    "gzip": GzipReader,
    "x-gzip": GzipReader,
    "deflate": partial(GzipReader, zlib=True),
    "br": BrotliReader,
    "zstd": ZstdReader,
}


class ArchiveIntake(PageIntake):
    """The import of an archive."""

    def items(self, path: Path) -> Iterator[Page]:
        held: Page | None = None  # until what follows shows that its record was whole
        begins = 0
        with path.open("rb") as file:
            try:
                # It reads records alone: one HTTP message that is wrong, or a body that is not packed as it says (in
                # old archives of CC-NEWS all are unpacked), would end it for all that follow (FastWARC 2.0).
                for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=False):
                    self.told(file.tell())
                    if held is not None:
                        yield held
                    begins, held = record.stream_pos, self._page(record)
            except OSError as error:
                self.broken = f"{path.name} is broken ({error}): what stands before that is imported"
        cut = cut_after(path, begins)
        if cut is not None:
            self.broken = f"{path.name} is cut off: what stands before the cut is imported"
        if held is not None and cut != begins:
            yield held

    def _page(self, record: WarcRecord) -> Page | None:
        url, date = normalise((record.headers.get("WARC-Target-URI") or "").strip("<>")), record.record_date
        # What is dated later would be the newest for years; one of the year 1 may be of no year in UTC.
        if url is None or date is None or not FIRST_DAY < date < clock.now() + timedelta(days=1):
            self.passed["no page"] += 1
            return None
        at = date.astimezone(UTC)
        if not self.wanted.host(url):
            self.passed["another host"] += 1
        elif not self.wanted.day(at.date()):
            self.passed["another day"] += 1
        elif (message := _message(record)) is None:
            self.passed["no page"] += 1
        elif record.headers.get("WARC-Truncated") or _is_cut(*message):
            self.passed["cut short"] += 1
        elif len(body := _unpacked(*message)) > MAX_BYTES:
            self.passed["too large"] += 1
        elif not may_be_in(self.wanted.language, body):
            self.passed["another language"] += 1
        else:
            http = message[0]
            asks = tuple((name, value) for name in ASKING_HEADERS for value in _values(http, name))
            content_type = http.get_header("Content-Type") or ""
            return Page(url=url, body=body, content_type=content_type, fetched_at=at, asks=asks)
        return None


def _message(record: WarcRecord) -> tuple[StatusAndHeaders, bytes] | None:
    """The head and the body of a page that was answered with 200; of a large body only so much that it shows."""
    message = BytesIO(record.reader.read(MAX_BYTES + MAX_HEAD_BYTES))
    try:
        http = StatusAndHeadersParser([], verify=False).parse(message)
    except EOFError:
        return None
    if http.get_statuscode() != "200":
        return None
    return http, message.read()


def _is_cut(http: StatusAndHeaders, body: bytes) -> bool:
    """Whether a body is shorter than its head says; one that was unpacked since is longer."""
    declared = http.get_header("Content-Length") or ""
    return not _is_chunked(http) and declared.isdecimal() and len(body) < min(int(declared[:20]), MAX_BYTES)


def _is_chunked(http: StatusAndHeaders) -> bool:
    return "chunked" in (http.get_header("Transfer-Encoding") or "").lower()


def _unpacked(http: StatusAndHeaders, body: bytes) -> bytes:
    """A body as a reader has it; one that is not packed, or not in chunks, as its head says, is taken as it is."""
    if _is_chunked(http):
        body = ChunkedDataReader(BytesIO(body)).read()
    encoding = (http.get_header("Content-Encoding") or "").strip().lower()
    if encoding not in UNPACKING:
        return body
    try:
        unpacked: bytes = UNPACKING[encoding](BytesIO(body)).read(MAX_BYTES + 1)
    except OSError:
        return body
    return unpacked


def _values(http: StatusAndHeaders, name: str) -> list[str]:
    return [value for told, value in http.headers if told.lower() == name.lower()]
