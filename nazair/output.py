"""Answers on stdout: tables for people; JSON, JSONL and CSV for programs. Never a format that was not asked for."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import click

from corpus.snippet import Snippet
from corpus.types import StoredArticle
from nazair.context import say
from nazair.logs import visible

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.measure import Measurement
    from rich.text import Text

F = TypeVar("F", bound=Callable[..., Any])
Row = Mapping[str, Any]

# What a spreadsheet takes for the beginning of a formula, in wide letters too; a tab or line end it first takes away.
FORMULA = tuple("=+-@\t\n＝＋－＠")

# Of a time zone: no formula, and what is asked for.
OFFSET = re.compile(r"[+-]\d\d:\d\d")

# Of a column whose cells mean something else when an end is missing: others are made narrower.
UNCUT = {"no_wrap": True}

# Characters. On a narrower terminal columns stand one apart, not three: of 80, eleven columns leave a title of 4 else.
WIDE = 100

FORMATS = ("table", "json", "jsonl", "csv")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table: its heading, and the text of a row in it."""

    heading: str
    of: Callable[[Row], object]
    options: dict[str, Any] = field(default_factory=dict)  # of rich's add_column


def column(key: str, heading: str | None = None, **options: Any) -> Column:
    """The column of what stands under a key of the rows; with the key for its heading, if it has no other."""
    return Column(heading=key if heading is None else heading, of=lambda row: row[key], options=options)


def format_option(*more: str) -> Callable[[F], F]:
    """-f, with the formats that every list has, and `more`."""
    return click.option(
        "-f",
        "--format",
        "output_format",
        type=click.Choice([*FORMATS, *more]),
        default="table",
        show_default=True,
        help="How to write the answer.",
    )


def text_option(function: F) -> F:
    """-f, of an answer that is no list: for people, or JSON."""
    formats = click.Choice(["text", "json"])
    return click.option("-f", "--format", "output_format", type=formats, default="text", show_default=True)(function)


def emit(
    rows: Iterable[Row], columns: Sequence[Column], output_format: str, *, empty: str, names: Sequence[str] = ()
) -> None:
    """Write the rows to stdout; a table of none says `empty` on stderr instead, CSV of none has `names` as heading."""
    if output_format == "table":
        emit_table(list(rows), columns, empty=empty)
    elif output_format == "json":
        emit_json(list(rows))
    elif output_format == "jsonl":
        for row in rows:
            print(json_line(row))
    else:
        emit_csv(rows, names=names)


def emit_table(rows: Sequence[Row], columns: Sequence[Column], *, empty: str) -> None:
    """A table that fits the terminal; Arabic in logical order, isolated there so that columns stay apart."""
    if not rows:
        say(empty)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    class Answer(Console):
        def on_broken_pipe(self) -> None:
            raise  # noqa: PLE0704 - rich calls this where it caught BrokenPipeError, and would end the program with 1

    # A pipe has no width: nothing is cut there.
    console = Answer(width=None if sys.stdout.isatty() else 200, markup=False, highlight=False)
    gap = (0, 1) if console.width >= WIDE else 0
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=gap)
    for column in columns:
        table.add_column(column.heading, **column.options)
    for row in rows:
        table.add_row(*(_rendered(column.of(row)) for column in columns))
    console.print(table)


def emit_json(value: object) -> None:
    """One JSON document, for reading."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def json_line(row: Row) -> str:
    """One JSON object on one line."""
    return json.dumps(row, ensure_ascii=False, default=_plain)


def emit_csv(rows: Iterable[Row], *, names: Sequence[str]) -> None:
    """CSV with the keys of the first row as heading, or where there is none with `names`."""
    write_csv(rows, sys.stdout, names=names)


def write_csv(rows: Iterable[Row], file: Any, *, names: Sequence[str]) -> int:
    """Write rows as CSV; returns how many. Lists become "a; b"; nothing opens as a formula in a spreadsheet.

    The heading is of the first row's keys, or where there is none of `names`.
    """
    left = iter(rows)
    first = next(left, None)
    writer = csv.DictWriter(file, fieldnames=list(names if first is None else first), lineterminator="\n")
    if writer.fieldnames:
        writer.writeheader()
    count = 0
    for row in chain(() if first is None else (first,), left):
        writer.writerow({key: _csv_cell(value) for key, value in row.items()})
        count += 1
    return count


@dataclass(frozen=True)
class _Isolated:
    """A cell with Arabic on a terminal: each of its lines is isolated (U+2068 … U+2069) from the cells beside it.

    It orders each line by itself: of a cell that was folded, lines would change places with those beside them.
    """

    text: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        for line in self.text.wrap(console, options.max_width, overflow=options.overflow, no_wrap=options.no_wrap):
            line.rstrip()
            yield self.text.blank_copy("\u2068").append_text(line).append("\u2069")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return self.text.__rich_measure__(console, options)


def _rendered(value: object) -> Text | _Isolated:
    """A cell as rich draws it: matches of a search are bold on a terminal, in [brackets] elsewhere."""
    from rich.text import Text

    # Of a str rich would make emoji where it says «:100:».
    if not sys.stdout.isatty():
        return Text(_plainly(value.marked("[", "]") if isinstance(value, Snippet) else value))
    if isinstance(value, Snippet):
        text = Text.assemble(*((visible(part), "bold" if matches else "") for part, matches in value.parts()))
    else:
        text = Text(_plainly(value))
    return text if text.plain.isascii() else _Isolated(text)


def _plainly(value: object) -> str:
    """What stands in a table's cell."""
    if value is None:
        return "–"
    return day(value) if isinstance(value, datetime) else visible(str(value))


# The keys of `article_row`.
ARTICLE_ROW = ("id", "url", "title", "source", "published_at", "published_precision")


def article_row(stored: StoredArticle) -> dict[str, Any]:
    """What every list has of an article."""
    article = stored.article
    return {
        "id": stored.id,
        "url": article.url,
        "title": article.title,
        "source": article.source_id,
        "published_at": article.published_at,
        "published_precision": article.published_precision,
    }


def day(moment: datetime | None, precision: str | None = None) -> str:
    """The day of a moment, in its zone; the month where no more is known."""
    return "–" if moment is None else moment.strftime("%Y-%m" if precision == "month" else "%Y-%m-%d")


def minute(moment: datetime | None) -> str:
    """The minute of a moment, in UTC."""
    return "–" if moment is None else moment.strftime("%Y-%m-%d %H:%M")


def published(moment: datetime | None, precision: str | None) -> str:
    """When something was published, in UTC, no more exactly than is known."""
    return minute(moment) if precision in ("second", "minute") else day(moment, precision)


PUBLISHED = Column(
    heading="published (UTC)",
    of=lambda row: published(row["published_at"], row["published_precision"]),
    options=UNCUT,
)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def _csv_cell(value: object) -> object:
    if isinstance(value, (list, tuple)):
        parts = [_plain(one) if isinstance(one, datetime) else one for one in value]
        value = "; ".join(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in parts)
    elif isinstance(value, Mapping):
        value = json.dumps(value, ensure_ascii=False, default=_plain)
    elif isinstance(value, datetime):
        value = _plain(value)
    if isinstance(value, str):
        # Python quotes a cell for the line end that it writes, "\n", alone: after another a new row would begin.
        value = value.replace("\r\n", "\n").replace("\r", "\n")
        return f"'{value}" if value[:1] in FORMULA and not OFFSET.fullmatch(value) else value
    return value
