"""Take-down: nothing of a page is left, it does not come back by any way, and `why` says so. On both databases."""

from __future__ import annotations

import dataclasses
import json
import platform
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

import pytest
from sqlalchemy import func, insert, select, text

from corpus import ask, forgetting, keep, search, similar_lists
from corpus.errors import UsageError
from corpus.forgetting import Target, target
from corpus.inverted import BUCKETS
from corpus.query import parse
from corpus.settling import settle
from corpus.sketch import sketch
from corpus.store import Connection, articles, claims, frontier, leases, page_lines, runs, tombstones, words
from corpus.store.database import Database, open_database
from corpus.store.page_lines import SeenLine
from corpus.store.runs import NewDecision
from corpus.store.schema import frontier as frontier_rows
from corpus.store.schema import metadata, visits, word_blocks, word_forms
from corpus.store.upkeep import compact, integrity_problems
from corpus.types import Article, Decision, Filter, LeasedLink, Link, LinkKind, Outcome, Reading
from corpus.weighing import TermCounts
from nazair.cli import run
from tests.texts import article

NOW = datetime(2026, 5, 1, tzinfo=UTC)
QUEUE = "t"


def link(url: str, title: str | None = None) -> Link:
    return Link(url=url, kind=LinkKind.ARTICLE, channel="feed", source_id="s", title=title)


def fetched(connection: Connection, one: Article) -> Outcome | None:
    """What comes of an article that a crawl has fetched."""
    run_id = runs.start(connection, QUEUE, now=NOW, machine="m", pid=1)
    frontier.add_seeds(connection, QUEUE, [link(one.url, one.title)])
    until = NOW + timedelta(hours=1)
    leased = leases.lease(connection, QUEUE, run_id=run_id, now=NOW, until=until, busy={}, per_host=8, limit=8)
    return settled(connection, leased[0], one, run_id) if leased else None


def settled(connection: Connection, leased: LeasedLink, one: Article, run_id: int) -> Outcome | None:
    decision = Decision(
        url=one.url,
        outcome=Outcome.KEPT,
        reason="",
        reading=Reading(article=one, sketch=sketch(one.title, one.text)),
    )
    decided = [(leased, decision)]
    (kept,) = settle(connection, decided, queue=QUEUE, run_id=run_id, now=NOW, counts=TermCounts()).kept
    claims.leave(connection, run_id, now=NOW)
    runs.end(connection, run_id, now=NOW, status="finished", reason="")
    return None if kept is None else kept.outcome


@pytest.fixture
def filled(database: Database) -> Database:
    """Two articles of one outlet, one of which another has reprinted, in blocks of the search index."""
    with database.writing() as connection:
        for one in (article(1), article(2), article(1, outlet="sahil", hours=3), article(3, outlet="sahil")):
            assert fetched(connection, one) in (Outcome.KEPT, Outcome.NEAR_COPY)
        words.make_block(connection)
    return database


def everything(database: Database) -> str:
    """All that the database holds, as one text; bytes as hexadecimal digits."""
    parts = []
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                parts += [value.hex() if isinstance(value, bytes) else str(value) for value in row]
    return "\n".join(parts)


def titles(connection: Connection, query: str) -> list[str]:
    hits = search.search(connection, parse(query), Filter(), limit=10)
    return [hit.article.article.url for hit in hits]


def test_erasing_words_leaves_the_index_alone_that_a_rebuild_has_made_meanwhile(filled: Database) -> None:
    with filled.writing() as connection:
        keep.forget(connection, [articles.id_of_url(connection, article(1).url) or 0])
        left = words.unerased(connection)
    with filled.writing() as connection:
        keep.begin_rebuild(connection)
        words.set_erased(connection, left)
    with filled.writing() as connection:
        while keep.rebuild(connection, counts=TermCounts()):
            pass
        words.make_block(connection)

    with filled.writing() as connection:
        words.erase(connection, left, range(BUCKETS))
        words.set_erased(connection, left)

        assert titles(connection, "هدنة") == [article(2).url]
        assert connection.execute(select(word_blocks.c.block)).scalars().all() == [*left]


def test_nothing_of_a_forgotten_page_is_left_but_a_number(filled: Database) -> None:
    one = article(2)
    assert one.text in everything(filled)
    with filled.reading() as connection:
        assert titles(connection, "هدنة") == [one.url]
        assert one.url in titles(connection, "محادثات")

    gone = forgetting.forget(filled, Target(url=one.url), now=NOW)

    assert (gone.articles, gone.links, gone.decisions) == (1, 1, 1)
    left = everything(filled)
    assert one.url not in left
    assert one.title not in left
    assert not any(line in left for line in one.text.split("\n"))
    with filled.reading() as connection:
        assert titles(connection, "هدنة") == []
        assert titles(connection, "محادثات") == [article(1, outlet="sahil").url, article(1).url]
        with pytest.raises(Exception, match="not stored"):
            ask.article_id(connection, one.url)


