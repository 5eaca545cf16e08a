"""The server: what it answers, to whom, and what it refuses."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from lxml import etree
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import make_url

from corpus.store import articles, overview
from corpus.store.database import open_database, open_read_only
from nazair.cli import run
from nazair.commands.serve import _host, _listen, _origin
from nazair.web import charts
from nazair.web.guard import BURST, MOST_ADDRESSES, Rate, whose
from nazair.web.settings import Settings
from nazair.web.words import Words
from tests.serving import CLIENT, fill, in_folder, serving, some_articles
from tests.texts import article

ANY = "0.0.0.0"  # noqa: S104 - to be refused
ORIGIN = "https://paper.example"


def test_a_database_that_is_away_is_told_without_its_address(postgresql_server: str, postgresql_url: str) -> None:
    fill(postgresql_url, some_articles())
    name = make_url(postgresql_url).database
    with (
        serving(postgresql_url) as there,
        psycopg.connect(make_url(postgresql_server).render_as_string(hide_password=False), autocommit=True) as admin,
    ):
        assert get(there, "/").status_code == 200
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

        page, healthz = get(there, "/"), get(there, "/healthz")

    assert (page.status_code, healthz.status_code) == (503, 503)
    assert '<p class="problem">لا يمكن قراءة المجموعة الآن. حاول لاحقًا.</p>' in page.text
    assert healthz.json() == {"error": "The collection cannot be read now. Try again later."}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    where = in_folder(tmp_path_factory.mktemp("serve"), some_articles())
    with serving(where, Settings(rate_per_minute=0, origins=frozenset({ORIGIN}))) as found:
        yield found


def get(address: str, path: str, **more: Any) -> httpx.Response:
    return CLIENT.get(address + path, **more)


def parsed(feed: str) -> Any:
    return etree.fromstring(feed.encode(), etree.XMLParser(resolve_entities=False))


PAGES = ["/", "/articles/1", "/copies/1", "/search?q=قمة", "/topics/alaska-summit", "/sources", "/embed?id=2"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_page_is_whole_in_both_languages(path: str, language: str, address: str) -> None:
    joined = f"{path}{'&' if '?' in path else '?'}lang={language}"

    answer = get(address, joined)

    direction = {"ar": "rtl", "en": "ltr"}[language]
    assert answer.status_code == 200
    assert f'<html lang="{language}" dir="{direction}">' in answer.text
    assert answer.text.rstrip().endswith("</html>")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    # Inline styles and scripts would be refused by the policy.
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?! type=\"application/ld\+json\")", answer.text)


def test_a_text_stands_once_on_the_home_page_with_how_many_carried_it(address: str) -> None:
    home = get(address, "/").text

    assert home.count('<li class="entry">') == 3
    assert home.count("نشره منفذان") == 2
    # Whatever is stored is in the list, on a topic or not.
    assert LexborHTMLParser(home).css_first("h1").text() == "أحدث ما نُشر"


def test_others_texts_are_shown_as_extracts(address: str, tmp_path: Path) -> None:
    last_line = article(1).text.split("\n")[-1]

    assert last_line not in get(address, "/articles/1").text
    assert get(address, "/api/articles/1").json()["text"] is None
    with serving(in_folder(tmp_path, [article(1)]), Settings(full_text=True)) as own:
        assert last_line in get(own, "/articles/1").text
        assert get(own, "/api/articles/1").json()["text"] == article(1).text


def test_a_text_of_few_words_is_not_shown_whole_either(tmp_path: Path) -> None:
    brief = replace(article(1), text="وصل الرئيسان إلى قاعدة ألمندورف في ألاسكا قبل قليل، وفق مراسلنا هناك.")
    ends = "وصل", "هناك"

    with serving(in_folder(tmp_path, [brief])) as own:
        for path in ("/", "/articles/1", "/topics/alaska-summit", "/feeds/latest.rss", "/api/articles/1"):
            assert not all(end in get(own, path).text for end in ends), path
        for query in ("ألمندورف", "وصل", "هناك"):
            (found,) = get(own, f"/api/search?q={query}").json()["results"]
            assert query in found["snippet"]
            assert not all(end in found["snippet"] for end in ends), query


def test_an_arabic_title_that_begins_in_latin_letters_runs_from_right_to_left(tmp_path: Path) -> None:
    title = "CNN: قمة ألاسكا بلا اتفاق"
    titled = [replace(article(1), title=title), replace(article(2), title="Alaska")]

    with serving(in_folder(tmp_path, titled), Settings(rate_per_minute=0)) as own:
        for path in ("/", "/articles/1", "/articles/2", "/search?q=CNN", "/embed?id=2"):
            named = [one for one in LexborHTMLParser(get(own, path).text).css("[dir]") if one.text().strip() == title]
            assert {one.attributes["dir"] for one in named} == {"rtl"}, path
        assert '<h1 lang="ar" dir="ltr">Alaska</h1>' in get(own, "/articles/2").text


def test_no_word_of_a_page_that_asks_for_it_is_shown(tmp_path: Path) -> None:
    asking = replace(article(1), directives=("nosnippet",))
    paths = ["/", "/articles/1", "/search?q=ترامب", "/topics/alaska-summit", "/api/articles/1", "/feeds/latest.json"]

    with serving(in_folder(tmp_path, [asking]), Settings(rate_per_minute=0, full_text=True)) as own:
        for path in paths:
            shown = get(own, path).text
            assert "سجادة حمراء" not in shown, path
            assert "وصل الرئيسان" not in shown, path
        assert "تطلب الصفحة ألا يُعرض شيء من نصها" in get(own, "/articles/1").text


def test_the_time_line_says_who_was_first_and_how_long_after_others_came(address: str) -> None:
    shown = get(address, "/copies/1").text

    assert shown.index("الواحة") < shown.index("الساحل نيوز")
    assert "إعادة نشر، بعد ساعة و30 دقيقة" in shown
    # The twin table has the same figures.
    assert "ساعة و30 دقيقة" in shown[shown.index("<tbody>") :]


def test_a_day_is_not_told_where_only_the_month_is_known(tmp_path: Path) -> None:
    august = datetime.fromisoformat("2025-08-01T00:00:00+00:00")
    monthly = replace(article(2, outlet="rafid"), published_at=august, published_precision="month")

    with serving(in_folder(tmp_path, [article(1), monthly])) as own:
        page = LexborHTMLParser(get(own, "/articles/1").text).css_first(".similar time").text()
        box = LexborHTMLParser(get(own, "/embed?id=1&as=fragment").text).css_first("time")
        (row,) = get(own, "/api/similar?id=1").json()["similar"]

    assert page == "أغسطس 2025"
    assert box.text() == box.attributes["datetime"] == "2025-08"
    assert (row["published_at"], row["published_precision"]) == ("2025-08-01T00:00:00Z", "month")


def test_a_day_is_that_of_the_servers_zone_on_pages_and_in_boxes(tmp_path: Path) -> None:
    late = replace(article(2, outlet="rafid"), published_at=datetime.fromisoformat("2025-08-15T22:40:00+00:00"))
    riyadh = Settings(rate_per_minute=0, zone=ZoneInfo("Asia/Riyadh"), zone_name="Asia/Riyadh")

    with serving(in_folder(tmp_path, [article(1), late]), riyadh) as own:
        pages = [LexborHTMLParser(get(own, path).text) for path in ("/articles/2", "/articles/1")]
        box = LexborHTMLParser(get(own, "/embed?id=1&as=fragment").text)

    assert pages[0].css_first("article time").text() == "16 أغسطس 2025، 01:40"
    assert pages[1].css_first(".similar time").text() == "16 أغسطس 2025"
    assert box.css_first("time").text() == "2025-08-16"


def test_all_outlets_that_carried_a_text_are_counted_though_the_time_line_shows_the_earliest(tmp_path: Path) -> None:
    carriers = [article(1, outlet=f"outlet{number}", hours=number) for number in range(25)]

    with serving(in_folder(tmp_path, carriers)) as own:
        shown = LexborHTMLParser(get(own, "/articles/1").text)

    assert shown.css_first(".card .note").text() == "نشره 25 منفذاً"
    assert len(shown.css(".time-line circle")) == 20


def test_found_words_are_marked(address: str) -> None:
    assert "<mark>ألاسكا</mark>" in get(address, "/search", params={"q": "الاسكا"}).text


def test_a_date_of_long_ago_does_not_make_the_other_bars_too_thin_to_see() -> None:
    summit = date(2025, 8, 15)

    chart = charts.bars({date(1970, 1, 1): 1, summit: 44})

    assert chart is not None
    assert (len(chart.bars), chart.bars[-1].first, chart.bars[-1].count) == (62, date(2025, 8, 1), 44)
    assert chart.bars[-1].width > 1


def test_a_topic_shows_its_days_outlets_spellings_and_agencies(address: str) -> None:
    shown = get(address, "/topics/alaska-summit").text

    assert shown.count('<rect class="bar"') == 3 + 4  # days, outlets
    assert "المدار" in shown
    assert "عائلات الأسماء" in shown


def test_sources_are_listed_with_their_state(address: str) -> None:
    assert "لم يُزر بعد" in get(address, "/sources").text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/similar", 400, "Name one article"),
        ("/api/similar?id=1&url=http://a.example/", 400, "Name one article"),
        ("/api/similar?id=abc", 400, "'abc' is no whole number"),
        ("/api/similar?id=999", 404, "There is no article 999"),
        ("/api/similar?url=http://a.example/b", 404, "nazair add http://a.example/b"),
        ("/api/similar?url=javascript:alert(1)", 400, "no http(s) URL"),
        ("/api/similar?id=1&n=51", 400, "from 1 to 50"),
        ("/api/similar?id=1&n=٣", 400, "no whole number"),
        ("/api/search?q=", 400, "There is nothing to look for"),
        ("/api/search?q=" + "ا" * 201, 400, "at most 200"),
        ("/api/search?q=قمة&since=yesterday", 400, "is no day"),
        ("/api/search?q=قمة&since=2025-09-01&until=2025-08-01", 400, "no article could pass"),
        ("/api/search?q=قمة&source=a%00b", 400, "is no id"),
        ("/api/search?q=قمة&page=21", 400, "from 1 to 20"),
        ("/api/search?q=قمة&page=5&n=50", 400, "the best 200"),
        ("/api/articles/x", 400, "no whole number"),
        ("/api/articles/99999999999999999999", 400, "no whole number"),
        ("/api/nothing", 404, "There is no such page"),
        ("/feeds/other.rss", 400, "none of similar"),
        ("/feeds/topic.rss?topic=alaska", 404, "Did you mean 'alaska-summit'?"),
        ("/articles/999", 404, "There is no article 999"),
        ("/topics/none", 404, "There is no topic"),
        ("/embed", 400, "Name one article"),
        ("/nowhere", 404, "الصفحة غير موجودة"),
        ("/static/../app.py", 404, ""),
        ("/?" + "a" * 5000, 414, "too long"),
    ],
)
def test_bad_requests_get_a_sentence_and_are_not_cached(path: str, status: int, words: str, address: str) -> None:
    answer = get(address, path)

    told = answer.json()["error"] if path.startswith(("/api/", "/feeds/")) else answer.text
    assert answer.status_code == status
    assert words in told.replace("&#39;", "'")
    assert "max-age" not in answer.headers.get("cache-control", "")


def test_metrics_are_there_only_where_they_were_asked_for(address: str, tmp_path: Path) -> None:
    assert get(address, "/metrics").status_code == 404
    with serving(in_folder(tmp_path, [article(1)]), Settings(metrics=True)) as own:
        answer = get(own, "/metrics")
        refused = get(own, "/metrics", headers={"Host": "elsewhere.example"})

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "nazair_articles 1.0" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert refused.status_code == 421


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_written(method: str, address: str) -> None:
    for path in ("/api/similar?id=1", "/"):
        answer = CLIENT.request(method, address + path)

        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_an_answer_that_did_not_change_is_not_sent_again(address: str) -> None:
    first = get(address, "/api/similar?id=2")

    second = get(address, "/api/similar?id=2", headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "public, max-age=60"
    assert (second.status_code, second.content) == (304, b"")
    assert get(address, "/api/similar?id=1", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example", "[::2]"])
def test_a_host_that_is_not_ours_is_refused(host: str, address: str) -> None:
    answer = get(address, "/", headers={"Host": host})

    assert answer.status_code == 421
    assert "nazair serve --host-name" in answer.text


def test_only_named_origins_may_read_the_api(address: str) -> None:
    named = get(address, "/api/topics", headers={"Origin": ORIGIN})
    other = get(address, "/api/topics", headers={"Origin": "https://evil.example"})
    page = get(address, "/", headers={"Origin": ORIGIN})

    assert named.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-origin" not in other.headers
    assert "Origin" in other.headers["vary"]
    assert "access-control-allow-origin" not in page.headers


def test_pages_of_others_may_load_the_box_the_api_and_feeds_and_nothing_else(address: str) -> None:
    """Whose pages get answers to read is another header's business."""
    asked = ("/embed.js", "/embed?id=1", "/api/topics", "/feeds/latest.rss", "/", "/static/style.css", "/healthz")

    told = [get(address, path).headers for path in asked]

    assert [one["cross-origin-resource-policy"] for one in told] == ["cross-origin"] * 4 + ["same-origin"] * 3
    assert {(one["x-content-type-options"], one["referrer-policy"]) for one in told} == {("nosniff", "no-referrer")}


