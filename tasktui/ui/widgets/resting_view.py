"""A window of rows that says when the cursor has come to rest on one."""

from __future__ import annotations

from functools import partial
from typing import Final

from textual.message import Message
from textual.timer import Timer

from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.ui.messages import TaskSelected
from tasktui.ui.widgets.marking_view import MarkingView

REST_S: Final = 0.08
"""How long the cursor rests on a row before its details are read."""
BREATH_S: Final = 0.012
"""After a key: its frame is out, and the next key of one held down is farthest away."""


class RestingView(MarkingView):
    """Posts `TaskSelected` when the cursor rests."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rest: Timer | None = None
        self._breath: Timer | None = None
        self._moving_since: UnixMs = 0

    class Breath(Message):
        """The cursor moves, and now is the time for what would delay a key."""

    @property
    def is_moving(self) -> bool:
        """Whether the cursor was moved and has not come to rest: what it passes is read by nobody."""
        return self._rest is not None

    def now(self) -> UnixMs:
        """Stop the ages while the cursor moves: painting a page of them would delay the keys."""
        return self._moving_since if self.is_moving else super().now()

    def landed(self, row: TaskRow | None) -> None:
        """Tell the others once the cursor rests."""
        if self.marking and row is not None:
            self.marks.add([row])
        self._moving_since = self.now()
        for timer in (self._rest, self._breath):
            if timer is not None:
                timer.stop()
        self._rest = self.set_timer(REST_S, self._rested)
        self._breath = self.set_timer(BREATH_S, partial(self.post_message, self.Breath()))

    def _rested(self) -> None:
        self._rest = None
        self.repaint()
        self.post_message(TaskSelected(self.row))
