"""Writes the difference between what the terminal shows and what it should show."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Final

from tasktui.ui.driver.grid import Grid
from tasktui.ui.driver.sgr import Style, delta, is_flat

GAP: Final = 3
"""Unchanged cells that are cheaper to write again than to step over."""
BLANKS: Final = re.compile(" {12,}")
"""Blanks that are cheaper to erase (ECH) than to write."""


class Painter:
    """Knows what the terminal shows, where its cursor is and which style is set.

    Args:
        width: Columns.
        height: Rows.
        erases: Does the terminal erase with the current background, as all but GNU screen do?
    """

    def __init__(self, width: int, height: int, *, erases: bool = True) -> None:
        self._have = Grid(width, height)
        self._erases = erases
        self._style: Style | None = None
        self._row = -1
        self._column: int | None = None
        self._out: list[str] = []

    def forget(self) -> None:
        """Trust nothing the terminal shows: the next painting repeats every wanted cell."""
        self._have.forget()
        self.forget_cursor()

    def forget_cursor(self) -> None:
        """Trust neither the place of the cursor nor the style."""
        self._style = None
        self._row = -1
        self._column = None

    def paint(self, want: Grid, rows: set[int], cursor: tuple[int, int] | None) -> str:
        """Return what brings these rows to what is wanted, and the cursor to its place if it has one."""
        for y in sorted(rows):
            if y < want.height:
                self._paint_row(y, want.chars[y], want.styles[y])
        if cursor is not None:
            self._move(*cursor)
        painted = "".join(self._out)
        self._out.clear()
        return painted

    def _paint_row(self, y: int, chars: list[str | None], styles: list[Style]) -> None:
        shown, shown_styles = self._have.chars[y], self._have.styles[y]
        if chars == shown and styles == shown_styles:
            return
        changed = [
            char is not None and (char != old or style != old_style)
            for char, old, style, old_style in zip(chars, shown, styles, shown_styles, strict=True)
        ]
        x = 0
        while True in changed[x:]:
            start = _head(chars, changed.index(True, x))
            x = _run_end(start, chars, styles, changed)
            self._move(y, start)
            self._write(chars[start:x], styles[start:x])
        self._have.chars[y] = (
            [old if char is None else char for char, old in zip(chars, shown, strict=True)]
            if None in chars
            else chars[:]
        )
        self._have.styles[y] = styles[:]

    def _move(self, y: int, x: int) -> None:
        if y != self._row:
            self._out.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        elif self._column is None or x < self._column:
            self._out.append(f"\x1b[{x + 1}G" if x else "\r")
        elif x > self._column:
            step = x - self._column
            self._out.append(f"\x1b[{step}C" if step > 1 else "\x1b[C")
        self._row, self._column = y, x

    def _write(self, chars: list[str | None], styles: list[Style]) -> None:
        start, certain = 0, True
        for style, cells in groupby(styles):
            end = start + len(list(cells))
            text = "".join(filter(None, chars[start:end]))
            certain = certain and text.isascii()
            self._out.append(delta(self._style, style))
            self._out.append(BLANKS.sub(_erase, text) if self._erases and is_flat(style) else text)
            self._style, start = style, end
        # Terminals disagree about wide and ambiguous characters, and about the cursor at the right margin.
        column = (self._column or 0) + len(chars)
        self._column = column if certain and column < self._have.width else None


def _erase(blanks: re.Match[str]) -> str:
    count = len(blanks[0])
    return f"\x1b[{count}X\x1b[{count}C"


def _head(chars: list[str | None], x: int) -> int:
    while x > 0 and chars[x] == "":
        x -= 1
    return x


def _run_end(start: int, chars: list[str | None], styles: list[Style], changed: list[bool]) -> int:
    """Return where to stop writing: short gaps in the same style are written through."""
    end = x = start + 1
    while x < len(chars) and x - end <= GAP:
        if changed[x]:
            end = x = _unchanged_from(changed, x)
            continue
        if chars[x] == "" and x == end:
            end = x + 1
        elif chars[x] is None or styles[x] != styles[end - 1]:
            break
        x += 1
    return end


def _unchanged_from(changed: list[bool], x: int) -> int:
    """Return the first unchanged place from `x` on, which is the end where all else changed."""
    try:
        return changed.index(False, x)
    except ValueError:
        return len(changed)
