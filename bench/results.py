"""Writes bench/RESULTS.md from the rows of one run."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bench.rows import HEAD, Row

PLACE: Final = Path(__file__).with_name("RESULTS.md")
NOTES: Final = Path(__file__).with_name("NOTES.md")


def write(rows: Sequence[Row]) -> None:
    """Put rows into the table in place of those of the same budgets; below it stands what `NOTES.md` says."""
    table = {row.name: [_line(one.cells()) for one in rows if one.name == row.name] for row in rows}
    table = {**_kept(), **table}
    lines = ["# What was measured", "", _where(), "", _line(HEAD), _line(["---"] * len(HEAD))]
    lines += [
        line
        for name in sorted(table, key=lambda name: (name[0] != "B", name[0], int(name[1:])))
        for line in table[name]
    ]
    lines += ["", NOTES.read_text(encoding="utf-8").strip(), ""]
    PLACE.write_text("\n".join(lines), encoding="utf-8")


def _kept() -> dict[str, list[str]]:
    """Return the lines of earlier runs by budget."""
    kept: dict[str, list[str]] = {}
    if PLACE.exists():
        for line in PLACE.read_text(encoding="utf-8").splitlines():
            if re.match(r"\| [A-Z]\d", line):
                kept.setdefault(line.split()[1], []).append(line)
    return kept


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _where() -> str:
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return (
        f"{day}, {platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} cores shared"
        f" with other programs, Python {platform.python_version()}, Textual {version('textual')}."
        " Figure and reference come from one run, taken in turns; each is a median."
    )
