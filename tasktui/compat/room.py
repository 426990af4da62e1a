"""A manager on a thread of its own, opened at its first use: for systems that are called without `await`."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from tasktui.bootstrap.bridge import LoopThread, bridged
from tasktui.bootstrap.headless import AlreadyOwnedError
from tasktui.bootstrap.house import CloseMode
from tasktui.compat.opening import Guest, Place
from tasktui.domain.errors import ManagerClosedError
from tasktui.domain.ports.executor import Executor
from tasktui.domain.ports.manager import Manager

T = TypeVar("T")


class Room:
    """Opens a place at the first use; may be used from any thread and any loop but its own."""

    def __init__(
        self,
        home: Path | None,
        executors: Mapping[str, Executor],
        *,
        lanes: Mapping[str, int] | None = None,
        cancel_grace_s: float = 5.0,
        attach: bool = False,
    ) -> None:
        """Take what `Place.open` takes.

        Args:
            home: the data directory.
            executors: of custom work, by name.
            lanes: how many tasks of a lane run at once.
            cancel_grace_s: between asking a task to stop and killing it.
            attach: use the manager of the process that owns the directory, where there is one.
        """
        self._home = home
        self._executors = executors
        self._lanes = lanes
        self._grace_s = cancel_grace_s
        self._attach = attach
        self._lock = threading.Lock()
        self._closed = False
        self._open: tuple[LoopThread, Place | Guest, Manager] | None = None
        self._finalizer: weakref.finalize[Any, Any] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it was used, and is not closed."""
        return self._open is not None

    @property
    def owns(self) -> bool:
        """Whether the tasks end with this process, as far as nothing outlives it."""
        return isinstance(self._opened()[1], Place)

    @property
    def manager(self) -> Manager:
        """The manager, for callers on any loop; blocks while it opens.

        Raises:
            ManagerClosedError: the room is closed.
        """
        return self._opened()[2]

    async def ready(self) -> Manager:
        """Return the manager without blocking the loop while it opens."""
        return self.manager if self._open is not None else await asyncio.to_thread(lambda: self.manager)

    def ask(self, work: Callable[[Manager], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine over the manager on its own loop; block until it is done."""
        thread, place, _ = self._opened()
        return asyncio.run_coroutine_threadsafe(work(place.manager), thread.loop).result()

    def post(self, work: Callable[[Manager], Coroutine[Any, Any, object]]) -> None:
        """Start a coroutine over the manager on its own loop; it ends with the room."""
        thread, place, _ = self._opened()
        thread.post(work(place.manager))

    def close(self, mode: CloseMode = "cancel") -> None:
        """End the manager and its thread; blocks; safe to call twice."""
        with self._lock:
            self._closed = True
            opened, self._open = self._open, None
            if self._finalizer is not None:
                self._finalizer.detach()
        if opened is not None:
            _end(opened[0], opened[1], mode)

    def _opened(self) -> tuple[LoopThread, Place | Guest, Manager]:
        with self._lock:
            if self._closed:
                raise ManagerClosedError
            if self._open is None:
                self._open = self._open_now()
                thread, place, _ = self._open
                self._finalizer = weakref.finalize(self, _end, thread, place, "cancel")
            return self._open

    def _open_now(self) -> tuple[LoopThread, Place | Guest, Manager]:
        thread = LoopThread("manager")
        try:
            place = asyncio.run_coroutine_threadsafe(self._place(), thread.loop).result()
        except BaseException:
            thread.stop()
            raise
        return thread, place, bridged(place.manager, thread)

    async def _place(self) -> Place | Guest:
        try:
            return await Place.open(
                self._home, self._executors, lanes=self._lanes, cancel_grace_s=self._grace_s
            )
        except AlreadyOwnedError:
            if self._attach and self._home is not None:
                return Guest(self._home.absolute())
            raise


def _end(thread: LoopThread, place: Place | Guest, mode: CloseMode) -> None:
    try:
        asyncio.run_coroutine_threadsafe(place.close(mode), thread.loop).result()
    finally:
        thread.stop()
