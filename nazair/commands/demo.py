"""`nazair demo`: the whole of it on bundled pages, offline."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import click

from corpus import ask, shown_lists
from corpus.reprints import largest_groups
from corpus.store import articles
from corpus.types import Filter
from nazair.commands.similar import Answer, emit_list
from nazair.context import Context, say, verb
from nazair.fetching import exit_code, fetch, report

TOPIC = "alaska-summit"
DATABASE = "nazair-demo.db"


@verb("demo")
@click.option("-n", "--limit", type=click.IntRange(1, 100), default=8, show_default=True, help="How many to list.")
def command(context: Context, limit: int) -> int:
    """Try it on bundled pages: no internet, half a minute.

    Serves a small Arabic web on a port of this machine, crawls it for the Trump–Putin summit in
    Alaska, finds the near-copies, and fills the empty box مقالات مشابهة under a reader's essay.
    The collection stays in ./nazair-demo.db (or --db) to be asked further.

    \b
    Examples:
      nazair demo
      nazair demo --db /tmp/demo.db -n 5
    """
    from crawler.catalogue import load
    from crawler.plan import plan_crawl
    from nazair.demo.server import serve
    from nazair.demo.web import SEED, bundled_web, read_web

    context.db = context.db or DATABASE
    folder = bundled_web()
    web = read_web(folder)
    seed = web.url_of(SEED)
    with serve(web) as server:
        say(f"Serving {len(web.articles)} bundled articles on {server.url} (no internet used)")
        plan = plan_crawl(load(folder), TOPIC)
        run = fetch(context, plan, {"NAZAIR_PROXY": server.url})
    with context.opened() as database, database.reading() as connection:
        outcomes = report(connection, run)
        if (code := exit_code(run, outcomes)) != 0:
            return code
        groups = largest_groups(connection, Filter(), limit=None)
        count = articles.size(connection)
        seed_id = ask.article_id(connection, seed)
        seeded = ask.article(connection, seed_id).article
        answer = Answer(
            article={"id": seed_id, "url": seed, "title": seeded.title},
            similar=shown_lists.similar(connection, seed_id, Filter(), limit=limit),
        )
    copies = sum(len(group) for group in groups)
    say(f"{count} articles on the topic are in {database.name}; {copies} of them in {len(groups)} groups of copies.\n")
    emit_list(answer, "table")
    _say_what_next(database.name, seed_id)
    return 0


def _say_what_next(database: str, seed_id: int) -> None:
    command = _as_typed(Path(sys.argv[0]))
    db = f"--db {shlex.quote(database)}"
    say(
        f"Next:\n"
        f"  {command} similar {seed_id} --explain {db}\n"
        f"  {command} copies {db}\n"
        f"  {command} search قمة ألاسكا {db}"
    )


def _as_typed(script: Path) -> str:
    """How this program is called from here."""
    if script.name != "nazair":
        return "python -m nazair"
    if (on_path := shutil.which("nazair")) and Path(on_path).samefile(script):
        return "nazair"
    return shlex.quote(os.path.relpath(script))
