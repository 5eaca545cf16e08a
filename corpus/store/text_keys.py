"""The keys that texts are found by as near-copies, in `bands` and `samples`: rows of (key, text).

A text stands under 70 keys or so, each somewhere else in the tables: of what a text costs here, nearly all is pages
that are read and written. So keys come sorted, and in bulk as many texts together as there is memory for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Table, delete

from corpus.store import raw, texts
from corpus.store.columns import among
from corpus.store.schema import bands, samples
from corpus.thresholds import SHARED_SAMPLES, TEXTS_A_KEY

# Rows are sorted, and given to SQLite, as one number of 63 bits each: 47 of the key, and how far the text's id is from
# that of the first of the texts that are stored together.
TEXT_BITS = 16
MOST_TEXTS = 1 << TEXT_BITS

Rows = npt.NDArray[np.int64]


class Keys(NamedTuple):
    """What a text is found by; those of a kind are all different."""

    bands: list[int]
    samples: list[int]


class Met(NamedTuple):
    """What stands under a text's keys already."""

    text_ids: list[int]  # that may be near-copies, likeliest first
    crowded: frozenset[int]  # keys that TEXTS_A_KEY texts have


def add(connection: Connection, text_id: int, keys: Keys, *, crowded: Collection[int]) -> None:
    """Make a text findable as a near-copy by those of its keys that are not `crowded` (see `meet`)."""
    for table, some in ((bands, keys.bands), (samples, keys.samples)):
        wanted = [key << TEXT_BITS for key in some if key not in crowded]
        _insert(connection, table, np.sort(np.array(wanted, dtype=np.int64)), first=text_id)


def add_all(connection: Connection, some: Mapping[int, Keys]) -> None:
    """Make new texts findable, by id: stores what `add` would, of one after the other.

    Raises ValueError when their ids are MOST_TEXTS apart.
    """
    first = min(some)
    if max(some) - first >= MOST_TEXTS:
        raise ValueError(f"texts {first} to {max(some)} are too many to store together")
    for table, each in (
        (bands, [keys.bands for keys in some.values()]),
        (samples, [keys.samples for keys in some.values()]),
    ):
        ids = np.repeat(np.array(list(some)), [len(keys) for keys in each])
        rows = np.fromiter(chain.from_iterable(each), dtype=np.int64) << TEXT_BITS | (ids - first)
        rows.sort()
        _insert(connection, table, rows[_earlier(connection, table, rows >> TEXT_BITS) < TEXTS_A_KEY], first=first)


def remove(connection: Connection, text_id: int, keys: Keys) -> None:
    """Let a text be found no more."""
    for table, some in ((bands, keys.bands), (samples, keys.samples)):
        statement = delete(table).where(among(table.c.key, "keys"), table.c.text_id == text_id)
        connection.execute(statement, {"keys": some})


def meet(
    connection: Connection,
    keys: Keys,
    *,
    limit: int,
    before: int | None = None,
    within: tuple[datetime, datetime] | None = None,
) -> Met:
    """Texts that may be near-copies: one shared band, or two shared sampled shingles.

    `before` leaves out the text with this id and those stored after it, `within` those published at other times.
    """
    standing = raw.rows(
        connection, _MEET[connection.dialect.name], _given(connection, bands=keys.bands, samples=keys.samples)
    )
    counts, crowded = Counter[str](), set[int]()
    for worth, ids, under in standing:
        one_each = ids.split(",") if ids else []
        counts.update(one_each * worth)
        if len(one_each) >= TEXTS_A_KEY:
            crowded.update(int(key) for key, often in Counter(under.split(",")).items() if often >= TEXTS_A_KEY)
    found = sorted((-often, int(one)) for one, often in counts.items() if often >= SHARED_SAMPLES)
    text_ids = [one for _, one in found if before is None or one < before]
    if within is not None:
        then = set(texts.published_within(connection, text_ids, *within))
        text_ids = [one for one in text_ids if one in then]
    return Met(text_ids[:limit], frozenset(crowded))


def _earlier(connection: Connection, table: Table, keys: Rows) -> Rows:
    """How often each of the sorted keys is in store or stands before."""
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    distinct = keys[starts]
    found = raw.rows(
        connection, _STANDING[connection.dialect.name].format(table), _given(connection, keys=distinct.tolist())
    )
    standing = np.bincount(np.searchsorted(distinct, [key for key, _ in found]), minlength=len(distinct))
    return np.arange(len(keys)) - np.repeat(starts - standing, np.diff(starts, append=len(keys)))


def _given(connection: Connection, **keys: list[int]) -> dict[str, Any]:
    """Keys as values of a statement: a JSON text on SQLite, arrays on PostgreSQL."""
    if connection.dialect.name == "sqlite":
        return {name: str(some) for name, some in keys.items()}
    return dict(keys)


def _insert(connection: Connection, table: Table, rows: Rows, *, first: int) -> None:
    """Store sorted rows of keys and ids, these counted from the first."""
    if connection.dialect.name == "sqlite":
        values = {"first": first, "rows": str(rows.tolist())}
    else:
        values = {"keys": (rows >> TEXT_BITS).tolist(), "ids": (first + (rows & MOST_TEXTS - 1)).tolist()}
    sql = _INSERT[connection.dialect.name].format(table, bits=TEXT_BITS, most=MOST_TEXTS - 1)
    raw.run(connection, sql, [values])


# Joined: for IN, SQLite would first sort the keys into a table of its own (an eighth of the time).
_UNDER = {
    "sqlite": "json_each(:{1}) AS asked CROSS JOIN {0} ON {0}.key = asked.value",
    "postgresql": "{0} WHERE key = ANY(CAST(:{1} AS bigint[]))",
}
_STANDING = {
    dialect: f"SELECT {{0}}.key, text_id FROM {under.format('{0}', 'keys')}"  # noqa: S608 - of names that stand here
    for dialect, under in _UNDER.items()
}

# Two lists of numbers for each table rather than rows: where boilerplate puts a thousand texts under the keys of
# one, half of the time. A band counts as two sampled shingles: one of either is enough.
_LISTS = {
    "sqlite": "group_concat(text_id), group_concat({0}.key)",
    "postgresql": "string_agg(CAST(text_id AS text), ','), string_agg(CAST(key AS text), ',')",
}
_MEET = {
    dialect: " UNION ALL ".join(
        f"SELECT {worth}, {_LISTS[dialect]} FROM {under}".format(table, table)  # noqa: S608 - the same
        for table, worth in ((bands, SHARED_SAMPLES), (samples, 1))
    )
    for dialect, under in _UNDER.items()
}

# One statement for all rows takes a third of the time of one for each. OR FAIL, because SQLite would first save every
# page that it touches, to take back the statement alone; here a failure takes back the whole transaction.
_INSERT = {
    "sqlite": "INSERT OR FAIL INTO {0} (key, text_id)"
    " SELECT value >> {bits}, :first + (value & {most}) FROM json_each(:rows)",
    "postgresql": "INSERT INTO {0} (key, text_id)"
    " SELECT * FROM unnest(CAST(:keys AS bigint[]), CAST(:ids AS bigint[]))",
}
