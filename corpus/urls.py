"""Which two URLs are the same, and which belong to one site.

`normalise` gives the one form in which a URL is stored and fetched. It changes nothing that a server could
tell apart, but for tracking parameters, session ids and the order of a query.
`identity` goes further: what all addresses of one page share. It is compared and never fetched.
Which URLs may be fetched at all is the business of `crawler.guard`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tldextract import TLDExtract

# What old proxies and browsers carry; Scrapy's URLLENGTH_LIMIT is the same.
MAX_LENGTH = 2083

# Only what is taken out of it can make a URL shorter, and to look at what is no URL (data:) takes .1 µs a character.
LONGEST_GIVEN = 4 * MAX_LENGTH

DEFAULT_PORTS = {"http": 80, "https": 443}

# Parameters that say where a reader came from. courlan's list is longer, and matches beginnings:
# it drops `cid=`, `uid=`, `gallery=` and `reference=`, which number the articles of some sites.
# A page fetched twice is a near-copy; a page taken for another one is lost.
TRACKING = (
    r"(utm|mtm|hsa|at|itm)_\w+|ns_(mchannel|source|campaign|linkname)|(fb|g|d|y|tw|tt)clid|msclkid|gbraid|wbraid|"
    r"igsh|igshid|mc_[ce]id|_ga|_gl|ref_src|ref_url|xtor|cmpid|ocid|"
    r"gad_(source|campaignid)|srsltid|mibextid|sfnsn|fb_(comment_id|action_ids|action_types|source)|__twitter_impression|"
    r"amp_(js_v|gsa)|usqp|_hs(enc|mi)|mkt_tok|li_fat_id|_branch_match_id|__cf_chl_\w+|traffic_source"
)

# A visit's own number: every visit would see another web. A short `sid=7` may be a section.
SESSION = r"phpsessid|jsessionid|aspsessionid\w*|session_?id|cfid|cftoken|aspxautodetectcookiesupport"
OF_A_VISIT = re.compile(rf"({TRACKING}|{SESSION})(=.*)?|(sid|s|session|sess)=[0-9a-f]{{16,}}", re.IGNORECASE)
# The latter is ASP.NET's, for visitors without cookies: /(S(lit3py55t21z5v55vlm25s55))/news.aspx.
PATH_SESSION = re.compile(r";(jsessionid|phpsessid|sid)=[^/;]*|(?<=/)\((?:[a-z]\([\w-]+\))+\)/", re.IGNORECASE)

HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")

# Most links are in their one form already; to find that out takes a tenth of the work of making it.
# Escaped bytes of letters beyond ASCII may stand as they are, those of ASCII may not; nor may `//` and `/.`.
PLAIN_PATH = re.compile(r"/(?:[A-Za-z0-9_.~/-]++|(?:%[89A-F][0-9A-F])++)*+")
PLAIN_QUERY = re.compile(r"[A-Za-z0-9_]++=(?:[A-Za-z0-9_.-]++|(?:%[89A-F][0-9A-F])++)*+")  # of one parameter
# What may stand in a query as it is, and says something to some servers: `index.php?/news/1`, `?id=1;page=2`.
DELIMITERS = re.compile(r"([/?:@!$()*,;=\[\]])")
# Raw Arabic letters and escapes in small letters are what else stands in the paths of Arabic sites.
SPELT_OTHERWISE = re.compile(r"(?:[\u0600-\u06ff_-]|%[89A-Fa-f][0-9A-Fa-f])+")
PLAIN_ORIGIN = re.compile(r"https?://(?:[a-z0-9-]+\.)+[a-z]{2,}")

# Marks that may stand apart from their letter, escaped: madda and hamza on an Arabic one, accents on a Latin one.
MARK = re.compile(r"%D9%9[345]|%CC|%CD")
LETTERS = re.compile(r"(?:[A-Za-z]?(?:%[89A-F][0-9A-F])+)+")

# Versions of a page for other readers: a segment on either end of its path, or a parameter.
VERSION_SEGMENTS = {"amp", "print"}
VERSION_PARAMETERS = re.compile(r"(amp|print)(=(|1|true|yes|amp|print))?|outputtype=amp|view=print", re.IGNORECASE)

# What the address of one page has, and that of an edition, a section or a script without its query has not: a number,
# or a word of several parts.
OF_ONE_PAGE = re.compile(r"\d|[^\W_][-_][^\W_]")


def normalise(url: str, base: str | None = None) -> str | None:
    """The form under which a URL is stored and fetched; None for what is not an http(s) URL of usable length.

    Raw and percent-encoded Arabic give the same form. A relative URL needs its `base`.
    """
    if plain := _plain(url, base or ""):
        return plain
    if len(url) > LONGEST_GIVEN:
        return None
    try:
        joined = urljoin(base or "", re.sub(r"[\t\r\n]", "", url.strip()))
        scheme, netloc, path, query, _ = urlsplit(joined)
        if scheme not in DEFAULT_PORTS or "@" in netloc or "\\" in netloc:
            return None
        canonical = urlsplit(canonicalize_url(urlunsplit((scheme, netloc, PATH_SESSION.sub("", path), "", ""))))
        host = _host(canonical.netloc, scheme)
    except ValueError:
        return None
    if host is None:
        return None
    normal = urlunsplit((scheme, host, canonical.path, _without_tracking(query), ""))
    return normal if len(normal) <= MAX_LENGTH else None


def host(name: str) -> str | None:
    """A host's name as URLs spell it; None for what is no name, or more than one."""
    normal = None if set(name) & set("/:?#@") else normalise(f"http://{name}/")
    return normal and urlsplit(normal).netloc


