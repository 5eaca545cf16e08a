"""The read stage: each page gets one outcome, whatever it does to its worker; only what may pass is asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from corpus.types import Decision, LeasedLink, Link, LinkKind, Outcome, Page, Topic
from pipelines.stages import Fetched, ReadStage
from pipelines.workers import Workers
from tests.hostile_pages import HOSTILE, page

URL = "http://alwaha.example/world/1"


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a spider carries, for this stage."""

    workers: Workers
    topics: tuple[Topic, ...] = ()
    only_on_topic: bool = False

    def source(self, source_id: str | None) -> None:
        return None


def decided(body: bytes, *, time_limit_s: float = 10) -> Decision:
    """What is decided about a page with this body."""
    link = Link(url=URL, kind=LinkKind.ARTICLE, channel="added", source_id="alwaha")
    fetched = Fetched(
        leased=LeasedLink(id=1, link=link, tries=0),
        page=Page(url=URL, body=body, content_type="text/html", fetched_at=datetime(2025, 8, 16, tzinfo=UTC)),
        source_id="alwaha",
    )

    async def read() -> Decision:
        workers = Workers(1, time_limit_s=time_limit_s)
        stage = ReadStage(SimpleNamespace(spider=Run(workers=workers)))  # type: ignore[arg-type] # all it needs
        try:
            return (await stage.process_item(fetched)).decision
        finally:
            workers.close()

    return asyncio.run(read())


@pytest.mark.parametrize(
    ("make", "outcome", "retry"),
    [
        (page, Outcome.KEPT, False),
        (lambda: page(text="<p>نص قصير.</p>"), Outcome.NOT_AN_ARTICLE, False),
        (lambda: page(title="Just a moment...", text="<p>Checking your browser.</p>"), Outcome.FAILED, True),
        (lambda: b"%PDF-1.7", Outcome.NOT_AN_ARTICLE, False),
    ],
    ids=["article", "no article", "block page", "document"],
)
def test_only_a_page_that_kept_us_out_is_asked_again(make: Callable[[], bytes], outcome: Outcome, retry: bool) -> None:
    decision = decided(make())

    assert (decision.outcome, decision.retry) == (outcome, retry)
    assert bool(decision.reason) is (outcome is not Outcome.KEPT)


def test_a_page_that_takes_too_long_is_quarantined_with_its_reason() -> None:
    decision = decided(HOSTILE["bold words in one paragraph"](), time_limit_s=1)

    assert decision.outcome is Outcome.QUARANTINED
    assert decision.reason.endswith("the worker was killed")
