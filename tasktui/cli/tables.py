"""Plain tables: columns aligned by terminal cells, one of them cut to the width of the terminal."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tasktui.cli.printing import painted
from tasktui.domain.clean import clean

GAP: Final = "  "
_LEAST: Final = 12
"""Cells that the elastic column keeps on the narrowest terminal."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    title: str
    right: bool = False
    elastic: bool = False
    """Cut to what the terminal has left; a pipe gets all of it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a table with its colour."""

    text: str
    style: str = ""


Row = Sequence[Cell | str]


def cells(text: str) -> int:
    """Return how many columns of a terminal a clean text takes."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(char) for char in text)


def fit(text: str, width: int) -> str:
    """Return the text in at most `width` cells; a cut one ends in `…`."""
    if cells(text) <= width:
        return text
    used, kept = 0, []
    for char in text:
        used += _cells_of(char)
        if used > width - 1:
            break
        kept.append(char)
    return "".join(kept) + "…"


def table(columns: Sequence[Column], rows: Sequence[Row], *, width: int | None = None) -> Iterator[str]:
    """Yield the lines of a table, its heading first.

    Args:
        columns: from left to right.
        rows: any text; it is cleaned here.
        width: of the terminal; None: nothing is cut.
    """
    shown = [[_clean(cell) for cell in row] for row in rows]
    widths = [
        max(cells(column.title), *(cells(row[at].text) for row in shown), 0)
        for at, column in enumerate(columns)
    ]
    _squeeze(columns, widths, width)
    heading = [Cell(column.title, "muted") for column in columns]
    for row in [heading, *shown]:
        yield GAP.join(
            _padded(cell, column, columns_width)
            for cell, column, columns_width in zip(row, columns, widths, strict=True)
        ).rstrip()


def terminal_width() -> int | None:
    """Return the width of the terminal on standard output, None when that is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _cells_of(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _clean(cell: Cell | str) -> Cell:
    return Cell(clean(cell)) if isinstance(cell, str) else Cell(clean(cell.text), cell.style)


def _squeeze(columns: Sequence[Column], widths: list[int], width: int | None) -> None:
    if width is None:
        return
    over = sum(widths) + len(GAP) * (len(widths) - 1) - width
    for at, column in enumerate(columns):
        if column.elastic and over > 0:
            widths[at] = max(_LEAST, widths[at] - over)
            return


def _padded(cell: Cell, column: Column, width: int) -> str:
    text = fit(cell.text, width)
    blank = " " * (width - cells(text))
    return blank + painted(text, cell.style) if column.right else painted(text, cell.style) + blank
