"""Runs, and every decision about every URL: what `runs`, `why` and the counts are read from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Subquery,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from corpus.store import articles, schema, source_counts
from corpus.store.articles import url_key
from corpus.store.columns import among, in_order
from corpus.store.schema import decisions, runs
from corpus.types import STORED, Link, LinkKind, Outcome
from corpus.urls import is_below


@dataclass(frozen=True, kw_only=True)
class Run:
    """One crawl."""

    id: int
    queue: str
    started_at: datetime
    ended_at: datetime | None
    heartbeat_at: datetime
    machine: str
    pid: int
    process: str | None  # what tells it from others with its pid
    status: str
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class PastDecision:
    """One decision about one URL, as it was recorded."""

    run_id: int
    url: str
    decided_at: datetime
    kind: LinkKind
    channel: str
    source_id: str | None
    outcome: Outcome
    reason: str
    article_id: int | None


@dataclass(frozen=True, kw_only=True)
class SourceCount:
    """How often a run came to one outcome in one source and channel; for listings, the links they gave."""

    source_id: str | None
    channel: str
    outcome: Outcome
    count: int
    links_found: int
    links_new: int
    links_skipped: int


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What one channel of one source gave: listings and the links in them, pages and what came of them."""

    source_id: str | None
    channel: str
    listings: int  # feeds, sitemaps, section pages read
    found: int  # links in them
    new: int  # of those, not known before
    skipped: int  # not to be fetched, because of what their titles, dates or addresses say
    fetched: int  # pages asked for
    kept: int  # stored, near-copies included
    unchanged: int
    failed: int  # listings and pages: failed, quarantined or forbidden


def start(
    connection: Connection, queue: str, *, now: datetime, machine: str, pid: int, process: str | None = None
) -> int:
    """Record that a run begins; returns its id."""
    values = {
        "queue": queue,
        "started_at": now,
        "heartbeat_at": now,
        "machine": machine,
        "pid": pid,
        "process": process,
        "status": "running",
    }
    return int(connection.execute(insert(runs).values(values)).inserted_primary_key[0])  # type: ignore[index]


def is_of_another_topic(connection: Connection, run_id: int, topic: bytes) -> bool:
    """Record what a run's topic is about; whether that of the run before it, of the same queue, was another."""
    last = _last(connection, run_id, runs.c.topic)
    connection.execute(update(runs).where(runs.c.id == run_id).values(topic=topic))
    return last is not None and bytes(last) != topic


def with_other_rules(connection: Connection, run_id: int, rules: Mapping[str, str | None]) -> set[str]:
    """Record the rules of a run's sources, if they have any; which of them the runs before it, of the same queue, read
    by others.
    """
    last = _last(connection, run_id, runs.c.rules)
    known = {one: told for one, told in {**(last or {}), **rules}.items() if told is not None}
    connection.execute(update(runs).where(runs.c.id == run_id).values(rules=known))
    return {one for one, told in rules.items() if last is not None and last.get(one) != told}


def _last(connection: Connection, run_id: int, column: Column[Any]) -> Any:
    """What the last run before one, of the same queue, has in a column, if any has anything."""
    queue = select(runs.c.queue).where(runs.c.id == run_id).scalar_subquery()
    before = select(column).where(runs.c.queue == queue, runs.c.id < run_id, column.is_not(None))
    return connection.execute(before.order_by(runs.c.id.desc()).limit(1)).scalar()


def running(connection: Connection) -> list[Run]:
    """The runs that have not said that they ended."""
    return [_run(row) for row in connection.execute(select(runs).where(runs.c.status == "running").order_by(runs.c.id))]


def heartbeat(connection: Connection, run_id: int, *, now: datetime) -> bool:
    """Record that a run is alive; False when it was given up, and what it had leased is not its own any more."""
    statement = update(runs).where(runs.c.id == run_id, runs.c.status == "running").values(heartbeat_at=now)
    return connection.execute(statement).rowcount == 1


