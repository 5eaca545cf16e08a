"""The articles of the bundled web in a collection, and their similar lists: stored, and as they would be made now."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from corpus import keep, similar_lists
from corpus.sketch import sketch
from corpus.store import Connection, articles
from corpus.types import Article, Filter
from corpus.weighing import TermCounts

TRUTH = Path(__file__).resolve().parent.parent / "fixtures" / "truth.jsonl"

Told = dict[str, list[tuple[str, float]]]  # URL → (URL, score) of its list


def bundled() -> list[Article]:
    """The articles of the bundled web, copies and other subjects among them."""
    rows = [json.loads(line) for line in TRUTH.read_text(encoding="utf-8").splitlines()]
    return [
        Article(
            url=row["url"],
            title=row["title"],
            text=row["text"],
            language="ar",
            source_id=row["url"].split("/")[2],
            fetched_at=datetime(2025, 8, 20, tzinfo=UTC),
            published_at=datetime.fromisoformat(row["published"]).astimezone(UTC),
            published_precision="minute",
        )
        for row in rows
        if row["about"] in ("summit", "neighbour", "other")
    ]


BUNDLED = bundled()
COPIED = {row["url"] for row in map(json.loads, TRUTH.read_text(encoding="utf-8").splitlines()) if row["copy_group"]}
ALONE = [one for one in BUNDLED if one.url not in COPIED]
sketched = cache(sketch)  # the same articles are stored again and again


def store(connection: Connection, some: list[Article]) -> None:
    counts = TermCounts()
    for one in some:
        keep.keep_article(connection, one, sketched(one.title, one.text), counts=counts)


def forget(connection: Connection, some: list[Article]) -> None:
    for one in some:
        keep.forget(connection, [articles.id_of_url(connection, one.url) or 0])


def told(connection: Connection) -> Told:
    ids = articles.find(connection, Filter(), sort="id")
    urls = {one: stored.article.url for one, stored in articles.load(connection, ids).items()}
    return {urls[one]: [(urls[i], s) for i, s in similar_lists.stored_list(connection, one)] for one in ids}


def made_again(connection: Connection) -> Told:
    before = connection.begin_nested()
    similar_lists.remake_all(connection)
    again = told(connection)
    before.rollback()
    return again
