"""Read the pages of a WARC archive, such as those of CC-NEWS, as a crawl reads pages that it fetches.

The archive is a stream: pages are leased, read and stored in batches, and of the file no more is in memory than one
batch. What is not asked for (host, day, language) is passed over before it is read, and counted.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from corpus.store.articles import url_key
from corpus.types import LeasedLink, Link, LinkKind, Page, Topic
from corpus.urls import normalise, registrable_domain
from crawler.catalogue import Source
from pipelines.ledger import BATCH, Ledger
from pipelines.rules import Rules
from pipelines.stages import Fetched, KeepStage, ReadStage
from pipelines.workers import NoWorkers, Workers

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

QUEUE = "imported"

GZIP = b"\x1f\x8b"
CHUNK = 1 << 16

MAX_BYTES = 10 << 20  # as of a page that is fetched

# Letters of the Arabic block in UTF-8. A page with fewer than some two lines of them is no Arabic article. Guess.
ARABIC = re.compile(rb"[\xd8-\xdb][\x80-\xbf]")
FEWEST_LETTERS = 200

DECLARED = re.compile(rb"<html[^>]*\slang\s*=\s*[\"']?([A-Za-z]{2,3})", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which pages of an archive are read."""

    hosts: tuple[str, ...] = ()  # these and what is below them; none means all
    language: str = "ar"
    since: date | None = None  # days of fetching
    until: date | None = None

    def host(self, name: str) -> bool:
        return not self.hosts or any(name == one or name.endswith(f".{one}") for one in self.hosts)

    def day(self, day: date) -> bool:
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)

    def body(self, body: bytes) -> bool:
        """Whether a page may be in the language: by what it declares, or its letters; what cannot be told passes."""
        declared = DECLARED.search(body[:4096])
        if declared is not None and declared[1].decode().lower() == self.language:
            return True
        if self.language != "ar":
            return declared is None
        if sum(1 for _ in islice(ARABIC.finditer(body), FEWEST_LETTERS)) == FEWEST_LETTERS:
            return True
        return not _is_utf8(body)


@dataclass
class Import:
    """One import: what the pipelines ask of a run, and what was passed over."""

    ledger: Ledger
    workers: Workers
    topics: tuple[Topic, ...]
    sources: dict[str, Source]  # registrable domain → source
    wanted: Wanted
    only_on_topic: bool = True
    passed: Counter[str] = field(default_factory=Counter)
    broken: str | None = None  # how the archive ended, when not at its end

    @property
    def spider(self) -> Import:
        """The run itself, where the stages of a crawl look for it."""
        return self

    def country_of(self, source_id: str | None) -> str | None:
        source = self._source(source_id)
        return source.country if source else None

    def rules_of(self, source_id: str | None) -> Rules | None:
        source = self._source(source_id)
        return source.rules if source else None

    def _source(self, source_id: str | None) -> Source | None:
        return next((one for one in self.sources.values() if one.id == source_id), None)

    async def run(self, path: Path) -> None:
        """Read the archive to its end, or to its cut."""
        await self.ledger.begin(())
        stages = ReadStage(cast("Crawler", self)), KeepStage(cast("Crawler", self))
        status, reason = "stopped", "interrupted"
        try:
            pages = self._pages(path)
            while batch := await asyncio.to_thread(_take, pages, BATCH):
                await self._batch(batch, *stages)
                if self.ledger.broken is not None:
                    raise self.ledger.broken
                if self.workers.broken is not None:
                    raise NoWorkers(self.workers.broken)
            status, reason = ("failed", self.broken) if self.broken else ("finished", f"the end of {path.name}")
        finally:
            self.workers.close()
            await self.ledger.end(status=status, reason=reason)

    async def _batch(self, pages: dict[bytes, Page], read: ReadStage, keep: KeepStage) -> None:
        leased = await self.ledger.enter([self._link(page.url) for page in pages.values()])
        results = [self._one(one, pages[url_key(one.link.url)], read, keep) for one in leased]
        await asyncio.gather(*results)

    async def _one(self, leased: LeasedLink, page: Page, read: ReadStage, keep: KeepStage) -> None:
        await keep.process_item(await read.process_item(Fetched(leased=leased, page=page)))

    def _link(self, url: str) -> Link:
        source = self.sources.get(registrable_domain(url))
        return Link(url=url, kind=LinkKind.ARTICLE, channel="warc", source_id=source.id if source else None)

    def _pages(self, path: Path) -> Iterator[Page]:
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
        cut = _cut_after(path, begins)
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
        if not self.wanted.host(url.split("/", 3)[2].split(":")[0]):
            self.passed["another host"] += 1
        elif not self.wanted.day(at.date()):
            self.passed["another day"] += 1
        elif len(body := record.reader.read(MAX_BYTES + 1)) > MAX_BYTES:
            self.passed["too large"] += 1
        elif not self.wanted.body(body):
            self.passed["another language"] += 1
        else:
            return Page(url=url, body=body, content_type=http.get("Content-Type") or "", fetched_at=at)
        return None


def _take(pages: Iterator[Page], count: int) -> dict[bytes, Page]:
    """The next pages by their keys; the last of those with the same one."""
    return {url_key(page.url): page for page in islice(pages, count)}


def _cut_after(path: Path, begins: int) -> int | None:
    """Where the packed record begins that a file ends in the middle of, from one record on; None for a whole file.

    FastWARC ends such a file without a word (2.0).
    """
    with path.open("rb") as file:
        file.seek(begins)
        rest, at = file.read(CHUNK), begins
        if not rest.startswith(GZIP):
            return None
        while rest:
            member = zlib.decompressobj(wbits=31)
            while rest and not member.eof:
                member.decompress(rest, CHUNK)
                rest = member.unused_data if member.eof else member.unconsumed_tail or file.read(CHUNK)
            if not member.eof:
                return at
            rest = rest or file.read(CHUNK)
            at = file.tell() - len(rest)
    return None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
