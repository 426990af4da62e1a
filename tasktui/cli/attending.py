"""Attending a task that was just started: Ctrl-C, standard input, why it waits, and its exit code."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from tasktui.cli.acting import act, complain, ensure_owner
from tasktui.cli.feeding import feed
from tasktui.cli.following import Follower
from tasktui.cli.outlet import Outlet
from tasktui.cli.owners import is_there
from tasktui.cli.printing import tell
from tasktui.cli.reading import one_task
from tasktui.cli.session import Session
from tasktui.cli.telling import Teller
from tasktui.cli.waiting import Waiting
from tasktui.domain.errors import TasktuiError
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Reason, Status

INTERRUPTED: Final = 130
TIMED_OUT: Final = 124
_OWNER_LOOK_S: Final = 2.0
_ENDS: Final = {
    Status.FAILED: "It failed",
    Status.CANCELED: "It was canceled",
    Status.TIMED_OUT: "It took too long",
    Status.INTERRUPTED: "It was interrupted",
    Status.LOST: "Nobody saw how it ended",
}
_ASK, _FORCE, _LEAVE = 1, 2, 3
"""What the first, the second and the third Ctrl-C means."""


def attend(session: Session, task_id: str, *, feeding: bool, speaking: bool = False) -> int:
    """Follow a task to its end and return the exit code that it means here.

    Args:
        session: of this call.
        task_id: the whole id.
        feeding: whether our standard input is the task's.
        speaking: whether what it says is told rather than what it writes.
    """
    if feeding:
        feed(session.home / "tasks" / task_id)
    with one_task(session, task_id) as (reader, _), _interrupts() as interrupts:
        attendance = _Attendance(session, task_id, interrupts, Waiting(reader))
        try:
            if speaking:
                row = Teller(task_id, reader).until_end(attendance.beat)
            else:
                row = Follower(session.home, task_id, reader, Outlet()).until_end(attendance.beat)
        except BrokenPipeError:
            tell(f"The task goes on without its reader: {task_id}. Stop it with tasktui cancel {task_id}")
            raise
    _explain(row)
    return _completion(row) if speaking else exit_code(row)


def _completion(row: TaskRow) -> int:
    """Return 0 only for a task that completed: the exit code of an agent's process says little."""
    code = exit_code(row)
    return 0 if row.status is Status.COMPLETED else code or 1


def exit_code(row: TaskRow) -> int:
    """Return the exit code by which a finished task is told to a shell."""
    if row.status is Status.CANCELED:
        return INTERRUPTED
    if row.status is Status.TIMED_OUT:
        return TIMED_OUT
    if row.exit_code is not None:
        return row.exit_code
    return 0 if row.status is Status.COMPLETED else 1


class _Attendance:
    """What is looked after while a task is followed."""

    def __init__(self, session: Session, task_id: str, interrupts: list[int], waiting: Waiting) -> None:
        self._session = session
        self._task_id = task_id
        self._interrupts = interrupts
        self._obeyed = 0
        self._waiting = waiting
        self._looked_at = time.monotonic()

    def beat(self, row: TaskRow) -> None:
        """Look after it."""
        while self._obeyed < len(self._interrupts):
            self._obeyed += 1
            self._interrupt(self._obeyed)
        self._waiting.tell(row)
        if time.monotonic() - self._looked_at > _OWNER_LOOK_S:
            self._looked_at = time.monotonic()
            self._keep_an_owner()

    def _interrupt(self, number: int) -> None:
        if number >= _LEAVE:
            tell(f"Left while it is being stopped: {self._task_id}")
            raise KeyboardInterrupt
        tell("Stopping it; Ctrl-C again to kill it." if number == _ASK else "Killing it.")
        try:
            act(self._session, self._task_id, "cancel", {"force": number == _FORCE, "reason": "Ctrl-C"})
        except TasktuiError as exc:
            complain(exc, as_json=False)

    def _keep_an_owner(self) -> None:
        """The task outlives its owner, but only an owner can say how it ended."""
        if is_there(self._session.home):
            return
        try:
            ensure_owner(self._session)
        except TasktuiError as exc:
            complain(exc, as_json=False)


def _explain(row: TaskRow) -> None:
    """Say what the exit code alone does not."""
    if row.status is Status.COMPLETED or row.terminal_reason is Reason.EXIT_NONZERO:
        return
    if row.terminal_reason is Reason.SPAWN_FAILED:
        error = _in_one_line(row.error)
        what = error if error.startswith(f"{row.title}: ") else f"{row.title}: {error}"
        tell(f"It could not start: {what} ({row.id})")
        return
    because = f": {_in_one_line(row.error)}" if row.error else ""
    tell(f"{_ENDS.get(row.status, 'It ended')}{because} ({row.id})")


def _in_one_line(error: str | None) -> str:
    return " ".join((error or "").split())


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Collect Ctrl-C instead of dying of it."""
    seen: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        seen.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)
