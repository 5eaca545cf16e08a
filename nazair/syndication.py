"""A similar list for other people's pages: an HTML fragment to include, an RSS feed to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from markupsafe import Markup, escape

from corpus.types import SimilarArticle
from nazair.output import day


def html(title: str, url: str | None, similar: Sequence[SimilarArticle]) -> str:
    """A `<section>` to include in a page: titles, outlets, days, links. Text of others only ever as text."""
    items = Markup("\n").join(
        Markup('  <li><a href="{}" rel="noopener">{}</a> <small><bdi>{}</bdi>{}</small></li>').format(
            one.url,
            one.title,
            one.source_id or "",
            Markup(' <time datetime="{0}">{0}</time>').format(day(one.published_at)) if one.published_at else "",
        )
        for one in similar
    )
    return str(
        Markup(
            '<section class="similar" lang="ar" dir="rtl">\n<h2>مقالات مشابهة</h2>\n<ul>\n{}\n</ul>\n</section>'
        ).format(items)
    )


def rss(title: str, url: str | None, similar: Sequence[SimilarArticle]) -> str:
    """An RSS 2.0 feed of the list."""
    from feedgenerator import Rss201rev2Feed

    feed = Rss201rev2Feed(
        title=f"مقالات مشابهة: {title}",
        link=url or "",
        description=str(escape(title)),
        language="ar",
        lastBuildDate=datetime.now(UTC),
    )
    for one in similar:
        feed.add_item(title=one.title, link=one.url, description="", pubdate=one.published_at, unique_id=one.url)
    return str(feed.writeString("utf-8"))
