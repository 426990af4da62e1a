"""Where each item of a long view stands: items of one height, but for a few that are remembered."""

from __future__ import annotations

from bisect import bisect_right

_MOST_SPANS = 50_000


class Layout:
    """Maps items `first … stop-1` to lines and back without knowing most of them.

    An item has `default` lines unless a span says otherwise: an expanded entry is a span of one item with
    more lines, a hole in an output a span of many items with one.
    """

    def __init__(self, first: int = 0, stop: int = 0, *, default: int = 1) -> None:
        self.default = default
        self._first = first
        self._stop = stop
        self._spans: dict[int, tuple[int, int]] = {}
        self._starts: list[int] = []
        self._tops: list[int] = []
        self._extra = 0
        self._stale = False

    @property
    def first(self) -> int:
        """The first item."""
        return self._first

    @property
    def stop(self) -> int:
        """The item after the last."""
        return self._stop

    @property
    def total(self) -> int:
        """Lines of all items."""
        self._index()
        return (self._stop - self._first) * self.default + self._extra

    def bound(self, first: int, stop: int) -> None:
        """Say which items there are."""
        self._stale = self._stale or first != self._first or stop < self._stop
        self._first, self._stop = first, max(first, stop)

    def clear(self) -> None:
        """Forget every height."""
        self._spans.clear()
        self._stale = True

    def set_height(self, item: int, height: int) -> bool:
        """Say how many lines an item has; return whether that is news."""
        if self.height(item) == height:
            return False
        if height == self.default:
            del self._spans[item]
        else:
            self._spans[item] = (1, height)
        self._stale = True
        return True

    def set_span(self, start: int, length: int, height: int) -> None:
        """Say that many items together have this many lines."""
        for item in [item for item in self._spans if start <= item < start + length]:
            del self._spans[item]
        self._spans[start] = (length, height)
        self._stale = True

    def trim(self, first: int, stop: int) -> None:
        """Forget the heights outside a range when there are very many."""
        if len(self._spans) > _MOST_SPANS:
            self._spans = {item: span for item, span in self._spans.items() if first <= item < stop}
            self._stale = True

    def span(self, start: int) -> tuple[int, int]:
        """How many items begin a span here, and their lines together."""
        return self._spans.get(start, (1, self.default))

    def height(self, item: int) -> int:
        """Lines of an item."""
        found = self._spans.get(item)
        return self.default if found is None else found[1]

    def hidden(self, item: int) -> bool:
        """Whether an item has no lines of its own: it has none, or is inside a span."""
        if item in self._spans:
            return self._spans[item][1] == 0
        self._index()
        index = bisect_right(self._starts, item) - 1
        return index >= 0 and item < self._starts[index] + self._spans[self._starts[index]][0]

    def step(self, item: int, count: int) -> int:
        """The item so many items further, counting only those that have lines."""
        step = 1 if count > 0 else -1
        for _ in range(abs(count)):
            there = item + step
            while self._first <= there < self._stop and self.hidden(there):
                there += step
            if not self._first <= there < self._stop:
                break
            item = there
        return item

    def top(self, item: int) -> int:
        """The first line of an item; of its span, when it stands inside one."""
        self._index()
        index = bisect_right(self._starts, item) - 1
        if index < 0:
            return (item - self._first) * self.default
        start, (length, height) = self._starts[index], self._spans[self._starts[index]]
        if item < start + length:
            return self._tops[index]
        return self._tops[index] + height + (item - start - length) * self.default

    def at(self, line: int) -> tuple[int, int]:
        """The item on a line, and which of its lines that is."""
        self._index()
        index = bisect_right(self._tops, line) - 1
        if index < 0:
            item, sub = divmod(line, self.default)
            return self._first + item, sub
        start, top = self._starts[index], self._tops[index]
        length, height = self._spans[start]
        if line < top + height:
            return start, line - top
        item, sub = divmod(line - top - height, self.default)
        return start + length + item, sub

    def _index(self) -> None:
        if not self._stale:
            return
        self._stale = False
        self._starts = sorted(item for item in self._spans if self._first <= item < self._stop)
        self._tops = []
        self._extra = 0
        for start in self._starts:
            length, height = self._spans[start]
            self._tops.append((start - self._first) * self.default + self._extra)
            self._extra += height - length * self.default
