"""`nazair import`: take the pages of a web archive or a folder, or the articles of an export, into the collection."""

from __future__ import annotations

import asyncio
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import UsageError
from corpus.store import runs
from nazair.context import Context, complain, progress, say, set_up_logging, verb
from nazair.fetching import GO_ON, exit_code, report
from nazair.logs import visible
from nazair.options import Day, require_order, single_option
from pipelines.language import LANGUAGES

if TYPE_CHECKING:
    from crawler.archive import ArchiveIntake
    from crawler.exported import ExportIntake
    from crawler.saved import FolderIntake

WHOLE_FILE = "Get the file again, whole, and import it: nothing is stored twice"


@verb("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE|FOLDER")
@single_option("--topic", "topic_id", metavar="ID", help="Only articles of this topic.")
@click.option("--host", "hosts", multiple=True, metavar="HOST", help="Only this host and what is below it; repeatable.")
@single_option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=["ar"],
    show_default=True,
    help="Only articles in this language.",
)
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
    """Take in the pages of a web archive or a folder, or the articles of an export.

    FILE.warc.gz is an archive as CC-NEWS publishes them, or one that `nazair crawl --record` wrote: articles on a topic
    are stored, as a crawl stores them. A folder holds pages that were saved: each names its address (rel=canonical), or
    is where wget saves it, in HOST/PATH. FILE.jsonl is what `nazair export` wrote, packed (.jsonl.gz) or not. Of both
    every article is stored, or with --topic those on it; a line that cannot be used is told with its number. Nothing is
    fetched, and importing a file again changes nothing.

    \b
    Examples:
      nazair import CC-NEWS-20250816.warc.gz
      nazair import CC-NEWS-20250816.warc.gz --host alwaha.example --topic alaska-summit
      nazair import saved-pages/ --topic alaska-summit
      nazair import summit.jsonl
    """
    import os

    from crawler.exported import ExportIntake
    from crawler.intake import QUEUE, Wanted
    from crawler.run import begin_run
    from crawler.saved import FolderIntake, files
    from pipelines.ledger import Ledger
    from pipelines.workers import Workers, warm_up

    require_order(since, until)
    wanted = Wanted(hosts=tuple(map(_host, hosts)), language=language, since=since, until=until)
    intake = _intake_for(file)
    set_up_logging(context)
    warm_up()
    catalogue = context.catalogue()
    topics = (catalogue.topic(topic_id),) if topic_id else tuple(catalogue.topics.values())
    size = sum(one.stat().st_size for one in (files(file) if intake is FolderIntake else [file]))
    told = progress(size >> 20, "read", noun="megabyte")
    made = cache(lambda of: progress(of, "have their similar lists"))
    with context.opened(create=True) as database:
        run_id = begin_run(database, QUEUE)
        work = intake(
            ledger=Ledger(database, queue=QUEUE, run_id=run_id),
            workers=Workers(workers or os.cpu_count() or 1),
            topics=topics,
            sources=catalogue.sources,
            wanted=wanted,
            only_on_topic=topic_id is not None or intake not in (ExportIntake, FolderIntake),
            told=lambda read_bytes: told(read_bytes >> 20),
        )
        work.ledger.told = lambda lists, of: made(of)(lists) if of else None
        asyncio.run(work.run(file))
        with database.reading() as connection:
            run = runs.by_id(connection, run_id)
            assert run is not None  # noqa: S101 - it was begun above
            advice = WHOLE_FILE if work.broken else GO_ON
            outcomes = report(connection, run, advice=advice)
    if not size:
        say(f"Warning: there is nothing in {file}.")
    passed = ", ".join(f"{count:,} {why}" for why, count in sorted(work.passed.items())) or "none"
    say(f"Passed over: {passed}.")
    if isinstance(work, ExportIntake) and work.refused_count:
        _tell_refused(work, file)
        return exit_code(run, outcomes) or 4
    return exit_code(run, outcomes)


def _host(name: str) -> str:
    """A host as URLs spell it. Raises UsageError for what is none."""
    from corpus.urls import host

    spelt = host(name)
    if spelt is None:
        raise UsageError(f"--host: {name!r} is not the name of a host. Example: alwaha.example")
    return spelt


def _intake_for(file: Path) -> type[ArchiveIntake] | type[ExportIntake] | type[FolderIntake]:
    """What takes in a file of this kind. Raises UsageError for what is no archive, no folder and no export."""
    from crawler.cut import is_warc
    from crawler.exported import SUFFIXES, ExportIntake
    from crawler.saved import FolderIntake

    if file.is_dir():
        return FolderIntake
    if not file.is_file():
        raise UsageError(
            f"There is no file {file}. A WARC file, a folder of pages, or what `nazair export` wrote is expected."
        )
    if file.name.endswith(SUFFIXES):
        return ExportIntake
    if not is_warc(file):
        raise UsageError(f"{file} is no WARC file; an export must be named .jsonl or .jsonl.gz.")
    try:
        from crawler.archive import ArchiveIntake
    except ModuleNotFoundError as error:
        raise UsageError("Archives are read with fastwarc: pip install 'nazair[warc]'") from error
    return ArchiveIntake


def _tell_refused(work: ExportIntake, file: Path) -> None:
    for number, why in work.refused:
        complain(f"{file.name}, line {number} {visible(why)}")
    more = work.refused_count - len(work.refused)
    complain(f"Lines not used: {work.refused_count:,}" + (f", {more:,} of them not shown." if more else "."))
