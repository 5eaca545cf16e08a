"""The address guard: what is never fetched, what may be, and what the sentence says."""

from __future__ import annotations

import ipaddress
import os
import ssl
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request
from scrapy.exceptions import CannotResolveHostError
from scrapy.resolver import dnscache
from scrapy.utils.test import get_crawler
from twisted.internet.base import ReactorBase
from twisted.internet.error import DNSLookupError
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from corpus.errors import UsageError
from crawler.guard import AddressGuard, GuardedResolver, Refused, check_networks, check_proxy, is_in_networks, refusal

PRIVATE = ["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]
PRIVATE += ["fc00::/7", "fe80::/10", "fec0::/10"]

PROXY = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    "url",
    [
        "http://alwaha.example/",
        "https://www.alwaha.example:8443/a?b=c",
        "HTTPS://ALWAHA.EXAMPLE./",
        "http://عربي.example/خبر",
        "http://xn--ngbrx4e.example/",
        "http://8.8.8.8/",
        "http://[2a00:1450:4001::1]/",
        "http://10.alwaha.example/",
        "http://127.0.0.1.alwaha.example/",
        "http://local.alwaha.example/",
        "http://alwaha.example/?next=http://127.0.0.1/",
    ],
)
def test_a_public_name_or_address_passes(url: str) -> None:
    assert refusal(url, allowed=()) is None


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("127.0.0.1", "127.0.0.0/8"),
        ("10.1.2.3", "10.0.0.0/8"),
        ("172.31.255.255", "172.16.0.0/12"),
        ("192.168.1.1", "192.168.0.0/16"),
        ("169.254.169.254", "169.254.0.0/16"),
        ("100.64.0.1", "100.64.0.0/10"),
        ("0.0.0.0", "0.0.0.0/32"),  # noqa: S104 - nothing is bound to it
        ("[::1]", "::1/128"),
        ("[fd00::1]", "fc00::/7"),
        ("[fe80::1]", "fe80::/10"),
        ("localhost", "127.0.0.0/8"),
        ("LOCALHOST.", "127.0.0.0/8"),
        ("news.localhost", "127.0.0.0/8"),
    ],
)
def test_the_refusal_of_an_address_names_the_option_that_would_allow_it(host: str, network: str) -> None:
    sentence = refusal(f"http://{host}/", allowed=())

    assert sentence is not None
    assert sentence.startswith("blocked non-public address")
    assert sentence.endswith(f"allow its network with --allow-private {network}")


@pytest.mark.parametrize("host", ["printer.local", "db.internal", "nas.home.arpa", "box.lan", "wiki.intranet", "wiki"])
def test_the_refusal_of_a_local_name_names_the_option_that_would_allow_it(host: str) -> None:
    sentence = refusal(f"http://{host}/", allowed=())

    assert sentence is not None
    assert sentence.startswith(f"blocked local name {host!r}")
    assert "--allow-private" in sentence


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7F.1",
        "017700000001",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
    ],
)
def test_every_spelling_of_this_machine_is_refused(host: str) -> None:
    sentence = refusal(f"http://{host}/", allowed=())

    assert sentence is not None
    assert "127.0.0.1" in sentence
    assert sentence.endswith("allow its network with --allow-private 127.0.0.0/8")


@pytest.mark.parametrize(
    "address",
    [
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "2002:808:808::1",  # 6to4 of a public address, too: nobody needs it
        "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
        "::127.0.0.1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
        "fec0::1",
        "ff02::1",
        "::",
    ],
)
def test_an_ipv6_address_that_leads_elsewhere_is_refused(address: str) -> None:
    assert "--allow-private" in str(refusal(f"http://[{address}]/", allowed=()))


@pytest.mark.parametrize("address", ["224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255"])
def test_an_address_of_no_single_machine_is_refused(address: str) -> None:
    assert "--allow-private" in str(refusal(f"http://{address}/", allowed=()))


@given(st.sampled_from(PRIVATE).flatmap(lambda network: st.ip_addresses(network=network)))
@settings(max_examples=50)
def test_no_address_of_a_private_network_passes(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    hosts = [f"[{address}]"] if address.version == 6 else [str(address), str(int(address)), hex(int(address))]

    sentences = [refusal(f"http://{host}/", allowed=()) for host in hosts]

    assert all(sentence and "--allow-private" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://alwaha.example/", "blocked ftp: URL"),
        ("file:///etc/passwd", "blocked file: URL"),
        ("data:text/html,x", "blocked data: URL"),
        ("javascript:alert(1)", "blocked javascript: URL"),
        ("//alwaha.example/a", "blocked relative URL"),
        ("http://reader@alwaha.example/", "user name"),
        ("http://alwaha.example@127.0.0.1/", "user name"),
        ("http:///a", "without a host"),
        ("http://[::1/", "malformed URL"),
        ("http://alwaha.example:99999/", "malformed URL"),
        ("http://127.0.0.1 x/", "malformed host name"),
        ("http://127.0.0.1%20x/", "malformed host name"),
        ("http://alwaha..example/", "malformed host name"),
        (r"http://127.0.0.1\alwaha.example/", "malformed host name"),
    ],
)
def test_what_is_no_plain_http_url_is_refused(url: str, reason: str) -> None:
    allowed = check_networks(["127.0.0.0/8"])

    assert reason in str(refusal(url, allowed=allowed))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8:8000", "2130706433", "localhost", "[::ffff:127.0.0.1]"])
