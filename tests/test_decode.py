"""Decoding: what a page's bytes say, whatever they are declared to be; and which bytes are no page at all."""

from __future__ import annotations

import codecs
import hashlib
import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.page.decode import Undecodable, decode, decode_page
from pipelines.page.limits import MAX_BYTES

SENTENCE = "قال الرئيس الأميركي دونالد ترامب إن اللقاء في ألاسكا كان مثمراً، ولم يتم الاتفاق على كل شيء بعد."
HTML = f"<html><head><title>قمة ألاسكا</title></head><body><p>{SENTENCE}</p><p>من أنكوريج.</p></body></html>"


def declaring(charset: str) -> str:
    return HTML.replace("<head>", f'<head><meta charset="{charset}">')


def labelled(encoding: str, *, meta: str | None = None, header: str | None = None) -> tuple[bytes, str]:
    """The page in an encoding, with what its own declaration and the server's header say."""
    page = HTML if meta is None else declaring(meta)
    return page.encode(encoding), "text/html" if header is None else f"text/html; charset={header}"


UTF_8, _ = labelled("utf-8", meta="utf-8")
INSIDE = UTF_8.index("<p>من".encode())

# Arabic bytes of each kind × declarations that are right, missing or lying, and what happens to bytes on their way.
LABELLED = {
    "UTF-8, declared": (labelled("utf-8", meta="utf-8", header="utf-8"), "utf-8"),
    "UTF-8, declared Windows-1256": (labelled("utf-8", meta="windows-1256", header="windows-1256"), "utf-8"),
    "UTF-8, header says Latin-1": (labelled("utf-8", meta="utf-8", header="iso-8859-1"), "utf-8"),
    "UTF-8, declared UTF-7": (labelled("utf-8", meta="utf-7", header="utf-7"), "utf-8"),
    "UTF-8, declared what nobody knows": (labelled("utf-8", meta="x-user-defined", header="bogus-999"), "utf-8"),
    "UTF-8 with bytes that are none": ((UTF_8[:INSIDE] + b"\xff\xfe\x80" + UTF_8[INSIDE:], "text/html"), "utf-8"),
    "UTF-8 cut inside a letter": ((UTF_8[: UTF_8.rindex("ج".encode()) + 1], "text/html; charset=utf-8"), "utf-8"),
    "UTF-8 with NULs": ((UTF_8.replace(b" ", b" \0"), "text/html; charset=utf-8"), "utf-8"),
    "UTF-16 with its mark": (labelled("utf-16"), "utf-16"),
    "Windows-1256, declared": (labelled("windows-1256", meta="windows-1256", header="windows-1256"), "windows-1256"),
    "Windows-1256, not declared": (labelled("windows-1256"), "windows-1256"),
    "Windows-1256, declared UTF-8": (labelled("windows-1256", meta="utf-8", header="utf-8"), "windows-1256"),
    "Windows-1256, header says Latin-1": (labelled("windows-1256", header="iso-8859-1"), "windows-1256"),
    "Windows-1256, header says ISO-8859-6": (labelled("windows-1256", header="iso-8859-6"), "windows-1256"),
    "ISO-8859-6, declared": (labelled("iso-8859-6", meta="iso-8859-6", header="iso-8859-6"), "iso-8859-6"),
}


@pytest.mark.parametrize(("labelled", "encoding"), LABELLED.values(), ids=LABELLED.keys())
def test_a_page_is_read_exactly_whatever_it_is_declared_to_be(labelled: tuple[bytes, str], encoding: str) -> None:
    text, read_with = decode(*labelled)

    assert read_with == encoding
    assert f"<title>قمة ألاسكا</title></head><body><p>{SENTENCE}</p>" in text.replace("\0", "")


