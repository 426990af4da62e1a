"""Noticing that a task's own event file grew, for all live tasks with one inotify instance.

The instance is the owner's, not one per shim: a user may have 128 of them.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVENTS = "events.jsonl"
PAUSE_S = 0.02
"""A task that writes without end wakes the owner this often, not for every line."""
POLL_S = 1.0
"""How often files are looked at that the kernel doesn't watch (its limit is reached)."""

IN_MODIFY, IN_MOVED_TO, IN_CREATE = 0x2, 0x80, 0x100
IN_Q_OVERFLOW, IN_IGNORED, IN_ONLYDIR = 0x4000, 0x8000, 0x01000000
_HEADER = struct.Struct("iIII")
_BUFFER = 1 << 16
_LIBC = ctypes.CDLL(None, use_errno=True)


class EventWatch:
    """Calls back when ``events.jsonl`` of a watched directory has grown, or may have."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._callbacks: dict[Path, Callable[[], None]] = {}
        self._by_watch: dict[int, Path] = {}
        self._sizes: dict[Path, int] = {}
        """Of the files that are polled."""
        self._timer: asyncio.TimerHandle | None = None
        self._poll_timer: asyncio.TimerHandle | None = None
        self._fd = _LIBC.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self._fd >= 0:
            self._loop.add_reader(self._fd, self._on_ready)

    def add(self, directory: Path, callback: Callable[[], None]) -> None:
        """Watch a task's directory."""
        self._callbacks[directory] = callback
        if self._watch(directory, directory, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR):
            self._watch(directory, directory / EVENTS, IN_MODIFY)
            return
        self._sizes[directory] = _size(directory)
        if self._poll_timer is None:
            self._poll_timer = self._loop.call_later(POLL_S, self._poll)

    def remove(self, directory: Path) -> None:
        """Stop watching."""
        self._callbacks.pop(directory, None)
        self._sizes.pop(directory, None)
        for watch in [watch for watch, of in self._by_watch.items() if of == directory]:
            del self._by_watch[watch]
            _LIBC.inotify_rm_watch(self._fd, watch)

    def close(self) -> None:
        """Stop watching everything."""
        for timer in (self._timer, self._poll_timer):
            if timer is not None:
                timer.cancel()
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1
        self._callbacks.clear()

    def _watch(self, directory: Path, path: Path, mask: int) -> bool:
        if self._fd < 0:
            return False
        watch: int = _LIBC.inotify_add_watch(self._fd, os.fsencode(path), mask)
        if watch >= 0:
            self._by_watch[watch] = directory
        return watch >= 0

    def _on_ready(self) -> None:
        self._loop.remove_reader(self._fd)
        self._timer = self._loop.call_later(PAUSE_S, self._resume)
        try:
            grown = self._grown(os.read(self._fd, _BUFFER))
        except BlockingIOError:
            return
        for directory in grown:
            if callback := self._callbacks.get(directory):
                callback()

    def _resume(self) -> None:
        self._loop.add_reader(self._fd, self._on_ready)

    def _grown(self, events: bytes) -> set[Path]:
        """Return the directories whose event file grew; a new file is watched from now on."""
        grown, at = set(), 0
        while at < len(events):
            watch, mask, _, length = _HEADER.unpack_from(events, at)
            name = events[at + _HEADER.size : at + _HEADER.size + length].rstrip(b"\0")
            at += _HEADER.size + length
            if mask & IN_Q_OVERFLOW:
                return self._everything()
            directory = self._by_watch.get(watch)
            if mask & IN_IGNORED:
                self._by_watch.pop(watch, None)
            elif directory is not None and (mask & IN_MODIFY or name == EVENTS.encode()):
                if not mask & IN_MODIFY:
                    self._watch(directory, directory / EVENTS, IN_MODIFY)
                grown.add(directory)
        return grown

    def _everything(self) -> set[Path]:
        """Return all directories after the kernel forgot what it had to tell: of new files as well."""
        for directory in self._callbacks:
            self._watch(directory, directory / EVENTS, IN_MODIFY)
        return set(self._callbacks)

    def _poll(self) -> None:
        for directory, before in list(self._sizes.items()):
            if (now := _size(directory)) != before:
                self._sizes[directory] = now
                self._callbacks[directory]()
        self._poll_timer = self._loop.call_later(POLL_S, self._poll) if self._sizes else None


def _size(directory: Path) -> int:
    try:
        return (directory / EVENTS).stat().st_size
    except OSError:
        return 0
