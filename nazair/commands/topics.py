"""`nazair topics`: list, show and check topics."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from nazair.context import Context, global_options, pass_context
from nazair.output import Column, emit, emit_json, format_option


@click.group("topics")
@global_options
def command() -> None:
    """The topics: subjects with their spellings.

    \b
    Examples:
      nazair topics list
      nazair topics show alaska-summit
    """


@command.command("list")
@format_option()
@global_options
@pass_context
def list_(context: Context, output_format: str) -> int:
    """All topics, shipped and yours.

    \b
    Examples:
      nazair topics list
      nazair topics list --config ~/nazair -f json
    """
    rows = [
        {
            "id": topic.id,
            "title": topic.title,
            "since": topic.since,
            "until": topic.until,
            "concepts": len(topic.concepts),
        }
        for topic in context.catalogue().topics.values()
    ]
    emit(rows, [_column(name) for name in ("id", "title", "since", "until", "concepts")], output_format, empty="None.")
    return 0


@command.command("show")
@click.argument("topic", metavar="ID")
@click.option("-f", "--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@global_options
@pass_context
def show(context: Context, topic: str, output_format: str) -> int:
    """One topic: its concepts, with all their spellings.

    \b
    Examples:
      nazair topics show alaska-summit
      nazair topics show alaska-summit -f json
    """
    found = context.catalogue().topic(topic)
    if output_format == "json":
        emit_json(asdict(found))
        return 0
    print(f"{found.id}  {found.title}")
    print(f"  published {found.since or 'any time'} to {found.until or 'any time'}; score at least {found.min_score:g}")
    for concept in found.concepts:
        print(f"  {concept.role:<10}{concept.weight:>4g}  {concept.name}: {'، '.join(concept.aliases)}")
    return 0


@command.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE…]")
@global_options
@pass_context
def check(context: Context, files: tuple[Path, ...]) -> int:
    """Check topic files: these, or all that would be used.

    \b
    Examples:
      nazair topics check
      nazair topics check my-topic.toml
    """
    from crawler.catalogue.topics import read_topic

    if files:
        for file in files:
            print(f"{file}: {read_topic(file).id}: good")
    else:
        print(f"{len(context.catalogue().topics)} topics: all good")
    return 0


def _column(name: str) -> Column:
    return Column(heading=name, of=lambda row: row[name])
