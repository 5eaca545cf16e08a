"""`nazair search`: articles that contain words."""

from __future__ import annotations

import re

import click

from corpus.nearest import nearest
from corpus.query import parse
from corpus.search import Hit, search
from corpus.types import Filter
from nazair.context import Context, verb
from nazair.options import filter_options, limit_option, require_known, within
from nazair.output import ARTICLE_ROW, UNCUT, Column, Row, article_row, column, day, emit, format_option

COLUMNS = (
    column("id", justify="right"),
    Column(heading="date", of=lambda row: day(row["published_at"], row["published_precision"]), options=UNCUT),
    column("source"),
    column("title", ratio=2, overflow="fold"),
    column("snippet", "words", ratio=3, overflow="fold"),
)


class Search(click.Command):
    """Takes -كلمة for what it is: no option has such letters."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [re.sub(r"^-(?=[^\x00-\x7f])", "NOT ", one) for one in args])


@verb("search", cls=Search)
@click.argument("query", nargs=-1, required=True)
@limit_option(10)
@filter_options
@format_option()
def command(
    context: Context,
    *,
    query: tuple[str, ...],
    limit: int,
    wanted: Filter,
    output_format: str,
) -> int:
    """Articles that contain words, best first.

    All words must be there, each in any of its forms and spellings: القمة finds قمة and وبالقمّة, ترمب finds ترامب,
    اطلاق finds إطلاق, عبد الله finds عبدالله, 1234 finds 1,234, 2025 finds 2025م. Words that say nothing, such as
    those of «ما هي نتائج القمة», are not asked for beside others; nor is a lone و or AND. When nothing
    matches, the nearest search that finds something is named, if there is one.

    \b
      "البيت الأبيض"        these words together, as written but for vowel marks and hamza
      قمة -مباراة           without a word; -"..." without a phrase; NOT says the same
      هدنة OR اتفاق         one or the other of the two beside it; أو says the same
      أوكران*               words that begin so, in two letters or more
      (هدنة كاملة) OR سلام  a group
      source:alwaha         of one source
      since:2025-08-15      published on this day or later; before:2025-08-20 earlier than this day

    Quote the whole query for the shell; write -- before one that begins with a minus and is not Arabic. On a terminal
    the words found are bold, elsewhere in [brackets]; JSON has their places in the snippet as [start, end].

    \b
    Examples:
      nazair search قمة ألاسكا
      nazair search '"وقف إطلاق النار" -مباراة' --since 2025-08-15 -f json
      nazair search 'بوتين (هدنة OR اتفاق) source:alwaha before:2025-08-20' -n 5
    """
    parsed = parse(" ".join(query))
    with context.reading() as connection:
        for limits in (wanted, parsed.limits):
            require_known(context, connection, limits)
        hits = within(search(connection, parsed, wanted, limit=limit + 1), limit)
        meant = None if hits else nearest(connection, " ".join(query), wanted)
    rows = [_row(hit, output_format) for hit in hits]
    empty = "Nothing matches." if meant is None else f"Nothing matches. Did you mean: {meant}"
    emit(rows, COLUMNS, output_format, empty=empty, names=(*ARTICLE_ROW, "score", "snippet"))
    return 0


def _row(hit: Hit, output_format: str) -> Row:
    row = article_row(hit.article) | {"score": hit.score}
    if output_format == "table":
        return row | {"title": hit.title, "snippet": hit.snippet}
    if output_format == "csv":
        return row | {"snippet": hit.snippet.marked("[", "]")}
    return row | {"snippet": hit.snippet.text, "matches": hit.snippet.matches, "title_matches": hit.title.matches}
