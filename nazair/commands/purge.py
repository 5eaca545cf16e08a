"""`nazair purge`: retention."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

import click

from corpus import forgetting
from corpus.plural import counted
from corpus.store import articles, runs
from nazair.commands.forget import write_over
from nazair.context import Context, progress, verb
from nazair.options import Duration


@verb("purge")
@click.option("--older-than", type=Duration(least="1d"), required=True, metavar="TIME", help="As 180d.")
@click.option(
    "--by",
    type=click.Choice(["fetched", "published"]),
    default="fetched",
    show_default=True,
    help="Which of an article's dates counts. What has no date of publication stays.",
)
@click.option(
    "--decisions", "only_decisions", is_flag=True, help="Take out no article, only what was decided so long ago."
)
@click.option("--dry-run", is_flag=True, help="Say how much it would be, and change nothing.")
def command(
    context: Context,
    *,
    older_than: timedelta,
    by: Literal["fetched", "published"],
    only_decisions: bool,
    dry_run: bool,
) -> int:
    """Take out what was stored long ago: articles with all that was made of them, and old decisions.

    Their addresses are remembered as done, so that no crawl fetches them again. The decisions stay by which articles
    that are not taken out came to be stored. Safe to interrupt.

    \b
    Examples:
      nazair purge --older-than 180d --dry-run
      nazair purge --older-than 2w --by published
      nazair purge --older-than 90d --decisions
    """
    before = datetime.now(UTC) - older_than
    with context.opened() as database:
        with database.reading() as connection:
            ids = [] if only_decisions else articles.older_than(connection, before, by=by)
            count = articles.size(connection)
            decisions = runs.old_decisions(connection, before=before)
        if dry_run:
            told = f"{len(ids):,} of {counted(count, 'article')} {by} before {before:%Y-%m-%d}"
            print(f"{told} would be taken out, and {counted(decisions, 'decision')} at least.")
            return 0
        forgetting.take_out(database, ids, told=progress(len(ids), "taken out"))
        with database.writing() as connection:
            decisions = runs.remove_decisions(connection, before=before)
        print(f"{len(ids):,} of {counted(count, 'article')} taken out, and {counted(decisions, 'decision')}.")
        return write_over(database) if ids or decisions else 0
