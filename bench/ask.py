"""Questions to a large collection: `python -m bench.ask [PART…]`; NAZAIR_BENCH_ARTICLES sets its size."""

from __future__ import annotations

import importlib
import json
import os
import sys

# Each part is a module ask_PART with measure(count) -> figures and report(figures) -> lines.
PARTS = ("lists", "copies", "search")
ARTICLES = 100_000


def main() -> None:
    """Print a table for each part, and last one line of JSON."""
    count = int(os.environ.get("NAZAIR_BENCH_ARTICLES", ARTICLES))
    figures: dict[str, object] = {"bench": "ask"}
    for part in sys.argv[1:] or PARTS:
        try:
            module = importlib.import_module(f"bench.ask_{part}")
        except ModuleNotFoundError as error:
            print(f"{part}: not measured: {error}")
            continue
        figures[part] = module.measure(count)
        print("\n".join(module.report(figures[part])))
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()
