"""What a terminal shows after the bytes it was sent: pyte, spared the sequences it would print."""

from __future__ import annotations

import re
from typing import Final

import pyte
from pyte.screens import Char

UNKNOWN_TO_PYTE: Final = re.compile(
    rb"\x1b\[[<=>][0-9;]*[A-Za-z]|\x1b\[\?[0-9;]*(?:\$p|u)|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_].*?\x1b\\",
    re.DOTALL,
)
WHOLE: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[^\[\]P_])")


class Replay:
    """A terminal's screen, fed in chunks."""

    def __init__(self, cols: int, rows: int) -> None:
        self._screen = pyte.Screen(cols, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._unfinished = b""

    @property
    def lines(self) -> list[str]:
        """The text of each line."""
        return list(self._screen.display)

    @property
    def cells(self) -> list[list[Char]]:
        """Each cell with its colours and attributes."""
        screen = self._screen
        return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]

    def resize(self, cols: int, rows: int) -> None:
        """Change the size, keeping the top left corner."""
        self._screen.resize(rows, cols)

    def feed(self, data: bytes) -> None:
        """Show `data`; a sequence split between chunks is held until it is whole."""
        data = UNKNOWN_TO_PYTE.sub(b"", self._unfinished + data)
        start = data.rfind(b"\x1b")
        end = len(data) if start < 0 or WHOLE.match(data, start) else start
        self._unfinished = data[end:]
        self._stream.feed(data[:end])
