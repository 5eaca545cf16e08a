"""`nazair sources`: list, show and check sources."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import click

from corpus.errors import DatabaseError
from corpus.store import articles, runs
from nazair.context import Context, global_options, pass_context
from nazair.output import Column, emit, emit_json, format_option


@click.group("sources")
@global_options
def command() -> None:
    """The sources: outlets and where they list their news.

    \b
    Examples:
      nazair sources list
      nazair sources check my-sources.toml
    """


@command.command("list")
@format_option()
@global_options
@pass_context
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
    emit(rows, [_column(name) for name in names], output_format, empty="None.")
    return 0


@command.command("show")
@click.argument("source", metavar="ID")
@click.option("-f", "--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@global_options
@pass_context
def show(context: Context, source: str, output_format: str) -> int:
    """One source: its catalogue entry, and what the collection has of it.

    \b
    Examples:
      nazair sources show asharq
      nazair sources show asharq -f json
    """
    found = context.catalogue().source(source)
    facts = asdict(replace(found, rules=None)) | _stored(context, source)
    rules = asdict(found.rules) if found.rules else {}
    if output_format == "json":
        emit_json(facts | {"rules": rules or None})
        return 0
    for name, value in (facts | {f"rules.{name}": rule for name, rule in rules.items()}).items():
        if isinstance(value, (list, tuple)):
            for one in value:
                print(f"{name:<14}{one}")
        elif value is not None:
            print(f"{name:<14}{value}")
    return 0


@command.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE…]")
@global_options
@pass_context
def check(context: Context, files: tuple[Path, ...]) -> int:
    """Check source files: these, or all that would be used.

    \b
    Examples:
      nazair sources check
      nazair sources check my-sources.toml
    """
    from crawler.catalogue.sources import read_sources

    if files:
        for file in files:
            print(f"{file}: {len(read_sources(file))} sources: good")
    else:
        print(f"{len(context.catalogue().sources)} sources: all good")
    return 0


def _stored(context: Context, source_id: str) -> dict[str, object]:
    """What the collection has of a source; nothing when there is no collection yet."""
    try:
        with context.reading() as connection:
            counts = {source: (count, copies) for source, count, copies in articles.counts_by_source(connection)}
            last = runs.last_read(connection).get(source_id)
    except DatabaseError:
        return {}
    count, copies = counts.get(source_id, (0, 0))
    return {"articles": count, "copies": copies, "last_fetched": last}


def _column(name: str) -> Column:
    return Column(heading=name, of=lambda row: row[name])
