"""`nazair copies`: who repeated whom, when, and what was cut or added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from corpus import ask
from corpus.directives import withheld
from corpus.plural import counted
from corpus.reprints import Copy, as_graph, changes, group_of, largest_groups, too_short
from corpus.store import Connection
from corpus.store.articles import group_sizes
from corpus.thresholds import MIN_WORDS
from corpus.types import Filter
from nazair.context import Context, say, verb
from nazair.logs import visible
from nazair.options import filter_options, limit_option, require_known
from nazair.output import (
    ARTICLE_ROW,
    PUBLISHED,
    Column,
    column,
    emit_csv,
    emit_json,
    emit_table,
    format_option,
    json_line,
)

CSV_HEADING = ("copy_group", *ARTICLE_ROW, "agency", "kind", "copy_of", "jaccard", "delay_s", "cut", "added")

COLUMNS = (
    column("copy_group", "group", justify="right"),
    column("id", justify="right"),
    PUBLISHED,
    column("source"),
    Column(heading="kind", of=lambda row: row["kind"] or "first"),
    Column(heading="of", of=lambda row: row["copy_of"] or "", options={"justify": "right"}),
    Column(heading="after", of=lambda row: in_words(row["delay_s"]), options={"justify": "right"}),
    Column(heading="same", of=lambda row: "" if row["jaccard"] is None else f"{row['jaccard']:.0%}"),
    Column(heading="words", of=lambda row: summary(row["cut"], row["added"]), options={"justify": "right"}),
    Column(heading="agency", of=lambda row: row["agency"] or ""),
    column("title", ratio=1, overflow="fold"),
)

# Of each of the largest groups so many members are shown: a block page can be in thousands of articles.
MEMBERS = 20

# Of a change that is longer, the beginning and the end are shown.
WORDS_SHOWN = 40


@verb("copies")
@click.argument("article", required=False, metavar="[ID|URL]")
@limit_option(20)
@click.option("--diff", is_flag=True, help="Show the words that each copy cut and added.")
@filter_options
@format_option()
def command(
    context: Context,
    *,
    article: str | None,
    limit: int,
    diff: bool,
    wanted: Filter,
    output_format: str,
) -> int:
    """Who repeated whom: the near-copies of an article, or the largest groups of copies.

    In the order of publication; each copy beside the earlier one that it repeats most: how long after it, the
    share of word triples that the two have in common, the words that it cut (−) and added (+). Words
    are compared folded: spelling and vowel marks are no change.

    As JSON, a graph: the articles are its nodes, who repeated whom its edges.

    \b
    Examples:
      nazair copies 3 --diff
      nazair copies 3 -f json > graph.json
      nazair copies -n 5 --since 2025-08-15 -f jsonl
    """
    with context.reading() as connection:
        require_known(context, connection, wanted)
        if article is None:
            groups = largest_groups(connection, wanted, limit=limit, most=MEMBERS)
            empty = "No copies."
        else:
            stored = ask.article(connection, ask.article_id(connection, article))
            groups = [group_of(connection, stored.copy_group, most=limit)]
            empty = _why_none(connection, stored.id)
        sizes = group_sizes(connection, [group[0].stored.copy_group for group in groups])
    graphs = [_graph(group, size=sizes[group[0].stored.copy_group]) for group in groups]
    if output_format == "json":
        emit_json(graphs if article is None else graphs[0])
    elif output_format == "jsonl":
        for graph in graphs:
            print(json_line(graph))
    else:
        _emit_rows(graphs, output_format, empty=empty, diff=diff)
    return 0


def in_words(delay_s: float | None) -> str:
    """A delay as people say it: «40 min», «2 h 05», «3 d 4 h»."""
    if delay_s is None:
        return ""
    minutes = int(delay_s // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02}" if hours < 24 else f"{hours // 24} d {hours % 24} h"


def summary(cut: int | None, added: int | None) -> str:
    """How many words were cut and added: «−12 +3»; nothing where nothing is repeated."""
    if cut is None or added is None:
        return ""
    return " ".join(f"{sign}{count}" for sign, count in (("−", cut), ("+", added)) if count) or "none"


def _graph(group: Sequence[Copy], *, size: int) -> dict[str, Any]:
    """The group with what each copy cut and added."""
    found, articles = as_graph(group, size=size), {copy.stored.id: copy.stored.article for copy in group}
    for edge in found["edges"]:
        earlier, later = articles[edge["from"]], articles[edge["to"]]
        made = changes(earlier.text, later.text)
        edge["cut"] = sum(len(change.words) for change in made if change.op == "cut")
        edge["added"] = sum(len(change.words) for change in made if change.op == "added")
        is_secret = withheld(earlier) or withheld(later)
        shown = [] if is_secret else made
        edge["changes"] = [{"op": change.op, "words": " ".join(change.words)} for change in shown]
    return found


def _emit_rows(graphs: Sequence[Mapping[str, Any]], output_format: str, *, empty: str, diff: bool) -> None:
    shown = [graph for graph in graphs if graph["articles"] > 1]
    rows = [row for graph in shown for row in _rows(graph)]
    if output_format == "csv":
        emit_csv(rows, names=CSV_HEADING)
        return
    emit_table(rows, COLUMNS, empty=empty)
    for graph in shown:
        if graph["articles"] > len(graph["nodes"]):
            say(
                f"Group {graph['copy_group']}: the earliest {len(graph['nodes'])} of {graph['articles']:,} articles. "
                f"More: nazair copies {graph['copy_group']} -n {graph['articles']}"
            )
    if diff:
        for graph in shown:
            for edge in graph["edges"]:
                print("\n".join(_told(edge)))


def _rows(graph: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    edges = {edge["to"]: edge for edge in graph["edges"]}
    for node in graph["nodes"]:
        edge = edges.get(node["id"], {})
        yield {
            "copy_group": graph["copy_group"],
            **node,
            "kind": edge.get("kind"),
            "copy_of": edge.get("from"),
            "jaccard": edge.get("jaccard"),
            "delay_s": edge.get("delay_s"),
            "cut": edge.get("cut"),
            "added": edge.get("added"),
        }


def _told(edge: Mapping[str, Any]) -> Iterator[str]:
    """The changes of one copy, for reading."""
    cut = counted(edge["cut"], "word")
    yield f"\n{edge['to']} of {edge['from']}: {edge['kind']}, {cut} cut, {edge['added']:,} added"
    for change in edge["changes"]:
        words = change["words"].split()
        if len(words) > WORDS_SHOWN:
            words = [*words[: WORDS_SHOWN // 2], f"… ({len(words) - WORDS_SHOWN} more) …", *words[-WORDS_SHOWN // 2 :]]
        yield f"  {'−' if change['op'] == 'cut' else '+'} {visible(' '.join(words))}"


def _why_none(connection: Connection, article_id: int) -> str:
    words = too_short(connection, article_id)
    if words is None:
        return "No copies of this article."
    return (
        f"Article {article_id} was not compared: its text and title have fewer than {MIN_WORDS} words "
        f"(the text {words}), too few to tell a copy from a template."
    )
