"""Hints to the owner by datagram: never waited for while the task runs, and allowed to be lost."""

from __future__ import annotations

import errno
import json
import socket
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasktui.executors.shim.request import Request, Status

PAUSE_S = 0.05
"""Least time between two hints about output."""
_FULL = (errno.EAGAIN, errno.ENOBUFS)


class Notice:
    """Tells the owner that output grew (at most 20 times a second) and that the run ended."""

    def __init__(self, request: Request, sock: socket.socket) -> None:
        self._to = request["notify"]
        self._head = {"id": request["id"], "run": request["run"]}
        self._sock = sock
        self._pending = self._full = False
        self._next_at = 0.0

    def output_grew(self, *, full: bool = False) -> None:
        """Remember to tell about output; `full`: the task waits for a disk that takes it."""
        self._pending, self._full = True, full

    def act(self) -> None:
        """Send the hint if one is due; an owner whose queue is full gets it later."""
        now = time.monotonic()
        if not self._pending or now < self._next_at:
            return
        self._next_at = now + PAUSE_S
        try:
            hint = self._head | {"what": "out", "full": self._full}
            self._sock.sendto(json.dumps(hint).encode(), socket.MSG_DONTWAIT, self._to)
            self._pending = False
        except OSError as error:
            self._pending = error.errno in _FULL  # else there is no owner: the next one reads all there is

    def wait_ms(self) -> float | None:
        """Return how long until a hint is due, None when there is none."""
        if not self._pending:
            return None
        return max(1.0, (self._next_at - time.monotonic()) * 1000 + 1)

    def ended(self, status: Status) -> bool:
        """Tell the end, waiting a second at most; False when no owner took it."""
        try:
            self._sock.sendto(
                json.dumps({**self._head, "what": "ended", "status": status}).encode(), self._to
            )
        except OSError:
            return False
        return True
