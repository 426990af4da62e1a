"""`TaskManager`: tasks in any asyncio program, without a screen."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self, Unpack

from tasktui.bootstrap.asked import Asked, Options, spec_of, validated
from tasktui.bootstrap.forwarding import Forwarding
from tasktui.bootstrap.house import CloseMode
from tasktui.bootstrap.tenancy import Tenancy, attached, moved_in
from tasktui.config import Config, load
from tasktui.domain.errors import InvalidError, StateError, UnsupportedError
from tasktui.domain.ports.executor import Executor
from tasktui.domain.ports.manager import Manager
from tasktui.domain.requests import Task
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Status
from tasktui.executors.callables import Call

StoreName = Literal["sqlite", "memory"]
CHUNK: int = 1 << 20
"""Bytes of a result that are read at once."""


class TaskManager(Forwarding):
    """The manager of an embedding program, made by `open`; its other verbs are those of the port."""

    def __init__(self, port: Manager, tenancy: Tenancy | None, *, on_exit: CloseMode) -> None:
        super().__init__(port)
        self._tenancy = tenancy
        self._on_exit = on_exit

    @classmethod
    @asynccontextmanager
    async def open(  # noqa: PLR0913  # every choice by its name
        cls,
        path: str | Path | None = None,
        *,
        store: StoreName = "sqlite",
        lanes: Mapping[str, int] | None = None,
        executors: Mapping[str, Executor] | None = None,
        config: Config | None = None,
        listen: bool = False,
        thread: bool = False,
        attach: bool = False,
        on_exit: CloseMode | None = None,
    ) -> AsyncIterator[Self]:
        """Open a data directory and run its tasks in this process.

        Args:
            path: the data directory; with None that of the dashboard, and for memory one that goes away.
            store: where tasks are kept; in memory they end with the program.
            lanes: how many tasks of a lane run at once.
            executors: of `custom` tasks by name, of other kinds (`agent`) by the kind.
            config: all other settings; those of the user's file where `path` is None.
            listen: let dashboards and commands attach.
            thread: run on a thread and loop of its own, so that a busy loop here delays no task.
            attach: where another process owns the directory, use that one.
            on_exit: what becomes of running work at the end: `detach` leaves processes running for the next
                owner (callables always end), `cancel`, or `wait`. `cancel` for memory, else `detach`.

        Raises:
            OwnerError: another process owns the directory.
            StoreError: the database cannot be opened.
        """
        mode: CloseMode = on_exit or ("cancel" if store == "memory" else "detach")
        async with AsyncExitStack() as stack:
            settings = _settings(path, store, lanes, config, stack)
            tenancy = await moved_in(
                settings, executors or {}, memory=store == "memory", thread=thread, attach=attach
            )
            if tenancy is None:
                manager = cls(attached(settings.home), None, on_exit=mode)
            else:
                manager = cls(tenancy.port, tenancy, on_exit=mode)
            stack.push_async_callback(manager.close, None)
            if tenancy is not None and listen:
                await tenancy.listen()
            yield manager

    async def submit(
        self,
        spec: TaskSpec | Callable[..., object] | None = None,
        *,
        env: Mapping[str, str] | None = None,
        task_id: str | None = None,
        **asked: Unpack[Asked],
    ) -> Task:
        """Queue a task.

        Args:
            spec: a whole spec; or a function, to run in a process of its own; or None and words:
                `argv=`, `command=`, `function=`, `prompt=` or `executor=`, with any field of the spec.
            env: its whole environment; this program's when None.
            task_id: its id; a new one when None.
            asked: the words.

        Raises:
            InvalidError: it cannot run as asked.
            TaskConflictError: its id or key is taken.
            CapacityError: the queue is full.
        """
        if isinstance(spec, TaskSpec):
            if asked:
                raise InvalidError(f"A whole spec leaves nothing to say: {', '.join(asked)}.")
            return await self._port.submit(spec, env=env, task_id=task_id)
        if spec is not None:
            asked["function"] = spec
        made, own = spec_of(asked)
        return await self._port.submit(made, env=own if env is None else env, task_id=task_id)

    async def submit_callable(
        self,
        function: Callable[..., object],
        /,
        *args: Any,
        kwargs: Mapping[str, Any] | None = None,
        task_id: str | None = None,
        cleanup: Callable[[], object] | None = None,
        fail_on_segment_error: bool = False,
        **options: Unpack[Options],
    ) -> Task:
        """Queue a callable that runs in this process: in a thread of its lane, or if async on this loop.

        It ends with this program, as `interrupted`. `ctx.cancelled` and `ctx.raise_if_cancelled` let it stop.

        Args:
            function: what to call; it gets a context where it has a parameter `ctx`.
            args: its positional arguments.
            kwargs: its arguments by name.
            task_id: the task's id; a new one when None.
            cleanup: called after it where it ran, however it ended.
            fail_on_segment_error: whether a failed segment fails the task.
            options: fields of the spec.

        Raises:
            UnsupportedError: the tasks run in another process.
        """
        if self._tenancy is None:
            raise UnsupportedError("The tasks run in another process: submit the function by its name.")
        name = secrets.token_hex(8)
        work = {
            "kind": "python", "function": _name_of(function), "durable": False, "call": name,
            "fail_on_segment_error": fail_on_segment_error,
        }  # fmt: skip
        spec = validated(work, {"on_restart": "interrupt", **options})
        call = Call(function, args, dict(kwargs or {}), asyncio.get_running_loop(), cleanup)
        return await self._tenancy.submit_callable(spec, name, call, task_id)

    async def result(self, task_id: str, *, timeout_s: float | None = None) -> str | None:
        """Wait for a task and return its whole result.

        Raises:
            StateError: it did not complete; the message says how it ended.
            TimeoutError: it has not ended in that time.
        """
        row = await self.wait(task_id, timeout_s=timeout_s)
        if row.status is not Status.COMPLETED:
            raise StateError(f"{row.title}: {row.status}: {row.error or row.terminal_reason}", id=row.id)
        if row.result_ref is None:
            return (await self.detail(row.id)).result_inline
        content = b""
        while True:
            chunk = await self.read_artifact(row.id, row.result_ref, offset=len(content), limit=CHUNK)
            content += chunk.data
            if not chunk.data or len(content) >= chunk.size:
                return content.decode("utf-8", "replace")

    async def close(self, mode: CloseMode | None = None) -> None:
        """End the manager; a second call does nothing. With None, as `open` was told."""
        if self._tenancy is None:
            await self._port.close()
        else:
            await self._tenancy.end(mode or self._on_exit)


def _settings(
    path: str | Path | None,
    store: StoreName,
    lanes: Mapping[str, int] | None,
    config: Config | None,
    stack: AsyncExitStack,
) -> Config:
    """Return the settings with their data directory; a directory that is to go away goes with the stack."""
    settings = config or Config()
    if path is not None:
        settings = replace(settings, home=Path(path).expanduser().absolute())
    elif store == "memory":
        home = Path(tempfile.mkdtemp(prefix="tasktui-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        settings = replace(settings, home=home)
    elif config is None:
        settings = load().config
    return replace(settings, lanes={**settings.lanes, **(lanes or {})})


def _name_of(function: Callable[..., object]) -> str:
    """Return a name for a callable that need not have one."""
    name = getattr(function, "__qualname__", type(function).__qualname__)
    words = name.replace("<locals>.", "").replace("<lambda>", "lambda")
    return f"{getattr(function, '__module__', None) or 'callable'}:{words}"
