"""A page's bytes to an article with its sketch, or the reason why not. Runs in a worker process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from lxml.html import HtmlElement

from corpus.arabic import repair
from corpus.directives import DATA_NOSNIPPET, NOINDEX, NOT_FREE, RESERVED, asked
from corpus.errors import NotComparable
from corpus.meaning import with_meaning
from corpus.sketch import sketch
from corpus.types import Article, Outcome, Page, Reading, Topic
from corpus.urls import MAX_LENGTH, main_version, normalise
from pipelines import language
from pipelines.dates import Published, published
from pipelines.directives import directives, not_to_be_shown, stands_in, tdm_policy
from pipelines.fields.agencies import dateline_agency
from pipelines.fields.authors import signature
from pipelines.fields.headline import headline
from pipelines.fields.metadata import Metadata, read_head, read_metadata
from pipelines.fields.titles import LONGEST_TITLE
from pipelines.gate import refusal
from pipelines.objections import Candidate, Objection, objection
from pipelines.page.decode import Undecodable, decode_page
from pipelines.page.limits import LONGEST_LINE
from pipelines.page.tree import Unparsable, parse
from pipelines.rules import Ruled, Rules, ruled
from pipelines.text.body import bare_page, extract_body
from pipelines.topic import judge

# Longer lines of a text file are its first paragraph, not its title.
LONGEST_TITLE_WORDS = 40

# Of so many words the language was right on 1,743 of 1,743 strings (`pipelines.language`).
SURE_WORDS = 6

UNWANTED = "the page asks not to be kept (noindex)"


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A reading, and where each field was found."""

    reading: Reading
    found: Article | None = None  # what the page says, whether that makes it an article or not
    origins: Mapping[str, str] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()  # the source's rules that match nothing on this page


def read_page(
    page: Page,
    *,
    source_id: str | None,
    country: str | None,
    topics: Sequence[Topic],
    only_on_topic: bool,
    rules: Rules | None = None,
    whole: bool = True,
    look: Callable[[HtmlElement], object] | None = None,
) -> Reading:
    """Read a page. With `only_on_topic` an article of none of the topics is not kept.

    Not the `whole` of it where something shows before that it cannot be kept (`pipelines.gate`): then there is no text.
    Who wants to `look` at its tree is called before anything is taken out of it.
    """
    wanted = tuple(topics) if only_on_topic and not whole and rules is None else ()
    explained = explain_page(page, source_id=source_id, country=country, rules=rules, wanted=wanted, look=look)
    article = explained.found
    if article is None or explained.reading.outcome is not None:
        return explained.reading
    return _judged(article, topics, only_on_topic=only_on_topic)


def read_given(page: Page, *, topics: Sequence[Topic]) -> Reading:
    """Read a page of which somebody says that it is an article: nothing needs to mark it as one.

    Raises NotComparable for another language than Arabic.
    """
    explained = explain_page(page, source_id=None, country=None)
    article = explained.found
    if article is None or not article.text:
        return explained.reading
    if article.language != "ar":
        raise NotComparable(f"The page is in {language.name(article.language)}, not Arabic: it cannot be compared.")
    return _judged(article, topics, only_on_topic=False)


def read_article(article: Article, *, topics: Sequence[Topic], only_on_topic: bool) -> Reading:
    """Judge an article that was read elsewhere; its fields are repaired, and in bounds."""
    text = repair(article.text)
    shown = replace(_shown(article), text=text, language=_language(text, declared=article.language))
    return _judged(shown, topics, only_on_topic=only_on_topic)


def explain_page(
    page: Page,
    *,
    source_id: str | None,
    country: str | None,
    rules: Rules | None = None,
    wanted: Sequence[Topic] = (),
    look: Callable[[HtmlElement], object] | None = None,
) -> Explained:
    """Read a page, and say where each field was found. It is judged as an article, not against topics, nor sketched.

    With `wanted`, a page is read no further than shows that it can be on none of these topics. `look` is given the tree
    while all is in it.
    """
    try:
        html, encoding, markup = decode_page(page.body, page.content_type)
        tree = parse(markup)
    except (Undecodable, Unparsable) as error:
        return Explained(reading=Reading(outcome=Outcome.NOT_AN_ARTICLE, reason=str(error)))
    url = normalise(page.url) or page.url
    head = read_head(tree)
    unshown = not_to_be_shown(tree) if DATA_NOSNIPPET in html else []  # before anything is taken out
    bared = bare_page(tree, head.page.headline, url=url) if wanted else None
    if bared and (reason := refusal(wanted, page, head, bared.pruning, country=country)):
        return Explained(reading=Reading(outcome=Outcome.OFF_TOPIC, reason=reason))
    if look is not None:
        look(tree)
    own = Ruled(metadata=read_metadata(head, url))
    if rules is not None:
        own = ruled(own.metadata, tree, rules)
    # Rules may have dropped what the page has for a headline.
    bared = bared or bare_page(tree, headline(tree) if rules else head.page.headline, url=url)
    title, author = own.metadata.title or "", own.metadata.author
    body = extract_body(bared, title=title, author=author, again=lambda: parse(markup))
    text = own.text or body.text
    metadata = _with_credits(own.metadata, text, body.margins)
    date = _date(metadata, body.margins, fetched_at=page.fetched_at, country=country)
    article = _article(page, metadata, date, url=url, text=text, source_id=source_id, encoding=encoding)
    is_unshown = unshown and stands_in(text, unshown)
    is_closed = str(head.page.article.get("isAccessibleForFree")).lower().endswith("false")
    told = {name for name, holds in ((DATA_NOSNIPPET, is_unshown), (NOT_FREE, is_closed)) if holds}
    article = replace(article, directives=tuple(sorted({*article.directives, *told})))
    candidate = Candidate(
        url=url,
        html=html,
        parse=lambda: parse(markup),
        metadata=metadata,
        text=text,
        language=article.language,
        dated_by=article.published_from,
    )
    return Explained(
        reading=_reading(article, objection(candidate)),
        found=article,
        origins=metadata.origins | ({"published": f"{date.source}: {date.words}"} if date else {}),
        unmatched=own.unmatched,
    )


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