def test_articles_of_one_copy_group_go_together_and_others_by_fifty() -> None:
    """Otherwise those of the group that are left are compared again after each part."""
    groups = {one: 1_000 if one % 2 else one for one in range(240)}

    parts = forgetting.parts(groups)

    assert sorted(one for part in parts for one in part) == sorted(groups)
    assert [sum(one % 2 for one in part) for part in parts] == [0, 0, 120]
    assert [len(part) for part in parts] == [50, 50, 140]


def test_no_token_of_a_forgotten_article_is_left_in_the_search_index(filled: Database) -> None:
    from corpus.inverted import BODY
    from corpus.store.schema import word_blocks, word_buckets

    with filled.reading() as connection:
        (block,) = connection.execute(select(word_blocks)).all()
        before = connection.execute(select(word_buckets)).all()
        (gone,) = forgetting.found(connection, Target(url=article(2).url))
        lengths = memoryview(block.lengths).cast("H").tolist()
        place = memoryview(block.article_ids).cast("q").tolist().index(gone)

    forgetting.forget(filled, Target(url=article(2).url), now=NOW)

    with filled.reading() as connection:
        after = connection.execute(select(word_buckets)).all()
        assert words.unerased(connection) == {}  # the next one that is forgotten looks for its own alone
    count = sum(len(row.tokens) for row in before) // 4
    assert sum(len(row.tokens) for row in after) // 4 == count - lengths[place]
    documents = {pair for row in after for pair in memoryview(row.tokens).cast("H").tolist()[::2]}
    assert place not in documents
    for row in after:
        counts = memoryview(row.directory).cast("I").tolist()[1::2]
        assert sum(counts) * 4 == len(row.tokens)
        assert all(counts)
    assert BODY == 64


def test_words_that_stood_nowhere_else_leave_the_vocabulary_and_no_others(filled: Database) -> None:
    one = article(3, outlet="sahil")
    forgetting.forget(filled, Target(url=one.url), now=NOW)

    assert forgetting.forget_words(filled)

    with filled.reading() as connection:
        forms = set(connection.execute(select(word_forms.c.folded)).scalars())
        last = connection.execute(select(func.max(word_forms.c.id))).scalar_one()
        assert set(titles(connection, "المصافحة")) == {article(1).url, article(1, outlet="sahil").url}
    assert "الترجمه" not in forms
    assert "بوتين" in forms
    with filled.writing() as connection:
        assert fetched(connection, article(3, outlet="new")) is Outcome.KEPT
        words.make_block(connection)
        assert titles(connection, "الترجمة") == [article(3, outlet="new").url]
        assert connection.execute(select(func.max(word_forms.c.id))).scalar_one() > last


def test_the_vocabulary_is_left_alone_while_a_run_writes(filled: Database) -> None:
    with filled.writing() as connection:
        runs.start(connection, QUEUE, now=NOW, machine="m", pid=1)
        before = connection.execute(select(func.count()).select_from(word_forms)).scalar_one()
    forgetting.forget(filled, Target(domain="sahil.example"), now=NOW)

    assert not forgetting.forget_words(filled)

    with filled.reading() as connection:
        assert connection.execute(select(func.count()).select_from(word_forms)).scalar_one() == before


def test_the_vocabulary_is_left_alone_while_an_index_is_made_anew(filled: Database) -> None:
    """Forms have no words yet that the process which makes it remembers the numbers of."""
    with filled.writing() as connection:
        keep.begin_rebuild(connection)

    assert not forgetting.forget_words(filled)

    with filled.writing() as connection:
        assert keep.rebuild(connection, counts=TermCounts()) == 4
        words.make_block(connection)
    assert forgetting.forget_words(filled)


