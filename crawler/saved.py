"""Read the pages that somebody saved into a folder, as a crawl reads pages that it fetches.

Whose address a page has is told by itself (rel=canonical, og:url), or by its place: wget saves http://HOST/PATH as
HOST/PATH. A page of which neither is known is passed over, and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from corpus.types import Page
from corpus.urls import canonical, normalise
from crawler.intake import MAX_BYTES, PageIntake, may_be_in
from pipelines.page.declared import addresses
from pipelines.page.decode import Undecodable, decode

INDEX = re.compile(r"(?<![^/])index\.html(?=$|\?)")


class FolderIntake(PageIntake):
    """The import of a folder of saved pages."""

    def items(self, path: Path) -> Iterator[Page]:
        done = 0
        for file in files(path):
            try:
                status = file.stat()
                body = file.read_bytes() if status.st_size <= MAX_BYTES else None
            except OSError:
                self.passed["unreadable"] += 1
                continue
            done += status.st_size
            self.told(done)
            at = datetime.fromtimestamp(status.st_mtime, UTC)
            if body is None:
                self.passed["too large"] += 1
            elif page := self._page(body, at, placed(file.relative_to(path))):
                yield page

    def _page(self, body: bytes, at: datetime, place: str | None) -> Page | None:
        try:
            text, _ = decode(body)
        except Undecodable:
            self.passed["no page"] += 1
            return None
        if "<" not in text:
            self.passed["no page"] += 1
        elif (url := _address(text, place)) is None:
            self.passed["no address"] += 1
        elif not self.wanted.host(url):
            self.passed["another host"] += 1
        elif not self.wanted.day(at.date()):
            self.passed["another day"] += 1
        elif not may_be_in(self.wanted.language, body):
            self.passed["another language"] += 1
        else:
            return Page(url=url, body=body, content_type="text/html", fetched_at=at)
        return None


def files(folder: Path) -> list[Path]:
    """The files of a folder, in one order."""
    return sorted(one for one in folder.rglob("*") if one.is_file())


def placed(place: Path) -> str | None:
    """The URL of which a file at a place below the folder is the page; None where the place tells none."""
    folder, *segments = place.parts
    if "." not in folder or not segments:
        return None
    return normalise(f"http://{folder}/{INDEX.sub('', '/'.join(segments))}")


def _address(text: str, place: str | None) -> str | None:
    """What a page says that its address is, if it may; else where it was saved."""
    declared = addresses(text)
    if place is None:
        # Some systems name their home page on every page.
        return next((url for url in declared if url.split("/", 3)[3]), None)
    return next((url for url in declared if canonical(url, place)), place)
