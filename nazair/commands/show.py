"""`nazair show`: one article."""

from __future__ import annotations

import click

from corpus import ask
from corpus.reprints import too_short
from corpus.store.articles import group_sizes
from corpus.thresholds import MIN_WORDS
from nazair.context import Context, verb
from nazair.logs import visible
from nazair.output import emit_json, minute, published


@verb("show")
@click.argument("article", metavar="ID|URL")
@click.option("-f", "--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(context: Context, article: str, output_format: str) -> int:
    """One article: its text, and where each fact about it comes from.

    \b
    Examples:
      nazair show 3
      nazair show https://example.com/news/1 -f json
    """
    with context.reading() as connection:
        article_id = ask.article_id(connection, article)
        stored = ask.article(connection, article_id)
        if output_format == "json":
            emit_json(ask.export_line(connection, stored))
            return 0
        copies = group_sizes(connection, [stored.copy_group])[stored.copy_group] - 1
        short = too_short(connection, article_id) is not None
    text = stored.article
    when = published(text.published_at, text.published_precision)
    if text.published_at is not None:
        zone = f", zone {text.published_zone}" if text.published_zone else ""
        when += f" UTC (from {text.published_from}, to the {text.published_precision}{zone})"
    facts = {
        "url": text.url,
        "source": text.source_id,
        "author": text.author,
        "agency": text.agency,
        "published": when,
        "fetched": f"{minute(text.fetched_at)} UTC, read as {text.encoding}",
        "section": text.section,
        "tags": "، ".join(text.tags) or None,
        "topics": ", ".join(f"{topic.topic_id} ({topic.score:.2f})" for topic in stored.topics) or None,
        "copies": _copies(article_id, copies, short=short),
    }
    print(f"{article_id}  {visible(text.title)}")
    for name, value in facts.items():
        if value is not None:
            print(f"  {name:<10}{visible(str(value))}")
    print("\n" + "\n\n".join(visible(paragraph) for paragraph in text.text.split("\n")))
    return 0


def _copies(article_id: int, copies: int, *, short: bool) -> str | None:
    if copies:
        return f"{copies} more of the same text: nazair copies {article_id}"
    return f"not compared: fewer than {MIN_WORDS} words" if short else None
