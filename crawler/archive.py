"""Read the pages of a WARC archive, such as those of CC-NEWS, as a crawl reads pages that it fetches.

The archive is a stream: pages are leased, read and stored in batches, and of the file no more is in memory than one
batch. What is not asked for (host, day, language) is passed over before it is read, and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from corpus.types import LeasedLink, Outcome, Page
from corpus.urls import normalise
from crawler.cut import cut_after
from crawler.intake import Intake
from pipelines.directives import ASKING_HEADERS
from pipelines.stages import Fetched, KeepStage, ReadStage

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

MAX_BYTES = 10 << 20  # as of a page that is fetched

# Letters of the Arabic block in UTF-8. A page with fewer than some two lines of them is no Arabic article. Guess.
ARABIC = re.compile(rb"[\xd8-\xdb][\x80-\xbf]")
FEWEST_LETTERS = 200

DECLARED = re.compile(rb"<html[^>]*\slang\s*=\s*[\"']?([A-Za-z]{2,3})", re.IGNORECASE)


class ArchiveIntake(Intake[Page]):
    """The import of an archive."""

    async def take(self, leased: LeasedLink, item: Page) -> None:
        # The run itself is where the stages of a crawl look for one.
        read, keep = ReadStage(cast("Crawler", self)), KeepStage(cast("Crawler", self))
        done = await read.process_item(Fetched(leased=leased, page=item, source_id=leased.link.source_id))
        if (reading := done.decision.reading) is not None and (told := self.wanted.in_language(reading)) is not reading:
            outcome, reason = told.outcome or Outcome.KEPT, told.reason or ""
            done = replace(done, decision=replace(done.decision, outcome=outcome, reason=reason, reading=told))
        await keep.process_item(done)

    @property
    def spider(self) -> ArchiveIntake:
        return self

    def items(self, path: Path) -> Iterator[Page]:
        held: Page | None = None  # until what follows shows that its record was whole
        begins = 0
        with path.open("rb") as file:
            try:
                for record in ArchiveIterator(file, record_types=WarcRecordType.response, auto_decode="all"):
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
        url = normalise((record.headers.get("WARC-Target-URI") or "").strip("<>"))
        http = record.http_headers
        if url is None or http is None or http.status_code != 200 or record.record_date is None:
            self.passed["no page"] += 1
            return None
        at = record.record_date.astimezone(UTC)
        if not self.wanted.host(url):
            self.passed["another host"] += 1
        elif not self.wanted.day(at.date()):
            self.passed["another day"] += 1
        elif len(body := record.reader.read(MAX_BYTES + 1)) > MAX_BYTES:
            self.passed["too large"] += 1
        elif not may_be_in(self.wanted.language, body):
            self.passed["another language"] += 1
        else:
            asks = tuple((name, value) for name in ASKING_HEADERS for value in http.get_multiple(name))
            return Page(url=url, body=body, content_type=http.get("Content-Type") or "", fetched_at=at, asks=asks)
        return None


def may_be_in(language: str, body: bytes) -> bool:
    """Whether a page may be in a language: by what it declares, or its letters; what cannot be told passes."""
    declared = DECLARED.search(body[:4096])
    if declared is not None and declared[1].decode().lower() == language:
        return True
    if language != "ar":
        return declared is None
    if sum(1 for _ in islice(ARABIC.finditer(body), FEWEST_LETTERS)) == FEWEST_LETTERS:
        return True
    return not _is_utf8(body)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
