"""`nazair similar`: articles like a given one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus import ask, shown_lists
from corpus.copies import near_copies
from corpus.errors import NotComparable, UsageError
from corpus.near_copy import strength
from corpus.sketch import of_text
from corpus.store import Connection, articles, runs
from corpus.thresholds import MIN_WORDS
from corpus.types import Filter, NearCopy, Page, Reading, SimilarArticle
from corpus.urls import normalise
from nazair.context import Context, say, verb
from nazair.fetching import fetched_page, in_worker, plain_text
from nazair.files import bytes_of
from nazair.options import filter_options, limit_option, network_options, require_known
from nazair.output import (
    ARTICLE_ROW,
    UNCUT,
    Column,
    column,
    day,
    emit_csv,
    emit_json,
    emit_table,
    format_option,
    json_line,
)

if TYPE_CHECKING:
    from crawler.catalogue import Catalogue

COLUMNS = (
    column("rank", "#", justify="right"),
    column("id", justify="right"),
    Column(heading="score", of=lambda row: f"{row['score']:.2f}"),
    Column(heading="date", of=lambda row: day(row["published_at"], row["published_precision"]), options=UNCUT),
    column("source"),
    column("title", ratio=3, overflow="fold"),
    Column(heading="why", of=lambda row: in_words(row["why"]), options={"ratio": 2, "overflow": "fold"}),
    Column(heading="copies", of=lambda row: row["copies"] or "", options={"justify": "right"}),
)
SIGNALS = Column(
    heading="signals", of=lambda row: ", ".join(f"{k} {v:.2f}" for k, v in row["why"].get("signals", {}).items())
)

# How a page begins, or the part of one that a newsroom's system gives out, where no name tells that it is one.
A_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)?<(?:!doctype|[a-z]\w*[\s/>])", re.IGNORECASE | re.DOTALL)

NOTHING = "Nothing similar is stored."

CSV_HEADING = (*ARTICLE_ROW, "score", "why", "copies")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The article that was asked about, and its list."""

    article: Mapping[str, Any]
    similar: Sequence[SimilarArticle]
    extracts: Mapping[int, str] = field(default_factory=dict)  # how those begin, where the format shows it


@verb("similar")
@click.argument("article", metavar="ARTICLE")
@limit_option(10)
@click.option("--explain", is_flag=True, help="Show the value of each signal.")
@click.option("--per-source", metavar="N", type=click.IntRange(min=1), help="At most N of each outlet.")
@click.option("--include-copies", is_flag=True, help="Show near-copies too.")
@filter_options
@format_option("html", "rss")
@network_options
def command(
    context: Context,
    *,
    article: str,
    limit: int,
    explain: bool,
    per_source: int | None,
    include_copies: bool,
    wanted: Filter,
    output_format: str,
    **network: Any,
) -> int:
    """Articles like a given one.

    ARTICLE is an id, the URL of a page, a path to an .html or .txt file, or - for a page or a text on
    standard input (the first line of a text is its title). A page that is not stored is fetched as
    `nazair add` fetches it, and not stored. Near-copies of it are left out, and of each group
    of copies one is listed.

    \b
    Examples:
      nazair similar 3
      nazair similar essay.html --explain
      nazair similar 3 --per-source 1
      nazair similar https://example.com/news/1 -n 5 -f json > similar.json
    """
    catalogue = context.catalogue()
    with context.opened() as database:
        with database.reading() as connection:
            require_known(context, connection, wanted)
            stored = _stored(connection, article)
        # Between the two: a page that is fetched takes its time.
        reading = None if stored is not None else _read(context, catalogue, article, network)
        with database.reading() as connection:
            if reading is not None and reading.article is not None and "://" in article:
                # Asked for by another of its addresses.
                stored = articles.id_of_page(connection, reading.article.url, reading.article.canonical_url)
            if stored is not None:
                answer = _of_stored(
                    connection, stored, wanted, limit=limit, per_source=per_source, include_copies=include_copies
                )
            else:
                assert reading is not None  # noqa: S101 - it was read above
                answer = _of_text(connection, reading, wanted, limit=limit, per_source=per_source)
            if output_format == "rss":
                from nazair.web import lists

                answer = replace(answer, extracts=lists.extracts(connection, [one.id for one in answer.similar]))
    empty = NOTHING if wanted == Filter() else "Nothing similar passes these limits."
    emit_list(answer, output_format, explain=explain, names=catalogue.names, empty=empty)
    return 0


