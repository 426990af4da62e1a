"""The end of a run: everything that is open is closed in the same change as its one terminal event."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from tasktui import crashpoint
from tasktui.domain.clean import decode, summarize
from tasktui.domain.errors import OwnerError, StoreError
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskError, TaskFinished, TaskRequeued
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.ports.store import Change, Conflict
from tasktui.domain.status import Kind, Reason, Status
from tasktui.manager import outcomes, provider_limits, surroundings
from tasktui.manager.spill import ref_of

if TYPE_CHECKING:
    from tasktui.manager.core import Core
    from tasktui.manager.runs import LocalRun

ERROR_CHARS: Final = 2_000
"""Of an error text, what its row keeps."""
INDEX_BYTES: Final = 262_144
"""Of a run's output, from each end, what the full-text index gets."""
LONGEST_BACKOFF_S: Final = 300.0
NO_TEXT: Final = "(no textual output)"
"""Summary of a task that completed and said nothing (system 004's words)."""
_UNSEEN: Final = frozenset({Status.LOST, Status.INTERRUPTED})
"""Ends of an adopted run after which the policy `requeue` runs the task again."""
_GENTLE: Final = frozenset({Status.CANCELED, Status.COMPLETED})

log = logging.getLogger(__name__)


async def finish(core: Core, run: LocalRun, outcome: Outcome) -> None:
    """Store the end of a run, free its place and clear up behind it."""
    await core.artifacts.unwatch(run.task_id)
    run.close()
    await run.drain()
    ref, inline, added = await _result(core, run, outcome)
    try:
        await _commit(core, run, outcome, _Result(ref, inline, added))
    except (OwnerError, StoreError) as exc:
        log.warning("the end of %s is left to the next owner: %s", run.task_id, exc)
    core.runs.pop(run.task_id, None)
    core.scheduler.wake()
    core.retention.consider()
    await index_output(core, run.task_id, run.run)
    run.ended.set()


async def detach(core: Core, run: LocalRun) -> None:
    """Let go of a run whose work goes on without us; what it reported so far is stored."""
    await core.artifacts.unwatch(run.task_id)
    run.close()
    await run.drain()
    core.runs.pop(run.task_id, None)
    run.ended.set()


class _Result:
    """Where the result text is."""

    def __init__(self, ref: str | None, inline: str | None, added: tuple[Data, ...]) -> None:
        self.ref = ref
        self.inline = inline
        self.added = added


async def _result(
    core: Core, run: LocalRun, outcome: Outcome
) -> tuple[str | None, str | None, tuple[Data, ...]]:
    text = outcome.result
    if text is None or len(text.encode("utf-8", "replace")) < core.limits.artifact_bytes:
        return None, text, ()
    added = await run.spill.write("result", text, role="result")
    return ref_of(added), None, (added,)


async def _commit(core: Core, run: LocalRun, outcome: Outcome, result: _Result) -> None:
    """Decide and enqueue at once, so that no cancel falls between."""
    final = outcomes.verdict(outcome, run.stop, segments_failed=run.segments_failed)
    again = _requeue(core, run, final)
    last: tuple[Data, ...] = again or (_finished(core, run, final, result),)
    closing = run.tools.close(canceled=final.status in _GENTLE)
    facts = (*result.added, *closing, *run.talk.expire(), *last)
    events = tuple(core.event(run.task_id, run.run, data) for data in facts)
    if isinstance(last[-1], TaskFinished):
        surroundings.forget_env(run.directory)  # before the commit: nobody comes back for it afterwards
    crashpoint.reached("finish.before_commit")
    done = await core.writer.commit(Change(run.task_id, events), patient=True)
    crashpoint.reached("finish.committed")
    if isinstance(done, Conflict):
        core.late_events += 1
        log.warning("the end of %s came too late: %s", run.task_id, done.detail)


def _requeue(core: Core, run: LocalRun, final: Outcome) -> tuple[Data, ...]:
    """Return the facts of another run, if there is to be one."""
    if final.status in _UNSEEN and run.adopted and run.spec.on_restart == "requeue":
        return requeue_fact(core, Status.RUNNING, run.recoveries)
    used = run.run - run.recoveries - run.waits.number
    if run.stop.why in {"user", "shutdown"}:
        return ()
    if waiting := provider_limits.held(core, run, final):
        return waiting
    if final.status in outcomes.RETRIED and used <= run.spec.retries:
        pause_s = min(core.limits.retry_backoff_s * 2 ** (used - 1), LONGEST_BACKOFF_S)
        due = core.clock.now() + round(pause_s * 1000)
        said = final.error or final.evidence or final.reason.value
        message = f"Run {run.run} ended: {said}. Run {run.run + 1} follows."
        requeued = TaskRequeued(
            from_status=Status.RUNNING, policy="retry", recoveries=run.recoveries, not_before=due
        )
        return TaskError(message=message, code=final.error_code), requeued
    return ()


def requeue_fact(core: Core, status: Status, recoveries: int) -> tuple[TaskRequeued | TaskFinished]:
    """Return the fact of another run after the owner died, or of the end when there were too many."""
    if recoveries < core.limits.recoveries:
        return (TaskRequeued(from_status=status, policy="requeue", recoveries=recoveries + 1),)
    sentence = f"Its owner died {recoveries + 1} times while it ran."
    return (
        TaskFinished(
            status=Status.FAILED,
            reason=Reason.RECOVERY_EXHAUSTED,
            source="recovery",
            evidence="recovery limit",
            error=sentence,
        ),
    )


def _finished(core: Core, run: LocalRun, final: Outcome, result: _Result) -> TaskFinished:
    elapsed_ms = round((core.clock.monotonic() - run.started_at) * 1000)
    summary = summarize(final.result) if final.result else None
    if summary is None and final.status is Status.COMPLETED and run.spec.kind is Kind.AGENT:
        summary = NO_TEXT
    return TaskFinished(
        status=final.status,
        reason=final.reason,
        source=final.source,
        evidence=final.evidence,
        result_summary=summary,
        result_inline=result.inline,
        result_ref=result.ref,
        error=final.error[:ERROR_CHARS] if final.error else None,
        error_code=final.error_code,
        exit_code=final.exit_code,
        duration_ms=max(0, elapsed_ms if final.duration_ms is None else final.duration_ms),
        usage=dict(final.usage) if final.usage is not None else None,
    )


async def index_output(core: Core, task_id: str, run: int) -> None:
    """Put the ends of a run's output into the full-text index; the task is finished without it."""
    directory = core.directory(task_id)
    try:
        head, tail = await asyncio.to_thread(core.outputs.ends, directory, run=run, limit=INDEX_BYTES)
        if head or tail:
            await core.store.index_output(task_id, run, decode(head) + "\n" + decode(tail))
    except (OSError, OwnerError, StoreError) as exc:
        log.warning("the output of %s is not in the index: %s", task_id, exc)