def test_only_named_origins_may_frame_the_box(address: str) -> None:
    assert f"frame-ancestors 'self' {ORIGIN}" in get(address, "/embed?id=2").headers["content-security-policy"]
    assert "frame-ancestors 'none'" in get(address, "/").headers["content-security-policy"]


def test_an_address_that_asks_too_much_is_told_when_to_come_back(tmp_path: Path) -> None:
    with serving(in_folder(tmp_path, [article(1)]), Settings(rate_per_minute=6)) as own, httpx.Client() as client:
        answers = [client.get(own + "/healthz") for _ in range(BURST + 1)]

    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 10


def test_the_rate_fills_up_again_and_forgets_old_addresses() -> None:
    now = 0.0
    rate = Rate(60, clock=lambda: now)

    spent = [rate.wait_s("a") for _ in range(BURST + 1)]
    other = rate.wait_s("b")
    now = 1.0

    assert (sum(spent[:-1]), spent[-1], other, rate.wait_s("a"), rate.wait_s("a")) == (0, 1, 0, 0, 1)
    for number in range(MOST_ADDRESSES):
        rate.wait_s(str(number))
    assert rate.wait_s("a") == 0


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("unix", "unix"),
    ],
)
def test_a_network_of_ipv6_asks_as_one(address: str, counted: str) -> None:
    assert whose(address) == counted


