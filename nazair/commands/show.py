"""`nazair show`: one article."""

from __future__ import annotations

import click

from corpus import ask
from corpus.directives import asked, withheld
from corpus.reprints import too_short
from corpus.revisions import history
from corpus.store.articles import group_sizes
from corpus.thresholds import MIN_WORDS
from nazair.context import Context, verb
from nazair.logs import visible
from nazair.output import emit_json, minute, published, text_option
from nazair.revisions import as_rows, print_revisions


@verb("show")
@click.argument("article", metavar="ID|URL")
@click.option(
    "--revisions", "with_revisions", is_flag=True, help="What it said before it was edited, and what changed."
)
@text_option
def command(context: Context, article: str, *, with_revisions: bool, output_format: str) -> int:
    """One article: its text, and where each fact about it comes from.

    \b
    Examples:
      nazair show 3
      nazair show https://example.com/news/1 -f json
      nazair show 3 --revisions
    """
    with context.reading() as connection:
        article_id = ask.article_id(connection, article)
        stored = ask.article(connection, article_id)
        versions = history(connection, stored)
        if output_format == "json":
            line = ask.export_line(connection, stored)
            emit_json(line | {"revisions": as_rows(stored, versions)} if with_revisions else line)
            return 0
        copies = group_sizes(connection, [stored.copy_group])[stored.copy_group] - 1
        short = too_short(connection, article_id) is not None
    text = stored.article
    when = published(text.published_at, text.published_precision)
    if text.published_at is not None:
        known = {"from": text.published_from, "to the": text.published_precision, "zone": text.published_zone}
        when += f" UTC ({', '.join(f'{name} {value}' for name, value in known.items() if value)})"
    facts = {
        "url": text.url,
        "source": text.source_id,
        "author": text.author,
        "agency": text.agency,
        "published": when,
        "fetched": f"{minute(text.fetched_at)} UTC" + (f", read as {text.encoding}" if text.encoding else ""),
        "section": text.section,
        "tags": "، ".join(text.tags) or None,
        "topics": ", ".join(f"{topic.topic_id} ({topic.score:.2f})" for topic in stored.topics) or None,
        "copies": _copies(article_id, copies, short=short),
        "asks": asked(text) or None,
        "gone": f"its page was found missing on {minute(stored.gone_at)} UTC" if stored.gone_at else None,
        "revisions": f"{len(versions)}: nazair show {article_id} --revisions" if len(versions) > 1 else None,
    }
    print(f"{article_id}  {visible(text.title)}")
    for name, value in facts.items():
        if value is not None:
            print(f"  {name:<10}{visible(str(value))}")
    if with_revisions:
        print()
        print_revisions(as_rows(stored, versions))
    else:
        print("\n" + (withheld(text) or "\n\n".join(visible(paragraph) for paragraph in text.text.split("\n"))))
    return 0


def _copies(article_id: int, copies: int, *, short: bool) -> str | None:
    if copies:
        return f"{copies} more of the same text: nazair copies {article_id}"
    return f"not compared: fewer than {MIN_WORDS} words" if short else None
