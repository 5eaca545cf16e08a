"""How many near-copies of the labelled set are found, and how many of the found are some; beside datasketch."""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from datasketch import MinHash, MinHashLSH

from bench.generated_web import bench_data
from corpus import copies
from corpus.arabic import words
from corpus.sketch import of_text, sketch
from corpus.store import articles
from corpus.store.database import Database
from corpus.types import Article

BATCH = 64  # articles a transaction, as in a crawl
EDITED = 400  # of each kind


@dataclass(frozen=True)
class Labelled:
    """The labelled set: articles, and the group of each."""

    articles: list[Article]
    groups: list[str]


def labelled_set() -> Labelled:
    """The development half of the set."""
    folder = bench_data() / "similarity" / "dev"
    group_of = {row["id"]: row["group"] for row in _rows(folder / "nearcopy_saudi.cluster.gold.jsonl.gz")}
    some = list(_rows(folder / "nearcopy_saudi.docs.jsonl.gz"))
    return Labelled([_article(row) for row in some], [group_of[row["id"]] for row in some])


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _article(row: Mapping[str, str]) -> Article:
    return Article(
        url=f"http://{row['source']}.example/{row['id']}",
        title=row["title"],
        text=row["body"],
        language="ar",
        fetched_at=datetime(2015, 9, 1, tzinfo=UTC),
        source_id=row["source"],
        published_at=datetime.fromisoformat(row["time"]).replace(tzinfo=UTC),
        published_precision="second",
    )


def enter_all(database: Database, some: Sequence[Article]) -> list[int]:
    """Store articles as a crawl does, without lists and search; returns their ids."""
    ids = []
    left = iter(some)
    while batch := list(islice(left, BATCH)):
        with database.writing() as connection:
            for one in batch:
                made = sketch(one.title, one.text)
                entered = copies.enter(connection, one, of_text(made))
                ids.append(articles.add(connection, one, made, entered.place))
    return ids


def groups(database: Database, labelled: Labelled, ids: Sequence[int]) -> dict[str, dict[str, float]]:
    """Pairs in one group against the truth, ours and those of a usual way."""
    with database.reading() as connection:
        ours = articles.groups_of(connection, ids)
    rival = _by_minhash(labelled.articles)
    return {
        "nazair": _pairwise([ours[one] for one in ids], labelled.groups),
        "MinHash of runs of five words, Jaccard ≥ .3": _pairwise(rival, labelled.groups),
    }


def _by_minhash(some: Sequence[Article]) -> list[int]:
    """Groups by datasketch alone: united where the estimated Jaccard similarity of five-word shingles is .3 or more."""
    made = [_minhash(runs(one.text, 5)) for one in some]
    lsh = MinHashLSH(threshold=0.3, num_perm=128)
    group = list(range(len(some)))
    for number, one in enumerate(made):
        for other in lsh.query(one):
            if one.jaccard(made[other]) >= 0.3 and group[other] != group[number]:
                old = group[number]
                group = [group[other] if of == old else of for of in group]
        lsh.insert(number, one)
    return group


def runs(shown: str, size: int) -> list[bytes]:
    """The runs of so many folded words of a text."""
    split = words(shown)
    return [" ".join(split[i : i + size]).encode() for i in range(max(1, len(split) - size + 1))]


def _minhash(tokens: Iterable[bytes]) -> MinHash:
    made = MinHash(num_perm=128, seed=1)
    made.update_batch(list(tokens))
    return made


def _pairwise(found: Sequence[Hashable], true: Sequence[Hashable]) -> dict[str, float]:
    """Precision, recall and F1 over pairs in one group."""
    right, told, there = (_pairs(list(zip(found, true, strict=True))), _pairs(found), _pairs(true))
    p, r = right / told, right / there
    return {"p": round(p, 4), "r": round(r, 4), "f1": round(2 * p * r / (p + r), 4)}


def _pairs(groups: Iterable[Hashable]) -> int:
    sizes: dict[Hashable, int] = defaultdict(int)
    for group in groups:
        sizes[group] += 1
    return sum(size * (size - 1) // 2 for size in sizes.values())


def edits(database: Database, labelled: Labelled, ids: Sequence[int]) -> dict[str, dict[str, float]]:
    """What is found of articles that were edited; right is what is of the article's own group (of either, merged)."""
    split = [one.text.split() for one in labelled.articles]
    vocabulary = [word for some in split[::3] for word in some]
    long_enough = [number for number, some in enumerate(split) if len(some) >= 100]
    number_of = {article_id: number for number, article_id in enumerate(ids)}
    lsh = MinHashLSH(threshold=0.5, num_perm=128)
    for number, one in enumerate(labelled.articles):
        lsh.insert(number, _minhash(runs(one.text, 3)))

    def cut(draw: random.Random, number: int) -> tuple[list[str], list[int]]:
        # Not below what is compared at all.
        return split[number][: max(60, len(split[number]) * 3 // 10)], [number]

    def merged(draw: random.Random, number: int) -> tuple[list[str], list[int]]:
        other = draw.choice(long_enough)
        parts = [number, other] if draw.random() < 0.5 else [other, number]
        return [word for part in parts for word in split[part]], [number, other]

    def changed(draw: random.Random, number: int) -> tuple[list[str], list[int]]:
        return [draw.choice(vocabulary) if draw.random() < 0.1 else word for word in split[number]], [number]

    figures = {}
    for name, edit in (
        ("cut to 30 %", cut),
        ("merged with another", merged),
        ("a tenth of the words changed", changed),
    ):
        draw = random.Random(name)  # noqa: S311 - to repeat it
        ours: list[tuple[bool, int, int]] = []
        rival: list[tuple[bool, int, int]] = []
        with database.reading() as connection:
            for number in draw.sample(long_enough, EDITED):
                made, of = edit(draw, number)
                one = replace(labelled.articles[number], url="", text=" ".join(made))
                found = copies.near_copies(connection, one, of_text(sketch(one.title, one.text)))
                ours.append(_judged([number_of[other] for other in found], of, number, labelled.groups))
                rival.append(_judged(lsh.query(_minhash(runs(one.text, 3))), of, number, labelled.groups))
        figures[name] = _rates(ours) | {f"rival_{key}": value for key, value in _rates(rival).items()}
    return figures


def _judged(found: Collection[int], of: Sequence[int], number: int, groups: Sequence[str]) -> tuple[bool, int, int]:
    """Whether the edited article or a copy of it was found, how many were right, how many found."""
    right = [other for other in found if groups[other] in {groups[one] for one in of}]
    return any(groups[other] == groups[number] for other in right), len(right), len(found)


def _rates(judged: Sequence[tuple[bool, int, int]]) -> dict[str, float]:
    right, found = (sum(one[place] for one in judged) for place in (1, 2))
    return {
        "recall": round(sum(one[0] for one in judged) / len(judged), 4),
        "precision": round(right / found, 4) if found else 1.0,
    }
