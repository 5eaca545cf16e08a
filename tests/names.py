"""The command line with names of its own: `python -m tests.names OUTAGE …`; while the file OUTAGE exists none is found.

Every name leads to this machine, as far as this process can tell.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

from nazair.cli import main


def lead_here(outage: Path) -> None:
    """Answer for the name server of this machine."""

    def getaddrinfo(host: Any, port: Any, *arguments: Any, **more: Any) -> list[Any]:
        if outage.exists():
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port or 0))]

    def gethostbyname(host: str) -> str:
        return str(getaddrinfo(host, None)[0][4][0])

    socket.gethostbyname = gethostbyname
    socket.getaddrinfo = getaddrinfo


if __name__ == "__main__":
    lead_here(Path(sys.argv[1]))
    main(sys.argv[2:])
