"""All sites of the bundled web together: what is served at each host and path, and what is true of each page.

python -m nazair.demo.web --truth > fixtures/truth.jsonl
python -m nazair.demo.web --seed fixtures/seed
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from corpus.arabic import repair
from corpus.errors import ConfigError
from nazair.demo.articles import WrittenArticle, read_articles
from nazair.demo.render import Resource, SiteRenderer
from nazair.demo.sites import Document, Site, read_sites

SEED = "rafid-seed-essay"  # the reader's essay whose box of similar articles is empty


@dataclass(frozen=True, kw_only=True)
class Web:
    """The bundled web, rendered. Immutable."""

    resources: Mapping[tuple[str, str], Resource]  # by (host, path with query)
    sites: Mapping[str, Site]  # by id
    articles: Mapping[str, WrittenArticle]  # by slug, newest first

    def url_of(self, slug: str) -> str:
        """The URL at which an article is served."""
        article = self.articles[slug]
        return self.sites[article.outlet].url(article)

    def page_of(self, slug: str) -> Resource:
        """The page of an article."""
        article = self.articles[slug]
        site = self.sites[article.outlet]
        return self.resources[site.host, site.path(article)]


def bundled_web() -> Path:
    """The folder of the bundled web: inside the package when installed, in `fixtures` of a checkout."""
    here = Path(__file__).resolve().parent
    installed = here / "web"
    return installed if installed.is_dir() else here.parent.parent / "fixtures" / "web"


def read_web(folder: Path) -> Web:
    """Read and render the web of a folder.

    Raises ConfigError for a file that cannot be used, and for two pages at one URL.
    """
    sites = read_sites(folder / "sites")
    articles = read_articles(folder / "articles")
    for article in articles.values():
        _check_place(article, sites)
    resources: dict[tuple[str, str], Resource] = {}
    for site in sites.values():
        for path, resource in SiteRenderer(folder / "sites", site, sites=sites, others=articles).resources():
            if (site.host, path) in resources:
                raise ConfigError(folder, why=f"two pages of {site.id!r} have the path {path}; change a title or slug")
            resources[site.host, path] = resource
    return Web(
        resources=MappingProxyType(resources),
        sites=MappingProxyType(dict(sites)),
        articles=MappingProxyType(dict(articles)),
    )


def truth(web: Web) -> list[dict[str, object]]:
    """What is true of each article, and of each other page that looks like one, in a stable order."""
    by_slug = sorted(web.articles.values(), key=lambda article: article.slug)
    rows = [_article_truth(web.sites[article.outlet], article) for article in by_slug]
    return rows + [_document_truth(site, document) for site, document in _judged_documents(web)]


def _article_truth(site: Site, article: WrittenArticle) -> dict[str, object]:
    return {
        "url": site.url(article),
        "outlet": site.id,
        "slug": article.slug,
        "about": article.truth.about,
        "copy_group": article.truth.copy_group,
        "copy_kind": article.truth.copy_kind,
        "title": repair(article.title),
        "author": article.author,
        "agency": article.agency,
        "published": article.published.isoformat(),
        "text": repair(article.text),
        "encoding": site.encoding_of(article),
    }


def _document_truth(site: Site, document: Document) -> dict[str, object]:
    unknown = dict.fromkeys(["slug", "copy_group", "copy_kind", "title", "author", "agency", "published", "text"])
    known = {
        "url": site.absolute(document.path),
        "outlet": site.id,
        "about": document.about,
        "encoding": site.encoding,
    }
    return unknown | known


def _judged_documents(web: Web) -> Iterator[tuple[Site, Document]]:
    for site in web.sites.values():
        for document in site.documents:
            if document.about:
                yield site, document


def _check_place(article: WrittenArticle, sites: Mapping[str, Site]) -> None:
    file = f"{article.slug}.md"
    if article.outlet not in sites:
        raise ConfigError(file, key="outlet", why=f"no site is named {article.outlet!r}; there are {', '.join(sites)}")
    if article.section not in sites[article.outlet].sections:
        raise ConfigError(file, key="section", why=f"{article.outlet!r} has no section {article.section!r}")


def truth_lines(web: Web) -> str:
    """The truth as JSON lines, Arabic as letters."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in truth(web))


def seed_files(web: Web) -> dict[str, bytes]:
    """The reader's essay as files to ask about: the page as served, and its title and text."""
    essay = web.articles[SEED]
    return {"essay.html": web.page_of(SEED).body, "essay.txt": f"{essay.title}\n\n{essay.text}\n".encode()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m nazair.demo.web", description="Files made from the bundled web.")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--truth", action="store_true", help="print what is true of each page, as JSON lines")
    wanted.add_argument("--seed", type=Path, metavar="DIR", help="write the reader's essay as HTML and as text")
    arguments = parser.parse_args()
    web = read_web(bundled_web())
    if arguments.truth:
        sys.stdout.buffer.write(truth_lines(web).encode())
        return
    arguments.seed.mkdir(parents=True, exist_ok=True)
    for name, body in seed_files(web).items():
        (arguments.seed / name).write_bytes(body)


if __name__ == "__main__":
    main()
