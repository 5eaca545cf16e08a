"""`nazair db`: information, upgrade, check, rebuild, copy."""

from __future__ import annotations

from collections.abc import Callable

import click

from corpus import copies, keep, meaning, similar_lists, weighing
from corpus.errors import UsageError
from corpus.plural import counted
from corpus.signature import SETTINGS
from corpus.store import Connection, articles, frontier, lists
from corpus.store.database import REVISIONS, Database, connect
from corpus.store.upkeep import integrity_problems, lacking, upgrade
from corpus.types import Filter
from corpus.weighing import TermCounts
from nazair.context import Context, complain, global_options, progress, say, verb

# Articles that are looked at in one transaction: a crawl that waits for it waits a second or two.
REBUILT_AT_ONCE = 100

# What an interruption loses: about ten seconds of embedding.
EMBEDDED_AT_ONCE = 32

REBUILD_SIGNATURES = "nazair db rebuild --signatures"


@global_options
@click.group("db")
def command() -> None:
    """The database: information, upgrade, check, rebuild, copy.

    \b
    Examples:
      nazair db info
      nazair db check --db summit.db
    """


@verb("info", of=command)
def info(context: Context) -> int:
    """Where it is, at which revision, and how large.

    \b
    Examples:
      nazair db info
      nazair db info --db postgresql://me@host/nazair
    """
    with connect(context.database) as database:
        revision = database.revision()
        print(f"database    {database.name} ({'SQLite' if database.is_sqlite else 'PostgreSQL'})")
        print(f"revision    {revision or 'none'}; this nazair needs {REVISIONS[-1]}")
        if database.path is not None:
            print(f"size        {database.path.stat().st_size:,} bytes")
        if revision == REVISIONS[-1]:
            with database.reading() as connection:
                print(f"articles    {articles.size(connection):,}")
                print(f"similar     {weighing.told(connection)}")
                print(f"search      {_analysed(connection)}")
                print(f"frontier    {sum(frontier.counts(connection).values()):,} URLs")
    return 0


@verb("upgrade", of=command)
def upgrade_(context: Context) -> int:
    """Bring it to the revision that this nazair needs; on SQLite a backup is made first.

    \b
    Examples:
      nazair db upgrade
      nazair db upgrade --db postgresql://me@host/nazair
    """
    with connect(context.database) as database:
        revision = database.revision()
        if revision == REVISIONS[-1]:
            print(f"{database.name} is at revision {revision} already.")
            return 0
        backup = upgrade(database)
        print(f"{database.name} is now at revision {REVISIONS[-1]}." + (f" Backup: {backup}" if backup else ""))
    return 0


@verb("check", of=command)
def check(context: Context) -> int:
    """Look for damage: of the file, of references, of tables, of signatures made with other settings.

    \b
    Examples:
      nazair db check
      nazair db check --db summit.db
    """
    with context.opened() as database:
        if database.path is not None and (gigabytes := database.path.stat().st_size >> 30):
            say(f"Reading all of {counted(gigabytes, 'gigabyte')} …")
        problems = integrity_problems(database) or lacking(database) or _unfinished(database)
        if problems:
            print(*problems, sep="\n")
            complain(f"{counted(len(problems), 'problem')} in {database.name}.")
            return 2
        with database.reading() as connection:
            count = articles.size(connection)
    print(f"{database.name}: sound, {counted(count, 'article')}.")
    return 0


@verb("rebuild", of=command)
@click.option("--text", is_flag=True, help="Take out lines that crawls since then found on page after page.")
@click.option("--signatures", is_flag=True, help="Analyse and compare all texts again, as this version does.")
@click.option("--similar", is_flag=True, help="Weigh all words anew, and make all similar lists.")
def rebuild(context: Context, *, text: bool, signatures: bool, similar: bool) -> int:
    """Make again what is derived, with what is known now. Safe to interrupt: what is done stays done.

    --text: a line that stands on many pages of a source is its template's, not the article's. A crawl
    leaves such lines out once it has met them on three pages; this takes them out of the articles that
    were stored before. Near-copies, similar lists and the search index follow the new texts.

    --signatures: what texts are compared by depends on settings of the version that stored them, which are kept
    beside it; texts of two settings are never compared. Signatures, copy groups and the search index are made anew,
    and then all similar lists, which until then may name copies; a search finds what is done. A crawl may run in
    between.

    --similar: how much a word tells depends on the collection that it was weighed in. Up to 20,000 articles
    crawls see to that; later, `nazair db info` says how far the collection has moved on. All or nothing,
    in minutes for which crawls wait.
    With NAZAIR_SEMANTIC=1 articles that have no embedding get one first: two to eight a second.

    \b
    Examples:
      nazair db rebuild --text
      nazair db rebuild --similar --db summit.db
    """
    if not (text or signatures or similar):
        raise UsageError(
            "Nothing to rebuild was named. Examples: nazair db rebuild --text, nazair db rebuild --similar"
        )
    with context.opened() as database:
        if text:
            changed, count = _rebuild_texts(database)
            print(f"{changed:,} of {counted(count, 'article')} had lines that their sources repeat; these are gone.")
        if signatures:
            print(f"{counted(_rebuild_signatures(database), 'article')} compared anew.")
        if similar:
            if meaning.is_on() and (made := _embed(database)):
                print(f"{counted(made, 'article')} got an embedding.")
            with database.writing() as connection:
                similar_lists.renew(connection, told=_lists_made(connection))
                print(f"{articles.size(connection):,} similar lists made anew.")
    return 0


