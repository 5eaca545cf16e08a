"""No channel leads to an address that is not public: 24 attacks through six channels, seen at the sockets."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from corpus.errors import UsageError
from crawler.catalogue import load
from crawler.plan import plan_add
from tests.processes import nazair
from tests.rude_server import EMPTY_HOME, HTML, Answer, catalogue, serving

pytestmark = pytest.mark.slow

TITLE = "قمة جديدة في المدينة بعد يومين من الآن"

# Python runs it first in every process: each address that is connected to goes into a file.
WATCH = """
import os, socket

def watched(name):
    original = getattr(socket.socket, name)
    def connect(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            with open(os.environ["CONNECTED"], "a") as file:
                print(address[0], address[1], file=file)
        return original(self, address)
    return connect

class Watched(socket.socket):
    connect = watched("connect")
    connect_ex = watched("connect_ex")

socket.socket = Watched
"""


def attacks(port: int, path: str) -> list[str]:
    """24 URLs that lead to this machine, to its network, or to no web server, for a channel of its own."""
    hosts = [
        *("127.0.0.1", "127.1", "127.8.8.8", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001"),
        *("localhost", "LOCALHOST.", "news.localhost", "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
        *("0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "[fd00::1]"),  # noqa: S104
    ]
    urls = [f"http://{host}:{port}/{path}" for host in hosts]
    return [*urls, f"http://user@127.0.0.1:{port}/{path}", "file:///etc/passwd", f"gopher://127.0.0.1:{port}/{path}"]


class Web:
    """Outlets whose every channel names the attacks."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __call__(self, host: str, path: str, headers: Mapping[str, str]) -> Answer:
        named = attacks(self.port, "news/1")
        pages = {
            "section.example/": "".join(f'<a href="{escape(url)}">{TITLE}</a>' for url in named),
            "feed.example/feed": "<rss version='2.0'><channel>"
            + "".join(f"<item><title>{TITLE}</title><link>{escape(url)}</link></item>" for url in named)
            + "</channel></rss>",
            "sitemap.example/robots.txt": "Sitemap: http://sitemap.example/map.xml",
            "sitemap.example/map.xml": '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
            + "".join(f"<url><loc>{escape(url)}</loc></url>" for url in named)
            + "</urlset>",
            "robots.example/robots.txt": "\n".join(f"Sitemap: {url}" for url in named),
            "redirect.example/feed": "<rss version='2.0'><channel>"
            + "".join(
                f"<item><title>{TITLE}</title><link>http://redirect.example/news/{1000 + i}</link></item>"
                for i in range(len(named))
            )
            + "</channel></rss>",
        }
        if host == "redirect.example" and path.startswith("/news/"):
            return Answer(302, b"", {"Location": named[int(path[6:]) - 1000]})
        if text := pages.get(host + path):
            return Answer(200, text.encode(), HTML if path == "/" else {})
        return EMPTY_HOME if path == "/" else Answer(404)


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A port of this machine, on all its loopback addresses that can be had, and who came."""
    came: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                came.append(str(address))
                connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1], came
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def run(folder: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """A command, and the addresses that it connected to."""
    (folder / "watch").mkdir(exist_ok=True)
    (folder / "watch" / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    seen = folder / "connected.txt"
    seen.write_text("")
    environment = os.environ | {"PYTHONPATH": str(folder / "watch"), "CONNECTED": str(seen)}
    done = nazair(*arguments, "--workers", "1", "--db", folder / "n.db", env=environment)
    return done, set(seen.read_text().split("\n")) - {""}


def test_no_link_redirect_feed_sitemap_or_robots_txt_leads_to_a_private_address(tmp_path: Path) -> None:
    hosts = [f"{name}.example" for name in ("section", "feed", "sitemap", "robots", "redirect")]
    config = catalogue(tmp_path, hosts)
    with listening() as (port, came), serving(Web(port)) as server:
        done, connected = run(tmp_path, "crawl", "t", "--config", str(config), "--proxy", server.url)

    proxy = urlsplit(server.url)
    assert connected == {f"{proxy.hostname} {proxy.port}"}, done.stderr
    assert {host for _, host, _ in server.log} == set(hosts)
    assert came == []
    assert len({path for path in server.paths("redirect.example") if path.startswith("/news/")}) == 24


def test_no_page_that_is_named_on_the_command_line_is_at_a_private_address(tmp_path: Path) -> None:
    config = catalogue(tmp_path, ["x.example"])
    with listening() as (port, came):
        *urls, with_user, file, gopher = attacks(port, "news/1")
        for url in (with_user, file, gopher):
            with pytest.raises(UsageError, match="is not an http"):
                plan_add(load(config), [url])
        done, connected = run(tmp_path, "add", *urls, "--config", str(config), "--contact", "me@example.org")

    assert done.returncode == 3, done.stderr
    assert connected == set()
    assert came == []