def test_a_run_that_died_keeps_no_words(database: Database, database_url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    with database.writing() as connection:
        fetched(connection, article(1))
        now = datetime.now(UTC)
        run_id = runs.start(connection, QUEUE, now=now, machine=platform.node(), pid=ended.pid)

    assert run(["forget", article(1).url, "--db", database_url]) == 0

    with database.reading() as connection:
        died = runs.by_id(connection, run_id)
        assert died is not None
        assert died.status == "lost"


def test_what_remains_is_found_listed_and_grouped_as_if_the_other_had_never_come(
    filled: Database, tmp_path: Path
) -> None:
    forgetting.forget(filled, Target(url=article(1).url), now=NOW)

    with filled.reading() as connection:
        kept = article(1, outlet="sahil").url
        assert titles(connection, "المصافحة") == [kept]
        ids = articles.find(connection, Filter(), sort="id")
        assert len(ids) == 3
        groups = articles.groups_of(connection, ids)
        assert len(set(groups.values())) == 3
        named = {other for one in ids for other, _ in similar_lists.stored_list(connection, one)}
        assert named <= set(ids)


def test_a_forgotten_page_is_not_queued_again_under_any_of_its_addresses(filled: Database) -> None:
    forgetting.forget(filled, Target(url=article(2).url), now=NOW)

    with filled.writing() as connection:
        spelled = "https://www.alwaha.example/news/2?utm_source=x"
        added = frontier.add_found(connection, QUEUE, [link(spelled), link("http://alwaha.example/news/9")], run_id=1)
        frontier.add_seeds(connection, QUEUE, [link(article(2).url)])

    assert added.new == 0  # links found at depth 0 are not counted; what is queued tells
    with filled.reading() as connection:
        assert frontier.state_of(connection, article(2).url) == []
        assert len(frontier.state_of(connection, "http://alwaha.example/news/9")) == 1


def test_a_page_is_forgotten_under_all_addresses_that_it_was_read_from_and_comes_back_under_all(
    filled: Database,
) -> None:
    one = dataclasses.replace(article(2), url="http://alwaha.example/a/2", canonical_url="http://alwaha.example/c/2")
    text = f"{article(3).text}\n{article(2).text}"
    addresses = [one.url, "http://m.alwaha.example/b/2", "http://alwaha.example/c/2"]
    with filled.writing() as connection:
        for url in addresses[:2]:
            fetched(connection, dataclasses.replace(one, url=url, text=text))

    gone = forgetting.forget(filled, Target(url=one.url), now=NOW)

    assert (gone.articles, gone.links, gone.decisions) == (1, 2, 2)
    assert not any(url in everything(filled) for url in addresses)
    with filled.writing() as connection:
        assert all(tombstones.of_page(connection, url) for url in addresses)
        assert forgetting.undo(connection, Target(url=addresses[1]))
        assert not any(tombstones.of_page(connection, url) for url in addresses)
        assert fetched(connection, one) in (Outcome.KEPT, Outcome.NEAR_COPY)


def test_a_forgotten_page_that_is_reached_by_a_redirect_is_not_stored(filled: Database) -> None:
    forgetting.forget(filled, Target(url=article(2).url), now=NOW)

    with filled.writing() as connection:
        run_id = runs.start(connection, QUEUE, now=NOW, machine="m", pid=1)
        frontier.add_seeds(connection, QUEUE, [link("http://short.example/x")])
        until = NOW + timedelta(hours=1)
        (leased,) = leases.lease(connection, QUEUE, run_id=run_id, now=NOW, until=until, busy={}, per_host=8, limit=8)
        outcome = settled(connection, leased, article(2), run_id)

    assert outcome is Outcome.FORGOTTEN
    with filled.reading() as connection:
        assert articles.id_of_url(connection, article(2).url) is None
        (decided,) = runs.why(connection, "http://short.example/x")
    assert "this page was forgotten on 2026-05-01" in decided.reason


def test_what_is_known_of_an_outlets_lines_goes_with_the_last_of_its_articles(database: Database) -> None:
    """Its domain need not be its name in the catalogue."""
    here, there = article(1), dataclasses.replace(article(2), url="http://alwaha.test/2", source_id="alwaha")
    source = str(here.source_id)
    with database.writing() as connection:
        for one in (here, there):
            fetched(connection, one)
        page_lines.put(connection, source, pages=2, lines={1: SeenLine(pages=2, first_page=1, last_page=2)})
    left = []
    for domain in ("alwaha.example", "alwaha.test"):
        forgetting.forget(database, Target(domain=domain), now=NOW)
        with database.reading() as connection:
            left.append((page_lines.pages_of(connection, source), len(page_lines.seen(connection, source, [1]))))

    assert left == [(2, 1), (0, 0)]


@pytest.mark.parametrize(
    "url", ["http://alwaha.example/news/7", "https://m.alwaha.example/a", "http://ALWAHA.example/b"]
)
def test_nothing_of_a_forgotten_domain_is_queued_or_stored(url: str, filled: Database) -> None:
    gone = forgetting.forget(filled, Target(domain="alwaha.example"), now=NOW)

    assert (gone.articles, gone.links, gone.decisions) == (2, 2, 2)
    with filled.writing() as connection:
        frontier.add_seeds(connection, QUEUE, [link(url), link("http://notalwaha.example/1")])
        assert frontier.state_of(connection, url) == []
        assert len(frontier.state_of(connection, "http://notalwaha.example/1")) == 1
        one = dataclasses.replace(article(3), url=url)
        run_id = runs.start(connection, QUEUE, now=NOW, machine="here", pid=1)
        elsewhere = link("http://notalwaha.example/1")  # from which the server led here
        (leased,) = leases.lend(connection, QUEUE, [elsewhere], run_id=run_id, until=NOW + timedelta(hours=1))
        assert settled(connection, leased, one, run_id) is Outcome.FORGOTTEN
    assert "//alwaha.example/" not in everything(filled)


@pytest.mark.parametrize("host", ["alwaha.example:8080", "m.alwaha.example:8080"])
def test_what_waits_at_another_port_of_a_forgotten_domain_is_no_longer_queued(host: str, filled: Database) -> None:
    with filled.writing() as connection:
        frontier.add_seeds(connection, QUEUE, [link(f"http://{host}/1"), link("http://notalwaha.example:8080/1")])

    forgetting.forget(filled, Target(domain="alwaha.example"), now=NOW)

    with filled.reading() as connection:
        assert frontier.state_of(connection, f"http://{host}/1") == []
        assert len(frontier.state_of(connection, "http://notalwaha.example:8080/1")) == 1


def test_runs_keep_their_counts(filled: Database) -> None:
    with filled.reading() as connection:
        before = [runs.outcomes(connection, one.id) for one in runs.latest(connection)]

    forgetting.forget(filled, Target(domain="alwaha.example"), now=NOW)

    with filled.reading() as connection:
        assert [runs.outcomes(connection, one.id) for one in runs.latest(connection)] == before


def test_a_page_of_which_another_address_was_forgotten_before_is_one_page(database: Database) -> None:
    with database.writing() as connection:
        tombstones.add_page(connection, ["http://a.example/1"], now=NOW)
        tombstones.add_page(connection, ["http://a.example/2", "http://a.example/1"], now=NOW)

        assert tombstones.remove_page(connection, "http://a.example/2")
        assert tombstones.of_page(connection, "http://a.example/1") is None


def test_forgetting_can_be_repeated_and_undone(filled: Database) -> None:
    wanted = Target(url=article(2).url)
    forgetting.forget(filled, wanted, now=NOW)
    again = forgetting.forget(filled, wanted, now=NOW + timedelta(days=1))

    assert (again.articles, again.links, again.decisions) == (0, 0, 0)
    with filled.writing() as connection:
        stone = tombstones.of_page(connection, article(2).url)
        assert stone is not None
        assert stone.forgotten_at == NOW
        assert forgetting.undo(connection, wanted)
        assert not forgetting.undo(connection, wanted)
        assert fetched(connection, article(2)) is Outcome.KEPT


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("https://Example.com/a?utm_source=x", Target(url="https://example.com/a")),
        ("Example.com", Target(domain="example.com")),
        ("news.example.com", Target(domain="news.example.com")),
        ("example.com.", Target(domain="example.com")),
    ],
)
def test_a_url_and_a_domain_are_told_apart(words: str, meant: Target) -> None:
    assert target(words) == meant


