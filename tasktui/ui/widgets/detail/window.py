"""A few screens of a source's items: what is loaded, how high it is, what is expanded. No widget, no loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from tasktui.ui.widgets.detail.layout import Layout
from tasktui.ui.widgets.detail.line import Line, wrapped
from tasktui.ui.widgets.detail.source import Look, Source, Value

SPARE: Final = 3
"""Screens that stay loaded on each side of the one that is seen."""


class LineWindow:
    """Items near the place that is seen, and the lines made of them when they are painted."""

    def __init__(self, source: Source, look: Look) -> None:
        self.source = source
        self.look = look
        self.layout = Layout(source.first, source.stop, default=source.default)
        self._values: dict[int, Value] = {}
        self._lines: dict[int, list[Line]] = {}
        self._turned: set[int] = set()
        """Items that a person expanded or collapsed against their first state."""
        self._all: bool | None = None
        """Whether all were expanded or all collapsed."""
        self._opened: set[int] = set()
        """Items whose value holds what it takes to draw them expanded."""
        self._told: set[int] = set()
        """Items that were told of since a reading began: what is read of them may be older."""

    @property
    def loaded(self) -> int:
        """How many items are held."""
        return len(self._values)

    def has(self, item: int) -> bool:
        """Whether an item is loaded."""
        return item in self._values

    def value(self, item: int) -> Value | None:
        """Return what is loaded of an item."""
        return self._values.get(item)

    def items(self) -> list[int]:
        """Return the loaded items in order."""
        return sorted(self._values)

    def lines(self, item: int) -> Sequence[Line] | None:
        """Return the lines of an item, None when it is not loaded."""
        found = self._lines.get(item)
        if found is None and item in self._values:
            found = self._drawn(item, self._values[item])
            self._lines[item] = found
        return found

    def line(self, number: int) -> Line | None:
        """Return one line of the whole view, None when its item is not loaded."""
        item, sub = self.layout.at(number)
        lines = self.lines(item)
        return None if lines is None or sub >= len(lines) else lines[sub]

    def missing(self, first_line: int, last_line: int, spare: int) -> tuple[int, int] | None:
        """Return the range of items to load so that these lines can be drawn, None when all are there."""
        seen = dict.fromkeys(self.layout.at(number)[0] for number in range(max(0, first_line), last_line + 1))
        lacking = [item for item in seen if item < self.source.stop and self._lacks(item)]
        if not lacking:
            return None
        last = lacking[0]
        for item in lacking:
            last = item if item <= last + 1 else last
        low = max(self.source.first, lacking[0] - spare)
        high = min(self.source.stop, last + 1 + spare)
        while not self._lacks(low):
            low += 1
        while not self._lacks(high - 1):
            high -= 1
        return low, high

    def absent(self, items: Iterable[int]) -> None:
        """Take in that there are no such items."""
        for item in items:
            if item not in self._values and not self.layout.hidden(item):
                self.layout.set_height(item, 0)

    def merge(self, values: Mapping[int, Value]) -> None:
        """Take loaded items in, and say to the layout how high they are."""
        for item, value in values.items():
            self._values[item] = value
            self._opened.discard(item)
            self._measure(item)

    def begin(self) -> None:
        """Take in that a reading begins."""
        self._told.clear()

    def tell(self, values: Mapping[int, Value]) -> None:
        """Take in items that are told of as they are now."""
        self._told |= {item for item, value in values.items() if self._values.get(item) is not value}
        self.merge(values)

    def read(self, values: Mapping[int, Value], *, stale: bool) -> None:
        """Take in what was read; all else is dropped where it is stale."""
        if stale:
            kept = {item: value for item, value in self._values.items() if item in self._told}
            self.forget()
            self.merge(kept)
        self.merge({item: value for item, value in values.items() if item not in self._told})

    def bound(self) -> None:
        """Take over from the source which items there are."""
        self.layout.bound(self.source.first, self.source.stop)
        for first, count in self.source.holes:
            if self.layout.span(first) != (count, 1):
                self.layout.set_span(first, count, 1)

    def keep(self, first: int, stop: int) -> None:
        """Drop what is loaded outside a range of items."""
        for item in [item for item in self._values if not first <= item < stop]:
            del self._values[item]
            self._lines.pop(item, None)
        self._opened &= self._values.keys()
        self.layout.trim(first, stop)

    def forget(self) -> None:
        """Drop all that is loaded; heights and what is expanded stay."""
        self._values.clear()
        self._lines.clear()
        self._opened.clear()

    def restyle(self, look: Look) -> None:
        """Draw everything in another way."""
        narrower = look.width != self.look.width or look.wrap != self.look.wrap or look.raw != self.look.raw
        self.look = look
        self._lines.clear()
        if narrower:
            self._remeasure()

    def redraw(self, items: Iterable[int]) -> None:
        """Make the lines of these items anew."""
        for item in items:
            self._lines.pop(item, None)
            if item in self._values:
                self._measure(item)

    def expanded(self, item: int) -> bool:
        """Whether an item shows more than its first line."""
        value = self._values.get(item)
        if value is None or not self.source.opens(value):
            return False
        start = self.source.open_at_first(value) if self._all is None else self._all
        return start != (item in self._turned)

    def turn(self, item: int) -> None:
        """Expand or collapse an item."""
        self._turned ^= {item}
        self.redraw([item])

    def turn_all(self, *, expanded: bool) -> None:
        """Expand or collapse all, those too that are loaded later."""
        self._all = expanded
        self._turned.clear()
        self._lines.clear()
        self._remeasure()

    def unopened(self) -> list[int]:
        """Return the expanded items that still lack what is shown below their first line."""
        return [item for item in self._values if item not in self._opened and self.expanded(item)]

    def opened(self, item: int, value: Value) -> None:
        """Take in what it takes to draw an item expanded."""
        if item in self._values:
            self._values[item] = value
            self._opened.add(item)
            self.redraw([item])

    def _lacks(self, item: int) -> bool:
        return item not in self._values and not self.layout.hidden(item)

    def _remeasure(self) -> None:
        self.layout.clear()
        self.redraw(list(self._values))

    def _measure(self, item: int) -> None:
        self._lines.pop(item, None)
        if self.source.uniform and not self.look.wrap and not self.expanded(item):
            self.layout.set_height(item, self.source.default)
        else:
            self.layout.set_height(item, len(self.lines(item) or ()))

    def _drawn(self, item: int, value: Value) -> list[Line]:
        lines = self.source.draw(item, value, self.look, expanded=self.expanded(item))
        if not self.look.wrap:
            return list(lines)
        return [part for whole in lines for part in wrapped(whole, self.look.width)]


def resized(look: Look, width: int) -> Look:
    """Return the same look for another width."""
    return replace(look, width=width)