@pytest.mark.parametrize("text", [HTML, SENTENCE], ids=["a page", "a text without markup"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_refused_by_its_name(encoding: str, text: str) -> None:
    with pytest.raises(Undecodable) as refused:
        decode(text.encode(encoding), "text/html")

    assert str(refused.value) == "it is UTF-16 without a byte-order mark, not a page of text"


@pytest.mark.parametrize("body", [hashlib.shake_256(b"noise").digest(20_000), bytes(20_000)], ids=["noise", "NULs"])
def test_binary_data_is_not_taken_for_utf_16(body: bytes) -> None:
    with pytest.raises(Undecodable) as refused:
        decode(body)

    assert str(refused.value) == "it is binary data, not a page of text"


def test_images_inside_a_page_do_not_count_against_its_length() -> None:
    image = b"<img src='data:image/png;base64," + b"A" * 2 * MAX_BYTES + b"'>"

    text, _ = decode(b"<html>" + image + HTML.encode())

    assert text == "<html><img src=''>" + HTML


def test_a_page_that_has_lost_one_letter_in_ten_is_refused() -> None:
    body = (SENTENCE * 20).encode().replace("ا".encode(), b"\xd8")

    with pytest.raises(Undecodable) as refused:
        decode(body, "text/html; charset=utf-8")

    assert "no encoding fits its bytes" in str(refused.value)


def test_utf_8_is_read_without_any_declaration() -> None:
    assert decode(HTML.encode()) == (HTML, "utf-8")


def test_utf_8_is_read_whatever_is_declared() -> None:
    page = declaring("windows-1256")

    assert decode(page.encode(), "text/html; charset=iso-8859-1") == (page, "utf-8")


@pytest.mark.parametrize(
    "content_type", ["text/html; charset=windows-1256", "text/html; charset='CP1256'", "text/html"]
)
def test_windows_1256_declared_right_is_believed(content_type: str) -> None:
    page = declaring("windows-1256")

    assert decode(page.encode("windows-1256"), content_type) == (page, "windows-1256")


def test_windows_1256_is_found_where_nothing_is_declared() -> None:
    assert decode(HTML.encode("windows-1256")) == (HTML, "windows-1256")


@pytest.mark.parametrize("lie", ["utf-8", "iso-8859-1", "windows-1252", "iso-8859-6", "utf-16", "koi8-r"])
def test_windows_1256_is_found_behind_a_wrong_declaration(lie: str) -> None:
    page = declaring(lie)

    assert decode(page.encode("windows-1256"), f"text/html; charset={lie}") == (page, "windows-1256")


# "undefined" and "idna" are codecs of Python that raise on anything; scripts write the first into pages.
@pytest.mark.parametrize("name", ["undefined", "idna", "hex", "x-mac-arabic", "utf8mb4", "-"])
def test_a_declaration_that_is_no_encoding_does_no_harm(name: str) -> None:
    page = declaring(name)

    assert decode(page.encode("windows-1256"), f"text/html; charset={name}") == (page, "windows-1256")


@pytest.mark.parametrize("content_type", ["text/html; charset=iso-8859-6", "text/html"])
def test_iso_8859_6_is_read(content_type: str) -> None:
    assert decode(HTML.encode("iso-8859-6"), content_type) == (HTML, "iso-8859-6")


@pytest.mark.parametrize(
    ("bom", "encoding", "named"),
    [
        (codecs.BOM_UTF8, "utf-8", "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
    ],
)
def test_a_byte_order_mark_outranks_the_declaration_and_is_no_text(bom: bytes, encoding: str, named: str) -> None:
    page = declaring("windows-1256")

    assert decode(bom + page.encode(encoding), "text/html; charset=windows-1256") == (page, named)


def test_a_body_cut_at_the_limit_inside_a_letter_is_utf_8_without_that_letter() -> None:
    body = b" " + "م".encode() * MAX_BYTES  # the space makes the limit fall between the two bytes of a letter

    text, encoding, markup = decode_page(body)

    assert encoding == "utf-8"
    assert text == markup.decode() == " " + "م" * ((MAX_BYTES - 1) // 2)


def test_a_body_that_the_server_cut_inside_a_letter_is_still_utf_8() -> None:
    body = declaring("utf-8").encode()
    cut = body[: body.index("بعد.".encode()) + 1]

    text, encoding = decode(cut, "text/html; charset=utf-8")

    assert encoding == "utf-8"
    assert text.endswith("على كل شيء \ufffd")


def test_a_utf_16_body_that_was_cut_is_read() -> None:
    text, encoding = decode(codecs.BOM_UTF16_LE + HTML.encode("utf-16-le")[:-1])

    assert encoding == "utf-16"
    assert SENTENCE in text


def test_one_broken_byte_does_not_make_utf_8_another_encoding() -> None:
    body = HTML.encode().replace(b"<p>", b"<p>\xff", 1)

    text, encoding = decode(body, "text/html; charset=utf-8")

    assert encoding == "utf-8"
    assert SENTENCE in text


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"%PDF-1.7\n" + HTML.encode(), "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "an image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "an image"),
        (b"GIF89a\x01\x00", "an image"),
        (b"PK\x03\x04\x14\x00" + b"word/document.xml", "a ZIP archive"),
        (b"\xef\xbb\xbf \n%PDF-1.7\n" + HTML.encode(), "a PDF document"),
        (b"\x1f\x8b\x08\x00" + HTML.encode(), "compressed data"),
        (b"\x00" * 500, "binary data"),
        (b"\x00\x01\x02\x03" * 100, "binary data"),
    ],
)
def test_what_is_no_text_is_refused_with_what_it_is(body: bytes, what: str) -> None:
    with pytest.raises(Undecodable) as refused:
        decode(body, "text/html; charset=utf-8")

    assert str(refused.value) == f"it is {what}, not a page of text"


def test_compressed_data_is_refused() -> None:
    noise = random.Random(7).randbytes(20_000)  # noqa: S311 - only has to be incompressible

    with pytest.raises(Undecodable):
        decode(zlib.compress(noise), "text/html; charset=utf-8")


# Names and headlines have no common words by which an encoding could be told.
def test_words_that_are_all_names_are_read_behind_a_wrong_declaration() -> None:
    names = "أنكوريج ألاسكا ترامب بوتين زيلينسكي روسيا"

    assert decode(names.encode("windows-1256"), "text/html; charset=koi8-r") == (names, "windows-1256")


def test_broken_utf_8_that_is_all_names_is_not_taken_for_what_it_declares() -> None:
    names = "أنكوريج ألاسكا ترامب بوتين زيلينسكي روسيا " * 5

    text, encoding = decode(names.encode() + b"\xff" * 4, "text/html; charset=windows-1256")

    assert (text, encoding) == (names + "\ufffd" * 4, "utf-8")


def test_a_page_with_a_stray_nul_is_read() -> None:
    text, _, markup = decode_page(HTML.replace("<p>", "<p>\0", 1).encode())

    assert SENTENCE in text
    assert markup == HTML.encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1256"])
def test_a_parser_is_given_utf_8_without_what_is_no_character(encoding: str) -> None:
    none = "\x02\x7f" + ("\ufffe\uffff" if encoding.startswith("utf") else "")
    page = HTML.replace("<p>", f"<p>{none}", 1)

    assert decode_page(page.encode(encoding)).markup == HTML.encode()


def test_an_empty_body_is_an_empty_text() -> None:
    assert decode(b"") == ("", "utf-8")


@settings(max_examples=50)
@given(body=st.binary(max_size=300), content_type=st.text(max_size=30).map("text/html; charset={}".format))
def test_no_bytes_break_the_decoding(body: bytes, content_type: str) -> None:
    try:
        text, encoding = decode(body, content_type)
    except Undecodable:
        return

    assert body.decode(encoding, "replace").removeprefix("\ufeff") == text
