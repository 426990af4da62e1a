"""The last line of defence: whatever a widget drew, no control or bidi character leaves the process."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from textual.filter import LineFilter

from tasktui.domain.glyphs import ascii_twin

if TYPE_CHECKING:
    from textual.color import Color

_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class SafeFilter(LineFilter):
    """Drops control, bidirectional and surrogate characters from every segment.

    `domain/clean.py` has removed them long before; this catches a text that went around it. Lines keep their
    width: Rich measures these characters as nothing (and a surrogate as one cell, hence the replacement).
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without what a terminal would obey."""
        if not any(_UNSAFE.search(text) for text, _, control in segments if not control):
            return segments
        return [
            segment if segment.control else Segment(_UNSAFE.sub(_harmless, segment.text), segment.style)
            for segment in segments
        ]


class AsciiFilter(LineFilter):
    """Draws every glyph as its ASCII twin, borders and scrollbars too: one place for the whole screen."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with twins, as wide as before."""
        if all(text.isascii() for text, _, control in segments if not control):
            return segments
        return [
            segment if segment.control else Segment(ascii_twin(segment.text), segment.style)
            for segment in segments
        ]


def _harmless(match: re.Match[str]) -> str:
    return "\ufffd" if match[0] >= "\ud800" else ""
