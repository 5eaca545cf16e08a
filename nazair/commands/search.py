"""`nazair search`: articles that contain words."""

from __future__ import annotations

from datetime import date

import click

from corpus import ask
from corpus.query import parse
from nazair.context import Context, verb
from nazair.options import filter_options, limit_option, make_filter
from nazair.output import Column, day, emit, format_option

COLUMNS = (
    Column(heading="id", of=lambda row: row["id"], options={"justify": "right"}),
    Column(heading="date", of=lambda row: day(row["published_at"])),
    Column(heading="source", of=lambda row: row["source"]),
    Column(heading="title", of=lambda row: row["title"], options={"ratio": 2, "overflow": "fold"}),
    Column(heading="words", of=lambda row: row["snippet"], options={"ratio": 3, "overflow": "fold"}),
)


@verb("search")
@click.argument("query", nargs=-1, required=True)
@limit_option(10)
@filter_options
@format_option()
def command(
    context: Context,
    *,
    query: tuple[str, ...],
    limit: int,
    since: date | None,
    until: date | None,
    source_id: str | None,
    topic_id: str | None,
    output_format: str,
) -> int:
    """Articles that contain words.

    All words must be there, in any of their forms: القمة finds قمة and بالقمّة. "Quoted" words stand
    together, exactly so; -word must not be there (write -- before a query that begins with it).

    \b
    Examples:
      nazair search قمة ألاسكا
      nazair search '"وقف إطلاق النار" -مباراة' --since 2025-08-15 -f json
    """
    wanted = make_filter(since=since, until=until, source_id=source_id, topic_id=topic_id)
    parsed = parse(" ".join(query))
    with context.reading() as connection:
        hits = ask.search(connection, parsed, wanted, limit=limit)
    rows = [
        {
            "id": hit.article.id,
            "url": hit.article.article.url,
            "title": hit.article.article.title,
            "source": hit.article.article.source_id,
            "published_at": hit.article.article.published_at,
            "score": hit.score,
            "snippet": hit.snippet,
        }
        for hit in hits
    ]
    emit(rows, COLUMNS, output_format, empty="Nothing matches.")
    return 0
