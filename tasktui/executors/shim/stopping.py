"""When a run is stopped and how hard: orders, the wall deadline, the wait for the last output."""

from __future__ import annotations

import os
import signal
import time

from tasktui.executors.shim import linux

RETRY_S = 0.02
"""Between two rounds of killing."""
DRAIN_S = 1.0
"""How long output is still read after the leader ended, if something else holds it open."""
GIVE_UP_S = 10.0
"""After so long, what cannot be killed (stuck in the kernel, another user's) is left and counted."""


class Stopping:
    """The ladder of one run: SIGTERM to the tree, a grace, then SIGKILL to everything."""

    def __init__(self, grace_s: float, timeout_s: float | None) -> None:
        now = time.monotonic()
        self.reason: str | None = None
        """``term``, ``kill`` or ``wall``: what stopped the run first, ``kill`` where it was forced later."""
        self._grace_s = grace_s
        self._wall_at = None if timeout_s is None else now + timeout_s
        self._kill_at: float | None = None
        self._drain_at: float | None = None
        self._first_kill_at: float | None = None

    def ask(self, reason: str = "term") -> None:
        """Ask everything to end; it is killed after the grace."""
        if self._kill_at is not None:
            return
        self.reason = reason
        self._kill_at = time.monotonic() + self._grace_s
        pids = linux.tree(os.getpid())
        linux.signal_all(pids, signal.SIGTERM)
        linux.signal_all(pids, signal.SIGCONT)  # a paused process cannot act on the first

    def force(self) -> None:
        """Kill everything now."""
        self.reason = self.reason if self.reason == "wall" else "kill"
        self._kill_at = time.monotonic()

    def leader_ended(self) -> None:
        """Start the wait for the last output."""
        if self._drain_at is None:
            self._drain_at = time.monotonic() + DRAIN_S

    def act(self, *, drained: bool) -> bool:
        """Do what is due; True when it is time to give up on what cannot be killed."""
        now = time.monotonic()
        if self._wall_at is not None and now >= self._wall_at:
            self._wall_at = None
            self.ask("wall")
        if not self._killing(now, drained=drained):
            return False
        linux.kill_tree(os.getpid())
        self._first_kill_at = self._first_kill_at or now
        return now - self._first_kill_at > GIVE_UP_S

    def _killing(self, now: float, *, drained: bool) -> bool:
        if self._drain_at is not None and (drained or now >= self._drain_at):
            return True
        return self._kill_at is not None and now >= self._kill_at

    def wait_ms(self, *, drained: bool) -> float | None:
        """Return how long there is nothing to do, None for ever."""
        now = time.monotonic()
        if self._killing(now, drained=drained):
            return RETRY_S * 1000
        due = [at for at in (self._kill_at, self._drain_at, self._wall_at) if at is not None]
        return max(1.0, (min(due) - now) * 1000 + 1) if due else None
