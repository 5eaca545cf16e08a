"""The similar list of a stored article or of a text, as rows to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from corpus import shown_lists
from corpus.errors import NotComparable
from corpus.store import Connection, articles
from corpus.types import Filter, Reading
from nazair.web.rows import Row, extract_of, of_similar

ALL = Filter()


def of_article(
    connection: Connection,
    article_id: int,
    names: Mapping[str, str],
    *,
    limit: int,
    wanted: Filter = ALL,
    per_source: int | None = None,
) -> list[Row]:
    """The similar list of a stored article, one row a text. Raises NotStored."""
    found = shown_lists.similar(connection, article_id, wanted, limit=limit, per_source=per_source)
    return [of_similar(one, names) for one in found]


def extracts(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The beginnings of articles, for lists that are read elsewhere: a list of this site has none."""
    return {one.id: extract_of(one.article) for one in articles.load(connection, ids).values()}


def of_reading(connection: Connection, reading: Reading, names: Mapping[str, str], *, limit: int) -> list[Row]:
    """The similar list of a page that is not stored. Raises NotComparable."""
    if reading.article is None or reading.sketch is None:
        raise NotComparable(f"That page cannot be compared: {reading.reason}")
    found = shown_lists.similar_to_text(
        connection, reading.article, reading.sketch, topics=reading.topics, wanted=ALL, limit=limit
    )
    return [of_similar(one, names) for one in found]
