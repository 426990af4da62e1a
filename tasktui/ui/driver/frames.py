"""Reads what Textual writes: cells go into a grid, everything else is handed on in order."""

from __future__ import annotations

import re
from typing import Final

from tasktui.ui.driver.grid import Grid
from tasktui.ui.driver.painter import Painter
from tasktui.ui.driver.sgr import style

TOKEN: Final = re.compile(
    r"\x1b\[(?P<sgr>[\d;:]*)m"
    r"|\x1b\[(?P<move>\d*(?:;\d*)?)H"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?P<newline>[\n\r])"
    r"|\x1b\]8;(?P<link>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|(?P<mode>\x1b\[\?[\d;]+[hl])"
    r"|(?P<control>\x07|\x1b\[\?[\d;]+\$p|\x1b\[[<=>][\d;]*u|\x1b\[[\d>]*[cn]|\x1b\[\d* q|\x1b\[[\d;]*t"
    r"|\x1b\](?!8;|1337;)[^\x07\x1b]*(?:\x07|\x1b\\))"
    r"|(?P<opaque>.)",
    re.DOTALL,
)
"""Textual's vocabulary. `control` changes no cell; `opaque` may (images, sequences we don't know)."""

SYNC_BEGIN: Final = "\x1b[?2026h"
SYNC_END: Final = "\x1b[?2026l"
WORTH_SYNC: Final = 200
"""Characters from which on a frame is bracketed as one synchronized update."""


class Screen:
    """What the app wants shown (`write`), and how to get there from what is shown (`take`).

    Outside the alternate screen everything passes through. A frame with an unknown sequence passes through
    from there on, at its place; after it nothing is trusted until it is painted again.

    Args:
        width: Columns.
        height: Rows.
        erases: Does the terminal erase with the current background, as all but GNU screen do?
    """

    def __init__(self, width: int, height: int, *, erases: bool = True) -> None:
        self._erases = erases
        self._active = False
        self._controls: list[str] = []
        self._sgr = ""
        self._link = ""
        self._y = self._x = 0
        self._cursor_shown = False
        self._handlers = {
            "sgr": self._on_sgr,
            "move": self._on_move,
            "text": self._on_text,
            "newline": self._on_newline,
            "link": self._on_link,
            "mode": self._on_mode,
            "control": self._on_control,
        }
        self._resize(width, height)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self._want.width, self._want.height

    @property
    def has_controls(self) -> bool:
        """Is there something that must be sent even to a slow terminal?"""
        return bool(self._controls)

    @property
    def has_frame(self) -> bool:
        """May cells have changed?"""
        return self._active and bool(self._dirty)

    @property
    def _cursor(self) -> tuple[int, int] | None:
        """Where the app put the cursor, as input methods need it; None if it doesn't care."""
        return (self._y, self._x) if self._cursor_shown or self._y or self._x else None

    def resize(self, width: int, height: int) -> None:
        """Follow the terminal: nothing of the old picture is trusted, and the app paints a new one."""
        if (width, height) != self.size:
            self._resize(width, height)

    def write(self, data: str) -> None:
        """Take in what the app wrote in one piece."""
        if not self._active and "\x1b[?1049h" not in data:
            self._controls.append(data)
            return
        for token in TOKEN.finditer(data):
            kind = token.lastgroup or "opaque"
            if kind == "opaque":
                self._pass_through(data[token.start() :])
                return
            self._handlers[kind](token)

    def take(self, *, frame: bool, synchronized: bool = False) -> str:
        """Return what to send: what was handed on, then the difference if `frame`."""
        controls = "".join(self._controls)
        self._controls.clear()
        painted = self._paint() if frame and self.has_frame else ""
        if synchronized and len(painted) > WORTH_SYNC:
            painted = SYNC_BEGIN + painted + SYNC_END
        return controls + painted

    def redraw(self) -> None:
        """Send every known cell again."""
        self._painter.forget()
        self._dirty.update(range(self._want.height))

    def _resize(self, width: int, height: int) -> None:
        self._want = Grid(width, height)
        self._painter = Painter(width, height, erases=self._erases)
        self._dirty: set[int] = set()

    def _paint(self) -> str:
        painted = self._painter.paint(self._want, self._dirty, self._cursor)
        self._dirty.clear()
        return painted

    def _on_sgr(self, token: re.Match[str]) -> None:
        sgr = token["sgr"]
        if sgr in {"", "0"}:
            self._sgr = ""
        else:
            self._sgr = f"{self._sgr};{sgr}" if self._sgr else sgr

    def _on_move(self, token: re.Match[str]) -> None:
        row, _, column = token["move"].partition(";")
        self._y, self._x = max(1, int(row or 1)) - 1, max(1, int(column or 1)) - 1

    def _on_text(self, token: re.Match[str]) -> None:
        self._x += self._want.put(self._y, self._x, token["text"], style(self._sgr, self._link))
        self._dirty.add(self._y)

    def _on_newline(self, token: re.Match[str]) -> None:
        self._x = 0
        self._y += token["newline"] == "\n"

    def _on_link(self, token: re.Match[str]) -> None:
        self._link = "" if token["link"] == ";" else token["link"]

    def _on_control(self, token: re.Match[str]) -> None:
        self._controls.append(token[0])

    def _on_mode(self, token: re.Match[str]) -> None:
        mode = token["mode"]
        if mode in {SYNC_BEGIN, SYNC_END}:
            return
        if mode in {"\x1b[?25h", "\x1b[?25l"}:
            self._cursor_shown = mode.endswith("h")
        if "1049" in mode:
            self._active = mode.endswith("h")
            self._controls.append("\x1b[m")
            self.redraw()
        self._controls.append(mode)

    def _pass_through(self, rest: str) -> None:
        place = f"\x1b[{self._y + 1};{self._x + 1}H\x1b[0;{self._sgr}m"
        self._controls.append(self._painter.paint(self._want, self._dirty, None) + place + rest)
        self._dirty.clear()
        self._want.forget()
        self._painter.forget()
        self._sgr = self._link = ""
