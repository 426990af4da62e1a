"""Callables inside the owner: in the threads of their lane, or on the loop that gave them."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasktui.domain.errors import InvalidError, UnavailableError
from tasktui.domain.ports.executor import Capabilities, Outcome, RunContext
from tasktui.domain.spec import PythonWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.executors.lane_threads import LaneThreads
from tasktui.executors.python_call import UnfitError, bound, error_line, own_traceback, result_text
from tasktui.executors.thread_context import ThreadContext
from tasktui.jobs import TaskCanceled

TRACEBACK = "traceback.txt"
_CANCELED = Outcome(Status.CANCELED, Reason.CANCELED, "the callable stopped")


@dataclass(frozen=True)
class Call:
    """A callable with what it is to be called with."""

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    loop: asyncio.AbstractEventLoop | None = None
    """Where it runs if it is async."""
    cleanup: Callable[[], object] | None = None
    """Called after it, in its thread, however it ended."""


class CallableExecutor:
    """The `Executor` of callables that the owner's own program gave."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._threads = LaneThreads()

    def give(self, name: str, call: Call) -> None:
        """Take a callable, to be run by the task whose work names it."""
        self._calls[name] = call

    def forget(self, name: str) -> None:
        """Let go of a callable whose task has ended."""
        self._calls.pop(name, None)

    def close(self) -> None:
        """Let idle threads end."""
        self._threads.close()

    def capabilities(self, spec: TaskSpec) -> Capabilities:  # noqa: ARG002  # the port's signature
        """Messages and answers reach its context; it ends with its owner."""
        return Capabilities(intervene="steer", approvals=True)

    async def check(self, spec: TaskSpec) -> None:
        """Refuse a callable that this program did not give."""
        self._call(spec)

    async def run(self, ctx: RunContext) -> Outcome:
        """Call it and wait for its end."""
        call = self._call(ctx.spec)
        context = ThreadContext(ctx)
        try:
            async with asyncio.TaskGroup() as group:
                running = _Running(call, context, self._threads, _work(ctx.spec), ctx)
                works = (context.pump(), context.listen(), running.stop_when_asked())
                sides = [group.create_task(work) for work in works]
                outcome = await running.outcome(ctx.spec.lane)
                for side in sides:
                    side.cancel()
        finally:
            context.end()
        await context.drain()
        return outcome

    def _call(self, spec: TaskSpec) -> Call:
        work = _work(spec)
        call = self._calls.get(work.call or "")
        if call is None:
            sentence = f"{work.function} was given as a callable: only the program that gave it can run it."
            raise UnavailableError(sentence, function=work.function)
        return call


class _Running:
    """One call under way."""

    def __init__(
        self, call: Call, context: ThreadContext, threads: LaneThreads, work: PythonWork, ctx: RunContext
    ) -> None:
        self._call = call
        self._context = context
        self._threads = threads
        self._work = work
        self._ctx = ctx
        self._awaiting: asyncio.Task[Any] | None = None

    async def outcome(self, lane: str) -> Outcome:
        """Make the call where it belongs."""
        call = self._call
        try:
            made = bound(call.function, self._context, call.args, call.kwargs)
        except UnfitError as exc:
            return Outcome(
                Status.FAILED, Reason.SPAWN_FAILED, "not called", error=f"{self._work.function}: {exc}"
            )
        if call.loop is not None and _is_async(call.function):
            return await self._on_its_loop(made, call.loop)
        return await asyncio.wrap_future(self._threads.submit(lane, lambda: self._in_thread(made)))

    async def stop_when_asked(self) -> None:
        await self._ctx.cancel.wait()
        self._context.cancel()
        if self._awaiting is not None and self._call.loop is not None:
            self._call.loop.call_soon_threadsafe(self._awaiting.cancel)

    async def _on_its_loop(self, made: Callable[[], Any], loop: asyncio.AbstractEventLoop) -> Outcome:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._awaited(made), loop))

    async def _awaited(self, made: Callable[[], Awaitable[Any]]) -> Outcome:
        self._awaiting = asyncio.current_task()
        try:
            if self._context.cancelled:
                return _CANCELED
            return self._returned(await made())
        except BaseException as exc:  # noqa: BLE001  # the callable's end, whatever it is, not that of its loop
            return self._raised(exc)
        finally:
            self._clean_up()

    def _in_thread(self, made: Callable[[], Any]) -> Outcome:
        try:
            value = made()
            return self._returned(asyncio.run(_whole(value)) if inspect.isawaitable(value) else value)
        except BaseException as exc:  # noqa: BLE001  # the callable's end, whatever it is, not that of its thread
            return self._raised(exc)
        finally:
            self._clean_up()

    def _returned(self, value: object) -> Outcome:
        text = result_text(value)
        failed, whole = self._context.segments_failed, self._context.segments_ok
        if self._work.fail_on_segment_error and failed:
            error = f"{failed} of {failed + whole} segments failed."
            return Outcome(Status.FAILED, Reason.ERROR, "segments failed", error=error, result=text)
        return Outcome(Status.COMPLETED, Reason.COMPLETED, "the callable returned", result=text)

    def _raised(self, exc: BaseException) -> Outcome:
        if isinstance(exc, TaskCanceled | asyncio.CancelledError):
            return _CANCELED
        text = own_traceback(exc)
        with contextlib.suppress(OSError):
            self._context.artifact(
                text.encode("utf-8", "backslashreplace"), TRACEBACK, role="log", summary=error_line(exc)
            )
        self._context._tell("task.error", message=text, code="TRACEBACK")  # noqa: SLF001  # no word of jobs for it
        name = type(exc).__name__
        return Outcome(Status.FAILED, Reason.ERROR, f"raised {name}", error=error_line(exc), error_code=name)

    def _clean_up(self) -> None:
        if self._call.cleanup is None:
            return
        try:
            self._call.cleanup()
        except Exception as exc:  # noqa: BLE001  # the callable's end stands, whatever its cleaning up does
            self._context.warn(f"Cleaning up failed: {error_line(exc)}", code="CLEANUP")


async def _whole(value: Awaitable[Any]) -> Any:
    return await value


def _is_async(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004  # an object whose call is async
    )


def _work(spec: TaskSpec) -> PythonWork:
    if not isinstance(spec.work, PythonWork):
        raise InvalidError(f"not a Python task: {spec.work.kind}")
    return spec.work
