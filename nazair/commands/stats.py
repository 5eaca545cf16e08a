"""`nazair stats`: what the collection holds."""

from __future__ import annotations

import click

from corpus.store import articles, frontier
from nazair.context import Context, verb
from nazair.output import Column, counted, day, emit_json, emit_table


@verb("stats")
@click.option("-f", "--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(context: Context, output_format: str) -> int:
    """What the collection holds: articles per source and topic, copies, dates, what is still to fetch.

    \b
    Examples:
      nazair stats
      nazair stats -f json --db summit.db
    """
    with context.reading() as connection:
        size, groups = articles.size(connection), articles.count_groups(connection)
        first, last = articles.publication_span(connection)
        topics = articles.counts_by_topic(connection)
        sources = articles.counts_by_source(connection)
        waiting = frontier.counts(connection)
    rows = [{"source": source, "articles": count, "copies": copies} for source, count, copies in sources]
    if output_format == "json":
        emit_json(
            {
                "articles": size,
                "copy_groups": groups,
                "first_published": first,
                "last_published": last,
                "topics": topics,
                "sources": rows,
                "frontier": waiting,
            }
        )
        return 0
    print(f"{counted(size, 'article')}, {counted(groups, 'group')} of copies, published {day(first)} to {day(last)}")
    for topic, count in sorted(topics.items()):
        print(f"topic {topic}: {counted(count, 'article')}")
    print(f"frontier: {', '.join(f'{count} {state}' for state, count in sorted(waiting.items())) or 'empty'}")
    columns = [
        Column(heading="source", of=lambda row: row["source"]),
        Column(heading="articles", of=lambda row: row["articles"], options={"justify": "right"}),
        Column(heading="copies of earlier ones", of=lambda row: row["copies"], options={"justify": "right"}),
    ]
    emit_table(rows, columns, empty="No articles yet.")
    return 0