def test_an_allowed_network_passes_in_every_spelling(host: str) -> None:
    assert refusal(f"http://{host}/", allowed=check_networks(["127.0.0.0/8"])) is None


@pytest.mark.parametrize("host", ["10.0.0.1", "[::1]", "169.254.169.254"])
def test_an_allowed_network_allows_no_other(host: str) -> None:
    assert "--allow-private" in str(refusal(f"http://{host}/", allowed=check_networks(["127.0.0.0/8"])))


def test_a_local_name_passes_when_a_network_is_allowed_and_its_address_is_judged_then() -> None:
    assert refusal("http://printer.local/", allowed=check_networks(["10.0.0.0/8"])) is None


def test_private_is_only_an_address_of_an_allowed_network() -> None:
    assert is_in_networks("localhost", ["127.0.0.0/8"])
    assert is_in_networks("0x7f.1", ["127.0.0.0/8"])
    assert not is_in_networks("10.0.0.1", ["127.0.0.0/8"])
    assert not is_in_networks("127.0.0.1", [])
    assert not is_in_networks("alwaha.example", ["0.0.0.0/0"])


@pytest.mark.parametrize("name", ["127.0.0.1/8", "10.0.0.0/33", "alwaha.example", "", "10"])
def test_a_network_that_is_none_is_an_error_with_an_example(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_networks([name])

    assert str(caught.value).startswith(f"{name!r} is not a network: ")
    assert str(caught.value).endswith("Example: 127.0.0.0/8")


@pytest.mark.parametrize("url", [PROXY, "http://127.0.0.2:3128/", "http://[::1]:8080"])
def test_a_proxy_on_this_machine_is_taken_as_it_stands(url: str) -> None:
    assert check_proxy(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:8080",
        "socks5://127.0.0.1:8080",
        "http://127.0.0.1",
        "http://127.0.0.1:port",
        "http://10.0.0.1:8080",
        "http://alwaha.example:8080",
        "http://user@127.0.0.1:8080",
        "127.0.0.1:8080",
        "",
    ],
)
def test_any_other_proxy_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is not an HTTP proxy on this machine"):
        check_proxy(url)


def test_the_middleware_refuses_by_the_url_and_sends_the_rest_through_the_proxy() -> None:
    guard = AddressGuard.from_crawler(get_crawler(settings_dict={"NAZAIR_PROXY": PROXY}))
    request = Request("http://alwaha.example/")

    guard.process_request(request)

    assert request.meta["proxy"] == PROXY
    with pytest.raises(Refused, match="--allow-private"):
        guard.process_request(Request("http://127.0.0.1:8080/"))


def test_a_name_that_resolves_to_a_private_address_is_refused_with_the_reason() -> None:
    resolver = GuardedResolver(cast("ReactorBase", Clock()), cache_size=2, timeout=1)
    guard = AddressGuard(allowed=(), proxy=None)
    dnscache["rebound.example"], dnscache["alwaha.example"] = "10.0.0.1", "8.8.8.8"

    answers: list[str | Failure] = []
    for name in ("rebound.example", "alwaha.example"):
        resolver.getHostByName(name).addBoth(answers.append)

    assert isinstance(answers[0], Failure)
    assert isinstance(answers[0].value, DNSLookupError)
    assert answers[1] == "8.8.8.8"
    with pytest.raises(Refused, match=r"'rebound\.example' \(10\.0\.0\.1\): .* --allow-private 10\.0\.0\.0/8"):
        guard.process_exception(Request("http://rebound.example/"), CannotResolveHostError())


def nameless_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 as it was made of old, by its subject alone, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def test_a_certificate_that_names_no_host_is_a_failure_whoever_vouches_for_it(tmp_path: Path) -> None:
    certificate, key = nameless_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    command = [sys.executable, "-m", "nazair", "add", "--db", str(tmp_path / "nazair.db")]
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        done = subprocess.run(
            [*command, f"https://127.0.0.1:{server.server_port}/1", "--allow-private", "127.0.0.0/8"],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            env=os.environ | {"SSL_CERT_FILE": str(certificate)},
        )
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

    assert asked == []
    assert "Certificate does not contain any `subjectAltName`s" in done.stdout
    assert "Traceback" not in done.stderr
