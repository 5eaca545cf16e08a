"""Sitemaps, their indexes and Google's news sitemaps (sitemaps.org; news fields by hand), and who names them."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from itertools import islice
from urllib.parse import quote, urlsplit

from lxml import etree
from protego import Protego

from corpus.types import LinkKind
from crawler.discovery.entry import Contents, Entry, Unreadable, headline, plain, sound, w3c_moment

# The protocol's own limits (sitemaps.org): 50 MB unpacked, 50,000 URLs. Some generators count in MiB, or not at all.
MAX_BYTES = 52 << 20
MOST_ENTRIES = 50_000
MAX_ENTRIES = 4 * MOST_ENTRIES

# lxml takes .3 µs for each `<`, `=` or `&`. A sitemap of 50 MB that names every page in ten languages has 2.7 million.
MOST_MARKS = 3_000_000
MARKS = (b"<", b"=", b"&")

# Google reads 1,000 images of a page; an element more costs .7 µs here.
MOST_CHILDREN = 2_000

# The day, month or year that an archive names its sitemaps by: 2025-08, 20250815, ?yyyy=2025&mm=08&dd=15
PERIOD = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:(?:[-_/.]?|&m(?:m|onth)?=)(0[1-9]|1[0-2])|&m(?:m|onth)?=([1-9]))?"
    r"(?:(?:[-_/.]?|&d(?:d|ay)?=)(0[1-9]|[12]\d|3[01])|&d(?:d|ay)?=([1-9]))?(?!\d)"
)

# One that is no entity of XML; or a section that may have them, which is kept.
BARE_AMPERSAND = re.compile(
    rb"(<!\[CDATA\[.*?(?:\]\]>|\Z))|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)", re.DOTALL
)

MAX_ROBOTS_BYTES = 500 << 10  # what RFC 9309 §2.5 asks a reader to read at least

BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")

GZIP_MAGIC = b"\x1f\x8b"


def gunzip(body: bytes) -> bytes:
    """The body, unpacked if it was packed. Raises Unreadable for what is broken or a bomb."""
    if not body.startswith(GZIP_MAGIC):
        return body
    try:
        unpacked = gzip.GzipFile(fileobj=BytesIO(body)).read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"the gzip file is broken: {error}") from error
    if len(unpacked) > MAX_BYTES:
        raise Unreadable(f"the gzip file unpacks to more than {MAX_BYTES >> 20} MB")
    return unpacked


def read_sitemap(body: bytes) -> Contents:
    """The URLs of a sitemap, or the sitemaps of an index, newest first; of a broken one, those before the break.

    Raises Unreadable for one that would take seconds.
    """
    if sum(body.count(mark) for mark in MARKS) > MOST_MARKS:
        raise Unreadable(f"the sitemap has more than {MOST_MARKS:,} tags, attributes and entities")
    body = sound(body.removeprefix(codecs.BOM_UTF8).lstrip())  # plugins write blank lines before the declaration
    problem = None
    try:
        entries, is_cut = _entries(_elements(body))
    except etree.XMLSyntaxError as error:
        problem = f"the sitemap is broken: {error.msg}"
        entries, is_cut = _entries_of_broken(body)
    if is_cut:
        problem = f"more than {MAX_ENTRIES:,} entries; the rest was not read"
    if problem is None and len(entries) > MOST_ENTRIES:
        problem = f"{len(entries):,} entries, where the protocol allows {MOST_ENTRIES:,}"
    children = [entry for entry in entries if entry.kind is LinkKind.SITEMAP]
    pages = [entry for entry in entries if entry.kind is not LinkKind.SITEMAP]
    return Contents(entries=_newest_first(_with_periods(children)) + pages, problem=problem)


def read_text(body: bytes) -> Contents | None:
    """The URLs of a sitemap of nothing but one URL a line; None for what is none."""
    urls = body.decode("utf-8-sig", errors="replace").split()
    if not all(url.startswith(("http://", "https://")) for url in urls):
        return None
    problem = f"{len(urls):,} entries, where the protocol allows {MOST_ENTRIES:,}" if len(urls) > MOST_ENTRIES else None
    return Contents(entries=[Entry(url=url) for url in urls[:MAX_ENTRIES]], problem=problem)


def read_robots(body: bytes) -> Contents:
    """The sitemaps that a robots.txt names. None is no problem: most name none. What it forbids: `crawler.robots`."""
    rules = Protego.parse(robots_text(robots_head(body)))
    return Contents(entries=[Entry(url=url, kind=LinkKind.SITEMAP) for url in rules.sitemaps])


def robots_head(body: bytes) -> bytes:
    """As much of a robots.txt as is read, in whole lines: what is left of one may forbid or allow everything."""
    if len(body) <= MAX_ROBOTS_BYTES:
        return body
    head = body[:MAX_ROBOTS_BYTES]
    return head[: max(head.rfind(b"\n"), head.rfind(b"\r"), 0)]


def robots_text(body: bytes) -> str:
    """A robots.txt as text: in UTF-8, or in UTF-16 with its mark.

    A path in Windows-1256 stands for itself as browsers ask for it, and as its bytes are escaped.
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "\n".join(line for raw in body.splitlines() for line in _robots_lines(raw))


