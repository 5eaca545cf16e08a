"""Connections to the server: there are handles for all of them, and who says nothing is hung up on."""

from __future__ import annotations

import asyncio
import resource

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

# More than are open within the time that is given to those who say nothing; as many as the system allows, if fewer.
HANDLES = 65_536


class Connection(H11Protocol):
    """uvicorn's, but closed when nothing was asked, and nothing is being answered, for as long as it may be kept alive.

    uvicorn waits for the first request for ever, and for the rest of one that has begun: 200 connections that ask
    nothing (MOST_CONNECTIONS) kept everybody else out.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        self._look.cancel()
        super().connection_lost(exc)

    def _look_later(self) -> None:
        self._look = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle, self.cycle)

    def _close_if_idle(self, last: RequestResponseCycle | None) -> None:
        if self.cycle is last and (last is None or last.response_complete):
            self.transport.close()
        else:
            self._look_later()


def take_handles() -> None:
    """Let this process have as many open files as it may.

    Of 1,024, which are usual, asyncio tells each connection that finds none with a traceback, thousands a second.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = HANDLES if hard == resource.RLIM_INFINITY else min(HANDLES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
