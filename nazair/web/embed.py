"""Similar lists inside other people's pages: items of a list, a whole box, and files of them for static sites."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from pathlib import Path

from markupsafe import Markup

from corpus.errors import UsageError
from nazair.files import write_whole
from nazair.output import day as day_of
from nazair.web.rows import Row, dir_of

INDEX = "index.json"


def items(rows: Sequence[Row], zone: tzinfo = UTC) -> Iterator[Markup]:
    """Each row as an `<li>`: link, outlet, day. Text of others only ever as text."""
    for row in rows:
        yield Markup('<li><a href="{}" dir="{}" rel="noopener">{}</a>{}</li>').format(
            row.url, dir_of(row.title), row.title, _meta(row, zone)
        )


def box(rows: Sequence[Row], *, heading: str, level: int = 2, zone: tzinfo = UTC) -> Markup:
    """A `<section>` to include in a page; nothing when there is nothing to list."""
    if not rows:
        return Markup("")
    inner = Markup("").join(Markup("\n  {}").format(item) for item in items(rows, zone))
    return Markup(
        '<section class="similar-articles" lang="ar" dir="rtl">\n<h{0}>{1}</h{0}>\n<ul>{2}\n</ul>\n</section>\n'
    ).format(level, heading, inner)


def write_folder(folder: Path, boxes: Iterator[tuple[str, str, str]], *, kept: Collection[str]) -> tuple[int, int]:
    """Write a file for each (name, URL, box), and `index.json` from URLs to files; returns (files, of these changed).

    Each file is whole or absent, the index comes last; what an earlier build wrote and this one does not goes, but for
    the names to be `kept`.
    Raises UsageError for a folder that holds anything else.
    """
    before = _built_before(folder)
    folder.mkdir(parents=True, exist_ok=True)
    index = {url: file for url, file in before.items() if file.removesuffix(".html") in kept}
    count, changed = 0, 0
    for name, url, text in boxes:
        index[url] = f"{name}.html"
        count += 1
        changed += write_whole(folder / f"{name}.html", text.encode())
    write_whole(folder / INDEX, (json.dumps(index, ensure_ascii=False, indent=1) + "\n").encode())
    for name in set(before.values()) - set(index.values()):
        (folder / name).unlink(missing_ok=True)
    return count, changed


def _built_before(folder: Path) -> Mapping[str, str]:
    if not folder.exists():
        return {}
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder to write into.")
    if not any(folder.iterdir()):
        return {}
    try:
        found = json.loads((folder / INDEX).read_bytes())
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or not all(_is_ours(name) for name in found.values()):
        raise UsageError(f"{folder} holds other things than an earlier build: name an empty folder, or a new one.")
    return {str(url): str(name) for url, name in found.items()}


def _is_ours(name: object) -> bool:
    stem = str(name).removesuffix(".html")
    return len(stem) == 32 and set(stem) <= set("0123456789abcdef")


def _meta(row: Row, zone: tzinfo) -> Markup:
    parts = []
    if row.source_name:
        parts.append(Markup("<bdi>{}</bdi>").format(row.source_name))
    if row.published_at is not None:
        is_moment = row.published_precision in ("second", "minute")
        day = day_of(row.published_at.astimezone(zone) if is_moment else row.published_at, row.published_precision)
        parts.append(Markup('<time datetime="{0}">{0}</time>').format(day))
    return Markup(" <small>{}</small>").format(Markup(" · ").join(parts)) if parts else Markup("")
