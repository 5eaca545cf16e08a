"""What travels between the floors: links, pages, articles, sketches, decisions.

Plain frozen values without behaviour of their own. Where they are made: links in
`crawler.discovery`, pages in `crawler.spiders` and `crawler.archive`, articles and sketches in `pipelines`,
near-copies and similar articles in `corpus`. The words are those of ARCHITECTURE.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

Channel = Literal["feed", "sitemap", "section", "home", "page", "search", "warc", "added"]
Doubt = Literal["date", "changed", "title", "address", "language", "source"]
Precision = Literal["second", "minute", "day", "month"]

# A page with fewer is a picture, a video or a notice, and no article; some real news has 30.
FEWEST_WORDS = 25


class LinkKind(StrEnum):
    """What is expected behind a link: a document that lists links, or an article."""

    FEED = "feed"
    SITEMAP = "sitemap"
    SECTION = "section"
    NEXT = "next"  # the page that follows in a section: worth reading where the one before had something new
    ARTICLE = "article"

    @property
    def is_listing(self) -> bool:
        return self is not LinkKind.ARTICLE


class Outcome(StrEnum):
    """What became of one fetched URL. Each fetch has exactly one; a run counts them."""

    KEPT = "kept"
    NEAR_COPY = "near_copy"  # kept too, as a member of a copy group
    OFF_TOPIC = "off_topic"
    NOT_AN_ARTICLE = "not_an_article"
    UNCHANGED = "unchanged"  # stored before, or the server said so (304)
    # An article that is stored, and at its address no longer: it stays stored, and is marked. Or a listing that is not
    # there, and was told as failed for that before.
    GONE = "gone"
    LISTING = "listing"  # a feed, sitemap or section page: read for its links
    BLOCKED_BY_ROBOTS = "blocked_by_robots"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    FORGOTTEN = "forgotten"  # reached by another way, and not to be stored: see `nazair forget`


# An article is stored, and at its address.
STORED = (Outcome.KEPT, Outcome.NEAR_COPY, Outcome.UNCHANGED)


class CopyKind(StrEnum):
    """How one text repeats another."""

    EXACT = "exact"
    REPRINT = "reprint"
    PARTIAL = "partial"  # cut from a longer text, or merged into one
    UPDATE = "update"  # the same source published it again, later and edited, cut or made longer


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """What a link's title and date say of the page behind it, before it is fetched."""

    names_topic: bool = False
    doubt: Doubt | None = None  # what speaks against it: then it is not fetched
    reason: str | None = None  # a sentence, with `doubt`


@dataclass(frozen=True, kw_only=True)
class Link:
    """A URL found through a channel, with what the channel said about it."""

    url: str
    kind: LinkKind
    channel: Channel
    source_id: str | None
    title: str | None = None
    published_at: datetime | None = None  # of a sitemap: when it last changed
    depth: int = 0  # listings between this link and the seed it was found from; of channel "page": articles
    prospect: Prospect = Prospect()


@dataclass(frozen=True, kw_only=True)
class SkippedLink:
    """A frontier row that is not fetched, with what spoke against it."""

    id: int
    url: str
    title: str | None
    published_at: datetime | None
    doubt: Doubt
    reason: str


@dataclass(frozen=True, kw_only=True)
class Validators:
    """What a server said of the version that was read last: sent back, it need not send the same again."""

    etag: str | None
    last_modified: str | None
    read_for: bytes  # 8 bytes: topic and source as they were; for others the page must be read again
    read_at: datetime


@dataclass(frozen=True, kw_only=True)
class Visit:
    """The last visit to a link that is visited again."""

    url: str
    validators: Validators | None  # None: it must be read whole
    first_at: datetime
    visited_at: datetime
    interval: timedelta | None = None  # of listings; None where there was none
    due_at: datetime | None = None  # None: no more, or when something names it again
    listings: bytes = b""  # the keys of the listings that it named


@dataclass(frozen=True, kw_only=True)
class LeasedLink:
    """A frontier row on loan to a run until it reports a decision or the lease ends."""

    id: int
    link: Link
    tries: int  # how often it was leased before
    visit: Visit | None = None  # the last one, when it is one of those that are visited again

    @property
    def validators(self) -> Validators | None:
        """Of its last reading, if that was of the same address."""
        return self.visit.validators if self.visit and self.visit.url == self.link.url else None


@dataclass(frozen=True, kw_only=True)
class Page:
    """One fetched document, as it came."""

    url: str  # after redirects
    body: bytes
    content_type: str  # the header, empty when the server sent none
    fetched_at: datetime
    asks: tuple[tuple[str, str], ...] = ()  # headers that say what may be done with it: see `pipelines.directives`


