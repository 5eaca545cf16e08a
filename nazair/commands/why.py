"""`nazair why`: what was decided about a page."""

from __future__ import annotations

import click

from corpus import ask
from corpus.errors import NotStored
from corpus.plural import counted
from corpus.store import Connection, frontier, runs, tombstones
from nazair.context import Context, say, verb
from nazair.logs import visible
from nazair.options import limit_option
from nazair.output import UNCUT, Column, column, emit, format_option, minute

COLUMNS = (
    Column(heading="when (UTC)", of=lambda row: minute(row["decided_at"]), options=UNCUT),
    column("run_id", "run", justify="right"),
    column("source_id", "source"),
    column("channel", "found in"),
    column("outcome"),
    column("reason", "why", ratio=1, overflow="fold"),
    column("article_id", "article", justify="right"),
)

ROW = ("decided_at", "run_id", "source_id", "channel", "outcome", "reason", "article_id")


@verb("why")
@click.argument("page", metavar="ID|URL")
@limit_option(20)
@format_option()
def command(context: Context, page: str, *, limit: int, output_format: str) -> int:
    """What was decided about a page, and why.

    The last decisions, oldest first; of a feed that is read every hour there are many.

    \b
    Examples:
      nazair why https://example.com/news/1
      nazair why 3 -f json
    """
    with context.reading() as connection:
        address = ask.address(connection, page)
        addresses = _addresses(connection, address)
        past = runs.why(connection, *addresses, limit=limit)
        more = runs.times_decided(connection, *addresses) - len(past)
        waiting = [one for url in addresses for one in frontier.state_of(connection, url)]
        stone = tombstones.of_page(connection, address)
    if not past and not waiting and stone is None:
        raise NotStored(
            f"Nothing is known about {address}: no feed, sitemap or page that was read names it, "
            "but for what is left out of them, as of another site or edition."
        )
    rows: list[dict[str, object]] = [
        {name: getattr(one, name) for name in ROW} | {"outcome": one.outcome.value} for one in past
    ]
    rows += [_skipped(one) for one in waiting if one.state == "skipped"]
    if stone is not None:
        rows.append(_told(decided_at=stone.forgotten_at, outcome="forgotten", reason=stone.told))
    if output_format != "table":
        rows += [_waiting(one) for one in waiting if one.state in ("pending", "leased")]
    known = (
        "What was decided is no longer known"
        if any(one.state == "done" for one in waiting)
        else "Nothing was decided yet"
    )
    emit(rows, COLUMNS, output_format, empty=f"{known} about {visible(address)}.", names=ROW)
    if output_format == "table":
        for one in waiting:
            print(_where(one))
    if more:
        say(f"These are the last {len(past)}; before them {counted(more, 'decision')}: -n N")
    return 0


def _addresses(connection: Connection, address: str) -> list[str]:
    """This address, or where it was never asked for and an article is shown under it, those that it was read from."""
    if not frontier.state_of(connection, address) and not runs.times_decided(connection, address):
        article_id = runs.article_at(connection, address)
        if article_id is not None:
            return runs.addresses_of(connection, article_id)
    return [address]


def _where(one: frontier.Waiting) -> str:
    """Where a page stands in a queue, in a sentence."""
    later = f", to be tried again from {minute(one.next_try_at)} UTC" if one.next_try_at else ""
    if one.state == "done" and one.due_at:
        later = f", to be visited again from {minute(one.due_at)} UTC"
    called = f", called «{visible(one.title)}»" if one.title else ""
    return f"In the frontier of {one.queue}: {one.state}{later}; found in {one.channel}{called}."


def _waiting(one: frontier.Waiting) -> dict[str, object]:
    """The row of a page that is still to be fetched."""
    return _told(source_id=one.source_id, channel=one.channel, outcome=one.state, reason=_where(one))


def _skipped(one: frontier.Waiting) -> dict[str, object]:
    """The row of a page that was never asked for."""
    reason = f"not fetched for {one.queue}: {one.reason}"
    return _told(source_id=one.source_id, channel=one.channel, outcome="skipped", reason=reason)


def _told(**known: object) -> dict[str, object]:
    """A row that no run decided."""
    return dict.fromkeys(ROW) | known
