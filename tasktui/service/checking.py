"""The part of an attached manager that has checks run."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import quote

from tasktui.domain.requests import GateRun, TaskDetail
from tasktui.domain.wire_answers import detail_from_object
from tasktui.service.paths import task_path
from tasktui.service.queueing import Queueing
from tasktui.service.reading import understood


class Checking(Queueing):
    """The verbs of checks of a `RemoteManager`."""

    async def run_gate(self, task_id: str, gate: GateRun) -> TaskDetail:
        """Run a check where the owner is; never sent twice, for it would run twice."""
        return understood(detail_from_object, await self._post(task_path(task_id, "/gate"), asdict(gate)))

    async def verify_attempt(self, task_id: str, attempt_id: str) -> TaskDetail:
        """See whether an attempt's patch applies to its base, and record that."""
        path = task_path(task_id, f"/attempts/{quote(attempt_id, safe='')}/verify")
        return understood(detail_from_object, await self._post(path, {}, again=True))
