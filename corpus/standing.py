"""Which articles of a copy group are compared for it: so many at most, however many copies there are.

The others are found by nobody, have no list of their own, and are shown the one of the first that stands for their
group: ten thousand copies of a block page cost what ten do, and take no place from others.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from corpus.store import Connection, lists

# Copies differ in title, time, and what was cut: a list names the one that fits best. Guess.
COPIES_STANDING = 10


class Change(NamedTuple):
    """Articles that stand for their group now, and those that do no more."""

    up: list[int]
    down: list[int]


def settle(connection: Connection, groups: Collection[int]) -> Change:
    """Let the first of each of these copy groups stand for it: first by `tie`, whoever came first."""
    change = Change([], [])
    standing = lists.standing_in(connection, groups)
    for group in sorted(groups):
        had = standing.get(group, [])
        waiting = lists.next_to_stand(connection, group, limit=COPIES_STANDING)
        first = set(sorted([*had, *waiting])[:COPIES_STANDING])
        change.up.extend(article_id for _, article_id in sorted(first.difference(had)))
        change.down.extend(article_id for _, article_id in sorted(set(had) - first))
    _store(connection, change)
    return change


def settle_all(connection: Connection) -> None:
    """The same for all copy groups at once; postings and lists are to be made again after it."""
    found = lists.to_change_standing(connection, most=COPIES_STANDING)
    _store(connection, Change([one for one, stands in found if stands], [one for one, stands in found if not stands]))


def _store(connection: Connection, change: Change) -> None:
    lists.let_stand(connection, change.up, 1)
    lists.let_stand(connection, change.down, 0)
