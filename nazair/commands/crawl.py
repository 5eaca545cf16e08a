"""`nazair crawl`: collect the coverage of a topic."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from corpus.errors import UsageError
from nazair.context import Context, verb
from nazair.options import Duration, network_options
from nazair.output import column, emit, format_option

# What --dry-run tells of each page that a crawl begins with.
SEED = ("source", "kind", "url")


@verb("crawl")
@click.argument("topic", required=False)
@click.option("--source", "source_ids", multiple=True, metavar="ID", help="Only this source; may be repeated.")
@click.option("--max-pages", type=click.IntRange(1), metavar="N", help="Stop after so many articles fetched.")
@click.option(
    "--max-time",
    type=Duration(least="1s", unit="s"),
    metavar="TIME",
    help="Stop after so long, as 90m; a number is seconds.",
)
@click.option("--due", is_flag=True, help="Read only the feeds, sitemaps and sections whose time has come.")
@click.option("--dry-run", is_flag=True, help="List where it would begin, as -f says, and fetch nothing.")
@format_option()
@click.option(
    "--record", type=click.Path(path_type=Path), metavar="FILE", help="Write every exchange to a new .warc.gz."
)
@click.option(
    "--replay",
    type=click.Path(path_type=Path),
    metavar="WARC",
    help="Crawl a recording, or a folder HOST/PATH, instead.",
)
@network_options
def command(
    context: Context,
    *,
    topic: str | None,
    source_ids: tuple[str, ...],
    max_pages: int | None,
    max_time: timedelta | None,
    due: bool,
    dry_run: bool,
    output_format: str,
    record: Path | None,
    replay: Path | None,
    **network: Any,
) -> int:
    """Collect the coverage of a topic.

    Goes through the feeds, sitemaps and section pages of the sources, fetches what they list, and
    stores the articles that are on the topic. Obeys robots.txt. Ctrl-C stops it cleanly; the next
    crawl goes on where it stopped, and fetches nothing twice. What is known is asked for only if it has
    changed; an article is looked at again after an hour, six hours, a day and a week.

    \b
    Examples:
      nazair crawl alaska-summit --contact you@example.org
      nazair crawl alaska-summit --due                  (from cron: each listing as often as it has news)
      nazair crawl alaska-summit --source aljazeera --max-pages 200 --db summit.db
      nazair crawl alaska-summit --replay recorded.warc.gz --db again.db
    """
    from crawler.plan import plan_crawl
    from crawler.settings import PRELOAD
    from pipelines.workers import warm_up

    catalogue = context.catalogue()
    if topic is None:
        if len(catalogue.topics) != 1:
            raise UsageError(f"Which topic? There are {len(catalogue.topics)}: nazair topics list")
        topic = next(iter(catalogue.topics))
    max_time_s = None if max_time is None else max_time.total_seconds()
    plan = plan_crawl(catalogue, topic, source_ids=source_ids, max_pages=max_pages, max_time_s=max_time_s, only_due=due)
    if output_format != "table" and not dry_run:
        raise UsageError("-f says how --dry-run writes its list; a crawl writes none. Its articles: nazair list")
    if dry_run and due:
        raise UsageError("--dry-run reads no database, so it cannot know what is due. Leave out one of the two.")
    if not dry_run:
        warm_up(PRELOAD)  # it imports for a second, and this process, too: SQLAlchemy and Scrapy
    from nazair.fetching import (
        archive_settings,
        exit_code,
        fetch,
        network_settings,
        report,
        report_sources,
        say_doubles,
    )

    settings = network_settings(**network)
    settings |= archive_settings(record=record, replay=replay)
    if dry_run:
        rows = [{"source": link.source_id, "kind": link.kind.value, "url": link.url} for link in plan.seeds]
        columns = [column(name, overflow="fold") for name in SEED]
        say_doubles(plan)
        emit(rows, columns, output_format, empty="Nowhere: no source is enabled.", names=SEED)
        return 0
    run = fetch(context, plan, settings)
    with context.reading() as connection:
        outcomes = report(connection, run)
        report_sources(connection, run, plan)
    return exit_code(run, outcomes)
