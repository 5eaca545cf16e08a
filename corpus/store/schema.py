"""The tables. `migrations/` brings a database to this state; a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from corpus.store.columns import Ordered, RowId, UTCDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def article_key() -> Column[int]:
    """A column that names an article, by which the row is known, and goes when the article goes."""
    return Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)


articles = Table(
    "articles",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("url", Text, nullable=False),
    # Keys are hashes: PostgreSQL refuses to index a URL of several kilobytes.
    Column("url_key", LargeBinary(16), nullable=False, unique=True),
    Column("canonical_url", Text),
    Column("canonical_key", LargeBinary(16)),
    Column("source_id", Text),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text),
    Column("agency", Text),
    Column("published_at", UTCDateTime),
    Column("published_precision", String(8)),
    Column("published_from", String(16)),
    Column("published_zone", String(40)),
    Column("language", String(8), nullable=False),
    Column("image", Text),
    Column("section", Text),
    Column("tags", JSON, nullable=False),
    Column("encoding", String(32)),
    Column("fetched_at", UTCDateTime, nullable=False),
    Column("content_hash", LargeBinary(16), nullable=False),  # of title and text as shown
    Column("word_count", Integer, nullable=False),
    # The latest moment at which it may have been published; the end of the year 9999 when nobody knows.
    Column("published_by", UTCDateTime, nullable=False),
    # None only within a transaction that gives the article another text.
    Column("text_id", RowId, ForeignKey("texts.id")),
    Column("copy_group", RowId, nullable=False),  # the same for all that repeat each other: see `copy_cores`
    Column("directives", JSON, nullable=False),  # what the page asks of those who keep it
    Column("reserved", Boolean, nullable=False),  # one of them: text and data mining
    Column("tdm_policy", Text),
    Column("gone_at", UTCDateTime),  # since when it is at none of its addresses
    Index(None, "canonical_key"),  # an article by its canonical URL
    Index(None, "text_id", "published_by"),  # the first article with exactly this text
    Index(None, "copy_group", "published_by"),  # the members of a group, earliest first
    Index(None, "published_at"),  # lists by date
    Index(None, "source_id", "published_at"),  # lists of one source
)

# What an article said before it was edited. The newest version is in `articles`.
revisions = Table(
    "revisions",
    metadata,
    article_key(),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1
    Column("title", Text, nullable=False),
    Column("text", Text),  # NULL where the page asks that none be kept
    Column("published_at", UTCDateTime),
    Column("published_precision", String(8)),
    Column("fetched_at", UTCDateTime, nullable=False),
)

article_topics = Table(
    "article_topics",
    metadata,
    article_key(),
    Column("topic_id", String(64), primary_key=True),
    Column("score", Float, nullable=False),
    Column("matched", JSON, nullable=False),
    Column("names", JSON, nullable=False),
    Index(None, "topic_id", "article_id"),  # the articles of a topic
    sqlite_with_rowid=False,
)

schemes = Table(
    "schemes",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("settings", String(80), nullable=False, unique=True),  # what signatures were made with
)

# Exact copies share one text, which is compared once, however many articles have it.
texts = Table(
    "texts",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    # A text too short to compare is one article's own, and has neither of these.
    Column("text_hash", LargeBinary(16), unique=True),
    Column("scheme_id", RowId, ForeignKey("schemes.id")),
    Column("signature", LargeBinary),
    Column("shingles", LargeBinary),  # see `corpus.shingles.pack`
    Column("published_by", UTCDateTime, nullable=False),  # of the earliest article that has it
    Column("core_id", RowId),  # the row of copy_cores; None for a text without copies
    Index(None, "core_id"),  # the texts of a core
)


def candidate_table(name: str) -> Table:
    """A table of (47-bit key, text): on SQLite the primary key is the table, and nothing else is stored.

    A text is taken out by its keys, which follow from its signature and shingles; an index for it, or the
    foreign key that would need one, would double what a text costs (600 bytes).

    On PostgreSQL, where the rows lie beside their index, both tables together take 3,500 bytes a text; ids of four
    bytes would change nothing (all is aligned to eight). With the keys as an array in one row a text, under a GIN
    index, it would be 40 % less, in half the time to store; but a look-up, which every text needs too, took the server
    a quarter longer (50,000 texts). So rows, as on SQLite.
    """
    return Table(
        name,
        metadata,
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("text_id", RowId, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )


bands = candidate_table("bands")
samples = candidate_table("samples")

# What is compared of an article for similar lists: all of it small and in one row, because
# a hundred are read whenever an article arrives.
subjects = Table(
    "subjects",
    metadata,
    article_key(),
    Column("copy_group", RowId, nullable=False),  # that of `articles` when its lists were made
    Column("stands", Integer, nullable=False),  # 1, or 0 where others stand for it: see `corpus.standing`
    Column("published", Integer),  # minutes since 1970
    Column("tie", BigInteger, nullable=False),  # decides between equals, whoever came first
    Column("numbers", LargeBinary, nullable=False),  # uint32
    Column("vector", LargeBinary, nullable=False),  # see `corpus.vector`
    Column("model", String(40)),  # that made the embedding, see `corpus.meaning`; most collections have none
    Column("embedding", LargeBinary),  # int8
    Column("surfaces", Text, nullable=False),  # the terms as the article spells them, in the order of the vector
    Index(None, "copy_group", "stands", "tie"),  # whose group changed? Who stands for it, who is next?
)

# The weightiest terms of each article: who shares them. Appended to, so one row a term and a few thousand articles.
postings = Table(
    "postings",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("chunk", Integer, primary_key=True, autoincrement=False),
    Column("entries", LargeBinary, nullable=False),  # uint16 pairs: article within the chunk, weight
    sqlite_with_rowid=False,
)

weighings = Table(
    "weighings",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # one row: the last
    Column("articles", Integer, nullable=False),  # how many were stored
    Column("texts", Integer, nullable=False),  # how many copy groups they were
)

term_counts = Table(
    "term_counts",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("texts", Integer, nullable=False),  # in how many copy groups it stood at the last weighing, two or more
    sqlite_with_rowid=False,
)

# More than one: what an earlier version stored is searched for by lemmas that it may not have.
analysers = Table(
    "analysers",
    metadata,
    Column("settings", String(80), primary_key=True),  # what lemmas follow from
    sqlite_with_rowid=False,
)

word_forms = Table(
    "word_forms",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # small and dense: it indexes arrays
    Column("folded", Ordered, nullable=False),
    Column("lemma", Ordered, nullable=False),
    Index(None, "folded", "lemma", unique=True),  # the forms that are, or begin, as a searched word
    Index(None, "lemma"),  # all forms of a word
)

# Articles whose words are not numbered yet: as text, folded and as lemmas.
new_words = Table(
    "new_words",
    metadata,
    article_key(),
    Column("title_words", Integer, nullable=False),
    Column("published", Integer, nullable=False),
    Column("source_key", BigInteger, nullable=False),
    Column("folded", Text, nullable=False),
    Column("lemmas", Text, nullable=False),
)

word_blocks = Table(
    "word_blocks",
    metadata,
    # Blocks of the search index (see `corpus.inverted`). One array each, of the articles of the block.
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("article_ids", LargeBinary, nullable=False),  # int64
    Column("lengths", LargeBinary, nullable=False),  # uint16, in words; 0 for an article that has left
    Column("published", LargeBinary, nullable=False),  # int32, minutes
    Column("source_keys", LargeBinary, nullable=False),  # int64
    Column("titles", LargeBinary, nullable=False),  # uint8, how many of the words are the title's
    Column("words", LargeBinary),  # uint32, the words of all its articles; NULL when they are in buckets
)

word_buckets = Table(
    "word_buckets",
    metadata,
    # The words of one bucket in all blocks lie side by side: a search reads few pages.
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("directory", LargeBinary, nullable=False),  # uint32 pairs: word, how many tokens
    Column("tokens", LargeBinary, nullable=False),  # uint16 pairs: article within the block, position
    sqlite_with_rowid=False,
)

# Texts that are copies of each other: verified, and enough of them to tell which texts hang together.
copy_edges = Table(
    "copy_edges",
    metadata,
    Column("a_id", RowId, ForeignKey("texts.id", ondelete="CASCADE"), primary_key=True),  # a_id < b_id
    Column("b_id", RowId, ForeignKey("texts.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(8), nullable=False),  # reprint or partial; of an article of the same source: update
    Column("jaccard", Float, nullable=False),
    Column("containment_a", Float, nullable=False),
    Column("containment_b", Float, nullable=False),
    Index(None, "b_id"),  # the relations of a text, from its other side
    sqlite_with_rowid=False,
)

# A core: texts united by strong relations. It may hang on an earlier one by a weak relation; what hangs together is a
# copy group, and known by the id of the core that hangs on none. A text without copies has none: its id is its group.
copy_cores = Table(
    "copy_cores",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=False),  # the id of one of its texts
    Column("published_by", UTCDateTime, nullable=False),  # of its earliest text
    Column("text_hash", LargeBinary(16), nullable=False),  # of its earliest text: settles ties
    Column("size", Integer, nullable=False),  # texts
    Column("linked", Boolean, nullable=False),  # whether a weak relation leads to or from it
    Column("hangs_on", RowId),
    Index(None, "hangs_on"),  # what hangs on a core
)

similar_lists = Table(
    "similar_lists",
    metadata,
    article_key(),
    Column("entries", LargeBinary, nullable=False),  # see `corpus.list_entries`
)

page_lines = Table(
    "page_lines",
    metadata,
    Column("source", Text, primary_key=True),  # a source id, or a registrable domain
    Column("key", BigInteger, primary_key=True, autoincrement=False),  # of the folded line
    Column("pages", Integer, nullable=False),  # on how many of the source's pages it stood
    Column("first_page", Integer, nullable=False),  # the numbers of the first and the last of them
    Column("last_page", Integer, nullable=False),
    sqlite_with_rowid=False,
)

source_pages = Table(
    "source_pages",
    metadata,
    Column("source", Text, primary_key=True),
    Column("pages", Integer, nullable=False),  # whose lines were counted
    sqlite_with_rowid=False,
)

frontier = Table(
    "frontier",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("queue", String(64), nullable=False),  # a topic id, or "added"
    Column("url", Text, nullable=False),
    Column("url_key", LargeBinary(16), nullable=False),
    Column("host", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("source_id", Text),
    Column("title", Text),
    Column("published_at", UTCDateTime),
    Column("depth", Integer, nullable=False, default=0),
    Column("priority", Integer, nullable=False),  # smaller first: listings before articles
    Column("state", String(8), nullable=False),  # pending, leased, done, skipped
    Column("doubt", String(8)),  # why it is skipped: what spoke against it,
    Column("reason", Text),  # in a sentence
    Column("found_run", RowId),  # the run that found it first; none for what a run starts from
    Column("tries", Integer, nullable=False, default=0),
    Column("next_try_at", UTCDateTime),
    Column("run_id", RowId),
    Column("leased_until", UTCDateTime),
    UniqueConstraint("url_key", "queue"),  # a page in one queue, or in all: `why`, `forget`
    Index("ix_frontier_next", "queue", "state", "host", "priority", "id"),  # what to fetch next from a host
    Index("ix_frontier_run", "state", "run_id"),  # the leases of a run, and of all
    Index("ix_frontier_found", "found_run", "host"),  # how many links a run has found of a host
)

# What is known of the last visit to a link that will be visited again: all listings, and articles that were kept.
visits = Table(
    "visits",
    metadata,
    Column("link_id", RowId, ForeignKey("frontier.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),  # the address that was asked: another has other validators
    Column("etag", Text),
    Column("last_modified", Text),
    Column("read_for", LargeBinary(8)),  # topic and source as they were when it was read
    Column("read_at", UTCDateTime),  # when it was last read, not just found unchanged
    Column("first_at", UTCDateTime, nullable=False),
    Column("visited_at", UTCDateTime, nullable=False),
    Column("interval_s", Integer),  # of listings: see `corpus.revisits`
    Column("due_at", UTCDateTime),  # NULL: no more
    Column("listings", LargeBinary, nullable=False),  # the keys of the listings that it named, 16 bytes each
    Index(None, "due_at"),  # what is to be visited again
)

hosts = Table(
    "hosts",
    metadata,
    Column("host", Text, primary_key=True),
    Column("robots_status", Integer),
    Column("robots_body", LargeBinary),
    Column("robots_etag", Text),
    Column("robots_modified", Text),
    Column("robots_problem", Text),
    Column("robots_at", UTCDateTime),
    Column("tdm_body", LargeBinary),
    Column("tdm_etag", Text),
    Column("tdm_modified", Text),
    Column("tdm_at", UTCDateTime),
    Column("blocked_until", UTCDateTime),
    Column("blocked_because", Text),
    Column("failures", Integer, nullable=False, default=0),
)

# A host belongs to one run at a time; without a run it rests.
claims = Table(
    "claims",
    metadata,
    Column("host", Text, primary_key=True),
    Column("run_id", RowId),
    Column("until", UTCDateTime, nullable=False),
    Index(None, "run_id"),  # the hosts of a run
)

runs = Table(
    "runs",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("queue", String(64), nullable=False),
    Column("topic", LargeBinary(8)),  # stands for the topic as it was; see `pipelines.focus`
    # Source → its rules, for pages that are read wrongly without, in this run or the last with it.
    Column("rules", JSON),
    Column("started_at", UTCDateTime, nullable=False),
    Column("ended_at", UTCDateTime),
    Column("heartbeat_at", UTCDateTime, nullable=False),
    Column("machine", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process", Text),  # tells it from others with its pid; see `crawler.processes`
    Column("status", String(16), nullable=False),  # running, finished, stopped, failed, lost
    Column("reason", Text),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("run_id", RowId, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("url", Text, nullable=False),
    Column("url_key", LargeBinary(16), nullable=False),
    Column("decided_at", UTCDateTime, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("source_id", Text),
    Column("outcome", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="SET NULL")),
    Column("links_found", Integer, nullable=False, default=0),
    Column("links_new", Integer, nullable=False, default=0),
    Column("links_skipped", Integer, nullable=False, default=0),  # because of what their titles, dates or addresses say
    Index(None, "run_id"),  # the counts of a run
    Index(None, "url_key"),  # why URL
    Index(None, "article_id"),  # take an article out
)

# What the decisions of all runs add up to, see `store.source_counts`.
source_counts = Table(
    "source_counts",
    metadata,
    Column("source_id", Text, primary_key=True),  # "" where there is none
    Column("channel", String(16), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("outcome", String(20), primary_key=True),
    Column("decisions", BigInteger, nullable=False),
    Column("links_found", BigInteger, nullable=False),
    Column("links_new", BigInteger, nullable=False),
    Column("links_skipped", BigInteger, nullable=False),
    Column("last_run", RowId, nullable=False),
    Column("last_at", UTCDateTime, nullable=False),
    sqlite_with_rowid=False,
)

schedules = Table(
    "schedules",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("topic_id", String(64), nullable=False),
    # When: a cron expression in a time zone, or every so many seconds from `created_at`.
    Column("cron", Text),
    Column("every_s", Integer),
    Column("zone", String(64), nullable=False),
    Column("jitter_s", Integer, nullable=False),
    # How far each crawl goes; see `nazair crawl`.
    Column("source_ids", JSON, nullable=False),
    Column("max_pages", Integer),
    Column("max_time_s", Integer),
    Column("created_at", UTCDateTime, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("settled_until", UTCDateTime, nullable=False),  # due times up to it had their run, or were missed
    Column("not_before", UTCDateTime),  # another run had the database: not again before
    # Who runs it now, as long as the lease is renewed.
    Column("holder", Text),
    Column("held_until", UTCDateTime),
    Column("last_started_at", UTCDateTime),
    Column("last_ended_at", UTCDateTime),
    Column("last_missed", Integer, nullable=False),
    Column("last_exit_code", Integer),
    Column("last_result", Text),
    Column("last_run_id", RowId),
)

# What is never to be fetched or stored again. Of a page no more is kept than a number that stands for it.
tombstones = Table(
    "tombstones",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("page", BigInteger),  # the same for all addresses of a page: its first one's key; NULL for a domain
    Column("domain", Text),  # NULL for a page
    Column("forgotten_at", UTCDateTime, nullable=False),
)
