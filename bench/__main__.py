"""`python -m bench [B3 …] [--write]`: measure budgets; `--write`, or a run of all, fills bench/RESULTS.md."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Final

from bench.results import write
from bench.rows import HEAD, Row

ROWS: Final[Mapping[str, str]] = {
    "B1": "startup:measure",
    "A50": "fifty:measure",
    "B2": "keys:measure",
    "B3": "written:measure",
    "B4": "stall:measure",
    "B5": "events:measure",
    "B6": "pages:measure",
    "B7": "timeline:measure",
    "B8": "spawn:measure",
    "B9": "cold:measure",
    "B10": "memory:measure",
    "B11": "watched:measure",
    "B12": "memory:idle",
    "B13": "search:measure",
    "B14": "attached:measure",
    "C3": "claims:measure",
    "S2": "far:measure",
    "L1": "takeover:measure",
}
"""What measures a budget."""


def main(words: Sequence[str]) -> None:
    """Measure and print; with no names measure all. `--write` and a run of all keep what was found."""
    wanted = [word for word in words if word in ROWS]
    rows: list[Row] = []
    print(" | ".join(HEAD))
    for name in wanted or ROWS:
        module, _, function = ROWS[name].partition(":")
        for row in getattr(import_module(f"bench.{module}"), function)():
            rows.append(row)
            print(" | ".join(row.cells()), flush=True)
    if not wanted or "--write" in words:
        write(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
