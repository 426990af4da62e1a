"""One stay of an embedding program in a data directory: its lock, its house, its thread, its callables."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from tasktui.bootstrap.bridge import LoopThread, bridged
from tasktui.bootstrap.house import CloseMode, House, acquire
from tasktui.config import Config
from tasktui.domain.errors import ManagerClosedError, OwnerError, UnsupportedError
from tasktui.domain.ports.executor import Executor
from tasktui.domain.ports.manager import Manager
from tasktui.domain.requests import Task
from tasktui.domain.spec import TaskSpec
from tasktui.executors.callables import Call
from tasktui.manager.crew import Crew
from tasktui.service.owner import OwnerLock, read_owner
from tasktui.store.memory import MemoryStore

T = TypeVar("T")

LET_GO_S = 1.0


class Tenancy:
    """The owner's parts, on the caller's loop or on a thread of their own."""

    def __init__(self, house: House, lock: OwnerLock, thread: LoopThread | None) -> None:
        self._house = house
        self._lock = lock
        self._thread = thread
        self._watchers = Crew()
        self._ended = False
        self.port: Manager = house.manager if thread is None else bridged(house.manager, thread)

    async def listen(self) -> None:
        """Let dashboards and commands attach."""
        await self._there(self._house.listen())

    async def submit_callable(self, spec: TaskSpec, name: str, call: Call, task_id: str | None) -> Task:
        """Queue a callable, which is let go of when its task has ended."""
        return await self._there(self._submit(spec, name, call, task_id))

    async def end(self, mode: CloseMode) -> None:
        """Close everything; a second call does nothing."""
        if self._ended:
            return
        self._ended = True
        try:
            await self._there(self._close(mode))
        finally:
            if self._thread is not None:
                await asyncio.to_thread(self._thread.stop)
            self._lock.release()

    async def _submit(self, spec: TaskSpec, name: str, call: Call, task_id: str | None) -> Task:
        self._house.callables.give(name, call)
        try:
            task = await self._house.manager.submit(spec, task_id=task_id)
        except BaseException:
            self._house.callables.forget(name)
            raise
        self._watchers.start(self._forget_after(task.id, name), name=f"callable of {task.id}")
        return task

    async def _forget_after(self, task_id: str, name: str) -> None:
        with suppress(ManagerClosedError):
            await self._house.manager.wait(task_id)
        self._house.callables.forget(name)

    async def _close(self, mode: CloseMode) -> None:
        await self._house.close(mode)
        await self._watchers.close(timeout_s=LET_GO_S)

    async def _there(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the manager's loop."""
        return await (work if self._thread is None else self._thread.call(work))


async def moved_in(
    config: Config, executors: Mapping[str, Executor], *, memory: bool, thread: bool, attach: bool
) -> Tenancy | None:
    """Become the owner of the data directory; None where another process is and `attach` allows that.

    Raises:
        OwnerError: another process is.
        UnsupportedError: executors cannot run in another process.
    """
    lock = acquire(config.home)
    if lock is None:
        _may_attach(config.home, executors, attach=attach)
        return None
    loop = LoopThread("tasktui manager") if thread else None
    try:
        opening = House.open(config, lock, executors=executors, store=MemoryStore() if memory else None)
        house = await (opening if loop is None else loop.call(opening))
    except BaseException:
        if loop is not None:
            loop.stop()
        lock.release()
        raise
    return Tenancy(house, lock, loop)


def attached(home: Path) -> Manager:
    """Return the manager of the process that owns the directory."""
    from tasktui.service.client import RemoteManager

    return RemoteManager(home)


def _may_attach(home: Path, executors: Mapping[str, Executor], *, attach: bool) -> None:
    info = read_owner(home)
    owner = f"Another process{f' ({info.pid})' if info else ''} owns {home}"
    if not attach:
        raise OwnerError(f"{owner}. Open with attach=True to use it, or name another path.", home=str(home))
    if executors:
        raise UnsupportedError(f"{owner}: executors of this one cannot run there: {', '.join(executors)}.")
