"""A page's bytes to text: the declarations are hints, the text that comes out is the judge.

Of Arabic pages in Windows-1256 that declare something else, half come out garbled when the
declaration is believed.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from corpus.arabic import arabic_share, garbled, words
from corpus.morphology import stop_words
from pipelines.page.limits import MAX_BYTES

# How much is looked at to choose between encodings.
LOOKED_AT = 100_000

# The encodings that Arabic pages are in when they are not in UTF-8.
LEGACY = ("windows-1256", "iso-8859-6")

_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# No characters of a text: compressed data has a tenth of them. Word processors leave some in texts; trafilatura gives
# up a text with one (XML has none of them), and NUL ends the page.
CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\n\f\r"))
_BLANKS = bytes.maketrans(b"\f", b" ")  # the same to HTML, and no character of XML: lxml writes none
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_SIGNATURES = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"RIFF", "an image or a recording"),
    (b"ID3", "a recording"),
    (b"OggS", "a recording"),
    (b"\x1a\x45\xdf\xa3", "a film"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"Rar!", "an archive"),
    (b"\x1f\x8b", "compressed data"),
    (b"{\\rtf", "an RTF document"),
)
# Text in UTF-8 that some system has put NULs into has few of them, UTF-16 has one for each two or three bytes.
_MOST_NULS = 0.2

# More lost characters than that, and the text is not what was written. A page cut in several places has fewer.
_MOST_LOST = 0.05

# Images inside the page: half of the pages that are too long are so because of them.
_INLINE_DATA = re.compile(rb"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=]+")


class Undecodable(Exception):
    """The bytes are no text; the message says what they are instead."""


class Decoded(NamedTuple):
    """A body as text."""

    text: str
    encoding: str  # that it was read with
    markup: bytes  # the text in UTF-8 for a parser, without what is no character: see `CONTROLS`


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text of a body, and the encoding that it was read with. Raises Undecodable."""
    text, encoding, _ = decode_page(body, content_type)
    return text, encoding


def decode_page(body: bytes, content_type: str = "") -> Decoded:
    """The text of a body that is a page. Raises Undecodable."""
    start = body[:1024].removeprefix(codecs.BOM_UTF8).lstrip()
    for signature, what in _SIGNATURES:
        if start.startswith(signature):
            raise Undecodable(f"it is {what}, not a page of text")
    body = cut(body)
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return _decoded(body.decode(encoding, "replace"), encoding.removesuffix("-sig"))
    sound = body.translate(_BLANKS, CONTROLS)
    if len(sound) < len(body):
        _object_to_binary_data(body)
    try:
        return Decoded(body.decode(), "utf-8", _without_no_characters(sound))
    except UnicodeDecodeError as error:
        # A body that was cut in the middle of a character is still UTF-8.
        if error.start > len(body) - 4 and len(body) == MAX_BYTES:
            return _decoded(body[: error.start].decode(), "utf-8")
    encoding = max(_candidates(body, content_type), key=lambda name: _score(body[:LOOKED_AT], name))
    text = body.decode(encoding, "replace")
    if (lost := text.count("\ufffd")) > len(text) * _MOST_LOST:
        raise Undecodable(f"no encoding fits its bytes: of {len(text)} characters, {lost} are lost in {encoding}")
    return _decoded(text, encoding)


def cut(body: bytes) -> bytes:
    """As much of a body as is read: MAX_BYTES, without images inside of it when it is longer."""
    return body if len(body) <= MAX_BYTES else _INLINE_DATA.sub(b"", body)[:MAX_BYTES]


def _object_to_binary_data(body: bytes) -> None:
    nuls, deletes = body.count(0), body.count(0x7F)
    controls = len(body) - len(body.translate(None, CONTROLS)) - nuls - deletes
    if nuls > len(body) * _MOST_NULS or controls > len(body) // 100:
        what = "UTF-16 without a byte-order mark" if _utf_16(body) else "binary data"
        raise Undecodable(f"it is {what}, not a page of text")


def _utf_16(body: bytes) -> bool:
    """Whether every other byte, and only every other, is that of the Latin or the Arabic block."""
    halves = body[:LOOKED_AT:2], body[1:LOOKED_AT:2]
    return sum(len(half.translate(None, b"\0\6")) < len(half) / 10 for half in halves) == 1


def _decoded(text: str, encoding: str) -> Decoded:
    sound = text.encode("utf-8", "replace").translate(_BLANKS, CONTROLS)
    return Decoded(text, encoding, _without_no_characters(sound))


def _without_no_characters(markup: bytes) -> bytes:
    if _NO_CHARACTERS[0][0] in markup:  # few pages have a character that begins so, and to look for two takes .2 ms
        for character in _NO_CHARACTERS:
            markup = markup.replace(character, b"")
    return markup


def _candidates(body: bytes, content_type: str) -> list[str]:
    """Encodings to try, declared ones first: of equals the first wins."""
    declared = [match[1] for match in [_HEADER.search(content_type)] if match]
    declared += [match[1].decode("ascii", "replace") for match in [_META.search(body[:4096])] if match]
    return list(dict.fromkeys(name for name in map(_known, [*declared, *LEGACY, "utf-8"]) if name))


def _known(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    # Pages that say Latin-1 mean Windows-1252 (WHATWG); none of the two writes Arabic.
    return {"iso8859-1": "cp1252", "cp1256": "windows-1256", "iso8859-6": "iso-8859-6"}.get(found, found)


def _score(body: bytes, encoding: str) -> float:
    """How much the text looks like language: Arabic words for it, replaced and garbled characters against."""
    try:
        text = body.decode(encoding, "replace")
    except (LookupError, UnicodeError):
        # Codecs of Python that are no encodings of text: hex, idna, and "undefined", which scripts declare.
        return float("-inf")
    found = words(text)
    good = sum(word in stop_words() for word in found) / max(1, len(found)) + arabic_share(text) / 2
    bad = 10 * text.count("\ufffd") / max(1, len(text)) + 5 * garbled(text)
    return good - bad
