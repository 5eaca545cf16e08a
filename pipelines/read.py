"""A page's bytes to an article with its sketch, or the reason why not. Runs in a worker process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from corpus.arabic import repair
from corpus.errors import NotComparable
from corpus.sketch import sketch
from corpus.types import FEWEST_WORDS, Article, Outcome, Page, Reading, Topic
from corpus.urls import normalise, same_site
from pipelines import language
from pipelines.dates import published
from pipelines.decode import Undecodable, decode
from pipelines.metadata import Metadata, dateline_agency, read_metadata
from pipelines.text import extract_body
from pipelines.topic import judge

# Longer lines of a text file are its first paragraph, not its title.
LONGEST_TITLE_WORDS = 40


def read_page(
    page: Page, *, source_id: str | None, country: str | None, topics: Sequence[Topic], only_on_topic: bool
) -> Reading:
    """Read a page. With `only_on_topic` an article of none of the topics is not kept."""
    try:
        html, encoding = decode(page.body, page.content_type)
    except Undecodable as error:
        return _not_an_article(str(error))
    tree = _parse(html)
    if tree is None:
        return _not_an_article("the page is empty")
    url = normalise(page.url) or page.url
    metadata = read_metadata(tree, url)
    body = extract_body(tree, title=metadata.title or "", author=metadata.author, url=url, again=lambda: _parse(html))
    text = body.text
    date = published(metadata.dates, fetched_at=page.fetched_at, country=country)
    code = language.language(text) if text else "und"
    if reason := _objection(metadata, text, code, is_dated=date is not None):
        return _not_an_article(reason)
    article = Article(
        url=url,
        title=metadata.title or "",
        text=text,
        language=code,
        fetched_at=page.fetched_at,
        canonical_url=_canonical(metadata, url),
        source_id=source_id,
        author=metadata.author,
        agency=next(filter(None, map(dateline_agency, (text, *body.margins))), metadata.agency),
        published_at=date.at if date else None,
        published_precision=date.precision if date else None,
        published_from=date.source if date else None,
        published_zone=date.zone if date else None,
        image=metadata.image,
        section=metadata.section,
        tags=metadata.tags,
        encoding=encoding,
    )
    return _judged(article, topics, only_on_topic=only_on_topic)


def read_text(text: str, *, topics: Sequence[Topic]) -> Reading:
    """Read a plain text, whose first line is its title unless it is long.

    Raises NotComparable for a text without words or in another language than Arabic.
    """
    lines = repair(text).split("\n")
    has_title = len(lines) > 1 and len(lines[0].split()) <= LONGEST_TITLE_WORDS
    title, body = (lines[0], "\n".join(lines[1:])) if has_title else ("", "\n".join(lines))
    if not body.strip():
        raise NotComparable("The text is empty: there is nothing to compare. Give an Arabic article.")
    code = language.language(body)
    if code != "ar":
        raise NotComparable(f"The text is in {language.name(code)}, not Arabic: it cannot be compared.")
    article = Article(url="", title=title, text=body, language=code, fetched_at=datetime.now(UTC))
    return _judged(article, topics, only_on_topic=False)


def _canonical(metadata: Metadata, url: str) -> str | None:
    """The canonical URL that a page names; another site's may not speak for it."""
    canonical = normalise(metadata.canonical or "")
    return canonical if canonical and same_site(canonical, url) else None


def _parse(html: str) -> HtmlElement | None:
    # Bytes, because lxml refuses text whose XML declaration names an encoding; NUL ends libxml2's reading.
    body = html.replace("\0", "").encode("utf-8", "replace")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    # lxml.html asks Python for the class of every element that is touched; here all are of one class.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        return document_fromstring(body, parser=parser)
    except etree.ParserError:
        return None


def _objection(metadata: Metadata, text: str, code: str, *, is_dated: bool) -> str | None:
    """Why a page is no article that can be stored, if so."""
    words = len(text.split())
    objections = {
        "the page has no text of an article": not words,
        f"the text has {words} words, fewer than {FEWEST_WORDS}": words < FEWEST_WORDS,
        f"the text is in {language.name(code)}, not Arabic": code != "ar",
        "the page has no title": metadata.title is None,
        "the page says that it is no article (og:type)": metadata.is_marked_other,
        "nothing marks the page as an article: it has no date, and does not say that it is one": not (
            is_dated or metadata.is_marked_article
        ),
    }
    return next((reason for reason, holds in objections.items() if holds), None)


def _judged(article: Article, topics: Sequence[Topic], *, only_on_topic: bool) -> Reading:
    """Judge the article; one that is kept gets its sketch."""
    matches = tuple(
        judge(
            topic,
            title=article.title,
            text=article.text,
            published_at=article.published_at,
            precision=article.published_precision,
        )
        for topic in topics
    )
    on_topic = tuple(match for match in matches if match.on_topic)
    if only_on_topic and not on_topic:
        reason = "; ".join(f"{match.topic_id}: {match.reason}" for match in matches)
        return Reading(article=article, outcome=Outcome.OFF_TOPIC, reason=reason, topics=matches)
    return Reading(article=article, sketch=sketch(article.title, article.text), topics=on_topic)


def _not_an_article(reason: str) -> Reading:
    return Reading(outcome=Outcome.NOT_AN_ARTICLE, reason=reason)
