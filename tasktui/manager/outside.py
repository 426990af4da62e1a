"""Work that its caller does: what it reports, and how it says that it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasktui.domain.errors import InvalidError, NotRunningError, StateError, UnsupportedError
from tasktui.domain.events.base import Data
from tasktui.domain.events.people import InterventionDelivered, InterventionFailed
from tasktui.domain.events.registry import REPORTABLE
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.status import TERMINAL

if TYPE_CHECKING:
    from tasktui.domain.rows import TaskRow
    from tasktui.manager.core import Core
    from tasktui.manager.runs import LocalRun


async def report(core: Core, prefix: str, data: Data) -> None:
    """Take a fact about work that its caller does; see `Manager.report`."""
    run = await _run(core, prefix)
    if isinstance(data, InterventionDelivered | InterventionFailed):
        _verdict(run, data)
    elif data.TYPE in REPORTABLE:
        run.emit(data)
    else:
        raise InvalidError(f"This is not for a task to report: {data.TYPE}", type=data.TYPE)
    await run.room()


def _verdict(run: LocalRun, data: InterventionDelivered | InterventionFailed) -> None:
    """Take what became of a message; of several callers that read it, one has it."""
    if data.intervention_id not in run.talk.messages:
        sentence = f"The message waits no longer: {data.intervention_id}"
        raise StateError(sentence, id=run.task_id, intervention_id=data.intervention_id)
    delivered = isinstance(data, InterventionDelivered)
    run.verdict(data.intervention_id, delivered=delivered, detail=data.detail)


async def finish(core: Core, prefix: str, outcome: Outcome) -> TaskRow:
    """End work that its caller does; see `Manager.finish`."""
    if outcome.status not in TERMINAL:
        raise InvalidError(f"This is no end: {outcome.status}", status=outcome.status)
    run = await _run(core, prefix)
    if not run.say(outcome):
        raise NotRunningError(f"It was ended already: {run.task_id}", id=run.task_id)
    await run.ended.wait()
    return await core.row(run.task_id)


async def _run(core: Core, prefix: str) -> LocalRun:
    row = await core.row(prefix)
    run = core.runs.get(row.id)
    if run is None or run.closed:
        raise NotRunningError(f"The task does not run, it is {row.status}: {row.id}", id=row.id)
    if not run.outside:
        raise UnsupportedError(f"The task is not its caller's work: {row.id}", id=row.id)
    return run
