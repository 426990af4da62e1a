"""The run of a task of system 000: a runner's events, read on the loop of the program that brought it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from typing import Any, Final, Protocol

from tasktui.compat.silence import with_silence
from tasktui.compat.soul.calls import Calls
from tasktui.compat.soul.tasks import ENDS, Task
from tasktui.domain.errors import TasktuiError
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.ports.manager import Manager
from tasktui.domain.records import StoredEvent
from tasktui.domain.status import Reason, Status

ACQUIRE_S: Final = 5.0
"""How long a run waits for a place among the resources."""
_STOPS: Final = frozenset({"task.cancel_requested", "task.finished"})
_LONG_S: Final = 3_600.0
_STOPPED: Final = Outcome(Status.CANCELED, Reason.CANCELED, "the runner stopped", "caller")
_NO_END: Final = Outcome(
    Status.FAILED, Reason.BAD_RESULT, "the runner ended without a result", "caller",
    error="The runner ended without a result.",
)  # fmt: skip

log = logging.getLogger(__name__)


class Runner(Protocol):
    """What does the work: an async iterator of events, as dicts or pydantic models.

    `attachment_paths` is given only for a request that has some.
    """

    def execute(self, *, prompt: str, **options: Any) -> AsyncIterator[Any]:
        """Work on a prompt."""
        ...


class Resources(Protocol):
    """What bounds how many runners work at once."""

    def acquire(self, *, timeout: float) -> AbstractAsyncContextManager[Any]:  # the system's own name
        """Hold a place; RuntimeError when there is none in that time."""
        ...


class Execution:
    """Reads one runner to its end; a cancel, or the task's own end, stops the runner."""

    def __init__(
        self, calls: Calls, manager: Manager, task: Task, runner: Runner, resources: Resources | None
    ) -> None:
        self._calls = calls
        self._manager = manager
        self._task = task
        self._runner = runner
        self._resources = resources
        self._ended = False

    async def run(self) -> None:
        """See the run through; the task has ended when this returns."""
        loop = asyncio.get_running_loop()
        work, stop = loop.create_task(self._work()), loop.create_task(self._until_stopped())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not self._ended:
                work.cancel()
            await asyncio.wait({work})
        finally:
            for one in (work, stop):
                one.cancel()
            await asyncio.gather(work, stop, return_exceptions=True)
        outcome = _STOPPED if work.cancelled() else work.result()
        if outcome is not None:
            try:
                await self._calls.finish(self._task.task_id, outcome)
            except TasktuiError:
                log.exception("the run of %s could not be ended", self._task.task_id)

    async def _work(self) -> Outcome | None:
        """Return how the run ended; None when the runner has told of it."""
        place = nullcontext() if self._resources is None else self._resources.acquire(timeout=ACQUIRE_S)
        try:
            async with place:
                await self._read()
        except Exception as exc:  # noqa: BLE001  # the boundary to the program's runner: its failure is the task's
            kind = type(exc).__name__
            return Outcome(Status.FAILED, Reason.EXECUTOR_CRASH, kind, "caller", error=str(exc) or kind)
        return None if self._ended else _NO_END

    async def _read(self) -> None:
        events = self._events()
        try:
            async for event in events:
                told = _as_dict(event)
                self._ended = self._ended or told.get("type") in ENDS
                await self._calls.take(self._task.task_id, told)
        finally:
            close = getattr(events, "aclose", None)
            if close is not None:
                await close()

    def _events(self) -> AsyncIterator[Any]:
        task = self._task
        options: dict[str, Any] = {"attachment_paths": task.attachment_paths} if task.attachment_paths else {}
        return self._runner.execute(
            prompt=task.prompt, resume_session_id=task.resume_session_id,
            get_intervention=self._get_intervention, on_intervention_sent=_told_already,
            allowed_tools=task.allowed_tools, disallowed_tools=task.disallowed_tools, use_mcp=task.use_mcp,
            **options,
        )  # fmt: skip

    async def _get_intervention(self) -> dict[str, Any] | None:
        return await self._calls.get_intervention(self._task.client_id, self._task.request_id)

    async def _until_stopped(self) -> None:
        """Return when somebody asks for a stop, the task has ended, or nobody can be asked any more."""
        events = self._manager.subscribe(self._task.task_id)
        async with aclosing(with_silence(events, _LONG_S)) as following:
            async for event in following:
                if isinstance(event, StoredEvent) and event.type in _STOPS:
                    return


async def _told_already(user: str, text: str) -> None:
    """Nothing: that a message was sent is a fact since it was taken."""


def _as_dict(event: Any) -> Mapping[str, Any]:
    return event if isinstance(event, Mapping) else event.model_dump()
