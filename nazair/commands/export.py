"""`nazair export`: the collection as a file for other programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click

from corpus import ask
from corpus.errors import UsageError
from corpus.plural import counted
from corpus.store import articles
from corpus.types import Filter
from nazair import exports
from nazair.context import Context, progress, say, verb
from nazair.exports import Line
from nazair.files import require_free
from nazair.options import filter_options, require_known, single_option


@verb("export")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("-f", "--format", "output_format", type=click.Choice(exports.FORMATS), help="[by FILE's ending]")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option("--bom", is_flag=True, help="Mark CSV as UTF-8, for Excel.")
@single_option("--search", "query", metavar="QUERY", help="Only articles that match, as in nazair search.")
@filter_options
def command(
    context: Context,
    *,
    file: Path,
    output_format: str | None,
    force: bool,
    bom: bool,
    query: str | None,
    wanted: Filter,
) -> int:
    """Write the collection to a file for other programs: one article a line, oldest first.

    FILE ends in .jsonl, .csv or .parquet (pip install 'nazair[parquet]'), or is - for standard output with -f. A file
    that exists is left alone unless --force is given; a file is complete or not there. Cells of CSV that a
    spreadsheet would take for a formula begin with an apostrophe.

    \b
    Examples:
      nazair export summit.jsonl --topic alaska-summit
      nazair export summit.csv --bom --search 'بوتين (هدنة OR اتفاق)'
      nazair export - -f csv --since 2025-08-15 > summit.csv
    """
    chosen = output_format or exports.SUFFIXES.get(file.suffix.lower())
    if chosen is None:
        raise UsageError(
            f"{file}: is this JSONL or CSV? Name it .jsonl, .csv or .parquet, or say -f jsonl, -f csv or -f parquet."
        )
    if bom and chosen != "csv":
        raise UsageError(f"--bom is for CSV; {chosen} is written without. Leave it out.")
    is_file = str(file) != "-"
    if is_file:
        require_free(file, force=force)
    exports.require_parquet(chosen)
    with context.reading() as connection:
        require_known(context, connection, wanted)
        only = None
        if query is not None:
            from corpus.query import parse
            from corpus.search import matching_ids

            parsed = parse(query)
            require_known(context, connection, parsed.limits)
            only = matching_ids(connection, parsed, wanted)
        left = len(articles.find(connection, wanted, sort="id") if only is None else only)
        lines = _telling(ask.export_lines(connection, wanted, only=only), progress(left, "written"))
        if is_file:
            count = exports.to_file(file, lines, chosen, bom=bom, force=force)
        else:
            count = exports.to_stdout(lines, chosen, bom=bom)
    say(counted(count, "article") + (f" in {file}" if is_file else ""))
    return 0


def _telling(lines: Iterable[Line], told: Callable[[int], None]) -> Iterator[Line]:
    """The lines; `told` hears how many there were."""
    for done, line in enumerate(lines, start=1):
        yield line
        told(done)
