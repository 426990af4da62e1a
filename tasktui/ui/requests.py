"""Carries a person's requests to the manager, and says what became of them."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING, Final, TypeVar

from tasktui.domain.errors import TasktuiError
from tasktui.ui.machines import several
from tasktui.ui.messages import (
    AnswerRequested,
    ArchiveRequested,
    CancelRequested,
    EditRequested,
    HoldRequested,
    InterveneRequested,
    LaneRequested,
    PauseRequested,
    PriorityRequested,
    PurgeRequested,
    ReorderRequested,
    Request,
    RetryRequested,
    ScheduleStopRequested,
    SubmitRequested,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.requests import Place

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request, for a toast."""

    text: str
    undo: Request | None = None
    failed: bool = False
    made: str = ""
    """The id of the task that came of it, if it is one."""


@singledispatch
async def carry_out(request: Request, manager: Manager) -> Outcome:  # noqa: ARG001 the first of a family of functions
    """Do what was asked.

    Raises:
        TasktuiError: it cannot be done; for requests that name several tasks, none of them could.
    """
    raise TypeError(f"nobody carries out {type(request).__name__}")


@carry_out.register(SubmitRequested)
async def _submit(request: SubmitRequested, manager: Manager) -> Outcome:
    machines = several(manager)
    port = machines.at(request.machine) if machines and request.machine else manager
    task = await port.submit(request.spec, env=surroundings() | dict(request.env))
    where = f" on {task.row.host}" if task.row.host else ""
    return Outcome(f"Queued{where}: {task.row.title}", made=task.id)


@carry_out.register(RetryRequested)
async def _retry(request: RetryRequested, manager: Manager) -> Outcome:
    env = surroundings() | dict(request.env)
    done = await _each(
        manager, request.task_ids, lambda task_id: manager.retry(task_id, spec=request.spec, env=env)
    )
    return Outcome(done.sentence("Queued again"))


@carry_out.register(CancelRequested)
async def _cancel(request: CancelRequested, manager: Manager) -> Outcome:
    done = await _each(
        manager, request.task_ids, lambda task_id: manager.cancel(task_id, force=request.force)
    )
    return Outcome(done.sentence("Killing" if request.force else "Stopping"))


@carry_out.register(HoldRequested)
async def _hold(request: HoldRequested, manager: Manager) -> Outcome:
    act = manager.hold if request.held else manager.release
    done = await _each(manager, request.task_ids, act)
    undo = HoldRequested(done.task_ids, held=not request.held)
    return Outcome(done.sentence("Held" if request.held else "Released"), undo)


@carry_out.register(EditRequested)
async def _edit(request: EditRequested, manager: Manager) -> Outcome:
    return Outcome(f"Changed: {(await manager.edit(request.task_id, request.spec)).row.title}")


@carry_out.register(PauseRequested)
async def _pause(request: PauseRequested, manager: Manager) -> Outcome:
    act = manager.pause if request.paused else manager.resume
    done = await _each(manager, request.task_ids, act)
    undo = PauseRequested(done.task_ids, paused=not request.paused)
    return Outcome(done.sentence("Paused" if request.paused else "Going on:"), undo)


@carry_out.register(ReorderRequested)
async def _reorder(request: ReorderRequested, manager: Manager) -> Outcome:
    word, back, nearest_last = _PLACES[request.where]
    # marked ones keep their order: past a neighbour the nearest moves first, to the front the farthest
    rows = [(await manager.get(task_id)).row for task_id in request.task_ids]
    rows.sort(key=lambda row: (row.position, row.created_seq), reverse=nearest_last)
    done = await _each(
        manager, [row.id for row in rows], lambda task_id: manager.reorder(task_id, request.where)
    )
    return Outcome(done.sentence(word), ReorderRequested(done.task_ids, back) if back else None)


_PLACES: Final[Mapping[Place, tuple[str, Place | None, bool]]] = {
    "earlier": ("Moved forward", "later", False),
    "later": ("Moved back", "earlier", True),
    "first": ("Moved to the front", None, True),
    "last": ("Moved to the end", None, False),
}
"""What is said, what undoes it, and whether the last of several moves first."""


@carry_out.register(LaneRequested)
async def _lane(request: LaneRequested, manager: Manager) -> Outcome:
    lane = await manager.set_lane(request.lane, limit=request.limit, paused=request.paused)
    if request.paused is not None:
        return Outcome(f"Lane {lane.lane}: {'paused' if lane.paused else 'goes on'}")
    return Outcome(f"Lane {lane.lane}: {lane.limit} at once")