@dataclass(frozen=True, kw_only=True)
class Article:
    """What a page says: text and facts, repaired for showing. None means unknown, never a guess."""

    url: str
    title: str
    text: str  # paragraphs separated by one newline
    language: str  # ISO 639-1
    fetched_at: datetime
    canonical_url: str | None = None  # only within the registrable domain of `url`
    source_id: str | None = None
    author: str | None = None
    agency: str | None = None
    published_at: datetime | None = None  # UTC; of a day or a month its beginning
    published_precision: Precision | None = None
    published_from: str | None = None  # "json-ld", "meta", "text" …; "modified" where only an update is dated
    published_zone: str | None = None  # "+03:00" as the page has it, "Africa/Cairo" as assumed; None without a clock
    image: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    encoding: str | None = None  # the encoding that the page's bytes were read with
    directives: tuple[str, ...] = ()  # what the page asks of those who keep it: see `corpus.directives`
    tdm_policy: str | None = None  # where rights are reserved: the URL that says how they may be had


class Term(NamedTuple):
    """One word of an article as similarity sees it."""

    lemma: str  # folded: what is compared
    surface: str  # its usual form in the article: what is shown
    in_title: int  # how often
    in_body: int  # how often in its first words


class Meaning(NamedTuple):
    """What a language model makes of an article: an embedding, see `corpus.meaning`."""

    model: str
    embedding: bytes  # int8


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """What is compared of an article: all of it derived from title and text alone.

    `signature` and `shingles` are empty for articles too short to compare
    (see `corpus.thresholds.MIN_WORDS`). Bytes are little-endian arrays.
    """

    settings: str  # `corpus.signature.SETTINGS` that made it
    text_hash: bytes  # 16 bytes; equal for texts that fold to the same words
    word_count: int
    signature: bytes  # uint32, shape (NUM_PERM,)
    shingles: bytes  # uint64, sorted, unique: all shingles, for exact comparison
    numbers: tuple[str, ...]  # the numbers in the text, folded, in order of first appearance
    vector: bytes  # its terms, not weighed yet: see `corpus.vector`
    surfaces: str  # the terms as the article spells them, in the order of the vector, a line each
    folded: str  # folded words joined by spaces, title first: the search index
    lemmas: str  # their lemmas, word by word
    meaning: Meaning | None = None  # only where that is switched on


@dataclass(frozen=True, kw_only=True)
class Concept:
    """One thing that a topic is about, under all the names that Arabic texts give it."""

    name: str
    aliases: tuple[str, ...]
    weight: float = 1.0
    role: Literal["required", "optional", "excluding"] = "optional"


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A named subject, from one TOML file; the time window includes both days."""

    id: str
    title: str
    concepts: tuple[Concept, ...]
    since: date | None = None
    until: date | None = None
    min_score: float = 0.5  # 0 to 1


@dataclass(frozen=True, kw_only=True)
class TopicMatch:
    """An article judged against one topic."""

    topic_id: str
    score: float  # 0 to 1
    matched: tuple[str, ...]  # the aliases found, as the topic file spells them
    names: tuple[str, ...]  # the concepts found
    on_topic: bool
    reason: str  # a sentence


@dataclass(frozen=True, kw_only=True)
class NearCopy:
    """A verified relation of two texts, a and b."""

    kind: CopyKind
    jaccard: float  # of the shingle sets, 0 to 1
    containment_a: float  # share of a's shingles that b has, 0 to 1
    containment_b: float


@dataclass(frozen=True, kw_only=True)
class StoredArticle:
    """An article of the collection, with what the collection knows about it."""

    id: int
    article: Article
    copy_group: int  # the same for all articles that repeat each other; see `corpus.reprints` for who came first
    topics: tuple[TopicMatch, ...] = ()
    gone_at: datetime | None = None  # since when it is known to be at none of its addresses


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which articles a question is about; None means all. Days include both ends."""

    since: date | None = None
    until: date | None = None
    source_id: str | None = None
    topic_id: str | None = None
    unreserved: bool = False  # only articles whose rights for text and data mining are not reserved


@dataclass(frozen=True, kw_only=True)
class SimilarArticle:
    """One row of a similar list, ready to show."""

    id: int
    url: str
    title: str
    source_id: str | None
    published_at: datetime | None
    published_precision: Precision | None
    score: float
    why: Mapping[str, object]  # {"terms": [...], "signals": {...}}
    copies: int  # further members of its copy group


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the worker process made of one page: an article with its sketch, or the reason why not."""

    article: Article | None = None
    sketch: Sketch | None = None
    outcome: Outcome | None = None  # set when the page went no further
    reason: str | None = None  # a sentence, with `outcome`
    topics: tuple[TopicMatch, ...] = ()
    unwanted: bool = False  # the page asks not to be kept
    is_gone: bool = False  # the page says that what was there is not, or leads home
    is_listing: bool = False  # the page lists articles, or speaks of its site


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What became of one leased link, to be stored in one transaction."""

    url: str
    outcome: Outcome
    reason: str
    reading: Reading | None = None
    found: tuple[Link, ...] = ()
    retry: bool = False  # a failure that may pass: a server error, a broken connection
    retry_at: datetime | None = None  # when, if the host said so
    validators: Validators | None = None  # of what was read
    absent: bool = False  # a listing that was only guessed, and is not there
