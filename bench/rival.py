"""The rival: stock Scrapy with trafilatura inline, as a tutorial writes it: `python -m bench.rival URLS PROXY`."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import scrapy
import trafilatura
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

URLS = Path(sys.argv[1]).read_text().split()


class Stock(scrapy.Spider):
    """Fetches a list of URLs and extracts each; stores nothing, compares nothing."""

    name = "stock"

    async def start(self) -> AsyncIterator[scrapy.Request]:
        for url in URLS:
            yield scrapy.Request(url, meta={"proxy": sys.argv[2]})

    def parse(self, response: Response) -> Any:
        text = trafilatura.extract(response.text, url=response.url, with_metadata=True)
        if text:
            yield {"url": response.url, "text": text}


if __name__ == "__main__":
    process = AsyncCrawlerProcess({"LOG_LEVEL": "WARNING", "CONCURRENT_REQUESTS": 32})
    process.crawl(Stock)
    process.start()