@pytest.mark.parametrize("words", ["com", "co.uk", "", "ftp://example.com/x", "قمة", "a b", "example.com:80", "%"])
def test_what_is_neither_or_a_whole_registry_is_refused(words: str) -> None:
    with pytest.raises(UsageError):
        target(words)


def collection(tmp_path: Path, some: Sequence[Article]) -> str:
    path = str(tmp_path / "nazair.db")
    with open_database(path, create=True) as database, database.writing() as connection:
        for one in some:
            fetched(connection, one)
    return path


def test_no_bytes_of_it_are_left_in_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = collection(tmp_path, [article(1), article(2), article(3)])
    (tmp_path / "nazair.db.backup-20260101T000000Z").touch()
    secret = article(2).text.split("\n")[1].encode()
    assert any(secret in file.read_bytes() for file in tmp_path.iterdir())

    assert run(["forget", article(2).url, "--db", path]) == 0

    assert not any(secret in file.read_bytes() for file in tmp_path.iterdir())
    output = capsys.readouterr()
    assert "1 article and 1 link taken out, and the addresses of 1 decision." in output.out
    assert "A backup from before has it still" in output.err
    assert run(["why", article(2).url, "-f", "json", "--db", path]) == 0
    assert json.loads(capsys.readouterr().out)[-1]["outcome"] == "forgotten"
    assert run(["add", article(2).url, "--contact", "a@b.example", "--db", path]) == 3
    assert f"To allow it: nazair forget {article(2).url} --undo" in capsys.readouterr().err


