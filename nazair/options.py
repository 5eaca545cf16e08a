"""Options that several commands share, so that the verbs rhyme."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import click
from click.core import ParameterSource

from corpus.errors import UnknownName
from corpus.types import Filter
from nazair.context import say

if TYPE_CHECKING:
    from corpus.store import Connection
    from nazair.context import Context

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


class Day(click.ParamType[date]):
    """A day, as 2025-08-15."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        from corpus.query import day

        return day(value.strip()) or self.fail(f"{value!r} is not a day. Example: 2025-08-15", param, ctx)


class Duration(click.ParamType[timedelta]):
    """A length of time, as 45s, 30m, 6h or 180d, of some `least` or more. A bare number is none without a `unit`."""

    name = "duration"

    LONGEST: ClassVar = timedelta(days=20_000)  # in seconds, more is no INTEGER of PostgreSQL

    UNITS: ClassVar = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

    def __init__(self, least: str = "0s", *, unit: str = "") -> None:
        self.least, self.unit = least, unit

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        length = self._length(value)
        if length is None:
            self.fail(f"{value!r} is not a length of time. Examples: 45s, 30m, 6h, 180d", param, ctx)
        if length < (self._length(self.least) or timedelta()):
            self.fail(f"{value} is too short: {self.least} at least", param, ctx)
        if length > self.LONGEST:
            self.fail(f"{value} is too long: {self.LONGEST.days}d at most", param, ctx)
        return length

    def _length(self, value: str) -> timedelta | None:
        found = re.fullmatch(r"([0-9]{1,6})([smhdw]?)", value.strip().lower(), re.ASCII)
        unit = found and (found[2] or self.unit)
        return timedelta(**{self.UNITS[unit]: int(found[1])}) if found and unit else None


def limit_option(default: int) -> Callable[[F], F]:
    """-n, how many."""
    return click.option(
        "-n",
        "--limit",
        type=click.IntRange(1, 10_000),
        default=default,
        show_default=True,
        metavar="N",
        help="How many at most.",
    )


def within(found: Sequence[T], limit: int) -> Sequence[T]:
    """At most `limit` of what was found, where one more was looked for; that there is more is told who set no limit."""
    is_default = click.get_current_context().get_parameter_source("limit") is ParameterSource.DEFAULT
    if len(found) > limit and is_default:
        say(f"These are the first {limit}; there are more: -n N")
    return found[:limit]


def single_option(*names: str, **attributes: Any) -> Callable[[F], F]:
    """An option that says what is wanted: two of it are an error, where the last would win in silence."""
    return click.option(*names, **attributes, multiple=True, callback=_single)


def _single(ctx: click.Context, param: click.Parameter, values: tuple[Any, ...]) -> Any:
    if len(values) > 1:
        raise click.UsageError(f"{param.opts[0]} can be given once: call the command for each of them.", ctx)
    return values[0] if values else None


def filter_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--since, --until, --source, --topic, --unreserved: the command gets the filter that they ask for as `wanted`."""

    @wraps(function)
    def filtered(*args: Any, since: date | None, until: date | None, **options: Any) -> Any:
        require_order(since, until)
        limits = {name: options.pop(name) for name in ("source_id", "topic_id", "unreserved")}
        return function(*args, wanted=Filter(since=since, until=until, **limits), **options)

    for option in (
        click.option("--unreserved", is_flag=True, help="Only articles that do not reserve text and data mining."),
        single_option("--topic", "topic_id", metavar="ID", help="Only articles of this topic."),
        single_option("--source", "source_id", metavar="ID", help="Only articles of this source."),
        click.option("--until", type=Day(), metavar="DAY", help="Published on or before this day (UTC)."),
        click.option("--since", type=Day(), metavar="DAY", help="Published on or after this day (UTC)."),
    ):
        filtered = option(filtered)
    return filtered


def require_order(since: date | None, until: date | None) -> None:
    """Raise a usage error for a time that ends before it begins."""
    if since is not None and until is not None and since > until:
        raise click.UsageError(f"--since {since} is after --until {until}: no article could pass.")


def require_known(context: Context, connection: Connection, wanted: Filter) -> None:
    """Raise UnknownName for a source or topic that neither the collection nor the catalogue knows."""
    from corpus.store import articles, overview, topic_matches

    # No database takes what is no text: bytes that are not UTF-8.
    source_id, topic_id = (one and one.encode(errors="replace").decode() for one in (wanted.source_id, wanted.topic_id))
    if source_id is not None and not articles.has_source(connection, source_id):
        stored = {one for one in overview.counts_by_source(connection) if one is not None}
        _require(source_id, "source", stored | context.catalogue().sources.keys())
    if topic_id is not None and not topic_matches.has_topic(connection, topic_id):
        stored = set(overview.counts_by_topic(connection))
        _require(topic_id, "topic", stored | context.catalogue().topics.keys())


def _require(name: str, what: str, known: set[str]) -> None:
    if name not in known:
        raise UnknownName(what, name, known=sorted(known), see=f"nazair {what}s list")


def network_options(function: F) -> F:
    """What a command that fetches pages lets the user say about the network."""
    for option in (
        click.option("--workers", type=click.IntRange(1, 64), metavar="N", help="Worker processes.  [one a core]"),
        click.option(
            "--proxy", metavar="URL", help="Fetch everything through this HTTP proxy on this machine (tests, demos)."
        ),
        click.option(
            "--allow-private",
            multiple=True,
            metavar="NET",
            help="A private network that may be fetched from, as 127.0.0.0/8.",
        ),
        click.option("--contact", metavar="ADDRESS", help="Who you are, for webmasters.  [NAZAIR_CONTACT]"),
    ):
        function = option(function)
    return function
