"""Other extractors, each as its own documentation calls it: bytes of a page and its URL to text and metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import trafilatura
from lxml.html import fromstring
from newspaper import Article, Config
from readability import Document

Prediction = dict[str, Any]


def trafilatura_defaults(body: bytes, url: str) -> Prediction:
    return _told(trafilatura.bare_extraction(body, url=url, with_metadata=True))


def trafilatura_precise_and_fast(body: bytes, url: str) -> Prediction:
    found = trafilatura.bare_extraction(
        body, url=url, with_metadata=True, favor_precision=True, fast=True, include_comments=False
    )
    return _told(found)


def newspaper4k(body: bytes, url: str) -> Prediction:
    config = Config()
    config.fetch_images = False
    article = Article(url, language="ar", config=config)
    article.download(input_html=body.decode("utf-8", "replace"))
    article.parse()
    return {
        "text": article.text,
        "title": article.title,
        "author": "، ".join(article.authors),
        "date": str(article.publish_date or "")[:10],
        "canonical": article.canonical_link,
        "lang": article.meta_lang,
    }


def readability_lxml(body: bytes, url: str) -> Prediction:
    document = Document(body.decode("utf-8", "replace"), url=url)
    text = "\n".join(fromstring(document.summary()).itertext())
    return {"text": text, "title": document.short_title()}


RIVALS: Mapping[str, Callable[[bytes, str], Prediction]] = {
    "trafilatura": trafilatura_defaults,
    "trafilatura precise, fast": trafilatura_precise_and_fast,
    "newspaper4k": newspaper4k,
    "readability-lxml": readability_lxml,
}


def _told(found: Any) -> Prediction:
    if found is None:
        return {}
    return {
        "text": found.text,
        "title": found.title,
        "author": found.author,
        "date": found.date,
        "canonical": found.url,
        "lang": found.language,
    }
