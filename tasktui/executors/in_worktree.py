"""Lets a task work in a git worktree of its own, whatever executor runs it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from tasktui.domain.errors import InvalidError
from tasktui.domain.events.evidence import Attempt, AttemptRecorded
from tasktui.domain.ports.executor import Capabilities, Executor, Outcome, RunContext
from tasktui.domain.spec import TaskSpec
from tasktui.executors.git import LOCAL
from tasktui.executors.worktrees import Worktree, Worktrees

ATTEMPT: Final = "worktree"
"""Id of the attempt that says where a task works."""

log = logging.getLogger(__name__)


class InWorktree:
    """The `Executor` that another one is, in the worktree of those tasks that want one."""

    def __init__(self, executor: Executor, worktrees: Worktrees) -> None:
        self._executor = executor
        self._worktrees = worktrees

    def capabilities(self, spec: TaskSpec) -> Capabilities:
        """Return what the other can do."""
        return self._executor.capabilities(spec)

    async def check(self, spec: TaskSpec) -> None:
        """Refuse a directory of which there can be no worktree, and what the other refuses."""
        await self._executor.check(spec)
        if spec.worktree:
            await self._worktrees.check(_directory(spec))

    async def run(self, ctx: RunContext) -> Outcome:
        """Make the worktree, or find that of a former run, and run the task in it."""
        if ctx.spec.worktree:
            place = await self._worktrees.open(ctx.task_id, _directory(ctx.spec))
            if not ctx.adopted:
                ctx.emit(AttemptRecorded(attempt=_attempt(place)))
            ctx.spec = _in(place, ctx.spec)
            ctx.env = {name: value for name, value in ctx.env.items() if name not in LOCAL}
        return await self._executor.run(ctx)

    async def forget(self, task_id: str) -> None:
        """Remove the worktree of a task that was deleted, unless something would be lost."""
        if (why := await self._worktrees.release(task_id)) is not None:
            log.warning("the worktree of %s stays: %s", task_id, why)


def _directory(spec: TaskSpec) -> Path:
    if spec.cwd is None:
        raise InvalidError("A task in a worktree needs a working directory.")
    return Path(spec.cwd)


def _in(place: Worktree, spec: TaskSpec) -> TaskSpec:
    """Return the spec at its place; in a container git needs the whole worktree and its repository."""
    moved: dict[str, object] = {"cwd": str(place.cwd)}
    if spec.container is not None:
        seen = (place.repository, *((place.path,) if place.inside else ()))
        mounts = (*spec.container.mounts, *seen)
        moved["container"] = spec.container.model_copy(update={"mounts": mounts})
    return spec.model_copy(update=moved)


def _attempt(place: Worktree) -> Attempt:
    return Attempt(
        id=ATTEMPT, base_ref=place.base_ref or None, base_sha=place.base, head_ref=place.branch,
        summary=f"Works in {place.path} on the branch {place.branch}.",
    )  # fmt: skip
