"""The two ways to run a Python function: by its name in a process, or as a callable inside the owner."""

from __future__ import annotations

from tasktui.domain.ports.executor import Capabilities, Executor, Outcome, RunContext
from tasktui.domain.spec import PythonWork, TaskSpec


class PythonExecutor:
    """The `Executor` of kind `python`."""

    def __init__(self, durable: Executor, inside: Executor) -> None:
        """Take the executors of both ways."""
        self._durable = durable
        self._inside = inside

    def capabilities(self, spec: TaskSpec) -> Capabilities:
        """Return those of the task's way."""
        return self._of(spec).capabilities(spec)

    async def check(self, spec: TaskSpec) -> None:
        """Check as the task's way does."""
        await self._of(spec).check(spec)

    async def run(self, ctx: RunContext) -> Outcome:
        """Run it its way."""
        return await self._of(ctx.spec).run(ctx)

    def _of(self, spec: TaskSpec) -> Executor:
        inside = isinstance(spec.work, PythonWork) and not spec.work.durable
        return self._inside if inside else self._durable
