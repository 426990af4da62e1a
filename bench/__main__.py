"""`python -m bench [B3 …]`: measure budgets; all of them rewrite bench/RESULTS.md."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from bench.results import write
from bench.rows import HEAD, Row

ROWS: Final = {
    "B1": "startup",
    "B2": "keys",
    "B3": "written",
    "B4": "stall",
    "B5": "events",
    "B6": "pages",
    "B7": "timeline",
    "B8": "spawn",
    "B9": "cold",
    "B10": "memory",
    "B12": "idle",
    "B13": "search",
}
"""Which module measures a budget."""


def main(wanted: Sequence[str]) -> None:
    """Measure and print; with no names measure all and keep the results."""
    rows: list[Row] = []
    print(" | ".join(HEAD))
    for name in wanted or ROWS:
        for row in import_module(f"bench.{ROWS[name]}").measure():
            rows.append(row)
            print(" | ".join(row.cells()), flush=True)
    if not wanted:
        write(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
