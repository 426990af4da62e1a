"""Executors of system 004 on tasktui's port: `async execute(task, events, cancel)` returns how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from tasktui.compat.adapters import see_through
from tasktui.compat.deepseek import views
from tasktui.compat.deepseek.events import ExecutorEvent, Reporter
from tasktui.domain.ports.executor import CancelScope, Capabilities, Outcome, RunContext
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Reason, Status

EXECUTOR: Final = "deepseek"
"""The name of 004's executor among those of custom work."""
ENDS: Final = {
    "completed": (Status.COMPLETED, Reason.COMPLETED),
    "failed": (Status.FAILED, Reason.ERROR),
    "canceled": (Status.CANCELED, Reason.CANCELED),
}
"""The ends of 004; anything else that an executor returns is no end."""


class CancelToken:
    """Asks whether the task is to stop."""

    def __init__(self, scope: CancelScope) -> None:
        self._scope = scope

    def is_cancelled(self) -> bool:
        """Whether somebody asked for a stop."""
        return self._scope.requested

    async def cancelled(self) -> None:
        """Return when somebody has."""
        await self._scope.wait()


@dataclass(frozen=True, slots=True)
class ExecutionTask:
    """What an executor is given to do."""

    id: str
    prompt: str
    model: str
    workspace: str
    mode: str
    allow_shell: bool
    trust_mode: bool
    auto_approve: bool


@dataclass(frozen=True, slots=True)
class TaskExecutionResult:
    """How an execution ended."""

    status: str
    """completed, failed or canceled."""
    result_text: str | None = None
    error: str | None = None


class Events(Protocol):
    """Takes what an executor reports."""

    def __call__(self, event: ExecutorEvent) -> None:
        """Report an event; never blocks."""
        ...


class TaskExecutor(Protocol):
    """What the embedding program gives 004's manager to run tasks with."""

    async def execute(
        self, task: ExecutionTask, events: Events, cancel: CancelToken
    ) -> TaskExecutionResult | Mapping[str, Any]:
        """Run the task to its end."""
        ...


class DeepSeekExecutor:
    """The `Executor` that runs a `TaskExecutor` on the manager's loop."""

    def __init__(self, executor: TaskExecutor) -> None:
        self._executor = executor

    def capabilities(self, spec: TaskSpec) -> Capabilities:  # noqa: ARG002  # the port's signature
        """It takes no messages and ends with its owner."""
        return Capabilities()

    async def check(self, spec: TaskSpec) -> None:
        """Take every task."""

    async def run(self, ctx: RunContext) -> Outcome:
        """Run one task; it is canceled only when it is to be killed, until then its token tells it."""
        return await see_through(ctx, self._execute(ctx), asyncio.get_running_loop(), patient=True)

    async def _execute(self, ctx: RunContext) -> Outcome:
        reporter = Reporter(ctx.emit)
        token = CancelToken(ctx.cancel)
        task = ExecutionTask(id=ctx.task_id, **_given(ctx.spec))
        try:
            result = await self._executor.execute(task, reporter, token)
        finally:
            reporter.speech.whole()
        return _outcome(result)


def _given(spec: TaskSpec) -> dict[str, Any]:
    names = ("prompt", "model", "workspace", "mode", "allow_shell", "trust_mode", "auto_approve")
    what = views.asked(spec)
    return {name: what[name] for name in names}


def _outcome(result: TaskExecutionResult | Mapping[str, Any]) -> Outcome:
    if isinstance(result, Mapping):
        result = TaskExecutionResult(result["status"], result.get("result_text"), result.get("error"))
    status, reason = ENDS.get(result.status, (Status.FAILED, Reason.BAD_RESULT))
    error = result.error
    if reason is Reason.BAD_RESULT:
        error = f"Task ended in unexpected state: {result.status}"
    text = result.result_text or (views.NO_TEXT if status is Status.COMPLETED else None)
    return Outcome(status, reason, "the executor returned", result=text, error=error)
