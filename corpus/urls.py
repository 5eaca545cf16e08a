"""Which two URLs are the same, and which belong to one site.

`normalise` gives the one form in which URLs are compared, stored and fetched. It changes nothing
that a server could tell apart, but for tracking parameters and the order of a query.
Which URLs may be fetched at all is the business of `crawler.guard`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote_plus, unquote_to_bytes, urljoin, urlsplit, urlunsplit

from tldextract import TLDExtract
from w3lib.url import canonicalize_url

# What old proxies and browsers carry; Scrapy's URLLENGTH_LIMIT is the same.
MAX_LENGTH = 2083

DEFAULT_PORTS = {"http": 80, "https": 443}

# Parameters that say where a reader came from. courlan's list is longer, and matches beginnings:
# it drops `cid=`, `uid=`, `gallery=` and `reference=`, which number the articles of some sites.
# A page fetched twice is a near-copy; a page taken for another one is lost.
TRACKING = re.compile(
    r"(utm|mtm|hsa|at|itm)_\w+|ns_(mchannel|source|campaign|linkname)|(fb|g|d|y|tw|tt)clid|msclkid|gbraid|wbraid|"
    r"igsh|igshid|mc_[ce]id|_ga|_gl|ref_src|ref_url|xtor|cmpid|ocid"
)

HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")

# The list that ships with the package, private registries (blogspot.com) included; never the network.
_suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def normalise(url: str, base: str | None = None) -> str | None:
    """The form under which a URL is known here; None for what is not an http(s) URL of usable length.

    Raw and percent-encoded Arabic give the same form. A relative URL needs its `base`.
    """
    try:
        joined = urljoin(base or "", re.sub(r"[\t\r\n]", "", url.strip()))
        scheme, netloc, path, query, _ = urlsplit(joined)
        if scheme not in DEFAULT_PORTS or "@" in netloc or "\\" in netloc:
            return None
        canonical = urlsplit(canonicalize_url(urlunsplit((scheme, netloc, path, "", ""))))
        host = _host(canonical.netloc, scheme)
    except ValueError:
        return None
    if host is None:
        return None
    normal = urlunsplit((scheme, host, canonical.path, _without_tracking(query), ""))
    return normal if len(normal) <= MAX_LENGTH else None


def registrable_domain(url: str) -> str:
    """The part of a normal URL's host that somebody registered (aa.com.tr, un.org); an IP address as it stands."""
    return _registrable(urlsplit(url).hostname or "")


def same_site(a: str, b: str) -> bool:
    """Whether two URLs belong to one registrable domain."""
    return registrable_domain(a) == registrable_domain(b) != ""


def _host(netloc: str, scheme: str) -> str | None:
    """Host and port, without the scheme's own port and without a final dot."""
    parts = urlsplit(f"//{netloc}")
    port = "" if parts.port in (None, DEFAULT_PORTS[scheme]) else f":{parts.port}"
    host = netloc.rpartition(":")[0] if parts.port is not None else netloc
    host = host.rstrip(".:")
    return host + port if HOST.fullmatch(host) else None


def _without_tracking(query: str) -> str:
    """The query in one spelling and order; w3lib's would turn `?123` into `?123=`, another page to some servers."""
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    kept = [
        _respell(name) + equals + _respell(value)
        for name, equals, value in pairs
        if not TRACKING.fullmatch(name.lower())
    ]
    return "&".join(sorted(kept))


def _respell(text: str) -> str:
    return quote_plus(unquote_to_bytes(text.replace("+", " ")))


@lru_cache(maxsize=10_000)
def _registrable(host: str) -> str:
    found = _suffixes(host)
    if found.top_domain_under_public_suffix:
        return found.top_domain_under_public_suffix
    # A suffix that the list does not know (alwaha.example): its rule for those is one label.
    is_name = not found.suffix and not found.domain.replace(".", "").isdigit() and ":" not in host
    return ".".join(host.split(".")[-2:]) if is_name else host
