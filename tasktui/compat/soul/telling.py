"""What a task of system 000 tells its consumers: the facts as its dicts, the same to each."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

from tasktui.compat.adapters import whole_text
from tasktui.compat.silence import with_silence
from tasktui.compat.soul.tasks import ENDS, GIB, OUTPUT, error_of, result_of
from tasktui.compat.values import as_value, data_of
from tasktui.domain.events import lifecycle, people, work
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.system import StreamEnd
from tasktui.domain.ports.manager import Manager
from tasktui.domain.records import StoredEvent

Event = dict[str, Any]

SILENCE_S: Final = 15.0
"""Silence after which a stream says that it is alive."""


class Telling:
    """Tells one consumer of one task's facts; every dict is its own."""

    def __init__(self, manager: Manager, task_id: str) -> None:
        self._manager = manager
        self._task_id = task_id

    async def dicts(self, event: StoredEvent | NewEvent) -> list[Event]:
        """Return what an event is to the consumer.

        Of several dicts the last one has the id, so that who returns with an id has heard all before it.
        """
        made = await self._told(data_of(event))
        if made and isinstance(event, StoredEvent):
            made[-1]["_event_id"] = event.seq
        return made

    async def _told(self, data: Data | None) -> list[Event]:
        if isinstance(data, work.MessageCompleted):
            return await self._message(data)
        if isinstance(data, work.ToolCompleted):
            return [await self._tool_result(data)]
        if isinstance(data, people.InterventionDelivered):
            return await self._sent(data.intervention_id)
        if isinstance(data, lifecycle.TaskFinished):
            return await ending(self._manager, self._task_id)
        plain = _PLAIN.get(type(data))
        return [] if plain is None or (made := plain(data)) is None else [made]

    async def _message(self, data: work.MessageCompleted) -> list[Event]:
        if data.role != "agent":
            return []
        text = await whole_text(self._manager, self._task_id, data.content, data.ref)
        card = {"card_id": data.message_id}
        return [
            {"type": "text_start", **card},
            {"type": "text_delta", **card, "text": text},
            {"type": "text_end", **card},
        ]

    async def _tool_result(self, data: work.ToolCompleted) -> Event:
        text = await whole_text(self._manager, self._task_id, data.output or "", data.detail_ref)
        return {
            "type": "tool_result", "card_id": (data.metadata or {}).get("card_id"),
            "tool_name": data.name or "?", "result": text, "is_error": not data.ok,
            "tool_use_id": data.call_id,
        }  # fmt: skip

    async def _sent(self, intervention_id: str) -> list[Event]:
        rows = (await self._manager.detail(self._task_id)).interventions
        return [
            {"type": "intervention_sent", "user": row.user, "text": row.text}
            for row in rows
            if row.intervention_id == intervention_id
        ]


def _linked(data: lifecycle.TaskLinked) -> Event | None:
    if data.session_id is None:
        return None
    made: Event = {"type": "session", "session_id": data.session_id}
    return made if data.pid is None else made | {"pid": data.pid}


def _tool_started(data: work.ToolStarted) -> Event:
    given = as_value(data.input)
    told = given if isinstance(given, dict) else {"input": given} if given else {}
    return {
        "type": "tool_start", "card_id": data.parent_message_id, "tool_name": data.name, "tool_input": told,
        "tool_use_id": data.call_id,
    }  # fmt: skip


def _percent(part: float, whole: float) -> float:
    return round(part / whole * 100, 1) if whole else 0.0


def _memory_told(data: work.UsageMemory) -> Event:
    used, total = data.rss_bytes / GIB, (data.total_bytes or 0) / GIB
    percent = _percent(used, total)
    return {"type": "memory", "used_gb": round(used, 2), "total_gb": round(total, 2), "percent": percent}


def _context_told(data: work.UsageContext) -> Event:
    used, most = data.used_tokens, data.max_tokens
    return {
        "type": "context_usage", "used_tokens": used, "max_tokens": most, "percent": _percent(used, most)
    }  # fmt: skip


def _runtime(data: work.RuntimeEvent) -> Event:
    try:
        given = json.loads(data.summary)
    except ValueError:
        given = {"message": data.summary}
    return {**given, "type": data.event} if isinstance(given, dict) else {"type": data.event}


def _said(data: lifecycle.TaskWarning | lifecycle.TaskError | lifecycle.Log) -> Event:
    return {"type": "debug", "message": data.message}


_PLAIN: Final[Mapping[type[Data] | type[None], Callable[[Any], Event | None]]] = {
    lifecycle.TaskStatus: lambda data: {"type": "progress", "text": data.message},
    lifecycle.TaskLinked: _linked,
    lifecycle.TaskWarning: _said,
    lifecycle.TaskError: _said,
    lifecycle.Log: _said,
    work.ToolStarted: _tool_started,
    work.UsageMemory: _memory_told,
    work.UsageContext: _context_told,
    work.ContextCompacted: lambda data: {
        "type": "compact", "trigger": data.trigger, "message": data.message
    },
    work.RuntimeEvent: _runtime,
}  # fmt: skip


async def ending(manager: Manager, task_id: str) -> list[Event]:
    """Return what is told of a task that has ended: the result for screens, then `complete` or `error`."""
    detail = await manager.detail(task_id)
    row, text = detail.task.row, await result_of(manager, detail)
    error = error_of(row)
    result: Event = {"type": "result", "success": error is None, "output": text or "", "error": error}
    if error is None:
        files = [str(Path(one.root or "", one.path)) for one in detail.artifacts if one.role == OUTPUT]
        last: Event = {
            "type": "complete", "result": text or "", "attachments": files,
            "claude_session_id": row.session_id,
        }  # fmt: skip
    else:
        last = {"type": "error", "message": error, "error_code": row.error_code}
    return [result, last]


async def told(
    manager: Manager, task_id: str, *, after: int = 0, silence_s: float = SILENCE_S
) -> AsyncGenerator[Event | None, None]:
    """Yield what a task tells after an id, to its end, and None in silence; one of `ENDS` comes last."""
    telling = Telling(manager, task_id)
    async with aclosing(with_silence(manager.subscribe(task_id, after=after), silence_s)) as events:
        async for event in events:
            if event is None:
                yield None
                continue
            made = await telling.dicts(event)
            if isinstance(event.data, StreamEnd):
                made = (await ending(manager, task_id))[-1:]
            for one in made:
                yield one
                if one["type"] in ENDS:
                    return


async def rejoined(
    manager: Manager, task_id: str, *, last_event_id: int | None, silence_s: float = SILENCE_S
) -> AsyncGenerator[Event | None, None]:
    """Yield what somebody is told who comes back: where the task stands, what was missed, what follows.

    Without an id nothing was missed; of a task that has ended, just the end is told then.
    """
    row = (await manager.get(task_id)).row
    if row.finished_at is None:
        status: Event = {"type": "reconnected", "status": "running", "has_execution": True}
        yield status | ({"last_progress": row.status_text} if row.status_text else {})
    after = row.last_seq if last_event_id is None else min(last_event_id, row.last_seq)
    async with aclosing(told(manager, task_id, after=after, silence_s=silence_s)) as events:
        async for event in events:
            yield event
