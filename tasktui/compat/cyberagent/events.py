"""The seven events of system 002, from an agent's dicts to facts and from facts to dicts again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from tasktui.compat.adapters import Hearing, OpenCalls, Speech, being_said, whole_text
from tasktui.compat.values import as_text, as_value, data_of
from tasktui.domain.events import lifecycle, work
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.ports.manager import Manager
from tasktui.domain.records import StoredEvent
from tasktui.domain.status import Reason, Status

CANCELLED: Final = "Task cancelled"
Event = dict[str, Any]


class AgentReader:
    """Reads the dicts that `agent.stream_chat` yields."""

    def __init__(self, emit: Callable[[Data], None]) -> None:
        self._speech = Speech(emit)
        self._emit = self._speech.report
        self._calls = OpenCalls()
        self._error: tuple[str, str] | None = None
        self._said = ""
        self._number = 0

    def take(self, item: Mapping[str, Any]) -> None:
        """Report the facts of one event."""
        readers = {
            "ack": self._ack, "text": self._text, "message": self._message, "tool_call": self._tool_call,
            "tool_result": self._tool_result, "error": self._failed, "done": self._done,
        }  # fmt: skip
        readers.get(str(item.get("type")), self._other)(item)

    def outcome(self) -> Outcome:
        """Return the end: an error that the agent told of, else completion with the last message."""
        self._speech.whole()
        if self._error is not None:
            error, detail = self._error
            return Outcome(Status.FAILED, Reason.ERROR, detail, error=error)
        return Outcome(Status.COMPLETED, Reason.COMPLETED, "the agent is done", result=self._said or None)

    def _ack(self, item: Mapping[str, Any]) -> None:
        self._emit(
            lifecycle.TaskLinked(conversation_id=item.get("conversation_id"), turn_id=item.get("message_id"))
        )

    def _text(self, item: Mapping[str, Any]) -> None:
        self._speech.piece(str(item.get("content", "")))

    def _message(self, item: Mapping[str, Any]) -> None:
        message = item.get("message")
        if isinstance(message, Mapping):
            text, reasoning = str(message.get("content") or ""), message.get("reasoning")
        else:
            text, reasoning = str(message or ""), item.get("reasoning")
        self._said = text or self._said
        usage = item.get("usage")
        self._speech.whole(text, reasoning=reasoning, usage=dict(usage) if usage else None)
        self._count(usage)

    def _count(self, usage: Mapping[str, Any] | None) -> None:
        if usage:
            into = usage.get("input_tokens", usage.get("prompt_tokens", 0))
            out = usage.get("output_tokens", usage.get("completion_tokens", 0))
            self._emit(work.UsageTokens(input_tokens=into, output_tokens=out))

    def _tool_call(self, item: Mapping[str, Any]) -> None:
        self._speech.whole()
        self._number += 1
        name = str(item.get("tool", "?"))
        call_id = str(item.get("tool_call_id") or f"call_{self._number}")
        self._calls.start(call_id, name)
        self._emit(work.ToolStarted(call_id=call_id, name=name, input=as_text(item.get("args"))))

    def _tool_result(self, item: Mapping[str, Any]) -> None:
        name = str(item.get("tool", "?"))
        given = item.get("tool_call_id")
        call_id = self._calls.end(given, name) or f"call_{self._number}"
        result = item.get("result")
        self._emit(
            work.ToolCompleted(
                call_id=call_id, name=name, ok=item.get("status") != "error", output=as_text(result)
            )
        )

    def _failed(self, item: Mapping[str, Any]) -> None:
        self._error = str(item.get("error") or "error"), str(item.get("detail") or "")

    def _done(self, item: Mapping[str, Any]) -> None:
        """Nothing: the run's own end is the only one."""

    def _other(self, item: Mapping[str, Any]) -> None:
        self._emit(work.RuntimeEvent(event=str(item.get("type")), summary=as_text(dict(item)) or ""))


class Telling:
    """Tells one consumer what happens to one task, as 002's dicts."""

    def __init__(self, manager: Manager, task_id: str, conversation_id: str | None) -> None:
        self._manager = manager
        self._task_id = task_id
        self._conversation_id = conversation_id
        self._names: dict[str, str] = {}
        self._hearing = Hearing()

    async def dicts(self, event: StoredEvent | NewEvent) -> AsyncIterator[Event]:
        """Yield what an event is to the consumer: nothing, one dict, or two."""
        async for made in self._told(data_of(event)):
            yield made
        if isinstance(event, StoredEvent) and self._hearing.fact(event):
            async for made in self.catch_up():
                yield made

    async def _told(self, data: Data | None) -> AsyncIterator[Event]:
        if isinstance(data, work.MessageCompleted):
            async for made in self._message(data):
                yield made
        elif isinstance(data, work.MessageDelta):
            async for made in self._delta(data):
                yield made
        elif isinstance(data, work.ToolCompleted):
            yield await self._tool_result(data)
        else:
            made_now = self._plain(data)
            if made_now is not None:
                yield made_now

    async def _delta(self, data: work.MessageDelta) -> AsyncIterator[Event]:
        text = self._hearing.piece(data)
        if text:
            yield self._made("text", content=text)
        elif text is None:
            async for made in self.catch_up():
                yield made

    async def catch_up(self) -> AsyncIterator[Event]:
        """Yield what the consumer has not heard of a message that is being said."""
        for message_id, text in await being_said(self._manager, self._task_id):
            if self._hearing.is_due(message_id) and (rest := self._hearing.rest(message_id, text)):
                yield self._made("text", content=rest)

    def _plain(self, data: Data | None) -> Event | None:
        if isinstance(data, lifecycle.TaskLinked):
            self._conversation_id = data.conversation_id or self._conversation_id
            return self._made("ack", message_id=data.turn_id)
        if isinstance(data, work.ToolStarted):
            self._names[data.call_id] = data.name
            return self._made(
                "tool_call", tool=data.name, tool_call_id=data.call_id, args=as_value(data.input),
                status="executing",
            )  # fmt: skip
        if isinstance(data, lifecycle.TaskFinished):
            return self._finished(data)
        return None

    def _finished(self, data: lifecycle.TaskFinished) -> Event:
        if data.status is Status.COMPLETED:
            return self._made("done")
        canceled = data.status is Status.CANCELED
        error = CANCELLED if canceled else data.error or data.reason
        return self._made("error", error=error, detail=data.evidence)

    async def _message(self, data: work.MessageCompleted) -> AsyncIterator[Event]:
        content = await whole_text(self._manager, self._task_id, data.content, data.ref)
        rest = self._hearing.rest(data.message_id, content)
        if rest:
            yield self._made("text", content=rest)
        message: Event = {"role": "assistant", "content": content}
        if data.reasoning is not None:
            message["reasoning"] = data.reasoning
        yield self._made("message", message=message, usage=data.usage)

    async def _tool_result(self, data: work.ToolCompleted) -> Event:
        text = await whole_text(self._manager, self._task_id, data.output or "", data.detail_ref)
        return self._made(
            "tool_result", tool=data.name or self._names.get(data.call_id, "?"), tool_call_id=data.call_id,
            result=as_value(text), status="completed" if data.ok else "error",
        )  # fmt: skip

    def _made(self, kind: str, **fields: Any) -> Event:
        named = {"type": kind, "task_id": self._task_id, "conversation_id": self._conversation_id}
        return named | fields
