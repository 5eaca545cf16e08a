"""`nazair schedule`: bad input is told, due crawls are processes of their own, units are what their readers take."""

from __future__ import annotations

import configparser
import csv
import json
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus.store import schedules
from corpus.store.database import open_database
from nazair.cli import run
from nazair.context import Context
from nazair.schedule import units
from nazair.schedule.minding import crawl_command, worst
from tests.processes import nazair
from tests.rude_server import catalogue

ADD = ("schedule", "add", "summit", "--topic", "alaska-summit")
DAILY = (*ADD, "--cron", "0 5 * * *", "--tz", "Asia/Riyadh")

BAD = {
    (*ADD, "--cron", "0 25 * * *"): "--cron '0 25 * * *': the second field, the hour, must be 0-23",
    (*ADD, "--cron", "0 5 * * *", "--tz", "Asia/Riyad"): "Did you mean 'Asia/Riyadh'?",
    (*ADD, "--cron", "0 5 * * *", "--every", "1h"): "Give either --cron '0 */6 * * *' or --every 6h",
    ADD: "Give either --cron '0 */6 * * *' or --every 6h",
    (*ADD, "--every", "1s"): "1s is too short: 1m at least",
    (*ADD, "--every", "1h", "--max-time", "0m"): "0m is too short: 1s at least",
    (*ADD, "--every", "999999w"): "999999w is too long: 20000d at most",
    (*ADD, "--every", "1h", "--jitter", "30000d"): "30000d is too long: 20000d at most",
    (*ADD, "--every", "1h", "--max-pages", "99999999999999999999"): "is not in the range",
    ("schedule", "unit", "--contact", "bad"): "The contact 'bad' is neither a mail address",
    (*ADD, "--every", "often"): "'often' is not a length of time",
    (*ADD, "--every", "1h", "--source", "alajazeera"): "There is no source 'alajazeera'",
    ("schedule", "add", "x", "--topic", "alaska", "--every", "1h"): "There is no topic 'alaska'",
    ("schedule", "add", "", "--topic", "alaska-summit", "--every", "1h"): "'' is no name for a schedule",
    ("schedule", "pause", "sumit"): "There is no schedule 'sumit'. Did you mean 'summit'?",
    ("schedule", "unit", "--contact", ""): "Webmasters must be able to write to you",
    ("schedule", "remove", "x"): "There is no schedule 'x'.",
}


def test_what_may_be_said_can_be_stored(database_url: str) -> None:
    lengths = ("--every", "20000d", "--jitter", "10000d", "--max-time", "20000d", "--max-pages", str(10**9))

    assert run([*ADD, *lengths, "--db", database_url]) == 0
    assert run(["schedule", "list", "--db", database_url]) == 0


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_bad_input_is_told_and_changes_nothing(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--db", str(tmp_path / "nazair.db")]
    assert run([*DAILY, *where]) == 0
    capsys.readouterr()

    assert run([*arguments, *where]) == 2

    output = capsys.readouterr()
    assert BAD[arguments] in output.err
    assert output.out == ""
    assert run(["schedule", "list", "-f", "json", *where]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["when"] == "0 5 * * *"
    assert row["state"] == "waiting"


def test_a_second_schedule_of_the_same_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--db", str(tmp_path / "nazair.db")]
    assert run([*DAILY, *where]) == 0

    assert run([*ADD, "--every", "1h", *where]) == 2

    assert "There is a schedule 'summit' already; it was left as it is" in capsys.readouterr().err


def test_the_list_shows_the_next_three_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--db", str(tmp_path / "nazair.db")]
    run([*DAILY, *where])
    capsys.readouterr()

    run(["schedule", "list", "-f", "json", *where])

    (row,) = json.loads(capsys.readouterr().out)
    assert [moment[11:] for moment in row["next"]] == ["02:00:00Z"] * 3
    assert row["last_started_at"] is None


def test_a_due_crawl_runs_in_a_process_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "nazair.db")
    run([*DAILY, "--source", "aljazeera", "--db", path])
    capsys.readouterr()
    with open_database(path).writing() as connection:
        (one,) = schedules.all_of(connection)
        schedules.pause(connection, one.name)
        schedules.resume(connection, one.name, now=datetime.now(UTC) - timedelta(days=2))

    # Nothing is asked of anyone: without a contact the crawl ends before it begins.
    done = nazair("schedule", "run-due", "--db", path, env={"PATH": "/usr/bin", "HOME": "/"})

    assert done.returncode == 2
    assert "Say who you are: --contact" in done.stderr
    assert "1 earlier time was missed, this is the one run for all" in done.stderr
    assert run(["schedule", "list", "--db", path]) == 0
    assert "1 missed before it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("codes", "expected"),
    [((), 0), ((0, 0), 0), ((0, 75), 75), ((75, 4, 130), 4), ((4, 2), 2), ((2, 1), 1), ((75, -9), 4)],
)
def test_a_pass_ends_with_the_worst_of_its_crawls_codes(codes: tuple[int, ...], expected: int) -> None:
    assert worst(codes) == expected


