"""The command `nazair`: its groups, global options and exit codes.

Commands are imported when they are called, so that `nazair --help` answers at once. What a
command does is in `nazair.commands`, one module a command.
"""

from __future__ import annotations

import errno
import gc
import importlib
import io
import os
import signal
import sys
from typing import Any, NoReturn

import click

from corpus.errors import DISK_IS_FULL, NazairError
from nazair import __version__
from nazair.context import begin, complain, global_options, log_format, verbosity

# Command → (heading, one line of help). The line stands here so that help imports nothing;
# a test compares it with the command's own.
COMMANDS = {
    "demo": ("Start here", "Try it on bundled pages: no internet, half a minute."),
    "crawl": ("Collect", "Collect the coverage of a topic."),
    "add": ("Collect", "Fetch and store single pages."),
    "import": ("Collect", "Take in the pages of a web archive or a folder, or the articles of an export."),
    "schedule": ("Collect", "Crawls at times: cron expressions in a time zone."),
    "runs": ("Collect", "Past crawls, and what became of what they fetched."),
    "why": ("Collect", "What was decided about a page, and why."),
    "similar": ("Ask", "Articles like a given one."),
    "search": ("Ask", "Articles that contain words."),
    "show": ("Ask", "One article."),
    "list": ("Ask", "The stored articles."),
    "copies": ("Ask", "Who repeated whom."),
    "stats": ("Ask", "What the collection holds."),
    "export": ("Ask", "Write the collection to a file for other programs."),
    "fill": ("Publish", "A page with its empty list of similar articles filled."),
    "serve": ("Publish", "Pages, a JSON API and a widget for other people's sites."),
    "embed": ("Publish", "Similar lists as files, for sites without a server."),
    "topics": ("Set up", "The topics: subjects with their spellings."),
    "sources": ("Set up", "The sources: outlets and where they list their news."),
    "read": ("Set up", "What is taken from a page, and where it was found."),
    "db": ("Care", "The database: information, upgrade, check, rebuild, copy."),
    "forget": ("Care", "Take a page or a domain out, for good."),
    "purge": ("Care", "Take out what was stored long ago."),
    "doctor": ("Care", "What this machine has, and what is missing."),
}

# Python looks for circular garbage each time that it has 700 objects more, and imports make 200,000: a tenth of what it
# costs to start a crawl.
OBJECTS_BETWEEN_COLLECTIONS = 7_000

# Commands whose names Python keeps for itself.
MODULES = {"import": "import_"}


class ReaderGone(Exception):
    """Whoever reads what is written to standard output (head, less) has seen enough."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGone from error  # click would end with the exit code of a bug

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"nazair.commands.{MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        headings = dict.fromkeys(heading for heading, _ in COMMANDS.values())
        for heading in headings:
            rows = [(name, line) for name, (under, line) in COMMANDS.items() if under == heading]
            with formatter.section(heading):
                formatter.write_dl(rows)
        formatter.write("\nRun 'nazair COMMAND -h' for options and examples.\n")


@global_options
@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="nazair (نظائر) %(version)s")
def nazair() -> None:
    """نظائر (nazair): collect the Arabic coverage of a topic, and list the similar articles."""


def main(args: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with the code that says how it went."""
    if sys.platform == "win32":
        complain("nazair runs on Linux. On Windows, use it in WSL, the Windows Subsystem for Linux.")
        sys.exit(2)
    if args is None and sys.getfilesystemencoding() != "utf-8" and "utf8" not in sys._xoptions:
        # What is typed and how files are called is Arabic too: Python begins anew, whatever the locale.
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - ourselves
    if sys.modules["__main__"].__spec__ is None:
        # The processes that are started are Python's as this one is: no script looks for modules where it is called.
        os.environ["PYTHONSAFEPATH"] = "1"
    # So that what is half done is given up in good order: a file beside the one that is written, a run.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _open_streams()
    sys.exit(run(args))


def _open_streams() -> None:
    """Let the standard streams be UTF-8, whatever the locale; and let those that the shell closed be there.

    Else the next file that is opened would take the place of one. What is written to a standard output that is closed
    is an error, as to a full disk; nobody reads a standard error that is closed.
    """
    for number, flags, name in ((0, os.O_RDONLY, "stdin"), (1, os.O_RDONLY, "stdout"), (2, os.O_WRONLY, "stderr")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, flags)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace" if stream is sys.stderr else None)


def run(args: list[str] | None = None) -> int:
    """The exit code of the command line `args`; errors are printed as sentences."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    try:
        result: Any = nazair.main(args=args, prog_name="nazair", standalone_mode=False, obj=begin())
        sys.stdout.flush()
    except NazairError as error:
        _say(error)
        return error.exit_code
    except click.ClickException as error:
        _show(error)
        return 2
    except (click.Abort, KeyboardInterrupt):
        complain("Interrupted.")
        return 130
    except (ReaderGone, BrokenPipeError):
        # Python would complain again when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _unexpected(error)
    return result if isinstance(result, int) else 0


def _show(error: click.ClickException) -> None:
    if log_format() == "json":
        _tell(error.format_message())
    else:
        error.show()


def _unexpected(error: Exception) -> int:
    """The exit code of what no command expects: a full disk behind standard output, else a bug."""
    if isinstance(error, OSError) and error.errno in {*DISK_IS_FULL, errno.EBADF}:
        _tell(f"the output is not complete: {error.strerror}.")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    if _is_verbose():
        raise error
    if isinstance(error, MemoryError) or "start new thread" in str(error):
        _tell("this machine has not enough memory, or gives no further thread (ulimit -a tells its limits).")
        return 2
    _tell(f"this is a bug in nazair: {error!r}\n  See where: nazair -v …")
    return 1


def _say(error: NazairError) -> None:
    if _is_verbose() and error.__cause__ is not None:
        import traceback

        traceback.print_exception(error)
    _tell(str(error))


def _tell(sentence: str) -> None:
    """Say on stderr what is wrong: as a sentence, or as a line of JSON where --log-format asks for that."""
    complain(sentence if log_format() == "json" else f"Error: {sentence}")


def _is_verbose() -> bool:
    return verbosity() > 0