def emit_list(
    answer: Answer,
    output_format: str,
    *,
    explain: bool = False,
    names: Mapping[str, str] | None = None,
    empty: str = NOTHING,
) -> None:
    """Write a similar list to stdout; `names` are those of the outlets, where they are shown."""
    rows = [
        {
            "rank": rank,
            "id": one.id,
            "url": one.url,
            "title": one.title,
            "source": one.source_id,
            "published_at": one.published_at,
            "published_precision": one.published_precision,
            "score": one.score,
            "why": one.why,
            "copies": one.copies,
        }
        for rank, one in enumerate(answer.similar, start=1)
    ]
    if output_format == "table":
        title = answer.article["title"]
        print(f"مقالات مشابهة: «{title}»" if title else "مقالات مشابهة:")
        emit_table(rows, (*COLUMNS, SIGNALS) if explain else COLUMNS, empty=empty)
        return
    contract = [{key: value for key, value in row.items() if key != "rank"} for row in rows]
    if output_format == "json":
        emit_json({"article": answer.article, "similar": contract})
    elif output_format == "jsonl":
        for row in contract:
            print(json_line(row))
    elif output_format == "csv":
        emit_csv(contract, names=CSV_HEADING)
    else:
        _emit_published(answer, output_format, names or {})


def _emit_published(answer: Answer, output_format: str, names: Mapping[str, str]) -> None:
    """Write the list as it may be published: a box of links, or a feed."""
    from nazair.web import embed, feeds
    from nazair.web.rows import of_similar
    from nazair.web.words import Words

    words = Words("ar")
    rows = [replace(of_similar(one, names), extract=answer.extracts.get(one.id, "")) for one in answer.similar]
    if output_format == "html":
        print(embed.box(rows, heading=words("similar")), end="")
        return
    title = f"{words('similar')}: {answer.article['title']}"
    address = answer.article["url"] or ""
    print(feeds.rss(feeds.Feed(title=title, home=address, address=None, rows=rows)))


def in_words(why: Mapping[str, Any]) -> str:
    """The reasons of one row in a few words."""
    if "copy_of" in why:
        return f"near-copy of {why['copy_of']}"
    return "، ".join(why.get("terms", ()))


def _of_stored(
    connection: Connection,
    article_id: int,
    wanted: Filter,
    *,
    limit: int,
    per_source: int | None,
    include_copies: bool,
) -> Answer:
    stored = ask.article(connection, article_id)
    answer = shown_lists.similar_with_copies if include_copies else shown_lists.similar
    return Answer(
        article={"id": article_id, "url": stored.article.url, "title": stored.article.title},
        similar=answer(connection, article_id, wanted, limit=limit, per_source=per_source),
    )


def _of_text(connection: Connection, reading: Reading, wanted: Filter, *, limit: int, per_source: int | None) -> Answer:
    text, sketch = reading.article, reading.sketch
    if text is None or sketch is None:
        raise NotComparable(f"That page cannot be compared: {reading.reason}")
    if of_text(sketch) is None:
        say(
            f"This text is too short to tell near-copies: words {sketch.word_count}, needed {MIN_WORDS}, its title "
            "included. Some may be in the list."
        )
    _say_whose_copy(near_copies(connection, text, of_text(sketch)))
    return Answer(
        article={"id": None, "url": normalise(text.url), "title": text.title},
        similar=shown_lists.similar_to_text(
            connection, text, sketch, topics=reading.topics, wanted=wanted, limit=limit, per_source=per_source
        ),
    )


def _say_whose_copy(found: Mapping[int, NearCopy]) -> None:
    """Tell which stored article a text repeats most of; the list leaves it out."""
    if found:
        nearest = max(found, key=lambda one: strength(found[one]))
        say(
            f"This text is a near-copy ({found[nearest].kind.value}) of article {nearest}, which is not in the list. "
            f"See: nazair copies {nearest}"
        )


def _stored(connection: Connection, reference: str) -> int | None:
    """The id of the stored article that an id or a URL names; None for another URL, and what is neither."""
    if reference.isdecimal():
        return ask.article_id(connection, reference)
    url = normalise(reference) if "://" in reference else None
    return None if url is None else runs.article_at(connection, url)


def _read(context: Context, catalogue: Catalogue, reference: str, network: Mapping[str, Any]) -> Reading:
    """What `reference` names by a URL, a path or -. Raises UsageError, NotRead and NotComparable."""
    from pipelines.read import read_given, read_page, read_text

    topics = tuple(catalogue.topics.values())
    if "://" in reference:
        page = fetched_page(context, reference, network)
        source = catalogue.source_of(page.url)
        return in_worker(
            read_page,
            page,
            source_id=source.id if source else None,
            country=source.country if source else None,
            topics=topics,
            only_on_topic=False,
            rules=source.rules if source else None,
        )
    path = Path(reference)
    if reference != "-" and not path.is_file():
        raise UsageError(
            f"{reference!r} is no id, no URL and no file. Give one of the three, or - for a text or page on standard "
            "input."
        )
    body = bytes_of(reference)
    if path.suffix.lower() in (".html", ".htm", ".xhtml") or A_PAGE.match(body):
        page = Page(url=path.resolve().as_uri(), body=body, content_type="text/html", fetched_at=datetime.now(UTC))
        return read_given(page, topics=topics)
    return read_text(plain_text(body, "standard input" if reference == "-" else reference), topics=topics)
