"""A screen's worth of cells, and how text falls into them."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rich.cells import split_graphemes

from tasktui.ui.driver.sgr import Style

CUT: Final = " "
"""What a terminal shows where half of a wide character was overwritten."""


class Grid:
    """Rows of cells: a character with its marks, `""` behind a wide one, None where nothing is known."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.chars: list[list[str | None]] = []
        self.styles: list[list[Style]] = []
        self.forget()

    def forget(self) -> None:
        """Make every cell unknown."""
        self.chars = [[None] * self.width for _ in range(self.height)]
        self.styles = [[""] * self.width for _ in range(self.height)]

    def put(self, y: int, x: int, text: str, style: Style) -> int:
        """Write text at a cell; return how many cells it takes. What falls outside is dropped."""
        cells = [*text] if text.isascii() else split(text)
        if not (0 <= y < self.height and 0 <= x < self.width):
            return len(cells)
        row = self.chars[y]
        if cells and cells[0].startswith("\0"):
            self._mark(row, x, cells[0][1:])
            cells = cells[1:]
        end = min(self.width, x + len(cells))
        self._cut_wide(row, x, end)
        row[x:end] = cells[: end - x]
        self.styles[y][x:end] = [style] * (end - x)
        if end - x < len(cells) and cells[end - x] == "":
            row[end - 1] = CUT
        return len(cells)

    def _cut_wide(self, row: list[str | None], x: int, end: int) -> None:
        if end <= x:
            return
        if row[x] == "" and x > 0:
            row[x - 1] = CUT
        if end < self.width and row[end] == "":
            row[end] = CUT

    @staticmethod
    def _mark(row: list[str | None], x: int, marks: str) -> None:
        before = row[x - 1] if x else None
        if before:
            row[x - 1] = before + marks


@lru_cache(4096)
def split(text: str) -> list[str]:
    """Split text into cells. Marks that belong to what stood before come first, after a NUL."""
    spans, _ = split_graphemes(text)
    cells: list[str] = []
    for start, end, width in spans:
        grapheme = text[start:end]
        if width:
            cells.extend((grapheme, *[""] * (width - 1)))
        elif not cells:
            cells.append("\0" + grapheme)
        elif not cells[-1].startswith("\0"):
            cells[-1] += grapheme
    return cells
