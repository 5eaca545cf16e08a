"""Which texts hang together, kept up to date as texts come and go.

Relations that unite make cores; a core hangs on the earlier one that it shares most with (`near_copy.hangs_on`). Only
what a change touches is settled again: the cores that it merges, and those that a weak relation leads to. The
result is the same as if all had been settled at once, in whatever order the texts came (a test compares).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from corpus.near_copy import Age, hangs_on, strength, unites
from corpus.store import Connection
from corpus.store import copy_groups as stored
from corpus.store.copy_groups import Core
from corpus.thresholds import KEPT_RELATIONS
from corpus.types import NearCopy


class Settled(NamedTuple):
    """What became of the groups around a text."""

    group: int  # of the text
    moved: frozenset[int]  # groups, as they were and as they are, between which articles of other texts moved


def join(connection: Connection, text_id: int, age: Age, found: Mapping[int, NearCopy]) -> Settled:
    """Store the relations of a new text, and settle the groups."""
    core_of = stored.core_of_each(connection, list(found))
    stored.add_edges(connection, text_id, _kept(connection, age, found, core_of))
    return _settle(connection, text_id, age, found, core_of)


def settle(connection: Connection, text_id: int, age: Age, found: Mapping[int, NearCopy]) -> Settled:
    """Settle the groups around a text that has no core yet and whose relations are stored."""
    return _settle(connection, text_id, age, found, stored.core_of_each(connection, list(found)))


def advance(connection: Connection, core_id: int, age: Age) -> set[int]:
    """Note that one of a core's texts was published earlier than was known; returns the groups that changed."""
    core = stored.cores(connection, [core_id])[core_id]
    return _set_age(connection, core, min(age, core.age))


def recede(connection: Connection, core_id: int) -> set[int]:
    """Note that one of a core's texts was published later than was known; returns the groups that changed."""
    age = stored.earliest_of(connection, core_id)
    core = stored.cores(connection, [core_id])[core_id]
    return set() if age is None else _set_age(connection, core, age)


def dissolve(connection: Connection, core_id: int) -> tuple[list[int], set[int]]:
    """Let the texts of a core be alone, to be settled one by one.

    Returns the cores that it was linked with, and the groups that changed.
    """
    linked = {link.core for link in stored.links(connection, [core_id])} - {core_id}
    mates = stored.texts_of_core(connection, core_id)
    hanging = stored.remove_core(connection, core_id)
    changed = stored.set_alone(connection, mates) | set(mates)
    for core in hanging:
        changed |= {core, *stored.set_group(connection, core, of_cores=stored.hanging_on(connection, core))}
    return sorted(linked), changed


def rehang(connection: Connection, core_ids: Collection[int], *, also: Collection[int] = ()) -> set[int]:
    """Settle on which earlier core these, and those that weak relations lead to, hang.

    Cores in `also` get their group anew wherever they hang. Returns the groups that changed.
    """
    near = {link.core for link in stored.links(connection, core_ids)} | set(core_ids)
    related: dict[int, dict[int, tuple[float, float]]] = {core: {} for core in near}
    for core, other, may_hang, strong in stored.links(connection, near):
        if core in near and may_hang:
            related[core][other] = max(strong, related[core].get(other, strong))
    cores = stored.cores(connection, near.union(*related.values()))
    ages = {core_id: core.age for core_id, core in cores.items()}
    hung = set(also)
    for core_id in near:
        holder = hangs_on(ages, related[core_id])
        if holder != cores[core_id].hangs_on:
            stored.set_hangs_on(connection, core_id, holder)
            hung.add(core_id)
    changed = set[int]()
    for core_id in sorted(hung):
        group = root(connection, core_id)
        had = stored.set_group(connection, group, of_cores=stored.hanging_on(connection, core_id))
        changed |= {group, *had} if had else had
    return changed


def root(connection: Connection, core_id: int) -> int:
    """The core that hangs on none, at the end of what this one hangs on: it stands for the group."""
    other = stored.cores(connection, [core_id])[core_id].hangs_on
    # The other is an earlier one: this ends.
    return core_id if other is None else root(connection, other)


def _settle(
    connection: Connection, text_id: int, age: Age, found: Mapping[int, NearCopy], core_of: Mapping[int, int]
) -> Settled:
    united = {core_of[other] for other, one in found.items() if unites(one)}
    linked = {core_of[other] for other, one in found.items() if not unites(one)} - united
    merged = list(stored.cores(connection, united).values())
    core = _merge(connection, text_id, age, merged, linked=bool(linked))
    stored.set_linked(connection, linked)
    if linked or (core.linked and (len(merged) > 1 or core.age == age)):
        moved = rehang(connection, [core.id], also=[core.id])
        return Settled(root(connection, core.id), frozenset(moved))
    if len(merged) > 1:
        # Not linked: each was a group of its own, known by its core.
        stored.rename_groups(connection, [one.id for one in merged if one.id != core.id], to=core.id)
        return Settled(core.id, frozenset(one.id for one in merged))
    return Settled(core.id if core.hangs_on is None else root(connection, core.hangs_on), frozenset())


def _merge(connection: Connection, text_id: int, age: Age, merged: Collection[Core], *, linked: bool) -> Core:
    """The core that a text forms with those that it unites, stored; the largest of them takes in the others."""
    if not merged:
        stored.add_cores(connection, {text_id: age})
        core = Core(id=text_id, age=age, size=1, linked=linked, hangs_on=None)
    else:
        largest = max(merged, key=lambda core: (core.size, -core.id))
        stored.put_into_core(connection, text_id, largest.id)
        if len(merged) > 1:
            stored.merge_cores(connection, [core.id for core in merged if core is not largest], into=largest.id)
        core = Core(
            id=largest.id,
            age=min(age, *(core.age for core in merged)),
            size=1 + sum(core.size for core in merged),
            linked=linked or any(core.linked for core in merged),
            # Of several, the one that they hung on may be among them: `rehang` finds it anew.
            hangs_on=largest.hangs_on if len(merged) == 1 else None,
        )
    stored.set_core(connection, core)
    return core


def _set_age(connection: Connection, core: Core, age: Age) -> set[int]:
    stored.set_core(connection, Core(id=core.id, age=age, size=core.size, linked=core.linked, hangs_on=core.hangs_on))
    return rehang(connection, [core.id]) if core.linked else set()


def _kept(
    connection: Connection, age: Age, found: Mapping[int, NearCopy], core_of: Mapping[int, int]
) -> dict[int, NearCopy]:
    """The relations to store: the strongest; and of either kind to each core, the strongest to texts before and after.

    And those to the earliest texts of cores. The others change no group: what unites two cores, and what may hang on
    what, is known from these.
    """
    if len(found) <= KEPT_RELATIONS:
        return dict(found)
    strongest = sorted(found, key=lambda other: (strength(found[other]), -other), reverse=True)
    members = stored.members(connection, found)
    of_each = {
        (core_of[other], unites(found[other]), members[other].age < age, members[other].is_first): other
        for other in reversed(strongest)
    }
    return {other: found[other] for other in {*strongest[:KEPT_RELATIONS], *of_each.values()}}
