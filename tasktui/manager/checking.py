"""The part of a manager that checks the work of tasks."""

from __future__ import annotations

from tasktui.domain.requests import GateRun, TaskDetail
from tasktui.manager import gates
from tasktui.manager.intake import Intake


class Checking(Intake):
    """The verbs of `domain.ports.checks`."""

    async def run_gate(self, task_id: str, gate: GateRun) -> TaskDetail:
        """Run a check in the task's directory and record its verdict."""
        return await self._core.crew.whole(gates.run_gate(self._core, task_id, gate))

    async def verify_attempt(self, task_id: str, attempt_id: str) -> TaskDetail:
        """See whether an attempt's patch applies to its base, and record that."""
        return await self._core.crew.whole(gates.verify_attempt(self._core, task_id, attempt_id))
