"""`nazair topics`: list, show and check topics; draft one; judge again what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import UsageError
from corpus.plural import counted
from nazair.context import Context, global_options, progress, say, verb
from nazair.files import require_folder, write_new
from nazair.options import network_options
from nazair.output import UNCUT, Column, column, day, emit, emit_json, emit_table, format_option, text_option

if TYPE_CHECKING:
    from corpus.store import Connection
    from corpus.types import StoredArticle, Topic, TopicMatch

# Of each topic that an article is on: its score, the spellings that are in the article, and what they name.
Found = Mapping[str, tuple[float, tuple[str, ...], tuple[str, ...]]]

# So many of those that would match are shown.
SHOWN = 10

# Articles that are judged in one transaction: a crawl that waits for it waits a second.
JUDGED_AT_ONCE = 200

# More concepts than these no title names. Guess.
MOST_NAMED = 6

MATCH_COLUMNS = (
    column("id", justify="right"),
    Column(heading="score", of=lambda row: f"{row['score']:.2f}"),
    Column(heading="date", of=lambda row: day(row["published_at"]), options=UNCUT),
    column("source"),
    column("title", ratio=1, overflow="fold"),
)


@global_options
@click.group("topics")
def command() -> None:
    """The topics: subjects with their spellings.

    \b
    Examples:
      nazair topics list
      nazair topics show alaska-summit
      nazair topics new --from article.html --id floods --write ~/nazair/topics/floods.toml
    """


@verb("list", of=command)
@format_option()
def list_(context: Context, output_format: str) -> int:
    """All topics, shipped and yours.

    \b
    Examples:
      nazair topics list
      nazair topics list --config ~/nazair -f json
    """
    rows = [
        {
            "id": topic.id,
            "title": topic.title,
            "since": topic.since,
            "until": topic.until,
            "concepts": len(topic.concepts),
        }
        for topic in context.catalogue().topics.values()
    ]
    emit(rows, [column(name) for name in ("id", "title", "since", "until", "concepts")], output_format, empty="None.")
    return 0


@verb("show", of=command)
@click.argument("topic", metavar="ID")
@text_option
def show(context: Context, topic: str, output_format: str) -> int:
    """One topic: its concepts, with all their spellings.

    \b
    Examples:
      nazair topics show alaska-summit
      nazair topics show alaska-summit -f json
    """
    found = context.catalogue().topic(topic)
    if output_format == "json":
        emit_json(asdict(found))
        return 0
    print(f"{found.id}  {found.title}")
    print(f"  published {found.since or 'any time'} to {found.until or 'any time'}; score at least {found.min_score:g}")
    for concept in found.concepts:
        print(f"  {concept.role:<10}{concept.weight:>4g}  {concept.name}: {'، '.join(concept.aliases)}")
    return 0


@verb("check", of=command)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE…]")
def check(context: Context, files: tuple[Path, ...]) -> int:
    """Check topic files: these, or all that would be used.

    \b
    Examples:
      nazair topics check
      nazair topics check my-topic.toml
    """
    from crawler.catalogue.topics import read_topic

    if files:
        for file in files:
            topic = read_topic(file)
            print(f"{file}: {topic.id}: good")
            _doubt(topic)
    else:
        topics = context.catalogue().topics.values()
        print(f"{counted(len(topics), 'topic')}: all good")
        for topic in topics:
            _doubt(topic)
    return 0


def _doubt(topic: Topic) -> None:
    """Say what is hardly meant of a topic that is sound: one that wants more than a title can name."""
    from crawler.catalogue.topics import fewest_named

    if (fewest := fewest_named(topic)) > MOST_NAMED:
        count = sum(concept.role != "excluding" for concept in topic.concepts)
        say(
            f"{topic.id}: to score {topic.min_score:g} an article must name {fewest} of the {count} concepts in its "
            "title, or more further on: few will. Lower min_score, or make concepts that stand for the same one."
        )


@verb("new", of=command)
@click.option("--from", "seed", required=True, metavar="ID|FILE|URL", help="The article that the topic is like.")
@click.option("--id", "id_", required=True, metavar="ID", help="The topic's name: a-z, digits and '-'.")
@click.option("--title", metavar="TEXT", help="What the topic is called.  [the article's title]")
@click.option(
    "--write", "file", type=click.Path(path_type=Path), metavar="FILE", help="Write the draft to this new file."
)
@network_options
def new(context: Context, /, seed: str, id_: str, *, title: str | None, file: Path | None, **network: Any) -> int:
    """Draft a topic from an article: a stored one, a saved one, or one to fetch.

    Drafted are concepts with their spellings and weights, a window of time, and the score that is enough; and it is
    shown which stored articles would match. Look the draft over, and put it into DIR/topics/ of your --config.

    \b
    Examples:
      nazair topics new --from article.html --id libya-floods --write ~/nazair/topics/libya-floods.toml
      nazair topics new --from https://example.com/news/1 --id libya-floods > draft.toml
      nazair topics new --from 3 --id libya-floods
    """
    from crawler.catalogue.strict import ascii_id
    from crawler.topic_draft import as_toml, draft
    from nazair import seeds

    try:
        id_ = ascii_id(id_)
    except ValueError as error:
        raise UsageError(f"--id: {error}") from error
    if id_ in context.catalogue().topics:
        raise UsageError(f"There is a topic {id_!r} already: nazair topics show {id_}. Choose another --id.")
    if file is not None and file.exists():
        raise UsageError(f"{file} exists; it was left as it is. Name another file.")
    if file is not None:
        require_folder(file)
    with seeds.collection(context) as database:
        article = seeds.article(context, database, seed, network)
        topic = draft(article, id_=id_, title=title, telling=lambda terms: seeds.telling(database, terms))
        text = as_toml(topic, seed=article.url if seed.isdecimal() else seed)
        if file is None:
            print(text, end="")
        else:
            write_new(file, text)
            say(f"{file}: {counted(len(topic.concepts), 'concept')}. Look them over; then: nazair topics check {file}")
        rows, looked = seeds.matching(database, topic)
    say(f"Of {looked:,} stored articles of its window {len(rows):,} would match.")
    if file is not None and rows:
        emit_table(rows[:SHOWN], MATCH_COLUMNS, empty="")
    return 0


@verb("rescore", of=command)
@click.argument("topics", nargs=-1, metavar="[ID…]")
def rescore(context: Context, topics: tuple[str, ...]) -> int:
    """Judge the stored articles again, by these topics or by all, without crawling.

    After a topic's file was changed, or was added. Safe to interrupt, and to repeat. Articles that were not kept
    because they were on no topic are not stored: a crawl looks at them again when the topic changes.

    \b
    Examples:
      nazair topics rescore
      nazair topics rescore libya-floods --config ~/nazair
    """
    from corpus import similar_lists
    from corpus.store import articles, overview
    from corpus.types import Filter
    from corpus.weighing import AUTOMATIC_UP_TO

    catalogue = context.catalogue()
    named = [catalogue.topic(one) for one in topics] or list(catalogue.topics.values())
    changed, others_named = 0, False
    with context.opened() as database:
        with database.reading() as connection:
            ids = articles.find(connection, Filter(), sort="id")
        is_small = len(ids) <= AUTOMATIC_UP_TO
        told, made = progress(len(ids), "judged"), progress(len(ids), "have their similar lists")
        # With the lists in one transaction: after an interruption nobody would know that they are to be made.
        at_once = AUTOMATIC_UP_TO if is_small else JUDGED_AT_ONCE
        for start in range(0, len(ids), at_once):
            with database.writing() as connection:
                for done, one in enumerate(articles.each(connection, ids[start : start + at_once]), start=start):
                    told(done)
                    before, now = _judge(connection, one, named)
                    changed += before != now
                    others_named |= _names(before) != _names(now)
                if is_small and others_named:
                    similar_lists.remake_all(connection, told=made)
        with database.reading() as connection:
            counts = overview.counts_by_topic(connection)
        print(f"{changed:,} of {counted(len(ids), 'article')} are judged differently.")
        for topic in named:
            print(f"  {topic.id}: {counted(counts.get(topic.id, 0), 'article')}")
        if others_named and not is_small:
            say("Similar lists count what topics name: nazair db rebuild --similar makes them anew.")
    return 0


def _judge(connection: Connection, stored: StoredArticle, topics: Sequence[Topic]) -> tuple[Found, Found]:
    """Judge an article again by these topics; returns what was known of that before, and what is known now."""
    from corpus.store import topic_matches
    from pipelines.topic import judge

    judged = [judge(topic, stored.article) for topic in topics]
    ids = {topic.id for topic in topics}
    before, now = _found(one for one in stored.topics if one.topic_id in ids), _found(judged)
    if before != now:
        topic_matches.replace(connection, stored.id, judged)
    return before, now


def _found(judged: Iterable[TopicMatch]) -> Found:
    """What is stored of how an article was judged."""
    return {one.topic_id: (one.score, one.matched, one.names) for one in judged if one.on_topic}


def _names(found: Found) -> set[str]:
    return {name for _, _, names in found.values() for name in names}