@carry_out.register(ScheduleStopRequested)
async def _stop_schedule(request: ScheduleStopRequested, manager: Manager) -> Outcome:
    return Outcome(f"Recurs no more: {(await manager.stop_schedule(request.schedule_id)).title}")


@carry_out.register(PriorityRequested)
async def _priority(request: PriorityRequested, manager: Manager) -> Outcome:
    async def change(task_id: str) -> None:
        task = await manager.get(task_id)
        await manager.set_priority(task_id, task.row.priority + request.change)

    done = await _each(manager, request.task_ids, change)
    word = "Raised" if request.change > 0 else "Lowered"
    return Outcome(
        done.sentence(f"{word} the priority of"), PriorityRequested(done.task_ids, -request.change)
    )


@carry_out.register(ArchiveRequested)
async def _archive(request: ArchiveRequested, manager: Manager) -> Outcome:
    done = await _each(
        manager, request.task_ids, lambda task_id: manager.archive(task_id, archived=request.archived)
    )
    word = "Archived" if request.archived else "Back in the list:"
    return Outcome(done.sentence(word), ArchiveRequested(done.task_ids, archived=not request.archived))


@carry_out.register(PurgeRequested)
async def _purge(request: PurgeRequested, manager: Manager) -> Outcome:
    return Outcome(f"Deleted {_tasks(await manager.purge(request.task_ids))}")


@carry_out.register(InterveneRequested)
async def _intervene(request: InterveneRequested, manager: Manager) -> Outcome:
    from tasktui.domain.requests import Message

    message = Message(request.text, mode=request.mode, client_token=request.client_token)
    sent = await manager.intervene(request.task_id, message)
    return Outcome(f"Message {sent.state}")


@carry_out.register(AnswerRequested)
async def _answer(request: AnswerRequested, manager: Manager) -> Outcome:
    from tasktui.domain.requests import Answer

    answer = Answer(request.request_id, request.decision, request.text, request.scope)
    answered = await manager.answer(request.task_id, answer)
    word = {"allow": "Allowed", "deny": "Denied"}.get(request.decision, "Answered")
    return Outcome(f"{word}: {answered.summary}")


def surroundings() -> dict[str, str]:
    """Return the environment of the person who asks: the owner may run with another one."""
    return {name: value for name, value in os.environ.items() if _storable(name + value)}


def _storable(text: str) -> bool:
    """Whether it is UTF-8: an environment may hold any bytes, JSON may not."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


@dataclass(frozen=True, slots=True)
class _Done:
    task_ids: tuple[str, ...]
    errors: tuple[TasktuiError, ...]
    hosts: tuple[str, ...] = ()
    """The machine of each task, where there are several."""

    def sentence(self, word: str) -> str:
        """Say how many it was done to, and where, and why not to the others."""
        said = f"{word} {_tasks(len(self.task_ids))}{self._where()}"
        if not self.errors:
            return said
        by_host = {str(error.details.get("host", "")): error.message for error in reversed(self.errors)}
        return f"{said}; {len(self.errors)} not: {' '.join(reversed(by_host.values()))}"

    def _where(self) -> str:
        numbers = Counter(self.hosts)
        return f" ({', '.join(f'{number} on {name}' for name, number in numbers.items())})" if numbers else ""


async def _each(manager: Manager, task_ids: Sequence[str], act: Callable[[str], Awaitable[T]]) -> _Done:
    """Do it to each task, on several machines at once; fail only when it could be done to none."""
    by_host: dict[str, list[str]] = {}
    machines = several(manager)
    for task_id in task_ids:
        by_host.setdefault((machines.host_of(task_id) or "") if machines else "", []).append(task_id)
    parts = await asyncio.gather(*(_in_turn(some, act) for some in by_host.values()))
    done = [task_id for part, _ in parts for task_id in part]
    errors = [error for _, failed in parts for error in failed]
    if errors and not done:
        raise errors[0]
    hosts = [name for name, (part, _) in zip(by_host, parts, strict=True) for _ in part if len(by_host) > 1]
    return _Done(tuple(done), tuple(errors), tuple(hosts))


async def _in_turn(
    task_ids: Sequence[str], act: Callable[[str], Awaitable[T]]
) -> tuple[list[str], list[TasktuiError]]:
    done, errors = [], []
    for task_id in task_ids:
        try:
            await act(task_id)
        except TasktuiError as error:
            errors.append(error)
        else:
            done.append(task_id)
    return done, errors


def _tasks(number: int) -> str:
    return "1 task" if number == 1 else f"{number} tasks"
