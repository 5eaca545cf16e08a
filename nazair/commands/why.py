"""`nazair why`: every decision about a URL."""

from __future__ import annotations

import click

from corpus.errors import NotStored, UsageError
from corpus.store import frontier, runs, tombstones
from nazair.context import Context, verb
from nazair.logs import visible
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


@verb("why")
@click.argument("url")
@format_option()
def command(context: Context, url: str, output_format: str) -> int:
    """Every decision about a URL, and why.

    \b
    Examples:
      nazair why https://example.com/news/1
      nazair why https://example.com/news/1 -f json
    """
    from corpus.urls import normalise

    address = normalise(url)
    if address is None:
        raise UsageError(f"{url!r} is not an http(s) URL. Example: https://example.com/news/1")
    with context.reading() as connection:
        past = runs.why(connection, address)
        waiting = frontier.state_of(connection, address)
        stone = tombstones.of_page(connection, address)
    if not past and not waiting and stone is None:
        raise NotStored(f"Nothing is known about {address}: no feed, sitemap or page that was read names it.")
    rows: list[dict[str, object]] = [
        {
            "decided_at": one.decided_at,
            "run_id": one.run_id,
            "source_id": one.source_id,
            "channel": one.channel,
            "outcome": one.outcome.value,
            "reason": one.reason,
            "article_id": one.article_id,
        }
        for one in past
    ]
    rows += [_skipped(one) for one in waiting if one.state == "skipped"]
    if stone is not None:
        rows.append(_told(decided_at=stone.forgotten_at, outcome="forgotten", reason=stone.told))
    if output_format != "table":
        rows += [_waiting(one) for one in waiting if one.state in ("pending", "leased")]
    emit(rows, COLUMNS, output_format, empty=f"Nothing was decided yet about {visible(address)}.")
    if output_format == "table":
        for one in waiting:
            print(_where(one))
    return 0


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
    names = ("decided_at", "run_id", "source_id", "channel", "outcome", "reason", "article_id")
    return dict.fromkeys(names) | known
