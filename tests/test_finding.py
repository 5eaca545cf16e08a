"""Finding pages, end to end: a web of servers that answer badly, a crawl as a user starts it, what was asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus

import pytest

from corpus.store import articles, frontier, runs
from corpus.store.database import open_database
from corpus.types import Filter, Outcome
from crawler.reservations import PATH
from nazair.demo.server import serve
from nazair.demo.web import bundled_web, read_web
from tests.processes import nazair
from tests.rude_server import EMPTY_HOME, HTML, Answer, article, catalogue, crawl, feed, serving

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
TITLE = "قمة جديدة في المدينة بعد يومين"
NO_FILTER = Filter()
OFF = "أسعار الخضار ترتفع في الأسواق مجددا"


def links(*named: tuple[str, str]) -> str:
    return "".join(f'<a href="{path}">{text}</a>' for path, text in named)


def page(*parts: str) -> Answer:
    return Answer(200, f"<html><body>{''.join(parts)}</body></html>".encode(), HTML)


def story(number: int, *parts: str) -> Answer:
    body = article(number).replace(b"</article>", b"</article>" + "".join(parts).encode())
    return Answer(200, body, HTML)


class Site:
    """A web whose pages stand in a table: (host, path) → answer; what is not there is 404."""

    def __init__(self, pages: Mapping[str, Answer]) -> None:
        self.pages = dict(pages)

    def __call__(self, host: str, path: str, headers: Mapping[str, str]) -> Answer:
        return self.pages.get(f"{host}{path}", Answer(404))


def sources(folder: Path, *tables: str) -> Path:
    """A --config folder with these `[[source]]` tables and the topic `t`."""
    catalogue(folder, ["x.example"])
    text = "\n".join(f"[[source]]\n{table}\ndelay_s = 0\n" for table in tables)
    (folder / "sources" / "s.toml").write_text(text, encoding="utf-8")
    return folder


def only_home(host: str) -> str:
    return f'id = "{host.split(".", maxsplit=1)[0]}"\nname = "{host}"\nhome = "http://{host}/"'


def decided(db: str) -> dict[str, tuple[str, str]]:
    """URL → (outcome, reason) of the last run."""
    with open_database(db).reading() as connection:
        (run, *_) = runs.latest(connection)
        return {one.url: (one.outcome.value, one.reason) for one in runs.decided(connection, run.id)}


def stored(db: str) -> int:
    with open_database(db).reading() as connection:
        return articles.size(connection)


def why(db: str, url: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(nazair("why", url, "--db", db, "-f", "json").stdout)
    return told


def test_the_bundled_coverage_is_found_from_home_pages_alone(tmp_path: Path) -> None:
    truth = [json.loads(line) for line in (ROOT / "fixtures" / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    on_topic = {row["url"] for row in truth if row["about"] == "summit"}
    web = read_web(bundled_web())
    config = sources(tmp_path, *(f"{only_home(site.host)}" for site in web.sites.values()))
    db = str(tmp_path / "nazair.db")

    with serve(web) as server:
        done = nazair("crawl", "alaska-summit", "--config", config, "--db", db, "--proxy", server.url)

    with open_database(db).reading() as connection:
        found = {one.article.url for one in articles.load(connection, articles.find(connection, NO_FILTER)).values()}
        receipts = runs.receipts(connection)
    assert done.returncode == 0, done.stderr
    assert found == on_topic
    assert sum(one.fetched for one in receipts) <= 1.3 * len(on_topic)
    assert {one.channel for one in receipts} >= {"feed", "sitemap", "section", "home"}


def test_feeds_are_guessed_where_nothing_else_is_found_and_what_is_not_there_is_no_failure(tmp_path: Path) -> None:
    web = Site({"a.example/": EMPTY_HOME, "a.example/rss.xml": Answer(200, feed("a.example", 2))} | stories(1, 2))
    db = str(tmp_path / "nazair.db")

    with serving(web) as server:
        done = crawl(sources(tmp_path, only_home("a.example")), server, db)

    assert stored(db) == 2
    assert [path for path in server.paths("a.example") if "news" not in path and path != PATH] == [
        "/robots.txt",
        "/",
        "/feed",
        "/rss",
        "/rss.xml",
    ]
    told = decided(db)
    assert told["http://a.example/robots.txt"] == ("listing", "no robots.txt: the server answered 404")
    assert told["http://a.example/feed"] == ("listing", "no feed here, which was a guess: the server answered 404")
    assert told["http://a.example/"] == ("failed", "the page has no links that look like articles")
    assert done.returncode == 4


def test_feeds_are_found_through_the_page_that_lists_them_and_need_not_all_be_there(tmp_path: Path) -> None:
    web = Site(
        {
            "a.example/": page(links(("/service/rss", "خدمة RSS"))),
            "a.example/service/rss": page(links(("/xml/old.xml", "رياضة"), ("/xml/news.xml", "أخبار"))),
            "a.example/xml/news.xml": Answer(200, feed("a.example", 2)),
        }
        | stories(1, 2)
    )
    db = str(tmp_path / "nazair.db")

    with serving(web) as server:
        done = crawl(sources(tmp_path, only_home("a.example")), server, db)

    told = decided(db)
    assert (done.returncode, stored(db)) == (0, 2)
    assert told["http://a.example/service/rss"] == ("listing", "2 links")
    assert told["http://a.example/xml/old.xml"] == (
        "listing",
        "no feed, although the site names it: the server answered 404",
    )
    assert "/feed" not in server.paths("a.example")


def test_a_link_that_cannot_be_about_the_topic_is_not_fetched_and_why_tells_it(tmp_path: Path) -> None:
    items = "".join(
        f"<item><title>{title}</title><link>/news/{number}</link><pubDate>{date}</pubDate></item>"
        for number, title, date in [
            (1001, TITLE, "Fri, 15 Aug 2025 10:00:00 GMT"),
            (1002, OFF, "Fri, 15 Aug 2025 10:00:00 GMT"),
            (1003, TITLE, "Fri, 15 Aug 2014 10:00:00 GMT"),
        ]
    )
    rss = f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
    web = Site({"a.example/": EMPTY_HOME, "a.example/feed": Answer(200, rss)} | stories(1, 2, 3))
    config, db = catalogue(tmp_path, ["a.example"]), str(tmp_path / "nazair.db")
    topic = config / "topics" / "t.toml"
    topic.write_text(topic.read_text(encoding="utf-8").replace('title = "قمة"', 'title = "قمة"\nsince = 2025-08-01'))

    with serving(web) as server:
        done = crawl(config, server, db)

    assert done.returncode == 0, done.stderr
    assert [path for path in server.paths("a.example") if "news" in path] == ["/news/1001"]
    (by_title,) = why(db, "http://a.example/news/1002")
    (by_date,) = why(db, "https://www.a.example/news/1003/")
    assert (by_title["outcome"], by_title["channel"]) == ("skipped", "feed")
    assert by_title["reason"] == f"not fetched for t: its title names nothing of the topic: {OFF}"
    assert by_date["reason"] == "not fetched for t: published on 2014-08-15, outside 2025-08-01 to …"
    with open_database(db).reading() as connection:
        (receipt,) = [one for one in runs.receipts(connection) if one.channel == "feed"]
    assert (receipt.found, receipt.new, receipt.skipped, receipt.fetched, receipt.kept) == (3, 3, 2, 1, 1)


def test_a_link_that_was_skipped_is_fetched_when_the_topic_comes_to_mean_it(tmp_path: Path) -> None:
    rss = f"<rss version='2.0'><channel><item><title>{OFF}</title><link>/news/1001</link></item></channel></rss>"
    web = Site({"a.example/": EMPTY_HOME, "a.example/feed": Answer(200, rss.encode())} | stories(1))
    config, db = catalogue(tmp_path, ["a.example"]), str(tmp_path / "nazair.db")
    topic = config / "topics" / "t.toml"

    with serving(web) as server:
        crawl(config, server, db)
        web.pages["a.example/feed"] = Answer(200, b"<rss version='2.0'><channel></channel></rss>")
        crawl(config, server, db)
        before = server.paths("a.example").count("/news/1001")
        topic.write_text(topic.read_text(encoding="utf-8").replace('["قمة"]', '["قمة", "الأسواق"]'), encoding="utf-8")
        crawl(config, server, db)

    assert (before, server.paths("a.example").count("/news/1001")) == (0, 1)


def test_links_inside_articles_are_followed_two_steps_when_their_words_are_on_topic(tmp_path: Path) -> None:
    web = Site(
        {
            "a.example/": page(links(("/news/1001", TITLE))),
            "a.example/news/1001": story(1001, links(("/news/1002", "ملف القمة"), ("/news/9001", OFF))),
            "a.example/news/1002": story(1002, links(("/news/1003", "بعد القمة"))),
            "a.example/news/1003": story(1003, links(("/news/1004", "قبل القمة"))),
            "a.example/news/1004": story(1004),
            "a.example/news/9001": story(9001),
        }
    )
    db = str(tmp_path / "nazair.db")

    with serving(web) as server:
        crawl(sources(tmp_path, only_home("a.example")), server, db)

    assert [path for path in server.paths("a.example") if "news" in path] == ["/news/1001", "/news/1002", "/news/1003"]
    with open_database(db).reading() as connection:
        channels = {one.channel: one.kept for one in runs.receipts(connection)}
    assert channels["page"] == 2


def test_a_page_under_many_addresses_is_fetched_once(tmp_path: Path) -> None:
    home = links(("/news/1001/amp", ""), ("http://www.a.example/news/1001?utm_source=x", ""), ("/news/1001", TITLE))
    web = Site({"a.example/": page(home)} | stories(1))

    with serving(web) as server:
        crawl(sources(tmp_path, only_home("a.example")), server, str(tmp_path / "nazair.db"))

    assert [(host, path) for _, host, path in server.log if "news" in path] == [("a.example", "/news/1001")]


def test_a_site_whose_pages_all_declare_its_home_page_canonical_loses_none(tmp_path: Path) -> None:
    def declaring(number: int) -> Answer:
        body = article(number).replace(b"</head>", b'<link rel="canonical" href="http://a.example/"></head>')
        return Answer(200, body, HTML)

    web = Site(
        {
            "a.example/": page(links(("/news/1001", TITLE), ("/news/1002", f"{TITLE} 2"))),
            "a.example/news/1001": declaring(1001),
            "a.example/news/1002": declaring(1002),
        }
    )
    db = str(tmp_path / "nazair.db")

    with serving(web) as server:
        crawl(sources(tmp_path, only_home("a.example")), server, db)

    assert stored(db) == 2


def test_a_search_page_is_asked_for_the_topic_unless_robots_txt_forbids_it(tmp_path: Path) -> None:
    results = page(links(("/news/1001", TITLE)))
    asked = f"/search?q={quote('قمة')}"
    web = Site(
        {
            "a.example/": EMPTY_HOME,
            "b.example/": EMPTY_HOME,
            f"a.example{asked}": results,
            f"b.example{asked}": results,
            "b.example/robots.txt": Answer(200, b"User-agent: *\nDisallow: /search\n"),
        }
        | stories(1)
    )
    tables = [f'{only_home(host)}\nsearch = "http://{host}/search?q={{query}}"' for host in ("a.example", "b.example")]
    db = str(tmp_path / "nazair.db")

    with serving(web) as server:
        crawl(sources(tmp_path, *tables), server, db)

    assert asked in server.paths("a.example")
    assert asked not in server.paths("b.example")
    assert stored(db) == 1
    assert decided(db)[f"http://b.example{asked}"] == ("blocked_by_robots", "robots.txt forbids it")


def test_an_aggregator_finds_pages_of_outlets_of_the_catalogue_and_of_no_other(tmp_path: Path) -> None:
    found = [
        {"url": "http://a.example/news/1001", "title": TITLE, "seendate": "20250815T100000Z", "language": "Arabic"},
        {"url": "http://a.example/news/1002", "title": OFF, "seendate": "20250815T100000Z", "language": "Arabic"},
        {"url": "http://stranger.example/news/1", "title": TITLE, "seendate": "20250815T100000Z"},
    ]
    asked: list[str] = []

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        if host == "api.gdelt.example" and path.startswith("/api"):
            asked.append(unquote_plus(path))
            return Answer(200, json.dumps({"articles": found}).encode(), {"Content-Type": "application/json"})
        return Site(stories(1, 2))(host, path, headers)

    template = "http://api.gdelt.example/api/v2/doc/doc?query={query}%20sourcelang:arabic&mode=ArtList&format=json"
    gdelt = (
        'id = "gdelt"\nname = "GDELT"\nhome = "http://gdelt.example/"\naggregator = true\nenabled = false\n'
        f'search = "{template}&startdatetime={{since}}000000"'
    )
    config, db = sources(tmp_path, only_home("a.example"), gdelt), str(tmp_path / "nazair.db")

    with serving(web) as server:
        crawl(config, server, db, "--source", "gdelt")

    assert asked == ["/api/v2/doc/doc?query=قمة sourcelang:arabic&mode=ArtList&format=json"]
    assert Counter(host for _, host, _ in server.log) == {
        "api.gdelt.example": 2,
        "a.example": 3,
    }  # with robots.txt and tdmrep.json
    with open_database(db).reading() as connection:
        stored_ids = articles.find(connection, NO_FILTER)
        (one,) = articles.load(connection, stored_ids).values()
        (by_gdelt,) = [one for one in runs.receipts(connection) if one.source_id == "gdelt"]
    assert (one.article.url, one.article.source_id) == ("http://a.example/news/1001", "a")
    assert (by_gdelt.channel, by_gdelt.found, by_gdelt.skipped) == ("search", 2, 1)
    assert "left out: 1 of outlets that the catalogue does not have" in next(
        reason for outcome, reason in decided(db).values() if outcome == "listing" and "left out" in reason
    )


def test_whatever_one_source_answers_the_others_are_crawled_and_each_answer_is_told(tmp_path: Path) -> None:
    half = "<rss version='2.0'><channel><item><title>قمة</title><link>/news/1001</link></item><item><title>قم".encode()
    utf16 = "User-agent: *\nDisallow: /news/1002\nSitemap: http://utf.example/map.xml\n".encode("utf-16")
    dates = "".join(
        f"<url><loc>/news/{number}</loc><lastmod>{day}</lastmod></url>"
        for number, day in [(1001, "yesterday"), (1002, "2025-99-99")]
    )
    web = Site(
        {
            "html.example/feed": page("<p>صيانة</p>"),
            "empty.example/feed": Answer(200, b""),
            "half.example/feed": Answer(200, half[:-1]),
            "utf.example/robots.txt": Answer(200, utf16),
            "utf.example/feed": Answer(200, b"<rss version='2.0'><channel></channel></rss>"),
            "utf.example/map.xml": Answer(200, f"<urlset>{dates}</urlset>".encode()),
            "gone.example/feed": Answer(410),
            "good.example/feed": Answer(200, feed("good.example", 1)),
            **{f"{name}.example/": EMPTY_HOME for name in ("html", "empty", "half", "utf", "good")},
        }
        | {f"{host}.example/news/100{n}": story(1000 + n) for host in ("half", "utf", "good") for n in (1, 2)}
    )
    hosts = ["html.example", "empty.example", "half.example", "utf.example", "gone.example", "good.example"]
    db = str(tmp_path / "nazair.db")

    with serving(web) as server:
        done = crawl(catalogue(tmp_path, hosts), server, db)

    told = {url.removeprefix("http://"): answer for url, answer in decided(db).items()}
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert told["html.example/feed"] == ("failed", "this is a web page, not a feed")
    assert told["empty.example/feed"] == ("failed", "the answer was empty")
    assert told["half.example/feed"][0] == "listing"
    assert told["half.example/feed"][1].startswith("1 link; the feed is broken: ")
    assert told["utf.example/map.xml"] == ("listing", "2 links")
    assert told["utf.example/news/1002"] == ("blocked_by_robots", "robots.txt forbids it")
    assert told["gone.example/feed"] == ("failed", "the server answered 410")
    assert told["gone.example/"] == ("failed", "the server answered 404")
    for host in ("half", "utf", "good"):
        assert told[f"{host}.example/news/1001"][0] in ("kept", "near_copy")
    assert server.paths("utf.example").count("/robots.txt") == 1


def test_a_section_ends_without_a_failure_where_its_next_page_is_not_there(tmp_path: Path) -> None:
    following = page("<a href='/news/1001'>قمة ألاسكا</a><a rel='next' href='?page=2'>التالي</a>")
    web = Site({"a.example/": EMPTY_HOME, "a.example/politics": following} | stories(1))
    config = sources(
        tmp_path,
        f'{only_home("a.example")}\nsections = ["http://a.example/politics"]',
        f'{only_home("b.example")}\nsections = ["http://b.example/politics"]',
    )
    db = str(tmp_path / "nazair.db")

    with serving(web) as server:
        done = [crawl(config, server, db, "--source", one) for one in ("a", "b")]
        told = decided(db)

    assert [one.returncode for one in done] == [0, 4], done[0].stderr
    assert told["http://b.example/politics"] == ("failed", "the server answered 404")
    assert why(db, "http://a.example/politics?page=2")[-1]["reason"] == (
        "no further page of this section: the server answered 404"
    )


def test_a_sitemap_larger_than_any_page_may_be_is_read(tmp_path: Path) -> None:
    padding = f"<!--{'x' * 1024}-->" * (11 << 10)
    body = f"<urlset><url><loc>/news/1001</loc></url>{padding}<url><loc>/news/1002</loc></url></urlset>".encode()
    web = Site({"a.example/": EMPTY_HOME, "a.example/map.xml": Answer(200, body)} | stories(1, 2))
    db = str(tmp_path / "nazair.db")

    with serving(web) as server:
        crawl(sources(tmp_path, f'{only_home("a.example")}\nsitemaps = ["http://a.example/map.xml"]'), server, db)

    assert decided(db)["http://a.example/map.xml"] == ("listing", "2 links")
    assert stored(db) == 2


def test_of_an_outlet_of_many_languages_only_the_arabic_edition_is_fetched(tmp_path: Path) -> None:
    named = ("/ar/world/1001", "/en/world/1002", "/mundo/articles/1003", "/ar/tag/1004")
    body = "".join(f"<url><loc>http://a.example{path}</loc></url>" for path in named)
    pages = {
        "a.example/robots.txt": Answer(200, b"User-agent: *\nSitemap: http://a.example/map.xml\n"),
        "a.example/map.xml": Answer(200, f"<urlset>{body}</urlset>".encode()),
        "a.example/ar": EMPTY_HOME,
        "a.example/ar/world/1001": story(1001),
    }
    config = sources(tmp_path, 'id = "a"\nname = "a"\nhome = "http://a.example/ar"')
    db = str(tmp_path / "nazair.db")

    with serving(Site(pages)) as server:
        crawl(config, server, db)

    assert {path for path in server.paths("a.example") if path in named} == {"/ar/world/1001"}
    assert decided(db)["http://a.example/map.xml"] == (
        "listing",
        "1 link; left out: 2 of another edition of the site; left out: 1 pages that list others",
    )


def test_two_sources_on_one_host_are_both_crawled_and_one_that_is_the_other_again_is_left_out_and_told(
    tmp_path: Path,
) -> None:
    def listed(*paths: str) -> Answer:
        items = "".join(f"<item><link>http://a.example{path}</link></item>" for path in paths)
        return Answer(200, f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode())

    pages = ("/sport/1001", "/culture/1002", "/1003", "/1004")
    web = Site(
        {
            "a.example/sport": EMPTY_HOME,
            "a.example/culture": EMPTY_HOME,
            "a.example/sport.xml": listed("/sport/1001", "/culture/1002", "/1003"),
            "a.example/culture.xml": listed("/1004", "/culture/1002"),
            **{f"a.example{path}": story(int(path[-4:])) for path in pages},
        }
    )
    tables = [
        f'id = "{one}"\nname = "{one}"\nhome = "http://a.example/{one}"\nfeeds = ["http://a.example/{one}.xml"]'
        for one in ("sport", "culture")
    ]
    again = tables[0].replace('id = "sport"', 'id = "again"')
    config, db = sources(tmp_path, *tables, again), str(tmp_path / "nazair.db")

    with serving(web) as server:
        done = crawl(config, server, db)
        asked = server.paths("a.example")
        checked = nazair("sources", "check", "--config", config, "--proxy", server.url)

    with open_database(db).reading() as connection:
        ids = articles.find(connection, NO_FILTER)
        found = {one.article.url: one.article.source_id for one in articles.load(connection, ids).values()}
    assert (done.returncode, found) == (
        0,
        {
            "http://a.example/sport/1001": "sport",
            "http://a.example/culture/1002": "culture",
            "http://a.example/1003": "sport",
            "http://a.example/1004": "culture",
        },
    )
    assert max(Counter(asked).values()) == 1
    assert "Warning: again is left out: sport is entered at the same addresses. Take one of the two" in done.stderr
    assert checked.returncode == 4
    states = [line.split()[:3] for line in checked.stdout.splitlines()]
    assert [state for state in states if state[:1] == ["again"]] == [["again", "home", "double"]]


def test_what_is_too_much_of_one_host_for_one_run_is_left_to_the_next(tmp_path: Path) -> None:
    entries = "".join(f"<url><loc>/news/{i}</loc><lastmod>2014-01-01</lastmod></url>" for i in range(60_000))
    web = Site({"a.example/": EMPTY_HOME, "a.example/map.xml": Answer(200, f"<urlset>{entries}</urlset>".encode())})
    config = sources(tmp_path, f'{only_home("a.example")}\nsitemaps = ["http://a.example/map.xml"]')
    topic = config / "topics" / "t.toml"
    topic.write_text(topic.read_text(encoding="utf-8").replace('title = "قمة"', 'title = "قمة"\nsince = 2025-08-01'))
    db = str(tmp_path / "nazair.db")

    told = []
    with serving(web) as server:
        for _ in range(2):
            crawl(config, server, db)
            with open_database(db).reading() as connection:
                told.append((frontier.counts(connection).get("skipped"), decided(db)["http://a.example/map.xml"][1]))

    read = "60,000 links; 60,000 entries, where the protocol allows 50,000"
    assert told == [(50_000, f"{read}; 10,000 more links of its host wait for the next run"), (60_000, read)]
    assert not any("news" in path for path in server.paths("a.example"))


@pytest.mark.parametrize("kind", ["page", "session"])
def test_endless_listings_end(kind: str, tmp_path: Path) -> None:
    """A server that answers every page number with the same page, or numbers every visit."""

    def web(host: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path.startswith("/news"):
            return story(int(path.split("/")[2][:4]))
        if path in ("/robots.txt", "/feed"):
            return Answer(404)
        if kind == "page" and path.startswith("/world"):
            number = int(path.partition("=")[2] or 1)
            return page(links(("/news/1001", TITLE), (f"/world?page={number + 1}", "التالي")))
        visit = "0123456789abcdef" + f"{len(server.log):04x}"
        return page(links((f"/news/1001?PHPSESSID={visit}", TITLE), (f"/world?sid={visit}", "العالم")))

    db = str(tmp_path / "nazair.db")
    with serving(web) as server:
        section = 'sections = ["http://a.example/world"]' if kind == "page" else ""
        crawl(sources(tmp_path, f"{only_home('a.example')}\n{section}"), server, db)

    asked = Counter(path for path in server.paths("a.example") if path.startswith(("/world", "/news")))
    assert asked["/news/1001"] == 1
    assert sum(asked.values()) <= 3
    with open_database(db).reading() as connection:
        assert runs.outcomes(connection, 1)[Outcome.KEPT] == 1


def stories(*numbers: int) -> dict[str, Answer]:
    return {f"a.example/news/{1000 + number}": story(1000 + number) for number in numbers}


def test_an_answer_that_broke_off_is_read_if_it_is_written_to_its_end(tmp_path: Path) -> None:
    def raw(head: str, body: bytes) -> Answer:
        start = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{head}\r\n\r\n".encode()
        return Answer(raw=lambda: [start, body])

    whole, cut = article(1001) + b"\n<!-- 0.2 s -->\n", article(1003)[:-20]
    chunk = f"{len(whole):x}\r\n".encode() + whole + b"\r\n"  # the empty one that ends all is missing
    pages = {
        "a.example/feed": Answer(200, feed("a.example", 3)),
        "a.example/news/1001": raw(f"Content-Length: {len(whole) + 100}", whole),
        "a.example/news/1002": raw("Transfer-Encoding: chunked", chunk.replace(b"1001", b"1002")),
        "a.example/news/1003": raw(f"Content-Length: {len(cut) + 100}", cut),
    }
    db = str(tmp_path / "nazair.db")

    with serving(Site({"a.example/": EMPTY_HOME, **pages})) as server:
        done = crawl(catalogue(tmp_path, ["a.example"]), server, db)

    told = {url[-4:]: outcome for url, outcome in decided(db).items() if "/news/" in url}
    assert [told[number][0] for number in ("1001", "1002")] == ["kept", "kept"]
    assert told["1003"] == ("failed", "the answer broke off before its end")
    assert "DATALOSS" not in done.stderr
