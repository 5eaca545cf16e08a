"""Serves the bundled web on a loopback port: as an HTTP proxy (absolute-form requests) and by Host header.

python -m nazair.demo.server --port 8088
curl --proxy http://127.0.0.1:8088 http://alwaha.example/
"""

from __future__ import annotations

import argparse
import socket
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from nazair.demo.render import Resource
from nazair.demo.web import Web, bundled_web, read_web

NOT_FOUND = Resource(
    status=HTTPStatus.NOT_FOUND, headers={"Content-Type": "text/plain; charset=utf-8"}, body=b"There is no such page.\n"
)


class Logged(NamedTuple):
    """One request that was answered."""

    method: str
    url: str
    status: int


class WebServer(socketserver.ThreadingTCPServer):
    """A running server; `log` grows by one entry a request."""

    # Not http.server.HTTPServer, which asks the name service for its own name before it starts.
    allow_reuse_address = True
    request_queue_size = 128
    daemon_threads = True  # to wait for one that could not be started is an error of its own
    block_on_close = False

    def __init__(self, web: Web, *, port: int):
        self.web = web
        self.log: list[Logged] = []
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def port(self) -> int:
        port: int = self.socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Where it listens; also the address to give as an HTTP proxy."""
        return f"http://{self.socket.getsockname()[0]}:{self.port}"

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, client = super().get_request()
        self._connections.add(connection)
        return connection, client

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that goes away in the middle is no error of ours, nor is a machine that has no thread to give: the
        # client tells.
        if not isinstance(sys.exception(), ConnectionError | RuntimeError | MemoryError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        # Clients keep their connections open; without this their threads would never end.
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


@contextmanager
def serve(web: Web, *, port: int = 0) -> Iterator[WebServer]:
    """Serve a web to this machine alone, until the block ends; port 0 takes a free one."""
    with WebServer(web, port=port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024  # head and body leave in one packet
    server: WebServer

    def do_GET(self) -> None:
        host, path = _place(self.path, self.headers.get("Host", ""))
        resource = self.server.web.resources.get((host, path), NOT_FOUND)
        status = HTTPStatus.NOT_MODIFIED if is_unchanged(resource, self.headers) else resource.status
        self.server.log.append(Logged(self.command, f"http://{host}{path}", int(status)))
        self.send_response(status)
        for name, value in resource.headers.items():
            self.send_header(name, value)
        if status == HTTPStatus.NOT_MODIFIED:
            self.end_headers()
            return
        self.send_header("Content-Length", str(len(resource.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(resource.body)

    do_HEAD = do_GET  # noqa: N815 -- the name by which http.server calls it

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name of the method it overrides
        """Stay quiet: `WebServer.log` has it."""


def _place(target: str, host_header: str) -> tuple[str, str]:
    """Host and path of a request, percent-encoded in one way whatever way the client chose."""
    parts = urlsplit(target if "://" in target else f"http://{host_header}{target}")
    query = f"?{parts.query}" if parts.query else ""
    return parts.hostname or "", quote(unquote(parts.path or "/")) + query


def is_unchanged(resource: Resource, asked: Message) -> bool:
    """Whether the client has this resource already (RFC 9110 §13.1: If-None-Match goes before If-Modified-Since)."""
    if (tags := asked.get("If-None-Match")) and (etag := resource.headers.get("ETag")):
        return tags.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in tags.split(","))
    if (since := asked.get("If-Modified-Since")) and (modified := resource.headers.get("Last-Modified")):
        with suppress(ValueError):  # a date that is none is ignored, says the RFC
            return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    return False


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m nazair.demo.server", description="Serve the bundled web.")
    parser.add_argument("--port", type=int, default=0, help="a free one when not given")
    parser.add_argument("--seconds", type=float, help="stop after so long; else at Ctrl-C")
    arguments = parser.parse_args()
    web = read_web(bundled_web())
    with serve(web, port=arguments.port) as server, suppress(KeyboardInterrupt):
        print(
            f"Use {server.url} as an HTTP proxy:", *(site.home for site in web.sites.values()), sep="\n  ", flush=True
        )
        threading.Event().wait(arguments.seconds)


if __name__ == "__main__":
    main()
