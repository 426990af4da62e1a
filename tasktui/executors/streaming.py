"""An executor made of one async generator: what it yields is reported, and its last word is the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Final, TypeAlias

from tasktui.domain.events.base import Data
from tasktui.domain.ports.executor import Capabilities, Outcome, RunContext
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Reason, Status

Stream: TypeAlias = AsyncGenerator[Data | Outcome, None]

_CANCELED: Final = Outcome(Status.CANCELED, Reason.CANCELED, "the stream was closed")
_UNFINISHED: Final = Outcome(
    Status.FAILED, Reason.BAD_RESULT, "the stream ended", error="The executor ended without a result."
)


class StreamExecutor:
    """The `Executor` of work that is a stream of events, as agents are."""

    def __init__(
        self, work: Callable[[RunContext], Stream], *, capabilities: Capabilities | None = None
    ) -> None:
        """Take the work.

        Args:
            work: called with the run's context; yields facts (`tasktui.events`) and at last an `Outcome`. A
                cancel is raised in it as `asyncio.CancelledError`.
            capabilities: what it can do with messages and questions; nothing when None.
        """
        self._work = work
        self._capabilities = capabilities or Capabilities()

    def capabilities(self, spec: TaskSpec) -> Capabilities:  # noqa: ARG002  # the port's signature
        """Return what was given."""
        return self._capabilities

    async def check(self, spec: TaskSpec) -> None:
        """Take every task."""

    async def run(self, ctx: RunContext) -> Outcome:
        """Follow the stream to its outcome, or to a cancel."""
        following = asyncio.ensure_future(self._follow(ctx))
        stop = asyncio.ensure_future(ctx.cancel.wait())
        try:
            await asyncio.wait({following, stop}, return_when=asyncio.FIRST_COMPLETED)
            if following.done():
                return following.result()
            following.cancel()
            await asyncio.wait({following})
            return _CANCELED if following.cancelled() else following.result()
        finally:
            stop.cancel()
            following.cancel()

    async def _follow(self, ctx: RunContext) -> Outcome:
        stream = self._work(ctx)
        try:
            async for item in stream:
                if isinstance(item, Outcome):
                    return item
                ctx.emit(item)
                await ctx.room()
        finally:
            await stream.aclose()
        return _UNFINISHED
