"""`nazair schedule`: crawls at times."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from corpus.errors import UnknownName, UsageError
from corpus.store import schedules
from corpus.store.schedules import Schedule
from nazair.context import Context, global_options, say, verb
from nazair.options import Duration, network_options, single_option
from nazair.output import emit, format_option
from nazair.schedule.rows import COLUMNS, ROW, local, row_of

if TYPE_CHECKING:
    from corpus.store import Connection

LONGEST_NAME = 64

# Far more is no INTEGER of PostgreSQL.
MOST_PAGES = 1_000_000_000


@global_options
@click.group("schedule")
def command() -> None:
    """Crawls at times: cron expressions in a time zone.

    Each crawl reads the feeds, sitemaps and sections whose time has come, as `nazair crawl --due` does.
    Nothing runs by itself: `nazair schedule run` is the service that minds them, and `nazair schedule unit`
    prints what systemd, cron or Kubernetes need in its place.

    \b
    Examples:
      nazair schedule add summit --topic alaska-summit --cron '0 */6 * * *' --tz Asia/Riyadh
      nazair schedule list
      nazair schedule run --contact you@example.org
    """


@verb("add", of=command)
@click.argument("name")
@single_option("--topic", "topic_id", required=True, metavar="ID", help="What to crawl for.")
@single_option("--cron", metavar="EXPR", help="When: minute, hour, day, month, day of the week; or @daily.")
@click.option("--every", type=Duration(least="1m"), metavar="TIME", help="Or so often, as 30m or 6h.")
@click.option("--tz", "zone", default="UTC", show_default=True, metavar="ZONE", help="The zone that --cron means.")
@click.option("--jitter", type=Duration(), metavar="TIME", help="Begin up to so much later, differently each time.")
@click.option("--source", "source_ids", multiple=True, metavar="ID", help="Only this source; may be repeated.")
@click.option(
    "--max-pages", type=click.IntRange(1, MOST_PAGES), metavar="N", help="Articles fetched by one crawl at most."
)
@click.option(
    "--max-time", type=Duration(least="1s", unit="s"), metavar="TIME", help="How long one crawl may take, as 90m."
)
def add(
    context: Context,
    *,
    name: str,
    topic_id: str,
    cron: str | None,
    every: timedelta | None,
    zone: str,
    jitter: timedelta | None,
    source_ids: tuple[str, ...],
    max_pages: int | None,
    max_time: timedelta | None,
) -> int:
    """Let a topic be crawled at times. The first time is the next that comes.

    \b
    Examples:
      nazair schedule add summit --topic alaska-summit --cron '30 5 * * *' --tz Africa/Cairo
      nazair schedule add often --topic alaska-summit --every 30m --jitter 5m --max-time 20m
    """
    from nazair.schedule.times import check_cron, check_jitter, check_zone, next_start

    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise UsageError(f"{name!r} is no name for a schedule: it needs 1 to {LONGEST_NAME} printable characters.")
    if (cron is None) == (every is None):
        raise UsageError("When? Give either --cron '0 */6 * * *' or --every 6h.")
    catalogue = context.catalogue()
    now = datetime.now(UTC).replace(microsecond=0)
    schedule = Schedule(
        name=name,
        topic_id=catalogue.topic(topic_id).id,
        cron=None if cron is None else check_cron(cron),
        every_s=None if every is None else int(every.total_seconds()),
        zone=check_zone(zone),
        jitter_s=int(jitter.total_seconds()) if jitter else 0,
        source_ids=tuple(catalogue.source(one).id for one in source_ids),
        max_pages=max_pages,
        max_time_s=None if max_time is None else int(max_time.total_seconds()),
        created_at=now,
        settled_until=now,
    )
    check_jitter(schedule)
    with context.opened(create=True) as database, database.writing() as connection:
        if not schedules.add(connection, schedule):
            raise UsageError(
                f"There is a schedule {name!r} already; it was left as it is. Choose another name, or take that one "
                f"away first: nazair schedule remove {name}"
            )
    start = next_start(schedule)
    print(f"{name}: first crawl {local(start, zone)} ({zone})." if start else f"{name}: its time never comes.")
    say("Nothing runs until a scheduler does: nazair schedule run, or nazair schedule unit")
    return 0


@verb("list", of=command)
@format_option()
def list_(context: Context, output_format: str) -> int:
    """All schedules: how the last crawl went, and the next three times.

    \b
    Examples:
      nazair schedule list
      nazair schedule list -f json
    """
    now = datetime.now(UTC)
    with context.reading() as connection:
        rows = [row_of(one, now) for one in schedules.all_of(connection)]
    empty = "No schedules. Add one: nazair schedule add NAME --topic ID --cron '…'"
    emit(rows, COLUMNS, output_format, empty=empty, names=ROW)
    return 0


@verb("run", of=command)
@network_options
def run(context: Context, /, **network: Any) -> int:
    """Mind the schedules, in the foreground, until a signal.

    One crawl at a time. Times that passed while nothing ran become one run, which says how many were missed.
    At SIGTERM or Ctrl-C the crawl that runs may finish; a second one ends it where it stands, and nothing is lost.

    \b
    Examples:
      nazair schedule run --contact you@example.org
      NAZAIR_CONTACT=you@example.org nazair schedule run --db postgresql://me@host/nazair
    """
    from nazair.schedule.minding import mind

    return mind(context, network)


@verb("run-due", of=command)
@network_options
def run_due(context: Context, /, **network: Any) -> int:
    """Run what is due, once, and end, with the worst exit code of its crawls: for cron and timers.

    \b
    Examples:
      nazair schedule run-due --contact you@example.org
      */5 * * * * cd /srv/nazair && .venv/bin/nazair schedule run-due
    """
    from nazair.schedule.minding import one_pass

    return one_pass(context, network)


@verb("pause", of=command)
@click.argument("name")
def pause(context: Context, name: str) -> int:
    """Let a schedule rest.

    \b
    Examples:
      nazair schedule pause summit
      nazair schedule pause summit --db summit.db
    """
    _change(context, name, schedules.pause)
    print(f"{name}: paused. Go on: nazair schedule resume {name}")
    return 0


@verb("resume", of=command)
@click.argument("name")
def resume(context: Context, name: str) -> int:
    """Let a schedule go on with its next time.

    \b
    Examples:
      nazair schedule resume summit
      nazair schedule resume summit --db summit.db
    """
    now = datetime.now(UTC).replace(microsecond=0)
    _change(context, name, lambda connection, one: schedules.resume(connection, one, now=now))
    print(f"{name}: goes on.")
    return 0


@verb("remove", of=command)
@click.argument("name")
def remove(context: Context, name: str) -> int:
    """Take a schedule away; what it collected stays, and a crawl that runs goes on to its end.

    \b
    Examples:
      nazair schedule remove summit
      nazair schedule remove summit --db summit.db
    """
    _change(context, name, schedules.remove)
    print(f"{name}: removed.")
    return 0


@verb("unit", of=command)
@click.argument("kind", type=click.Choice(["systemd", "crontab", "kubernetes"]), default="systemd")
@click.option("--contact", metavar="ADDRESS", help="Who you are, for webmasters.  [NAZAIR_CONTACT]")
@click.option("--image", default="nazair:latest", show_default=True, metavar="IMAGE", help="Of the Kubernetes job.")
def unit(
    context: Context, *, kind: Literal["systemd", "crontab", "kubernetes"], contact: str | None, image: str
) -> int:
    """Print what looks for due crawls every five minutes: a systemd unit and timer, a crontab line, a CronJob.

    \b
    Examples:
      nazair schedule unit systemd --db /srv/nazair/nazair.db
      nazair schedule unit crontab >> my-crontab
      nazair schedule unit kubernetes --image registry.example/nazair:1
    """
    from corpus import copy_days, meaning
    from crawler.politeness import check_contact
    from nazair.schedule import units

    contact = contact or os.environ.get("NAZAIR_CONTACT")
    if not contact:
        raise UsageError("Webmasters must be able to write to you. Say who you are: --contact, or set NAZAIR_CONTACT.")
    check_contact(contact)
    carried = (copy_days.VARIABLE, meaning.VARIABLE)  # what a crawl makes of an article hangs on them
    setting = units.Setting(
        folder=Path.cwd(),
        file=context.file.resolve() if context.file else None,
        config=context.config_dir.resolve() if context.config_dir else None,
        variables={"NAZAIR_CONTACT": contact, **{name: os.environ[name] for name in carried if os.environ.get(name)}},
        user=units.owner(context.file or Path.cwd()),
    )
    if kind == "kubernetes":
        print(units.kubernetes(setting, image=image), end="")
    else:
        print((units.systemd if kind == "systemd" else units.crontab)(setting), end="")
    return 0


def _change(context: Context, name: str, change: Callable[[Connection, str], bool]) -> None:
    """Change the schedule of this name. Raises UnknownName."""
    with context.opened() as database, database.writing() as connection:
        if not change(connection, name):
            known = [one.name for one in schedules.all_of(connection)]
            raise UnknownName("schedule", name, known=known, see="nazair schedule list")
