"""A widget of one line that repaints only when what it shows has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tasktui.ui.text import strip


class Piece(NamedTuple):
    """A word of a line and the component class that draws it."""

    text: str
    style: str = ""


class OneLine(Widget):
    """One line: pieces from the left, and pieces that end at the right border."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._left: tuple[Piece, ...] = ()
        self._right: tuple[Piece, ...] = ()

    def show(self, left: Sequence[Piece], right: Sequence[Piece] = ()) -> None:
        """Show these pieces; nothing is drawn when they are there already."""
        if (tuple(left), tuple(right)) != (self._left, self._right):
            self._left, self._right = tuple(left), tuple(right)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the line; what stands at the right wins over what stands at the left."""
        width = self.size.width
        right = sum(cell_len(piece.text) for piece in self._right)
        base = self.rich_style
        if y or width <= 0:
            return Strip.blank(max(0, width), base)
        left = strip([(text, self._style(style)) for text, style in self._left], max(0, width - right), base)
        return Strip.join(
            [
                left,
                strip([(text, self._style(style)) for text, style in self._right], min(width, right), base),
            ]
        )

    def _style(self, name: str) -> Style | None:
        return self.get_component_rich_style(name, partial=True) if name else None
