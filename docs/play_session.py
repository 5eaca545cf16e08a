"""docs/session.md, typed anew: `python -m docs.play_session` writes under each command what it prints; a test compares.

Every command runs in one folder, on the bundled web, as it stands on the page. Numbers are of the day: a port, seconds,
ids (articles are numbered as they arrive).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

PAGE = Path(__file__).with_name("session.md")
ESSAY = PAGE.parent.parent / "fixtures" / "seed" / "essay.html"
CONSOLE = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)


def commands(text: str) -> list[str]:
    """The command lines of a page, in their order."""
    return re.findall(r"^\$ (.*)$", "\n".join(CONSOLE.findall(text)), re.MULTILINE)


def played(typed: list[str], folder: Path) -> Iterator[str]:
    """What each command line prints, run one after the other in a folder that has the essay of the example."""
    shutil.copy(ESSAY, folder)
    environment, code = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(PAGE.parent.parent)}, 0
    environment.pop("NAZAIR_DB", None)
    for line in typed:
        first, *rest = shlex.split(line, comments=True)
        if first == "export":
            environment |= dict([rest[0].split("=", 1)])
            yield ""
        elif first == "echo":
            yield f"{code}\n"
        elif first == "nazair":
            done = subprocess.run(  # noqa: S603 - the page is ours
                [sys.executable, "-m", "nazair", *rest],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                text=True,
                check=False,
            )
            code = done.returncode
            yield _as_shown(done.stdout)
        else:
            raise ValueError(f"a session has no command {first!r}")


def _as_shown(output: str) -> str:
    """Without empty lines, and without the line that a slow machine prints every ten seconds."""
    lines = [line.rstrip() for line in output.replace("python -m nazair", "nazair").split("\n")]
    return "".join(f"{line}\n" for line in lines if line and not re.match(r"\d+ s: ", line))


def written(text: str, outputs: list[str]) -> str:
    """A page with these outputs under its commands."""
    left = iter(outputs)

    def block(found: re.Match[str]) -> str:
        return "".join(f"$ {line}\n{next(left)}" for line in re.findall(r"^\$ (.*)$", found[0], re.MULTILINE))

    return CONSOLE.sub(block, text)


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    with TemporaryDirectory() as scratch:
        PAGE.write_text(written(page, list(played(commands(page), Path(scratch)))), encoding="utf-8")
    print(f"{PAGE}: written")
