"""A nazair command on a machine whose clock is at another time: `python -m bench.later EPOCH crawl …`.

Workers see the true one; what they do does not depend on it, because a page says when it was fetched.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import time_machine

from nazair.cli import run

if __name__ == "__main__":
    time_machine.travel(datetime.fromtimestamp(float(sys.argv[1]), UTC), tick=True).start()
    sys.exit(run(sys.argv[2:]))
