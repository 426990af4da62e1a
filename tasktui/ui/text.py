"""The only door by which text reaches a widget: cleaned, literal, and measured in cells.

| you have | you want | call |
|---|---|---|
| text from outside | Static, Label, an Option, a Tab, a border title, a placeholder | `safe`, `safe_line` |
| several pieces with styles | one Content | `joined` |
| text from outside | a DataTable cell or a Tree label | `safe_text` |
| text from outside | `App.notify(..., markup=False)`, an Input's value, a window title | `safe_str` |
| text from outside | a TextArea's text | `safe_lines` |
| a column of a list | exactly `width` cells | `fit` |
| a row of a Line-API widget | a Strip of exactly `width` cells | `strip` |

Styles are always ours. Nothing here parses markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style as RichStyle
from rich.text import Text
from textual.content import Content
from textual.strip import Strip
from textual.style import Style

from tasktui.domain.clean import LIMIT, clean, clean_output

ELLIPSIS: Final = "…"

Align: TypeAlias = Literal["left", "right"]
Piece: TypeAlias = str | Content | tuple[str, str | Style]
"""Text (cleaned here), finished Content (taken as it is), or text with one of our styles."""
LinePiece: TypeAlias = tuple[str, RichStyle | None]
"""Text of one line (cleaned here) with a rich style, as the Line API draws it."""


def safe(text: str, style: str | Style = "", *, limit: int = LIMIT) -> Content:
    """Return text from outside as literal Content of its own lines; a progress bar shows its last state."""
    return Content.styled(clean_output(text, limit=limit), style, strip_control_codes=False)


def safe_line(text: str, style: str | Style = "", *, limit: int = LIMIT) -> Content:
    """Return text from outside as literal Content of one line."""
    return Content.styled(clean(text, limit=limit), style, strip_control_codes=False)


def safe_text(text: str, style: str | RichStyle = "", *, limit: int = LIMIT) -> Text:
    """Return text from outside as one line of rich Text, for the widgets that don't take Content."""
    return Text(clean(text, limit=limit), style, no_wrap=True, end="")


def safe_str(text: str, *, limit: int = LIMIT) -> str:
    """Return text from outside as one harmless line, for places that never parse markup."""
    return clean(text, limit=limit)


def safe_lines(text: str, *, limit: int = LIMIT) -> str:
    """Return text from outside as harmless lines, for places that never parse markup."""
    return clean(text, limit=limit, multiline=True)


def joined(*pieces: Piece, separator: str = "") -> Content:
    """Return the pieces as one Content of one line."""
    return Content(separator).join(map(_content, pieces))


def cut(text: str, width: int) -> str:
    """Return one clean line of at most `width` cells; a longer one ends in `…`."""
    shown = clean(text, limit=max(LIMIT, width))
    return shown if cell_len(shown) <= width else _head(shown, width - 1) + ELLIPSIS * (width > 0)


def fit(text: str, width: int, *, align: Align = "left") -> str:
    """Return one clean line of exactly `width` cells, cut with `…` or padded with spaces."""
    shown = cut(text, width)
    padding = " " * (width - cell_len(shown))
    return shown + padding if align == "left" else padding + shown


def segment(text: str, style: RichStyle | None = None) -> Segment:
    """Return text from outside as one segment."""
    return Segment(clean(text), style)


def strip(pieces: Iterable[LinePiece], width: int, base: RichStyle | None = None) -> Strip:
    """Return a line of exactly `width` cells; what doesn't fit is cut with `…`.

    Args:
        pieces: Text and style, left to right.
        width: Cells of the line.
        base: Style under every piece and of the padding.
    """
    segments: list[Segment] = []
    room = width
    for text, style in pieces:
        shown = cut(text, room)
        if shown:
            segments.append(Segment(shown, base + style if base and style else style or base))
            room -= cell_len(shown)
    if room > 0:
        segments.append(Segment(" " * room, base))
    return Strip(segments, width)


def _content(piece: Piece) -> Content:
    if isinstance(piece, Content):
        return piece
    return safe_line(piece) if isinstance(piece, str) else safe_line(*piece)


def _head(text: str, width: int) -> str:
    """The longest beginning of at most `width` cells, with the marks that belong to its last character."""
    if text.isascii():
        return text[: max(0, width)]
    used = 0
    for index, char in enumerate(text):
        used += get_character_cell_size(char)
        if used > width:
            return text[:index]
    return text
