"""Run a plan from the command line, and say how it went."""

from __future__ import annotations

import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from corpus import clock
from corpus.errors import DatabaseError, NotComparable, UsageError
from corpus.plural import counted
from corpus.store import history, runs, tombstones
from corpus.store.runs import Run
from corpus.types import Outcome, Page
from nazair.context import Context, complain, say, set_up_logging

if TYPE_CHECKING:
    from corpus.store import Connection
    from crawler.catalogue import Source
    from crawler.plan import Plan
    from pipelines.read import Explained

T = TypeVar("T")

GO_ON = "Go on with the same command"


def network_settings(
    *, contact: str | None, allow_private: Sequence[str], proxy: str | None, workers: int | None
) -> dict[str, Any]:
    """The Scrapy settings that the network options ask for. Raises UsageError for what they cannot mean."""
    from crawler.guard import check_networks, check_proxy
    from crawler.politeness import check_contact
    from crawler.settings import user_agent

    check_networks(allow_private)
    if proxy is not None:
        check_proxy(proxy)
    contact = contact or os.environ.get("NAZAIR_CONTACT", "")
    if contact:
        check_contact(contact)
    settings: dict[str, Any] = {
        "NAZAIR_CONTACT": contact,
        "NAZAIR_ALLOW_PRIVATE": list(allow_private),
        "NAZAIR_PROXY": proxy,
    }
    if contact:
        settings["USER_AGENT"] = user_agent(contact)
    if workers is not None:
        settings["NAZAIR_WORKERS"] = workers
    return settings


def fetched_page(context: Context, url: str, network: Mapping[str, Any]) -> Page:
    """One page, fetched as a crawl fetches it; nothing is stored of it. Once a process.

    `network` are the values of the network options. Raises UsageError, and NotRead when there is none.
    """
    from crawler.plan import plan_add

    plan = plan_add(context.catalogue(), [url])
    settings = network_settings(**network)
    set_up_logging(context)
    from crawler.single import fetch_page

    return fetch_page(plan, settings)


def saved_page(name: str, url: str | None) -> Page:
    """A file as a page. Raises UsageError for what is no file, or an address that is none."""
    from corpus.urls import normalise
    from pipelines.page.limits import MAX_BYTES

    path = Path(name)
    if not path.exists():
        raise UsageError(
            f"{name!r} is no file and no URL. Give a saved page, or an address: https://example.com/news/1"
        )
    if not path.is_file():
        raise UsageError(f"{name!r} is no file but a folder or a device. Give a saved page.")
    address = normalise(url) if url else path.resolve().as_uri()
    if address is None:
        raise UsageError(f"{url!r} is not an http(s) URL. Example: https://example.com/news/1")
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{name!r} cannot be read: {error.strerror}.") from error
    return Page(url=address, body=body, content_type="", fetched_at=datetime.now(UTC))


