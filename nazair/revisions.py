"""The versions of an article, as `show --revisions` tells them: a table, and what was cut and added in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corpus.directives import withheld
from corpus.revisions import Step
from corpus.types import StoredArticle
from nazair.logs import visible
from nazair.output import PUBLISHED, UNCUT, Column, column, emit_table, minute

COLUMNS = (
    column("number", "revision", justify="right"),
    Column(heading="seen from (UTC)", of=lambda row: minute(row["seen_from"]), options=UNCUT),
    PUBLISHED,
    Column(heading="changed", of=lambda row: ", ".join(row["changed"])),
    column("words", justify="right"),
    column("title", ratio=1, overflow="fold"),
)


def as_rows(stored: StoredArticle, versions: Sequence[Step]) -> list[dict[str, Any]]:
    """One row a version, oldest first; without a word of the text where its page asks that none be shown."""
    secret = withheld(stored.article) is not None
    return [_row(step, secret=secret) for step in versions]


def print_revisions(rows: Sequence[Mapping[str, Any]]) -> None:
    """The table, and below it the changes of the text from one version to the next."""
    emit_table(rows, COLUMNS, empty="")
    if len(rows) == 1:
        print("It was never seen to be edited.")
    for row in rows:
        if row["changes"]:
            print(f"\n{row['number']} after {row['number'] - 1}:")
        for change in row["changes"]:
            print(f"  {'−' if change['op'] == 'cut' else '+'} {visible(change['words'])}")


def _row(step: Step, *, secret: bool) -> dict[str, Any]:
    revision = step.revision
    return {
        "number": revision.number,
        "seen_from": revision.fetched_at,
        "title": revision.title,
        "published_at": revision.published_at,
        "published_precision": revision.published_precision,
        "words": None if revision.text is None else len(revision.text.split()),
        "text": None if secret else revision.text,
        "changed": list(step.parts),
        "changes": [] if secret else [{"op": change.op, "words": " ".join(change.words)} for change in step.changes],
    }
