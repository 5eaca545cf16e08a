"""Copy groups: which texts hang together, settled as they come and go, in whatever order, on both databases."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from corpus import copies, copy_groups, shingles
from corpus.near_copy import UNKNOWN, Age, hangs_on, strength, unites
from corpus.signature import SETTINGS, pack, signatures
from corpus.sketch import sketch
from corpus.store import Connection, articles, texts
from corpus.store import copy_groups as stored
from corpus.store.articles import Place
from corpus.store.database import Database
from corpus.store.texts import NewText
from corpus.types import Article, CopyKind, NearCopy

NOON = datetime(2025, 8, 15, 12, tzinfo=UTC)
NOTHING = sketch("", "")


def relation(jaccard: float, containment_a: float, containment_b: float) -> NearCopy:
    return NearCopy(kind=CopyKind.REPRINT, jaccard=jaccard, containment_a=containment_a, containment_b=containment_b)


REPRINT, PARTIAL = relation(0.8, 0.9, 0.9), relation(0.4, 1.0, 0.4)

Relations = Mapping[frozenset[str], NearCopy]


def told(database: Connection, names: Mapping[str, int]) -> set[frozenset[str]]:
    """The groups of texts, as the articles that have them say."""
    groups = defaultdict(set)
    of = articles.groups_of(database, list(names.values()))
    for name, article_id in names.items():
        groups[of[article_id]].add(name)
    return {frozenset(group) for group in groups.values()}


def arrive(
    connection: Connection, order: Iterable[str], ages: Mapping[str, Age], relations: Relations
) -> dict[str, int]:
    """Let texts come one by one, each related to those that are there; name → article id."""
    text_of: dict[str, int] = {}
    article_of = {}
    for name in order:
        age = ages[name]
        new = NewText(
            text_hash=age.text_hash,
            signature=pack(signatures([of_its_own(name)])[0]),
            shingles=shingles.pack(of_its_own(name)),
            published_by=age.published_by,
        )
        text_id = texts.add(connection, new, scheme_id=scheme(connection))
        found = {
            other_id: relations[frozenset({name, other})]
            for other, other_id in text_of.items()
            if frozenset({name, other}) in relations
        }
        group = copy_groups.join(connection, text_id, age, found).group if found else text_id
        place = Place(text_id=text_id, copy_group=group, published_by=age.published_by)
        article_of[name] = articles.add(connection, plain(name), NOTHING, place)
        text_of[name] = text_id
    return article_of


def of_its_own(name: str) -> shingles.Hashes:
    """Shingles that no other text has: what relates texts here is given."""
    return shingles.shingles(f"{name}1 {name}2 {name}3 {name}4")


def scheme(connection: Connection) -> int:
    schemes, _ = texts.schemes_and_text(connection, b"")
    return schemes.get(SETTINGS) or texts.add_scheme(connection, SETTINGS)


def plain(name: str) -> Article:
    return Article(url=f"http://alwaha.example/{name}", title=name, text=name, language="ar", fetched_at=NOON)


def age(name: str, hour: int | None = 0) -> Age:
    return Age(UNKNOWN if hour is None else NOON + timedelta(hours=hour), name.encode().ljust(16, b"\0"))


def at_once(ages: Mapping[str, Age], relations: Relations) -> set[frozenset[str]]:
    """The groups by their definition, from all relations together."""
    core = {name: name for name in ages}
    for pair, found in relations.items():
        if unites(found):
            a, b = sorted(core[name] for name in pair)
            core = {name: a if one == b else one for name, one in core.items()}
    numbers = {one: number for number, one in enumerate(sorted(set(core.values())))}
    of = {name: numbers[one] for name, one in core.items()}
    core_ages = {number: min(ages[name] for name in ages if of[name] == number) for number in numbers.values()}
    related: dict[int, dict[int, tuple[float, float]]] = {number: {} for number in numbers.values()}
    for pair, found in relations.items():
        for name, mate in permutations(pair):
            this, other = of[name], of[mate]
            if this != other and ages[mate] < ages[name] == core_ages[this]:
                related[this][other] = max(strength(found), related[this].get(other, strength(found)))
    holder = {number: hangs_on(core_ages, related[number]) for number in numbers.values()}
    groups = defaultdict(set)
    for name, one in of.items():
        root = one
        while (above := holder[root]) is not None:
            root = above
        groups[root].add(name)
    return {frozenset(group) for group in groups.values()}


def made_up(draw: random.Random) -> tuple[dict[str, Age], dict[frozenset[str], NearCopy]]:
    """Some texts with dates that may be equal or unknown, and relations of all strengths."""
    names = "abcdefgh"[: draw.randint(3, 8)]
    ages = {name: age(name, draw.choice([None, 0, 1, 2, 3])) for name in names}
    strengths = (REPRINT, PARTIAL, relation(0.45, 0.9, 0.47), relation(0.3, 1.0, 0.3), relation(0.55, 0.9, 0.6))
    pairs = [frozenset({a, b}) for a in names for b in names if a < b]
    return ages, {pair: draw.choice(strengths) for pair in pairs if draw.random() < 0.4}


def rounds(database: Database) -> range:
    """So many made-up collections; a round trip to PostgreSQL takes ten times as long."""
    return range(100 if database.is_sqlite else 15)


def test_the_order_in_which_texts_come_makes_no_difference(database: Database) -> None:
    draw = random.Random(2025)  # noqa: S311 - to repeat it
    with database.writing() as connection:
        for _ in rounds(database):
            ages, relations = made_up(draw)
            for order in (sorted(ages), draw.sample(sorted(ages), len(ages))):
                before = connection.begin_nested()
                names = arrive(connection, order, ages, relations)

                assert told(connection, names) == at_once(ages, relations), (order, ages, relations)
                before.rollback()


@pytest.mark.parametrize("going", [1, 3])
def test_texts_that_go_leave_the_groups_of_the_others(database: Database, going: int) -> None:
    draw = random.Random(1436)  # noqa: S311 - to repeat it
    with database.writing() as connection:
        for _ in rounds(database):
            ages, relations = made_up(draw)
            gone = draw.sample(sorted(ages), min(going, len(ages)))
            rest = {name: one for name, one in ages.items() if name not in gone}
            before = connection.begin_nested()
            names = arrive(connection, draw.sample(sorted(ages), len(ages)), ages, relations)
            text_ids = [articles.detach(connection, names.pop(name)) for name in gone]
            copies.leave(connection, [one for one in text_ids if one is not None])

            among_rest = {pair: found for pair, found in relations.items() if not pair & set(gone)}
            assert told(connection, names) == at_once(rest, among_rest), (gone, ages, relations)
            before.rollback()


def test_an_earlier_exact_copy_turns_round_what_hangs_on_what(database: Database) -> None:
    draw = random.Random(47)  # noqa: S311 - to repeat it
    with database.writing() as connection:
        for _ in rounds(database):
            ages, relations = made_up(draw)
            early = draw.choice(sorted(ages))
            before = connection.begin_nested()
            names = arrive(connection, sorted(ages), ages, relations)
            known = texts.with_id(connection, articles.texts_of(connection, [names[early]])[names[early]])
            ages[early] = min(ages[early], age(early, draw.choice([-1, 0, 1])))
            texts.set_published_by(connection, known.id, ages[early].published_by)
            if known.core_id is not None:
                copy_groups.advance(connection, known.core_id, ages[early])

            assert told(connection, names) == at_once(ages, relations), (early, ages, relations)
            before.rollback()


def groups(database: Database, ages: Mapping[str, Age], relations: Mapping[str, NearCopy]) -> list[str]:
    with database.writing() as connection:
        names = arrive(connection, ages, ages, {frozenset(pair): found for pair, found in relations.items()})
        return sorted("".join(sorted(group)) for group in told(connection, names))


def test_copies_of_copies_are_one_group(database: Database) -> None:
    ages = {name: age(name, hour) for hour, name in enumerate("abcd")}

    assert groups(database, ages, {"ab": REPRINT, "bc": REPRINT, "cd": REPRINT}) == ["abcd"]


def test_a_story_merged_from_two_joins_the_one_it_shares_most_with(database: Database) -> None:
    ages = {name: age(name, hour) for hour, name in enumerate("abc")}

    assert groups(database, ages, {"ac": PARTIAL, "bc": relation(0.45, 1.0, 0.45)}) == ["a", "bc"]


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("abc", ["a", "bc"]),
        ("bac", ["a", "bc"]),
        ("cab", ["abc"]),
        ("bca", ["abc"]),
    ],
)
def test_a_story_merged_from_two_does_not_join_them_when_most_of_it_is_one_of_them(
    database: Database, order: str, found: list[str]
) -> None:
    """«b» is so much of «c» that they are one; of what came before «c», «a» shares nothing with «b»."""
    ages = {name: age(name, hour) for hour, name in enumerate(order)}

    assert groups(database, ages, {"ac": PARTIAL, "bc": relation(0.6, 1.0, 0.6)}) == found


def test_of_two_that_a_story_shares_as_much_with_it_joins_the_earlier(database: Database) -> None:
    ages = {name: age(name, hour) for hour, name in enumerate("abc")}

    assert groups(database, ages, {"ac": PARTIAL, "bc": PARTIAL}) == ["ac", "b"]


def test_two_that_were_cut_from_an_earlier_one_are_its_group(database: Database) -> None:
    ages = {name: age(name, hour) for hour, name in enumerate("abc")}

    assert groups(database, ages, {"ab": PARTIAL, "ac": PARTIAL}) == ["abc"]


@pytest.mark.parametrize("kept", [3, 40])
def test_of_many_relations_those_are_stored_that_settle_the_groups(database: Database, kept: int) -> None:
    """One text is related to more than KEPT_RELATIONS others, and by its weakest relation to a core of its own."""
    many = [f"t{number:02}" for number in range(kept)]
    ages = {name: age(name, number) for number, name in enumerate([*many, "other", "last"])}
    relations = {frozenset({a, b}): REPRINT for a in many for b in many if a < b}
    relations |= {frozenset({name, "last"}): REPRINT for name in many}
    relations[frozenset({"other", "last"})] = PARTIAL

    with database.writing() as connection:
        names = arrive(connection, ages, ages, relations)
        last = articles.texts_of(connection, [names["last"]])[names["last"]]
        other = articles.texts_of(connection, [names["other"]])[names["other"]]
        edges = stored.edges_of(connection, [last])

        assert told(connection, names) == at_once(ages, relations)
        assert (min(last, other), max(last, other)) in edges
        assert len(edges) == min(kept, 16) + 1