def in_worker(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """What a function makes of a page that was fetched, in a worker as in a crawl: a page that hangs is killed with it.

    Raises WorkFailed.
    """
    from pipelines.workers import Workers

    async def work() -> T:
        pool = Workers(1)
        try:
            return await pool.run(function, *args, **kwargs)
        finally:
            pool.close()

    return asyncio.run(work())


def explained(page: Page, source: Source | None) -> Explained:
    """What is taken from a page, and where it was found, by the rules of its source. Raises WorkFailed."""
    from pipelines.read import explain_page

    return in_worker(
        explain_page,
        page,
        source_id=source.id if source else None,
        country=source.country if source else None,
        rules=source.rules if source else None,
    )


def plain_text(body: bytes, name: str) -> str:
    """The text of a file that is no page. Raises NotComparable for what is no text."""
    from pipelines.page.decode import Undecodable, decode

    try:
        return decode(body, "text/plain")[0]
    except Undecodable as error:
        raise NotComparable(f"{name}: {error}") from error


def archive_settings(*, record: Path | None, replay: Path | None) -> dict[str, Any]:
    """The Scrapy settings that --record and --replay ask for. Raises UsageError for what cannot be done."""
    if record is not None and replay is not None:
        raise UsageError("--record and --replay exclude each other: a replay would be its own recording.")
    if record is None and replay is None:
        return {}
    from crawler.settings import DOWNLOAD_HANDLERS, EXTENSIONS

    try:
        import warcio  # noqa: F401
    except ModuleNotFoundError as error:
        raise UsageError("Recordings need warcio: pip install 'nazair[warc]'") from error
    if record is not None:
        from crawler.record import check_new

        handler = "crawler.record.RecordingHandler"
        extra = {"NAZAIR_RECORD": str(check_new(record)), "EXTENSIONS": EXTENSIONS | {"crawler.record.Recording": 1}}
    else:
        from crawler.replay import ReplayHandler, open_archive

        # Opened once, and here: what is wrong with it is an error before anything begins.
        archive = ReplayHandler.archives[str(replay)] = open_archive(Path(str(replay)))
        clock.advance(archive.begins_at)
        handler, extra = "crawler.replay.ReplayHandler", {"NAZAIR_REPLAY": str(replay)}
    return {**extra, "DOWNLOAD_HANDLERS": DOWNLOAD_HANDLERS | {"http": handler, "https": handler}}


def fetch(context: Context, plan: Plan, settings: Mapping[str, Any]) -> Run:
    """Do what the plan says; returns the run, ended. Errors of the set-up are raised before anything is fetched."""
    from crawler.settings import PRELOAD
    from pipelines.workers import warm_up

    warm_up(PRELOAD)
    from crawler.politeness import require_contact
    from crawler.process import crawl
    from crawler.run import begin_run

    set_up_logging(context)
    require_contact(plan, settings)
    with context.opened(create=True) as database:
        run_id = begin_run(database, plan.queue)
        # Lines that are to be JSON are not written over, nor between.
        all_settings = dict(settings) | {"NAZAIR_PROGRESS": not context.quiet and context.log_format == "text"}
        try:
            broken = crawl(plan, database, run_id=run_id, settings=all_settings)
        except KeyboardInterrupt:
            # Before the crawl minds signals itself: others would wait for a run that is no more.
            with database.writing() as connection:
                runs.end(connection, run_id, now=datetime.now(UTC), status="stopped", reason="interrupted")
            raise
        try:
            with database.reading() as connection:
                run = runs.by_id(connection, run_id)
        except DatabaseError:
            raise broken or DatabaseError(database.name, why=f"the end of run {run_id} cannot be read.") from None
    if broken is not None and (run is None or run.status == "running"):
        raise broken  # it could not even say that it failed
    if run is None or run.status == "running":
        raise RuntimeError(f"run {run_id} ended without saying how")
    return run


def report(connection: Connection, run: Run, *, advice: str = GO_ON) -> dict[Outcome, int]:
    """Say on stderr what a run came to, and of one that was not finished what to do; returns its counts."""
    from crawler.progress import describe

    tell = complain if run.status == "failed" else say
    outcomes = runs.outcomes(connection, run.id)
    skipped = sum(one.skipped for one in runs.receipts(connection, run_id=run.id))
    passed = f"; {counted(skipped, 'link')} passed over for their titles, dates or addresses" if skipped else ""
    seconds = ((run.ended_at or run.heartbeat_at) - run.started_at).total_seconds()
    listings = outcomes.get(Outcome.LISTING, 0)
    tell(
        f"Run {run.id} {run.status} after {seconds:.1f} s ({run.reason}): {sum(outcomes.values())} fetched, "
        f"{listings} of them {'a listing' if listings == 1 else 'listings'}; {describe(outcomes)}{passed}."
    )
    if run.status in ("stopped", "failed"):
        tell(f"What was stored is complete. {advice}; details: nazair runs show {run.id}")
    elif outcomes.get(Outcome.FAILED) or outcomes.get(Outcome.QUARANTINED):
        say(f"What failed, and why: nazair runs show {run.id}")
    return outcomes


def report_sources(connection: Connection, run: Run, plan: Plan) -> None:
    """Say on stderr what each source came to, and warn of those that gave nothing or far less than they used to.

    Of a run that ended before its time nothing can be said. Where none could be had of several, that is one thing.
    """
    from crawler.progress import describe

    counts = runs.counts(connection, run.id)
    if len(plan.sources) > 1 and _is_without_answers(connection, run, counts):
        for first in runs.failures(connection, run.id, limit=1):
            say(
                f"Warning: nothing could be had of any of {len(plan.sources)} sources. Is there a way to the network? "
                f"The first failure: {first.url}: {first.reason}"
            )
        return
    of_source: defaultdict[str, Counter[Outcome]] = defaultdict(Counter)
    for one in counts:
        of_source[one.source_id or "no source"][one.outcome] += one.count
    for source_id, outcomes in of_source.items():
        listings = outcomes.get(Outcome.LISTING, 0)
        say(f"  {source_id}: {describe(outcomes)}; {counted(listings, 'listing')} read")
    say_doubles(plan)
    for gone in runs.gone_listings(connection, run.id):
        whose = f"{gone.source_id}: " if gone.source_id else ""
        see = f" See: nazair sources check {gone.source_id}" if gone.source_id else ""
        say(f"Warning: {whose}{gone.url}: {gone.reason}.{see}")
    if run.status == "finished" and plan.max_pages is None and plan.max_time_s is None:
        # Who was forgotten gives nothing because somebody wants that.
        forgotten = tombstones.among(connection, [link.url for link in plan.seeds])
        seeds = [link for link in plan.seeds if link.url not in forgotten]
        entered = dict.fromkeys(link.source_id for link in seeds if link.source_id is not None)
        for source in history.yields(connection, run.id, entered, only_due=plan.only_due):
            if source.warning is not None:
                say(f"Warning: {source.warning}. See: nazair sources check {source.source_id}")


def say_doubles(plan: Plan) -> None:
    """Warn on stderr of sources that a run leaves out, because it enters others where they are."""
    for source_id, other in plan.doubles.items():
        say(
            f"Warning: {source_id} is left out: {other} is entered at the same addresses. "
            "Take one of the two out of the catalogue, or name feeds or sections of its own."
        )


def _is_without_answers(connection: Connection, run: Run, counts: Sequence[runs.SourceCount]) -> bool:
    """Whether nothing that a run asked for was had: a robots.txt may be known from the day before."""
    had = [one for one in counts if one.outcome is not Outcome.FAILED]
    others = any((one.channel, one.outcome) != ("sitemap", Outcome.LISTING) for one in had)
    if had and (others or len(had) == len(counts)):
        return False
    decided = runs.decided(connection, run.id) if had else []
    return all(urlsplit(one.url).path == "/robots.txt" for one in decided if one.outcome is not Outcome.FAILED)


def exit_code(run: Run, outcomes: Mapping[Outcome, int]) -> int:
    """0 done, 4 done in part, 130 interrupted."""
    if run.status == "stopped":
        return 130
    if run.status == "failed" or outcomes.get(Outcome.FAILED) or outcomes.get(Outcome.QUARANTINED):
        return 4
    return 0
