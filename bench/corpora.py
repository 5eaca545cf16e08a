"""Collections of any size, made up: words with real frequencies, events that share words, planted copies.

The same number and seed give the same articles. Word frequencies come from the texts in
NAZAIR_BENCH_DATA; beyond their vocabulary new words keep coming, as in real news (Heaps' law). Meant for
speed and size, not for quality: nobody would read these texts.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt

from bench.generated_web import bench_data
from corpus.arabic import bare, words
from corpus.types import Article

FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
SOURCES = 80

# Of real news, roughly (guesses but for the first, which is the median of the Saudi set of 2015).
MEDIAN_WORDS = 220
ARTICLES_AN_EVENT = 8
WORDS_OF_AN_EVENT = 24
SHARE_OF_EVENT_WORDS = 0.12
COPIES = 0.10
RARE_WORDS = 1_000_000  # how far the vocabulary goes on beyond the real one
SHARE_OF_RARE_WORDS = 0.02

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Made:
    """One made-up article, as numbers of words; `copy_of` is the number of an earlier one, with the kind of edit."""

    number: int
    event: int
    title: Ids
    body: Ids
    source: int
    published_at: datetime
    copy_of: int | None = None
    edit: str | None = None  # exact, changed, cut or merged


def make(count: int, *, seed: int = 0) -> Iterator[Made]:
    """`count` articles, oldest first."""
    draw = np.random.default_rng(seed)
    events = max(1, count // ARTICLES_AN_EVENT)
    own_words = draw.integers(_size(), _size() + RARE_WORDS // 10, size=(min(events, 200_000), WORDS_OF_AN_EVENT))
    recent: list[Made] = []
    for number in range(count):
        # Events follow each other; at any time some sixty are under way.
        event = int(number / ARTICLES_AN_EVENT + draw.exponential(60)) % events
        made = _article(draw, number, event, own_words[event % len(own_words)])
        if recent and draw.random() < COPIES:
            made = _copy(draw, made, of=recent[draw.integers(len(recent))], other=recent[draw.integers(len(recent))])
        recent = [*recent[-400:], made]
        yield made


def article(made: Made) -> Article:
    """The article as the collection stores it."""
    return replace(without_text(made), text=text(made.body))


def without_text(made: Made) -> Article:
    """The article but for its text."""
    return Article(
        url=f"http://outlet-{made.source}.example/news/{made.number}",
        title=" ".join(text(made.title).split()),
        text="",
        language="ar",
        fetched_at=made.published_at + timedelta(hours=1),
        source_id=f"outlet-{made.source}",
        published_at=made.published_at,
        published_precision="minute",
        published_from="json-ld",
    )


def text(ids: Ids, *, paragraph: int = 60) -> str:
    """The words behind the numbers, a paragraph after every so many."""
    spelled = [word(int(one)) for one in ids]
    return "\n".join(" ".join(spelled[i : i + paragraph]) for i in range(0, len(spelled), paragraph))


def word(number: int) -> str:
    """The word of this number: a real one, or one put together from two."""
    real = _real_words()
    if number < len(real):
        return real[number]
    first, second = divmod((number * 2_654_435_761) % (1 << 32), 20_011)
    return f"{real[first % len(real)][:4]}{real[second % len(real)][:3]}"


def common_words() -> int:
    """How many words are real or of an event; the others stand in an article or two."""
    return _size() + RARE_WORDS // 10


def _article(draw: np.random.Generator, number: int, event: int, own: Ids) -> Made:
    length = int(np.clip(draw.lognormal(np.log(MEDIAN_WORDS), 0.6), 60, 2000))
    body = _common(draw, length)
    body[draw.random(length) < SHARE_OF_RARE_WORDS] = draw.integers(_size(), _size() + RARE_WORDS)
    of_event = draw.random(length) < SHARE_OF_EVENT_WORDS
    # The words of an event are not equally frequent: who and where come most.
    body[of_event] = own[np.minimum(draw.geometric(0.15, int(of_event.sum())) - 1, len(own) - 1)]
    title = np.concatenate([own[draw.permutation(6)[:4]], _common(draw, 5)])
    minutes = number * 3 + int(draw.integers(0, 3))
    return Made(
        number=number,
        event=event,
        title=title,
        body=body,
        source=int(draw.integers(SOURCES)),
        published_at=FIRST_DAY + timedelta(minutes=minutes),
    )


def _copy(draw: np.random.Generator, new: Made, *, of: Made, other: Made) -> Made:
    """The new article with the text of an earlier one, edited."""
    edit = ("exact", "changed", "cut", "merged")[draw.integers(4)]
    body = of.body.copy()
    if edit == "changed":
        changed = draw.random(len(body)) < 0.10
        body[changed] = _common(draw, int(changed.sum()))
    elif edit == "cut":
        body = body[: max(60, len(body) * 3 // 10)]
    elif edit == "merged":
        body = np.concatenate([body, other.body])
    return Made(
        number=new.number,
        event=of.event,
        title=new.title if edit != "exact" else of.title,
        body=body,
        source=new.source,
        published_at=new.published_at,
        copy_of=of.number,
        edit=edit,
    )


def _common(draw: np.random.Generator, size: int) -> Ids:
    return np.searchsorted(_cumulated(), draw.random(size)).astype(np.int64)


def _size() -> int:
    return len(_real_words())


@cache
def _counted() -> list[tuple[str, int]]:
    counted: Counter[str] = Counter()
    for name in ("nearcopy_saudi", "unifiedfc"):
        path = bench_data() / "similarity" / "dev" / f"{name}.docs.jsonl.gz"
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                counted.update(bare(json.loads(line)["body"]).split())
    return [(one, often) for one, often in counted.most_common() if words(one)]


@cache
def _real_words() -> list[str]:
    return [one for one, _ in _counted()]


@cache
def _cumulated() -> npt.NDArray[np.float64]:
    counts = np.array([often for _, often in _counted()], dtype=np.float64)
    total: npt.NDArray[np.float64] = np.cumsum(counts) / counts.sum()
    return total
