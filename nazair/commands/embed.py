"""`nazair embed`: similar lists as files, for sites without a server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from corpus.errors import UsageError
from corpus.plural import counted
from corpus.store import Connection, overview
from corpus.types import Filter
from nazair.context import Context, global_options, progress, say, verb
from nazair.options import limit_option, require_known, single_option


@global_options
@click.group("embed")
def command() -> None:
    """Similar lists as files, for sites without a server.

    \b
    Examples:
      nazair embed build public/similar
      nazair embed build public/similar --source alwaha
    """


@verb("build", of=command)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@single_option("--source", "source_id", metavar="ID", help="Only for articles of this source.")
@limit_option(5)
def build(context: Context, folder: Path, source_id: str | None, limit: int) -> int:
    """Write the similar list of every stored article as an HTML fragment to include.

    Each file is named by the address of its article (the first 16 bytes of a hash), the same from run to run;
    DIR/index.json says which address has which file. Files that did not change keep their times; files of
    articles that are stored no more are removed. A folder that holds anything else is left alone. With --source
    the files of other sources stay as they are, so that each may have a build of its own.

    \b
    Examples:
      nazair embed build public/similar
      nazair embed build public/similar --source alwaha -n 8
    """
    from nazair.web.embed import write_folder

    names = context.catalogue().names
    with context.reading() as connection:
        require_known(context, connection, Filter(source_id=source_id))
        boxes = _boxes(connection, names, source_id=source_id, limit=limit)
        kept = set[str]() if source_id is None else {key.hex() for _, _, key in overview.urls(connection)}
        try:
            count, changed = write_folder(folder, boxes, kept=kept)
        except OSError as error:
            raise UsageError(
                f"{folder}: {error.strerror or error}. What an earlier build wrote is whole; build again."
            ) from error
    say(f"{counted(count, 'list')} in {folder}, {changed} of them new or changed")
    return 0


def _boxes(
    connection: Connection, names: Mapping[str, str], *, source_id: str | None, limit: int
) -> Iterator[tuple[str, str, str]]:
    from nazair.web import lists
    from nazair.web.embed import box
    from nazair.web.words import Words

    heading = Words("ar")("similar")
    found = overview.urls(connection, source_id=source_id)
    told = progress(len(found), "done")
    for number, (article_id, url, key) in enumerate(found):
        told(number)
        rows = lists.of_article(connection, article_id, names, limit=limit)
        yield key.hex(), url, box(rows, heading=heading)
