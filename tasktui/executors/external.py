"""Work that its caller does: it runs from the moment it is asked for until the caller says that it ended."""

from __future__ import annotations

import asyncio
from typing import Final

from tasktui.domain.ports.executor import Capabilities, Outcome, RunContext
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Reason, Status

EXTERNAL: Final = "external"
"""The name under which custom work asks for it."""


class ExternalExecutor:
    """The `Executor` that executes nothing: `Manager.report` and `Manager.finish` are its other end.

    The work outlives this process, for it was never in it. Messages wait for the caller, who reads them from
    the log and reports `intervention.delivered`.
    """

    def capabilities(self, spec: TaskSpec) -> Capabilities:  # noqa: ARG002  # the port's signature
        """Return that the caller does the work."""
        return Capabilities(intervene="queue", approvals=True, reattach=True, external=True)

    async def check(self, spec: TaskSpec) -> None:
        """Refuse nothing."""

    async def run(self, ctx: RunContext) -> Outcome:
        """Wait for the caller's word; a person's cancel leaves it the grace to say how it ended."""
        word = asyncio.ensure_future(ctx.told())
        stop = asyncio.ensure_future(ctx.cancel.wait())
        forced = asyncio.ensure_future(ctx.cancel.wait_forced())
        try:
            await asyncio.wait({word, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not word.done() and ctx.cancel.why == "user":
                await asyncio.wait({word, forced}, return_when=asyncio.FIRST_COMPLETED)
            return word.result() if word.done() else _silent()
        finally:
            for one in (word, stop, forced):
                one.cancel()


def _silent() -> Outcome:
    return Outcome(Status.CANCELED, Reason.CANCELED, "the caller did not say how it ended", "manager")
