"""Text that is too long to read: items are blocks of bytes, cut into lines when they come into sight."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from tasktui.domain.amounts import size as spelled
from tasktui.domain.clean import LIMIT, clean_output, decode
from tasktui.domain.rows import UnixMs
from tasktui.ui.widgets.detail.line import Line, line
from tasktui.ui.widgets.detail.source import Look, Match, PlainSource, Value

BLOCK: Final = 4096
"""Bytes of a block; a line that begins in it belongs to it."""
AHEAD: Final = LIMIT
"""Bytes of the next block that a line may reach into; a longer one goes on as a continuation."""
STDERR: Final = 2
_SCAN: Final = 64
_MAX_READ: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes that follow each other."""

    offset: int
    data: bytes
    size: int
    """All there is, bytes."""
    dropped: tuple[tuple[int, int], ...] = ()
    marks: tuple[tuple[int, int, UnixMs], ...] = ()


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line, or what a block holds of a longer one."""

    offset: int
    data: bytes
    stream: int = 1
    time_ms: UnixMs | None = None
    continued: bool = False
    """Whether it is the middle of a line."""
    dropped: int = 0
    """Bytes that are missing here; then there is no data."""


class TextBlocks(PlainSource, ABC):
    """Lines of a long text: item n is the block of bytes from n * BLOCK on."""

    default = 50
    uniform = False

    def __init__(self) -> None:
        self.size = 0
        self._dropped: tuple[tuple[int, int], ...] = ()
        self._starts: list[int] = []

    @abstractmethod
    async def read(self, offset: int, limit: int) -> Stretch:
        """Read bytes; what was dropped is skipped."""

    def draw_line(self, text: TextLine, look: Look) -> Line:
        """Return one line as it is shown."""
        shown = clean_output(decode(text.data)).replace("\n", "␤")
        return line(("↪ " if text.continued else "", "muted"), (shown, "plain"))

    async def load(self, first: int, stop: int) -> Mapping[int, Value]:
        """Read the blocks of a range."""
        runs = await self._runs(max(0, first * BLOCK - 1), stop * BLOCK + AHEAD)
        blocks: dict[int, Value] = {}
        for item in range(first, min(stop, self.stop)):
            hole = self._hole_at(item)
            if hole is None:
                blocks[item] = tuple(self._lines(item, runs))
            elif hole[0] == item:
                blocks[item] = (TextLine(item * BLOCK, b"", dropped=hole[2]),)
        return blocks

    def draw(self, item: int, value: Value, look: Look, *, expanded: bool) -> Sequence[Line]:
        """The lines that begin in a block."""
        return [
            line((f"… {spelled(text.dropped)} dropped (cap) …", "warn"))
            if text.dropped
            else self.draw_line(text, look)
            for text in cast("tuple[TextLine, ...]", value)
        ]

    async def find(self, text: str) -> AsyncIterator[Sequence[Match]]:
        """Read everything, a stretch at a time."""
        wanted, item = text.lower(), 0
        while item < self.stop:
            found = await self.load(item, min(self.stop, item + _SCAN))
            yield list(self._matches(wanted, found))
            item += _SCAN

    def copied(self, item: int, value: Value) -> tuple[str, str]:
        """The lines of a block."""
        lines = cast("tuple[TextLine, ...]", value)
        return "\n".join(decode(text.data) for text in lines), f"{len(lines):,} lines"

    async def measure(self) -> None:
        """Learn how much there is."""
        self._learn(await self.read(-1, 1))

    def _learn(self, stretch: Stretch) -> None:
        self.size = max(self.size, stretch.size)
        self.stop = -(-self.size // BLOCK)
        if stretch.dropped != self._dropped:
            self._dropped = stretch.dropped
            whole = [(-(-at // BLOCK), (at + length) // BLOCK, length) for at, length in stretch.dropped]
            self._holes = [(first, stop, length) for first, stop, length in whole if stop > first]
            self._starts = [first for first, _, _ in self._holes]
            self.holes = [(first, stop - first) for first, stop, _ in self._holes]

    _holes: Sequence[tuple[int, int, int]] = ()

    def _hole_at(self, item: int) -> tuple[int, int, int] | None:
        index = bisect_right(self._starts, item) - 1
        return self._holes[index] if index >= 0 and item < self._holes[index][1] else None

    async def _runs(self, start: int, end: int) -> list[Stretch]:
        """Read a range of bytes as stretches without holes."""
        runs: list[Stretch] = []
        while start < end:
            got = await self.read(start, min(end - start, _MAX_READ))
            self._learn(got)
            if not got.data or got.offset >= end:
                break
            last = runs[-1] if runs else None
            if last is not None and last.offset + len(last.data) == got.offset:
                marks = last.marks + got.marks
                runs[-1] = Stretch(last.offset, last.data + got.data, got.size, got.dropped, marks)
            else:
                runs.append(got)
            start = got.offset + len(got.data)
        return runs

    def _lines(self, item: int, runs: Sequence[Stretch]) -> Iterator[TextLine]:
        low, high = item * BLOCK, (item + 1) * BLOCK
        end = low
        for run in runs:
            if run.offset + len(run.data) <= low or run.offset >= high:
                continue
            gap = next((length for at, length in self._dropped if at + length == run.offset), 0)
            if gap and end > low:
                yield TextLine(run.offset, b"", dropped=gap)
            yield from _cut(run, low, high)
            end = run.offset + len(run.data)

    def _matches(self, wanted: str, blocks: Mapping[int, Value]) -> Iterator[Match]:
        for item, value in blocks.items():
            for sub, text in enumerate(cast("tuple[TextLine, ...]", value)):
                if wanted in clean_output(decode(text.data)).lower():
                    yield Match(item, sub)


def _cut(run: Stretch, low: int, high: int) -> Iterator[TextLine]:
    """The lines of a run that begin between two offsets, and what reaches into them from before."""
    data, base = run.data, run.offset
    times = [at for at, _, _ in run.marks]
    at = max(low, base)
    inside = at > base and data[at - 1 - base : at - base] != b"\n"
    while at < min(high, base + len(data)):
        newline = data.find(b"\n", at - base)
        end = newline + base if newline >= 0 else base + len(data)
        short = newline >= 0 and end - high <= AHEAD
        stop = end if short or end < high else high
        if not (inside and newline >= 0 and end - low <= AHEAD):
            index = bisect_right(times, at) - 1
            _, stream, time_ms = run.marks[index] if index >= 0 else (0, 1, None)
            yield TextLine(at, data[at - base : stop - base], stream, time_ms, inside)
        inside = False
        at = stop + 1 if stop == end else high
