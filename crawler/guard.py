"""What is never fetched: anything but http and https, and addresses that are not public.

A page, feed or redirect may name any address, and a name may resolve to any (server-side request
forgery). So the address is judged three times: `refusal` judges the URL of every request, redirects
and robots.txt included (`AddressGuard`), and the answer of every name look-up, which is the
address that is then connected to, so that there is no second answer to change (`GuardedResolver`).

Networks that the user named (`--allow-private`) are allowed. With `--proxy`, one HTTP proxy on this
machine stands for the whole web: nothing is looked up, and nothing else is connected to.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from service_identity import CertificateError, VerificationError
from twisted.internet import _sslverify
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from corpus.errors import UsageError

# A certificate that names no host fails otherwise than one that names another, and Twisted (26.4) then prints a
# traceback and goes on as if it was good.
setattr(_sslverify, "VerificationError", (VerificationError, CertificateError))  # noqa: B010 - typed as one class

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]

LOOPBACK = ipaddress.ip_address("127.0.0.1")

# Names that only a local resolver knows (RFC 6761, 6762, 8375; ICANN reserved .internal in 2024).
LOCAL_NAME = re.compile(r"(.+\.)?(local|internal|home\.arpa|lan|intranet)|[^.]+")

HOST_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")

# What to suggest: the whole range in which an address lies, for the ranges that people know.
KNOWN_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)


class Refused(IgnoreRequest):
    """A request that is not sent; the sentence says why."""


class AddressGuard:
    """Downloader middleware: refuses requests by their URL, and sends the others through the proxy if there is one."""

    def __init__(self, *, allowed: Networks, proxy: str | None) -> None:
        self.allowed = allowed
        self.proxy = proxy

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        proxy = crawler.settings.get("NAZAIR_PROXY")
        return cls(
            allowed=check_networks(crawler.settings.getlist("NAZAIR_ALLOW_PRIVATE")),
            proxy=check_proxy(proxy) if proxy else None,
        )

    def process_request(self, request: Request) -> None:
        if reason := refusal(request.url, allowed=self.allowed):
            raise Refused(reason)
        if self.proxy:
            request.meta["proxy"] = self.proxy

    def process_exception(self, request: Request, exception: Exception) -> None:
        # Twisted replaces the resolver's error by "no results"; here the reason is given back.
        host = urlsplit(request.url).hostname or ""
        if isinstance(exception, CannotResolveHostError) and (reason := GuardedResolver.refused.get(host)):
            raise Refused(reason) from exception


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, but an answer that is not public is no answer."""

    allowed: Networks = ()
    refused: dict[str, str] = {}  # noqa: RUF012 - of the process, as Scrapy's own DNS cache is

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        resolver = super().from_crawler(crawler, reactor)
        resolver.allowed = check_networks(crawler.settings.getlist("NAZAIR_ALLOW_PRIVATE"))
        if proxy := crawler.settings.get("NAZAIR_PROXY"):
            resolver.allowed += (ipaddress.ip_network(urlsplit(check_proxy(proxy)).hostname or ""),)
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        return super().getHostByName(name, timeout).addCallback(self._checked, name)

    def _checked(self, answer: str, name: str) -> str:
        if reason := _address_refusal(ipaddress.ip_address(answer), name, self.allowed):
            self.refused[name] = reason
            raise DNSLookupError(reason)
        return answer


def refusal(url: str, *, allowed: Networks) -> str | None:
    """Why a URL must not be fetched, in a sentence; None if it may be. Looks nothing up."""
    try:
        parts = urlsplit(url)
        host = _ascii(parts.hostname or "")
        _ = parts.port
    except ValueError:
        return f"blocked malformed URL {url!r}"
    if reason := scheme_refusal(parts.scheme):
        return reason
    if "@" in parts.netloc:
        return f"blocked URL with a user name in it: {url!r}"
    if not host:
        return f"blocked URL without a host: {url!r}"
    return _host_refusal(host, allowed)


def scheme_refusal(scheme: str) -> str | None:
    """Why what stands before the colon of a URL is not fetched, in a sentence; None if it may be."""
    if scheme in ("http", "https"):
        return None
    return f"blocked {scheme + ':' if scheme else 'relative'} URL: only http and https are fetched"


def is_in_networks(host: str, allowed: Iterable[str]) -> bool:
    """Whether a host is an address of one of the `allowed` networks, or this machine and that is allowed."""
    address = LOOPBACK if host == "localhost" else _address(host)
    return address is not None and _is_in(address, check_networks(allowed))


def check_networks(names: Iterable[str]) -> Networks:
    """The networks that these names (127.0.0.0/8) stand for. Raises UsageError."""
    return tuple(_network(name) for name in names)


def check_proxy(url: str) -> str:
    """The URL, if it is that of an HTTP proxy on this machine. Raises UsageError."""
    try:
        parts = urlsplit(url)
        address = ipaddress.ip_address(parts.hostname or "")
        good = parts.scheme == "http" and address.is_loopback and parts.port is not None and "@" not in parts.netloc
    except ValueError:
        good = False
    if not good:
        raise UsageError(f"{url!r} is not an HTTP proxy on this machine. Example: http://127.0.0.1:8080")
    return url


@lru_cache(maxsize=64)
def _network(name: str) -> IPv4Network | IPv6Network:
    try:
        return ipaddress.ip_network(name)
    except ValueError as error:
        raise UsageError(f"{name!r} is not a network: {error}. Example: 127.0.0.0/8") from error


def _ascii(host: str) -> str:
    """A host name as it is looked up: full-width digits and dots become plain ones."""
    if host.isascii():
        return host.removesuffix(".").lower()
    return host.encode("idna").decode("ascii").removesuffix(".").lower()


def _address(host: str) -> Address | None:
    """The address that a host is, in any spelling that a system resolver accepts (0x7f.1, 2130706433)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # inet_aton reads the first word and forgets the rest, so what is not a host name must not get there.
        if not HOST_NAME.fullmatch(host):
            return None
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except OSError:
            return None
    return getattr(address, "ipv4_mapped", None) or address


def _host_refusal(host: str, allowed: Networks) -> str | None:
    if address := _address(host):
        return _address_refusal(address, host, allowed)
    if not HOST_NAME.fullmatch(host):
        return f"blocked malformed host name {host!r}"
    if host == "localhost" or host.endswith(".localhost"):
        return _address_refusal(LOOPBACK, host, allowed)
    if LOCAL_NAME.fullmatch(host) and not allowed:
        return f"blocked local name {host!r}: allow its network with --allow-private, such as 10.0.0.0/8"
    return None


def _address_refusal(address: Address, host: str, allowed: Networks) -> str | None:
    if _is_public(address) or _is_in(address, allowed):
        return None
    spelled = "" if str(address) == host else f" ({address})"
    network = next((known for known in KNOWN_NETWORKS if address in known), ipaddress.ip_network(address))
    return f"blocked non-public address {host!r}{spelled}: allow its network with --allow-private {network}"


def _is_public(address: Address) -> bool:
    """Whether anybody may have this address. IPv6 forms that carry an IPv4 address (6to4, NAT64) do not count."""
    if isinstance(address, IPv6Address) and (address.sixtofour is not None or address.is_site_local):
        return False  # Python counts the site-local fec0::/10, given up by RFC 3879, as global
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_in(address: Address, networks: Networks) -> bool:
    return any(address in network for network in networks)
