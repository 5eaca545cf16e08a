"""`nazair copies`: who repeated whom."""

from __future__ import annotations

from datetime import date

import click

from corpus import ask
from corpus.copies import Copy, group_of, largest_groups
from nazair.context import Context, verb
from nazair.options import filter_options, limit_option, make_filter
from nazair.output import Column, emit, format_option, published

COLUMNS = (
    Column(heading="group", of=lambda row: row["copy_group"], options={"justify": "right"}),
    Column(heading="id", of=lambda row: row["id"], options={"justify": "right"}),
    Column(heading="published (UTC)", of=lambda row: published(row["published_at"], row["published_precision"])),
    Column(heading="source", of=lambda row: row["source"]),
    Column(heading="kind", of=lambda row: row["kind"] or "first"),
    Column(heading="of", of=lambda row: row["copy_of"] or "", options={"justify": "right"}),
    Column(heading="same", of=lambda row: "" if row["jaccard"] is None else f"{row['jaccard']:.0%}"),
    Column(heading="agency", of=lambda row: row["agency"] or ""),
    Column(heading="title", of=lambda row: row["title"], options={"ratio": 1, "overflow": "fold"}),
)


@verb("copies")
@click.argument("article", required=False, metavar="[ID|URL]")
@limit_option(20)
@filter_options
@format_option()
def command(
    context: Context,
    *,
    article: str | None,
    limit: int,
    since: date | None,
    until: date | None,
    source_id: str | None,
    topic_id: str | None,
    output_format: str,
) -> int:
    """Who repeated whom: the near-copies of an article, or the largest groups of copies.

    In the order of publication; each copy beside the earlier one that it repeats most, and the
    share of word triples that the two have in common.

    \b
    Examples:
      nazair copies 3
      nazair copies -n 5 --since 2025-08-15 -f jsonl
    """
    wanted = make_filter(since=since, until=until, source_id=source_id, topic_id=topic_id)
    with context.reading() as connection:
        if article is None:
            groups = largest_groups(connection, wanted, limit=limit)
        else:
            stored = ask.article(connection, ask.article_id(connection, article))
            groups = [group_of(connection, stored.copy_group)]
    rows = [_row(copy) for group in groups if len(group) > 1 for copy in group]
    emit(rows, COLUMNS, output_format, empty="No copies." if article is None else "No copies of this article.")
    return 0


def _row(copy: Copy) -> dict[str, object]:
    text = copy.stored.article
    return {
        "copy_group": copy.stored.copy_group,
        "id": copy.stored.id,
        "url": text.url,
        "title": text.title,
        "source": text.source_id,
        "published_at": text.published_at,
        "published_precision": text.published_precision,
        "agency": text.agency,
        "kind": copy.kind.value if copy.kind else None,
        "copy_of": copy.copy_of,
        "jaccard": copy.jaccard,
    }
