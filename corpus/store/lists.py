"""Similar lists, and subjects: what is compared of articles for them. What finds candidates: `postings`.

A list is an array in one row, not rows: an article enters some thirty lists, and is compared with
a hundred others, each time one arrives. What the bytes mean is known to `corpus.list_entries` and
`corpus.candidates`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection, select

from corpus.store.columns import among
from corpus.store.raw import rows, rows_among, run
from corpus.store.schema import articles
from corpus.types import Precision


class StoredSubject(NamedTuple):
    """What is compared of a stored article; bytes as `corpus.candidates` reads them."""

    article_id: int
    copy_group: int  # as its lists know it
    stands: int  # whether it is compared for its copy group: 1 or 0, see `corpus.standing`
    published: int | None  # minutes since 1970
    tie: int  # decides between equals, whoever came first
    numbers: bytes
    vector: bytes
    model: str | None = None  # that made its embedding
    embedding: bytes | None = None


class Shown(NamedTuple):
    """What a list shows of an article."""

    id: int
    url: str
    title: str
    source_id: str | None
    published_at: datetime | None
    published_precision: Precision | None
    copy_group: int
    gone: bool  # its page is no longer there


def add_subjects(connection: Connection, new: Iterable[tuple[StoredSubject, str]]) -> None:
    """Store what is compared of articles, each with its surfaces."""
    columns = (*StoredSubject._fields, "surfaces")
    sql = f"INSERT INTO subjects ({', '.join(columns)}) VALUES (:{', :'.join(columns)})"  # noqa: S608 - constants
    run(connection, sql, [{**subject._asdict(), "surfaces": surfaces} for subject, surfaces in new])


def remove_subject(connection: Connection, article_id: int) -> None:
    """Take away what is compared of an article, and its list."""
    for sql in ("DELETE FROM subjects WHERE article_id = :id", "DELETE FROM similar_lists WHERE article_id = :id"):
        run(connection, sql, [{"id": article_id}])


def subjects_of(connection: Connection, ids: Collection[int]) -> list[StoredSubject]:
    """What is compared of these articles; by id."""
    columns = ", ".join(StoredSubject._fields)
    found = rows_among(connection, f"SELECT {columns} FROM subjects WHERE article_id", ids)  # noqa: S608 - constants
    return sorted(map(StoredSubject._make, found))


def standing_in(connection: Connection, groups: Collection[int]) -> dict[int, list[tuple[int, int]]]:
    """(tie, article) of those that stand for each of these copy groups, in that order."""
    found: dict[int, list[tuple[int, int]]] = {}
    sql = "SELECT copy_group, tie, article_id FROM subjects WHERE stands = 1 AND copy_group"
    for group, tie, article_id in sorted(rows_among(connection, sql, groups)):
        found.setdefault(group, []).append((tie, article_id))
    return found


def next_to_stand(connection: Connection, group: int, *, limit: int) -> list[tuple[int, int]]:
    """(tie, article) of those that do not stand for a copy group, the first in that order."""
    sql = (
        "SELECT tie, article_id FROM subjects WHERE copy_group = :copies AND stands = 0"
        " ORDER BY tie, article_id LIMIT :most"
    )
    return rows(connection, sql, {"copies": group, "most": limit})


def let_stand(connection: Connection, ids: Collection[int], stands: int) -> None:
    """Let these articles stand for their copy groups (1) or not (0): then they have no list of their own."""
    each = [{"id": article_id, "stands": stands} for article_id in ids]
    run(connection, "UPDATE subjects SET stands = :stands WHERE article_id = :id", each)
    if not stands:
        run(connection, "DELETE FROM similar_lists WHERE article_id = :id", [{"id": article_id} for article_id in ids])


def to_change_standing(connection: Connection, *, most: int) -> list[tuple[int, int]]:
    """(article, whether it is to stand) of all that do not as they should: the first `most` of each copy group."""
    sql = (
        "SELECT article_id, should FROM (SELECT article_id, stands, CASE WHEN row_number()"
        " OVER (PARTITION BY copy_group ORDER BY tie, article_id) <= :most THEN 1 ELSE 0 END AS should"
        " FROM subjects) AS ranked WHERE stands <> should"
    )
    return rows(connection, sql, {"most": most})


def subject_ids(connection: Connection, *, after: int, limit: int) -> list[int]:
    """The next ids of articles, those for which others stand included."""
    sql = "SELECT article_id FROM subjects WHERE article_id > :after ORDER BY article_id LIMIT :most"
    return [row[0] for row in rows(connection, sql, {"after": after, "most": limit})]


def size(connection: Connection, *, most: int = 1 << 40) -> int:
    """How many articles are compared; counted up to `most`."""
    sql = "SELECT count(*) FROM (SELECT 1 FROM subjects LIMIT :most) AS counted"
    return int(rows(connection, sql, {"most": most})[0][0])


def vectors(connection: Connection, first: int, last: int) -> list[tuple[int, int, bytes]]:
    """(article, whether it stands for its group, vector) of the articles with these ids."""
    sql = (
        "SELECT article_id, stands, vector FROM subjects WHERE article_id BETWEEN :first AND :last ORDER BY article_id"
    )
    return rows(connection, sql, {"first": first, "last": last})


def vectors_by_group(connection: Connection, *, after: int, limit: int) -> list[tuple[int, bytes]]:
    """(copy group, vector) of those that stand for the groups that come next, the last of which may not be whole."""
    sql = (
        "SELECT copy_group, vector FROM subjects WHERE stands = 1 AND copy_group > :after"
        " ORDER BY copy_group LIMIT :most"
    )
    return rows(connection, sql, {"after": after, "most": limit})


def replace_vectors(connection: Connection, vectors: Mapping[int, bytes]) -> None:
    """Store new vectors of these articles."""
    each = [{"id": article_id, "vector": vector} for article_id, vector in vectors.items()]
    run(connection, "UPDATE subjects SET vector = :vector WHERE article_id = :id", each)


def replace_terms(connection: Connection, new: Mapping[int, tuple[bytes, bytes, str]]) -> None:
    """Store the vectors, numbers and surfaces of these articles, as they are analysed now."""
    each = [{"id": one, "vector": of[0], "numbers": of[1], "surfaces": of[2]} for one, of in new.items()]
    sql = "UPDATE subjects SET vector = :vector, numbers = :numbers, surfaces = :surfaces WHERE article_id = :id"
    run(connection, sql, each)


def without_embedding(connection: Connection, model: str, *, after: int, limit: int) -> list[int]:
    """The next ids of articles that have no embedding of this model."""
    sql = (
        "SELECT article_id FROM subjects WHERE article_id > :after AND (model IS NULL OR model <> :model)"
        " ORDER BY article_id LIMIT :most"
    )
    return [row[0] for row in rows(connection, sql, {"after": after, "model": model, "most": limit})]


def set_embeddings(connection: Connection, model: str, embeddings: Mapping[int, bytes]) -> None:
    """Store new embeddings of these articles."""
    each = [{"id": one, "model": model, "embedding": made} for one, made in embeddings.items()]
    run(connection, "UPDATE subjects SET model = :model, embedding = :embedding WHERE article_id = :id", each)


def surfaces_of(connection: Connection, article_id: int) -> str:
    """The terms of an article as it spells them, in the order of its vector."""
    found = rows(connection, "SELECT surfaces FROM subjects WHERE article_id = :id", {"id": article_id})
    return str(found[0][0])


def names_of(connection: Connection, ids: Collection[int]) -> dict[int, frozenset[str]]:
    """The concepts of their topics that these articles name."""
    names: dict[int, frozenset[str]] = {}
    for article_id, found in rows_among(
        connection, "SELECT article_id, CAST(names AS TEXT) FROM article_topics WHERE article_id", ids
    ):
        own = _names(found)
        names[article_id] = names[article_id] | own if article_id in names else own
    return names


def entries_of(connection: Connection, ids: Collection[int]) -> dict[int, bytes]:
    """The stored lists of these articles."""
    return dict(rows_among(connection, "SELECT article_id, entries FROM similar_lists WHERE article_id", ids))


def list_of(connection: Connection, article_id: int) -> bytes:
    """The stored list of an article, or of the first that stands for its copy group."""
    own = entries_of(connection, [article_id])
    if own:
        return own[article_id]
    sql = (
        "SELECT l.entries FROM subjects s JOIN subjects o ON o.copy_group = s.copy_group AND o.stands = 1"
        " JOIN similar_lists l ON l.article_id = o.article_id WHERE s.article_id = :id"
        " ORDER BY o.tie, o.article_id LIMIT 1"
    )
    return next((entries for (entries,) in rows(connection, sql, {"id": article_id})), b"")


def put_lists(connection: Connection, entries: Mapping[int, bytes]) -> None:
    """Store the lists of these articles, in place of those that they had."""
    sql = (
        "INSERT INTO similar_lists (article_id, entries) VALUES (:id, :entries)"
        " ON CONFLICT (article_id) DO UPDATE SET entries = excluded.entries"
    )
    run(connection, sql, [{"id": article_id, "entries": found} for article_id, found in sorted(entries.items())])


def copy_groups_of(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """The copy groups of these articles, as their lists know them."""
    return dict(rows_among(connection, "SELECT article_id, copy_group FROM subjects WHERE article_id", ids))


def regrouped(connection: Connection, groups: Collection[int]) -> list[tuple[int, int, int]]:
    """(article, group that the lists know, group now) of the members, old and new, of these groups that changed it."""
    sql = (
        "SELECT a.id, s.copy_group, a.copy_group FROM articles a JOIN subjects s ON s.article_id = a.id"
        " WHERE s.copy_group <> a.copy_group AND "
    )
    members_now, members_before = (
        rows_among(connection, sql + side, groups) for side in ("a.copy_group", "s.copy_group")
    )
    return sorted({(article_id, old, new) for article_id, old, new in (*members_now, *members_before)})


def set_groups(connection: Connection, groups: Mapping[int, int]) -> None:
    """Let the lists know these copy groups."""
    each = [{"id": article_id, "copies": group} for article_id, group in groups.items()]
    run(connection, "UPDATE subjects SET copy_group = :copies WHERE article_id = :id", each)


def take_groups(connection: Connection) -> None:
    """Let the lists know all copy groups as they are now."""
    now = "(SELECT a.copy_group FROM articles a WHERE a.id = subjects.article_id)"
    run(connection, f"UPDATE subjects SET copy_group = {now} WHERE copy_group <> {now}", [{}])  # noqa: S608 - constants


def shown(connection: Connection, ids: Collection[int]) -> dict[int, Shown]:
    """What a list shows of these articles; those that are not stored are left out."""
    return {row.id: Shown(*row) for row in connection.execute(_SHOWN, {"ids": ids})}


# The articles of a topic name the same few: reading them again takes longer than asking for them.
@lru_cache(maxsize=1_000)
def _names(found: str) -> frozenset[str]:
    return frozenset(json.loads(found))


_SHOWN = select(
    articles.c.id,
    articles.c.url,
    articles.c.title,
    articles.c.source_id,
    articles.c.published_at,
    articles.c.published_precision,
    articles.c.copy_group,
    articles.c.gone_at.is_not(None),
).where(among(articles.c.id, "ids"))
