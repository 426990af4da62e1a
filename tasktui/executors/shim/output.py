"""What a task writes, kept under a cap: a head, two rotating tails, and an index of time and stream.

A run's *logical output* is every byte of both streams in the order they were read; an offset counts from
its start.

``out.log`` holds the head: the logical output from offset 0 up to three quarters of the cap. What follows
goes to ``tail.<base>.log``, an eighth of the cap each, where ``base`` is the offset of its first byte in
decimal; only the last two tails are kept. Beside each lies its index, ``out.idx`` or ``tail.<base>.idx``:
records of 24 bytes, little endian, ``<QQII``: milliseconds since the epoch, offset, length, stream (1
stdout, 2 stderr). Within a file the records follow each other without a hole, so a byte's place in the
file is its offset minus the base. Data is written before its record: what no record covers isn't there. A
record may still grow (its length only) while it is the last. Whatever lies between two files was dropped.
Index bytes count towards the cap. No file exists before there is output.
"""

from __future__ import annotations

import os
import struct
import time

RECORD = struct.Struct("<QQII")
LENGTH = struct.Struct("<I")
LENGTH_AT = 16
HEAD = "out"
TAIL = "tail."
STDOUT, STDERR = 1, 2
MERGE_MS = 10
"""Pieces of one stream read within this time share a record."""
MAX_RECORD = 1 << 30
RETRY_S = 1.0
"""How long nothing is tried after a failed write (full disk)."""

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
_PRIVATE = 0o600


class Segment:
    """One file of output and its index, from ``base`` on."""

    def __init__(self, name: str, base: int, room: int) -> None:
        self.name, self.base, self.room = name, base, room
        self.length = self.records = 0
        self._last_ms = self._last_stream = self._last_length = 0
        self._data = os.open(name + ".log", _CREATE, _PRIVATE)
        try:
            # not for appending: the length of the last record is written in place
            self._index = os.open(name + ".idx", _CREATE & ~os.O_APPEND, _PRIVATE)
        except OSError:
            os.close(self._data)
            raise

    @property
    def left(self) -> int:
        """How many more bytes of output fit."""
        return self.room - self.length - (self.records + 1) * RECORD.size

    def append(self, stream: int, block: memoryview) -> None:
        """Add a block and its record; raises OSError, with nothing added, when that fails."""
        done = os.write(self._data, block)
        if done < len(block):
            raise OSError(f"only {done} bytes written")
        self._note(stream, done)
        self.length += done

    def _note(self, stream: int, length: int) -> None:
        now = time.time_ns() // 1_000_000
        near = self.records and stream == self._last_stream and 0 <= now - self._last_ms < MERGE_MS
        if near and self._last_length + length < MAX_RECORD:
            total = self._last_length + length
            os.pwrite(self._index, LENGTH.pack(total), (self.records - 1) * RECORD.size + LENGTH_AT)
            self._last_length = total
            return
        record = RECORD.pack(now, self.base + self.length, length, stream)
        os.pwrite(self._index, record, self.records * RECORD.size)
        self.records += 1
        self._last_ms, self._last_stream, self._last_length = now, stream, length

    def sync(self) -> None:
        """Make what was written durable."""
        os.fsync(self._data)
        os.fsync(self._index)

    def close(self) -> None:
        """Close both files."""
        os.close(self._data)
        os.close(self._index)

    def remove(self) -> None:
        """Delete both files, the index first."""
        os.unlink(self.name + ".idx")
        os.unlink(self.name + ".log")


class CappedOutput:
    """Writes a run's output into the current directory."""

    def __init__(self, cap_bytes: int) -> None:
        self.size = 0
        """Logical bytes seen, kept or not."""
        self._cap = max(cap_bytes, 64 * RECORD.size)
        self._current: Segment | None = None
        self._tails: list[Segment] = []
        self._kept = 0
        self._retry_at = 0.0

    @property
    def dropped(self) -> int:
        """How many bytes are in no file."""
        return self.size - self._kept

    def write(self, stream: int, block: bytes) -> None:
        """Keep a block; what cannot be kept is counted, never waited for."""
        view = memoryview(block)
        while view:
            try:
                segment = self._segment()
                part = view[: segment.left]
                segment.append(stream, part)
                self._kept += len(part)
            except OSError:  # a full disk: the task goes on
                self._retry_at = time.monotonic() + RETRY_S
                part = view
                self._leave()
            self.size += len(part)
            view = view[len(part) :]

    def _segment(self) -> Segment:
        """Return the file to write to, opening the next one when it is full."""
        if self._current is None or self._current.left <= 0:
            if time.monotonic() < self._retry_at:
                raise OSError("too soon after a failure")
            self._leave()
            self._current = self._open()
        return self._current

    def _open(self) -> Segment:
        if not self.size:
            return Segment(HEAD, 0, self._cap * 3 // 4)
        while len(self._tails) > 1:
            oldest = self._tails.pop(0)
            self._kept -= oldest.length
            oldest.remove()
        tail = Segment(f"{TAIL}{self.size}", self.size, self._cap // 8)
        self._tails.append(tail)
        return tail

    def _leave(self) -> None:
        if self._current is not None:
            self._current.close()
            self._current = None

    def sync(self) -> None:
        """Make what is being written durable."""
        if self._current is not None:
            self._current.sync()