def _with_credits(metadata: Metadata, text: str, margins: Sequence[str]) -> Metadata:
    """The metadata with who signed the text, where no place names an author, and the agency that its dateline names."""
    signed = None if metadata.author else "، ".join(signature(text, *margins))
    dateline = next(filter(None, map(dateline_agency, (text, *margins))), None)
    told = {name: "the text" for name, words in (("author", signed), ("agency", dateline)) if words}
    return replace(
        metadata,
        author=metadata.author or signed or None,
        agency=dateline or metadata.agency,
        origins=metadata.origins | told,
    )


def _date(metadata: Metadata, margins: Sequence[str], *, fetched_at: datetime, country: str | None) -> Published | None:
    """When the page says that it was published; a source's rule before all else."""
    by_rule = [candidate for candidate in metadata.dates if candidate[0] == "rule"]
    # Last, what stands in lines of its own above and below the text.
    dates = [*metadata.dates, *(("text", line) for line in margins)]
    found = (published(some, fetched_at=fetched_at, country=country) for some in (by_rule, dates))
    return next(filter(None, found), None)


def _article(
    page: Page,
    metadata: Metadata,
    date: Published | None,
    *,
    url: str,
    text: str,
    source_id: str | None,
    encoding: str,
) -> Article:
    wishes = directives(page.asks, metadata.metas, now=page.fetched_at)
    article = Article(
        url=main_version(url, metadata.canonical),
        title=metadata.title or "",
        text=text,
        language=language.language(text),
        fetched_at=page.fetched_at,
        canonical_url=metadata.canonical,
        source_id=source_id,
        author=metadata.author,
        agency=metadata.agency,
        published_at=date.at if date else None,
        published_precision=date.precision if date else None,
        published_from=date.source if date else None,
        published_zone=date.zone if date else None,
        image=metadata.image,
        section=metadata.section,
        tags=metadata.tags,
        encoding=encoding,
        directives=wishes,
        tdm_policy=tdm_policy(page.asks, metadata.metas, url) if RESERVED in wishes else None,
    )
    return _shown(article)


def _reading(article: Article, refused: Objection | None) -> Reading:
    """The article, unless it is none, or its page asks not to be kept."""
    if refused is not None:
        return Reading(
            outcome=refused.outcome, reason=refused.reason, is_gone=refused.is_gone, is_listing=refused.is_listing
        )
    if NOINDEX in article.directives:
        return Reading(outcome=Outcome.BLOCKED_BY_ROBOTS, reason=UNWANTED, unwanted=True)
    return Reading(article=article)


def _shown(article: Article) -> Article:
    """The article as it may be shown and stored: whatever a page wrote where, each field beside its text is repaired,
    in bounds. The text of a page was made of repaired lines.
    """
    return replace(
        article,
        title=repair(article.title).replace("\n", " ")[:LONGEST_TITLE],
        author=_line(article.author),
        agency=_line(article.agency),
        section=_line(article.section),
        image=_line(article.image, longest=MAX_LENGTH),
        tags=tuple(dict.fromkeys(tag for one in article.tags if (tag := _line(one)))),
    )


def _language(text: str, *, declared: str) -> str:
    """The language that a text shows; of one that shows too little, what it is declared to be in, if anything."""
    code = language.language(text)
    tells = code != "und" and len(text.split()) >= SURE_WORDS
    return code if tells or declared not in language.LANGUAGES else declared


def _line(text: str | None, *, longest: int = LONGEST_LINE) -> str | None:
    """A field that is one line; None when there is nothing in it, or more than such fields hold."""
    line = repair(text or "").replace("\n", " ")
    return line if 0 < len(line) <= longest else None


def _checked(article: Article) -> str:
    """What is said of an article that is to belong to no topic."""
    return "an article was read to check its source" + (f"; its page asks: {asked(article)}" if asked(article) else "")


def _judged(article: Article, topics: Sequence[Topic], *, only_on_topic: bool) -> Reading:
    """Judge the article; one that is kept gets its sketch."""
    matches = tuple(judge(topic, article) for topic in topics)
    on_topic = tuple(match for match in matches if match.on_topic)
    if only_on_topic and not on_topic:
        reason = "; ".join(f"{match.topic_id}: {match.reason}" for match in matches) or _checked(article)
        return Reading(article=article, outcome=Outcome.OFF_TOPIC, reason=reason, topics=matches)
    made = with_meaning(sketch(article.title, article.text), article.title, article.text)
    return Reading(article=article, sketch=made, topics=on_topic)
