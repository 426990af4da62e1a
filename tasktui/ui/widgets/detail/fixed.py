"""Lines that are all known, as a source: for the tabs that are made of a task's row and records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import cast

from tasktui.ui.widgets.detail.line import Line
from tasktui.ui.widgets.detail.source import Look, Match, PlainSource, Value


class FixedLines(PlainSource):
    """A few hundred lines at most."""

    grows = False

    def __init__(self, lines: Sequence[Line] = ()) -> None:
        self._lines = list(lines)
        self.stop = len(self._lines)

    def replace(self, lines: Sequence[Line]) -> Mapping[int, Value]:
        """Take other lines; return those that differ by their items."""
        old, self._lines = self._lines, list(lines)
        self.stop = len(self._lines)
        known = len(old)
        return {item: new for item, new in enumerate(self._lines) if item >= known or new != old[item]}

    async def load(self, first: int, stop: int) -> Mapping[int, Value]:
        """They are there."""
        return {item: self._lines[item] for item in range(first, min(stop, len(self._lines)))}

    def draw(self, item: int, value: Value, look: Look, *, expanded: bool) -> Sequence[Line]:
        """The line."""
        return (cast(Line, value),)

    async def find(self, text: str) -> AsyncIterator[Sequence[Match]]:
        """Look at each line."""
        wanted = text.lower()
        yield [Match(item) for item, line in enumerate(self._lines) if wanted in line.text.lower()]

    def copied(self, item: int, value: Value) -> tuple[str, str]:
        """The line's text."""
        return cast(Line, value).text.strip(), "the line"
