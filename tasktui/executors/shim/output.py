"""What a task writes, kept under a cap: a head, two rotating tails, and an index of time and stream.

A run's *logical output* is every byte of both streams in the order they were read; an offset counts from
its start.

``out.log`` holds the head: the logical output from offset 0 up to three quarters of the cap. What follows
goes to ``tail.<base>.log``, an eighth of the cap each, where ``base`` is the offset of its first byte in
decimal; only the last two full tails are kept. Beside each lies its index, ``out.idx`` or
``tail.<base>.idx``: records of 24 bytes, little endian, ``<QQII``: milliseconds since the epoch, offset,
length, stream (1 stdout, 2 stderr). Within a file the records follow each other without a hole, so a
byte's place in the file is its offset minus the base. Data is written before its record: what no record
covers isn't there. A record may still grow (its length only) while it is the last. Whatever lies between
two files was dropped. Index bytes count towards the cap. No file exists before there is output.
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

    @property
    def used(self) -> int:
        """How many bytes both files have."""
        return self.length + self.records * RECORD.size

    def append(self, stream: int, block: memoryview) -> int:
        """Add what fits of a block, with its record, and return how much; OSError when nothing was added."""
        try:
            done = os.write(self._data, block)
            self._note(stream, done)
        except OSError:
            os.ftruncate(self._data, self.length)  # the next bytes follow the last that a record covers
            raise
        self.length += done
        return done

    def _note(self, stream: int, length: int) -> None:
        now = time.time_ns() // 1_000_000
        near = self.records and stream == self._last_stream and 0 <= now - self._last_ms < MERGE_MS
        if near and self._last_length + length < MAX_RECORD:
            total = self._last_length + length
            os.pwrite(self._index, LENGTH.pack(total), (self.records - 1) * RECORD.size + LENGTH_AT)
            self._last_length = total
            return
        record = RECORD.pack(now, self.base + self.length, length, stream)
        if os.pwrite(self._index, record, self.records * RECORD.size) < RECORD.size:
            raise OSError("no room for a record")
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

    def __init__(self, cap_bytes: int, *, patient: bool = False) -> None:
        """Take the cap; `patient`: what a full disk does not take is held until there is room."""
        self.size = 0
        """Logical bytes seen, kept or not."""
        self._cap = max(cap_bytes, 64 * RECORD.size)
        self._current: Segment | None = None
        self._tails: list[Segment] = []
        self._kept = 0
        self._retry_at = 0.0
        self._patient = patient
        self._held: list[tuple[int, memoryview]] = []

    @property
    def dropped(self) -> int:
        """How many bytes are in no file."""
        return self.size - self._kept

    @property
    def waits(self) -> bool:
        """Whether something is held for want of room: nothing more should be read from the task."""
        return bool(self._held)

    def write(self, stream: int, block: bytes) -> None:
        """Keep a block; what cannot be kept is held or, without patience, counted."""
        view = memoryview(block)
        rest = view if self._held else self._store(stream, view)
        if not rest:
            return
        if self._patient:
            self._held.append((stream, rest))
        else:
            self._lose(rest)

    def again(self) -> bool:
        """Try to keep what is held, if it is time; False when it is not."""
        due = time.monotonic() >= self._retry_at
        while self._held and time.monotonic() >= self._retry_at:
            stream, view = self._held[0]
            rest = self._store(stream, view)
            self._held[:1] = [(stream, rest)] if rest else []
        return due

    def give_up(self) -> None:
        """Hold nothing any more: what is held is lost and counted."""
        self._patient = False
        for _, view in self._held:
            self._lose(view)
        self._held.clear()

    def wait_ms(self) -> float | None:
        """Return how long until the next try, None when nothing is held."""
        return max(1.0, (self._retry_at - time.monotonic()) * 1000 + 1) if self._held else None

    def _store(self, stream: int, view: memoryview) -> memoryview:
        """Write a block; return what there is no room for."""
        while view:
            try:
                segment = self._segment()
                done = segment.append(stream, view[: segment.left])
            except OSError:  # a full disk: the task goes on
                self._retry_at = time.monotonic() + RETRY_S
                break
            self._kept += done
            self.size += done
            view = view[done:]
        return view

    def _lose(self, view: memoryview) -> None:
        """Count what is kept nowhere; whatever follows begins a file of its own."""
        self.size += len(view)
        self._leave()

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
        while sum(tail.used for tail in self._tails) > self._cap // 8:
            oldest = self._tails.pop(0)
            self._kept -= oldest.length
            oldest.remove()
        tail = Segment(f"{TAIL}{self.size}", self.size, self._cap // 8)
        self._tails.append(tail)
        return tail

    def _leave(self) -> None:
        if self._current is None:
            return
        self._current.close()
        if not self._current.length and self._current in self._tails:  # a full disk: nothing came into it
            self._tails.remove(self._current)
            self._current.remove()
        self._current = None

    def sync(self) -> None:
        """Make what is being written durable."""
        if self._current is not None:
            self._current.sync()
