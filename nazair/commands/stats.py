"""`nazair stats`: what the collection holds."""

from __future__ import annotations

from corpus.plural import counted
from corpus.store import articles, frontier, overview
from nazair.context import Context, verb
from nazair.output import column, day, emit_json, emit_table, text_option


@verb("stats")
@text_option
def command(context: Context, output_format: str) -> int:
    """What the collection holds: articles per source and topic, copies, dates, what is still to fetch.

    \b
    Examples:
      nazair stats
      nazair stats -f json --db summit.db
    """
    with context.reading() as connection:
        size, groups = articles.size(connection), overview.count_groups(connection)
        first, last = overview.publication_span(connection)
        topics = overview.counts_by_topic(connection)
        sources, copies = overview.counts_by_source(connection), overview.copies_by_source(connection)
        waiting = frontier.counts(connection)
    rows = [{"source": one, "articles": count, "copies": copies.get(one, 0)} for one, count in sources.items()]
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
    described = context.catalogue().topics
    for topic, count in sorted(topics.items()):
        unknown = (
            "" if topic in described else " (no topic file has this id: it was deleted, or is in another --config)"
        )
        print(f"topic {topic}: {counted(count, 'article')}{unknown}")
    print(f"frontier: {', '.join(f'{count} {state}' for state, count in sorted(waiting.items())) or 'empty'}")
    columns = [
        column("source"),
        column("articles", justify="right"),
        column("copies", "copies of earlier ones", justify="right"),
    ]
    emit_table(rows, columns, empty="No articles yet.")
    return 0
