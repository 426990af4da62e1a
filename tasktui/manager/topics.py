"""What a subscriber to everything wants to hear of: the tasks of one client, or of one agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tasktui.domain.errors import InvalidError
from tasktui.domain.events.lifecycle import TaskCreated, TaskDispatched, TaskEdited, TaskLinked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tasktui.domain.events.base import NewEvent
    from tasktui.domain.ports.store import Store
    from tasktui.domain.records import StoredEvent
    from tasktui.manager.core import Core

KNOWN: Final = 10_000
"""Tasks of which it is remembered whether they belong to the topic."""
_MAY_CHANGE: Final = frozenset({TaskCreated.TYPE, TaskDispatched.TYPE, TaskEdited.TYPE, TaskLinked.TYPE})


async def follow(
    core: Core, task_id: str | None, after: int, *, client_id: str | None, agent_id: str | None
) -> AsyncIterator[StoredEvent | NewEvent]:
    """Replay and follow; see `Manager.subscribe`.

    Raises:
        InvalidError: a task is named together with whose tasks are meant.
    """
    if task_id is not None and (client_id, agent_id) != (None, None):
        raise InvalidError(f"Follow one task, or those of a client or an agent: {task_id}", id=task_id)
    exact = None if task_id is None else await core.resolve(task_id)
    topic = Topic(core.store, client_id=client_id, agent_id=agent_id)
    async for item in core.bus.follow(exact, after):
        if await topic.has(item):
            yield item


class Topic:
    """Tells the events of a topic from others, by the addresses that their tasks have now."""

    def __init__(self, store: Store, *, client_id: str | None, agent_id: str | None) -> None:
        self._store = store
        self._wanted = (client_id, agent_id)
        self._known: dict[str, bool] = {}

    async def has(self, event: StoredEvent | NewEvent) -> bool:
        """Whether it is about a task of the topic, or about the stream itself."""
        if not event.task_id or self._wanted == (None, None):
            return True
        known = None if event.type in _MAY_CHANGE else self._known.get(event.task_id)
        if known is None:
            if len(self._known) >= KNOWN:
                self._known.clear()
            known = self._known[event.task_id] = await self._look(event.task_id)
        return known

    async def _look(self, task_id: str) -> bool:
        row = await self._store.row(task_id)
        if row is None:
            return False
        has = (row.client_id, row.agent_id)
        return all(wanted in {None, one} for wanted, one in zip(self._wanted, has, strict=True))
