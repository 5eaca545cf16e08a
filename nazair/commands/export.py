"""`nazair export`: the collection as a file for other programs."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import IO, Any

import click

from corpus import ask
from corpus.errors import UsageError
from nazair.context import Context, verb
from nazair.options import filter_options, make_filter
from nazair.output import json_line, write_csv

SUFFIXES = {".jsonl": "jsonl", ".csv": "csv"}


@verb("export")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("-f", "--format", "output_format", type=click.Choice(["jsonl", "csv"]), help="[by FILE's ending]")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option("--bom", is_flag=True, help="Mark CSV as UTF-8, for Excel.")
@filter_options
def command(
    context: Context,
    *,
    file: Path,
    output_format: str | None,
    force: bool,
    bom: bool,
    since: date | None,
    until: date | None,
    source_id: str | None,
    topic_id: str | None,
    unreserved: bool,
) -> int:
    """Write the collection to a file for other programs: one article a line, oldest first.

    FILE ends in .jsonl or .csv, or is - for standard output with -f. A file that exists is left
    alone unless --force is given; a file is complete or not there.

    \b
    Examples:
      nazair export summit.jsonl --topic alaska-summit
      nazair export - -f csv --since 2025-08-15 > summit.csv
    """
    chosen = output_format or SUFFIXES.get(file.suffix.lower())
    if chosen is None:
        raise UsageError(f"{file}: is this JSONL or CSV? Name it .jsonl or .csv, or say -f jsonl or -f csv.")
    to_file = str(file) != "-"
    if to_file and file.exists() and not force:
        raise UsageError(f"{file} exists; it was left as it is. Name another file, or say --force.")
    if to_file and not file.parent.is_dir():
        raise UsageError(f"{file}: the folder {str(file.parent)!r} does not exist.")
    wanted = make_filter(since=since, until=until, source_id=source_id, topic_id=topic_id, unreserved=unreserved)
    with context.reading() as connection:
        lines = ask.export_lines(connection, wanted)
        count = _write_file(file, lines, chosen, bom) if to_file else _write(sys.stdout, lines, chosen)
    print(f"{count} articles" + (f" in {file}" if to_file else ""), file=sys.stderr)
    return 0


def _write_file(file: Path, lines: Iterable[dict[str, Any]], chosen: str, bom: bool) -> int:
    """Write beside the file, then put it in place: a full disk leaves nothing half-written."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8-sig" if bom else "utf-8", newline="") as beside:
            count = _write(beside, lines, chosen)
        Path(name).replace(file)
    except OSError as error:
        raise UsageError(f"{file} could not be written: {error.strerror}. Nothing was left there.") from error
    finally:
        Path(name).unlink(missing_ok=True)
    return count


def _write(file: IO[str], lines: Iterable[dict[str, Any]], chosen: str) -> int:
    if chosen == "csv":
        return write_csv(lines, file)
    return sum(file.write(json_line(line) + "\n") > 0 for line in lines)
