"""Lines of a run's output, with their stream and time, put together from pieces as they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasktui.executors.output import OutputReader, Piece

MAX_LINE_BYTES = 1 << 16
"""A longer line comes in parts of this size."""
READ_BYTES = 1 << 18
FIRST_WINDOW, LAST_WINDOW = 1 << 14, 1 << 22
"""How far back from the end `last_lines` looks, first and at most."""


@dataclass(frozen=True, slots=True)
class OutputLine:
    """A line, or a part of one, without its line end."""

    offset: int
    """Of its first byte in the logical output."""
    end: int
    """After its last byte; to go on from here, follow with the same stream."""
    stream: int
    time_ms: int
    data: bytes
    ended: bool
    """False for a part: the line was too long, or what follows isn't there (yet)."""


class LineFollower:
    """Reads on from an offset; holds at most one unfinished line per stream."""

    def __init__(self, reader: OutputReader, offset: int = 0, stream: int | None = None) -> None:
        self._reader, self._stream = reader, stream
        self.offset = offset
        """Up to where pieces were read."""
        self._open: dict[int, OutputLine] = {}

    def read(self, limit: int = READ_BYTES) -> list[OutputLine]:
        """Return the lines that are complete in the next ``limit`` bytes; ask until `offset` stays."""
        lines: list[OutputLine] = []
        for piece in self._reader.pieces(self.offset, limit):
            if piece.offset != self.offset:
                lines += self.unfinished()  # what would have followed was dropped
                self._open.clear()
            self.offset = piece.offset + len(piece.data)
            if self._stream in (None, piece.stream):
                lines += self._cut(piece)
        return lines

    def unfinished(self) -> list[OutputLine]:
        """Return what was read after the last line end of each stream."""
        return list(self._open.values())

    def _cut(self, piece: Piece) -> Iterator[OutputLine]:
        at = 0
        while at < len(piece.data):
            before = self._open.pop(piece.stream, None)
            kept = before.data if before else b""
            room = MAX_LINE_BYTES - len(kept)
            found = piece.data.find(b"\n", at, at + room + 1)
            stop = found if found >= 0 else min(len(piece.data), at + room)
            line = OutputLine(
                before.offset if before else piece.offset + at,
                piece.offset + stop + (found >= 0),
                piece.stream,
                before.time_ms if before else piece.time_ms,
                kept + piece.data[at:stop],
                ended=found >= 0,
            )
            at = stop + (found >= 0)
            if line.ended or len(line.data) >= MAX_LINE_BYTES:
                yield line
            else:
                self._open[piece.stream] = line


def last_lines(reader: OutputReader, count: int) -> list[OutputLine]:
    """Return the last ``count`` lines at most, an unfinished one included, looking back 4 MiB at most."""
    size, window = reader.size, FIRST_WINDOW
    while True:
        start = max(0, size - window)
        lines = _from(reader, start, size)
        whole = lines if start == 0 else _without_first_parts(lines)
        if len(whole) >= count or start == 0 or window >= LAST_WINDOW:
            return (whole or lines)[-count:] if count else []
        window *= 4


def _from(reader: OutputReader, start: int, size: int) -> list[OutputLine]:
    follower, lines = LineFollower(reader, start), []
    while follower.offset < size:
        before = follower.offset
        lines += follower.read()
        if follower.offset == before:
            break
    return lines + sorted(follower.unfinished(), key=lambda line: line.offset)


def _without_first_parts(lines: list[OutputLine]) -> list[OutputLine]:
    """Leave out the first line of each stream: its beginning lies before the window."""
    firsts = {line.stream: line for line in reversed(lines)}
    return [line for line in lines if line is not firsts[line.stream]]
