"""`nazair sources`: list, show, check and add sources."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import DatabaseError
from corpus.plural import counted
from corpus.store import frontier, overview, runs, source_counts
from corpus.types import LinkKind, Outcome
from nazair.commands.runs import RECEIPT_COLUMNS
from nazair.context import Context, global_options, say, verb
from nazair.files import require_folder
from nazair.logs import visible
from nazair.options import network_options
from nazair.output import column, emit, emit_json, emit_table, format_option, minute, text_option

if TYPE_CHECKING:
    from crawler.catalogue import Source

HEALTH_COLUMNS = (
    column("source_id", "source", overflow="fold"),
    *(column(name, overflow="fold") for name in ("what", "state", "url", "why", "edit")),
)


@global_options
@click.group("sources")
def command() -> None:
    """The sources: outlets and where they list their news.

    \b
    Examples:
      nazair sources list
      nazair sources check aljazeera --contact you@example.org
      nazair sources add https://example.com/ --contact you@example.org
    """


@verb("list", of=command)
@format_option()
def list_(context: Context, output_format: str) -> int:
    """All sources that a crawl would visit.

    \b
    Examples:
      nazair sources list
      nazair sources list --config ~/nazair -f csv
    """
    rows = [
        {
            "id": source.id,
            "name": source.name,
            "country": source.country,
            "home": source.home,
            "feeds": len(source.feeds),
            "sitemaps": len(source.sitemaps),
            "sections": len(source.sections),
            "enabled": source.enabled,
        }
        for source in context.catalogue().sources.values()
    ]
    names = ("id", "name", "country", "home", "feeds", "sitemaps", "sections", "enabled")
    emit(rows, [column(name, overflow="fold") for name in names], output_format, empty="None.", names=names)
    return 0


@verb("show", of=command)
@click.argument("source", metavar="ID")
@text_option
def show(context: Context, source: str, output_format: str) -> int:
    """One source: its catalogue entry, and what the collection has of it.

    \b
    Examples:
      nazair sources show aljazeera
      nazair sources show aljazeera -f json
    """
    found = context.catalogue().source(source)
    stored, given = _stored(context, source)
    facts = asdict(replace(found, rules=None)) | stored
    rules = asdict(found.rules) if found.rules else {}
    receipts = [asdict(one) for one in given]
    if output_format == "json":
        emit_json(facts | {"rules": rules or None, "receipts": receipts})
        return 0
    for name, value in (facts | {f"rules.{name}": rule for name, rule in rules.items()}).items():
        if isinstance(value, (list, tuple)):
            for one in value:
                print(f"{name:<14}{one}")
        elif value is not None:
            print(f"{name:<14}{f'{minute(value)} UTC' if isinstance(value, datetime) else value}")
    if receipts:
        print("what its channels gave, in all runs:")
        emit_table(receipts, RECEIPT_COLUMNS, empty="")
    return 0


@verb("check", of=command)
@click.argument("names", nargs=-1, metavar="[ID|FILE]…")
@network_options
def check(context: Context, /, names: tuple[str, ...], **network: Any) -> int:
    """Check sources: their files, or what their servers answer.

    Files are read strictly; without a name, all that would be used. Of a source that is named (or
    of all, with --contact) one feed or sitemap and one page are fetched, and the table says what is
    healthy, what has broken since it was last seen to work, and what to edit. Nothing is stored of
    the pages; what was found is kept in the collection, if there is one.

    \b
    Examples:
      nazair sources check
      nazair sources check my-sources.toml
      nazair sources check aljazeera aawsat --contact you@example.org
    """
    from crawler.catalogue.sources import read_sources
    from crawler.plan import plan_check
    from nazair.fetching import say_doubles

    files = [name for name in names if name.endswith(".toml") or Path(name).exists()]
    for file in files:
        in_file = read_sources(Path(file))
        print(f"{file}: {counted(len(in_file), 'source')}: good")
        say_doubles(plan_check(in_file))
    catalogue = context.catalogue() if files != list(names) or not names else None
    if catalogue is None:
        return 0
    named = [catalogue.source(name) for name in names if name not in files]
    if not names:
        of_all = bool(network["contact"] or network["proxy"])
        (say if of_all else print)(f"{counted(len(catalogue.sources), 'source')}: all good")
        enabled = [source for source in catalogue.sources.values() if source.enabled]
        say_doubles(plan_check(enabled))
        named = enabled if of_all else []
    return _visit(context, named, network) if named else 0


@verb("add", of=command)
@click.argument("url")
@click.option("--write", "file", type=click.Path(path_type=Path), metavar="FILE", help="Append the entry to this file.")
@network_options
def add(context: Context, /, url: str, *, file: Path | None, **network: Any) -> int:
    """Draft the entry of an outlet from its home page.

    Looks for feeds, sitemaps and sections as a crawl does, reads one article, and prints a
    [[source]] table to look over. A host that the catalogue knows already is refused.

    \b
    Examples:
      nazair sources add https://example.com/ --contact you@example.org
      nazair sources add https://example.com/ --contact you@example.org --write ~/nazair/sources/mine.toml
    """
    from crawler.catalogue.sources import read_sources
    from crawler.discovery.ladder import Draft
    from crawler.draft import entry, unknown_source
    from crawler.plan import plan_draft
    from nazair.fetching import fetch, network_settings

    if file is not None:
        require_folder(file)
    in_file = read_sources(file) if file is not None and file.exists() else ()
    source = unknown_source(url, [*context.catalogue().sources.values(), *in_file])
    plan = plan_draft(source)
    with _passing_collection(context) as passing:
        run = fetch(passing, plan, network_settings(**network))
        with passing.reading() as connection:
            decided = runs.decided(connection, run.id)
    failed = [one.reason for one in decided if one.outcome is Outcome.FAILED]
    of_home = [one.reason for one in decided if one.url == source.home] or failed
    assert isinstance(plan.course, Draft)  # noqa: S101 - `plan_draft` made it
    drafted = entry(source, plan.course.seen, why=of_home[-1] if of_home else run.reason or "nothing was fetched")
    notes = [f"# {visible(one.url)}: {visible(one.reason)}\n" for one in decided if one.kind is LinkKind.ARTICLE]
    drafted = "".join([*notes, drafted])
    if file is None:
        print(drafted, end="")
        return 0
    with file.open("a", encoding="utf-8") as opened:
        opened.write(("\n" if in_file else "") + drafted)
    count = counted(len(read_sources(file)), "source")
    print(f"{file}: {count}: good; {source.id!r} is new. Look over its name, country and sections.")
    return 0


def _visit(context: Context, named: Sequence[Source], network: dict[str, Any]) -> int:
    """Fetch a sample of each source, and print what it is worth."""
    from crawler.discovery.ladder import Sample
    from crawler.plan import plan_check
    from nazair.fetching import fetch, network_settings
    from nazair.health import health

    plan = plan_check(named)
    with _collection_or_passing(context) as place:
        with place.opened(create=True) as database, database.writing() as connection:
            frontier.remove_done(connection, plan.queue)  # an article that an earlier check has read
        run = fetch(place, plan, network_settings(**network))
        assert isinstance(plan.course, Sample)  # noqa: S101 - `plan_check` made it
        with place.reading() as connection:
            found = health(connection, run, plan, plan.course.seen)
    emit_table([asdict(one) for one in found], HEALTH_COLUMNS, empty="Nothing was fetched.")
    if run.status == "stopped":
        return 130
    return 0 if all(one.is_good for one in found) else 4


@contextmanager
def _collection_or_passing(context: Context) -> Iterator[Context]:
    """The context as it is, if its collection exists; else with one that is thrown away."""
    if context.exists:
        yield context
    else:
        with _passing_collection(context) as passing:
            yield passing


@contextmanager
def _passing_collection(context: Context) -> Iterator[Context]:
    """The context with a collection that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="nazair-") as folder:
        yield replace(context, db=str(Path(folder) / "passing.db"))


def _stored(context: Context, source_id: str) -> tuple[dict[str, object], list[runs.Receipt]]:
    """What the collection has of a source, and what its channels gave; nothing when there is no collection yet."""
    try:
        with context.reading() as connection:
            count = overview.counts_by_source(connection).get(source_id, 0)
            copies = overview.copies_by_source(connection).get(source_id, 0)
            last = source_counts.last_read(connection).get(source_id)
            given = runs.receipts(connection, source_id=source_id)
    except DatabaseError:
        return {}, []
    return {"articles": count, "copies": copies, "last_fetched": last}, given