def test_a_pass_with_nothing_due_says_nothing_to_cron(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--db", str(tmp_path / "nazair.db")]
    run([*DAILY, *where])
    capsys.readouterr()

    assert run(["schedule", "run-due", *where]) == 0

    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("given", ["90m", "5400"])
def test_a_scheduled_crawl_reads_what_is_due_within_the_time_that_it_may_take(tmp_path: Path, given: str) -> None:
    path = str(tmp_path / "nazair.db")
    run([*DAILY, "--max-time", given, "--db", path])
    with open_database(path).reading() as connection:
        (one,) = schedules.all_of(connection)

    parts = crawl_command(Context(db=path), one, {})

    assert parts[2:6] == ["nazair", "crawl", "alaska-summit", "--due"]
    assert parts[parts.index("--max-time") + 1] == "5400s"


def test_no_command_line_of_a_crawl_shows_a_password(tmp_path: Path) -> None:
    path = str(tmp_path / "nazair.db")
    run([*DAILY, "--db", path])
    with open_database(path).reading() as connection:
        (one,) = schedules.all_of(connection)

    parts = crawl_command(Context(db="postgresql://me:secret@host/nazair"), one, {})

    assert "secret" not in " ".join(parts)


def test_the_list_is_csv_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--db", str(tmp_path / "nazair.db")]
    run([*DAILY, *where])
    capsys.readouterr()

    assert run(["schedule", "list", "-f", "csv", *where]) == 0

    (row,) = csv.DictReader(capsys.readouterr().out.splitlines())
    assert [moment[10:] for moment in row["next"].split("; ")] == ["T02:00:00Z"] * 3


def setting(folder: Path, *, name: str = "100% news.db") -> units.Setting:
    return units.Setting(
        folder=folder,
        file=folder / name,
        config=None,
        variables={"NAZAIR_CONTACT": "me@b.example", "NAZAIR_COPY_DAYS": "30"},
        user="press",
    )


def test_the_systemd_unit_and_timer_are_what_systemd_takes(tmp_path: Path) -> None:
    text = units.systemd(setting(tmp_path))
    service, timer = text.split("# /etc/systemd/system/nazair.timer\n")

    for name, part in (("service", service), ("timer", timer)):
        (tmp_path / f"nazair.{name}").write_text(part, encoding="utf-8")
        parsed = configparser.ConfigParser(interpolation=None)
        parsed.read_string(part)
        assert parsed.sections()
    if (verify := shutil.which("systemd-analyze")) is not None:
        files = [str(tmp_path / "nazair.timer"), str(tmp_path / "nazair.service")]
        done = subprocess.run([verify, "verify", *files], capture_output=True, text=True, timeout=100, check=False)
        assert "nazair" not in done.stderr, done.stderr
        security = [verify, "security", "--offline=true", "--threshold=60", files[1]]
        told = subprocess.run(security, capture_output=True, text=True, timeout=100, check=False)
        assert told.returncode == 0, told.stdout
    assert "100%% news.db" in service
    assert "\nEnvironment=NAZAIR_CONTACT=me@b.example NAZAIR_COPY_DAYS=30\n" in service
    assert "\nUser=press\n" in service, "what root writes others cannot"
    assert "\nSuccessExitStatus=75\n" in service, "a crawl that has to wait is no failure"


def test_a_dollar_sign_stands_for_itself_in_the_program_s_path_its_arguments_and_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "cash $HOME" / "nazair"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(program.with_name("python")))
    asked = replace(setting(tmp_path, name="$HOME.db"), variables={"NAZAIR_CONTACT": "a$b@c.example"})

    service, _ = units.systemd(asked).split("# /etc/systemd/system/nazair.timer\n")

    assert f'\nExecStart="{program}" schedule run-due --db {tmp_path}/$$HOME.db\n' in service
    assert "\nEnvironment=NAZAIR_CONTACT=a$b@c.example\n" in service
    (tmp_path / "nazair.service").write_text(service, encoding="utf-8")
    if (verify := shutil.which("systemd-analyze")) is not None:
        command = [verify, "verify", str(tmp_path / "nazair.service")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        assert "not executable" not in done.stderr, done.stderr


def test_the_crontab_line_runs_the_command_through_a_shell(tmp_path: Path) -> None:
    (line,) = units.crontab(setting(tmp_path)).splitlines()
    when, command = line.split(" cd ", maxsplit=1)

    assert when == "*/5 * * * *"
    assert "\\%" in command
    words = shlex.split(f"cd {command}".replace("\\%", "%"))
    assert words[-1] == str(tmp_path / "100% news.db")
    assert words[:2] == ["cd", str(tmp_path)]


def test_the_cron_job_never_overlaps_itself() -> None:
    yaml = pytest.importorskip("yaml")

    job = yaml.safe_load(units.kubernetes(setting(Path("/x")), image='a"b'))

    assert job["kind"] == "CronJob"
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == 'a"b'
    assert container["args"] == ["schedule", "run-due"]
    named = {one["name"]: one.get("value") for one in container["env"]}
    assert named == {"NAZAIR_CONTACT": "me@b.example", "NAZAIR_COPY_DAYS": "30", "NAZAIR_DB": None}


def test_a_unit_crawls_with_the_settings_and_the_topics_of_whoever_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = catalogue(tmp_path / "my news", ["a.example"])
    monkeypatch.setenv("NAZAIR_COPY_DAYS", "30")
    monkeypatch.setenv("NAZAIR_SEMANTIC", "1")
    told = {}
    for kind in ("systemd", "crontab", "kubernetes"):
        assert run(["schedule", "unit", kind, "--contact", "me@b.example", "--config", str(config)]) == 0
        told[kind] = capsys.readouterr().out

    assert "NAZAIR_COPY_DAYS=30 NAZAIR_SEMANTIC=1\n" in told["systemd"]
    assert "NAZAIR_COPY_DAYS=30 NAZAIR_SEMANTIC=1 " in told["crontab"]
    assert f'- name: NAZAIR_CONFIG\n                  value: "{config}"\n' in told["kubernetes"]
    assert all(str(config) in text for text in told.values())


@pytest.mark.parametrize("kind", ["systemd", "crontab", "kubernetes"])
def test_no_unit_shows_a_password(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    url = "postgresql://me:hidden@host/nazair"

    assert run(["schedule", "unit", kind, "--contact", "me@b.example", "--db", url]) == 0

    text = capsys.readouterr().out
    assert "hidden" not in text
    assert "NAZAIR_DB" in text
