"""`nazair list`: the stored articles."""

from __future__ import annotations

from datetime import date

import click

from corpus.store import articles
from nazair.context import Context, verb
from nazair.options import filter_options, limit_option, make_filter, require_known
from nazair.output import UNCUT, Column, emit, format_option, published

COLUMNS = (
    Column(heading="id", of=lambda row: row["id"], options={"justify": "right"}),
    Column(
        heading="published (UTC)",
        of=lambda row: published(row["published_at"], row["published_precision"]),
        options=UNCUT,
    ),
    Column(heading="source", of=lambda row: row["source"]),
    Column(heading="title", of=lambda row: row["title"], options={"ratio": 1, "overflow": "fold"}),
    Column(heading="group", of=lambda row: row["copy_group"] or "", options={"justify": "right"}),
)


@verb("list")
@limit_option(20)
@click.option(
    "--sort",
    type=click.Choice(["newest", "oldest", "id", "title", "source"]),
    default="newest",
    show_default=True,
    help="In which order.",
)
@filter_options
@format_option()
def command(
    context: Context,
    *,
    limit: int,
    sort: articles.Sort,
    since: date | None,
    until: date | None,
    source_id: str | None,
    topic_id: str | None,
    unreserved: bool,
    output_format: str,
) -> int:
    """The stored articles.

    \b
    Examples:
      nazair list --since 2025-08-15 --until 2025-08-16
      nazair list --source alwaha --sort oldest -n 100 -f csv
    """
    wanted = make_filter(since=since, until=until, source_id=source_id, topic_id=topic_id, unreserved=unreserved)
    with context.reading() as connection:
        require_known(context, connection, wanted)
        found = list(articles.each(connection, articles.find(connection, wanted, sort=sort, limit=limit)))
        groups = {one.copy_group: articles.members(connection, one.copy_group, limit=2) for one in found}
    rows = [
        {
            "id": one.id,
            "url": one.article.url,
            "title": one.article.title,
            "source": one.article.source_id,
            "published_at": one.article.published_at,
            "published_precision": one.article.published_precision,
            "copy_group": groups[one.copy_group][0] if len(groups[one.copy_group]) > 1 else None,
        }
        for one in found
    ]
    emit(rows, COLUMNS, output_format, empty="No article passes.")
    return 0
