"""One line of a long view: pieces of clean text, each in a role that the stylesheet colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from rich.cells import cell_len, get_character_cell_size

from tasktui.ui.text import safe_str

ROLES: Final = (
    "plain", "muted", "good", "bad", "warn", "ask", "voice", "person", "strong", "em", "code", "head", "link",
    "keyword", "string", "number", "comment", "added", "removed", "added-line", "removed-line", "hunk",
    "match", "match-current",
    "selected", "cursor",
)  # fmt: skip
"""Component classes are these behind `line--`."""

FILLED: Final = frozenset({"match", "match-current", "selected"})
"""Roles that have a background of their own."""

Span: TypeAlias = tuple[str, str]
"""Clean text and its role."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, left to right."""

    spans: tuple[Span, ...]
    hang: int = 0
    """Cells by which the lines are indented that wrapping makes of this one."""
    mark: str = " "
    """One cell at the left, where no cursor stands."""

    @property
    def text(self) -> str:
        """What stands on it."""
        return "".join(text for text, _ in self.spans)


def line(*spans: Span, hang: int = 0, mark: str = " ") -> Line:
    """Return a line of texts from anywhere."""
    return Line(tuple((safe_str(text), role) for text, role in spans if text), hang, mark)


def wrapped(whole: Line, width: int) -> list[Line]:
    """Return a line as lines of at most `width` cells, broken at spaces where that is possible."""
    if width <= whole.hang or cell_len(whole.text) <= width:
        return [whole]
    lines: list[Line] = []
    indent: tuple[Span, ...] = ((" " * whole.hang, "plain"),) if whole.hang else ()
    room, start, chars = width, 0, list(_characters(whole))
    while start < len(chars):
        stop = _break(chars, start, room)
        lines.append(Line((*indent, *_joined(chars[start:stop])) if lines else tuple(_joined(chars[:stop]))))
        start = stop
        while start < len(chars) and chars[start][0] == " ":
            start += 1
        room = width - whole.hang
    return lines


def marked(whole: Line, query: str, role: str) -> Line:
    """Return a line with every occurrence of `query` (folded) in another role."""
    text = whole.text
    folded = text.lower()
    at = folded.find(query)
    if at < 0 or len(folded) != len(text):
        return whole
    roles = [kind for chars, kind in whole.spans for _ in chars]
    while at >= 0:
        roles[at : at + len(query)] = [role] * len(query)
        at = folded.find(query, at + len(query))
    return Line(tuple(_joined(zip(text, roles, strict=True))), whole.hang, whole.mark)


def _characters(whole: Line) -> Iterator[Span]:
    for text, role in whole.spans:
        for char in text:
            yield char, role


def _break(chars: list[Span], start: int, room: int) -> int:
    """Where the next line ends: after the last space that fits, else where the room ends."""
    used, space = 0, 0
    for index in range(start, len(chars)):
        char = chars[index][0]
        used += get_character_cell_size(char)
        if used > room and index > start:
            return space or index
        if char == " ":
            space = index + 1
    return len(chars)


def _joined(chars: Iterable[Span]) -> Iterator[Span]:
    text, current = "", ""
    for char, role in chars:
        if role != current and text:
            yield text, current
            text = ""
        text, current = text + char, role
    if text:
        yield text, current
