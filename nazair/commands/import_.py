"""`nazair import`: read the pages of a web archive into the collection."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from pathlib import Path

import click

from corpus.errors import UsageError
from corpus.store import runs
from nazair.context import Context, set_up_logging, verb
from nazair.fetching import exit_code, report
from nazair.options import Day


@verb("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.warc.gz")
@click.option("--topic", "topic_id", metavar="ID", help="Only articles of this topic.  [of any]")
@click.option("--host", "hosts", multiple=True, metavar="HOST", help="Only this host and what is below it; repeatable.")
@click.option("--language", default="ar", show_default=True, metavar="CODE", help="Only pages in this language.")
@click.option("--since", type=Day(), metavar="DAY", help="Fetched on or after this day (UTC).")
@click.option("--until", type=Day(), metavar="DAY", help="Fetched on or before this day (UTC).")
@click.option("--workers", type=click.IntRange(1, 64), metavar="N", help="Worker processes.  [one a core]")
def command(
    context: Context,
    *,
    file: Path,
    topic_id: str | None,
    hosts: tuple[str, ...],
    language: str,
    since: date | None,
    until: date | None,
    workers: int | None,
) -> int:
    """Read the pages of a web archive into the collection.

    FILE is a WARC file, as CC-NEWS publishes them, or one that `nazair crawl --record` wrote.
    Articles on a topic are stored, as a crawl stores them; nothing is fetched.

    \b
    Examples:
      nazair import CC-NEWS-20250816.warc.gz
      nazair import CC-NEWS-20250816.warc.gz --host alwaha.example --topic alaska-summit
    """
    import os

    from crawler.run import begin_run
    from pipelines.ledger import Ledger
    from pipelines.workers import Workers

    try:
        from crawler.archive import QUEUE, Import, Wanted
    except ModuleNotFoundError as error:
        raise UsageError("Archives are read with fastwarc: pip install 'nazair[warc]'") from error
    if not file.is_file():
        raise UsageError(f"There is no file {file}. A WARC file is expected.")
    set_up_logging(context)
    catalogue = context.catalogue()
    topics = (catalogue.topic(topic_id),) if topic_id else tuple(catalogue.topics.values())
    from corpus.urls import registrable_domain

    with context.opened(create=True) as database:
        run_id = begin_run(database, QUEUE)
        work = Import(
            ledger=Ledger(database, queue=QUEUE, run_id=run_id),
            workers=Workers(workers or os.cpu_count() or 1),
            topics=topics,
            sources={registrable_domain(one.home): one for one in catalogue.sources.values() if not one.aggregator},
            wanted=Wanted(hosts=tuple(one.lower() for one in hosts), language=language, since=since, until=until),
        )
        asyncio.run(work.run(file))
        with database.reading() as connection:
            run = runs.by_id(connection, run_id)
            assert run is not None  # noqa: S101 - it was begun above
            outcomes = report(connection, run)
    passed = ", ".join(f"{count:,} {why}" for why, count in sorted(work.passed.items())) or "none"
    print(f"Passed over: {passed}.", file=sys.stderr)
    return exit_code(run, outcomes)
