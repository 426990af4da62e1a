"""The task manager of system 002 in its own words: conversations that go on whoever listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final, Protocol

from tasktui.bootstrap.house import CloseMode
from tasktui.compat.cyberagent.backends import (
    LANE,
    InMemoryTaskBackend,
    ManagedTaskBackend,
    Task,
    TaskBackend,
    find,
    listed,
)
from tasktui.compat.cyberagent.events import AgentReader, Telling
from tasktui.compat.cyberagent.mirror import Mirror
from tasktui.compat.room import Room
from tasktui.compat.silence import with_silence
from tasktui.compat.streaming import FarRun, StreamExecutor
from tasktui.domain.errors import NotFoundError, TaskConflictError
from tasktui.domain.ports.manager import Manager
from tasktui.domain.spec import CustomWork, TaskSpec
from tasktui.domain.status import Status

EXECUTOR: Final = "cyberagent"
AT_ONCE: Final = 64
"""Conversations under way at once; 002 starts every task immediately."""
PING_S: Final = 1.0
"""Silence after which a stream says that it is alive."""
METADATA_CHARS: Final = 100
"""Of the message, what the task's metadata keeps."""

log = logging.getLogger(__name__)


class ConversationBusyError(TaskConflictError, ValueError):
    """A task is running for this conversation."""


class Agent(Protocol):
    """What answers: an async iterator of event dicts."""

    def stream_chat(
        self, conversation_id: str | None, message: str, **options: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """Answer a message."""
        ...


class TaskManager:
    """Runs an agent's conversations apart from the connections that watch them."""

    def __init__(
        self, agent: Agent, backend: TaskBackend | None = None, *, data_dir: Path | None = None
    ) -> None:
        """Take the agent; the manager opens with the first task.

        Args:
            agent: answers on the loop that starts the task.
            backend: where tasks are kept; one of your own is told of each change after it was stored.
            data_dir: the data directory, for a backend of your own.
        """
        self._agent = agent
        self._host: asyncio.AbstractEventLoop | None = None
        self.backend = backend or InMemoryTaskBackend()
        managed = isinstance(self.backend, ManagedTaskBackend)
        home = self.backend.home if isinstance(self.backend, ManagedTaskBackend) else data_dir
        executor = StreamExecutor(lambda: self._host, self._begin)
        self._room = Room(home, {EXECUTOR: executor}, lanes={LANE: AT_ONCE})
        self._mirror = None if managed else Mirror(self.backend)
        if isinstance(self.backend, ManagedTaskBackend):
            self.backend.bind(self._room)

    @property
    def manager(self) -> Manager:
        """What runs the tasks."""
        return self._room.manager

    def close(self, mode: CloseMode = "cancel") -> None:
        """End the manager: what runs is canceled, or waited for."""
        self._room.close(mode)

    async def start_task(
        self,
        conversation_id: str | None,
        message: str,
        user_metadata: dict[str, Any] | None = None,
        logging_context: dict[str, Any] | None = None,
    ) -> str:
        """Start to answer a message; return the task's id.

        Raises:
            ConversationBusyError: a task is running for this conversation; it is a ValueError.
        """
        self._host = asyncio.get_running_loop()
        manager = await self._room.ready()
        if self._mirror is not None:
            self._mirror.follow(self._room, self._host)
        return await start(manager, _spec(conversation_id, message, user_metadata, logging_context))

    def _begin(self, far: FarRun) -> tuple[AsyncIterator[Any], AgentReader]:
        spec = far.ctx.spec
        work = spec.work
        assert isinstance(work, CustomWork)  # noqa: S101  # only custom work names this executor
        options: dict[str, Any] = {}
        if work.payload.get("user_metadata") is not None:
            options["user_metadata"] = work.payload["user_metadata"]
        if spec.logging_context:
            options["logging_context"] = dict(spec.logging_context)
        stream = self._agent.stream_chat(spec.conversation_id, str(work.payload["message"]), **options)
        return stream, AgentReader(far.emit)

    async def stream_events(self, task_id: str) -> AsyncIterator[dict[str, Any]]:
        """Yield what happened to a task and goes on happening, to its end: the same to every consumer.

        Nothing is yielded for a task that is not there. In silence a `ping` comes each second.
        """
        async for event in stream(await self._room.ready(), task_id):
            yield event

    async def cancel_task(self, task_id: str) -> bool:
        """Cancel a task; return whether there was one to cancel."""
        return await cancel(await self._room.ready(), task_id)

    def get_task_status(self, task_id: str) -> Task | None:
        """Return a task, or None."""
        return self._room.ask(lambda manager: find(manager, task_id))

    def get_running_tasks(self) -> list[str]:
        """Return the ids of all tasks that have not ended."""
        return [task.id for task in self._room.ask(lambda manager: listed(manager, running=True))]


def _spec(
    conversation_id: str | None,
    message: str,
    user_metadata: dict[str, Any] | None,
    logging_context: dict[str, Any] | None,
) -> TaskSpec:
    line = (message.strip() or "(empty message)").splitlines()[0]
    return TaskSpec(
        work=CustomWork(executor=EXECUTOR, payload={"message": message, "user_metadata": user_metadata}),
        name=line[:METADATA_CHARS],
        lane=LANE,
        conversation_id=conversation_id,
        exclusive_key=None if conversation_id is None else f"conv:{conversation_id}",
        metadata={**(user_metadata or {}), "message": message[:METADATA_CHARS]},
        logging_context=logging_context or {},
    )


def spec_of(conversation_id: str | None, message: str) -> TaskSpec:
    """Return the task that answers a message."""
    return _spec(conversation_id, message, None, None)


async def start(manager: Manager, spec: TaskSpec) -> str:
    """Queue a task of `spec_of`; return its id.

    Raises:
        ConversationBusyError: a task is running for its conversation.
    """
    conversation_id = spec.conversation_id
    busy = f"Task already running for conversation {conversation_id}"
    if conversation_id is not None and await listed(manager, conversation_id=conversation_id, running=True):
        raise ConversationBusyError(busy)
    try:
        return (await manager.submit(spec)).id
    except TaskConflictError as exc:
        raise ConversationBusyError(busy) from exc


async def cancel(manager: Manager, task_id: str) -> bool:
    """Ask a task to stop; return whether it was not at its end."""
    try:
        before = (await manager.get(task_id)).row
        result = await manager.cancel(task_id, by="user")
    except NotFoundError:
        return False
    stopped_at_once = before.finished_at is None and result.row.status is Status.CANCELED
    return stopped_at_once or result.disposition != "already_finished"


async def stream(manager: Manager, task_id: str) -> AsyncIterator[dict[str, Any]]:
    """Yield a task's events as 002's dicts; see `TaskManager.stream_events`."""
    task = await find(manager, task_id)
    if task is None:
        return
    telling = Telling(manager, task_id, task.conversation_id)
    async with aclosing(with_silence(manager.subscribe(task_id), PING_S)) as events:
        async for event in events:
            if event is None:
                yield {"type": "ping"}
                async for made in telling.catch_up():
                    yield made
                continue
            async for made in telling.dicts(event):
                yield made