def test_a_dry_run_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = collection(tmp_path, [article(1), article(2)])

    assert run(["forget", "alwaha.example", "--dry-run", "--db", path]) == 0
    assert run(["purge", "--older-than", "1d", "--dry-run", "--db", path]) == 0

    assert capsys.readouterr().out.count("2 ") >= 2
    with open_database(path) as database, database.reading() as connection:
        assert articles.size(connection) == 2
        assert tombstones.of_page(connection, article(1).url) is None


def test_purging_takes_out_what_is_old_and_it_is_not_fetched_again(
    filled: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    old = datetime.now(UTC) - timedelta(days=100)
    with filled.writing() as connection:
        new = dataclasses.replace(article(3, outlet="new"), fetched_at=datetime.now(UTC), published_at=old)
        assert fetched(connection, new) is not None
        (row,) = connection.execute(select(frontier_rows.c.id).where(frontier_rows.c.url == article(2).url)).scalars()
        due = {
            "link_id": row,
            "url": article(2).url,
            "first_at": NOW,
            "visited_at": NOW,
            "due_at": NOW,
            "listings": b"",
        }
        connection.execute(insert(visits), due)

    assert run(["purge", "--older-than", "60d", "--db", database_url]) == 0
    assert "4 of 5 articles taken out" in capsys.readouterr().out
    assert run(["purge", "--older-than", "60d", "--by", "published", "--db", database_url]) == 0
    assert "1 of 1 article taken out" in capsys.readouterr().out

    with filled.writing() as connection:
        assert articles.size(connection) == 0
        assert connection.execute(select(visits.c.due_at)).scalars().all() == [None]
        frontier.add_found(connection, QUEUE, [link(article(2).url)], run_id=99)
        (waiting,) = frontier.state_of(connection, article(2).url)
    assert waiting.state == "done"


def test_purging_decisions_takes_out_no_article_nor_how_it_came_to_be_stored(
    filled: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = article(1).url
    off_topic = NewDecision(link=link("http://alwaha.example/9"), outcome=Outcome.OFF_TOPIC, reason="names nothing")
    with filled.writing() as connection:
        stored = runs.article_at(connection, kept)
        again = NewDecision(link=link(kept), outcome=Outcome.UNCHANGED, reason="304", article_id=stored)
        run_id = runs.start(connection, QUEUE, now=NOW, machine="m", pid=1)
        frontier.add_seeds(connection, QUEUE, [off_topic.link])
        (waiting,) = leases.lend(connection, QUEUE, [off_topic.link], run_id=run_id, until=NOW + timedelta(hours=1))
        leases.settle(connection, {waiting.id: None}, run_id=run_id)
        runs.record(connection, run_id, [off_topic, again], now=NOW)
        runs.end(connection, run_id, now=NOW, status="finished", reason="")
    purge = ["purge", "--older-than", "60d", "--decisions", "--db", database_url]

    assert run([*purge, "--dry-run"]) == run(purge) == 0
    assert run(["why", off_topic.link.url, "--db", database_url]) == 0

    told = "".join(capsys.readouterr())
    assert "0 of 4 articles fetched before" in told
    assert "and 2 decisions at least" in told
    assert "0 of 4 articles taken out, and 2 decisions." in told
    assert "What was decided is no longer known" in told
    with filled.reading() as connection:
        assert articles.size(connection) == 4
        assert [one.outcome for one in runs.why(connection, kept)] == [Outcome.KEPT]
        assert list(runs.articles_of(connection, [kept]).values()) == [stored]


@pytest.mark.parametrize("length", ["1h", "x", "999999w", "-1d"])
def test_a_purge_of_no_sensible_length_is_refused(length: str, tmp_path: Path) -> None:
    assert run(["purge", "--older-than", length, "--db", str(tmp_path / "nazair.db")]) == 2


def test_writing_a_file_anew_can_be_interrupted(tmp_path: Path) -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code in compact.__code__.co_consts:  # the step that SQLite makes now and then
            raise KeyboardInterrupt

    with open_database(str(tmp_path / "nazair.db"), create=True) as database:
        with database.writing() as connection:
            rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT * FROM n"
            connection.execute(text("CREATE TABLE filler AS " + rows))
        before = signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        try:
            with pytest.raises(KeyboardInterrupt):
                compact(database)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

        assert compact(database)
        assert integrity_problems(database) == []
