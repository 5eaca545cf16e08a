"""Five outlets that go on for months: they publish, edit, move and delete articles, fail, and are built anew.

What each shows depends on nothing but the moment that it is asked for. Two articles of five are on the topic.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.rude_server import HTML, Answer

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
ON_TOPIC_A_DAY, OTHERS_A_DAY = 3, 4
A_LISTING = 15

# Shares of all articles, and how long after their publication.
EDITED, EDITED_AFTER = 0.10, timedelta(hours=5)
DELETED, DELETED_AFTER = 0.05, timedelta(days=3)
MOVED, MOVED_AFTER = 0.03, timedelta(days=1)

XML = {"Content-Type": "application/xml"}
GONE = Answer(404, "<html><body><h1>الصفحة غير موجودة</h1></body></html>".encode(), HTML)
SITEMAPS = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)

TOPIC = """[topic]
id = "dam"
title = "سد النهضة"
since = 2025-12-25

[[topic.concept]]
name = "سد النهضة"
role = "required"
aliases = ["سد النهضة"]
"""


@dataclass(frozen=True, kw_only=True)
class Story:
    """An article, and what becomes of it."""

    host: str
    number: int
    is_on_topic: bool
    section: str
    published_at: datetime
    title: str
    paragraphs: tuple[str, ...]
    edited_at: datetime | None = None  # one more paragraph: the last
    deleted_at: datetime | None = None
    moved_at: datetime | None = None

    def text(self, now: datetime) -> str:
        """As it stands then, a paragraph a line."""
        is_edited = self.edited_at is not None and self.edited_at <= now
        return "\n".join(self.paragraphs if is_edited else self.paragraphs[:-1])

    def path(self, now: datetime) -> str:
        path = PATHS[self.host](self)
        return f"{path}-2" if self.moved_at is not None and self.moved_at <= now else path

    def is_there(self, now: datetime) -> bool:
        return self.published_at <= now and (self.deleted_at is None or now < self.deleted_at)


# News sitemap and RSS; RSS and a sitemap of all posts; sitemaps by month; sections alone; Atom and sections.
PATHS: Mapping[str, Callable[[Story], str]] = {
    "news.example": lambda one: f"/{one.section}/{one.published_at:%Y/%m/%d}/{one.number + 45_000}",
    "blog.example": lambda one: f"/{one.published_at:%Y/%m/%d}/{_slug(one)}",
    "months.example": lambda one: f"/article/{one.number}/{_slug(one)}",
    "sections.example": lambda one: f"/news/{one.number + 1_000}",
    "atom.example": lambda one: f"/{_slug(one)}-{one.number}",
}


class Outlets:
    """All of them, for so many days. `answer` is what their servers say at a moment."""

    def __init__(self, days: int) -> None:
        listed = (Path(__file__).parent.parent / "fixtures" / "words.txt").read_text(encoding="utf-8").splitlines()
        self._words = [line.split()[0] for line in listed if line and not line.startswith("#")]
        self.days = days
        self.stories = {host: self._stories(host) for host in PATHS}
        self._at = {
            (host, _decoded(path)): one for host, some in self.stories.items() for one in some for path in _all(one)
        }

    def answer(self, host: str, path: str, headers: Mapping[str, str], now: datetime) -> Answer:
        """With an ETag; 304 for whoever has it."""
        answer = self._page(host, path, now)
        tag = f'"{hashlib.blake2b(answer.body, digest_size=8).hexdigest()}"'
        if answer.status != 200:
            return answer
        if headers.get("If-None-Match") == tag:
            return Answer(304, b"", {"ETag": tag})
        return Answer(200, answer.body, {**answer.headers, "ETag": tag})

    def story_at(self, url: str) -> Story | None:
        parts = urlsplit(url)
        return self._at.get((parts.netloc, _decoded(parts.path)))

    def _stories(self, host: str) -> list[Story]:
        chance = random.Random(host)  # noqa: S311 - no secret
        some: list[Story] = []
        for day in range(-3, self.days):
            for place in range(ON_TOPIC_A_DAY + OTHERS_A_DAY):
                is_on_topic = place < ON_TOPIC_A_DAY
                at = FIRST_DAY + timedelta(days=day, minutes=chance.randrange(1_440))
                fate = chance.random()
                some.append(
                    Story(
                        host=host,
                        number=len(some) + 1,
                        is_on_topic=is_on_topic,
                        section="politics" if place % 3 else "sport",
                        published_at=at,
                        title=self._sentence(chance, 6, is_on_topic),
                        paragraphs=tuple(f"{self._sentence(chance, 35, is_on_topic)}." for _ in range(5)),
                        edited_at=at + EDITED_AFTER if fate < EDITED else None,
                        deleted_at=at + DELETED_AFTER if EDITED <= fate < EDITED + DELETED else None,
                        moved_at=at + MOVED_AFTER if fate > 1 - MOVED else None,
                    )
                )
        return sorted(some, key=lambda one: one.published_at)

    def _sentence(self, chance: random.Random, words: int, is_on_topic: bool) -> str:
        some = chance.choices(self._words, k=words)
        return " ".join([some[0], "سد", "النهضة", *some[1:]] if is_on_topic else some)

    def _page(self, host: str, path: str, now: datetime) -> Answer:
        parts, day = urlsplit(path), (now - FIRST_DAY).days
        if self._fails(host, parts.path, day) is not None:
            return self._fails(host, parts.path, day) or GONE
        if parts.path == "/robots.txt":
            listed = {"news.example": "news.xml", "blog.example": "index.xml", "months.example": "index.xml"}.get(host)
            sitemap = f"Sitemap: http://{host}/{listed}\n" if listed else ""
            return Answer(200, f"User-agent: *\nDisallow: /admin\n{sitemap}".encode(), {"Content-Type": "text/plain"})
        there = [one for one in reversed(self.stories.get(host, [])) if one.is_there(now)]
        if (listing := _listing(host, parts.path, parse_qs(parts.query), there, now)) is not None:
            return listing
        story = self._at.get((host, _decoded(parts.path)))
        if story is None or not story.is_there(now):
            return GONE
        if _decoded(parts.path) != _decoded(story.path(now)):
            is_moved = story.moved_at is not None and story.moved_at <= now
            return Answer(301, b"", {"Location": f"http://{host}{story.path(now)}"}) if is_moved else GONE
        return Answer(200, self._article(story, there[:5], now).encode(), HTML)

    def _fails(self, host: str, path: str, day: int) -> Answer | None:
        """What goes wrong: a third of the way a server is down for two days, another forbids all for one day."""
        third = self.days // 3
        if host == "blog.example" and third <= day < third + 2:
            return Answer(503, b"", HTML)
        if path == "/robots.txt" and host == "months.example" and day == third:
            return Answer(500, b"", HTML)
        if path == "/robots.txt" and host == "atom.example" and day == third + 3:
            return Answer(200, b"User-agent: *\nDisallow: /\n", {"Content-Type": "text/plain"})
        return None

    def _article(self, story: Story, others: Iterable[Story], now: datetime) -> str:
        """The page of an article; from half of the time on, another layout of an outlet, that names no date."""
        lines = story.text(now).split("\n")
        related = "".join(f'<li><a href="{one.path(now)}">{one.title}</a></li>' for one in others)
        if story.host == "sections.example" and now >= FIRST_DAY + timedelta(days=self.days) / 2:
            text = "".join(f'<div class="par">{line}</div>' for line in lines)
            body = f'<div class="story"><h1 class="hd">{story.title}</h1><div class="txt">{text}</div></div>'
        else:
            text = "".join(f"<p>{line}</p>" for line in lines)
            body = f'<main><article><h1>{story.title}</h1><time datetime="{story.published_at.isoformat()}">'
            body += f"{story.published_at:%Y-%m-%d %H:%M}</time><div>{text}</div></article></main>"
        head = f'<meta property="og:type" content="article"><link rel="canonical" href="http://{story.host}{story.path(now)}">'
        return _html(story.title, f'{body}<aside class="related"><ul>{related}</ul></aside>', head)


def write_config(folder: Path) -> Path:
    """Sources and the topic, in a --config folder. Two outlets name their feeds; the others are known by their home."""
    feeds = {"news.example": "rss.xml", "atom.example": "atom.xml"}
    for name in ("sources", "topics"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    tables = []
    for host in PATHS:
        feed = f"feeds = {json.dumps([f'http://{host}/{feeds[host]}'])}\n" if host in feeds else ""
        name = host.removesuffix(".example")
        tables.append(f'[[source]]\nid = "{name}"\nname = "{name}"\nhome = "http://{host}/"\ndelay_s = 0\n{feed}')
    (folder / "sources" / "outlets.toml").write_text("\n".join(tables), encoding="utf-8")
    (folder / "topics" / "dam.toml").write_text(TOPIC, encoding="utf-8")
    return folder


def _listing(host: str, path: str, query: Mapping[str, list[str]], there: list[Story], now: datetime) -> Answer | None:
    """A feed, a sitemap, a home or a section page; None for another path."""
    made = {
        ("news.example", "/news.xml"): lambda: _news_sitemap(
            [one for one in there if now - one.published_at < timedelta(days=2)]
        ),
        ("news.example", "/rss.xml"): lambda: _rss(there[:20]),
        ("blog.example", "/feed"): lambda: _rss(there[:10]),
        ("blog.example", "/index.xml"): lambda: _index(host, {"posts.xml": there[0].published_at.isoformat()}),
        ("blog.example", "/posts.xml"): lambda: _sitemap(there, now),
        ("months.example", "/index.xml"): lambda: _index(host, _months(there)),
        ("atom.example", "/atom.xml"): lambda: _atom(there[:A_LISTING], now),
    }.get((host, path))
    if made is not None:
        return Answer(200, made().encode(), XML)
    if host == "months.example" and path in (f"/{month}" for month in _months(there)):
        return Answer(200, _sitemap([one for one in there if _month(one) == path[1:]], now).encode(), XML)
    section = path.strip("/")
    if section not in ("", "politics", "sport") or host == "months.example":
        return Answer(200, _html(host, "<main>مرحبا</main>").encode(), HTML) if path == "/" else None
    page = int(query.get("page", ["1"])[0])
    listed = [one for one in there if section in ("", one.section)]
    shown = listed[(page - 1) * A_LISTING : page * A_LISTING]
    cards = "".join(f'<div class="card"><h2><a href="{one.path(now)}">{one.title}</a></h2></div>' for one in shown)
    following = f'<a rel="next" href="{path}?page={page + 1}">التالي</a>' if len(listed) > page * A_LISTING else ""
    return Answer(200, _html(host, f"<main>{cards}{following}</main>").encode(), HTML) if shown else GONE


def _html(title: str, body: str, head: str = "") -> str:
    menu = '<a href="/">الرئيسية</a> <a href="/politics">سياسة</a> <a href="/sport">رياضة</a>'
    return (
        f'<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body><header>{menu}</header>{body}<footer>جميع الحقوق محفوظة</footer></body></html>"
    )


def _rss(some: Iterable[Story]) -> str:
    items = "".join(
        f"<item><title>{one.title}</title><link>http://{one.host}{one.path(one.published_at)}</link>"
        f"<pubDate>{format_datetime(one.published_at)}</pubDate></item>"
        for one in some
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>RSS</title>{items}</channel></rss>'


def _atom(some: Iterable[Story], now: datetime) -> str:
    entries = "".join(
        f'<entry><title>{one.title}</title><link href="http://{one.host}{one.path(now)}?utm_source=atom"/>'
        f"<updated>{one.published_at.isoformat()}</updated></entry>"
        for one in some
    )
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Atom</title>{entries}</feed>'


def _news_sitemap(some: Iterable[Story]) -> str:
    urls = "".join(
        f"<url><loc>http://{one.host}{one.path(one.published_at)}</loc><news:news><news:publication>"
        "<news:name>news</news:name><news:language>ar</news:language></news:publication>"
        f"<news:publication_date>{one.published_at.isoformat()}</news:publication_date>"
        f"<news:title>{one.title}</news:title></news:news></url>"
        for one in some
    )
    return f'<?xml version="1.0"?><urlset {SITEMAPS}>{urls}</urlset>'


def _sitemap(some: Iterable[Story], now: datetime) -> str:
    urls = "".join(
        f"<url><loc>http://{one.host}{one.path(now)}</loc><lastmod>{one.published_at.date()}</lastmod></url>"
        for one in some
    )
    return f'<?xml version="1.0"?><urlset {SITEMAPS}>{urls}</urlset>'


def _index(host: str, children: Mapping[str, str]) -> str:
    items = "".join(
        f"<sitemap><loc>http://{host}/{name}</loc><lastmod>{changed}</lastmod></sitemap>"
        for name, changed in children.items()
    )
    return f'<?xml version="1.0"?><sitemapindex {SITEMAPS}>{items}</sitemapindex>'


def _months(there: Iterable[Story]) -> dict[str, str]:
    """The sitemaps of the months, each with the day of its last article."""
    newest: dict[str, str] = {}
    for one in there:
        newest.setdefault(_month(one), str(one.published_at.date()))
    return newest


def _month(one: Story) -> str:
    return f"{one.published_at:%Y-%m}.xml"


def _slug(one: Story) -> str:
    return quote("-".join(one.title.split()[:5]))


def _all(one: Story) -> set[str]:
    """The paths of a story, before and after it was moved."""
    return {one.path(one.published_at), one.path(datetime.max.replace(tzinfo=UTC))}


def _decoded(path: str) -> str:
    return unquote(path).rstrip("/")
