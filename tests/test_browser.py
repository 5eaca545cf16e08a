"""The pages in a real browser: nothing runs, nothing is fetched from elsewhere, nothing is unreadable to a reader.

With Debian's Chromium; skipped where there is none. NAZAIR_SCREENSHOTS names a folder for pictures of the pages.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from nazair.web.settings import Settings
from tests.hostile_texts import STRINGS
from tests.serving import in_folder, serving, some_articles
from tests.test_hostile_shown import hostile
from tests.texts import article

CHROMIUM = os.environ.get("NAZAIR_CHROMIUM") or shutil.which("chromium")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium: apt-get install chromium, or name one in NAZAIR_CHROMIUM"
)

PAGES = {
    "home": "/",
    "search": "/search?q=قمة",
    "filtered": "/search?q=قمة&source=alwaha&since=2025-08-01",
    "nothing": "/search?q=لاشيء",
    "article": "/articles/1",
    "copies": "/copies/1",
    "topic": "/topics/alaska-summit",
    "sources": "/sources",
    "embed": "/embed?id=2",
    "missing": "/articles/999",
}

# The surface of a box.
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(29, 33, 36)"

SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 900}}

# Every pair of a language, a size and a scheme.
LOOKS = [
    ("ar", "phone", "light"),
    ("ar", "desktop", "dark"),
    ("en", "phone", "dark"),
    ("en", "desktop", "light"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


class Site:
    """A newspaper's own site: another origin, with pages that hold our widget."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.address = ""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = found.pages.get(self.path)
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((page or "").encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.address = f"http://localhost:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[str]:
    where = in_folder(tmp_path_factory.mktemp("browser"), some_articles())
    with serving(where, Settings(rate_per_minute=0, origins=frozenset({site.address}))) as found:
        yield found


@contextmanager
def opened(browser: Any, **options: Any) -> Iterator[tuple[Any, list[str], list[str]]]:
    """A new page, with the URLs that it asks for and what it complains of."""
    context = browser.new_context(**options)
    page, asked, complaints = context.new_page(), list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page, asked, complaints
    context.close()


@pytest.fixture(scope="module", params=LOOKS, ids="-".join)
def window(request: pytest.FixtureRequest, browser: Any) -> Iterator[tuple[str, Any, list[str], list[str]]]:
    """A language, and a page that goes from one address to the next: a new one for each costs four times as much."""
    language, size, scheme = request.param
    with opened(browser, viewport=SIZES[size], color_scheme=scheme) as (page, asked, complaints):
        yield language, page, asked, complaints


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_fits_and_stays_at_home(
    name: str, window: tuple[str, Any, list[str], list[str]], address: str, request: pytest.FixtureRequest
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    language, page, asked, complaints = window
    asked.clear()
    complaints.clear()
    path = PAGES[name]
    page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={language}", wait_until="load")
    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate("document.fonts.check('16px \"IBM Plex Sans Arabic\"')")
    _picture(page, request.node.callspec.id)
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(address).netloc}
    assert complaints == [] or (name == "missing" and all("404" in one for one in complaints))


def test_a_word_that_is_longer_than_a_line_is_broken(browser: Any, tmp_path: Path) -> None:
    word = "ترامبوبوتين" * 20
    long = [replace(one, title=f"قمة {word}") for one in some_articles()]
    with (
        serving(in_folder(tmp_path, long), Settings(rate_per_minute=0)) as own,
        opened(browser, viewport=SIZES["phone"]) as (page, _, _),
    ):
        for path in ("/", "/search?q=قمة", "/articles/1", "/articles/2", "/copies/1", "/embed?id=2"):
            page.goto(own + path)

            assert word in page.content(), path
            assert page.evaluate("document.documentElement.scrollWidth") == SIZES["phone"]["width"], path


@pytest.mark.parametrize(("size", "lines"), [("phone", 2), ("desktop", 1)])
def test_the_long_name_of_an_agency_covers_nothing(size: str, lines: int, browser: Any, tmp_path: Path) -> None:
    name = "الوكالة العربية السورية للأنباء (سانا)"
    carriers = [article(1), replace(article(1, outlet="sana", hours=2), source_id=name)]
    with (
        serving(in_folder(tmp_path, carriers)) as own,
        opened(browser, viewport=SIZES[size]) as (page, _, _),
    ):
        page.goto(f"{own}/articles/1")
        row = page.locator(".time-line li", has_text=name)
        boxes = [row.locator(part).bounding_box() for part in ("bdi", "span")]

    tops = {round(box["y"]) for box in boxes}
    assert len(tops) == lines
    assert lines == 2 or boxes[0]["x"] > boxes[1]["x"] + boxes[1]["width"]


def test_pages_are_whole_without_script(browser: Any, address: str) -> None:
    with opened(browser, java_script_enabled=False) as (page, _, _):
        page.goto(address + "/")
        page.locator(".entry a").last.click()
        page.locator("text=تفاصيل النسخ").click()
        page.locator("tbody tr").first.wait_for()

        assert page.locator("tbody tr").count() == 2
        page.goto(address + "/search")
        page.locator("input[name=q]").fill("القمة")
        page.locator("button").click()
        page.locator("mark").first.wait_for()


def test_the_keyboard_reaches_the_content_first(browser: Any, address: str) -> None:
    with opened(browser) as (page, _, _):
        page.goto(address + "/")
        page.keyboard.press("Tab")

        assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"


WIDGET = '<script async src="{address}/embed.js" {data}></script>'
PAPER = (
    '<!doctype html><html lang="ar" dir="rtl"><link rel="icon" href="data:,">'
    "{head}<style>body {{ font: 20px serif; color: rgb(10, 20, 30) }}</style><body><h1>صحيفة</h1>{body}</body></html>"
)
CANONICAL = '<link rel="canonical" href="http://rafid.example/news/2">'


@pytest.fixture
def paper(site: Site, address: str) -> Callable[..., str]:
    """Puts a page on the newspaper's site; returns its address."""

    def put(body: str, *, head: str = CANONICAL) -> str:
        path = f"/{len(site.pages)}"
        site.pages[path] = PAPER.format(head=head, body=body)
        return site.address + path

    return put


LINKS = "() => [...document.querySelectorAll('div')].flatMap(e => [...(e.shadowRoot?.querySelectorAll('a') ?? [])])"


def test_the_widget_fills_a_page_of_another_site(browser: Any, address: str, paper: Callable[..., str]) -> None:
    where = paper(WIDGET.format(address=address, data='data-n="5"'))
    with opened(browser) as (page, asked, complaints):
        page.goto(where, wait_until="networkidle")

        links = page.evaluate(
            f"({LINKS})().map(a => [a.href, getComputedStyle(a).color, getComputedStyle(a).fontSize])"
        )
        heading = page.evaluate(
            "[...document.querySelectorAll('div')].map(e => e.shadowRoot?.querySelector('h2').textContent)"
        )
        assert len(links) == 1
        assert {tuple(link[1:]) for link in links} == {("rgb(10, 20, 30)", "20px")}
        assert heading == ["مقالات مشابهة"]
        assert page.context.cookies() == []
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
        assert complaints == []
        assert {urlsplit(url).netloc for url in asked if url.startswith("http")} == {
            urlsplit(where).netloc,
            urlsplit(address).netloc,
        }
        _picture(page, "widget")


def test_the_widget_is_seen_on_a_page_that_hides_what_is_empty(
    browser: Any, address: str, paper: Callable[..., str]
) -> None:
    style = "<style>div:empty { display: none }</style>"
    with opened(browser) as (page, _, complaints):
        page.goto(paper(style + WIDGET.format(address=address, data="")), wait_until="networkidle")

        assert page.get_by_text("مقالات مشابهة").is_visible()
        assert not page.get_by_text("…", exact=True).is_visible()
        assert complaints == []


@pytest.mark.parametrize("box", ['<ul id="box"></ul>', '<div id="box"></div>'])
def test_the_widget_fills_a_box_of_the_pages_own(
    box: str, browser: Any, address: str, paper: Callable[..., str]
) -> None:
    data = 'data-into="#box" data-url="http://rafid.example/news/2"'
    with opened(browser) as (page, _, complaints):
        page.goto(paper(f"{box}{WIDGET.format(address=address, data=data)}", head=""), wait_until="networkidle")

        assert page.evaluate(f"({LINKS})().length") == 1
        assert page.evaluate("document.querySelector('#box').children.length") == 1
        assert complaints == []


@pytest.mark.parametrize(
    ("precision", "shown"), [("minute", "2025-08-16"), ("day", "2025-08-15"), ("month", "2025-08")]
)
def test_the_widget_names_the_readers_day_of_a_moment(
    precision: Any, shown: str, browser: Any, site: Site, tmp_path: Path
) -> None:
    late = replace(article(2), published_at=datetime(2025, 8, 15, 22, 40, tzinfo=UTC), published_precision=precision)
    settings = Settings(rate_per_minute=0, origins=frozenset({site.address}))
    with serving(in_folder(tmp_path, [article(1), late]), settings) as address:
        data = f'data-url="{article(1).url}"'
        site.pages["/late"] = PAPER.format(head="", body=WIDGET.format(address=address, data=data))
        with opened(browser, timezone_id="Asia/Riyadh") as (page, _, _):
            page.goto(site.address + "/late", wait_until="networkidle")

            assert page.locator("time").text_content() == shown


def test_the_widget_takes_an_address_relative_to_its_page(browser: Any, site: Site, tmp_path: Path) -> None:
    own = replace(article(2), url=f"{site.address}/news/2"), replace(article(1), url="http://alwaha.example/1")
    with serving(
        in_folder(tmp_path, list(own)), Settings(rate_per_minute=0, origins=frozenset({site.address}))
    ) as address:
        site.pages["/relative"] = PAPER.format(head="", body=WIDGET.format(address=address, data='data-url="news/2"'))
        with opened(browser) as (page, _, complaints):
            page.goto(site.address + "/relative", wait_until="networkidle")

            assert page.evaluate(f"({LINKS})().map(a => a.href)") == ["http://alwaha.example/1"]
            assert complaints == []


@pytest.mark.parametrize(
    "data",
    [
        'data-url="http://nowhere.example/x"',
        'data-into="#none" data-url="http://rafid.example/news/2"',
        'data-n="0" data-url="http://rafid.example/news/2"',
    ],
)
def test_the_widget_is_silent_when_there_is_nothing_to_show(
    data: str, browser: Any, address: str, paper: Callable[..., str]
) -> None:
    with opened(browser) as (page, _, complaints):
        page.goto(paper(WIDGET.format(address=address, data=data), head=""), wait_until="networkidle")

        assert page.evaluate("document.body.innerText") == "صحيفة"
        # What the browser itself says of a 400 or 404; no error of the script.
        assert all("status of 40" in one for one in complaints)


def test_the_widget_gives_nothing_to_a_site_that_is_not_named(browser: Any, tmp_path: Path, site: Site) -> None:
    with serving(in_folder(tmp_path, some_articles()), Settings(rate_per_minute=0)) as strict:
        site.pages["/strict"] = PAPER.format(head=CANONICAL, body=WIDGET.format(address=strict, data=""))
        with opened(browser) as (page, _, _):
            page.goto(site.address + "/strict", wait_until="networkidle")

            assert page.evaluate("document.body.innerText") == "صحيفة"


def test_the_iframe_shows_the_list(browser: Any, address: str, paper: Callable[..., str]) -> None:
    where = paper(f'<iframe title="مقالات مشابهة" width="400" height="400" src="{address}/embed?id=2"></iframe>')
    with opened(browser) as (page, _, complaints):
        page.goto(where, wait_until="networkidle")

        assert page.frames[1].locator("li").count() == 1
        assert complaints == []


@pytest.mark.parametrize(("scheme", "colour"), [("light", LIGHT), ("dark", DARK), ("", DARK)])
def test_the_iframe_is_as_light_as_its_page_asks_whatever_the_readers_system(
    scheme: str, colour: str, browser: Any, address: str, paper: Callable[..., str]
) -> None:
    where = paper(f'<iframe title="مقالات مشابهة" src="{address}/embed?id=2&amp;scheme={scheme}"></iframe>')
    with opened(browser, color_scheme="dark") as (page, _, _):
        page.goto(where, wait_until="networkidle")

        assert page.frames[1].evaluate("getComputedStyle(document.body).backgroundColor") == colour


def test_nothing_of_hostile_texts_runs(browser: Any, tmp_path: Path, site: Site) -> None:
    articles = list(hostile())
    with serving(
        in_folder(tmp_path, articles), Settings(rate_per_minute=0, origins=frozenset({site.address}))
    ) as hostile_address:
        site.pages["/hostile"] = PAPER.format(
            head=f'<link rel="canonical" href="{hostile_address}">',
            body=WIDGET.format(address=hostile_address, data=f'data-n="50" data-url="{articles[0].url.split("?")[0]}"'),
        )
        with opened(browser) as (page, asked, complaints):
            page.add_init_script("window.hits = 0; window.hit = () => { window.hits++; return '' }")
            paths = ["/?n=50", "/sources", "/search?q=ترامب&n=50", "/embed?id=1&n=50"]
            paths += [f"/articles/{number}" for number in range(1, len(STRINGS) + 1, 3)]
            for url in [*(hostile_address + path for path in paths), site.address + "/hostile"]:
                page.goto(url, wait_until="load")
                page.evaluate(
                    "() => [...document.querySelectorAll('*')].forEach(e => e.dispatchEvent(new Event('mouseover')))"
                )
                assert page.evaluate("window.hits") == 0, url
                assert unquote(page.url) == unquote(url)
            assert {urlsplit(url).hostname for url in asked if url.startswith("http")} <= {"127.0.0.1", "localhost"}
            assert [one for one in complaints if "Content Security Policy" in one] == []


def _picture(page: Any, name: str) -> None:
    if folder := os.environ.get("NAZAIR_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
