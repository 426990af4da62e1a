"""Turns the manager's changes into a few calls a second for each part of the screen."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textual.message_pump import MessagePump
    from textual.timer import Timer

    from tasktui.domain.requests import ChangeSet

LIST_INTERVAL_S: Final = 1 / 30
PANE_INTERVAL_S: Final = 0.09
"""A little less than between two change sets, so that list and pane are painted in one frame."""


class Outlet:
    """Gathers changes for one part of the screen and hands them over at most once per interval.

    Nothing is handed over while it would be in the way: the terminal is behind, the person is on the move.
    """

    def __init__(
        self,
        clock: MessagePump,
        deliver: Callable[[ChangeSet], None],
        interval_s: float,
        waits: Callable[[], bool],
    ) -> None:
        self._clock = clock
        self._deliver = deliver
        self._interval_s = interval_s
        self._waits = waits
        self._waiting: ChangeSet | None = None
        self._timer: Timer | None = None
        self._last = float("-inf")

    def put(self, changes: ChangeSet) -> None:
        """Take changes in; they are handed over at once when the last ones were long enough ago."""
        self._waiting = changes if self._waiting is None else self._waiting.then(changes)
        if self._timer is None:
            wait = self._last + self._interval_s - monotonic()
            if wait > 0:
                self._timer = self._clock.set_timer(wait, self._flush)
            else:
                self._flush()

    def hurry(self) -> None:
        """Hand over what waits, if the last was long enough ago."""
        if monotonic() - self._last >= self._interval_s:
            self._hand_over()

    def _flush(self) -> None:
        self._timer = None
        if self._waits():
            self._timer = self._clock.set_timer(self._interval_s, self._flush)
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        changes, self._waiting = self._waiting, None
        if changes is not None:
            self._last = monotonic()
            self._deliver(changes)