@verb("copy", of=command)
@click.argument("to", metavar="FILE|URL")
def copy(context: Context, to: str) -> int:
    """Copy the collection to another database: from SQLite to PostgreSQL, or back.

    All of it or nothing, counted and compared. What is there already is left alone. While it is copied a crawl may
    go on; what it stores meanwhile is not in the copy.

    \b
    Examples:
      nazair db copy postgresql://me@host/nazair --db nazair.db
      nazair db copy nazair.db --db postgresql://me@host/nazair
    """
    from corpus.store import transfer

    with context.opened() as database:
        if transfer.same_place(database, to):
            raise UsageError(f"{database.name} is what would be copied. Name another database.")
        counts = transfer.copy(database, to, told=_Copied())
        rows, stored = counted(sum(counts.values()), "row"), counted(counts["articles"], "article")
        print(f"{rows} copied, counted and compared; {stored}.")
    return 0


class _Copied:
    """What says which tables are copied, and of one that takes long how far it is."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, bool], Callable[[int], None]] = {}

    def __call__(self, table: str, done: int, of: int, *, compared: bool) -> None:
        if compared and done == of:
            say(f"{table:<15} {of:>12,} rows")
        else:
            what = f"of {table} {'compared' if compared else 'copied'}"
            self._told.setdefault((table, compared), progress(of, what, noun="row"))(done)


def _analysed(connection: Connection) -> str:
    """In one line, whether a search knows the words of all articles, and what to do when it does not."""
    if keep.is_of_another_version(connection):
        return f"words as another version read them, so that searches miss some: {REBUILD_SIGNATURES} reads them anew"
    return "words as this version reads them"


def _unfinished(database: Database) -> list[str]:
    """What of the signatures is to be rebuilt."""
    with database.reading() as connection:
        other = copies.other_settings(connection)
        waiting = articles.without_text(connection, limit=1)
    found = [f"signatures made with {other!r}, not {SETTINGS!r}: {REBUILD_SIGNATURES}"] if other is not None else []
    return found + [f"a rebuild of signatures was interrupted; go on with it: {REBUILD_SIGNATURES}"] * bool(waiting)


def _rebuild_texts(database: Database) -> tuple[int, int]:
    """Take repeated lines out of all articles: (how many had some, how many there are)."""
    counts, changed = TermCounts(), 0
    with database.reading() as connection:
        ids = articles.find(connection, Filter(), sort="id")
    told = progress(len(ids), "looked through")
    for start in range(0, len(ids), REBUILT_AT_ONCE):
        with database.writing() as connection:
            changed += keep.without_repeated(connection, ids[start : start + REBUILT_AT_ONCE], counts=counts)
        told(start + REBUILT_AT_ONCE)
    return changed, len(ids)


def _embed(database: Database) -> int:
    """Give embeddings to the articles that have none of today's model; returns how many there were."""
    after, made = 0, 0
    while True:
        with database.reading() as connection:
            ids = lists.without_embedding(connection, meaning.MODEL, after=after, limit=EMBEDDED_AT_ONCE)
            some = {one: stored.article for one, stored in articles.load(connection, ids).items()}
        if not ids:
            return made
        # Outside of the transaction: a crawl need not wait.
        found = {one: meaning.meaning(article.title, article.text) for one, article in some.items()}
        with database.writing() as connection:
            lists.set_embeddings(connection, meaning.MODEL, {one: of.embedding for one, of in found.items()})
        after, made = ids[-1], made + len(found)


def _lists_made(connection: Connection) -> Callable[[int], None]:
    """What says that words are weighed, and then how many similar lists of how many are made."""
    made = progress(articles.size(connection), "have their similar lists")

    def told(lists: int) -> None:
        if lists:
            made(lists)
        else:
            say("Weighing all words anew …")

    return told


def _rebuild_signatures(database: Database) -> int:
    """Analyse all texts anew, or those that an interrupted rebuild has left; returns how many there were."""
    with database.writing() as connection:
        is_begun = articles.without_text(connection, limit=1)
        if not is_begun or copies.other_settings(connection) is not None or keep.is_of_another_version(connection):
            keep.begin_rebuild(connection)
    with database.reading() as connection:
        left = articles.count_without_text(connection)
        made = _lists_made(connection)
    done, counts, told = 0, TermCounts(), progress(left, "compared anew")
    while True:
        with database.writing() as connection:
            some = keep.rebuild(connection, counts=counts, told=made)
        if not some:
            return done
        done += some
        told(done)
