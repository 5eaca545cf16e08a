"""Hostile titles, authors, addresses and outlets: on pages, in the API, feeds, boxes and filled pages they are text."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from corpus.types import Article
from nazair.web.fill import filled
from nazair.web.rows import Row, web_address
from nazair.web.settings import Settings
from tests.hostile_texts import STRINGS
from tests.serving import CLIENT, in_folder, serving
from tests.texts import TEXTS, article

# What the pages and boxes are made of; anything else came out of a text.
OURS = set(
    "html head meta title link body a header div span nav main h1 h2 p ol ul li footer form input button article aside "
    "section time bdi small details summary table thead tbody tr th td caption svg line rect circle text figure mark "
    "fieldset label select option dl dt dd script base".split()
)
OUR_ATTRIBUTES = set(
    "lang dir charset name content rel href type as crossorigin class id tabindex aria-hidden aria-label aria-current "
    "aria-labelledby hreflang title datetime action role value maxlength placeholder selected open scope data-label "
    "width height x y x1 x2 y1 y2 rx cx cy r text-anchor target media".split()
)


def hostile() -> Iterator[Article]:
    """An article for each string, all about the same, so that they are in each other's lists; two of each text."""
    title, words = TEXTS[1][0], TEXTS[1][1].split()
    draw = random.Random(1)  # noqa: S311 - the same texts in every run
    for number, string in enumerate(STRINGS):
        one = article(1, outlet="alwaha", hours=number)
        yield replace(
            one,
            url=f"http://alwaha.example/news/{number}?q={httpx.QueryParams({'q': string})}",
            title=f"{string} {title} {number}",
            author=string,
            agency=string,
            source_id=string,
            text=f"{string} {' '.join(draw.sample(words, len(words)))} {string}",
            tags=(string,),
        )


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("hostile")
    articles = list(hostile())
    # A copy group, so that outlets with such names stand in the time line.
    articles += [replace(articles[0], url=f"http://b.example/{n}", source_id=STRINGS[n]) for n in range(1, 10)]
    with serving(in_folder(folder, articles), Settings(rate_per_minute=0)) as found:
        yield found


def assert_only_ours(html: str, *, where: str) -> None:
    """No element, attribute or address that our templates do not have."""
    for element in LexborHTMLParser(html).css("*"):
        if element.tag is None or element.tag.startswith("-"):
            continue
        assert element.tag in OURS, (where, element.html)
        names = {name for name in element.attributes if not name.startswith("data-nazair")}
        assert names <= OUR_ATTRIBUTES, (where, element.html)
        if element.tag == "script":
            assert element.attributes == {"type": "application/ld+json"}, where
            json.loads(element.text())
        href = element.attributes.get("href") or element.attributes.get("action") or "/"
        assert href.startswith(("/", "#", "http://alwaha.example/", "http://b.example/")), (where, href)


def test_there_are_forty() -> None:
    assert len(STRINGS) == len(set(STRINGS)) == 40


def test_every_page_is_made_of_our_elements_only(address: str) -> None:
    paths = ["/?n=50", "/sources", "/topics/alaska-summit", "/search?q=ترامب&n=50", "/copies/1", "/embed?id=1&n=50"]
    paths += [f"/articles/{number}" for number in range(1, len(STRINGS) + 1)]

    for path in paths:
        for language in ("ar", "en"):
            answer = CLIENT.get(f"{address}{path}{'&' if '?' in path else '?'}lang={language}")
            assert answer.status_code == 200, path
            assert_only_ours(answer.text, where=path)


@pytest.mark.parametrize("string", STRINGS)
def test_what_is_asked_for_comes_back_as_text(string: str, address: str) -> None:
    for path, name in (("/search", "q"), ("/search", "source"), ("/embed", "url"), ("/articles/1", "lang")):
        answer = CLIENT.get(address + path, params={name: string})

        assert answer.status_code in (200, 400, 404)
        if answer.headers["content-type"].startswith("text/html"):
            assert_only_ours(answer.text, where=path)


def test_strings_are_whole_in_the_api(address: str) -> None:
    for number, string in enumerate(STRINGS, start=1):
        line = CLIENT.get(f"{address}/api/articles/{number}").json()
        assert line["title"].startswith(string)
        assert line["author"] == string


@pytest.mark.parametrize("form", ["rss", "json", "jsonld"])
def test_feeds_are_well_formed(form: str, address: str) -> None:
    for path in (f"/feeds/latest.{form}?n=50", f"/feeds/similar.{form}?id=1&n=50", f"/feeds/search.{form}?q=ترامب"):
        body = CLIENT.get(address + path).content
        if form == "rss":
            root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
            assert {element.tag for element in root.iter("item")} == {"item"}
            assert not list(root.iter("script"))
        else:
            assert json.loads(body)


def test_filled_pages_and_boxes_hold_them_as_text(address: str) -> None:
    rows = [
        Row(
            id=n,
            url=web_address(string),
            title=string,
            source_id=string,
            source_name=string,
            published_at=None,
            published_precision=None,
        )
        for n, string in enumerate(STRINGS)
    ]

    page = filled('<html><body><ul class="similar"></ul></body></html>', rows)

    tree = LexborHTMLParser(page)
    assert [one.text() for one in tree.css("li > a")] == STRINGS
    assert {one.attributes["href"] for one in tree.css("a")} == {"about:invalid"}
    assert {one.tag for one in tree.css("body *")} == {"ul", "li", "a", "small", "bdi"}
    fragment = CLIENT.get(f"{address}/embed?id=1&n=50&as=fragment").text
    assert_only_ours(fragment, where="fragment")
    assert fragment.count("<li>") > 10


def test_a_build_of_them_is_made_of_our_elements_only(tmp_path: Path) -> None:
    from nazair.cli import run

    where = in_folder(tmp_path, list(hostile()))

    assert run(["embed", "build", str(tmp_path / "boxes"), "--db", where, "-n", "30"]) == 0

    for file in (tmp_path / "boxes").glob("*.html"):
        assert_only_ours(file.read_text(encoding="utf-8"), where=file.name)
