"""What an executor of system 004 reports while it runs, and what each report is in tasktui's log."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from tasktui.compat.adapters import OpenCalls, Speech
from tasktui.domain.artifact_names import identity
from tasktui.domain.errors import InvalidError
from tasktui.domain.events import lifecycle, work
from tasktui.domain.events.base import Data
from tasktui.domain.events.registry import parse_object

PATCH_TOOL: Final = "apply_patch"
"""The tool whose output is a patch."""
EVIDENCE: Final = {
    "checklist": ("checklist.updated", None),
    "gate": ("gate.recorded", "gate"),
    "attempt": ("attempt.recorded", "attempt"),
    "github_event": ("github.recorded", "event"),
}
"""Parts of `task_updates`: the event each one is, and the field that holds it."""


@dataclass(frozen=True, slots=True)
class ThreadLinked:
    """The runtime's thread and turn of the task."""

    thread_id: str
    turn_id: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """One line about what the task is doing."""

    message: str


@dataclass(frozen=True, slots=True)
class MessageDelta:
    """A piece of what the model says."""

    content: str


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool call began."""

    id: str
    name: str
    input: Any = None


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """A tool call goes on."""

    id: str
    output: str


@dataclass(frozen=True, slots=True)
class ToolCompleted:
    """A tool call ended; `metadata` may hold `task_updates`."""

    id: str
    name: str
    success: bool
    output: str = ""
    metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Error:
    """Something went wrong that does not end the task."""

    message: str


@dataclass(frozen=True, slots=True)
class RuntimeEvent:
    """An event of the runtime that is only counted."""

    seq: int
    event: str
    summary: str = ""


ExecutorEvent: TypeAlias = (
    ThreadLinked | Status | MessageDelta | ToolStarted | ToolProgress | ToolCompleted | Error | RuntimeEvent
)


class Reporter:
    """The `events` of one run: called with an event, it reports the facts."""

    def __init__(self, emit: Callable[[Data], None]) -> None:
        self._calls = OpenCalls()
        self.speech = Speech(emit)

    def __call__(self, event: ExecutorEvent) -> None:
        """Report an event; synchronous, ordered, never blocks."""
        if isinstance(event, MessageDelta):
            self.speech.piece(event.content)
            return
        if not isinstance(event, RuntimeEvent | ToolProgress):
            self.speech.whole()
        for fact in self._facts(event):
            self.speech.report(fact)

    def _facts(self, event: ExecutorEvent) -> Iterator[Data]:
        if isinstance(event, ToolStarted):
            self._calls.start(event.id, event.name)
            yield work.ToolStarted(call_id=event.id, name=event.name, input=_text(event.input))
        elif isinstance(event, ToolCompleted):
            yield from self._completed(event)
        elif isinstance(event, ToolProgress):
            yield work.ToolProgress(call_id=event.id, text=event.output)
        else:
            yield _plain(event)

    def _completed(self, event: ToolCompleted) -> Iterator[Data]:
        call_id = self._calls.end(event.id, event.name) or event.id
        patch = event.name == PATCH_TOOL and event.success
        metadata = dict(event.metadata or {})
        updates = metadata.pop("task_updates", None)
        yield work.ToolCompleted(
            call_id=call_id, name=event.name, ok=event.success, output=event.output,
            diff=event.output if patch else None, metadata=metadata or None,
        )  # fmt: skip
        if updates is not None:
            yield from evidence(updates)


def _plain(event: ExecutorEvent) -> Data:
    if isinstance(event, ThreadLinked):
        return lifecycle.TaskLinked(thread_id=event.thread_id, turn_id=event.turn_id)
    if isinstance(event, Status):
        return lifecycle.TaskStatus(message=event.message)
    if isinstance(event, Error):
        return lifecycle.TaskError(message=event.message)
    if isinstance(event, RuntimeEvent):
        return work.RuntimeEvent(seq=event.seq, event=event.event, summary=event.summary)
    raise InvalidError(f"not an event of an executor: {type(event).__name__}")


def evidence(updates: object) -> Iterator[Data]:
    """Yield the facts of `task_updates`; each part is checked first, a wrong one becomes a warning."""
    if not isinstance(updates, Mapping):
        yield _unfit(f"task_updates is no object but {type(updates).__name__}")
        return
    parts = [(name, updates[name]) for name in EVIDENCE if updates.get(name) is not None]
    listed = updates.get("artifacts") or ()
    for name, record in (*parts, *(("artifact", one) for one in listed)):
        try:
            yield _fact(name, record)
        except InvalidError as exc:
            yield _unfit(exc.message)


def _fact(name: str, record: Any) -> Data:
    if name == "artifact":
        if not isinstance(record, Mapping) or not record.get("path"):
            raise InvalidError("artifact.added: path: it needs a path")
        path = str(record["path"])
        return parse_object(
            "artifact.added",
            {"artifact_id": identity(None, path), "label": path.rpartition("/")[2], **record},
        )
    event_type, field = EVIDENCE[name]
    if field is None:
        return parse_object(event_type, record)
    named = {"id": f"{name}_{secrets.token_hex(4)}", **record} if isinstance(record, Mapping) else record
    return parse_object(event_type, {field: named})


def _unfit(problem: str) -> Data:
    return lifecycle.TaskWarning(message=f"not recorded: {problem}", code="BAD_METADATA")


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
