"""The rivals of a crawl, each as its documentation has it: `python -m bench.rival NAME URLS ADDRESS PORT FOLDER`.

All fetch the same list of article URLs from the server at ADDRESS:PORT, to which every name leads; what they
make of it goes into FOLDER.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

NAME, LIST, ADDRESS, PORT, FOLDER = sys.argv[1:6] if len(sys.argv) > 5 else ("", "", "", "0", "")


def inline() -> None:
    """Stock Scrapy with trafilatura inline: stores nothing, compares nothing, looks for no links."""
    _stock(_text)


def tutorial() -> None:
    """Stock Scrapy with trafilatura inline, its LinkExtractor, and one commit of an ORM an item."""
    from scrapy.linkextractors import LinkExtractor
    from sqlalchemy import String, create_engine
    from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

    class Base(DeclarativeBase):
        pass

    class Article(Base):
        __tablename__ = "articles"
        url = mapped_column(String, primary_key=True)
        text = mapped_column(String)

    engine = create_engine(f"sqlite:///{FOLDER}/rival.db")
    Base.metadata.create_all(engine)
    extractor = LinkExtractor()

    def parse(response: Any) -> None:
        extractor.extract_links(response)
        if text := _text(response):
            with Session(engine) as session:
                session.add(Article(url=response.url, text=text))
                session.commit()

    _stock(parse)


def stock_fetch() -> None:
    """Stock Scrapy that looks at nothing."""
    _stock(lambda response: None)


def our_fetch() -> None:
    """The same with the settings of nazair, its guard, robots and back-off."""
    import crawler.settings as ours

    settings = {name: getattr(ours, name) for name in dir(ours) if name.isupper()}
    lean = {
        "ITEM_PIPELINES": {},
        "EXTENSIONS": {},
        "SPIDER_MODULES": [],
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "NAZAIR_PROXY": f"http://{ADDRESS}:{PORT}",
        "DOWNLOADER_MIDDLEWARES": {
            name: place
            for name, place in ours.DOWNLOADER_MIDDLEWARES.items()
            if name.startswith(("scrapy.", "crawler.guard."))
        },
        "DOWNLOAD_HANDLERS": {},
        "ROBOTSTXT_OBEY": False,
    }
    _stock(lambda response: None, settings | lean)


def trafilatura_cli() -> None:
    """`trafilatura -i URLS -o FOLDER` without the five seconds that it waits between requests."""
    from trafilatura import cli, settings

    _every_name_leads_there()
    text = Path(settings.__file__).with_name("settings.cfg").read_text(encoding="utf-8")
    text = text.replace("SLEEP_TIME = 5.0", "SLEEP_TIME = 0").replace("SSRF_PROTECTION = on", "SSRF_PROTECTION = off")
    config = Path(FOLDER) / "settings.cfg"
    config.write_text(text, encoding="utf-8")
    sys.argv = ["trafilatura", "-i", LIST, "-o", f"{FOLDER}/texts", "--parallel", "2", "--config-file", str(config)]
    cli.main()


def newspaper4k() -> None:
    """newspaper4k, one article after the other."""
    from newspaper import Article, Config

    _every_name_leads_there()
    config = Config()
    config.fetch_images = False
    for url in Path(LIST).read_text().split():
        article = Article(url, language="ar", config=config)
        with suppress(Exception):  # it raises for pages that it cannot read
            article.download()
            article.parse()


def news_please() -> None:
    """`NewsPlease.from_urls`: all pages at once, then as many processes as there are cores read them."""
    from newsplease import NewsPlease

    _every_name_leads_there()
    urls = Path(LIST).read_text().split()
    # Without `request_args` it loses every article, and says nothing of it.
    read = NewsPlease.from_urls(urls, request_args={"timeout": 30}, fetch_images=False)
    if not any(getattr(article, "maintext", None) for article in read.values()):
        sys.exit("It read no article.")


def _stock(parse: Callable[[Any], object], settings: Mapping[str, Any] | None = None) -> None:
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess

    urls = Path(LIST).read_text().split()

    class Stock(scrapy.Spider):
        name = "stock"

        async def start(self) -> AsyncIterator[scrapy.Request]:
            for url in urls:
                yield scrapy.Request(url, meta={"proxy": f"http://{ADDRESS}:{PORT}"})

        def parse(self, response: scrapy.http.Response) -> None:
            parse(response)

    process = AsyncCrawlerProcess(dict(settings or {"CONCURRENT_REQUESTS": 32}) | {"LOG_LEVEL": "ERROR"})
    process.crawl(Stock)
    process.start()


def _text(response: Any) -> str | None:
    import trafilatura

    return trafilatura.extract(response.text, url=response.url, with_metadata=True)


def _every_name_leads_there() -> None:
    """Let this process find the server under every name, as a resolver would; `requests` and urllib3 ask it."""
    there = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ADDRESS, int(PORT)))]
    socket.getaddrinfo = lambda *args, **kwargs: there  # type: ignore[assignment] # for any name


RIVALS: Mapping[str, Callable[[], None]] = {
    "stock Scrapy + trafilatura": inline,
    "the same + LinkExtractor + ORM": tutorial,
    "trafilatura CLI": trafilatura_cli,
    "newspaper4k": newspaper4k,
    "news-please": news_please,
    "stock Scrapy, fetching alone": stock_fetch,
    "our settings, fetching alone": our_fetch,
}

if __name__ == "__main__":
    RIVALS[NAME]()
