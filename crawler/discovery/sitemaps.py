"""XML sitemaps, sitemap indexes and Google's news sitemaps (sitemaps.org; news fields by hand)."""

from __future__ import annotations

import gzip
import unicodedata
import zlib
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO

from lxml import etree

from corpus.types import LinkKind
from crawler.discovery.entry import Contents, Entry, Unreadable, headline, plain, utc

# The protocol's own limits (sitemaps.org): 50 MB unpacked, 50,000 URLs. Some generators count in MiB.
MAX_BYTES = 52 << 20
MAX_ENTRIES = 50_000

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
    """The URLs of a sitemap, or the sitemaps of an index; of a broken one, those before the break."""
    entries: list[Entry] = []
    try:
        for element in _elements(body):
            if len(entries) == MAX_ENTRIES:
                return Contents(entries=entries, problem=f"more than {MAX_ENTRIES:,} entries; the rest was not read")
            if entry := _entry(element):
                entries.append(entry)
    except etree.XMLSyntaxError as error:
        return Contents(entries=entries, problem=f"the sitemap is broken: {error.msg}")
    return Contents(entries=entries)


def _elements(body: bytes) -> Iterator[etree._Element]:
    """The `url` and `sitemap` elements one by one, none kept in memory, whatever their namespace."""
    events = etree.iterparse(
        BytesIO(body),
        events=("end",),
        tag=("{*}url", "{*}sitemap"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
    )
    for _, element in events:
        yield element
        element.clear()
        while (previous := element.getprevious()) is not None:
            previous.getparent().remove(previous)  # type: ignore[union-attr] # a sibling has a parent


def _entry(element: etree._Element) -> Entry | None:
    url = _text(element, "{*}loc")
    if url is None:
        return None
    if etree.QName(element).localname == "sitemap":
        return Entry(url=url, kind=LinkKind.SITEMAP, published_at=_moment(_text(element, "{*}lastmod")))
    title = headline(element.findtext("{*}news/{*}title"))
    language = _text(element, "{*}news/{*}publication/{*}language")
    if language and not language.lower().startswith("ar") and not _is_in_arabic_script(title or ""):
        return None
    # `lastmod` says when a page was touched, not when it was published.
    return Entry(url=url, title=title, published_at=_moment(_text(element, "{*}news/{*}publication_date")))


def _text(element: etree._Element, path: str) -> str | None:
    return plain(element.findtext(path))


def _is_in_arabic_script(text: str) -> bool:
    """Some Arabic sites never changed the language that their sitemap plugin came with."""
    return any(unicodedata.name(letter, "").startswith("ARABIC LETTER") for letter in text)


def _moment(text: str | None) -> datetime | None:
    """A W3C date or time; None for what cannot be read."""
    try:
        return utc(datetime.fromisoformat(text)) if text else None
    except (ValueError, OverflowError):
        return None
