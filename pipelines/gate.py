"""The gate: can what is left of a page be an article on the topic? Asked before its by-line and text are looked for.

A page that says for machines that it is an article, and when it was published, is spared what costs most of reading
it (of a generated one 3.1 of 8.2 ms are left) when the answer is no: when that day is certainly outside the topic's
window, or when all the words that are left of the page without its furniture, of which any text in it would be made,
and its title name no required concept.
Only what could not be kept is turned away here, with the reason that its article would have had; what comes through
is judged by `pipelines.topic` as ever. Pages that mark themselves less clearly, and those of sources with rules of
their own, always come through: some are no articles, and that is to be said of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corpus.arabic import garbled
from corpus.directives import NOINDEX
from corpus.types import Page, Topic
from pipelines.dates import published
from pipelines.dates.choose import MODIFIED, Published
from pipelines.directives import directives
from pipelines.fields.metadata import Head
from pipelines.focus import is_outside
from pipelines.text.prune import Pruning
from pipelines.topic import last_day, missing, window

# With less prose, in characters, the page may be a notice, and its text looked for elsewhere on it: some 120 words.
LEAST_PROSE = 700


def refusal(topics: Sequence[Topic], page: Page, head: Head, pruning: Pruning, *, country: str | None) -> str | None:
    """Why no article of this page can be on any of the topics, as `pipelines.topic` would say it; None if one can."""
    dates = list(_dates(page, head, country))
    is_clear = head.is_marked_article and dates and pruning.prose >= LEAST_PROSE
    if not is_clear or NOINDEX in directives(page.asks, head.metas, now=page.fetched_at):
        return None
    title = head.title or ""
    # Where the title names enough, as that of most pages does that come through, nothing else need be looked at.
    if not all(_reason(topic, dates, title) for topic in topics):
        return None
    words = f"{title}\n{pruning.words()}"
    reasons = [_reason(topic, dates, words) for topic in topics]
    if not all(reasons) or garbled(words):
        return None
    return "; ".join(f"{topic.id}: {reason}" for topic, reason in zip(topics, reasons, strict=True))


def _dates(page: Page, head: Head, country: str | None) -> Iterator[Published]:
    """What the head of the page says of its publication: one of these is its date, whatever else stands on it."""
    for candidate in head.dates:
        found = published([candidate], fetched_at=page.fetched_at, country=country)
        if found is not None and found.source != MODIFIED:
            yield found


def _reason(topic: Topic, dates: Sequence[Published], words: str) -> str | None:
    days = [(one.at.date(), last_day(one.at.date(), one.precision)) for one in dates]
    if all(is_outside(topic, first=first, last=last) for first, last in days):
        return f"published on {dates[0].at:%Y-%m-%d}, outside {window(topic)}"
    return missing(topic, words)
