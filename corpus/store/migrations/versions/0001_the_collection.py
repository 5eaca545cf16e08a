"""The collection: articles, sketches, lists, frontier, runs, and the search index.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from corpus.store.columns import Ordered, RowId, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "schemes",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("settings", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schemes")),
        sa.UniqueConstraint("settings", name=op.f("uq_schemes_settings")),
    )
    op.create_table(
        "texts",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("text_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column("scheme_id", RowId, nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("shingles", sa.LargeBinary(), nullable=True),
        sa.Column("published_by", UTCDateTime(), nullable=False),
        sa.Column("core_id", RowId, nullable=True),
        sa.ForeignKeyConstraint(["scheme_id"], ["schemes.id"], name=op.f("fk_texts_scheme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texts")),
        sa.UniqueConstraint("text_hash", name=op.f("uq_texts_text_hash")),
    )
    op.create_index(op.f("ix_texts_core_id"), "texts", ["core_id"], unique=False)
    for name in ("bands", "samples"):
        op.create_table(
            name,
            sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("text_id", RowId, autoincrement=False, nullable=False),
            sa.PrimaryKeyConstraint("key", "text_id", name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "copy_edges",
        sa.Column("a_id", RowId, nullable=False),
        sa.Column("b_id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("jaccard", sa.Float(), nullable=False),
        sa.Column("containment_a", sa.Float(), nullable=False),
        sa.Column("containment_b", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["a_id"], ["texts.id"], name=op.f("fk_copy_edges_a_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["b_id"], ["texts.id"], name=op.f("fk_copy_edges_b_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("a_id", "b_id", name=op.f("pk_copy_edges")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_copy_edges_b_id"), "copy_edges", ["b_id"], unique=False)
    op.create_table(
        "copy_cores",
        sa.Column("id", RowId, autoincrement=False, nullable=False),
        sa.Column("published_by", UTCDateTime(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("hangs_on", RowId, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_cores")),
    )
    op.create_index(op.f("ix_copy_cores_hangs_on"), "copy_cores", ["hangs_on"], unique=False)
    op.create_table(
        "articles",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("canonical_url", sa.Text(), nullable=True),
        sa.Column("canonical_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("published_precision", sa.String(length=8), nullable=True),
        sa.Column("published_from", sa.String(length=16), nullable=True),
        sa.Column("published_zone", sa.String(length=40), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("image", sa.Text(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("encoding", sa.String(length=32), nullable=True),
        sa.Column("fetched_at", UTCDateTime(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("word_count", sa.Integer(), nullable=False),
        sa.Column("published_by", UTCDateTime(), nullable=False),
        sa.Column("text_id", RowId, nullable=True),
        sa.Column("copy_group", RowId, nullable=False),
        sa.Column("directives", sa.JSON(), nullable=False),
        sa.Column("reserved", sa.Boolean(), nullable=False),
        sa.Column("tdm_policy", sa.Text(), nullable=True),
        sa.Column("gone_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["text_id"], ["texts.id"], name=op.f("fk_articles_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("url_key", name=op.f("uq_articles_url_key")),
    )
    op.create_index(op.f("ix_articles_canonical_key"), "articles", ["canonical_key"], unique=False)
    op.create_index(
        op.f("ix_articles_copy_group_published_by"), "articles", ["copy_group", "published_by"], unique=False
    )
    op.create_index(op.f("ix_articles_published_at"), "articles", ["published_at"], unique=False)
    op.create_index(op.f("ix_articles_source_id_published_at"), "articles", ["source_id", "published_at"], unique=False)
    op.create_index(op.f("ix_articles_text_id_published_by"), "articles", ["text_id", "published_by"], unique=False)
    op.create_table(
        "revisions",
        sa.Column("article_id", RowId, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("published_precision", sa.String(length=8), nullable=True),
        sa.Column("fetched_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_revisions_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "number", name=op.f("pk_revisions")),
    )
    op.create_table(
        "frontier",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("doubt", sa.String(length=8), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("found_run", RowId, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UTCDateTime(), nullable=True),
        sa.Column("run_id", RowId, nullable=True),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frontier")),
        sa.UniqueConstraint("url_key", "queue", name=op.f("uq_frontier_url_key_queue")),
    )
    op.create_index("ix_frontier_next", "frontier", ["queue", "state", "host", "priority", "id"], unique=False)
    op.create_index("ix_frontier_run", "frontier", ["state", "run_id"], unique=False)
    op.create_index("ix_frontier_found", "frontier", ["found_run", "host"], unique=False)
    op.create_table(
        "visits",
        sa.Column("link_id", RowId, autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("read_for", sa.LargeBinary(length=8), nullable=True),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.Column("first_at", UTCDateTime(), nullable=False),
        sa.Column("visited_at", UTCDateTime(), nullable=False),
        sa.Column("interval_s", sa.Integer(), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("listings", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["frontier.id"], name=op.f("fk_visits_link_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_due_at"), "visits", ["due_at"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.LargeBinary(length=8), nullable=True),
        sa.Column("rules", sa.JSON(), nullable=True),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("heartbeat_at", UTCDateTime(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("robots_status", sa.Integer(), nullable=True),
        sa.Column("robots_body", sa.LargeBinary(), nullable=True),
        sa.Column("robots_etag", sa.Text(), nullable=True),
        sa.Column("robots_modified", sa.Text(), nullable=True),
        sa.Column("robots_problem", sa.Text(), nullable=True),
        sa.Column("robots_at", UTCDateTime(), nullable=True),
        sa.Column("tdm_body", sa.LargeBinary(), nullable=True),
        sa.Column("tdm_etag", sa.Text(), nullable=True),
        sa.Column("tdm_modified", sa.Text(), nullable=True),
        sa.Column("tdm_at", UTCDateTime(), nullable=True),
        sa.Column("blocked_until", UTCDateTime(), nullable=True),
        sa.Column("blocked_because", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
    )
    op.create_table(
        "claims",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("run_id", RowId, nullable=True),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_run_id"), "claims", ["run_id"], unique=False)
    op.create_table(
        "page_lines",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("first_page", sa.Integer(), nullable=False),
        sa.Column("last_page", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_page_lines")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "source_pages",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_pages")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "weighings",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_weighings")),
    )
    op.create_table(
        "term_counts",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_term_counts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "article_topics",
        sa.Column("article_id", RowId, nullable=False),
        sa.Column("topic_id", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("matched", sa.JSON(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_topics_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "topic_id", name=op.f("pk_article_topics")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_article_topics_topic_id_article_id"), "article_topics", ["topic_id", "article_id"], unique=False
    )
    op.create_table(
        "decisions",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("run_id", RowId, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("article_id", RowId, nullable=True),
        sa.Column("links_found", sa.Integer(), nullable=False),
        sa.Column("links_new", sa.Integer(), nullable=False),
        sa.Column("links_skipped", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_decisions_article_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_decisions_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_article_id"), "decisions", ["article_id"], unique=False)
    op.create_index(op.f("ix_decisions_run_id"), "decisions", ["run_id"], unique=False)
    op.create_index(op.f("ix_decisions_url_key"), "decisions", ["url_key"], unique=False)
    op.create_table(
        "source_counts",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("decisions", sa.BigInteger(), nullable=False),
        sa.Column("links_found", sa.BigInteger(), nullable=False),
        sa.Column("links_new", sa.BigInteger(), nullable=False),
        sa.Column("links_skipped", sa.BigInteger(), nullable=False),
        sa.Column("last_run", RowId, nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "channel", "kind", "outcome", name=op.f("pk_source_counts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "postings",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chunk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", "chunk", name=op.f("pk_postings")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "similar_lists",
        sa.Column("article_id", RowId, nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_similar_lists_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_similar_lists")),
    )
    op.create_table(
        "word_blocks",
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("article_ids", sa.LargeBinary(), nullable=False),
        sa.Column("lengths", sa.LargeBinary(), nullable=False),
        sa.Column("published", sa.LargeBinary(), nullable=False),
        sa.Column("source_keys", sa.LargeBinary(), nullable=False),
        sa.Column("titles", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("block", name=op.f("pk_word_blocks")),
    )
    op.create_table(
        "word_buckets",
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("directory", sa.LargeBinary(), nullable=False),
        sa.Column("tokens", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "block", name=op.f("pk_word_buckets")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "word_forms",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("folded", Ordered, nullable=False),
        sa.Column("lemma", Ordered, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_forms")),
    )
    op.create_index(op.f("ix_word_forms_folded_lemma"), "word_forms", ["folded", "lemma"], unique=True)
    op.create_index(op.f("ix_word_forms_lemma"), "word_forms", ["lemma"], unique=False)
    op.create_table(
        "new_words",
        sa.Column("article_id", RowId, nullable=False),
        sa.Column("title_words", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("source_key", sa.BigInteger(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("lemmas", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_new_words_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_new_words")),
    )
    op.create_table(
        "subjects",
        sa.Column("article_id", RowId, nullable=False),
        sa.Column("copy_group", RowId, nullable=False),
        sa.Column("stands", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("tie", sa.BigInteger(), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("model", sa.String(length=40), nullable=True),
        sa.Column("embedding", sa.LargeBinary(), nullable=True),
        sa.Column("surfaces", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_subjects_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_subjects")),
    )
    op.create_index(
        op.f("ix_subjects_copy_group_stands_tie"), "subjects", ["copy_group", "stands", "tie"], unique=False
    )
    op.create_table(
        "schedules",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("topic_id", sa.String(length=64), nullable=False),
        sa.Column("cron", sa.Text(), nullable=True),
        sa.Column("every_s", sa.Integer(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("jitter_s", sa.Integer(), nullable=False),
        sa.Column("source_ids", sa.JSON(), nullable=False),
        sa.Column("max_pages", sa.Integer(), nullable=True),
        sa.Column("max_time_s", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("settled_until", UTCDateTime(), nullable=False),
        sa.Column("not_before", UTCDateTime(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("held_until", UTCDateTime(), nullable=True),
        sa.Column("last_started_at", UTCDateTime(), nullable=True),
        sa.Column("last_ended_at", UTCDateTime(), nullable=True),
        sa.Column("last_missed", sa.Integer(), nullable=False),
        sa.Column("last_exit_code", sa.Integer(), nullable=True),
        sa.Column("last_result", sa.Text(), nullable=True),
        sa.Column("last_run_id", RowId, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("name", name=op.f("uq_schedules_name")),
    )
    op.create_table(
        "tombstones",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("page", sa.BigInteger(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("forgotten_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tombstones")),
    )
