"""The whole of it, on the bundled web: crawled as a user would, on both databases, against the truth file."""

from __future__ import annotations

import io
import json
import subprocess
from collections import defaultdict
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from corpus import ask, shown_lists
from corpus.reprints import largest_groups
from corpus.store import articles, runs
from corpus.store.database import open_database
from corpus.types import Filter, Outcome
from nazair.cli import run
from nazair.demo.server import serve
from nazair.demo.web import bundled_web, read_web
from tests.processes import nazair

ROOT = Path(__file__).resolve().parent.parent
TRUTH = [json.loads(line) for line in (ROOT / "fixtures" / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
ON_TOPIC = {row["url"]: row for row in TRUTH if row["about"] == "summit"}
SEED = next(row["url"] for row in TRUTH if row["slug"] == "rafid-seed-essay")


@dataclass(frozen=True)
class Crawled:
    """A finished crawl: where the collection is, how the commands ended, what the server was asked for."""

    db: str
    first: subprocess.CompletedProcess[str]
    second: subprocess.CompletedProcess[str]
    asked_first: list[str]
    asked_second: list[str]

    def nazair(self, *arguments: str) -> str:
        """What a command prints, asked of this collection."""
        with redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) as printed:
            assert run([*arguments, "--db", self.db]) == 0
        printed.seek(0)
        return printed.read()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def crawled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    folder = bundled_web()
    db = str(tmp_path_factory.mktemp("crawl") / "nazair.db")
    if request.param == "postgresql":
        db = request.getfixturevalue("module_postgresql_url")
    with serve(read_web(folder)) as server:
        command = ("crawl", "alaska-summit", "--config", str(folder), "--proxy", server.url, "--db", db)
        first = nazair(*command)
        asked_first = [url for _, url, _ in server.log]
        second = nazair(*command)
        asked_second = [url for _, url, _ in server.log][len(asked_first) :]
    return Crawled(db, first, second, asked_first, asked_second)


def test_the_crawl_ends_well(crawled: Crawled) -> None:
    assert crawled.first.returncode == 0, crawled.first.stderr
    assert crawled.second.returncode == 0, crawled.second.stderr


def test_each_article_on_the_topic_is_stored_once_and_no_other(crawled: Crawled) -> None:
    stored = [line["url"] for line in exported(crawled)]

    assert sorted(stored) == sorted(ON_TOPIC)


def test_title_text_author_and_date_are_those_of_the_truth(crawled: Crawled) -> None:
    wrong = []
    for line in exported(crawled):
        truth = ON_TOPIC[line["url"]]
        names = [name for name in ("title", "text", "author") if line[name] != truth[name]]
        wrong += [(truth["slug"], name, line[name], truth[name]) for name in names]
        if not is_date_of(line, truth["published"]):
            wrong.append((truth["slug"], "published_at", line["published_at"], truth["published"]))

    assert wrong == []


def test_the_copy_groups_are_those_of_the_truth(crawled: Crawled) -> None:
    told = defaultdict(set)
    for line in exported(crawled):
        if line["copy_group"] is not None:
            told[line["copy_group"]].add(ON_TOPIC[line["url"]]["slug"])
    truth = defaultdict(set)
    for row in ON_TOPIC.values():
        if row["copy_group"]:
            truth[row["copy_group"]].add(row["slug"])

    assert sorted(map(sorted, told.values())) == sorted(map(sorted, truth.values()))


def test_the_earliest_of_a_group_is_the_original(crawled: Crawled) -> None:
    with open_database(crawled.db).reading() as connection:
        for group in largest_groups(connection, Filter(), limit=None):
            first = ON_TOPIC[group[0].stored.article.url]

            assert first["copy_kind"] == "original", first["slug"]
            assert group[0].copy_of is None
            assert all(copy.copy_of is not None for copy in group[1:])


def test_the_empty_box_of_the_essay_is_filled(crawled: Crawled) -> None:
    with open_database(crawled.db).reading() as connection:
        similar = shown_lists.similar(connection, ask.article_id(connection, SEED), Filter(), limit=10)
        groups = articles.groups_of(connection, [one.id for one in similar])

    assert len(similar) >= 8
    assert [one.score for one in similar] == sorted((one.score for one in similar), reverse=True)
    assert len(set(groups.values())) == len(similar)
    assert all(one.why["terms"] for one in similar)
    assert SEED not in {one.url for one in similar}


def test_a_second_crawl_fetches_no_article_again(crawled: Crawled) -> None:
    articles_asked = set(crawled.asked_second) & {row["url"] for row in TRUTH if row["about"] != "robots"}
    pages = {row["url"] for row in TRUTH if row["about"] in ("summit", "neighbour", "other")}

    assert articles_asked & pages == set()


def test_what_robots_txt_forbids_is_not_asked_for(crawled: Crawled) -> None:
    forbidden = {row["url"] for row in TRUTH if row["about"] == "robots"}

    assert forbidden
    assert not forbidden & set(crawled.asked_first)


def test_every_fetch_has_exactly_one_outcome(crawled: Crawled) -> None:
    with open_database(crawled.db).reading() as connection:
        run = runs.latest(connection)[-1]
        outcomes = runs.outcomes(connection, run.id)
        decided = runs.decided(connection, run.id)

    assert sum(outcomes.values()) == len({one.url for one in decided}) == len(decided)
    assert outcomes[Outcome.KEPT] + outcomes[Outcome.NEAR_COPY] == len(ON_TOPIC)
    assert outcomes[Outcome.BLOCKED_BY_ROBOTS] == len([row for row in TRUTH if row["about"] == "robots"])
    assert not outcomes.get(Outcome.FAILED)
    assert not outcomes.get(Outcome.QUARANTINED)


def test_search_finds_words_in_their_forms(crawled: Crawled) -> None:
    with_article = json.loads(crawled.nazair("search", "القمة ألاسكا", "-n", "50", "-f", "json"))
    without = json.loads(crawled.nazair("search", "قمّة الاسكا", "-n", "50", "-f", "json"))

    assert len(with_article) > 10
    assert [hit["id"] for hit in with_article] == [hit["id"] for hit in without]


def test_a_decision_can_be_asked_for(crawled: Crawled) -> None:
    other = [row["url"] for row in TRUTH if row["about"] == "other"]

    told = [json.loads(crawled.nazair("why", url, "-f", "json"))[0] for url in other[:3]]

    assert {one["outcome"] for one in told} <= {"skipped", "off_topic"}
    assert all(one["reason"] for one in told)


def test_few_pages_are_fetched_for_one_that_is_kept(crawled: Crawled) -> None:
    with open_database(crawled.db).reading() as connection:
        receipts = runs.receipts(connection, run_id=1)

    assert sum(one.kept for one in receipts) == len(ON_TOPIC)
    assert sum(one.fetched for one in receipts) <= 1.3 * len(ON_TOPIC)
    assert sum(one.skipped for one in receipts) > 0


def test_the_list_of_a_text_file_is_that_of_its_page(crawled: Crawled) -> None:
    page = json.loads(crawled.nazair("similar", SEED, "-f", "json"))
    text = json.loads(crawled.nazair("similar", str(ROOT / "fixtures" / "seed" / "essay.txt"), "-f", "json"))

    of_page = [one["url"] for one in page["similar"]]
    of_text = [one["url"] for one in text["similar"]]
    assert text["article"]["title"] == page["article"]["title"]
    assert len(set(of_page[:5]) & set(of_text[:5])) >= 4


def is_date_of(line: dict[str, Any], true: str) -> bool:
    """Whether an exported date is the true one, as exactly as it claims to be; a day is that of the outlet's clock."""
    at: str = line["published_at"]
    if line["published_precision"] == "day":
        return at == f"{true[:10]}T00:00:00Z"
    return datetime.fromisoformat(at) == datetime.fromisoformat(true)


def exported(crawled: Crawled) -> list[dict[str, Any]]:
    return [json.loads(line) for line in crawled.nazair("export", "-", "-f", "jsonl").splitlines()]
