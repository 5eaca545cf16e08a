"""`nazair sources`: what a check tells of files and servers, and what it drafts of an outlet that is new."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from corpus.store import articles, runs
from corpus.store.database import open_database
from crawler.reservations import PATH
from tests.processes import nazair
from tests.rude_server import HTML, Answer, article, catalogue, feed, serving

pytestmark = pytest.mark.slow

SECTION = b'<html><head><meta property="og:site_name" content="\xd8\xa7\xd9\x84\xd9\x88\xd8\xa7\xd8\xad\xd8\xa9">'
HEAD = SECTION + b'<link rel="alternate" type="application/rss+xml" href="/new.xml"></head>'
HOME = Answer(200, HEAD + b'<body><a href="/politics">p</a><a href="/news/1001">x</a></body></html>', HTML)


class Outlet:
    """A web of one outlet, whose answers a test may change between visits."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {"/": HOME, "/feed": Answer(200, feed("a.example", 2))}

    def __call__(self, host: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path.startswith("/news/"):
            return self.answers.get("article", Answer(200, article(int(path[6:])), HTML))
        return self.answers.get(path, Answer(404))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return catalogue(tmp_path / "config", ["a.example"])


def test_files_are_read_strictly_and_no_server_is_asked(config: Path, tmp_path: Path) -> None:
    file = config / "sources" / "s.toml"
    bad = tmp_path / "bad.toml"
    bad.write_text(file.read_text(encoding="utf-8").replace("feeds", "feds"), encoding="utf-8")

    all_good, good, wrong = (
        nazair("sources", "check", "--config", config),
        nazair("sources", "check", file),
        nazair("sources", "check", bad),
    )

    assert (all_good.returncode, all_good.stdout) == (0, "1 source: all good\n")
    assert (good.returncode, good.stdout) == (0, f"{file}: 1 source: good\n")
    assert wrong.returncode == 2
    assert "did you mean 'feeds'?" in wrong.stderr


def test_a_check_asks_for_one_feed_and_one_page_and_stores_neither(config: Path, tmp_path: Path) -> None:
    with serving(Outlet()) as server:
        done = nazair("sources", "check", "a", "--config", config, "--proxy", server.url, "--db", tmp_path / "none.db")

    assert done.returncode == 0, done.stderr
    rows = [line.split()[:3] for line in done.stdout.splitlines()]
    assert [row for row in rows if row[:1] == ["a"]] == [["a", "feed", "good"], ["a", "article", "good"]]
    assert server.paths("a.example") == ["/robots.txt", "/feed", "/news/1001", PATH]
    assert not (tmp_path / "none.db").exists()


def test_a_check_and_a_draft_tell_what_a_page_and_its_host_ask(config: Path, tmp_path: Path) -> None:
    outlet = Outlet()
    outlet.answers["article"] = Answer(200, article(1001), HTML | {"X-Robots-Tag": "nosnippet"})
    outlet.answers[PATH] = Answer(200, b'[{"location": "/", "tdm-reservation": 1, "tdm-policy": "/policy"}]')
    asked = "its page asks: nosnippet, tdm-reservation (policy: http://{}.example/policy)"

    with serving(outlet) as server:
        place = ("--proxy", server.url, "--db", tmp_path / "none.db")
        checked = nazair("sources", "check", "a", "--config", config, *place)
        drafted = nazair("sources", "add", "http://new.example/", *place)

    assert asked.format("a") in " ".join(checked.stdout.split())
    assert f"# http://new.example/news/1001: an article was read to check its source; {asked.format('new')}\n" in (
        drafted.stdout
    )
    assert [server.paths(host).count(PATH) for host in ("a.example", "new.example")] == [1, 1]


def test_a_check_without_a_name_visits_all_enabled_sources_when_it_may_use_the_network(config: Path) -> None:
    with serving(Outlet()) as server:
        done = nazair("sources", "check", "--config", config, "--proxy", server.url, "--db", config / "none.db")

    assert done.returncode == 0, done.stderr
    assert "/feed" in server.paths("a.example")


def test_a_check_tells_what_broke_since_it_was_last_seen_to_work_and_what_to_edit(
    config: Path, database_url: str
) -> None:
    outlet = Outlet()

    def check(server: str) -> subprocess.CompletedProcess[str]:
        return nazair("sources", "check", "a", "--config", config, "--proxy", server, "--db", database_url)

    with serving(outlet) as server:
        first = check(server.url)
        outlet.answers["/feed"] = Answer(404)
        second = check(server.url)
        outlet.answers["/feed"] = Answer(200, feed("a.example", 2))
        third = check(server.url)

    assert [done.returncode for done in (first, second, third)] == [0, 4, 0]
    assert "broken since 20" in second.stdout
    assert "feeds: put http://a.example/new.xml in its place, which the home page names" in second.stdout
    assert "good again" in third.stdout
    with open_database(database_url).reading() as connection:
        assert articles.size(connection) == 0
        assert [run.queue for run in runs.latest(connection)] == ["checked"] * 3


def test_each_check_reads_an_article(config: Path, tmp_path: Path) -> None:
    outlet, db = Outlet(), tmp_path / "nazair.db"
    with serving(outlet) as server:
        checks = [
            nazair("sources", "check", "a", "--config", config, "--proxy", server.url, "--db", db) for _ in range(2)
        ]

    assert [done.returncode for done in checks] == [0, 0], checks[1].stdout
    assert [" article " in done.stdout for done in checks] == [True, True]
    assert "again" not in checks[1].stdout


@pytest.mark.parametrize(
    ("path", "answer", "why", "edit"),
    [
        ("/robots.txt", Answer(200, b"User-agent: *\nDisallow: /\n"), "robots.txt forbids it", "enabled = false"),
        ("/robots.txt", Answer(503), "robots.txt answered 503", "nothing yet: check again later"),
        ("/feed", Answer(503), "the server answered 503", "nothing yet: check again later"),
        (
            "article",
            Answer(200, "<html><p>كلمة</p></html>".encode(), HTML),
            "the text has 1 word",
            "add a page like it",
        ),
        ("article", Answer(404), "the server answered 404", "check again later"),
        (
            "/feed",
            Answer(200, feed("a.example", 0)),
            "empty http://a.example/feed 0 links",
            "put http://a.example/new.xml",
        ),
        (
            "/feed",
            Answer(200, b"<html></html>", HTML),
            "this is a web page, not a feed",
            "put http://a.example/new.xml",
        ),
    ],
)
def test_a_check_says_what_is_wrong_and_what_to_do(
    config: Path, path: str, answer: Answer, why: str, edit: str
) -> None:
    outlet = Outlet()
    outlet.answers[path] = answer

    with serving(outlet) as server:
        done = nazair("sources", "check", "a", "--config", config, "--proxy", server.url, "--db", config / "none.db")

    assert done.returncode == 4
    assert why in " ".join(done.stdout.split())
    assert edit in " ".join(done.stdout.split())


@pytest.mark.parametrize("there", [b"<a href='/news/1001'>x</a>", b"<script src='/all.js'></script>"])
def test_a_check_of_an_outlet_that_has_moved_says_where_to(config: Path, there: bytes) -> None:
    def moved(host: str, path: str, headers: object) -> Answer:
        page = Answer(200, b"<html><body>" + there + b"</body></html>", HTML)
        return page if host == "b.example" else Answer(301, b"", {"Location": f"http://b.example{path}"})

    with serving(moved) as server:
        done = nazair("sources", "check", "a", "--config", config, "--proxy", server.url, "--db", config / "none.db")

    told = " ".join(done.stdout.split())
    assert done.returncode == 4
    assert " section moved http://a.example/ " in told
    assert told.count('home = "http://b.example/", if the outlet has moved there') == 2  # of the feed, too


def test_a_check_of_strangers_needs_a_contact(tmp_path: Path) -> None:
    done = nazair("sources", "check", "aljazeera", "--db", tmp_path / "none.db")

    assert done.returncode == 2
    assert "Say who you are: --contact" in done.stderr


def test_an_outlet_is_drafted_from_its_home_page(tmp_path: Path) -> None:
    outlet = Outlet()
    outlet.answers["/new.xml"] = Answer(200, feed("new.example", 3))
    outlet.answers["/robots.txt"] = Answer(200, b"Sitemap: /map.xml\nSitemap: /gone.xml\n")
    outlet.answers["/map.xml"] = Answer(200, b"<sitemapindex><sitemap><loc>/a.xml</loc></sitemap></sitemapindex>")
    outlet.answers["/a.xml"] = Answer(200, b"<urlset><url><loc>/news/1004</loc></url></urlset>")
    file = tmp_path / "mine.toml"

    with serving(outlet) as server:
        command = ("sources", "add", "http://new.example/", "--proxy", server.url)
        printed, written, again = nazair(*command), nazair(*command, "--write", file), nazair(*command, "--write", file)

    assert printed.returncode == 0, printed.stderr
    (entry,) = tomllib.loads(printed.stdout)["source"]
    assert entry == {
        "id": "new",
        "name": "الواحة",
        "home": "http://new.example/",
        "feeds": ["http://new.example/new.xml"],
        "sitemaps": ["http://new.example/map.xml"],
        "sections": ["http://new.example/politics"],
    }
    assert "# country = " in printed.stdout
    assert written.returncode == 0, written.stderr
    assert tomllib.loads(file.read_text(encoding="utf-8"))["source"] == [entry]
    assert again.returncode == 2
    assert "new.example is that of source 'new' already: nazair sources show new" in again.stderr
    assert server.paths("new.example").count("/news/1001") == 2  # one article a draft


def test_a_host_that_the_catalogue_has_is_refused_before_anybody_is_asked(config: Path) -> None:
    with serving(Outlet()) as server:
        done = nazair("sources", "add", "https://www.a.example/x", "--config", config, "--proxy", server.url)

    assert done.returncode == 2
    assert "a.example is that of source 'a' already" in done.stderr
    assert server.log == []


def test_an_outlet_whose_home_page_is_gone_is_not_drafted(tmp_path: Path) -> None:
    with serving(lambda host, path, headers: Answer(404)) as server:
        done = nazair("sources", "add", "http://gone.example/", "--proxy", server.url)

    assert done.returncode == 4
    assert done.stderr.endswith("Nothing was drafted: http://gone.example/: the server answered 404.\n")
    assert server.paths("gone.example") == ["/robots.txt", "/"]


def test_why_nothing_was_drafted_is_told_when_not_even_robots_txt_could_be_had() -> None:
    with serving(lambda host, path, headers: Answer(0)) as server:
        done = nazair("sources", "add", "http://gone.example/", "--proxy", server.url)

    assert done.returncode == 4
    assert "Nothing was drafted: http://gone.example/: robots.txt could not be had" in done.stderr


@pytest.mark.parametrize(
    "verb", [("sources", "add", "http://a.example/"), ("topics", "new", "--from", "x", "--id", "x")]
)
def test_a_draft_is_not_begun_for_a_file_in_no_folder(verb: tuple[str, ...], tmp_path: Path) -> None:
    with serving(Outlet()) as server:
        done = nazair(*verb, "--proxy", server.url, "--write", tmp_path / "nowhere" / "mine.toml")

    assert done.returncode == 2
    assert "does not exist. Make it first." in done.stderr
    assert server.log == []


def test_show_tells_what_each_channel_of_a_source_gave(config: Path, tmp_path: Path) -> None:
    db = tmp_path / "nazair.db"
    with serving(Outlet()) as server:
        nazair("crawl", "t", "--config", config, "--proxy", server.url, "--db", db)

    shown = nazair("sources", "show", "a", "--config", config, "--db", db).stdout
    of_run = nazair("runs", "show", "1", "--db", db).stdout

    for table in (shown, of_run):
        counts = {row[1]: row[2:] for line in table.splitlines() if (row := line.split())[:1] == ["a"]}
        assert set(counts) == {"feed", "home", "section", "sitemap"}
        assert counts["feed"][:2] == ["1", "2"]  # listings, and links in them
        assert sum(int(counts[channel][-1]) for channel in ("feed", "home") if len(counts[channel]) > 3) == 2  # kept
