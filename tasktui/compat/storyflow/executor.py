"""Plain callables of system 003: each in a thread of its own, one at a time by its lane."""

from __future__ import annotations

import asyncio
import threading
import traceback
from collections.abc import Callable
from typing import Any, Final

from tasktui.domain.errors import UnavailableError
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskError
from tasktui.domain.ports.executor import Capabilities, Outcome, RunContext
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Reason, Status

EXECUTOR: Final = "storyflow"
TRACEBACK_CHARS: Final = 4_000
"""Of a traceback, the end that is kept."""
_DONE: Final = Outcome(Status.COMPLETED, Reason.COMPLETED, "the callable returned")
_LEFT: Final = Outcome(Status.CANCELED, Reason.CANCEL_FORCED, "the callable was left behind")


class CallableExecutor:
    """The `Executor` of callables that were handed over under their task's id."""

    def __init__(self) -> None:
        self._given: dict[str, Callable[[], object]] = {}
        self._running: dict[str, RunContext] = {}

    def give(self, task_id: str, function: Callable[[], object]) -> bool:
        """Take what the task is to call; return False when something waits under this id already."""
        return self._given.setdefault(task_id, function) is function

    def forget(self, task_id: str) -> None:
        """Let go of it: the task does not start."""
        self._given.pop(task_id, None)

    def report(self, task_id: str, data: Data) -> bool:
        """Report a fact of a task that runs; return whether it does. On the manager's loop."""
        ctx = self._running.get(task_id)
        if ctx is not None:
            ctx.emit(data)
        return ctx is not None

    def capabilities(self, spec: TaskSpec) -> Capabilities:  # noqa: ARG002  # the port's signature
        """A callable takes no messages and ends with its process."""
        return Capabilities()

    async def check(self, spec: TaskSpec) -> None:
        """Take every callable."""

    async def run(self, ctx: RunContext) -> Outcome:
        """Call it and wait; when it is to be killed, leave it behind."""
        function = self._given.pop(ctx.task_id, None)
        if function is None:
            raise UnavailableError("The process that brought this callable has ended.")
        self._running[ctx.task_id] = ctx
        try:
            return await self._call(ctx, function)
        finally:
            del self._running[ctx.task_id]

    async def _call(self, ctx: RunContext, function: Callable[[], object]) -> Outcome:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[BaseException | None] = loop.create_future()
        work = _in_thread(function, lambda error: loop.call_soon_threadsafe(_settle, done, error))
        threading.Thread(target=work, name=f"task {ctx.task_id}", daemon=True).start()
        killed: asyncio.Future[None] = loop.create_task(ctx.cancel.wait_forced())
        both: set[asyncio.Future[Any]] = {done, killed}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            killed.cancel()
        if not done.done():
            return _LEFT
        error = done.result()
        return _DONE if error is None else _failed(ctx, error)


def _settle(done: asyncio.Future[BaseException | None], error: BaseException | None) -> None:
    if not done.done():
        done.set_result(error)


def _in_thread(
    function: Callable[[], object], tell: Callable[[BaseException | None], object]
) -> Callable[[], None]:
    def work() -> None:
        try:
            function()
        except BaseException as exc:  # noqa: BLE001  # the boundary to the program's code: its failure is the task's
            tell(exc)
        else:
            tell(None)

    return work


def _failed(ctx: RunContext, error: BaseException) -> Outcome:
    lines = "".join(traceback.format_exception(error))
    ctx.emit(TaskError(message=lines[-TRACEBACK_CHARS:], code="TRACEBACK"))
    said = str(error) or type(error).__name__
    return Outcome(Status.FAILED, Reason.ERROR, type(error).__name__, error=said)
