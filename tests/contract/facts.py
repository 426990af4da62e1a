"""Facts to put into stores: tasks with work to do, and what happens to them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tasktui.domain import reducer
from tasktui.domain.events import lifecycle
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.registry import parsed
from tasktui.domain.ports.store import Change, Committed, Conflict, Store
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import AgentWork, ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status

T0 = 1_700_000_000_000
"""Of the first fact, in milliseconds."""


def created(prompt: str = "true", *, agent: bool = False, **spec: Any) -> lifecycle.TaskCreated:
    """A task asked for: a shell line, or an agent's prompt."""
    work = AgentWork(preset="demo", prompt=prompt) if agent else ShellWork(command=prompt)
    made = TaskSpec(work=work, **spec)
    return lifecycle.TaskCreated(title=made.title, spec=made)


def finished(
    status: Status = Status.COMPLETED, reason: Reason | None = None, **fields: Any
) -> lifecycle.TaskFinished:
    """An end."""
    usual = Reason.COMPLETED if status == Status.COMPLETED else Reason.ERROR
    return lifecycle.TaskFinished(status=status, reason=reason or usual, **fields)


def change(task_id: str, *data: Data, run: int = 0, ts: int = T0, **options: Any) -> Change:
    """A change of these facts."""
    return Change(task_id, tuple(NewEvent(task_id, run, ts, one) for one in data), **options)


def events(task_id: str, *data: Data, run: int = 1, ts: int = T0) -> list[NewEvent]:
    """Facts on their way to the store."""
    return [NewEvent(task_id, run, ts, one) for one in data]


async def put(store: Store, task_id: str, *data: Data, **options: Any) -> Committed:
    """Commit facts that must be accepted."""
    (answer,) = await store.commit([change(task_id, *data, **options)])
    assert isinstance(answer, Committed), answer
    return answer


async def refused(store: Store, task_id: str, *data: Data, **options: Any) -> Conflict:
    """Commit facts that must be refused."""
    (answer,) = await store.commit([change(task_id, *data, **options)])
    assert isinstance(answer, Conflict), answer
    return answer


async def running(store: Store, task_id: str, *, ts: int = T0, run: int = 1, **spec: Any) -> TaskRow:
    """Make a task and start it."""
    await put(store, task_id, created(**spec), ts=ts)
    started = await put(store, task_id, lifecycle.TaskStarted(), run=run, ts=ts)
    assert started.row is not None
    return started.row


async def ended(
    store: Store, task_id: str, status: Status = Status.COMPLETED, *, ts: int = T0, **spec: Any
) -> None:
    """Make a task, start and end it."""
    await running(store, task_id, ts=ts, **spec)
    await put(store, task_id, finished(status), run=1, ts=ts)


def refolded(log: Sequence[StoredEvent]) -> TaskRow:
    """Fold the log of a task anew."""
    facts = [NewEvent(e.task_id, e.run, e.ts, parsed(e), e.actor) for e in log]
    return reducer.fold(reducer.created(facts[0], log[0].gid), facts[1:])


def crash_image(path: Path, target: Path) -> None:
    """Copy what a process that is killed now would leave: the file and its log."""
    for ending in ("", "-wal"):
        if Path(f"{path}{ending}").exists():
            shutil.copyfile(f"{path}{ending}", f"{target}{ending}")
