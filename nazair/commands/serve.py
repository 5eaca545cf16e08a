"""`nazair serve`: pages, a JSON API and a widget for other people's sites."""

from __future__ import annotations

import ipaddress
import logging
import signal
import socket
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from corpus.errors import UsageError
from nazair.context import Context, say, set_up_logging, verb

if TYPE_CHECKING:
    from crawler.catalogue import Catalogue
    from nazair.web.settings import Settings

# Connections at a time; what comes on top is answered with 503 at once.
MOST_CONNECTIONS = 200


@verb("serve")
@click.option("--bind", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any that is free.")
@click.option("--host-name", "host_names", multiple=True, metavar="NAME", help="A name that the server answers for.")
@click.option("--origin", "origins", multiple=True, metavar="URL", help="A site whose pages may use widget and API.")
@click.option(
    "--rate",
    type=click.IntRange(min=0),
    default=600,
    show_default=True,
    help="Requests a minute of one address (of IPv6, /64); 0: no limit.",
)
@click.option("--behind", "proxies", multiple=True, metavar="ADDRESS", help="A proxy whose word on clients counts.")
@click.option("--metrics", is_flag=True, help="Answer /metrics, for Prometheus; extra 'metrics'.")
@click.option("--full-text", is_flag=True, help="Show whole texts, for yourself; on this machine only.")
@click.option("--tz", "zone", metavar="ZONE", default="UTC", show_default=True, help="Times on pages, as Asia/Riyadh.")
def command(
    context: Context,
    *,
    bind: str,
    port: int,
    host_names: tuple[str, ...],
    origins: tuple[str, ...],
    rate: int,
    proxies: tuple[str, ...],
    metrics: bool,
    full_text: bool,
    zone: str,
) -> int:
    """Pages, a JSON API and a widget for other people's sites.

    Arabic pages (English with ?lang=en) of the collection: the latest, search, each article with its similar
    articles and its copies, topics, sources and runs. Others' texts are shown as extracts. The database is opened
    for reading only. One line in a page of yours fills its empty box:

    \b
      <script async src="https://nazair.example/embed.js" data-n="5"></script>

    \b
    Examples:
      nazair serve
      nazair serve --port 9000 --origin https://my-paper.example --tz Asia/Riyadh
      nazair serve --bind 0.0.0.0 --host-name nazair.my-paper.example --behind 10.0.0.2
    """
    if full_text and (host_names or proxies):
        raise UsageError("--full-text shows other people's whole texts, to you: without --host-name and --behind.")
    settings = _settings(bind, host_names, origins, rate=rate, full_text=full_text, metrics=metrics, zone=zone)
    trusted = [_proxy(address) for address in proxies]
    set_up_logging(context)
    catalogue = context.catalogue()
    context.use_spellings()
    with _listen(bind, port) as listening:
        _serve(context, listening, settings, catalogue, trusted)
    return 0


def _serve(
    context: Context, listening: socket.socket, settings: Settings, catalogue: Catalogue, trusted: list[str]
) -> None:
    import uvicorn

    from corpus.store.database import open_read_only
    from nazair.web.app import make_app
    from nazair.web.connections import Connection, take_handles
    from nazair.web.library import Library

    take_handles()
    with open_read_only(context.database) as database:
        config = uvicorn.Config(
            make_app(Library(database, catalogue, settings)),
            http=Connection,
            log_config=None,
            access_log=context.verbose > 0,
            server_header=False,
            proxy_headers=bool(trusted),
            forwarded_allow_ips=trusted,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=10,
        )
        host, port = listening.getsockname()[:2]
        name = f"[{host}]" if ":" in host else host
        say(f"Serving {database.name} on http://{name}:{port}/ (stop with Ctrl-C)")
        server = uvicorn.Server(config)
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        # uvicorn stops, and raises the signal again: whoever was told to stop and did so has done all.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        server.run(sockets=[listening])


def _settings(
    bind: str,
    host_names: tuple[str, ...],
    origins: tuple[str, ...],
    *,
    rate: int,
    full_text: bool,
    metrics: bool,
    zone: str,
) -> Settings:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from nazair.metrics import require_client
    from nazair.web.settings import LOOPBACK, Settings

    try:
        address = ipaddress.ip_address(bind)
    except ValueError as error:
        raise UsageError(f"--bind {bind!r} is no IP address. Example: 127.0.0.1, 0.0.0.0, ::1") from error
    if full_text and not address.is_loopback:
        raise UsageError("--full-text shows other people's whole texts: on this machine only (--bind 127.0.0.1).")
    if not address.is_loopback and not host_names:
        raise UsageError(
            f"--bind {bind} can be reached from other machines: say for which names to answer, --host-name NAME."
        )
    if metrics:
        require_client()
    try:
        tz = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"--tz {zone!r} is no time zone of the IANA list. Example: Asia/Riyadh") from error
    own = f"[{bind}]" if address.version == 6 else bind
    return Settings(
        hosts=LOOPBACK | {own} | {_host(name) for name in host_names},
        origins=frozenset(_origin(url) for url in origins),
        rate_per_minute=rate,
        full_text=full_text,
        metrics=metrics,
        zone=tz,
        zone_name=zone,
    )


def _host(name: str) -> str:
    """A name as browsers send it."""
    from corpus.urls import host

    spelt = host(name)
    if spelt is None:
        raise UsageError(
            f"--host-name {name!r} is no host name. Example: nazair.my-paper.example, without port and path"
        )
    return spelt


def _origin(url: str) -> str:
    """A site as browsers name it: in ASCII, without its scheme's own port."""
    from corpus.urls import normalise

    parts = urlsplit(normalise(url) or "")
    if not parts.netloc or parts.path != "/" or parts.query:
        raise UsageError(f"--origin {url!r} is no origin. Example: https://my-paper.example, without a path")
    return f"{parts.scheme}://{parts.netloc}"


def _proxy(address: str) -> str:
    try:
        return str(ipaddress.ip_network(address))
    except ValueError as error:
        raise UsageError(f"--behind {address!r} is no IP address or network. Example: 127.0.0.1, 10.0.0.0/8") from error


def _listen(bind: str, port: int) -> socket.socket:
    """A listening socket. Raises UsageError when the port is taken or may not be had."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    # Named, because asyncio turns Nagle's algorithm off only where TCP is; without, each answer takes 40 ms more.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((bind, port))
        listening.listen(1024)
    except OSError as error:
        listening.close()
        raise UsageError(
            f"Port {port} of {bind} cannot be had: {error.strerror}. Name another: --port 8001, or --port 0 for any."
        ) from error
    return listening
