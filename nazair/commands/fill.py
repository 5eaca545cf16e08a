"""`nazair fill`: the empty list of a page, filled."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus import ask
from corpus.errors import NotComparable, NotStored, UsageError
from corpus.plural import counted
from corpus.store import Connection, articles
from corpus.types import Page
from nazair.context import Context, say, verb
from nazair.files import bytes_of, require_free, write_whole
from nazair.options import limit_option

if TYPE_CHECKING:
    from nazair.web.rows import Row


@verb("fill")
@click.argument("page", type=click.Path(path_type=Path), metavar="PAGE.html")
@click.option("--selector", metavar="CSS", help="The list to fill, or the element around it.  [the usual names]")
@click.option("--url", metavar="URL", help="The page's address.  [what the page says: rel=canonical, og:url]")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="[standard output]")
@click.option("--force", is_flag=True, help="Replace FILE if it exists; it may be PAGE.html itself.")
@limit_option(5)
def command(
    context: Context,
    *,
    page: Path,
    selector: str | None,
    url: str | None,
    output: Path | None,
    force: bool,
    limit: int,
) -> int:
    """A page with its empty list of similar articles filled.

    PAGE.html is a file, or - for standard input. The list is that of the stored article at the page's address;
    where none is stored, that of the page's text. Only the list changes: the rest stays as it is, byte for
    byte, in the page's own encoding. A list that was filled before is filled again.

    \b
    Examples:
      nazair fill article.html -o filled.html
      nazair fill article.html --selector '#more ul' -n 8 > filled.html
      nazair fill public/a.html -o public/a.html --force
    """
    from nazair.web.fill import filled, find

    body = bytes_of(str(page))
    if output is not None:
        require_free(output, force=force)
    text, encoding = _decoded(body, page)
    find(text, selector)  # a page without a list is told before anything is asked
    rows = _rows(context, text, body, url, limit=limit)
    done = filled(text, rows, selector=selector)
    _write(_encoded(done, encoding), output)
    say(counted(len(rows), "similar article") + (f" in {output}" if output else ""))
    return 0


def _rows(context: Context, text: str, body: bytes, url: str | None, *, limit: int) -> list[Row]:
    from nazair.web import lists
    from pipelines.page.declared import addresses
    from pipelines.read import read_given

    catalogue = context.catalogue()
    names = catalogue.names
    with context.reading() as connection:
        said = [url] if url else addresses(text)
        stored = _stored(connection, said, required=url is not None)
        if stored is not None:
            return lists.of_article(connection, stored, names, limit=limit)
        address = next(iter(said), "file:///page.html")
        page = Page(url=address, body=body, content_type="text/html", fetched_at=datetime.now(UTC))
        reading = read_given(page, topics=tuple(catalogue.topics.values()))
        return lists.of_reading(connection, reading, names, limit=limit)


def _stored(connection: Connection, said: list[str], *, required: bool) -> int | None:
    for address in said:
        try:
            return ask.article_id(connection, address)
        except NotStored:
            if required:
                raise
    if not articles.size(connection):
        raise NotStored("No articles are stored: there is nothing to fill the list with. Collect some: nazair crawl")
    return None


def _decoded(body: bytes, page: Path) -> tuple[str, str]:
    """The page's text, and the encoding that gives its bytes again. Raises NotComparable."""
    from pipelines.page.decode import Undecodable, decode

    try:
        _, encoding = decode(body)
        # Bytes that the encoding does not know stay what they are.
        text = body.decode(encoding, "surrogateescape")
    except (Undecodable, UnicodeError) as error:
        raise NotComparable(f"{page}: {error}") from error
    if text.encode(encoding, "surrogateescape") != body:
        raise NotComparable(f"{page}: read as {encoding}, it could not be written back as it was. Save it as UTF-8.")
    return text, encoding


def _encoded(text: str, encoding: str) -> bytes:
    """The text in the page's encoding; what it has no byte for becomes a character reference."""
    parts = re.split("([\udc80-\udcff]+)", text)
    return b"".join(
        part.encode(encoding, "surrogateescape" if i % 2 else "xmlcharrefreplace") for i, part in enumerate(parts)
    )


def _write(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        write_whole(output, content)
    except OSError as error:
        raise UsageError(f"{output} could not be written: {error.strerror}. It is as it was.") from error
