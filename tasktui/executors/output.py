"""Reading what a run wrote, in bounded pieces, while it runs, after files rotated away, and after its end.

The files are described in `tasktui.executors.shim.output`.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tasktui.executors.shim.output import HEAD, RECORD, TAIL

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_LIMIT = 1 << 16


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of one stream that follow each other."""

    offset: int
    stream: int
    """1 stdout, 2 stderr."""
    time_ms: int
    """Since the epoch, when they were read from the task."""
    data: bytes


class _OutputFile:
    """One file of output with its index, open."""

    def __init__(self, base: int, data: int, index: int) -> None:
        self.base, self._data, self._index = base, data, index
        self._records = os.fstat(index).st_size // RECORD.size
        self.end = base
        if self._records:
            _, offset, length, _ = self._record(self._records - 1)
            self.end = offset + length

    def _record(self, number: int) -> tuple[int, int, int, int]:
        """Return time, offset, length and stream."""
        record = os.pread(self._index, RECORD.size, number * RECORD.size)
        time_ms, offset, length, stream = RECORD.unpack(record)
        return time_ms, offset, length, stream

    def read(self, offset: int, limit: int) -> bytes:
        """Return bytes from ``offset`` on, none beyond the last record."""
        return os.pread(self._data, max(0, min(limit, self.end - offset)), offset - self.base)

    def pieces(self, start: int, limit: int) -> Iterator[Piece]:
        """Split what `read` returns where the stream or the time changes."""
        data = self.read(start, limit)
        end, number, at = start + len(data), self._find(start), start
        while at < end:
            time_ms, offset, length, stream = self._record(number)
            stop = min(end, offset + length)
            yield Piece(at, stream, time_ms, data[at - start : stop - start])
            number, at = number + 1, stop

    def _find(self, offset: int) -> int:
        """Return the number of the last record that starts at or before ``offset``."""
        low, high = 0, self._records - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._record(middle)[1] <= offset:
                low = middle
            else:
                high = middle - 1
        return low


class OutputReader:
    """The output of one run by its logical offsets; it keeps no file open and no state."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @property
    def size(self) -> int:
        """The offset after the last byte that is kept."""
        return max((end for _, end in self.ranges()), default=0)

    def ranges(self) -> list[tuple[int, int]]:
        """Return the ranges of offsets that are kept, in order."""
        kept = []
        for base in self._bases():
            with self._open(base) as file:
                if file is not None and file.end > base:
                    kept.append((base, file.end))
        return kept

    def dropped(self) -> list[tuple[int, int]]:
        """Return the ranges of offsets that are not kept any more, in order."""
        ranges = self.ranges()
        ends = [0, *(end for _, end in ranges)]
        return [(end, start) for end, (start, _) in zip(ends, ranges, strict=False) if start > end]

    def read(self, offset: int, limit: int = DEFAULT_LIMIT) -> tuple[bytes, int]:
        """Return up to ``limit`` bytes and the offset after them.

        Where ``offset`` was dropped the next bytes that are kept follow: they start at the returned offset
        less their length. At the end no bytes and the same offset are returned.
        """
        with self._file_at(offset) as file:
            if file is None:
                return b"", offset
            start = max(offset, file.base)
            data = file.read(start, limit)
            return data, start + len(data)

    def pieces(self, offset: int, limit: int = DEFAULT_LIMIT) -> list[Piece]:
        """Return up to ``limit`` bytes as `read` does, split where the stream or the time changes."""
        with self._file_at(offset) as file:
            return [] if file is None else list(file.pieces(max(offset, file.base), limit))

    @contextmanager
    def _file_at(self, offset: int) -> Iterator[_OutputFile | None]:
        """Open the file that has ``offset``, or the first one after it; None at the end."""
        for base in self._bases():
            with self._open(base) as file:
                if file is not None and file.end > offset:
                    yield file
                    return
        yield None

    @contextmanager
    def _open(self, base: int) -> Iterator[_OutputFile | None]:
        """Open one file; None when it was rotated away meanwhile."""
        name = f"{TAIL}{base}" if base else HEAD
        try:
            data = (self._directory / f"{name}.log").open("rb", buffering=0)
        except FileNotFoundError:
            yield None
            return
        with data:
            try:
                index = (self._directory / f"{name}.idx").open("rb", buffering=0)
            except FileNotFoundError:
                yield None
                return
            with index:
                yield _OutputFile(base, data.fileno(), index.fileno())

    def _bases(self) -> list[int]:
        """Return the first offsets of the files that are there, in order."""
        try:
            names = os.listdir(self._directory)  # noqa: PTH208 (names are wanted, not paths)
        except FileNotFoundError:
            return []
        indexes = [Path(name).stem for name in names if name.endswith(".idx")]
        tails = [name.removeprefix(TAIL) for name in indexes if name.startswith(TAIL)]
        return sorted([*(int(tail) for tail in tails if tail.isdigit()), *([0] if HEAD in indexes else [])])
