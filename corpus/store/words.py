"""The search index: FTS5 on SQLite, tsvector with GIN on PostgreSQL, over words that `corpus` analysed.

Neither engine's own Arabic is used (FTS5 splits at vowel marks, PostgreSQL stems القمة and
قمة apart): both index the same folded words and lemmas, so both give the same articles. The
tables are made in the first migration; an FTS5 row's id is the article's id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    TextClause,
    and_,
    bindparam,
    literal_column,
    not_,
    or_,
    select,
    text,
)

from corpus.store.articles import filtered
from corpus.store.schema import articles
from corpus.types import Filter

TABLE = "article_words"


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One thing to look for: a phrase of folded words, or the same phrase as lemmas."""

    folded: str
    lemmas: str | None = None  # None looks for the words exactly as written


def add(connection: Connection, article_id: int, *, folded: str, lemmas: str) -> None:
    """Make an article findable by its words."""
    connection.execute(_INSERT[connection.dialect.name], {"id": article_id, "folded": folded, "lemmas": lemmas})


def remove(connection: Connection, article_id: int) -> None:
    """Take an article out of the index."""
    connection.execute(_DELETE[connection.dialect.name], {"id": article_id})


def matching(
    connection: Connection, all_of: Sequence[Clause], none_of: Sequence[Clause], wanted: Filter, *, limit: int
) -> list[int]:
    """The newest articles that have all of the first clauses and none of the second."""
    condition = _CONDITION[connection.dialect.name](all_of, none_of)
    statement = (
        filtered(select(articles.c.id), wanted)
        .where(condition)
        .order_by(articles.c.published_at.desc().nulls_last(), articles.c.id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


_INSERT: dict[str, TextClause] = {
    "sqlite": text(f"INSERT INTO {TABLE} (rowid, folded, lemmas) VALUES (:id, :folded, :lemmas)"),  # noqa: S608
    "postgresql": text(
        f"INSERT INTO {TABLE} (article_id, folded, lemmas)"  # noqa: S608 - the name is a constant
        " VALUES (:id, to_tsvector('simple', :folded), to_tsvector('simple', :lemmas))"
    ),
}
_DELETE: dict[str, TextClause] = {
    "sqlite": text(f"DELETE FROM {TABLE} WHERE rowid = :id"),  # noqa: S608
    "postgresql": text(f"DELETE FROM {TABLE} WHERE article_id = :id"),  # noqa: S608
}


def _sqlite_condition(all_of: Sequence[Clause], none_of: Sequence[Clause]) -> ColumnElement[bool]:
    expression = " AND ".join(_fts5(clause) for clause in all_of)
    for clause in none_of:
        expression = f"({expression}) NOT {_fts5(clause)}"
    rows = text(f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH :expression")  # noqa: S608
    return articles.c.id.in_(rows.bindparams(expression=expression).columns(literal_column("rowid")))


def _fts5(clause: Clause) -> str:
    # Quoted, a word is a word, whatever FTS5's grammar makes of it otherwise.
    folded = f'folded : "{clause.folded}"'
    return f"({folded})" if clause.lemmas is None else f'({folded} OR lemmas : "{clause.lemmas}")'


def _postgresql_condition(all_of: Sequence[Clause], none_of: Sequence[Clause]) -> ColumnElement[bool]:
    wanted = [_tsquery(clause, f"w{i}") for i, clause in enumerate(all_of)]
    unwanted = [not_(_tsquery(clause, f"u{i}")) for i, clause in enumerate(none_of)]
    inside = select(literal_column("article_id", Integer)).select_from(text(TABLE)).where(and_(*wanted, *unwanted))
    return articles.c.id.in_(inside)


def _tsquery(clause: Clause, name: str) -> ColumnElement[bool]:
    def of(column: str, words: str) -> ColumnElement[bool]:
        return literal_column(column).op("@@")(
            text(f"phraseto_tsquery('simple', :{name}_{column})").bindparams(bindparam(f"{name}_{column}", words))
        )

    folded = of("folded", clause.folded)
    return folded if clause.lemmas is None else or_(folded, of("lemmas", clause.lemmas))


_CONDITION = {"sqlite": _sqlite_condition, "postgresql": _postgresql_condition}
