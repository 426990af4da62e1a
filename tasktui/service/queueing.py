"""The half of an attached manager that changes what waits, stands still or is its caller's work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from tasktui.domain.events.base import Data
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.requests import Place, Schedule, Task
from tasktui.domain.rows import Page, TaskRow, UnixMs
from tasktui.domain.spec import TaskSpec
from tasktui.domain.wire import JsonObject, task_from_object, time_text
from tasktui.domain.wire_answers import SCHEDULE, outcome_object, spec_object, submitted_from_object
from tasktui.domain.wire_records import page_from_object
from tasktui.service.following import Following
from tasktui.service.link import Params
from tasktui.service.paths import task_path
from tasktui.service.reading import items, understood

RecordT = TypeVar("RecordT")


class Queueing(Following):
    """The verbs of the queue of a `RemoteManager`."""

    async def hold(self, task_id: str, *, reason: str | None = None, until: UnixMs | None = None) -> TaskRow:
        """Keep a queued task from starting."""
        body = {"reason": reason, "until": None if until is None else time_text(until)}
        return await self._row(task_id, "/hold", body)

    async def release(self, task_id: str) -> TaskRow:
        """Let a held task start."""
        return await self._row(task_id, "/release")

    async def set_priority(self, task_id: str, priority: int) -> TaskRow:
        """Move a queued task in its lane."""
        return await self._row(task_id, "/priority", {"priority": priority})

    async def reorder(self, task_id: str, where: Place) -> TaskRow:
        """Move a queued task among those of its lane and priority."""
        return await self._row(task_id, "/reorder", {"where": where})

    async def edit(self, task_id: str, spec: TaskSpec) -> Task:
        """Change what a queued task is to do, and how."""
        body = {"spec": spec_object(spec)}
        answer = await self._post(task_path(task_id, "/edit"), body, again=True)
        return understood(submitted_from_object, answer)

    async def pause(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Let the work of a running task stand still."""
        return await self._row(task_id, "/pause", {"by": by})

    async def resume(self, task_id: str, *, by: str = "you") -> TaskRow:
        """Let paused work go on."""
        return await self._row(task_id, "/resume", {"by": by})

    async def report(self, task_id: str, data: Data) -> None:
        """Report a fact about work that its caller does."""
        fact = data.model_dump(mode="json", exclude_none=True)
        await self._post(task_path(task_id, "/report"), {"type": data.TYPE, "data": fact})

    async def finish(self, task_id: str, outcome: Outcome) -> TaskRow:
        """End work that its caller does."""
        return await self._row(task_id, "/finish", outcome_object(outcome))

    async def schedules(self) -> Sequence[Schedule]:
        """Return what recurs."""
        return understood(items, await self._get("/v1/schedules"), SCHEDULE.record)

    async def stop_schedule(self, schedule_id: str, *, by: str = "you") -> Schedule:
        """End a schedule."""
        path = f"/v1/schedules/{quote(schedule_id, safe='')}/stop"
        return understood(SCHEDULE.record, await self._post(path, {"by": by}))

    async def _get(self, path: str, params: Params | None = None) -> JsonObject:
        return await self._link.ask("GET", path, params=params)

    async def _post(self, path: str, body: Mapping[str, Any], *, again: bool = False) -> JsonObject:
        return await self._link.ask("POST", path, body=body, again=again)

    async def _page(
        self, path: str, params: Params, form: Callable[[Mapping[str, Any]], RecordT]
    ) -> Page[RecordT]:
        return understood(page_from_object, await self._get(path, params), form)

    async def _row(self, task_id: str, verb: str, body: Mapping[str, Any] | None = None) -> TaskRow:
        return understood(task_from_object, await self._post(task_path(task_id, verb), body or {}))
