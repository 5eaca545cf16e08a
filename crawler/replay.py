"""Answer a crawl from a recording or a folder of pages: no socket is opened, and the clock is the recording's.

The nth request for a URL gets the nth answer that was recorded for it, errors included, so that a crawl goes the same
way again. What is not there is a failure that says so; but a robots.txt that is not there forbids nothing, as nobody
is asked. In a folder, DIR/HOST/PATH is the page of http(s)://HOST/PATH, index.html that of a path with a slash.
"""

from __future__ import annotations

import json
import logging
import mimetypes
import zlib
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import scrapy.exceptions
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, IgnoreRequest
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from corpus import clock
from corpus.errors import UsageError
from crawler.backoff import LONGEST_WAIT, PoliteHandler
from crawler.cut import cut_after
from crawler.guard import GuardedResolver
from crawler.record import ERROR_TYPE

logger = logging.getLogger(__name__)

CHUNK = 1 << 16

LISTED = {".xml": "application/xml", ".rss": "application/rss+xml", ".atom": "application/atom+xml"}


class NotRecorded(IgnoreRequest):
    """A request that the recording has no answer to."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One answer, as it was recorded."""

    at: datetime
    status: int = 200
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    error: Exception | None = None  # in place of the answer


class Warc:
    """A WARC file: where each answer begins is kept in memory, the answers are not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_cut = False
        self._answers: defaultdict[str, deque[int]] = defaultdict(deque)
        moments = []
        for offset, record in self._records():
            self._answers[record.rec_headers.get_header("WARC-Target-URI")].append(offset)
            try:
                moments.append(_moment(record))
            except (ValueError, OverflowError) as error:
                raise UsageError(f"{path} cannot be replayed: a record of it has no date ({error}).") from error
        if not moments:
            raise UsageError(f"{path} has no recorded answer: it is no WARC file, or an empty one.")
        self.begins_at = min(moments)

    def answer(self, url: str) -> Recorded | None:
        """The next answer to a request for this URL; None when there is no further one."""
        if not (offsets := self._answers.get(url)):
            return None
        with self.path.open("rb") as file:
            file.seek(offsets.popleft())
            return _recorded(next(iter(ArchiveIterator(file))))

    def _records(self) -> list[tuple[int, ArcWarcRecord]]:
        """Each answer with the place where it begins, up to where the file is cut off."""
        found = []
        with self.path.open("rb") as file:
            records = ArchiveIterator(file)
            try:
                for record in records:
                    offset = records.get_record_offset()
                    while record.raw_stream.read(CHUNK):
                        pass
                    if getattr(record.raw_stream, "limit", 1) > 0:  # none where the record has no length
                        raise EOFError("the record is shorter than it says")
                    if _is_answer(record):
                        found.append((offset, record))
            except (EOFError, ArchiveLoadFailed, AttributeError, OverflowError, zlib.error):
                # AttributeError is warcio's word (1.8) for a record without an address.
                self.is_cut = True
        if self.is_cut or cut_after(self.path, found[-1][0] if found else 0) is not None:
            self.is_cut = True
            logger.warning("%s is cut off: the %d answers before the cut are replayed.", self.path, len(found))
        return found


class Folder:
    """A folder of pages."""

    is_cut = False

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        moments = [one.stat().st_mtime for one in path.rglob("*") if one.is_file()]
        if not moments:
            raise UsageError(f"{path} has no page in it: HOST/PATH below it is the page of http://HOST/PATH.")
        self.begins_at = datetime.fromtimestamp(max(moments), UTC)

    def answer(self, url: str) -> Recorded:
        """The page of this URL; 404 where there is none."""
        parts = urlsplit(url)
        named = f"{parts.path}?{parts.query}" if parts.query else parts.path
        for name in (named, unquote(named)):
            file = self.path / parts.netloc / name.lstrip("/")
            for one in (file, file / "index.html"):
                if "\0" not in name and one.is_file() and one.resolve().is_relative_to(self.path):
                    kind = LISTED.get(one.suffix) or mimetypes.guess_type(one.name)[0] or "text/html"
                    headers = Headers({"Content-Type": kind})
                    return Recorded(at=self.begins_at, headers=headers, body=one.read_bytes())
        return Recorded(at=self.begins_at, status=404)


def open_archive(path: Path) -> Warc | Folder:
    """What is to be replayed. Raises UsageError for what cannot be."""
    if not path.exists():
        raise UsageError(f"There is no {path}. --replay takes a WARC file, or a folder of pages.")
    return Folder(path) if path.is_dir() else Warc(path)


class ReplayHandler(PoliteHandler):
    """The download handler, but the answers are those of a recording."""

    archives: dict[str, Warc | Folder] = {}  # noqa: RUF012 - one for http and https, as there is one recording

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        path = crawler.settings["NAZAIR_REPLAY"]
        if path not in self.archives:
            self.archives[path] = open_archive(Path(path))
        self._archive = self.archives[path]
        clock.advance(self._archive.begins_at)

    async def exchange(self, request: Request) -> Response:
        recorded = self._archive.answer(request.url)
        if recorded is None:
            if urlsplit(request.url).path != "/robots.txt":
                cut = ", which is cut off," if self._archive.is_cut else ""
                raise NotRecorded(f"the recording{cut} has no answer to it: {self._archive.path.name}")
            recorded = Recorded(at=clock.now(), status=404)
        clock.advance(recorded.at)
        request.meta["answered_at"] = recorded.at
        if recorded.error is not None:
            raise recorded.error
        kind = responsetypes.from_args(headers=recorded.headers, url=request.url, body=recorded.body)
        return kind(request.url, status=recorded.status, headers=recorded.headers, body=recorded.body, request=request)


def _is_answer(record: ArcWarcRecord) -> bool:
    is_error = record.rec_type == "metadata" and record.rec_headers.get_header("Content-Type") == ERROR_TYPE
    return is_error or (record.rec_type == "response" and record.http_headers is not None)


def _moment(record: ArcWarcRecord) -> datetime:
    """When an answer came. Raises ValueError and OverflowError for what is no time, or the last that there is."""
    moment = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date") or "").astimezone(UTC)
    _ = moment + LONGEST_WAIT  # of a host that is left alone
    return moment


def _recorded(record: ArcWarcRecord) -> Recorded:
    body = b"".join(iter(lambda: record.raw_stream.read(CHUNK), b""))
    if record.rec_type == "metadata":
        return Recorded(at=_moment(record), error=_error(record, json.loads(body)))
    headers = Headers()
    for name, value in record.http_headers.headers:
        headers.appendlist(name, value.encode("latin-1"))
    return Recorded(at=_moment(record), status=int(record.http_headers.get_statuscode()), headers=headers, body=body)


def _error(record: ArcWarcRecord, told: dict[str, str]) -> Exception:
    """The error that was recorded, of its own class where that is one of Scrapy's."""
    if "refused" in told:
        host = urlsplit(record.rec_headers.get_header("WARC-Target-URI")).hostname or ""
        GuardedResolver.refused[host] = told["refused"]
    known = getattr(scrapy.exceptions, told["error"], None)
    if isinstance(known, type) and issubclass(known, Exception):
        return known(told["message"])
    return DownloadFailedError(f"{told['error']}: {told['message']}")
