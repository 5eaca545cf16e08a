"""What a page asks of those who keep it, and how that is obeyed.

    noindex           it is not kept at all (`pipelines.directives` says so before anything is stored)
    noarchive         its text is not kept as it was published: only its bare words, in their order, without
                      punctuation, marks and paragraphs. Near-copies, similar articles and search need these.
    nosnippet         no part of its text is shown or handed on
    tdm-reservation   rights for text and data mining are reserved: told and filtered, because who may do what
                      then depends on the law and the purpose of whoever collects (directive (EU) 2019/790, 3 and 4);
                      the address of the policy that its rightsholder names is kept beside it
    noai, noimageai   told

What is not kept as it was published is not shown either. Title, address and date are those of a reference; they stay.
"""

from __future__ import annotations

from dataclasses import replace

from corpus.arabic import bare
from corpus.types import Article

NOINDEX, NOARCHIVE, NOSNIPPET, RESERVED = "noindex", "noarchive", "nosnippet", "tdm-reservation"
TOLD = ("noai", "noimageai")

WITHHELD = "The page asks that no part of its text be shown ({})."


def asked(article: Article) -> str:
    """All that the page of an article asks, in one line; empty where it asks nothing."""
    policy = f" (policy: {article.tdm_policy})" if article.tdm_policy else ""
    return ", ".join(name + policy if name == RESERVED else name for name in article.directives)


def as_it_may_be_kept(article: Article) -> Article:
    """The article with as much of its text as its page lets us keep. Word for word it compares as before."""
    return replace(article, text=bare(article.text)) if NOARCHIVE in article.directives else article


def withheld(article: Article) -> str | None:
    """Why no part of an article's text may be shown, in a sentence; None if it may."""
    named = [name for name in (NOARCHIVE, NOSNIPPET) if name in article.directives]
    return WITHHELD.format(", ".join(named)) if named else None
