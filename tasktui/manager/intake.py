"""The half of a manager that takes in files and tasks that have been elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from tasktui.domain.history import History, Restored
from tasktui.manager import attachments, restoring
from tasktui.manager.reading import Reading


class Intake(Reading):
    """The verbs of `domain.ports.intake`."""

    async def attach(self, task_id: str, name: str, data: bytes) -> str:
        """Keep a file that goes with a message or a task."""
        return await self._core.crew.whole(attachments.attach(self._core, task_id, name, data))

    async def restore(self, histories: Sequence[History]) -> Sequence[Restored]:
        """Take in tasks that have been elsewhere."""
        return await self._core.crew.whole(restoring.restore(self._core, histories))
