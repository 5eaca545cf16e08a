"""Can the page behind a link belong to a topic? What its channel says of it, before it is fetched.

To say no wrongly costs an article, to say yes wrongly one request: what is not certain is fetched.
`pipelines.topic` has the last word on what was fetched.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from urllib.parse import unquote

from corpus.arabic import arabic_share, words
from corpus.types import Prospect, SkippedLink, Topic
from pipelines.topic import names_in, window

# Outlets and feeds live in their own time zones, and a day of the calendar has 26 hours more or less around the world.
SLACK = timedelta(days=1)

# Fewer words are a kicker, a rubric or a name; headlines have more. Guess.
FEWEST_TITLE_WORDS = 4

# Mostly other letters: a title that was decoded wrongly, or the words of a button.
LEAST_ARABIC = 0.5

# What a listing cut off: the names may come after it.
CUT_OFF = ("…", "...", "..")

# No article is older: a clock that was never set.
OLDEST = datetime(1995, 1, 1, tzinfo=UTC)

DAY_IN_PATH = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/-]|$)")
# As Sputnik and France 24 write it: before a slug; alone it may be the number of a page.
COMPACT_DAY = re.compile(r"/(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=[/-](?:%|[^\W\d]))")

# A slug is an article's title where it is whole. WordPress cuts it at 200 characters as they are sent, six a letter and
# twelve a last one that is cut in two; editors leave words out of short ones, and some systems all behind the sixth.
FEWEST_SLUG_WORDS = 7
LENGTHS_OF_CUT = range(170, 201)
AROUND_SLUG = re.compile(r"^\d+-|-?\d*\.\w{2,5}$|-\d+$")
BETWEEN_WORDS = re.compile("[-_+]+")

# A link inside an article is followed when it names so many of a topic's concepts: one alone is any news of its day.
NAMED_ON_TOPIC = 2


def prospect(
    topic: Topic,
    *,
    title: str | None = None,
    summary: str | None = None,
    address: str | None = None,
    published_at: datetime | None = None,
    changed_at: datetime | None = None,
    language: str | None = None,
) -> Prospect:
    """What speaks for and against a link. The summary counts as the title does, and where there is neither, the words
    of its `address`, a normalised URL; `changed_at` is its last change.
    """
    if _is_foreign(language, title):
        return Prospect(
            doubt="language", reason=f"its language is said to be {language!r}, and its title is not Arabic"
        )
    if published_at is not None and is_outside(topic, first=published_at.date(), last=published_at.date()):
        reason = f"published on {published_at:%Y-%m-%d}, outside {window(topic)}"
        return Prospect(doubt="date", reason=reason)
    if changed_at is not None and is_before(topic, changed_at.date()):
        reason = f"last changed on {changed_at:%Y-%m-%d}, before {window(topic)}"
        return Prospect(doubt="changed", reason=reason)
    if title or summary:
        return _by_title(topic, title or "", summary or "")
    return _by_address(topic, address) if address else Prospect()


def _by_title(topic: Topic, title: str, summary: str) -> Prospect:
    if names_in(topic, f"{title}\n{summary}"):
        return Prospect(names_topic=True)
    if _says_enough(title):
        return Prospect(doubt="title", reason=f"its title names nothing of the topic: {title}")
    return Prospect()


def _by_address(topic: Topic, url: str) -> Prospect:
    slug = slug_of(url)
    if slug is None:
        return Prospect()
    if names_in(topic, slug):
        return Prospect(names_topic=True)
    if slug.count(" ") >= FEWEST_SLUG_WORDS - 1 and arabic_share(slug) >= LEAST_ARABIC:
        return Prospect(doubt="address", reason=f"its address names nothing of the topic: {slug}")
    return Prospect()


def still_doubted(topic: Topic, link: SkippedLink) -> bool:
    """Whether what spoke against a link still does, although the topic's file may have changed since.

    Of a page's last change only the sentence is kept: it names the window that it was compared with.
    """
    if link.doubt == "changed":
        return link.reason.endswith(window(topic))
    if link.doubt in ("language", "source"):
        return True
    if link.doubt == "address":
        return prospect(topic, address=link.url).doubt is not None
    return prospect(topic, title=link.title, published_at=link.published_at).doubt is not None


def key_of(topic: Topic) -> bytes:
    """8 bytes that stand for what a topic is about: they change when a page may be judged differently."""
    judged_by = topic.concepts, topic.since, topic.until, topic.min_score
    return hashlib.sha256(repr(judged_by).encode()).digest()[:8]


def is_on_topic(topic: Topic, title: str) -> bool:
    """Whether a title alone shows that its page is about the topic."""
    positive = sum(concept.role != "excluding" for concept in topic.concepts)
    return len(names_in(topic, title)) >= min(NAMED_ON_TOPIC, positive)


def is_before(topic: Topic, day: date) -> bool:
    """Whether a day is certainly before the topic's window."""
    return topic.since is not None and topic.since - day > SLACK


def is_outside(topic: Topic, *, first: date, last: date) -> bool:
    """Whether all days from `first` to `last` are certainly outside the topic's window."""
    return is_before(topic, last) or (topic.until is not None and first - topic.until > SLACK)


def day_in_path(url: str) -> datetime | None:
    """The day that stands in a URL's path (/2025/08/15/), as midnight UTC."""
    found = DAY_IN_PATH.search(url) or COMPACT_DAY.search(url)
    try:
        return datetime(*map(int, found.groups()), tzinfo=UTC) if found else None  # type: ignore[misc, arg-type]
    except ValueError:
        return None


def slug_of(url: str) -> str | None:
    """The words of the longest part of a normalised URL's path; None where none is in Arabic, or some may be cut."""
    longest = max(url.partition("?")[0].split("/")[3:], key=len, default="")
    if "%" not in longest:
        return None
    slug = AROUND_SLUG.sub("", longest)
    return " ".join(map(_unquoted, BETWEEN_WORDS.split(slug))) if len(slug) not in LENGTHS_OF_CUT else None


# A word takes 3 µs, and those of a site's addresses come again and again. 3 MB.
_unquoted = lru_cache(maxsize=20_000)(unquote)


def believable(moment: datetime | None, *, now: datetime) -> datetime | None:
    """The moment, unless no page can have been published then."""
    return moment if moment is not None and OLDEST <= moment <= now + SLACK else None


def _is_foreign(language: str | None, title: str | None) -> bool:
    """Some Arabic sites never changed the language that their sitemap plugin came with: an Arabic title outweighs."""
    return language is not None and not language.lower().startswith("ar") and arabic_share(title or "") == 0


def _says_enough(title: str) -> bool:
    is_whole = not title.rstrip().endswith(CUT_OFF)
    return is_whole and len(words(title)) >= FEWEST_TITLE_WORDS and arabic_share(title) >= LEAST_ARABIC