def base(declared: str | None, url: str) -> str:
    """What the relative URLs of the page at `url` start from, whose base element has the address `declared`, if any."""
    return normalise(declared or url, url) or url


def identity(url: str) -> str:
    """What all addresses of one page share, of a normalised URL.

    Without difference are http and https, `www.`, a slash at the end, composed and decomposed letters, the order of
    the query and what of it is escaped, and the AMP and print versions of a page on its own host. Other hosts (`m.`,
    `amp.`) are known for the same page only by what that page declares canonical.
    """
    address, _, query = url.partition("://")[2].partition("?")
    netloc, _, path = address.partition("/")
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > 1 and segments[0] in VERSION_SEGMENTS:
        segments = segments[1:]
    if len(segments) > 1 and segments[-1].removesuffix(".html") in VERSION_SEGMENTS:
        segments = segments[:-1]
    if MARK.search(path):
        segments = [_composed(segment) for segment in segments]
    pairs = sorted(_of_one_spelling(query)) if query else ()
    kept = "&".join(pairs)
    return netloc.removeprefix("www.") + "/" + "/".join(segments) + ("?" + kept if kept else "")


def _of_one_spelling(query: str) -> Iterator[str]:
    """The pairs of a query that are of its page, whatever of them is escaped."""
    for pair in query.split("&"):
        if not VERSION_PARAMETERS.fullmatch(pair):
            name, equals, value = pair.partition("=")
            yield pair if PLAIN_QUERY.fullmatch(pair) else _escaped(name) + equals + _escaped(value)


def is_version(url: str) -> bool:
    """Whether a normalised URL is that of an AMP or print version."""
    _, _, path, query, _ = urlsplit(url)
    segments = [segment.removesuffix(".html") for segment in path.split("/") if segment]
    if len(segments) > 1 and (segments[0] in VERSION_SEGMENTS or segments[-1] in VERSION_SEGMENTS):
        return True
    return any(VERSION_PARAMETERS.fullmatch(pair) for pair in query.split("&"))


def canonical(declared: str | None, url: str) -> str | None:
    """The URL that a page declares canonical, normalised, if it may speak for the page; None if it may not.

    Another site's may not, nor may a page above it, such as the home page: some systems name it on every page, and all
    would be one.
    """
    normal = normalise(declared or "", url)
    if not declared or normal is None or not same_site(normal, url):
        return None
    return None if is_above(normal, url) else normal


def main_version(url: str, canonical_url: str | None) -> str:
    """The address to show of a page: what it declares canonical, where itself is an AMP or print version, or the same
    path of another host (`m.`).

    That need not be doubted: a system that names one address on all its pages names another path.
    """
    if canonical_url is None or is_version(canonical_url):
        return url
    (host, _, path), (main_host, _, main_path) = (identity(one).partition("/") for one in (url, canonical_url))
    return canonical_url if path == main_path and (host != main_host or is_version(url)) else url


