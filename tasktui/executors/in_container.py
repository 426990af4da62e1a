"""Lets a task run in a container, whatever executor of processes runs it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Final

from tasktui.domain.errors import InvalidError
from tasktui.domain.ports.executor import Capabilities, Executor, Outcome, RunContext
from tasktui.domain.spec import AgentWork, TaskSpec
from tasktui.domain.status import Status
from tasktui.executors.container_argv import PREFIX
from tasktui.executors.containers import Containers
from tasktui.executors.launch import DEFAULT_GRACE_S

NOT_STARTED: Final = 125
"""Exit code of podman and docker themselves: no image, no right, no daemon."""
NO_PROGRAM: Final = {126: "cannot be run in the image", 127: "is not in the image"}


class InContainer:
    """The `Executor` that another one is; it sees to the container that killing its client would leave."""

    def __init__(self, executor: Executor, containers: Containers, grace_s: float = DEFAULT_GRACE_S) -> None:
        self._executor = executor
        self._containers = containers
        self._grace_s = grace_s

    def capabilities(self, spec: TaskSpec) -> Capabilities:
        """Return what the other can do; a stopped client is no stopped container."""
        can = self._executor.capabilities(spec)
        return can if spec.container is None else replace(can, pause=False)

    async def check(self, spec: TaskSpec) -> None:
        """Refuse a container where nothing makes any, and mounts that are not there."""
        await self._executor.check(spec)
        if spec.container is None:
            return
        self._containers.engine()
        sources = [mount.partition(":")[0] for mount in spec.container.mounts]
        if spec.cwd is not None and set(spec.cwd) & set(",:"):
            raise InvalidError(f"A container cannot have this directory, for its comma or colon: {spec.cwd}")
        if missing := [source for source in sources if not Path(source).exists()]:
            raise InvalidError(f"To be mounted, but not there: {', '.join(missing)}")

    async def run(self, ctx: RunContext) -> Outcome:
        """Run it; afterwards nothing of its container is left, however it ended."""
        if ctx.spec.container is None:
            return await self._executor.run(ctx)
        name = f"{PREFIX}{ctx.task_id}-{ctx.run}"
        self._containers.runs[ctx.task_id] = ctx
        stopping = asyncio.ensure_future(self._stop(ctx, name))
        try:
            outcome = await self._executor.run(ctx)
        except Exception:  # whatever it was, it goes on to the manager
            await self._containers.remove(name)
            raise
        finally:
            del self._containers.runs[ctx.task_id]
            stopping.cancel()
            await asyncio.wait({stopping})
        await self._containers.remove(name)
        return _explained(outcome, ctx.spec.container.image)

    async def _stop(self, ctx: RunContext, name: str) -> None:
        """Stop by name; an agent is asked by its protocol first, and only killed so."""
        await ctx.cancel.wait()
        if not ctx.cancel.forced and not isinstance(ctx.spec.work, AgentWork):
            await self._containers.stop(name, grace_s=self._grace_s)
        await ctx.cancel.wait_forced()
        await self._containers.remove(name)


def _explained(outcome: Outcome, image: str) -> Outcome:
    """Return the outcome with what the engine's own exit codes mean."""
    if outcome.status is not Status.FAILED:
        return outcome
    said = outcome.error or ""
    if outcome.exit_code == NOT_STARTED:
        why = outcome.result or said
        error = f"The container could not be started from {image}: {why}"
        return replace(outcome, error=error, error_code="container_not_started")
    if outcome.exit_code in NO_PROGRAM:
        error = f"{said}. The program {NO_PROGRAM[outcome.exit_code]} {image}.".lstrip(". ")
        return replace(outcome, error=error)
    return outcome
