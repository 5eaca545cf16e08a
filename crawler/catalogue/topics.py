"""Topics: the subjects, from files with one `[topic]` and its `[[topic.concept]]` tables each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from itertools import accumulate

from corpus.arabic import fold, words
from corpus.errors import ConfigError
from corpus.morphology import stands_everywhere
from corpus.types import Concept, Topic
from crawler.catalogue.strict import (
    Field,
    anything,
    ascii_id,
    day,
    keyed,
    list_of,
    number,
    one_of,
    read_table,
    read_toml,
    tables,
    text,
    that,
    toml_files,
)

FIELDS = {
    "id": Field(check=ascii_id, required=True),
    "title": Field(check=text, required=True),
    "since": Field(check=day),
    "until": Field(check=day),
    "min_score": Field(check=that(number, lambda score: 0 <= score <= 1, "between 0 and 1")),
    "concept": Field(check=tables, required=True),
}


# Several names in one string, a beginning with a star as in a search: no text would name them.
NOT_IN_NAMES = re.compile("[،؛*]")


def spelling(value: object) -> str:
    """A name as texts spell it."""
    found = text(value)
    name = words(found)
    if not name:
        raise ValueError(f"{found!r} has no letters: no text can name it")
    if mark := NOT_IN_NAMES.search(found):
        raise ValueError(f"no text can name {found!r}, with '{mark[0]}': a string is one name, in whole words")
    if stands_everywhere(name):
        raise ValueError(f"{found!r} is, or is compared as, a word that nearly every text has: write more of the name")
    return found


CONCEPT_FIELDS = {
    "name": Field(check=text, required=True),
    "aliases": Field(check=list_of(spelling, least=1), required=True),
    "weight": Field(check=that(number, lambda weight: weight > 0, "above 0")),
    "role": Field(check=one_of("required", "optional", "excluding")),
}

FILE_FIELDS = {"topic": Field(check=anything, required=True)}


def read_topic(file: Traversable) -> Topic:
    """The topic of a file. Raises ConfigError."""
    raw = read_table(read_toml(file), FILE_FIELDS, file=file)
    values = read_table(raw["topic"], FIELDS, file=file, key="topic")
    concepts = tuple(
        Concept(**read_table(table, CONCEPT_FIELDS, file=file, key=key))
        for key, table in keyed(values.pop("concept"), key="topic.concept", name="name")
    )
    names = [concept.name for concept in concepts]
    if twice := [name for name in names if names.count(name) > 1]:
        why = "two concepts have this name, by which they are told apart: give one of them another"
        raise ConfigError(file, key=f"topic.concept.{twice[0]}", why=why)
    topic = Topic(concepts=concepts, **values)
    for concept, alias in _excluded(topic):
        why = f"{alias!r} is an alias of an excluding concept, too: what names it would be on the topic and off it"
        raise ConfigError(file, key=f"topic.concept.{concept.name}.aliases", why=why)
    if all(concept.role == "excluding" for concept in concepts):
        raise ConfigError(file, key="topic.concept", why="all are excluding: no article could be on this topic")
    if topic.since and topic.until and topic.since > topic.until:
        raise ConfigError(file, key="topic.since", why=f"{topic.since} is after until, {topic.until}")
    return topic


def fewest_named(topic: Topic) -> int:
    """How many concepts a title must name, the weightiest, for an article to reach the topic's score."""
    weights = sorted((concept.weight for concept in topic.concepts if concept.role != "excluding"), reverse=True)
    enough = topic.min_score * sum(weights)
    return sum(reached < enough for reached in accumulate(weights, initial=0.0))


def _excluded(topic: Topic) -> Iterator[tuple[Concept, str]]:
    """The aliases of other concepts that an excluding one has, too."""
    aliases = [(concept, alias) for concept in topic.concepts for alias in concept.aliases]
    excluding = {fold(alias) for concept, alias in aliases if concept.role == "excluding"}
    yield from (pair for pair in aliases if pair[0].role != "excluding" and fold(pair[1]) in excluding)


def read_topic_folder(folder: Traversable) -> dict[str, Topic]:
    """The topics of all files of a folder, by id. Raises ConfigError."""
    found: dict[str, Topic] = {}
    origins: dict[str, Traversable] = {}
    for file in toml_files(folder):
        topic = read_topic(file)
        if topic.id in found:
            raise ConfigError(file, key="topic.id", why=f"{topic.id!r} is taken already, in {origins[topic.id]}")
        found[topic.id], origins[topic.id] = topic, file
    return found
