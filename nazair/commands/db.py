"""`nazair db`: information, upgrade, check, rebuild."""

from __future__ import annotations

import sys

import click

from corpus import similar_lists, weighing
from corpus.errors import DatabaseError, UsageError
from corpus.signature import SETTINGS
from corpus.store import articles, frontier, sketches
from corpus.store.database import REVISIONS, connect, integrity_problems, upgrade
from nazair.context import Context, global_options, pass_context


@click.group("db")
@global_options
def command() -> None:
    """The database: information, upgrade, check, rebuild.

    \b
    Examples:
      nazair db info
      nazair db check --db summit.db
    """


@command.command("info")
@global_options
@pass_context
def info(context: Context) -> int:
    """Where it is, at which revision, and how large.

    \b
    Examples:
      nazair db info
      nazair db info --db postgresql://me@host/nazair
    """
    database = connect(context.database)
    try:
        revision = database.revision()
        print(f"database    {database.name} ({'SQLite' if database.is_sqlite else 'PostgreSQL'})")
        print(f"revision    {revision or 'none'}; this nazair needs {REVISIONS[-1]}")
        if database.path is not None:
            print(f"size        {database.path.stat().st_size:,} bytes")
        if revision == REVISIONS[-1]:
            with database.reading() as connection:
                print(f"articles    {articles.size(connection):,}")
                print(f"similar     {weighing.told(connection)}")
                print(f"frontier    {sum(frontier.counts(connection).values()):,} URLs")
    finally:
        database.close()
    return 0


@command.command("upgrade")
@global_options
@pass_context
def upgrade_(context: Context) -> int:
    """Bring it to the revision that this nazair needs; on SQLite a backup is made first.

    \b
    Examples:
      nazair db upgrade
      nazair db upgrade --db postgresql://me@host/nazair
    """
    database = connect(context.database)
    try:
        revision = database.revision()
        if revision == REVISIONS[-1]:
            print(f"{database.name} is at revision {revision} already.")
            return 0
        if revision is not None and revision not in REVISIONS:
            raise DatabaseError(
                database.name,
                why=f"is at revision {revision}, which is newer than this nazair (revision {REVISIONS[-1]}).",
                now="Update nazair.",
            )
        backup = upgrade(database)
        print(f"{database.name} is now at revision {REVISIONS[-1]}." + (f" Backup: {backup}" if backup else ""))
    finally:
        database.close()
    return 0


@command.command("rebuild")
@click.option("--similar", is_flag=True, help="Weigh all words anew, and make all similar lists.")
@global_options
@pass_context
def rebuild(context: Context, *, similar: bool) -> int:
    """Make anew what is derived from the articles; other commands that write wait meanwhile.

    --similar: how much a word tells depends on the collection that it was weighed in. Up to 20,000 articles
    crawls see to that by themselves; later, `nazair db info` says how far a collection has moved on.

    \b
    Examples:
      nazair db rebuild --similar
      nazair db rebuild --similar --db summit.db
    """
    if not similar:
        raise UsageError("Nothing to rebuild was named. For similar lists: nazair db rebuild --similar")
    with context.opened() as database, database.writing() as connection:
        similar_lists.renew(connection)
        print(f"{articles.size(connection):,} similar lists made anew.")
    return 0


@command.command("check")
@global_options
@pass_context
def check(context: Context) -> int:
    """Look for damage: of the file, of references, of signatures made with other settings.

    \b
    Examples:
      nazair db check
      nazair db check --db summit.db
    """
    with context.opened() as database:
        problems = integrity_problems(database)
        with database.reading() as connection:
            other = sketches.other_settings(connection, SETTINGS)
            count = articles.size(connection)
    if other is not None:
        problems.append(f"signatures made with {other!r}; this nazair uses {SETTINGS!r}")
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problems in {context.database}.", file=sys.stderr)
        return 2
    print(f"{context.database}: sound, {count:,} articles.")
    return 0
