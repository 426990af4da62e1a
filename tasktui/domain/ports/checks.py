"""What a manager checks about the work of a task by running programs."""

from __future__ import annotations

from typing import Protocol

from tasktui.domain.requests import GateRun, TaskDetail


class Checks(Protocol):
    """The part of the `Manager` port that runs checks; the task may have ended."""

    async def run_gate(self, task_id: str, gate: GateRun) -> TaskDetail:
        """Run a check in the task's directory and record its verdict as `gate.recorded`, its log as a file.

        It returns when the check has ended. A check that fails is recorded, not raised.

        Raises:
            InvalidError: there is nothing to run, or the time for it is out of range.
            UnsupportedError: this manager runs no programs.
        """
        ...

    async def verify_attempt(self, task_id: str, attempt_id: str) -> TaskDetail:
        """See whether an attempt's patch applies to its base, and record that in its `verification`.

        Without a base it is held against the working tree; nothing is changed either way.

        Raises:
            NotFoundError: there is no such attempt.
            InvalidError: it has no patch.
            StateError: another patch was recorded while this one was held against its base.
            UnsupportedError: this manager runs no programs.
        """
        ...
