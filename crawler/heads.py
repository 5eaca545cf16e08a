"""How long the head of an answer may be: status line and headers, which neither Scrapy nor Twisted limits.

Without this a server that sends header after header fills the memory until the time-out (Scrapy 2.19: 100 MB a second
over loopback).
"""

from __future__ import annotations

from scrapy.core.downloader.handlers.http11 import _LenientHTTP11ClientFactory, _LenientHTTP11ClientProtocol
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure
from twisted.web._newclient import BODY, DONE
from twisted.web._newclient import Request as TwistedRequest
from twisted.web.iweb import IResponse

# Browsers stop at 256 KiB; what is honest has a few.
MOST_BYTES = 256 << 10


class HeadTooLong(Exception):
    """An answer whose head goes on and on."""


class BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Scrapy's HTTP/1.1, but it hangs up on a head that is too long."""

    _received = 0  # of the answer to the last request, until its body begins

    def request(self, request: TwistedRequest) -> Deferred[IResponse]:
        self._received = 0
        answer = super().request(request)
        # Twisted's own limit of a line, 16 KiB, closes the connection without a word.
        if self._parser is not None:
            self._parser.MAX_LENGTH = MOST_BYTES
        return answer

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self._parser is not None and self._parser.state not in (BODY, DONE):
            self._received += len(data)
            if self._received > MOST_BYTES + len(data):
                self._hang_up()
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call] # Twisted's

    def _hang_up(self) -> None:
        reason = Failure(HeadTooLong(f"the head of the answer is longer than {MOST_BYTES >> 10} KiB"))  # type: ignore[no-untyped-call] # Twisted's
        self._giveUp(reason)  # type: ignore[no-untyped-call] # Twisted's


class BoundedFactory(_LenientHTTP11ClientFactory):
    """Makes them, for a handler's pool of connections."""

    def buildProtocol(self, addr: IAddress | None) -> BoundedProtocol:  # noqa: N802 - Twisted's name
        return BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call] # Twisted's
