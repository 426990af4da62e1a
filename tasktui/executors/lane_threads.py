"""Threads for the callables of lanes: a lane with a limit of one always works in the same thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Todo: TypeAlias = SimpleQueue[Callable[[], None] | None]


class LaneThreads:
    """Threads that are kept by lane; how many work at once is the business of who calls.

    They are daemons: a function that never returns shall not keep its program from ending.
    """

    def __init__(self) -> None:
        self._idle: dict[str, list[Todo]] = {}
        self._lock = threading.Lock()

    def submit(self, lane: str, function: Callable[[], T]) -> Future[T]:
        """Run a function in a thread of the lane, the one that was idle last where there is one."""
        future: Future[T] = Future()

        todo = self._thread_of(lane)

        def work() -> None:
            try:
                value = function()
            except BaseException as exc:  # noqa: BLE001  # it crosses to whoever waits for the future
                self._is_idle(lane, todo)
                future.set_exception(exc)
            else:
                # idle before anybody learns of the end: the lane's next function shall find this thread
                self._is_idle(lane, todo)
                future.set_result(value)

        todo.put(work)
        return future

    def close(self) -> None:
        """Let the idle threads end."""
        with self._lock:
            idle = [thread for threads in self._idle.values() for thread in threads]
            self._idle.clear()
        for thread in idle:
            thread.put(None)

    def _thread_of(self, lane: str) -> Todo:
        with self._lock:
            idle = self._idle.get(lane)
            if idle:
                return idle.pop()
        todo: Todo = SimpleQueue()
        threading.Thread(target=_run, args=(todo,), name=f"lane {lane}", daemon=True).start()
        return todo

    def _is_idle(self, lane: str, todo: Todo) -> None:
        with self._lock:
            self._idle.setdefault(lane, []).append(todo)


def _run(todo: Todo) -> None:
    while (work := todo.get()) is not None:
        work()
        del work  # and with it what the function held
