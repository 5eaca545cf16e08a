"""The keys that texts are found by as near-copies, in `bands` and `samples`: rows of (key, text).

A text stands under its sampled shingles, 25 in the median, and under its bands only where those are few. Each key is
somewhere else in the tables: of what a text costs here, nearly all is pages that are read and written. So keys come
sorted, those of all texts of a transaction together, and in bulk those of as many texts as there is memory for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Table, delete

from corpus.store import raw, texts
from corpus.store.columns import among
from corpus.store.schema import bands, samples
from corpus.thresholds import FEW_SAMPLES, SHARED_SAMPLES, TEXTS_A_KEY

# Rows are sorted, and given to SQLite, as one number of 63 bits each: 47 of the key, and how far the text's id is from
# that of the first of the texts that are stored together.
TEXT_BITS = 16
MOST_TEXTS = 1 << TEXT_BITS

Rows = npt.NDArray[np.int64]


class Keys(NamedTuple):
    """What a text may be found by; those of a kind are all different."""

    bands: list[int]
    samples: list[int]


class Limits(NamedTuple):
    """Which texts are looked for: how many at most, stored before which id, published between which moments."""

    most: int
    before: int | None = None
    within: tuple[datetime, datetime] | None = None


class KeyCache:
    """The texts under keys: read once for all texts that are stored together, kept true, and written once.

    Where boilerplate puts texts under the same keys, in a tenth of the time of one by one.
    """

    def __init__(self, connection: Connection, some: Iterable[Keys] = ()) -> None:
        self._connection = connection
        self._under: dict[Table, dict[int, Sequence[str]]] = {bands: {}, samples: {}}  # ids as they are spelled
        self._new: dict[Table, list[int]] = {bands: [], samples: []}  # rows as `_insert` takes them
        self._first: int | None = None  # the id of the first text that was added
        self._read(list(some))

    def meet(self, keys: Keys, limits: Limits) -> list[int]:
        """Texts that may be near-copies, as `meet` finds them."""
        self._read([keys])
        under_bands, under_samples = self._under[bands], self._under[samples]
        shared = Counter(chain.from_iterable([under_samples[key] for key in keys.samples]))
        if _needs_bands(keys, under_samples):
            shared.update([*chain.from_iterable([under_bands[key] for key in keys.bands])] * SHARED_SAMPLES)
        return _likeliest(self._connection, shared, limits)

    def add(self, text_id: int, keys: Keys) -> None:
        """Make a text findable, by those of its keys that fewer than TEXTS_A_KEY texts have."""
        self._read([keys])
        self._first = text_id if self._first is None else self._first
        if self._put(samples, keys.samples, text_id) < FEW_SAMPLES:
            self._put(bands, keys.bands, text_id)

    def store(self) -> None:
        """Write what was added."""
        for table, new in self._new.items():
            if self._first is not None and new:
                _insert(self._connection, table, np.sort(np.array(new, dtype=np.int64)), first=self._first)
                new.clear()

    def _put(self, table: Table, keys: Iterable[int], text_id: int) -> int:
        """Put a text under those of its keys that have room; returns how many these are."""
        under, new, spelled = self._under[table], self._new[table], str(text_id)
        place, before = text_id - (self._first or 0), len(new)
        for key in keys:
            if len(there := under[key]) < TEXTS_A_KEY:
                under[key] = [*there, spelled]
                new.append(key << TEXT_BITS | place)
        return len(new) - before

    def _read(self, some: Sequence[Keys]) -> None:
        self._read_from(samples, chain.from_iterable([one.samples for one in some]))
        few = [one.bands for one in some if _needs_bands(one, self._under[samples])]
        self._read_from(bands, chain.from_iterable(few))

    def _read_from(self, table: Table, keys: Iterable[int]) -> None:
        """Read those of the keys that were not; nothing stands under the others that are not found."""
        under = self._under[table]
        if missing := set(keys).difference(under):
            under.update(dict.fromkeys(missing, ()))
            under.update(_texts_under(self._connection, table, sorted(missing)))


def meet(connection: Connection, keys: Keys, limits: Limits) -> list[int]:
    """Texts that may be near-copies, likeliest first: two shared sampled shingles, or one shared band."""
    met, ids = _met(connection, samples, keys.samples)
    shared = Counter(ids)
    full = sum(often >= TEXTS_A_KEY for often in Counter(met).values())
    if len(keys.samples) - full < FEW_SAMPLES:
        shared.update(_met(connection, bands, keys.bands)[1] * SHARED_SAMPLES)
    return _likeliest(connection, shared, limits)


def add_all(connection: Connection, some: Mapping[int, Keys]) -> None:
    """Make new texts findable, by id: stores what `add` would, of one after the other.

    Raises ValueError when their ids are MOST_TEXTS apart.
    """
    first = min(some)
    if max(some) - first >= MOST_TEXTS:
        raise ValueError(f"texts {first} to {max(some)} are too many to store together")
    put = _put_all(connection, samples, {one: keys.samples for one, keys in some.items()}, first=first)
    few = {one: keys.bands for one, keys in some.items() if put[one - first] < FEW_SAMPLES}
    _put_all(connection, bands, few, first=first)


def _put_all(connection: Connection, table: Table, some: Mapping[int, list[int]], *, first: int) -> Rows:
    """Put texts under those of their keys that have room; returns how many these are, by id from the first."""
    ids = np.repeat(np.array(list(some), dtype=np.int64), [len(keys) for keys in some.values()])
    rows = np.fromiter(chain.from_iterable(some.values()), dtype=np.int64) << TEXT_BITS | (ids - first)
    rows.sort()
    rows = rows[_earlier(connection, table, rows >> TEXT_BITS) < TEXTS_A_KEY]
    _insert(connection, table, rows, first=first)
    return np.bincount(rows & MOST_TEXTS - 1, minlength=MOST_TEXTS)


def remove(connection: Connection, text_id: int, keys: Keys) -> None:
    """Let a text be found no more."""
    for table, some in ((bands, keys.bands), (samples, keys.samples)):
        statement = delete(table).where(among(table.c.key, "keys"), table.c.text_id == text_id)
        connection.execute(statement, {"keys": some})


def _needs_bands(keys: Keys, under: Mapping[int, Sequence[str]]) -> bool:
    """Whether a text is found by its bands, too: few of its sampled shingles find all that have them."""
    return sum(len(under.get(key, ())) < TEXTS_A_KEY for key in keys.samples) < FEW_SAMPLES


def _likeliest(connection: Connection, shared: Counter[str], limits: Limits) -> list[int]:
    found = sorted((-often, int(one)) for one, often in shared.items() if often >= SHARED_SAMPLES)
    text_ids = [one for _, one in found if limits.before is None or one < limits.before]
    if limits.within is not None:
        then = set(texts.published_within(connection, text_ids, *limits.within))
        text_ids = [one for one in text_ids if one in then]
    return text_ids[: limits.most]


def _earlier(connection: Connection, table: Table, keys: Rows) -> Rows:
    """How often each of the sorted keys is in store or stands before."""
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    distinct = keys[starts].tolist()
    found = _texts_under(connection, table, distinct)
    stored = np.array([len(found.get(key, ())) for key in distinct], dtype=np.int64)
    return np.arange(len(keys)) - np.repeat(starts - stored, np.diff(starts, append=len(keys)))


def _texts_under(connection: Connection, table: Table, keys: list[int]) -> dict[int, list[str]]:
    """The ids of the texts under each key that has some."""
    found = dict[int, list[str]]()
    for key, one in zip(*_met(connection, table, keys), strict=True):
        found.setdefault(int(key), []).append(one)
    return found


def _met(connection: Connection, table: Table, keys: list[int]) -> tuple[list[str], list[str]]:
    """The rows under these keys, as keys and ids of texts, as they are spelled: as numbers they take longer."""
    dialect = connection.dialect.name
    given = str(keys) if dialect == "sqlite" else keys
    ((met, ids),) = raw.rows(connection, _TEXTS_UNDER[dialect][table], {"keys": given})
    return (met.split(","), ids.split(",")) if met else ([], [])


def _insert(connection: Connection, table: Table, rows: Rows, *, first: int) -> None:
    """Store sorted rows of keys and ids, these counted from the first."""
    if connection.dialect.name == "sqlite":
        values = {"first": first, "rows": str(rows.tolist())}
    else:
        values = {"keys": (rows >> TEXT_BITS).tolist(), "ids": (first + (rows & MOST_TEXTS - 1)).tolist()}
    sql = _INSERT[connection.dialect.name].format(table, bits=TEXT_BITS, most=MOST_TEXTS - 1)
    raw.run(connection, sql, [values])


# Two lists of numbers rather than rows: half of the time for a text like no other, and less where boilerplate puts a
# thousand texts under the keys of one. Joined: for IN, SQLite would first sort the keys into a table of its own.
_TEXTS_UNDER = {
    dialect: {table: sql.format(table) for table in (bands, samples)}
    for dialect, sql in {
        "sqlite": "SELECT group_concat({0}.key), group_concat(text_id)"
        " FROM json_each(:keys) AS asked CROSS JOIN {0} ON {0}.key = asked.value",
        "postgresql": "SELECT string_agg(CAST(key AS text), ','), string_agg(CAST(text_id AS text), ',') FROM {0}"
        " WHERE key = ANY(CAST(:keys AS bigint[]))",
    }.items()
}

# One statement for all rows takes a third of the time of one for each. OR FAIL, because SQLite would first save every
# page that it touches, to take back the statement alone; here a failure takes back the whole transaction.
_INSERT = {
    "sqlite": "INSERT OR FAIL INTO {0} (key, text_id)"
    " SELECT value >> {bits}, :first + (value & {most}) FROM json_each(:rows)",
    "postgresql": "INSERT INTO {0} (key, text_id)"
    " SELECT * FROM unnest(CAST(:keys AS bigint[]), CAST(:ids AS bigint[]))",
}
