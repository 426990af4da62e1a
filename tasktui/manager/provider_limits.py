"""Runs that ended at a limit which passes by itself: the task waits in sight, and goes on where it was."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskError, TaskHeld, TaskRequeued
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import AgentWork, TaskSpec
from tasktui.domain.status import Status

if TYPE_CHECKING:
    from tasktui.manager.core import Core
    from tasktui.manager.runs import LocalRun

POLICY: Final = "limit"
"""Of a `task.requeued` by a limit."""
MOST_WAITS: Final = 20
"""Of one task; at the next limit it fails."""
_READ: Final = 1_000
"""Requeues of a task that are looked at: more than its runs can be."""


@dataclass(slots=True)
class Waits:
    """What the runs of a task before this one leave to it."""

    number: int = 0
    """How many of them ended at a limit; they do not count as retries."""
    session_id: str | None = None
    """The agent's newest session, which a run after a limit takes up again."""


async def take_up(core: Core, run: LocalRun, row: TaskRow) -> None:
    """Tell a further run what the former ones left; an adopted run is begun with the same as by its owner."""
    if run.run == 1 and not run.adopted:
        return
    page = await core.store.timeline(
        row.id, before_seq=row.last_seq + 1, limit=_READ, types=("task.requeued", "task.linked")
    )
    for event in page.items:
        data = json.loads(event.data)
        if event.type == "task.linked":
            run.waits.session_id = data.get("session_id") or run.waits.session_id
        elif data.get("policy") == POLICY:
            run.waits.number += 1
    requeues = [event for event in page.items if event.type == "task.requeued"]
    if requeues and (session := json.loads(requeues[-1].data).get("resume_session_id")):
        run.spec = _resuming(run.spec, session)


def held(core: Core, run: LocalRun, final: Outcome) -> tuple[Data, ...]:
    """Return the facts of a task that waits for the end of a limit; nothing where it ends."""
    until = final.retry_at_ms
    if until is None or final.status is not Status.FAILED or run.waits.number >= MOST_WAITS:
        return ()
    can_resume = core.executor(run.spec).capabilities(run.spec).resume
    requeued = TaskRequeued(
        from_status=Status.RUNNING, policy=POLICY, recoveries=run.recoveries,
        resume_session_id=run.waits.session_id if can_resume else None,
    )  # fmt: skip
    said = f"Run {run.run} ended: {final.error or final.evidence}"
    held_until = TaskHeld(reason=final.retry_why or "at a limit", until=until)
    return TaskError(message=said, code=final.error_code), requeued, held_until


def _resuming(spec: TaskSpec, session: str) -> TaskSpec:
    if not isinstance(spec.work, AgentWork):
        return spec
    work = spec.work.model_copy(update={"resume_session_id": session})
    return spec.model_copy(update={"work": work})