def test_the_database_refuses_every_write(database_url: str) -> None:
    fill(database_url, [article(1)])
    database = open_read_only(database_url)

    with pytest.raises(Exception, match=r"read.?only"), database.reading() as connection:
        connection.exec_driver_sql("DELETE FROM articles")

    database.close()


def test_a_list_is_the_same_as_json_feed_rss_and_json_ld(address: str) -> None:
    similar = get(address, "/api/similar?id=2&n=20").json()["similar"]
    urls = [one["url"] for one in similar]

    feed = get(address, "/feeds/similar.json?id=2")
    rss = parsed(get(address, "/feeds/similar.rss?id=2").text)
    linked = get(address, "/feeds/similar.jsonld?id=2").json()

    assert urls
    assert feed.headers["content-type"] == "application/feed+json"
    assert feed.json()["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["url"] for item in feed.json()["items"]] == urls
    assert [item.findtext("link") for item in rss.iter("item")] == urls
    begins = [get(address, f"/api/articles/{one['id']}").json()["excerpt"] for one in similar]
    assert all(begins)
    assert [item.findtext("description") for item in rss.iter("item")] == begins
    assert [item["content_text"] for item in feed.json()["items"]] == begins
    assert [item["url"] for item in linked["itemListElement"]] == urls


@pytest.mark.parametrize("feed", ["search.rss?q=قمة", "topic.rss?topic=alaska-summit", "latest.rss"])
def test_searches_topics_and_the_latest_are_feeds(feed: str, address: str) -> None:
    assert list(parsed(get(address, f"/feeds/{feed}").text).iter("item"))


def test_a_feed_of_nothing_does_not_change_with_the_clock(address: str) -> None:
    feed = parsed(get(address, "/feeds/search.rss?q=زرافة").text)

    assert not list(feed.iter("item"))
    assert feed.findtext("channel/lastBuildDate") == "Thu, 01 Jan 1970 00:00:00 +0000"


def test_the_pages_of_a_search_go_on_where_the_one_before_ended(address: str) -> None:
    whole = get(address, "/api/search?q=قمة&n=3").json()["results"]

    pages = [get(address, f"/api/search?q=قمة&n=1&page={page}").json() for page in (1, 2, 3)]

    assert [one["id"] for page in pages for one in page["results"]] == [one["id"] for one in whole]
    assert len(whole) == 3
    assert pages[0]["more"]


def test_a_search_that_finds_nothing_leads_to_the_nearest_one(address: str) -> None:
    page = get(address, "/search?q=قمة%20الاسقا&since=2025-01-01").text
    (link,) = re.findall(r'<p class="empty">.*?<a dir="auto" href="([^"]+)">قمة ألاسكا</a>', page)

    assert "since=2025-01-01" in link
    assert get(address, "/api/search?q=قمة%20الاسقا").json() == {
        "page": 1,
        "more": False,
        "results": [],
        "meant": "قمة ألاسكا",
    }
    assert get(address, "/api/search?q=قمة").json()["meant"] is None
    assert 'class="entries"' in get(address, unescape(link)).text


def test_a_search_between_two_days_finds_what_was_published_on_them(address: str) -> None:
    (first, *_) = get(address, "/api/search?q=قمة").json()["results"]
    day = first["published_at"][:10]

    found = get(address, f"/api/search?q=قمة&since={day}&until={day}").json()["results"]

    assert first["id"] in [one["id"] for one in found]
    assert {one["published_at"][:10] for one in found} == {day}


def test_the_feed_of_a_narrowed_search_is_as_narrow(address: str) -> None:
    found = get(address, "/search?q=قمة&source=rafid&since=2025-08-01&lang=en")
    link = LexborHTMLParser(found.text).css_first(".feeds a[href*=json]").attributes["href"]

    feed = get(address, link or "").json()

    assert {item["authors"][0]["name"] for item in feed["items"]} == {"الرافد"}
    assert len(get(address, "/feeds/search.json?q=قمة").json()["items"]) > len(feed["items"])
    assert get(address, feed["home_page_url"].removeprefix(address)).text.count('class="entry"') == len(feed["items"])


def test_the_api_names_the_topics_with_their_titles_and_how_many_articles_they_have(address: str) -> None:
    topics = get(address, "/api/topics").json()["topics"]

    ids = [one["id"] for one in topics]
    assert ids == sorted(ids)
    (summit,) = (one for one in topics if one["id"] == "alaska-summit")
    assert summit["title"] == "قمة ترامب وبوتين في ألاسكا"
    assert summit["articles"] > 0


@pytest.mark.parametrize(("source", "names"), [("rafid", ["الرافد"]), ("sahil", [])])
def test_a_feed_of_similar_articles_can_be_of_one_outlet(source: str, names: list[str], address: str) -> None:
    feed = get(address, f"/feeds/similar.json?id=3&source={source}").json()

    assert [item["authors"][0]["name"] for item in feed["items"]] == names


def test_a_box_can_be_included_by_a_server(address: str) -> None:
    box = get(address, "/embed", params={"url": "http://rafid.example/news/2", "as": "fragment"}).text

    assert box.startswith('<section class="similar-articles" lang="ar" dir="rtl">')
    assert "<html" not in box
    # An Arabic title is read from the right, whatever it begins with.
    assert {one.attributes["dir"] for one in LexborHTMLParser(box).css("a")} == {"rtl"}


@pytest.mark.parametrize("asked", ["url=http://rafid.example/none", "id=999", "id=x", "n=0&id=2", ""])
def test_what_a_server_includes_is_empty_when_there_is_nothing_to_include(asked: str, address: str) -> None:
    answer = get(address, f"/embed?as=fragment&{asked}")

    assert answer.status_code in (400, 404)
    assert answer.content == b""


def test_a_server_that_asks_too_much_includes_no_sentence(tmp_path: Path) -> None:
    with serving(in_folder(tmp_path, [article(1)]), Settings(rate_per_minute=1)) as own, httpx.Client() as client:
        answers = [client.get(f"{own}/embed?as=fragment&id=1") for _ in range(BURST + 1)]

    assert (answers[-1].status_code, answers[-1].content) == (429, b"")


def test_a_box_of_an_article_that_is_not_stored_tells_readers_no_more_than_an_empty_one(address: str) -> None:
    unknown = get(address, "/embed?url=http://rafid.example/none")

    assert unknown.status_code == 404
    assert "لا مقالات مشابهة" in unknown.text
    assert "nazair add" not in unknown.text
    assert "<form" not in unknown.text


def test_the_widget_is_smaller_than_3_kb() -> None:
    script = files("nazair.web").joinpath("static", "embed.js").read_bytes()

    assert len(script) < 3_000
    assert b"cookie" not in script.replace(b"No cookies", b"")
    assert b"innerHTML" not in script


def test_what_the_api_description_names_is_what_is_served(address: str) -> None:
    from nazair.web.api import Api

    described = json.loads(files("nazair.web").joinpath("static", "openapi.json").read_text(encoding="utf-8"))

    served = {route.path for route in Api(library=None).routes()}  # type: ignore[arg-type]
    assert set(described["paths"]) == served
    assert get(address, "/openapi.json").json() == described


def test_the_api_keeps_to_its_description(address: str) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.checks import CHECKS

    (positive_data_acceptance,) = CHECKS.get_by_names(["positive_data_acceptance"])
    for operation in schema.get_all_operations():
        made = operation.ok().as_strategy()

        @given(case=made)
        @settings(
            max_examples=25,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def holds(case: Any) -> None:
            answer = case.call(timeout=100)
            assert answer.status_code in (200, 400, 404)
            # That one of two parameters is needed cannot be said in an OpenAPI document.
            case.validate_response(answer, excluded_checks=[positive_data_acceptance])

        holds()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--bind", ANY), "--host-name NAME"),
        (("--bind", "example.org"), "is no IP address"),
        (("--bind", ANY, "--full-text"), "on this machine only"),
        (("--host-name", "a.example", "--full-text"), "to you: without --host-name"),
        (("--behind", "127.0.0.1", "--full-text"), "to you: without --host-name"),
        (("--behind", "localhost"), "is no IP address or network"),
        (("--host-name", "http://a.example/"), "is no host name"),
        (("--origin", "paper.example"), "is no origin"),
        (("--origin", "https://paper.example/x"), "is no origin"),
        (("--origin", "https://a.example;script-src"), "is no origin"),
        (("--origin", "https://*.a.example"), "is no origin"),
        (("--tz", "Mars/Olympus"), "is no time zone"),
        (("--db", "none.db"), "there is no database here yet"),
    ],
)
def test_a_server_that_cannot_start_says_why(
    arguments: tuple[str, ...], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = in_folder(tmp_path, [article(1)])

    assert run(["serve", "--port", "0", "--db", where, *arguments]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_answers_until_it_is_told_to_stop(how: signal.Signals, tmp_path: Path) -> None:
    where = in_folder(tmp_path, [article(1)])
    command = [sys.executable, "-m", "nazair", "serve", "--port", "0", "--db", where]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        said = re.search(r"http://[\d.:]+/", server.stderr.readline())
        assert said is not None

        answered = get(said[0], "healthz")
        server.send_signal(how)
        code = server.wait(100)

        assert answered.json() == {"status": "ok", "articles": True}
        assert code == (130 if how is signal.SIGINT else 0)
        assert "Traceback" not in server.stderr.read()


@pytest.mark.parametrize("said", [b"", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"])
def test_who_asks_nothing_is_hung_up_on(said: bytes, tmp_path: Path) -> None:
    with serving(in_folder(tmp_path, [article(1)])) as url:
        address = urlsplit(url)
        with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=20) as waiting:
            waiting.sendall(said)

            assert waiting.recv(1) == b""


def test_connections_that_ask_nothing_leave_handles_to_others(tmp_path: Path) -> None:
    where = in_folder(tmp_path, [article(1)])
    line = 'ulimit -Sn 40 && exec "$0" -m nazair serve --port 0 --db "$1"'
    command = ["sh", "-c", line, sys.executable, where]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server, ExitStack() as connections:
        connections.callback(server.kill)
        assert server.stderr is not None
        said = re.search(r"http://([\d.]+):(\d+)/", server.stderr.readline())
        assert said is not None
        for _ in range(60):
            connections.enter_context(socket.create_connection((said[1], int(said[2])), timeout=100))

        assert get(said[0], "healthz").status_code == 200


def test_answers_leave_at_once() -> None:
    with _listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("https://Paper.example:443", "https://paper.example"),
        ("http://paper.example:80/", "http://paper.example"),
        ("https://جريدة.example", "https://xn--ogbfjh9j.example"),
        ("http://127.0.0.5:8712", "http://127.0.0.5:8712"),
    ],
)
def test_an_origin_is_spelt_as_browsers_send_it(typed: str, sent: str) -> None:
    assert _origin(typed) == sent


def test_a_host_name_is_spelt_as_browsers_send_it() -> None:
    assert _host("Nazair.جريدة.example.") == "nazair.xn--ogbfjh9j.example"


def test_a_port_in_use_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert run(["serve", "--port", str(port), "--db", str(tmp_path / "x.db")]) == 2

    assert f"Port {port} of 127.0.0.1 cannot be had" in capsys.readouterr().err


def test_pages_are_alike_on_both_databases(database_url: str, address: str) -> None:
    fill(database_url, some_articles())

    with serving(database_url) as other:
        for path in (*PAGES, "/api/copies/1", "/api/search?q=ترامب", "/feeds/latest.rss"):
            here, there = get(address, path).text, get(other, path).text
            assert here.replace(address, "") == there.replace(other, ""), path


def test_overviews_are_alike_on_both_databases(database_url: str) -> None:
    fill(database_url, some_articles())
    database = open_database(database_url)

    with database.reading() as connection:
        latest = overview.latest_texts(connection, topic_id="alaska-summit", limit=2)
        by_day = overview.counts_by_day(connection, "alaska-summit")
        by_source = overview.counts_by_source(connection, "alaska-summit")
        agencies = overview.counts_by_agency(connection, "alaska-summit", limit=5)
        spellings = overview.counts_by_spelling(connection, "alaska-summit")
        nothing = overview.counts_by_day(connection, "none")
    database.close()

    assert latest == [4, 5]
    assert {day.isoformat(): count for day, count in by_day.items()} == {
        "2025-08-15": 3,
        "2025-08-16": 1,
        "2025-08-18": 1,
    }
    assert by_source == {"alwaha": 2, "annahr": 1, "rafid": 1, "sahil": 1}
    assert agencies == [("المدار", 1)]
    assert spellings["بوتين"] == 5
    assert nothing == {}


def test_delays_stand_in_the_case_that_follows_their_preposition() -> None:
    words = Words("ar")

    assert words.later(timedelta(hours=2)) == "بعد ساعتين"
    assert words.later(timedelta(days=2, hours=2)) == "بعد يومين وساعتين"
    assert words.later(timedelta(minutes=62)) == "بعد ساعة ودقيقتين"


def test_an_article_that_is_gone_is_not_among_the_latest_and_a_copy_that_is_there_is(database_url: str) -> None:
    fill(database_url, some_articles())
    database = open_database(database_url)

    with database.writing() as connection:
        before = overview.latest_texts(connection, topic_id=None, limit=9)
        for gone in before[:2]:
            articles.set_gone(connection, gone, datetime.now(UTC))
        after = overview.latest_texts(connection, topic_id=None, limit=9)
    database.close()

    assert (before, after) == ([4, 5, 3], [3, 2])


def test_every_word_of_the_interface_has_both_languages_and_its_forms() -> None:
    import tomllib

    words = tomllib.loads(files("nazair.web").joinpath("words.toml").read_text(encoding="utf-8"))

    for key, found in words.items():
        assert set(found) == {"ar", "en"}, key
        if isinstance(found["ar"], dict):
            for count in (0, 1, 2, 3, 11, 100, 1000):
                assert Words("ar")(key, count)
                assert Words("en")(key, count)
