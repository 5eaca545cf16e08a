"""`nazair read`: what is taken from one page, for whoever looks after a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from corpus import ask
from corpus.directives import asked
from corpus.errors import NotRead, UsageError
from corpus.plural import counted
from corpus.types import Article
from nazair.context import Context, verb
from nazair.fetching import explained, fetched_page, saved_page
from nazair.logs import visible
from nazair.options import network_options
from nazair.output import emit_json, published, text_option

if TYPE_CHECKING:
    from pipelines.read import Explained

# What is told of an article as JSON, beside its source.
FACTS = """
url canonical_url title author agency published_at published_precision published_from published_zone language section
tags image encoding directives tdm_policy text
""".split()


@verb("read")
@click.argument("page", metavar="ID|FILE|URL")
@click.option("--explain", is_flag=True, help="Show where each field was found, also of a page that is no article.")
@click.option("--url", metavar="URL", help="The address that a file is a page of.")
@click.option("--source", "source_id", metavar="ID", help="Read it as a page of this source.  [by its address]")
@text_option
@network_options
def command(
    context: Context,
    *,
    page: str,
    explain: bool,
    url: str | None,
    source_id: str | None,
    output_format: str,
    **network: Any,
) -> int:
    """What is taken from a page, and where it was found.

    For whoever looks after a source: the page goes the way of a crawled one, with the rules of its
    source, and nothing is stored. A URL is fetched as `nazair add` fetches it, that of a stored
    article too.

    \b
    Examples:
      nazair read https://example.com/news/1 --explain --contact you@example.org
      nazair read 3 --explain --contact you@example.org
      nazair read saved.html --url https://example.com/news/1 --explain
      nazair read saved.html --source aljazeera -f json
    """
    catalogue = context.catalogue()
    source = catalogue.source(source_id) if source_id else None
    if page.isdecimal():
        with context.reading() as connection:
            page = ask.address(connection, page)
    if "://" in page:
        if url:
            raise UsageError(f"--url says what a file is a page of, and {page!r} is no file. Leave it out.")
        fetched = fetched_page(context, page, network)
    else:
        fetched = saved_page(page, url)
    found = explained(fetched, source or catalogue.source_of(fetched.url))
    _emit(found, output_format, explain=explain)
    if found.reading.outcome is not None:
        raise NotRead(f"{visible(page)} is no article: {found.reading.reason}.")
    return 0


def _emit(explained: Explained, output_format: str, *, explain: bool) -> None:
    """Write what was found to stdout; of a page that is no article only when an explanation is wanted."""
    article = explained.found
    if article is None or (explained.reading.outcome is not None and not explain):
        return
    if output_format == "json":
        facts = _facts(article)
        emit_json(facts | ({"from": explained.origins, "unmatched_rules": explained.unmatched} if explain else {}))
        return
    for name, value in _rows(article).items():
        if value or explain:
            origin = explained.origins.get(name)
            print(f"{name:<11}{visible(value or '–')}" + (f"  [{visible(origin)}]" if explain and origin else ""))
    for rule in explained.unmatched:
        print(f"rule       matches nothing on this page: {visible(rule)}")
    print("\n" + "\n\n".join(visible(paragraph) for paragraph in article.text.split("\n")))


def _facts(article: Article) -> dict[str, Any]:
    return {"source": article.source_id} | {name: getattr(article, name) for name in FACTS}


def _rows(article: Article) -> dict[str, str | None]:
    """What the text format shows, by the names under which origins are known."""
    when = published(article.published_at, article.published_precision)
    when += f" UTC, {article.published_zone} on the page" if article.published_zone else ""
    words, paragraphs = len(article.text.split()), len(article.text.split("\n"))
    return {
        "url": article.url,
        "canonical": article.canonical_url,
        "source": article.source_id,
        "title": article.title,
        "author": article.author,
        "agency": article.agency,
        "published": f"{when} (to the {article.published_precision})" if article.published_at else None,
        "section": article.section,
        "tags": "، ".join(article.tags),
        "image": article.image,
        "asks": asked(article),
        "language": f"{article.language}, read as {article.encoding}",
        "text": f"{counted(words, 'word')} in {counted(paragraphs, 'paragraph')}" if words else None,
    }
