"""The gate: a page is turned away before its text is looked for only when its article could not have been kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from corpus.arabic import words
from corpus.morphology import alternatives
from corpus.types import Concept, Outcome, Page, Reading, Topic
from crawler.catalogue import load
from pipelines.fields.metadata import read_head
from pipelines.gate import LEAST_PROSE
from pipelines.page.decode import decode_page
from pipelines.page.tree import parse
from pipelines.read import read_page
from pipelines.rules import Rules
from pipelines.text.body import bare_page
from pipelines.text.prune import pruning
from pipelines.topic import missing

from .test_pages import FOLDERS, name_of, toml

SUMMIT = load(None).topic("alaska-summit")
DATE = '<meta property="article:published_time" content="2025-08-16T10:00:00+03:00">'
MARK = '<meta property="og:type" content="article">'
PROSE = (
    "افتتح وزير الزراعة معرض الزيتون في عجلون صباح اليوم، بحضور مئات المزارعين من القرى المجاورة، وقال إن الموسم هذا "
    "العام أفضل من سابقه، وإن الوزارة ستشتري الفائض من الزيت بسعر ثابت، وإن المعاصر ستبدأ العمل في أول الخريف."
)
BESIDE = "<aside class='sidebar'><p>ترامب وبوتين في ألاسكا: ما الذي قيل في القمة وما الذي لم يقل بعد؟</p></aside>"

# These pages are shorter than real ones: where so much is left, the text is made of it.
SOME_PROSE = LEAST_PROSE // 3


def topic_of(*aliases: str) -> Topic:
    return Topic(id="t", title="t", concepts=(Concept(name="it", aliases=aliases, role="required"),))


def page_with(*paragraphs: str, head: str = MARK + DATE) -> Page:
    text = "".join(f"<p>{one}</p>" for one in paragraphs)
    html = f"<html><head><title>معرض الزيتون</title>{head}</head><body><article>{text}</article>{BESIDE}</body></html>"
    fetched_at = datetime(2025, 8, 17, tzinfo=UTC)
    return Page(url="http://alwaha.example/1", body=html.encode(), content_type="text/html", fetched_at=fetched_at)


def read(page: Page, topic: Topic = SUMMIT, *, whole: bool = False, rules: Rules | None = None) -> Reading:
    return read_page(page, source_id="a", country="jo", topics=[topic], only_on_topic=True, rules=rules, whole=whole)


def page_of(folder: Path) -> Page:
    head = toml(folder / "head.toml")
    body = (folder / "page.html").read_bytes()
    return Page(url=head["url"], body=body, content_type=head["content_type"], fetched_at=head["fetched_at"])


def test_a_page_that_does_not_name_the_topic_is_turned_away_and_says_so() -> None:
    page = page_with(PROSE, PROSE, PROSE, PROSE)

    turned_away, judged = read(page), read(page, whole=True)

    assert (turned_away.outcome, turned_away.reason) == (judged.outcome, judged.reason)
    assert turned_away.outcome is Outcome.OFF_TOPIC
    assert turned_away.article is None
    assert judged.article is not None


def test_a_page_of_another_time_is_turned_away() -> None:
    early = replace(SUMMIT, since=date(2025, 9, 1), until=date(2025, 9, 30))
    page = page_with(PROSE, PROSE, PROSE, f"ترامب وبوتين في قمة ألاسكا. {PROSE}")

    turned_away, judged = read(page, early), read(page, early, whole=True)

    assert turned_away.article is None
    assert (turned_away.outcome, turned_away.reason) == (judged.outcome, judged.reason)
    assert read(page, replace(early, since=date(2025, 8, 17))).article is not None  # a day more is another zone


def test_a_page_that_has_a_date_in_the_window_beside_another_is_read_whole() -> None:
    early = replace(SUMMIT, since=date(2025, 8, 1), until=date(2025, 8, 10))
    other = '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2025-08-05"}</script>'
    page = page_with(PROSE, PROSE, PROSE, f"ترامب وبوتين في قمة ألاسكا. {PROSE}", head=MARK + DATE + other)

    assert read(page, early) == read(page, early, whole=True)


def test_a_page_whose_title_alone_names_the_topic_is_read_whole() -> None:
    page = page_with(PROSE, PROSE, PROSE, PROSE)
    titled = replace(page, body=page.body.replace("معرض الزيتون".encode(), "بوتين في المعرض".encode(), 1))

    assert read(titled, topic_of("بوتين")).article is not None


@pytest.mark.parametrize(
    "page",
    [
        page_with(PROSE, PROSE, PROSE, PROSE, head=DATE),
        page_with(PROSE, PROSE, PROSE, PROSE, head=MARK),
        page_with(PROSE, PROSE, PROSE, PROSE, head=MARK + DATE.replace("2025-08-16T10:00:00+03:00", "قريبا")),
        page_with(PROSE),
        page_with(PROSE, PROSE, PROSE, PROSE, head=f"{MARK}{DATE}<meta name='robots' content='noindex'>"),
    ],
    ids=["not marked as an article", "not dated for machines", "dated in words", "short", "not to be kept"],
)
def test_a_page_that_may_be_no_article_is_read_whole(page: Page) -> None:
    assert read(page) == read(page, whole=True)


def test_a_page_of_a_source_with_rules_is_read_whole() -> None:
    assert read(page_with(PROSE, PROSE, PROSE, PROSE), rules=Rules(text="article")).article is not None


def test_of_what_is_left_nothing_is_taken_off_twice() -> None:
    beside = f"<div class='sidebar'><div><div class='related'><p>{PROSE}</p></div></div></div>"
    tree = parse(f"<body><article><p>{PROSE}</p><p>{PROSE}</p></article>{beside} © الواحة</body>".encode())

    left = pruning(tree)

    assert left.prose == 2 * len(PROSE)
    assert left.words() == f"{PROSE}{PROSE} © الواحة"
    left.carry_out()
    assert tree.text_content() == left.words()


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_no_page_is_kept_otherwise(folder: Path) -> None:
    page = page_of(folder)
    text = read(page, whole=True).article
    names = words(text.text)[5:300:150] if text else []

    for topic in (SUMMIT, *(topic_of(name) for name in names)):
        through, judged = read(page, topic), read(page, topic, whole=True)

        assert through.sketch == judged.sketch
        assert through == judged or (through.outcome, judged.sketch) == (Outcome.OFF_TOPIC, None)


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_whatever_an_article_names_is_found_on_its_page(folder: Path) -> None:
    page = page_of(folder)
    article = read(page, whole=True).article
    if article is None:
        pytest.skip("the page is no article")
    tree = parse(decode_page(page.body, page.content_type).markup)
    head = read_head(tree)
    bared = bare_page(tree, head.page.headline, url=page.url)
    if bared.pruning.prose < SOME_PROSE:
        pytest.skip("the text is looked for elsewhere")
    left = f"{head.title or ''}\n{bared.pruning.words()}"
    lines = [words(line) for line in article.text.split("\n")]
    names = [form for line in lines for word in line for form in alternatives(word)]
    names += [f"{form} {b}" for line in lines for a, b in pairwise(line) for form in alternatives(a)]

    lost = [name for name in dict.fromkeys(names[::5]) if missing(topic_of(name), left)]

    assert lost == []


@pytest.mark.parametrize(
    ("alias", "text"),
    [
        ("الرئيس", "قالت للرئيس"),
        ("الرئيس الروسي", "وبالرئيس</b> الروسي"),
        ("رئيس", "وللرئيس"),
        ("بوتين", "بو<b>تين"),
    ],
)
def test_a_name_is_found_with_what_is_written_on_its_front_and_in_pieces(alias: str, text: str) -> None:
    page = page_with(PROSE, PROSE, PROSE, f"{PROSE} {text}</b> {PROSE}")

    assert read(page, topic_of(alias)).article is not None
