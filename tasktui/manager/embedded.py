"""The local engine: sees one run from its launch to its end, whatever its executor does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tasktui import crashpoint
from tasktui.domain.errors import InvalidError, TasktuiError, UnavailableError
from tasktui.domain.ports.executor import Executor, Outcome
from tasktui.domain.records import Artifact
from tasktui.domain.status import Reason, Status
from tasktui.manager import outcomes, surroundings
from tasktui.manager.deadlines import Deadlines, ladder
from tasktui.manager.finishing import detach, finish

if TYPE_CHECKING:
    from pathlib import Path

    from tasktui.manager.core import Core
    from tasktui.manager.runs import LocalRun

log = logging.getLogger(__name__)


def launch(core: Core, run: LocalRun, known: Sequence[Artifact] = ()) -> None:
    """Begin to see a run through that is claimed or adopted; `known` artifacts were reported already."""
    core.crew.start(_drive(core, run, known), name=f"{run.task_id} run {run.run}")


async def _drive(core: Core, run: LocalRun, known: Sequence[Artifact]) -> None:
    crashpoint.reached("launch.begun")
    try:
        executor = core.executor(run.spec)
        _surround(core, run)
    except (InvalidError, OSError) as exc:
        await finish(core, run, _unfit(exc))
        return
    since = core.clock.now() - round((core.clock.monotonic() - run.started_at) * 1000)
    core.artifacts.watch(run.task_id, _roots(run), run.watched, since=since, known=known)
    can = executor.capabilities(run.spec)
    spare_s = core.limits.cancel_grace_s if can.reattach and not can.external else 0.0
    deadlines = Deadlines(core.clock, run, spare_s=spare_s)
    try:
        outcome = await _see_through(core, run, executor)
    except asyncio.CancelledError:
        await detach(core, run)
        raise
    finally:
        deadlines.cancel()
    await finish(core, run, outcome)


def _roots(run: LocalRun) -> list[Path]:
    return [run.directory.joinpath(run.spec.cwd or "/", folder) for folder in run.spec.watch]


def _surround(core: Core, run: LocalRun) -> None:
    for directory in (run.directory, run.artifacts):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = surroundings.own_variables(core.home, run.directory, run.artifacts, run.run, run.mark)
    run.env = surroundings.environment(run.directory, run.spec, own)


async def _see_through(core: Core, run: LocalRun, executor: Executor) -> Outcome:
    """Return how the work ended; give up an executor that does not stop."""
    limits = core.limits
    work = asyncio.get_running_loop().create_task(_execute(executor, run), name=f"work of {run.task_id}")
    last = asyncio.get_running_loop().create_task(
        ladder(run, grace_s=limits.cancel_grace_s, abandon_s=limits.abandon_s), name=f"stop of {run.task_id}"
    )
    try:
        await asyncio.wait({work, last}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            await _let_go(core, work)
    except asyncio.CancelledError:
        await _let_go(core, work)
        raise
    finally:
        last.cancel()
    return _outcome(run, work)


async def _let_go(core: Core, work: asyncio.Task[Outcome]) -> None:
    work.cancel()
    await asyncio.wait({work}, timeout=core.limits.let_go_s)
    if not work.done():
        core.crew.adopt(work)


def _outcome(run: LocalRun, work: asyncio.Task[Outcome]) -> Outcome:
    if not work.done() or (work.cancelled() and run.stop.requested):
        return outcomes.abandoned()
    if work.cancelled():
        return outcomes.crashed(asyncio.CancelledError("the executor canceled itself"))
    return work.result()


async def _execute(executor: Executor, run: LocalRun) -> Outcome:
    """Run the executor; whatever it raises or returns, there is an outcome."""
    try:
        outcome: object = await executor.run(run)
    except TasktuiError as exc:
        return _unfit(exc)
    except Exception as exc:  # the boundary to code that we did not write: its failure is the task's
        log.warning("the executor of %s raised", run.task_id, exc_info=exc)
        return outcomes.crashed(exc)
    if isinstance(outcome, Outcome):
        return outcome
    sentence = f"The executor returned no outcome but {type(outcome).__name__}"
    return Outcome(Status.FAILED, Reason.BAD_RESULT, "no outcome", "manager", error=sentence)


def _unfit(error: TasktuiError | OSError) -> Outcome:
    """Return how a run ended that could not begin."""
    code = error.code if isinstance(error, TasktuiError) else "OS"
    reason = Reason.RESOURCE_UNAVAILABLE if isinstance(error, UnavailableError) else Reason.SPAWN_FAILED
    return Outcome(Status.FAILED, reason, "not started", "manager", error=str(error), error_code=code)