def _robots_lines(raw: bytes) -> Iterator[str]:
    try:
        yield raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield raw.decode("cp1256")
        yield BEYOND_ASCII.sub(lambda found: quote(found[0]).encode(), raw).decode()


def _entries(elements: Iterator[etree._Element]) -> tuple[list[Entry], bool]:
    """The entries of some elements, and whether there are more than are read."""
    entries = [entry for element in islice(elements, MAX_ENTRIES) if (entry := _entry(element))]
    return entries, next(elements, None) is not None


def _entries_of_broken(body: bytes) -> tuple[list[Entry], bool]:
    """The same of what is no XML, as far as can be told; without the entry that it breaks off in."""
    whole = body[: max(body.rfind(b"</url"), body.rfind(b"</sitemap"))]
    escaped = BARE_AMPERSAND.sub(lambda found: found[1] or b"&amp;", whole)
    try:
        return _entries(_elements(escaped, recover=True))
    except etree.XMLSyntaxError:
        return [], False


def _elements(body: bytes, *, recover: bool = False) -> Iterator[etree._Element]:
    """The `url` and `sitemap` elements one by one, none kept in memory, whatever their namespace."""
    events = etree.iterparse(
        BytesIO(body),
        events=("end",),
        tag=("{*}url", "{*}sitemap"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        recover=recover,
    )
    for _, element in events:
        yield element
        element.clear()
        while (previous := element.getprevious()) is not None:
            previous.getparent().remove(previous)  # type: ignore[union-attr] # a sibling has a parent


def _entry(element: etree._Element) -> Entry | None:
    """An entry, read in one pass over its children: looking for each by its name takes five times as long."""
    said = _texts(element)
    url = plain(said.get("loc"))
    if url is None:
        return None
    url = url.replace("&amp;", "&")  # escaped although it stands in a section (CDATA), or twice
    changed_at = w3c_moment(said.get("lastmod"))
    if _name_of(element) == "sitemap":
        return Entry(url=url, kind=LinkKind.SITEMAP, changed_at=changed_at)
    news = _child(element, "news")
    if news is None:
        return Entry(url=url, changed_at=changed_at)
    told = _texts(news)
    publication = _child(news, "publication")
    return Entry(
        url=url,
        title=headline(told.get("title")),
        # `lastmod` says when a page was touched, not when it was published.
        published_at=w3c_moment(told.get("publication_date")),
        changed_at=changed_at,
        language=plain(_texts(publication).get("language")) if publication is not None else None,
    )


def _texts(element: etree._Element) -> dict[str, str]:
    return {_name_of(child): child.text or "" for child in islice(element, MOST_CHILDREN)}


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in islice(element, MOST_CHILDREN) if _name_of(child) == name), None)


def _name_of(element: etree._Element) -> str:
    """The name of an element, whatever its namespace, or prefix if that was not declared; a comment has none."""
    return re.split("[}:]", element.tag)[-1] if isinstance(element.tag, str) else ""


def _newest_first(children: list[Entry]) -> list[Entry]:
    """Sitemaps by the day of their last change or the last day in their names; others behind, in their own order."""

    def newest(entry: Entry) -> date:
        return entry.changed_at.date() if entry.changed_at else entry.period[1] if entry.period else date.min

    return sorted(children, key=newest, reverse=True)


def _with_periods(children: list[Entry]) -> list[Entry]:
    """The same, with the days that their names say they are about."""
    numbered = {_stem(entry.url) for entry in children if _is_counted(entry.url)}
    return [
        entry._replace(period=period)
        if (period := period_of(entry.url)) and _stem(entry.url) not in numbered
        else entry
        for entry in children
    ]


def period_of(url: str) -> tuple[date, date] | None:
    """The first and the last day of the year, month or day that a sitemap is named by, or from one to another."""
    found = [(int(year), int(m or m_ or 0), int(d or d_ or 0)) for year, m, m_, d, d_ in PERIOD.findall(_name(url))]
    if not found:
        return None
    start, end = found[-2:] if len(found) > 1 and _are_alike(*found[-2:]) else (found[-1], found[-1])
    try:
        first = date(start[0], start[1] or 1, start[2] or 1)
        return first, date(end[0], end[1] or 12, end[2] or monthrange(end[0], end[1] or 12)[1])
    except ValueError:
        return None


def _are_alike(start: tuple[int, int, int], end: tuple[int, int, int]) -> bool:
    """Whether both are days, months or years, and in their order."""
    return start < end and list(map(bool, start)) == list(map(bool, end))


def _name(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def _stem(url: str) -> str:
    return re.sub(r"\d+", "0", _name(url))


def _is_counted(url: str) -> bool:
    """Whether a name has one number that is no year: then its neighbours number 2019 is no year either."""
    numbers = re.findall(r"\d+", _name(url))
    return len(numbers) == 1 and period_of(url) is None