def end(connection: Connection, run_id: int, *, now: datetime, status: str, reason: str) -> None:
    """Record how a run ended."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(ended_at=now, status=status, reason=reason))


def latest(connection: Connection, *, limit: int | None = None) -> list[Run]:
    """Runs, newest first."""
    return [_run(row) for row in connection.execute(select(runs).order_by(runs.c.id.desc()).limit(limit))]


def by_id(connection: Connection, run_id: int) -> Run | None:
    """One run."""
    row = connection.execute(select(runs).where(runs.c.id == run_id)).first()
    return None if row is None else _run(row)


def of_process(connection: Connection, *, machine: str, pid: int, since: datetime) -> Run | None:
    """The last run that a process has begun since a moment; process ids come again."""
    statement = select(runs).where(runs.c.machine == machine, runs.c.pid == pid, runs.c.started_at >= since)
    row = connection.execute(statement.order_by(runs.c.id.desc()).limit(1)).first()
    return None if row is None else _run(row)


@dataclass(frozen=True, kw_only=True)
class NewDecision:
    """One decision about one URL, to be recorded."""

    link: Link
    outcome: Outcome
    reason: str
    article_id: int | None = None
    links_found: int = 0
    links_new: int = 0
    links_skipped: int = 0


def record(connection: Connection, run_id: int, some: Sequence[NewDecision], *, now: datetime) -> None:
    """Add decisions of a run, in this order."""
    rows = [
        {
            "run_id": run_id,
            "url": one.link.url,
            "url_key": url_key(one.link.url),
            "decided_at": now,
            "kind": one.link.kind.value,
            "channel": one.link.channel,
            "source_id": one.link.source_id,
            "outcome": one.outcome.value,
            "reason": one.reason,
            "article_id": one.article_id,
            "links_found": one.links_found,
            "links_new": one.links_new,
            "links_skipped": one.links_skipped,
        }
        for one in some
    ]
    if rows:
        connection.execute(_RECORD, rows)
        source_counts.add(connection, run_id, rows, now=now)


def outcomes(connection: Connection, run_id: int) -> dict[Outcome, int]:
    """How often a run came to each outcome."""
    key = decisions.c.outcome
    statement = select(key, func.count()).where(decisions.c.run_id == run_id).group_by(key).order_by(in_order(key))
    return {Outcome(outcome): count for outcome, count in connection.execute(statement)}


def counts_by_status(connection: Connection) -> dict[str, int]:
    """How many runs there are of each status."""
    return dict(connection.execute(select(runs.c.status, func.count()).group_by(runs.c.status)).all())


def counts(connection: Connection, run_id: int) -> list[SourceCount]:
    """Outcomes per source and channel."""
    key = decisions.c.source_id, decisions.c.channel, decisions.c.outcome
    links = [func.sum(decisions.c[f"links_{what}"]) for what in ("found", "new", "skipped")]
    statement = select(*key, func.count(), *links).where(decisions.c.run_id == run_id).group_by(*key)
    statement = statement.order_by(in_order(key[0]).nulls_last(), *map(in_order, key[1:]))
    return [
        SourceCount(
            source_id=source,
            channel=channel,
            outcome=Outcome(outcome),
            count=count,
            links_found=int(links_found),
            links_new=int(links_new),
            links_skipped=int(links_skipped),
        )
        for source, channel, outcome, count, links_found, links_new, links_skipped in connection.execute(statement)
    ]


def receipts(connection: Connection, *, run_id: int | None = None, source_id: str | None = None) -> list[Receipt]:
    """What each channel of each source gave, in one run or in all, of one source or of all."""
    some = schema.source_counts if run_id is None else _counts_of(run_id)
    is_page = some.c.kind == LinkKind.ARTICLE.value
    kept, bad = [Outcome.KEPT, Outcome.NEAR_COPY], [Outcome.FAILED, Outcome.QUARANTINED, Outcome.BLOCKED_BY_ROBOTS]
    decided = func.sum(some.c.decisions)
    counted = {
        "listings": decided.filter(~is_page),
        "found": func.sum(some.c.links_found),
        "new": func.sum(some.c.links_new),
        "skipped": func.sum(some.c.links_skipped),
        "fetched": decided.filter(is_page),
        "kept": decided.filter(some.c.outcome.in_([one.value for one in kept])),
        "unchanged": decided.filter(some.c.outcome == Outcome.UNCHANGED.value),
        "failed": decided.filter(some.c.outcome.in_([one.value for one in bad])),
    }
    source = func.nullif(some.c.source_id, "")
    statement = select(source.label("source_id"), some.c.channel, *(sum_.label(name) for name, sum_ in counted.items()))
    statement = statement.group_by(some.c.source_id, some.c.channel).order_by(
        in_order(source).nulls_last(), in_order(some.c.channel)
    )
    if source_id is not None:
        statement = statement.where(some.c.source_id == source_id)
    return [
        Receipt(
            source_id=row.source_id, channel=row.channel, **{name: int(row._mapping[name] or 0) for name in counted}
        )
        for row in connection.execute(statement)
    ]


def _counts_of(run_id: int) -> Subquery:
    """The decisions of one run, added up as `source_counts` does it with those of all."""
    key = (
        func.coalesce(decisions.c.source_id, "").label("source_id"),
        *(decisions.c[name] for name in ("channel", "kind", "outcome")),
    )
    links = (func.sum(decisions.c[name]).label(name) for name in source_counts.LINKS)
    statement = select(*key, func.count().label("decisions"), *links).where(decisions.c.run_id == run_id)
    return statement.group_by(*key).subquery()


def decided(connection: Connection, run_id: int) -> list[PastDecision]:
    """All decisions of a run, in order."""
    statement = select(decisions).where(decisions.c.run_id == run_id).order_by(decisions.c.id)
    return _past(connection.execute(statement).all())


def failures(connection: Connection, run_id: int, *, limit: int) -> list[PastDecision]:
    """What failed or was quarantined in a run, and the listings that are gone, at most so many, the first ones."""
    is_bad = decisions.c.outcome.in_([Outcome.FAILED.value, Outcome.QUARANTINED.value])
    statement = select(decisions).where(decisions.c.run_id == run_id, or_(is_bad, _IS_GONE_LISTING))
    return _past(connection.execute(statement.order_by(decisions.c.id).limit(limit)).all())


def gone_listings(connection: Connection, run_id: int) -> list[PastDecision]:
    """The listings of a run that were missing in the run before, too."""
    statement = select(decisions).where(decisions.c.run_id == run_id, _IS_GONE_LISTING)
    return _past(connection.execute(statement.order_by(decisions.c.id)).all())


def why(connection: Connection, *urls: str, limit: int | None = None) -> list[PastDecision]:
    """The decisions about these URLs, oldest first: all, or the last so many."""
    about = select(decisions).where(decisions.c.url_key.in_([url_key(url) for url in urls]))
    last = connection.execute(about.order_by(decisions.c.id.desc()).limit(limit)).all()
    return _past(last[::-1])


def times_decided(connection: Connection, *urls: str) -> int:
    """How many decisions about these URLs there are."""
    statement = select(func.count()).where(decisions.c.url_key.in_([url_key(url) for url in urls]))
    return connection.execute(statement).scalar_one()


def articles_of(connection: Connection, urls: Iterable[str]) -> dict[bytes, int]:
    """The article that was last stored from the page of each of these URLs, by `url_key`, where it is still stored."""
    return dict(connection.execute(_ARTICLES_OF, {"keys": list(map(url_key, urls))}).all())


def article_at(connection: Connection, url: str) -> int | None:
    """The article that a URL names: as its own or its canonical one, else as one that it was last read from."""
    found = articles.id_of_url(connection, url)
    return articles_of(connection, [url]).get(url_key(url)) if found is None else found


def addresses_of(connection: Connection, article_id: int) -> list[str]:
    """The addresses that an article was read from, also those that only led to it."""
    of_article = decisions.c.article_id == article_id, decisions.c.kind == LinkKind.ARTICLE.value
    return list(connection.execute(select(decisions.c.url).where(*of_article).distinct()).scalars())


def living_addresses(connection: Connection, article_id: int) -> list[str]:
    """The addresses at which an article was when they were last asked for, the last one first."""
    of_article = decisions.c.article_id == article_id, decisions.c.kind == LinkKind.ARTICLE.value
    told = decisions.c.outcome.in_([one.value for one in (*STORED, Outcome.GONE)])
    its = decisions.c.url_key.in_(select(decisions.c.url_key).where(*of_article))
    last = select(func.max(decisions.c.id)).where(its, told).group_by(decisions.c.url_key)
    living = decisions.c.id.in_(last), *of_article, decisions.c.outcome != Outcome.GONE.value, decisions.c.url != ""
    return list(connection.execute(select(decisions.c.url).where(*living).order_by(decisions.c.id.desc())).scalars())


def give_decisions(connection: Connection, article_id: int, other: int) -> None:
    """Let what was decided about an article's addresses be of another one."""
    connection.execute(update(decisions).where(decisions.c.article_id == article_id).values(article_id=other))


