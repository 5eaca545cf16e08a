"""Repeated lines: what a source's template puts into every text goes, what its articles say again stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from corpus import keep, repeated, shown_lists
from corpus.query import parse
from corpus.repeated import FEWEST_PAGES, FORGET_EVERY, MOST_SHORT_WORDS, REMEMBERED_PAGES
from corpus.reprints import largest_groups
from corpus.search import search
from corpus.settling import settle
from corpus.sketch import sketch
from corpus.store import Connection, articles, frontier, leases, page_lines, runs
from corpus.store.database import Database
from corpus.types import FEWEST_WORDS, Article, Decision, Filter, Link, LinkKind, Outcome, Reading
from corpus.weighing import TermCounts
from tests.storing import learn
from tests.texts import TEXTS, article

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PROMPT = "تجدون كل جديدنا في القناة الخضراء"
NOTICE = (
    "يلتزم موقعنا ميثاق الشرف الصحفي، ويرحب بملاحظات القراء وتصويباتهم على بريد التحرير، "
    "ويعتذر عن نشر ما فيه إساءة أو تحريض أو إعلان."
)
SUBJECTS = ("الجسر", "المدرسة", "الميناء", "المستشفى", "السوق", "المتحف", "الملعب", "المطار", "البلدية", "المكتبة")


def page(number: int, *lines: str, outlet: str = "alwaha", above: tuple[str, ...] = ()) -> Article:
    """An article of its own, with the lines of a template below it."""
    subject = f"{SUBJECTS[number % len(SUBJECTS)]} رقم {number}"
    text = (
        f"افتتح الوزير {subject} في صباح اليوم بحضور عدد كبير من سكان الحي والزوار.",
        f"وقال المدير إن العمل في {subject} استمر عاما كاملا، وإن كلفته لم تتجاوز ما كان مقررا.",
        f"وذكر شاهد من أهل {subject} أن الناس انتظروا هذا اليوم منذ سنوات طويلة.",
    )
    url = f"http://{outlet}.example/news/{number}"
    return replace(article(3), url=url, source_id=outlet, title=subject, text="\n".join((*above, *text, *lines)))


def learned(connection: Connection, *pages: Article) -> list[list[str]]:
    return [one.text.split("\n") for one in learn(connection, *pages)]


def test_a_short_line_goes_from_the_third_page_on(database: Database) -> None:
    with database.writing() as connection:
        texts = learned(connection, *(page(number, PROMPT) for number in range(5)))

    assert [PROMPT in text for text in texts] == [True, True, False, False, False]
    assert texts[4] == page(4).text.split("\n")


def test_a_line_counts_however_it_is_spelt(database: Database) -> None:
    spellings = (PROMPT, PROMPT.replace("الخضراء", "الخضرَاء"), f"«{PROMPT}»:")

    with database.writing() as connection:
        texts = learned(connection, *(page(number, line) for number, line in enumerate(spellings)))

    assert texts[2] == page(2).text.split("\n")


def test_lines_of_one_source_are_not_those_of_another(database: Database) -> None:
    with database.writing() as connection:
        learned(connection, *(page(number, PROMPT) for number in range(5)))
        (text,) = learned(connection, page(9, PROMPT, outlet="sahil"))

    assert PROMPT in text


def test_articles_without_a_source_are_told_apart_by_their_site(database: Database) -> None:
    def unknown(number: int, host: str) -> Article:
        return replace(page(number, PROMPT), url=f"http://{host}/{number}", source_id=None)

    with database.writing() as connection:
        learned(connection, *(unknown(number, f"{'ab'[number % 2]}.alwaha.example") for number in range(3)))
        same, other = learned(connection, unknown(8, "www.alwaha.example"), unknown(9, "sahil.example"))

    assert PROMPT not in same
    assert PROMPT in other


@pytest.mark.parametrize("where", ["above", "below"])
def test_a_long_line_goes_when_it_is_at_the_edge_of_every_page(database: Database, where: str) -> None:
    assert len(NOTICE.split()) > MOST_SHORT_WORDS
    above, below = ((NOTICE,), ()) if where == "above" else ((), (NOTICE,))

    with database.writing() as connection:
        texts = learned(connection, *(page(number, *below, above=above) for number in range(4)))

    assert texts[3] == page(3).text.split("\n")


def test_a_paragraph_of_background_that_some_articles_end_with_stays(database: Database) -> None:
    with database.writing() as connection:
        for number in range(12):
            (text,) = learned(connection, page(number, *([NOTICE] if number % 3 == 0 else [])))
            assert (NOTICE in text) == (number % 3 == 0)


def test_a_paragraph_of_background_inside_every_article_stays(database: Database) -> None:
    with database.writing() as connection:
        for number in range(6):
            one = page(number)
            first, *rest = one.text.split("\n")
            (text,) = learned(connection, replace(one, text="\n".join((first, NOTICE, *rest))))
            assert NOTICE in text


def test_an_article_that_its_source_publishes_again_and_again_keeps_its_lines(database: Database) -> None:
    one = page(1, PROMPT)
    again = [replace(one, url=f"{one.url}{view}") for view in ("", "/amp", "/print", "?ref=home", "/again")]
    again.append(replace(again[0], text=one.text + "\nوأضاف البيان أن البوابة الثانية ستفتح غدا."))

    with database.writing() as connection:
        texts = learned(connection, *again)

        assert page_lines.pages_of(connection, "alwaha") == 1
    assert texts == [text.text.split("\n") for text in again]


def test_reading_a_page_again_teaches_nothing(database: Database) -> None:
    with database.writing() as connection:
        learned(connection, page(1, PROMPT), *[page(2, PROMPT)] * 5)
        (text,) = learned(connection, page(2, PROMPT))

    assert PROMPT in text


def test_lines_of_the_template_do_not_make_pages_look_alike(database: Database) -> None:
    bars = [f"شريط {subject} في أسفل الصفحة" for subject in SUBJECTS]

    with database.writing() as connection:
        learned(connection, *(page(number, *bars[:4]) for number in range(3)))
        learned(connection, *(page(number, *bars[4:]) for number in range(3, 6)))
        learned(connection, page(6, *bars))

        assert len(" ".join(bars).split()) > len(page(6).text.split())
        assert page_lines.pages_of(connection, "alwaha") == 7


def test_no_article_is_cut_to_less_than_an_article(database: Database) -> None:
    def short(number: int) -> Article:
        return replace(page(number), text=f"{PROMPT}\nافتتح الوزير {SUBJECTS[number]} اليوم.\n{NOTICE}")

    with database.writing() as connection:
        learned(connection, *(page(number, PROMPT, NOTICE) for number in range(3)))
        (text,) = learned(connection, short(7))

    assert len(f"افتتح الوزير {SUBJECTS[7]} اليوم.".split()) < FEWEST_WORDS
    assert text == short(7).text.split("\n")


def test_what_is_remembered_of_a_source_is_bounded(database: Database) -> None:
    with database.writing() as connection:
        first = repeated.key(page(0).text.split("\n")[0])
        learned(connection, *(page(number, PROMPT) for number in range(REMEMBERED_PAGES + 2 * FORGET_EVERY)))

        assert page_lines.seen(connection, "alwaha", [first]) == {}
        assert page_lines.seen(connection, "alwaha", [repeated.key(PROMPT)])[repeated.key(PROMPT)].pages > FEWEST_PAGES


def kept(connection: Connection, one: Article, *, off_topic: bool = False) -> int | None:
    outcome = Outcome.OFF_TOPIC if off_topic else Outcome.KEPT
    reading = Reading(article=one, sketch=None if off_topic else sketch(one.title, one.text))
    decision = Decision(url=one.url, outcome=outcome, reason="", reading=reading)
    latest = runs.latest(connection)
    run_id = latest[0].id if latest else runs.start(connection, "t", now=NOW, machine="here", pid=1)
    link = Link(url=one.url, kind=LinkKind.ARTICLE, channel="feed", source_id=one.source_id)
    frontier.add_seeds(connection, "t", [link])
    (leased,) = leases.lend(connection, "t", [link], run_id=run_id, until=NOW + timedelta(minutes=10))
    counts = TermCounts()
    settled = settle(connection, [(leased, decision)], queue="t", run_id=run_id, now=NOW, counts=counts)
    (told,) = settled.kept
    assert told is not None
    return told.article_id


def text_of(connection: Connection, article_id: int | None) -> list[str]:
    assert article_id is not None
    return articles.load(connection, [article_id])[article_id].article.text.split("\n")


def test_pages_off_topic_teach_what_their_source_repeats(database: Database) -> None:
    with database.writing() as connection:
        assert [kept(connection, page(number, PROMPT), off_topic=True) for number in range(2)] == [None, None]
        stored = kept(connection, page(3, PROMPT))

        assert text_of(connection, stored) == page(3).text.split("\n")
        assert search(connection, parse("الخضراء"), Filter(), limit=9) == []


def test_what_was_stored_before_is_rebuilt_with_what_was_learned_since(database: Database) -> None:
    """Two outlets print the same report; one of them adds its prompt, which was not known as such then."""
    report, other = replace(article(1), text=f"{TEXTS[1][1]}\n{PROMPT}"), article(1, outlet="sahil", hours=1)
    with database.writing() as connection:
        ours, theirs = kept(connection, report), kept(connection, other)
        assert PROMPT in text_of(connection, ours)
        for number in range(4, 8):
            kept(connection, page(number, PROMPT), off_topic=number > 5)
        ids = articles.find(connection, Filter(), sort="id")

        assert keep.without_repeated(connection, ids, counts=TermCounts()) == 2
        assert keep.without_repeated(connection, ids, counts=TermCounts()) == 0

        assert text_of(connection, ours) == TEXTS[1][1].split("\n")
        assert search(connection, parse("الخضراء"), Filter(), limit=9) == []
        (group,) = largest_groups(connection, Filter(), limit=None)
        assert [(copy.stored.id, copy.jaccard) for copy in group] == [(ours, None), (theirs, 1.0)]
        similar = shown_lists.similar(connection, ours or 0, Filter(), limit=9)
        assert all(one.id not in (ours, theirs) for one in similar)