def is_above(normal: str, url: str) -> bool:
    """Whether a URL is the home page, or the beginning of another one and not the address of one page."""
    above, below = identity(normal), identity(url)
    if above == below:
        return False
    path, further = (one.partition("/")[2] for one in (above, below))
    is_beginning = not path or further.startswith((f"{path}/", f"{path}?"))
    return is_beginning and OF_ONE_PAGE.search(unquote(path)) is None


def registrable_domain(url: str) -> str:
    """The part of a normal URL's host that somebody registered (aa.com.tr, un.org); an IP address as it stands."""
    return _registrable(urlsplit(url).hostname or "")


def is_registry(host: str) -> bool:
    """Whether under a host others register their names (com, co.uk), or it is one name alone."""
    return "." not in host or _suffixes()(host).suffix == host


def is_below(url: str, domain: str) -> bool:
    """Whether a URL's host is a domain, or below it."""
    host = urlsplit(url).hostname or ""
    return host == domain or host.endswith(f".{domain}")


def same_site(a: str, b: str) -> bool:
    """Whether two URLs belong to one registrable domain."""
    return registrable_domain(a) == registrable_domain(b) != ""


def _plain(url: str, base: str) -> str | None:
    """The URL, whole, if it is in its one form as it stands, but for the spelling of letters beyond ASCII."""
    if "/." in url:
        return None
    is_relative = url.startswith("/")
    found = PLAIN_ORIGIN.match(base if is_relative else url)
    if found is None or (is_relative and base[found.end() : found.end() + 1] not in ("/", "")):
        return None
    origin = found[0]
    rest = url if is_relative else url[found.end() :]
    path, mark, query = rest.partition("?")
    if "//" in path:
        return None
    if not PLAIN_PATH.fullmatch(path):
        path = SPELT_OTHERWISE.sub(lambda run: quote(run[0], safe="%").upper(), path)
        if not PLAIN_PATH.fullmatch(path):
            return None
    if mark and (not PLAIN_QUERY.fullmatch(query) or OF_A_VISIT.fullmatch(query)):
        return None
    whole = origin + path + mark + query
    return whole if len(whole) <= MAX_LENGTH else None


def _composed(segment: str) -> str:
    """A normal path segment with each letter in one piece; escapes of ASCII stay as they are."""
    return LETTERS.sub(lambda run: quote(unicodedata.normalize("NFC", unquote(run[0]))), segment)


def _host(netloc: str, scheme: str) -> str | None:
    """Host and port, without the scheme's own port and without a final dot."""
    parts = urlsplit(f"//{netloc}")
    port = "" if parts.port in (None, DEFAULT_PORTS[scheme]) else f":{parts.port}"
    host = netloc.rpartition(":")[0] if parts.port is not None else netloc
    host = host.rstrip(".:")
    return host + port if HOST.fullmatch(host) else None


def _without_tracking(query: str) -> str:
    """The query in one spelling; w3lib's would turn `?123` into `?123=`, another page to some servers.

    In the order in which it stands: some servers sign it, or count its parameters.
    """
    kept = (pair for pair in query.split("&") if pair and not OF_A_VISIT.fullmatch(pair))
    return "&".join("".join(map(_respell, DELIMITERS.split(pair))) for pair in kept)


def _respell(text: str) -> str:
    return text if DELIMITERS.fullmatch(text) else _escaped(text)


def _escaped(text: str) -> str:
    return quote_plus(unquote_to_bytes(text.replace("+", " ")))


@cache
def _suffixes() -> TLDExtract:
    """The list that ships with the package, private registries (blogspot.com) included; never the network."""
    # With it comes an HTTP client, in .15 s: a fifth of the time of a command that asks for no domain.
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=10_000)
def _registrable(host: str) -> str:
    found = _suffixes()(host)
    if found.top_domain_under_public_suffix:
        return found.top_domain_under_public_suffix
    # A suffix that the list does not know (alwaha.example): its rule for those is one label.
    is_name = not found.suffix and not found.domain.replace(".", "").isdigit() and ":" not in host
    return ".".join(host.split(".")[-2:]) if is_name else host
