"""`nazair add`: fetch and store single pages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import NotStored, UsageError
from corpus.store import runs, tombstones
from corpus.types import STORED
from nazair.context import Context, verb
from nazair.fetching import exit_code, fetch, network_settings
from nazair.options import network_options
from nazair.output import column, emit_table

if TYPE_CHECKING:
    from corpus.store import Connection
    from corpus.store.runs import PastDecision, Run
    from crawler.plan import Plan


@verb("add")
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
@network_options
def command(context: Context, *, urls: tuple[str, ...], **network: Any) -> int:
    """Fetch and store single pages.

    They are stored whatever they are about; topics only say which of them they belong to. A page
    that is no article, or not in Arabic, is not stored, and the table says why. With - the URLs
    are read from standard input, one a line.

    \b
    Examples:
      nazair add https://example.com/news/1 --contact you@example.org
      nazair add - --contact you@example.org < urls.txt
    """
    from crawler.plan import plan_add

    named = list(urls) if urls != ("-",) else _lines(sys.stdin.read())
    if not named:
        raise UsageError("No URL on standard input: one a line is expected.")
    plan = plan_add(context.catalogue(), named)
    settings = network_settings(**network)
    _refuse_forgotten(context, [link.url for link in plan.seeds])
    run = fetch(context, plan, settings)
    with context.reading() as connection:
        decided = runs.decided(connection, run.id) + _decided_by_others(connection, run, plan)
    rows = [{"id": one.article_id, "outcome": one.outcome.value, "why": one.reason, "url": one.url} for one in decided]
    emit_table(
        rows,
        [
            column("id", justify="right"),
            column("outcome"),
            column("why", overflow="fold"),
            column("url", overflow="fold"),
        ],
        empty="Nothing was fetched.",
    )
    outcomes = {one.outcome for one in decided}
    if outcomes.isdisjoint(STORED):
        return 130 if run.status == "stopped" else 3
    return exit_code(run, dict.fromkeys(outcomes, 1))


def _decided_by_others(connection: Connection, run: Run, plan: Plan) -> list[PastDecision]:
    """What became of the pages that another run fetched in the place of this one: it had their host."""
    made = [one for link in plan.seeds for one in runs.why(connection, link.url)[-1:]]
    return [one for one in made if one.run_id != run.id and one.decided_at >= run.started_at]


def _lines(text: str) -> list[str]:
    """The lines that say something; spreadsheets and Notepad put a mark of their own before the first."""
    return [line.strip() for line in text.removeprefix("\ufeff").splitlines() if line.strip()]


def _refuse_forgotten(context: Context, urls: list[str]) -> None:
    """Raise NotStored when one of the pages was to be forgotten: the one who names it now may not know."""
    with context.opened(create=True) as database, database.reading() as connection:
        for url in urls:
            if (stone := tombstones.of_page(connection, url)) is not None:
                what = stone.domain or url
                raise NotStored(f"{url}: {stone.told}. To allow it: nazair forget {what} --undo")
