"""The documents say what is there: every command and option, and none that is not."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
import pytest

from crawler.catalogue import load
from docs.make_commands import PAGE, page
from nazair.cli import nazair

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = [
    page.parent
    for floor in ("corpus", "pipelines", "crawler", "nazair")
    for page in sorted((ROOT / floor).rglob("__init__.py"))
    if "    " in page.read_text(encoding="utf-8").partition('"""')[2].partition('"""')[0]
]
PAGES = [*sorted(ROOT.glob("*.md")), *(one for one in sorted(ROOT.glob("docs/*.md")) if one != PAGE)]

# What follows a command's name in running text and is no argument of it.
IN_CONSOLE = re.compile(r"^\s*\$ (?:.*[;&|] )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?(nazair .*)$", re.MULTILINE)
IN_TEXT = re.compile(r"`((?:\.venv/bin/)?nazair [^`]+)`")


def test_the_page_of_all_commands_is_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: make docs"


def calls() -> Iterator[tuple[str, str]]:
    """(page, command line) of each call that a document shows."""
    for file in PAGES:
        text = file.read_text(encoding="utf-8")
        for found in (*IN_CONSOLE.findall(text), *IN_TEXT.findall(text)):
            yield file.name, re.sub(r"\s+[|>#] .*| [|>#]$", "", found.replace("\\|", "|"))
    for name, text in helps(nazair, click.Context(nazair), "nazair"):
        for found in re.findall(r"^ +(nazair .*?)(?: {2,}\(.*| +[<>].*)?$", text, re.MULTILINE):
            yield name, found


def helps(command: click.Command, context: click.Context, name: str) -> Iterator[tuple[str, str]]:
    """(command, help) of a command, and of all below it."""
    yield name, command.help or ""
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from helps(found, context, f"{name} {below}")


@pytest.mark.parametrize(("file", "line"), sorted(set(calls())))
def test_a_command_line_that_a_document_shows_exists(file: str, line: str) -> None:
    words = shlex.split(line.removeprefix(".venv/bin/").replace("…", "X"))[1:]
    command: click.Command = nazair
    context = click.Context(nazair, **nazair.context_settings)
    known = {name for one in nazair.get_params(context) for name in one.opts}
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        if name.isupper():  # COMMAND stands for any
            return
        below = command.get_command(context, name)
        assert below is not None, f"{file}: there is no {name!r} in {line!r}"
        command = below
        known |= {option for one in command.get_params(context) for option in one.opts}
    options = {word.partition("=")[0] for word in words if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word)}

    assert options <= known, f"{file}: {line!r}"


def test_a_source_that_help_names_is_one_that_ships_or_of_the_demo() -> None:
    ships, demo = load(None).sources.keys(), load(ROOT / "fixtures" / "web").sources.keys()
    text = "\n".join(text for _, text in helps(nazair, click.Context(nazair), "nazair"))
    crawled = re.findall(r"nazair (?:crawl|read) .*--source (\S+)", text)
    checked = [words.split() for words in re.findall(r"nazair sources (?:check|show) ((?:[a-z]+(?: |$))+)", text, re.M)]
    asked = re.findall(r"(?:--source |source:)([a-z]+)", text)

    assert {*crawled, *chain.from_iterable(checked)} <= ships
    assert {*crawled} < {*asked} <= ships | demo


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_a_link_between_documents_leads_somewhere(file: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", file.read_text(encoding="utf-8")):
        assert (file.parent / target).exists(), f"{file.name}: {target}"


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: str(package.relative_to(ROOT)))
def test_the_page_of_a_package_names_each_of_its_modules_and_no_other(package: Path) -> None:
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    named = re.findall(r"^ *((?:[a-z_]+/?, )*[a-z_]+/?)  +\S", text, re.MULTILINE)

    modules = {one.stem for one in package.glob("*.py")} | {one.parent.name for one in package.glob("*/__init__.py")}
    assert {name.rstrip("/") for line in named for name in line.split(", ")} == modules - {"__init__", "__main__"}
