"""CSS rules of a source: what they find is taken, what they do not find is read as on any other page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus.errors import ConfigError
from corpus.types import Article, Page
from crawler.catalogue.sources import read_sources
from pipelines.read import explain_page, read_page
from pipelines.rules import Rules

URL = "http://alwaha.example/news/1"
TITLE = "افتتاح معرض الزيتون في عجلون"
BODY = (
    "افتتح وزير الزراعة معرض الزيتون في عجلون صباح اليوم، بحضور مئات المزارعين من القرى المجاورة.",
    "وقال إن الموسم هذا العام أفضل من سابقه، وإن الوزارة ستشتري الفائض من الزيت بسعر ثابت.",
    "وأضاف أن المعاصر ستبدأ العمل في أول الخريف، وأن الأسعار ستعلن قبل ذلك بأسبوع على الأقل.",
)
POLL = "هل تشتري زيتك من المعصرة مباشرة أم من السوق؟ شارك برأيك في استطلاع الواحة لهذا الأسبوع من فضلك."
# Nothing on it is where pages have it: the title in no heading, the names in odd classes, the body in line breaks.
PAGE = f"""<html><head><title>الواحة: البوابة</title></head><body>
<div><b class="t1">{TITLE}</b> <i class="w">كتب: الراوي - رويترز</i> <u class="d">15/8/2025 - 23:10</u></div>
<table><tr><td class="story">{BODY[0]}<br><br>{BODY[1]}<div class="q">{POLL}</div>
<p>{BODY[2]}</p><p>اقرأ أيضا: موسم التين</p><script>track("كذا")</script></td></tr></table></body></html>"""
RULES = Rules(text="td.story", drop=("div.q",), title="b.t1", author=".w", date="u.d")


def page(html: str = PAGE) -> Page:
    fetched_at = datetime(2025, 8, 16, tzinfo=UTC)
    return Page(url=URL, body=html.encode(), content_type="text/html; charset=utf-8", fetched_at=fetched_at)


def read(rules: Rules | None, html: str = PAGE) -> Article | None:
    return read_page(page(html), source_id="alwaha", country="JO", topics=(), only_on_topic=False, rules=rules).article


def test_a_page_that_is_read_wrongly_is_read_by_its_rules() -> None:
    without, found = read(None), read(RULES)

    assert without is None or without.title != TITLE
    assert found is not None
    assert (found.title, found.text) == (TITLE, "\n".join(BODY))
    assert (found.published_at, found.published_from) == (datetime(2025, 8, 15, 20, 10, tzinfo=UTC), "rule")
    assert found.author == "الراوي"  # no by-line of one word is believed without a rule


@pytest.mark.parametrize(
    ("rules", "field", "value"),
    [
        (Rules(title="meta[name=t]"), "title", "عنوان آخر"),
        (Rules(title=".none"), "title", TITLE),
        (Rules(author="p.by > b"), "author", "أبو العلاء"),
        (Rules(author=".none"), "author", "سامي نور"),
        (Rules(date="time.second"), "published_at", datetime(2025, 8, 14, 7, tzinfo=UTC)),
        (Rules(date=".none"), "published_at", datetime(2025, 8, 13, 7, tzinfo=UTC)),
        (Rules(date="h1"), "published_at", datetime(2025, 8, 13, 7, tzinfo=UTC)),
        (Rules(text="#none"), "text", "\n".join(BODY)),
        (Rules(text="p.body, div:has(p.body)"), "text", "\n".join(BODY)),
        (Rules(drop=("p.body:nth-of-type(2)", ".none")), "text", "\n".join((BODY[0], BODY[2]))),
    ],
)
def test_each_rule_is_for_its_field_and_one_that_matches_nothing_changes_nothing(
    rules: Rules, field: str, value: object
) -> None:
    paragraphs = "".join(f"<p class='body'>{paragraph}</p>" for paragraph in BODY)
    html = f"""<html><head><title>{TITLE}</title><meta name="t" content="عنوان آخر"></head>
    <body><article><h1>{TITLE}</h1><span class="author">سامي نور</span><time datetime="2025-08-13T10:00">أمس</time>
    <div>{paragraphs}</div></article><p class="by">كتب: <b>أبو العلاء</b></p>
    <time class="second" datetime="2025-08-14T10:00:00+03:00"></time></body></html>"""

    found = read(rules, html)

    assert found is not None
    assert getattr(found, field) == value


def test_the_explanation_names_the_rules_that_found_something_and_those_that_did_not() -> None:
    rules = Rules(text="td.story", title="b.t1", author="p.by", drop=("div.q", "aside"))

    explained = explain_page(page(), source_id="alwaha", country="JO", rules=rules)

    assert explained.origins["title"] == "rule b.t1"
    assert explained.origins["text"] == "rule td.story"
    assert explained.unmatched == ('author = "p.by"', 'drop = "aside"')


def test_a_source_brings_its_rules(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        """
        [[source]]
        id = "alwaha"
        name = "الواحة"
        home = "http://alwaha.example/"

        [source.rules]
        text = "td.story"
        drop = ["div.q"]
        title = "b.t1"
        author = ".w"
        date = "u.d"

        [[source]]
        id = "sahil"
        name = "الساحل"
        home = "http://sahil.example/"
        """,
        encoding="utf-8",
    )

    first, second = read_sources(file)

    assert first.rules == RULES
    assert second.rules is None


@pytest.mark.parametrize(
    ("line", "key", "why"),
    [
        ('text = "div["', "text", "not a CSS selector that is understood here: 'div['"),
        ('text = ""', "text", "must not be empty"),
        ('title = "h1::text"', "title", "not a CSS selector"),
        ('date = "a:hovered"', "date", "not a CSS selector"),
        ("author = ['.by']", "author", "must be a string, not a list"),
        ('drop = "div.q"', "drop", "must be a list, not a string"),
        ('drop = ["div.q", ">"]', "drop", "not a CSS selector that is understood here: '>'"),
        ("drop = []", "drop", "must not be empty"),
        ('body = "p"', "body", "unknown key 'body'"),
        ('titel = "h1"', "titel", "did you mean 'title'?"),
    ],
)
def test_a_rule_that_cannot_be_is_an_error_with_its_key(tmp_path: Path, line: str, key: str, why: str) -> None:
    file = tmp_path / "a.toml"
    source = '[[source]]\nid = "alwaha"\nname = "الواحة"\nhome = "http://alwaha.example/"\n'
    file.write_text(f"{source}[source.rules]\n{line}\n", encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        read_sources(file)

    assert caught.value.key == f"source.alwaha.rules.{key}"
    assert why in caught.value.why
