"""What a page asks of those who keep it, and how that is obeyed.

    noindex           it is not kept at all (`pipelines.directives` says so before anything is stored)
    noarchive         its text is not kept as it was published: only its bare words, in their order, without
                      punctuation, marks and paragraphs. Near-copies, similar articles and search need these.
    nosnippet         no part of its text is shown or handed on
    data-nosnippet    the same: elements of its body ask it, and whose words are whose is not kept
    max-snippet:N     no more than N characters are, from its beginning or around what a search found
    tdm-reservation   rights for text and data mining are reserved: told and filtered, because who may do what
                      then depends on the law and the purpose of whoever collects (directive (EU) 2019/790, 3 and 4);
                      the address of the policy that its rightsholder names is kept beside it
    noai, noimageai   told
    not-free          told: its page says that its text is not free for all (isAccessibleForFree of schema.org); what is
                      kept may be its beginning alone

What is not kept as it was published is not shown either. Title, address and date are those of a reference; they stay.
It is found by its words, phrases too, as in any search engine: who has a sentence learns that it stands there.
"""

from __future__ import annotations

from dataclasses import replace

from corpus.arabic import bare
from corpus.types import Article

NOINDEX, NOARCHIVE, NOSNIPPET, RESERVED = "noindex", "noarchive", "nosnippet", "tdm-reservation"
DATA_NOSNIPPET = "data-nosnippet"
MAX_SNIPPET = "max-snippet:"  # before a number of characters
NOT_FREE = "not-free"
TOLD = ("noai", "noimageai", NOT_FREE)

WITHHELD = "The page asks that no part of its text be shown ({})."
ONLY_SHOWN = "The page asks that no more than {} characters of its text be shown ({})."


def asked(article: Article) -> str:
    """All that the page of an article asks, in one line; empty where it asks nothing."""
    policy = f" (policy: {article.tdm_policy})" if article.tdm_policy else ""
    return ", ".join(name + policy if name == RESERVED else name for name in article.directives)


def as_it_may_be_kept(article: Article) -> Article:
    """The article with as much of its text as its page lets us keep. Word for word it compares as before."""
    return replace(article, text=bare(article.text)) if NOARCHIVE in article.directives else article


def withheld(article: Article) -> str | None:
    """Why the text of an article may not be shown whole, in a sentence; None if it may."""
    most = most_shown(article)
    if most is None or len(article.text) <= most:
        return None
    if most == 0:
        return WITHHELD.format(", ".join(name for name in _NOTHING_SHOWN if name in article.directives))
    return ONLY_SHOWN.format(most, f"{MAX_SNIPPET}{most}")


def most_shown(article: Article) -> int | None:
    """How many characters of an article's text may be shown; None if all may."""
    if any(name in article.directives for name in _NOTHING_SHOWN):
        return 0
    limits = (name.removeprefix(MAX_SNIPPET) for name in article.directives if name.startswith(MAX_SNIPPET))
    return min(map(int, limits), default=None)


_NOTHING_SHOWN = (NOARCHIVE, NOSNIPPET, DATA_NOSNIPPET)
