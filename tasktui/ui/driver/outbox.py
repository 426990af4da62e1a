"""Sends to the terminal from a thread of its own, so that nothing else ever waits for the terminal."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from tasktui.ui.driver.credit import REQUEST, Credit
from tasktui.ui.driver.frames import Screen

PIECE_BYTES: Final = 1024
"""Written at once, so that a stuck write can be given up between two pieces."""
CANCEL: Final = b"\x18"
"""CAN: makes a terminal drop an unfinished sequence."""


class Outbox:
    """The newest state of a `Screen` goes out when the terminal has taken the last one.

    Hold `changed` while touching the screen.
    """

    def __init__(self, fd: int, screen: Screen, is_synchronized: Callable[[], bool]) -> None:
        self.changed = threading.Condition()
        self._fd = fd
        self._screen = screen
        self._is_synchronized = is_synchronized
        self._credit = Credit()
        self._writing = 0
        self._closing = False
        self._abandoned = False
        self._thread: threading.Thread | None = None

    @property
    def backlog(self) -> int:
        """Bytes on their way that the terminal isn't known to have taken."""
        return self._writing + self._credit.unanswered_bytes

    def start(self) -> None:
        """Start sending, at first and after a suspension."""
        self._closing = self._abandoned = False
        self._credit.reset()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="terminal-writer", daemon=True)
            self._thread.start()

    def answered(self) -> None:
        """Note that the terminal answered a request."""
        with self.changed:
            self._credit.answered(time.monotonic())
            self.changed.notify()

    def drain(self, timeout_s: float) -> bool:
        """Wait until everything has been written; return whether it was."""
        with self.changed:
            return self.changed.wait_for(self._is_idle, timeout_s)

    def close(self, timeout_s: float, discard: Callable[[], None]) -> None:
        """Stop sending. A terminal that takes nothing loses the frame in flight, and still gets the rest.

        Args:
            timeout_s: How long to wait before giving up the frame in flight, and again before giving up.
            discard: Empties what the system has queued for the terminal.
        """
        with self.changed:
            self._closing = True
            self.changed.notify()
        if self._thread is None:
            return
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            self._abandoned = True
            discard()
            self._thread.join(timeout_s)
        if not self._thread.is_alive():
            self._thread = None

    def _run(self) -> None:
        while (payload := self._next()) is not None:
            with suppress(OSError):  # the terminal is gone; whoever gets the hangup decides what follows
                self._write(payload)
            with self.changed:
                self._writing = 0
                self.changed.notify_all()

    def _next(self) -> bytes | None:
        with self.changed:
            while not self._is_due():
                if self._closing:
                    return None
                self.changed.wait(self._pause())
            frame = self._screen.has_frame and not self._credit.wait_s(time.monotonic())
            data = self._screen.take(frame=frame, synchronized=self._is_synchronized())
            payload = data.encode("utf-8", "replace")
            if self._credit.sent(len(payload), time.monotonic()):
                payload += REQUEST.encode()
            self._writing = len(payload)
            return payload

    def _is_due(self) -> bool:
        if self._screen.has_controls:
            return True
        return self._screen.has_frame and not self._closing and not self._credit.wait_s(time.monotonic())

    def _is_idle(self) -> bool:
        return not self._writing and not self._screen.has_controls

    def _pause(self) -> float | None:
        return self._credit.wait_s(time.monotonic()) or None if self._screen.has_frame else None

    def _write(self, payload: bytes) -> None:
        abandoned_before = self._abandoned
        while payload:
            if self._abandoned and not abandoned_before:
                os.write(self._fd, CANCEL)
                return
            written = os.write(self._fd, payload[:PIECE_BYTES])
            payload = payload[written:]
