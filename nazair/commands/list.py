"""`nazair list`: the stored articles."""

from __future__ import annotations

from typing import get_args

import click

from corpus.store import articles
from corpus.types import Filter
from nazair.context import Context, verb
from nazair.options import filter_options, limit_option, require_known, within
from nazair.output import ARTICLE_ROW, PUBLISHED, Column, article_row, column, emit, format_option

COLUMNS = (
    column("id", justify="right"),
    PUBLISHED,
    column("source"),
    column("title", ratio=1, overflow="fold"),
    Column(heading="group", of=lambda row: row["copy_group"] or "", options={"justify": "right"}),
)


@verb("list")
@limit_option(20)
@click.option(
    "--sort",
    type=click.Choice(get_args(articles.Sort)),
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
    wanted: Filter,
    output_format: str,
) -> int:
    """The stored articles.

    \b
    Examples:
      nazair list --since 2025-08-15 --until 2025-08-16
      nazair list --source alwaha --sort oldest -n 100 -f csv
    """
    with context.reading() as connection:
        require_known(context, connection, wanted)
        ids = within(articles.find(connection, wanted, sort=sort, limit=limit + 1), limit)
        found = list(articles.each(connection, ids))
        groups = {one.copy_group: articles.members(connection, one.copy_group, limit=2) for one in found}
    rows = [
        article_row(one) | {"copy_group": groups[one.copy_group][0] if len(groups[one.copy_group]) > 1 else None}
        for one in found
    ]
    emit(rows, COLUMNS, output_format, empty="No article passes.", names=(*ARTICLE_ROW, "copy_group"))
    return 0
