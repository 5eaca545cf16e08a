"""A name that is public when it is looked up first, and this machine ever after: no request follows it there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from corpus.store import runs
from corpus.store.database import open_database
from tests.rude_server import HTML, Answer, article, catalogue, feed, serving

pytestmark = pytest.mark.slow

PUBLIC = "203.0.114.7"  # stands for any: this machine has a server for it

# Python runs it first in every process. It is the world outside: a name server whose answer changes, and the network,
# where PUBLIC is the test's server. Each address that is connected to goes into a file.
WORLD = """
import os, socket
from collections import Counter

asked = Counter()

def gethostbyname(name):
    asked[name] += 1
    return os.environ["PUBLIC"] if asked[name] == 1 else "127.0.0.1"

def connecting(name):
    original = getattr(socket.socket, name)
    def connect(self, address):
        if self.family not in (socket.AF_INET, socket.AF_INET6):
            return original(self, address)
        with open(os.environ["CONNECTED"], "a") as file:
            print(address[0], address[1], file=file)
        if address[0] == os.environ["PUBLIC"]:
            address = ("127.0.0.1", int(os.environ["SERVER_PORT"]))
        return original(self, address)
    return connect

class Watched(socket.socket):
    connect = connecting("connect")
    connect_ex = connecting("connect_ex")

socket.socket = Watched
socket.gethostbyname = gethostbyname
"""


@pytest.mark.parametrize("remembers", [True, False])
def test_no_request_follows_a_name_to_a_private_address(remembers: bool, tmp_path: Path) -> None:
    """Scrapy remembers a name as long as it runs; also when it does not, each answer is judged before it is used."""

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        close = {"Connection": "close"}  # so that each request looks the name up
        if path == "/feed":
            return Answer(200, feed(headers["Host"], 2), close)
        if path.startswith("/news/"):
            return Answer(200, article(int(path[6:])), {**HTML, **close})
        return Answer(404, headers=close)

    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WORLD, encoding="utf-8")
    with serving(web) as server:
        port = urlsplit(server.url).port
        config = catalogue(tmp_path / "config", ["rebound.example:8080"])
        environment = os.environ | {
            "PYTHONPATH": f"{tmp_path / 'watch'}:{os.getcwd()}",
            "CONNECTED": str(tmp_path / "connected.txt"),
            "PUBLIC": PUBLIC,
            "SERVER_PORT": str(port),
        }
        settings = {"NAZAIR_CONFIG": config, "NAZAIR_DB": tmp_path / "n.db", "NAZAIR_CONTACT": "me@example.org"}
        settings |= {"NAZAIR_WORKERS": 1, "DNSCACHE_ENABLED": remembers, "DOWNLOAD_DELAY": 0}
        options = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
        command = [sys.executable, "-m", "scrapy", "crawl", "news", "-a", "topic=t", *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, env=environment)

    connected = set((tmp_path / "connected.txt").read_text().splitlines())
    assert connected == {f"{PUBLIC} 8080"}, done.stderr
    with open_database(str(tmp_path / "n.db")).reading() as connection:
        decided = {urlsplit(one.url).path: one for one in runs.decided(connection, 1)}
    if remembers:
        assert {"/news/1001", "/news/1002"} <= set(server.paths(""))
        return
    assert server.paths("") == ["/robots.txt"]
    assert decided["/feed"].reason == (
        "blocked non-public address 'rebound.example' (127.0.0.1): allow its network with --allow-private 127.0.0.0/8"
    )
