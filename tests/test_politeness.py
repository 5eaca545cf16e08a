"""Politeness: who must say who they are, and how long a host is left alone between two requests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from corpus.errors import UsageError
from corpus.types import Topic
from crawler import settings as project
from crawler.catalogue import Catalogue, Source
from crawler.leasing import MOST_LEASED
from crawler.plan import Plan, plan_add, plan_crawl
from crawler.politeness import LEAST_DELAY_S, check_contact, download_slots, require_contact
from tests.processes import nazair
from tests.rude_server import Answer, assert_left_alone, catalogue, serving

FOREIGN = "http://alwaha.example/"
PROXY = {"NAZAIR_PROXY": "http://127.0.0.1:8080"}
ALLOWED = {"NAZAIR_ALLOW_PRIVATE": ["127.0.0.0/8"]}


def plan(*sources: Source) -> Plan:
    topic = Topic(id="t", title="قمة ألاسكا", concepts=())
    catalogue = Catalogue(sources={source.id: source for source in sources}, topics={"t": topic})
    return plan_crawl(catalogue, "t")


def source(home: str = FOREIGN, *, id_: str = "alwaha", delay_s: float = 2.0, feeds: tuple[str, ...] = ()) -> Source:
    return Source(id=id_, name="الواحة", home=home, delay_s=delay_s, feeds=feeds)


def test_a_visit_to_a_foreign_host_needs_a_contact() -> None:
    with pytest.raises(UsageError) as caught:
        require_contact(plan(source()), {})

    assert str(caught.value).startswith("This would visit alwaha.example, whose owner")
    assert "--contact" in str(caught.value)
    assert "NAZAIR_CONTACT" in str(caught.value)


def test_the_shipped_settings_count_every_host_as_foreign_and_are_slow_enough() -> None:
    assert not project.NAZAIR_ALLOW_PRIVATE
    assert project.NAZAIR_PROXY is None
    assert project.DOWNLOAD_DELAY >= LEAST_DELAY_S


@pytest.mark.parametrize(
    "contact",
    [
        *("bad", "أحمد", "أحمد@example.org", "you@example", "you@example.org\n", "a@b.example\nX: y", " "),
        *("ftp://a.example/", "http://", "https://example.org/من", "you@example.org (me)", "@example.org"),
    ],
)
def test_a_contact_is_a_mail_address_or_a_page(contact: str) -> None:
    with pytest.raises(UsageError, match="neither a mail address nor an http"):
        check_contact(contact)


@pytest.mark.parametrize(
    "contact",
    ["you@example.org", "first.last+news@sub.example.co", "https://example.org/", "http://example.org:8080/a?b=c#d"],
)
def test_a_contact_that_people_can_write_to_is_taken(contact: str) -> None:
    check_contact(contact)


def test_a_contact_that_is_set_is_enough() -> None:
    require_contact(plan(source()), {"NAZAIR_CONTACT": "desk@nazair.example"})


def test_the_complaint_says_when_there_are_several_hosts() -> None:
    two = plan(source(), source("http://alsharia.example/", id_="alsharia"))

    with pytest.raises(UsageError, match=r"would visit alsharia\.example and others, "):
        require_contact(two, {})


@pytest.mark.parametrize("settings", [PROXY, {"NAZAIR_PROXY": "http://[::1]:8080", "NAZAIR_CONTACT": ""}])
def test_behind_a_proxy_of_this_machine_no_contact_is_needed(settings: dict[str, Any]) -> None:
    require_contact(plan(source()), settings)


@pytest.mark.parametrize("home", ["http://127.0.0.1:8000/", "http://localhost/", "http://127.8.8.8/"])
def test_an_allowed_host_needs_no_contact(home: str) -> None:
    require_contact(plan(source(home)), ALLOWED)

    with pytest.raises(UsageError):
        require_contact(plan(source(home)), {})


def test_one_foreign_host_among_allowed_ones_needs_a_contact() -> None:
    mixed = plan(source("http://127.0.0.1/"), source(id_="foreign"))

    with pytest.raises(UsageError, match=r"would visit alwaha\.example, "):
        require_contact(mixed, ALLOWED)


def test_a_feed_on_a_foreign_host_needs_a_contact_whatever_the_home() -> None:
    elsewhere = plan(source("http://127.0.0.1/", feeds=("http://feeds.alwaha.example/rss",)))

    with pytest.raises(UsageError, match=r"would visit feeds\.alwaha\.example, "):
        require_contact(elsewhere, ALLOWED)


def test_a_page_that_is_added_needs_a_contact_too() -> None:
    added = plan_add(Catalogue(sources={}, topics={}), ["http://alwaha.example/news/1"])

    with pytest.raises(UsageError, match=r"would visit alwaha\.example, "):
        require_contact(added, {})


@given(st.floats(min_value=0, max_value=60))
@hypothesis_settings(max_examples=50)
def test_a_foreign_host_is_left_alone_for_a_second_or_as_long_as_its_source_says(delay_s: float) -> None:
    slots = download_slots(plan(source(delay_s=delay_s)), ALLOWED)["DOWNLOAD_SLOTS"]

    assert slots == {"alwaha.example": {"concurrency": 1, "delay": max(delay_s, 1.0)}}


@pytest.mark.parametrize("settings", [{}, ALLOWED, {"NAZAIR_CONTACT": "desk@nazair.example"}])
def test_the_delay_of_hosts_without_a_source_stays_when_any_host_is_foreign(settings: dict[str, Any]) -> None:
    mixed = plan(source("http://127.0.0.1/"), source(id_="foreign"))

    assert "DOWNLOAD_DELAY" not in download_slots(mixed, settings)


@pytest.mark.parametrize(("home", "settings"), [(FOREIGN, PROXY), ("http://127.0.0.1:8000/", ALLOWED)])
def test_a_host_of_ours_may_be_asked_as_fast_as_its_source_says(home: str, settings: dict[str, Any]) -> None:
    result = download_slots(plan(source(home, delay_s=0)), settings)

    assert [slot["delay"] for slot in result["DOWNLOAD_SLOTS"].values()] == [0]
    assert result["DOWNLOAD_DELAY"] == 0


def test_a_host_of_two_sources_is_left_alone_as_long_as_the_slower_says() -> None:
    sections = plan(source(id_="a", delay_s=5), source(id_="b", delay_s=3))

    assert download_slots(sections, {})["DOWNLOAD_SLOTS"]["alwaha.example"]["delay"] == 5


def test_every_source_has_its_own_delay() -> None:
    two = plan(source(delay_s=5), source("http://alsharia.example/", id_="alsharia", delay_s=0.1))

    slots = download_slots(two, {})["DOWNLOAD_SLOTS"]

    assert {host: slot["delay"] for host, slot in slots.items()} == {"alwaha.example": 5, "alsharia.example": 1}


def test_hosts_that_rest_keep_no_others_waiting(tmp_path: Path) -> None:
    hosts = [f"h{i}.example" for i in range(MOST_LEASED + 20)]
    unasked, all_asked = set(hosts), threading.Event()

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        unasked.discard(host)
        if not unasked:
            all_asked.set()
        return Answer(404)

    config = catalogue(tmp_path, hosts, extra="delay_s = 60\n")
    with serving(web) as server:
        where = ["--config", str(config), "--proxy", server.url, "--db", str(tmp_path / "a.db"), "-q"]
        crawl = subprocess.Popen([sys.executable, "-m", "nazair", "crawl", "t", *where])
        try:
            assert all_asked.wait(50), f"{len(unasked)} of {len(hosts)} hosts were not asked in time"
        finally:
            crawl.send_signal(signal.SIGINT)
            crawl.wait(60)


def test_a_host_that_is_slow_to_answer_rests_after_each_answer(tmp_path: Path) -> None:
    config = catalogue(tmp_path, ["a.example"], extra="delay_s = 0.4\n")
    with serving(lambda host, path, headers: Answer(404, after_s=0.4)) as server:
        nazair("crawl", "t", "--config", str(config), "--proxy", server.url, "--db", str(tmp_path / "a.db"))

    assert [path for _, _, path in server.log] == ["/robots.txt", "/feed", "/"]
    assert_left_alone(server.times("a.example"), least_s=0.8)


# Python runs it first in every process: a name server that answers for some names only when another was asked for.
SLOW_NAMES = """
import socket, threading

asked = threading.Event()

def gethostbyname(name):
    if name == "quick.example":
        asked.set()
    asked.wait(60)
    return "127.0.0.1"

socket.gethostbyname = gethostbyname
"""


def test_names_that_are_slow_to_be_had_keep_no_others_waiting(tmp_path: Path) -> None:
    slow = [f"slow{i}.example" for i in range(12)]
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(SLOW_NAMES, encoding="utf-8")
    with serving(lambda host, path, headers: Answer(404)) as server:
        hosts = [f"{name}:{urlsplit(server.url).port}" for name in (*slow, "quick.example")]
        config = catalogue(tmp_path / "config", hosts)
        network = ["--allow-private", "127.0.0.0/8", "--contact", "you@example.org"]
        where = ["--config", str(config), "--db", str(tmp_path / "a.db"), "--workers", "1"]
        environment = os.environ | {"PYTHONPATH": f"{tmp_path / 'watch'}:{os.getcwd()}"}
        done = nazair("crawl", "t", *network, *where, env=environment)

    assert "DNS" not in done.stderr
    assert sum(path == "/robots.txt" for _, _, path in server.log) == len(hosts), done.stderr
