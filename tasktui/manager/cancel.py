"""Canceling: a queued task at once, a running one by asking, then by force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasktui.domain.events.lifecycle import TaskCancelRequested, TaskFinished
from tasktui.domain.ports.store import Change, Committed
from tasktui.domain.requests import CancelResult, Disposition
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import ACTIVE, Reason, Status
from tasktui.manager.core import actor_of

if TYPE_CHECKING:
    from tasktui.manager.core import Core
    from tasktui.manager.runs import LocalRun


async def cancel(
    core: Core, prefix: str, *, force: bool = False, by: str = "you", reason: str | None = None
) -> CancelResult:
    """Ask a task to stop; see `Manager.cancel`."""
    task_id = await core.resolve(prefix)
    while True:
        row = await core.row(task_id)
        if row.finished_at is not None:
            return CancelResult("already_finished", row)
        request = TaskCancelRequested(by=by, reason=reason, force=force)
        run = core.runs.get(task_id)
        if run is None or row.status is Status.QUEUED:
            done = await _cancel_queued(core, row, request)
        elif run.run == row.run_no:
            done = await _ask(core, row, run, request)
        else:  # the row is of a run that has ended: this one is to be asked once, and it is to be recorded
            done = None
        if done is not None:
            return done


async def _cancel_queued(core: Core, row: TaskRow, request: TaskCancelRequested) -> CancelResult | None:
    """End a task that no executor works on; None when it has moved on meanwhile."""
    before_start = row.status is Status.QUEUED
    finished = TaskFinished(
        status=Status.CANCELED,
        reason=Reason.CANCELED_BEFORE_START if before_start else Reason.CANCELED,
        source="manager",
        evidence="canceled before it started" if before_start else "no run goes on",
    )
    done = await core.record(row, request, finished, actor=actor_of(request.by), status=row.status)
    if not isinstance(done, Committed) or done.row is None:
        return None
    return CancelResult("canceled", done.row)


async def _ask(core: Core, row: TaskRow, run: LocalRun, request: TaskCancelRequested) -> CancelResult | None:
    """Ask a run to stop, or kill it when it was asked before; each is recorded once.

    None when the run ended meanwhile: in another one, maybe, which nobody shall start.
    """
    first = run.stop.ask("user")
    again = not first and not run.stop.forced
    force = request.force or again
    new = first or (force and not run.stop.forced)
    event = core.event(row.id, run.run, request.model_copy(update={"force": force}), actor_of(request.by))
    if force:
        run.stop.force()
    disposition: Disposition = "forced" if run.stop.forced else "requested"
    if not new:
        return CancelResult(disposition, row)
    if core.writer.degraded:
        core.writer.post(event)
        return CancelResult(disposition, row)
    while row.status in ACTIVE and row.run_no == run.run:
        # of a task that is queued again the request and the end are one commit: no crash falls between
        done = await core.writer.commit(Change(row.id, (event,), expected_status=row.status), patient=True)
        if isinstance(done, Committed) and done.row is not None:
            return CancelResult(disposition, done.row)
        row = await core.row(row.id)
    return None


def stop_all(core: Core) -> None:
    """Ask every run to stop because the manager closes."""
    for run in core.runs.values():
        run.stop.ask("shutdown")
