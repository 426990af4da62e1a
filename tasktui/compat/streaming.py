"""Agents that are async iterators: each item becomes facts, the end of the iterator the end of the run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, Protocol

from tasktui.compat.adapters import see_through
from tasktui.domain.errors import UnavailableError
from tasktui.domain.events.base import Data
from tasktui.domain.ports.executor import Capabilities, Outcome, RunContext
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Reason, Status

BATCH: Final = 64
"""Items after which the agent waits until the manager has taken them."""


class Reader(Protocol):
    """Reads what one agent yields."""

    def take(self, item: Any) -> None:
        """Report an item's facts."""
        ...

    def outcome(self) -> Outcome:
        """Return how the run ended, now that the iterator has."""
        ...


class FarRun:
    """A run as code on another loop uses it."""

    def __init__(self, ctx: RunContext, here: asyncio.AbstractEventLoop) -> None:
        self.ctx = ctx
        self.here = here

    def emit(self, data: Data) -> None:
        """Report a fact; in order, never blocks."""
        self.here.call_soon_threadsafe(self.ctx.emit, data)

    async def room(self) -> None:
        """Wait until the manager has taken most of what was reported."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self.ctx.room(), self.here))


class StreamExecutor:
    """The `Executor` of an agent that is an async iterator, on the loop of the program that brought it."""

    def __init__(
        self,
        host: Callable[[], asyncio.AbstractEventLoop | None],
        begin: Callable[[FarRun], tuple[AsyncIterator[Any], Reader]],
        *,
        capabilities: Capabilities | None = None,
    ) -> None:
        """Take what makes the iterator and its reader.

        Args:
            host: the loop on which the iterator is to run; None when there is none now.
            begin: called there for each run.
            capabilities: what can be done with a running task.
        """
        self._host = host
        self._begin = begin
        self._capabilities = capabilities or Capabilities()

    def capabilities(self, spec: TaskSpec) -> Capabilities:  # noqa: ARG002  # the port's signature
        """Return what was given."""
        return self._capabilities

    async def check(self, spec: TaskSpec) -> None:
        """Take every task."""

    async def run(self, ctx: RunContext) -> Outcome:
        """Iterate to the end; a stop cancels the iteration."""
        host = self._host()
        if host is None or host.is_closed():
            raise UnavailableError("The program that runs this agent is not there.")
        far = FarRun(ctx, asyncio.get_running_loop())
        return await see_through(ctx, self._drive(far), host, patient=False)

    async def _drive(self, far: FarRun) -> Outcome:
        items, reader = self._begin(far)
        number = 0
        try:
            async for item in items:
                reader.take(item)
                number += 1
                if number % BATCH == 0:
                    await far.room()
        except Exception as exc:  # noqa: BLE001  # the boundary to the agent's code: its failure is the task's
            reader.outcome()
            kind = type(exc).__name__
            return Outcome(Status.FAILED, Reason.EXECUTOR_CRASH, kind, error=str(exc) or kind)
        finally:
            close = getattr(items, "aclose", None)
            if close is not None:
                await close()
        return reader.outcome()
