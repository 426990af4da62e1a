"""What a Python job sees: `@job`, the context `ctx`, and the exception of a canceled one.

    from tasktui.jobs import JobContext, job

    @job(lane="gpu", retries=1)
    def render(ctx: JobContext, scenes: int = 3) -> str:
        for number in range(scenes):
            ctx.raise_if_cancelled()
            ctx.progress(number + 1, scenes, phase="rendering")
        return "done"

A function gets the context when it has a parameter named `ctx` or one annotated with `JobContext`. The same
function runs in a process of its own (`tasktui python module:render`) or in a thread of the program that
submits it (`TaskManager.submit_callable`).
"""

from __future__ import annotations

from tasktui.jobs.context import JobContext, JobMessage, TaskCanceled
from tasktui.jobs.marking import JobDefaults, defaults_of, job

__all__ = ["JobContext", "JobDefaults", "JobMessage", "TaskCanceled", "defaults_of", "job"]
