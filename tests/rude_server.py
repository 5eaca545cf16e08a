"""A web of servers as a crawler meets them: each host answers as a test says, by a proxy on loopback."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from tests.processes import nazair

TOPIC = """
[topic]
id = "t"
title = "قمة"

[[topic.concept]]
name = "قمة"
role = "required"
aliases = ["قمة"]
"""


@dataclass(frozen=True)
class Answer:
    """What a server sends; status 0 closes the connection without a word."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    raw: Callable[[], Iterable[bytes]] | None = None  # all that is sent, in place of the above; it may have no end


HTML = {"Content-Type": "text/html; charset=utf-8"}
EMPTY_HOME = Answer(200, b"<html><body></body></html>", HTML)  # what a page is without its scripts

Web = Callable[[str, str, Mapping[str, str]], Answer]  # (host, path, request headers)


@dataclass
class Server:
    """A running web; `log` has (seconds, host, path) of each request."""

    url: str
    log: list[tuple[float, str, str]] = field(default_factory=list)

    def paths(self, host: str) -> list[str]:
        return [path for _, name, path in self.log if name == host]

    def times(self, host: str, *, beginning: str = "/") -> list[float]:
        return [at for at, name, path in self.log if name == host and path.startswith(beginning)]


def assert_left_alone(times: Sequence[float], *, least_s: float) -> None:
    """Between any two of its requests a host was left alone for so long.

    A busy machine notes a request late (by 0.13 s, once): the gap behind it is shorter then, and the one before longer.
    """
    gaps = [b - a for a, b in pairwise(times)]
    assert min(gaps) > least_s / 2, gaps
    assert sum(gaps) > least_s * (len(gaps) - 0.5), gaps


class _Servers(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a crawler that hung up: it may do so."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # as it was handed to us


@contextmanager
def serving(web: Web) -> Iterator[Server]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            host, path = parts.hostname or "", parts.path + (f"?{parts.query}" if parts.query else "")
            server.log.append((time.monotonic(), host, path))
            answer = web(host, path, dict(self.headers))
            if answer.after_s:
                stopped.wait(answer.after_s)
            if answer.raw is not None:
                self._send_raw(answer.raw())
                return
            if not answer.status:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def _send_raw(self, parts: Iterable[bytes]) -> None:
            self.close_connection = True
            with suppress(ConnectionError):
                for part in parts:
                    if stopped.is_set():
                        return
                    self.wfile.write(part)

        def log_message(self, *arguments: object) -> None:
            pass

    stopped = threading.Event()
    with _Servers(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        server = Server(f"http://127.0.0.1:{running.server_address[1]}")
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            stopped.set()
            running.shutdown()
            thread.join()


def article(number: int, words: str = "قمة") -> bytes:
    """An article's page that is on the topic."""
    text = " ".join(f"{words} تحدث عنها المسؤول رقم {number} في المدينة صباح اليوم أمام جمع من الناس" for _ in range(4))
    return (
        f'<html lang="ar"><head><meta charset="utf-8"><meta property="og:type" content="article">'
        f"<title>قمة رقم {number}</title></head><body><article><h1>قمة رقم {number} في المدينة</h1>"
        f'<time datetime="2025-08-15T10:00:00Z"></time><p>{text}</p></article></body></html>'
    ).encode()


def feed(host: str, count: int) -> bytes:
    """An RSS feed with links to `count` articles, /news/1001 on."""
    items = "".join(f"<item><link>http://{host}/news/{1000 + i}</link></item>" for i in range(1, count + 1))
    return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()


def news(host: str, path: str, count: int) -> Answer:
    """What a site of `count` articles answers that is not rude: they are in its feed, which its home page names not."""
    if path.startswith("/news/"):
        return Answer(200, article(int(path[6:])), HTML)
    return {"/": EMPTY_HOME, "/feed": Answer(200, feed(host, count))}.get(path, Answer(404))


def catalogue(folder: Path, hosts: list[str], *, extra: str = "delay_s = 0\n") -> Path:
    """A --config folder with a source for each host, its feed at /feed, and a topic `t`."""
    for name in ("sources", "topics"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    sources = "".join(
        f'[[source]]\nid = "{host.split(".")[0]}"\nname = "{host}"\nhome = "http://{host}/"\n'
        f'feeds = ["http://{host}/feed"]\n{extra}\n'
        for host in hosts
    )
    (folder / "sources" / "s.toml").write_text(sources, encoding="utf-8")
    (folder / "topics" / "t.toml").write_text(TOPIC, encoding="utf-8")
    return folder


def crawl(
    config: Path, server: Server, db: str, *options: str, timeout: float = 100
) -> subprocess.CompletedProcess[str]:
    """`nazair crawl t`, as a process of its own."""
    of_web = ("--config", config, "--proxy", server.url)
    return nazair("crawl", "t", *of_web, "--db", db, "--workers", "1", *options, timeout=timeout)
