"""The ASCII twin, as wide, of every sign that the screen and the tables draw.

One table and one place: what is drawn is written in Unicode, and is translated on its way to the terminal.
"""

from __future__ import annotations

from typing import Final

_TWINS: Final = {
    # states and marks
    "●": "*", "◌": "o", "‖": "=", "✓": "+", "✗": "x", "⊘": "/", "▷": ">", "▸": ">", "▾": "v", "▪": "#",
    "▼": "v", "▲": "^", "❯": ">", "•": "*", "↪": ">", "○": "o", "◉": "*", "◐": "o", "◆": "*", "▶": ">",
    "◀": "<",
    # arrows, dashes, points
    "↑": "^", "↓": "v", "→": ">", "←": "<", "−": "-", "—": "-", "–": "-", "‐": "-", "·": "-", "…": ".",
    "×": "x", "±": "+", "≡": "=",
    "⏎": "<", "┆": "|", "\u2003": " ", "\xa0": " ",
    # bars and blocks
    "░": ".", "▒": ":", "▓": "#", "█": "#", "▌": "|", "▐": "|", "▀": "-", "▄": "_", "▊": "|", "▎": "|",
    "▏": "|",
    "▕": "|", "▔": "-", "▁": "_", "▂": "_", "▃": "_", "▅": "=", "▆": "=", "▇": "#", "▋": "|", "▍": "|",
    "▉": "|",
    "▖": ".", "▗": ".", "▘": "'", "▝": "'", "▙": "#", "▛": "#", "▜": "#", "▟": "#", "▚": "#", "▞": "#",
    "■": "#", "□": "o",
    # what `clean` puts in the place of a line break, and of what is not text
    "␤": "$", "\ufffd": "?",
}  # fmt: skip
_LINES_ACROSS: Final = "─━┄┅┈┉╌╍═╴╶╸╺╼╾"
_LINES_DOWN: Final = "│┃┆┇┊┋╎╏║╵╷╹╻╽╿"
_BOX: Final = range(0x2500, 0x2580)
_BRAILLE: Final = range(0x2801, 0x2900)
_PICTURES: Final = range(0x2400, 0x2427)
"""Drawn for control characters."""

ASCII: Final = (
    dict.fromkeys(_BOX, "+")
    | dict.fromkeys(_BRAILLE, "*")
    | dict.fromkeys(_PICTURES, "?")
    | {0x2800: " "}
    | dict.fromkeys(map(ord, _LINES_ACROSS), "-")
    | dict.fromkeys(map(ord, _LINES_DOWN), "|")
    | {ord(glyph): twin for glyph, twin in _TWINS.items()}
)
"""For `str.translate`; letters of other scripts are no glyphs of ours and stay."""


def ascii_twin(text: str) -> str:
    """Return the text with an ASCII sign of the same width for each glyph."""
    return text if text.isascii() else text.translate(ASCII)