def scrub_page(connection: Connection, url: str) -> int:
    """Take the address, and what was said of the page, out of its decisions, which still count; returns how many."""
    return connection.execute(_SCRUB.where(decisions.c.url_key == url_key(url))).rowcount


def scrub_domain(connection: Connection, domain: str) -> int:
    """The same for all pages of a domain and of all below it."""
    rows = connection.execute(
        select(decisions.c.id, decisions.c.url).where(decisions.c.url.contains(domain, autoescape=True))
    )
    ids = [row.id for row in rows if is_below(row.url, domain)]
    if ids:
        connection.execute(_SCRUB.where(among(decisions.c.id, "ids")), {"ids": ids})
    return len(ids)


def old_decisions(connection: Connection, *, before: datetime) -> int:
    """How many decisions `remove_decisions` would take away."""
    return connection.execute(select(func.count()).where(*_is_old(before))).scalar_one()


def remove_decisions(connection: Connection, *, before: datetime) -> int:
    """Take away the decisions of ended runs before a moment; returns how many.

    Those stay by which a stored article is known at its addresses.
    """
    return connection.execute(delete(decisions).where(*_is_old(before))).rowcount


def _is_old(before: datetime) -> tuple[ColumnElement[bool], ...]:
    ended = select(runs.c.id).where(runs.c.status != "running")
    of_none = or_(decisions.c.article_id.is_(None), decisions.c.outcome == Outcome.UNCHANGED.value)
    return decisions.c.decided_at < before, decisions.c.run_id.in_(ended), of_none


_IS_GONE_LISTING = and_(decisions.c.outcome == Outcome.GONE.value, decisions.c.kind != LinkKind.ARTICLE.value)
_RECORD = insert(decisions)
_ARTICLES_OF = (
    select(decisions.c.url_key, decisions.c.article_id)
    .where(decisions.c.url_key.in_(bindparam("keys", expanding=True)), decisions.c.article_id.is_not(None))
    .order_by(decisions.c.id)
)
_SCRUB = update(decisions).where(decisions.c.url != "").values(url="", reason="forgotten")


def _run(row: Row[Any]) -> Run:
    return Run(**{name: getattr(row, name) for name in Run.__dataclass_fields__})


def _past(rows: Sequence[Row[Any]]) -> list[PastDecision]:
    return [
        PastDecision(
            run_id=row.run_id,
            url=row.url,
            decided_at=row.decided_at,
            kind=LinkKind(row.kind),
            channel=row.channel,
            source_id=row.source_id,
            outcome=Outcome(row.outcome),
            reason=row.reason,
            article_id=row.article_id,
        )
        for row in rows
    ]
