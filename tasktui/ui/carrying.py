"""Takes requests to the manager, tells the person what became of them, and remembers how to undo the last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

from textual import on, work

from tasktui.domain.errors import TasktuiError
from tasktui.ui.faults import FailSafe
from tasktui.ui.host import key_of
from tasktui.ui.messages import Request, RequestDone, UndoOffered
from tasktui.ui.text import safe_str

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.ui.requests import Outcome

UNDO_S: Final = 10.0
"""How long the last thing can be undone."""


class Carrying(FailSafe, inherit_bindings=False):
    """An app that does what its widgets request."""

    manager: Manager | None = None
    """None until it is connected."""
    undo_s: float = UNDO_S
    """How long the last thing can be undone, seconds."""

    _undo: tuple[Callable[[], object], float] | None = None

    def tell(self, text: str, *, failed: bool = False) -> None:
        """Show a toast; on success and failure of what the person did, and of nothing else."""
        self.notify(safe_str(text), severity="error" if failed else "information", markup=False)

    def stays(self) -> Callable[[], bool]:
        """Return what tells whether the person still is where they are now.

        A dialog that had to be waited for is not put over what came up meanwhile, whose keys it would take.
        """
        screen, at = self.screen, self.screen.focused
        return lambda: self.screen is screen and (at is None or screen.focused in (at, None))

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Tell the person what went wrong inside."""
        try:
            yield
        except TasktuiError as error:
            self.tell(error.message, failed=True)

    @on(Request)
    def _requested(self, request: Request) -> None:
        self._carry(request)

    @work(group="requests")
    async def _carry(self, request: Request) -> None:
        error = await self.carried(request)
        if error is not None:
            self.tell(error, failed=True)

    async def carried(self, request: Request) -> str | None:
        """Do what was asked and say so; return why not, when it could not be done."""
        from tasktui.ui.requests import carry_out  # not before the first frame

        error, made = None, ""
        if self.manager is None:
            error = "Not connected, so nothing was done."
        else:
            try:
                outcome = await carry_out(request, self.manager)
                made = outcome.made
                self._done(outcome)
            except TasktuiError as refused:
                error = refused.message
        for screen in self.screen_stack:
            screen.post_message(RequestDone(request, error, made))
        return error

    def _done(self, outcome: Outcome) -> None:
        undo = outcome.undo
        if undo is None:
            self.tell(outcome.text)
        else:
            self._offer(UndoOffered(outcome.text, lambda: self.post_message(undo)))

    @on(UndoOffered)
    def _offer(self, offer: UndoOffered) -> None:
        self._undo = (offer.undo, monotonic() + self.undo_s)
        self.tell(f"{offer.text} · {key_of(self, 'undo')} undoes")

    def action_undo(self) -> None:
        """Undo the last thing that can be undone, within its time."""
        offered, self._undo = self._undo, None
        if offered is None:
            self.tell("Nothing to undo.")
        elif monotonic() > offered[1]:
            self.tell(f"Too late: what was done can be undone for {self.undo_s:.0f} s.")
        else:
            offered[0]()
