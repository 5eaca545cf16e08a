"""What all commands share: the global options, and how to open what they name."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from corpus.errors import ConfigError
from corpus.plural import counted

if TYPE_CHECKING:
    from corpus.store import Connection
    from corpus.store.database import Database
    from crawler.catalogue import Catalogue

C = TypeVar("C", bound=click.Command)

# Who waits for minutes wants to know that something happens, and how long it may take.
SAID_EVERY_S = 10.0


@dataclass
class Context:
    """The global options of this call, wherever on the command line they stood."""

    db: str = ""
    config: Path | None = None
    quiet: bool = False
    verbose: int = 0
    log_format: str = "text"

    @property
    def database(self) -> str:
        """Where the collection is: --db, NAZAIR_DB, or nazair.db here."""
        return self.db or os.environ.get("NAZAIR_DB") or "nazair.db"

    @property
    def file(self) -> Path | None:
        """The file that the collection is in; None where a URL names it."""
        from corpus.store.engine import file_of

        return file_of(self.database)

    @property
    def exists(self) -> bool:
        """Whether the collection is there; a database with a URL is taken to be."""
        return self.file is None or self.file.exists()

    @property
    def config_dir(self) -> Path | None:
        """The configuration folder: --config, NAZAIR_CONFIG, or none."""
        named = os.environ.get("NAZAIR_CONFIG")
        return self.config or (Path(named) if named else None)

    def catalogue(self) -> Catalogue:
        """Sources and topics. Raises ConfigError."""
        from crawler.catalogue import load

        return load(self.config_dir)

    def use_spellings(self) -> None:
        """Know the names that the configuration folder's spellings.toml spells. Raises ConfigError."""
        from corpus.terms import use_spellings

        folder = self.config_dir
        if folder is not None and not folder.is_dir():
            raise ConfigError(folder, why="there is no such folder")
        file = folder / "spellings.toml" if folder else None
        use_spellings(file if file is not None and file.exists() else None)

    @contextmanager
    def opened(self, *, create: bool = False) -> Iterator[Database]:
        """The database. Raises DatabaseError, and what is wrong with spellings and what the environment sets."""
        from corpus.copy_days import copy_days
        from corpus.meaning import is_on
        from corpus.store.database import open_database

        self.use_spellings()
        is_on()
        copy_days()
        with open_database(self.database, create=create) as database:
            yield database

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database. Raises DatabaseError."""
        with self.opened() as database, database.reading() as connection:
            yield connection


MOST_VERBOSE = 2  # -vv: whatever libraries have to say

pass_context = click.make_pass_decorator(Context, ensure=True)

# Of this call: what is said on stderr obeys it, wherever it is said.
_current = Context()


def begin() -> Context:
    """The options of a call that begins, none of them set."""
    global _current  # noqa: PLW0603
    _current = Context()
    return _current


def verbosity() -> int:
    """How many -v this call had."""
    return _current.verbose


def log_format() -> str:
    """How this call wants its messages written, text or json."""
    return _current.log_format


def say(sentence: str) -> None:
    """Say something on stderr, unless only errors are wanted."""
    if not _current.quiet:
        _write(sentence, logging.INFO)


def progress(
    count: int, what: str, *, noun: str = "article", clock: Callable[[], float] = time.monotonic
) -> Callable[[int], None]:
    """What hears how many of `count` articles, or other things, are done, and says it every SAID_EVERY_S."""
    said_at = clock()

    def told(done: int) -> None:
        nonlocal said_at
        if (now := clock()) >= said_at + SAID_EVERY_S:
            said_at = now
            say(f"{min(done, count):,} of {counted(count, noun)} {what} …")

    return told


def complain(sentence: str) -> None:
    """Say on stderr what went wrong."""
    _write(sentence, logging.ERROR)


def _write(sentence: str, level: int) -> None:
    from nazair.logs import json_line

    with suppress(OSError):  # nobody reads it, or the disk below it is full: what is done counts
        print(json_line(sentence, level) if _current.log_format == "json" else sentence, file=sys.stderr, flush=True)


def global_options(command: C) -> C:
    """The command with the options that may stand before or after its name, behind its own."""
    option = partial(click.option, callback=_remember, expose_value=False, is_eager=True)
    for add in (
        option("--db", metavar="FILE|URL", help="The collection.  [NAZAIR_DB, else ./nazair.db]"),
        option(
            "--config",
            metavar="DIR",
            type=click.Path(path_type=Path),
            help="A folder with your sources/, topics/ and spellings.toml.  [NAZAIR_CONFIG]",
        ),
        option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
        option("-v", "--verbose", count=True, help="Say more; with errors, where they happened."),
        option("--log-format", type=click.Choice(["text", "json"]), help="How messages are written to stderr."),
    ):
        add(command)
    return command


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value and param.name is not None:
        setattr(ctx.ensure_object(Context), param.name, value)


def verb(
    name: str, cls: type[click.Command] = click.Command, *, of: click.Group | None = None
) -> Callable[[Callable[..., Any]], click.Command]:
    """A click command, of a group or of `nazair`, with the global options and the context as first argument."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        made = global_options(click.command(name, cls=cls)(pass_context(function)))
        if of is not None:
            of.add_command(made)
        return made

    return decorate


def set_up_logging(context: Context) -> None:
    """Send messages to stderr, as --log-format, -q and -v say."""
    from nazair.logs import handler, without_chatter

    levels = logging.WARNING, logging.INFO, logging.DEBUG
    level = logging.ERROR if context.quiet else levels[min(context.verbose, MOST_VERBOSE)]
    root = logging.getLogger()
    root.handlers[:] = [handler(context.log_format)]
    root.setLevel(level)
    if context.verbose < MOST_VERBOSE:
        # On the handler, because Scrapy sets the levels of its own loggers when it starts.
        root.handlers[0].addFilter(without_chatter)
