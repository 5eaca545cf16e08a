"""Write every exchange of a crawl to a WARC file (ISO 28500), as the servers sent it: `--record FILE.warc.gz`.

An answer is a request and a response record; what brought no answer (no such name, a time-out) is a metadata record
that names the error. `crawler.replay` reads both back. A record is on the disk before its answer is used, so that a
killed crawl has recorded all that it stored.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Headers, Response
from scrapy.signals import engine_stopped
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from corpus import clock
from corpus.errors import UsageError
from crawler.backoff import PoliteHandler
from crawler.guard import GuardedResolver
from pipelines.ledger import Ledger

ERROR_TYPE = "application/vnd.nazair.error+json"

# Of the connection, not of the body that is recorded: Twisted has put the chunks together.
HOP_BY_HOP = {"transfer-encoding", "connection", "keep-alive"}


def check_new(path: Path) -> Path:
    """The path, if a recording can be begun there. Raises UsageError: no recording is ever written over."""
    if path.exists():
        raise UsageError(f"{path} exists, and a recording is not written over: name a new file, or move this one away.")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is no folder: make it first, or record elsewhere.")
    if not os.access(path.parent, os.W_OK):
        raise UsageError(f"{path.parent} cannot be written: record elsewhere.")
    if not path.name.endswith((".warc", ".warc.gz")):
        raise UsageError(f"{path.name!r} is no name of a recording. Example: --record crawl.warc.gz")
    return path


class Recording:
    """Extension: the file that a crawl is recorded in."""

    def __init__(self, file: BinaryIO, *, packed: bool) -> None:
        self._file = file
        self._writer = WARCWriter(file, gzip=packed, warc_version="1.1")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        name = crawler.settings.get("NAZAIR_RECORD")
        if not name:
            raise NotConfigured
        path = check_new(Path(name))
        recording = cls(path.open("xb"), packed=name.endswith(".gz"))
        crawler.signals.connect(recording.close, engine_stopped)
        return recording

    def answer(self, request: Request, response: Response, at: datetime) -> None:
        """Record what was asked, and what came back."""
        version = response.protocol or "HTTP/1.1"
        status = f"{response.status} {_phrase(response.status)}"
        headers = {"WARC-Date": _warc_date(at)}
        if response.ip_address is not None:
            headers["WARC-IP-Address"] = str(response.ip_address)
        answered = self._writer.create_warc_record(
            request.url,
            "response",
            payload=BytesIO(response.body),
            length=len(response.body),
            http_headers=StatusAndHeaders(status, _lines(response.headers), protocol=version),
            warc_headers_dict=headers,
        )
        parts = urlsplit(request.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = [("Host", parts.netloc), *_lines(request.headers)]
        asked = self._writer.create_warc_record(
            request.url,
            "request",
            http_headers=StatusAndHeaders(f"{request.method} {target} HTTP/1.1", sent, is_http_request=True),
            warc_headers_dict={"WARC-Date": _warc_date(at)},
        )
        self._writer.write_request_response_pair(asked, answered)
        self._file.flush()

    def error(self, request: Request, error: Exception, at: datetime) -> None:
        """Record why there was no answer."""
        told = {"error": type(error).__name__, "message": str(error)}
        if reason := GuardedResolver.refused.get(urlsplit(request.url).hostname or ""):
            told["refused"] = reason
        body = json.dumps(told, ensure_ascii=False).encode()
        record = self._writer.create_warc_record(
            request.url,
            "metadata",
            payload=BytesIO(body),
            length=len(body),
            warc_content_type=ERROR_TYPE,
            warc_headers_dict={"WARC-Date": _warc_date(at)},
        )
        self._writer.write_record(record)
        self._file.flush()

    def close(self) -> None:
        with suppress(OSError):  # what cannot be written has ended the run
            self._file.close()


class RecordingHandler(PoliteHandler):
    """The download handler, and what passes through it is recorded."""

    async def exchange(self, request: Request) -> Response:
        recording = self.crawler.get_extension(Recording)
        if recording is None:
            raise RuntimeError("the recording was not opened: NAZAIR_RECORD and its extension go together")
        try:
            response = await super().exchange(request)
        except IgnoreRequest:
            raise  # nothing was asked
        except Exception as error:
            self._write(partial(recording.error, request, error, clock.now()))
            raise
        self._write(partial(recording.answer, request, response, request.meta["answered_at"]))
        return response

    def _write(self, write: Callable[[], None]) -> None:
        """Write a record. On a full disk that is no fault of the page's, nor of its host."""
        try:
            write()
        except OSError as error:
            ledger: Ledger = self.crawler.spider.ledger  # type: ignore[union-attr] # a spider of ours
            raise ledger.give_up(f"the recording cannot be written ({error.strerror or error})") from error


def _lines(headers: Headers) -> Iterable[tuple[str, str]]:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in headers.items()
        if name.decode("latin-1").lower() not in HOP_BY_HOP
        for value in values
    ]


def _warc_date(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
