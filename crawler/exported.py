"""Take articles that `nazair export` wrote as JSONL, one a line: a collection moves between people.

What is derived (topics, copies, similar lists, search) is made anew, by the topics and catalogue of whoever imports.
A line that cannot be used is told with its number, and costs no other.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

from corpus.arabic import repair
from corpus.directives import NOINDEX, RESERVED
from corpus.errors import NazairError
from corpus.types import Article, Decision, LeasedLink, Outcome, Precision, Reading
from corpus.urls import normalise, registrable_domain
from crawler.intake import Intake
from pipelines.directives import is_known
from pipelines.page.limits import LONGEST_TEXT
from pipelines.read import read_article
from pipelines.workers import WorkFailed

SUFFIXES = (".jsonl", ".jsonl.gz")

MAX_LINE_BYTES = 20 << 20  # a page of 10 MiB, escaped
MOST_TOLD = 20

ANY = re.compile(r".*", re.DOTALL)
WEB = re.compile(r"https?://\S+")
SOURCE_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
ORIGIN = re.compile(r"[a-z -]{1,16}")  # of a date: "json-ld"
ZONE = re.compile(r"[A-Za-z0-9_/:+-]{1,40}")

FIRST_YEAR = 1600  # and none that is of no year in another zone


class Unusable(NazairError):
    """A line that is no article; the sentence says why."""


@dataclass
class ExportIntake(Intake[Article]):
    """The import of an export."""

    refused: list[tuple[int, str]] = field(default_factory=list)  # the first lines that cannot be used, and why
    refused_count: int = 0

    def items(self, path: Path) -> Iterator[Article]:
        with path.open("rb") as stored, gzip.open(stored) if path.name.endswith(".gz") else stored as file:
            number = 0
            try:
                while line := file.readline(MAX_LINE_BYTES + 1):
                    number += 1
                    self.told(stored.tell())
                    if len(line) > MAX_LINE_BYTES:
                        self._refuse(number, f"is longer than {MAX_LINE_BYTES >> 20} MiB")
                        while line and not line.endswith(b"\n"):
                            line = file.readline(MAX_LINE_BYTES)
                    elif line.strip() and (article := self._article(number, line)):
                        yield article
            except (OSError, EOFError, zlib.error) as error:
                self.broken = (
                    f"{path.name} is broken after line {number} ({error}): what stands before that is imported"
                )

    async def take(self, leased: LeasedLink, item: Article) -> None:
        try:
            reading = await self.workers.run(read_article, item, topics=self.topics, only_on_topic=self.only_on_topic)
        except WorkFailed as error:
            reading = Reading(outcome=error.outcome, reason=str(error))
        reading = self.wanted.in_language(reading)
        decision = Decision(
            url=item.url,
            outcome=reading.outcome or Outcome.KEPT,
            reason=reading.reason or "",
            reading=reading,
        )
        await self.ledger.settle(leased, decision)

    def _article(self, number: int, line: bytes) -> Article | None:
        """The article of a line, if it is wanted."""
        try:
            article = article_of(line)
        except Unusable as error:
            self._refuse(number, str(error))
            return None
        if not self.wanted.host(article.url):
            self.passed["another host"] += 1
        elif not self.wanted.day(article.fetched_at.date()):
            self.passed["another day"] += 1
        else:
            return replace(article, source_id=self.owners.of(article.url) or article.source_id)
        return None

    def _refuse(self, number: int, why: str) -> None:
        self.refused_count += 1
        if len(self.refused) < MOST_TOLD:
            self.refused.append((number, why))


def article_of(line: bytes) -> Article:
    """The article of a line. Only `url`, `title` and `text` must be there. Raises Unusable."""
    told = _object(line)
    url = normalise(_text(told, "url") or "")
    if url is None:
        raise Unusable(f'has no http(s) address: "url" is {json.dumps(told.get("url"), ensure_ascii=False)[:80]}')
    asked = tuple(sorted({one for one in _texts(told, "directives") if one == RESERVED or is_known(one)}))
    if NOINDEX in asked:
        raise Unusable(f"is of a page that asks not to be kept: {url}")
    title, text = repair(_text(told, "title") or ""), repair(_text(told, "text") or "")
    if not title or not text:
        missing = "text" if title else "title"
        because = f": its page asks for it ({', '.join(asked)})" if asked and missing == "text" else ""
        raise Unusable(f"has no {missing}{because}: {url}")
    if len(text) > LONGEST_TEXT:
        raise Unusable(f"has a text of {len(text):,} characters, more than {LONGEST_TEXT:,}: {url}")
    published_at = _moment(told, "published_at")
    declared = _text(told, "canonical_url")
    canonical = normalise(declared, url) if declared else None
    policy = _text(told, "tdm_policy")
    return Article(
        url=url,
        title=title,
        text=text,
        language=_text(told, "language") or "",  # found out by whoever reads it
        fetched_at=_moment(told, "fetched_at") or datetime.now(UTC),
        canonical_url=canonical if canonical and registrable_domain(canonical) == registrable_domain(url) else None,
        source_id=_text(told, "source", SOURCE_ID),
        author=_text(told, "author"),
        agency=_text(told, "agency"),
        published_at=published_at,
        published_precision=_precision(told, published_at) if published_at else None,
        published_from=_text(told, "published_from", ORIGIN) if published_at else None,
        published_zone=_text(told, "published_zone", ZONE) if published_at else None,
        image=_text(told, "image", WEB),
        tags=tuple(_texts(told, "tags")),
        directives=asked,
        tdm_policy=normalise(policy) if policy and RESERVED in asked else None,
    )


def _object(line: bytes) -> dict[str, Any]:
    """The JSON object that a line is. Raises Unusable."""
    try:
        told = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Unusable("is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise Unusable(f"is no JSON: {error.msg}, at its character {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise Unusable("is no JSON that anybody would write: too deep, or a number too long") from error
    if not isinstance(told, dict):
        raise Unusable('is no article: an object with "url", "title" and "text" is expected')
    return told


def _text(told: Mapping[str, Any], name: str, form: re.Pattern[str] = ANY) -> str | None:
    value = told.get(name)
    text = value.strip() if isinstance(value, str) else ""
    return text if text and form.fullmatch(text) else None


def _texts(told: Mapping[str, Any], name: str) -> list[str]:
    value = told.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _moment(told: Mapping[str, Any], name: str) -> datetime | None:
    """A time that an article can have, in UTC. Raises Unusable for one that is none: half a date is not taken."""
    value = told.get(name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise Unusable(f'has a "{name}" that is no time: {json.dumps(value, ensure_ascii=False)[:80]}') from error
    if moment.year < FIRST_YEAR:
        raise Unusable(f'has a "{name}" before there were newspapers: {moment:%Y-%m-%d}')
    if moment > datetime.now(UTC) + timedelta(days=1):
        raise Unusable(f'has a "{name}" in the future: {moment:%Y-%m-%d}')
    return moment


def _precision(told: Mapping[str, Any], moment: datetime) -> Precision:
    """How exact a date is; where nothing says so, midnight is taken for a day."""
    for precision in get_args(Precision):
        if told.get("published_precision") == precision:
            return precision  # type: ignore[no-any-return] # it is one of them
    return "day" if (moment.hour, moment.minute, moment.second) == (0, 0, 0) else "second"
