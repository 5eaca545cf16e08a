"""Before and after every request: is it for us, is it one too many, and what browsers are told to refuse.

An ASGI middleware; nothing it does needs the collection.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nazair.web import asked
from nazair.web.settings import Settings

# Whatever gets into a page: no script runs, nothing is fetched from elsewhere, nobody frames it.
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)

LONGEST_QUERY = 4_096

# Addresses that are remembered; the one not seen for longest is forgotten first.
MOST_ADDRESSES = 10_000

# What may be asked for at once before the rate counts: a page with its style and fonts, and some more.
BURST = 60


class Rate:
    """How much each address, or network of IPv6, may still ask (a token bucket each)."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s, self._clock = per_minute / 60, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # address → (tokens, at)

    def wait_s(self, address: str) -> int:
        """0 when the address may ask now, else in how many seconds it may."""
        if not self._per_s:
            return 0
        now = self._clock()
        tokens, at = self._left.pop(address, (float(BURST), now))
        tokens = min(float(BURST), tokens + (now - at) * self._per_s)
        allowed = tokens >= 1
        self._left[address] = (tokens - 1 if allowed else tokens), now
        if len(self._left) > MOST_ADDRESSES:
            self._left.popitem(last=False)
        return 0 if allowed else max(1, round((1 - tokens) / self._per_s))


class Guard:
    """The middleware."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._rate = Rate(settings.rate_per_minute)
        self._policy = POLICY.format(ancestors="'none'").encode()
        self._embedded = POLICY.format(ancestors=" ".join(["'self'", *sorted(settings.origins)])).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = self._guarding(scope, send)
        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        host = _name(Headers(scope=scope).get("host", ""))
        if host not in self._settings.hosts:
            return PlainTextResponse(
                f"This server does not answer for the host {host[:100]!r}. "
                "Whoever runs it names its hosts: nazair serve --host-name NAME\n",
                status_code=421,
            )
        if len(scope["query_string"]) > LONGEST_QUERY:
            return PlainTextResponse(f"The address is too long: at most {LONGEST_QUERY} bytes.\n", status_code=414)
        client = scope.get("client") or ("", 0)
        if wait := self._rate.wait_s(whose(client[0])):
            return PlainTextResponse(
                f"Too many requests from your address: {self._settings.rate_per_minute} a minute are answered. "
                f"Ask again in {wait} s.\n",
                status_code=429,
                headers={"Retry-After": str(wait)},
            )
        return None

    def _guarding(self, scope: Scope, send: Send) -> Send:
        path, origin = scope["path"], Headers(scope=scope).get("origin", "")
        shared = path.startswith(("/api/", "/feeds/"))
        is_fragment, silent = asked.is_fragment(scope), False

        async def guarded(message: Message) -> None:
            nonlocal silent
            if message["type"] == "http.response.body" and silent:
                message = {**message, "body": b""}
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if silent := is_fragment and message["status"] >= 400:
                    # A server puts into its page whatever comes, and its readers did nothing wrong.
                    headers["Content-Length"] = "0"
                headers["Content-Security-Policy"] = (self._embedded if path == "/embed" else self._policy).decode()
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                elsewhere = shared or path in ("/embed.js", "/embed")
                headers["Cross-Origin-Resource-Policy"] = "cross-origin" if elsewhere else "same-origin"
                if shared:
                    headers.add_vary_header("Origin")
                    if origin in self._settings.origins:
                        headers["Access-Control-Allow-Origin"] = origin
            await send(message)

        return guarded


def whose(address: str) -> str:
    """What stands for the one who asks from an address: of IPv6, where each has 2^64 of them, their network."""
    try:
        found = IPv6Address(address)
    except ValueError:
        return address
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))


def _name(host: str) -> str:
    """A Host header without its port."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[: host.find("]") + 1]
    return host.partition(":")[0].removesuffix(".")
