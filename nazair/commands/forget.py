"""`nazair forget`: take-down."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from corpus import ask, forgetting
from corpus.errors import NotStored
from corpus.plural import counted
from corpus.store.database import Database
from corpus.store.upkeep import backups, compact
from crawler.run import bury_lost
from nazair.context import Context, complain, progress, say, verb


@verb("forget")
@click.argument("what", metavar="ID|URL|DOMAIN")
@click.option("--dry-run", is_flag=True, help="Say how much it would be, and change nothing.")
@click.option("--undo", is_flag=True, help="Let it be fetched again. What was taken out does not come back by that.")
def command(context: Context, *, what: str, dry_run: bool, undo: bool) -> int:
    """Take a page or a domain out, for good.

    The article goes, with its text, signature, lists and search words, and its address in the records. Crawls do not
    fetch it again, whoever links to it; nazair why URL says so. Of a page nothing is kept but a number that
    stands for its address. On SQLite the file is written anew, so that no bytes of it are left there.

    \b
    Examples:
      nazair forget https://example.com/news/1
      nazair forget 3 --dry-run
      nazair forget example.com --dry-run
      nazair forget example.com --undo
    """
    with context.opened() as database:
        if what.isdecimal():
            with database.reading() as connection:
                what = ask.address(connection, what)
        wanted = forgetting.target(what)
        name = wanted.domain or wanted.url
        if undo:
            with database.writing() as connection:
                if not forgetting.undo(connection, wanted):
                    raise NotStored(f"{name} was not forgotten: nothing keeps it out.")
            print(f"{name} may be fetched again.")
            return 0
        with database.reading() as connection:
            ids = forgetting.found(connection, wanted)
            elsewhere = forgetting.copies_elsewhere(connection, ids)
        if dry_run:
            print(f"{name}: {counted(len(ids), 'article')} would be taken out, and it would not be fetched again.")
            return 0
        now = datetime.now(UTC).replace(microsecond=0)
        gone = forgetting.forget(database, wanted, now=now, told=progress(len(ids), "taken out"))
        print(
            f"{name}: {counted(gone.articles, 'article')} and {counted(gone.links, 'link')} taken out, "
            f"and the addresses of {counted(gone.decisions, 'decision')}. It is not fetched again."
        )
        if elsewhere:
            say(f"Stored as before on other pages: {counted(elsewhere, 'near-copy')}.")
        return write_over(database)


def write_over(database: Database) -> int:
    """Let no bytes of what was taken out stay in the file, and name backups that have them; 4 if some may be left."""
    with database.writing() as connection:
        bury_lost(connection, datetime.now(UTC))
    words_gone = forgetting.forget_words(database)
    if not words_gone:
        say("A crawl or rebuild is not at its end: single words that stood nowhere else are kept. Repeat this later.")
    if database.path is not None and (gigabytes := database.path.stat().st_size >> 30):
        say(f"Writing all of {counted(gigabytes, 'gigabyte')} anew …")
    try:
        done = compact(database)
    except KeyboardInterrupt:
        complain("Nothing is stored of it, but bytes of it are in the file. Repeat the command.")
        raise
    if not done:
        say("Others are reading the file: bytes of it may be left there. Repeat the command later.")
    for backup in backups(database):
        say(f"A backup from before has it still: {backup}")
    return 0 if done and words_gone else 4
