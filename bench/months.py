"""A month of crawls, two a day, of outlets that publish, edit, move and delete: what is missed, doubled, misread.

Only the clocks of the crawl and of the web go on; each crawl is one as cron would start it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench import measure
from bench.outlets import FIRST_DAY, Outlets, Story, write_config
from corpus.store import articles
from corpus.store.database import open_database
from corpus.store.upkeep import integrity_problems
from corpus.types import Filter, StoredArticle
from tests.rude_server import Answer, serving

HOURS = (6, 18)  # when a crawl is started
LAST_VISIT = timedelta(days=7)  # so long an article is looked at again

# What is younger than this at the end may wait for a listing's turn.
SETTLED = timedelta(days=1, hours=12)


class Clock:
    """The time of the web: set before each crawl, it goes on while that runs."""

    def __init__(self) -> None:
        self.set(FIRST_DAY)

    def set(self, moment: datetime) -> None:
        self._base, self._since = moment, time.monotonic()

    def now(self) -> datetime:
        return self._base + timedelta(seconds=time.monotonic() - self._since)


def main() -> None:
    """Print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nazair-months-") as scratch:
        result = measured(Path(scratch), days=options.days)
    for name, value in result.items():
        print(f"{name:44}{value!s:>16}")
    print(json.dumps({"bench": "months", "days": options.days, **result}))
    sys.exit(bool(result["lost"] or result["stored twice"] or result["off topic kept"] or result["problems"]))


def measured(folder: Path, *, days: int) -> dict[str, Any]:
    """Crawl for so many days; how what is stored compares with what was published."""
    outlets, clock, db = Outlets(days), Clock(), str(folder / "months.db")
    config = write_config(folder / "config")

    def answer(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        return outlets.answer(host, path, headers, clock.now())

    exits, cpu_s = Counter[int](), 0.0
    with serving(answer) as server:
        for day in range(days):
            for hour in HOURS:
                clock.set(FIRST_DAY + timedelta(days=day, hours=hour))
                cost = _crawl(db, config, proxy=server.url, at=clock.now())
                exits[cost.exit_code] += 1
                cpu_s += cost.cpu_s
        pages = sum(outlets.story_at(f"http://{host}{path}") is not None for _, host, path in server.log)
        requests = len(server.log)
    with open_database(db) as database:
        problems = integrity_problems(database)
        with database.reading() as connection:
            stored = articles.load(connection, articles.find(connection, Filter()))
    return compared(outlets, list(stored.values()), clock.now()) | {
        "problems": len(problems),
        "exit codes": {str(code): count for code, count in sorted(exits.items())},
        "requests a day": round(requests / days, 1),
        "page requests an article kept": round(pages / len(stored), 2),
        "CPU seconds a crawl": round(cpu_s / exits.total(), 2),
    }


def _crawl(db: str, config: Path, *, proxy: str, at: datetime) -> measure.Cost:
    web = ["--config", str(config), "--proxy", proxy, "--contact", "me@example.org"]
    crawl = ["crawl", "dam", "--due", "--db", db, "--workers", "1", *web]
    return measure.run([sys.executable, "-m", "bench.later", str(at.timestamp()), *crawl])


def compared(outlets: Outlets, stored: list[StoredArticle], now: datetime) -> dict[str, int]:
    """Counts of stories; those that were published just before `now` are left out."""
    copies: dict[Story, list[StoredArticle]] = {}
    for one in stored:
        if (story := outlets.story_at(one.article.url)) is not None:
            copies.setdefault(story, []).append(one)
    old = [
        one
        for some in outlets.stories.values()
        for one in some
        if one.is_on_topic and FIRST_DAY <= one.published_at < now - SETTLED
    ]
    there = {one: copies[one][0] for one in old if one in copies}
    edited = [one for one in there if one.edited_at is not None and one.edited_at < now - SETTLED]
    deleted = [one for one in there if one.deleted_at is not None and one.published_at < now - LAST_VISIT - SETTLED]
    return {
        "published on the topic": len(old),
        "lost": len(old) - len(there),
        "stored twice": sum(len(copies[one]) > 1 for one in there),
        "off topic kept": sum(not one.is_on_topic for one in copies),
        "titles and texts as written": sum(_is_as_written(one, kept, now) for one, kept in there.items()),
        "edited": len(edited),
        "edits seen": sum(_is_as_written(one, there[one], now) for one in edited),
        "deleted": len(deleted),
        "marked gone": sum(there[one].gone_at is not None for one in deleted),
        "marked gone, but there": sum(kept.gone_at is not None and one.is_there(now) for one, kept in there.items()),
    }


def _is_as_written(story: Story, kept: StoredArticle, now: datetime) -> bool:
    """Deleted ones as they were: none is edited and deleted."""
    return (kept.article.title, kept.article.text) == (story.title, story.text(now))


if __name__ == "__main__":
    main()
