"""Failures: what is said of a page that could not be had."""

from __future__ import annotations

from scrapy.exceptions import CannotResolveHostError, DownloadFailedError
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from crawler.failures import words


def test_what_an_error_says_fits_into_a_sentence() -> None:
    wrapped = DownloadFailedError(str([Failure(ConnectionDone())]))  # type: ignore[no-untyped-call] # Twisted's

    assert words(wrapped) == "DownloadFailedError: ConnectionDone: Connection was closed cleanly"
    assert words(CannotResolveHostError()) == "CannotResolveHostError"
