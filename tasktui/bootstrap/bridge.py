"""A manager on a thread and loop of its own, usable from any loop.

Textual's writer blocks its loop for as long as the terminal stops reading; a stalled link must never delay a
deadline, a cancel or a commit. So the manager has its own thread, and every call hops there and back: what
the manager does runs on its loop, what the caller awaits continues on the caller's.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from tasktui.domain.errors import ManagerClosedError

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager

Value = TypeVar("Value")

JOIN_S: Final = 10.0
"""How long the thread has to end after its loop was stopped."""


class LoopThread:
    """A daemon thread that runs an event loop until it is stopped."""

    def __init__(self, name: str) -> None:
        self._ready = threading.Event()
        self.loop: asyncio.AbstractEventLoop
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        self._ready.wait()

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            self.loop = runner.get_loop()
            self._stopping = asyncio.Event()
            self._ready.set()
            runner.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        await self._stopping.wait()

    async def call(self, work: Coroutine[Any, Any, Value]) -> Value:
        """Run a coroutine on the thread's loop; a canceled caller cancels it there.

        Raises:
            ManagerClosedError: the loop has ended.
        """
        if self.loop.is_closed() or not self._thread.is_alive():
            work.close()
            raise ManagerClosedError
        if asyncio.get_running_loop() is self.loop:
            return await work
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    def post(self, work: Coroutine[Any, Any, object]) -> None:
        """Start a coroutine on the thread's loop without waiting, from any thread, loop or none."""
        asyncio.run_coroutine_threadsafe(work, self.loop)

    def stop(self) -> None:
        """End the loop and the thread; safe to call twice."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(JOIN_S)

    def join(self) -> None:
        """Wait for the thread, however long its work takes."""
        self._thread.join()


class _Bridge:
    """Stands for a manager that lives on another loop: each method of the port hops."""

    def __init__(self, manager: Manager, thread: LoopThread) -> None:
        self._manager = manager
        self._thread = thread

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._manager, name)
        hop: Callable[..., Any]
        if name in _STREAMS:
            hop = self._streaming(method)
        elif inspect.iscoroutinefunction(method):
            hop = self._calling(method)
        else:
            raise AttributeError(f"not a method of the manager's port: {name}")
        setattr(self, name, hop)
        return hop

    def _calling(self, method: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Awaitable[Any]]:
        @wraps(method)
        async def hop(*args: Any, **options: Any) -> Any:
            return await self._thread.call(method(*args, **options))

        return hop

    def _streaming(self, method: Callable[..., AsyncIterator[Any]]) -> Callable[..., AsyncIterator[Any]]:
        @wraps(method)
        async def hop(*args: Any, **options: Any) -> AsyncIterator[Any]:
            stream, turn = method(*args, **options), asyncio.Lock()
            try:
                while True:
                    try:
                        yield await self._thread.call(_next(stream, turn))
                    except StopAsyncIteration:
                        return
            finally:
                close = getattr(stream, "aclose", None)
                if close is not None:
                    with suppress(ManagerClosedError):
                        await self._thread.call(_closed(close, turn))

        return hop


_STREAMS: Final = frozenset({"subscribe", "changes"})


async def _next(stream: AsyncIterator[Any], turn: asyncio.Lock) -> Any:
    async with turn:
        return await anext(stream)


async def _closed(close: Callable[[], Awaitable[None]], turn: asyncio.Lock) -> None:
    """Close a stream, once a reader of it that was canceled has let go there."""
    async with turn:
        await close()


def bridged(manager: Manager, thread: LoopThread) -> Manager:
    """Return the manager as callers on other loops use it."""
    return cast("Manager", _Bridge(manager, thread))
