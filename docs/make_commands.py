"""docs/commands.md, as the commands tell it. `python -m docs.make_commands` writes it; a test holds it true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from nazair.cli import COMMANDS, nazair

PAGE = Path(__file__).with_name("commands.md")

HEAD = """\
# All commands

Made from the commands themselves by `python -m docs.make_commands`; `nazair COMMAND -h` shows the same, with examples.
"""


def page() -> str:
    """The text of docs/commands.md."""
    lines = [HEAD]
    with click.Context(nazair, info_name="nazair", **nazair.context_settings) as context:
        lines += ["## Everywhere", "", *_options(nazair, context, without=set()), ""]
        shared = {option for _, option in _documented(nazair, context)}
        for name in COMMANDS:
            command = nazair.get_command(context, name)
            if command is None:
                raise KeyError(name)
            lines += _section(command, context, f"nazair {name}", shared)
    return "\n".join(lines).rstrip() + "\n"


def _section(command: click.Command, context: click.Context, path: str, shared: set[str]) -> Iterator[str]:
    """A command, and below it those of its group."""
    with click.Context(command, info_name=path.rpartition(" ")[2], parent=context) as own:
        named = [one for one in command.params if isinstance(one, click.Argument)]
        words = [path, *(piece for one in named for piece in one.get_usage_pieces(own))]
        yield f"{'#' * min(3, path.count(' ') + 1)} `{' '.join(words)}`"
        yield ""
        first = (command.help or "").split("\n\n")[0]
        yield " ".join(first.split())
        yield ""
        options = list(_options(command, own, without=shared))
        yield from [*options, ""] if options else []
        if isinstance(command, click.Group):
            for name in sorted(command.commands):
                yield from _section(command.commands[name], own, f"{path} {name}", shared)


def _options(command: click.Command, context: click.Context, *, without: set[str]) -> Iterator[str]:
    for told, option in _documented(command, context):
        if option not in without:
            yield told


def _documented(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """(line of the page, longest name) of each option."""
    for one in command.get_params(context):
        if isinstance(one, click.Option) and not one.hidden and (record := one.get_help_record(context)):
            names, told = record
            yield f"- `{names}`: {' '.join(told.split())}", max(one.opts, key=len)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE}: written")
