"""Where a run enters a source, and how far it goes from there: in a crawl, a check, a draft."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from corpus.types import Channel, Concept, Link, LinkKind, Topic
from crawler.catalogue import load
from crawler.catalogue.sources import Source
from crawler.discovery import ladder
from crawler.discovery.ladder import Crawl, Sample, is_guess
from crawler.discovery.listing import Listing
from crawler.discovery.seeds import FEED_GUESSES, SITEMAP_GUESSES, guesses, seeds
from crawler.draft import entry

SITE = "http://alwaha.example"
TOPIC = Topic(
    id="summit",
    title="قمة",
    concepts=(
        Concept(name="ترامب", aliases=("ترامب", "ترمب"), role="required"),
        Concept(name="ألاسكا", aliases=("ألاسكا",), role="required"),
        Concept(name="القمة", aliases=("قمة",)),
    ),
    since=date(2025, 8, 1),
)


def source(**fields: Any) -> Source:
    return Source(id="alwaha", name="الواحة", home=f"{SITE}/", **fields)


def link(path: str, kind: LinkKind = LinkKind.ARTICLE, channel: Channel = "section", depth: int = 1) -> Link:
    return Link(url=SITE + path, kind=kind, channel=channel, source_id="alwaha", depth=depth)


def paths(listing: Listing) -> list[str]:
    return [one.url.removeprefix(SITE) for one in listing.links]


ROBOTS, HOME = link("/robots.txt", LinkKind.SITEMAP, "sitemap", 0), link("/", LinkKind.SECTION, "home", 0)


def test_a_source_is_entered_through_robots_txt_its_listings_and_its_home_page() -> None:
    whole = source(feeds=(f"{SITE}/rss",), sitemaps=(f"{SITE}/map.xml",), sections=(f"{SITE}/world",))

    assert [(one.url.removeprefix(SITE), one.kind.value, one.channel) for one in seeds(whole, TOPIC)] == [
        ("/robots.txt", "sitemap", "sitemap"),
        ("/rss", "feed", "feed"),
        ("/map.xml", "sitemap", "sitemap"),
        ("/world", "section", "section"),
        ("/", "section", "home"),
    ]


def test_a_search_page_is_asked_for_what_articles_must_name() -> None:
    search = f"{SITE}/search?q={{query}}&from={{since}}&to={{until}}"

    *_, searched = seeds(source(search=search), TOPIC)

    assert (searched.channel, searched.kind) == ("search", LinkKind.SECTION)
    assert searched.url == f"{SITE}/search?q={quote_plus('ترامب ألاسكا')}&from=20250801"  # no end: no parameter


def test_a_search_without_required_names_asks_for_the_weightiest() -> None:
    concepts = [Concept(name=str(i), aliases=(f"اسم{i}",), weight=i) for i in range(1, 6)]
    excluded = Concept(name="x", aliases=("غير",), weight=9, role="excluding")

    *_, searched = seeds(
        source(search=f"{SITE}/s/{{query}}"), replace(TOPIC, concepts=(*concepts, excluded), since=None)
    )

    assert searched.url == f"{SITE}/s/{quote('اسم5 اسم4 اسم3')}"


def test_an_aggregator_is_entered_through_its_search_alone() -> None:
    gdelt = source(search=f"{SITE}/api?query={{query}}", aggregator=True)

    assert [one.channel for one in seeds(gdelt, TOPIC)] == ["search"]
    assert seeds(gdelt) == ()


def test_the_aggregator_that_ships_is_asked_in_its_own_form() -> None:
    shipped = load(None)

    (asked,) = seeds(shipped.source("gdelt"), shipped.topic("alaska-summit"))

    query = quote_plus("ترامب بوتين ألاسكا sourcelang:arabic", safe=":")
    assert asked.url == (
        f"https://api.gdeltproject.org/api/v2/doc/doc?query={query}"
        "&mode=ArtList&format=json&maxrecords=250&startdatetime=20250801000000&enddatetime=20251231235959"
    )


def test_feeds_are_guessed_one_by_one_when_no_entrance_named_any() -> None:
    crawl = Crawl({"alwaha": source()})

    at_robots = crawl.after(ROBOTS, Listing(), answered=True)
    (first,) = crawl.after(HOME, Listing(links=(link("/news/1001"),)), answered=True).of(LinkKind.FEED)
    second = crawl.after(first, None, answered=True)
    found = crawl.after(second.links[0], Listing(links=(link("/news/1002"),)), answered=True)

    assert at_robots.links == ()
    assert [first.url, *(one.url for one in second.links)] == [SITE + FEED_GUESSES[0], SITE + FEED_GUESSES[1]]
    assert paths(found) == ["/news/1002"]  # one is enough


@pytest.mark.parametrize(
    ("home", "first"),
    [("/ar/", "/ar/feed"), ("/ar-AE/index.html", "/ar-AE/feed"), ("/news/", "/feed"), ("/index.php", "/feed")],
)
def test_the_feeds_of_an_edition_are_guessed_in_its_folder(home: str, first: str) -> None:
    guessed = guesses(Source(id="alwaha", name="الواحة", home=SITE + home))

    assert guessed[0].url == SITE + first
    assert [one.url for one in guessed if one.kind is LinkKind.SITEMAP] == [f"{SITE}/sitemap.xml"]


def test_a_draft_names_the_feeds_and_not_the_page_that_lists_them() -> None:
    page_of_feeds, feed = (link(path, LinkKind.FEED, "feed") for path in ("/rss", "/rss/1"))

    drafted = entry(
        source(),
        [(page_of_feeds, Listing(links=(feed,))), (feed, Listing(links=(link("/news/1001"),)))],
        why="it is a test",
    )

    assert tomllib.loads(drafted)["source"][0]["feeds"] == [f"{SITE}/rss/1"]


def test_guessing_ends_with_the_last_guess() -> None:
    crawl = Crawl({"alwaha": source()})
    crawl.after(ROBOTS, Listing(), answered=True)
    tried = []

    following = crawl.after(HOME, Listing(), answered=True)
    while following.links:
        tried += paths(following)
        following = crawl.after(following.links[0], None, answered=True)

    assert tried == [*FEED_GUESSES, *SITEMAP_GUESSES]


def test_nothing_is_guessed_where_a_feed_or_sitemap_was_named_or_nobody_answered() -> None:
    named_feed = Listing(links=(link("/rss", LinkKind.FEED, "feed"),))
    named_sitemap = Listing(links=(link("/map.xml", LinkKind.SITEMAP, "sitemap"),))

    for at_robots, at_home, answered in [
        (Listing(), named_feed, True),
        (named_sitemap, Listing(), True),
        (Listing(), Listing(), False),
        (Listing(), None, True),  # the home page is gone
    ]:
        crawl = Crawl({"alwaha": source()})
        first = crawl.after(ROBOTS, at_robots, answered=True)
        second = crawl.after(HOME, at_home, answered=answered)

        assert [one.url for one in (*first.links, *second.links)] == [
            one.url for listing in (at_robots, at_home) if listing for one in listing.links
        ]


def test_feeds_are_guessed_when_what_was_named_gave_no_page() -> None:
    crawl = Crawl({"alwaha": source()})
    old, page_of_feeds, feed = (link(path, LinkKind.FEED, "feed") for path in ("/old.xml", "/rss", "/rss/1"))
    sitemap = link("/map.xml", LinkKind.SITEMAP, "sitemap")

    crawl.after(ROBOTS, Listing(links=(sitemap,)), answered=True)
    crawl.after(HOME, Listing(links=(old, page_of_feeds)), answered=True)
    found = [
        crawl.after(sitemap, None, answered=True),
        crawl.after(old, None, answered=True),
        crawl.after(page_of_feeds, Listing(links=(feed, old)), answered=True),
        crawl.after(feed, Listing(), answered=True),
    ]

    assert [paths(listing) for listing in found] == [[], [], ["/rss/1", "/old.xml"], [FEED_GUESSES[0]]]


def test_feeds_are_guessed_when_the_one_of_the_catalogue_is_gone() -> None:
    crawl = Crawl({"alwaha": source(feeds=(f"{SITE}/old.xml",))})
    crawl.after(ROBOTS, Listing(), answered=True)
    crawl.after(HOME, Listing(links=(link("/news/1001"),)), answered=True)

    assert paths(crawl.after(link("/old.xml", LinkKind.FEED, "feed", 0), None, answered=True)) == [FEED_GUESSES[0]]


def test_what_the_catalogue_names_stands_for_what_the_home_page_does() -> None:
    chosen = source(sections=(f"{SITE}/world",), feeds=(f"{SITE}/rss",))
    at_home = Listing(
        links=(link("/sport", LinkKind.SECTION), link("/other", LinkKind.FEED, "feed"), link("/news/1001"))
    )

    assert paths(Crawl({"alwaha": chosen}).after(HOME, at_home, answered=True)) == ["/news/1001"]
    assert paths(Crawl({"alwaha": source()}).after(HOME, at_home, answered=True)) == ["/sport", "/other", "/news/1001"]


@pytest.mark.parametrize("is_home_first", [False, True])
def test_the_feeds_of_the_home_page_stand_for_those_of_the_catalogue_that_are_lost(is_home_first: bool) -> None:
    course = Crawl({"alwaha": source(feeds=(f"{SITE}/rss", f"{SITE}/atom"))})
    first, second = (link(path, LinkKind.FEED, "feed", 0) for path in ("/rss", "/atom"))
    home = Listing(links=(link("/new", LinkKind.FEED, "feed"), link("/news/1")))
    page = Listing(problem="this is a web page, not a feed")

    assert course.after(first, None, answered=True).links == ()
    if is_home_first:
        assert paths(course.after(HOME, home, answered=True)) == ["/news/1"]
        assert paths(course.after(second, page, answered=True)) == ["/new"]
    else:
        assert course.after(second, page, answered=True).links == ()
        assert paths(course.after(HOME, home, answered=True)) == ["/new", "/news/1"]


def test_a_feed_of_the_catalogue_that_does_not_answer_is_not_lost() -> None:
    course = Crawl({"alwaha": source(feeds=(f"{SITE}/rss",))})
    home = Listing(links=(link("/new", LinkKind.FEED, "feed"), link("/news/1")))

    course.after(link("/rss", LinkKind.FEED, "feed", 0), None, answered=False)

    assert paths(course.after(HOME, home, answered=True)) == ["/news/1"]


def test_a_section_page_that_repeats_another_ends_its_section() -> None:
    crawl = Crawl({"alwaha": source()})
    page = Listing(links=(link("/news/1001"), link("/world?page=3", LinkKind.NEXT)))

    first = crawl.after(link("/world", LinkKind.SECTION), page, answered=True)
    second = crawl.after(link("/world?page=2", LinkKind.NEXT), page, answered=True)

    assert paths(first) == ["/news/1001", "/world?page=3"]
    assert paths(second) == ["/news/1001"]
    assert second.left_out == {"a page that repeats another leads nowhere": 1}


def test_listings_end_at_a_depth_and_at_a_number_for_each_site() -> None:
    page = Listing(links=(link("/news/1001"), link("/x", LinkKind.NEXT)))
    crawl = Crawl({"alwaha": source()})

    deep = crawl.after(link("/w", LinkKind.NEXT, depth=ladder.MAX_DEPTH), page, answered=True)
    for i in range(ladder.MOST_LISTINGS):
        host = f"http://{i}.alwaha.example"
        late = crawl.after(replace(link("/w", LinkKind.SECTION), url=f"{host}/w"), page, answered=True)

    assert (paths(deep), deep.left_out) == (["/news/1001"], {"deeper than 50 steps": 1})
    assert (paths(late), late.left_out) == (["/news/1001"], {"behind 500 listings of one site": 1})


def test_a_check_goes_from_a_listing_to_one_article_and_from_a_broken_one_to_the_home_page() -> None:
    feed = link("/rss", LinkKind.FEED, "feed", 0)
    index = link("/map.xml", LinkKind.SITEMAP, "sitemap", 0)
    sample = Sample({"alwaha": source(feeds=(feed.url,))})

    good = sample.after(feed, Listing(links=(link("/news/1001"), link("/news/1002"))), answered=True)
    children = Listing(links=(link("/a.xml", LinkKind.SITEMAP), link("/b.xml", LinkKind.SITEMAP)))

    assert paths(good) == ["/news/1001"]
    assert paths(sample.after(index, children, answered=True)) == ["/a.xml"]
    assert paths(sample.after(feed, None, answered=True)) == ["/"]
    assert paths(sample.after(feed, None, answered=False)) == []
    assert paths(sample.after(HOME, Listing(), answered=True)) == []


def test_only_what_was_not_named_is_a_guess() -> None:
    guessed = link("/feed", LinkKind.FEED, "feed", 0)

    assert is_guess(guessed, source())
    assert is_guess(ROBOTS, source())
    assert not is_guess(guessed, source(feeds=(guessed.url,)))
    assert not is_guess(link("/feeds/all", LinkKind.FEED), source())
    assert not is_guess(HOME, source())
