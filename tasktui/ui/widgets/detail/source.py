"""What a long view shows: items that are loaded when they come into sight, and how each is drawn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from tasktui.ui.widgets.detail.line import Line

Value: TypeAlias = object
"""What a source loaded for one item; only the source looks inside."""


@dataclass(frozen=True, slots=True)
class Look:
    """How items are to be drawn now."""

    width: int = 80
    wrap: bool = False
    times: bool = True
    raw: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """A place where the searched text stands."""

    item: int
    sub: int = 0
    """Line within the item."""


class Source(Protocol):
    """Items `first … stop-1`, read by stretches, never all."""

    first: int
    stop: int
    default: int
    """Lines of an item that was not loaded yet."""
    uniform: bool
    """Whether an item that is not expanded has exactly `default` lines unless lines are wrapped."""
    grows: bool
    """Whether new items come at the end, so that it can be followed."""
    about: str
    """What is shown, where it needs saying; in the last line of the pane."""
    holes: Sequence[tuple[int, int]]
    """Stretches of items, (first, count), that are one line together."""

    async def load(self, first: int, stop: int) -> Mapping[int, Value]:
        """Return the items of a range; those that are gone are left out."""
        ...

    def draw(self, item: int, value: Value, look: Look, *, expanded: bool) -> Sequence[Line]:
        """Return the lines of an item, not wrapped."""
        ...

    def opens(self, value: Value) -> bool:
        """Whether there is more to an item than its first line."""
        ...

    def open_at_first(self, value: Value) -> bool:
        """Whether an item is expanded before anybody says so."""
        ...

    async def expand(self, item: int, value: Value) -> Value:
        """Return an item with what it takes to draw it expanded."""
        ...

    def find(self, text: str) -> AsyncIterator[Sequence[Match]]:
        """Give the places where the text stands, in any case, in their order, by and by."""
        ...

    def copied(self, item: int, value: Value) -> tuple[str, str]:
        """Return what the copy key takes from an item, and what that is."""
        ...

    def is_error(self, value: Value) -> bool:
        """Whether the keys for errors stop here."""
        ...

    def is_tool(self, value: Value) -> bool:
        """Whether the keys for tool calls stop here."""
        ...


class PlainSource:
    """What most sources have in common: items of one line that don't open."""

    first: int = 0
    stop: int = 0
    default: int = 1
    uniform: bool = True
    grows: bool = True
    about: str = ""
    holes: Sequence[tuple[int, int]] = ()

    def opens(self, value: Value) -> bool:
        """Nothing opens."""
        return False

    def open_at_first(self, value: Value) -> bool:
        """Nothing is open."""
        return False

    async def expand(self, item: int, value: Value) -> Value:
        """What was loaded is enough."""
        return value

    def is_error(self, value: Value) -> bool:
        """Nothing is an error."""
        return False

    def is_tool(self, value: Value) -> bool:
        """Nothing is a tool call."""
        return False


class Nothing(PlainSource):
    """No items."""

    grows = False

    async def load(self, first: int, stop: int) -> Mapping[int, Value]:
        """There is nothing to read."""
        return {}

    def draw(self, item: int, value: Value, look: Look, *, expanded: bool) -> Sequence[Line]:
        """There is nothing to draw."""
        return ()

    async def find(self, text: str) -> AsyncIterator[Sequence[Match]]:
        """There is nothing to find."""
        for found in tuple[Sequence[Match], ...]():
            yield found

    def copied(self, item: int, value: Value) -> tuple[str, str]:
        """There is nothing to copy."""
        return "", ""
